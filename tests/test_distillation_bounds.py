"""Every distillation claim, both sides, against its statement typed again."""

from collections.abc import Callable
from dataclasses import fields, replace
from math import inf, sqrt
from typing import Any

import numpy as np
import pytest

from theory.claim import Claim
from theory.claims import CLAIMS
from theory.distillation import (
    CHANNELS,
    DistillationConstants,
    DistillationTrace,
)

OTHERS = ("kd.compressed", "kd.grad")  # they have tests of their own
KD = {
    claim.id: claim
    for claim in CLAIMS.values()
    if claim.id.startswith("kd.") and not claim.id.startswith(OTHERS)
}

# All different, so that none can pass for another; no step limit is met on purpose.
MU, MU_PL, L, L_MAX, CL = 0.41, 0.37, 1.3, 2.7, 1.9
S2, H2, G2, C, GAP, DIST = 1.7, 2.9, 0.83, 1.1, 0.59, 0.71
LAM, G, R0, F0, T0 = 0.47, 0.043, 3.1, 2.3, 4.7
SHIFT, SH0, P, Z, A, B = 0.67, 5.3, 0.31, 0.53, 2.6, 0.61
V, F, VU, VC = 0.19, 0.13, 0.23, 0.17
CONSTANTS = DistillationConstants(
    mu=MU,
    mu_pl=MU_PL,
    L=L,
    L_max=L_MAX,
    cL=CL,
    S2=S2,
    H2=H2,
    G2=G2,
    cross=C,
    teacher_gap=GAP,
    teacher_dist_sq=DIST,
    weight=LAM,
    step=G,
    start_dist_sq=R0,
    start_gap=F0,
    start_teacher_sq=T0,
    shift_noise=SHIFT,
    start_shifted_sq=SH0,
    p=P,
    z=Z,
    young=A,
    b=B,
    V=V,
    F=F,
    law_error=1e-9,
    V_unbiased=VU,
    V_cross=VC,
    star_sq=7.3,
    star_support=6,
    dim=9,
    omega=0.011,
    delta=0.97,
    keep=7,
    tau=0.29,
    free=1.3e-2,
    roundoff=1e-13,
)
ARRAYS: dict[str, Any] = {
    field.name: np.full((2, 1), value)
    for field in fields(CONSTANTS)
    if isinstance(value := getattr(CONSTANTS, field.name), float)
}
COLUMNS = replace(CONSTANTS, **ARRAYS)
CHANNEL = {name: 0.101 + 0.0173 * k for k, name in enumerate(CHANNELS)}

Typed = Callable[[float], float]


def unrolled(q: float, start: float, floor: float) -> Typed:
    return lambda t: q**t * start + (1 - q**t) * floor


D2 = S2 - 2 * LAM * C + LAM**2 * H2
DU2 = D2 - LAM**2 * G2
DI2 = S2 + LAM**2 * H2
U, X = G * CL, G * L * CL / MU_PL
PLAIN, PLAIN_PL = 2 * G / MU, G * L / MU_PL
R = 2 - B - A * X
SQC, PL = 1 - G * MU, 1 - G * MU_PL
SQC_MASTER = (LAM**2 * G2 / (Z * MU) + G * (1 - P) / (1 - P - U) * D2) / (
    MU * (1 + P - Z)
)
PL_MASTER = (LAM**2 * G2 / (2 * B) + G * L / 2 * A / (A - 1) * D2) / (MU_PL * R)
BIAS = LAM**2 * G2 / (MU**2 * (1 - 2 * U))
BIAS_PL = LAM**2 * G2 / (2 * (1 - 2 * X) * MU_PL)
MIN_SQC = min(PLAIN * S2, (8 * L / (3 * MU**2) + 4 * G * CL / MU) * GAP)
MIN_PL = min(PLAIN_PL * S2, 2 * L / MU_PL * (1 + G * CL) * GAP)
SHARP = 1 - G * MU * (2 - sqrt(2 * U)), R0
SHARP_PL = 1 - G * MU_PL * (2 - sqrt(2 * X)), F0
sharp = unrolled(*SHARP, G * DU2 / (MU * (sqrt(2) - sqrt(U)) ** 2))
sharp_pl = unrolled(*SHARP_PL, G * L * DU2 / (2 * MU_PL * (sqrt(2) - sqrt(X)) ** 2))
shifted = unrolled(SQC, SH0, PLAIN * SHIFT)
K = 1 / (1 - U / 2)


def constant(value: float) -> Typed:
    return lambda _: value


TYPED: dict[str, Typed] = {
    "kd.sqc.master": unrolled(1 - G * MU * (1 + P - Z), R0, SQC_MASTER),
    "kd.sqc.neighbourhood": unrolled(SQC, R0, BIAS + PLAIN * D2),
    "kd.sqc.neighbourhood_simple": unrolled(
        SQC, R0, 4 / 3 * LAM**2 * G2 / MU**2 + PLAIN * D2
    ),
    "kd.sqc.min_form": unrolled(SQC, R0, MIN_SQC),
    "kd.unbiased.sqc": unrolled(SQC, R0, PLAIN * DU2),
    "kd.unbiased.sqc_min_form": unrolled(SQC, R0, PLAIN * min(S2, 2 * CL * GAP)),
    "kd.unbiased.sqc_sharp": sharp,
    "kd.sqc.plain_sharp": sharp,
    "kd.sqc.independent": unrolled(SQC, R0, BIAS + PLAIN * DI2),
    "kd.pl.master": unrolled(1 - G * MU_PL * R, F0, PL_MASTER),
    "kd.pl.neighbourhood": unrolled(PL, F0, BIAS_PL + PLAIN_PL * D2),
    "kd.pl.neighbourhood_simple": unrolled(PL, F0, LAM**2 * G2 / MU_PL + PLAIN_PL * D2),
    "kd.pl.min_form": unrolled(PL, F0, MIN_PL),
    "kd.unbiased.pl": unrolled(PL, F0, PLAIN_PL * DU2),
    "kd.unbiased.pl_min_form": unrolled(PL, F0, PLAIN_PL * min(S2, 2 * CL * GAP)),
    "kd.unbiased.pl_sharp": sharp_pl,
    "kd.pl.plain_sharp": sharp_pl,
    "kd.pl.independent": unrolled(PL, F0, BIAS_PL + PLAIN_PL * DI2),
    "kd.sc.shifted": shifted,
    "kd.sc.shifted_star": lambda t: (LAM * sqrt(G2) / MU + sqrt(shifted(t))) ** 2,
    "kd.sc.lambda_one": lambda t: (1 - G * MU * (2 - G * L_MAX)) ** t * T0,
    "kd.sc.shift": constant(LAM**2 * G2 / MU**2),
    "kd.lemma.young": constant(A / (A - 1) * D2),
    "kd.sqc.lambda_interval": constant(PLAIN * S2),
    "kd.sqc.small_steps": constant(2 * G * MU * H2 / G2),
    "kd.pl.small_steps": constant(2 * G * L * H2 / G2),
    "kd.pl.small_steps_mu": constant(2 * G * MU_PL * H2 / G2),
    "kd.lambda_star_not_safe": constant(V),
    "kd.lambda_star_not_safe_gap": constant(F),
    "kd.lambda_star_excess": constant(4 * L / MU * V),
    "kd.lambda_star_excess_gap": constant(4 * L / MU * F),
    "kd.nonconvex_teacher": lambda t: PL**t * F0 + GAP,
    "kd.ls.helps": constant(V),
    "kd.ls.beats_both": constant(min(V, DIST)),
    "kd.ls.sandwich_gap": constant(G * S2 / (2 * (2 - U))),
    "kd.ls.sandwich_dist": constant(G * S2 / (MU * (2 - U))),
    "kd.ls.min_law": constant(min(G * S2 / (2 * (2 - U)), GAP)),
    "kd.ls.safe_lambda": constant(min(F, GAP)),
    "kd.ls.safe_lambda_ratio": constant(
        (1 + (K - 1) ** 2 / (4 * K)) * F * GAP / (F + GAP)
    ),
    "kd.ls.rate": lambda t: (1 - G * MU * (2 - U)) ** t * T0,
}

E, E_GAP, E_BIAS = (CHANNEL[f"limit_{name}"] for name in ("dist_sq", "gap", "bias_sq"))
Q_DIST, Q_GAP, SLOPE = (
    CHANNEL[name] for name in ("probe_dist_sq", "probe_gap", "slope_sq")
)


def least(scale: float, kappa: float) -> float:
    return scale * S2 * (1 - C**2 / (S2 * H2) * H2 / (H2 + kappa * G2))


KAPPA, KAPPA_PL = 2 / (3 * G * MU), 1 / (G * L)
N_SIMPLE = 4 / 3 * LAM**2 * G2 / MU**2 + PLAIN * CHANNEL["direct_noise"]
QUANTITIES: dict[str, float] = {
    "kd.sc.shifted": CHANNEL["shifted_dist_sq"],
    "kd.sc.lambda_one": CHANNEL["teacher_dist_sq"],
    "kd.assume.sqc": Q_GAP + MU / 2 * Q_DIST - CHANNEL["descent"],
    "kd.assume.pl": 2 * MU_PL * Q_GAP - SLOPE,
    "kd.assume.expected_smoothness": CHANNEL["spread"] - 2 * CL * Q_GAP,
    "kd.lemma.qg": MU / 2 * Q_DIST - Q_GAP,
    "kd.lemma.order": SLOPE - 2 * CL * Q_GAP,
    "kd.lemma.smooth": SLOPE - 2 * L * Q_GAP,
    "kd.lemma.young": CHANNEL["direction_sq"] - 2 * A * CL * Q_GAP,
    "kd.sc.shift": CHANNEL["shift_sq"],
    "kd.noise": abs(CHANNEL["direct_noise"] - D2),
    "kd.sqc.lambda_star": abs(
        CHANNEL["least_sqc_floor"] - least(PLAIN, 1 / (2 * G * MU * (1 - 2 * U)))
    ),
    "kd.sqc.lambda_star_simple": abs(
        CHANNEL["least_sqc_simple_floor"] - least(PLAIN, KAPPA)
    ),
    "kd.pl.lambda_star": abs(
        CHANNEL["least_pl_floor"] - least(PLAIN_PL, 1 / (2 * (1 - 2 * X) * G * L))
    ),
    "kd.pl.lambda_star_simple": abs(
        CHANNEL["least_pl_simple_floor"] - least(PLAIN_PL, KAPPA_PL)
    ),
    "kd.sqc.lambda_interval": N_SIMPLE,
    "kd.sqc.small_steps": H2 / (H2 + KAPPA * G2),
    "kd.pl.small_steps": H2 / (H2 + KAPPA_PL * G2),
    "kd.pl.small_steps_mu": H2 / (H2 + KAPPA_PL * G2),
    "kd.lambda_star_negative": -CHANNEL["direct_cross"],
    "kd.ls.pathwise": CHANNEL["path_residual"],
    "kd.ls.moments": CHANNEL["tree_residual"],
    "kd.ls.stationary": abs(E - (LAM**2 * DIST + (1 - LAM) ** 2 * V)),
    "kd.ls.stationary_gap": abs(E_GAP - (LAM**2 * GAP + (1 - LAM) ** 2 * F)),
    "kd.ls.bias": abs(E_BIAS - LAM**2 * DIST),
    "kd.ls.lambda_opt": abs(E - V * DIST / (V + DIST)),
    "kd.ls.lambda_opt_gap": abs(E_GAP - F * GAP / (F + GAP)),
    "kd.ls.none_better": V * DIST / (V + DIST) - E,
    "kd.ls.hurts": V - E,
    "kd.ls.no_more_than_half": min(V, DIST) / 2 - E,
    "kd.ls.sandwich_gap_below": G * S2 / 4 - E_GAP,
    "kd.ls.sandwich_dist_below": G * S2 / (2 * L) - E,
    "kd.ls.min_law_below": min(G * S2 / 4, GAP) / 2 - E_GAP,
    "kd.ls.small_steps": (1 - G * S2 / (MU * (2 - U) * DIST)) * V - E,
    "kd.ls.unbiased": abs(E - (V - 2 * LAM * VC + LAM**2 * VU)),
    "kd.ls.unbiased_best": V - VC**2 / VU - E,
    "kd.ls.unbiased_mean": E_BIAS,
    "kd.ls.independent": abs(E - (LAM**2 * DIST + (1 + LAM**2) * V)),
    "kd.ls.independent_always_worse": CHANNEL["plain_dist_sq"] - CHANNEL["dist_sq"],
    # falls(...): two equal configurations, so nothing falls
    "kd.teacher_quality": 0.0,
    "kd.teacher_quality_gap": 0.0,
    "kd.teacher_quality_across": 0.0,
    "kd.teacher_quality_bound": 0.0,
    "kd.teacher_quality_bound_beyond": 0.0,
}
TIMES = np.array([0, 1, 2, 7, 100])
ROUNDINGS = 1e-12  # a dozen operations and t = 100 powers


def trace(constants: DistillationConstants = COLUMNS) -> DistillationTrace:
    channels = {name: np.full((2, len(TIMES)), v) for name, v in CHANNEL.items()}
    return DistillationTrace(TIMES, channels, channels, constants)


def is_an_identity(claim: Claim) -> bool:
    bound = claim.bound(COLUMNS, TIMES.astype(np.float64))
    return bool(np.all(bound == 0.0))


def test_the_made_up_numbers_are_all_different() -> None:
    numbers = [
        value
        for field in fields(CONSTANTS)
        if isinstance(value := getattr(CONSTANTS, field.name), float)
    ]
    assert len(set(numbers)) == len(numbers)
    assert 8 * U < 1  # every floor is in its range
    assert R > 0


def test_every_bound_that_is_not_zero_is_typed_again() -> None:
    assert set(TYPED) == {name for name, k in KD.items() if not is_an_identity(k)}


@pytest.mark.parametrize("name", TYPED)
def test_a_bound_is_its_statement(name: str) -> None:
    claim, t = KD[name], TIMES.astype(np.float64)
    expected = np.array([TYPED[name](float(time)) for time in TIMES])
    for constants in (CONSTANTS, COLUMNS):
        found = np.asarray(claim.bound(constants, t))
        found = np.broadcast_to(found, (2, len(TIMES)))
        np.testing.assert_allclose(found, [expected, expected], rtol=ROUNDINGS)
    end = np.asarray(claim.bound(CONSTANTS, np.array([inf])))
    late = TYPED[name](1e9)  # (1 - 0.016)^1e9 = 0
    np.testing.assert_allclose(end.ravel(), [late], rtol=ROUNDINGS)


PLAIN_CHANNELS = {
    *("dist_sq", "gap", "teacher_dist_sq"),
    *("limit_dist_sq", "limit_gap"),
}
SMALL, SMALL_DIST = 1e-3 * GAP, 1e-3 * DIST
OTHER_SIDE: dict[str, Typed] = {
    "kd.sqc.min_form": unrolled(
        SQC, R0, (8 * L / (3 * MU**2) + 4 * G * CL / MU) * SMALL
    ),
    "kd.unbiased.sqc_min_form": unrolled(SQC, R0, PLAIN * 2 * CL * SMALL),
    "kd.pl.min_form": unrolled(PL, F0, 2 * L / MU_PL * (1 + G * CL) * SMALL),
    "kd.unbiased.pl_min_form": unrolled(PL, F0, PLAIN_PL * 2 * CL * SMALL),
    "kd.ls.beats_both": constant(SMALL_DIST),
    "kd.ls.min_law": constant(SMALL),
    "kd.ls.safe_lambda": constant(SMALL),
}


@pytest.mark.parametrize("name", OTHER_SIDE)
def test_the_smaller_of_two_is_also_the_teachers(name: str) -> None:
    assert "min" in KD[name].statement
    near = replace(CONSTANTS, teacher_gap=SMALL, teacher_dist_sq=SMALL_DIST)
    found = np.ravel(KD[name].bound(near, np.array([7.0])))
    np.testing.assert_allclose(found, OTHER_SIDE[name](7.0), rtol=ROUNDINGS)


def test_the_min_form_takes_the_smaller_smoothness() -> None:
    near = replace(CONSTANTS, teacher_gap=SMALL, cL=0.9)  # below L = 1.3
    expected = (8 * 0.9 / (3 * MU**2) + 4 * G * 0.9 / MU) * SMALL
    found = np.ravel(KD["kd.sqc.min_form"].bound(near, np.array([np.inf])))
    np.testing.assert_allclose(found, expected, rtol=ROUNDINGS)


def test_every_claim_of_one_channel_reads_it_or_is_typed_again() -> None:
    plain = set(KD) - set(QUANTITIES)
    for name in plain:
        (channel,) = KD[name].needs
        np.testing.assert_array_equal(
            KD[name].quantity(trace()), CHANNEL[channel], err_msg=name
        )
        assert channel in PLAIN_CHANNELS, name


@pytest.mark.parametrize("name", QUANTITIES)
def test_a_left_hand_side_is_its_statement(name: str) -> None:
    found = np.asarray(KD[name].quantity(trace()))
    assert found.shape == (2, len(TIMES))
    # cancelling differences of numbers near 1, hence the absolute part
    np.testing.assert_allclose(found, QUANTITIES[name], rtol=ROUNDINGS, atol=1e-15)


@pytest.mark.parametrize("name", KD)
def test_a_left_hand_side_reads_what_it_needs_and_no_more(name: str) -> None:
    claim, whole = KD[name], trace()
    only = replace(whole, channels={k: whole.channels[k] for k in claim.needs})
    np.testing.assert_array_equal(claim.quantity(only), claim.quantity(whole))
    for missing in claim.needs:
        rest = {k: v for k, v in whole.channels.items() if k != missing}
        with pytest.raises((AttributeError, KeyError), match=missing):
            claim.quantity(replace(whole, channels=rest))


def test_the_dual_of_falling_is_seen() -> None:
    """Larger values at smaller keys fall; other steps do not mix."""
    distance = np.array([[1.0], [2.0], [3.0], [4.0]])
    value = np.array([[5.0], [7.0], [6.0], [1.0]])
    step = np.array([[0.1], [0.1], [0.1], [0.2]])
    constants = replace(
        CONSTANTS,
        teacher_dist_sq=distance,
        teacher_gap=distance[::-1],
        step=step,
        weight=distance,
    )
    made = DistillationTrace(np.array([-1]), {"limit_dist_sq": value}, {}, constants)
    quality = KD["kd.teacher_quality"].quantity(made)
    assert quality.ravel().tolist() == [0.0, 1.0, 0.0, 0.0]
    across = KD["kd.teacher_quality_across"].quantity(made)
    assert across.ravel().tolist() == [0.0, 2.0, 1.0, 0.0]
