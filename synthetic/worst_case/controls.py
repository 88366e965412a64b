"""What claims about worst cases must refute: always by what a real run attains."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction

from synthetic.catalogue.entry import Control
from synthetic.worst_case.catalogue import LINES, named
from synthetic.worst_case.setting import ClassSetting, LineSetting
from theory.claim import Claim
from theory.schedules import Schedule, k_convention
from theory.worst_case.known import WorstCase
from theory.worst_case.lift import Class, Measure, Run, lift
from theory.worst_case.lines import Line, Step
from theory.worst_case.program import Program

EXACT = (
    "pep.known.gd",
    "pep.lift.sps_avg.lip",
    "pep.lift.sps_avg.smooth",
    "pep.lift.iam_last.lip",
    "pep.lift.iam_last.smooth",
)
Term = Callable[[Step], Fraction]


def controls() -> Iterator[Control]:
    """Every control."""
    for name in EXACT:
        yield _wrong(name, "99 % of the bound", named(name), sharpen=0.99)
    yield from _constants()
    yield from _methods()
    yield from _lines()


def _wrong(
    claim_id: str,
    label: str,
    setting: ClassSetting | LineSetting,
    *,
    sharpen: float = 1.0,
    change: Callable[[Claim], Claim] | None = None,
) -> Control:
    return Control(
        claim_id=claim_id,
        label=label,
        setting=setting,
        sharpen=sharpen,
        change=change,
    )


def _with_factor(factor: float, *, smooth: bool) -> Callable[[Claim], Claim]:
    """The claim that a factor of L D^2/T or of G D/sqrt(T) is enough."""

    def change(claim: Claim) -> Claim:
        if smooth:
            return replace(claim, bound=lambda c, t: factor * c.L * c.D**2 / (t + 1.0))
        return replace(claim, bound=lambda c, t: factor * c.G * c.D / (t + 1.0) ** 0.5)

    return change


def _constants() -> Iterator[Control]:
    for claim_id, label, points, factor in (
        ("pep.lift.sps_avg.smooth", "0.66 for 2/3, at T = 4", 4, 0.66),
        ("pep.lift.iam_last.smooth", "0.6 L D^2 / T, at T = 5", 5, 0.6),
        ("pep.lift.sps_last.smooth", "0.249 L D^2 / T, at T = 2", 2, 0.249),
        ("pep.lift.iam_c_last.smooth", "0.249 L D^2 / T, at T = 2", 2, 0.249),
    ):
        setting = named(claim_id, points)
        change = _with_factor(factor, smooth=True)
        yield _wrong(claim_id, label, setting, change=change)
    for claim_id in ("pep.lift.sps_last.lip", "pep.lift.iam_c_last.lip"):
        change = _with_factor(1.0, smooth=False)
        yield _wrong(claim_id, "the rate G D / sqrt T", named(claim_id), change=change)


def _methods() -> Iterator[Control]:
    """Another method under the bound of the right one."""
    c_form, plain = named("pep.lift.iam_c_last.lip"), named("pep.lift.sps_last.lip")
    claim_id = "pep.lift.iam_last.lip"
    yield _wrong(claim_id, "lambda_t = t - 1 (convention C)", c_form)
    yield _wrong(claim_id, "no momentum at all", plain)
    yield _wrong("pep.lift.sps_avg.lip", "the last iterate for the mean", plain)
    for label, points, schedule in (
        ("lambda_t = t + 1", 2, Schedule(1.0, 1.0)),
        ("lambda_t = t + 2", 2, Schedule(1.0, 2.0)),
        ("lambda_t = t / 2", 2, Schedule(0.5, 0.0)),
        ("lambda_t = 9", 5, k_convention(9.0)),
    ):
        case = WorstCase(claim_id, _last_of(schedule))
        name = f"class: {label}, T = {points}"
        yield _wrong(
            claim_id, label, ClassSetting(name=name, case=case, points=(points,))
        )


def _last_of(schedule: Schedule) -> Callable[[int], Program]:
    return lambda points: lift(Run(points, Class.LIPSCHITZ, Measure.LAST, schedule))


def _lines() -> Iterator[Control]:
    for claim_id, label, term in (
        ("pep.fejer", "1.05 gamma Delta", lambda s: s.gamma * s.delta / 20),
        ("pep.sharp_line", "0.9 L", lambda s: s.theta**2 * s.L * s.delta / 10),
        ("pep.interp_line", "1.6 for 3/2", lambda s: s.delta / (10 * s.L)),
        ("pep.potential", "0.24 for 1/4", lambda s: s.v * s.xx / 100),
    ):
        first, *others = LINES[claim_id]
        wrong = (_plus(first, term), *others)
        name = f"class: {claim_id} with {label}"
        yield _wrong(claim_id, label, LineSetting(name=name, lines={claim_id: wrong}))


def _plus(line: Line, term: Term) -> Line:
    return replace(line, residual=lambda s: line.residual(s) + term(s))
