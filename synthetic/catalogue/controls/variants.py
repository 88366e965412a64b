"""What caps, batches, metrics and underestimates must refute: sections 12 to 15."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from synthetic import instances
from synthetic.batches import Batch
from synthetic.catalogue.controls.common import line, misled, noisy, shrunk, told
from synthetic.catalogue.entry import Control
from synthetic.metrics import adam, fixed, growing, shrinking
from theory.claim import Claim
from theory.method import (
    IAM_P,
    POOLED,
    SPS_STAR,
    Method,
    Target,
    capped_iam,
    capped_sps,
)
from theory.trace import FloatArray, Trace

PARTS = ("sps.capped", "iam.capped")
LOW = Target(-0.1)


def controls() -> Iterator[Control]:
    """All of this part."""
    yield from _under()
    yield from _capped()
    yield from _batches()
    yield from _metrics()


def _no_error(claim: Claim) -> Claim:
    """The bound with eps = 0."""
    bound = claim.bound
    return replace(claim, bound=lambda c, t: bound(replace(c, error_min=0.0), t))


def _under() -> Iterator[Control]:
    """The price of an underestimate cannot be left out."""
    for name in ("squared", "l1", "logistic"):
        yield Control(
            claim_id="sps.under.fejer",
            label=f"targets lower than declared ({name})",
            setting=misled(line(noisy(name), SPS_STAR, 6), LOW, Target(-0.5)),
        )
    setting = line(instances.absolute(), SPS_STAR, 200)
    for suffix in ("equal_norms", "norm_range"):
        yield Control(
            claim_id=f"sps.under.{suffix}",
            label="eps forgotten in the bound (|x|)",
            setting=replace(setting, target=LOW),
            change=_no_error,
        )
        yield Control(
            claim_id=f"sps.under.{suffix}",
            label="eps three times what is declared (|x|)",
            setting=misled(setting, LOW, Target(-0.3)),
        )


def _capped() -> Iterator[Control]:
    """A smaller cap than declared; no cap where targets are too low."""
    families = ((capped_sps, SPS_STAR), (capped_iam, IAM_P))
    for part, (capped, free) in zip(PARTS, families, strict=True):
        for suffix, problem, cap in (
            ("lipschitz", instances.absolute(), 2.0),
            ("tuned", instances.absolute(), 0.2),  # gamma_b G^2/4 stays in its bound
            ("smooth", instances.parabola(), 2.0),
        ):
            yield Control(
                claim_id=f"{part}.{suffix}",
                label=f"a cap of 0.001 passed off as 2 ({problem.name})",
                setting=line(problem, capped(2.0), 30, capped(0.001)),
            )
            yield Control(
                claim_id=f"{part}.{suffix}",
                label=f"targets 0.5 too high, T = 401 ({problem.name})",
                setting=told(line(problem, capped(cap), 401), Target(0.5)),
            )
        yield _uncapped(f"{part}.smooth", capped(0.1), free)
        yield Control(
            claim_id=f"{part}.tuned",
            label="bound one percent lower (LINF)",
            setting=line(instances.linf(16), capped(2.0), 16),
            sharpen=0.99,
        )
        low = replace(line(noisy("squared"), capped(0.05), 6), target=Target(-0.5))
        yield Control(
            claim_id="sps.capped.ball",
            label=f"eps forgotten in the bound (squared), {capped(0.05).name}",
            setting=low,
            change=_no_error,
        )
        yield Control(
            claim_id="sps.capped.ball",
            label=f"no cap (squared), {free.name}",
            setting=replace(low, actual_method=free),
        )
        yield Control(
            claim_id="sps.capped.ball",
            label=f"D ten percent too small (squared), {capped(0.05).name}",
            setting=shrunk(low),
        )


def _uncapped(claim_id: str, method: Method, free: Method) -> Control:
    """Without its cap, a run told too little is thrown about."""
    return Control(
        claim_id=claim_id,
        label="no cap where targets are 0.1 too low, T = 3000 (x^2/2)",
        setting=replace(line(instances.parabola(), method, 3000, free), target=LOW),
    )


def _sum_only(claim: Claim) -> Claim:
    """The constants of f for those of a batch: the variance forgotten."""
    bound = claim.bound
    return replace(
        claim,
        bound=lambda c, t: bound(replace(c, G=c.G_f, A=2.0 * c.L_f, L=c.L_f), t),
    )


def _batches() -> Iterator[Control]:
    """The variance of a batch cannot be left out."""
    for suffix, problem in (
        ("lipschitz", instances.sparse_abs(0.1)),
        ("smooth", instances.sparse_quad(0.1)),
        ("sharp", instances.sparse_quad(0.1)),
    ):
        pair = replace(line(problem, SPS_STAR, 7), batch=Batch(2))
        yield Control(
            claim_id=f"sps.batch.{suffix}",
            label=f"constants of f for those of pairs ({problem.name})",
            setting=pair,
            change=_sum_only,
        )


def _metrics() -> Iterator[Control]:
    """Metrics change norms, not what a wrong target does."""
    row = instances.absolute_row()
    for claim_id, method in (
        ("sps.precond.fixed", SPS_STAR),
        ("iam.precond.fixed", IAM_P),
    ):
        setting = replace(line(row, method, 401), metric=fixed((4.0,)))
        yield Control(
            claim_id=claim_id,
            label="target 0.1 too high, T = 401 (|x|)",
            setting=told(setting, Target(0.1)),
        )
    slowly = shrinking((1.0,), 0.9999)
    for suffix, problem, factor in (
        ("falling", row, 0.9),
        ("falling_smooth", instances.parabola(), 0.45),
    ):
        for part, method in (("sps", SPS_STAR), ("iam", IAM_P)):
            long = replace(line(problem, method, 401), metric=slowly)
            yield Control(
                claim_id=f"{part}.precond.{suffix}",
                label=f"target 0.1 too high, T = 401 ({problem.name})",
                setting=told(long, Target(0.1)),
            )
            yield Control(
                claim_id=f"{part}.precond.{suffix}",
                label=f"bound times {factor:g} ({problem.name})",
                setting=replace(line(problem, method, 2), metric=slowly),
                sharpen=factor,
            )
    for claim_id in ("iam.precond.pathwise", "iam.precond.sum"):
        setting = replace(line(noisy("squared"), IAM_P, 6), metric=adam())
        yield Control(
            claim_id=claim_id,
            label="target 0.05 too low (squared)",
            setting=told(setting, Target(-0.05)),
        )
    yield Control(
        claim_id="iam.precond.nonincreasing",
        label="bound one percent lower (|x|, the identity)",
        setting=replace(line(row, SPS_STAR, 6), metric=fixed((1.0,))),
        sharpen=0.99,
    )
    yield from _growing()


def _growth_unpaid(claim: Claim) -> Claim:
    """The square root of every growth for the growth itself."""

    def quantity(tr: Trace) -> FloatArray:
        halved = {"metric_growth": tr.metric_growth**0.5}
        return claim.quantity(replace(tr, channels={**tr.channels, **halved}))

    return replace(claim, quantity=quantity)


def _growing() -> Iterator[Control]:
    """What a metric gains by growing has to be paid for."""
    claim_id = "iam.precond.multiplicative"
    linf = line(instances.linf(16), SPS_STAR, 16)
    grown = replace(linf, metric=growing((1.0,) * 16, 1.1))
    yield Control(
        claim_id=claim_id,
        label="bound one percent lower (LINF, growing)",
        setting=grown,
        sharpen=0.99,
    )
    yield Control(
        claim_id=claim_id,
        label="the root of the growth for the growth (LINF, growing)",
        setting=grown,
        change=_growth_unpaid,
    )
    rows = replace(line(noisy("l1"), IAM_P, 6), metric=growing((4.0, 0.25), 1.1))
    yield Control(
        claim_id=claim_id,
        label="mean f* for f_xi(x*) (l1, growing)",
        setting=told(rows, POOLED),
    )
    adams = line(instances.split_squares(), SPS_STAR, 6)
    yield Control(
        claim_id=claim_id,
        label="the root of the growth for the growth ((x -+ 1)^2/2, Adam)",
        setting=replace(adams, x0=np.array([0.99]), metric=adam(0.9)),
        change=_growth_unpaid,
    )
