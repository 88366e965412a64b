"""What the pathwise claims must refute."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from synthetic import instances, mutants
from synthetic.catalogue.controls.common import (
    OFF_BY_ONE,
    line,
    noisy,
    shrunk,
    told,
)
from synthetic.catalogue.entry import Control
from synthetic.families import computed, planted
from synthetic.losses import CERTIFIED, L1, LOGISTIC
from synthetic.problems.glm import GLM
from theory.method import (
    IAM_C,
    IAM_P,
    POOLED,
    SPS_STAR,
    Target,
    iam_k,
    sgd,
)


def crowded() -> tuple[GLM, GLM]:
    """Problems with many rows, where a sample can pull away from u past its kink."""
    return (
        planted(L1, num_components=40, dim=8, noise=1.0, seed=1),
        computed(LOGISTIC, num_components=40, dim=8, ridge=0.1, seed=2),
    )


def _fejer() -> Iterator[Control]:
    """Claims 1 and 6: what the pathwise inequality sees (and 1.9 times the step)."""
    for claim_id, method in (("sps.fejer.pathwise", SPS_STAR), ("iam.fejer", IAM_P)):
        for name in CERTIFIED:
            setting = line(noisy(name), method, 6)
            problem = setting.problem
            step = sgd(1.0 / problem.ball(setting.distance).lipschitz.max())
            wrong = (
                ("mean f* for f_xi(x*)", {"actual_target": POOLED}),
                ("target 0.05 too low", {"actual_target": Target(-0.05)}),
                ("target 0.05 too high", {"actual_target": Target(0.05)}),
                ("constant step", {"actual_method": step}),
            )
            for label, change in wrong:
                yield Control(
                    claim_id=claim_id,
                    label=f"{label} ({name})",
                    setting=replace(setting, **change),
                )
        for problem in (noisy("squared"), *crowded()):
            yield Control(
                claim_id=claim_id,
                label=f"no positive part ({problem.name})",
                setting=line(problem, method, 60, mutants.unclipped(method)),
            )
        yield Control(
            claim_id=claim_id,
            label="1.9 times the step (|x|)",
            setting=line(instances.absolute(), method, 4, mutants.scaled(method, 1.9)),
        )
        for problem, start in (
            (instances.sqrt_abs(), 1.0),
            (instances.log_square(), 3),
        ):
            yield Control(
                claim_id=claim_id,
                label=f"nonconvex {problem.name}",
                setting=replace(line(problem, method, 6), x0=np.array([float(start)])),
            )
    for name in CERTIFIED:
        yield Control(
            claim_id="iam.fejer",
            label=f"<g, z - x> forgotten ({name})",
            setting=line(noisy(name), IAM_P, 6, mutants.forgetful(IAM_P)),
        )


def _balls() -> Iterator[Control]:
    """A radius below ||x_0 - u||; and the sums of progress that need all of D^2."""
    for claim_id, method in (("sps.ball", SPS_STAR), ("iam.ball", IAM_P)):
        yield Control(
            claim_id=claim_id,
            label="D ten percent too small",
            setting=shrunk(line(noisy("squared"), method, 4)),
        )
        setting = line(noisy("squared"), method, 6)
        yield Control(
            claim_id=claim_id,
            label="target 0.5 too low, seen at t >= 1",
            setting=told(setting, Target(-0.5)),
        )
    for claim_id, method in (("sps.fejer.sum", SPS_STAR), ("iam.fejer.sum", IAM_P)):
        yield Control(
            claim_id=claim_id,
            label="bound one percent lower (|x|)",
            setting=line(instances.absolute(), method, 4),
            sharpen=0.99,
        )
        yield Control(
            claim_id=claim_id,
            label="mean f* for f_xi(x*) (l1)",
            setting=told(line(noisy("l1"), method, 6), POOLED),
        )


def _identity() -> Iterator[Control]:
    """Claim 7: the cheap detector of a wrong lambda, and the direct check."""
    problem = noisy("squared")
    wrong = (
        (IAM_P, OFF_BY_ONE),
        (IAM_P, IAM_C),
        (IAM_C, IAM_P),
        (IAM_P, iam_k(9.0)),
        (iam_k(9.0), IAM_P),
    )
    for method, actual in wrong:
        label = f"{actual.name} passed off as {method.name}"
        setting = line(problem, method, 6, actual)
        yield Control(claim_id="iam.identity", label=label, setting=setting)
        if method in {IAM_P, IAM_C}:
            yield Control(claim_id="iam.averaging", label=label, setting=setting)


def controls() -> Iterator[Control]:
    """All of this part."""
    yield from _fejer()
    yield from _balls()
    yield from _identity()
