"""Engines and claims on settings where a torch optimiser takes the steps."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from gpt2_demo.optim import IAM, SPSStar
from synthetic.catalogue import polyak_settings
from synthetic.desk import Options
from synthetic.engines.simulate import simulate
from synthetic.metrics import Metric
from synthetic.setting import Setting
from synthetic.verify import judge_setting, plan
from tests.optimiser_runs import ADAM, BY, DIM, LOSSES, draws, iam_adam, problem
from theory import claims as registry, schedules
from theory.evidence import Engine
from theory.judge import Status
from theory.method import IAM_C, IAM_P, SPS_STAR, Method, capped_iam, iam_k

METHODS: dict[str, tuple[Method, Callable[[Any], Any]]] = {
    "SPS*": (SPS_STAR, SPSStar),
    "IAM-P": (IAM_P, lambda p: IAM(p, lam="t")),
    "IAM-C": (IAM_C, lambda p: IAM(p, lam=schedules.C_CONVENTION)),
    "IAM-9": (iam_k(9.0), IAM),
    "capped": (capped_iam(0.05), lambda p: IAM(p, lam="t", cap=0.05)),
}
CHANNELS = frozenset(
    {"gap", "dual_gap", "dist_sq", "point_dist_sq", "numerator", "grad_norm_sq"}
)


def setting(method: Method, loss: str = "squared", **rest: Any) -> Setting:
    return Setting(
        name="torch",
        problem=problem(loss),
        method=method,
        x0=np.zeros(DIM),
        horizon=25,
        **rest,
    )


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("name", METHODS)
def test_the_engine_records_the_same_of_both(name: str, loss: str) -> None:
    method, make = METHODS[name]
    by_formulas = setting(method, loss)
    drawn = draws(problem(loss), 24)[:, None]
    wanted = simulate(by_formulas, drawn, channels=CHANNELS)
    by_torch = replace(by_formulas, optimiser=make)
    found = simulate(by_torch, drawn, channels=CHANNELS)
    for channel in CHANNELS:
        np.testing.assert_allclose(
            getattr(found, channel), getattr(wanted, channel), rtol=BY, atol=BY
        )


JUDGED = {
    "SPS*": {"sps.fejer.pathwise", "sps.fejer.sum", "sps.ball"},
    "IAM-P": {"iam.fejer", "iam.fejer.sum", "iam.ball", "iam.identity"},
    "IAM-C": {"iam.fejer", "iam.identity"},
    "IAM-9": {"iam.fejer", "iam.identity"},
}


def verdicts(of: Setting, ids: set[str]) -> dict[str, Status]:
    chosen = [registry.get(claim_id) for claim_id in sorted(ids)]
    outcomes = judge_setting(of, chosen, Options())
    return {one.claim_id: one.verdict.status for one in outcomes}


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("name", JUDGED)
def test_claims_hold_of_the_optimiser(name: str, loss: str) -> None:
    method, make = METHODS[name]
    found = verdicts(setting(method, loss, optimiser=make), JUDGED[name])
    assert found == dict.fromkeys(JUDGED[name], Status.HOLDS)


METRIC_CLAIMS = {"iam.precond.pathwise", "iam.precond.sum"}


def by_adam(make: Callable[[Any], Any], metric: Metric = ADAM) -> Setting:
    return setting(IAM_P, "logistic", metric=metric, optimiser=make)


def test_claims_on_metrics_hold_of_iam_adam() -> None:
    """The metric of the claim is `synthetic`'s, computed from the gradients alone."""
    found = verdicts(by_adam(iam_adam), METRIC_CLAIMS)
    assert found == dict.fromkeys(METRIC_CLAIMS, Status.HOLDS)


def test_a_rate_in_expectation_is_judged_on_the_exact_tree() -> None:
    _, make = METHODS["IAM-P"]
    of = problem("l1")
    few = replace(
        of,
        weights=np.full(2, 0.5),
        features=of.features[[0, 6]],
        target=of.target[[0, 6]],
    )
    small = Setting(
        name="small tree",
        problem=few,
        method=IAM_P,
        x0=np.zeros(DIM),
        horizon=7,
        optimiser=make,
    )
    outcome = judge_setting(small, [registry.get("iam.lipschitz.last")], Options())
    assert outcome[0].verdict.status is Status.HOLDS
    assert "all 64 paths" in outcome[0].verdict.reason


class TooLong:
    """An optimiser whose step is 2.5 eta."""

    def __init__(self, params: Any) -> None:
        self.inner = IAM(params, lam="t")
        self.state = self.inner.state

    def step(self, **options: float) -> None:
        (x,) = self.inner.param_groups[0]["params"]
        before = self.state.get(x, {}).get("z", x).detach().clone()
        self.inner.step(**options)
        self.state[x]["z"].add_(self.state[x]["z"] - before, alpha=1.5)


def test_a_wrong_optimiser_is_refuted_by_the_claims() -> None:
    wrong = setting(IAM_P, "squared", optimiser=TooLong)
    (outcome,) = judge_setting(wrong, [registry.get("iam.fejer")], Options())
    assert outcome.verdict.status is Status.REFUTED
    assert outcome.verdict.reason.endswith("in floats only, as the steps are torch's.")
    _, constant = METHODS["IAM-9"]
    other = setting(IAM_P, "squared", optimiser=constant)
    assert verdicts(other, {"iam.averaging"}) == {"iam.averaging": Status.REFUTED}
    plain = by_adam(lambda p: IAM(p, lam="t"))
    refuted = {"iam.precond.pathwise": Status.REFUTED}
    assert verdicts(plain, {"iam.precond.pathwise"}) == refuted


def test_nothing_but_runs_along_paths_judges_an_optimiser() -> None:
    """A closed form or the compiled kernel would judge the formulas in its place."""
    _, make = METHODS["IAM-P"]
    rate = registry.get("iam.lipschitz.last")
    (found,) = judge_setting(setting(IAM_P, optimiser=make), [rate], Options())
    assert found.verdict.status is Status.NOT_APPLICABLE
    known = [one for one in polyak_settings() if one.closed and one.method == IAM_P]
    assert known
    for one in known:
        assert plan(rate, one) is Engine.CLOSED
        assert plan(rate, replace(one, optimiser=make)) in {None, Engine.TREE}
