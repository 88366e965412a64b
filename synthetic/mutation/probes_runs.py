"""Probes of engines: draws, trees, kernels, and the sure ranges of runs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from synthetic.draws import component_draws, uniforms
from synthetic.engines import tree
from synthetic.engines.simulate import simulate
from synthetic.mutation import small
from theory.claim import distance_support, gap_support, sampled_support
from theory.method import IAM_P, SPS_STAR, Target, capped_sps


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
