"""The compiled engine against `simulate`, and against itself put together otherwise."""

from dataclasses import replace
from itertools import pairwise
from typing import Any

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from synthetic.draws import component_draws
from synthetic.engines import compiled
from synthetic.engines.simulate import simulate
from synthetic.families import planted
from synthetic.losses import HUBER, L1, LOGISTIC, LOSSES, SQUARED, Loss
from synthetic.problems.glm import GLM
from synthetic.setting import Setting
from theory import formulas
from theory.method import (
    IAM_C,
    IAM_P,
    POOLED,
    SPS_STAR,
    Method,
    Target,
    capped_iam,
    capped_sps,
    iam_k,
    sgd,
)
from theory.schedules import Schedule
from theory.trace import SAMPLED, Trace

HALF_AND_TWO = Method("IAM(t/2 - 2)", formulas.polyak, Schedule(0.5, -2.0))
METHODS = (
    *(SPS_STAR, IAM_P, IAM_C, iam_k(9.0), HALF_AND_TWO),
    *(sgd(0.01), capped_sps(0.05), capped_iam(0.05)),
)
FIRST = st.integers(0, 2**40)
TIMES = np.array([0, 1, 2, 7, 29])


def setting_of(
    problem: GLM, method: Method = IAM_P, horizon: int = 30, **more: object
) -> Setting:
    return Setting(
        **{  # type: ignore[arg-type]
            "name": "test",
            "problem": problem,
            "method": method,
            "x0": np.zeros(problem.dim),
            "horizon": horizon,
        }
        | more
    )


def problem_of(loss: Loss, ridge: float = 0.0, *, is_uneven: bool = False) -> GLM:
    problem = planted(loss, num_components=12, dim=5, noise=0.5, ridge=ridge, seed=3)
    weights = np.arange(12.0) / 66 if is_uneven else problem.weights
    return replace(problem, weights=weights, center=problem.center + 0.25)


def by_numpy(
    setting: Setting, seed: int, replicas: range, times: np.ndarray = TIMES
) -> Trace:
    weights = setting.problem.weights
    draws = component_draws(
        seed, replicas.start, len(replicas), setting.horizon, weights, len(weights)
    )
    return simulate(setting, draws, channels=SAMPLED, times=times)


def by_kernel(
    setting: Setting,
    seed: int,
    replicas: range,
    times: np.ndarray = TIMES,
    threads: int = 1,
) -> Trace:
    return compiled.sample(
        setting,
        seed=seed,
        replicas=replicas,
        channels=SAMPLED,
        times=times,
        threads=threads,
    )


def assert_same(ours: Trace, theirs: Trace, tolerance: float) -> None:
    """Equal up to `tolerance` times the largest number of the channel."""
    assert np.array_equal(ours.times, theirs.times)
    assert ours.channels.keys() == theirs.channels.keys() == SAMPLED
    assert (ours.schedule, ours.dist0, ours.gap0) == (
        theirs.schedule,
        theirs.dist0,
        theirs.gap0,
    )
    for name in SAMPLED:
        mine, other = getattr(ours, name), getattr(theirs, name)
        size = max(1.0, float(np.max(np.abs(other))))
        np.testing.assert_allclose(
            mine, other, rtol=0, atol=tolerance * size, err_msg=name
        )


def assert_identical(ours: Trace, theirs: Trace) -> None:
    for name in SAMPLED:
        assert getattr(ours, name).tobytes() == getattr(theirs, name).tobytes(), name


@pytest.mark.parametrize("is_uneven", [False, True])
@pytest.mark.parametrize("ridge", [0.0, 0.3])
@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.name)
@pytest.mark.parametrize("loss", LOSSES.values(), ids=LOSSES)
def test_the_kernel_is_numpy_up_to_rounding(
    loss: Loss, method: Method, ridge: float, *, is_uneven: bool
) -> None:
    setting = setting_of(problem_of(loss, ridge, is_uneven=is_uneven), method)
    assert compiled.supports(setting)
    replicas = range(1000, 1037)
    # 30 steps, sums of 12 terms in another order: some hundred roundings of 1e-16
    assert_same(by_kernel(setting, 5, replicas), by_numpy(setting, 5, replicas), 1e-13)


@pytest.mark.parametrize("target", [Target(0.1), Target(-0.1), POOLED])
def test_it_is_told_what_simulate_is_told(target: Target) -> None:
    told = setting_of(problem_of(SQUARED), SPS_STAR, actual_target=target)
    replicas = range(20)
    found = by_kernel(told, 1, replicas)
    assert_same(found, by_numpy(told, 1, replicas), 1e-13)  # as above
    untold = by_kernel(setting_of(problem_of(SQUARED), SPS_STAR), 1, replicas)
    assert not np.array_equal(found.gap, untold.gap)
    other = replace(told, actual_method=sgd(0.01))
    assert_same(by_kernel(other, 1, replicas), by_numpy(other, 1, replicas), 1e-13)


@pytest.mark.parametrize("loss", [SQUARED, LOGISTIC, HUBER], ids=lambda loss: loss.name)
def test_threads_batches_and_neighbours_change_no_bit(loss: Loss) -> None:
    setting = setting_of(problem_of(loss, 0.1, is_uneven=True))
    whole = by_kernel(setting, 2, range(700))
    for threads in (2, 3):
        assert_identical(by_kernel(setting, 2, range(700), threads=threads), whole)
    ends = (0, 1, 8, 17, 145, 401, 700)
    parts = [by_kernel(setting, 2, range(a, b)) for a, b in pairwise(ends)]
    for name in SAMPLED:
        together = np.concatenate([getattr(part, name) for part in parts], axis=1)
        assert together.tobytes() == getattr(whole, name).tobytes()


def test_a_longer_run_and_other_times_change_no_earlier_number() -> None:
    problem = problem_of(LOGISTIC)
    short = by_kernel(setting_of(problem), 2, range(50))
    times = np.array([1, 2, 3, 29, 80])
    long = by_kernel(setting_of(problem, horizon=100), 2, range(50), times)
    for name in SAMPLED:
        assert np.array_equal(
            getattr(short, name)[[1, 2, 4]], getattr(long, name)[[0, 1, 3]]
        )


def test_only_the_channels_that_are_wanted_are_there_and_they_are_the_same() -> None:
    setting = setting_of(problem_of(L1))
    everything = by_kernel(setting, 2, range(50))
    for name in SAMPLED:
        one = compiled.sample(
            setting,
            seed=2,
            replicas=range(50),
            channels=frozenset({name}),
            times=TIMES,
        )
        assert one.channels.keys() == {name}
        assert np.array_equal(one.channels[name], everything.channels[name])


def test_no_times_or_no_replicas_are_no_work() -> None:
    setting = setting_of(problem_of(L1), horizon=1)
    assert by_kernel(setting, 0, range(3), np.zeros(0, dtype=np.int64)).gap.shape == (
        0,
        3,
    )
    assert by_kernel(setting, 0, range(0)).gap.shape == (5, 0)


def test_a_gap_is_that_of_any_comparator() -> None:
    for loss in (SQUARED, LOGISTIC):
        problem = problem_of(loss, 0.3, is_uneven=True)
        setting = setting_of(problem.with_comparator(np.linspace(-1.0, 1.0, 5)))
        ours, theirs = by_kernel(setting, 5, range(20)), by_numpy(setting, 5, range(20))
        assert theirs.gap.min() < -0.1  # it does not minimise
        assert_same(ours, theirs, 1e-13)  # as above


def exact_gaps(setting: Setting, steps: int, seed: int) -> list[Any]:
    """f(x) - f(u) of the last point of SGD, the floats taken as given."""
    problem = setting.problem
    draws = component_draws(seed, 0, 8, steps, problem.weights, 12)
    x = np.tile(setting.x0, (8, 1))
    for row in draws:
        x = x - 0.01 * problem.component(row, x)[1]
    with mpmath.workdps(50):
        return list(problem.lifted().gap(np.array(mpmath.matrix(x).tolist())))


@pytest.mark.parametrize("ridge", [0.0, 0.3])
@pytest.mark.parametrize("away", [1.0, 1e-3, 1e-6])
def test_a_gap_is_as_accurate_as_the_constants_say(away: float, ridge: float) -> None:
    """Close to the minimiser too, where a difference of values is all roundoff."""
    problem = problem_of(SQUARED, ridge, is_uneven=True)
    exact_fit = replace(problem, target=problem.features @ problem.point)
    for chosen in (problem, exact_fit):
        setting = setting_of(chosen, sgd(0.01))
        setting = replace(setting, x0=chosen.point + away * np.linspace(-1.0, 1.0, 5))
        found = by_kernel(setting, 3, range(8), np.array([9])).gap[0]
        truth = np.array(exact_gaps(setting, 9, 3), dtype=np.float64)
        c = setting.constants()
        # ten steps, each of which moves the point by its own roundoff
        allowed = c.value_roundoff + 10 * c.G_max * c.step_roundoff
        assert np.max(np.abs(found - truth)) < allowed


@settings(max_examples=60)
@given(
    loss=st.sampled_from(list(LOSSES.values())),
    method=st.sampled_from(METHODS),
    ridge=st.sampled_from([0.0, 1e-3, 1.0]),
    data=st.data(),
)
def test_small_random_problems(
    loss: Loss, method: Method, ridge: float, data: st.DataObject
) -> None:
    dim, num = data.draw(st.tuples(st.integers(1, 9), st.integers(1, 11)))
    seed, first = data.draw(st.tuples(st.integers(-(2**70), 2**70), FIRST))
    masses = st.lists(st.integers(0, 5), min_size=num, max_size=num).filter(any)
    weights = np.array(data.draw(masses), dtype=np.float64)
    problem = planted(loss, num_components=num, dim=dim, ridge=ridge, seed=seed % 97)
    problem = replace(problem, weights=weights / weights.sum())
    setting = setting_of(problem, method, target=Target(0.05))
    count = data.draw(st.integers(1, 20))
    replicas = range(first, first + count)
    ours = by_kernel(setting, seed, replicas)
    # a kink of a planted problem can be met to the last bit, on either side: 0.01 steps
    assert_same(ours, by_numpy(setting, seed, replicas), 1e-12)


@pytest.mark.parametrize("step", [1e3, 1e40, 1e160])
@pytest.mark.parametrize("loss", LOSSES.values(), ids=LOSSES)
@pytest.mark.parametrize("ridge", [0.0, 1.0])
def test_a_run_that_diverges_does_so_as_in_numpy(
    loss: Loss, step: float, ridge: float
) -> None:
    setting = setting_of(problem_of(loss, ridge), sgd(step))
    times, replicas = np.arange(30), range(16)
    ours = by_kernel(setting, 4, replicas, times)
    theirs = by_numpy(setting, 4, replicas, times)
    if loss is SQUARED and step > 1e39:
        assert np.isnan(theirs.gap).any()
    for name in SAMPLED:
        # Numbers that grow by orders of magnitude a step keep their leading digits, and
        # infinities and nans have to be at the same places.
        mine, other = getattr(ours, name), getattr(theirs, name)
        np.testing.assert_allclose(mine, other, rtol=1e-9, atol=1e-13, err_msg=name)
