"""Each hypothesis: an instance that fails just it, and a claim that minds."""

from dataclasses import replace
from math import inf

import numpy as np
import pytest

from synthetic import instances
from synthetic.batches import Batch
from synthetic.catalogue.wide import scheduled
from synthetic.desk import Options
from synthetic.families import planted
from synthetic.losses import L1, LOGISTIC, SQUARED
from synthetic.metrics import adam, growing
from synthetic.setting import Setting
from synthetic.verify import judge_setting
from theory import assumptions
from theory.assumptions import Assumption
from theory.claims import POLYAK
from theory.constants import Constants
from theory.judge import Status
from theory.method import (
    IAM_P,
    SPS_STAR,
    Method,
    Target,
    capped_sps,
    iam_k,
)

# A claim is wrong here with probability at most 1e-9, and fewer than 100 are judged.
OPTIONS = Options(seed=0, alpha=1e-9, max_replicas=512)
ALL = {
    name: value
    for name, value in vars(assumptions).items()
    if name.isupper()
    if isinstance(value, Assumption)
}

NOISY = planted(SQUARED, num_components=4, dim=2, noise=1.0, seed=3)
CALM = planted(SQUARED, num_components=3, dim=2, seed=3)
ROUGH = planted(L1, num_components=4, dim=2, noise=1.0, seed=3)
SOFT = planted(LOGISTIC, num_components=4, dim=2, noise=1.0, seed=3)


def on(problem: object, method: Method = SPS_STAR, **more: object) -> Setting:
    values: dict[str, object] = {
        "name": "test",
        "problem": problem,
        "method": method,
        "horizon": 5,
        "x0": np.ones(problem.dim),  # type: ignore[attr-defined]
    }
    return Setting(**(values | more))  # type: ignore[arg-type]


CYCLIC = np.arange(4) % 4

# The assumption, an instance that lacks it, a claim that needs it, one that does not.
LACKING: dict[str, tuple[Setting, str, str | None]] = {
    "CONVEX": (on(instances.log_square()), "sps.fejer.pathwise", None),
    "IID": (on(NOISY, order=CYCLIC), "sps.lipschitz.average", "sps.fejer.pathwise"),
    "LIPSCHITZ_ON_BALL": (
        on(instances.log_square(), target=Target(0.0)),
        "sps.lipschitz.average",
        None,
    ),
    "BOUNDED_ON_BALL": (on(instances.log_square()), "sps.over.bounded", None),
    "GROWTH": (on(instances.log_square()), "sps.master.average", None),
    "SMOOTH": (on(ROUGH), "sps.smooth.sharp", "sps.lipschitz.average"),
    "EXPECTED_SMOOTH": (on(ROUGH), "sps.smooth.expected", "sps.lipschitz.average"),
    "MINIMISER": (
        on(NOISY.with_comparator(NOISY.point + 0.3)),
        "sps.smooth.sigma_local",
        "sps.smooth.sharp",
    ),
    "EXACT_TARGET": (
        on(NOISY, target=Target(0.1)),
        "sps.lipschitz.average",
        "sps.over.lipschitz",
    ),
    "OVERESTIMATE": (
        on(ROUGH, target=Target(-0.1)),
        "sps.over.teacher",
        "sps.under.norm_range",
    ),
    "STRICT_OVERESTIMATE": (on(NOISY), "sps.over.lipschitz", "sps.over.teacher"),
    "AT_LEAST_ONE": (
        on(NOISY, iam_k(0.5)),
        "iam.lipschitz.constant_lambda",
        "iam.fejer",
    ),
    "SLOW_MOMENTUM": (
        on(NOISY, scheduled(2.0, 3.0)),
        "iam.lipschitz.schedule_last",
        "iam.lipschitz.schedule",
    ),
    "RESISTING": (
        on(instances.linf(2), x0=np.array([1.0, 0.5])),
        "sps.lipschitz.minimax",
        "sps.lipschitz.average",
    ),
    "INTERPOLATION": (on(NOISY), "sps.smooth.interp", "sps.smooth.sharp"),
    "SELF_BOUNDING_ONLY": (on(NOISY, IAM_P), "iam.smooth.log_interp", "iam.smooth.log"),
    "QUADRATIC": (
        on(instances.coord_quad(1.0, 1.0), IAM_P),
        "iam.smooth.quadratic_closed_form",
        "iam.smooth.interp",
    ),
    "GROWS_QUADRATICALLY": (on(SOFT), "sps.strong.smooth_noise", "sps.smooth.sharp"),
    "NOISE_SPANS": (on(CALM), "sps.noise_linear", "sps.smooth.interp"),
    "NOISE_LEAKS": (on(CALM), "sps.noise_linear.smooth", "sps.smooth.interp"),
    "UNDERESTIMATE": (on(ROUGH), "sps.under.norm_range", "sps.lipschitz.average"),
    "EQUAL_NORMS": (
        on(ROUGH, target=Target(-0.1)),
        "sps.under.equal_norms",
        "sps.under.norm_range",
    ),
    "NORM_RANGE": (
        on(NOISY, target=Target(-0.1)),
        "sps.under.norm_range",
        None,
    ),
    "CAPPED": (
        on(NOISY, replace(capped_sps(0.5), size=0.0)),
        "sps.capped.lipschitz",
        None,
    ),
    "BATCHED": (on(NOISY), "sps.batch.lipschitz", "sps.lipschitz.average"),
    "SINGLE": (
        on(NOISY, batch=Batch(2)),
        "sps.master.active",
        "sps.batch.lipschitz",
    ),
    "FIXED_METRIC": (
        on(NOISY),
        "sps.precond.fixed",
        "sps.lipschitz.average",
    ),
    "ANY_METRIC": (on(NOISY), "iam.precond.pathwise", "sps.fejer.pathwise"),
    "FALLING_METRIC": (on(NOISY), "sps.precond.falling", "sps.lipschitz.average"),
    "ADAPTIVE_METRIC": (
        on(NOISY, metric=growing((1.0, 1.0), 1.1)),
        "iam.precond.adam_summed",
        "iam.precond.multiplicative",
    ),
    "SHRINKING_METRIC": (
        on(NOISY, metric=adam(0.9)),
        "iam.precond.nonincreasing",
        "iam.precond.pathwise",
    ),
    "POOLED": (on(NOISY), "sps.mean_target", "sps.lipschitz.average"),
}


def judged(setting: Setting, claim_id: str) -> tuple[Status, str]:
    (outcome,) = judge_setting(setting, [POLYAK[claim_id]], OPTIONS)
    return outcome.verdict.status, outcome.verdict.reason


@pytest.mark.parametrize("name", ALL)
def test_a_claim_is_not_applied_where_one_hypothesis_fails(name: str) -> None:
    setting, needy, other = LACKING[name]
    assumption, c = ALL[name], setting.constants()
    assert assumption in POLYAK[needy].assumes
    why = assumption.failure(c)
    assert why is not None
    alone = replace(POLYAK[needy], assumes=(assumption,))
    (outcome,) = judge_setting(setting, [alone], OPTIONS)
    assert outcome.verdict.status is Status.NOT_APPLICABLE
    assert outcome.verdict.reason == f"{assumption.name}: {why}"
    assert judged(setting, needy)[0] is Status.NOT_APPLICABLE
    if other is not None:
        # it fails this hypothesis only, among those of the needy claim
        failing = [a for a in POLYAK[needy].assumes if a.failure(c) is not None]
        assert failing == [assumption]
        assert assumption not in POLYAK[other].assumes
        status, reason = judged(setting, other)
        assert status is Status.HOLDS, reason


def test_every_assumption_is_used_and_has_its_instance() -> None:
    used = {id(a) for claim in POLYAK.values() for a in claim.assumes}
    assert used == {id(a) for a in ALL.values()}
    assert set(LACKING) == set(ALL)


C = on(NOISY).constants()

EDGES: dict[str, list[tuple[Constants, bool]]] = {
    "CONVEX": [(C, True), (replace(C, convex=False), False)],
    "IID": [(C, True), (replace(C, iid=False), False)],
    "LIPSCHITZ_ON_BALL": [(replace(C, G_max=inf), True), (replace(C, G=inf), False)],
    "BOUNDED_ON_BALL": [(replace(C, G=inf), True), (replace(C, G_max=inf), False)],
    "GROWTH": [
        (C, True),
        (replace(C, A=inf), False),
        (replace(C, B=inf), False),
    ],
    "SMOOTH": [(C, True), (replace(C, L=inf), False)],
    "EXPECTED_SMOOTH": [(C, True), (replace(C, L_expected=inf), False)],
    "MINIMISER": [
        (replace(C, value_u=-9.0, minimiser_gap=1e-8), True),
        (replace(C, value_u=-8.9, minimiser_gap=1e-8), False),
        (replace(C, minimiser_gap=inf), False),
    ],
    "EXACT_TARGET": [
        (C, True),
        (replace(C, error_min=-1e-300), False),
        (replace(C, error_max=1e-300), False),
    ],
    "OVERESTIMATE": [
        (C, True),
        (replace(C, error_max=1.0), True),
        (replace(C, error_min=-1e-300), False),
    ],
    "STRICT_OVERESTIMATE": [
        (C, False),
        (replace(C, error_max=1e-300), True),
        (replace(C, error_min=-1.0, error_max=1.0), False),
    ],
    "AT_LEAST_ONE": [(replace(C, lam=1.0), True), (replace(C, lam=0.999), False)],
    "SLOW_MOMENTUM": [
        (replace(C, momentum_slope=1.0, momentum_intercept=9.0), True),
        (replace(C, momentum_slope=1.001), False),
    ],
    "RESISTING": [(replace(C, resisting=True), True), (C, False)],
    "INTERPOLATION": [
        (replace(C, sigma=0.0), True),
        (replace(C, G=9.0, sigma=0.99e-11), True),
        (replace(C, G=9.0, sigma=1.01e-11), False),
    ],
    "SELF_BOUNDING_ONLY": [
        (replace(C, B=0.0), True),
        (replace(C, A=2.0, D=2.0, B=0.99e-23), True),
        (replace(C, A=2.0, D=2.0, B=1.01e-23), False),
    ],
    "QUADRATIC": [(replace(C, quadratic=True), True), (C, False)],
    "GROWS_QUADRATICALLY": [(replace(C, mu=1e-300), True), (replace(C, mu=0.0), False)],
    "NOISE_SPANS": [(replace(C, q=1e-300), True), (replace(C, q=0.0), False)],
    "NOISE_LEAKS": [(replace(C, kappa=1e-300), True), (replace(C, kappa=0.0), False)],
    "UNDERESTIMATE": [
        (C, False),
        (replace(C, error_min=-1e-300), True),
        (replace(C, error_min=-1.0, error_max=1e-300), False),
    ],
    "EQUAL_NORMS": [
        (replace(C, G_min=1.0, G_max=1.0), True),
        (replace(C, G_min=1.0 - 0.9e-12, G_max=1.0), True),
        (replace(C, G_min=1.0 - 1.1e-12, G_max=1.0), False),
        (replace(C, G_min=0.0, G_max=0.0), False),
    ],
    "NORM_RANGE": [
        (replace(C, G_min=1e-300), True),
        (replace(C, G_min=0.0), False),
        (replace(C, G_min=1.0, G_max=inf), False),
    ],
    "CAPPED": [
        (replace(C, cap=1e-300), True),
        (replace(C, cap=0.0), False),
        (replace(C, cap=inf), False),
    ],
    "BATCHED": [(replace(C, batch=2), True), (replace(C, batch=1), False)],
    "SINGLE": [(replace(C, batch=1), True), (replace(C, batch=2), False)],
    "FIXED_METRIC": [
        (replace(C, preconditioner=kind), kind == "fixed")
        for kind in ("none", "fixed", "nonincreasing", "growing", "any")
    ],
    "ANY_METRIC": [
        (replace(C, preconditioner=kind), kind != "none")
        for kind in ("none", "fixed", "nonincreasing", "growing", "any")
    ],
    "FALLING_METRIC": [
        (replace(C, preconditioner=kind), kind == "nonincreasing")
        for kind in ("none", "fixed", "nonincreasing", "growing", "any")
    ],
    "ADAPTIVE_METRIC": [
        (replace(C, preconditioner=kind), kind == "any")
        for kind in ("none", "fixed", "nonincreasing", "growing", "any")
    ],
    "SHRINKING_METRIC": [
        (replace(C, preconditioner=kind), kind in {"fixed", "nonincreasing"})
        for kind in ("none", "fixed", "nonincreasing", "growing", "any")
    ],
    "POOLED": [
        (replace(C, pooled=True, error_max=1.0), True),
        (replace(C, pooled=True), False),
        (replace(C, error_max=1.0), False),
    ],
}


@pytest.mark.parametrize("name", ALL)
def test_a_hypothesis_ends_where_it_says(name: str) -> None:
    for c, meets in EDGES[name]:
        assert (ALL[name].failure(c) is None) == meets, c
