"""Comparing with an earlier run: silent if nothing changed, loud if a verdict did."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from synthetic.catalogue import polyak_settings
from synthetic.cli import app
from synthetic.compare import Entry, changes, read
from synthetic.desk import Options
from synthetic.verify import judge_setting
from theory import claims as registry
from theory.evidence import Engine

Record = dict[str, Any]
CHEAP = ("sps.capped", "iam.lipschitz.constant_lambda_last")


def call(*args: object) -> Result:
    return CliRunner().invoke(app, [str(arg) for arg in args])


def everything(_claim_id: str) -> bool:
    return True


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("old") / "old.json"
    assert call("verify", *CHEAP, "--json", file).exit_code == 0
    return file


@pytest.fixture
def record(made: Path) -> Record:
    return dict(json.loads(made.read_text(encoding="utf-8")))


def edited(
    record: Record, tmp_path: Path, edit: Callable[[Record], object]
) -> tuple[int, str]:
    """Run again and compare with a record in which something was edited."""
    old = tmp_path / "edited.json"
    changed = copy.deepcopy(record)
    edit(changed)
    old.write_text(json.dumps(changed), encoding="utf-8")
    result = call("verify", *CHEAP, "--compare", old)
    return result.exit_code, result.output


def setting(record: Record, number: int = 0) -> Record:
    judged = [
        s for s in record["claims"][0]["settings"] if s["status"] != "not_applicable"
    ]
    found: Record = judged[number]
    return found


def test_the_same_seed_gives_no_differences(made: Path, tmp_path: Path) -> None:
    new = tmp_path / "new.json"
    result = call("verify", *CHEAP, "--compare", made, "--json", new)
    assert result.exit_code == 0, result.output
    assert "No differences" in result.stdout
    assert json.loads(new.read_text(encoding="utf-8"))["changes"] == []


def test_a_changed_status_of_a_setting_fails(record: Record, tmp_path: Path) -> None:
    name = setting(record)["setting"]
    code, output = edited(
        record, tmp_path, lambda r: setting(r).update(status="inconclusive")
    )
    assert code == 1
    assert f"CHANGED: {record['claims'][0]['id']} on {name}: was inconclusive" in output


def test_a_changed_status_of_a_claim_fails(record: Record, tmp_path: Path) -> None:
    code, output = edited(
        record, tmp_path, lambda r: r["claims"][0].update(status="inconclusive")
    )
    assert code == 1
    assert "was inconclusive, now refuted" in output


def test_a_control_that_was_not_refuted_fails(record: Record, tmp_path: Path) -> None:
    def edit(r: Record) -> None:
        claim = next(c for c in r["claims"] if c["controls"]["list"])
        claim["controls"]["list"][0]["status"] = "holds"

    code, output = edited(record, tmp_path, edit)
    assert code == 1
    assert "wrong variant [" in output
    assert "was holds, now refuted" in output


@pytest.mark.parametrize(("factor", "code"), [(1 + 1e-7, 1), (1 + 1e-12, 0)])
def test_an_exact_ratio_moves_beyond_roundoff_or_not(
    factor: float, code: int, record: Record, tmp_path: Path
) -> None:
    def edit(r: Record) -> None:
        for name in ("tightness", "tightness_low", "tightness_high"):
            setting(r)[name] *= factor

    got, output = edited(record, tmp_path, edit)
    assert got == code, output
    assert ("ratio was" in output) is bool(code)


def test_what_is_gone_fails_and_what_is_new_does_not(record: Record) -> None:
    seen = read(record)
    fewer = copy.deepcopy(record)
    lost = fewer["claims"].pop()
    dropped = fewer["claims"][0]["settings"].pop()
    part = read(fewer)
    gone = changes(seen, part, everything)
    assert [c.fails for c in gone] == [True, True]
    assert dropped["setting"] in gone[0].text
    assert gone[1].text == f"{lost['id']}: was {lost['status']}, now gone"
    new = changes(part, seen, everything)
    assert [c.fails for c in new] == [False, False]
    uncovered = changes(seen, part, lambda claim_id: claim_id != lost["id"])
    assert len(uncovered) == 1


def test_what_a_run_left_undone_has_not_vanished(record: Record) -> None:
    partial = copy.deepcopy(record)
    partial["claims"][0] |= {"pending": 1, "status": "not_applicable"}
    partial["claims"][0]["settings"].pop()
    found = changes(read(record), read(partial), everything)
    assert [c.fails for c in found] == [False]
    assert "not tried in this run" in found[0].text


def test_patterns_limit_what_can_be_gone(made: Path) -> None:
    result = call("verify", "sps.capped.smooth", "--compare", made)
    assert result.exit_code == 0, result.output
    assert "No differences" in result.stdout


def test_a_mutated_formula_is_noticed(
    made: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = registry.CLAIMS["sps.capped.lipschitz"]
    sharper = right.sharpened(1 / 1.001)  # every verdict stays, every ratio moves
    monkeypatch.setitem(registry.CLAIMS, right.id, sharper)
    result = call("verify", *CHEAP, "--compare", made)
    assert result.exit_code == 1
    assert "sps.capped.lipschitz on " in result.stdout
    assert "sps.capped.smooth on " not in result.stdout


def test_sampled_ratios_differ_only_if_their_limits_are_disjoint() -> None:
    old = Entry("holds", 0.5, 0.4, 0.6)
    assert not Entry("holds", 0.65, 0.55, 0.7).moved_from(old)
    assert not Entry("holds", 0.65, 0.6, 0.7).moved_from(old)  # they touch
    assert Entry("holds", 0.65, 0.61, 0.7).moved_from(old)
    assert Entry("holds", 0.3, 0.2, 0.39).moved_from(old)
    assert Entry("holds", None, None, None).moved_from(old)
    assert not Entry("holds", None, None, None).moved_from(
        Entry("holds", None, None, None)
    )


def test_two_seeds_of_monte_carlo_do_not_differ() -> None:
    chosen = next(s for s in polyak_settings() if s.name == "squared-noise n=40, SPS*")
    claim = registry.get("sps.lipschitz.average")
    found = []
    for seed in (0, 1):
        (outcome,) = judge_setting(chosen, [claim], Options(seed, max_replicas=256))
        verdict = outcome.verdict
        assert verdict.evidence is not None
        assert verdict.evidence.engine is Engine.MONTE_CARLO
        limits = verdict.tightness_limits
        assert limits is not None
        assert verdict.tightness is not None
        assert limits[0] < verdict.tightness < limits[1]
        found.append(Entry(verdict.status, verdict.tightness, *limits))
    assert found[0].ratio != found[1].ratio
    assert not found[1].moved_from(found[0])


@pytest.mark.parametrize(
    ("text", "needed"),
    [
        (None, "Cannot read"),
        ("{", "not JSON"),
        ("\udcff", "not JSON"),
        ("[]", "need schema 1"),
        ('{"schema": 99, "claims": []}', "got 99"),
        ('{"schema": 1, "tier": "quick"}', "claims"),
        ('{"schema": 1, "tier": "quick", "claims": [{"id": "a"}]}', "settings"),
        ('{"schema": 1, "tier": "full", "claims": []}', "--tier full"),
        (
            '{"schema": 1, "tier": "quick", "claims": [], "instance": {"name": "x"}}',
            "give the same --data",
        ),
    ],
)
def test_a_file_that_cannot_be_compared_is_refused_before_running(
    text: str | None, needed: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("synthetic.program.run", None)  # calling it would be an error
    old, new = tmp_path / "old.json", tmp_path / "new.json"
    if text is not None:
        old.write_bytes(text.encode("utf-8", "surrogateescape"))
    result = call("verify", *CHEAP, "--compare", old, "--json", new)
    assert result.exit_code == 2, result.output
    assert needed in " ".join(result.stderr.split())
    assert not new.exists()


def test_runs_on_data_compare_with_the_same_data_only(tmp_path: Path) -> None:
    rows = ["a,b", "1,2", "2,1", "3,5", "4,3"]
    mine, old = tmp_path / "mine.csv", tmp_path / "old.json"
    mine.write_text("\n".join(rows) + "\n", encoding="utf-8")
    data = ["iam.identity", "--data", mine, "--loss", "squared", "--horizon"]
    assert call("verify", *data, 5, "--json", old).exit_code == 0
    again = call("verify", *data, 5, "--compare", old, "--json", old)
    assert again.exit_code == 0, again.output  # the file may be replaced by the new one
    assert "No differences" in again.stdout
    longer = call("verify", *data, 6, "--compare", old)
    assert longer.exit_code == 2
    assert "horizon was 5, now 6" in longer.stderr
    mine.write_text("\n".join([*rows[:-1], "4,4"]) + "\n", encoding="utf-8")
    other = call("verify", *data, 5, "--compare", old)
    assert other.exit_code == 2
    assert "on other data" in other.stderr
    own = call("verify", "iam.identity", "--compare", old)
    assert own.exit_code == 2
    assert "give the same --data" in own.stderr
