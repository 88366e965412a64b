"""Every hypothesis of distillation: what meets it, what fails it, and the words."""

import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from theory import distillation_assumptions as assumptions
from theory.assumptions import Assumption
from theory.claims import CLAIMS
from theory.distillation import DistillationConstants

OTHERS = ("kd.compressed", "kd.grad")  # they have tests of their own
KD = {
    claim.id: claim
    for claim in CLAIMS.values()
    if claim.id.startswith("kd.") and not claim.id.startswith(OTHERS)
}

# A step and weights that meet every hypothesis, and what fails each alone.
GOOD = DistillationConstants(
    mu=0.5,
    mu_pl=0.5,
    L=1.0,
    L_max=2.0,
    cL=2.0,
    S2=1.0,
    H2=2.0,
    G2=1.0,
    cross=0.5,
    teacher_gap=0.7,
    teacher_dist_sq=0.9,
    weight=0.0,
    step=0.01,
    start_dist_sq=1.0,
    start_gap=1.0,
    start_teacher_sq=1.0,
    p=0.5,
    z=0.5,
    young=2.0,
    b=0.5,
    V=0.1,
    F=0.05,
    quadratic=True,
    equal_hessians=True,
    full_rank=True,
)
FAILURES: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    # name: (a change that meets it, a change that fails it, the message)
    "SQC": ({}, {"mu": 0.0}, "mu = 0"),
    "PL": ({}, {"mu_pl": 0.0}, "mu = 0, L = 1"),
    "EXPECTED_SMOOTH": ({}, {"cL": np.inf}, "cL = inf"),
    "CONVEX_COMPONENTS": ({}, {"L_max": np.inf}, "L_max = inf and mu = 0.5"),
    "QUADRATIC": ({}, {"quadratic": False}, "quadratic is False"),
    "FULL_RANK": ({}, {"full_rank": False}, "mu = 0.5"),
    "NO_TEACHER": ({}, {"weight": 1e-300}, "lambda = 1e-300"),
    "WEIGHT_ONE": ({"weight": 1.0}, {"weight": 0.9999999}, "lambda = 1"),
    "NOT_ONE": ({"weight": 1 - 1e-9}, {"weight": 1.0}, "lambda = 1"),
    "EQUAL_HESSIANS": ({}, {"equal_hessians": False}, "False"),
    "STEP_MASTER": ({}, {"p": 0.98}, "gamma cL = 0.02, p = 0.98, z = 0.5"),
    "STEP_PL_MASTER": ({}, {"b": 1.93}, "A = 2, b = 1.93, x = 0.04"),
    "STEP_BELOW_HALF": ({"step": 0.25}, {"step": 0.25, "weight": 0.1}, "is 0.25"),
    "STEP_HALF": ({"step": 0.25}, {"step": 0.2501}, "gamma = 0.2501, .* is 0.25$"),
    "STEP_EIGHTH": ({"step": 0.0625}, {"step": 0.063}, "= 0.063, .* is 0.0625$"),
    "STEP_ONE": ({"step": 0.5}, {"step": 0.501}, "= 0.501, .* is 0.5$"),
    "STEP_STABLE": ({"step": 0.999}, {"step": 1.0}, "= 1, .* is 1$"),
    "STEP_PL_BELOW": ({"step": 0.125}, {"step": 0.125, "weight": 1.0}, "is 0.125$"),
    "STEP_PL_HALF": ({"step": 0.125}, {"step": 0.1251}, "is 0.125$"),
    "STEP_PL_QUARTER": ({"step": 0.0625}, {"step": 0.063}, "is 0.0625$"),
    "STEP_LMAX_HALF": ({"step": 0.25}, {"step": 0.2501}, "is 0.25$"),
    "STEP_LMAX": ({"step": 0.5}, {"step": 0.5001}, "is 0.5$"),
    # lambda* of N1': .5/(2 + 2/(3 * .01 * .5)) = .5/(2 + 400/3)
    "BEST_SQC": ({"weight": 0.5 / (2 + 400 / 3)}, {"weight": 0.0037}, "0.00369458"),
    "AT_BEST_SQC": ({"weight": 0.5 / (2 + 400 / 3)}, {}, "0.00369458"),
    "BEST_PL": ({"weight": 0.5 / 102}, {"weight": 0.005}, "is 0.00490196"),
    "BEST_UNBIASED": ({"weight": 0.5}, {"weight": 0.51}, "is 0.5$"),
    "SAFE_WEIGHT": ({"weight": 0.01 / 2.81}, {"weight": 0.0}, "is 0.00355872"),
    "OPTIMAL_WEIGHT": ({"weight": 0.1}, {"weight": 0.11}, "lambda = 0.11, .* 0.1$"),
    "OPTIMAL_GAP_WEIGHT": ({"weight": 0.05 / 0.75}, {}, "is 0.0666667$"),
    "BELOW_TWICE_OPTIMAL": ({"weight": 0.2}, {"weight": 0.2001}, "lambda = 0.2001"),
    "BEYOND_TWICE_OPTIMAL": ({"weight": 0.2001}, {"weight": 0.2}, "lambda = 0.2"),
    "POSITIVE_CROSS": ({"cross": 0.0}, {"cross": -1e-9}, "c = -1e-09"),
    "UP_TO_TWICE_BEST": ({"weight": 0.007}, {"weight": 0.008}, "lambda = 0.008"),
    "FAR_TEACHER": ({}, {"G2": 0.0}, "G2 = 0"),
    "ON_RAY": ({"on_ray": True}, {}, "one ray: False"),
    "COMPRESSES_LITTLE": ({}, {"omega": 0.01}, "= 0.01, tau = 1, gamma mu = 0.005"),
    "COMPRESSES_VERY_LITTLE": ({}, {"omega": 0.01}, "gamma mu / 4 = 0.00125"),
    "LOSES_LITTLE": (
        {"delta": 1e-6, "free": 1e-3},
        {"delta": 1e-6, "free": 1.0},
        "delta = 1e-06, s = 1, gamma mu = 0.005",
    ),
    "SPARSE_STAR": (
        {"star_support": 1, "keep": 2},
        {"star_support": 2, "keep": 2},
        "2 coordinates of .* are not 0, and 2 are kept",
    ),
    # m = 1, rho = 1/2, nu = 2, q = 2 (1 - .005)
    "KEEPS_ENOUGH": (
        {"star_support": 0, "keep": 1},
        {"star_support": 1, "keep": 2, "dim": 9},
        "q = 1.99",
    ),
    "IN_SUBSPACE": ({}, {"in_subspace": False}, "mask the start too"),
    "YOUNG": ({"young": 1.01}, {"young": 1.0}, "A = 1.0"),
}
ALL = {
    name: value
    for name, value in vars(assumptions).items()
    if isinstance(value, Assumption)
}


def test_every_hypothesis_has_an_instance_that_fails_it() -> None:
    assert set(FAILURES) == set(ALL)
    used = {assumption.name for claim in KD.values() for assumption in claim.assumes}
    assert used <= {assumption.name for assumption in ALL.values()}


@pytest.mark.parametrize("name", FAILURES)
def test_a_hypothesis_fails_alone_and_says_why(name: str) -> None:
    meets, fails, message = FAILURES[name]
    good, bad = replace(GOOD, **meets), replace(GOOD, **fails)
    assert ALL[name].failure(good) is None
    found = ALL[name].failure(bad)
    assert found is not None
    assert re.search(message, found), found
    # among many configurations the first that fails is the one that is told of
    several: dict[str, Any] = {
        key: np.array([[getattr(good, key)], [getattr(bad, key)], [getattr(bad, key)]])
        for key in {*meets, *fails}
        if isinstance(getattr(good, key), float)
    }
    if several:
        mixed = replace(GOOD, **several)
        assert ALL[name].failure(mixed) == found
        check = ALL[name].meets
        assert check is not None
        met = np.broadcast_to(check(mixed), (3, 1)).ravel()
        assert met.tolist() == [True, False, False]


def test_other_ways_to_fail() -> None:
    for name, change in (
        ("PL", {"L": np.inf}),
        ("CONVEX_COMPONENTS", {"mu": 0.0}),
        ("STEP_MASTER", {"step": 0.5}),
        ("STEP_MASTER", {"p": -0.1}),
        ("STEP_MASTER", {"z": 0.0}),
        ("STEP_MASTER", {"z": 1.5}),
        ("STEP_PL_MASTER", {"young": 1.0}),
        ("STEP_PL_MASTER", {"b": 0.0}),
        ("BELOW_TWICE_OPTIMAL", {"weight": -0.001}),
        ("UP_TO_TWICE_BEST", {"weight": -0.001}),
        ("STEP_BELOW_HALF", {"step": 0.26}),
        ("STEP_PL_BELOW", {"step": 0.126}),
    ):
        assert ALL[name].failure(replace(GOOD, **change)) is not None, name  # type: ignore[arg-type]
    assert ALL["BEYOND_TWICE_OPTIMAL"].failure(replace(GOOD, weight=-0.1)) is None


def test_the_simple_choice_is_0_for_far_teachers_and_1_for_near_ones() -> None:
    """0 if gamma S2 <= (4 L_b/(3 mu) + 2 gamma cL) Delta, else 1; L_b = min(cL, L)."""
    turn = 0.01 / (4 * 1.0 / 1.5 + 0.04)
    best = ALL["BEST_SQC"]
    for gap, chosen, other in (
        (turn * 1.001, 0.0, 1.0),
        (turn * 0.999, 1.0, 0.0),
    ):
        assert best.failure(replace(GOOD, teacher_gap=gap, weight=chosen)) is None
        assert best.failure(replace(GOOD, teacher_gap=gap, weight=other)) is not None
