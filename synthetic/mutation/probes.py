"""Checks of what claims cannot see: chances, judgement, draws, and engines pairwise.

Each is exact, or says with what probability it errs. A probe returns what is wrong, in
words, or nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from fnmatch import fnmatchcase
from fractions import Fraction
from itertools import product

import mpmath
import numpy as np

from synthetic import instances
from synthetic.batches import Batch
from synthetic.draws import component_draws, uniforms
from synthetic.engines import tree
from synthetic.engines.simulate import simulate
from synthetic.losses import LOSSES
from synthetic.mutation import small
from synthetic.parity.exact_samples import below, unseen
from synthetic.problems.base import FloatArray, Problem
from theory.claim import distance_support, gap_support, sampled_support
from theory.confidence import BETS
from theory.constants import Constants
from theory.errors import InputError
from theory.judge import Status
from theory.method import IAM_P, SPS_STAR, Target, capped_sps

Probe = Callable[[], str]


def confidence_payout() -> str:
    r"""Where a limit stands the mixture owns $2K/\alpha$, in 50 digits.

    With K quantities each of 2K limits has the share $\alpha/(2K)$, and the wealth is
    the mean over bets at its largest in time. Once the limit is known this is algebra.
    """
    samples, alpha, copies = small.TOSSES, 0.1, 2
    found = small.limits(samples, alpha, copies)
    ends = (
        (samples, found.lower[0]),
        (1.0 - samples, 1.0 - found.upper[0]),
    )
    for y, limit in ends:
        if not 0.0 < limit < 1.0:
            return f"a limit at {limit}"
        owned = _peak_wealth(y, limit)
        if abs(owned * alpha / (2 * copies) - 1.0) > 1e-9:
            return f"the limit {limit:.6g} pays {owned:.6g}, not {2 * copies / alpha:g}"
    return ""


def _peak_wealth(y: np.ndarray, m: float) -> float:
    """The largest wealth in time against the mean m, in 50 digits."""
    with mpmath.workdps(50):
        wealth = [mpmath.mpf(1) for _ in BETS]
        best = mpmath.mpf(0)
        for value in y:
            factor = mpmath.mpf(float(value)) / mpmath.mpf(m)
            wealth = [
                w * (1 - mpmath.mpf(c) + mpmath.mpf(c) * factor)
                for w, c in zip(wealth, map(float, BETS), strict=True)
            ]
            best = max(best, sum(wealth) / len(wealth))
        return float(best)


def confidence_coverage() -> str:
    r"""The exact chance that limits miss a Bernoulli mean: sums over all $2^n$ paths.

    n = 6 tosses, $\alpha$ = 0.6 for one quantity, so that misses do occur.
    """
    n, alpha = 6, 0.6
    rows = [np.array(path) for path in product((0.0, 1.0), repeat=n)]
    found = [small.limits(row, alpha, 1) for row in rows]
    for p in (0.02, 0.1, 0.3, 0.5, 0.7, 0.9, 0.98):
        chances = [p ** row.sum() * (1 - p) ** (n - row.sum()) for row in rows]
        over = sum(c for c, f in zip(chances, found, strict=True) if f.lower[0] > p)
        under = sum(c for c, f in zip(chances, found, strict=True) if f.upper[0] < p)
        if max(over, under) > alpha / 2:
            return f"at mean {p} a limit misses with chance {max(over, under):.3f}"
    return ""


def confidence_bets() -> str:
    """No stake is more than all, none is less than nothing."""
    return "" if np.all((BETS >= 0) & (BETS <= 1)) else f"a stake of {BETS.max()}"


def judgement() -> str:
    """Verdicts on limits by hand against the bound 1, and what they have to be."""
    nan = float("nan")
    for row, (found, expected) in enumerate(
        (
            (small.judged(0.5), Status.HOLDS),
            (small.judged(1.0), Status.HOLDS),
            (small.judged(1.0 + 2.0**-52), Status.REFUTED),
            (small.judged(1.01), Status.REFUTED),
            (small.judged(0.5, 1.5), Status.INCONCLUSIVE),
            (small.judged(0.5, 1.8), Status.INCONCLUSIVE),
            (small.judged_twice(2.0, 0.5), Status.REFUTED),
            (small.judged_twice(0.5, 2.0), Status.REFUTED),
            (small.judged(nan), Status.INCONCLUSIVE),
            (small.judged_twice(0.5, nan, rounding=(0.0, 1.0)), Status.INCONCLUSIVE),
            (small.judged(0.5, rounding=1.0), Status.INCONCLUSIVE),
            (small.judged(1.0 + 1e-8, rounding=1e-7), Status.HOLDS),
        )
    ):
        if found is not expected:
            return f"row {row}: {found.value}, not {expected.value}"
    return ""


def replayed() -> str:
    """What is 1 exceeds 0.5 and does not exceed 2, in 50 digits."""
    found = small.confirmed(0.5), small.confirmed(2.0)
    return "" if found == (True, False) else f"{found}"


def supports() -> str:
    """Every value on every path of small trees lies in its sure range."""
    for one in (small.setting(), small.sparse(), small.setting(IAM_P, "l1")):
        c, problem = one.constants(), one.problem
        trace, _ = small.paths(one, frozenset({"gap", "point_dist_sq"}))
        rows = trace.times.astype(np.float64)
        noise = 1e-9
        at_start = problem.losses(one.x0[None, :])[0] - problem.loss_star
        # All components at every point of the line from x_0 to u: in the ball.
        line = one.x0 + np.linspace(0, 1, 21)[:, None] * (problem.point - one.x0)
        excess = problem.losses(2.0 * problem.point - line) - problem.loss_star
        excess = np.vstack([excess, problem.losses(line) - problem.loss_star])
        for name, values, formula in (
            ("gap", trace.gap, gap_support),
            ("distance", trace.point_dist_sq / c.D**2, distance_support),
            ("excess", excess, sampled_support),
            ("excess", at_start[None, :], sampled_support),
        ):
            low, high = formula(c, rows)
            if values.min() < low[0] - noise or values.max() > high[0] + noise:
                span = f"[{values.min():.4g}, {values.max():.4g}]"
                return f"{name} of {one.name}: {span}, not in [{low[0]}, {high[0]}]"
    return ""


def constants() -> str:
    """The inequalities that define the constants, at points of the ball."""
    rng = np.random.default_rng(5)
    for problem in (
        instances.sparse_quad(0.1),
        instances.split_squares(),
        instances.coord_quad(1.0, 4.0),
        small.problem(),
        small.problem("logistic"),
    ):
        one = replace(small.setting(), problem=problem, x0=np.ones(problem.dim))
        c = one.constants()
        away = rng.standard_normal((200, problem.dim))
        away *= (c.D * rng.random(200) / np.linalg.norm(away, axis=1))[:, None]
        if complaint := _contradicted(problem, c, problem.point + away):
            return f"{problem.name}: {complaint}"
    return ""


def _contradicted(problem: Problem, c: Constants, x: FloatArray) -> str:
    """Which of the inequalities fails, if one does."""
    n, count = problem.num_components, len(x)
    every, points = np.tile(np.arange(n), count), np.repeat(x, n, axis=0)
    loss, grad = problem.component(every, points)
    _, at_u = problem.component(every, np.tile(problem.point, (len(every), 1)))
    away = points - problem.point
    excess = loss - np.tile(problem.loss_star, count)
    turned = ((grad - at_u) ** 2).sum(axis=1)
    bent = (grad * away).sum(axis=1) - excess - turned / (2.0 * c.L)
    gap, sq = problem.gap(x), ((x - problem.point) ** 2).sum(axis=1)

    def mean(values: FloatArray) -> FloatArray:
        return np.asarray(values.reshape(count, n) @ problem.weights)

    moment = mean((grad**2).sum(axis=1))
    noise = mean((at_u**2).sum(axis=1))[0]
    checks = {
        "G": moment - c.G**2,
        "A, B": moment - c.A * np.maximum(gap, 0.0) - c.B,
        "G_max": np.sqrt((grad**2).sum(axis=1)) - c.G_max,
        "L": -bent,
        "L_f": gap - 0.5 * c.L_f * sq,
        "L_e": mean(turned) - 2.0 * c.L_expected * gap,
        "mu": 0.5 * c.mu * sq - gap,
        "sigma": np.array([abs(c.sigma**2 - noise)]),
    }
    return next((k for k, off in checks.items() if off.max() > 1e-9), "")


def losses() -> str:
    r"""$h(v) \ge h(u) + h'(u)(v - u)$ on a grid."""
    grid = np.linspace(-3.0, 3.0, 49) + 0.01
    for loss in LOSSES.values():
        for b in (1.0,) if loss.admits(np.array([1.0]))[0] else (0.5,):
            value, slope = loss.value(grid, b), loss.slope(grid, b)
            below = value[:, None] + slope[:, None] * (grid - grid[:, None])
            if np.any(value < below - 1e-12 * (1.0 + np.abs(value))):
                return f"{loss.name}: a slope that is no subgradient"
    return ""


def reach() -> str:
    r"""$\|x - u\|^2 \le D^2 + 2\gamma_b\epsilon T$: a capped step as far as it goes.

    One component $|x|$, told $-\epsilon$, at the minimiser steps by the cap: the bound
    is met with equality in its first order for $\epsilon \le \gamma_b$.
    """
    cap, eps = 0.5, 0.25
    one = replace(small.setting(capped_sps(cap)), target=Target(-eps))
    c = one.constants()
    exact = c.D**2 + 2.0 * cap * eps * one.horizon
    off = abs(c.reach**2 - exact)
    return (
        "" if off <= 1e-12 * exact else f"reach^2 = {c.reach**2:.6g}, not {exact:.6g}"
    )


def path_weights() -> str:
    """The chances of a tree's paths sum to 1, and no path is there twice."""
    for one in (small.setting(), small.sparse()):
        _, draws, weights = tree.grow(one, frozenset({"gap"}))
        if abs(weights.sum() - 1.0) > 1e-12:
            return f"the chances of {one.name} sum to {weights.sum():.6g}"
        steps = one.horizon - 1
        if len(np.unique(draws.T, axis=0)) != one.problem.num_components**steps:
            return f"{one.name} lacks paths"
        expected = np.prod(one.problem.weights[draws], axis=0)
        if np.abs(expected - weights).max() > 1e-15:
            return f"chances of {one.name} are not the products of the draws'"
    return ""


def draws_fit() -> str:
    r"""Each component is drawn as often as it should be, up to 1e-9 (Hoeffding).

    $P(|\hat p - p| \ge s) \le 2e^{-2ns^2}$ for each of 4 components: s = 0.0265 at n =
    16384 makes 8 e^{-23} < 1e-9.
    """
    weights = np.array([0.1, 0.2, 0.3, 0.4])
    for seed, shape in ((1, (128, 128)), (2, (4, 4096)), (3, (4096, 4))):
        drawn = component_draws(seed, 0, shape[0], shape[1], weights, 4)
        off = np.bincount(drawn.ravel(), minlength=4) / drawn.size - weights
        if np.abs(off).max() > 0.0265:
            return f"components are drawn with frequencies off by {off.round(3)}"
    return ""


def draws_differ() -> str:
    """No two addresses of a small block have the same draw, for any of three seeds.

    Of 3 * 4096 uniforms of 53 bits two agree by chance with probability below 1e-8.
    """
    steps = np.arange(64)[:, None]
    every = np.concatenate(
        [uniforms(seed, np.arange(64), steps).ravel() for seed in (0, 1, 2)]
    )
    twice = every.size - len(np.unique(every))
    return f"{twice} of {every.size} draws are copies" if twice else ""


def kernel_agrees() -> str:
    """Compiled replicas are those of the plain loop, on the same draws."""
    times, names = np.arange(5), frozenset({"gap", "average_gap", "iterate_gap"})
    for one in (
        small.setting(IAM_P),
        small.setting(SPS_STAR, "l1"),
        small.setting(IAM_P, small.RIDGE),
        small.setting(capped_sps(0.1), "logistic"),
    ):
        fast = small.replicas(one, names, times)
        drawn = component_draws(
            0, 0, 8, 5, one.problem.weights, one.problem.num_components
        )
        slow = simulate(one, drawn, channels=names, times=times)
        for name in sorted(names):
            a, b = getattr(fast, name), getattr(slow, name)
            if not np.allclose(a, b, rtol=1e-9, atol=1e-11):
                return f"{name} of {one.problem.name}: off by {np.abs(a - b).max():.3g}"
    return ""


def alpha_shared() -> str:
    """All sampled pairs together have the run's error probability."""
    each, pairs = small.share()
    off = abs(each * pairs - 1e-3)
    return "" if off <= 1e-15 else f"{pairs} pairs have {each:g} each, of 1e-3"


def batch_variance() -> str:
    """The share of the variance that a batch keeps, as a sum over all batches."""
    values = np.array([3.0, -1.0, 4.0, 1.5, -5.0])
    chance = np.full(5, 0.2)
    for batch in (Batch(2), Batch(3), Batch(2, replacement=False), Batch(5)):
        drawn, weights = batch.all(chance)
        means = values[drawn].mean(axis=1)
        exact = weights @ (means - values.mean()) ** 2 / values.var()
        if abs(exact - batch.variance_share(5)) > 1e-12:
            return f"{batch}: {batch.variance_share(5):.6g}, not {exact:.6g}"
    return ""


def compressors() -> str:
    """The moments of a compressed point, against the mean over all outcomes."""
    for a, b in zip(small.compressed(), small.enumerated(), strict=True):
        if not np.allclose(a, b, rtol=1e-12):
            return f"{a.tolist()}, not {b.tolist()}"
    return ""


def tails() -> str:
    """Tails of binomial counts and chances of missed cells, against enumeration."""
    for least in range(5):
        rows = product((0, 1), repeat=4)
        exact = sum(
            Fraction(1, 3) ** sum(row) * Fraction(2, 3) ** (4 - sum(row))
            for row in rows
            if sum(row) < least
        )
        found = below(4, Fraction(1, 3), least)
        if not found.low <= exact <= found.high:
            return f"P(count < {least}) is {float(exact):g}, not {float(found.low):g}"
    paths = list(product(range(3), repeat=5))
    missed = Fraction(sum(len(set(path)) < 3 for path in paths), len(paths))
    found_missed = unseen(3, 5)
    return "" if missed == found_missed else f"{found_missed}, not {missed}"


PROBES: Mapping[str, Probe] = {
    "probe.judge": judgement,
    "probe.alpha": alpha_shared,
    "probe.batch": batch_variance,
    "probe.compressors": compressors,
    "probe.confidence.bets": confidence_bets,
    "probe.confidence.payout": confidence_payout,
    "probe.confidence.coverage": confidence_coverage,
    "probe.constants": constants,
    "probe.draws.differ": draws_differ,
    "probe.draws.fit": draws_fit,
    "probe.losses": losses,
    "probe.reach": reach,
    "probe.replay": replayed,
    "probe.support": supports,
    "probe.tails": tails,
    "probe.tree.weights": path_weights,
    "probe.kernel.agrees": kernel_agrees,
}


def matching(pattern: str) -> list[str]:
    """The names of the probes that match; none is an error."""
    found = [name for name in PROBES if fnmatchcase(name, pattern)]
    if not found:
        msg = f"No probe matches {pattern!r}; there are {', '.join(PROBES)}."
        raise InputError(msg)
    return found
