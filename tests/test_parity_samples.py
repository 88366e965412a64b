"""Sparse parity from samples: exact probabilities, runs, students, and their teeth."""

import math
from dataclasses import replace
from fractions import Fraction
from itertools import combinations, product
from typing import Any

import numpy as np
import pytest
from scipy import stats

from synthetic.cases.setting import CaseSetting
from synthetic.desk import Options
from synthetic.parity import (
    catalogue_samples as catalogue,
    controls_samples,
    desk_words,
    exact_student,
)
from synthetic.parity.desk_labels import GrowthCase, Half
from synthetic.parity.desk_sampled import TeacherCase
from synthetic.parity.desk_words import LabelCase, failures, misread
from synthetic.parity.exact_queries import parities
from synthetic.parity.exact_samples import CheckpointCase, below, unseen
from synthetic.parity.exact_search import SearchCase, ambiguous
from synthetic.verify import judge_control, judge_setting
from theory import parity_network as network
from theory.claims import PARITY
from theory.errors import InputError
from theory.evidence import Engine
from theory.fourier import coefficient, gap
from theory.judge import Status

# Each sampled verdict errs with probability at most 1e-8; there are fewer than 50.
OPTIONS = Options(alpha=1e-8)
SETTINGS = {s.name: s for s in catalogue.settings("quick")}
CONTROLS = {f"{c.claim_id}: {c.label}": c for c in controls_samples.controls()}
TENTH = Fraction(1, 10)


def judged(setting: CaseSetting) -> dict[str, Any]:
    claims = list(PARITY.values())
    return {o.claim_id: o.verdict for o in judge_setting(setting, claims, OPTIONS)}


LONG = ("one neuron, growth with d",)


@pytest.mark.parametrize(
    "name",
    [pytest.param(s, marks=pytest.mark.slow if s in LONG else ()) for s in SETTINGS],
)
def test_what_is_true_holds_and_what_is_false_is_refuted(name: str) -> None:
    seen = judged(SETTINGS[name])
    assert any(v.status is not Status.NOT_APPLICABLE for v in seen.values())
    for claim_id, verdict in seen.items():
        allowed = {PARITY[claim_id].expected, Status.NOT_APPLICABLE}
        assert verdict.status in allowed, (claim_id, verdict.reason)
        if verdict.evidence is not None:
            sampled = verdict.evidence.engine is Engine.MONTE_CARLO
            assert verdict.evidence.error == (OPTIONS.alpha if sampled else 0)


@pytest.mark.parametrize("name", CONTROLS)
def test_every_control_is_refuted(name: str) -> None:
    control = CONTROLS[name]
    verdict = judge_control(control, PARITY[control.claim_id], OPTIONS).verdict
    assert verdict.status is Status.REFUTED, verdict.reason


def test_no_query_moves_more_than_all_and_parities_move_that() -> None:
    verdict = judged(SETTINGS["queries, d = 9, k = 3"])["parity.sq.parseval"]
    assert verdict.status is Status.HOLDS
    assert verdict.tightness == 1.0
    assert np.all(verdict.evidence.upper <= 1.0)


def test_a_query_is_what_its_expectation_says() -> None:
    setting = catalogue.queries(5, 2)
    (total, *_) = setting.measure(setting.offers, OPTIONS)["sq_sum"]
    x = np.array(list(product((1, -1), repeat=5)))[::-1]
    # Points in the order of `signs`: bit i of the index is coordinate i.
    index = ((1 - x) // 2) @ (1 << np.arange(5))
    table = setting.tables[0][:, :, index] / setting.unit
    worst = 0.0
    for h in table:
        fair = h.mean()
        told = [
            np.where(x[:, list(s)].prod(axis=1) == 1, h[0], h[1]).mean()
            for s in combinations(range(5), 2)
        ]
        worst = max(worst, float(np.sum((np.array(told) - fair) ** 2)))
    assert float(total) == pytest.approx(worst, rel=1e-12)  # a few roundings
    assert len(parities(5, 2)) == 10


def test_brute_force_needs_twenty_samples_of_455_sets() -> None:
    """Far fewer than d^(k-1) = 225, and than 455/15 = 30."""
    assert math.comb(15, 3) == 455
    columns = np.random.default_rng(0).integers(2**20, size=(15, 500))
    assert np.count_nonzero(ambiguous(columns, 3)) == 0  # 4.3e-4 each, 0.2 expected
    verdict = judged(SETTINGS["brute force, 20 samples"])["parity.search.all_learners"]
    assert verdict.status is Status.REFUTED
    assert verdict.evidence.lower[0] > 1.8


def test_all_samples_are_as_many_as_they_should_be() -> None:
    """For k = 1 another coordinate fits with probability 2^-n: an exact formula."""
    setting = replace(catalogue.searches(), cases=(SearchCase(2, 1, 6),))
    (failure,) = setting.measure(setting.offers, OPTIONS)["failure"]
    assert failure == Fraction(1, 64)


def test_checkpoints_need_the_known_numbers_of_samples() -> None:
    read, table = network.checkpoint_samples(29, 4, TENTH, TENTH)
    assert 32 * 100 * math.log(580) == pytest.approx(20361.69, abs=5e-3)
    assert (read, table) == (20362, 82)
    setting = replace(catalogue.sampled_checkpoints(), runs=20)
    case = TeacherCase(29, 4, TENTH, TENTH, Fraction(0), Fraction(3, 10))
    rng = np.random.default_rng(0)
    right = np.arange(29) < 4
    # each of the 20 fails with probability below 29 exp(-20362 (0.025)^2 / 2) = 0.05;
    # its exact tail is 1.8e-4 a coordinate
    assert sum(np.all(setting.reads(case, rng) == right) for _ in range(20)) == 20


@pytest.mark.parametrize(("c", "delta"), [("1", "0.5"), ("0.01", "0.001")])
def test_one_sample_less_is_no_certificate(c: str, delta: str) -> None:
    """`CheckpointSetting.lost` = 1 is rounding down: both bounds then exceed delta."""
    setting = catalogue.certificates()
    for lost, within in ((0, True), (1, False)):
        chosen = replace(setting, lost=lost)
        for d, k in ((9, 2), (1025, 8)):
            case = CheckpointCase(d, k, Fraction(c), Fraction(delta))
            (found,) = replace(chosen, cases=(case,)).measure(
                frozenset({"certificate"}), OPTIONS
            )["certificate"]
            assert (found.high <= 1) is within
            assert (found.low <= 1) is within


@pytest.mark.parametrize(("n", "p"), [(10, "1/3"), (1000, "11/20"), (20362, "21/40")])
def test_tails_are_those_of_scipy(n: int, p: str) -> None:
    chance = Fraction(p)
    for least in (0, 1, int(n * chance), int(n * chance * Fraction(97, 100)), n + 1):
        found = below(n, chance, least)
        assert 0 <= found.high - found.low <= Fraction(1, 2**200)
        expected = float(stats.binom.cdf(least - 1, n, float(chance)))
        assert float(found.low) == pytest.approx(expected, rel=1e-8)  # scipy's digits


def test_missed_cells_are_counted_right() -> None:
    draws = list(product(range(3), repeat=5))
    missed = sum(len(set(draw)) < 3 for draw in draws)
    assert unseen(3, 5) == Fraction(missed, len(draws))
    assert unseen(2, 1) == 1


def test_a_teacher_beyond_one_is_refused() -> None:
    with pytest.raises(InputError, match="up to"):
        TeacherCase(29, 4, TENTH, TENTH, TENTH / 2, Fraction(0))


def test_words_of_samples_say_what_single_samples_say() -> None:
    """`misread` against a loop over plain arrays with the same draws."""
    for d, k, n in ((9, 2, 100), (11, 4, 64), (7, 3, 1)):
        case, runs = LabelCase(d, k, n), 40
        found = misread(case, runs, np.random.default_rng(7))
        rng = np.random.default_rng(7)
        words = -(-n // 64)
        x = rng.integers(2**64, size=(d, runs, words), dtype=np.uint64)
        w = 1 - 2 * rng.integers(2, size=(d, runs, 1), dtype=np.uint64).astype(int)
        bits = (x[..., None] >> np.arange(64, dtype=np.uint64)) & np.uint64(1)
        signs = 1 - 2 * bits.reshape(d, runs, 64 * words)[:, :, :n].astype(int)
        y = signs[:k].prod(axis=0)
        on = (signs * w).sum(axis=0) > 0
        sums = np.abs((y * on * signs).sum(axis=2))
        assert np.array_equal(found, sums[:k].min(axis=0) <= sums[k:].max(axis=0))
        assert found.any()
        assert found.all() == (n < 100)


def test_the_mean_of_what_is_read_is_the_fourier_coefficient() -> None:
    """|sum|/n at many labels, within six standard deviations of xi."""
    d, k, n = 9, 2, 2**16
    rng = np.random.default_rng(3)
    x = 1 - 2 * rng.integers(2, size=(n, d))
    y = x[:, :k].prod(axis=1) * (x.sum(axis=1) > 0)
    means = np.abs(y @ x) / n
    inside, outside = (abs(float(coefficient(j, d))) for j in (k - 1, k + 1))
    assert np.max(np.abs(means[:k] - inside)) < 6 / math.sqrt(n)
    assert np.max(np.abs(means[k:] - outside)) < 6 / math.sqrt(n)


def test_labels_that_suffice_are_one_over_the_gap_squared() -> None:
    for d, k in ((9, 2), (11, 4)):
        n = network.label_samples(d, k, TENTH)
        assert n == math.ceil(8 / float(gap(k, d)) ** 2 * math.log(20 * d))


def test_exponents_join_the_numbers_of_labels() -> None:
    case = GrowthCase(
        few=Half(10, 2, 100, False),
        many=Half(100, 2, 1000, True),
        near=Half(10, 4, 100, True),
        far=Half(100, 4, 100_000, False),
    )
    assert list(case.exponents) == pytest.approx([1.0, 3.0])  # a few roundings


def test_runs_do_not_depend_on_how_they_fit_in_memory(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    case = LabelCase(9, 2, 200)
    shares = []
    for most in (36, 1 << 18):
        monkeypatch.setattr(desk_words, "MOST_WORDS", most)
        missed = failures(case, 600, np.random.default_rng(1))
        assert missed.shape == (600,)
        shares.append(missed.mean())
    # two independent samples of about 0.35: six standard deviations are 0.16
    assert abs(shares[0] - shares[1]) < 0.17


def test_students_start_alike_and_learn_something() -> None:
    case = catalogue.students(1).cases[0]
    still = exact_student.train(
        replace(case, steps=0), 0, (0, 1), lambda x: exact_student.from_labels(x, 4)
    )
    moved = exact_student.train(
        case, 0, (0, 1), lambda x: exact_student.from_labels(x, 4)
    )
    assert still.dtype == np.float32
    assert still.size == 40 * 16 + 40 + 40 + 1
    assert np.count_nonzero(still != moved) > 100


def test_a_student_descends_along_the_gradient_of_its_loss() -> None:
    """One step against a difference quotient in double precision."""
    case = replace(catalogue.students(1).cases[0], d=5, k=2, m=3, batch=8, steps=1)
    start = exact_student.train(
        replace(case, steps=0), 0, (0, 1), lambda x: exact_student.from_labels(x, 2)
    ).astype(np.float64)
    after = exact_student.train(
        case, 0, (0, 1), lambda x: exact_student.from_labels(x, 2)
    )
    draws = np.random.default_rng((0, 1))
    x = 1.0 - 2.0 * draws.integers(2, size=(8, 5), dtype=np.int8)
    y = x[:, :2].prod(axis=1)

    def loss(parameters: Any) -> float:
        hidden, bias = parameters[:15].reshape(3, 5), parameters[15:18]
        f = np.maximum(x @ hidden.T + bias, 0) @ parameters[18:21] + parameters[21]
        return float(np.mean(np.logaddexp(0, -y * f)))

    step = 1e-6
    gradient = [
        (loss(start + step * e) - loss(start - step * e)) / (2 * step)
        for e in np.eye(len(start))
    ]
    # single precision, and a quotient of 1e-6: five digits
    assert np.allclose((start - after) / 0.1, gradient, atol=2e-5)


def test_the_oracle_is_the_parity_and_hard_labels_are_its_labels() -> None:
    x = (1 - 2 * np.random.default_rng(0).integers(2, size=(256, 9))).astype(np.float32)
    for k in (1, 4, 9):
        logits = exact_student.oracle(x, k)
        assert np.array_equal(logits, x[:, :k].prod(axis=1))
        for tau in (0.0, 1e-20):
            told = exact_student.softened(logits, tau)
            assert np.array_equal(told, exact_student.from_labels(x, k))
            assert told.dtype == np.float32
        assert not np.isin(exact_student.softened(logits, 1.0), (0, 1)).any()


def test_one_wrong_label_is_seen_bit_by_bit() -> None:
    setting = catalogue.students(50)
    verdict = judged(replace(setting, wrong=0.01))
    assert verdict["parity.student.oneshot_hard_equals_ce"].status is Status.REFUTED
    assert judged(setting)["parity.student.oneshot_hard_equals_ce"].status is (
        Status.HOLDS
    )


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_another_seed_decides_as_well(seed: int) -> None:
    options = Options(seed=seed, alpha=1e-8)
    claims = list(PARITY.values())
    for name in ("brute force, few samples", "two checkpoints, drawn"):
        for outcome in judge_setting(SETTINGS[name], claims, options):
            assert outcome.verdict.status is Status.HOLDS


MUTANTS: dict[str, Any] = {
    "too few to read": lambda d, k, c, delta: network.Samples(100, 1000),
    "too few to fill": lambda d, k, c, delta: network.Samples(10**4, 2**k),
}


@pytest.mark.parametrize("name", MUTANTS)
def test_wrong_numbers_of_samples_are_refuted(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from synthetic.parity import exact_samples  # noqa: PLC0415 -- to be broken

    monkeypatch.setattr(exact_samples, "checkpoint_samples", MUTANTS[name])
    exact = catalogue.checkpoints()
    verdict = judged(replace(exact, cases=exact.cases[1:3]))
    assert verdict["parity.mid_checkpoint.samples"].status is Status.REFUTED


def test_every_true_claim_has_a_control_and_every_false_one_is_tried() -> None:
    from synthetic.catalogue import parity  # noqa: PLC0415 -- of both parts

    known = parity()
    have = {c.claim_id for c in known.controls if not c.hidden}
    true = {c.id for c in PARITY.values() if c.expected is Status.HOLDS}
    assert have == true
    assert len(PARITY) == 26
    assert len(PARITY) - len(true) == 6
    names = [s.name for s in known.settings]
    assert len(set(names)) == len(names)
