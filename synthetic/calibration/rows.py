"""The rows of the calibration table: which runs they count, and what is counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.stats import binom, binomtest

from synthetic.calibration import naive
from synthetic.calibration.runs import Bench, Decision
from synthetic.calibration.sources import CHUNK, Source
from synthetic.engines.montecarlo import FIRST_BATCH
from theory.judge import Status

LEVELS = (0.05, 0.01, 1e-6)
"""Error probabilities of the verdicts; the last is that of `ratecheck verify`."""

VIOLATIONS = (1.1, 1.25, 1.5, 2.0)
BARELY = (1.01, 1.1)
SLACK = (0.9, 0.5)
COMPARED = 10
"""Runs of each row that are judged by limits too, as `montecarlo.run` does."""

CONFIDENCE = 0.95


@dataclass(frozen=True, eq=False)
class Row:
    """Runs of one kind.

    Attributes:
        kind: "tight", "violated", "false holds" or "slack".
        source: Where samples come from; its claim holds with equality.
        factor: Left-hand side over bound: the bound is divided by it.
        num_runs: A multiple of `CHUNK`.
        num_replicas: At most, of one run.

    """

    kind: str
    source: Source
    factor: float
    num_runs: int
    num_replicas: int

    @property
    def key(self) -> list[Any]:
        """What tells the row from others, as plain values."""
        sizes = [self.factor, self.num_runs, self.num_replicas]
        return [self.kind, self.source.name, *sizes]

    def bench(self) -> Bench:
        """The claim with its bound moved, on its setting."""
        claim = self.source.claim
        if self.factor != 1.0:
            claim = claim.sharpened(1.0 / self.factor)
        return Bench(claim, self.source.setting)


@dataclass(frozen=True)
class Sizes:
    """How much is run.

    Attributes:
        many: Runs of a row whose rate is an error.
        few: Runs of a row whose rate is a power.
        replicas: Of a run on a stream, where the rate is an error.
        setting_replicas: The same, on a setting.
        power_replicas: Of a run where the rate is a power.

    """

    many: int = 20_000
    few: int = 1000
    replicas: int = 2048
    setting_replicas: int = 512
    power_replicas: int = 4096


def rows(sources: Sequence[Source], sizes: Sizes) -> Iterator[Row]:
    """All rows, in the order of the table."""
    bounded = [s for s in sources if s.tail != "setting" and _has_range(s)]
    for source in sources:
        small = source.tail == "setting"
        size = sizes.setting_replicas if small else sizes.replicas
        yield Row("tight", source, 1.0, sizes.many, size)
    for source in bounded:
        for factor in BARELY:
            yield Row("false holds", source, factor, sizes.many, sizes.replicas)
    for source in sources:
        if source.tail == "setting" or "unknown" not in source.name:
            for factor in VIOLATIONS:
                yield Row("violated", source, factor, sizes.few, sizes.power_replicas)
    for source in bounded:
        for factor in SLACK:
            yield Row("slack", source, factor, sizes.few, sizes.power_replicas)


def _has_range(source: Source) -> bool:
    return bool(np.isfinite(Bench(source.claim, source.setting).game.high).all())


def looks(num_replicas: int) -> list[int]:
    """When `montecarlo.run` judges: at doublings of its first batch, and at the end."""
    found, size = [], min(FIRST_BATCH, num_replicas)
    while size < num_replicas:
        found.append(size)
        size *= 2
    return [*found, num_replicas]


def measure(row: Row, seed: int) -> dict[str, Any]:
    """Judge every run of the row and count, as plain values."""
    bench, when, levels = row.bench(), looks(row.num_replicas), list(LEVELS)
    decided: list[list[Decision]] = []
    compared: Counter[str] = Counter()
    same = 0
    for chunk in range(row.num_runs // CHUNK):
        samples = row.source.draw(seed, chunk, row.num_replicas)
        decided += [bench.decide(x, when, levels) for x in samples]
        if chunk == 0:
            for x, mine in zip(samples[:COMPARED], decided, strict=False):
                same += bench.decide_by_limits(x, when, levels[0]) == mine[0]
        kept = samples[:, :, bench.game.keep]
        edge = bench.game.bound + 2.0 * bench.game.noise
        for rule, flags in naive.refuted(kept, edge, when, levels[:2]).items():
            compared[rule] += int(flags.sum())
    return {
        "kind": row.kind,
        "source": row.source.name,
        "factor": row.factor,
        "runs": row.num_runs,
        "replicas": row.num_replicas,
        "looks": when,
        "tail": row.source.tail,
        "equality": row.source.equality,
        "times": bench.game.times.tolist(),
        "range": "known" if np.isfinite(bench.game.high).all() else "unknown",
        "results": [
            _counts([run[k] for run in decided], alpha, when)
            for k, alpha in enumerate(levels)
        ],
        "first": first(decided[:CHUNK]),
        "by_limits": {"runs": COMPARED, "same": same},
        "comparison": dict(compared),
    }


def first(decided: list[list[Decision]]) -> list[list[int]]:
    """REFUTED and HOLDS of these runs at each alpha: cheap to compute again."""
    return [
        [sum(run[k][0] is status for run in decided) for status in _STATUSES]
        for k in range(len(LEVELS))
    ]


_STATUSES = (Status.REFUTED, Status.HOLDS)


def _counts(decided: list[Decision], alpha: float, when: list[int]) -> dict[str, Any]:
    """Counts with exact limits of their rates, and the looks that decided."""
    found: dict[str, Any] = {"alpha": alpha}
    for status in _STATUSES:
        at = np.array([look for what, look in decided if what is status])
        found[status.value] = int(at.size)
        found[f"{status.value}_limits"] = interval(int(at.size), len(decided))
        found[f"{status.value}_by_look"] = [int(np.sum(at <= look)) for look in when]
    return found


def interval(count: int, number: int) -> list[float]:
    """Clopper and Pearson's two-sided limits of a rate, at 95 %."""
    found = binomtest(count, number).proportion_ci(CONFIDENCE, method="exact")
    return [float(found.low), float(found.high)]


def exceeds(count: int, number: int, alpha: float, error: float = 1e-6) -> bool:
    """Is the rate above alpha? A rate of at most alpha is accused with this error."""
    return bool(binom.sf(count - 1, number, alpha) <= error)
