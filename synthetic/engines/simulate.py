r"""The one simulation loop: P paths at once, along given draws, recording channels.

$z_{t+1} = z_t - \eta_t g_t$ and $x_{t+1} = (\lambda_{t+1} x_t + z_{t+1}) / (1 +
\lambda_{t+1})$, with the setting's *actual* method and targets. Everything that a claim
reads is written with the *declared* ones, so a wrong method cannot hide behind its own
definitions.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from synthetic.batches import answer, pick
from synthetic.problems.base import Array, IntArray
from synthetic.setting import Setting
from theory import formulas, schedules
from theory.trace import STEPS, Trace

if TYPE_CHECKING:
    from synthetic.optimiser_torch import Paths


def dot(a: Array, b: Array) -> Array:
    """Row-wise inner products, (P, d), (P, d) -> (P,)."""
    return np.asarray((a * b).sum(axis=-1))


NEED_GAP = frozenset({"gap", "average_gap", "best_gap", "dual_gap", "bregman"})
"""The channels that need f at every t; it costs all n losses."""


MOST_ENTRIES = 1_000_000
"""Entries of subgradients held at once, where those of every component are needed."""


def active_moment(setting: Setting, x: Array) -> Array:
    r"""$E\|g_\xi(x)\|^2 1\{f_\xi(x) > v_\xi\}$ over components, (P, d) -> (P,)."""
    problem, values = setting.problem, setting.targets(setting.target)
    size = max(1, MOST_ENTRIES // x.size)
    total = 0.0 * x[:, 0]
    for first in range(0, problem.num_components, size):
        block = np.arange(first, min(first + size, problem.num_components))
        drawn = np.tile(block, len(x))
        loss, grad = problem.component(drawn, np.repeat(x, block.size, axis=0))
        metric = setting.fixed_metric
        norm_sq = dot(grad, grad if metric is None else grad / metric)
        active = norm_sq * (loss > values[drawn])
        total = total + active.reshape(len(x), -1) @ problem.weights[block]
    return total


@dataclass(eq=False)
class Recorder:
    """Turns states into channels; keeps the running sums that some of them need."""

    setting: Setting
    channels: frozenset[str]
    times: frozenset[int]
    sampled: bool
    rows: dict[str, list[Array]] = field(default_factory=dict)
    gap_sum: Array | float = 0.0
    best: Array | float = np.inf
    x_sum: Array | float = 0.0
    z_sum: Array | float = 0.0
    before: tuple[Array, Array] | None = None  # x_{t-1}, f(x_{t-1}) - f(u)

    def put(self, name: str, value: Array) -> None:
        """Append one row of a channel, if it is wanted."""
        if name in self.channels:
            self.rows.setdefault(name, []).append(value)

    def length_sq(self, x: Array, metric: Array | None = None) -> Array:
        r"""$\|x - u\|^2$, in a fixed preconditioner's metric or the one given."""
        away = x - self.setting.problem.point
        metric = self.setting.fixed_metric if metric is None else metric
        return dot(away if metric is None else away * metric, away)

    def point(self, t: int, x: Array, z: Array) -> None:
        """Record the point channels of x_t, z_t."""
        problem = self.setting.problem
        self.x_sum = self.x_sum + x
        due = t in self.times
        if due and "point_dist_sq" in self.channels:
            self.put("point_dist_sq", self.length_sq(x))
        if self.sampled and due and "gap" in self.channels:
            self.put("gap", problem.gap(x))
        if not self.sampled:
            if self.channels & NEED_GAP:
                self._exact(x, z, t, problem.gap(x))
            if "dist_sq" in self.channels:
                self.put("dist_sq", self.length_sq(z))
            if "mean_residual" in self.channels:
                self.put("mean_residual", self._mean_residual(t, x, z))
            if "active_moment" in self.channels:
                self.put("active_moment", active_moment(self.setting, x))
        if due and "iterate_gap" in self.channels:
            self.put("iterate_gap", problem.gap(self.x_sum / (t + 1)))

    def _exact(self, x: Array, z: Array, t: int, gap: Array) -> None:
        """Record the channels that need f, or its gradient, at every t."""
        problem = self.setting.problem
        self.gap_sum = self.gap_sum + gap
        self.best = np.minimum(self.best, gap)
        self.put("gap", gap)
        self.put("average_gap", self.gap_sum / (t + 1))
        self.put("best_gap", self.best + 0.0)
        if self.channels & {"dual_gap", "bregman"}:
            mean = problem.gradient(x)
            self.put("dual_gap", gap + dot(mean, z - x))
            x_before, gap_before = self.before or (x, gap)
            self.put("bregman", gap_before - gap - dot(mean, x_before - x))
        self.before = (x, gap)

    def _mean_residual(self, t: int, x: Array, z: Array) -> Array:
        """Distance of x_t from the mean of z that the declared convention names."""
        skips_first = self.setting.method.schedule == schedules.C_CONVENTION
        if not (skips_first and t == 0):
            self.z_sum = self.z_sum + z
        count = max(t if skips_first else t + 1, 1)
        off = x - (self.z_sum / count if not (skips_first and t == 0) else x)
        return np.asarray(dot(off, off) ** 0.5)

    def sample(self, t: int, excess: Array) -> None:
        r"""Record $\frac{1}{t+1} \sum_{s\le t} \Delta_s$, whose mean is the average."""
        self.gap_sum = self.gap_sum + excess
        if t in self.times:
            self.put("average_gap", self.gap_sum / (t + 1))

    def trace(self) -> Trace:
        """Return everything that was recorded."""
        channels = {name: np.stack(rows) for name, rows in self.rows.items()}
        start, c = self.setting.x0[None, :], self.setting.constants()
        return Trace(
            times=np.array(sorted(self.times), dtype=np.int64),
            channels=channels,
            schedule=self.setting.method.schedule,
            dist0=self.setting.ball_radius,
            gap0=self.setting.problem.gap(start)[0],
            L=c.L,
            A=c.A,
            B=c.B,
            guard=c.guard,
        )


def simulate(
    setting: Setting,
    draws: IntArray,
    *,
    channels: frozenset[str],
    times: IntArray | None = None,
) -> Trace:
    """Run every path of `draws` and record.

    Args:
        setting: What to run.
        draws: Component drawn by each path at each step, shape (T - 1, P), or (T, P)
            with `times`: the last draw then only serves the average. A third axis
            holds the components of a mini-batch.
        channels: What to record.
        times: The t at which to record, for Monte Carlo: the average gap is then the
            mean of the sampled excesses. By default every t, from the whole of f.

    """
    every = np.arange(setting.horizon) if times is None else times
    recorder = Recorder(
        setting, channels, frozenset(every.tolist()), sampled=times is not None
    )
    with np.errstate(over="ignore", invalid="ignore"):  # a diverging run shows as inf
        _run(recorder, draws)
    return recorder.trace()


def _run(recorder: Recorder, draws: IntArray) -> None:
    """Take every step of the actual method, recording as it goes."""
    setting = recorder.setting
    problem, method = setting.problem, setting.actual_method or setting.method
    values = setting.targets(setting.actual_target or setting.target)
    x = z = np.tile(setting.x0, (draws.shape[1], 1))
    moment = np.zeros_like(x)
    memory: Any = None
    metric: Array | None = None
    paths = _optimisers(setting, draws.shape[1])
    for t in range(setting.horizon):
        recorder.point(t, x, z)
        if t >= len(draws):
            break
        drawn = draws[t]
        loss, grad = answer(problem, drawn, x)
        if recorder.sampled:
            recorder.sample(t, loss - pick(problem.loss_star, drawn))
        direction = grad
        last_metric = metric
        if setting.metric is not None:
            metric, moment = setting.metric.step(t, grad, moment, metric)
            direction = grad / metric
        inner, norm_sq = dot(grad, z - x), dot(grad, direction)
        told, before = pick(values, drawn), z
        if paths is not None:
            x, z = paths.step(loss, grad, told)
        elif method.step is not None:
            x, memory = method.step(t, x, memory, (loss, grad, told))
            z = x
        else:
            eta = method.rule(loss, told, inner, norm_sq, method.size)
            z = z - eta[:, None] * direction
            x = formulas.average(x, z, method.schedule(t + 1.0))
        if not recorder.sampled and recorder.channels & STEPS:
            recorder.put(
                "numerator", formulas.numerator(loss, declared(setting, drawn), inner)
            )
            recorder.put("grad_norm_sq", norm_sq)
            _record_step(recorder, drawn, before, z, metric)
            _record_growth(recorder, last_metric, metric)


def _optimisers(setting: Setting, num_paths: int) -> Paths | None:
    """The torch optimisers that take the steps, if the setting has one."""
    if setting.optimiser is None:
        return None
    from synthetic.optimiser_torch import Paths  # noqa: PLC0415 -- torch is an extra

    return Paths(setting.optimiser, setting.x0, num_paths)


def declared(setting: Setting, drawn: IntArray) -> Array:
    """The targets of the draws that the claim speaks of."""
    return pick(setting.targets(setting.target), drawn)


def _record_step(
    recorder: Recorder, drawn: IntArray, z: Array, z_next: Array, metric: Array | None
) -> None:
    """Record a step with the *declared* targets and the metric that it used."""
    setting, problem = recorder.setting, recorder.setting.problem
    recorder.put("dist_sq_next", recorder.length_sq(z_next))
    truth = pick(problem.loss_star, drawn)
    recorder.put("target_error", declared(setting, drawn) - truth)
    if "slope_u_sq" in recorder.channels:
        _, at_u = answer(problem, drawn, np.tile(problem.point, (len(z), 1)))
        dual = at_u if metric is None else at_u / metric
        recorder.put("slope_u_sq", dot(at_u, dual))
    if metric is not None:
        recorder.put("preconditioned_before", recorder.length_sq(z, metric))
        recorder.put("preconditioned_next", recorder.length_sq(z_next, metric))


def _record_growth(
    recorder: Recorder, last: Array | None, metric: Array | None
) -> None:
    """Record by how much a metric exceeds the one before it."""
    if metric is not None:
        ratio = metric / (metric if last is None else last)
        recorder.put("metric_growth", np.maximum(ratio.max(axis=1), 1.0))
