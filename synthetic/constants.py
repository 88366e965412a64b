r"""The constants of a setting, on the ball that its run cannot leave."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from theory import formulas
from theory.constants import Constants
from theory.errors import InputError
from theory.method import Family

if TYPE_CHECKING:
    from synthetic.problems.base import BallConstants, FloatArray
    from synthetic.setting import Setting


def measure(setting: Setting) -> Constants:
    """Everything that bounds may use, for the declared method and target."""
    problem, distance = setting.problem, setting.ball_radius
    if not distance > 0:
        msg = (
            f"The start equals the comparator of {problem.name}: D = 0 and every "
            "bound is 0. Choose another x0."
        )
        raise InputError(msg)
    errors = setting.target.errors(problem.loss_star, problem.weights)
    cap = setting.method.size if _is_capped(setting) else float("inf")
    reach = setting.reach or _reach(setting, distance, cap, float(np.min(errors)))
    metric_start, metric_least = _falling(setting)
    reach = max(reach, metric_start / metric_least**0.5)
    metric = setting.fixed_metric
    geometry = problem if metric is None else problem.in_metric(metric)
    ball = geometry.ball(reach if np.isfinite(reach) else distance)
    second, growth, sigma = _batched(setting, ball)
    guarded = errors + problem.guard
    schedule = setting.method.schedule
    slope_u = float(np.linalg.norm(geometry.gradient(geometry.point[None, :])))
    return Constants(
        D=distance,
        G=float(np.sqrt(second)),
        G_max=float(np.max(ball.lipschitz)),
        L=float(np.max(ball.smoothness)),
        sigma=sigma,
        A=growth[0],
        B=growth[1],
        gap0=float(problem.gap(setting.x0[None, :])[0]),
        value_u=problem.value_star,
        u_norm=float(np.linalg.norm(geometry.point)),
        minimiser_gap=problem.minimiser.gap,
        lam=0.0 if schedule.slope else float(schedule(1.0)),
        momentum_slope=schedule.slope,
        momentum_intercept=schedule.intercept,
        error_mean=float(problem.weights @ guarded),
        error_min=float(np.min(errors)),
        error_max=float(np.max(errors)),
        error_abs=float(problem.weights @ np.abs(guarded)),
        error_neg=float(problem.weights @ np.maximum(-guarded, 0.0)),
        guard=float(problem.weights @ problem.guard),
        guard_max=float(np.max(problem.guard)),
        dim=problem.dim,
        num_components=problem.num_components,
        convex=problem.convex,
        iid=setting.order is None,
        witness=problem.witness or "the order of the draws is fixed",
        resisting=problem.resisting and _is_level(setting),
        reach=reach,
        gap_max=_rise(slope_u, ball.mean_lipschitz, ball.mean_smoothness, reach),
        excess_low=-_fall(setting, ball, reach),
        excess_high=max(
            _rise(*numbers, reach)
            for numbers in zip(
                ball.slope_at_u, ball.lipschitz, ball.smoothness, strict=True
            )
        ),
        G_f=ball.mean_lipschitz,
        L_f=ball.mean_smoothness,
        L_expected=_expected_smoothness(setting, ball),
        mu=ball.mu,
        q=ball.q if setting.batch.size == 1 else 0.0,
        kappa=ball.kappa if setting.batch.size == 1 else 0.0,
        G_min=ball.gentlest if setting.batch.size == 1 else 0.0,
        cap=cap,
        batch=setting.batch.size,
        pooled=setting.target.pooled,
        quadratic=problem.is_parabola,
        preconditioner=setting.metric.kind if setting.metric else "none",
        metric_start=metric_start,
        metric_least=metric_least,
        value_roundoff=ball.value_roundoff,
        step_roundoff=ball.step_roundoff,
    )


def _rise(slope: float, lipschitz: float, smoothness: float, reach: float) -> float:
    r"""$\min(G r, \|h\| r + L r^2/2)$: how far a function rises above f(u)."""
    if not np.isfinite(reach):
        return float("inf")
    flat = lipschitz * reach
    return float(min(flat, slope * reach + 0.5 * smoothness * reach**2))


def _fall(setting: Setting, ball: BallConstants, reach: float) -> float:
    r"""How far a component falls below $f_i(u)$: $\|h_i\| r$, if it is convex."""
    if not setting.problem.convex:
        return float("inf")
    return _rise(float(np.max(ball.slope_at_u)), np.inf, 0.0, reach)


def _is_level(setting: Setting) -> bool:
    """Is every coordinate equally far from the comparator's?"""
    away = np.abs(setting.x0 - setting.problem.point)
    return bool(np.all(away == away[0]))


def _is_capped(setting: Setting) -> bool:
    return setting.method.rule is formulas.capped_polyak


def _reach(setting: Setting, distance: float, cap: float, lowest: float) -> float:
    r"""D, or $\sqrt{D^2 + 2 \gamma_b \epsilon T}$ with a cap and underestimates.

    Without a cap, underestimates may throw the run anywhere, and of methods without a
    theorem here, or of losses that are not convex, nothing is known.
    """
    if setting.method.family is Family.OTHER or not setting.problem.convex:
        return float("inf")
    if lowest >= 0:
        return distance
    return float(np.sqrt(distance**2 + 2.0 * cap * -lowest * setting.horizon))


def _falling(setting: Setting) -> tuple[float, float]:
    r"""$\|x_0 - u\|_{D_0}$ and the least entry of a nonincreasing preconditioner."""
    metric = setting.metric
    if metric is None or metric.kind != "nonincreasing":
        return setting.ball_radius, 1.0
    away = setting.x0 - setting.problem.point
    start = float(np.sqrt(np.sum(metric.known(0) * away**2)))
    last = max(setting.horizon - 2, 0)  # the metric of the last step
    return start, float(np.min(metric.known(last)))


def _expected_smoothness(setting: Setting, ball: BallConstants) -> float:
    r"""$L_e$ of one component or, of a batch, $(1 - s) L_f + s L_e$."""
    single = min(ball.expected_smoothness, float(np.max(ball.smoothness)))
    if setting.batch.size == 1:
        return single
    share = setting.batch.variance_share(setting.problem.num_components)
    return share * single + (1.0 - share) * ball.mean_smoothness


def _batched(
    setting: Setting, ball: BallConstants
) -> tuple[float, tuple[float, float], float]:
    r"""$G_b^2$, $(A_b, B_b)$ and $\sigma_b$; with batches of one, those of the problem.

    $E\|g_S\|^2 = \|\bar g\|^2 + s (E\|g\|^2 - \|\bar g\|^2)$, s the variance's share.
    $\sigma_b^2 = s \sigma^2$ needs $E h = 0$, so a comparator that is not known to
    minimise keeps $\sigma$.
    """
    problem = setting.problem
    weights: FloatArray = problem.weights
    second = float(weights @ ball.lipschitz**2)
    noise = float(weights @ ball.slope_at_u**2)
    a, b = ball.growth
    if setting.batch.size == 1:
        return second, (a, b), float(np.sqrt(noise))
    share = setting.batch.variance_share(problem.num_components)
    mixed = share * second + (1.0 - share) * ball.mean_lipschitz**2
    if np.isfinite(problem.minimiser.gap):
        noise *= share
    if np.isfinite(ball.mean_smoothness):
        growth = (share * a + (1.0 - share) * 2.0 * ball.mean_smoothness, share * b)
    else:
        growth = (0.0, mixed)
    return mixed, growth, float(np.sqrt(noise))
