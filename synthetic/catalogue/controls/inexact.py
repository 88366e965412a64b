"""What the claims on overestimated targets must refute: section 11."""

from __future__ import annotations

from collections.abc import Iterator

from synthetic import instances
from synthetic.catalogue.controls.common import (
    line,
    misled,
    noisy,
)
from synthetic.catalogue.entry import Control
from theory.method import (
    IAM_P,
    SPS_STAR,
    Target,
)


def _inexact() -> Iterator[Control]:
    """Section 11: the floor has to be paid for, and errors may not be negative."""
    over = Target(0.1)
    for claim_id, method in (
        ("sps.over.fejer", SPS_STAR),
        ("sps.over.fejer_sharp", SPS_STAR),
        ("iam.over.fejer", IAM_P),
        ("iam.over.fejer_sharp", IAM_P),
    ):
        for name in ("squared", "l1", "logistic"):
            yield Control(
                claim_id=claim_id,
                label=f"targets lower than declared ({name})",
                setting=misled(line(noisy(name), method, 6), over, Target(-0.5)),
            )
    yield Control(
        claim_id="sps.over.ball",
        label="targets below f_xi(x*) (squared)",
        setting=misled(line(noisy("squared"), SPS_STAR, 6), over, Target(-1.0)),
    )
    rates = (
        ("sps.over.lipschitz", SPS_STAR, instances.absolute()),
        ("sps.over.master", SPS_STAR, instances.parabola()),
        ("sps.over.smooth", SPS_STAR, instances.parabola()),
        ("sps.over.bounded", SPS_STAR, instances.absolute()),
        ("sps.over.teacher", SPS_STAR, instances.absolute()),
        ("iam.over.lipschitz", IAM_P, instances.absolute()),
        ("iam.over.lipschitz_bregman", IAM_P, instances.absolute()),
        ("iam.over.smooth", IAM_P, instances.parabola()),
        ("iam.over.smooth_bregman", IAM_P, instances.parabola()),
        ("iam.over.teacher", IAM_P, instances.absolute()),
    )
    for claim_id, method, problem in rates:
        yield Control(
            claim_id=claim_id,
            label=f"a floor of 0.01 claimed where it is 0.2 ({problem.name})",
            setting=misled(line(problem, method, 401), Target(0.01), Target(0.2)),
        )


def controls() -> Iterator[Control]:
    """All of this part."""
    yield from _inexact()
