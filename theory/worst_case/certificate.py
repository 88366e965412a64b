r"""A proof in exact arithmetic that a worst case is at most a rational number.

The interior-point method is stopped early, at a gap of a tenth of the slack: there it
is near the central path, with every $\lambda_k > 0$ and $S \succ 0$ by far more than
rounding changes. Rounded and balanced (`rounding`), the multipliers prove
$\lambda \cdot c$, at most the value plus the slack. Where the extremal function is
known, the same is done on the face that it leaves (`extremal`), and the slack is 0.
What is right is decided by the `verifier`, and by nothing else.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from math import ceil

from theory.errors import InputError
from theory.worst_case import interior, verifier
from theory.worst_case.extremal import Extremal
from theory.worst_case.program import Program
from theory.worst_case.rounding import DENOMINATOR, Weights, balanced, rounded
from theory.worst_case.solution import STRICT, Guard, NoBoundError, Solution
from theory.worst_case.solve import solve
from theory.worst_case.verifier_problems import Row, build

SLACKS = (1e-6, 1e-8)
PLACES = 10**9
SIMPLE = (2, 4, 8, 16)
"""Denominators, times the number of points, of multipliers in closed form."""


@dataclass(frozen=True, eq=False)
class Proof:
    """A certificate that was accepted, and how it was found.

    Attributes:
        certificate: Problem, bound and multipliers.
        solution: The worst case in floating point.
        verdict: The verifier's.

    """

    certificate: verifier.Certificate
    solution: Solution
    verdict: verifier.Verdict

    @property
    def excess(self) -> float:
        """By how much the bound exceeds the worst case, in floating point."""
        return float(self.certificate.bound) - self.solution.dual


def certify(
    program: Program, bound: Fraction | None = None, guard: Guard = STRICT
) -> Proof:
    """Prove a bound on the worst case, or the smallest that is within reach.

    Args:
        program: With a description that the verifier knows.
        bound: What to prove; if `None`, the value plus at most `SLACKS[0]`.
        guard: When the solution in floating point is believed.

    Raises:
        NoBoundError: If the worst case is larger, or nothing can be proved.

    """
    _need_description(program)
    solution = solve(program, guard)
    if bound is not None and float(bound) < solution.dual - SLACKS[-1]:
        msg = (
            f"No proof of {float(bound):.9g} for {program.name}: the value of its "
            f"program is {solution.dual:.9g}."
        )
        raise NoBoundError(msg)
    rows, objective = build(program.problem)
    columns = {name: _values(row.terms) for name, row in rows.items()}

    def attempts() -> Iterable[Weights]:
        for slack in SLACKS:
            near = interior.solve(program, 0.1 * slack)
            weights = rounded(_named(program, near))
            yield balanced(weights, columns, _values(objective))

    return _first_accepted(program, solution, attempts(), bound)


def certify_exactly(program: Program, extremal: Extremal) -> Proof:
    """Prove the value that the extremal function attains, with no slack at all.

    Raises:
        NoBoundError: If the function is not of the class, or nothing can be proved.

    """
    _need_description(program)
    rows, objective = build(program.problem)
    if faults := extremal.faults(rows):
        msg = f"{extremal.name} violates {faults[0]!r} of {program.name}."
        raise NoBoundError(msg)
    solution = solve(program)
    carriers = set(extremal.tight(rows))
    columns = {name: extremal.equations(rows[name].terms) for name in carriers}
    near = _named(program, interior.solve(program, SLACKS[-1]))
    tight = {name: number for name, number in near.items() if name in carriers}
    points = len(program.weights)

    def attempts() -> Iterable[Weights]:
        for denominator in (*(points * factor for factor in SIMPLE), DENOMINATOR):
            weights = rounded(tight, denominator)
            if denominator == DENOMINATOR or any(weights.values()):
                yield balanced(weights, columns, extremal.equations(objective))

    return _first_accepted(program, solution, attempts(), extremal.at(objective))


def certify_given(program: Program, weights: Weights, bound: Fraction) -> Proof:
    """Prove a bound by multipliers that are known.

    Raises:
        NoBoundError: If the verifier refuses them.

    """
    _need_description(program)
    return _first_accepted(program, solve(program), [weights], bound)


def _first_accepted(
    program: Program,
    solution: Solution,
    attempts: Iterable[Weights],
    bound: Fraction | None,
) -> Proof:
    rows, _ = build(program.problem)
    reasons = []
    try:
        for weights in attempts:
            asked = _rounded_up(weights, rows) if bound is None else bound
            verdict = verifier.decide(program.problem, weights, asked)
            if verdict.accepted:
                found = verifier.Certificate(dict(program.problem), asked, weights)
                return Proof(found, solution, verdict)
            reasons.append(verdict.reason)
    except ArithmeticError as error:
        reasons.append(str(error))
    msg = (
        f"No exact proof for {program.name} (value {solution.dual:.9g}): "
        f"{'; then '.join(reasons)}."
    )
    raise NoBoundError(msg)


def _rounded_up(weights: Weights, rows: dict[str, Row]) -> Fraction:
    zero = Fraction(0)
    proved = -sum((w * rows[name].terms.get((), zero) for name, w in weights.items()))
    return Fraction(ceil(proved * PLACES), PLACES)


def _values(terms: dict[tuple[str, ...], Fraction]) -> Weights:
    return {key[0]: number for key, number in terms.items() if len(key) == 1}


def _named(program: Program, found: Solution) -> dict[str, float]:
    return dict(zip(program.rows.names, found.multipliers.tolist(), strict=True))


def _need_description(program: Program) -> None:
    if not program.problem:
        msg = f"Need a problem that the verifier can rebuild; {program.name} is none."
        raise InputError(msg)
