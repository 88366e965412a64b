r"""Exact first and second moments of SGD with distillation on quadratics, every t.

$e_{t+1} = A_\xi e_t + w_\xi$ with $A_i = I - aH_i$; the mean $m$ and second moment $M$
follow $m^+ = Am + Ew$ and $M^+ = E[A_\xi MA_\xi] + E[A_\xi m w^T + w m^TA_\xi] +
Eww^T$.
Memory is n d + d^2 for each configuration: no matrix of order d^2 is ever formed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synthetic.distillation import lyapunov
from synthetic.distillation.compressors import Diagonal
from synthetic.distillation.problems import FloatArray, IntArray, Quadratic
from synthetic.distillation.setting import Bench

EPS = float(np.finfo(np.float64).eps)


@dataclass(frozen=True, eq=False)
class Law:
    r"""One step $e^+ = (I - aH_\xi)e + w_\xi$ (+ an independent term) around a centre.

    Attributes:
        problem: Whose components are drawn.
        a: $\gamma$ times the coefficient of the student's gradient, (B,).
        w: $w_i$, shape (B, n, d).
        drift: Mean of the independent term, (B, d).
        spread: Second moment of the independent term, (B, d, d).

    """

    problem: Quadratic
    a: FloatArray
    w: FloatArray
    drift: FloatArray
    spread: FloatArray

    @property
    def mean_noise(self) -> FloatArray:
        """$E w$, the independent term included, (B, d)."""
        mean = np.einsum("n,bnd->bd", self.problem.weights, self.w)
        return np.asarray(mean + self.drift)

    def noise(self) -> FloatArray:
        r"""$E ww^T$ of the whole noise, (B, d, d)."""
        weights = self.problem.weights
        weighted = self.w * weights[:, None]
        own = weighted.transpose(0, 2, 1) @ self.w
        mean = np.einsum("n,bnd->bd", weights, self.w)
        mixed = mean[:, :, None] * self.drift[:, None, :]
        return np.asarray(own + mixed + mixed.transpose(0, 2, 1) + self.spread)

    def contract(self, m: FloatArray) -> FloatArray:
        """$A m$, (B, d) -> (B, d)."""
        return np.asarray(m - self.a[:, None] * (m @ self.problem.hessian))

    def mixed(self, m: FloatArray) -> FloatArray:
        r"""$E[A_\xi m w^T]$ with its transpose added, (B, d, d)."""
        problem, a = self.problem, self.a
        n, rank, dim = problem.factors.shape
        rows = problem.factors.reshape(n * rank, dim)
        seen = (m @ rows.T).reshape(-1, n, rank) * problem.weights[:, None]
        spread = seen[:, :, :, None] * self.w[:, :, None, :]
        bent = rows.T @ spread.reshape(-1, n * rank, dim)  # E F^T F m w^T
        mean = np.einsum("n,bnd->bd", problem.weights, self.w)
        keep = (1.0 - a * problem.ridge)[:, None]
        out = (keep * m)[:, :, None] * mean[:, None, :] - a[:, None, None] * bent
        out = out + self.contract(m)[:, :, None] * self.drift[:, None, :]
        return np.asarray(out + out.transpose(0, 2, 1))

    def step(self, m: FloatArray, square: FloatArray, noise: FloatArray) -> FloatArray:
        r"""The second moment after a step."""
        linear = square - lyapunov.operator(self.problem, self.a, square)
        out = linear + self.mixed(m) + noise
        return np.asarray(0.5 * (out + out.transpose(0, 2, 1)))


def law(bench: Bench, centre: FloatArray) -> Law:
    r"""The step of what the bench runs, with $e = x - \mathrm{centre}$, (B, d)."""
    problem, rule = bench.sampled, bench.actual
    assert isinstance(problem, Quadratic)
    weight, step = bench.weight, bench.step
    own, same = rule.own(weight), rule.same(weight)
    independent, mean = rule.independent(weight), rule.mean(weight)
    # H_i and s_i at the centre: where own + same = 0 and the centre is the teacher,
    # the two products are the same numbers and cancel exactly.
    at_centre, h = problem.gradients(centre), problem.gradients(bench.teacher)
    g = np.einsum("n,bnd->bd", problem.weights, h)
    w = own[:, None, None] * at_centre + same[:, None, None] * h
    w = -step[:, None, None] * (w + (mean[:, None] * g)[:, None, :])
    scale = (-step * independent)[:, None]
    second = np.einsum("n,bnd,bne->bde", problem.weights, h, h)
    return Law(problem, step * own, w, scale * g, (scale**2)[:, :, None] * second)


@dataclass(frozen=True, eq=False)
class Moments:
    r"""Expected squared distance to a centre, gap, and what roundoff did, (B, K)."""

    dist_sq: FloatArray
    gap: FloatArray
    error: FloatArray


def run(bench: Bench, centre: FloatArray, times: IntArray) -> Moments:
    r"""$E\|x_t - c\|^2$ and $\frac12E\|x_t - c\|_H^2$ at the times, ascending.

    H is that of the declared problem, whatever is run.

    Args:
        bench: What to run; its `sampled` problem is quadratic.
        centre: c, shape (B, d).
        times: The t at which to record.

    """
    one = law(bench, centre)
    problem, noise, drift = one.problem, one.noise(), one.mean_noise
    m = bench.start - centre
    square = m[:, :, None] * m[:, None, :]
    declared = bench.problem if isinstance(bench.problem, Quadratic) else problem
    hessian = declared.hessian
    # E||A e||^2 <= rate ||e||^2, also where a step is so long that errors grow.
    slack = one.a * (2.0 - one.a * problem.cL)
    rate = 1.0 - slack * np.where(slack > 0, problem.mu, problem.L)
    rate = np.clip(rate, 0.0, None)
    # Each step rounds M by `unit` of its terms' sizes, and w by `pull`, which its size
    # may hide: its terms cancel. What M once had of a large size stays in it.
    unit = 4.0 * EPS * (8.0 + problem.dim**0.5)
    pull = unit * bench.step * _pulls(bench, centre)
    size = np.sqrt(np.trace(noise, axis1=1, axis2=2).clip(0.0))
    off = unit * np.trace(square, axis1=1, axis2=2)
    off_mean = np.sqrt(unit * off)
    compressor = bench.compressor
    assert compressor is None or isinstance(compressor, Diagonal)
    if compressor is not None:
        own = np.diag(compressor.spread)
        grown = np.sqrt(np.max(own + (1 + compressor.shift) ** 2))
        extra = np.sqrt((centre * centre) @ (own + compressor.shift**2))
    shape = (bench.count, len(times))
    out = Moments(np.empty(shape), np.empty(shape), np.empty(shape))
    row = 0
    for t in range(int(times[-1]) + 1):
        total = np.trace(square, axis1=1, axis2=2)
        if times[row] == t:
            out.dist_sq[:, row] = total
            out.gap[:, row] = 0.5 * np.einsum("de,bed->b", hessian, square)
            out.error[:, row] = off + unit * total
            row += 1
            if row == len(times):
                break
        root, length = np.sqrt(rate), np.sqrt(total) + size
        off = rate * off + unit * length**2 + pull * (2.0 * length + pull)
        off = off + 2.0 * root * off_mean * (size + pull)
        off_mean = root * off_mean + unit * length + pull
        square = one.step(m, square, noise)
        m = one.contract(m) + drift
        if compressor is not None:
            m, square = compressor.moments(m, square, centre)
            length = grown * length + extra
            off = grown**2 * off + unit * length**2 + 2.0 * grown * off_mean * extra
            off_mean = grown * off_mean + unit * length
    return out


def _pulls(bench: Bench, centre: FloatArray) -> FloatArray:
    """The size of the gradients that a step subtracts at the centre, (B,)."""
    problem = bench.sampled
    at_centre, h = problem.gradients(centre), problem.gradients(bench.teacher)
    own, other = (
        np.sqrt((x * x).sum(axis=2) @ problem.weights) for x in (at_centre, h)
    )
    return np.asarray(own + (1.0 + np.abs(bench.weight)) * other)


@dataclass(frozen=True, eq=False)
class End:
    r"""The stationary $E\|x-x_\star\|^2$, gap, $\|Ex-x_\star\|^2$, roundoff, (B,)."""

    dist_sq: FloatArray
    gap: FloatArray
    bias_sq: FloatArray
    error: FloatArray


def limit(bench: Bench) -> End:
    r"""The stationary law, from the fixed point of the recursion itself.

    Nothing of the theorem about it is used. What is not mean-square stable for sure
    (a step of $2/cL$ or more) is not a number.
    """
    star = np.broadcast_to(bench.problem.star, bench.start.shape)
    one = law(bench, star)
    problem = one.problem
    stable = (one.a > 0) & (one.a * problem.cL < 2.0)
    dist, gap, bias, error = (np.full(bench.count, np.nan) for _ in range(4))
    if np.any(stable):
        kept = Law(
            problem,
            one.a[stable],
            one.w[stable],
            one.drift[stable],
            one.spread[stable],
        )
        m = np.linalg.solve(problem.hessian, kept.mean_noise.T).T / kept.a[:, None]
        q = kept.noise() + kept.mixed(m)
        square, left = lyapunov.solve(problem, kept.a, q)
        dist[stable] = np.trace(square, axis1=1, axis2=2)
        gap[stable] = 0.5 * np.einsum("de,bed->b", problem.hessian, square)
        bias[stable] = (m * m).sum(axis=1)
        slack = kept.a * problem.mu * (2.0 - kept.a * problem.cL)
        # What roundoff of the noise, met anew at every step, can have made of a point.
        unit = 4.0 * EPS * (8.0 + problem.dim**0.5)
        off = unit * (bench.step * _pulls(bench, star))[stable] * 2.0 / slack
        error[stable] = left / slack + 2.0 * np.sqrt(dist[stable]) * off + off**2
    return End(dist, gap, bias, error)
