"""Samples of distillation: the kernel takes NumPy's steps, sure ranges are sure."""

from dataclasses import replace

import numpy as np
import pytest

from synthetic.distillation import (
    instances,
    numbers,
    sampled,
)
from synthetic.distillation.catalogue import graded_bench, probes
from synthetic.distillation.rule import WRONG_SIGN, Rule
from theory.distillation import Variant


@pytest.mark.parametrize("variant", [Variant.BIASED, Variant.UNBIASED])
@pytest.mark.parametrize("rule", [None, WRONG_SIGN])
def test_the_kernel_takes_the_steps_of_numpy(
    variant: Variant, rule: Rule | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = replace(graded_bench(instances.logit(), variant, 20, "kernel"), rule=rule)
    times = np.array([0, 1, 3, 19])
    for case in (7, 13):
        fast = sampled.sample(bench, case, 11, range(3, 40), times)
        with monkeypatch.context() as patch:
            patch.setattr(sampled, "_has_kernel", lambda _: False)
            slow = sampled.sample(bench, case, 11, range(3, 40), times)
        assert np.ptp(slow["dist_sq"][:, -1]) > 0  # paths differ
        for name, values in slow.items():
            np.testing.assert_allclose(fast[name], values, rtol=1e-9, atol=1e-14)


def test_independent_teachers_and_batches_have_no_kernel() -> None:
    for family, variant, has in (
        (instances.logit, Variant.BIASED, True),
        (instances.logit, Variant.INDEPENDENT, False),
        (instances.logit_batches, Variant.BIASED, False),
        (instances.log_waves, Variant.BIASED, False),
    ):
        bench = graded_bench(family(), variant, 3, "kernel")
        assert sampled._has_kernel(bench) is has


EVERY_FAMILY = (
    instances.gauss,
    instances.ridge,
    instances.onehot,
    instances.logit,
    instances.logit_batches,
    instances.log_waves,
    instances.sine_waves,
)


@pytest.mark.parametrize("family", EVERY_FAMILY)
@pytest.mark.parametrize("variant", Variant)
def test_sure_ranges_hold_for_the_worst_draws(family: type, variant: Variant) -> None:
    bench = probes(family(), variant, 40, seed=2)
    bench = replace(bench, horizon=9)
    problem, rule = bench.problem, bench.actual
    limits = sampled.reach(bench)
    assert limits.shape == (40, 9)
    h = problem.gradients(bench.teacher)
    g = problem.gradient(bench.teacher)
    x, rows = bench.start, np.arange(40)
    for t in range(9):
        far = np.sqrt(numbers.square(x - problem.star))
        assert np.all(far <= limits[:, t] * (1 + 1e-12) + 1e-15)
        # a greedy adversary draws the component (and the teacher's) that lead farthest
        pull = rule.own(bench.weight)[:, None, None] * problem.gradients(x)
        pull = pull + rule.same(bench.weight)[:, None, None] * h
        pull = pull + (rule.mean(bench.weight)[:, None] * g)[:, None]
        if any(rule.independent):
            other = (rule.independent(bench.weight)[:, None, None] * h)[:, None]
            pull = (pull[:, :, None] + other).reshape(40, -1, problem.dim)
        after = x[:, None] - bench.step[:, None, None] * pull
        x = after[rows, numbers.square(after - problem.star).argmax(axis=1)]


@pytest.mark.parametrize("family", [instances.log_waves, instances.sine_waves])
@pytest.mark.parametrize("sign", [-1.0, 1.0])
def test_drift_is_a_bound_for_steps_of_both_signs(family: type, sign: float) -> None:
    problem = family()
    step = sign * np.array([0.01, 0.1, 0.5, 3.0]) / problem.L
    rate, extra = problem.drift(step)
    x = np.random.default_rng(4).standard_normal((4000, 2)) * 5.0
    length = np.sqrt(numbers.square(x))
    inner = problem.gradients(x) - problem.at_star
    for k, gamma in enumerate(step):
        after = np.sqrt(numbers.square(x[:, None] - gamma * inner)).max(axis=1)
        # steps of one sign share a rate: what is asked is that each is covered
        assert np.all(after <= (rate[k] * length + extra[k]) * (1 + 1e-12))
