"""A run as a whole: what is counted, what is as expected, how alpha is split."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from synthetic import instances, mutants
from synthetic.catalogue.entry import Control
from synthetic.desk import Options
from synthetic.families import planted
from synthetic.losses import SQUARED
from synthetic.program import Asked, prepare
from synthetic.results import ClaimResult, Session
from synthetic.session import Task, num_sampled, run, tasks_for
from synthetic.setting import Setting
from synthetic.userdata import Request
from synthetic.verify import Outcome, judge_setting, plan
from theory.claims import POLYAK
from theory.errors import InputError
from theory.evidence import Engine
from theory.judge import Status, Verdict
from theory.method import IAM_P, SPS_STAR, Method, Target, iam_k

HOLDS, REFUTED = Status.HOLDS, Status.REFUTED
INCONCLUSIVE, NA = Status.INCONCLUSIVE, Status.NOT_APPLICABLE
TRUE, FALSE = POLYAK["sps.lipschitz.average"], POLYAK["sps.lastiterate.refuted"]
LINE = Setting(
    name="line",
    problem=instances.absolute(),
    method=SPS_STAR,
    x0=np.ones(1),
    horizon=3,
)


def outcome(
    status: Status,
    tightness: float | None = None,
    time: int | None = None,
    name: str = "a",
) -> Outcome:
    verdict = Verdict(status, "", tightness, None, time)
    return Outcome(TRUE.id, name, verdict, None, 0.25)


def result(
    *statuses: Status,
    expected: Status = HOLDS,
    controls: tuple[tuple[bool, Status], ...] = (),
    pending: int = 0,
) -> ClaimResult:
    """One outcome for each status; controls as (required, status)."""
    claim = TRUE if expected is HOLDS else FALSE
    made = [
        (
            Control(claim_id=claim.id, label="", setting=LINE, required=required),
            outcome(status),
        )
        for required, status in controls
    ]
    return ClaimResult(claim, [outcome(s) for s in statuses], made, pending)


CAUGHT, ESCAPED, UNSEEN = (True, REFUTED), (True, HOLDS), (False, HOLDS)
UNDECIDED = (True, INCONCLUSIVE)

# What was found; its status; whether as expected; its exit code.
RESULTS: dict[str, tuple[ClaimResult, Status, bool, int]] = {
    "holds": (result(HOLDS, NA), HOLDS, True, 0),
    "one refuted": (result(HOLDS, INCONCLUSIVE, REFUTED), REFUTED, False, 1),
    "one undecided": (result(HOLDS, INCONCLUSIVE), INCONCLUSIVE, False, 3),
    "tried nowhere": (result(), NA, False, 3),
    "applies nowhere": (result(NA, NA), NA, False, 3),
    "false, refuted": (result(HOLDS, REFUTED, expected=REFUTED), REFUTED, True, 0),
    "false, not refuted": (result(HOLDS, expected=REFUTED), HOLDS, False, 1),
    "false, undecided": (
        result(INCONCLUSIVE, expected=REFUTED),
        INCONCLUSIVE,
        False,
        3,
    ),
    "control caught": (result(HOLDS, controls=(CAUGHT,)), HOLDS, True, 0),
    "control escaped": (result(HOLDS, controls=(CAUGHT, ESCAPED)), HOLDS, False, 1),
    "control undecided": (result(HOLDS, controls=(UNDECIDED,)), HOLDS, False, 1),
    "control that data cannot see": (result(HOLDS, controls=(UNSEEN,)), HOLDS, True, 0),
    "undecided and escaped": (
        result(INCONCLUSIVE, controls=(ESCAPED,)),
        INCONCLUSIVE,
        False,
        1,
    ),
    "pending": (result(HOLDS, pending=1), HOLDS, False, 3),
}


@pytest.mark.parametrize("name", RESULTS)
def test_a_claims_result_is_what_was_found(name: str) -> None:
    found, status, as_expected, code = RESULTS[name]
    assert found.status is status
    assert found.as_expected is as_expected
    assert found.exit_code() == code


def test_controls_are_counted_as_caught_or_escaped() -> None:
    found = result(HOLDS, controls=(CAUGHT, ESCAPED, UNSEEN, UNDECIDED, CAUGHT))
    assert found.caught == 2
    assert [o.verdict.status for o in found.escaped] == [HOLDS, INCONCLUSIVE]
    assert found.seconds == 6 * 0.25
    assert len(result(HOLDS, NA, REFUTED).judged) == 2


def session(*results: ClaimResult, interrupted: bool = False) -> Session:
    numbered = {str(k): r for k, r in enumerate(results)}
    return Session(numbered, Options(), 1e-6, interrupted=interrupted)


def test_exit_codes_rank_wrong_before_undecided_before_well() -> None:
    well, wrong, undecided = result(HOLDS), result(REFUTED), result(INCONCLUSIVE)
    assert session(well, well).exit_code() == 0
    assert session(well, undecided).exit_code() == 3
    assert session(undecided, wrong, well).exit_code() == 1
    assert session(wrong, interrupted=True).exit_code() == 130
    assert session().exit_code() == 3  # nothing judged is nothing known


def test_the_tightest_outcome_is_the_witness() -> None:
    a = [
        outcome(HOLDS, 0.5, 9, "a"),
        outcome(HOLDS, 0.75, 1, "b"),
        outcome(HOLDS, 0.75 + 1e-11, 3, "c"),  # equal to nine digits: the longer run
        outcome(HOLDS, 0.75 - 1e-11, 7, "d"),
        outcome(HOLDS, None, 9, "e"),
        outcome(NA, 2.0, 9, "f"),
    ]
    found = ClaimResult(TRUE, a).tightest
    assert found is not None
    assert found.setting == "d"
    refuted = ClaimResult(TRUE, [*a, outcome(REFUTED, 0.1, 0, "g")]).tightest
    assert refuted is not None
    assert refuted.setting == "g"
    only = ClaimResult(TRUE, [outcome(HOLDS, None, None, "h")]).tightest
    assert only is not None
    assert ClaimResult(TRUE).tightest is None


def test_claims_that_apply_nowhere_are_set_aside_on_a_users_data() -> None:
    idle, busy = result(NA), result(HOLDS, expected=REFUTED)
    made = Session({idle.claim.id: idle, busy.claim.id: busy}, Options(), 1e-6)
    made.set_idle_aside()
    assert made.idle == [idle]
    assert list(made.results) == [busy.claim.id]
    alone = Session({idle.claim.id: idle}, Options(), 1e-6)
    alone.set_idle_aside()
    assert alone.exit_code() == 3


def table(tmp_path: Path) -> Path:
    rng = np.random.default_rng(3)
    path = tmp_path / "table.csv"
    rows = [",".join(f"{x:.3f}" for x in rng.standard_normal(3)) for _ in range(8)]
    path.write_text("a,b,y\n" + "\n".join(rows) + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("pattern", "engine"),
    [
        ("sps.fejer.pathwise", "montecarlo"),
        ("sps.batch", "auto"),
    ],
)
def test_data_on_which_nothing_was_judged_exit_with_3(
    pattern: str, engine: str, tmp_path: Path
) -> None:
    request = Request(str(table(tmp_path)), "squared", horizon=5)
    job = prepare([pattern], request, Asked(engine=engine))
    found = job.run(lambda _done, _total: None)
    assert not found.results
    assert found.exit_code() == 3
    if engine == "montecarlo":
        (idle,) = found.idle
        reasons = {o.verdict.reason for o in idle.outcomes}
        assert "the engine 'montecarlo' cannot judge it here" in reasons


def test_an_engine_that_cannot_judge_a_claim_says_so_and_no_more() -> None:
    for claim_id, engine, named in (
        ("sps.fejer.pathwise", "montecarlo", True),
        ("sps.lipschitz.average", "pathwise", True),
        ("sps.lastiterate.refuted", "montecarlo", False),
    ):
        (only,) = judge_setting(LINE, [POLYAK[claim_id]], Options(engine=engine))
        assert only.verdict.status is NA
        expected = f"the engine {engine!r} cannot judge it here"
        assert (only.verdict.reason == expected) == named


def large(method: Method = SPS_STAR) -> Setting:
    """Too many paths for a tree: 40^5."""
    problem = planted(SQUARED, num_components=40, dim=2, noise=1.0, seed=1)
    return Setting(
        name="large", problem=problem, method=method, x0=np.ones(2), horizon=6
    )


def test_alpha_is_split_over_all_sampled_pairs_and_over_nothing_else() -> None:
    ids = ("sps.lipschitz.average", "sps.lipschitz.best", "sps.fejer.pathwise")
    claims = [POLYAK[name] for name in ids]
    control = Control(
        claim_id=ids[0], label="half", setting=large(), sharpen=0.5, required=False
    )
    tasks = tasks_for(claims, (LINE, large()), (control,))
    assert len(tasks) == 3
    assert num_sampled(tasks, "auto") == 3  # two claims and one control
    assert num_sampled(tasks[:2], "pathwise") == 0
    assert num_sampled(tasks[:2], "montecarlo") == 4  # on the line too
    done = run(tasks, Options(alpha=3e-4, max_replicas=256))
    assert done.alpha_each == 3e-4 / 3
    assert done.options.alpha == 3e-4
    errors = {
        (name, o.setting): o.verdict.evidence.error
        for name, r in done.results.items()
        for o in [*r.outcomes, *(pair[1] for pair in r.controls)]
        if o.verdict.evidence is not None
    }
    assert errors[ids[0], "large"] == errors[ids[1], "large"] == 3e-4 / 3
    assert errors[ids[2], "large"] == errors[ids[0], "line"] == 0.0
    assert run([], Options(alpha=3e-4)).alpha_each == 3e-4


def test_a_run_counts_its_outcomes_controls_and_what_is_pending() -> None:
    fejer = POLYAK["iam.fejer"]
    line = replace(LINE, method=IAM_P)
    controls = tuple(
        Control(claim_id=fejer.id, label=label, setting=wrong)
        for label, wrong in (
            ("twice the step", replace(line, actual_method=mutants.scaled(IAM_P, 2.5))),
            ("a blind spot", replace(line, actual_method=iam_k(9.0))),
        )
    )
    settings = (replace(line, name="z"), replace(line, name="b"), LINE)
    tasks = tasks_for([fejer], settings, controls)
    assert len(tasks) == 4  # SPS* is none of IAM's
    seen: list[tuple[int, int]] = []
    done = run(tasks, Options(), progress=lambda *now: seen.append(now))
    assert seen == [(1, 4), (2, 4), (3, 4), (4, 4)]
    (found,) = done.results.values()
    assert (found.status, found.pending, found.caught) == (HOLDS, 0, 1)
    assert [o.setting for o in found.outcomes] == ["b", "z"]
    assert [c.label for c, _ in found.controls] == ["a blind spot", "twice the step"]
    assert [o.control for o in found.escaped] == ["a blind spot"]
    assert done.exit_code() == 1

    def interrupt(now: int, _total: int) -> None:
        if now == 3:
            raise KeyboardInterrupt

    stopped = run(tasks, Options(), progress=interrupt)
    (partial,) = stopped.results.values()
    assert stopped.interrupted
    assert (partial.pending, len(partial.outcomes), len(partial.controls)) == (1, 2, 1)
    assert not partial.as_expected
    assert stopped.exit_code() == 130


def test_results_come_in_the_order_of_the_registry() -> None:
    names = ["sps.lipschitz.best", "sps.ball", "sps.fejer.pathwise"]
    done = run([Task(LINE, tuple(names))], Options())
    assert list(done.results) == [
        "sps.fejer.pathwise",
        "sps.ball",
        "sps.lipschitz.best",
    ]


def test_engines_are_tried_from_the_strongest() -> None:
    average, fejer, best = (
        TRUE,
        POLYAK["sps.fejer.pathwise"],
        POLYAK["sps.lipschitz.best"],
    )
    closed = replace(
        large(), closed=lambda t: {"gap": np.ones(len(t))}, target=Target()
    )
    for claim, setting, engine in (
        (average, closed, Engine.CLOSED),
        (
            best,
            closed,
            None,
        ),  # its closed form is not known, and sampling would be slow
        (average, LINE, Engine.TREE),
        (fejer, LINE, Engine.TREE),
        (fejer, large(), Engine.PATHWISE),
        (average, large(), Engine.MONTE_CARLO),
        (FALSE, large(), None),
        (average, replace(large(), order=np.zeros(5, dtype=np.int64)), Engine.TREE),
    ):
        assert plan(claim, setting) is engine


def test_false_statements_alone_are_refused_on_data(tmp_path: Path) -> None:
    request = Request(str(table(tmp_path)), "squared", horizon=5)
    with pytest.raises(InputError, match="Only false statements match"):
        prepare(["sps.lastiterate.refuted"], request, Asked())
