r"""The hypotheses of the theorems; each can say why an instance does not meet it."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

MINIMISER_ACCURACY = 1e-9
"""A comparator passes for the true minimiser if its certified gap is below this,
relative to 1 + |f(u)|."""


@dataclass(frozen=True, eq=False)
class Assumption:
    """One hypothesis.

    Attributes:
        name: Short, for tables and search.
        statement: LaTeX.
        failure: `None` if the instance meets it, else what fails, with the numbers.
        meets: Which configurations meet it, where constants are arrays over some.

    """

    name: str
    statement: str
    failure: Callable[[Any], str | None]
    meets: Callable[[Any], Any] | None = None


def of_configurations(
    name: str,
    statement: str,
    meets: Callable[[Any], Any],
    why: Callable[[Any], str],
) -> Assumption:
    """A hypothesis on constants that are arrays (B, 1) over configurations.

    Args:
        name: Short, for tables and search.
        statement: LaTeX.
        meets: A mask, or one answer for all.
        why: What fails, from the constants of one configuration as plain numbers.

    """

    def failure(c: Any) -> str | None:
        met = np.atleast_1d(np.asarray(meets(c), dtype=bool))
        if np.all(met):
            return None
        first = int(np.argmin(met.reshape(len(met), -1).all(axis=1)))
        return why(c.at(first))

    return Assumption(name, statement, failure, meets)


def _unless(holds: bool, why: str) -> str | None:
    return None if holds else why


CONVEX = Assumption(
    "convex",
    r"every $f_\xi$ is convex",
    lambda c: _unless(c.convex, f"a component is not convex: {c.witness}"),
)
IID = Assumption(
    "i.i.d. draws",
    r"$\xi_t$ is independent of $x_0, \xi_0, \dots, \xi_{t-1}$ and identically drawn",
    lambda c: _unless(c.iid, f"the draws are not i.i.d.: {c.witness}"),
)
LIPSCHITZ_ON_BALL = Assumption(
    "bounded second moment on the ball",
    r"$E\|g_\xi(x)\|^2 \le G^2$ for $\|x - u\| \le D$",
    lambda c: _unless(math.isfinite(c.G), "no finite G is known on the ball"),
)
BOUNDED_ON_BALL = Assumption(
    "bounded subgradients on the ball",
    r"$\|g_\xi(x)\| \le G_{\max}$ for $\|x - u\| \le D$, every $\xi$",
    lambda c: _unless(math.isfinite(c.G_max), "no finite G_max is known on the ball"),
)
GROWTH = Assumption(
    "growth on the ball",
    r"$E\|g_\xi(x)\|^2 \le A (f(x) - f(u))_+ + B$ for $\|x - u\| \le D$",
    lambda c: _unless(
        math.isfinite(c.A) and math.isfinite(c.B), "no finite A, B are known"
    ),
)
SMOOTH = Assumption(
    "locally smooth (S2)",
    r"$\langle g, x - u\rangle \ge \Delta + \|g - h_\xi\|^2 / (2L)$ on the ball",
    lambda c: _unless(math.isfinite(c.L), "the losses are not smooth (L = inf)"),
)
EXPECTED_SMOOTH = Assumption(
    "smooth in expectation",
    r"$E\|g_\xi(x) - h_\xi\|^2 \le 2 L_e (f(x) - f(u))$ on the ball",
    lambda c: _unless(math.isfinite(c.L_expected), "no finite L_e is known"),
)
MINIMISER = Assumption(
    "true minimiser",
    r"$u = x_\star \in \arg\min f$",
    lambda c: _unless(
        c.minimiser_gap <= MINIMISER_ACCURACY * (1.0 + abs(c.value_u)),
        f"f(u) - inf f is only certified to be <= {c.minimiser_gap:.3g}",
    ),
)
EXACT_TARGET = Assumption(
    "exact targets",
    r"$v_\xi = f_\xi(u)$",
    lambda c: _unless(
        c.error_min == 0 and c.error_max == 0,
        f"the targets are off by {c.error_min:.3g} to {c.error_max:.3g}",
    ),
)
OVERESTIMATE = Assumption(
    "overestimated targets",
    r"$e_\xi = v_\xi - f_\xi(u) \ge 0$ almost surely",
    lambda c: _unless(
        c.error_min >= 0, f"a target is {-c.error_min:.3g} below f_xi(u)"
    ),
)
STRICT_OVERESTIMATE = Assumption(
    "overestimated targets, not all exact",
    r"$e_\xi \ge 0$ almost surely and $E e_\xi > 0$",
    lambda c: _unless(
        c.error_min >= 0 and c.error_max > 0,
        "no target is above f_xi(u)"
        if c.error_min >= 0
        else f"a target is {-c.error_min:.3g} below f_xi(u)",
    ),
)
AT_LEAST_ONE = Assumption(
    "lambda >= 1",
    r"the constant $\lambda \ge 1$",
    lambda c: _unless(c.lam >= 1, f"lambda = {c.lam:g}"),
)
SLOW_MOMENTUM = Assumption(
    "slow momentum",
    r"$\lambda_{t+1} \le 1 + \lambda_t$ for $t \ge 1$",
    lambda c: _unless(
        c.momentum_slope <= 1, f"lambda_t grows by {c.momentum_slope:g} a step"
    ),
)
RESISTING = Assumption(
    "resisting oracle",
    r"$f = \max_j |x_j|$, $x_0 = (c, \dots, c)$, answers: the first maximal coordinate",
    lambda c: _unless(c.resisting, "f is not LINF(d) from a level start"),
)

NEGLIGIBLE = 1e-12
"""Noise below this counts as none: its effect is that of the targets' guard."""

INTERPOLATION = Assumption(
    "interpolation",
    r"$\nabla f_\xi(u) = 0$ for every $\xi$",
    lambda c: _unless(
        c.sigma <= NEGLIGIBLE * (1.0 + c.G), f"sigma = {c.sigma:.3g} at u, not 0"
    ),
)
SELF_BOUNDING_ONLY = Assumption(
    "growth without an offset",
    "B = 0",
    lambda c: _unless(
        c.B <= NEGLIGIBLE**2 * c.A * (1.0 + c.D**2), f"B = {c.B:.3g}, not 0"
    ),
)
QUADRATIC = Assumption(
    "a parabola",
    r"$f(x) = \frac L2 (x - x_\star)^2$ on the line, one component",
    lambda c: _unless(c.quadratic, "f is not one parabola on the line"),
)
GROWS_QUADRATICALLY = Assumption(
    "quadratic growth",
    r"$f(x) - f(u) \ge \frac\mu2 \|x - u\|^2$ on the ball, $\mu > 0$",
    lambda c: _unless(c.mu > 0, "no mu > 0 is known"),
)
NOISE_SPANS = Assumption(
    "noise in every direction",
    r"$E (\langle h_\xi, v\rangle)_+^2/G_\xi^2 \ge q > 0$ for every unit v",
    lambda c: _unless(c.q > 0, "the gradients at u do not span, or vanish"),
)
NOISE_LEAKS = Assumption(
    "noise that leaks in every direction",
    r"$E \langle h_\xi, v\rangle_+ \ge \kappa > 0$ for every unit v",
    lambda c: _unless(c.kappa > 0, "the gradients at u do not span, or vanish"),
)
UNDERESTIMATE = Assumption(
    "underestimated targets",
    r"$-\epsilon \le e_\xi \le 0$, not all exact",
    lambda c: _unless(
        c.error_max <= 0 and c.error_min < 0,
        f"the targets are off by {c.error_min:.3g} to {c.error_max:.3g}",
    ),
)
EQUAL_NORMS = Assumption(
    "equal norms",
    r"every nonzero subgradient of every $f_\xi$ has norm G",
    lambda c: _unless(
        c.G_min > 0 and c.G_max - c.G_min <= NEGLIGIBLE * c.G_max,
        f"norms range from {c.G_min:.3g} to {c.G_max:.3g}",
    ),
)
NORM_RANGE = Assumption(
    "norms bounded below",
    r"$G_{\min} \le \|g\| \le G_{\max}$ for every nonzero subgradient anywhere",
    lambda c: _unless(
        c.G_min > 0 and math.isfinite(c.G_max), "subgradients come close to 0"
    ),
)
CAPPED = Assumption(
    "capped",
    r"the step is at most a finite $\gamma_b > 0$",
    lambda c: _unless(0 < c.cap < math.inf, f"the cap is {c.cap:g}"),
)
BATCHED = Assumption(
    "mini-batches",
    r"each draw is the mean of $b > 1$ components",
    lambda c: _unless(c.batch > 1, f"batches of {c.batch}"),
)
SINGLE = Assumption(
    "single draws",
    "each draw is one component",
    lambda c: _unless(c.batch == 1, f"batches of {c.batch}"),
)
FIXED_METRIC = Assumption(
    "a fixed preconditioner",
    r"$M > 0$ chosen before the run",
    lambda c: _unless(c.preconditioner == "fixed", f"it is {c.preconditioner!r}"),
)
ANY_METRIC = Assumption(
    "a diagonal preconditioner",
    r"$D_t > 0$, which may depend on $g_t$",
    lambda c: _unless(c.preconditioner != "none", "there is none"),
)
ADAPTIVE_METRIC = Assumption(
    "Adam's preconditioner",
    r"$D_t = \sqrt{\hat v_t} + \epsilon$ from the gradients, or its running maximum",
    lambda c: _unless(c.preconditioner == "any", f"it is {c.preconditioner!r}"),
)
SHRINKING_METRIC = Assumption(
    "a nonincreasing preconditioner",
    r"$D_{t+1} \preceq D_t$",
    lambda c: _unless(
        c.preconditioner in {"fixed", "nonincreasing"}, f"it is {c.preconditioner!r}"
    ),
)
FALLING_METRIC = Assumption(
    "a preconditioner that shrinks during the run",
    r"$D_{t+1} \preceq D_t$, known before the run, not constant",
    lambda c: _unless(
        c.preconditioner == "nonincreasing", f"it is {c.preconditioner!r}"
    ),
)
POOLED = Assumption(
    "one target for all",
    r"$v_\xi = f(u)$ for every $\xi$, though the $f_\xi(u)$ differ",
    lambda c: _unless(
        c.pooled and c.error_max > c.error_min, "every sample has its own target"
    ),
)
