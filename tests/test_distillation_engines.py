"""Moments, all paths, samples, stationary laws: each engine against another way."""

from dataclasses import replace

import numpy as np
import pytest

from synthetic.distillation import (
    exact,
    instances,
    lyapunov,
    moments,
    numbers,
    paths,
    sampled,
)
from synthetic.distillation.problems import FloatArray, Quadratic, quadratic
from synthetic.distillation.rule import RULES, SWAPPED, WRONG_SIGN, Affine, Rule
from synthetic.distillation.setting import Bench
from synthetic.distillation.special import one
from theory.confidence import mean_limits
from theory.distillation import Variant

EVERYTHING = Rule(
    "a bit of all",
    Affine(0.9, -0.2),
    Affine(0.1, -0.7),
    Affine(-0.2, 0.3),
    Affine(0.05, 0.6),
)
ALL_RULES = (*RULES.values(), WRONG_SIGN, SWAPPED, EVERYTHING)


def tiny(ridge: float = 0.0) -> Quadratic:
    """Three components of rank 1 and 2 (a zero row), uneven weights, in the plane."""
    rng = np.random.default_rng(3)
    factors = rng.standard_normal((3, 2, 2))
    factors[1, 1] = 0.0
    return quadratic(
        "tiny",
        factors,
        rng.standard_normal((3, 2)),
        np.array([0.3, -0.4]),
        ridge=ridge,
        weights=np.array([0.2, 0.3, 0.5]),
    )


def bench_of(problem: Quadratic, horizon: int = 5, relative: float = 0.7) -> Bench:
    weight = np.array([-0.6, 0.0, 0.4, 1.0, 1.7])
    rng = np.random.default_rng(5)
    count = len(weight)
    return one(
        "tiny",
        problem,
        rng.standard_normal((count, problem.dim)),
        weight,
        np.linspace(0.3, 1.0, count) * relative / problem.cL,
        start=rng.standard_normal((count, problem.dim)),
        horizon=horizon,
        offers=frozenset({"run", "limit"}),
    )


def star_of(bench: Bench) -> FloatArray:
    return np.broadcast_to(bench.problem.star, bench.start.shape)


@pytest.mark.parametrize("ridge", [0.0, 0.3])
@pytest.mark.parametrize("rule", ALL_RULES, ids=lambda rule: rule.name)
def test_moments_are_the_mean_of_all_paths(rule: Rule, ridge: float) -> None:
    horizon = 4 if any(rule.independent) else 6
    bench = replace(bench_of(tiny(ridge), horizon), rule=rule)
    found, _ = exact.run(bench)
    for centre, channel in (
        (star_of(bench), "dist_sq"),
        (bench.teacher, "teacher_dist_sq"),
    ):
        mean = moments.run(bench, centre, np.arange(horizon))
        np.testing.assert_allclose(mean.dist_sq, found[channel], rtol=1e-12)
    mean = moments.run(bench, star_of(bench), np.arange(horizon))
    np.testing.assert_allclose(mean.gap, found["gap"], rtol=1e-12)


def test_all_paths_are_those_of_a_plain_loop() -> None:
    """One configuration, two steps, by hand: 9 paths, independent teachers: 81."""
    problem = tiny(0.3)
    for rule in (RULES[Variant.UNBIASED], EVERYTHING):
        bench = replace(bench_of(problem, 3), rule=rule)
        found, _ = exact.run(bench)
        for k, (lam, gamma) in enumerate(zip(bench.weight, bench.step, strict=True)):
            own, same, other, mean = (
                part.constant + part.slope * lam
                for part in (rule.own, rule.same, rule.independent, rule.mean)
            )
            h = problem.gradients(bench.teacher[k : k + 1])[0]
            g = problem.weights @ h
            law = [(1.0, bench.start[k])]
            for _ in range(2):
                law = [
                    (
                        chance * problem.weights[i] * problem.weights[j],
                        x
                        - gamma
                        * (
                            own * problem.gradients(x[None])[0, i]
                            + same * h[i]
                            + other * h[j]
                            + mean * g
                        ),
                    )
                    for chance, x in law
                    for i in range(3)
                    for j in range(3)
                ]
            away = sum(chance * np.sum((x - problem.star) ** 2) for chance, x in law)
            assert found["dist_sq"][k, 2] == pytest.approx(away, rel=1e-13)


@pytest.mark.parametrize("variant", Variant)
def test_samples_agree_with_the_mean_of_all_paths(variant: Variant) -> None:
    # limits for 2 times, each side wrong with probability 1e-9: 3e-9 for all three
    bench = replace(bench_of(tiny(), 5), variant=variant)
    times = np.array([1, 4])
    mean = moments.run(bench, star_of(bench), times)
    for case in (0, 4):
        found = sampled.sample(bench, case, 7, range(4000), times)["dist_sq"]
        top = sampled.reach(bench)[case, times] ** 2 * (1 + 1e-12)
        limits = mean_limits(found, np.zeros(2), top, alpha=5e-10)
        assert np.all(limits.lower <= mean.dist_sq[case])
        assert np.all(mean.dist_sq[case] <= limits.upper)
        # and they are samples of it: the mean is within 6 standard errors (2e-9)
        error = found.std(axis=0) / len(found) ** 0.5
        assert np.all(np.abs(limits.mean - mean.dist_sq[case]) < 6.5 * error)


def naive(bench: Bench, times: FloatArray) -> FloatArray:
    """The recursion by one square matrix of order (d + 1)^2: see benchmarks."""
    problem = bench.problem
    assert isinstance(problem, Quadratic)
    d = problem.dim
    out = []
    for k, (lam, gamma) in enumerate(zip(bench.weight, bench.step, strict=True)):
        h = problem.gradients(bench.teacher[k : k + 1])[0]
        big = np.zeros(((d + 1) ** 2, (d + 1) ** 2))
        for weight, rows, s, hi in zip(
            problem.weights, problem.factors, problem.noise, h, strict=True
        ):
            a = np.zeros((d + 1, d + 1))
            a[:d, :d] = np.eye(d) - gamma * (rows.T @ rows + problem.ridge * np.eye(d))
            a[:d, d], a[d, d] = -gamma * (s - lam * hi), 1.0
            big += weight * np.kron(a, a)
        e = np.append(bench.start[k] - problem.star, 1.0)
        m = np.outer(e, e).ravel()
        row = []
        for t in range(int(times[-1]) + 1):
            if t in times:
                row.append(np.trace(m.reshape(d + 1, d + 1)[:d, :d]))
            m = big @ m
        out.append(row)
    return np.array(out)


FAMILIES = (tiny, instances.ridge, instances.small_batches, instances.aniso)


@pytest.mark.parametrize("family", FAMILIES)
def test_lean_moments_are_the_square_matrix(family: type) -> None:
    bench = bench_of(family(), 31)
    times = np.array([0, 1, 2, 3, 10, 30])
    found = moments.run(bench, star_of(bench), times).dist_sq
    np.testing.assert_allclose(found, naive(bench, times), rtol=1e-12)


def dense(problem: Quadratic, a: float, q: FloatArray) -> FloatArray:
    """Solve M - E[A M A] = Q with a matrix of order d^2."""
    d = problem.dim
    hessians = [f.T @ f + problem.ridge * np.eye(d) for f in problem.factors]
    one = [np.eye(d) - a * h for h in hessians]
    big = np.eye(d * d) - sum(
        w * np.kron(m, m) for w, m in zip(problem.weights, one, strict=True)
    )
    return np.asarray(np.linalg.solve(big, q.ravel()).reshape(d, d))


@pytest.mark.parametrize("family", [*FAMILIES, instances.ill, instances.two_atoms])
def test_the_lyapunov_solution_is_that_of_a_dense_solve(family: type) -> None:
    problem: Quadratic = family()
    rng = np.random.default_rng(1)
    a = np.array([1e-3, 0.1, 1.0, 1.9]) / problem.cL
    root = rng.standard_normal((len(a), problem.dim, problem.dim))
    q = root @ root.transpose(0, 2, 1)
    q[3] = root[3] + root[3].T  # indefinite, as mixed terms are
    found, left = lyapunov.solve(problem, a, q)
    for k, step in enumerate(a):
        right = dense(problem, step, q[k])
        scale = np.abs(right).max()
        np.testing.assert_allclose(found[k], right, rtol=0, atol=1e-10 * scale)
        # what is said of the error is true, and small
        slack = step * problem.mu * (2.0 - step * problem.cL)
        off = abs(np.trace(found[k]) - np.trace(right))
        assert off <= left[k] / slack + 1e-11 * scale  # the dense solve's own
        assert left[k] / slack <= 1e-8 * np.abs(np.linalg.eigvalsh(right)).sum()


def test_a_lyapunov_equation_without_stable_steps_is_no_error() -> None:
    bench = bench_of(tiny(), 3, relative=9.0)  # 2.7/cL to 9/cL
    assert np.all(np.isinf(bench.constants().V))
    assert np.all(np.isnan(moments.limit(bench).dist_sq))


@pytest.mark.parametrize(
    "rule", [r for r in ALL_RULES if r is not SWAPPED], ids=lambda rule: rule.name
)
def test_the_limit_is_where_the_moments_go(rule: Rule) -> None:
    bench = replace(bench_of(tiny(0.3), 3, relative=1.0), rule=rule)
    end = moments.limit(bench)
    last = moments.run(bench, star_of(bench), np.array([3000]))
    np.testing.assert_allclose(end.dist_sq, last.dist_sq[:, 0], rtol=1e-11)
    np.testing.assert_allclose(end.gap, last.gap[:, 0], rtol=1e-11)


def test_closed_forms_of_plain_sgd() -> None:
    iso, hot, atoms = instances.iso(), instances.onehot(), instances.two_atoms()
    for problem, gamma in ((iso, 0.3), (iso, 1.7), (hot, 0.4), (hot, 1.9)):
        noise = float(problem.weights @ numbers.square(problem.at_star))
        mu, smooth = (1.0, 1.0) if problem is iso else (0.25, 1.0)
        bench = replace(
            bench_of(problem), weight=np.zeros(5), step=np.full(5, gamma / smooth)
        )
        expected = gamma * noise / (mu * (2 - gamma))
        np.testing.assert_allclose(moments.limit(bench).dist_sq, expected, rtol=1e-12)
        np.testing.assert_allclose(bench.constants().V, expected, rtol=1e-12)
        np.testing.assert_allclose(bench.constants().F, expected * mu / 2, rtol=1e-12)
    bench = replace(bench_of(atoms), weight=np.zeros(5), step=np.full(5, 0.05))
    expected = 0.05 / (4 - 5 * 0.05)
    np.testing.assert_allclose(moments.limit(bench).dist_sq, expected, rtol=1e-12)


@pytest.mark.parametrize("momentum", [0.0, 0.6, 0.9])
def test_distillation_is_plain_sgd_seen_through_an_affine_map(momentum: float) -> None:
    bench = bench_of(instances.gauss(), 120)
    worst, error, size = paths.residuals(bench, 3, momentum=momentum)
    kept = bench.weight != 1.0
    assert np.max(worst[kept] / size[kept]) < 1e-12
    assert np.all(worst[kept] <= error[kept])
    # lambda = 1 has no such map, and with the wrong sign there is none either
    assert np.max(worst[~kept]) > 1e-3
    wrong, error, _ = paths.residuals(
        replace(bench, rule=WRONG_SIGN), 3, momentum=momentum
    )
    assert np.all(wrong[bench.weight != 0].max(axis=1) > 1e-3)


def test_paths_draw_steps_that_decay_and_carry_momentum() -> None:
    problem = instances.iso()
    bench = bench_of(problem, 4)
    draws = np.zeros((3, 5), dtype=np.int64)
    steps = np.array([[0.5], [0.25], [0.125]]) * np.ones(5)
    x = paths.descend(bench, bench.start, bench.weight, draws, steps, 0.5)
    h = problem.gradients(bench.teacher)[:, 0]
    before = now = bench.start
    for k, gamma in enumerate((0.5, 0.25, 0.125)):
        pull = problem.gradients(now)[:, 0] - bench.weight[:, None] * h
        now, before = now - gamma * pull + 0.5 * (now - before), now
        np.testing.assert_allclose(x[k + 1], now, rtol=1e-14, atol=1e-14)
