"""Which benches the claims about compressed students are tried on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import product

import numpy as np

from synthetic.distillation import instances
from synthetic.distillation.catalogue import RUNS
from synthetic.distillation.compressors import Compressor
from synthetic.distillation.instances import least_squares
from synthetic.distillation.logistic import logistic
from synthetic.distillation.multipliers import Bernoulli, Mask, RandK, Shrink
from synthetic.distillation.paths import descend
from synthetic.distillation.problems import (
    FiniteSum,
    FloatArray,
    Quadratic,
    quadratic,
)
from synthetic.distillation.restricted import Restricted, quadratic_block, restricted
from synthetic.distillation.setting import Bench, Split
from synthetic.distillation.thresholding import TopK

WEIGHTS = (0.0, 0.5, 1.0, 2.0)
TEACHERS = (0.0, 0.1, 1.0)
"""Distances of teachers from the minimiser."""

STARTS = (0.0, 1.0)
"""Starts, as shares of the way from the minimiser to twice the other side of 0."""

STEPS = (0.45, 0.2, 0.05)
"""Steps, relative to 1/cL."""


def benches(tier: str) -> Iterator[Bench]:
    """All of the tier."""
    quick = tier == "quick"
    yield from _unbiased(200 if quick else 4000, 121 if quick else 1001)
    yield from _contractive(200 if quick else 4000, 121 if quick else 1001)
    yield from _sparse(60 if quick else 600)
    yield from _thresholds(400 if quick else 20_000)
    yield from _masked(300 if quick else 4000, 121 if quick else 1001)


# Unbiased compression.


def _unbiased(count: int, horizon: int) -> Iterator[Bench]:
    """One step of every family, whole runs of quadratics."""
    families = (*instances.QUADRATICS, instances.logit, instances.log_waves)
    for number, family in enumerate(families):
        problem = family()
        drop = Bernoulli(problem.dim, 1.0 / (1.0 + 0.15 * most_growth(problem, 0.49)))
        few = max(20, min(count, 40_000 // (problem.num_components * drop.outcomes)))
        yield one_steps(problem, drop, few, 200 + number)
    wide = iso(12)
    yield one_steps(instances.iso(), RandK(4, 3), count, 220)
    yield one_steps(wide, RandK(12, 11), count // 2, 221)
    for problem, omegas in (
        (instances.iso(), (0.005, 0.02, 0.042)),
        (instances.onehot(), (0.005, 0.02, 0.042)),
        (instances.gauss(), (0.001, 0.005)),
        (wide, (0.02,)),
    ):
        for omega in omegas:
            yield runs(problem, Bernoulli(problem.dim, 1 / (1 + omega)), horizon)
    yield runs(wide, RandK(12, 11), horizon)
    # Hardly any compression and a large tau: the floor is then met at t = 1.
    tiny = Bernoulli(4, 1.0 / 1.001)
    yield replace(from_star(instances.iso(), tiny, 99.0), name="iso, a tight floor")


def most_growth(problem: FiniteSum, relative_step: float) -> float:
    r"""$\gamma\mu/(1-\gamma\mu)$: growth of less than this is allowed."""
    pull = relative_step * problem.mu / problem.cL
    return pull / (1.0 - pull)


def iso(dim: int) -> Quadratic:
    r"""$\frac12\|x - b_n\|^2$, 8 components."""
    rng = np.random.default_rng(23)
    factors = np.broadcast_to(np.eye(dim), (8, dim, dim)).copy()
    noise = rng.standard_normal((8, dim))
    return quadratic(f"ls-iso({dim})", factors, noise, rng.standard_normal(dim))


def one_steps(
    problem: FiniteSum, compressor: Compressor, count: int, seed: int
) -> Bench:
    r"""Random starts, teachers, weights, steps and free parameters, one step each.

    Steps are log-uniform below $0.49/cL$. A third of the starts, and of the teachers,
    is the minimiser itself.
    """
    rng = np.random.default_rng(seed)
    dim = problem.dim

    def around() -> FloatArray:
        away = rng.standard_normal((count, dim))
        away /= np.linalg.norm(away, axis=1, keepdims=True)
        return problem.star + away * np.exp(rng.uniform(-4.0, 2.0, (count, 1)))

    start, teacher = around(), around()
    start[::3] = problem.star
    teacher[1::3] = problem.star
    weight = rng.uniform(-1.0, 2.0, count)
    weight[::4] = 1.0
    step = 0.49 / problem.cL * np.exp(rng.uniform(np.log(0.05), 0.0, count))
    return Bench(
        name=f"{problem.name}, {compressor.name}, one step",
        problem=problem,
        start=start,
        teacher=teacher,
        weight=weight,
        step=step,
        horizon=2,
        offers=frozenset({"run", "probe"}),
        split=free_parameters(
            problem, compressor, step, rng.uniform(0.05, 0.95, count)
        ),
        compressor=compressor,
    )


def free_parameters(
    problem: FiniteSum, compressor: Compressor, step: FloatArray, share: FloatArray
) -> Split:
    r"""$\tau$ and s that take a share of the growth that the step allows, each (B,).

    1 where the step allows none.
    """
    pull = step * problem.mu
    allowed = pull / (1.0 - pull)
    omega = getattr(compressor, "omega", 0.0)
    tau = share * (allowed / omega - 1.0) if omega else np.ones_like(step)
    return Split(tau=np.where(tau > 0, tau, 1.0), free=share * allowed)


def runs(
    problem: FiniteSum,
    compressor: Compressor,
    horizon: int,
    shares: tuple[float, ...] = (0.1, 0.5),
) -> Bench:
    """Teachers, weights, steps, starts and shares of the growth, exactly at every t."""
    rng = np.random.default_rng(29)
    away = rng.standard_normal(problem.dim)
    away /= np.linalg.norm(away)
    rows = list(product(TEACHERS, WEIGHTS, STEPS, STARTS, shares))
    teacher, weight, relative, far, share = np.array(rows).T
    step = relative / problem.cL
    return Bench(
        name=f"{problem.name}, {compressor.name}",
        problem=problem,
        start=np.outer(1.0 - 2.0 * far, problem.star),
        teacher=problem.star + np.outer(teacher, away),
        weight=weight,
        step=step,
        horizon=horizon,
        offers=RUNS,
        labels=tuple(
            f"teacher at {row[0]:g}, lambda = {row[1]:g}, gamma cL = {row[2]:g}, "
            f"{'far start' if row[3] else 'from x*'}"
            + (f", {row[4]:g} of the growth" if len(shares) > 1 else "")
            for row in rows
        ),
        split=free_parameters(problem, compressor, step, share),
        compressor=compressor,
    )


def from_star(problem: FiniteSum, compressor: Compressor, tau: float) -> Bench:
    r"""A perfect teacher, $\lambda = 1$ and no way to go: what compression does."""
    return Bench(
        name=f"{problem.name}, {compressor.name}, from x*",
        problem=problem,
        start=problem.star[None, :],
        teacher=problem.star[None, :],
        weight=np.ones(1),
        step=np.array([0.4 / problem.cL]),
        horizon=2,
        offers=RUNS,
        split=Split(tau=np.array([tau])),
        compressor=compressor,
    )


# Contractive compression.


def _contractive(count: int, horizon: int) -> Iterator[Bench]:
    families = (instances.iso, instances.aniso, instances.onehot, instances.gauss)
    others = (instances.logit, instances.log_waves)
    for number, family in enumerate((*families, *others)):
        problem = family()
        shrink = Shrink(problem.dim, 0.1 * most_growth(problem, 0.2))
        yield one_steps(problem, shrink, count, 240 + number)
        if isinstance(problem, Quadratic):
            yield runs(problem, shrink, horizon)


# Hard thresholding.


def _sparse(count: int) -> Iterator[Bench]:
    """D = 200 one step at a time, and every path of a small problem."""
    for keep in (100, 150, 190):
        problem, top = sparse(200, 1, 6), TopK(200, keep)
        yield one_steps(problem, top, count, 260 + keep)
        yield visited(problem, top, 5, 280 + keep)
        yield perfect_teacher(problem, top, 201)
    # So little is dropped that the contractive theorem applies too.
    yield one_steps(sparse(200, 1, 6), TopK(200, 199), count, 270)
    for keep in (3, 4, 6):
        yield few_paths(sparse(6, 1, 2), TopK(6, keep), 10)


def sparse(dim: int, support: int, num_components: int) -> Quadratic:
    r"""$\frac12\|x - b_n\|^2$ with `support` coordinates of $x_\star$ not 0."""
    rng = np.random.default_rng(37)
    star = np.zeros(dim)
    star[:support] = 3.0 * rng.choice((-1.0, 1.0), support)
    factors = np.broadcast_to(np.eye(dim), (num_components, dim, dim)).copy()
    noise = rng.standard_normal((num_components, dim)) / dim**0.5
    return quadratic(f"sparse({dim}, {support})", factors, noise, star)


def visited(problem: Quadratic, top: TopK, stride: int, seed: int) -> Bench:
    """One step from the points of compressed runs: where the theorem is used."""
    rng = np.random.default_rng(seed)
    theta = problem.star + rng.standard_normal(problem.dim) / problem.dim**0.5
    rows = list(product((0.0, 1.0), (0.0, 0.5, 1.0), (0.45, 0.2)))
    near, weight, relative = np.array(rows).T
    bench = Bench(
        name=f"{problem.name}, {top.name}, visited",
        problem=problem,
        start=np.zeros((len(rows), problem.dim)),
        teacher=problem.star + np.outer(near, theta - problem.star),
        weight=weight,
        step=relative / problem.cL,
        horizon=2,
        offers=RUNS,
        compressor=top,
    )
    x, points = bench.start, []
    for t in range(8 * stride):
        if t % stride == 0:
            points.append(x)
        drawn = rng.integers(problem.num_components, size=(1, len(rows)))
        z = descend(bench, x, bench.weight, drawn, bench.step[None, :], 0.0)[-1]
        x = top.expand(z[:, None, :], np.ones(1))[0][:, 0]
    times = len(points)
    return replace(
        bench,
        start=np.concatenate(points),
        teacher=np.tile(bench.teacher, (times, 1)),
        weight=np.tile(bench.weight, times),
        step=np.tile(bench.step, times),
    )


def perfect_teacher(problem: Quadratic, top: TopK, horizon: int) -> Bench:
    r"""$\theta = x_\star$, $\lambda = 1$: linear convergence, exactly.

    All Hessians are one, so $\nabla f_\xi(x) - h_\xi$ is the same for every $\xi$: the
    run is that of the mean of the components.
    """
    mean = quadratic(
        f"mean of {problem.name}",
        problem.factors[:1],
        np.zeros((1, problem.dim)),
        problem.star,
    )
    rng = np.random.default_rng(41)
    start = rng.standard_normal((3, problem.dim))
    return Bench(
        name=f"{problem.name}, {top.name}, perfect teacher",
        problem=problem,
        start=start,
        teacher=np.tile(problem.star, (3, 1)),
        weight=np.ones(3),
        step=np.array([0.45, 0.3, 0.25]) / problem.cL,
        horizon=horizon,
        offers=RUNS,
        compressor=top,
        run_on=mean,
    )


def few_paths(problem: Quadratic, top: TopK, horizon: int) -> Bench:
    """Every path of a problem of two components."""
    rng = np.random.default_rng(43)
    theta = problem.star + 0.3 * rng.standard_normal(problem.dim)
    rows = list(product((0.0, 1.0), WEIGHTS, (0.45, 0.3), (0.0, 1.0)))
    near, weight, relative, far = np.array(rows).T
    return Bench(
        name=f"{problem.name}, {top.name}, every path",
        problem=problem,
        start=problem.star + np.outer(far, rng.standard_normal(problem.dim)),
        teacher=problem.star + np.outer(near, theta - problem.star),
        weight=weight,
        step=relative / problem.cL,
        horizon=horizon,
        offers=RUNS,
        compressor=top,
    )


def _thresholds(count: int) -> Iterator[Bench]:
    """The lemma: sizes on both sides of k* = D - k, points of every kind."""
    for number, (dim, keep, support) in enumerate(
        ((4, 2, 1), (6, 5, 3), (9, 4, 3), (12, 10, 9), (30, 20, 4), (200, 100, 1))
    ):
        yield thresholds(dim, keep, support, count, 300 + number)


def worst_star(dim: int, keep: int, support: int) -> FloatArray:
    r"""The last coordinates of the point where the lemma is an equality, (d,).

    m of them are $1 + 1/(\nu - 1)$; the other $k_\star - m$ are large and always kept.
    """
    missed = min(support, dim - keep)
    share = missed / (keep - support + missed)
    excess = 0.5 * (share + np.sqrt(share**2 + 4.0 * share))
    star = np.zeros(dim)
    star[dim - support : dim - missed] = 50.0
    star[dim - missed :] = 1.0 + 1.0 / excess
    return star


def thresholds(dim: int, keep: int, support: int, count: int, seed: int) -> Bench:
    """Points of the lemma: its equality, points near it, and random ones."""
    rng = np.random.default_rng(seed)
    star = worst_star(dim, keep, support)
    missed = min(support, dim - keep)
    worst = star.copy()
    worst[dim - missed :] = 1.0
    rest = keep - (support - missed)
    worst[:rest] = 1.0  # ties go to the first coordinates
    size = np.exp(rng.uniform(-12.0, 1.0, (count, 1)))
    z = worst + size * rng.standard_normal((count, dim))
    z[::2] = star + (z - worst)[::2] * np.exp(rng.uniform(0.0, 8.0, (count, 1)))[::2]
    z[1::4] = np.round(z[1::4])  # with ties
    z[0] = worst
    problem = quadratic(
        f"sparse({dim}, {support})", np.eye(dim)[None], np.zeros((1, dim)), star
    )
    return Bench(
        name=f"{problem.name}, largest {keep}, thresholds",
        problem=problem,
        start=z,
        teacher=z,
        weight=np.zeros(count),
        step=np.full(count, 0.1),
        horizon=1,
        offers=frozenset({"probe"}),
        compressor=TopK(dim, keep),
    )


# Masks.


def _masked(count: int, horizon: int) -> Iterator[Bench]:
    """Students of some coordinates, teachers of all."""
    for base, kept in (
        (instances.gauss(), (0, 2, 3)),
        (instances.ill(), (1, 3)),
        (instances.ridge(), (0, 1, 4)),
        (instances.onehot(), (0, 2)),
        (instances.small_batches(), (0, 1, 3)),
        (heavy_rows(), (0, 1)),
    ):
        mask = Mask(base.dim, kept)
        part = restricted(base, mask, quadratic_block(base, mask))
        few = max(40, min(count, 20_000 // base.num_components))
        yield masked(part, few, 320)
        if base.num_components <= 40:
            yield masked_runs(part, base, horizon)
    yield masked(masked_logit(), count, 330)
    yield dropped_start()


def masked_logit() -> Restricted:
    """Logistic regression of two out of three features."""
    base = instances.logit()
    mask = Mask(3, (0, 2))
    inside = logistic(
        base.name, base.glm.features[:, mask.index], base.glm.target, base.mu
    )
    return restricted(base, mask, inside)


def heavy_rows() -> Quadratic:
    """Rows of very different lengths: the noise of teachers from outside is large."""
    rng = np.random.default_rng(47)
    rows = rng.standard_normal((12, 3)) * np.exp(rng.uniform(-1.0, 1.0, (12, 1)))
    target = rows @ np.array([1.0, -1.0, 2.0]) + 0.1 * rng.standard_normal(12)
    return least_squares("ls-heavy", rows, target)


def masked(problem: Restricted, count: int, seed: int) -> Bench:
    """One step from the subspace; teachers of all coordinates, and of the subspace."""
    mask = problem.mask
    bench = one_steps(problem, mask, count, seed)
    teacher = bench.teacher.copy()
    teacher[::2] *= mask.ones
    return replace(
        bench, start=bench.start * mask.ones, teacher=teacher, offers=RUNS, split=None
    )


def masked_runs(problem: Restricted, base: Quadratic, horizon: int) -> Bench:
    r"""Whole runs of the base under the mask, from both sides of the subspace."""
    mask = problem.mask
    bench = runs(problem, mask, horizon, (0.5,))
    start = bench.start.copy()
    start[2::3] += 5.0 * (1.0 - mask.ones)
    return replace(bench, start=start, split=None, run_on=base)


def dropped_start() -> Bench:
    """The bowl f = x'[[1, 0.9], [0.9, 1]]x/2, coordinate 1 kept, from (0, 10)."""
    hessian = np.array([[1.0, 0.9], [0.9, 1.0]])
    factor = np.linalg.cholesky(hessian).T
    base = quadratic("leaning bowl", factor[None], np.zeros((1, 2)), np.zeros(2))
    mask = Mask(2, (0,))
    problem = restricted(base, mask, quadratic_block(base, mask))
    return Bench(
        name="leaning bowl, a start that the mask drops",
        problem=problem,
        start=np.array([[0.0, 10.0]]),
        teacher=np.zeros((1, 2)),
        weight=np.zeros(1),
        step=np.array([0.1]),
        horizon=6,
        offers=RUNS,
        compressor=mask,
        run_on=base,
    )
