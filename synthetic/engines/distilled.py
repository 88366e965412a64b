r"""Distillation on a GLM: $x_{t+1} = x_t - \gamma_t g_t + \beta (x_t - x_{t-1})$.

Here $g_t = \nabla f_i(x_t) + \delta_i a_i + v$ with i drawn at step t. On a GLM the
gradient of a component is a multiple of $a_i$ and a ridge term, so the teacher's part
$-\lambda \nabla f_i(\theta)$ is one number per component and one vector.

Heavy ball is iterate averaging with a constant $\lambda = \beta / (1 - \beta)$ and
steps $\gamma_t / (1 - \beta)$: then $z_t - x_t = \lambda (x_t - x_{t-1})$. So the
kernel that runs IAM runs this, with a slope shift.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec

import numpy as np

from synthetic.draws import component_draws
from synthetic.engines import inputs
from synthetic.engines.inputs import CONSTANT, LOSSES, PLACES, Walk, floats
from synthetic.problems.base import Array, FloatArray, IntArray
from synthetic.problems.glm import GLM
from theory.errors import InputError

CHANNELS = ("point_dist_sq", "gap")


@dataclass(frozen=True, eq=False, kw_only=True)
class Distillation:
    r"""The iteration above, from $x_{-1} = x_0$.

    Attributes:
        start: $x_0$, shape (d,).
        shift: $\delta_i$, shape (n,); see `shifts`.
        drift: $v$, shape (d,).
        steps: $\gamma_0, \dots, \gamma_{T-1}$, any finite numbers; $x_T$ is the last
            point.
        momentum: $\beta$, in [0, 1).
        comparator: The point from which distances are measured, shape (d,).

    """

    start: FloatArray
    shift: FloatArray
    drift: FloatArray
    steps: FloatArray
    momentum: float
    comparator: FloatArray

    def __post_init__(self) -> None:
        """Refuse what no run could be made of."""
        if not 0.0 <= self.momentum < 1.0:
            msg = f"Need 0 <= momentum < 1, got {self.momentum=}."
            raise InputError(msg)
        for name in ("start", "shift", "drift", "steps", "comparator"):
            values = getattr(self, name)
            if np.ndim(values) != 1 or not np.all(np.isfinite(values)):
                msg = f"Need {name} to be a vector of finite numbers, got {values!r}."
                raise InputError(msg)


def shifts(
    problem: GLM, theta: FloatArray, lam: float, *, is_unbiased: bool = False
) -> tuple[FloatArray, FloatArray]:
    r"""$\delta_i a_i + v = -\lambda \nabla f_i(\theta)$, as $(\delta, v)$.

    $\delta_i = -\lambda h'(\langle a_i, \theta\rangle; b_i)$, shape (n,), and $v =
    -\lambda \mu (\theta - c)$, shape (d,).

    Args:
        problem: $f$.
        theta: The teacher $\theta$, shape (d,).
        lam: $\lambda$, the weight of the teacher; 0 is plain SGD.
        is_unbiased: Add $\lambda \nabla f(\theta)$ to v: the mean of $g_t$ is then
            $\nabla f(x_t)$.

    """
    slope = problem.loss.slope(problem.features @ theta, problem.target)
    drift = -lam * problem.ridge * (theta - problem.center)
    if is_unbiased:
        drift = drift + lam * problem.gradient(theta[None, :])[0]
    return np.asarray(-lam * slope), np.asarray(drift)


def sample(
    problem: GLM,
    walk: Distillation,
    *,
    seed: int,
    replicas: range,
    times: IntArray,
    threads: int = 1,
) -> Mapping[str, FloatArray]:
    r"""$\|x_t - u\|^2$ and $f(x_t) - f(x_\star)$ of every replica, at the times.

    In machine code where numba is there, else by `simulate`: equal up to the rounding
    of sums in another order.

    Args:
        problem: $f$; $x_\star$ is its point.
        walk: The method; u is its comparator.
        seed: Of the draws, any integer; counts modulo $2^{64}$. A draw depends on
            (seed, replica, t) alone, so two walks see the same components.
        replicas: Consecutive ones; they are the columns.
        times: The t at which to record, ascending, from 0 to T.
        threads: How many threads share the replicas. The results do not depend on it.

    Returns:
        "point_dist_sq" and "gap", each of shape (K, P).

    """
    times = _checked(problem, walk, times)
    if not (problem.loss in LOSSES and find_spec("numba")):
        return simulate(problem, walk, seed=seed, replicas=replicas, times=times)
    data = inputs.data_of(problem, problem.loss_star, walk.shift)
    weight = 1.0 / (1.0 - walk.momentum)
    last = times[-1] if times.size else 0
    kernel_walk = Walk(
        start=floats(walk.start),
        comparator=floats(walk.comparator),
        drift=floats(walk.drift),
        lam=np.full(last + 2, walk.momentum * weight),
        rule=CONSTANT,
        sizes=np.append(floats(walk.steps) * weight, 0.0),  # nothing after x_T
        times=times,
        wanted=inputs.wanted(frozenset(CHANNELS)),
    )
    out = inputs.record(
        data, kernel_walk, seed=seed, replicas=replicas, threads=threads
    )
    return {name: out[:, PLACES[name]].T for name in CHANNELS}


def simulate(
    problem: GLM,
    walk: Distillation,
    *,
    seed: int,
    replicas: range,
    times: IntArray,
) -> Mapping[str, FloatArray]:
    """`sample` in plain NumPy, all replicas at once: the reference."""
    times = _checked(problem, walk, times)
    draws = component_draws(
        *(seed, replicas.start, len(replicas), int(times[-1]) if times.size else 0),
        *(problem.weights, problem.num_components),
    )
    shape = (len(times), len(replicas))
    out = {name: np.empty(shape) for name in CHANNELS}
    x = before = np.tile(np.asarray(walk.start, dtype=np.float64), (len(replicas), 1))
    row = 0
    with np.errstate(over="ignore", invalid="ignore"):  # a diverging run shows as inf
        for t in range(len(draws) + 1):
            if row < len(times) and times[row] == t:
                away = x - walk.comparator
                out["point_dist_sq"][row] = (away * away).sum(axis=-1)
                out["gap"][row] = problem.gap(x)
                row += 1
            if t < len(draws):
                grad = _gradient(problem, walk, draws[t], x)
                ahead = x - walk.steps[t] * grad + walk.momentum * (x - before)
                x, before = ahead, x
    return out


def _gradient(problem: GLM, walk: Distillation, drawn: IntArray, x: Array) -> Array:
    _, grad = problem.component(drawn, x)
    teacher = walk.shift[drawn][:, None] * problem.features[drawn]
    return np.asarray(grad + teacher + walk.drift)


def _checked(problem: GLM, walk: Distillation, times: IntArray) -> IntArray:
    """The times as the kernel wants them; refuses arrays that do not fit together."""
    n, d, last = problem.num_components, problem.dim, len(walk.steps)
    sizes = {"start": d, "shift": n, "drift": d, "comparator": d}
    for name, size in sizes.items():
        if len(getattr(walk, name)) != size:
            msg = f"Need {size} numbers in {name}, got {len(getattr(walk, name))}."
            raise InputError(msg)
    times = np.array(times, dtype=np.int64)
    ascending = np.all(np.diff(times) > 0)
    if times.size and not (ascending and times[0] >= 0 and times[-1] <= last):
        msg = (
            f"Need ascending times from 0 to {last}, the number of steps, got {times}."
        )
        raise InputError(msg)
    return times
