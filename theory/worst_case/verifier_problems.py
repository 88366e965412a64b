r"""The problems that the verifier knows, rebuilt from their names in exact numbers.

Rows are polynomials in the inner products of abstract vectors and in the values of the
function, with the minimiser and its value at 0. Nothing is shared with the code that
assembles the matrices for a solver, and only the standard library is imported.
"""

import re
from collections.abc import Mapping
from fractions import Fraction
from typing import Any, NamedTuple

Vector = dict[str, Fraction]
Terms = dict[tuple[str, ...], Fraction]
"""A polynomial: `()` is the constant, `("f0",)` a value, `("g0", "x0")` a product."""


class UnknownProblemError(ValueError):
    """What is asked about is none of the problems here."""


class Row(NamedTuple):
    """`terms <= 0`, or `terms = 0`."""

    terms: Terms
    is_equality: bool = False


def combine(*parts: tuple[Any, dict[Any, Fraction]]) -> dict[Any, Fraction]:
    """The sum of number times vector, or of number times polynomial."""
    total: dict[Any, Fraction] = {}
    for factor, terms in parts:
        for key, value in terms.items():
            total[key] = total.get(key, Fraction(0)) + factor * value
    return {key: value for key, value in total.items() if value}


def dot(a: Vector, b: Vector) -> Terms:
    """The inner product, as a polynomial."""
    total: Terms = {}
    for p, x in a.items():
        for q, y in b.items():
            key = (p, q) if p <= q else (q, p)
            total[key] = total.get(key, Fraction(0)) + x * y
    return total


def value(t: int) -> Terms:
    """The unknown f_t."""
    return {(f"f{t}",): Fraction(1)}


def constant(number: Fraction | int) -> Terms:
    """A number, as a polynomial."""
    return {(): Fraction(number)}


class Point(NamedTuple):
    """A point, the slope there and the value."""

    at: Vector
    slope: Vector
    value: Terms


STAR = Point({}, {}, {})


def convexity(i: Point, j: Point, *, smooth: bool) -> Row:
    """f_i >= f_j + <g_j, x_i - x_j>, and ||g_i - g_j||^2 / 2 more if 1-smooth."""
    shift = combine((1, i.at), (-1, j.at))
    change = combine((1, i.slope), (-1, j.slope))
    half = Fraction(int(smooth), 2)
    model = combine((1, j.value), (1, dot(j.slope, shift)), (half, dot(change, change)))
    return Row(combine((1, model), (-1, i.value)))


def all_conditions(points: list[Point], *, smooth: bool) -> dict[str, Row]:
    """`convexity` for all ordered pairs, the minimiser being called `*`."""
    named = [("*", STAR), *((str(t), point) for t, point in enumerate(points))]
    return {
        f"pair {a} {b}": convexity(i, j, smooth=smooth)
        for a, i in named
        for b, j in named
        if a != b
    }


def unit(name: str) -> Vector:
    """A vector of its own."""
    return {name: Fraction(1)}


def gradient(steps: int) -> tuple[dict[str, Row], Terms]:
    """Gradient descent with steps 1/L, L = D = 1: the last value."""
    at, points = unit("x0"), []
    for t in range(steps + 1):
        points.append(Point(at, unit(f"g{t}"), value(t)))
        at = combine((1, at), (-1, unit(f"g{t}")))
    found = all_conditions(points, smooth=True)
    x0 = unit("x0")
    found["start"] = Row(combine((1, dot(x0, x0)), (-1, constant(1))))
    return found, value(steps)


class Lift(NamedTuple):
    """Polyak steps as vectors: T points, class, measure, slope and intercept."""

    points: int
    functions: str
    measure: str
    slope: Fraction
    intercept: Fraction


def lift(run: Lift) -> tuple[dict[str, Row], Terms]:
    """SPS* (both numbers 0) or IAM, in units L = 1 or G = 1, D^2 = T."""
    smooth = run.functions == "smooth"
    is_sps = run.slope == run.intercept == 0
    x = z = unit("x0")
    found = {"start": Row(combine((1, dot(x, x)), (-1, constant(run.points))))}
    points = []
    for t in range(run.points):
        g, s, f = unit(f"g{t}"), unit(f"s{t}"), value(t)
        points.append(Point(x, g, f))
        if not smooth:
            found[f"slope {t}"] = Row(combine((1, dot(g, g)), (-1, constant(1))))
        if t == run.points - 1:
            break
        decrease, length = dot(s, g), dot(s, s)
        linear = combine((1, f), (1, dot(g, combine((1, z), (-1, x)))))
        found[f"relation {t}"] = Row(combine((1, linear), (-1, decrease)), is_sps)
        more = Fraction(int(smooth), 2)
        found[f"scaled {t}"] = Row(
            combine((1, length), (more, decrease), (-1, dot(s, z)))
        )
        if not is_sps:
            found[f"sign {t}"] = Row(combine((-1, decrease)))
        elif smooth:
            found[f"selfbound {t}"] = Row(combine((1, decrease), (-2, length)))
        z = combine((1, z), (-1, s))
        weight = max(run.slope * (t + 1) + run.intercept, Fraction(0))
        x = combine((weight / (1 + weight), x), (1 / (1 + weight), z))
    mean = combine(*((Fraction(1, run.points), value(t)) for t in range(run.points)))
    objective = mean if run.measure == "average" else value(run.points - 1)
    return found | all_conditions(points, smooth=smooth), objective


def box(
    points: int, lower: list[Fraction], upper: list[Fraction | None]
) -> tuple[dict[str, Row], Terms]:
    """The last value of SPS*, 1-Lipschitz, steps s = gamma g, gamma_t in a range.

    Without an upper end of a range, the rows that need one are left out.
    """
    found, objective = lift(Lift(points, "lipschitz", "last", Fraction(0), Fraction(0)))
    at = [unit("x0")]
    for t in range(points - 1):
        at.append(combine((1, at[t]), (-1, unit(f"s{t}"))))
    for t, (low, high) in enumerate(zip(lower, upper, strict=True)):
        g, s = unit(f"g{t}"), unit(f"s{t}")
        above_low = combine((1, s), (-low, g))  # (gamma - low) g
        found[f"low step {t}"] = Row(combine((-1, dot(s, above_low))))
        found[f"low slope {t}"] = Row(combine((-1, dot(g, above_low))))
        if high is None:
            continue
        below_high = combine((high, g), (-1, s))
        found[f"high step {t}"] = Row(combine((-1, dot(s, below_high))))
        found[f"high slope {t}"] = Row(combine((-1, dot(g, below_high))))
        found[f"between {t}"] = Row(combine((-1, dot(above_low, below_high))))
        for j in range(points):
            if j != t:
                move = combine((1, at[j]), (-1, at[t]), (1, s))
                found[f"times pair {j} {t}"] = Row(
                    combine((1, dot(s, move)), (-high, value(j)))
                )
    return found, objective


# From a file's words to a problem.

MOST_POINTS = 100
SHORT = re.compile(r"-?[0-9]{1,12}(/[1-9][0-9]{0,11})?")
FIELDS = {
    "gradient": ("steps",),
    "lift": ("points", "functions", "measure", "slope", "intercept"),
    "box": ("points", "lower", "upper"),
}


def build(problem: Mapping[str, Any]) -> tuple[dict[str, Row], Terms]:
    """The rows by name, and the objective.

    Raises:
        UnknownProblemError: If the description is none that is known.

    """
    kind = problem.get("kind")
    if (
        not isinstance(kind, str)
        or kind not in FIELDS
        or set(problem) != {"kind", *FIELDS[kind]}
    ):
        msg = f"Need a problem of {FIELDS}, got {dict(problem)}."
        raise UnknownProblemError(msg)
    if kind == "gradient":
        return gradient(_count(problem["steps"]))
    if kind == "box":
        return box(_count(problem["points"]), *ranges(problem))
    run = Lift(
        _count(problem["points"]),
        _word(problem["functions"], ("lipschitz", "smooth")),
        _word(problem["measure"], ("average", "last")),
        _rational(problem["slope"]),
        _rational(problem["intercept"]),
    )
    if run.slope < 0:
        msg = f"Need a slope >= 0, got {run.slope}."
        raise UnknownProblemError(msg)
    return lift(run)


def describe(problem: Mapping[str, Any]) -> str:
    """What a bound of this (known) problem says, in words."""
    if problem["kind"] == "gradient":
        return (
            f"f(x_N) - f* after N = {problem['steps']} gradient steps of 1/L, on every "
            "convex L-smooth f, in units of L D^2"
        )
    if problem["kind"] == "box":
        return (
            f"f(x_(T-1)) - f* of SPS*, T = {problem['points']} points, on every convex "
            "G-Lipschitz f that makes it take steps of at least "
            f"({problem['lower']}) and at most ({problem['upper']}), in units of D / "
            "(G sqrt(T)); in units of G D / sqrt(T)"
        )
    slope, intercept = problem["slope"], problem["intercept"]
    method = "SPS*" if (slope, intercept) == ("0", "0") else "IAM"
    schedule = f", lambda_t = ({slope} t + {intercept})_+" if method == "IAM" else ""
    what = "the mean of f(x_t)" if problem["measure"] == "average" else "f(x_(T-1))"
    unit = "L D^2 / T" if problem["functions"] == "smooth" else "G D / sqrt(T)"
    letter = "L-smooth" if problem["functions"] == "smooth" else "G-Lipschitz"
    return (
        f"{what} - f* of {method}{schedule}, T = {problem['points']} points, on every "
        f"convex {letter} f, in units of {unit}"
    )


def ranges(problem: Mapping[str, Any]) -> tuple[list[Fraction], list[Fraction | None]]:
    """The ends of the ranges of steps of a `box`; `None` is infinity.

    Raises:
        UnknownProblemError: If these are no ranges, one for each step.

    """
    ends = [str(problem[key]).split() for key in ("lower", "upper")]
    lower = [_rational(word) for word in ends[0]]
    upper = [None if word == "inf" else _rational(word) for word in ends[1]]
    count = _count(problem["points"]) - 1
    if (
        not len(lower) == len(upper) == count
        or min(lower, default=0) < 0
        or any(b is not None and b < a for a, b in zip(lower, upper, strict=True))
    ):
        msg = f"Need {count} ranges 0 <= lower <= upper, got {dict(problem)}."
        raise UnknownProblemError(msg)
    return lower, upper


def _count(number: object) -> int:
    if type(number) is not int or not 1 <= number <= MOST_POINTS:
        msg = f"Need a whole number from 1 to {MOST_POINTS}, got {number!r}."
        raise UnknownProblemError(msg)
    return number


def _word(word: object, known: tuple[str, ...]) -> str:
    if word not in known:
        msg = f"Need one of {known}, got {word!r}."
        raise UnknownProblemError(msg)
    return str(word)


def _rational(text: object) -> Fraction:
    if not isinstance(text, str) or not SHORT.fullmatch(text):
        msg = f"Need a fraction such as '1/2', got {text!r}."
        raise UnknownProblemError(msg)
    return Fraction(text)
