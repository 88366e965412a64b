"""What a calibration judges: claims that are exactly tight, and samples for them.

A stream stands in for the left-hand side of a claim at one t. A setting is run by the
engine; its claim's bound is tight as it stands, or is put at the exact expectation.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from synthetic import instances
from synthetic.calibration.laws import LAWS, Law
from synthetic.engines import montecarlo, tree
from synthetic.families import planted
from synthetic.losses import SQUARED
from synthetic.problems.base import FloatArray, IntArray, Problem
from synthetic.setting import Setting
from theory.claim import Claim
from theory.claims import POLYAK
from theory.method import IAM_P, SPS_STAR, Method

CHUNK = 100
"""Runs that are drawn together; run r is number r % CHUNK of chunk r // CHUNK."""

HIDDEN = ("two points", "spikes 1/1000")
"""Laws that are tried a second time, with the upper end of their range unknown."""


@dataclass(frozen=True, eq=False)
class Source:
    """A claim with equality, and the samples of its left-hand side.

    Attributes:
        name: Unique.
        tail: "light", "heavy", or "setting" where the engine runs one.
        claim: Its bound is the expectation.
        setting: What is run; for streams it only lends its constants.
        draw: Samples (CHUNK, N, K) of a chunk of runs, from (seed, chunk, N).
        equality: Where the equality comes from.

    """

    name: str
    tail: str
    claim: Claim
    setting: Setting
    draw: Callable[[int, int, int], FloatArray]
    equality: str


def sources() -> dict[str, Source]:
    """All of them by name."""
    return {source.name: source for source in (*_streams(), *_settings())}


def _streams() -> Iterator[Source]:
    for law in LAWS:
        yield stream(law)
        if law.name in HIDDEN:
            hidden = replace(law, name=f"{law.name}, range unknown", high=np.inf)
            yield stream(hidden, drawn_as=law.name)


def stream(law: Law, drawn_as: str = "") -> Source:
    r"""Samples of a law, as the left-hand side at t = 1 of a claim on $|x|$."""
    setting = Setting(
        name=law.name,
        problem=instances.absolute(),
        method=SPS_STAR,
        x0=np.ones(1),
        horizon=2,
    )
    claim = replace(
        POLYAK["sps.lipschitz.average"],
        id=f"calibration.{law.name}",
        bound=lambda _c, t: np.ones_like(t),
        support=lambda _c, t: (np.zeros_like(t), np.full_like(t, law.high)),
    )
    root = zlib.crc32((drawn_as or law.name).encode())

    def draw(seed: int, chunk: int, num_samples: int) -> FloatArray:
        rng = np.random.default_rng([seed, root, chunk])
        return law.draw(rng, (CHUNK, num_samples))[:, :, None]

    return Source(law.name, law.tail, claim, setting, draw, "mean 1 of the law")


def _settings() -> Iterator[Source]:
    squares = instances.coord_quad(1.0, 1.0, 1.0)
    yield _own("sps.strong.smooth_interp", squares, 6)
    yield _own("sps.noise_linear", instances.split_abs(1.5), 6)
    for claim_id, method in (
        ("sps.lipschitz.average", SPS_STAR),
        ("iam.lipschitz.last", IAM_P),
    ):
        setting = _on(instances.sparse_abs(0.1), method, 13)
        yield _exact(claim_id, setting, partial(_averaged, 0.1), "closed form")
    squared = planted(SQUARED, num_components=4, dim=2, noise=1.0, seed=0)
    setting = _on(squared, SPS_STAR, 6)
    yield _exact("sps.smooth.sharp", setting, _of_tree(setting), "exact tree")


def _on(problem: Problem, method: Method, horizon: int) -> Setting:
    start = problem.point + 1.0
    name = f"{problem.name}, {method.name}, T = {horizon}"
    return Setting(name=name, problem=problem, method=method, x0=start, horizon=horizon)


def _own(claim_id: str, problem: Problem, horizon: int) -> Source:
    """A claim that is tight as it stands."""
    setting = _on(problem, SPS_STAR, horizon)
    return _sampled(POLYAK[claim_id], setting, "the claim's own bound")


def _exact(
    claim_id: str,
    setting: Setting,
    mean: Callable[[IntArray], FloatArray],
    equality: str,
) -> Source:
    """A claim with its bound put at the exact expectation."""
    claim = replace(
        POLYAK[claim_id], bound=lambda _c, t: mean(np.asarray(t).astype(np.int64))
    )
    return _sampled(claim, setting, f"{equality} for the bound")


def _averaged(p: float, t: IntArray) -> FloatArray:
    return instances.averaged_gap(p, 1.0 - p, t)["gap"]


def _of_tree(setting: Setting) -> Callable[[IntArray], FloatArray]:
    trace, _, weights = tree.grow(setting, frozenset({"gap"}))
    gaps = trace.gap @ weights
    means = np.cumsum(gaps) / np.arange(1.0, gaps.size + 1.0)
    return lambda t: np.asarray(means[t])


def _sampled(claim: Claim, setting: Setting, equality: str) -> Source:
    times = montecarlo.recorded_times(setting.horizon)

    def draw(seed: int, chunk: int, num_samples: int) -> FloatArray:
        first = chunk * CHUNK * num_samples
        replicas = range(first, first + CHUNK * num_samples)
        found = montecarlo.sample(setting, [claim], times, seed, replicas)[claim.id]
        return found.reshape(CHUNK, num_samples, len(times))

    name = f"{claim.id} on {setting.name}"
    return Source(name, "setting", claim, setting, draw, equality)
