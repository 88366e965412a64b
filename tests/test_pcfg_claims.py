"""The claims about grammars: they hold, their controls do not, and they can fail."""

import math
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, strategies as st

from synthetic.desk import Options
from synthetic.pcfg import catalogue, exact_lengths, exact_windows
from synthetic.pcfg.controls import controls
from synthetic.pcfg.exact_windows import WindowCase, WindowSetting
from synthetic.verify import judge_control, judge_setting
from theory import logs
from theory.claims import PCFG, find
from theory.errors import InputError
from theory.judge import Status
from theory.ngrams import A, C, R, is_seen, l1, ngram, seen, whole
from theory.pcfg import CHANNELS
from theory.references import BIBTEX

OPTIONS = Options()
SETTINGS = {s.name: s for s in catalogue.settings("quick")}
CONTROLS = {f"{c.claim_id}: {c.label}": c for c in controls()}


def judged(setting: Any) -> dict[str, Any]:
    claims = list(PCFG.values())
    return {o.claim_id: o.verdict for o in judge_setting(setting, claims, OPTIONS)}


@pytest.mark.parametrize("name", SETTINGS)
def test_what_is_true_holds(name: str) -> None:
    for claim_id, verdict in judged(SETTINGS[name]).items():
        allowed = {PCFG[claim_id].expected, Status.NOT_APPLICABLE}
        assert verdict.status in allowed, (claim_id, verdict.reason)


@pytest.mark.parametrize("name", CONTROLS)
def test_every_control_is_refuted(name: str) -> None:
    control = CONTROLS[name]
    verdict = judge_control(control, PCFG[control.claim_id], OPTIONS).verdict
    assert verdict.status is Status.REFUTED, verdict.reason


@pytest.mark.parametrize("claim", PCFG.values(), ids=PCFG)
def test_a_claim_is_complete(claim: Any) -> None:
    assert claim.proof
    assert claim.reference in BIBTEX
    assert claim.needs <= CHANNELS.keys()
    assert claim.title.startswith("False:") == (claim.expected is Status.REFUTED)
    assert find([claim.id]) == [claim]
    true = claim.expected is Status.HOLDS
    assert true == any(c.claim_id == claim.id for c in CONTROLS.values())


def test_numbers_of_claims_and_controls() -> None:
    assert (len(PCFG), len(CONTROLS)) == (14, 27)


def test_a_divergence_that_forgets_a_token_is_refuted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    case = WindowCase("cfg3b/13", C, 3, 2)
    setting = WindowSetting(name="small", cases=(case,))
    assert judged(setting)["pcfg.window.divergence"].status is Status.HOLDS
    right = exact_windows._Cells.divergence

    def wrong(cells: Any, q: Any, *, turned: bool = False) -> Any:
        every = cells.cells
        cells.cells = every[::2]
        found = right(cells, q, turned=turned)
        cells.cells = every
        return found

    monkeypatch.setattr(exact_windows._Cells, "divergence", wrong)
    assert judged(setting)["pcfg.window.divergence"].status is Status.REFUTED


def test_a_wrong_law_of_lengths_is_refuted(monkeypatch: pytest.MonkeyPatch) -> None:
    setting = replace(catalogue.symbols(), name="again")
    right = exact_lengths._laws("cfg3b")
    moved = {s: {n + (s == "16"): p for n, p in f.items()} for s, f in right.items()}
    monkeypatch.setattr(exact_lengths, "_laws", lambda _name: moved)
    assert judged(setting)["pcfg.lengths.moments"].status is Status.REFUTED


@pytest.mark.parametrize(
    ("n", "ends"), [(1, (0, 1)), (2, (-1, 1)), (3, (-1, 2)), (4, (-2, 2)), (5, (-2, 3))]
)
def test_windows_are_those_of_the_authors(n: int, ends: tuple[int, int]) -> None:
    assert ngram(n) == ends
    assert len(ngram(n).around(10, 20)) == n


def test_what_is_seen_under_each_condition() -> None:
    sentence = tuple(range(7))
    window = ngram(3)
    assert seen(sentence, A, 3, window) == (0, 1, 2, None, 4, 5, 6)
    assert seen(sentence, R, 3, window) == (0, 1, None, None, None, 5, 6)
    assert seen(sentence, C, 3, window) == (None, None, 2, None, 4, None, None)
    assert seen(sentence, C, 0, window) == (None, 1, *[None] * 5)
    for p in range(7):
        assert seen(sentence, C, p, whole(7)) == seen(sentence, A, p, window)
        assert seen(sentence, R, p, ngram(1)) == seen(sentence, A, p, window)
        assert not any(is_seen(c, p, p, window) for c in (A, R, C))
    assert l1((Fraction(1), Fraction(0)), (Fraction(0), Fraction(1))) == 2


def test_a_window_that_cannot_be_is_told() -> None:
    with pytest.raises(InputError, match="n >= 1"):
        ngram(0)
    with pytest.raises(InputError, match="at most 18 tokens"):
        ngram(19, 18)


@given(
    terms=st.lists(
        st.tuples(
            st.fractions(Fraction(1, 99), 99, max_denominator=99),
            st.fractions(-3, 3, max_denominator=9),
        ),
        max_size=4,
    )
)
def test_sums_of_logarithms_are_enclosed(terms: list[tuple[Any, Any]]) -> None:
    total = logs.Logs()
    for value, times in terms:
        total = total.plus(logs.log(value), times)
    near = sum(float(c) * math.log(v) for v, c in terms)
    low, high, _ = total.enclosed()
    assert low <= high
    assert high - low < Fraction(1, 10**50)
    assert abs(float(total) - near) < 1e-12
    assert total.minus(total).size == 0


def test_equal_sums_are_told_from_close_ones() -> None:
    twelve = logs.log(12)
    same = logs.log(2).plus(logs.log(6))
    assert twelve.minus(same).size == 0
    assert twelve.minus(logs.log(Fraction(12 * 10**9 + 1, 10**9))).size > 0
