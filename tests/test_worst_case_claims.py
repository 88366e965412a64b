"""Certificates in verdicts: what they say, and what they cannot do."""

import json
import math
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from synthetic.catalogue import catalogue_of
from synthetic.desk import Options
from synthetic.record import as_json
from synthetic.results import EXIT_AS_EXPECTED
from synthetic.session import run, tasks_for
from synthetic.verify import judge_setting
from synthetic.worst_case import certified, controls
from synthetic.worst_case.attained import Instance, runs, values
from synthetic.worst_case.catalogue import LINES, named
from synthetic.worst_case.setting import ClassSetting, LineSetting
from theory.claims import PEP, get
from theory.evidence import Engine, Scope
from theory.judge import Status, Verdict
from theory.worst_case import known, verifier
from theory.worst_case.known import WORST_CASES

OPTIONS = Options()
EXACT = [case for case in WORST_CASES if case.extremal]
CERTIFIED = [(case.id, name) for case in WORST_CASES for name in case.claims]


def judged(claim_id: str, setting: ClassSetting | LineSetting) -> Verdict:
    (outcome,) = judge_setting(setting, [get(claim_id)], OPTIONS)
    return outcome.verdict


def test_every_worst_case_and_line_is_a_claim_that_is_as_expected() -> None:
    assert set(PEP) == {case.id for case in WORST_CASES} | set(LINES)
    claims = list(PEP.values())
    there = catalogue_of(claims)
    session = run(tasks_for(claims, there.settings, there.controls), OPTIONS)
    assert session.exit_code() == EXIT_AS_EXPECTED
    assert {c.claim_id for c in controls.controls()} == set(PEP)
    record = json.loads(json.dumps(as_json(session), default=str))
    for claim in record["claims"]:
        (setting,) = claim["settings"]
        assert (setting["scope"], setting["error"]) == ("class", 0.0)
        assert claim["controls"]["caught"] == claim["controls"]["total"] > 0


@pytest.mark.parametrize(("case", "claim_id"), CERTIFIED)
def test_a_certificate_counts_for_the_claims_that_it_certifies(
    case: str, claim_id: str
) -> None:
    verdict = judged(claim_id, named(case))
    assert verdict.status is get(claim_id).expected
    assert verdict.evidence is not None
    assert verdict.evidence.scope is Scope.CLASS
    assert verdict.evidence.engine is Engine.WORST_CASE
    np.testing.assert_array_equal(verdict.evidence.times, [1, 2, 3, 4])
    there = catalogue_of([get(claim_id)]).settings
    offered = [s for s in there if isinstance(s, ClassSetting)]
    names = [setting.name for setting in offered if claim_id in setting.claims]
    assert names == [named(case).name]


def test_tightness_is_the_worst_case_over_the_bound() -> None:
    for claim_id, case, ratio in (
        ("sps.lipschitz.average", "pep.lift.sps_avg.lip", 1.0),
        ("sps.smooth.interp_sharp", "pep.lift.sps_avg.smooth", 1 - 4.0**-5),
        ("sps.smooth.interp", "pep.lift.sps_avg.smooth", (1 - 4.0**-5) / 3),
        ("iam.lipschitz.last", "pep.lift.iam_last.lip", 1.0),
        ("iam.smooth.last", "pep.lift.iam_last.smooth", 0.605621337890625),
    ):
        assert judged(claim_id, named(case)).tightness == pytest.approx(
            ratio, rel=4e-15
        )


@pytest.mark.parametrize("case", EXACT, ids=lambda case: case.id)
def test_real_runs_attain_what_is_certified(case: known.WorstCase) -> None:
    """The methods themselves, in rationals, against the rows of the program."""
    for points in (2, 3, 7):
        problem = case.program(points).problem
        bound = known.prove(case, points).certificate.bound
        found = runs(problem, points)
        if problem["kind"] == "gradient":
            reached = max(value / distance_sq for value, distance_sq in found)
        elif problem["functions"] == "smooth":
            reached = max(points * v / d for v, d in found)
        else:  # squares, as the root of T may be irrational
            assert max(points * v * v / d for v, d in found) == bound**2
            continue
        assert reached == bound == known.attained(case, points)


def test_polyak_steps_of_the_real_run_by_hand() -> None:
    problem = named("pep.lift.iam_last.lip").problem(3)
    half = Fraction(1, 2)

    def absolute(x: list[Fraction]) -> tuple[Fraction, list[Fraction]]:
        return abs(x[0]), [Fraction(1 if x[0] > 0 else -1)]

    # z_1 = 0, x_1 = 1/2; N = 1/2 + (0 - 1/2) = 0 from there on, x_2 = (2/2 + 0)/3
    assert values(problem, 3, Instance(absolute, [Fraction(1)])) == [
        1,
        half,
        half * 2 / 3,
    ]


def changed(name: str, factor: Fraction) -> Callable[[str], str]:
    def deliver(text: str) -> str:
        found = verifier.read(text)
        multipliers = found.multipliers | {name: found.multipliers[name] * factor}
        return verifier.write(found._replace(multipliers=multipliers))

    return deliver


def rebound(text: str) -> str:
    found = verifier.read(text)
    return verifier.write(found._replace(bound=found.bound * Fraction(99, 100)))


def of_three_points(_text: str) -> str:
    return verifier.write(known.prove(EXACT[1], 3).certificate)


@pytest.mark.parametrize(
    ("deliver", "why"),
    [
        (changed("pair * 3", Fraction(1001, 1000)), "refused"),
        (changed("start", Fraction(999, 1000)), "refused"),
        (changed("scaled 1", Fraction(11, 10)), "refused"),
        (changed("slope 2", Fraction(-1)), "refused"),
        (rebound, "refused"),
        (of_three_points, "another problem"),
        (lambda text: text[:-40], "no certificate"),
        (lambda text: text.replace("1/4", "1/5", 1), "no certificate"),
    ],
)
def test_a_wrong_certificate_gives_no_verdict(
    deliver: Callable[[str], str], why: str
) -> None:
    setting = replace(named("pep.lift.sps_avg.lip", 4), delivered=deliver)
    for claim_id in setting.claims:
        verdict = judged(claim_id, setting)
        assert verdict.status is Status.INCONCLUSIVE
        assert why in verdict.reason


def test_a_proof_of_less_than_a_real_run_attains_is_not_believed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    accepted = verifier.Verdict(True, "at most anything")
    monkeypatch.setattr(verifier, "verify", lambda _text: accepted)
    setting = replace(named("pep.lift.sps_avg.lip", 4), delivered=rebound)
    verdict = judged("pep.lift.sps_avg.lip", setting)
    assert verdict.status is Status.INCONCLUSIVE
    assert "more than is certified" in verdict.reason


def test_a_case_without_extremal_function_refutes_by_real_runs_only() -> None:
    found = certified.evidence(named("pep.lift.sps_last.lip"))
    assert found.lower[0] * math.sqrt(2) == pytest.approx(4 * 2**0.5 / 3**1.5, rel=1e-5)
    assert found.lower[0] * math.sqrt(2) < 4 * 2**0.5 / 3**1.5
    assert np.all(found.lower < found.upper)
    np.testing.assert_array_equal(found.estimate, found.lower)


def test_lines_need_every_identity() -> None:
    _, determinant = LINES["pep.sharp_line"]
    wrong = replace(determinant, residual=lambda s: determinant.residual(s) + s.theta)
    lines = {"pep.sharp_line": (LINES["pep.sharp_line"][0], wrong)}
    verdict = judged("pep.sharp_line", LineSetting(name="wrong", lines=lines))
    assert verdict.status is Status.REFUTED
    assert "identity 2" in verdict.reason


@pytest.mark.parametrize("number", [Fraction(1, 3), Fraction(2), Fraction(9, 4)])
def test_limits_are_on_their_sides(number: Fraction) -> None:
    low, high = certified.root(number)
    assert low**2 <= number <= high**2
    assert high - low < Fraction(1, 10**24)
    assert Fraction(certified.outward(number, up=True)) >= number
    assert Fraction(certified.outward(number, up=False)) <= number


def test_cvxpy_is_not_imported() -> None:
    code = (
        "import sys; from synthetic.worst_case import certified, catalogue; "
        "[certified.evidence(catalogue.named(c.id, 2)) for c in catalogue.WORST_CASES];"
        "sys.exit('cvxpy' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
