r"""Numbers of an instance from finite sums, with no closed form between.

$N(\lambda)$ is evaluated with $E\|s_\xi - \lambda h_\xi\|^2$ as one finite sum and
minimised by golden sections, so a wrong cross term or weight shows.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from synthetic.distillation.numbers import columns, square
from synthetic.distillation.problems import FloatArray
from synthetic.distillation.setting import Bench
from theory import distillation_formulas as formulas
from theory.distillation import DistillationConstants

SECTIONS = 90
GOLDEN = (5.0**0.5 - 1.0) / 2.0


def direct_noise(bench: Bench) -> Callable[[FloatArray], FloatArray]:
    r"""$\lambda \mapsto E\|s_\xi - \lambda h_\xi\|^2$, one finite sum, (B,) -> (B,)."""
    problem = bench.problem
    h = problem.gradients(bench.teacher)

    def noise(weight: FloatArray) -> FloatArray:
        away = problem.at_star - weight[:, None, None] * h
        return np.asarray(square(away) @ problem.weights)

    return noise


def _floors(
    c: DistillationConstants,
) -> dict[str, Callable[[FloatArray, FloatArray], FloatArray]]:
    """Each floor as a function of the weight and the noise, arrays (B, 1)."""
    return {
        "least_sqc_floor": lambda w, n: formulas.sqc_floor(
            c.step, w, c.mu, c.cL, c.G2, n
        ),
        "least_sqc_simple_floor": lambda w, n: formulas.sqc_simple_floor(
            c.step, w, c.mu, c.G2, n
        ),
        "least_pl_floor": lambda w, n: formulas.pl_floor(
            c.step, w, c.mu_pl, c.L, c.cL, c.G2, n
        ),
        "least_pl_simple_floor": lambda w, n: formulas.pl_simple_floor(
            c.step, w, c.mu_pl, c.L, c.G2, n
        ),
    }


def numbers(
    bench: Bench, needs: frozenset[str], c: DistillationConstants
) -> tuple[dict[str, FloatArray], dict[str, FloatArray]]:
    """The channels of `NUMBERS` that are needed, with their roundoff, arrays (B,)."""
    values: dict[str, FloatArray] = {}
    errors: dict[str, FloatArray] = {}
    if "direct_cross" in needs:
        h = bench.problem.gradients(bench.teacher)
        inner = np.einsum("bnd,nd->bn", h, bench.problem.at_star)
        values["direct_cross"] = inner @ bench.problem.weights
        errors["direct_cross"] = 8.0 * c.roundoff * np.sqrt(c.S2 * c.H2)[:, 0]
    if "direct_noise" in needs:
        values["direct_noise"] = direct_noise(bench)(bench.weight)
        adding = c.S2 + 2.0 * np.abs(c.weight * c.cross) + c.weight**2 * c.H2
        errors["direct_noise"] = 8.0 * c.roundoff * adding[:, 0]
    for name, floor in _floors(c).items():
        if name in needs:
            values[name], errors[name] = _least(bench, c, floor)
    return values, errors


def _least(
    bench: Bench,
    c: DistillationConstants,
    floor: Callable[[FloatArray, FloatArray], FloatArray],
) -> tuple[FloatArray, FloatArray]:
    r"""$\min_\lambda N(\lambda)$ between $\pm(1 + 2\sqrt{S_2/H_2})$."""
    with np.errstate(all="ignore"):
        far = np.sqrt(np.where(c.H2 > 0, c.S2 / np.where(c.H2 > 0, c.H2, 1.0), 0.0))
    high = (1.0 + 2.0 * far)[:, 0]
    low = -high
    noise = direct_noise(bench)

    def value(weight: FloatArray) -> FloatArray:
        with np.errstate(all="ignore"):
            found = floor(columns(weight), columns(noise(weight)))
        return np.asarray(found[:, 0])

    left, right = high - GOLDEN * (high - low), low + GOLDEN * (high - low)
    at_left, at_right = value(left), value(right)
    for _ in range(SECTIONS):
        down = at_left < at_right
        low, high = np.where(down, low, left), np.where(down, right, high)
        left, right = high - GOLDEN * (high - low), low + GOLDEN * (high - low)
        at_left, at_right = value(left), value(right)
    found = np.minimum(at_left, at_right)
    # Near its minimum a parabola is flat: the place is known to the root of roundoff,
    # the value to roundoff.
    width = columns(high - low)
    with np.errstate(all="ignore"):
        size = floor(c.weight * 0.0, c.S2 + 0.0 * c.weight)[:, 0]
        missed = floor(width, width**2 * c.H2)[:, 0]
    return found, 64.0 * c.roundoff * (np.abs(found) + np.abs(size)) + np.abs(missed)
