"""What the claims about Fourier coefficients must refute."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from typing import Any

from synthetic.cases.controls import stated
from synthetic.catalogue.entry import Control
from synthetic.parity import catalogue_fourier as catalogue
from synthetic.parity.exact_fourier import FourierCase, FourierSetting
from theory import fourier


def controls() -> Iterator[Control]:
    """Every control."""
    yield from _coefficients()
    yield from _gaps()
    yield from _dimensions()


def _coefficients() -> Iterator[Control]:
    sets, name = catalogue.every_set(8), "parity.fourier.krawtchouk"
    yield Control(
        claim_id=name,
        label="neurons that are on at a tie",
        setting=replace(sets, ties=True),
    )

    def shifted(c: Any, xi: int) -> Any:
        last = fourier.last_weight(c.d, c.b)
        return abs(xi - fourier.krawtchouk(last, c.j, c.d)) if c.j and last >= 0 else 0

    yield Control(
        claim_id=name,
        label="K_W(j; d) for K_W(j - 1; d - 1)",
        setting=sets,
        change=stated(shifted, "xi"),
    )
    name, majorities = "parity.fourier.majority", catalogue.majorities(15)

    def whole(c: Any, xi: int) -> Any:
        return abs(xi - 2 * 2**c.d * fourier.majority(c.j, c.d))

    def unsigned(c: Any, xi: int) -> Any:
        return abs(xi - 2**c.d * abs(fourier.majority(c.j, c.d)))

    for label, formula in (("not halved", whole), ("without (-1)^a", unsigned)):
        yield Control(
            claim_id=name,
            label=label,
            setting=majorities,
            change=stated(formula, "xi"),
        )
    yield Control(
        claim_id=name,
        label="a bias of 2",
        setting=FourierSetting(name="d = 9, b = 2", cases=(FourierCase(9, j=3, b=2),)),
    )


def _gaps() -> Iterator[Control]:
    even, name = catalogue.even_orders(15), "parity.fourier_gap"

    def other(c: Any, below: int, above: int) -> Any:
        return abs(abs(above) * (c.d - c.k) - abs(below) * c.k)

    yield Control(
        claim_id=name,
        label="k/(d - k), the ratio of even d",
        setting=even,
        change=stated(other, "below", "above"),
    )
    yield Control(
        claim_id=name,
        label="a bias of 3",
        setting=FourierSetting(name="d = 9, b = 3", cases=(FourierCase(9, k=4, b=3),)),
    )

    def same_sign(_c: Any, below: int, above: int) -> Any:
        return int(below * above <= 0)

    yield Control(
        claim_id=name,
        label="equal signs",
        setting=even,
        change=stated(same_sign, "below", "above"),
    )
    yield Control(
        claim_id="parity.fourier_gap.no_signal",
        label="a bias of 2",
        setting=FourierSetting(
            name="d = 21, b = 2", cases=(FourierCase(21, k=3, b=2),)
        ),
    )
    name = "parity.fourier_gap.even_d"

    def of_odd_d(c: Any, below: int, above: int) -> Any:
        return abs(abs(above) * (c.d - c.k) - abs(below) * (c.k - 1))

    yield Control(
        claim_id=name,
        label="(k - 1)/(d - k), the ratio of odd d",
        setting=catalogue.even_dimensions(12),
        change=stated(of_odd_d, "below", "above"),
    )

    def degree_one(c: Any, below: int, above: int) -> Any:
        return abs(abs(above) * (c.d - c.k) - abs(below) * c.k)

    yield Control(
        claim_id=name,
        label="k/(d - k) at k = 1 as well",
        setting=FourierSetting(name="d = 4, k = 1", cases=(FourierCase(4, k=1),)),
        change=stated(degree_one, "below", "above"),
    )


def _dimensions() -> Iterator[Control]:
    even, name = catalogue.even_orders(15), "parity.fourier.recurrence"

    def slower(c: Any, below: int, next_below: int) -> Any:
        return abs(abs(next_below) * (c.d + 2) - 4 * abs(below) * (c.d - c.k + 3))

    yield Control(
        claim_id=name,
        label="d + 1 for d in the recurrence",
        setting=even,
        change=stated(slower, "below", "next_below"),
    )
    yield Control(
        claim_id=name,
        label="even d",
        setting=FourierSetting(name="d = 10, k = 4", cases=(FourierCase(10, k=4),)),
    )
    name, far = "parity.fourier.asymptotics", catalogue.far()
    yield Control(claim_id=name, label="a thousandth below", setting=far, sharpen=0.999)

    def next_order(c: Any, below: int) -> Any:
        xi = Fraction(below, 2**c.d)
        found = fourier.asymptotics(c.k, c.d, xi)
        return found.scaled_sq * c.d * 6 / found.most

    yield Control(
        claim_id=name,
        label="the exponent -k/2",
        setting=far,
        change=stated(next_order, "below"),
    )
