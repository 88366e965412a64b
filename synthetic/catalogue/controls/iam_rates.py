"""What the last-iterate rates of IAM must refute: section 8."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from synthetic import instances
from synthetic.catalogue.controls.common import (
    HALVED,
    OFF_BY_ONE,
    OFF_BY_TWO,
    in_order,
    line,
    mean_lipschitz,
    seen_by_rates,
    shrunk,
    told,
    wedge,
)
from synthetic.catalogue.entry import Control
from synthetic.catalogue.wide import AHEAD, FAST, HALF
from theory.claim import Claim
from theory.method import (
    IAM_C,
    IAM_P,
    SPS_STAR,
    Target,
    iam_k,
)


def _last_iterates() -> Iterator[Control]:
    """Claim 8 and its conventions."""
    linf = line(instances.linf(16), IAM_P, 16)
    magic = float(np.rad2deg(np.arccos(1 / np.sqrt(3))))
    for claim_id in ("iam.lipschitz.last", "iam.lipschitz.last_bregman"):
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
        wedges = (
            (35.2, OFF_BY_ONE),
            (24.0, OFF_BY_TWO),
            (49.7, HALVED),
            (magic, IAM_C),
            (magic, SPS_STAR),
        )
        for degrees, actual in wedges:
            yield Control(
                claim_id=claim_id,
                label=f"{actual.name} (WEDGE({degrees:.1f}))",
                setting=wedge(degrees, IAM_P, 2, actual),
            )
        for actual in (iam_k(9.0), OFF_BY_TWO):
            yield Control(
                claim_id=claim_id,
                label=f"{actual.name} (|x|)",
                setting=line(instances.absolute(), IAM_P, 8, actual),
            )
    for label, setting in seen_by_rates(IAM_P):
        yield Control(claim_id="iam.lipschitz.last", label=label, setting=setting)
    cyclic = in_order(line(instances.sparse_abs(0.5), IAM_P, 4), [1, 1, 1])
    floor = told(line(instances.absolute(), IAM_P, 401), Target(0.1))
    yield Control(
        claim_id="iam.lipschitz.last",
        label="target 0.1 too high, T = 401 (|x|)",
        setting=floor,
    )
    for p, horizon in ((0.5, 4), (0.1, 12)):
        yield Control(
            claim_id="iam.lipschitz.last",
            label=f"(E G_xi)^2 for E G_xi^2 (SPARSE-ABS({p:g}))",
            setting=line(instances.sparse_abs(p), IAM_P, horizon),
            change=mean_lipschitz,
        )
    yield Control(
        claim_id="iam.lipschitz.last",
        label="a cyclic order of draws",
        setting=cyclic,
    )
    yield from _other_conventions()


def _other_conventions() -> Iterator[Control]:
    """Conventions C and K against the bounds that are their own."""
    for suffix, method, factor in (
        ("last_c_convention", IAM_C, 0.96),
        ("last_c_gap", IAM_C, 0.96),
        ("last_c_sharp", IAM_C, 0.99),
        ("constant_lambda", iam_k(9.0), 0.99),
        ("constant_lambda_bregman", iam_k(9.0), 0.99),
    ):
        yield Control(
            claim_id=f"iam.lipschitz.{suffix}",
            label=f"bound times {factor:g} (LINF)",
            setting=line(instances.linf(16), method, 16),
            sharpen=factor,
        )
    for suffix in ("last_c_convention", "last_c_gap", "last_c_sharp"):
        yield Control(
            claim_id=f"iam.lipschitz.{suffix}",
            label="constant lambda = 9 (|x|)",
            setting=line(instances.absolute(), IAM_C, 8, iam_k(9.0)),
        )
    for suffix in ("constant_lambda", "constant_lambda_bregman"):
        yield Control(
            claim_id=f"iam.lipschitz.{suffix}",
            label="lambda = 99 passed off as 9 (|x|)",
            setting=line(instances.absolute(), iam_k(9.0), 40, iam_k(99.0)),
        )


def _free_start(claim: Claim) -> Claim:
    """The first gap left out where lambda_1 > 1."""
    return replace(claim, quantity=lambda tr: claim.quantity(replace(tr, gap0=0.0)))


def _schedules() -> Iterator[Control]:
    """Schedules passed off as others, where the weighted mean can see them."""
    parts = (
        ("iam.lipschitz.schedule", (HALF, AHEAD)),
        ("iam.lipschitz.schedule_last", (AHEAD, IAM_P)),
    )
    for claim_id, methods in parts:
        for method in methods:
            linf = line(instances.linf(16), method, 16)
            yield Control(
                claim_id=claim_id,
                label=f"bound one percent lower (LINF), {method.name}",
                setting=linf,
                sharpen=0.99,
            )
            yield Control(
                claim_id=claim_id,
                label=f"D ten percent too small (LINF), {method.name}",
                setting=shrunk(linf),
            )
        for degrees, method, actual in (
            (39.0, HALF, IAM_P),
            (24.0, HALF, AHEAD),
            (54.0, AHEAD, HALF),
            (57.0, AHEAD, IAM_C),
            (39.0, AHEAD, OFF_BY_TWO),
        ):
            if method in methods:
                yield Control(
                    claim_id=claim_id,
                    label=f"{actual.name} for {method.name} (WEDGE({degrees:.0f}))",
                    setting=wedge(degrees, method, 2, actual),
                )
        for actual in (iam_k(9.0), FAST):
            yield Control(
                claim_id=claim_id,
                label=f"{actual.name} for {AHEAD.name} (|x|)",
                setting=line(instances.absolute(), AHEAD, 12, actual),
            )
        yield Control(
            claim_id=claim_id,
            label="target 0.1 too high, T = 401 (|x|)",
            setting=told(line(instances.absolute(), AHEAD, 401), Target(0.1)),
        )
    yield Control(
        claim_id="iam.lipschitz.schedule_last",
        label=f"the first gap not paid for (LINF), {AHEAD.name}",
        setting=line(instances.linf(16), AHEAD, 16),
        change=_free_start,
    )


def controls() -> Iterator[Control]:
    """All of this part."""
    yield from _last_iterates()
    yield from _schedules()
