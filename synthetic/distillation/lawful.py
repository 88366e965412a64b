"""Controls on configurations that meet every hypothesis of the claim.

A control is judged everywhere, so a bench with other configurations would be refuted by
those of which the claim never spoke.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from synthetic.distillation import catalogue, instances
from synthetic.distillation.evidence import meeting
from synthetic.distillation.setting import Bench
from theory.claim import Claim
from theory.distillation import DistillationConstants, Variant

Change = Callable[[DistillationConstants], DistillationConstants]


def lawful(bench: Bench, claim: Claim) -> Bench:
    """The configurations that meet every hypothesis."""
    keep = meeting(claim, bench.constants())
    split = bench.split
    if split is not None:
        split = split.select(keep)
    return replace(
        bench,
        start=bench.start[keep],
        teacher=bench.teacher[keep],
        weight=bench.weight[keep],
        step=bench.step[keep],
        labels=tuple(
            label for label, kept in zip(bench.labels, keep, strict=False) if kept
        ),
        split=split,
    )


def sharper() -> Iterator[tuple[str, float, Bench]]:
    """Claims, factors below what is attained on the bench, and the bench."""
    iso, ill, hot, skew = (
        catalogue.grid(family(), Variant.BIASED, 9)
        for family in (
            instances.iso,
            instances.ill,
            instances.onehot,
            instances.skew,
        )
    )
    yield "kd.sqc.min_form", 0.7, iso
    yield "kd.pl.min_form", 0.49, iso
    yield "kd.ls.beats_both", 0.99, ill
    yield "kd.ls.min_law", 0.99, ill
    yield "kd.ls.safe_lambda", 0.99, ill
    yield "kd.lambda_star_excess", 0.26, hot
    yield "kd.lambda_star_excess_gap", 0.24, hot
    yield "kd.sc.shifted", 0.7, skew
    yield "kd.sc.shifted_star", 0.99, skew
    for family, claim_id in (
        (instances.gauss, "kd.sqc.independent"),
        (instances.onehot, "kd.pl.independent"),
    ):
        yield claim_id, 0.98, catalogue.grid(family(), Variant.INDEPENDENT, 9)
    steps = catalogue.probes(instances.ill(), Variant.BIASED, 300, seed=101)
    yield "kd.sqc.master", 0.99, steps
    yield "kd.sqc.small_steps", 0.74, steps
    yield "kd.pl.small_steps", 0.49, steps
    steps = catalogue.probes(instances.iso(), Variant.BIASED, 300, seed=104)
    yield "kd.pl.master", 0.97, steps
    yield "kd.pl.neighbourhood_simple", 0.7, steps
    steps = catalogue.probes(instances.ridge(), Variant.UNBIASED, 300, seed=103)
    yield "kd.unbiased.sqc_min_form", 0.6, steps
    yield "kd.unbiased.pl_min_form", 0.4, steps


def misled() -> Iterator[tuple[str, str, Change]]:
    """Claims that stand below something, with numbers that are wrong."""
    yield "kd.ls.lambda_opt_gap", "2 F for F", lambda c: replace(c, F=2.0 * c.F)
    yield "kd.ls.no_more_than_half", "3 V for V", lambda c: replace(c, V=3.0 * c.V)
    yield "kd.ls.min_law_below", "9 S2 for S2", lambda c: replace(c, S2=9.0 * c.S2)
    yield "kd.ls.small_steps", "no S2", lambda c: replace(c, S2=0.0)
    yield (
        "kd.ls.unbiased_best",
        "no mixed form",
        lambda c: replace(c, V_cross=0.0 * c.V_cross),
    )
    yield (
        "kd.teacher_quality",
        "the nearest teacher called the worst",
        lambda c: replace(c, teacher_dist_sq=-c.teacher_dist_sq),
    )
    yield (
        "kd.teacher_quality_gap",
        "the best teacher called the worst",
        lambda c: replace(c, teacher_gap=-c.teacher_gap),
    )
