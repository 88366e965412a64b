"""The step-size formulas: exact values, properties, and how they must be written."""

import ast
import inspect
import math

import numpy as np
import pytest
from hypothesis import given, strategies as st

from theory import formulas, schedules
from theory.errors import InputError
from theory.method import (
    IAM_C,
    IAM_P,
    SPS_STAR,
    Family,
    Method,
    Target,
    capped_iam,
    capped_sps,
    iam_k,
    sgd,
)
from theory.schedules import Schedule

finite = st.floats(-1e6, 1e6)
positive = st.floats(1e-6, 1e6)


def test_one_sps_step_lands_on_the_kink_of_abs_2x_minus_6() -> None:
    # f(x) = |2x - 6| at x = 5: loss 4, slope 2, so gamma = 4 / 4 = 1 and x+ = 3.
    gamma = formulas.polyak(4.0, 0.0, 0.0, 4.0, 0.0)
    assert gamma == 1.0
    assert 5.0 - gamma * 2.0 == 3.0


def test_one_sps_step_halves_x_on_the_parabola() -> None:
    # f(x) = x^2 / 2 at x = 3: gamma = 4.5 / 9 = 1/2.
    assert formulas.polyak(4.5, 0.0, 0.0, 9.0, 0.0) == 0.5


def test_iam_numerator_counts_the_inner_product_with_its_sign() -> None:
    # loss 1, target 3, <g, z - x> = 5: N = 3; over ||g||^2 = 2.
    assert formulas.polyak(1.0, 3.0, 5.0, 2.0, 0.0) == 1.5
    assert formulas.polyak(1.0, 3.0, -5.0, 2.0, 0.0) == 0.0


def test_a_target_of_exactly_zero_is_a_target() -> None:
    assert formulas.polyak(2.0, 0.0, 0.0, 1.0, 0.0) == 2.0


def test_zero_gradient_gives_zero_step_whatever_the_numerator() -> None:
    assert formulas.polyak(7.0, 0.0, 0.0, 0.0, 0.0) == 0.0
    assert formulas.progress(7.0, 0.0) == 0.0


def test_the_cap_is_exact_on_both_sides() -> None:
    assert formulas.capped_polyak(4.0, 0.0, 0.0, 4.0, 0.25) == 0.25
    assert formulas.capped_polyak(4.0, 0.0, 0.0, 4.0, 3.0) == 1.0


@given(finite)
def test_positive_part_is_exact(u: float) -> None:
    assert formulas.positive_part(u) == max(u, 0.0)


@given(finite, finite)
def test_smaller_is_min(a: float, b: float) -> None:
    assert formulas.smaller(a, b) == min(a, b)


@given(positive, positive, positive)
def test_the_step_is_invariant_under_scaling_the_loss_and_the_space(
    gap: float, norm_sq: float, scale: float
) -> None:
    # f -> s f scales gap by s, ||g||^2 by s^2: the step scales by 1/s.
    plain = formulas.polyak(gap, 0.0, 0.0, norm_sq, 0.0)
    scaled = formulas.polyak(scale * gap, 0.0, 0.0, scale**2 * norm_sq, 0.0)
    assert math.isclose(scaled * scale, plain, rel_tol=1e-12)  # a few roundings


@given(st.lists(st.tuples(finite, finite, finite, positive), min_size=1, max_size=5))
def test_floats_and_arrays_give_the_same_numbers(
    rows: list[tuple[float, float, float, float]],
) -> None:
    table = np.array(rows).T
    for rule in (formulas.polyak, formulas.capped_polyak, formulas.constant):
        together = rule(table[0], table[1], table[2], table[3], 0.5)
        alone = [rule(f, v, i, n, 0.5) for f, v, i, n in rows]
        assert together.tolist() == alone


def test_torch_runs_the_same_source() -> None:
    torch = pytest.importorskip("torch")
    values = np.array([[1.0, 2.0, 0.0], [3.0, 0.5, 0.0], [0.2, 5.0, 1.0], [2.0, 4, 0]])
    f, v, i, n = values
    ours = formulas.capped_polyak(f, v, i, n, 0.3)
    f, v, i, n = (torch.from_numpy(value) for value in values)
    theirs = formulas.capped_polyak(f, v, i, n, 0.3)
    assert theirs.tolist() == ours.tolist()


def test_the_formulas_import_nothing_and_never_branch() -> None:
    tree = ast.parse(inspect.getsource(formulas))
    banned = (ast.If, ast.IfExp, ast.Raise, ast.Try, ast.While, ast.For, ast.BoolOp)
    assert not [node for node in ast.walk(tree) if isinstance(node, banned)]
    imports = [n for n in ast.walk(tree) if isinstance(n, ast.Import | ast.ImportFrom)]
    assert [n.module for n in imports if isinstance(n, ast.ImportFrom)] == ["typing"]
    assert len(imports) == 1
    called = {
        node.func.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    own = {n.name for n in tree.body if isinstance(n, ast.FunctionDef)}
    assert called <= own | {"abs"}


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        (schedules.NONE, [0, 0, 0, 0]),
        (schedules.P_CONVENTION, [0, 1, 2, 3]),
        (schedules.C_CONVENTION, [0, 0, 1, 2]),
        (schedules.k_convention(9.0), [0, 9, 9, 9]),
    ],
)
def test_schedules_have_the_values_of_their_conventions(
    schedule: Schedule, expected: list[float]
) -> None:
    assert [schedule(t) for t in range(4)] == expected
    assert schedule(np.arange(4.0)).tolist() == expected


@given(st.lists(finite, min_size=2, max_size=12))
def test_p_averages_all_z_and_c_all_but_the_first(z: list[float]) -> None:
    for schedule, first in ((schedules.P_CONVENTION, 0), (schedules.C_CONVENTION, 1)):
        x = z[0]
        for t, new in enumerate(z[1:], start=1):
            x = formulas.average(x, new, schedule(t))
        scale = max(map(abs, z))
        # a mean of at most 12 numbers, each rounded a few times
        assert math.isclose(x, np.mean(z[first:]), rel_tol=0, abs_tol=1e-13 * scale)


def test_families_follow_from_rule_and_schedule() -> None:
    assert SPS_STAR.family is Family.SPS
    assert IAM_P.family is Family.IAM_P
    assert IAM_C.family is Family.IAM_C
    assert iam_k(9.0).family is Family.IAM_K
    assert capped_sps(1.0).family is Family.SPS_CAPPED
    assert capped_iam(1.0).family is Family.IAM_CAPPED
    assert Method("", IAM_P.rule, Schedule(0.5, 0.0)).family is Family.IAM_OTHER
    assert sgd(0.1).family is Family.OTHER


def test_targets_add_their_errors_to_the_losses_at_the_comparator() -> None:
    loss_star, weights = np.array([1.0, 3.0]), np.array([0.25, 0.75])
    assert Target(0.5).errors(loss_star, weights).tolist() == [0.5, 0.5]
    assert Target((0.0, 1.0)).errors(loss_star, weights).tolist() == [0.0, 1.0]
    # pooled: everyone is told the mean 2.5
    assert Target(pooled=True).errors(loss_star, weights).tolist() == [1.5, -0.5]


@pytest.mark.parametrize("bad", [math.nan, math.inf, -1.0])
def test_a_bad_size_is_refused_with_its_value(bad: float) -> None:
    with pytest.raises(InputError, match=str(bad)):
        sgd(bad)
    with pytest.raises(InputError, match="lam"):
        iam_k(bad)


def test_bad_schedules_and_targets_are_refused() -> None:
    with pytest.raises(InputError, match="slope"):
        Schedule(-1.0, 0.0)
    with pytest.raises(InputError, match="finite"):
        Schedule(math.nan, 0.0)
    with pytest.raises(InputError, match="one per component"):
        Target((1.0, 2.0)).errors(np.zeros(3), np.full(3, 1 / 3))
    with pytest.raises(InputError, match="nan"):
        Target(math.nan).errors(np.zeros(3), np.full(3, 1 / 3))
