"""What the claims about matched progress must refute."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from typing import Any

from synthetic.cases.controls import stated
from synthetic.catalogue.entry import Control
from synthetic.deviations import catalogue
from synthetic.deviations.order import FilterCase, FilterSetting
from synthetic.deviations.steps import RatioCase, RatioSetting, StepsCase, StepsSetting
from theory.cases import Enclosed
from theory.claims.deviations_common import violations
from theory.filters import Descent, Flow, Ridge

ONE, TOP_AND_LOW = Fraction(1), (Fraction(1), Fraction("0.3"))
MATCHED = "deviations.eigen.matched_progress"
STEPS = f"{MATCHED}.steps"

LONG_REFERENCE = FilterCase(
    TOP_AND_LOW,
    Descent(Fraction("0.05"), 60),
    Descent(Fraction("0.05"), 60),
    Descent(Fraction("0.9"), 1),
)
"""S = (.90998, .35545), and a direct model whose longer steps leave A_2 = .28042."""

RIDGE_TEACHER = FilterCase(TOP_AND_LOW, Ridge(Fraction(2, 3)), Flow(40), Flow(1))
"""q = .6 on top, and a student that follows its teacher to the end."""


def controls() -> Iterator[Control]:
    """Every control."""
    yield from _real()
    yield from _whole()
    yield from _kinds()
    carried = catalogue.carried(5)
    yield Control(
        claim_id="deviations.eigen.exponent",
        label="exponents of eigenvalues a hundredth too large",
        setting=replace(carried, stretch=Fraction(101, 100)),
    )


def _flipped(side: int) -> Callable[..., Any]:
    """The claim with one sign on both sides of the matched direction."""

    def formula(c: FilterCase, order: tuple[int | None, ...]) -> Enclosed:
        expected = [side if c.lams[j] else 0 for _, j in c.pairs]
        return violations(order, expected)

    return formula


def _real() -> Iterator[Control]:
    some = catalogue.matched("descent", 50)
    for label, side in (("< in higher directions", -1), ("> in lower ones", 1)):
        yield Control(
            claim_id=MATCHED,
            label=label,
            setting=some,
            change=stated(_flipped(side), "order"),
        )
    yield Control(
        claim_id=MATCHED,
        label="progress in float64 for complements",
        setting=replace(catalogue.matched("descent", 200), naive=True),
    )
    yield Control(
        claim_id=MATCHED,
        label="a ridge teacher, and a flow matched on top",
        setting=FilterSetting(name="ridge, then a long flow", cases=(RIDGE_TEACHER,)),
    )
    yield Control(
        claim_id="deviations.eigen.step_sizes",
        label="a longer step of the direct model",
        setting=FilterSetting(name="eta_ref = .9", cases=(LONG_REFERENCE,)),
    )


def _whole() -> Iterator[Control]:
    yield Control(
        claim_id=STEPS,
        label="eta lambda_1 > 1",
        setting=catalogue.unstable(),
    )
    yield Control(
        claim_id=STEPS,
        label="a teacher that fits the labels",
        setting=catalogue.interpolating(),
    )

    def higher(_c: StepsCase, order: tuple[tuple[int, int], ...]) -> Enclosed:
        return violations([off for _, off in order], [-1] * len(order))

    yield Control(
        claim_id=STEPS,
        label="< in higher directions",
        setting=catalogue.whole_steps(50),
        change=stated(higher, "order"),
    )
    name = "deviations.eigen.interpolating_teacher"
    yield Control(
        claim_id=name,
        label="the student strictly behind",
        setting=catalogue.interpolating(),
        change=stated(_strictly, "order"),
    )
    stopped = StepsCase((Fraction(1, 2), Fraction(1, 4)), catalogue.LAST, 5)
    yield Control(
        claim_id=name,
        label="a teacher that is stopped late",
        setting=StepsSetting(name="39 steps", cases=(stopped,)),
    )


def _strictly(_c: StepsCase, order: tuple[tuple[int, int], ...]) -> Enclosed:
    lower = [off for side, off in order if side < 0]
    return violations(lower, [-1] * len(lower))


def _kinds() -> Iterator[Control]:
    ridge = "deviations.eigen.ridge"
    perfect = FilterCase(TOP_AND_LOW, Ridge(Fraction(0)), Ridge(ONE), Ridge(ONE))
    yield Control(
        claim_id=ridge,
        label="a teacher without a penalty",
        setting=FilterSetting(name="ridge 0, then 1", cases=(perfect,)),
    )
    yield Control(
        claim_id=ridge,
        label="a flow matched on top",
        setting=FilterSetting(
            name="ridge, then almost none",
            cases=(replace(RIDGE_TEACHER, student=Ridge(Fraction(1, 10**6))),),
        ),
    )
    ratio, q = "deviations.eigen.ratio", (ONE, Fraction(1, 2))
    yield Control(
        claim_id=ratio,
        label="a student that runs for ever",
        setting=RatioSetting(
            name="no end", cases=(RatioCase((Fraction(1, 2), Fraction(1, 4)), q, None),)
        ),
    )
    yield Control(
        claim_id=ratio,
        label="eta lambda_1 > 1",
        setting=RatioSetting(
            name="eta lambda_1 = 1.9",
            cases=(RatioCase((Fraction(19, 10), Fraction(1, 2)), q, 2),),
        ),
    )
