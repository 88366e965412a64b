"""An evidence ledger goes on with its tests, and is refused where it would be wrong."""

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from synthetic import ledger as module
from synthetic.cli import app
from synthetic.desk import Options
from synthetic.engines import sequel
from synthetic.engines.montecarlo import Budget, sample
from synthetic.families import planted
from synthetic.ledger import Ledger, instance_hash, open_ledger
from synthetic.losses import L1
from synthetic.results import Session
from synthetic.session import run, tasks_for
from synthetic.setting import Setting
from theory import claims as registry
from theory.confidence import mean_limits, start, wager
from theory.errors import InputError
from theory.judge import Status
from theory.locks import alone
from theory.method import SPS_STAR

CLAIM = "sps.lipschitz.average"
FEW = Options(seed=3, alpha=1e-6, max_replicas=64)


@pytest.fixture(scope="module")
def setting() -> Setting:
    problem = planted(L1, num_components=40, dim=3, noise=1.0, seed=1)
    return Setting(
        name="many", problem=problem, method=SPS_STAR, x0=np.zeros(3), horizon=20
    )


def go(setting: Setting, ledger: Ledger | None, options: Options = FEW) -> Session:
    tasks = tasks_for([registry.get(CLAIM)], (setting,), ())
    return run(tasks, options, ledger=ledger)


def status(session: Session) -> Status:
    return session.results[CLAIM].status


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def test_rounds_in_pieces_are_the_rounds_at_once() -> None:
    y = np.random.default_rng(0).uniform(size=3000)
    whole = wager(start(), y, 0.45)
    pieces = start()
    for part in np.split(y, [1, 700, 701, 2500]):
        pieces = wager(pieces, part, 0.45)
    np.testing.assert_allclose(pieces.total, whole.total, rtol=1e-12)
    assert pieces.peak == pytest.approx(whole.peak, rel=1e-9)


def test_what_is_rejected_lies_beyond_the_limit() -> None:
    """Both are one test: m is rejected just where the lower limit exceeds it."""
    y = np.random.default_rng(1).uniform(size=(500, 1))
    limits = mean_limits(y, np.zeros(1), np.ones(1), alpha=0.02)
    enough = np.log(2 / 0.02)
    low = float(limits.lower[0])
    assert wager(start(), y[:, 0], low * (1 - 1e-9)).peak >= enough
    assert wager(start(), y[:, 0], low * (1 + 1e-9)).peak < enough


def ever_rejects(rng: np.random.Generator, mean: float, *, fresh: bool) -> bool:
    """24 runs of 50 rounds on a fortune that is carried on; alpha is 1 in 20."""
    wealth, y = start(), (rng.uniform(size=50) < mean).astype(float)
    for _ in range(24):
        wealth = wager(wealth, y, mean)
        if fresh:
            y = (rng.uniform(size=50) < mean).astype(float)
    return wealth.peak >= math.log(20.0)


def test_going_on_keeps_the_error_and_playing_samples_twice_would_not() -> None:
    """400 true means: more than 52 rejections have a chance below 1e-9 at 1 in 20."""
    rng = np.random.default_rng(2)
    assert sum(ever_rejects(rng, 0.3, fresh=True) for _ in range(400)) <= 52
    assert sum(ever_rejects(rng, 0.3, fresh=False) for _ in range(400)) > 52


def test_a_later_run_plays_on_with_fresh_replicas_and_decides(
    setting: Setting, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    played: list[range] = []

    def noted(*args: Any) -> Any:
        played.append(args[-1])
        return sample(*args)

    monkeypatch.setattr(sequel, "sample", noted)
    path, found = tmp_path / "l.jsonl", []
    for _ in range(12):
        found.append(status(go(setting, open_ledger(path))))
        if found[-1] is Status.HOLDS:
            break
    assert found[0] is Status.INCONCLUSIVE  # else going on would show nothing
    assert found[-1] is Status.HOLDS
    numbers = [k for replicas in played for k in replicas]
    assert numbers == list(range(len(numbers)))
    count = len(played)
    assert status(go(setting, open_ledger(path))) is Status.HOLDS
    assert len(played) == count  # what is decided stays so, and costs nothing
    # The same fortune as one long run's.
    long = replace(FEW, max_replicas=len(numbers))
    other = tmp_path / "one.jsonl"
    assert status(go(setting, open_ledger(other), long)) is Status.HOLDS
    one, many = open_ledger(other).carried, open_ledger(path).carried
    for key, carried in many.items():
        assert carried.num_samples == one[key].num_samples
        for a, b in zip(carried.below, one[key].below, strict=True):
            np.testing.assert_allclose(a.total, b.total, rtol=1e-9)


def test_a_false_bound_is_refuted_over_runs(setting: Setting) -> None:
    claim, c = registry.get(CLAIM).sharpened(0.01), setting.constants()
    carried, found = None, []
    for _ in range(12):
        verdict = sequel.run(setting, claim, c, Budget(1, 1e-6, 256), carried)
        assert verdict.evidence is not None
        assert isinstance(verdict.evidence.carried, sequel.Carried)
        carried = verdict.evidence.carried
        found.append(verdict.status)
    assert found[-1] is Status.REFUTED
    assert Status.HOLDS not in found


def test_a_later_run_cannot_raise_alpha(setting: Setting, tmp_path: Path) -> None:
    path = tmp_path / "l.jsonl"
    go(setting, open_ledger(path))
    go(setting, open_ledger(path), replace(FEW, alpha=0.5))
    assert [c.alpha for c in open_ledger(path).carried.values()] == [1e-6]


def test_a_torn_last_line_is_dropped_with_a_warning(
    setting: Setting, tmp_path: Path
) -> None:
    path = tmp_path / "l.jsonl"
    go(setting, open_ledger(path))
    whole = path.read_bytes()
    path.write_bytes(whole + whole[:50])
    with pytest.warns(UserWarning, match="last line is torn"):
        ledger = open_ledger(path)
    assert path.read_bytes() == whole
    assert len(ledger.carried) == 1
    path.write_bytes(whole[:50])  # torn in its first line
    with pytest.warns(UserWarning, match="last line is torn"):
        assert not open_ledger(path).carried
    path.write_bytes(whole[:50] + b"\n" + whole)
    with pytest.raises(InputError, match=r"l\.jsonl:1 is no line of a ledger"):
        open_ledger(path)


def test_other_code_and_other_instances_are_refused(
    setting: Setting, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "l.jsonl"
    go(setting, open_ledger(path))
    for other in (
        replace(setting, horizon=21),
        replace(setting, x0=np.full(3, 1e-9)),
        replace(
            setting, problem=planted(L1, num_components=40, dim=3, noise=1.0, seed=2)
        ),
    ):
        assert instance_hash(other) != instance_hash(setting)
        with pytest.raises(InputError, match="another instance"):
            go(other, open_ledger(path))
    monkeypatch.setattr(module, "code_hash", lambda: "0" * 64)
    with pytest.raises(InputError, match="made by other code"):
        open_ledger(path)


def test_a_change_of_any_source_changes_the_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for package in module.PACKAGES:
        (tmp_path / package).mkdir()
    source = tmp_path / "theory" / "formulas.py"
    monkeypatch.setattr(module, "__file__", str(tmp_path / "synthetic" / "ledger.py"))
    source.write_text("a = 1\n")
    before = module.code_hash()
    source.write_text("a = 2\n")
    assert module.code_hash() != before


def test_a_seed_of_tuning_is_never_evidence(setting: Setting, tmp_path: Path) -> None:
    path = tmp_path / "l.jsonl"
    go(setting, open_ledger(path, tuning=True))
    assert "carried" not in path.read_text("utf-8")
    assert lines(path)[0]["purpose"] == "tuning"
    with pytest.raises(InputError, match=r"seed 3 was used for tuning.*--seed 0"):
        go(setting, open_ledger(path))
    assert len(lines(path)) == 2  # the refused run left nothing
    go(setting, open_ledger(path), replace(FEW, seed=4))
    (carried,) = open_ledger(path).carried.values()
    assert carried.num_samples == 64


def test_the_command_line_keeps_a_ledger(tmp_path: Path) -> None:
    path = tmp_path / "l.jsonl"
    args = ["verify", "sps.capped.ball", "--ledger", str(path)]
    for _ in range(2):
        done = CliRunner().invoke(app, args)
        assert done.exit_code == 0, done.output
    kinds = [line["kind"] for line in lines(path)]
    assert kinds.count("run") == 2
    outcome = next(line for line in lines(path) if line["kind"] == "outcome")
    assert {"claim", "instance", "seed", "verdict", "bound"} <= set(outcome)
    done = CliRunner().invoke(app, ["verify", "sps.capped.ball", "--tuning"])
    assert done.exit_code == 2
    assert "--ledger FILE" in done.output


def test_two_runs_at_once_on_a_ledger_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "l.jsonl"
    args = ["verify", "sps.capped.ball", "--ledger", str(path)]
    with alone(path):
        done = CliRunner().invoke(app, args)
    assert done.exit_code == 2
    assert f"Another run is using {path}" in done.output.replace("\n", "")
    assert not path.exists()
    assert CliRunner().invoke(app, args).exit_code == 0
