"""What a setting has beside its problem, as the hypotheses that are asked for allow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from synthetic.batches import SINGLE, Batch
from synthetic.hunt.quest import Quest
from synthetic.hunt.shapes import Shape
from synthetic.hunt.tape import Tape, positive, share
from synthetic.metrics import Metric, adam, fixed, growing
from synthetic.problems.base import FloatArray
from theory import assumptions as a, claims as registry, formulas
from theory.method import (
    EXACT,
    IAM_C,
    IAM_P,
    POOLED,
    SPS_STAR,
    Family,
    Method,
    Target,
    capped_iam,
    capped_sps,
    iam_k,
)
from theory.schedules import Schedule

LARGEST_LAMBDA = 9.0
"""Public code's constant; larger ones only freeze x."""
RARE_TARGETS = -4.0
"""Log size of a typical target error at a start: bounds are tightest at small ones."""

FIXED_METHODS = {Family.SPS: SPS_STAR, Family.IAM_P: IAM_P, Family.IAM_C: IAM_C}
NUM_METHOD = {
    Family.IAM_K: 1,
    Family.IAM_OTHER: 2,
    Family.SPS_CAPPED: 1,
    Family.IAM_CAPPED: 1,
}
"""How many parameters a method has."""


@dataclass(frozen=True)
class Terms:
    """One choice out of what the hypotheses allow.

    Attributes:
        family: Which method.
        targets: "exact", "over", "under", "signed" or "pooled".
        metric: "none", or a kind of `Metric`.
        batch: Components in a draw.
        is_ordered: Is the order of the draws fixed, instead of i.i.d.?
        is_wild: May the schedule break the bounds on momentum?

    """

    family: Family
    targets: str = "exact"
    metric: str = "none"
    batch: int = 1
    is_ordered: bool = False
    is_wild: bool = False

    def size(self, shape: Shape, horizon: int) -> int:
        """How many parameters these terms have."""
        own = NUM_METHOD.get(self.family, 0)
        if self.targets not in {"exact", "pooled"}:
            own += shape.num_components
        if self.metric != "none":
            own += 2 * shape.dim + 1
        return own + (horizon - 1 if self.is_ordered else 0)

    def start(self, shape: Shape, horizon: int, rng: np.random.Generator) -> FloatArray:
        """Parameters to begin at: target errors small, the rest anywhere."""
        found = rng.standard_normal(self.size(shape, horizon))
        first = NUM_METHOD.get(self.family, 0)
        if self.targets in {"over", "under"} and rng.random() < 0.5:
            found[first : first + shape.num_components] += RARE_TARGETS
        return found

    def build(self, tape: Tape, shape: Shape, horizon: int) -> dict[str, Any]:
        """The fields of a `Setting`, apart from its problem and start."""
        return {
            "method": self._method(tape),
            "target": self._target(tape, shape.num_components),
            "metric": self._metric(tape, shape.dim),
            "batch": SINGLE if self.batch == 1 else Batch(self.batch),
            "order": self._order(tape, shape.num_components, horizon),
        }

    def _method(self, tape: Tape) -> Method:
        if self.family in FIXED_METHODS:
            return FIXED_METHODS[self.family]
        p = tape.take(NUM_METHOD[self.family])
        if self.family is Family.IAM_K:
            least = 0.0 if self.is_wild else 1.0
            return iam_k(least + (LARGEST_LAMBDA - least) * float(share(p)[0]))
        if self.family is Family.IAM_OTHER:
            steepest = 3.0 if self.is_wild else 1.0
            schedule = Schedule(steepest * float(share(p)[0]), float(p[1]))
            return Method("IAM", formulas.polyak, schedule)
        cap = float(positive(p)[0])
        capped = capped_sps if self.family is Family.SPS_CAPPED else capped_iam
        return capped(cap)

    def _target(self, tape: Tape, count: int) -> Target:
        if self.targets == "exact":
            return EXACT
        if self.targets == "pooled":
            return POOLED
        p = tape.take(count)
        sizes = {"over": positive(p), "under": -positive(p), "signed": p}
        return Target(tuple(sizes[self.targets].tolist()))

    def _metric(self, tape: Tape, dim: int) -> Metric | None:
        if self.metric == "none":
            return None
        first, later = positive(tape.take(dim)), share(tape.take(dim))
        last = tape.take(1)
        if self.metric == "fixed":
            return fixed(tuple(first.tolist()))
        if self.metric == "nonincreasing":
            ends = tuple((first * later).tolist())
            return Metric("nonincreasing", tuple(first.tolist()), later=ends)
        if self.metric == "growing":
            return growing(tuple(first.tolist()), 1.0 + float(positive(last)[0]))
        return adam(float(share(last)[0]))

    def _order(self, tape: Tape, count: int, horizon: int) -> Any:
        if not self.is_ordered:
            return None
        place = share(tape.take(horizon - 1)) * count
        return np.minimum(place.astype(np.int64), count - 1)


@dataclass(frozen=True)
class Choices:
    """What `Terms` of a quest may be."""

    families: tuple[Family, ...]
    targets: tuple[str, ...]
    metrics: tuple[str, ...]
    batch: int
    is_ordered: bool
    is_wild: bool

    def draw(self, rng: np.random.Generator) -> Terms:
        """One of them at random."""
        return Terms(
            self.families[rng.integers(len(self.families))],
            self.targets[rng.integers(len(self.targets))],
            self.metrics[rng.integers(len(self.metrics))],
            self.batch,
            self.is_ordered,
            self.is_wild,
        )


def choices(quest: Quest) -> Choices:
    """All that the quest's hypotheses allow."""
    claim, dropped = registry.get(quest.claim_id), quest.dropped
    asked = {h.name for h in claim.assumes if h.name != dropped}
    able = [*FIXED_METHODS, *NUM_METHOD]
    families = tuple(family for family in able if family in claim.families)
    batched = a.BATCHED.name in asked or dropped == a.SINGLE.name
    return Choices(
        families=families,
        targets=_targets(asked, dropped),
        metrics=_metrics(asked, dropped),
        batch=2 if batched else 1,
        is_ordered=dropped == a.IID.name,
        is_wild=dropped in {a.AT_LEAST_ONE.name, a.SLOW_MOMENTUM.name},
    )


def _targets(asked: set[str], dropped: str | None) -> tuple[str, ...]:
    if a.EXACT_TARGET.name in asked:
        return ("exact",)
    if asked & {a.OVERESTIMATE.name, a.STRICT_OVERESTIMATE.name}:
        return ("over",)
    if a.UNDERESTIMATE.name in asked:
        return ("under",)
    if a.POOLED.name in asked:
        return ("pooled",)
    return ("signed",) if dropped else ("exact", "signed")


def _metrics(asked: set[str], dropped: str | None) -> tuple[str, ...]:
    if dropped in {a.SHRINKING_METRIC.name, a.FALLING_METRIC.name}:
        return ("growing", "any")
    kinds = {
        a.ADAPTIVE_METRIC.name: ("any",),
        a.FIXED_METRIC.name: ("fixed",),
        a.FALLING_METRIC.name: ("nonincreasing",),
        a.SHRINKING_METRIC.name: ("fixed", "nonincreasing"),
        a.ANY_METRIC.name: ("fixed", "nonincreasing", "growing", "any"),
    }
    for name, able in kinds.items():
        if name in asked:
            return able
    return ("fixed", "growing") if dropped == a.ADAPTIVE_METRIC.name else ("none",)
