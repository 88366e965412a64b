"""The hunt: it finds what is false and no more, and nothing of it is taken on trust."""

import dataclasses
import math
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from synthetic import instances
from synthetic.desk import Options
from synthetic.hunt import plain, search as searching
from synthetic.hunt.certificate import certified
from synthetic.hunt.cli import app
from synthetic.hunt.evolution import Evolution
from synthetic.hunt.quest import Quest, quest
from synthetic.hunt.report import Hunt, hunt
from synthetic.hunt.rounds import Catch, Round, run_round
from synthetic.hunt.score import UNFIT, score
from synthetic.hunt.search import Effort, Found, search
from synthetic.hunt.shapes import PAIRS, Maxima
from synthetic.hunt.tape import Tape
from synthetic.problems.base import FloatArray
from synthetic.problems.nonconvex import Valleys
from synthetic.problems.polyhedral import Polyhedral
from synthetic.setting import Setting
from synthetic.verify import judge_setting
from theory import claims as registry
from theory.errors import InputError
from theory.judge import Status
from theory.method import IAM_P, SPS_STAR

LAST = "sps.lastiterate.refuted"
AVERAGE = "sps.lipschitz.average"


def caught(asked: Quest, evaluations: int = 1000, seed: int = 0) -> Hunt:
    return hunt(asked, Effort(seed, 300.0, evaluations, jobs=1))


@pytest.fixture(scope="module")
def refutation() -> Hunt:
    return caught(quest(LAST))


def test_the_false_last_iterate_is_refuted_by_the_search_alone(
    refutation: Hunt,
) -> None:
    verdict = refutation.checked.outcome.verdict
    assert verdict.status is Status.REFUTED
    assert "confirmed in 50 digits" in verdict.reason
    assert refutation.exit_code == 0  # it is expected to be false
    assert refutation.checked.digits is not None
    assert float(refutation.checked.digits) > 1.001


def test_what_is_shown_is_small_and_round(refutation: Hunt) -> None:
    setting = refutation.trophy.setting
    assert (setting.horizon, setting.problem.dim) == (2, 2)
    numbers = np.concatenate([setting.x0, np.ravel(plain_pieces(setting))])
    assert np.all(np.abs(np.round(600 * numbers) / 600 - numbers) < 1e-12)


def plain_pieces(setting: Setting) -> FloatArray:
    assert isinstance(setting.problem, Polyhedral)
    return setting.problem.pieces


def test_no_counterexample_exceeds_the_proved_supremum(refutation: Hunt) -> None:
    """With two points it is 4 sqrt 2/(3 sqrt 3), attained by a wedge."""
    exact = 4.0 * math.sqrt(2.0) / (3.0 * math.sqrt(3.0))
    assert refutation.trophy.ratio <= exact * (1 + 1e-12)
    best = caught(quest(LAST, horizon=2), 1500)
    assert 0.999 * exact < best.found.ratio <= exact * (1 + 1e-12)


def test_a_corrected_bound_is_not_refuted() -> None:
    """1.09 of the bound is true for two points, and 1.08 of it is not."""
    found = caught(quest(LAST, horizon=2, scale=1.09), 1500)
    assert found.status is Status.HOLDS
    assert 0.99 < found.found.ratio < 1.0
    found = caught(quest(LAST, horizon=2, scale=1.08), 1500)
    assert found.status is Status.REFUTED


def test_a_scaled_bound_that_is_tight_falls() -> None:
    found = caught(quest("sps.smooth.interp_sum", scale=0.9), 500)
    assert found.status is Status.REFUTED
    assert found.exit_code == 0  # nobody expects 0.9 of the bound to hold


def test_a_true_bound_that_was_loosened_away_counts_as_a_failure() -> None:
    """Teeth of the exit code: what is expected to hold and falls is 1."""
    found = caught(quest("sps.smooth.interp_sum", scale=0.9), 500)
    expected = dataclasses.replace(found, asked=quest("sps.smooth.interp_sum"))
    assert expected.exit_code == 1


@pytest.mark.parametrize("drop", ["convex", "i.i.d. draws", "exact targets"])
def test_without_a_hypothesis_that_is_needed_the_bound_falls(drop: str) -> None:
    found = caught(quest(AVERAGE, drop=drop), 1500)
    assert found.status is Status.REFUTED
    assert found.exit_code == 0
    whole = dataclasses.replace(found.trophy.quest, dropped=None)
    (outcome,) = judge_setting(found.trophy.setting, [whole.claim()], Options())
    assert outcome.verdict.status is Status.NOT_APPLICABLE
    assert outcome.verdict.reason.startswith(f"{drop}:")


def test_a_hypothesis_that_no_family_can_do_without_says_so() -> None:
    with pytest.raises(InputError, match="is made of its constants"):
        quest(AVERAGE, drop="bounded second moment on the ball")
    with pytest.raises(InputError, match="No family of nonconvex components"):
        quest("sps.smooth.interp", drop="convex")
    with pytest.raises(InputError, match="Did you mean 'exact targets'"):
        quest(AVERAGE, drop="exact target")


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["nothing.like.this"], "No claim matches"),
        (["kd.noise"], "SPS* and IAM alone"),
        ([AVERAGE, "--budget", "0"], "budget of more than 0 s"),
        ([AVERAGE, "--scale", "0"], "scale > 0"),
        ([AVERAGE, "--scale", "nan"], "scale > 0"),
        ([AVERAGE, "--horizon", "1"], "2 <= horizon"),
        ([AVERAGE, "--horizon", "99"], "2 <= horizon"),
        ([AVERAGE, "--evaluations", "0"], "at least 1 evaluation"),
        ([AVERAGE, "--jobs", "0"], "1 to 64 jobs"),
        ([AVERAGE, "--seed", "-1"], "seed from 0"),
        ([AVERAGE, "--drop", "convexity"], "no hypothesis 'convexity'"),
        ([AVERAGE, "--json", "/nowhere/at/all.json"], "does not exist"),
    ],
)
def test_bad_input_is_refused_with_its_remedy(arguments: list[str], why: str) -> None:
    result = call(*arguments)
    assert result.exit_code == 2
    assert why in " ".join(result.output.split())


def call(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["hunt", *arguments])


def test_a_hunt_repeats_itself() -> None:
    first, again = (run_round(Round(1, 300), quest(LAST), 7, math.inf) for _ in "ab")
    other = run_round(Round(1, 300), quest(LAST), 8, math.inf)
    assert first.ratio == again.ratio != other.ratio
    assert first.setting is not None
    assert again.setting is not None
    assert plain.to_plain(first.setting) == plain.to_plain(again.setting)


def test_the_outcome_does_not_depend_on_who_is_faster(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    good = dict.fromkeys((2, 3, 5), 1.5) | {5: 9.0}

    def finishing(order: Iterable[int]) -> Found:
        def completed(*_: Any) -> Iterator[tuple[Round, Catch]]:
            for k in order:
                yield Round(k), Catch(good.get(k, k / 10), None, 1)

        monkeypatch.setattr(searching, "completed", completed)
        return search(quest(LAST), Effort())

    assert finishing([5, 3, 2, 0, 1, 4]).ratio == finishing(range(6)).ratio == 1.5


@pytest.mark.parametrize(
    ("claim_id", "setting"),
    [
        (AVERAGE, (instances.linf(4), np.ones(4), SPS_STAR)),
        ("iam.lipschitz.last", (instances.absolute(2), np.ones(2), IAM_P)),
        ("sps.strong.smooth_interp", (instances.coord_quad(1.0, 1.0), np.ones(2))),
    ],
)
def test_the_objective_is_the_tightness_of_the_desk(
    claim_id: str, setting: tuple[Any, ...]
) -> None:
    problem, x0, *method = setting
    at = Setting(
        name="here", problem=problem, x0=x0, method=(*method, SPS_STAR)[0], horizon=4
    )
    claim = quest(claim_id).claim()
    (outcome,) = judge_setting(at, [claim], Options())
    assert outcome.verdict.tightness is not None
    assert score(claim, at) == pytest.approx(outcome.verdict.tightness, rel=1e-14)


def test_what_does_not_meet_the_hypotheses_scores_nothing() -> None:
    claim = quest("sps.smooth.interp").claim()
    kinked = Setting(
        name="kinked",
        problem=instances.linf(4),
        method=SPS_STAR,
        x0=np.ones(4),
        horizon=4,
    )
    assert score(claim, kinked) == UNFIT
    still = dataclasses.replace(kinked, x0=np.zeros(4))
    assert score(quest(AVERAGE).claim(), still) == UNFIT


@pytest.mark.parametrize("claim_id", registry.POLYAK)
def test_every_claim_has_a_family(claim_id: str) -> None:
    asked = quest(claim_id)
    assert any(
        run_round(Round(number, 64), asked, 0, math.inf).setting is not None
        for number in range(40)
    )


def test_a_certificate_is_exact() -> None:
    """A subgradient sum of 1e-16 is no proof: the comparator may be any point."""
    shape = Maxima(4, 2, PAIRS, has_offsets=True)
    problem, _ = shape.build(Tape(shape.start(np.random.default_rng(3))))
    assert isinstance(problem, Polyhedral)
    assert problem.minimiser.gap == 0
    bent = problem.pieces.copy()
    bent[0, 0, 0] = np.nextafter(bent[0, 0, 0], 2.0)
    assert certified(dataclasses.replace(problem, pieces=bent)).gap == math.inf
    assert certified(instances.wedge(30.0)).gap == 0
    assert certified(instances.coord_quad(1.0, 2.0)).gap == 0


def test_valleys_are_the_lesser_of_their_maxima() -> None:
    rng = np.random.default_rng(0)
    pieces, offsets = rng.standard_normal((3, 2, 2, 2)), rng.standard_normal((3, 2, 2))
    common: dict[str, Any] = {
        "name": "",
        "weights": np.array([0.5, 0.25, 0.25]),
        "minimiser": certified(instances.absolute(2)),
    }
    valleys = Valleys(**common, convex=False, pieces=pieces, offsets=offsets)
    banks = [
        Polyhedral(**common, pieces=pieces[:, b], offsets=offsets[:, b])
        for b in range(2)
    ]
    x = rng.standard_normal((50, 2))
    losses = np.stack([bank.losses(x) for bank in banks])
    assert np.array_equal(valleys.losses(x), losses.min(axis=0))
    slopes = 0.0
    for i in range(3):
        drawn = np.full(50, i)
        loss, slope = valleys.component(drawn, x)
        lesser = losses[:, :, i].argmin(axis=0)
        each = np.stack([bank.component(drawn, x)[1] for bank in banks])
        assert np.array_equal(loss, losses[:, :, i].min(axis=0))
        assert np.array_equal(slope, each[lesser, np.arange(50)])
        slopes = slopes + valleys.weights[i] * slope
    assert valleys.gradient(x) == pytest.approx(slopes)
    steepest = np.linalg.norm(pieces, axis=-1).max(axis=(1, 2))
    assert valleys.ball(1.0).lipschitz == pytest.approx(steepest)


def test_a_valley_below_the_value_at_the_origin_is_no_minimum_there() -> None:
    """min(max(x, 0), max(1 - 3x, c)) is 0 at 0, and nowhere below if c >= 0 alone."""

    def valley(floor: float) -> Valleys:
        return Valleys(
            name="valley",
            weights=np.ones(1),
            minimiser=certified(instances.absolute(1)),
            convex=False,
            pieces=np.array([[[[1.0], [0.0]], [[-3.0], [0.0]]]]),
            offsets=np.array([[[0.0, 0.0], [1.0, floor]]]),
        )

    lower = valley(-0.5)
    assert lower.losses(np.array([[0.0], [0.4]])).ravel() == pytest.approx([0.0, -0.2])
    assert certified(lower).gap == math.inf
    assert certified(valley(0.0)).gap == 0


@pytest.mark.parametrize("turn", [0.0, 1.0])
def test_the_evolution_finds_a_maximum_of_a_kinked_ridge(turn: float) -> None:
    """Also where it is turned away from the axes and badly scaled."""
    mix = np.eye(4) + turn * np.random.default_rng(1).standard_normal((4, 4))

    def value(x: FloatArray) -> float:
        return -float(np.sum(np.array([1, 10, 100, 1000]) * np.abs(mix @ (x - 1.0))))

    evolution = Evolution(np.zeros(4), np.random.default_rng(2))
    best = max(evolution.step(value)[0] for _ in range(600))
    assert best > -1e-3
