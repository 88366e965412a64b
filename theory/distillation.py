r"""Distillation as values: who teaches how, the constants, and what a run records.

Runs are recorded for many configurations (start, teacher, weight, step) side by side:
channels have shape (B, K), constants that differ between configurations (B, 1).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from enum import StrEnum
from typing import Any, ClassVar, Protocol, Self

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

RUN: Mapping[str, str] = {
    "dist_sq": r"$E\|x_t - x_\star\|^2$",
    "gap": r"$E f(x_t) - f_\star$",
    "teacher_dist_sq": r"$E\|x_t - \theta\|^2$",
    "shifted_dist_sq": r"$E\|x_t - x_\lambda\|^2$, $x_\lambda$ the shifted optimum",
    "plain_dist_sq": r"$E\|y_t - x_\star\|^2$ of plain SGD from the same start",
}
"""Channels of a run, at every recorded t."""

PROBE: Mapping[str, str] = {
    "probe_dist_sq": r"$\|x - x_\star\|^2$",
    "probe_gap": r"$f(x) - f_\star$",
    "slope_sq": r"$\|\nabla f(x)\|^2$",
    "descent": r"$\langle\nabla f(x), x - x_\star\rangle$",
    "spread": r"$E\|\nabla f_\xi(x) - s_\xi\|^2$",
    "direction_sq": r"$E\|\nabla f_\xi(x) - \lambda h_\xi\|^2$",
    "shift_sq": r"$\|x_\lambda - x_\star\|^2$, where f is convex",
    "length_sq": r"$\|x\|^2$",
    "compressed_dist_sq": r"$E\|C(x) - x_\star\|^2$",
}
"""Channels at single points, without a run."""

LIMIT: Mapping[str, str] = {
    "limit_dist_sq": r"$\lim E\|x_t - x_\star\|^2$",
    "limit_gap": r"$\lim E f(x_t) - f_\star$",
    "limit_bias_sq": r"$\lim \|E x_t - x_\star\|^2$",
}
"""Channels of the stationary law, from its own linear equation."""

NUMBERS: Mapping[str, str] = {
    "direct_cross": r"$E\langle s_\xi, h_\xi\rangle$ as one finite sum",
    "direct_noise": r"$E\|s_\xi - \lambda h_\xi\|^2$ as one finite sum",
    "least_sqc_floor": r"$\min_\lambda N_1(\lambda)$, by search over finite sums",
    "least_sqc_simple_floor": r"$\min_\lambda N_1'(\lambda)$, likewise",
    "least_pl_floor": r"$\min_\lambda N_2(\lambda)$, likewise",
    "least_pl_simple_floor": r"$\min_\lambda N_2'(\lambda)$, likewise",
}
"""Channels that are numbers of the instance."""

PATHS: Mapping[str, str] = {
    "path_residual": r"$\|x^t_{KD} - (\lambda\theta + (1-\lambda) y^t)\|$, the largest",
}
"""Channels of sample paths."""

TREES: Mapping[str, str] = {
    "tree_residual": r"exact moments minus the mean of all paths, $E\|x_t-x_\star\|^2$",
}
"""Channels that compare two engines."""

CHANNELS: Mapping[str, str] = {**RUN, **PROBE, **LIMIT, **NUMBERS, **PATHS, **TREES}
"""Every channel that a claim about distillation may name."""


class Variant(StrEnum):
    """Which gradient of the teacher is subtracted."""

    BIASED = "of the same sample"
    UNBIASED = "of the same sample, its mean added back"
    INDEPENDENT = "of an independent sample"


class CaseConstants(Protocol):
    """What evidence asks of constants that are arrays (B, 1) over configurations."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    @property
    def weight(self) -> Any:
        r"""$\lambda$, which every configuration has."""

    @property
    def roundoff(self) -> Any:
        """First-order roundoff of one evaluation, relative."""

    def select(self, which: Any) -> Self:
        """The constants of some configurations."""

    def at(self, index: int) -> Self:
        """The constants of one configuration as plain numbers."""

    def adding(self) -> tuple[Self, ...]:
        """The constants with signs such that in one no terms of a bound cancel."""

    def settled(self) -> Self:
        """The constants of a run that starts where it wants to go."""


class CaseTrace(Protocol):
    """What evidence asks of channels over configurations."""

    @property
    def times(self) -> NDArray[np.int64]:
        """The recorded t, (K,); -1 where there is no time."""

    @property
    def channels(self) -> Mapping[str, FloatArray]:
        """The recorded channels, by name."""

    @property
    def errors(self) -> Mapping[str, FloatArray]:
        """What roundoff may have done to each channel, (B, K)."""

    @property
    def constants(self) -> Any:
        """What bounds may use."""

    def select(self, which: Any) -> Self:
        """The trace of some configurations."""

    def uncertainty(self, claim: Any) -> tuple[FloatArray, FloatArray]:
        """Roundoff of the claim's left-hand side, and its natural size, (B, K)."""


class Cases:
    """Of a dataclass whose arrays (B, 1) run over configurations: some, or one."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    def select(self, which: Any) -> Self:
        """The constants of some configurations: an index array or a mask, (B,)."""
        return replace(self, **{k: v[which] for k, v in _arrays(self).items()})

    def at(self, index: int) -> Self:
        """The constants of one configuration as plain numbers."""
        plain = {k: float(v[index, 0]) for k, v in _arrays(self).items()}
        return replace(self, **plain)


def _arrays(constants: Any) -> dict[str, Any]:
    """The fields that are arrays."""
    values = {f.name: getattr(constants, f.name) for f in fields(constants)}
    return {k: v for k, v in values.items() if isinstance(v, np.ndarray)}


@dataclass(frozen=True)
class DistillationConstants(Cases):
    r"""What a bound may use: numbers, or arrays (B, 1) over configurations.

    Attributes:
        mu: Strong quasi-convexity, 0 if none is known.
        mu_pl: Polyak-Lojasiewicz constant, 0 if none is known.
        L: Smoothness of f.
        L_max: Largest smoothness of a convex $f_\xi$; `inf` if one is not convex.
        cL: Expected smoothness.
        S2: $E\|s_\xi\|^2$ at $x_\star$.
        H2: $E\|h_\xi\|^2$ at the teacher.
        G2: $\|\nabla f(\theta)\|^2$.
        cross: $E\langle s_\xi, h_\xi\rangle$.
        teacher_gap: $\Delta = f(\theta) - f_\star$.
        teacher_dist_sq: $\|\theta - x_\star\|^2$.
        weight: $\lambda$.
        step: $\gamma$.
        start_dist_sq: $\|x_0 - x_\star\|^2$; of what a mask keeps of $x_0$, if any.
        start_gap: $f(x_0) - f_\star$.
        start_teacher_sq: $\|x_0 - \theta\|^2$.
        shift_noise: $S_\lambda = E\|\nabla f_\xi(x_\lambda) - \lambda h_\xi\|^2$.
        start_shifted_sq: $\|x_0 - x_\lambda\|^2$.
        p: Parameter of the master bound.
        z: Parameter of the master bound.
        young: A > 1 of the master bound for gaps.
        b: Parameter of the master bound for gaps.
        V: Plain SGD's stationary $E\|x - x_\star\|^2$, `inf` if not stable or unknown.
        F: Plain SGD's stationary gap, likewise.
        law_error: What roundoff and the solver may have done to V, F and the two below.
        V_unbiased: The same with $n_\xi = h_\xi - g$ in place of $s_\xi$.
        V_cross: Its mixed form $\langle s, h - g\rangle_T$.
        star_sq: $\|x_\star\|^2$.
        star_support: Number of nonzero coordinates of $x_\star$.
        dim: Dimension.
        omega: Relative variance of the compressor, 0 if there is none.
        delta: Relative error of a contractive compressor, 1 if none is known.
        keep: Coordinates that top-k keeps, 0 if there is none.
        tau: Free parameter of the bound under compression.
        free: Free parameter s of the contractive bound.
        quadratic: Is every $f_\xi$ quadratic?
        equal_hessians: Is every $H_\xi$ the same?
        full_rank: Is the mean Hessian of a quadratic positive definite?
        on_ray: Do all teachers lie on one ray from $x_\star$?
        in_subspace: Do start and mask agree, for a masked student?
        roundoff: First-order roundoff of one evaluation, relative.

    """

    mu: Any
    mu_pl: Any
    L: Any
    L_max: Any
    cL: Any
    S2: Any
    H2: Any
    G2: Any
    cross: Any
    teacher_gap: Any
    teacher_dist_sq: Any
    weight: Any
    step: Any
    start_dist_sq: Any
    start_gap: Any
    start_teacher_sq: Any
    shift_noise: Any = float("inf")
    start_shifted_sq: Any = float("inf")
    p: Any = float("nan")
    z: Any = float("nan")
    young: Any = float("nan")
    b: Any = float("nan")
    V: Any = float("inf")
    F: Any = float("inf")
    law_error: Any = 0.0
    V_unbiased: Any = float("inf")
    V_cross: Any = float("inf")
    star_sq: Any = 0.0
    star_support: Any = 0
    dim: int = 1
    omega: Any = 0.0
    delta: Any = 1.0
    keep: Any = 0
    tau: Any = 1.0
    free: Any = 1.0
    quadratic: bool = False
    full_rank: bool = False
    equal_hessians: bool = False
    on_ray: bool = False
    in_subspace: Any = True
    roundoff: float = 0.0

    def adding(self) -> "tuple[DistillationConstants, ...]":
        r"""With $-|\lambda c|$ for $\lambda c$ all terms of $D_2$ add up.

        Those of $D_{u2} = D_2 - \lambda^2G_2$ do if $-G_2$ stands for $G_2$ too.
        """
        turned = -np.sign(self.weight) * np.abs(self.cross)
        biased = replace(self, cross=turned)
        return biased, replace(biased, G2=-self.G2)

    def settled(self) -> "DistillationConstants":
        """The constants of a run from the point that its bound is about."""
        still = 0.0 * self.start_dist_sq
        return replace(
            self,
            start_dist_sq=still,
            start_gap=still,
            start_teacher_sq=still,
            start_shifted_sq=still,
        )


@dataclass(frozen=True, eq=False)
class DistillationTrace:
    """Channels of one run over configurations.

    Attributes:
        times: The recorded t, shape (K,); -1 where there is no time.
        channels: Arrays (B, K).
        errors: What roundoff may have done to each channel, arrays (B, K).
        constants: What bounds may use.
        sizes: Natural sizes of channels that are differences, arrays (B, K).

    """

    times: NDArray[np.int64]
    channels: Mapping[str, FloatArray]
    errors: Mapping[str, FloatArray]
    constants: DistillationConstants
    sizes: Mapping[str, FloatArray] = field(default_factory=dict)

    def select(self, which: Any) -> "DistillationTrace":
        """The trace of some configurations: an index array or a mask, (B,)."""
        return replace(
            self,
            channels={name: value[which] for name, value in self.channels.items()},
            errors={name: value[which] for name, value in self.errors.items()},
            constants=self.constants.select(which),
            sizes={name: value[which] for name, value in self.sizes.items()},
        )

    def uncertainty(self, claim: Any) -> tuple[FloatArray, FloatArray]:
        """Roundoff of the claim's left-hand side, and its natural size, (B, K).

        Both are in the units of the left-hand side, whatever those of its channels.
        """
        sizes = {name: np.abs(self.channels[name]) for name in claim.needs}
        sizes |= {k: v for k, v in self.sizes.items() if k in claim.needs}
        return self._moved(claim, self.errors), self._moved(claim, sizes)

    def _moved(self, claim: Any, by: Mapping[str, FloatArray]) -> FloatArray:
        """How far the left-hand side moves if each channel moves by so much.

        One that compares configurations moves by twice the most that any of them does.
        """
        if claim.nonlinear:
            (name,) = claim.needs
            return np.asarray(2.0 * np.max(by[name], axis=0) + 0.0 * by[name])
        value = claim.quantity(self)
        total = np.zeros_like(value)
        for name in claim.needs:
            ends = []
            for sign in (1.0, -1.0):
                channel = self.channels[name] + sign * by[name]
                there = replace(self, channels={**self.channels, name: channel})
                ends.append(np.abs(claim.quantity(there) - value))
            total = total + np.maximum(*ends)
        return np.asarray(total)

    def __getattr__(self, name: str) -> FloatArray:
        """Return the channel of that name."""
        if name in CHANNELS:
            try:
                return self.channels[name]
            except KeyError:
                msg = f"This run did not record the channel {name!r}."
                raise AttributeError(msg) from None
        msg = f"Unknown channel {name!r}; there are {', '.join(CHANNELS)}."
        raise AttributeError(msg)
