"""Families and instances: subgradients, minimisers, and constants of the ball."""

import numpy as np
import pytest
from hypothesis import given, strategies as st

from synthetic import instances
from synthetic.families import computed, planted
from synthetic.losses import L1, LOGISTIC, LOSSES, SQUARED
from synthetic.problems.base import FloatArray, Problem
from synthetic.problems.glm import GLM
from theory.errors import InputError

RADIUS = 1.7


def every_problem() -> list[Problem]:
    glms = [
        planted(loss, num_components=6, dim=3, noise=noise, ridge=ridge, seed=7)
        for loss in LOSSES.values()
        for noise in (0.0, 1.0)
        for ridge in (0.0, 0.3)
    ]
    found = [
        computed(SQUARED, num_components=12, dim=3, seed=1),
        computed(L1, num_components=12, dim=3, ridge=0.1, seed=1),
        computed(LOGISTIC, num_components=12, dim=3, ridge=0.1, seed=1),
    ]
    hard = [
        instances.linf(3),
        instances.wedge(40.0),
        instances.absolute(3),
        instances.sparse_abs(0.3),
        instances.parabola(),
    ]
    return [*glms, *found, *hard]


PROBLEMS = {problem.name: problem for problem in every_problem()}
pytestmark = pytest.mark.parametrize("name", PROBLEMS)


def points(problem: Problem, seed: int, number: int = 40) -> FloatArray:
    """Points of the ball of `RADIUS` around the comparator, its sphere included."""
    rng = np.random.default_rng(seed)
    away = rng.standard_normal((number, problem.dim))
    away /= np.linalg.norm(away, axis=1, keepdims=True)
    scale = rng.random((number, 1)) ** (1 / problem.dim)
    scale[: number // 4] = 1.0
    return np.asarray(problem.point + RADIUS * scale * away)


def on_every_component(
    problem: Problem, x: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Losses (P, n) and subgradients (P, n, d) by the oracle."""
    pairs = [
        problem.component(np.full(len(x), i), x) for i in range(problem.num_components)
    ]
    losses = np.stack([loss for loss, _ in pairs], axis=1)
    return losses, np.stack([grad for _, grad in pairs], axis=1)


@given(st.integers(0, 2**32 - 1))
def test_every_answer_is_a_subgradient_of_a_convex_component(
    name: str, seed: int
) -> None:
    problem = PROBLEMS[name]
    x, y = points(problem, seed, 8), points(problem, seed + 1, 8)
    loss, grad = on_every_component(problem, x)
    below = loss + np.einsum("pnd,pd->pn", grad, y - x)
    # eight digits fewer than the losses carry: roundoff of sums of a few terms
    assert np.all(problem.losses(y) >= below - 1e-12 * (1 + np.abs(loss)))


@given(st.integers(0, 2**32 - 1))
def test_the_oracle_and_the_whole_agree(name: str, seed: int) -> None:
    problem = PROBLEMS[name]
    x = points(problem, seed, 5)
    loss, grad = on_every_component(problem, x)
    # the same sums in another order
    np.testing.assert_allclose(loss, problem.losses(x), rtol=0, atol=1e-12)
    mean = np.einsum("n,pnd->pd", problem.weights, grad)
    np.testing.assert_allclose(mean, problem.gradient(x), rtol=0, atol=1e-12)


def test_smooth_gradients_are_those_of_the_losses(name: str) -> None:
    problem = PROBLEMS[name]
    x, h = points(problem, 3, 6), 1e-6
    _, grad = on_every_component(problem, x)
    for k in range(problem.dim):
        step = h * np.eye(problem.dim)[k]
        slope = (problem.losses(x + step) - problem.losses(x - step)) / (2 * h)
        # central differences: h^2 of third derivatives plus 1e-16 / h of cancellation;
        # the random points are far from every kink
        np.testing.assert_allclose(slope, grad[:, :, k], atol=1e-7)


@given(st.integers(0, 2**32 - 1))
def test_no_point_of_the_ball_beats_the_comparator(name: str, seed: int) -> None:
    problem = PROBLEMS[name]
    gaps = problem.gap(points(problem, seed))
    assert np.all(gaps >= -problem.minimiser.gap - 1e-14)  # roundoff of the gap itself


@given(st.integers(0, 2**32 - 1))
def test_constants_are_upper_bounds_on_the_ball(name: str, seed: int) -> None:
    problem = PROBLEMS[name]
    ball, x = problem.ball(RADIUS), points(problem, seed)
    _, grad = on_every_component(problem, x)
    norms = np.linalg.norm(grad, axis=2)
    slack = 1 + 1e-12  # roundoff of a norm
    assert np.all(norms <= slack * ball.lipschitz)
    second = norms**2 @ problem.weights
    a, b = ball.growth
    assert np.all(second <= slack * (a * np.maximum(problem.gap(x), 0.0) + b) + 1e-14)


@given(st.integers(0, 2**32 - 1))
def test_co_coercivity_holds_with_the_smoothness_of_s2(name: str, seed: int) -> None:
    problem = PROBLEMS[name]
    ball, x = problem.ball(RADIUS), points(problem, seed)
    if not np.all(np.isfinite(ball.smoothness)):
        assert np.all(np.isinf(ball.smoothness))
        return
    loss, grad = on_every_component(problem, x)
    u = problem.point[None, :]
    _, at_u = on_every_component(problem, u)
    inner = np.einsum("pnd,pd->pn", grad, x - u)
    extra = ((grad - at_u) ** 2).sum(axis=2) / (2 * ball.smoothness)
    excess = loss - problem.loss_star
    assert np.all(inner >= excess + extra - 1e-12 * (1 + np.abs(loss)))  # roundoff


def test_constants_are_attained_or_nearly_so_somewhere(name: str) -> None:
    # An upper bound of a million would pass every test above. On a fine sample of the
    # ball the steepest subgradient reaches at least half of the bound.
    problem = PROBLEMS[name]
    x = points(problem, 5, 4000)
    _, grad = on_every_component(problem, x)
    reached = np.linalg.norm(grad, axis=2).max()
    assert reached >= 0.5 * problem.ball(RADIUS).lipschitz.max()


def test_slopes_at_the_comparator_cancel(name: str) -> None:
    problem = PROBLEMS[name]
    if isinstance(problem, GLM) and problem.loss is not L1:
        mean = problem.gradient(problem.point[None, :])[0]
        assert np.linalg.norm(mean) <= 1e-12  # planted or solved to roundoff


def test_a_comparator_of_the_wrong_shape_is_refused(name: str) -> None:
    problem = PROBLEMS[name]
    with pytest.raises(InputError, match="comparator of shape"):
        problem.with_comparator(np.zeros(problem.dim + 1))
    with pytest.raises(InputError, match="finite comparator"):
        problem.with_comparator(np.full(problem.dim, np.nan))
