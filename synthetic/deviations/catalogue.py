"""Which spectra, loops and risks the claims are tried on."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import numpy as np

from synthetic.deviations.desk import DeviationSetting
from synthetic.deviations.functions import (
    FunctionCase,
    FunctionSetting,
    TopCase,
    TopSetting,
)
from synthetic.deviations.loops import (
    Design,
    FloatCase,
    FloatSetting,
    LoopCase,
    LoopSetting,
)
from synthetic.deviations.order import CarriedSetting, FilterCase, FilterSetting
from synthetic.deviations.steps import RatioCase, RatioSetting, StepsCase, StepsSetting
from theory.filters import Descent, Flow, Ridge

Row = tuple[Fraction, ...]

LAST = 39
"""Steps and times go from 1 to this."""

ONE = Fraction(1)


def settings(tier: str) -> Iterator[DeviationSetting]:
    """All of the tier but risks and switches; the full one has four times the draws."""
    many = 20_000 if tier == "full" else 5_000
    yield matched("flow", many)
    yield matched("descent", many)
    yield matched("ridge", many // 5)
    yield carried(many // 50)
    yield step_sizes(many // 5)
    yield unstable()
    yield whole_steps(many // 5)
    yield interpolating()
    yield teachers(many // 5)
    yield functions(many)
    yield tops()
    yield loops()
    yield floats()


def spectrum(rng: np.random.Generator, most: int = 999) -> Row:
    """Three distinct eigenvalues, thousandths up to `most`; in one of six a zero."""
    drawn = sorted(rng.choice(most, size=3, replace=False) + 1, reverse=True)
    found = [Fraction(int(i), 1000) for i in drawn]
    return (*found[:2], found[2] * int(rng.integers(6) > 0))


def times(rng: np.random.Generator) -> tuple[int, int]:
    """Of the teacher and its student."""
    teacher, student = rng.integers(1, LAST + 1, size=2)
    return int(teacher), int(student)


def matched(kind: str, count: int, seed: int = 0) -> FilterSetting:
    """Random spectra and times, all three models of one kind."""
    rng = np.random.default_rng([seed, count, len(kind)])
    return FilterSetting(
        name=f"{count} draws, {kind}",
        cases=tuple(_draw(kind, rng) for _ in range(count)),
    )


def _draw(kind: str, rng: np.random.Generator) -> FilterCase:
    lams, (first, second) = spectrum(rng), times(rng)
    if kind == "flow":
        scale = Fraction(int(rng.integers(1, 11)), 10)
        models = Flow(scale * first), Flow(scale * second), Flow(ONE)
        return FilterCase(lams, *models)
    if kind == "descent":
        return FilterCase(
            lams, Descent(ONE, first), Descent(ONE, second), Descent(ONE, 1)
        )
    mus = [Fraction(first, 20), Fraction(second, 20), ONE]
    return FilterCase(lams, *(Ridge(mu) for mu in mus))


def carried(count: int) -> CarriedSetting:
    """The first of the draws of each kind."""
    kinds = ("flow", "descent", "ridge")
    cases = tuple(case for kind in kinds for case in matched(kind, count, 9).cases)
    return CarriedSetting(name=f"{count} teachers of each kind", cases=cases)


def step_sizes(count: int, seed: int = 1) -> FilterSetting:
    """Three step sizes, the direct model's at most the others'."""
    rng = np.random.default_rng([seed, count])
    cases = []
    for _ in range(count):
        lams, (first, second) = spectrum(rng), times(rng)
        shares = [Fraction(int(i), 100) for i in sorted(rng.integers(1, 101, size=3))]
        direct, *others = shares
        teacher, student = (others[i] for i in rng.permutation(2))
        cases.append(
            FilterCase(
                lams,
                Descent(teacher, first),
                Descent(student, second),
                Descent(direct, 1),
            )
        )
    return FilterSetting(name=f"{count} draws of step sizes", cases=tuple(cases))


OVERSHOOTING = StepsCase((Fraction("1.33498"), Fraction("0.07477")), 4, 7)
"""eta lambda_1 > 1: the whole-step order fails."""


def unstable() -> StepsSetting:
    """What the theorems do not speak of."""
    return StepsSetting(name="eta lambda_1 = 1.33498", cases=(OVERSHOOTING,))


def whole_steps(count: int, seed: int = 2) -> StepsSetting:
    """Random spectra and steps."""
    rng = np.random.default_rng([seed, count])
    cases = tuple(StepsCase(positive(rng), *times(rng)) for _ in range(count))
    return StepsSetting(name=f"{count} draws in whole steps", cases=cases)


def positive(rng: np.random.Generator) -> Row:
    """Three distinct eigenvalues that are not 0; the top one at least .05.

    So the least number of steps with the student's progress is a few hundred at most.
    """
    lams = spectrum(rng)
    return (
        max(lams[0], Fraction(1, 20)),
        *(lam or Fraction(1, 2000) for lam in lams[1:]),
    )


def interpolating() -> StepsSetting:
    """Teachers that fit the labels."""
    rng = np.random.default_rng(3)
    cases = tuple(StepsCase(positive(rng), None, n) for n in range(1, LAST + 1))
    return StepsSetting(name="teachers that fit the labels", cases=cases)


def teachers(count: int, seed: int = 4) -> RatioSetting:
    """Teachers of any progress, beyond 1 as well."""
    rng = np.random.default_rng([seed, count])
    cases = tuple(
        RatioCase(
            positive(rng),
            tuple(Fraction(int(i), 64) for i in rng.integers(1, 129, size=3)),
            int(rng.integers(1, 13)),
        )
        for _ in range(count)
    )
    return RatioSetting(name=f"{count} draws of any teacher", cases=cases)


def functions(count: int, seed: int = 5) -> FunctionSetting:
    """Random progresses and exponents, below 1, above, and 1."""
    rng = np.random.default_rng([seed, count])
    cases = tuple(
        FunctionCase(Fraction(int(p), 1024), Fraction(int(q), 1024), exponent)
        for p, q, exponent in zip(
            rng.integers(1, 1024, size=count),
            rng.integers(1, 1024, size=count),
            exponents(rng, count),
            strict=True,
        )
    )
    return FunctionSetting(name=f"{count} draws of p, q and r", cases=cases)


def exponents(rng: np.random.Generator, count: int) -> Iterator[Fraction]:
    """One in ten is 1; the others are as often below 1 as above."""
    for below, kind in zip(
        rng.integers(1, 1000, size=count), rng.integers(20, size=count), strict=True
    ):
        r = Fraction(int(below), 1000)
        yield ONE if kind < 2 else r if kind < 11 else 1 / r


def tops() -> TopSetting:
    """Shares and chains at some top progresses and exponents."""
    cases = tuple(
        TopCase(Fraction(x), Fraction(r))
        for x in ("0.1", "0.5", "0.8", "0.99")
        for r in ("0.05", "0.3", "0.9", "1.2", "3")
    )
    return TopSetting(name="shares of progress, and chains", cases=cases)


def loops() -> LoopSetting:
    """Full rank and less, more columns than rows, step sizes that overshoot."""
    designs = (
        Design(4, 3, (Fraction(2), ONE, Fraction(1, 2)), 1),
        Design(4, 3, (Fraction(2), ONE, Fraction(0)), 2),
        Design(3, 4, (Fraction(3, 2), ONE, Fraction(1, 3)), 3),
        Design(5, 2, (Fraction(2), Fraction(2)), 4),
    )
    sizes = ((Fraction(1, 2), Fraction(1, 3)), (Fraction(3, 2), Fraction(5, 2)))
    cases = tuple(
        LoopCase(design, Descent(teacher, n), Descent(student, m))
        for design in designs
        for teacher, student in sizes
        for n, m in ((1, 1), (2, 5), (6, 3))
    )
    return LoopSetting(name="two loops in rationals", cases=cases)


def floats() -> FloatSetting:
    """Larger designs in float64, of full rank and not, three kinds of model."""
    models = (
        (Descent(0.3, 30), Descent(0.2, 40)),
        (Flow(2.0), Flow(3.0)),
        (Ridge(0.5), Ridge(0.1)),
    )
    cases = tuple(
        FloatCase(n, p, teacher, student, seed)
        for n, p in ((60, 20), (12, 20))
        for teacher, student in models
        for seed in range(5)
    )
    return FloatSetting(name="two models in float64", cases=cases)
