"""The baselines' loop against `simulate`, and steps done by hand."""

import numpy as np
import pytest

from synthetic import baselines
from synthetic.baselines import Kind, Lane
from synthetic.draws import component_draws
from synthetic.engines.simulate import simulate
from synthetic.families import from_arrays, planted
from synthetic.instances import rows_on_the_line
from synthetic.losses import LOGISTIC, POISSON, SQUARED
from synthetic.problems.base import FloatArray
from synthetic.problems.glm import GLM
from synthetic.setting import Setting
from theory.method import IAM_P, SPS_STAR, Method

TIMES = np.array([0, 1, 5, 19], dtype=np.int64)


@pytest.fixture
def problem() -> GLM:
    return planted(LOGISTIC, num_components=10, dim=3, noise=0.3, ridge=0.1, seed=4)


def gaps(problem: GLM, lanes: list[Lane]) -> tuple[FloatArray, FloatArray]:
    x0 = np.zeros(problem.dim)
    return baselines.run(problem, x0, lanes, TIMES, seed=3, replicas=range(2, 6))


@pytest.mark.parametrize(
    ("kind", "method"), [(Kind.SPS_STAR, SPS_STAR), (Kind.IAM, IAM_P)]
)
def test_polyak_lanes_are_the_methods(problem: GLM, kind: Kind, method: Method) -> None:
    found, averages = gaps(problem, [Lane(Kind.CONSTANT, 0.1), Lane(kind)])
    setting = Setting(
        name="", problem=problem, method=method, x0=np.zeros(3), horizon=20
    )
    draws = component_draws(3, 2, 4, 19, problem.weights, 10)
    channels = frozenset({"gap", "iterate_gap"})
    trace = simulate(setting, draws, channels=channels)
    # Two orders of the same sums, 20 steps of them.
    assert np.allclose(found[:, 1], trace.gap[TIMES], rtol=1e-10, atol=1e-14)
    assert np.allclose(averages[:, 1], trace.iterate_gap[TIMES], rtol=1e-10, atol=1e-14)


@pytest.mark.parametrize(
    ("kind", "points"),
    [
        (Kind.CONSTANT, [1.0, 0.5, 0.25]),
        (Kind.DECAYING, [1.0, 0.5, 0.5 - 0.5 * 0.5 / 2**0.5]),
        (Kind.ADAGRAD, [1.0, 0.5, 0.5 - 0.5 * 0.5 / 1.25**0.5]),
    ],
)
def test_sized_steps_by_hand(kind: Kind, points: list[float]) -> None:
    parabola = rows_on_the_line("x^2/2", np.zeros(1), SQUARED)
    found, _ = baselines.run(
        parabola,
        np.ones(1),
        [Lane(kind, 0.5)],
        np.arange(3),
        seed=0,
        replicas=range(1),
    )
    assert np.allclose(found[:, 0, 0], 0.5 * np.array(points) ** 2, rtol=1e-15)


def test_tuning_finds_the_best_size_and_tells_of_an_end() -> None:
    parabola = rows_on_the_line("x^2/2", np.zeros(1), SQUARED)

    def tuned(*grid: float) -> baselines.Tuned:
        return baselines.tune(
            parabola,
            np.ones(1),
            Kind.CONSTANT,
            np.array(grid),
            5,
            seed=0,
            replicas=range(1),
        )

    assert tuned(0.25, 1.0, 1.5).lane.size == 1.0  # one step to the minimiser
    assert not tuned(0.25, 1.0, 1.5).at_edge
    assert tuned(0.25, 0.5).at_edge


def test_a_diverging_run_is_infinite_and_never_chosen() -> None:
    steep = rows_on_the_line("exp", np.array([1.0, 1.0]), POISSON)
    found, _ = baselines.run(
        steep,
        np.array([3.0]),
        [Lane(Kind.CONSTANT, -400.0), Lane(Kind.CONSTANT, 0.01)],
        np.array([0, 9]),
        seed=0,
        replicas=range(2),
    )
    assert np.isinf(found[1, 0]).all()
    assert np.isfinite(found[1, 1]).all()


def test_poisson_minimisers_are_certified() -> None:
    rng = np.random.default_rng(0)
    rows = np.column_stack([rng.standard_normal((50, 3)), np.ones(50)])
    star = np.array([0.5, -1.0, 0.3, 1.2])
    exact = from_arrays("exact", rows, np.exp(rows @ star), POISSON, 0.0)
    away = float(np.linalg.norm(exact.point - star))
    assert away <= exact.minimiser.distance <= 1e-12
    counts = from_arrays(
        "counts", rows, rng.poisson(np.exp(rows @ star)) * 1.0, POISSON, 0
    )
    assert counts.minimiser.gap <= 1e-25
    assert np.abs(counts.gradient(counts.point[None, :])).max() <= 1e-13
