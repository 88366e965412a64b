"""The planner: brute force, budgets that add up, words, and what it refuses."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

import ratecheck
from synthetic.scaling import plan_words
from synthetic.scaling.enclose import Budget
from synthetic.scaling.optimal import best_plan, log_loss
from synthetic.scaling.plan import Decision, decide, draws, plan
from synthetic.scaling.request import Request, Teacher, scenario_of, teacher_of
from theory.scaling_coefficients import PUBLISHED
from theory.scaling_flops import (
    BEST_CASE,
    BOTH,
    CORRECTED,
    INFERENCE,
    PRETRAINING,
    SCENARIOS,
    Scenario,
    distillation,
    forward,
)
from theory.scaling_law import student_loss, supervised_loss

ROOT = Path(__file__).resolve().parents[1]


def fine_grid(budget: Budget) -> float:
    """The least L_S of 1.5 million plans, each of which spends the budget."""
    sizes = np.linspace(np.log(1e7), np.log(1e12), 900)[:, None]
    logits = np.linspace(-14.0, 14.0, 1700)[None, :]
    if not budget.scenario.pretraining:
        logits = np.full((1, 1), -np.inf)
    return float(np.exp(log_loss(PUBLISHED, budget, sizes, logits).min()))


@pytest.mark.parametrize("scenario", [INFERENCE, PRETRAINING, BOTH])
@pytest.mark.parametrize(("N", "C"), [(3e8, 1e21), (1e10, 1e24)])
def test_the_plan_is_that_of_brute_force(
    N: float, C: float, scenario: Scenario
) -> None:
    budget = Budget(N, C, scenario)
    found, grid = best_plan(PUBLISHED, budget).loss, fine_grid(budget)
    assert found <= grid + 1e-9
    assert grid - found < 1e-4


@given(
    st.floats(8.0, 10.5),
    st.floats(20.0, 25.0),
    st.sampled_from(SCENARIOS[1:]),
    st.integers(1, 50),
)
@settings(max_examples=20, deadline=None)
def test_plans_spend_the_budget_and_their_loss_is_the_laws(
    size: float, compute: float, scenario: Scenario, students: int
) -> None:
    request = Request(10**size, 10**compute, students=students, scenarios=(scenario,))
    found = plan(request).answers[0].plan
    spent = distillation(
        (request.N, found.D_S), (found.N_T, found.D_T), request.priced(scenario)
    )
    assert spent == pytest.approx(request.compute, rel=1e-9)
    assert sum(found.shares) == pytest.approx(1.0)
    teacher = supervised_loss(PUBLISHED, found.N_T, found.D_T)
    assert found.teacher_loss == pytest.approx(teacher)
    loss = student_loss(PUBLISHED, request.N, found.D_S, teacher)
    assert found.loss == pytest.approx(loss, abs=1e-12)


def test_a_given_teacher_leaves_the_rest_to_the_student() -> None:
    teacher = Teacher(7.75e9, 512e9)
    request = Request(1e9, 1e23, teacher, scenarios=SCENARIOS)
    for answer in plan(request).answers:
        scenario = scenario_of(answer.scenario)
        spent = distillation((1e9, answer.plan.D_S), (7.75e9, 512e9), scenario)
        assert spent == pytest.approx(1e23)
        assert round(answer.plan.teacher_loss, 4) == 1.9329


def test_a_teachers_budget_is_spent_as_well_as_it_can_be() -> None:
    request = Request(1e9, 1e22, teacher_budget=1e22, scenarios=(INFERENCE,))
    found = plan(request).answers[0].plan
    assert 3 * forward(found.N_T) * found.D_T == pytest.approx(1e22)
    for factor in (0.9, 1.1):
        N_T = found.N_T * factor
        other = Teacher(N_T, 1e22 / (3 * float(forward(N_T))))
        worse = plan(Request(1e9, 1e22, other, scenarios=(INFERENCE,))).answers[0]
        assert worse.plan.loss > found.loss


def test_sharing_a_teacher_helps_and_tends_to_having_one() -> None:
    losses = [
        plan(Request(1e9, 1e22, students=k, scenarios=(BOTH,))).answers[0].plan.loss
        for k in (1, 2, 10, 100, 10**6)
    ]
    assert losses == sorted(losses, reverse=True)
    free = best_plan(PUBLISHED, Budget(1e9, 1e22, INFERENCE)).loss  # of any tokens
    assert free <= losses[-1] < free + 2e-4


def test_decisions() -> None:
    assert decide(0.05, (0.01, 0.1), 2.0) is Decision.DISTIL
    assert decide(-0.05, (-0.1, -0.01), 2.0) is Decision.DO_NOT
    assert decide(0.05, (-0.01, 0.1), 2.0) is Decision.CLOSE
    assert decide(0.0199, (0.01, 0.1), 2.0) is Decision.CLOSE


@pytest.mark.parametrize(
    ("request_", "decision", "leaning"),
    [
        (Request(5e8, 3e20, scenarios=(BEST_CASE,)), Decision.DISTIL, Decision.DISTIL),
        (Request(2e9, 1e21, scenarios=(BOTH,)), Decision.DO_NOT, Decision.DO_NOT),
        (Request(1e9, 1e22, scenarios=(BOTH,)), Decision.OUTSIDE, Decision.DO_NOT),
        (Request(5e8, 1e21, scenarios=(INFERENCE,)), Decision.CLOSE, Decision.CLOSE),
    ],
)
def test_every_decision_is_reached(
    request_: Request, decision: Decision, leaning: Decision
) -> None:
    answer = plan(request_).answers[0]
    assert (answer.decision, answer.leaning) == (decision, leaning)
    assert bool(answer.outside) == (decision is Decision.OUTSIDE)
    assert leaning.value.split()[0] in plan_words.sentence(answer)


def test_what_is_outside_the_range_is_named() -> None:
    small = plan(Request(1e8, 1e20, scenarios=(BEST_CASE,))).answers[0]
    assert "a student of 1e+08 parameters" in " ".join(small.outside)
    long = plan(Request(1e9, 1e23, scenarios=(BOTH,))).answers[0]
    words = " ".join(long.outside)
    assert "supervised tokens" in words
    assert "student's tokens" in words
    weak = Request(1e9, 1e21, Teacher(1e8, 1e9), scenarios=(BEST_CASE,))
    words = " ".join(plan(weak).answers[0].outside)
    assert "a teacher of 1e+08" in words
    assert "teacher's tokens" in words
    assert "a teacher with L = 3.1" in words


def test_draws_have_the_printed_intervals() -> None:
    drawn = draws()
    low, high = np.quantile(drawn.distilled.c0, (0.05, 0.95))
    assert (low, high) == pytest.approx((2.454, 2.644), abs=0.02)
    assert np.all(drawn.distilled.c1 == 522.6)
    assert np.exp(drawn.supervised.log_E).mean() == pytest.approx(1.22, abs=0.003)


def test_sizes_with_embeddings() -> None:
    for N in (1.5e8, 1e9, 1e11):
        total = N + CORRECTED.embedding(N)
        assert CORRECTED.without_embedding(total) == pytest.approx(N, rel=1e-12)


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["--teacher", "7e9"], "Need a teacher as PARAMETERS@TOKENS"),
        (["--teacher", "7e9@x"], "Need a teacher as PARAMETERS@TOKENS"),
        (["--teacher", "7e9@1e9@2"], "Need a teacher as PARAMETERS@TOKENS"),
        (["--teacher", "nan@1e9"], "Need a teacher of 100000 to 1e+14"),
        (["--teacher", "7e9@0"], "Need a teacher tokens of 1 to 1e+20"),
        (["--teacher", "7e9@5e11", "--teacher-budget", "1e22"], "got both"),
        (["--teacher-budget", "nan"], "Need a teacher budget of"),
        (
            ["--teacher", "7e9@5e11", "--scenario", "both"],
            "Need more compute than the teacher's training",
        ),
        (["--teacher-budget", "1e22"], "Need more compute than the teacher's training"),
        (["--students", "0"], "Need students >= 1, got 0"),
        (["--scenario", "free"], "Need a scenario out of best, inference"),
        (["--student", "-1"], "Need a student of"),
        (["--student", "inf", "--embedding"], "Need a student of"),
        (["--compute", "1e40"], "Need a compute of 1e+12"),
        (["--student", "1e13", "--compute", "1e12"], "at least one token"),
        (["--teacher", "1e14@1", "--compute", "1e14"], "at least one token"),
    ],
)
def test_bad_input_is_refused(
    args: list[str], words: str, capfd: pytest.CaptureFixture[str]
) -> None:
    base = {"--student": "1e9", "--compute": "1e21"}
    rest = [x for k, v in base.items() if k not in args for x in (k, v)]
    assert ratecheck.main(["scaling", "plan", *rest, *args]) == 2
    assert words in capfd.readouterr().err.replace("\n", " ")


def test_the_command_prints_a_plan(capfd: pytest.CaptureFixture[str]) -> None:
    args = ["scaling", "plan", "--student", "2e9", "--compute", "1e21"]
    assert ratecheck.main(args) == 0
    said = capfd.readouterr()
    assert "Supervised: 7.14e+10 tokens, loss 2.1830" in said.out
    assert "do not distil: the loss is" in said.out
    assert "a guide and no bound" in said.err


def test_the_command_prints_json(capfd: pytest.CaptureFixture[str]) -> None:
    args = ["scaling", "plan", "--student", "1e9", "--compute", "1e22", "--json"]
    assert ratecheck.main(args) == 0
    found = json.loads(capfd.readouterr().out)
    losses = {a["scenario"]: round(a["plan"]["loss"], 4) for a in found["answers"]}
    assert losses["both"] == 2.1655
    assert losses["best"] == 2.1309
    assert found["answers"][0]["plan"]["N_T"] is None


def test_a_plan_loads_nothing_heavy() -> None:
    code = (
        "import sys, ratecheck\n"
        "ratecheck.main(['scaling', 'plan', '--student', '1e9', '--compute', '1e21'])\n"
        "heavy = {'numba', 'torch', 'scipy', 'sklearn', 'matplotlib', 'pandas'}\n"
        "print(sorted(heavy & sys.modules.keys()))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines()[-1] == "[]"


def test_teachers_are_read() -> None:
    assert teacher_of("7e9@512e9") == Teacher(7e9, 512e9)
