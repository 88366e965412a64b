"""What claims about scaling laws share."""

from collections.abc import Callable
from typing import Any

import numpy as np

from theory.assumptions import Assumption, of_configurations
from theory.claim import Claim, Kind
from theory.judge import Status
from theory.method import Family
from theory.references import PROJECT, SCALING_PAPER
from theory.scaling import FloatArray, Limits, ScalingConstants, ScalingTrace

Quantity = Callable[[ScalingTrace], Limits]


def one(c: ScalingConstants, _t: FloatArray) -> FloatArray:
    """The right-hand side of what is divided by its bound."""
    return np.ones(c.count)


def zero(c: ScalingConstants, _t: FloatArray) -> FloatArray:
    """The right-hand side of identities."""
    return np.zeros(c.count)


def scaling_claim(  # noqa: PLR0913 -- the fields of a claim
    name: str,
    title: str,
    statement: str,
    proof: str,
    quantity: Quantity,
    channels: tuple[str, ...],
    *,
    assumes: tuple[Assumption, ...] = (),
    is_false: bool = False,
    is_identity: bool = False,
    of_paper: bool = False,
    family: Family = Family.SCALING_LAW,
    tight: str = "",
) -> Claim:
    """A claim whose left-hand side is at most 1, or 0 of an identity."""
    left: Any = quantity  # limits in place of values: this system's desk reads them
    return Claim(
        id=f"scaling.{name}",
        title=title,
        reference=SCALING_PAPER if of_paper else PROJECT,
        families=frozenset({family}),
        statement=statement,
        assumes=assumes,
        proof=proof,
        quantity=left,
        bound=zero if is_identity else one,
        needs=frozenset(channels),
        kind=Kind.PATHWISE,
        expected=Status.REFUTED if is_false else Status.HOLDS,
        tight=tight,
        origin="paper" if of_paper else "project",
    )


def where(
    name: str, statement: str, meets: Callable[[ScalingConstants], Any]
) -> Assumption:
    """A hypothesis on the columns of configurations."""
    return of_configurations(name, statement, meets, lambda c: c.label(0))


def printed(channel: str, tolerance: float, *, relative: bool = False) -> Quantity:
    """Distance from the column `printed`, over what its digits leave open."""

    def quantity(tr: ScalingTrace) -> Limits:
        expected = tr.column("printed")
        distance = tr[channel].off(expected)
        share = tolerance * (expected if relative else 1.0)
        return Limits(distance.low / share, distance.high / share)

    return quantity


def ratio_of(top: str, bottom: str) -> Quantity:
    """One channel over another."""

    def quantity(tr: ScalingTrace) -> Limits:
        return tr[top].over(tr[bottom])

    return quantity
