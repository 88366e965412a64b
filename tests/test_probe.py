"""The probe: the truth passes, and every lie is found with a witness."""

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from synthetic.families import planted
from synthetic.losses import CERTIFIED
from synthetic.probe import ball_points, probe
from synthetic.problems.user import UserProblem, user_problem
from tests.user_rows import ROWS, absolute, l1, l2, residuals, signs
from theory.errors import InputError


@pytest.mark.parametrize(
    "problem",
    [
        l1(),
        l2(),
        l1(lipschitz=2.0 * (1 - 1e-12)),
        l2(minimiser=[0.3, 0.1], minimiser_gap=0.5),
    ],
)
@pytest.mark.parametrize("radius", [1e-3, 1.0, 1e3])
def test_the_truth_passes(problem: UserProblem, radius: float) -> None:
    for seed in range(3):
        probe(problem, radius, seed)


@pytest.mark.parametrize("loss", CERTIFIED.values(), ids=CERTIFIED)
def test_our_own_problems_pass(loss: Any) -> None:
    ours = planted(loss, num_components=20, dim=6, noise=1.0, seed=7)
    ball = ours.ball(2.0)
    copy = user_problem(
        "ours",
        lambda i, x: ours.component(i, x)[0],
        lambda i, x: ours.component(i, x)[1],
        num_components=20,
        minimiser=ours.point,
        minimiser_gap=ours.minimiser.gap,
        lipschitz=ball.lipschitz,
        smoothness=ball.smoothness,
    )
    probe(copy, 2.0)


def broken_at(value: float) -> Callable[..., np.ndarray]:
    return lambda i, x: np.where((x[:, 0] > 0.5) & (i == 1), value, absolute(i, x))


def counting() -> Callable[..., np.ndarray]:
    calls = [0]

    def loss(i: np.ndarray, x: np.ndarray) -> np.ndarray:
        calls[0] += 1
        return absolute(i, x) + 1e-9 * calls[0]

    return loss


def grasping(i: np.ndarray, x: np.ndarray) -> np.ndarray:
    found = absolute(i, x)
    x += 1.0
    return found


@pytest.mark.parametrize(
    ("problem", "needed"),
    [
        (
            l1(loss=broken_at(np.nan)),
            "component 1 at x = .*the loss is not finite: nan",
        ),
        (l1(loss=broken_at(np.inf)), "component 1 .*not finite: inf"),
        (
            l1(gradient=lambda i, x: np.where(x == 0, np.nan, signs(i, x))),
            "the gradient is not finite",
        ),
        (l1(loss=lambda i, x: absolute(i, x)[:, None]), r"loss must give .*\(64, 1\)"),
        (l1(loss=lambda i, x: absolute(i, x).sum()), r"loss must give .*shape \(64,\)"),
        (l1(gradient=lambda i, x: signs(i, x)[:, :1]), "gradient must give .*2"),
        (l1(gradient=absolute), r"gradient must give .*\(64, 2\)"),
        (l2(gradient=lambda i, x: 1.001 * residuals(i, x)), "differences of the loss"),
        (l2(gradient=lambda i, x: -residuals(i, x)), "differences of the loss"),
        (l1(gradient=lambda i, x: 1.001 * signs(i, x)), "differences of the loss"),
        (
            l1(
                gradient=lambda i, x: (
                    signs(i, x) + 1.1 * ROWS[i] * (i == 0)[:, None] * (x[:, :1] == 0)
                )
            ),
            "differences of the loss",  # at the kink only, where the centre is
        ),
        (l1(loss=counting()), "must not be random"),
        (
            l1(gradient=lambda i, x: signs(i, x) * np.random.default_rng().random()),
            "must not be random",
        ),
        (l1(loss=grasping), "change their arguments"),
        (
            l1(loss=lambda i, x: absolute(i, x) - absolute(i, x).mean()),
            "each row must speak of its own point",
        ),
    ],
)
def test_a_lie_is_found_with_a_witness(problem: UserProblem, needed: str) -> None:
    with pytest.raises(InputError, match=re.compile(needed, re.DOTALL)) as caught:
        probe(problem, 1.0)
    assert "x = [" in str(caught.value)


def test_points_are_the_centre_the_sphere_and_the_ball() -> None:
    problem = l1(minimiser=[3.0, 4.0])
    points = ball_points(problem, 2.0, 64, np.random.default_rng(0))
    away = np.linalg.norm(points - problem.point, axis=1)
    assert away[0] == 0.0
    assert np.count_nonzero(np.abs(away - 2.0) < 1e-12) == 32
    assert np.count_nonzero(away < 1.99) >= 30
    assert away.max() < 2.0 + 1e-12


@pytest.mark.parametrize(("radius", "points"), [(0.0, 64), (np.inf, 64), (1.0, 3)])
def test_a_probe_needs_a_ball_and_points(radius: float, points: int) -> None:
    with pytest.raises(InputError, match="radius > 0 and 4 points"):
        probe(l1(), radius, num_points=points)
