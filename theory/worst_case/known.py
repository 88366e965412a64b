r"""Worst cases by name: which program, which claim it concerns, and what attains it.

Values are factors of $GD/\sqrt T$ (Lipschitz) or of $L D^2 / T$ (smooth); T points are
T - 1 steps; for gradient descent, of $L D^2$.
"""

import difflib
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from theory.errors import InputError
from theory.schedules import C_CONVENTION, NONE, P_CONVENTION, Schedule
from theory.worst_case import closed_form, extremal
from theory.worst_case.certificate import (
    Proof,
    certify,
    certify_exactly,
    certify_given,
)
from theory.worst_case.extremal import Extremal
from theory.worst_case.gradient import gradient_descent
from theory.worst_case.lift import Class, Measure, Run, lift
from theory.worst_case.program import Program
from theory.worst_case.rounding import Weights
from theory.worst_case.solution import NoBoundError
from theory.worst_case.verifier_problems import build


@dataclass(frozen=True)
class WorstCase:
    """A family of programs, one for each number of points.

    Attributes:
        id: Its name.
        program: By the number of points.
        claims: The claims of the registry whose left-hand side it is, t = T - 1.
        extremal: A function that attains the value; `None` if the value is an upper
            bound of the worst case and no more.
        multipliers: Of a proof without slack, in closed form.
        closed_up_to: Up to how many points the verifier accepts them.

    """

    id: str
    program: Callable[[int], Program]
    claims: tuple[str, ...] = ()
    extremal: Callable[[int], Extremal] | None = None
    multipliers: Callable[[int], Weights] | None = None
    closed_up_to: int = 100


def _lifted(
    functions: Class, measure: Measure, schedule: Schedule = NONE, *, path: bool = True
) -> Callable[[int], Program]:
    return lambda points: lift(
        Run(points, functions, measure, schedule), "path" if path else "all"
    )


def _descent(points: int) -> Program:
    return gradient_descent(points - 1)


WORST_CASES = (
    WorstCase(
        "pep.known.gd",
        _descent,
        extremal=lambda points: extremal.huber(points - 1),
        multipliers=closed_form.gradient_descent,
    ),
    WorstCase(
        "pep.lift.sps_avg.lip",
        _lifted(Class.LIPSCHITZ, Measure.AVERAGE),
        claims=("sps.lipschitz.average",),
        extremal=extremal.largest_coordinate,
        multipliers=closed_form.sps_average_lipschitz,
    ),
    WorstCase(
        "pep.lift.sps_avg.smooth",
        _lifted(Class.SMOOTH, Measure.AVERAGE),
        claims=("sps.smooth.interp_sharp", "sps.smooth.interp"),
        extremal=lambda points: extremal.quadratic(points, averaged=False),
        multipliers=closed_form.sps_average_smooth,
    ),
    WorstCase(
        "pep.lift.iam_last.lip",
        _lifted(Class.LIPSCHITZ, Measure.LAST, P_CONVENTION),
        claims=("iam.lipschitz.last",),
        extremal=extremal.largest_coordinate,
        multipliers=closed_form.iam_last_lipschitz,
    ),
    WorstCase(
        "pep.lift.iam_last.smooth",
        _lifted(Class.SMOOTH, Measure.LAST, P_CONVENTION),
        claims=("iam.smooth.last",),
        extremal=lambda points: extremal.quadratic(points, averaged=True),
        multipliers=closed_form.iam_last_smooth,
        closed_up_to=closed_form.IAM_SMOOTH_UP_TO,
    ),
    WorstCase(
        "pep.lift.sps_last.lip",
        _lifted(Class.LIPSCHITZ, Measure.LAST, path=False),
        claims=("sps.lastiterate.refuted",),
    ),
    WorstCase(
        "pep.lift.sps_last.smooth", _lifted(Class.SMOOTH, Measure.LAST, path=False)
    ),
    WorstCase(
        "pep.lift.iam_c_last.lip",
        _lifted(Class.LIPSCHITZ, Measure.LAST, C_CONVENTION, path=False),
        claims=("iam.lipschitz.last_c_under_p",),
    ),
    WorstCase(
        "pep.lift.iam_c_last.smooth",
        _lifted(Class.SMOOTH, Measure.LAST, C_CONVENTION, path=False),
    ),
)


def find(name: str) -> WorstCase:
    """A worst case by its own name, or by that of a claim.

    Raises:
        InputError: If there is none.

    """
    names: dict[str, WorstCase] = {}
    for case in WORST_CASES:
        names |= dict.fromkeys((case.id, *case.claims), case)
    if name in names:
        return names[name]
    close = difflib.get_close_matches(name, names, cutoff=0.5)
    hint = f"did you mean {' or '.join(close)}?" if close else f"there are {[*names]}."
    msg = f"No worst case has the name {name!r}; {hint}"
    raise InputError(msg)


def attained(case: WorstCase, points: int) -> Fraction | None:
    """What the extremal function attains, in exact numbers; `None` if none is known."""
    if case.extremal is None:
        return None
    _, objective = build(case.program(points).problem)
    return case.extremal(points).at(objective)


def prove(case: WorstCase, points: int, bound: Fraction | None = None) -> Proof:
    """An exact proof of a bound, or of the worst case itself where it is known.

    Args:
        case: What about.
        points: T.
        bound: If `None`, the value that is attained; where no function is known to
            attain it, or no proof of it is found, the value and a slack.

    Raises:
        NoBoundError: If a function exceeds the bound, or nothing can be proved.

    """
    program = case.program(points)
    value = attained(case, points)
    if case.extremal is None or value is None:
        return certify(program, bound)
    asked = value if bound is None else bound
    if asked < value:
        msg = (
            f"No proof of {float(asked):.9g} for {program.name}: "
            f"{case.extremal(points).name} attains {value}, or {float(value):.9g}."
        )
        raise NoBoundError(msg)
    if case.multipliers is not None and points <= case.closed_up_to:
        return certify_given(program, case.multipliers(points), asked)
    if asked > value:
        return certify(program, bound)
    try:
        return certify_exactly(program, case.extremal(points))
    except NoBoundError:
        if bound is not None:
            raise
        return certify(program)
