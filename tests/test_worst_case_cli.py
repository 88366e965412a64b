from fractions import Fraction
from pathlib import Path

import pytest

import ratecheck
from theory import claims
from theory.errors import InputError
from theory.worst_case import closed_form, known, verifier
from theory.worst_case.known import WORST_CASES, WorstCase, attained, find, prove
from theory.worst_case.solution import NoBoundError
from theory.worst_case.verifier_problems import build

EXACT = [case for case in WORST_CASES if case.extremal is not None]


@pytest.mark.parametrize("case", EXACT, ids=lambda case: case.id)
def test_the_known_worst_cases_are_attained_and_proved(case: WorstCase) -> None:
    assert case.extremal is not None
    assert case.multipliers is not None
    for points in (2, 3, 5, 10):
        problem = case.program(points).problem
        rows, _ = build(problem)
        value = attained(case, points)
        assert value is not None
        assert not case.extremal(points).faults(rows)
        assert verifier.decide(problem, case.multipliers(points), value).accepted
        less = value * Fraction(999_999, 1_000_000)
        assert not verifier.decide(problem, case.multipliers(points), less).accepted


def test_the_values_in_closed_form() -> None:
    for points in (1, 2, 5):
        smooth = attained(find("pep.lift.sps_avg.smooth"), points)
        assert smooth == Fraction(2, 3) * (1 - Fraction(1, 4**points))
        assert smooth == closed_form.potential(points)
        last = attained(find("pep.lift.iam_last.smooth"), points)
        assert last == closed_form.quadratic_value(points)
    assert attained(find("pep.known.gd"), 6) == Fraction(1, 22)


def test_a_closed_form_is_a_proof_only_where_the_verifier_accepts() -> None:
    case = find("pep.lift.iam_last.smooth")
    last = closed_form.IAM_SMOOTH_UP_TO
    for points, accepted in ((last, True), (last + 1, False)):
        verdict = verifier.decide(
            case.program(points).problem,
            closed_form.iam_last_smooth(points),
            closed_form.quadratic_value(points),
        )
        assert verdict.accepted is accepted


def test_the_claims_that_are_named_exist() -> None:
    for case in WORST_CASES:
        for name in case.claims:
            assert claims.get(name).id == name
            assert find(name) is case
    with pytest.raises(InputError, match=r"did you mean iam\.lipschitz\.last"):
        find("iam.lipschitz.lst")
    with pytest.raises(InputError, match="there are"):
        find("?")


def test_a_bound_between_is_proved_and_one_below_is_not() -> None:
    case = find("sps.smooth.interp_sharp")
    assert prove(case, 4, Fraction(2, 3)).verdict.accepted
    with pytest.raises(NoBoundError, match=r"x\^2 / 2 attains 85/128"):
        prove(case, 4, Fraction(66, 100))
    upper = find("pep.lift.sps_last.lip")
    assert attained(upper, 2) is None
    assert 0 < prove(upper, 2).excess < 1e-6
    assert prove(upper, 2, Fraction(109, 100)).verdict.accepted
    with pytest.raises(NoBoundError, match=r"1\.0886"):
        prove(upper, 2, Fraction(1))


def test_beyond_the_closed_form_the_face_is_solved(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    case = find("iam.smooth.last")
    monkeypatch.setattr(known, "WORST_CASES", ())
    short = WorstCase(
        case.id, case.program, case.claims, case.extremal, case.multipliers, 2
    )
    assert prove(short, 4).certificate.bound == Fraction(1225, 2048)
    assert prove(short, 4, Fraction(6, 10)).certificate.bound == Fraction(6, 10)


def run(*args: str) -> int:
    return ratecheck.main(list(args))


def test_certify_and_check(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "proof.json"
    name = "pep.lift.iam_last.smooth"
    assert run("certify", name, "--points", "4", "--json", str(path)) == 0
    told = capsys.readouterr().out
    for words in ("1225/2048 exactly", "it is the worst case", "Clarabel: Solved"):
        assert words in told
    assert run("check-certificate", str(path)) == 0
    assert "ACCEPTED at most 0.598144531" in capsys.readouterr().out
    assert run("check-certificate", str(path), "--bound", "0.592") == 1
    assert "REFUSED the multipliers prove 0.598144531" in capsys.readouterr().out
    text = path.read_text()
    for wrong in (text[:300], text.replace("7/8", "8/8"), "{}", ""):
        path.write_text(wrong)
        assert run("check-certificate", str(path)) == 2
        assert "No verdict" in capsys.readouterr().err


def test_what_certify_says_otherwise(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("certify", "list") == 0
    assert capsys.readouterr().out.count("pep.") == len(WORST_CASES) + 1
    assert run("certify", "pep.lift.sps_avg.lip", "--bound", "0.99") == 1
    assert "attains 1" in capsys.readouterr().err
    assert run("certify", "pep.lift.sps_avg.lip", "--bound", "1.5") == 0
    told = capsys.readouterr().out
    assert "The worst case is 1," in told
    assert "only those with the minimiser" in told
    assert run("certify", "pep.lift.sps_last.lip", "--points", "2") == 0
    assert "an upper bound" in capsys.readouterr().out


@pytest.mark.parametrize(
    "args",
    [
        ("certify", "nonsense"),
        ("certify", "pep.known.gd", "--points", "1"),
        ("certify", "pep.lift.sps_avg.lip", "--points", "99"),
        ("certify", "pep.lift.sps_avg.lip", "--bound", "1e999999999"),
        ("certify", "pep.lift.sps_avg.lip", "--bound", "1/0"),
        ("certify", "sps.last.box", "--bound", "1.2"),
        ("certify", "sps.last.box", "--points", "7"),
        ("check-certificate", "no such file"),
    ],
)
def test_bad_input_is_told(
    args: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(*args) == 2
    assert capsys.readouterr().err.startswith("ratecheck: ")


def test_all_steps_by_boxes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "boxes.json"
    wanted = ("certify", "sps.last.box", "--gap", "0.02", "--json", str(path))
    assert run(*wanted) == 0
    assert "The product formula is 1.17509" in capsys.readouterr().out
    assert run("check-certificate", str(path)) == 0
    assert "whatever its steps" in capsys.readouterr().out
    assert run("check-certificate", str(path), "--bound", "1.17") == 1
    assert "REFUSED box" in capsys.readouterr().out
    path.write_text(path.read_text()[:-40])
    assert run("check-certificate", str(path)) == 2
