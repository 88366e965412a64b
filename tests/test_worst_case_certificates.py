import ast
import json
import sys
import time
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from theory.errors import InputError
from theory.schedules import C_CONVENTION, NONE, P_CONVENTION, Schedule
from theory.worst_case import verifier
from theory.worst_case.certificate import Proof, certify, certify_exactly
from theory.worst_case.extremal import Extremal, huber, largest_coordinate, quadratic
from theory.worst_case.gradient import gradient_descent
from theory.worst_case.lift import Class, Measure, Run, lift
from theory.worst_case.program import Program
from theory.worst_case.rounding import balanced
from theory.worst_case.solution import NoBoundError
from theory.worst_case.verifier import CertificateError
from theory.worst_case.verifier_problems import build

PACKAGE = Path(verifier.__file__).parent
ONE = Fraction(1)
RUNS = {
    "sps average lipschitz": (Class.LIPSCHITZ, Measure.AVERAGE, NONE),
    "iam last lipschitz": (Class.LIPSCHITZ, Measure.LAST, P_CONVENTION),
    "sps average smooth": (Class.SMOOTH, Measure.AVERAGE, NONE),
    "iam last smooth": (Class.SMOOTH, Measure.LAST, P_CONVENTION),
}


def program(name: str, points: int) -> Program:
    return lift(Run(points, *RUNS[name]))


def extremal(name: str, points: int) -> Extremal:
    if "lipschitz" in name:
        return largest_coordinate(points)
    return quadratic(points, averaged="iam" in name)


def attained(name: str, points: int) -> Fraction:
    """GD / sqrt(T); (2/3)(1 - 4^-T) L D^2 / T; the one-dimensional quadratic's."""
    if "lipschitz" in name:
        return ONE
    if "sps" in name:
        return Fraction(2, 3) * (1 - Fraction(1, 4**points))
    product = ONE
    for k in range(1, points):
        product *= Fraction(2 * k + 1, 2 * k + 2)
    return points * product**2 / 2


CASES = [(name, points) for name in RUNS for points in (2, 3, 4, 5)]


@pytest.fixture(scope="module")
def exact() -> dict[tuple[str, int], Proof]:
    return {case: certify_exactly(program(*case), extremal(*case)) for case in CASES}


@pytest.fixture(scope="module")
def near() -> dict[tuple[str, int], Proof]:
    return {case: certify(program(*case)) for case in CASES}


def test_the_worst_cases_are_these_numbers_exactly(
    exact: dict[tuple[str, int], Proof],
) -> None:
    for case, proof in exact.items():
        assert proof.certificate.bound == attained(*case)
        rows, objective = build(proof.certificate.problem)
        function = extremal(*case)
        assert not function.faults(rows)
        assert function.at(objective) == attained(*case)


@pytest.mark.parametrize("steps", [1, 2, 3, 6])
def test_gradient_descent_exactly(steps: int) -> None:
    proof = certify_exactly(gradient_descent(steps), huber(steps))
    assert proof.certificate.bound == Fraction(1, 4 * steps + 2)


def test_certificates_are_small_and_quick(
    exact: dict[tuple[str, int], Proof], near: dict[tuple[str, int], Proof]
) -> None:
    for proofs in (exact, near):
        texts = [verifier.write(proof.certificate) for proof in proofs.values()]
        assert max(len(text.encode()) for text in texts) < 10_000
        begin = time.process_time()
        assert all(verifier.verify(text).accepted for text in texts)
        assert time.process_time() - begin < 1.0


def test_rounded_proofs_are_close(near: dict[tuple[str, int], Proof]) -> None:
    for case, proof in near.items():
        assert 0 <= proof.certificate.bound - attained(*case) < 1e-6


def test_less_than_the_bound_is_refused(
    exact: dict[tuple[str, int], Proof], near: dict[tuple[str, int], Proof]
) -> None:
    for proof in (*exact.values(), *near.values()):
        text = verifier.write(proof.certificate)
        for factor in (Fraction(99, 100), 1 - Fraction(1, 10**6)):
            less = proof.certificate.bound * factor
            assert not verifier.verify(text, less).accepted
        assert verifier.verify(text, proof.certificate.bound * 2).accepted


def test_a_changed_multiplier_is_refused(near: dict[tuple[str, int], Proof]) -> None:
    refused = 0
    for proof in near.values():
        problem, bound, multipliers = proof.certificate
        rows, _ = build(problem)
        for name, number in multipliers.items():
            if all(len(key) != 1 for key in rows[name].terms):
                continue  # a row without function values: what is left may be a proof
            for changed in (number + Fraction(1, 1000), number * 2, Fraction(0)):
                verdict = verifier.decide(problem, multipliers | {name: changed}, bound)
                assert not verdict.accepted
                refused += 1
    assert refused > 500


def test_a_negative_multiplier_is_refused() -> None:
    problem, bound, multipliers = certify(gradient_descent(2)).certificate
    verdict = verifier.decide(problem, multipliers | {"start": -ONE}, bound)
    assert not verdict.accepted
    assert "negative" in verdict.reason
    # Of an equation both signs are a proof: SPS* has negative ones.
    equations = certify(program("sps average lipschitz", 2)).certificate.multipliers
    assert equations["relation 0"] != 0


def test_a_proof_of_one_problem_proves_no_other() -> None:
    problem, bound, multipliers = certify(program("iam last smooth", 3)).certificate
    other = problem | {"intercept": "-1"}
    assert not verifier.decide(other, multipliers, bound).accepted
    with pytest.raises(CertificateError, match="no row"):
        verifier.decide(problem | {"points": 2}, multipliers, bound)


def test_a_cut_file_has_no_verdict() -> None:
    text = verifier.write(certify(gradient_descent(2)).certificate)
    for length in range(0, len(text) - 2, 7):
        with pytest.raises(CertificateError):
            verifier.verify(text[:length])


def test_an_edited_file_has_no_verdict() -> None:
    text = verifier.write(certify(gradient_descent(2)).certificate)
    assert verifier.verify(text).accepted
    for i, letter in enumerate(text):
        if letter.isdigit():
            edited = text[:i] + str((int(letter) + 1) % 10) + text[i + 1 :]
            with pytest.raises(CertificateError):
                verifier.verify(edited)


def signed(**changes: object) -> str:
    """A file with other entries and a checksum that fits them."""
    content = json.loads(verifier.write(certify(gradient_descent(1)).certificate))
    content |= changes
    del content["sha256"]
    return json.dumps(content | {"sha256": verifier.checksum(content)})


@pytest.mark.parametrize(
    "changes",
    [
        {"bound": "1/0"},
        {"bound": 0.5},
        {"bound": "nan"},
        {"bound": "0.2"},
        {"multipliers": []},
        {"multipliers": {"start": "1e9"}},
        {"multipliers": {"no such row": "1"}},
        {"problem": {"kind": "gradient", "steps": 0}},
        {"problem": {"kind": "gradient", "steps": True}},
        {"problem": {"kind": "gradient", "steps": 1.0}},
        {"problem": {"kind": "gradient", "steps": 10**9}},
        {"problem": {"kind": "gradient"}},
        {"problem": {"kind": ["gradient"], "steps": 1}},
        {"problem": {"kind": "another", "steps": 1}},
        {"format": "another"},
        {"more": 1},
    ],
)
def test_a_file_that_says_something_else_has_no_verdict(
    changes: dict[str, object],
) -> None:
    assert verifier.verify(signed()).accepted
    with pytest.raises(CertificateError):
        verifier.verify(signed(**changes))


@pytest.mark.parametrize(
    "run",
    [
        Run(3, Class.LIPSCHITZ, Measure.AVERAGE),
        Run(4, Class.SMOOTH, Measure.AVERAGE),
        Run(4, Class.LIPSCHITZ, Measure.LAST, P_CONVENTION),
        Run(3, Class.SMOOTH, Measure.LAST, C_CONVENTION),
        Run(3, Class.SMOOTH, Measure.LAST, Schedule(0.5, 0.25)),
    ],
    ids=lambda run: run.title(),
)
def test_the_verifier_rebuilds_the_same_program(run: Run) -> None:
    p = run.points
    vectors = ["x0", *(f"g{t}" for t in range(p)), *(f"s{t}" for t in range(p - 1))]
    values = [f"f{t}" for t in range(p)]
    same_program(lift(run), vectors, values)


def test_the_verifier_rebuilds_gradient_descent() -> None:
    vectors = ["x0", *(f"g{t}" for t in range(5))]
    same_program(gradient_descent(4), vectors, vectors[1:])


def same_program(one: Program, vectors: list[str], values: list[str]) -> None:
    rows, objective = build(one.problem)
    assert set(one.rows.names) <= set(rows)
    values = [name.replace("g", "f") for name in values]
    weights = [float(objective.get((f,), Fraction(0))) for f in values]
    np.testing.assert_allclose(weights, one.weights, rtol=1e-15)
    for k, name in enumerate(one.rows.names):
        terms = rows[name].terms
        assert rows[name].is_equality == one.rows.is_equality[k]
        assert one.rows.limits[k] == -terms.get((), 0)
        linear = [float(terms.get((f,), 0)) for f in values]
        np.testing.assert_array_equal(linear, one.rows.values[k])
        form = np.zeros((len(vectors), len(vectors)))
        for key, number in terms.items():
            if len(key) == 2:
                i, j = vectors.index(key[0]), vectors.index(key[1])
                form[i, j] += float(number) / 2
                form[j, i] += float(number) / 2
        np.testing.assert_allclose(form, one.rows.forms[k], atol=1e-15)


def test_the_verifier_needs_the_standard_library_alone() -> None:
    for path in PACKAGE.glob("verifier*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                modules = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                modules = [node.module or ""]
            else:
                continue
            for module in modules:
                ours = module.startswith("theory.worst_case.verifier")
                assert ours or module.split(".")[0] in sys.stdlib_module_names


def test_semidefinite_forms() -> None:
    def form(**entries: int) -> dict[tuple[str, ...], Fraction]:
        return {tuple(key): Fraction(number, 3) for key, number in entries.items()}

    decide = verifier.is_semidefinite
    assert decide({})
    assert decide(form(aa=1, ab=2, bb=1))
    assert not decide(form(aa=1, ab=2, bb=1) | {("b", "b"): Fraction(333, 1000)})
    assert not decide(form(ab=1))
    assert not decide(form(aa=-1))
    assert decide(form(bb=2, bc=4, cc=2, aa=1))
    assert not decide(form(bb=2, bc=4, cc=2, aa=1, ac=1))


def test_semidefinite_forms_as_eigenvalues_see_them() -> None:
    rng = np.random.default_rng(5)
    for rank in (2, 3, 4):
        for shift in (0, 1, -1):
            factor = rng.integers(-3, 4, (4, rank))
            matrix = 5 * factor @ factor.T + shift * np.diag([0, 0, 0, 1])
            letters = "abcd"
            terms: dict[tuple[str, ...], Fraction] = {
                (letters[i], letters[j]): Fraction(int(matrix[i, j] * (1 + (i != j))))
                for i in range(4)
                for j in range(i, 4)
            }
            least = np.linalg.eigvalsh(matrix)[0]
            assert verifier.is_semidefinite(terms) == (least > -1e-9)


def test_equations_are_satisfied_exactly() -> None:
    columns = {"a": {"x": ONE}, "b": {"x": ONE, "y": -ONE}, "c": {"y": 2 * ONE}}
    weights = {"a": Fraction(1, 3), "b": Fraction(1, 7), "c": Fraction(0)}
    found = balanced(weights, columns, {"x": ONE, "y": Fraction(2)})
    total = {"x": Fraction(0), "y": Fraction(0)}
    for name, number in found.items():
        for key, entry in columns[name].items():
            total[key] += number * entry
    assert total == {"x": 1, "y": 2}
    with pytest.raises(ArithmeticError, match="equation of z"):
        balanced(weights, columns, {"z": ONE})


def test_what_is_larger_than_a_bound_is_not_proved() -> None:
    false = program("sps average smooth", 4)
    with pytest.raises(NoBoundError, match=r"0\.66 .*0\.6640625"):
        certify(false, Fraction(66, 100))
    assert certify(false, Fraction(2, 3)).verdict.accepted
    false = program("iam last smooth", 5)
    with pytest.raises(NoBoundError):
        certify(false, Fraction(6, 10))
    with pytest.raises(InputError, match="rebuild"):
        certify(false.without("selfbound", "sign"))


def test_a_function_of_another_class_is_no_extremal_one() -> None:
    with pytest.raises(NoBoundError, match="violates"):
        certify_exactly(program("iam last smooth", 3), quadratic(3, averaged=False))
