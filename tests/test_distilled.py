"""Distillation in machine code against plain NumPy, and against plain SGD."""

from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from synthetic.engines import distilled
from synthetic.engines.distilled import CHANNELS, Distillation
from synthetic.families import planted
from synthetic.losses import (
    HINGE,
    HUBER,
    LOGISTIC,
    LOSSES,
    POISSON,
    QUARTIC,
    SQUARED,
    Loss,
)
from synthetic.problems.base import FloatArray
from synthetic.problems.glm import GLM
from theory.errors import InputError

NUM, DIM = 12, 5
TIMES = np.array([0, 1, 2, 7, 29])
DECAYING = 0.05 / np.sqrt(np.arange(29) + 1.0)
THETA = np.linspace(-0.4, 0.6, DIM)
STEEP = (POISSON, QUARTIC)  # they diverge with steps that suit the others
Recorded = Mapping[str, FloatArray]


def problem_of(loss: Loss, ridge: float = 0.0, *, is_uneven: bool = True) -> GLM:
    problem = planted(loss, num_components=NUM, dim=DIM, noise=0.5, ridge=ridge, seed=3)
    weights = np.arange(12.0) / 66 if is_uneven else problem.weights
    return replace(problem, weights=weights, center=problem.center + 0.25)


def walk_of(
    problem: GLM, momentum: float = 0.6, lam: float = 0.7, *, is_unbiased: bool = False
) -> Distillation:
    shift, drift = distilled.shifts(problem, THETA, lam, is_unbiased=is_unbiased)
    return Distillation(
        start=np.linspace(0.3, -0.2, DIM),
        shift=shift,
        drift=drift,
        steps=DECAYING,
        momentum=momentum,
        comparator=THETA,
    )


def by_kernel(
    problem: GLM,
    walk: Distillation,
    replicas: range = range(1000, 1037),
    threads: int = 1,
) -> Recorded:
    return distilled.sample(
        problem, walk, seed=5, replicas=replicas, times=TIMES, threads=threads
    )


def by_numpy(
    problem: GLM, walk: Distillation, replicas: range = range(1000, 1037)
) -> Recorded:
    return distilled.simulate(problem, walk, seed=5, replicas=replicas, times=TIMES)


def assert_same(ours: Recorded, theirs: Recorded, tolerance: float) -> None:
    """Equal up to `tolerance` times the largest number of the channel."""
    assert set(ours) == set(theirs) == set(CHANNELS)
    for name in CHANNELS:
        assert ours[name].shape == theirs[name].shape
        size = max(1.0, float(np.max(np.abs(theirs[name]))))
        np.testing.assert_allclose(
            ours[name], theirs[name], rtol=0, atol=tolerance * size, err_msg=name
        )


@pytest.mark.parametrize("is_unbiased", [False, True])
@pytest.mark.parametrize("momentum", [0.0, 0.6, 0.9])
@pytest.mark.parametrize("ridge", [0.0, 0.3])
@pytest.mark.parametrize("loss", LOSSES.values(), ids=LOSSES)
def test_the_kernel_is_numpy_up_to_rounding(
    loss: Loss, ridge: float, momentum: float, *, is_unbiased: bool
) -> None:
    problem = problem_of(loss, ridge)
    walk = walk_of(problem, momentum, is_unbiased=is_unbiased)
    if loss in STEEP:
        walk = replace(walk, steps=0.05 * walk.steps)
    ours, theirs = by_kernel(problem, walk), by_numpy(problem, walk)
    assert ours["gap"].std() > 1e-4
    # 29 steps, sums of 12 terms in another order, and 1/(1 - 0.9) = 10 times the step
    assert_same(ours, theirs, 1e-12)


@pytest.mark.parametrize("loss", [SQUARED, LOGISTIC], ids=lambda loss: loss.name)
@pytest.mark.parametrize(
    "field", ["start", "shift", "drift", "steps", "momentum", "comparator"]
)
def test_every_field_counts_and_counts_alike(loss: Loss, field: str) -> None:
    problem = problem_of(loss, 0.3)
    walk = walk_of(problem)
    other = replace(walk, **{field: getattr(walk, field) * 0.9})
    found = by_kernel(problem, other)
    assert_same(found, by_numpy(problem, other), 1e-12)  # as above
    was = by_kernel(problem, walk)
    assert np.abs(found["point_dist_sq"] - was["point_dist_sq"]).max() > 1e-4


def test_the_shifts_are_the_gradients_of_the_teacher() -> None:
    problem = problem_of(LOGISTIC, 0.3)
    shift, drift = distilled.shifts(problem, THETA, 0.7)
    everyone = np.arange(NUM)
    _, grads = problem.component(everyone, np.tile(THETA, (NUM, 1)))
    found = shift[:, None] * problem.features + drift
    np.testing.assert_allclose(found, -0.7 * grads, rtol=0, atol=1e-15)  # rounding
    shift, drift = distilled.shifts(problem, THETA, 0.7, is_unbiased=True)
    mean = problem.weights @ (shift[:, None] * problem.features + drift)
    np.testing.assert_allclose(mean, 0.0, rtol=0, atol=1e-15)


@pytest.mark.parametrize("loss", [SQUARED, LOGISTIC, HUBER], ids=lambda loss: loss.name)
def test_threads_batches_and_neighbours_change_no_bit(loss: Loss) -> None:
    problem = problem_of(loss, 0.1)
    walk = walk_of(problem)
    whole = by_kernel(problem, walk, range(700))
    for threads in (2, 3):
        other = by_kernel(problem, walk, range(700), threads=threads)
        for name in CHANNELS:
            assert other[name].tobytes() == whole[name].tobytes(), name
    ends = (0, 1, 8, 17, 145, 401, 700)
    parts = [by_kernel(problem, walk, range(a, b)) for a, b in pairwise(ends)]
    for name in CHANNELS:
        together = np.concatenate([part[name] for part in parts], axis=1)
        assert together.tobytes() == whole[name].tobytes(), name


@pytest.mark.parametrize("ridge", [0.0, 0.3])
@pytest.mark.parametrize("lam", [-0.5, 0.3, 0.7])
def test_on_least_squares_distillation_is_plain_sgd_drawn_to_the_teacher(
    lam: float, ridge: float
) -> None:
    r"""$x^t = \lambda \theta + (1 - \lambda) y^t$ along the same samples.

    A point is told by its distances from 0 and from the d unit vectors, so they are
    compared: $\|x - (\lambda\theta + (1-\lambda) u)\|^2 = (1-\lambda)^2 \|y - u\|^2$.
    """
    problem = problem_of(SQUARED, ridge)
    walk = walk_of(problem, 0.6, lam)
    plain = replace(
        walk,
        start=(walk.start - lam * THETA) / (1 - lam),
        shift=np.zeros(NUM),
        drift=np.zeros(DIM),
    )
    for u in (np.zeros(DIM), *np.eye(DIM)):
        there = replace(walk, comparator=lam * THETA + (1 - lam) * u)
        for run in (by_kernel, by_numpy):
            ours = run(problem, there)["point_dist_sq"]
            plainly = run(problem, replace(plain, comparator=u))["point_dist_sq"]
            assert plainly.std(axis=1)[1:].min() > 1e-3
            np.testing.assert_allclose(
                ours, (1 - lam) ** 2 * plainly, rtol=0, atol=1e-12
            )


def test_the_identity_fails_with_another_momentum_or_loss() -> None:
    for loss, momentum in ((LOGISTIC, 0.6), (SQUARED, 0.5)):
        problem = problem_of(loss)
        walk = walk_of(problem, 0.6, 0.7)
        plain = replace(
            walk,
            start=(walk.start - 0.7 * THETA) / 0.3,
            shift=np.zeros(NUM),
            momentum=momentum,
            comparator=np.zeros(DIM),
        )
        ours = by_kernel(problem, replace(walk, comparator=0.7 * THETA))
        off = ours["point_dist_sq"] - 0.09 * by_kernel(problem, plain)["point_dist_sq"]
        assert np.abs(off).max() > 1e-4


def test_a_run_that_diverges_does_so_as_in_numpy() -> None:
    problem = problem_of(SQUARED, 0.3)
    walk = replace(walk_of(problem), steps=np.full(29, 1e3))
    ours, theirs = by_kernel(problem, walk), by_numpy(problem, walk)
    assert theirs["gap"][-1].min() > 1e100
    for name in CHANNELS:
        # numbers that grow by orders of magnitude a step keep their leading digits
        np.testing.assert_allclose(ours[name], theirs[name], rtol=1e-9, err_msg=name)


def test_without_numba_or_a_known_loss_numpy_does_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    problem = problem_of(HINGE)
    walk = walk_of(problem)
    slow = by_numpy(problem, walk)
    altered = replace(problem, loss=replace(HINGE))
    found = by_kernel(altered, walk)
    assert all(np.array_equal(found[name], slow[name]) for name in CHANNELS)
    monkeypatch.setattr(distilled, "find_spec", lambda name: None)
    found = by_kernel(problem, walk)
    assert all(np.array_equal(found[name], slow[name]) for name in CHANNELS)


def test_no_times_and_no_replicas_are_no_work() -> None:
    problem = problem_of(SQUARED)
    walk = walk_of(problem)
    for run in (distilled.sample, distilled.simulate):
        nothing = run(
            problem, walk, seed=0, replicas=range(3), times=np.zeros(0, dtype=np.int64)
        )
        assert nothing["gap"].shape == (0, 3)
        nobody = run(problem, walk, seed=0, replicas=range(0), times=TIMES)
        assert nobody["point_dist_sq"].shape == (5, 0)


def test_what_does_not_fit_is_refused() -> None:
    problem = problem_of(SQUARED)
    walk = walk_of(problem)
    for momentum in (-0.1, 1.0, np.nan):
        with pytest.raises(InputError, match="0 <= momentum < 1"):
            replace(walk, momentum=momentum)
    for steps in (np.array([0.1, np.inf]), np.ones((2, 2))):
        with pytest.raises(InputError, match="steps to be a vector of finite"):
            replace(walk, steps=steps)
    for name, size in (("start", 5), ("shift", 12), ("drift", 5), ("comparator", 5)):
        wrong = replace(walk, **{name: np.zeros(size + 1)})  # type: ignore[arg-type]
        with pytest.raises(InputError, match=f"Need {size} numbers in {name}"):
            by_kernel(problem, wrong)
    for times in ([0, 30], [-1, 3], [2, 2], [3, 1]):
        with pytest.raises(InputError, match="ascending times from 0 to 29"):
            distilled.sample(
                problem, walk, seed=0, replicas=range(2), times=np.array(times)
            )
