"""Which settings the compiled engine takes, and that nothing else changes by it."""

from dataclasses import fields, replace

import numpy as np
import pytest

from synthetic import instances, mutants
from synthetic.batches import SINGLE, Batch
from synthetic.catalogue import polyak_settings
from synthetic.engines import compiled, montecarlo
from synthetic.engines.montecarlo import Budget
from synthetic.families import planted
from synthetic.losses import HINGE, HUBER, LOGISTIC, POISSON, Loss
from synthetic.metrics import adam
from synthetic.problems.glm import GLM
from synthetic.setting import Setting
from theory.claims import get
from theory.method import IAM_P, SPS_STAR, Method, Target, sgd
from theory.trace import Trace


def setting_of(loss: Loss, method: Method = IAM_P) -> Setting:
    return Setting(
        name="test",
        problem=planted(loss, num_components=12, dim=5, noise=0.5, seed=3),
        method=method,
        x0=np.zeros(5),
        horizon=30,
    )


def test_supports_what_the_kernel_knows_and_nothing_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    good = setting_of(POISSON)
    assert compiled.supports(good)
    for wrong in (
        mutants.unclipped(IAM_P),
        mutants.forgetful(IAM_P),
        mutants.scaled(IAM_P, 2.0),
    ):
        assert not compiled.supports(replace(good, actual_method=wrong))
        assert not compiled.supports(replace(good, method=wrong))
    assert compiled.supports(replace(good, actual_method=sgd(1.0)))
    assert not compiled.supports(replace(good, order=np.zeros(29, dtype=np.int64)))
    assert not compiled.supports(replace(good, batch=Batch(2)))
    assert not compiled.supports(replace(good, metric=adam()))
    assert not compiled.supports(replace(good, optimiser=lambda params: params))
    for unknown in (instances.linf(3), instances.sqrt_abs()):
        other = replace(good, problem=unknown, x0=np.ones(unknown.dim))
        assert not compiled.supports(other)
    problem = setting_of(HINGE).problem
    assert isinstance(problem, GLM)
    altered = replace(problem, loss=replace(HINGE, value=HUBER.value))
    assert not compiled.supports(replace(good, problem=altered))
    monkeypatch.setattr(compiled, "find_spec", lambda name: None)
    assert not compiled.supports(good)


def test_a_field_that_the_kernel_has_not_heard_of_is_noticed() -> None:
    """Whoever adds one decides what `supports` says of it, then adds it here."""
    known = {
        Setting: "name problem method x0 horizon target actual_method actual_target"
        " order closed radius batch metric known optimiser reach",
        Method: "name rule schedule size step",
        Target: "shift pooled",
        GLM: "name weights minimiser convex witness resisting features target loss"
        " ridge center",
    }
    for kind, names in known.items():
        assert {field.name for field in fields(kind)} == set(names.split()), kind


def test_most_sampled_settings_are_compiled() -> None:
    glm = [s for s in polyak_settings() if type(s.problem) is GLM]
    plain = [
        s for s in glm if s.batch == SINGLE and s.metric is None and s.order is None
    ]
    assert len(plain) > 100
    assert all(compiled.supports(setting) for setting in plain)


def test_monte_carlo_judges_alike_with_and_without_the_kernel(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    setting = setting_of(LOGISTIC, SPS_STAR)
    claims = [get("sps.lipschitz.average"), get("sps.lipschitz.iterate")]
    c, budget = setting.constants(), Budget(3, 1e-6, 512)
    calls: list[range] = []
    sample = compiled.sample

    def counted(setting: Setting, *, replicas: range, **more: object) -> Trace:
        calls.append(replicas)
        return sample(setting, replicas=replicas, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(compiled, "sample", counted)
    fast = montecarlo.run(setting, claims, c, budget)
    assert calls
    monkeypatch.setattr(compiled, "supports", lambda setting: False)
    num_calls = len(calls)
    slow = montecarlo.run(setting, claims, c, budget)
    assert len(calls) == num_calls
    for key, verdict in slow.items():
        mine, other = fast[key].evidence, verdict.evidence
        assert mine is not None
        assert other is not None
        assert fast[key].status is verdict.status
        # the same samples up to 1e-13, and limits that bend no more than they do
        np.testing.assert_allclose(mine.lower, other.lower, rtol=0, atol=1e-9)
        np.testing.assert_allclose(mine.upper, other.upper, rtol=0, atol=1e-9)
