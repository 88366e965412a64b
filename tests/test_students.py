"""Students and their runs: gradients, KD's identities, SVRG, and the same samples."""

import numpy as np
import pytest

from synthetic.distillation.students import (
    STUDENTS,
    FloatArray,
    Linear,
    Network,
    Squares,
    Student,
    softmax,
)
from synthetic.distillation.study_data import Part
from synthetic.distillation.study_minimiser import minimise
from synthetic.distillation.study_runs import Kind, Lane, Runs, final_points
from synthetic.distillation.study_samples import REPORTING, TUNING, BatchLaw

D, K, N = 4, 3, 24
LAW = BatchLaw(N, 5)


def rows() -> Part:
    rng = np.random.default_rng(5)
    a = rng.standard_normal((N, D))
    a[:, -1] = 1.0
    return Part(a, np.eye(K)[rng.integers(0, K, N)])


def points(student: Student, count: int, seed: int = 6) -> FloatArray:
    rng = np.random.default_rng(seed)
    return np.asarray(0.7 * rng.standard_normal((count, student.num_parameters)))


def student(name: str, ridge: float = 0.3) -> Student:
    return STUDENTS[name](D, K, ridge)


def directions(
    which: Student,
    lanes: list[Lane],
    x: FloatArray,
    teachers: FloatArray,
    batch: list[int],
) -> FloatArray:
    runs = Runs(which, rows(), lanes, teachers, x[None])
    return np.asarray(runs.direction(np.array([batch]))[0])


@pytest.mark.parametrize("name", STUDENTS)
def test_a_gradient_is_the_slope_of_the_objective(name: str) -> None:
    which, data = student(name), rows()
    x = points(which, 1)[0]
    found = which.gradient(x[None, None], data.a[None, None], data.b[None, None])[0, 0]
    step = 1e-5
    for j in range(which.num_parameters):
        moved = np.stack([x, x])
        moved[:, j] += step, -step
        up, down = which.objective(moved, data.a, data.b)
        # The error is of order step^2, and 1e-16 / step from rounding.
        assert found[j] == pytest.approx((up - down) / (2 * step), rel=0, abs=1e-8)


@pytest.mark.parametrize("name", ["softmax", "squares"])
def test_a_residual_slope_is_the_slope_of_the_residual(name: str) -> None:
    which, data = student(name), rows()
    assert isinstance(which, Linear)
    rng = np.random.default_rng(1)
    z, dz = rng.standard_normal((2, N, K))
    step = 1e-5
    up, down = (which.residuals(z + s * dz, data.b) for s in (step, -step))
    slope = which.residual_slope(z, dz)
    assert slope == pytest.approx((up - down) / (2 * step), rel=0, abs=1e-8)


def test_softmax_has_curvature_one_half_and_attains_it() -> None:
    which, half = Linear(D, 2, 0.0), np.array([0.0, 0.0])
    slope = which.residual_slope(np.array([half, half]), np.array([[1, -1], [0, 0.0]]))
    assert slope[0] == pytest.approx([0.5, -0.5], rel=1e-15, abs=0)
    rng = np.random.default_rng(2)
    for p in softmax(3 * rng.standard_normal((200, K))):
        hessian = np.diag(p) - np.outer(p, p)
        assert np.linalg.eigvalsh(hessian)[-1] <= which.curvature


def test_one_step_by_hand() -> None:
    """x = 2, a = 3, b = 1, nu = 1/2, theta = 1, lambda = 1/2: 2 - (16 - 6.5/2)/10."""
    which = Squares(1, 1, 0.5)
    data = Part(np.array([[3.0]]), np.array([[1.0]]))
    lanes = [Lane(Kind.KD, 0.1, 0.5), Lane(Kind.PLAIN, 0.1)]
    runs = Runs(which, data, lanes, np.array([[1.0]]), np.array([[2.0]]))
    runs.step(np.array([[0]]))
    assert runs.x[0, :, 0] == pytest.approx([0.725, 0.4], rel=1e-14, abs=0)


@pytest.mark.parametrize("name", STUDENTS)
def test_lambda_zero_is_plain_sgd_to_the_bit(name: str) -> None:
    which = student(name)
    lanes = [Lane(kind, 0.1, 0.0) for kind in (Kind.PLAIN, Kind.KD, Kind.UNBIASED)]
    lanes.append(Lane(Kind.SOFT, 0.1, 0.0))
    drawn = LAW.draw(0, np.array([0, 1]), 40)
    runs = Runs(which, rows(), lanes, points(which, 1), points(which, 2, 8))
    x = final_points(runs, LAW, drawn)
    for lane in range(1, len(lanes)):
        assert np.array_equal(x[:, lane], x[:, 0])


@pytest.mark.parametrize("name", STUDENTS)
def test_a_run_has_the_same_bits_whatever_runs_beside_it(name: str) -> None:
    which, teachers = student(name), points(student(name), 2)
    lanes = [
        Lane(Kind.KD, 0.1, 0.5, 1),
        Lane(Kind.SVRG, 0.1),
        Lane(Kind.UNBIASED, 0.2, 0.5, 0),
        Lane(Kind.SOFT, 0.1, 0.5, 1),
    ]
    replicas, start = np.array([3, 4, 7]), points(which, 3, 9)
    together = final_points(
        Runs(which, rows(), lanes, teachers, start), LAW, LAW.draw(0, replicas, 30)
    )
    for k, lane in enumerate(lanes):
        runs = Runs(which, rows(), [lane], teachers, start[1:2])
        alone = final_points(runs, LAW, LAW.draw(0, replicas[1:2], 30))
        assert np.array_equal(alone[0, 0], together[1, k])


@pytest.mark.parametrize("lam", [-1.0, 0.3, 0.9, 2.5])
def test_on_least_squares_kd_is_plain_sgd_seen_from_the_teacher(lam: float) -> None:
    """x_KD = lambda theta + (1 - lambda) y, with y from (x_0 - lambda theta)/(...)."""
    which, teacher = student("squares"), points(student("squares"), 1)
    x_0, drawn = points(which, 1, 11), LAW.draw(2, np.array([0]), 60)
    kd = Runs(which, rows(), [Lane(Kind.KD, 0.05, lam)], teacher, x_0)
    y_0 = (x_0 - lam * teacher) / (1.0 - lam)
    plain = Runs(which, rows(), [Lane(Kind.PLAIN, 0.05)], teacher, y_0)
    y = final_points(plain, LAW, drawn)[0, 0]
    x = final_points(kd, LAW, drawn)[0, 0]
    expected = lam * teacher[0] + (1.0 - lam) * y
    # 60 steps of rounding, of numbers below 100.
    assert x == pytest.approx(expected, rel=0, abs=1e-12)
    # With other samples for y, or for softmax, the identity is false.
    other = Runs(which, rows(), [Lane(Kind.PLAIN, 0.05)], teacher, y_0)
    y = final_points(other, LAW, LAW.draw(2, np.array([1]), 60))[0, 0]
    assert np.abs(x - lam * teacher[0] - (1.0 - lam) * y).max() > 1e-3


def test_a_perfect_teacher_with_lambda_one_leaves_no_noise_at_the_minimiser() -> None:
    which = Linear(D, K, 0.3)
    best = minimise(which, rows())
    lanes = [
        Lane(Kind.UNBIASED, 1.0, 1.0),
        Lane(Kind.KD, 1.0, 1.0),
        Lane(Kind.PLAIN, 1),
    ]
    for batch in LAW.draw(0, np.array([0]), 20)[:, 0]:
        noise = directions(which, lanes, best.x, best.x[None], batch.tolist())
        # What is left is the gradient at the computed minimiser, and rounding.
        assert np.abs(noise[:2]).max() < 1e-11
        assert np.abs(noise[2]).max() > 1e-3


def test_the_unbiased_direction_has_the_gradient_as_its_mean() -> None:
    which, data = Linear(D, K, 0.3), rows()
    x, teacher = points(which, 2)
    lanes = [Lane(Kind.UNBIASED, 1.0, 0.7), Lane(Kind.KD, 1.0, 0.7)]
    each = [directions(which, lanes, x, teacher[None], [n]) for n in range(N)]
    mean, a, b = np.mean(each, axis=0), data.a[None, None], data.b[None, None]
    at_x, at_teacher = which.gradient(np.stack([x, teacher])[None], a, b)[0]
    assert mean[0] == pytest.approx(at_x, rel=0, abs=1e-14)
    assert mean[1] == pytest.approx(at_x - 0.7 * at_teacher, rel=0, abs=1e-14)


@pytest.mark.parametrize("name", STUDENTS)
def test_every_lane_has_its_own_teacher_and_weight(name: str) -> None:
    which, data = student(name), rows()
    x, *teachers = points(which, 4)
    batch = [1, 2, 7]
    a, b = data.a[batch][None, None], data.b[batch][None, None]
    at_x, *at_teachers = which.gradient(np.stack([x, *teachers])[None], a, b)[0]
    order = [(2, 0.5), (0, -1.0), (1, 0.3), (0, 2.0)]
    lanes = [Lane(Kind.KD, 1.0, lam, q) for q, lam in order]
    found = directions(which, lanes, x, np.stack(teachers), batch)
    for k, (q, lam) in enumerate(order):
        expected = at_x - lam * at_teachers[q]
        assert found[k] == pytest.approx(expected, rel=0, abs=1e-14)


def test_svrg_converges_where_plain_sgd_does_not() -> None:
    which, data = Linear(D, K, 0.3), rows()
    best = minimise(which, data)
    lanes = [Lane(Kind.SVRG, 0.1), Lane(Kind.PLAIN, 0.1)]
    runs = Runs(which, data, lanes, best.x[None], np.zeros((4, which.num_parameters)))
    x = final_points(runs, LAW, LAW.draw(0, np.arange(4), 1500))
    gap = which.objective(x, data.a, data.b) - best.value
    assert gap[:, 0].max() < 1e-12
    assert gap[:, 1].min() > 1e-6


@pytest.mark.parametrize("name", STUDENTS)
def test_soft_targets_deviate_by_the_change_of_the_jacobian(name: str) -> None:
    """soft - KD = lambda (J_theta - J_x)^T r_theta: 0 if J does not depend on x."""
    which, data, lam = student(name), rows(), 0.6
    x, teacher = points(which, 2)
    lanes = [Lane(Kind.SOFT, 1.0, lam), Lane(Kind.KD, 1.0, lam)]
    batch = [0, 3, 9]
    soft, kd = directions(which, lanes, x, teacher[None], batch)
    a, b = data.a[batch][None, None], data.b[batch][None, None]
    z, kept_teacher = which.outputs(teacher[None, None], a)
    _, kept = which.outputs(x[None, None], a)
    r = which.residuals(z, b)
    change = which.pull_back(teacher[None, None], a, r, kept_teacher)
    change -= which.pull_back(x[None, None], a, r, kept)
    assert soft - kd == pytest.approx(lam * change[0, 0], rel=0, abs=1e-14)
    assert (np.abs(soft - kd).max() < 1e-14) == (not isinstance(which, Network))


def test_the_samples_of_a_replica_depend_on_nothing_else() -> None:
    together = LAW.draw(7, np.array([0, 5, TUNING, TUNING + 1]), 50)
    assert np.array_equal(LAW.draw(7, np.array([5]), 20)[:, 0], together[:20, 1])
    assert not np.array_equal(together[:, 0], together[:, 2])
    assert not np.array_equal(LAW.draw(8, np.array([5]), 20)[:, 0], together[:20, 1])
    assert REPORTING < TUNING


def test_batches_are_sets_and_all_sets_are_alike_likely() -> None:
    law, draws = BatchLaw(4, 2), 30_000
    drawn = np.sort(law.draw(0, np.arange(2), draws // 2).reshape(-1, 2), axis=1)
    assert (drawn[:, 0] < drawn[:, 1]).all()
    _, counts = np.unique(drawn, axis=0, return_counts=True)
    assert len(counts) == 6
    # Six deviations of a binomial count: error probability below 6 x 2e-9.
    assert np.abs(counts - draws / 6).max() < 6 * np.sqrt(draws * (1 / 6) * (5 / 6))
    again = BatchLaw(4, 2, replacement=True).draw(0, np.arange(2), 50)
    assert (again[..., 0] == again[..., 1]).any()
