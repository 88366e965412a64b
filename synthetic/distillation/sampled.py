r"""Monte Carlo of distillation where neither paths nor moments are exact.

Samples have a sure range: $\|x^+ - x_\star\| \le \rho\|x - x_\star\| + \gamma m + r$
with $m = \max_i\|s_i - \lambda h_i\|$ (for unbiased distillation with $h_i - g$) and
the family's own $\rho$ and r, so the limits are finite-sample ones.
"""

from __future__ import annotations

import zlib

import numpy as np

from synthetic.desk import Options
from synthetic.distillation import evidence
from synthetic.distillation.exact import position_error
from synthetic.distillation.logistic import Logistic
from synthetic.distillation.numbers import square
from synthetic.distillation.problems import FloatArray, IntArray
from synthetic.distillation.rule import WHOLE
from synthetic.distillation.setting import Bench
from synthetic.draws import component_draws
from synthetic.engines.distilled import Distillation, sample as kernel_sample, shifts
from theory.claim import Claim
from theory.confidence import Limits, mean_limits
from theory.distillation import DistillationConstants
from theory.evidence import Engine, Evidence
from theory.judge import Status, Verdict, judge

EPS = float(np.finfo(np.float64).eps)
FEWEST = 65_536
"""Replicas that any tier may use here: there are no losses to evaluate."""

FIRST_BATCH = 256
NUM_TIMES = 8
OTHER_SAMPLE = 0x5EED
"""Mixed into the seed for the teacher's sample, where that is independent."""


def recorded_times(horizon: int) -> IntArray:
    """Geometric times from 1 to T - 1."""
    grid = np.geomspace(1.0, horizon - 1.0, NUM_TIMES)
    return np.unique(np.round(grid).astype(np.int64))


def reach(bench: Bench) -> FloatArray:
    r"""Sure upper limits of $\|x_t - x_\star\|$, shape (B, T)."""
    problem, rule = bench.sampled, bench.actual
    weight = bench.weight
    h = problem.gradients(bench.teacher)
    g = np.einsum("n,bnd->bd", problem.weights, h)
    own, same = rule.own(weight)[:, None, None], rule.same(weight)[:, None, None]
    pull = own * problem.at_star + same * h + (rule.mean(weight)[:, None] * g)[:, None]
    size = np.sqrt(square(pull).max(axis=1))
    size = size + np.abs(rule.independent(weight)) * np.sqrt(square(h).max(axis=1))
    rate, extra = problem.drift(bench.step * rule.own(weight))
    out = np.empty((bench.count, bench.horizon))
    away = np.sqrt(square(bench.start - problem.star))
    for t in range(bench.horizon):
        out[:, t] = away
        away = rate * away + bench.step * size + extra
    return out


def sample(
    bench: Bench, case: int, seed: int, replicas: range, times: IntArray
) -> dict[str, FloatArray]:
    """Channels (N, K) of one configuration, replica by replica.

    In machine code for generalised linear models, on the same draws.
    """
    if _has_kernel(bench):
        return _compiled(bench, case, seed, replicas, times)
    problem, rule = bench.sampled, bench.actual
    count, steps = len(replicas), int(times[-1])
    weight, gamma = bench.weight[case : case + 1], float(bench.step[case])
    own, same = float(rule.own(weight)[0]), float(rule.same(weight)[0])
    other = float(rule.independent(weight)[0])
    h = problem.gradients(bench.teacher[case : case + 1])[0]
    drift = float(rule.mean(weight)[0]) * (problem.weights @ h)

    def draws(root: int) -> IntArray:
        return component_draws(
            root,
            replicas.start,
            count,
            steps,
            problem.weights,
            problem.num_components,
        )

    drawn = draws(seed)
    independent = draws(seed ^ OTHER_SAMPLE) if other else drawn
    x = np.tile(bench.start[case], (count, 1))
    found: dict[str, list[FloatArray]] = {"dist_sq": [], "gap": []}
    for t in range(steps + 1):
        if t in times:
            found["dist_sq"].append(square(x - bench.problem.star))
            found["gap"].append(bench.problem.gap(x))
        if t < steps:
            pull = own * problem.drawn(drawn[t], x) + same * h[drawn[t]] + drift
            if other:
                pull = pull + other * h[independent[t]]
            x = x - gamma * pull
    return {name: np.column_stack(rows) for name, rows in found.items()}


def _has_kernel(bench: Bench) -> bool:
    """Is it a generalised linear model, one row a draw, on one sample?"""
    problem, rule = bench.sampled, bench.actual
    rows = isinstance(problem, Logistic) and problem.has_single_rows
    return rows and rule.own == WHOLE and not any(rule.independent)


def _compiled(
    bench: Bench, case: int, seed: int, replicas: range, times: IntArray
) -> dict[str, FloatArray]:
    """`sample` by the compiled kernel: the teacher's part is a shift of each slope."""
    problem, rule = bench.sampled, bench.actual
    assert isinstance(problem, Logistic)
    weight, theta = bench.weight[case : case + 1], bench.teacher[case]
    same, mean = float(rule.same(weight)[0]), float(rule.mean(weight)[0])
    shift, drift = shifts(problem.glm, theta, -same)
    walk = Distillation(
        start=bench.start[case],
        shift=shift,
        drift=drift + mean * problem.gradient(theta[None, :])[0],
        steps=np.full(int(times[-1]), bench.step[case]),
        momentum=0.0,
        comparator=bench.problem.star,
    )
    found = kernel_sample(problem.glm, walk, seed=seed, replicas=replicas, times=times)
    return {"dist_sq": found["point_dist_sq"].T, "gap": found["gap"].T}


def run(
    bench: Bench,
    claims: list[Claim],
    c: DistillationConstants,
    options: Options,
    *,
    checked: bool = True,
) -> dict[str, Verdict]:
    """Add replicas, configuration by configuration, until each claim is decided."""
    root = (options.seed << 32) ^ zlib.crc32(bench.name.encode())
    times = recorded_times(bench.horizon)
    limits = reach(bench)[:, times]
    tops = {"dist_sq": limits**2, "gap": 0.5 * bench.problem.L * limits**2}
    alpha = options.alpha / bench.count
    everyone = slice(0, bench.count)
    off = np.column_stack(
        [position_error(bench, everyone, limits.max(axis=1), t) for t in times]
    ) * max(1.0, bench.problem.L)
    most = max(FEWEST, options.max_replicas)
    found: dict[str, list[tuple[Evidence, FloatArray]]] = {}
    for case in range(bench.count):
        one = c.select(np.array([case]))
        todo = [k for k in claims if not checked or evidence.meeting(k, one)[0]]
        samples: dict[str, FloatArray] = {}
        done: dict[str, tuple[Evidence, FloatArray]] = {}
        size = min(FIRST_BATCH, most)
        while todo and size:
            have = len(next(iter(samples.values()), ()))
            fresh = sample(bench, case, root, range(have, size), times)
            for name, values in fresh.items():
                before = samples.get(name, np.empty((0, len(times))))
                samples[name] = np.concatenate([before, values])
            # Claims that read one channel share its limits.
            seen = {
                name: _limits(samples[name], tops[name][case], off[case], alpha)
                for name in {name for claim in todo for name in claim.needs}
            }
            for claim in todo:
                done[claim.id] = _evidence(claim, one, times, seen, alpha, case)
            todo = [k for k in todo if judge(*done[k.id]).status is Status.INCONCLUSIVE]
            size = min(2 * size, most) if size < most else 0
        for claim_id, pair in done.items():
            found.setdefault(claim_id, []).append(pair)
    return {key: _joined(pairs, bench) for key, pairs in found.items()}


def _limits(
    samples: FloatArray, top: FloatArray, off: FloatArray, alpha: float
) -> tuple[Limits, FloatArray, FloatArray]:
    """Limits for the means of a channel in [0, top], roundoff, and the range's end.

    Args:
        samples: Shape (N, K).
        top: The channel's sure upper end at each time, shape (K,).
        off: What roundoff may have done to a point, shape (K,).
        alpha: Error probability of all limits together.

    """
    middle = np.abs(samples).mean(axis=0)
    noise = 2.0 * np.sqrt(middle) * off + off**2 + 8.0 * EPS * middle
    return mean_limits(samples, -noise, top + noise, alpha=alpha), noise, top


def _evidence(
    claim: Claim,
    c: DistillationConstants,
    times: IntArray,
    seen: dict[str, tuple[Limits, FloatArray, FloatArray]],
    alpha: float,
    case: int,
) -> tuple[Evidence, FloatArray]:
    """What the limits of the one channel that the claim reads say of it."""
    (name,) = claim.needs
    limits, noise, top = seen[name]
    t = times.astype(np.float64)
    bound = np.asarray(claim.bound(c, t), dtype=np.float64)[0]
    return (
        Evidence(
            times=times,
            lower=limits.lower,
            upper=limits.upper,
            estimate=limits.mean,
            roundoff=noise + evidence.rounding(claim, c, t, bound[None, :])[0],
            error=alpha,
            engine=Engine.MONTE_CARLO,
            source=f"{limits.num_samples} replicas, error probability {alpha:.2g}",
            scale=np.maximum(top, np.finfo(np.float64).tiny),
            cases=np.full(len(times), case),
        ),
        bound,
    )


def _joined(pairs: list[tuple[Evidence, FloatArray]], bench: Bench) -> Verdict:
    """All configurations as one: their errors add up."""
    parts = [found for found, _ in pairs]
    order = np.argsort(np.concatenate([p.times for p in parts]), kind="stable")

    def together(name: str) -> FloatArray:
        return np.asarray(np.concatenate([getattr(p, name) for p in parts])[order])

    merged = Evidence(
        times=np.concatenate([p.times for p in parts])[order],
        lower=together("lower"),
        upper=together("upper"),
        estimate=together("estimate"),
        roundoff=together("roundoff"),
        error=sum(p.error for p in parts),
        engine=Engine.MONTE_CARLO,
        source=f"{len(parts)} configurations of up to {parts[0].source}",
        scale=together("scale"),
        cases=np.concatenate([p.cases for p in parts if p.cases is not None])[order],
        label=bench.label,
    )
    bound = np.concatenate([bound for _, bound in pairs])[order]
    return evidence.shrunk(judge(merged, bound))
