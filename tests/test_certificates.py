from collections.abc import Iterator
from fractions import Fraction
from itertools import combinations

import mpmath
import numpy as np
import pytest
from hypothesis import assume, example, given, settings, strategies as st
from hypothesis.extra import numpy as hnp

from synthetic.certify import certify_smooth, minimise
from synthetic.least_absolute import l1_duality_gap
from synthetic.loss_formulas import sigmoid
from synthetic.losses import L1, LOGISTIC, SQUARED, FloatArray, Loss
from synthetic.objective import objective

X_STAR = np.array([1.0, -2.0, 0.5])
A = np.array([[1.0, 2, 0], [0, 1, 1], [3, 0, -1], [2, 2, 1], [1, -1, 4]])
PAIRED = np.vstack([A, A])
SPREAD = np.array([1.0, 0.5, 2, 0.25, 3])
PAIRED_TARGET = np.append(A @ X_STAR + SPREAD, A @ X_STAR - SPREAD)  # exact in doubles
OVERLAP = (np.array([[1.0, 0], [1, 1], [1, 2], [1, 3]]), np.array([0.0, 1, 0, 1]))

small_tables = st.integers(4, 7).flatmap(
    lambda n: st.tuples(
        hnp.arrays(float, (n, 2), elements=st.integers(-5, 5)),
        hnp.arrays(float, n, elements=st.integers(-9, 9)),
    )
)


def exactly(array: FloatArray) -> np.ndarray[tuple[int, ...], np.dtype[np.object_]]:
    """Turn doubles into fractions; no rounding."""
    return np.asarray(np.vectorize(Fraction, otypes=[object])(array))


def value(
    features: FloatArray,
    target: FloatArray,
    loss: Loss,
    x: FloatArray,
    ridge: float = 0.0,
) -> Fraction:
    """Evaluate the objective of SQUARED or L1 without rounding."""
    u = exactly(x)
    z = exactly(features) @ u - exactly(target)
    losses = z * z / 2 if loss is SQUARED else abs(z)
    total: Fraction = sum(losses) / len(z) + Fraction(ridge) / 2 * (u @ u)
    return total


def logistic_value(
    features: FloatArray, target: FloatArray, ridge: float, x: FloatArray
) -> mpmath.mpf:
    """Evaluate the ridged logistic objective in 60 digits."""
    with mpmath.workdps(60):
        lift = np.frompyfunc(mpmath.mpf, 1, 1)
        a, b, u = lift(features), lift(target), lift(x)
        losses = LOGISTIC.value(a @ u, b)
        return sum(losses) / len(b) + mpmath.mpf(ridge) / 2 * (u @ u)


def vertices(features: FloatArray, target: FloatArray) -> Iterator[FloatArray]:
    """Yield the points where two rows are met exactly, as fractions."""
    a, b = exactly(features), exactly(target)
    for i, j in combinations(range(len(b)), 2):
        det = a[i, 0] * a[j, 1] - a[i, 1] * a[j, 0]
        if det:
            first = b[i] * a[j, 1] - b[j] * a[i, 1]
            second = a[i, 0] * b[j] - a[j, 0] * b[i]
            yield np.array([first / det, second / det])


# ---- planted minimisers


def test_the_square_finds_a_planted_minimiser() -> None:
    found = minimise(PAIRED, PAIRED_TARGET, SQUARED)
    assert np.linalg.norm(found.point - X_STAR) <= found.distance
    assert found.distance < 1e-13  # some roundings of |x*| = 2.3 at condition 4
    best = value(PAIRED, PAIRED_TARGET, SQUARED, X_STAR)
    assert 0 <= value(PAIRED, PAIRED_TARGET, SQUARED, found.point) - best <= found.gap
    assert found.gap < 1e-25  # quadratic in such a distance


def test_the_absolute_loss_finds_a_planted_minimum() -> None:
    found = minimise(PAIRED, PAIRED_TARGET, L1)
    excess = value(PAIRED, PAIRED_TARGET, L1, found.point) - sum(exactly(SPREAD)) / 5
    assert 0 <= excess <= found.gap
    assert found.gap < 1e-12  # some roundings of f = 1.35
    assert found.distance == np.inf
    assert found.method.startswith("CLARABEL")


@pytest.mark.parametrize("ridge", [0.0, 0.5])
def test_the_logistic_loss_finds_what_its_soft_labels_encode(ridge: float) -> None:
    soft = sigmoid(A @ X_STAR)
    found = minimise(A, soft, LOGISTIC, ridge=ridge, center=X_STAR)
    shift = np.linalg.norm(found.point - X_STAR)
    assert shift <= found.distance + 1e-14  # labels are rounded, and H >= 0.01
    assert found.distance < 1e-11  # a gradient of some 1e-15 at most, and H >= 0.01
    assert found.gap < 1e-24  # quadratic in such a distance
    assert found.method.startswith("Newton")


# ---- the bounds are bounds


@settings(deadline=None)
@example((np.array([[0.0, 0], [0, 1], [1, 1], [1, 1]]), np.array([1.0, 0, 0, 0])))
@given(small_tables)
def test_the_squared_certificate_holds_exactly(
    table: tuple[FloatArray, FloatArray],
) -> None:
    features, target = table
    a, b = exactly(features), exactly(target)
    (p, q), (_, r) = a.T @ a
    det = p * r - q * q
    assume(det != 0)
    s, t = a.T @ b
    best = np.array([(r * s - q * t) / det, (p * t - q * s) / det])
    found = minimise(features, target, SQUARED)
    gap = value(features, target, SQUARED, found.point)
    assert 0 <= gap - value(features, target, SQUARED, best) <= found.gap
    error = exactly(found.point) - best
    assert error @ error <= Fraction(found.distance) ** 2


@settings(deadline=None, max_examples=60)
@given(small_tables, st.floats(0, 1), st.integers(0, 2**32 - 1))
def test_the_l1_certificate_holds_exactly(
    table: tuple[FloatArray, FloatArray], blur: float, seed: int
) -> None:
    features, target = table
    assume(np.linalg.matrix_rank(features) == 2)
    best = min(value(features, target, L1, x) for x in vertices(features, target))
    found = minimise(features, target, L1)
    assert 0 <= value(features, target, L1, found.point) - best <= found.gap
    assert found.gap < 1e-11  # rounding of f <= 100 times the condition of 2 columns
    rng = np.random.default_rng(seed)
    point = found.point + blur * rng.standard_normal(2)
    dual = rng.uniform(-1, 1, len(target))
    gap = l1_duality_gap(objective(features, target, L1), point, dual)
    assert value(features, target, L1, point) - best <= gap


@settings(deadline=None, max_examples=60)
@given(
    hnp.arrays(float, (5, 2), elements=st.integers(-3, 3)),
    hnp.arrays(float, 5, elements=st.floats(0, 1)),
    st.sampled_from([1e-6, 0.01, 1.0]),
    hnp.arrays(float, 2, elements=st.floats(-1, 1, width=16)),
)
def test_the_logistic_certificate_holds_in_60_digits(
    features: FloatArray, target: FloatArray, ridge: float, shift: FloatArray
) -> None:
    found = minimise(features, target, LOGISTIC, ridge=ridge)
    near = certify_smooth(
        objective(features, target, LOGISTIC, ridge=ridge), found.point + shift
    )
    high = logistic_value(features, target, ridge, near.point)
    low = logistic_value(features, target, ridge, found.point)
    with mpmath.workdps(60):
        assert -found.gap <= high - low <= near.gap
    assert np.linalg.norm(shift) <= near.distance + found.distance + 1e-15  # x + shift


@pytest.mark.parametrize("ridge", [0.0, 0.1])
@pytest.mark.parametrize("loss", [SQUARED, LOGISTIC], ids=["squared", "logistic"])
def test_the_smooth_certificate_is_sharp_and_can_fail(loss: Loss, ridge: float) -> None:
    features, target = OVERLAP
    found = minimise(features, target, loss, ridge=ridge)
    f = objective(features, target, loss, ridge=ridge)

    def precisely(x: FloatArray) -> mpmath.mpf | Fraction:
        if loss is SQUARED:
            return value(features, target, loss, x, ridge)
        return logistic_value(features, target, ridge, x)

    for size in (1e-9, 1e-6, 1e-3):
        off = certify_smooth(f, found.point + size)
        gap = float(precisely(off.point) - precisely(found.point))
        assert gap <= off.gap <= 1.1 * gap  # m > 0.9 that near, and r^2 / 2 is exact
        assert off.gap > 1e6 * found.gap
        assert np.linalg.norm(off.point - found.point) <= off.distance + found.distance
    assert certify_smooth(f, found.point + 50.0).gap >= 1.0


@pytest.mark.parametrize("loss", [SQUARED, LOGISTIC], ids=["squared", "logistic"])
def test_weights_enter_the_certificate_as_repeated_rows_do(loss: Loss) -> None:
    features, target = OVERLAP
    counts = np.array([3, 1, 2, 2])
    rows = np.repeat(np.arange(4), counts)
    point = np.array([-0.5, 0.4])
    repeated = certify_smooth(objective(features[rows], target[rows], loss), point)
    weighted = certify_smooth(
        objective(features, target, loss, weights=counts / 8), point
    )
    assert weighted.gap == pytest.approx(repeated.gap, rel=1e-9)  # rounding of H
    assert weighted.distance == pytest.approx(repeated.distance, rel=1e-9)  # likewise


@settings(deadline=None)
@given(
    hnp.arrays(float, (4, 2), elements=st.floats(-1e6, 1e6)),
    hnp.arrays(float, 4, elements=st.floats(-1e6, 1e6)),
    hnp.arrays(float, 2, elements=st.floats(-1e6, 1e6)),
    st.floats(0, 10),
)
def test_the_error_of_a_gradient_is_bounded(
    features: FloatArray, target: FloatArray, x: FloatArray, ridge: float
) -> None:
    gradient, error = objective(features, target, SQUARED, ridge=ridge).gradient(x)
    a = exactly(features)
    slopes = a @ exactly(x) - exactly(target)
    exact = a.T @ slopes / 4 + Fraction(ridge) * exactly(x)
    for computed, true, bound in zip(gradient, exact, error, strict=True):
        off = abs(Fraction(*computed.as_integer_ratio()) - true)
        assert off <= Fraction(*bound.as_integer_ratio()) + Fraction(1, 2**1000)  # tiny
