"""Functions rebuilt from a program's solution, on which the methods themselves run."""

from math import sqrt

import numpy as np
import pytest
from scipy.optimize import minimize

from synthetic.desk import Options
from synthetic.engines import tree
from synthetic.instances import at_origin
from synthetic.problems.envelope import Envelope
from synthetic.setting import Setting
from synthetic.verify import judge_setting
from synthetic.worst_case import reconstruct
from synthetic.worst_case.reconstruct import Worst, of_smooth, of_steps
from theory.claims import get
from theory.judge import Status
from theory.method import IAM_P, SPS_STAR, Method
from theory.schedules import P_CONVENTION
from theory.worst_case.boxes import product_formula, sps_last, worst_steps
from theory.worst_case.extremal import quadratic
from theory.worst_case.lift import Class, Measure, Run

IAM_LAST = [Run(t, Class.LIPSCHITZ, Measure.LAST, P_CONVENTION) for t in (3, 4, 5)]
SPS_MEAN = [Run(t, Class.LIPSCHITZ, Measure.AVERAGE) for t in (2, 3, 4, 5)]
SMOOTH = [
    Run(3, Class.SMOOTH, Measure.AVERAGE),
    Run(4, Class.SMOOTH, Measure.AVERAGE),
    Run(3, Class.SMOOTH, Measure.LAST, P_CONVENTION),
    Run(4, Class.SMOOTH, Measure.LAST, P_CONVENTION),
]


def method_of(run: Run) -> Method:
    return SPS_STAR if run.is_sps else IAM_P


def setting(worst: Worst, run: Run) -> Setting:
    return Setting(
        name="worst",
        problem=worst.problem,
        method=method_of(run),
        x0=worst.x0,
        horizon=run.points,
    )


def simulated(worst: Worst, run: Run) -> float:
    """By the exact engine: steps computed from values and slopes."""
    trace, _, weights = tree.grow(setting(worst, run), frozenset({"gap"}))
    gaps = np.asarray(trace.gap @ weights)
    return float(gaps.mean() if run.measure is Measure.AVERAGE else gaps[-1])


@pytest.mark.parametrize("points", [2, 3, 4, 5])
def test_the_last_value_of_sps_is_attained(points: int) -> None:
    run = sps_last(points)
    _, steps = worst_steps(points)
    worst = of_steps(run, steps)
    assert worst.rank == points
    unit = sqrt(points)  # values below are in G D
    assert simulated(worst, run) / unit == pytest.approx(worst.value / unit, abs=1e-7)
    formula = product_formula(points)
    assert simulated(worst, run) / unit == pytest.approx(formula / unit, abs=1e-7)
    constants = worst.problem.ball(sqrt(points))
    assert constants.lipschitz[0] <= 1 + 1e-8
    assert np.linalg.norm(worst.x0) <= sqrt(points) * (1 + 1e-8)


@pytest.mark.parametrize("run", IAM_LAST + SPS_MEAN, ids=Run.title)
def test_lipschitz_bounds_are_attained(run: Run) -> None:
    worst = of_steps(run, [1.0] * (run.points - 1))
    assert worst.value == pytest.approx(1.0, abs=1e-8)
    assert simulated(worst, run) == pytest.approx(1.0, abs=1e-7)


@pytest.mark.parametrize("run", SMOOTH, ids=Run.title)
def test_smooth_bounds_are_attained(run: Run) -> None:
    worst = of_smooth(run)
    assert worst.rank == 1
    unit = run.points  # values below are in L D^2
    value = simulated(worst, run) / unit
    assert value == pytest.approx(worst.value / unit, abs=1e-7)
    averaged = run.measure is Measure.LAST
    parabola = [*quadratic(run.points, averaged=averaged).values.values()]
    wanted = parabola[-1] if averaged else sum(parabola) / run.points
    assert value == pytest.approx(float(wanted) / unit, abs=1e-7)


def test_the_claims_hold_there_and_have_no_room() -> None:
    for run, name in (
        (SPS_MEAN[1], "sps.lipschitz.average"),
        (IAM_LAST[0], "iam.lipschitz.last"),
    ):
        worst = of_steps(run, [1.0] * (run.points - 1))
        (found,) = judge_setting(setting(worst, run), [get(name)], Options())
        assert found.verdict.status is Status.HOLDS
        assert found.verdict.tightness == pytest.approx(1.0, abs=1e-6)


def test_if_later_pieces_win_the_value_is_lost(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run = sps_last(3)
    _, steps = worst_steps(3)
    monkeypatch.setattr(reconstruct, "TILT", -2e-8)  # later pieces win
    assert simulated(of_steps(run, steps), run) < product_formula(3) - 0.01


def test_the_pieces_pass_through_the_points() -> None:
    for run, worst in (
        (SPS_MEAN[2], of_steps(SPS_MEAN[2], [1.0] * 3)),
        (SMOOTH[2], of_smooth(SMOOTH[2])),
    ):
        found = worst.problem.losses(worst.points)[:, 0]
        np.testing.assert_allclose(found, worst.values, atol=3e-7)
        assert run.points == len(found)
        assert worst.problem.value_star == 0.0


def test_an_envelope_is_the_minimum_that_defines_it() -> None:
    rng = np.random.default_rng(4)
    pieces, offsets = rng.normal(size=(5, 3)), rng.normal(size=5)
    offsets -= offsets.max() + 0.5
    problem = Envelope(
        name="test",
        weights=np.ones(1),
        minimiser=at_origin(3, "not needed here"),
        pieces=pieces,
        offsets=offsets,
    )
    x = 3 * rng.normal(size=(8, 3))
    values, slopes = problem.component(np.zeros(8, dtype=np.int64), x)
    # The gradient is x - y at the minimising y, and no y does better.
    for point, value, slope in zip(x, values, slopes, strict=True):
        y = point - slope

        def objective(y: np.ndarray, at: np.ndarray = point) -> float:
            moved = at - y
            return float(np.max(pieces @ y + offsets) + 0.5 * moved @ moved)

        assert objective(y) == pytest.approx(value, abs=1e-12)
        better = minimize(objective, y, method="Nelder-Mead").fun
        assert better >= value - 1e-9
    step = 1e-6
    for axis in range(3):
        moved = step * np.eye(3)[axis]
        rise = problem.losses(x + moved) - problem.losses(x - moved)
        np.testing.assert_allclose(rise[:, 0] / (2 * step), slopes[:, axis], atol=1e-6)
    change = slopes[:, None] - slopes[None]
    shift = x[:, None] - x[None]
    assert np.all((change**2).sum(-1) <= (shift * change).sum(-1) + 1e-12)
