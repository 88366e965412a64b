"""Which benches the claims about distillation are tried on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from synthetic.distillation import instances, lyapunov, special
from synthetic.distillation.numbers import square, teacher_moments
from synthetic.distillation.paths import descend
from synthetic.distillation.problems import FiniteSum, FloatArray, Quadratic
from synthetic.distillation.setting import Bench, Split
from synthetic.distillation.teachers import GRADES, directions, graded
from theory import distillation_formulas as formulas
from theory.distillation import Variant

RUNS = frozenset({"run"})
NOISES = (0.0, 0.03, 0.3, 3.0)
"""Distances of teachers from the minimiser."""

STEPS = (1 / 8, 1 / 64, 1 / 512)
"""Steps, relative to 1/cL."""

WEIGHTS = (-1.0, 0.0, 0.25, 0.5, 1.0, 1.5, 3.0)


def benches(tier: str) -> Iterator[Bench]:
    """All of the tier."""
    yield from _few_paths()
    yield from _visited(5 if tier == "quick" else 50)
    yield from _sampled(1 if tier == "quick" else 2)
    yield from _probes(300 if tier == "quick" else 3000)
    yield from _grids(41 if tier == "quick" else 401)
    yield from special.benches()


def _probes(count: int) -> Iterator[Bench]:
    """One step from random points: expectations are finite sums in every family."""
    families = (*instances.QUADRATICS, *instances.SMOOTH, instances.deficient)
    for number, family in enumerate(families):
        problem = family()
        n = problem.num_components
        for variant in Variant:
            wide = variant is Variant.INDEPENDENT  # n^2 answers to each step
            few = max(8, count // n) if wide else count
            yield probes(problem, variant, few, seed=100 + number)


def probes(problem: FiniteSum, variant: Variant, count: int, seed: int) -> Bench:
    r"""Random starts, teachers, weights, steps and splits, one step each.

    Steps are log-uniform from 1e-3 of the limits: $1/cL$ for half of them,
    $\mu/(2L\,cL)$ for the other half.
    """
    rng = np.random.default_rng(seed)
    dim = problem.dim

    def around(smallest: float, largest: float) -> FloatArray:
        away = rng.standard_normal((count, dim))
        away /= np.linalg.norm(away, axis=1, keepdims=True)
        return (
            problem.star + away * _log_uniform(rng, smallest, largest, count)[:, None]
        )

    start, teacher = around(1e-2, 10.0), around(1e-2, 10.0)
    teacher[::7] = problem.star  # perfect teachers
    start[::5] = problem.star
    limit = np.where(
        np.arange(count) % 2 == 0,
        0.95 / problem.cL,
        0.98 * problem.mu_pl / (2.0 * problem.L * problem.cL),
    )
    step = limit * _log_uniform(rng, 1e-3, 1.0, count)
    half = np.arange(count) % 4 == 0  # enough below the limits of the simpler forms
    step[half] = np.minimum(step[half], 0.49 / problem.cL)
    weight = rng.uniform(-1.0, 2.0, count)
    weight[::3] = 1.0
    weight[1::6] = 0.0
    bare = Bench(
        name=f"{problem.name}, one step, {variant}",
        problem=problem,
        start=start,
        teacher=teacher,
        weight=weight,
        step=step,
        horizon=2,
        variant=variant,
        offers=frozenset({"run", "probe", "numbers"}),
        split=_split(rng, problem, step),
    )
    best = best_weights(bare)
    return replace(bare, weight=np.where(np.arange(count) % 6 == 5, best, weight))


def _log_uniform(
    rng: np.random.Generator, low: float, high: float, count: int
) -> FloatArray:
    return np.asarray(np.exp(rng.uniform(np.log(low), np.log(high), count)))


def _split(rng: np.random.Generator, problem: FiniteSum, step: FloatArray) -> Split:
    """Random splits inside the limits of the master bounds."""
    count = len(step)
    p = rng.random(count) * np.maximum(1.0 - step * problem.cL, 0.0)
    z = (1.0 + p) * rng.uniform(0.02, 0.98, count)
    x = step * problem.L * problem.cL / problem.mu_pl
    young = 1.0 + rng.random(count) * np.maximum(1.9 / x - 1.0, 1e-3)
    young = np.minimum(young, 50.0)
    b = rng.uniform(0.02, 0.98, count) * np.maximum(2.0 - young * x, 1e-3)
    return Split(p=p, z=z, young=young, b=b)


def best_weights(bench: Bench) -> FloatArray:
    r"""The bound's best weight of each configuration, by variant and step."""
    problem = bench.problem
    moments = teacher_moments(problem, bench.teacher)
    cross, h2, g2 = moments["cross"], moments["H2"], moments["G2"]
    if bench.variant is Variant.UNBIASED:
        return np.asarray(formulas.best_weight(cross, h2 - g2, g2, 0.0))
    pl = bench.step <= problem.mu_pl / (4.0 * problem.L * problem.cL)
    gaps = np.arange(bench.count) % 4 >= 2
    kappa = formulas.pl_simple_kappa(bench.step, problem.L)
    if problem.mu > 0:
        other = formulas.sqc_simple_kappa(bench.step, problem.mu)
        kappa = np.where(pl & gaps, kappa, other)
    return np.asarray(formulas.best_weight(cross, h2, g2, kappa))


def _few_paths() -> Iterator[Bench]:
    """Every path of five steps, where a component more or less is seen."""
    problem = instances.logit_small()
    for variant in (Variant.BIASED, Variant.UNBIASED):
        yield graded_bench(problem, variant, 6, "every path")


def _visited(stride: int) -> Iterator[Bench]:
    """One exact step from points that sampled runs visit."""
    for number, family in enumerate(instances.SMOOTH):
        problem = family()
        for variant in Variant:
            yield visited(graded_bench(problem, variant, 2, "visited"), stride, number)


def visited(bench: Bench, stride: int, seed: int) -> Bench:
    """The bench from every `stride`-th point of a run of each configuration.

    One-step inequalities unroll to the theorems, so they are tried where runs go.
    """
    horizon = 20 * stride + 1
    n = bench.problem.num_components
    draws = np.random.default_rng(seed).integers(n, size=(horizon - 1, bench.count))
    steps = np.broadcast_to(bench.step, (horizon - 1, bench.count))
    points = descend(bench, bench.start, bench.weight, draws, steps, 0.0)[::stride]
    times = len(points)
    return replace(
        bench,
        start=points.reshape(-1, bench.problem.dim),
        teacher=np.tile(bench.teacher, (times, 1)),
        weight=np.tile(bench.weight, times),
        step=np.tile(bench.step, times),
        labels=bench.labels * times,
    )


def _sampled(factor: int) -> Iterator[Bench]:
    """Sampled runs of the families that are not quadratic, from the minimiser."""
    for family, length in (
        (instances.logit, 33),
        (instances.log_waves, 17),
        (instances.sine_waves, 9),
    ):
        for variant in Variant:
            horizon = factor * (length - 1) + 1
            bench = graded_bench(family(), variant, horizon, "sampled")
            yield chosen(bench, ("perfect", "random"), (0, 2))


def chosen(bench: Bench, grades: tuple[str, ...], weights: tuple[int, ...]) -> Bench:
    """Some teachers and weights of a graded bench."""
    which = [3 * GRADES.index(grade) + k for grade in grades for k in weights]
    return replace(
        bench,
        start=bench.start[which],
        teacher=bench.teacher[which],
        weight=bench.weight[which],
        step=bench.step[which],
        labels=tuple(bench.labels[k] for k in which),
    )


def graded_bench(
    problem: FiniteSum, variant: Variant, horizon: int, words: str
) -> Bench:
    """One teacher of each grade, each with the weights 0, 1 and the bound's best."""
    rng = np.random.default_rng(31)
    away = rng.standard_normal(problem.dim)
    teachers = graded(problem, problem.star + away / np.linalg.norm(away))
    slow = 0.2 * problem.mu_pl / (problem.L * problem.cL)
    gamma = 0.125 / problem.cL if problem.mu > 0 else slow
    theta = np.repeat(list(teachers.values()), 3, axis=0)
    count = len(theta)
    bare = Bench(
        name=f"{problem.name}, {words}, {variant}",
        problem=problem,
        start=np.tile(problem.star, (count, 1)),
        teacher=theta,
        weight=np.tile([0.0, 1.0, 0.0], len(teachers)),
        step=np.full(count, gamma),
        horizon=horizon,
        variant=variant,
        offers=RUNS,
        labels=tuple(
            f"{grade} teacher, lambda = {weight}"
            for grade in teachers
            for weight in ("0", "1", "lambda*")
        ),
    )
    best = np.where(np.arange(count) % 3 == 2, best_weights(bare), bare.weight)
    return replace(bare, weight=best)


def best_gap_weights(bench: Bench) -> FloatArray:
    r"""The best weight of $N_2'$, or of the unbiased bound, for each configuration."""
    if bench.variant is Variant.UNBIASED:
        return best_weights(bench)
    m = teacher_moments(bench.problem, bench.teacher)
    kappa = formulas.pl_simple_kappa(bench.step, bench.problem.L)
    return np.asarray(formulas.best_weight(m["cross"], m["H2"], m["G2"], kappa))


def _grids(horizon: int) -> Iterator[Bench]:
    """Least squares from the minimiser and from afar, exactly at every t."""
    for family in (*instances.QUADRATICS, instances.deficient):
        problem = family()
        for variant in Variant:
            yield grid(problem, variant, horizon)


def grid(
    problem: Quadratic,
    variant: Variant,
    horizon: int,
    *,
    distances: tuple[float, ...] = NOISES,
    steps: tuple[float, ...] = STEPS,
) -> Bench:
    """Teachers in four directions and at several distances, steps, weights, starts."""
    offers = {"run", "limit", "paths"} if problem.is_full_rank else {"run", "paths"}
    gammas = [(u / problem.cL, f"gamma cL = {u:g}") for u in steps]
    pl = 0.2 * problem.mu_pl / (problem.L * problem.cL)
    gammas.append((pl, "gamma = 0.2 mu/(L cL)"))
    plain = _plain(problem, [gamma for gamma, _ in gammas])
    rows: list[tuple[FloatArray, FloatArray, float, float]] = []
    labels: list[str] = []
    for words, direction, tau, moments in _teachers(problem, distances):
        teacher = problem.star + tau * direction
        for gamma, size in gammas:
            for weight in _weights(problem, variant, moments, gamma, plain[gamma]):
                rows.append((problem.star, teacher, weight, gamma))
                labels.append(f"{words}, {size}, lambda = {weight:.4g}")
            if tau == 0.3:
                rows.append((problem.star + 2.0 * direction, teacher, 0.5, gamma))
                labels.append(f"{words}, {size}, lambda = 0.5, far start")
    start, theta, weights, gamma_of = (
        np.array(column) for column in zip(*rows, strict=True)
    )
    return Bench(
        name=f"{problem.name}, {variant}",
        problem=problem,
        start=start,
        teacher=theta,
        weight=weights,
        step=gamma_of,
        horizon=horizon,
        variant=variant,
        offers=frozenset(offers),
        labels=tuple(labels),
    )


def _teachers(
    problem: Quadratic, distances: tuple[float, ...]
) -> Iterator[tuple[str, FloatArray, float, dict[str, float]]]:
    """Each teacher in words, its direction and distance, and its moments."""
    ways = [
        (way, direction, tau)
        for way, direction in directions(problem).items()
        for tau in distances
        if tau > 0 or way == "flattest"
    ]
    points = np.array([problem.star + tau * direction for _, direction, tau in ways])
    moments = teacher_moments(problem, points) | {
        "gap": problem.gap(points),
        "dist_sq": square(points - problem.star),
    }
    for k, (way, direction, tau) in enumerate(ways):
        numbers = {name: float(values[k]) for name, values in moments.items()}
        yield f"{way} teacher at {tau:g}", direction, tau, numbers


def _plain(problem: Quadratic, steps: list[float]) -> dict[float, tuple[float, float]]:
    """V and F of plain SGD for each step, where H has full rank."""
    if not problem.is_full_rank:
        return dict.fromkeys(steps, (np.inf, np.inf))
    gamma = np.array(steps)
    s = problem.at_star
    noise = np.einsum("n,nd,ne->de", problem.weights, s, s)
    sigma, _ = lyapunov.solve(problem, gamma, gamma[:, None, None] ** 2 * noise)
    dist = np.trace(sigma, axis1=1, axis2=2)
    gap = 0.5 * np.einsum("de,bed->b", problem.hessian, sigma)
    return {step: (float(dist[k]), float(gap[k])) for k, step in enumerate(steps)}


def _weights(
    problem: Quadratic,
    variant: Variant,
    moments: dict[str, float],
    gamma: float,
    plain: tuple[float, float],
) -> list[float]:
    """The fixed weights, and those that the theorems name."""
    cross, h2, g2 = moments["cross"], moments["H2"], moments["G2"]
    noise = float(problem.weights @ square(problem.at_star))
    found = list(WEIGHTS)
    if variant is Variant.UNBIASED:
        found.append(float(formulas.best_weight(cross, h2 - g2, g2, 0.0)))
    elif variant is Variant.BIASED:
        if problem.mu > 0:
            kappa = formulas.sqc_simple_kappa(gamma, problem.mu)
            best = float(formulas.best_weight(cross, h2, g2, kappa))
            found += [0.5 * best, best, 2.0 * best]
        kappa = formulas.pl_simple_kappa(gamma, problem.L)
        found.append(float(formulas.best_weight(cross, h2, g2, kappa)))
        found.append(float(formulas.safe_weight(gamma, noise, moments["gap"])))
        if problem.is_full_rank:
            found += [
                float(formulas.optimal_weight(moments["dist_sq"], plain[0])),
                float(formulas.optimal_weight(moments["gap"], plain[1])),
            ]
    return found
