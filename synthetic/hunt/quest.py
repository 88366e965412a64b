"""What is hunted: a claim, perhaps with a smaller bound or without a hypothesis."""

from __future__ import annotations

import difflib
import math
from dataclasses import dataclass, replace

from theory import assumptions as a, claims as registry
from theory.claim import Claim
from theory.errors import InputError
from theory.judge import Status
from theory.trace import STEPS

HORIZON = 4
LONGEST = 10
EARLIEST = 3
"""The first t that is judged: at small T many bounds are attained with no effort.

Where the aim is a refutation of the whole bound, it is 1: any t refutes.
"""

CONSTANTS_OF_THE_BOUND = frozenset(
    hypothesis.name
    for hypothesis in (
        *(a.LIPSCHITZ_ON_BALL, a.BOUNDED_ON_BALL, a.GROWTH, a.SMOOTH),
        *(a.EXPECTED_SMOOTH, a.GROWS_QUADRATICALLY, a.NOISE_SPANS, a.NOISE_LEAKS),
        *(a.NORM_RANGE, a.CAPPED, a.FIXED_METRIC, a.ANY_METRIC),
    )
)
"""Without them there is no bound to exceed: it is made of their constants."""

NEEDED_FOR_CONVEXITY = frozenset(
    hypothesis.name
    for hypothesis in (
        *(a.SMOOTH, a.EXPECTED_SMOOTH, a.GROWS_QUADRATICALLY, a.NOISE_SPANS),
        *(a.NOISE_LEAKS, a.INTERPOLATION, a.SELF_BOUNDING_ONLY),
    )
)
"""What no family of nonconvex components has with known constants."""


@dataclass(frozen=True)
class Quest:
    """A claim as it is hunted, by names: it crosses processes and goes into files.

    Attributes:
        claim_id: Which claim.
        dropped: The name of the hypothesis that is not asked for, if any.
        scale: Factor on the bound; below 1 it is sharper.
        horizon: Number of points T of the runs.
        first: The first t that is judged.

    """

    claim_id: str
    dropped: str | None = None
    scale: float = 1.0
    horizon: int = HORIZON
    first: int = EARLIEST

    def claim(self) -> Claim:
        """The claim with everything that was changed."""
        found = registry.get(self.claim_id)
        kept = tuple(h for h in found.assumes if h.name != self.dropped)
        scaled = found if self.scale == 1.0 else found.sharpened(self.scale)
        return replace(scaled, assumes=kept, first=max(found.first, self.first))

    @property
    def is_altered(self) -> bool:
        """Is it more than the claim says? Then nobody expects it to hold."""
        return self.dropped is not None or self.scale < 1.0

    @property
    def should_fall(self) -> bool:
        """Is a refutation what one hopes for, rather than a ratio of 1?"""
        expected = registry.get(self.claim_id).expected
        return self.is_altered or expected is Status.REFUTED

    def shorter(self) -> Quest:
        """The same with one point less."""
        return replace(
            self, horizon=self.horizon - 1, first=min(self.first, self.last - 1)
        )

    @property
    def last(self) -> int:
        """The last t that a run of this horizon says something about."""
        steps = bool(registry.get(self.claim_id).needs & STEPS)
        return self.horizon - 1 - steps

    def words(self) -> str:
        """The claim as it is hunted, in a line."""
        parts = [self.claim_id]
        if self.scale != 1.0:
            parts.append(f"with {self.scale:g} of its bound")
        if self.dropped is not None:
            parts.append(f"without the hypothesis {self.dropped!r}")
        return " ".join(parts)


def quest(
    claim_id: str,
    *,
    drop: str | None = None,
    scale: float = 1.0,
    horizon: int | None = None,
) -> Quest:
    """What to hunt, checked.

    Raises:
        InputError: No such claim, or of a kind that no family here has instances of; a
            hypothesis that the claim does not have, or whose absence nothing shows; a
            scale or horizon out of range.

    """
    claim = registry.get(claim_id)
    if claim_id not in registry.POLYAK:
        msg = (
            f"Cannot hunt {claim_id}: there are families of instances for claims on "
            "SPS* and IAM alone (`ratecheck list 'sps*' 'iam*'`)."
        )
        raise InputError(msg)
    if not (math.isfinite(scale) and scale > 0):
        msg = f"Need a finite scale > 0, the factor on the bound, got {scale}."
        raise InputError(msg)
    points = HORIZON + bool(claim.needs & STEPS) if horizon is None else horizon
    if not 2 <= points <= LONGEST:
        msg = f"Need 2 <= horizon <= {LONGEST}, the number of points T, got {points}."
        raise InputError(msg)
    dropped = None if drop is None else _hypothesis(claim, drop)
    asked = Quest(claim_id, dropped, scale, points)
    if not claim.speaks_within(points) or claim.first > asked.last:
        msg = f"{claim_id} says nothing of {points} points: give a longer --horizon."
        raise InputError(msg)
    early = asked.should_fall and asked.scale == 1.0
    first = min(1 if early else EARLIEST, asked.last)
    return replace(asked, first=max(claim.first, first))


def _hypothesis(claim: Claim, name: str) -> str:
    """The hypothesis of that name, if a family can do without it."""
    names = {hypothesis.name.lower(): hypothesis.name for hypothesis in claim.assumes}
    if name.lower() not in names:
        close = difflib.get_close_matches(name.lower(), names, n=2, cutoff=0.4)
        has = ", ".join(repr(n) for n in names.values()) or "none"
        hint = f" Did you mean {' or '.join(repr(names[c]) for c in close)}?"
        msg = (
            f"{claim.id} has no hypothesis {name!r}.{hint if close else ''} It has: "
            f"{has}."
        )
        raise InputError(msg)
    found = names[name.lower()]
    if found in CONSTANTS_OF_THE_BOUND:
        msg = (
            f"Without {found!r} {claim.id} has no bound that a run could exceed: the "
            "bound, or what is measured, is made of its constants."
        )
        raise InputError(msg)
    others = {hypothesis.name for hypothesis in claim.assumes}
    if found == a.CONVEX.name and (missing := others & NEEDED_FOR_CONVEXITY):
        msg = (
            f"No family of nonconvex components has {sorted(missing)[0]!r} with known "
            f"constants, so {claim.id} cannot be hunted without {found!r}."
        )
        raise InputError(msg)
    return found
