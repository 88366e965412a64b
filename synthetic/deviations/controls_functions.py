"""What the claims about progress as a function of progress must refute."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from typing import Any

from synthetic.cases.controls import stated
from synthetic.catalogue.entry import Control
from synthetic.deviations import catalogue
from synthetic.deviations.functions import FunctionCase, FunctionSetting
from theory.cases import Enclosed
from theory.claims.deviations_common import sign, violations

ABOVE = tuple(
    FunctionCase(Fraction(p, 8), Fraction(q, 8), Fraction(r))
    for p in (1, 4, 7)
    for q in (2, 5)
    for r in ("1.1", "2", "5.5")
)
"""Exponents above 1, where the order is the other one everywhere."""

STATED = FunctionCase(Fraction(1, 2), Fraction("0.6"), Fraction("0.3"))


def controls() -> Iterator[Control]:
    """Every control."""
    above = FunctionSetting(name="r > 1", cases=ABOVE)
    for name, channel in (
        ("supermultiplicative", "phi"),
        ("supermultiplicative.ridge", "psi"),
        ("mixed", "mixed"),
    ):
        yield Control(
            claim_id=f"deviations.eigen.{name}",
            label="> for r > 1",
            setting=above,
            change=stated(lambda _c, seen: violations([seen], [1]), channel),
        )
    yield Control(
        claim_id="deviations.eigen.mixed",
        label="ridge below flow at r = .3, q = .6",
        setting=FunctionSetting(name="r = .3, q = .6", cases=(STATED,)),
        change=stated(lambda _c, seen: violations([seen], [-1]), "mixed"),
    )
    yield from _tops()


def _tops() -> Iterator[Control]:
    tops, name = catalogue.tops(), "deviations.eigen.interval"

    def other(_c: Any, order: tuple[int | None, ...]) -> Enclosed:
        return violations(order, [1] * len(order))

    yield Control(
        claim_id=name,
        label="the same order for r > 1",
        setting=tops,
        change=stated(other, "range"),
    )
    yield Control(
        claim_id="deviations.eigen.interval.least",
        label="unequal shares",
        setting=replace(tops, least_at=Fraction(7, 16)),
    )
    name = "deviations.eigen.generations"

    def grows(c: Any, chain: tuple[int | None, ...]) -> Enclosed:
        steps = len(chain) // 2
        return violations(chain[:steps], [-sign(1 - c.r)] * steps)

    yield Control(
        claim_id=name,
        label="the other way",
        setting=tops,
        change=stated(grows, "chain"),
    )
    yield Control(
        claim_id=name,
        label="a chain written in the wrong order",
        setting=replace(tops, counts=(1, 2, 5, 3, 10)),
    )
    yield Control(
        claim_id="deviations.eigen.generations.formula",
        label="one filter fewer",
        setting=replace(tops, dropped=1),
    )
