from math import inf, sqrt

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from theory.errors import InputError
from theory.schedules import (
    C_CONVENTION,
    NONE,
    P_CONVENTION,
    Schedule,
    k_convention,
)
from theory.worst_case import conic, interior
from theory.worst_case.gradient import gradient_descent, subgradient
from theory.worst_case.interpolation import (
    CONVEX,
    Curvature,
    Points,
    all_pairs,
    interpolation,
)
from theory.worst_case.lift import Class, Measure, Run, lift
from theory.worst_case.program import FloatArray, Program, rows
from theory.worst_case.solution import (
    SIGNED,
    SOLVED,
    NoBoundError,
    Residuals,
    assemble,
    check,
)
from theory.worst_case.solve import solve

LIPSCHITZ, SMOOTH = Class.LIPSCHITZ, Class.SMOOTH
AVERAGE, LAST = Measure.AVERAGE, Measure.LAST
COLUMNS = [
    (LIPSCHITZ, AVERAGE, NONE),
    (LIPSCHITZ, LAST, P_CONVENTION),
    (LIPSCHITZ, LAST, NONE),
    (LIPSCHITZ, LAST, C_CONVENTION),
    (SMOOTH, AVERAGE, NONE),
    (SMOOTH, LAST, P_CONVENTION),
    (SMOOTH, LAST, C_CONVENTION),
    (SMOOTH, LAST, NONE),
]
VALUES = {
    2: (1, 1, 1.088662, 1.088662, 0.625, 0.562500, 0.3503, 0.3503),
    3: (1, 1, 1.199123, 1.050699, 0.65625, 0.585937, 0.3072, 0.4446),
    4: (1, 1, 1.318161, 1.034557, 0.664062, 0.598145, 0.2933, 0.5776),
    5: (1, 1, 1.438395, 1.025766, 0.666016, 0.605621, 0.2881, 0.7170),
    10: (1, 1, 1.979501, 1.010495, 0.666666, 0.620908, 0.2927, 1.4304),
}
"""Factors of GD / sqrt(T) and L D^2 / T, to the digits that they were known to."""


def value(*what: object) -> float:
    return solve(lift(Run(*what))).dual  # type: ignore[arg-type]


@pytest.mark.parametrize("points", VALUES)
def test_the_worst_cases_of_polyak_steps(points: int) -> None:
    found = [value(points, *column) for column in COLUMNS]
    places = [4 if i in {6, 7} else 6 for i in range(len(found))]
    wrong = [
        (column, computed, known)
        for column, computed, known, digits in zip(
            COLUMNS, found, VALUES[points], places, strict=True
        )
        if abs(computed - known) > 10.0**-digits
    ]
    assert not wrong


@pytest.mark.parametrize("steps", [1, 2, 5, 10, 20, 40])
def test_gradient_descent(steps: int) -> None:
    assert solve(gradient_descent(steps)).dual == pytest.approx(
        1 / (4 * steps + 2), rel=1e-7
    )


def test_shorter_steps_of_gradient_descent() -> None:
    for h in (0.25, 0.7):
        assert solve(gradient_descent(4, h)).dual == pytest.approx(
            1 / (16 * h + 2), rel=1e-7
        )


def test_the_pairs_of_the_proof_give_the_value_of_all_pairs() -> None:
    for steps in (1, 3, 8):
        few, every = gradient_descent(steps), gradient_descent(steps, use="all")
        assert len(few.rows.names) < len(every.rows.names) or steps == 1
        assert solve(few).dual == pytest.approx(solve(every).dual, rel=1e-7)


def test_the_subgradient_method() -> None:
    for steps in (5, 10):
        found = solve(subgradient(steps)).dual
        assert found == pytest.approx(1 / sqrt(steps + 1), rel=1e-6)


@pytest.mark.parametrize(
    "program",
    [
        gradient_descent(3),
        gradient_descent(12),
        lift(Run(3, SMOOTH, LAST, P_CONVENTION)),
        lift(Run(6, LIPSCHITZ, AVERAGE)),
    ],
    ids=lambda program: program.name,
)
def test_two_engines_agree_on_both_sides(program: Program) -> None:
    one, other = conic.solve(program, 1e-9), interior.solve(program, 1e-9)
    assert (one.status, other.status) == (SOLVED, SOLVED)
    values = (one.primal, one.dual, other.primal, other.dual)
    assert np.ptp(values) < 1e-7
    assert max(one.residuals.largest(), other.residuals.largest()) < 1e-7
    for found in (one, other):
        check(program, found)
        assert abs(np.sum(found.slack * found.gram)) < 1e-6  # complementary


# Controls: a false claim has a larger worst case.


@pytest.mark.parametrize(
    ("schedule", "points", "known"),
    [
        (Schedule(1.0, 1.0), 2, 1.026400),
        (Schedule(1.0, 2.0), 2, 1.075829),
        (Schedule(0.5, 0.0), 2, 1.014301),
        (k_convention(9.0), 2, 1.2728),
        (k_convention(9.0), 3, 1.4030),
        (k_convention(9.0), 5, 1.467084),
    ],
)
def test_a_wrong_schedule_breaks_the_rate(
    schedule: Schedule, points: int, known: float
) -> None:
    found = value(points, LIPSCHITZ, LAST, schedule)
    assert found == pytest.approx(known, abs=6e-5 if known in {1.2728, 1.403} else 1e-6)
    assert found > 1.01


@pytest.mark.parametrize(
    ("column", "word"),
    [(1, "pair"), (1, "slope"), (1, "start"), (5, "scaled"), (5, "pair"), (4, "start")],
)
def test_an_assumption_dropped_leaves_no_bound(column: int, word: str) -> None:
    program = lift(Run(3, *COLUMNS[column]))
    with pytest.raises(NoBoundError, match=r"unbounded|not bounded by any row|status"):
        solve(program.without(word))


def test_without_the_polyak_relation_the_rate_is_lost() -> None:
    program = lift(Run(3, LIPSCHITZ, AVERAGE))
    assert solve(program.without("relation")).dual == pytest.approx(sqrt(3), abs=1e-6)


def test_without_smoothness_the_smooth_rate_is_lost() -> None:
    program = lift(Run(3, SMOOTH, AVERAGE))
    with pytest.raises(NoBoundError):
        solve(program.without("scaled"))
    # Half the co-coercivity is a weaker claim: the value must rise.
    weaker = program.without("selfbound")
    assert solve(weaker).dual >= solve(program).dual - 1e-8


def test_contradictory_relations_are_no_value() -> None:
    program = lift(Run(2, LIPSCHITZ, LAST, P_CONVENTION))
    none = np.zeros((1, 2))
    point = np.zeros((1, 4, 4))
    point[0, 0, 0] = 1.0
    stuck = program.with_rows(rows(["at the minimiser"], point, none))
    with pytest.raises(NoBoundError, match=r"x_0 = x\*"):
        solve(stuck)


def test_a_solution_is_measured_anew() -> None:
    program = gradient_descent(3)
    found = conic.solve(program)
    moved = assemble(
        program,
        (found.multipliers + 1e-3, found.gram, found.values),
        SOLVED,
        "a solver that lies",
        1,
    )
    with pytest.raises(NoBoundError, match="differ by"):
        check(program, moved)
    assert moved.residuals.balance > 5e-4
    assert np.isnan(Residuals(0, float("nan"), 0, 0, 0).largest())
    check(program, found, SIGNED)


# Rows: data of a function of the class satisfies them, and of no other need not.


@st.composite
def convex_data(draw: st.DrawFn) -> tuple[FloatArray, FloatArray, FloatArray]:
    """A largest affine function at random points: x, g and f."""
    seed = draw(st.integers(0, 10**6))
    rng = np.random.default_rng(seed)
    dim, num = draw(st.integers(1, 3)), draw(st.integers(2, 5))
    pieces, offsets = rng.standard_normal((6, dim)), rng.standard_normal(6)
    at = 2.0 * rng.standard_normal((num, dim))
    heights = at @ pieces.T + offsets
    best = heights.argmax(axis=1)
    return at, pieces[best], heights.max(axis=1)


def worst_violation(
    at: FloatArray, slopes: FloatArray, heights: FloatArray, curvature: Curvature
) -> float:
    num = len(at)
    unit = np.eye(2 * num)
    points = Points([str(i) for i in range(num)], unit[:num], unit[num:], np.eye(num))
    found = interpolation(points, all_pairs(num), curvature)
    vectors = np.concatenate([at, slopes])
    gram = vectors @ vectors.T
    return float(
        np.max(np.einsum("mij,ij->m", found.forms, gram) + found.values @ heights)
    )


@given(convex_data())
@settings(max_examples=40, deadline=None)
def test_convex_functions_satisfy_the_rows(
    data: tuple[FloatArray, FloatArray, FloatArray],
) -> None:
    assert worst_violation(*data, CONVEX) <= 1e-9


@given(st.integers(0, 10**6), st.floats(0.0, 0.8))
@settings(max_examples=40, deadline=None)
def test_curved_functions_satisfy_the_rows(seed: int, mu: float) -> None:
    """Of mu |x|^2 / 2 plus Huber functions, whose curvature is 1 - mu at most."""
    rng = np.random.default_rng(seed)
    at = 2.0 * rng.standard_normal((4, 3))
    inner = np.clip(at, -0.7, 0.7)
    slopes = mu * at + (1 - mu) * inner
    heights = 0.5 * mu * np.sum(at**2, axis=1)
    heights += (1 - mu) * np.sum(inner * at - 0.5 * inner**2, axis=1)
    assert worst_violation(at, slopes, heights, Curvature(1.0, mu)) <= 1e-9
    assert worst_violation(at, slopes, heights, Curvature(inf, mu)) <= 1e-9


def test_a_quadratic_is_on_the_edge_of_its_class() -> None:
    at = np.array([[1.0], [-2.0], [0.5]])
    for sharp in (Curvature(1.0, 0.0), Curvature(2.0, 1.0), Curvature(inf, 1.0)):
        assert abs(worst_violation(at, at, 0.5 * at[:, 0] ** 2, sharp)) < 1e-12
    for wrong in (Curvature(0.9, 0.0), Curvature(2.0, 1.1), Curvature(inf, 1.1)):
        assert worst_violation(at, at, 0.5 * at[:, 0] ** 2, wrong) > 0.01


@pytest.mark.parametrize(
    "call",
    [
        lambda: gradient_descent(0),
        lambda: gradient_descent(2, 1.5),
        lambda: subgradient(0),
        lambda: Run(0, SMOOTH, LAST),
        lambda: Curvature(1.0, 1.0),
        lambda: gradient_descent(2).without("no such row"),
        lambda: gradient_descent(2).with_rows(gradient_descent(2).rows),
    ],
)
def test_bad_input_says_what_is_needed(call: object) -> None:
    with pytest.raises(InputError, match="Need"):
        call()  # type: ignore[operator]
