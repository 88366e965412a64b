"""Sparse parity's exact theory: the numbers, the claims, and that they can fail."""

import json
import math
from dataclasses import replace
from fractions import Fraction
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st
from typer.testing import CliRunner

from synthetic.cases.evidence import down, nearest, up
from synthetic.cases.setting import CaseSetting
from synthetic.catalogue.entry import Control
from synthetic.cli import app
from synthetic.desk import Options
from synthetic.parity import (
    catalogue_fourier,
    catalogue_network,
    controls_fourier,
    controls_network,
)
from synthetic.parity.exact_fourier import FourierCase, FourierSetting, scaled
from synthetic.parity.exact_network import NeuronCase, StepCase, changes, secants
from synthetic.verify import judge_control, judge_setting, plan
from theory import fourier, parity_network as network
from theory.claims import PARITY, find
from theory.errors import InputError
from theory.evidence import Engine
from theory.judge import Status
from theory.method import Family
from theory.parity import CHANNELS
from theory.references import BIBTEX

OPTIONS = Options()
SETTINGS: dict[str, CaseSetting] = {
    s.name: s
    for s in (
        *catalogue_fourier.settings("quick"),
        *catalogue_network.settings("quick"),
        catalogue_network.layers("quick"),
    )
}
CONTROLS = {
    f"{c.claim_id}: {c.label}": c
    for c in (*controls_fourier.controls(), *controls_network.controls())
}
EXACT = [c for c in PARITY.values() if c.id.split(".")[1] in {"fourier", "fourier_gap"}]


def enumerated(j: int, d: int, b: Fraction) -> Fraction:
    """By the definition, without any of the code under test."""
    total = 0
    for x in product((1, -1), repeat=d):
        total += math.prod(x[:j]) * (sum(x) + b > 0)
    return Fraction(total, 2**d)


def judged(setting: CaseSetting) -> dict[str, Any]:
    claims = list(PARITY.values())
    return {o.claim_id: o.verdict for o in judge_setting(setting, claims, OPTIONS)}


def places(verdict: Any) -> int:
    return len(verdict.evidence.lower)


@given(d=st.integers(1, 8), twice=st.integers(-20, 20), data=st.data())
def test_a_coefficient_is_its_sum_over_all_points(
    d: int, twice: int, data: st.DataObject
) -> None:
    j, b = data.draw(st.integers(0, d)), Fraction(twice, 2)
    assert fourier.coefficient(j, d, b) == enumerated(j, d, b)
    assert scaled(j, d, b) == 2**d * enumerated(j, d, b)


def test_both_ways_of_summing_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    from synthetic.parity import exact_fourier  # noqa: PLC0415 -- its cache is cleared

    pairs = [(j, d) for d in range(1, 11) for j in range(d + 1)]
    whole = [exact_fourier._by_weight.__wrapped__(j, d) for j, d in pairs]
    monkeypatch.setattr(exact_fourier, "MOST_ENUMERATED", 0)
    assert whole == [exact_fourier._by_weight.__wrapped__(j, d) for j, d in pairs]


@pytest.mark.parametrize("name", SETTINGS)
def test_what_is_true_holds_and_nothing_is_judged_with_a_width(name: str) -> None:
    seen = judged(SETTINGS[name])
    assert any(v.status is not Status.NOT_APPLICABLE for v in seen.values())
    for claim_id, verdict in seen.items():
        allowed = {Status.HOLDS, Status.NOT_APPLICABLE}
        if PARITY[claim_id].expected is Status.REFUTED:
            allowed.add(Status.REFUTED)
        assert verdict.status in allowed, (claim_id, verdict.reason)
        if verdict.evidence is None:
            continue
        assert np.all(verdict.evidence.roundoff == 0)
        assert verdict.evidence.error == 0
        # identities are 0 exactly, ratios within the two floats around a rational
        if np.all(verdict.bound == 0) and verdict.status is Status.HOLDS:
            assert np.all(verdict.evidence.upper <= 0)


@pytest.mark.parametrize(
    ("name", "claim_id", "count"),
    [
        ("all sets, d = 2..11", "parity.fourier.krawtchouk", 825),
        ("majorities, d = 3..59", "parity.fourier.majority", 899),
        ("even k, odd d = 3..79", "parity.fourier_gap", 780),
        ("even k, odd d = 3..79", "parity.fourier.recurrence", 780),
        ("even d = 4..60", "parity.fourier_gap.even_d", 870),
    ],
)
def test_there_is_no_mismatch(name: str, claim_id: str, count: int) -> None:
    verdict = judged(SETTINGS[name])[claim_id]
    assert verdict.status is Status.HOLDS
    assert places(verdict) == count
    assert np.count_nonzero(verdict.evidence.upper) == 0


@pytest.mark.parametrize("name", CONTROLS)
def test_every_control_is_refuted(name: str) -> None:
    control = CONTROLS[name]
    verdict = judge_control(control, PARITY[control.claim_id], OPTIONS).verdict
    assert verdict.status is Status.REFUTED, verdict.reason


@pytest.mark.parametrize(
    ("claim_id", "case"),
    [
        ("parity.fourier_gap.odd_k", FourierCase(21, k=3)),
        ("parity.fourier_gap.every_d", FourierCase(7, k=4)),
        ("parity.fourier_gap.every_d", FourierCase(5, k=4)),
        ("parity.fourier.falls_at_once", FourierCase(5, k=2)),
        ("parity.fourier.falls_at_once", FourierCase(9, k=4)),
        ("parity.fourier_gap.no_signal_closed", FourierCase(21, k=3, b=-1)),
    ],
)
def test_false_statements_are_refuted_where_they_fail(
    claim_id: str, case: FourierCase
) -> None:
    setting = FourierSetting(name="one", cases=(case,))
    assert judged(setting)[claim_id].status is Status.REFUTED


def test_they_hold_where_they_are_true() -> None:
    cases = (FourierCase(9, k=4), FourierCase(11, k=4), FourierCase(13, k=4))
    seen = judged(FourierSetting(name="d >= 2k + 1", cases=cases))
    assert seen["parity.fourier_gap.every_d"].status is Status.HOLDS
    seen = judged(FourierSetting(name="d >= 2k + 3", cases=cases[1:]))
    assert seen["parity.fourier.falls_at_once"].status is Status.HOLDS


def test_gaps_are_the_known_numbers() -> None:
    assert fourier.gap(2, 5) == fourier.gap(2, 7) == Fraction(1, 8)
    assert fourier.gap(4, 9) == fourier.gap(4, 11) == Fraction(1, 128)
    assert all(fourier.gap(k, 2 * k + 1) == fourier.gap(k, 2 * k + 3) for k in (6, 40))
    assert fourier.gap(4, 7) == 0 > fourier.gap(4, 5)
    assert fourier.coefficient(2, 21, -1) == Fraction(4199, 524288)
    assert fourier.coefficient(2, 21, 2) == Fraction(-4199, 524288)
    assert float(fourier.coefficient(4, 21, 2)) == pytest.approx(0.00126, abs=5e-6)
    assert fourier.coefficient(2, 4) / fourier.coefficient(0, 4) == Fraction(1, 5)


def test_coefficients_approach_their_asymptotics() -> None:
    limits = {2: 0.3989, 4: 0.3989, 6: 1.1968, 8: 5.984}
    near = {2: 0.3990, 4: 0.3995, 6: 1.2015, 8: 6.030}
    for k, limit in limits.items():
        exact = fourier.double_factorial(k - 3) / math.sqrt(2 * math.pi)
        assert exact == pytest.approx(limit, rel=2e-4)  # digits of the number
        xi = abs(float(fourier.coefficient(k - 1, 1601)))
        assert xi * 1601 ** ((k - 1) / 2) == pytest.approx(near[k], rel=2e-4)
    for k, slope in {2: -0.4993, 4: -1.4993, 6: -2.5011}.items():
        gaps = [float(fourier.gap(k, d)) for d in (801, 1601)]
        found = math.log(gaps[1] / gaps[0]) / math.log(1601 / 801)
        assert found == pytest.approx(slope, abs=5e-3), k


def test_the_asymptotics_are_attained_to_a_few_parts_in_ten_million() -> None:
    verdict = judged(SETTINGS["even k, d = 401..1601"])["parity.fourier.asymptotics"]
    assert verdict.status is Status.HOLDS
    assert 1 - 1e-6 < verdict.tightness < 1


@given(value=st.fractions())
def test_rounding_is_outward_by_one_float_at_most(value: Fraction) -> None:
    low, high = down(value), up(value)
    assert low <= value <= high
    assert high in {low, math.nextafter(low, math.inf)}
    assert nearest(value) in {low, high}
    assert (low == high) == (Fraction(low) == value)


@pytest.mark.parametrize("sign", [1, -1])
def test_numbers_beyond_floats_keep_their_sign(sign: int) -> None:
    huge, tiny = sign * 2**2000, Fraction(sign, 2**2000)
    assert down(huge) < huge < up(huge)
    assert math.copysign(1, down(huge)) == sign
    assert down(tiny) <= tiny <= up(tiny)
    assert {down(tiny), up(tiny)} == {0.0, sign * 5e-324}


def test_a_gradient_in_floats_agrees_to_the_last_digit() -> None:
    rng = np.random.default_rng(0)
    weights = tuple(int(w) for w in rng.choice((-1, 1), size=9))
    found = secants(NeuronCase(weights, 4, 1, 0))
    x = np.array(list(product((1, -1), repeat=9)), dtype=float)
    y = x[:, :4].prod(axis=1)
    on = (x @ np.array(weights) > 0).astype(float)
    expected = -(x * (y * on)[:, None]).mean(axis=0)
    assert np.max(np.abs(np.array(found[:-1]) / 2**9 - expected)) < 1e-17
    formula = [float(v) for v in network.gradient(weights, 4, 1, 0)]
    assert np.max(np.abs(expected - formula[:-1])) < 1e-17


def test_degree_one_changes_by_the_formula_in_floats() -> None:
    """A second implementation, at width 4000: off by roundoff, 1e-14."""
    rng = np.random.default_rng(1)
    for d in (9, 11):
        rows = rng.choice((-1.0, 1.0), size=(4000, d))
        a, eta, k = rng.standard_normal(4000), 0.01, 4
        x = np.array(list(product((1.0, -1.0), repeat=d)))
        y, z = x[:, :k].prod(axis=1), x @ rows.T
        gradient = -a[:, None] * ((y[:, None] * (z > 0)).T @ x) / len(x)
        after = np.maximum(x @ (rows - eta * gradient).T, 0) @ a
        change = (after - np.maximum(z, 0) @ a) @ x / len(x)
        for i in (0, d - 1):
            chosen = list(network.toggled(k, i))
            xi = float(fourier.coefficient(len(chosen), d))
            total = np.sum(a**2 * rows[:, chosen].prod(axis=1))
            assert change[i] == pytest.approx(eta / 2 * xi * total, abs=1e-12)


def test_no_step_is_too_long_for_the_change_of_degree_one() -> None:
    """Though many units change their signs: f is half linear, half even."""
    case = catalogue_network.step(5, 9, 4, Fraction(100))
    expected = [
        network.degree_one_change(case.rows, case.a, case.k, case.eta, i)
        for i in range(9)
    ]
    assert list(changes(case)) == expected
    assert any(expected)


def test_the_ratio_on_and_off_the_support_is_that_of_the_paper() -> None:
    setting = catalogue_network.all_signs(2)
    found = setting.measure(setting.offers, OPTIONS)["mean_sq_change"]
    for case, mean_sq in zip(setting.cases, found, strict=True):
        if case.k % 2 == 0:
            ratio = Fraction(case.d - case.k, case.k - 1)
            assert mean_sq[0] / mean_sq[-1] == ratio**2


def test_signs_of_the_change_differ_between_networks() -> None:
    cases = [catalogue_network.step(5, 9, 4, Fraction(1, 8), seed=s) for s in range(20)]
    seen = {changes(case)[0] > 0 for case in cases if changes(case)[0]}
    assert seen == {True, False}


@pytest.mark.parametrize("k", range(2, 9))
def test_a_second_layer_is_the_parity(k: int) -> None:
    units = network.parity_units(k)
    assert len(units) == k + 1
    assert max(abs(u.a) for u in units) <= 2
    for x in product((1, -1), repeat=k):
        value = sum(u.a * max(sum(x) - u.t, 0) for u in units)
        assert value == math.prod(x)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: fourier.coefficient(4, 3), "0 <= j <= d"),
        (lambda: fourier.coefficient(0, 0), "d >= 1"),
        (lambda: fourier.majority(1, 4), "odd d"),
        (lambda: fourier.gap(5, 5), "1 <= k < d"),
        (lambda: fourier.ratio(3, 9), "even k"),
        (lambda: network.parity_units(0), "k >= 1"),
        (lambda: network.label_samples(21, 3, Fraction(1, 10)), "positive gap"),
        (lambda: network.label_samples(7, 4, Fraction(1, 10)), "positive gap"),
        (lambda: network.checkpoint_samples(9, 2, 0, Fraction(1, 10)), "0 < c <= 1"),
    ],
)
def test_bad_input_is_refused_in_words(call: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        call()


MUTANTS = {
    "last_weight": lambda d, b: math.floor(Fraction(d + b) / 2),
    "krawtchouk": lambda w, x, n: sum(
        math.comb(x, i) * math.comb(n - x, w - i) for i in range(min(x, w) + 1)
    ),
    "majority": lambda j, d: Fraction(1, 2**d),
    "ratio": lambda k, d: Fraction(k, d - k),
    "step_ratio": lambda k, d: Fraction(d - k + 1, d + 1),
    "gap_cross": lambda k, d: ((d + 3 - 2 * k) * (d - k), (d + 1) * (d - 1 - 2 * k)),
    "double_factorial": lambda n: math.prod(range(n + 2, 0, -2)),
}


@pytest.mark.parametrize("name", MUTANTS)
def test_a_broken_formula_is_refuted(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fourier, name, MUTANTS[name])
    found = {
        outcome.verdict.status
        for setting in catalogue_fourier.settings("quick")
        for outcome in judge_setting(setting, EXACT, OPTIONS)
        if PARITY[outcome.claim_id].expected is Status.HOLDS
    }
    assert Status.REFUTED in found


@pytest.mark.parametrize(
    ("name", "mutant"),
    [
        ("toggled", lambda k, i: tuple(sorted(set(range(k)) | {i}))),
        ("sign_of", lambda weights, coordinates: 1),
        ("coefficient", lambda j, d, b=0: fourier.coefficient(j, d, 0)),
    ],
)
def test_a_broken_gradient_is_refuted(
    name: str, mutant: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(network, name, mutant)
    verdict = judged(catalogue_network.neurons(6))["parity.grad.formula"]
    assert verdict.status is Status.REFUTED


def test_a_broken_engine_is_refuted(monkeypatch: pytest.MonkeyPatch) -> None:
    from synthetic.parity import exact_network  # noqa: PLC0415 -- to be broken

    right = exact_network.changes
    setting = catalogue_network.steps(5)
    monkeypatch.setattr(
        exact_network,
        "changes",
        lambda case: right(replace(case, eta=-case.eta)),
    )
    verdict = judged(setting)["parity.degree1.after_one_step"]
    assert verdict.status is Status.REFUTED


def test_a_case_that_does_not_meet_a_hypothesis_is_left_out() -> None:
    uneven = NeuronCase((3, 1, -1, 1, 1), 2, 1, 0)
    neurons = catalogue_network.neurons(4)
    mixed = replace(neurons, cases=(uneven, *neurons.cases))
    verdict = judged(mixed)["parity.grad.formula"]
    assert verdict.status is Status.HOLDS
    assert 0 not in verdict.evidence.cases
    alone = replace(neurons, cases=(uneven,))
    verdict = judged(alone)["parity.grad.formula"]
    assert verdict.status is Status.NOT_APPLICABLE
    assert "weights +-1" in verdict.reason


@pytest.mark.parametrize("claim", PARITY.values(), ids=PARITY)
def test_a_claim_is_complete(claim: Any) -> None:
    assert claim.proof
    assert claim.title
    assert claim.reference in BIBTEX
    assert claim.needs <= CHANNELS.keys()
    assert claim.title.startswith("False:") == (claim.expected is Status.REFUTED)
    assert all(a.meets is not None for a in claim.assumes)
    assert all(f.name.startswith("PARITY") for f in claim.families)
    assert find([claim.id]) == [claim]


def test_a_step_case_names_its_sizes() -> None:
    case = StepCase(((1, -1, 1),), (2,), 2, Fraction(1, 8))
    assert str(case) == "d = 3, k = 2, width 1, eta = 1/8"
    assert Family.PARITY_STEP.name.startswith("PARITY")


def test_only_the_engine_that_is_asked_for_judges() -> None:
    claim, setting = PARITY["parity.fourier_gap"], SETTINGS["even d = 4..60"]
    assert plan(claim, setting) is Engine.RATIONAL
    assert plan(claim, setting, "montecarlo") is None


def test_a_control_that_is_no_control_escapes() -> None:
    """At even d a tie may count either way: the ratio of the two sizes is the same."""
    setting = replace(catalogue_fourier.even_dimensions(12), ties=True)
    name = "parity.fourier_gap.even_d"
    control = Control(claim_id=name, label="on at a tie", setting=setting)
    verdict = judge_control(control, PARITY[name], OPTIONS).verdict
    assert verdict.status is Status.HOLDS


def test_the_command_line_verifies_shows_and_records(tmp_path: Path) -> None:
    run, file = CliRunner(), tmp_path / "found.json"
    names = ("parity.fourier", "parity.grad")
    result = run.invoke(app, ["verify", *names, "--json", str(file)])
    assert result.exit_code == 0, result.output
    assert "6 of 6 claims as expected" in result.stdout
    found = json.loads(file.read_text(encoding="utf-8"))
    by_id = {claim["id"]: claim for claim in found["claims"]}
    assert by_id["parity.grad.formula"]["engine"] == "exact rationals"
    (case,) = by_id["parity.fourier.falls_at_once"]["settings"][0]["constants"]["cases"]
    assert {"d", "k", "b"} <= case.keys()
    shown = run.invoke(app, ["show", "parity.fourier_gap"])
    assert shown.exit_code == 0
    for needed in ("even k, odd d", "k/(d - k)", "2207.08799", "h_b(x)"):
        assert needed in shown.stdout, needed


def test_data_have_nothing_to_say_about_sparse_parity() -> None:
    args = ["verify", "parity.fourier", "--data", "diabetes", "--loss", "squared"]
    result = CliRunner().invoke(app, args)
    assert result.exit_code == 2
    assert "without --data" in result.output
