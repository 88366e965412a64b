"""A budget of time: what is done counts, what is not is said, and claims finish."""

import json
import math
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from synthetic import pool, session
from synthetic.catalogue import catalogue, polyak_settings
from synthetic.cli import app
from synthetic.desk import Options
from synthetic.pool import Deadline, completed
from synthetic.results import EXIT_INCONCLUSIVE, EXIT_UNEXPECTED, ClaimResult
from synthetic.verify import judge_control, judge_setting, plan
from theory import claims as registry
from theory.evidence import Engine
from theory.judge import Status


def call(*args: object) -> Result:
    return CliRunner().invoke(app, [str(arg) for arg in args])


class Clock:
    """Time that advances by a second whenever someone looks."""

    def __init__(self) -> None:
        self.now = -1.0

    def __call__(self) -> float:
        self.now += 1.0
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    ticking = Clock()
    monkeypatch.setattr(pool, "monotonic", ticking)
    return ticking


def test_nothing_starts_after_the_deadline(clock: Clock) -> None:
    deadline = Deadline(3.0, start=clock())
    done = [task for task, _ in completed([1, 2, 3, 4], lambda k: k, 1, deadline)]
    assert done == [1, 2]  # asked at 1 s and 2 s; at 3 s it is too late


def test_without_a_budget_everything_is_done(clock: Clock) -> None:
    tasks = list(range(50))
    assert [k for k, _ in completed(tasks, lambda k: k, 1, Deadline())] == tasks
    assert clock.now == 0.0  # which only the deadline's start asked for


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_spent_budget_exits_3_and_says_what_is_undone(
    jobs: int, tmp_path: Path
) -> None:
    file = tmp_path / "found.json"
    args = ("sps.lipschitz", "--jobs", jobs, "--budget", "1e-9", "--json", file)
    result = call("verify", *args)
    assert result.exit_code == 3, result.output
    assert "budget of 1e-09 s is spent" in result.stdout
    record = json.loads(file.read_text(encoding="utf-8"))
    assert record["budget"] == 1e-9
    assert record["exit_code"] == 3
    assert record["interrupted"] is False
    known = catalogue()
    wanted = registry.find(["sps.lipschitz"])
    tasks = session.tasks_for(wanted, known.settings, known.controls)
    assert record["pending"] == len(tasks)
    assert all(claim["pending"] and not claim["settings"] for claim in record["claims"])


def test_on_data_what_is_undone_is_not_called_inapplicable(tmp_path: Path) -> None:
    file = tmp_path / "mine.csv"
    file.write_text("a,b\n1,2\n2,1\n3,5\n4,3\n", encoding="utf-8")
    data = ("--data", file, "--loss", "squared", "--horizon", 5)
    result = call("verify", "sps.lipschitz", *data, "--budget", "1e-9")
    assert result.exit_code == 3, result.output
    assert "Not applicable here" not in result.stdout
    assert "..  sps.lipschitz.average" in result.stdout


def test_half_a_budget_does_half_and_finishes_claims(
    clock: Clock, tmp_path: Path
) -> None:
    file = tmp_path / "found.json"
    known = catalogue()
    small = session.tasks_for(
        registry.find(["sps.capped.smooth"]), known.settings, known.controls
    )
    budget = len(small) + 3  # one look at the clock starts the run, one each task
    patterns = ("sps.fejer.pathwise", "sps.capped.smooth")
    result = call("verify", *patterns, "--budget", budget, "--json", file)
    assert result.exit_code == 3, result.output
    assert clock.now == budget
    record = json.loads(file.read_text(encoding="utf-8"))
    by_id = {claim["id"]: claim for claim in record["claims"]}
    assert by_id["sps.capped.smooth"]["as_expected"] is True  # the cheaper is complete
    assert "ok  sps.capped.smooth" in result.stdout
    assert "..  sps.fejer.pathwise" in result.stdout
    assert by_id["sps.fejer.pathwise"]["pending"] > 100
    assert record["pending"] >= by_id["sps.fejer.pathwise"]["pending"]


def test_a_budget_that_suffices_changes_nothing(tmp_path: Path) -> None:
    records = []
    for extra in ([], ["--budget", 1000]):
        file = tmp_path / f"{len(extra)}.json"
        assert (
            call("verify", "sps.capped.smooth", "--json", file, *extra).exit_code == 0
        )
        records.append(json.loads(file.read_text(encoding="utf-8")))
    assert [record["budget"] for record in records] == [None, 1000]
    assert [record["pending"] for record in records] == [0, 0]
    status = [
        [(s["setting"], s["tightness"]) for s in r["claims"][0]["settings"]]
        for r in records
    ]
    assert status[0] == status[1]


def test_the_cheap_goes_before_the_dear() -> None:
    claims = registry.find(["iam.lipschitz.last"])
    known = catalogue()
    tasks = session.tasks_for(claims, known.settings, ())
    order = session.cheapest_first(tasks, Options())
    assert sorted(map(id, order)) == sorted(map(id, tasks))
    engines = [plan(claims[0], t.subject) for t in order]  # type: ignore[arg-type]
    first_sampled = engines.index(Engine.MONTE_CARLO)
    assert first_sampled > 10
    assert set(engines[first_sampled:]) == {Engine.MONTE_CARLO}


@pytest.mark.parametrize("budget", ["0", "-1", "nan", "inf"])
def test_a_budget_must_be_positive_and_finite(budget: str) -> None:
    result = call("verify", "iam.identity", "--budget", budget)
    assert result.exit_code == 2
    assert f"got {float(budget)} s" in result.stderr


def test_what_is_undone_never_hides_a_failure() -> None:
    claim = registry.get("sps.lastiterate.refuted")
    settings = polyak_settings()
    linf = next(s for s in settings if s.name == "LINF(4) T=4, SPS*")
    (held,) = judge_setting(linf, [claim], Options())
    assert held.verdict.status is Status.HOLDS
    assert ClaimResult(claim, [held]).exit_code() == EXIT_UNEXPECTED
    assert ClaimResult(claim, [held], pending=1).exit_code() == EXIT_INCONCLUSIVE
    last = registry.get("iam.lipschitz.last")
    control = next(c for c in catalogue().controls if c.claim_id == last.id)
    bad = judge_control(control, last, Options())
    assert bad.verdict.status is Status.REFUTED
    assert ClaimResult(last, [bad], pending=1).exit_code() == EXIT_UNEXPECTED


def test_processes_stop_too_and_keep_what_they_found(clock: Clock) -> None:
    deadline = Deadline(3.0, start=clock())
    numbers = [float(k * k) for k in range(40)]
    found = dict(completed(numbers, math.sqrt, 2, deadline))
    assert len(found) < 20  # two looks in time, two tasks a process each
    assert found == {number: math.sqrt(number) for number in found}
