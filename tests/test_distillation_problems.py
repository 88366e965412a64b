"""Constants of the problems: attained where they are exact, never violated."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, strategies as st
from scipy.linalg import eigh

from synthetic.distillation import instances, numbers, separable
from synthetic.distillation.catalogue import probes
from synthetic.distillation.logistic import Logistic
from synthetic.distillation.problems import FiniteSum, Quadratic, quadratic
from synthetic.distillation.teachers import GRADES, directions, graded
from theory.distillation import Variant
from theory.errors import InputError

EVERY = (*instances.QUADRATICS, instances.deficient, *instances.SMOOTH)


def square(x: np.ndarray) -> np.ndarray:
    return numbers.square(np.asarray(x))


@pytest.mark.parametrize("family", EVERY)
def test_gradients_are_derivatives_and_vanish_at_the_minimiser(family: type) -> None:
    problem: FiniteSum = family()
    x = problem.star + np.random.default_rng(1).standard_normal((5, problem.dim))
    slope = problem.gradient(x)
    for j in range(problem.dim):
        away = 1e-5 * np.eye(problem.dim)[j]
        rise = (problem.gap(x + away) - problem.gap(x - away)) / 2e-5
        np.testing.assert_allclose(rise, slope[:, j], rtol=1e-5, atol=1e-7)
    at_star = problem.weights @ problem.at_star
    assert np.abs(at_star).max() <= 1e-13 * np.abs(problem.at_star).max()
    assert problem.gap(problem.star[None])[0] <= 1e-15
    assert np.all(problem.gap(x) >= 0)
    i = np.arange(5) % problem.num_components
    np.testing.assert_allclose(
        problem.drawn(i, x), problem.gradients(x)[np.arange(5), i], rtol=1e-12
    )


@pytest.mark.parametrize("family", EVERY)
def test_no_point_violates_the_assumptions(family: type) -> None:
    """A1, A2, A3 and smoothness typed again at 2000 points, near and far."""
    problem: FiniteSum = family()
    rng = np.random.default_rng(7)
    away = rng.standard_normal((2000, problem.dim)) * 10.0 ** rng.uniform(
        -2, 1.5, (2000, 1)
    )
    x = problem.star + away
    slope, gap = problem.gradient(x), problem.gap(x)
    off = 1e-12 * (1.0 + gap + square(slope))  # roundoff of losses near 1
    if problem.mu > 0:
        inner = (slope * away).sum(axis=1)
        assert np.all(gap + problem.mu / 2 * square(away) <= inner + off)
    assert np.all(2 * problem.mu_pl * gap <= square(slope) + off)
    assert np.all(square(slope) <= 2 * problem.L * gap + problem.L * off)
    spread = square(problem.gradients(x) - problem.at_star) @ problem.weights
    assert np.all(spread <= 2 * problem.cL * gap + problem.cL * off)
    assert problem.mu_pl <= problem.cL
    assert problem.mu <= problem.mu_pl * (1 + 1e-11)
    other = x[rng.permutation(2000)]
    bend = np.sqrt(square(slope - problem.gradient(other)))
    assert np.all(bend <= problem.L * np.sqrt(square(x - other)) * (1 + 1e-9))
    if np.isfinite(problem.L_max):
        bends = np.sqrt(square(problem.gradients(x) - problem.gradients(other)))
        length = np.sqrt(square(x - other))[:, None]
        assert np.all(bends <= problem.L_max * length * (1 + 1e-9))


@pytest.mark.parametrize("family", instances.QUADRATICS)
def test_the_constants_of_quadratics_are_attained(family: type) -> None:
    problem: Quadratic = family()
    eye = np.eye(problem.dim)
    hessians = [f.T @ f + problem.ridge * eye for f in problem.factors]
    mean = sum(w * h for w, h in zip(problem.weights, hessians, strict=True))
    second = sum(w * h @ h for w, h in zip(problem.weights, hessians, strict=True))
    np.testing.assert_allclose(problem.hessian, mean, rtol=1e-12, atol=1e-14)
    # cL is the largest x'E[H^2]x / x'Hx: a generalised eigenvalue, not a root
    values, vectors = eigh(second, mean)
    assert problem.cL == pytest.approx(values[-1], rel=1e-11)
    x = problem.star + vectors[:, -1]
    spread = square(problem.gradients(x[None])[0] - problem.at_star) @ problem.weights
    assert spread == pytest.approx(2 * problem.cL * problem.gap(x[None])[0], rel=1e-10)
    spectrum, basis = np.linalg.eigh(mean)
    assert problem.mu == problem.mu_pl == pytest.approx(spectrum[0], rel=1e-10)
    np.testing.assert_allclose(problem.L, spectrum[-1], rtol=1e-11)
    largest = max(np.linalg.eigvalsh(h)[-1] for h in hessians)
    assert problem.L_max == pytest.approx(largest, rel=1e-11)
    assert problem.mu <= spectrum[0] <= spectrum[-1] <= problem.L  # outward
    assert problem.is_full_rank
    ways = directions(problem)
    assert abs(ways["flattest"] @ basis[:, 0]) == pytest.approx(1.0)
    assert abs(ways["steepest"] @ basis[:, -1]) == pytest.approx(1.0)
    for way in ways.values():
        assert np.linalg.norm(way) == pytest.approx(1.0)


@given(st.floats(0.0, 9.5), st.integers(0, 100))
def test_constants_stay_outward_however_ill_conditioned(
    digits: float, seed: int
) -> None:
    """H = Q diag(1, .7, 10^-digits) Q': mu and cL are known exactly."""
    basis, _ = np.linalg.qr(np.random.default_rng(seed).standard_normal((3, 3)))
    lowest = 10.0**-digits
    factor = np.diag(np.sqrt([1.0, 0.7, lowest])) @ basis.T
    factors = np.broadcast_to(factor, (2, 3, 3)).copy()
    noise = basis[:, 0] * np.array([[1.0], [-1.0]])
    problem = quadratic("ill", factors, noise, np.zeros(3))
    # the rotation itself is only orthogonal to roundoff
    least = min(lowest, 0.7)
    assert problem.mu <= least * (1 + 1e-15) + 1e-16
    assert problem.mu >= least * (1 - 1e-10) - 1e-14
    assert 1 - 1e-14 <= problem.cL <= 1 + 1e-11 + 1e-13 / lowest
    assert problem.L >= 1 - 1e-14


def test_a_singular_mean_has_the_constants_of_its_range() -> None:
    problem = instances.deficient()
    spectrum = np.linalg.eigvalsh(problem.hessian)
    assert np.all(spectrum[:2] < 1e-12)
    assert problem.mu == 0.0
    assert problem.mu_pl == pytest.approx(spectrum[2], rel=1e-10)
    assert not problem.is_full_rank
    # noise off the range is refused: H = diag(1, 0), s = (0, +-1)
    factors = np.broadcast_to(np.array([[1.0, 0.0]]), (2, 1, 2)).copy()
    leaving = np.array([[0.0, 1.0], [0.0, -1.0]])
    with pytest.raises(InputError, match="leaves the range of H"):
        quadratic("off", factors, leaving, np.zeros(2))


def test_batches_have_their_known_moments() -> None:
    """B of N without replacement: S2 and E[H_B^2] by formulas."""
    n, size = 12, 3
    batch = instances.small_batches()
    base = instances.least_squares("base", *_rows(8, (n, 4)))
    assert batch.num_components == 220
    share = (n - size) / (size * (n - 1))
    single = float(base.weights @ square(base.at_star))
    assert float(batch.weights @ square(batch.at_star)) == pytest.approx(
        share * single, rel=1e-12
    )
    hessians = [f.T @ f for f in base.factors]
    mean = sum(hessians) / n
    second = mean @ mean + share * (sum(h @ h for h in hessians) / n - mean @ mean)
    assert batch.cL == pytest.approx(eigh(second, mean)[0][-1], rel=1e-10)
    teacher = base.star + np.array([[0.3, -0.2, 0.5, 0.1]])
    h = base.gradients(teacher)[0]
    g = base.weights @ h
    found = numbers.teacher_moments(batch, teacher)
    assert found["G2"][0] == pytest.approx(float(g @ g), rel=1e-11)
    spread = float(base.weights @ square(h)) - g @ g
    assert found["H2"][0] == pytest.approx(g @ g + share * spread, rel=1e-11)
    cross = float(base.weights @ (h * base.at_star).sum(axis=1))
    assert found["cross"][0] == pytest.approx(share * cross, rel=1e-10)


def _rows(seed: int, shape: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """The generator of `instances`, typed again: a pin of the data too."""
    rng = np.random.default_rng(seed)
    rows = rng.standard_normal(shape)
    return rows, rows @ rng.standard_normal(shape[1]) + rng.standard_normal(shape[0])


def test_logistic_constants_and_batches() -> None:
    for problem, size in ((instances.logit(), 1), (instances.logit_batches(), 2)):
        a, n = problem.glm.features, len(problem.glm.target)
        assert len(problem.batches) == len(list(combinations(range(n), size)))
        smooth = np.linalg.eigvalsh(a.T @ a / n)[-1] / 4 + 0.2
        largest = max(row @ row for row in a) / 4 + 0.2
        expected = (
            n * (size - 1) / (size * (n - 1)) * smooth
            + (n - size) / (size * (n - 1)) * largest
        )
        assert problem.cL == pytest.approx(expected, rel=1e-11)
        assert (problem.mu, problem.mu_pl) == (0.2, 0.2)
        np.testing.assert_allclose(problem.L, smooth, rtol=1e-11)
        # S2 of batches is (N - B)/(B (N - 1)) of the single rows' S2
        score = a @ problem.star
        rows = (1 / (1 + np.exp(-score)) - problem.glm.target)[:, None] * a
        rows = rows + 0.2 * problem.star
        share = (n - size) / (size * (n - 1))
        assert float(problem.weights @ square(problem.at_star)) == pytest.approx(
            share * float(square(rows).mean()), rel=1e-10
        )


@pytest.mark.parametrize(
    "family", [instances.logit, instances.logit_batches, instances.ridge]
)
def test_the_shifted_optimum_solves_its_equation_to_rounding(family: type) -> None:
    problem: Logistic | Quadratic = family()
    bench = probes(problem, Variant.BIASED, 60, seed=4)
    x = numbers.shifted_optimum(bench)
    assert x is not None
    target = bench.weight[:, None] * problem.gradient(bench.teacher)
    rest = np.sqrt(square(problem.gradient(x) - target))
    size = 1.0 + np.sqrt(square(target)) + problem.L * np.sqrt(square(x))
    assert np.max(rest / size) < 1e-14
    one = bench.weight == 1.0
    np.testing.assert_allclose(x[one], bench.teacher[one], rtol=0, atol=1e-12)
    zero = bench.weight == 0.0
    np.testing.assert_allclose(x[zero] - problem.star, 0.0, atol=1e-13)
    c = bench.constants()
    h = problem.gradients(bench.teacher)
    noise = problem.gradients(x) - bench.weight[:, None, None] * h
    np.testing.assert_allclose(
        c.shift_noise[:, 0], square(noise) @ problem.weights, rtol=1e-9, atol=1e-25
    )
    assert np.max(c.shift_noise[one]) < 1e-24 * np.max(c.H2)


def test_separable_constants_are_those_known() -> None:
    mu, mu_pl, smooth, steep = separable.constants("log")
    assert mu == pytest.approx(0.10557, abs=5e-6)
    assert smooth == pytest.approx(2.2649, abs=5e-5)
    assert mu_pl == pytest.approx(0.25456, abs=5e-6)
    # K by a grid of its own: the largest of the same ratio
    u = np.linspace(0, 2 * np.pi, 200_001)
    ratio = (1 + 0.4 * (np.sin(u) + np.cos(u))) ** 2 / (1 + 0.4 * np.sin(u))
    assert steep == pytest.approx(ratio.max(), rel=1e-9)
    assert mu_pl == pytest.approx(ratio.min(), rel=1e-8)
    mu, mu_pl, smooth, steep = separable.constants("sine")
    assert (mu, smooth, steep) == (0.0, 8.0, 8.0)
    assert mu_pl == pytest.approx(0.17553, abs=5e-6)
    x = np.array(2.2017)
    at = separable.slope("sine", x) ** 2 / (2 * separable.value("sine", x))
    assert at == pytest.approx(mu_pl, rel=1e-6)
    x = np.linspace(0.01, 20, 100_001)
    trap = (x * separable.slope("sine", x) - separable.value("sine", x)) / (x**2 / 2)
    assert trap.min() == pytest.approx(-1.52, abs=5e-3)  # not strongly quasi-convex
    stuck = np.array(2.7607)
    assert abs(separable.slope("trap", stuck)) < 1e-3
    assert separable.value("trap", stuck) == pytest.approx(8.727, abs=5e-4)
    for problem, factor in (
        (instances.log_waves(), separable.constants("log")[3]),
        (instances.sine_waves(), 8.0),
    ):
        second = (problem.scales**2).mean(axis=0).max()
        assert problem.cL == pytest.approx(factor * second, rel=1e-11)
        np.testing.assert_allclose(problem.scales.mean(axis=0), 1.0, rtol=1e-14)
        with pytest.raises(InputError, match="not convex"):
            problem.solve_gradient(np.zeros((1, 2)))


@pytest.mark.parametrize("family", [instances.gauss, instances.logit])
def test_graded_teachers_are_what_they_say(family: type) -> None:
    problem: FiniteSum = family()
    start = problem.star + np.linspace(0.5, 1.0, problem.dim)
    found = graded(problem, start)
    assert tuple(found) == GRADES
    gap = {name: float(problem.gap(x[None])[0]) for name, x in found.items()}
    away = {name: float(np.linalg.norm(x - problem.star)) for name, x in found.items()}
    length = float(np.linalg.norm(start - problem.star))
    assert away["perfect"] == gap["perfect"] == 0.0
    assert away["near"] == pytest.approx(0.03 * length)
    assert away["random"] == pytest.approx(length)
    np.testing.assert_allclose(
        found["wrong direction"] - problem.star, problem.star - start, rtol=1e-12
    )
    assert 0 < gap["early-stopped"] < 0.5 * float(problem.gap(start[None])[0])
    assert away["early-stopped"] < length
    assert gap["near"] < gap["random"]
