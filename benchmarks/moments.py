"""Exact second moments of distillation at d = 100, n = 200, over 10 000 steps.

    python benchmarks/moments.py [--steps N]

The peer is the same recursion through the (d + 1)^2-square matrix E[A (x) A], for the
dimensions that it fits; both are run in turn, and their results compared.
"""

from __future__ import annotations

import argparse
import resource
import time

import numpy as np

from synthetic.distillation import moments
from synthetic.distillation.instances import least_squares
from synthetic.distillation.problems import FloatArray, Quadratic
from synthetic.distillation.setting import Bench


def problem(dim: int, n: int) -> Quadratic:
    """Gaussian rows and noise."""
    rng = np.random.default_rng(dim)
    rows = rng.standard_normal((n, dim))
    target = rows @ rng.standard_normal(dim) + rng.standard_normal(n)
    return least_squares(f"d = {dim}", rows, target)


def bench(quadratic: Quadratic, steps: int) -> Bench:
    """One configuration, from a distance of 1."""
    away = np.ones((1, quadratic.dim)) / quadratic.dim**0.5
    return Bench(
        name=quadratic.name,
        problem=quadratic,
        start=quadratic.star + away,
        teacher=quadratic.star - 0.5 * away,
        weight=np.array([0.5]),
        step=np.array([0.125 / quadratic.cL]),
        horizon=steps + 1,
    )


def lean(one: Bench, times: np.ndarray) -> FloatArray:
    """This project's recursion."""
    star = np.broadcast_to(one.problem.star, one.start.shape)
    return np.asarray(moments.run(one, star, times).dist_sq[0])


def naive(one: Bench, times: np.ndarray) -> FloatArray:
    """The recursion of vec E[(e; 1)(e; 1)^T] by one square matrix."""
    star = np.broadcast_to(one.problem.star, one.start.shape)
    law = moments.law(one, star)
    p = law.problem
    d = p.dim
    big = np.zeros(((d + 1) ** 2, (d + 1) ** 2))
    for i in range(p.num_components):
        rows = p.factors[i]
        a = np.zeros((d + 1, d + 1))
        a[:d, :d] = np.eye(d) * (1 - law.a[0] * p.ridge) - law.a[0] * rows.T @ rows
        a[:d, d], a[d, d] = law.w[0, i], 1.0
        big += p.weights[i] * np.kron(a, a)
    e = np.append(one.start[0] - p.star, 1.0)
    m = np.outer(e, e).ravel()
    out = []
    for t in range(int(times[-1]) + 1):
        if t in times:
            out.append(np.trace(m.reshape(d + 1, d + 1)[:d, :d]))
        m = big @ m
    return np.array(out)


def main() -> None:
    """Print seconds, memory and the largest relative difference."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=10_000)
    steps = parser.parse_args().steps
    for dim in (5, 20, 40):
        one = bench(problem(dim, 2 * dim), 200)
        times = np.arange(0, 201, 20)
        start = time.perf_counter()
        mine = lean(one, times)
        middle = time.perf_counter()
        other = naive(one, times)
        end = time.perf_counter()
        print(
            f"d = {dim}, 200 steps: lean {middle - start:.3f} s, square matrix "
            f"{end - middle:.3f} s, relative difference "
            f"{np.max(np.abs(mine / other - 1)):.1e}"
        )
    one = bench(problem(100, 200), steps)
    start = time.perf_counter()
    found = lean(one, np.array([0, steps]))
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"d = 100, n = 200, {steps} steps: {seconds:.1f} s, {peak:.0f} MB at most in "
        f"this process; E||x - x*||^2 from {found[0]:.6g} to {found[1]:.6g} "
        "(the square matrix would take 832 MB)"
    )


if __name__ == "__main__":
    main()
