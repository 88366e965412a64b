"""The compiled exponentials against 60 digits."""

from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
import pytest
from numba import njit

from synthetic import elementary
from synthetic.engines import exponentials

RNG = np.random.default_rng(0)


def over(function: Callable[[Any], Any]) -> Callable[[np.ndarray], np.ndarray]:
    """A compiled loop, as the kernel has them."""
    exponentials.register()

    @njit(error_model="numpy")  # type: ignore[untyped-decorator]
    def loop(u: Any, out: Any) -> None:
        for lane in range(out.size):
            out[lane] = function(u[lane])

    def call(u: np.ndarray) -> np.ndarray:
        out = np.empty_like(u)
        loop(u, out)
        return out

    return call


exp, log1p = over(elementary.exp), over(elementary.log1p)
log1p_exp = over(elementary.log1p_exp)


def worst_ulp(found: np.ndarray, u: np.ndarray, exact: Callable[[Any], Any]) -> float:
    """The largest error, in units of the last place of the exact value."""
    worst = 0.0
    with mpmath.workdps(60):
        for value, at in zip(found.tolist(), u.tolist(), strict=True):
            truth = exact(mpmath.mpf(at))
            unit = mpmath.mpf(float(np.spacing(abs(float(truth)))))
            worst = max(worst, float(abs(mpmath.mpf(value) - truth) / unit))
    return worst


@pytest.mark.parametrize(("low", "high"), [(-708, 709.7), (-745, -708), (-1, 1)])
def test_exp_is_correct_to_a_unit_in_the_last_place(low: float, high: float) -> None:
    u = RNG.uniform(low, high, 5000)
    assert worst_ulp(exp(u), u, mpmath.exp) < 1.0


@pytest.mark.parametrize(
    "u",
    [
        RNG.uniform(0, 1, 5000),
        RNG.uniform(-1, 0, 5000),
        np.exp(-RNG.uniform(0, 700, 5000)),
        -np.exp(-RNG.uniform(0, 700, 5000)),
        np.exp(RNG.uniform(0, 709, 5000)),
    ],
    ids=["unit", "negative", "tiny", "tiny negative", "large"],
)
def test_log1p_is_correct_to_a_unit_in_the_last_place(u: np.ndarray) -> None:
    assert worst_ulp(log1p(u), u, mpmath.log1p) < 1.0


@pytest.mark.parametrize(("low", "high"), [(-708, -40), (-40, 0), (-1, 0)])
def test_log1p_exp_is_correct_to_three_units_in_the_last_place(
    low: float, high: float
) -> None:
    u = RNG.uniform(low, high, 5000)
    assert worst_ulp(log1p_exp(u), u, lambda v: mpmath.log1p(mpmath.exp(v))) < 3.0


def test_log1p_exp_at_its_ends() -> None:
    split = np.log(exponentials.SPLIT) + np.linspace(-1e-14, 1e-14, 101)
    u = np.concatenate([[0.0, -0.0, -708.0], split])
    assert worst_ulp(log1p_exp(u), u, lambda v: mpmath.log1p(mpmath.exp(v))) < 3.0
    far = log1p_exp(np.array([-708.1, -745.0, -1e300, -np.inf]))
    assert far.tolist() == log1p_exp(np.full(4, -708.0)).tolist()
    assert np.isnan(log1p_exp(np.array([np.nan])))[0]


def test_the_ends_are_those_of_numpy() -> None:
    ends = np.array([0.0, -0.0, np.inf, -np.inf, np.nan, 709.782712893384, 710.0])
    far = np.array([709.7827128933841, -745.13, -745.14, -1e300, 1e300, 5e-324, -1e-17])
    with np.errstate(all="ignore"):
        for u in (ends, far):
            np.testing.assert_array_max_ulp(exp(u), np.exp(u), maxulp=1)
        edge = np.array([-1.0, -2.0, np.nextafter(-1.0, 0.0), 1.7976931348623157e308])
        for u in (ends, far, edge):
            np.testing.assert_array_max_ulp(log1p(u), np.log1p(u), maxulp=1)
    assert np.signbit(log1p(np.array([-0.0])))[0]
