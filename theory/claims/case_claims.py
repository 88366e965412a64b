"""What claims share that are tried exactly, case by case."""

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from theory.assumptions import Assumption
from theory.cases import Enclosed, each, one, zero
from theory.claim import Claim, Kind
from theory.judge import Status
from theory.method import Family
from theory.references import DEVIATIONS_PAPER, PROJECT

OURS = frozenset({PROJECT, DEVIATIONS_PAPER})
"""References of statements that no paper makes."""


def case_claim(  # noqa: PLR0913, PLR0917 -- the fields of a claim
    name: str,
    title: str,
    statement: str,
    proof: str,
    families: tuple[Family, ...],
    formula: Callable[..., Any],
    channels: tuple[str, ...],
    *,
    assumes: tuple[Assumption, ...] = (),
    at_most_one: bool = False,
    is_false: bool = False,
    is_probability: bool = False,
    tight: str = "",
    reference: str = PROJECT,
    system: str = "parity",
) -> Claim:
    """A claim whose left-hand side is `formula` of a case and of its channels.

    Its right-hand side is 1 if `at_most_one`, else 0. Other systems that are judged
    exactly, case by case, name themselves.
    """
    return Claim(
        id=f"{system}.{name}",
        title=title,
        reference=reference,
        families=frozenset(families),
        statement=statement,
        assumes=assumes,
        proof=proof,
        quantity=each(formula, *channels),
        bound=one if at_most_one else zero,
        needs=frozenset(channels),
        kind=Kind.EXPECTATION if is_probability else Kind.PATHWISE,
        expected=Status.REFUTED if is_false else Status.HOLDS,
        tight=tight,
        origin="project" if reference in OURS else "paper",
    )


def over(value: Any, divisor: Fraction) -> Any:
    """An exact or an enclosed number, divided by a positive one."""
    whole = value if isinstance(value, Enclosed) else Enclosed(value, value, value)
    return whole.over(divisor)
