r"""The last iterate of SPS*: the supremum over step sizes, by boxes of them.

`lift` forgets that $s_t = \gamma_t g_t$ is parallel to $g_t$. Where $\gamma_t \in
[l, h]$, that gives rows again, linear in the Gram matrix,

- $\langle s - l g, s\rangle \ge 0$ and $\langle s - l g, g\rangle \ge 0$, the same for
  $h g - s$, and $\langle s - l g, h g - s\rangle \ge 0$;
- $\gamma_t$ times convexity among iterates: $\|s_t\|^2 + \langle s_t, x_j - x_t\rangle
  = \gamma_t (f_t + \langle g_t, x_j - x_t\rangle) \le \gamma_t f_j \le h f_j$;

and at $h = \infty$ the rows with $l$. Each box is an upper bound, the steps themselves
fixed ($s_t = \gamma_t g_t$, $\gamma_t \|g_t\|^2 = f_t$) give values that functions of
the class attain. Boxes are split, the largest bound first, until both are close.

Units: $G = 1$ and $D^2 = T$ as in `lift`, so values are factors of $GD/\sqrt T$ and
steps of $D / (G \sqrt T)$.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from heapq import heappop, heappush
from math import floor, inf, log, prod, sqrt

import numpy as np
from scipy.optimize import minimize

from theory.errors import InputError
from theory.worst_case.certificate import Proof, certify
from theory.worst_case.gradient import slopes, start
from theory.worst_case.interpolation import Points, all_pairs, interpolation
from theory.worst_case.lift import Class, Measure, Run, lift
from theory.worst_case.program import (
    Description,
    FloatArray,
    Program,
    Rows,
    rows,
)
from theory.worst_case.solution import SIGNED, NoBoundError, Solution
from theory.worst_case.solve import solve
from theory.worst_case.verifier_boxes import covers, write

Range = tuple[float, float]
Ranges = tuple[Range, ...]
NAMES = ("pep.box.sps_last", "sps.last.box")
FIRST_CUT = 4.0
MARGIN = 3e-6
"""A box is closed this far below the target, which leaves room for exact proofs."""
MOST_BOXES = 20_000
PLACES = 10**6


def product_formula(points: int) -> float:
    r"""$\sqrt{\frac{T}{2T-1}} \prod_{k<T} (\frac{4k^2}{4k^2-1})^k$ of $GD/\sqrt T$.

    Attained for T = 2 .. 5 (`worst_steps`); a pattern, not a theorem, beyond. It grows
    as $T^{1/4}$, the rate of the last iterate in Zamani and Glineur, arXiv 2407.15195.
    """
    product = prod((4 * k * k / (4 * k * k - 1)) ** k for k in range(1, points))
    return sqrt(points / (2 * points - 1)) * product


@dataclass(frozen=True, eq=False)
class Boxes:
    r"""What was found.

    Attributes:
        points: T.
        lower: A value that a function of the class attains, in floating point.
        upper: No value exceeds it, once `certificates` prove it.
        steps: The step sizes of the lower value.
        leaves: Boxes that cover all step sizes, each with a bound of at most `upper`.
        num_boxes: How many programs were solved.

    """

    points: int
    lower: float
    upper: Fraction
    steps: tuple[float, ...]
    leaves: tuple[Ranges, ...]
    num_boxes: int

    @cached_property
    def certificates(self) -> tuple[Proof, ...]:
        """Exact proofs of `upper`, one for each leaf; made when first asked for.

        Raises:
            NoBoundError: If one fails, or the leaves leave step sizes out.

        """
        exact = [tuple(map(_ends, leaf)) for leaf in self.leaves]
        if not covers(exact, self.points - 1):
            msg = f"No bound for T = {self.points}: the boxes leave step sizes out."
            raise NoBoundError(msg)
        return tuple(
            certify(box_program(self.points, leaf), self.upper, SIGNED)
            for leaf in self.leaves
        )

    def text(self) -> str:
        """A file for the verifier: all certificates."""
        found = [proof.certificate for proof in self.certificates]
        leaves = [(one.problem, one.multipliers) for one in found]
        return write(self.points, self.upper, leaves)


def branch_and_bound(points: int, gap: float) -> Boxes:
    r"""Bounds on the worst last value of SPS*, at most `gap` apart.

    Args:
        points: T, 2 to 6.
        gap: Of upper and lower value, in units of $GD/\sqrt T$; at least 1e-5.

    Raises:
        InputError: If an argument is out of range.
        NoBoundError: If that takes more than `MOST_BOXES` programs.

    """
    if not 2 <= points <= 6:
        msg = f"Need 2 to 6 points, got {points}."
        raise InputError(msg)
    if not gap >= 1e-5:
        msg = f"Need a gap of at least 1e-5, got {gap}."
        raise InputError(msg)
    root = ((0.0, inf),) * (points - 1)
    first = _bounded(points, root)
    lower, steps = worst_steps(points, _steps_of(points, first))
    upper = Fraction(floor((lower + gap) * PLACES), PLACES)
    heap, leaves = [(-first.dual, root)], []
    count = 1
    while heap:
        bound, ranges = heappop(heap)
        if -bound <= float(upper) - MARGIN:
            leaves.append(ranges)
            continue
        if count > MOST_BOXES:
            msg = f"No bound of {float(upper):.9g} within {MOST_BOXES} boxes."
            raise NoBoundError(msg)
        for half in _split(ranges):
            heappush(heap, (-_bounded(points, half).dual, half))
            count += 1
    return Boxes(points, lower, upper, steps, tuple(leaves), count)


def box_program(points: int, ranges: Ranges) -> Program:
    """The program of the module's formula; a range is a step's lowest and highest."""
    whole = lift(sps_last(points))
    unit = np.eye(2 * points)
    slope, step = unit[1 : points + 1], unit[points + 1 :]
    at = unit[0] - before(step)
    found = whole.rows
    for t, ends in enumerate(ranges):
        found += _rows(t, ends, (slope[t], step[t], at))
    lower = " ".join(str(Fraction(low)) for low, _ in ranges)
    upper = " ".join("inf" if h == inf else str(Fraction(h)) for _, h in ranges)
    problem: Description = {
        "kind": "box",
        "points": points,
        "lower": lower,
        "upper": upper,
    }
    name = f"SPS*, last of {points} points, steps in {ranges}"
    return replace(whole, name=name, rows=found, problem=problem)


def _rows(
    t: int, ends: Range, vectors: tuple[FloatArray, FloatArray, FloatArray]
) -> Rows:
    """The rows of one step; vectors are its slope, its step and all points."""
    (low, high), (g, s, at) = ends, vectors
    none = np.zeros(len(at))
    above = s - low * g
    found = [
        (f"low step {t}", -np.outer(s, above), none),
        (f"low slope {t}", -np.outer(g, above), none),
    ]
    if high < inf:
        below = high * g - s
        found += [
            (f"high step {t}", -np.outer(s, below), none),
            (f"high slope {t}", -np.outer(g, below), none),
            (f"between {t}", -np.outer(above, below), none),
        ]
        found += [
            (
                f"times pair {j} {t}",
                np.outer(s, at[j] - at[t] + s),
                -high * np.eye(len(at))[j],
            )
            for j in range(len(at))
            if j != t
        ]
    names, forms, values = zip(*found, strict=True)
    return rows(names, np.stack(forms), np.stack(values))


def sps_last(points: int) -> Run:
    """The run that this module is about."""
    return Run(points, Class.LIPSCHITZ, Measure.LAST)


def fixed_steps(run: Run, steps: Sequence[float]) -> Program:
    r"""The worst case on Lipschitz functions where the method takes these steps.

    The relation $\gamma_t \|g_t\|^2 = N_t$ is linear then, and the value is attained
    in any dimension. Basis $x_0, g_0, \dots, g_{T-1}$.
    """
    p = run.points
    unit = np.eye(p + 1)
    g = unit[1:]
    inner = unit[0] - before(np.asarray(steps)[:, None] * g[:-1])
    at = run.outer(inner)
    labels = ["*", *map(str, range(p))]
    star = 0 * unit[:1]
    values = np.concatenate([np.zeros((1, p)), np.eye(p)])
    every = (np.concatenate([star, at]), np.concatenate([star, g]), values)
    points = Points(labels, *every)
    early = inner - at - np.append(steps, 0.0)[:, None] * g
    relation = np.einsum("mi,mj->mij", early, g)[:-1]
    names = [f"relation {t}" for t in range(p - 1)]
    found = interpolation(points, all_pairs(p + 1)) + slopes(points)
    found += start(unit[0], radius_sq=p, num_values=p)
    found += rows(names, relation, np.eye(p)[:-1], equality=True)
    average = run.measure is Measure.AVERAGE
    return Program(
        name=f"{run.title()}, steps {tuple(steps)}",
        rows=found,
        form=np.zeros((p + 1, p + 1)),
        weights=np.full(p, 1 / p) if average else np.eye(p)[-1],
    )


def before(moves: FloatArray) -> FloatArray:
    """The sum of all earlier moves, shape (k, n) -> (k + 1, n)."""
    return np.concatenate([0 * moves[:1], np.cumsum(moves, axis=0)])


def worst_steps(
    points: int, first: Sequence[float] | None = None
) -> tuple[float, tuple[float, ...]]:
    r"""The largest value of `fixed_steps` that a search finds, and the steps.

    Nelder and Mead in $\log \gamma$. A lower bound: the value is attained, that no
    other steps are worse is for `branch_and_bound` to say.
    """

    def loss(logs: FloatArray) -> float:
        try:
            return -solve(fixed_steps(run, np.exp(logs).tolist()), SIGNED).dual
        except NoBoundError:
            return 0.0

    run = sps_last(points)
    guess = [sqrt(points / (2 * points - 1))] * (points - 1)
    near = np.log(np.asarray(guess if first is None else first))
    options = {"xatol": 1e-6, "fatol": 1e-10, "maxiter": 1000}
    for _ in range(2):
        found = minimize(loss, near, method="Nelder-Mead", options=options)
        near = found.x
    return -float(found.fun), tuple(np.exp(found.x).tolist())


def _bounded(points: int, ranges: Ranges) -> Solution:
    return solve(box_program(points, ranges), SIGNED)


def _steps_of(points: int, found: Solution) -> list[float]:
    """The steps that a relaxed solution takes along its slopes."""
    g = np.arange(1, points)
    s = g + points
    length = np.maximum(found.gram[g, g], 1e-9)
    return [float(x) for x in np.clip(found.gram[g, s] / length, 1e-2, 1e2)]


def _split(ranges: Ranges) -> tuple[Ranges, Ranges]:
    """Cut the relatively widest range in two."""
    widths = [log((min(h, 8 * (low + 1)) + 0.25) / (low + 0.25)) for low, h in ranges]
    axis = int(np.argmax(widths))
    low, high = ranges[axis]
    middle = max(FIRST_CUT, 2 * low) if high == inf else (low + high) / 2
    left = (*ranges[:axis], (low, middle), *ranges[axis + 1 :])
    right = (*ranges[:axis], (middle, high), *ranges[axis + 1 :])
    return left, right


def _ends(ends: Range) -> tuple[Fraction, Fraction | None]:
    low, high = ends
    return Fraction(low), None if high == inf else Fraction(high)
