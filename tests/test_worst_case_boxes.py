import json
from fractions import Fraction
from math import inf, sqrt

import numpy as np
import pytest

from theory.errors import InputError
from theory.worst_case import boxes, verifier, verifier_boxes
from theory.worst_case.boxes import (
    Boxes,
    box_program,
    branch_and_bound,
    product_formula,
    worst_steps,
)
from theory.worst_case.certificate import certify
from theory.worst_case.solution import SIGNED, NoBoundError
from theory.worst_case.solve import solve
from theory.worst_case.verifier import CertificateError
from theory.worst_case.verifier_boxes import covers
from theory.worst_case.verifier_problems import build

ROOT = (0.0, inf)


@pytest.fixture(scope="module")
def three() -> Boxes:
    return branch_and_bound(3, 1e-3 * sqrt(3))


def test_the_product_formula() -> None:
    in_gd = [product_formula(points) / sqrt(points) for points in (2, 3, 4, 5)]
    wanted = [0.769800359, 0.678439588, 0.623951069, 0.586051780]
    np.testing.assert_allclose(in_gd, wanted, atol=1e-9)


@pytest.mark.parametrize("points", [2, 3, 4])
def test_the_product_formula_is_attained(points: int) -> None:
    value, steps = worst_steps(points)
    assert value == pytest.approx(product_formula(points), abs=1e-7)
    assert steps[0] == pytest.approx(sqrt(points / (2 * points - 1)), abs=1e-3)


def test_two_points_need_one_box() -> None:
    found = branch_and_bound(2, 1e-5)
    assert found.num_boxes == 1
    assert found.lower == pytest.approx(product_formula(2), abs=1e-8)


def test_three_points_are_proved_for_all_steps(three: Boxes) -> None:
    assert three.lower == pytest.approx(product_formula(3), abs=1e-7)
    assert 0 < float(three.upper) - three.lower <= 1e-3 * sqrt(3)
    assert len(three.certificates) == len(three.leaves) > 5
    for proof in three.certificates:
        problem, bound, multipliers = proof.certificate
        assert bound == three.upper
        assert verifier.decide(problem, multipliers, bound).accepted


def test_less_than_is_attained_is_refused(three: Boxes) -> None:
    least = Fraction(99, 100) * Fraction(product_formula(3))
    text = three.text()
    assert verifier_boxes.verify(text).accepted
    assert not verifier_boxes.verify(text, least).accepted
    holds_the_worst = [
        proof
        for proof, leaf in zip(three.certificates, three.leaves, strict=True)
        if all(a <= x <= b for x, (a, b) in zip(three.steps, leaf, strict=True))
    ]
    assert holds_the_worst
    for proof in holds_the_worst:
        problem, bound, multipliers = proof.certificate
        less = bound * Fraction(99, 100)
        assert not verifier.decide(problem, multipliers, less).accepted


def test_a_file_without_one_box_is_refused(three: Boxes) -> None:
    content = json.loads(three.text())
    del content["sha256"]
    for place in range(0, len(content["boxes"]), 4):
        kept = [box for k, box in enumerate(content["boxes"]) if k != place]
        fewer = content | {"boxes": kept}
        text = json.dumps(fewer | {"sha256": verifier.checksum(fewer)})
        verdict = verifier_boxes.verify(text)
        assert not verdict.accepted
        assert "leave step sizes out" in verdict.reason


def test_a_certificate_of_one_box_proves_no_wider_one(three: Boxes) -> None:
    refused = 0
    for proof in three.certificates:
        problem, bound, multipliers = proof.certificate
        if any(multipliers.get(f"times pair 2 {t}", 0) for t in (0, 1)):
            wide = {"lower": "0 0", "upper": "100 100"}
            wider = {**problem, **wide}
            assert not verifier.decide(wider, multipliers, bound).accepted
            refused += 1
    assert refused > 3


def test_cut_and_edited_files_have_no_verdict(three: Boxes) -> None:
    text = three.text()
    for damaged in (text[:-10], text.replace('"points": 3', '"points": 4')):
        with pytest.raises(CertificateError):
            verifier_boxes.verify(damaged)


def test_rows_of_the_boxes_are_needed() -> None:
    """Without them a box says no more than the program for all steps."""
    ranges = ((0.7, 0.85), (0.75, 0.9))
    box = box_program(3, ranges)
    words = ("low", "high", "between", "times")
    whole = solve(box.without(*words)).dual
    assert whole == pytest.approx(1.199123, abs=1e-6)
    assert solve(box).dual < 1.185
    assert solve(box.without("times")).dual > solve(box).dual + 3e-4


def test_without_a_bound_on_slopes_there_is_no_bound() -> None:
    root = box_program(2, (ROOT,))
    assert solve(root).dual == pytest.approx(product_formula(2), abs=1e-8)
    with pytest.raises(NoBoundError):
        solve(root.without("slope"))


@pytest.mark.parametrize("upper", [(1.5, 0.75), (inf, 2.0), (inf, inf)])
def test_the_verifier_rebuilds_the_same_rows(upper: tuple[float, float]) -> None:
    program = box_program(3, ((0.25, upper[0]), (0.5, upper[1])))
    exact, _ = build(program.problem)
    assert set(exact) == set(program.rows.names)
    vectors = ["x0", "g0", "g1", "g2", "s0", "s1"]
    for k, name in enumerate(program.rows.names):
        form = np.zeros((6, 6))
        for key, number in exact[name].terms.items():
            if len(key) == 2:
                i, j = vectors.index(key[0]), vectors.index(key[1])
                form[i, j] += float(number) / 2
                form[j, i] += float(number) / 2
        np.testing.assert_array_equal(form, program.rows.forms[k])
        linear = [float(exact[name].terms.get((f"f{t}",), 0)) for t in range(3)]
        np.testing.assert_array_equal(linear, program.rows.values[k])


def test_a_run_of_fixed_steps_satisfies_the_rows_of_its_box() -> None:
    rng = np.random.default_rng(3)
    for steps in rng.uniform(0.3, 1.5, (5, 2)):
        inside = boxes.fixed_steps(boxes.sps_last(3), steps.tolist())
        ranges = tuple((0.9 * x, 1.1 * x) for x in steps.tolist())
        value = solve(inside, SIGNED).dual
        assert solve(box_program(3, ranges), SIGNED).dual > value - 1e-7


def test_covers() -> None:
    def box(*ends: tuple[int, int | None]) -> verifier_boxes.Box:
        return tuple((Fraction(a), None if b is None else Fraction(b)) for a, b in ends)

    left, right = box((0, 1), (0, None)), box((1, None), (0, 2))
    assert covers([left, right, box((1, None), (2, None))], 2)
    assert not covers([left, right], 2)
    assert not covers([left, right, box((1, 9), (2, None))], 2)
    assert not covers([left, right, box((2, None), (2, None))], 2)
    assert not covers([], 1)
    assert not covers([box((0, None))], 2)


@pytest.mark.parametrize(("points", "gap"), [(1, 0.1), (7, 0.1), (3, 0.0), (3, -1)])
def test_bad_input(points: int, gap: float) -> None:
    with pytest.raises(InputError):
        branch_and_bound(points, gap)


def test_a_proof_of_less_than_the_value_of_a_box_is_not_found() -> None:
    with pytest.raises(NoBoundError, match="No proof"):
        certify(box_program(2, (ROOT,)), Fraction(107, 100), SIGNED)
