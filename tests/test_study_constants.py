"""The theorem's constants on data: against brute force, and the theorem's one step."""

from itertools import combinations, product

import numpy as np
import pytest

from synthetic.distillation.students import FloatArray, Linear, Squares
from synthetic.distillation.study_constants import (
    TeacherConstants,
    smoothness,
    teacher_constants,
)
from synthetic.distillation.study_data import Part
from synthetic.distillation.study_minimiser import Minimiser, full_gradient, minimise
from synthetic.distillation.study_samples import BatchLaw

N, B, D, K = 6, 2, 3, 3
STUDENTS = [Linear(D, K, 0.2), Squares(D, K, 0.2)]
LAWS = [BatchLaw(N, B), BatchLaw(N, B, replacement=True), BatchLaw(N, N)]


def rows() -> Part:
    rng = np.random.default_rng(4)
    a = rng.standard_normal((N, D))
    return Part(a, np.eye(K)[rng.integers(0, K, N)])


def batches(law: BatchLaw) -> list[tuple[int, ...]]:
    if law.replacement:
        return list(product(range(N), repeat=law.size))
    return list(combinations(range(N), law.size))


def gradients(student: Linear, law: BatchLaw, x: FloatArray) -> FloatArray:
    data = rows()
    found = [
        full_gradient(student, Part(data.a[list(b)], data.b[list(b)]), x)
        for b in batches(law)
    ]
    return np.array(found)


def teacher(seed: int) -> FloatArray:
    return np.random.default_rng(seed).standard_normal(D * K)


def known(student: Linear, law: BatchLaw, theta: FloatArray) -> TeacherConstants:
    data = rows()
    return teacher_constants(student, data, law, minimise(student, data), theta)


@pytest.mark.parametrize("student", STUDENTS)
@pytest.mark.parametrize("law", LAWS)
def test_the_constants_are_those_of_all_batches(student: Linear, law: BatchLaw) -> None:
    theta, data = teacher(0), rows()
    best = minimise(student, data)
    found = teacher_constants(student, data, law, best, theta)
    s, h = gradients(student, law, best.x), gradients(student, law, theta)
    g = h.mean(axis=0)
    assert pytest.approx((s**2).sum(axis=1).mean(), rel=1e-12, abs=1e-20) == found.S2
    assert pytest.approx((h**2).sum(axis=1).mean(), rel=1e-12, abs=0) == found.H2
    assert found.c == pytest.approx((s * h).sum(axis=1).mean(), rel=1e-10, abs=1e-11)
    assert pytest.approx(g @ g, rel=1e-12, abs=0) == found.G2
    gap = student.objective(theta, data.a, data.b) - best.value
    assert found.Delta == pytest.approx(float(gap), rel=1e-12, abs=0)
    assert found.distance_sq == pytest.approx(((theta - best.x) ** 2).sum(), rel=1e-12)


@pytest.mark.parametrize("student", STUDENTS)
@pytest.mark.parametrize("law", LAWS)
def test_expected_smoothness_holds_at_every_point(
    student: Linear, law: BatchLaw
) -> None:
    """E||grad f_xi(x) - s_xi||^2 <= 2 cL (f(x) - f*); a quarter of cL is refuted."""
    data = rows()
    best, cL = minimise(student, data), smoothness(student, data, law).cL
    s, worst = gradients(student, law, best.x), 0.0
    rng = np.random.default_rng(8)
    for size in np.repeat([1e-2, 1.0, 10.0], 60):
        x = best.x + size * rng.standard_normal(D * K)
        gap = float(student.objective(x, data.a, data.b)) - best.value
        change = ((gradients(student, law, x) - s) ** 2).sum(axis=1).mean()
        worst = max(worst, change / (2.0 * cL * gap))
    assert 0.25 < worst <= 1.0


@pytest.mark.parametrize("student", STUDENTS)
@pytest.mark.parametrize("law", LAWS[:2])
def test_one_step_of_the_theorem(student: Linear, law: BatchLaw) -> None:
    """E||x+ - x*||^2 <= (1 - gamma mu)||x - x*||^2 + gamma mu N(lambda), exactly."""
    data = rows()
    best, smooth = minimise(student, data), smoothness(student, data, law)
    gamma, rng = 1.0 / (8.0 * smooth.cL), np.random.default_rng(9)
    for seed in range(30):
        theta = best.x + (0.03 + seed % 3) * teacher(seed)
        found, h = known(student, law, theta), gradients(student, law, theta)
        star = found.lambda_star(gamma, smooth.mu)
        for lam in (-0.5, star, 0.3, 1.0):
            x = best.x + (seed % 4) * rng.standard_normal(D * K)
            left = _step(student, law, best, x, gamma, lam * h)
            bound = found.floor(lam, gamma, smooth.mu)
            rate = gamma * smooth.mu
            far = ((x - best.x) ** 2).sum()
            assert left <= (1.0 - rate) * far + rate * bound
    # At the minimiser without a teacher the step is gamma^2 S2, half of the bound.
    left = _step(student, law, best, best.x, gamma, np.zeros((1, D * K)))
    bound = found.floor(0.0, gamma, smooth.mu)
    assert left == pytest.approx(0.5 * rate * bound, rel=1e-6)


def _step(
    student: Linear,
    law: BatchLaw,
    best: Minimiser,
    x: FloatArray,
    gamma: float,
    pull: FloatArray,
) -> float:
    moved = x - gamma * (gradients(student, law, x) - pull)
    return float(((moved - best.x) ** 2).sum(axis=1).mean())


def test_the_smoothness_of_two_classes_is_attained_at_zero() -> None:
    data = rows()
    two = Part(data.a, data.b[:, :2] + data.b[:, 2:] * [0.5, 0.5])
    student = Linear(D, 2, 0.1)
    smooth = smoothness(student, two, BatchLaw(N, B))
    top = np.linalg.eigh(data.a.T @ data.a)[1][:, -1]
    u = np.outer(top, [1.0, -1.0]).ravel() / np.sqrt(2)
    step = 1e-5
    slope = full_gradient(student, two, step * u) - full_gradient(
        student, two, -step * u
    )
    assert u @ slope / (2 * step) == pytest.approx(smooth.L, rel=1e-8)
    # Equal shifts of all classes change no loss, so that mu is the ridge.
    v = np.outer(top, [1.0, 1.0]).ravel() / np.sqrt(2)
    slope = full_gradient(student, two, step * v) - full_gradient(
        student, two, -step * v
    )
    assert v @ slope / (2 * step) == pytest.approx(smooth.mu, rel=1e-8)


@pytest.mark.parametrize("student", STUDENTS)
def test_no_point_is_lower_than_the_certificate_allows(student: Linear) -> None:
    data = rows()
    best = minimise(student, data)
    assert best.gradient_norm < 1e-11
    assert best.gap == best.gradient_norm**2 / (2 * student.ridge)
    rng = np.random.default_rng(0)
    for size in (1e-8, 1e-4, 1.0):
        x = best.x + size * rng.standard_normal((50, D * K))
        # 1e-15: rounding of an objective of order 1.
        assert (
            student.objective(x, data.a, data.b).min() > best.value - best.gap - 1e-15
        )


def test_least_squares_has_the_minimiser_of_the_normal_equations() -> None:
    data, student = rows(), Squares(D, K, 0.2)
    matrix = data.a.T @ data.a / N + 0.2 * np.eye(D)
    exact = np.linalg.solve(matrix, data.a.T @ data.b / N).ravel()
    assert minimise(student, data).x == pytest.approx(exact, rel=0, abs=1e-11)


@pytest.mark.parametrize(
    ("c", "H2", "G2", "gamma", "mu", "expected"),
    [
        # H = diag(1, .01), s = +-(1, 0), theta - x* = (0, sqrt(18.75))
        (1.0, 1.001875, 0.001875, 0.125, 0.01, 0.4995317),
        # atoms H = (1, 3), s = (1, -1), theta - x* = 2: a negative weight
        (-1.0, 17.0, 16.0, 0.05, 2.0, -0.0080863),
    ],
)
def test_lambda_star_on_examples_by_hand(
    c: float, H2: float, G2: float, gamma: float, mu: float, expected: float
) -> None:
    found = TeacherConstants(1.0, H2, c, G2, Delta=0.25, distance_sq=1.0)
    star = found.lambda_star(gamma, mu)
    assert star == pytest.approx(expected, rel=1e-5, abs=0)
    lowest = found.floor(star, gamma, mu)
    for lam in (star - 0.01, star + 0.01, 0.0, 1.0):
        assert lowest < found.floor(lam, gamma, mu)
    assert found.lambda_star_unbiased() == pytest.approx(c / (H2 - G2), rel=1e-12)
    assert found.safe_lambda(2.0) == 2.0 / 3.0  # gamma S2 / (gamma S2 + 4 Delta)
    ratio = found.bound_ratio(2.0 * star, gamma, mu)
    assert ratio == pytest.approx(1.0, rel=1e-12, abs=0)  # a parabola's symmetry


def test_weights_where_they_are_quotients_of_zeros() -> None:
    nothing = TeacherConstants(0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    assert nothing.lambda_star(1.0, 1.0) == 0.0
    assert nothing.lambda_star_unbiased() == 0.0
    assert nothing.safe_lambda(1.0) == 0.0
    assert nothing.bound_ratio(1.0, 1.0, 1.0) is None
