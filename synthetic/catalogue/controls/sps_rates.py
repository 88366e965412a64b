"""What the rates of SPS* must refute: sections 2 to 4."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from synthetic import instances
from synthetic.catalogue.controls.common import (
    in_order,
    line,
    mean_lipschitz,
    seen_by_rates,
    shrunk,
    told,
)
from synthetic.catalogue.entry import Control
from synthetic.families import planted
from synthetic.losses import L1
from theory.claim import Claim
from theory.method import (
    POOLED,
    SPS_STAR,
    Target,
)
from theory.trace import FloatArray, Trace


def _averages() -> Iterator[Control]:
    """Claims 2 and 3: sharpened bounds, wrong constants, wrong order, wrong code."""
    linf = line(instances.linf(16), SPS_STAR, 16)
    cyclic = in_order(line(instances.sparse_abs(0.5), SPS_STAR, 4), [1, 1, 1])
    for group in ("master", "lipschitz"):
        for suffix in ("average", "iterate", "best"):
            claim_id = f"sps.{group}.{suffix}"
            yield Control(
                claim_id=claim_id,
                label="bound one percent lower (LINF)",
                setting=linf,
                sharpen=0.99,
            )
            yield Control(
                claim_id=claim_id,
                label="D ten percent too small (LINF)",
                setting=shrunk(linf),
            )
        claim_id = f"sps.{group}.average"
        for p, horizon in ((0.5, 4), (0.1, 12)):
            yield Control(
                claim_id=claim_id,
                label=f"(E G_xi)^2 for E G_xi^2 (SPARSE-ABS({p:g}))",
                setting=line(instances.sparse_abs(p), SPS_STAR, horizon),
                change=mean_lipschitz,
            )
        yield Control(
            claim_id=claim_id,
            label="a cyclic order of draws",
            setting=cyclic,
        )
    yield from _average_runs()
    yield Control(
        claim_id="sps.lipschitz.minimax",
        label="one answer more than d - 1",
        setting=line(instances.linf(8), SPS_STAR, 9),
        change=_at_every_t,
    )


def _at_every_t(claim: Claim) -> Claim:
    """The claim without the end of its range."""
    return replace(claim, last=None)


def _average_runs() -> Iterator[Control]:
    """Wrong code that the rates of the averages see."""
    for label, setting in seen_by_rates(SPS_STAR):
        yield Control(claim_id="sps.lipschitz.average", label=label, setting=setting)
    long = told(
        line(
            planted(L1, num_components=10, dim=1, noise=3.0, seed=1),
            SPS_STAR,
            1000,
        ),
        POOLED,
    )
    yield Control(
        claim_id="sps.lipschitz.average",
        label="mean f* for f_xi(x*), T = 1000 (l1)",
        setting=long,
    )
    floor = told(line(instances.absolute(), SPS_STAR, 401), Target(0.1))
    yield Control(
        claim_id="sps.lipschitz.average",
        label="target 0.1 too high, T = 401 (|x|)",
        setting=floor,
    )
    yield Control(
        claim_id="sps.master.average",
        label="target 0.1 too high, T = 401 (x^2/2)",
        setting=told(line(instances.parabola(), SPS_STAR, 401), Target(0.1)),
    )


def _sums() -> Iterator[Control]:
    """What the averages follow from: sums of expected progress, sections 2 and 4."""
    linf = line(instances.linf(16), SPS_STAR, 16)
    cyclic = in_order(line(instances.sparse_abs(0.5), SPS_STAR, 4), [1, 1, 1])
    for claim_id in ("sps.lastiterate.sum", "sps.master.active"):
        yield Control(
            claim_id=claim_id,
            label="bound one percent lower (LINF)",
            setting=linf,
            sharpen=0.99,
        )
        yield Control(
            claim_id=claim_id,
            label="D ten percent too small (LINF)",
            setting=shrunk(linf),
        )
        yield Control(
            claim_id=claim_id, label="a cyclic order of draws", setting=cyclic
        )
        for problem in (instances.absolute(), instances.parabola()):
            yield Control(
                claim_id=claim_id,
                label=f"target 0.1 too high, T = 401 ({problem.name})",
                setting=told(line(problem, SPS_STAR, 401), Target(0.1)),
            )
        for label, setting in seen_by_rates(SPS_STAR):
            yield Control(claim_id=claim_id, label=label, setting=setting)
    yield Control(
        claim_id="sps.master.active",
        label="bound one percent lower (SPARSE-ABS(0.5))",
        setting=line(instances.sparse_abs(0.5), SPS_STAR, 10),
        sharpen=0.99,
    )
    yield Control(
        claim_id="sps.master.active",
        label="(E||g||)^2 for E||g||^2 (SPARSE-ABS(0.5))",
        setting=line(instances.sparse_abs(0.5), SPS_STAR, 10),
        change=_squared_moment,
    )


def _squared_moment(claim: Claim) -> Claim:
    """p^2 for p: with one slope of length 1 that is the square of the mean length."""

    def quantity(tr: Trace) -> FloatArray:
        square = {"active_moment": tr.active_moment**2}
        return claim.quantity(replace(tr, channels={**tr.channels, **square}))

    return replace(claim, quantity=quantity)


def controls() -> Iterator[Control]:
    """All of this part."""
    yield from _averages()
    yield from _sums()
