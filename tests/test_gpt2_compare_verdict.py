"""Verdicts on tables made by hand: every word, infinite losses too."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, strategies as st

from gpt2_demo.compare import verdict
from gpt2_demo.compare.presets import SMOKE
from gpt2_demo.compare.rules import MARGIN
from gpt2_demo.compare.verdict import Beaten, Control, Word, beaten, interval, paired
from theory.errors import InputError

INF, NAN = math.inf, math.nan


def test_the_interval_is_student_t() -> None:
    # Differences -1, 0, 1: mean 0, s = 1, t_{2, 0.975} = 4.302652729749464.
    low, high = interval([-1.0, 0.0, 1.0])
    half = 4.302652729749464 / math.sqrt(3.0)
    assert (low, high) == pytest.approx((-half, half), rel=1e-12)
    assert interval([0.3]) == (-INF, INF)
    assert interval([0.25, 0.25]) == (0.25, 0.25)


@pytest.mark.parametrize(
    ("ours", "theirs", "word"),
    [
        ([1.0, 1.01, 0.99], [2.0, 2.0, 2.0], Word.BETTER),
        # All of the interval in (0, MARGIN): worse than nothing, within the margin.
        ([2.01, 2.01, 2.011], [2.0, 2.0, 2.0], Word.AS_GOOD),
        ([2.0, 2.0, 2.0], [2.0, 2.0, 2.0], Word.AS_GOOD),
        ([2.2, 2.21, 2.19], [2.0, 2.0, 2.0], Word.WORSE),
        # It holds MARGIN.
        ([2.0, 2.1, 2.05], [2.0, 2.0, 2.0], Word.UNDECIDED),
        # It is above 0 and holds MARGIN: no reason to say worse.
        ([2.04, 2.06, 2.05], [2.0, 2.0, 2.0], Word.UNDECIDED),
        ([2.0], [3.0], Word.UNDECIDED),
        ([2.0, INF, 2.0], [3.0, 3.0, 3.0], Word.WORSE),
        ([2.0, NAN, 2.0], [3.0, 3.0, 3.0], Word.WORSE),
        ([INF, INF], [INF, 3.0], Word.WORSE),
        ([INF, INF], [INF, INF], Word.UNDECIDED),
        ([2.0, 2.0], [INF, 3.0], Word.UNDECIDED),
        ([2.0, 2.0], [INF, NAN], Word.BETTER),
        ([2.0, INF], [INF, INF], Word.UNDECIDED),
    ],
)
def test_every_word(ours: list[float], theirs: list[float], word: Word) -> None:
    found = paired(ours, theirs)
    assert found.word is word
    assert len(found.differences) == len(ours)


def test_the_margin_is_not_within_the_margin() -> None:
    edge = verdict.Paired((MARGIN, MARGIN), MARGIN, MARGIN, MARGIN, (0, 0))
    assert edge.word is Word.UNDECIDED
    zero = replace(edge, mean=0.0, lower=0.0, upper=0.0)
    assert zero.word is Word.AS_GOOD


@pytest.mark.parametrize(
    ("ours", "theirs", "word"),
    [
        ([1.0, 1.01, 0.99], [2.0, 2.0, 2.0], Control.TEACHER),
        ([3.0, 3.01, 2.99], [2.0, 2.0, 2.0], Control.CONTROL),
        ([2.0, 2.001, 1.999], [2.0, 2.0, 2.0], Control.SAME),
        # As good in a verdict's sense, and yet far better perhaps: not the same.
        ([1.8, 2.0, 1.9], [2.0, 2.0, 2.0], Control.UNDECIDED),
        ([1.0, 1.0], [INF, INF], Control.TEACHER),
        ([1.0, INF], [3.0, 3.0], Control.CONTROL),
        ([1.0, 1.0], [INF, 3.0], Control.UNDECIDED),
    ],
)
def test_every_word_of_a_control(
    ours: list[float], theirs: list[float], word: Control
) -> None:
    assert paired(ours, theirs).control is word


SIXTEENTHS = st.integers(0, 160).map(lambda k: k / 16)  # no rounding, no flakes
LOSSES = st.lists(st.tuples(SIXTEENTHS, SIXTEENTHS), min_size=2, max_size=6)


@given(LOSSES, SIXTEENTHS)
def test_less_loss_is_never_a_worse_word(
    pairs: list[tuple[float, float]], gain: float
) -> None:
    order = [Word.WORSE, Word.UNDECIDED, Word.AS_GOOD, Word.BETTER]
    ours, theirs = np.array(pairs).T
    before = paired(ours.tolist(), theirs.tolist())
    after = paired((ours - gain).tolist(), theirs.tolist())
    assert order.index(after.word) >= order.index(before.word)
    assert before.lower <= before.upper


def test_pairing_takes_what_seeds_share_out() -> None:
    # Seeds differ by whole nats, methods by 0.2: without pairing nothing could be told.
    shared = np.array([0.0, 3.0, -2.0, 5.0])
    noise = np.array([0.001, -0.001, 0.002, 0.0])
    ours, theirs = (4.0 + shared + noise).tolist(), (4.2 + shared).tolist()
    assert paired(ours, theirs).word is Word.BETTER
    assert paired(ours[::-1], theirs).word is Word.UNDECIDED


@pytest.mark.parametrize(
    ("ours", "grid", "found"),
    [
        (2.0, [1.0, 2.0, 3.0, INF], Beaten(2, 4)),
        (2.0, [NAN, 2.0], Beaten(1, 2)),
        (INF, [3.0, INF], Beaten(0, 2)),
        (NAN, [3.0], Beaten(0, 1)),
    ],
)
def test_a_tie_is_not_beaten(ours: float, grid: list[float], found: Beaten) -> None:
    assert beaten(ours, grid) == found


def test_a_setting_is_worth_the_range_of_its_means() -> None:
    found = verdict.spread({"a": [1.0, 3.0], "b": [4.0, 4.0]})
    assert found.means == {"a": 2.0, "b": 4.0}
    assert found.width == 2.0
    assert verdict.spread({"a": [1.0], "b": [INF]}).width == INF
    assert verdict.spread({"a": [NAN], "b": [1.0]}).means["a"] == INF
    assert verdict.spread({"a": [INF]}).width == 0.0


@pytest.mark.parametrize(
    ("words", "claim"),
    [
        ([Word.BETTER, Word.AS_GOOD], "supported"),
        ([Word.BETTER, Word.UNDECIDED], "undecided"),
        ([Word.UNDECIDED, Word.WORSE], "refuted"),
        ([Word.BETTER, Word.WORSE], "refuted"),
    ],
)
def test_the_claim_is_as_good_as_its_weakest_pair(
    words: list[Word], claim: str
) -> None:
    assert verdict.claim(words) == claim


@pytest.mark.parametrize(
    ("changes", "seeds", "message"),
    [
        ({}, "0", "two seeds or more"),
        ({}, "0,0", "seeds that differ"),
        ({}, "0,1000", "a tuning seed that is no other seed"),
        ({}, "0,one", "seeds such as 0,1,2, got '0,one'"),
        ({"steps": 0}, None, "steps >= 1"),
        ({"sgd_rates": (0.1,)}, None, "as many rates for SGD as for AdamW"),
        ({"sgd_rates": (0.1, NAN)}, None, "finite rates > 0"),
    ],
)
def test_an_unfair_preset_is_refused(
    changes: dict[str, object], seeds: str | None, message: str
) -> None:
    with pytest.raises(InputError, match=message):
        SMOKE.overridden(changes, seeds)
