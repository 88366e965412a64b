"""Every distillation formula against its statement typed again, at made-up numbers."""

import inspect
from collections.abc import Callable
from math import inf, sqrt

import numpy as np
import pytest

from theory import distillation_formulas as f

# All different, so that none can pass for another; the step is below every limit.
S2, H2, G2, C, LAM = 1.7, 2.9, 0.83, 1.1, 0.37
MU, L, CL, GAP, G = 0.41, 1.3, 1.9, 0.59, 0.043
P, Z, A, B, R, N = 0.31, 0.47, 2.3, 0.53, 0.61, 0.29
KAPPA, X, TEACHER, PLAIN = 3.7, 0.23, 0.71, 0.19
OMEGA, TAU, DELTA, FREE, KEEP, SUPPORT, DIM = 0.13, 0.67, 0.17, 0.73, 7.0, 3.0, 11.0

Case = tuple[Callable[..., object], tuple[float, ...], float]
U = G * CL
X2 = G * L * CL / MU
TYPED: list[Case] = [
    (f.noise, (S2, H2, C, LAM), S2 - 2 * LAM * C + LAM**2 * H2),
    (f.best_weight, (C, H2, G2, KAPPA), C / (H2 + KAPPA * G2)),
    (f.reduction, (S2, H2, G2, C, KAPPA), C**2 / (S2 * H2) * (H2 / (H2 + KAPPA * G2))),
    (f.sqc_loss, (G, MU, P, Z), G * MU * (1 + P - Z)),
    (
        f.sqc_master,
        (G, LAM, MU, CL, G2, N, P, Z),
        (LAM**2 * G2 / (Z * MU) + G * (1 - P) / (1 - P - U) * N) / (MU * (1 + P - Z)),
    ),
    (
        f.sqc_floor,
        (G, LAM, MU, CL, G2, N),
        LAM**2 * G2 / (MU**2 * (1 - 2 * U)) + 2 * G / MU * N,
    ),
    (
        f.sqc_simple_floor,
        (G, LAM, MU, G2, N),
        4 / 3 * LAM**2 * G2 / MU**2 + 2 * G / MU * N,
    ),
    (f.sqc_kappa, (G, MU, CL), 1 / (2 * G * MU * (1 - 2 * U))),
    (f.sqc_simple_kappa, (G, MU), 2 / (3 * G * MU)),
    (f.sqc_plain_floor, (G, MU, N), 2 * G / MU * N),
    (
        f.sqc_min_form,
        (G, MU, CL, L, S2, GAP),
        min(2 * G * S2 / MU, (8 * L / (3 * MU**2) + 4 * G * CL / MU) * GAP),
    ),
    (
        f.sqc_min_form,
        (G, MU, CL, L, S2, GAP / 1e3),
        (8 * L / (3 * MU**2) + 4 * G * CL / MU) * GAP / 1e3,
    ),
    (f.sqc_sharp_loss, (G, MU, CL), G * MU * (2 - sqrt(2 * U))),
    (f.sqc_sharp_floor, (G, MU, CL, N), G * N / (MU * (sqrt(2) - sqrt(U)) ** 2)),
    (f.pl_step, (G, MU, L, CL), X2),
    (
        f.pl_master,
        (G, LAM, MU, L, G2, N, A, B, R),
        (LAM**2 * G2 / (2 * B) + G * L / 2 * A / (A - 1) * N) / (MU * R),
    ),
    (
        f.pl_floor,
        (G, LAM, MU, L, CL, G2, N),
        LAM**2 * G2 / (2 * (1 - 2 * X2) * MU) + G * L / MU * N,
    ),
    (f.pl_simple_floor, (G, LAM, MU, L, G2, N), LAM**2 * G2 / MU + G * L / MU * N),
    (f.pl_kappa, (G, MU, L, CL), 1 / (2 * (1 - 2 * X2) * G * L)),
    (f.pl_simple_kappa, (G, L), 1 / (G * L)),
    (f.pl_plain_floor, (G, MU, L, N), G * L / MU * N),
    (
        f.pl_min_form,
        (G, MU, L, CL, S2, GAP),
        min(G * L * S2 / MU, 2 * L / MU * (1 + G * CL) * GAP),
    ),
    (
        f.pl_min_form,
        (G, MU, L, CL, S2, GAP / 1e3),
        2 * L / MU * (1 + G * CL) * GAP / 1e3,
    ),
    (f.pl_sharp_loss, (G, MU, X), G * MU * (2 - sqrt(2 * X))),
    (
        f.pl_sharp_floor,
        (G, MU, L, X, N),
        G * L * N / (2 * MU * (sqrt(2) - sqrt(X)) ** 2),
    ),
    (
        f.stationary,
        (LAM, TEACHER, PLAIN),
        LAM**2 * TEACHER + (1 - LAM) ** 2 * PLAIN,
    ),
    (f.optimal_weight, (TEACHER, PLAIN), PLAIN / (PLAIN + TEACHER)),
    (f.optimal_error, (TEACHER, PLAIN), 1 / (1 / PLAIN + 1 / TEACHER)),
    (f.safe_weight, (G, S2, GAP), G * S2 / (G * S2 + 4 * GAP)),
    (
        f.safe_excess,
        (G, CL),
        1 + (1 / (1 - U / 2) - 1) ** 2 / (4 / (1 - U / 2)),
    ),
    (f.contraction, (G, MU, CL), 1 - G * MU * (2 - G * CL)),
    (f.compressed_growth, (OMEGA, TAU), 1 + OMEGA * (1 + TAU)),
    (f.compressed_extra, (OMEGA, TAU, S2), OMEGA * (1 + 1 / TAU) * S2),
    (f.compressed_factor, (KAPPA, G, MU), KAPPA * (1 - G * MU)),
    (
        f.compressed_floor,
        (1.001, G, MU, N, C),
        (1.001 * G * MU * N + C) / (1 - 1.001 * (1 - G * MU)),
    ),
    (f.compressed_simple_factor, (G, MU), 1 - G * MU / 2),
    (
        f.compressed_simple_floor,
        (OMEGA, G, MU, N, S2),
        2 * (1 + 2 * OMEGA) * N + 4 * OMEGA * S2 / (G * MU),
    ),
    (f.contractive_extra, (DELTA, FREE, S2), 2 * DELTA * (1 + 1 / FREE) * S2),
    (f.contractive_growth, (DELTA, FREE), 1 + FREE + 2 * DELTA * (1 + 1 / FREE)),
    # m = min(3, 11 - 7) = 3, rho = 3/(7 - 3 + 3)
    (
        f.sparse_growth,
        (KEEP, SUPPORT, DIM),
        1 + (3 / 7 + sqrt((3 / 7) ** 2 + 4 * 3 / 7)) / 2,
    ),
    # m = min(3, 11 - 10) = 1, rho = 1/8
    (f.sparse_growth, (10.0, SUPPORT, DIM), 1 + (1 / 8 + sqrt(1 / 64 + 1 / 2)) / 2),
]
ROUNDINGS = 1e-13  # a dozen operations; 1 - q cancels two digits


def test_every_formula_is_typed_again() -> None:
    public = {
        name
        for name, value in inspect.getmembers(f, inspect.isfunction)
        if value.__module__ == f.__name__
    }
    assert public == {formula.__name__ for formula, _, _ in TYPED}


@pytest.mark.parametrize(
    ("formula", "args", "value"),
    TYPED,
    ids=[f"{case[0].__name__}-{k}" for k, case in enumerate(TYPED)],
)
def test_a_formula_is_its_statement_on_floats_and_arrays(
    formula: Callable[..., object], args: tuple[float, ...], value: float
) -> None:
    assert formula(*args) == pytest.approx(value, rel=ROUNDINGS)
    columns = [np.full((3, 1), arg) for arg in args]
    several = np.asarray(formula(*columns))
    assert several.shape == (3, 1)
    np.testing.assert_allclose(several, value, rtol=ROUNDINGS)
    # One array among floats broadcasts, whichever it is.
    for k, column in enumerate(columns):
        mixed = np.asarray(formula(*args[:k], column, *args[k + 1 :]))
        np.testing.assert_allclose(np.broadcast_to(mixed, (3, 1)), value, ROUNDINGS)


@pytest.mark.parametrize(
    ("formula", "args"),
    [
        (f.best_weight, (0.0, 0.0, 0.0, KAPPA)),
        (f.reduction, (0.0, H2, G2, 0.0, KAPPA)),
        (f.reduction, (S2, 0.0, 0.0, 0.0, KAPPA)),
        (f.optimal_weight, (0.0, 0.0)),
        (f.optimal_error, (0.0, 0.0)),
        (f.safe_weight, (G, 0.0, 0.0)),
    ],
)
def test_nothing_over_nothing_is_nothing(
    formula: Callable[..., object], args: tuple[float, ...]
) -> None:
    assert formula(*args) == 0.0
    assert np.all(formula(*(np.full((2, 1), arg) for arg in args)) == 0.0)


def test_without_a_teacher_the_limits_themselves_are_allowed() -> None:
    half = 1 / (2 * CL)
    assert f.sqc_floor(half, 0.0, MU, CL, G2, S2) == 2 * half / MU * S2
    most = MU / (2 * L * CL)
    floor = f.pl_floor(most, 0.0, MU, L, CL, G2, S2)
    assert floor == pytest.approx(most * L / MU * S2, rel=1e-15)
    # A noiseless master bound takes p to its end, 1 - gamma cL.
    assert f.sqc_master(0.25, 1.0, 0.5, 2.0, 0.8, 0.0, 0.5, 0.5) == (
        0.8 / (0.5 * 0.5) / (0.5 * 1.0)
    )


def test_the_canonical_forms_are_the_master_forms() -> None:
    u = 1 - 2 * G * CL
    assert f.sqc_master(G, LAM, MU, CL, G2, N, u, u) == pytest.approx(
        f.sqc_floor(G, LAM, MU, CL, G2, N), rel=ROUNDINGS
    )
    assert f.sqc_loss(G, MU, u, u) == pytest.approx(G * MU, rel=ROUNDINGS)
    b = 1 - 2 * f.pl_step(G, MU, L, CL)
    assert f.pl_master(G, LAM, MU, L, G2, N, 2.0, b, 1.0) == pytest.approx(
        f.pl_floor(G, LAM, MU, L, CL, G2, N), rel=ROUNDINGS
    )
    # p = 1 - sqrt(2u), z -> 0 and b -> 0, A = sqrt(2/x) are the sharp forms.
    p = 1 - sqrt(2 * G * CL)
    tiny = 1e-300
    assert f.sqc_master(G, 0.0, MU, CL, G2, N, p, tiny) == pytest.approx(
        f.sqc_sharp_floor(G, MU, CL, N), rel=ROUNDINGS
    )
    young = sqrt(2 / X)
    assert f.pl_master(G, 0.0, MU, L, G2, N, young, tiny, 2 - young * X) == (
        pytest.approx(f.pl_sharp_floor(G, MU, L, X, N), rel=ROUNDINGS)
    )


def test_the_known_numbers() -> None:
    # L = 1, mu = .1, gamma = .025, H2 = 2, G2 = 1: beta = .0476 > 2 gamma mu H2/G2
    kappa = f.pl_simple_kappa(0.025, 1.0)
    beta = 2.0 / (2.0 + kappa * 1.0)
    assert beta == pytest.approx(1 / 21, rel=1e-15)
    assert beta == pytest.approx(0.0476, abs=5e-5)
    # H = I, gamma = 1, Delta = S2/4: the safe weight is 1/2 and loses an eighth.
    assert f.safe_excess(1.0, 1.0) == 1.125
    plain, gap = 0.5, 0.25  # F = gamma S2/(2 (2 - gamma)), S2 = 1
    assert f.safe_weight(1.0, 1.0, gap) == 0.5
    lost = f.stationary(0.5, gap, plain) / f.optimal_error(gap, plain)
    assert lost == 1.125
    assert f.safe_excess(0.125, 1.0) <= 1.0011
    # H = 1 or 3, s = 1 or -1, d = 2, gamma = .05
    assert f.best_weight(-1.0, 17.0, 16.0, f.sqc_simple_kappa(0.05, 2.0)) == (
        pytest.approx(-0.008086, abs=5e-7)
    )
    plain = 0.05 / (4 - 5 * 0.05)
    assert f.optimal_weight(4.0, plain) == pytest.approx(0.003322, abs=5e-7)
    assert f.stationary(-0.008086, 4.0, plain) / plain == pytest.approx(1.0359, 1e-4)


def test_limits() -> None:
    assert f.safe_excess(1e-12, 1.0) == pytest.approx(1.0, abs=1e-15)
    assert f.optimal_weight(1e300, 1e-300) == 0.0
    assert f.optimal_weight(0.0, 1e-300) == 1.0
    assert f.best_weight(C, H2, G2, inf) == 0.0
    assert f.sparse_growth(11.0, 3.0, 11.0) == 1.0  # nothing is cut off
    ratio = f.sqc_sharp_floor(1e-12, MU, 1.0, N) / (1e-12 * N / (2 * MU))
    assert ratio == pytest.approx(1.0, abs=2e-6)  # (1 - sqrt(u/2))^-2, u = 1e-12
