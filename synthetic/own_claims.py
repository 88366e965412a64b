"""Your own claim, and what is looked at whenever its functions are called."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from synthetic.engines.common import roundoff
from synthetic.places import where
from synthetic.setting import Setting
from theory.assumptions import Assumption
from theory.claim import (
    Bound,
    Claim,
    FloatArray,
    Kind,
    Support,
    gap_support,
    sampled_support,
)
from theory.constants import Constants
from theory.errors import InputError
from theory.method import POLYAK

Quantity = Callable[[Any], FloatArray]

CHANNELS: Mapping[str, Support] = {
    "gap": gap_support,
    "average_gap": sampled_support,
    "iterate_gap": gap_support,
    "best_gap": gap_support,
}
"""Left-hand sides that need no function, with their sure ranges."""

OWN = "own"
"""`Claim.origin` of a user's claim: its bound and quantity are looked at as it runs."""


def unbounded(_c: Constants, t: FloatArray) -> tuple[FloatArray, FloatArray]:
    """No range is known: Monte Carlo can then decide nothing."""
    return np.full_like(t, -np.inf), np.full_like(t, np.inf)


def own_claim(  # noqa: PLR0913 -- one argument for each thing that a claim says
    name: str,
    *,
    quantity: str | Quantity,
    bound: Bound,
    needs: Sequence[str] = (),
    support: Support | None = None,
    pathwise: bool = False,
    first: int = 0,
    last: int | None = None,
    assumes: Sequence[Assumption] = (),
    statement: str = "",
) -> Claim:
    r"""$E\,\mathrm{quantity}_t \le \mathrm{bound}(c, t)$ for t from `first` to `last`.

    Args:
        name: The claim's id, dotted.
        quantity: A key of `CHANNELS`; or a function of a trace, (K, P), with the names
            of the channels (`theory.trace.CHANNELS`) that it reads in `needs`.
        bound: Of the constants (`theory.constants`) and t, (K,); finite and >= 0.
        needs: See `quantity`.
        support: Sure range of the quantity from constants and t; Monte Carlo decides
            nothing without one.
        pathwise: Is it said of every path, and not of the expectation?
        first: The first t of which the claim speaks.
        last: The last one, if there is one.
        assumes: Hypotheses of `theory.assumptions`; where one fails, nothing is judged.
        statement: In words or LaTeX, for tables.

    """
    if isinstance(quantity, str):
        if quantity not in CHANNELS:
            msg = (
                f"{where(bound)}: need a quantity out of {', '.join(CHANNELS)}, or a "
                f"function of a trace with `needs`; got {quantity!r}."
            )
            raise InputError(msg)
        channel, support = quantity, support or CHANNELS[quantity]
        needs, read = (channel,), lambda trace: getattr(trace, channel)
    else:
        read = quantity
    if not name or not needs:
        msg = f"{where(bound)}: need a name and the channels that the quantity reads."
        raise InputError(msg)
    return Claim(
        id=name,
        title=statement or name,
        reference=where(bound),
        families=POLYAK,
        statement=statement,
        assumes=tuple(assumes),
        proof="",
        quantity=read,
        bound=bound,
        needs=frozenset(needs),
        kind=Kind.PATHWISE if pathwise else Kind.EXPECTATION,
        support=support or unbounded,
        first=first,
        last=None if last is None else lambda _c: last,
        any_metric=True,
        nonlinear=not isinstance(quantity, str),
        origin=OWN,
    )


def checked(claim: Claim, setting: Setting, *, ranged: bool = True) -> Claim:
    """The claim, whose own functions are looked at whenever they are called.

    Args:
        claim: Unless it is a user's own, it is returned as it is.
        setting: Whose constants the range of the quantity is stated with.
        ranged: Must the quantity stay in that range? Not in controls.

    """
    if claim.origin != OWN:
        return claim
    place, c = where(claim.bound), setting.constants()

    def bound(constants: Any, t: FloatArray) -> FloatArray:
        found = np.asarray(claim.bound(constants, t), dtype=np.float64)
        if found.shape not in {(), t.shape}:
            msg = f"{place}: the bound of {claim.id} has shape {found.shape}, not that "
            msg += f"of t, {t.shape}."
            raise InputError(msg)
        found = np.broadcast_to(found, t.shape)
        bad = ~(np.isfinite(found) & (found >= 0))
        if np.any(bad):
            k = int(np.argmax(bad))
            msg = (
                f"{place}: the bound of {claim.id} on {setting.name} is {found[k]} at "
                f"t = {t[k]:g}; it must be finite and >= 0. Constants that the problem "
                "does not state are infinite."
            )
            raise InputError(msg)
        return found

    def quantity(trace: Any) -> FloatArray:
        found = np.asarray(claim.quantity(trace), dtype=np.float64)
        times = trace.times[: len(found)] if found.ndim == 2 else trace.times
        if found.ndim != 2 or len(times) not in {
            len(trace.times),
            len(trace.times) - 1,
        }:
            msg = (
                f"{place}: the quantity of {claim.id} has shape {found.shape}; need one"
            )
            msg += " row for each recorded t (or step), one column for each path."
            raise InputError(msg)
        if ranged:
            _in_range(claim, c, times, found, f"{place}: {claim.id} on {setting.name}")
        return found

    return replace(claim, bound=bound, quantity=quantity)


def _in_range(
    claim: Claim, c: Constants, times: Any, found: FloatArray, who: str
) -> None:
    t = times.astype(np.float64)
    low, high = (np.broadcast_to(end, t.shape) for end in claim.support(c, t))
    slack = roundoff(claim, c, times, np.maximum(np.abs(found).max(axis=1), 0.0))
    out = (found < (low - slack)[:, None]) | (found > (high + slack)[:, None])
    if np.any(out):
        k, p = (int(i) for i in np.argwhere(out)[0])
        msg = (
            f"{who}: the quantity is {found[k, p]:.6g} at t = {times[k]}, outside its "
            f"stated range [{low[k]:.6g}, {high[k]:.6g}]. State another range, or "
            "mend the constants and the reach that it follows from."
        )
        raise InputError(msg)
