"""What distillation's formulas do at all numbers: monotone, minimal, between."""

from math import sqrt

import pytest
from hypothesis import assume, given, strategies as st

from theory import distillation_formulas as f

N = 0.29

positive = st.floats(1e-3, 1e3)
# 0, or so large that squares do not underflow
weights = st.just(0.0) | st.floats(1e-6, 3.0) | st.floats(-3.0, -1e-6)
slopes = st.just(0.0) | st.floats(1e-6, 1.0)


@given(positive, positive, st.floats(-1.0, 1.0), weights)
def test_noise_is_never_negative_and_least_at_its_vertex(
    s2: float, h2: float, rho: float, weight: float
) -> None:
    cross = rho * sqrt(s2 * h2)
    size = s2 + 2 * abs(weight * cross) + weight**2 * h2
    found = f.noise(s2, h2, cross, weight)
    assert found >= -1e-15 * size  # roundoff of three terms
    best = f.best_weight(cross, h2, 0.0, 0.0)
    least = f.noise(s2, h2, cross, best)
    assert least <= found + 4e-15 * (size + s2)
    saved = s2 * (1 - f.reduction(s2, h2, 0.0, cross, 0.0))
    assert least == pytest.approx(saved, rel=0, abs=4e-15 * s2)


@given(weights, positive, positive)
def test_no_weight_beats_the_optimal_one(
    weight: float, teacher: float, plain: float
) -> None:
    best = f.optimal_weight(teacher, plain)
    least = f.optimal_error(teacher, plain)
    assert 0 < best < 1
    assert f.stationary(best, teacher, plain) == pytest.approx(least, rel=1e-12)
    assert least <= f.stationary(weight, teacher, plain) * (1 + 1e-12)
    assert min(teacher, plain) / 2 <= least * (1 + 1e-12)
    assert least <= min(teacher, plain) * (1 + 1e-12)
    # The parabola takes the value at 0 again at twice the optimal weight.
    assert f.stationary(2 * best, teacher, plain) == pytest.approx(plain, rel=1e-9)


@given(st.floats(1e-6, 1.0), st.floats(1e-3, 1.0), slopes, weights)
def test_simple_floors_are_above_the_others_for_short_steps(
    share: float, mu: float, slope: float, weight: float
) -> None:
    smoothness = 1.0
    step = share / (8 * smoothness)
    for n in (0.0, 0.7):
        simple = f.sqc_simple_floor(step, weight, mu, slope, n)
        full = f.sqc_floor(step, weight, mu, smoothness, slope, n)
        assert full <= simple * (1 + 4e-15)  # a dozen roundings
        step_pl = share * mu / (4 * smoothness * 2.0)
        simple = f.pl_simple_floor(step_pl, weight, mu, 2.0, slope, n)
        full = f.pl_floor(step_pl, weight, mu, 2.0, smoothness, slope, n)
        assert full <= simple * (1 + 4e-15)  # a dozen roundings


@given(st.floats(1e-9, 0.5), st.floats(1e-3, 1.0))
def test_sharp_floors_lie_between_half_and_all_of_the_plain_ones(
    u: float, mu: float
) -> None:
    sharp, plain = f.sqc_sharp_floor(u, mu, 1.0, N), f.sqc_plain_floor(u, mu, N)
    assert plain / 4 <= sharp <= plain * (1 + 1e-12)
    assert f.sqc_sharp_loss(u, mu, 1.0) >= u * mu * (1 - 1e-15)
    assert f.contraction(u, mu, 1.0) <= 1 - f.sqc_sharp_loss(u, mu, 1.0) + 1e-15


@given(st.floats(1e-6, 1.0), positive, positive, st.floats(1e-6, 1.9))
def test_safe_weights_are_below_the_optimal_ones_for_gaps(
    step: float, s2: float, gap: float, factor: float
) -> None:
    assume(step * factor < 1)
    lowest = step * s2 / 4
    highest = step * s2 / (2 * (2 - step * factor))
    for plain in (lowest, highest):
        safe, best = f.safe_weight(step, s2, gap), f.optimal_weight(gap, plain)
        assert safe <= best * (1 + 1e-12)
        lost = f.stationary(safe, gap, plain) / f.optimal_error(gap, plain)
        assert lost <= f.safe_excess(step, factor) * (1 + 1e-12)
