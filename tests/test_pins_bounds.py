"""Every claim's bound at one made-up Constants, against its statement typed again."""

from collections.abc import Callable
from dataclasses import fields, replace
from math import gamma, sqrt

import numpy as np
import pytest
from hypothesis import given, strategies as st

from theory.bounds import lipschitz_rate, master_rate
from theory.claims import POLYAK
from theory.constants import Constants

# All different, so that none can pass for another; reach != D as with caps.
D, G, G_MAX, L, SIGMA, A, B = 2.0, 3.0, 5.0, 7.0, 1.1, 1.3, 1.7
GAP0, LAM, EBAR, E_MIN, E_MAX = 1.9, 2.3, 0.23, -0.29, 0.31
GUARD, GUARD_MAX, MU, Q, G_MIN, E_NEG, CAP = 0.013, 0.037, 0.41, 0.43, 0.47, 0.53, 0.61
C = Constants(
    D=D,
    G=G,
    G_max=G_MAX,
    L=L,
    sigma=SIGMA,
    A=A,
    B=B,
    gap0=GAP0,
    value_u=8.3,
    u_norm=8.9,
    minimiser_gap=0.071,
    lam=LAM,
    error_mean=EBAR,
    error_min=E_MIN,
    error_max=E_MAX,
    guard=GUARD,
    guard_max=GUARD_MAX,
    dim=6,
    num_components=11,
    reach=2.71,
    gap_max=6.1,
    excess_low=-9.7,
    excess_high=10.1,
    G_f=3.1,
    L_f=4.3,
    L_expected=2.9,
    mu=MU,
    q=Q,
    kappa=0.73,
    G_min=G_MIN,
    error_abs=0.59,
    error_neg=E_NEG,
    cap=CAP,
    momentum_slope=0.67,
    momentum_intercept=2.17,
    metric_start=7.7,
    metric_least=0.3,
)

Typed = Callable[[int], float]


def m(a: float, b: float, num_points: int) -> float:
    """M(a, b; T): the positive root of rho^2 = c (a rho + b), c = D^2/T."""
    c = D * D / num_points
    return float(max(np.roots([1.0, -a * c, -b * c]).real))


def harmonic(num_points: int) -> float:
    return sum(1.0 / k for k in range(1, num_points + 1))


def log_bound(t: int) -> float:
    a, b = A * D**2 / (t + 1), sqrt(B) * D / sqrt(t + 1)
    return a * harmonic(t + 1) + b + sqrt(2 * a * b)


def recursion(t: int) -> float:
    """(D/T) sqrt(A S_T + B T), k^2 (y - S_{k-1})^2 = D^2 (A y + B k) with root S_k."""
    s = 0.0
    for k in range(1, t + 2):
        square = [k * k, -2 * k * k * s - D * D * A, k * k * s * s - D * D * B * k]
        s = float(max(np.roots(square).real))
    return D / (t + 1) * sqrt(A * s + B * (t + 1))


def gamma_square(t: int) -> float:
    root = gamma(t + 1.5) / (gamma(1.5) * gamma(t + 2))
    return root * root


def budget(t: int) -> float:
    return D**2 / (t + 1) + 2 * CAP * E_NEG


def psi(t: int) -> float:
    c = budget(t)
    if c <= CAP**2 * G**2 / 4:
        return G * sqrt(c)
    return c / CAP + CAP * G**2 / 4


def tuned(t: int) -> float:
    return 0.59 + D**2 / (CAP * (t + 1)) + CAP * G**2 / 4


def capped_smooth(t: int) -> float:
    c, alpha = budget(t), min(CAP, 1 / L)
    return 0.5 * (c / alpha + sqrt(c**2 / alpha**2 + 4 * SIGMA**2 * c))


def sigma_local(t: int, smoothness: float = L) -> float:
    a = D * sqrt(2 * smoothness / (t + 1))
    return (0.5 * (a + sqrt(a**2 + 4 * SIGMA * D / sqrt(t + 1)))) ** 2


def iterated(t: int) -> float:
    e = D**2
    for _ in range(t):
        e = e - MU**2 * e**2 / (2 * L * MU * e + 4 * SIGMA**2)
    return e / D**2


def two_phase(t: int) -> float:
    fast = sqrt(1 - MU / (4 * L)) ** t
    return float(max(fast, 16 * SIGMA**2 / (MU**2 * t * D**2)))


def gd(t: int) -> float:
    return G * D / sqrt(t + 1) + GUARD


def guarded_master(t: int) -> float:
    return m(A, B + A * GUARD, t + 1) + GUARD


def sharp(t: int) -> float:
    return m(L, SIGMA**2, t + 1) + GUARD


def falling_smooth(t: int) -> float:
    c = 7.7**2 / (t + 1)
    roots = np.roots([1.0, -L / 0.3 * c, -(SIGMA**2) / 0.3 * c])
    return float(max(roots.real)) + GUARD


def over_gd(t: int) -> float:
    return EBAR + G * D / sqrt(t + 1)


def over_smooth(t: int) -> float:
    return EBAR + m(L, SIGMA**2, t + 1)


def weighted(t: int) -> float:
    top = G * D * sqrt(t + 1) + (LAM - 1) * GAP0 + (t + 1) * GUARD
    return top / (t + LAM)


FLOOR = GUARD / (MU * D**2)

ZERO: Typed = lambda t: 0.0  # noqa: E731 -- one line like the others
ONE: Typed = lambda t: 1.0  # noqa: E731

TYPED: dict[str, Typed] = {
    "sps.fejer.pathwise": ZERO,
    "sps.fejer.sum": ONE,
    "sps.ball": ONE,
    "sps.master.average": guarded_master,
    "sps.master.iterate": guarded_master,
    "sps.master.best": guarded_master,
    "sps.lipschitz.average": gd,
    "sps.lipschitz.iterate": gd,
    "sps.lipschitz.best": gd,
    "sps.lipschitz.minimax": lambda t: -G * D / sqrt(6),
    "sps.lastiterate.refuted": gd,
    "sps.lastiterate.sum": ONE,
    "sps.master.active": ONE,
    "sps.smooth.master": guarded_master,
    "sps.smooth.sigma_local": lambda t: sigma_local(t) + GUARD,
    "sps.smooth.expected": lambda t: sigma_local(t, 2.9) + GUARD,
    "sps.smooth.sharp.pathwise": ZERO,
    "sps.smooth.sharp": sharp,
    "sps.smooth.interp": lambda t: 2 * L * D**2 / (t + 1) + GUARD,
    "sps.smooth.interp_sharp": lambda t: 2 / 3 * L * D**2 / (t + 1) + GUARD,
    "sps.smooth.interp_sum": lambda t: 2 / 3,
    "sps.strong.lipschitz": lambda t: (
        1 / (1 / D**2 + MU**2 * t / (4 * G**2)) / D**2 + 4 * FLOOR
    ),
    "sps.strong.suffix": lambda t: 4 * G**2 / (MU * (2 if t < 3 else 4)) + GUARD,
    "sps.strong.smooth_interp": lambda t: (1 - 3 * MU / (4 * L)) ** t + 2 * FLOOR,
    "sps.strong.smooth_interp_local": lambda t: (1 - MU / (4 * L)) ** t + 4 * FLOOR,
    "sps.strong.smooth_noise": lambda t: (
        1 / (1 / D**2 + t * MU**2 / (2 * L * MU * D**2 + 4 * SIGMA**2)) / D**2
        + 4 * FLOOR
    ),
    "sps.strong.smooth_noise_recursion": lambda t: iterated(t) + 4 * FLOOR,
    "sps.strong.growth": lambda t: (
        1 / (1 / D**2 + t * MU**2 / (2 * A * MU * D**2 + 4 * (B + A * GUARD))) / D**2
        + 4 * FLOOR
    ),
    "sps.noise_linear.smooth": lambda t: (
        (1 - 0.73**2 / (L * 0.73 * D + SIGMA**2)) ** t + 2 * GUARD / (0.73 * D)
    ),
    "sps.strong.two_phase": lambda t: two_phase(t) + 4 * FLOOR,
    "sps.noise_linear": lambda t: (1 - Q) ** t + 2 * GUARD_MAX / (G * D * Q),
    "iam.fejer": ZERO,
    "iam.fejer.sum": ONE,
    "iam.ball": ONE,
    "iam.identity": ZERO,
    "iam.averaging": ZERO,
    "iam.lipschitz.last": gd,
    "iam.lipschitz.last_bregman": gd,
    "iam.lipschitz.last_c_convention": lambda t: G * D / sqrt(t) + GUARD,
    "iam.lipschitz.last_c_gap": lambda t: G * D / sqrt(t) + GUARD,
    "iam.lipschitz.last_c_sharp": lambda t: (
        sqrt((G**2 * D**2 - (GAP0 - GUARD) ** 2) / t) + GUARD
    ),
    "iam.lipschitz.last_c_under_p": gd,
    "iam.lipschitz.constant_lambda": weighted,
    "iam.lipschitz.constant_lambda_bregman": weighted,
    "iam.lipschitz.constant_lambda_last": gd,
    "iam.lipschitz.schedule": gd,
    "iam.lipschitz.schedule_last": lambda t: gd(t) + 0.071,
    "iam.smooth.fejer": ZERO,
    "iam.smooth.log": lambda t: log_bound(t) + GUARD,
    "iam.smooth.log_recursion": lambda t: recursion(t) + GUARD,
    "iam.smooth.log_interp": lambda t: (
        A * D**2 * (harmonic(t + 1) / 2 + 0.561) / (t + 1) + GUARD
    ),
    "iam.smooth.sharp": sharp,
    "iam.smooth.last": sharp,
    "iam.smooth.sharp_c": lambda t: m(L, SIGMA**2, t) + GUARD,
    "iam.smooth.constant_lambda": lambda t: (
        ((t + 1) * (m(L, SIGMA**2, t + 1) + GUARD) + (LAM - 1) * GAP0) / (t + LAM)
    ),
    "iam.smooth.interp": lambda t: L * D**2 / (t + 1) + GUARD,
    "iam.smooth.quadratic_closed_form": lambda t: (
        GAP0 * gamma_square(t) + (t + 1) * GUARD
    ),
    "iam.smooth.quadratic_from_below": lambda t: (
        -GAP0 * gamma_square(t) + (t + 1) * GUARD
    ),
    "iam.smooth.linear_rate": lambda t: GAP0 / 4**t + GUARD,
    "sps.over.fejer": ZERO,
    "sps.over.fejer_sharp": ZERO,
    "sps.over.ball": ONE,
    "sps.over.lipschitz": over_gd,
    "sps.over.master": lambda t: EBAR + m(A, B + A * EBAR, t + 1),
    "sps.over.smooth": over_smooth,
    "sps.over.bounded": lambda t: sqrt(
        (E_MAX + GUARD_MAX) ** 2 + G_MAX**2 * D**2 / (t + 1)
    ),
    "sps.over.teacher": over_gd,
    "iam.over.fejer": ZERO,
    "iam.over.fejer_sharp": ZERO,
    "iam.over.lipschitz": over_gd,
    "iam.over.lipschitz_bregman": over_gd,
    "iam.over.smooth": over_smooth,
    "iam.over.smooth_bregman": over_smooth,
    "iam.over.teacher": over_gd,
    "sps.under.fejer": ZERO,
    "sps.under.equal_norms": lambda t: (
        sqrt(E_MIN**2 + G_MAX**2 * D**2 / (t + 1)) + GUARD
    ),
    "sps.under.norm_range": lambda t: (
        sqrt(G_MAX**2 * D**2 / (t + 1) + E_MIN**2 * (G_MAX / G_MIN) ** 2) + GUARD
    ),
    "sps.under.smooth_diverges": lambda t: -E_MIN + m(L, SIGMA**2, t + 1) + GUARD,
    "sps.mean_target": ZERO,
    "sps.capped.ball": lambda t: sqrt(1 + 2 * CAP * -E_MIN * t / D**2),
    "sps.capped.tuned": tuned,
    "iam.capped.tuned": tuned,
    "sps.capped.lipschitz": lambda t: EBAR + psi(t),
    "sps.capped.smooth": lambda t: EBAR + capped_smooth(t),
    "iam.capped.lipschitz": lambda t: EBAR + psi(t),
    "iam.capped.smooth": lambda t: EBAR + capped_smooth(t),
    "sps.batch.lipschitz": gd,
    "sps.batch.smooth": guarded_master,
    "sps.batch.sharp": sharp,
    "sps.precond.fixed": gd,
    "sps.precond.start_norms": gd,
    "sps.precond.falling": lambda t: G * 7.7 / sqrt(0.3 * (t + 1)) + GUARD,
    "sps.precond.falling_smooth": falling_smooth,
    "iam.precond.falling_smooth": falling_smooth,
    "iam.precond.falling": lambda t: G * 7.7 / sqrt(0.3 * (t + 1)) + GUARD,
    "iam.precond.fixed": gd,
    "iam.precond.pathwise": ZERO,
    "iam.precond.sum": ZERO,
    "iam.precond.nonincreasing": ONE,
    "iam.precond.multiplicative": ONE,
    "iam.precond.adam_summed": ONE,
}

FROM_ONE = {
    "sps.strong.lipschitz",
    "sps.strong.smooth_interp",
    "sps.strong.smooth_interp_local",
    "sps.strong.smooth_noise",
    "sps.noise_linear",
    "sps.noise_linear.smooth",
    "sps.strong.growth",
    "sps.strong.smooth_noise_recursion",
    "sps.strong.suffix",
    "sps.strong.two_phase",
    "iam.lipschitz.last_c_convention",
    "iam.lipschitz.last_c_gap",
    "iam.lipschitz.last_c_sharp",
    "iam.lipschitz.constant_lambda",
    "iam.lipschitz.constant_lambda_bregman",
    "iam.smooth.sharp_c",
    "iam.smooth.constant_lambda",
}


def test_every_claim_is_typed_and_no_constant_equals_another() -> None:
    assert set(TYPED) == set(POLYAK)
    numbers = [getattr(C, f.name) for f in fields(C)]
    floats = [x for x in numbers if isinstance(x, float) and x]
    assert len(set(floats)) == len(floats)


@pytest.mark.parametrize("claim_id", TYPED)
def test_a_bound_is_what_its_statement_says(claim_id: str) -> None:
    claim = POLYAK[claim_id]
    times = [t for t in (0, 1, 2, 3) if t >= claim.first]
    found = claim.bound(C, np.array(times, dtype=np.float64))
    # roots of quadratics from another formula: a hundred roundings
    assert found.tolist() == pytest.approx(
        [TYPED[claim_id](t) for t in times], rel=2e-14, abs=1e-15
    )


@pytest.mark.parametrize("claim_id", TYPED)
def test_a_claim_speaks_from_its_first_to_its_last_time(claim_id: str) -> None:
    claim = POLYAK[claim_id]
    assert claim.first == (1 if claim_id in FROM_ONE else 0)
    if claim_id == "sps.lipschitz.minimax":
        assert claim.last is not None
        assert claim.last(C) == 5
    else:
        assert claim.last is None


def test_both_branches_of_psi_are_seen() -> None:
    small = replace(C, error_neg=0.0, cap=1.0)
    claim = POLYAK["sps.capped.lipschitz"]
    found = claim.bound(small, np.array([0.0, 15.0]))
    # c = 4 is above gamma_b^2 G^2/4 = 2.25: 4 + 2.25; c = 1/4 is below: 3/2
    assert found.tolist() == pytest.approx([EBAR + 6.25, EBAR + 1.5], 1e-15)
    smooth = POLYAK["iam.capped.smooth"].bound(replace(small, L=0.5), np.zeros(1))
    # alpha = gamma_b = 1 where 1/L is more
    root = sqrt(16 + 4 * SIGMA**2 * 4)
    assert smooth[0] == pytest.approx(EBAR + 0.5 * (4 + root), 1e-15)


def test_the_best_cap_gives_the_rate_without_one() -> None:
    best = replace(C, cap=2 * D / (G * 2), error_abs=0.0)  # at T = 4
    found = POLYAK["sps.capped.tuned"].bound(best, np.array([3.0]))
    assert found[0] == pytest.approx(G * D / 2, rel=1e-15)
    none = replace(best, error_min=0.1)
    assert POLYAK["sps.capped.ball"].bound(none, np.array([3.0]))[0] == 1.0


def test_the_sharp_c_rate_is_rounded_outward_only() -> None:
    claim, level = POLYAK["iam.lipschitz.last_c_sharp"], replace(C, guard=0.0)
    found = claim.bound(replace(level, gap0=G * D), np.ones(1))[0]
    # where G^2 D^2 - r_0^2 cancels only sixteen units in the last place are left
    assert found == pytest.approx(G * D * 2.0**-24, 1e-7)  # sqrt of one cancellation
    beyond = claim.bound(replace(level, gap0=1.1 * G * D), np.ones(1))[0]
    assert beyond == 0.0
    free = claim.bound(replace(level, gap0=0.0), np.ones(1))[0]
    assert G * D < free <= G * D * (1 + 2.0**-48)


positive = st.floats(1e-3, 1e3)


@given(positive, positive, positive, st.integers(1, 10**6))
def test_the_master_rate_solves_its_equation(
    a: float, b: float, distance: float, num_points: int
) -> None:
    rho = master_rate(a, b, distance, num_points)
    c = distance**2 / num_points
    assert rho**2 / (a * rho + b) == pytest.approx(c, rel=1e-13)  # no cancellation
    assert rho <= (a * c + sqrt(b * c)) * (1 + 1e-15)


def test_the_master_rate_is_the_lipschitz_rate_without_a_slope() -> None:
    assert master_rate(0.0, 9.0, 2.0, 4) == lipschitz_rate(3.0, 2.0, 4) == 3.0
    assert master_rate(1.5, 0.0, 2.0, 4) == 1.5
    assert master_rate(1.0, 2.0, 1.0, 1) == 2.0  # 4 / (2 + 2) = 1
