"""The study of confidences: resuming, claims, the command line, bad input."""

import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from synthetic.deviations import confidence_runs
from synthetic.deviations.confidence_claims import Judged, judged, verdicts
from synthetic.deviations.confidence_cli import study as command
from synthetic.deviations.confidence_configurations import (
    SOFT,
    TABLE,
    Configuration,
    choose,
)
from synthetic.deviations.confidence_json import record
from synthetic.deviations.confidence_pairs import ASKED, comparisons
from synthetic.deviations.confidence_rule import judge
from synthetic.deviations.confidence_runs import PARTS, VALUES, Outcome, Request
from synthetic.deviations.confidence_study import run_study
from synthetic.parity.hitting import Finding
from theory.errors import InputError

APP = typer.Typer()
APP.command()(command)
SMALL = "linear,linear-noise"


def asked(*args: str) -> tuple[int, str]:
    found = CliRunner().invoke(APP, args)
    if found.exception is not None and not isinstance(found.exception, SystemExit):
        raise found.exception
    return found.exit_code, re.sub(r"\s+", " ", found.output)


def table(folder: Path, text: str | None = None, rows: int = 60) -> str:
    path = folder / "mine.csv"
    if text is None:
        rng = np.random.default_rng(0)
        labels = rng.integers(0, 2, rows)
        x = rng.normal(labels[:, None], 1.0, (rows, 2))
        lines = [
            f"{a:.3f},{b:.3f},7,{'yes' if label else 'no'}"
            for (a, b), label in zip(x, labels, strict=True)
        ]
        text = "\n".join(["a,b,c,class", *lines])
    path.write_text(text + "\n", "utf-8")
    return str(path)


def outcome(slope: float, low: float, high: float, accuracy: float = 0.9) -> Outcome:
    spread = np.linspace(-0.001, 0.001, 10)
    values = {name: np.zeros(10) for name in VALUES}
    for part in ("train", "held"):
        values[f"{part}.slope"] = slope + spread
        values[f"{part}.low_under"] = low + spread
        values[f"{part}.hi_over"] = high + spread
    values["teacher.accuracy"] = 0.9 + spread
    values["student.accuracy"] = accuracy + spread**2
    return Outcome(values, np.zeros((2, 8)))


def of(one: Outcome) -> Judged:
    return judged(one, {part: judge(one.of(part)) for part in PARTS})


def all_of(kind: Outcome, **others: Outcome) -> dict[str, Judged]:
    names = {name.replace("_", "-"): one for name, one in others.items()}
    return {name: of(names.get(name, kind)) for name in TABLE}


YES, NO, EDGE = outcome(1.05, 0.7, 0.4), outcome(0.95, 0.6, 0.2), outcome(1.0, 0.5, 0.3)
NULL = outcome(0.98, 0.5 - 0.01, 0.4)


def findings(found: dict[str, Judged]) -> list[str]:
    return [verdict.finding.value for verdict in verdicts(found)]


def test_claims_need_all_their_configurations_and_a_null_that_fails() -> None:
    good = all_of(YES, null=NULL)
    assert findings(good) == ["reproduced"] * 3
    assert findings(all_of(YES, null=NULL, mlp_tau4=NO))[0] == "not reproduced"
    assert findings(all_of(YES, null=NULL, mlp_tau4=EDGE))[0] == "undecided"
    assert findings(all_of(YES)) == ["undecided", "undecided", "reproduced"]
    one_less = {name: one for name, one in good.items() if name != "mlp-tau8"}
    assert findings(one_less) == ["undecided"] * 3
    linear = all_of(YES, null=NULL, linear=outcome(0.9, 0.45, 0.0))
    assert findings(linear) == ["reproduced", "not reproduced", "not reproduced"]
    few = {name: good[name] for name in (*SOFT, "null")}
    assert findings(few) == ["reproduced", "undecided", "undecided"]


def test_a_better_student_that_exaggerates_is_named() -> None:
    found = verdicts(all_of(YES, null=NULL, mlp_tau2=outcome(1.05, 0.7, 0.4, 0.95)))
    assert "with a more accurate student: mlp-tau2" in " ".join(found[2].evidence)
    none = verdicts(all_of(YES, null=NULL))[2].evidence
    assert "with a more accurate student: none" in " ".join(none)


def test_comparisons_are_of_configurations_that_exist() -> None:
    for first, second, _ in ASKED:
        assert len(choose(f"{first},{second}")) == 2
    first, second, _ = ASKED[0]
    high, low = outcome(1.0, 0.5, 0.5, 0.95), outcome(1.0, 0.5, 0.5, 0.9)
    (one,) = comparisons({first: high, second: low})
    assert (one.word, round(one.difference.value, 6)) == ("higher", 0.05)
    (one,) = comparisons({first: low, second: high})
    assert one.word == "lower"
    (one,) = comparisons({first: high, second: high})
    assert one.word == "cannot tell"


def test_a_rule_that_fires_on_controls_is_told_of() -> None:
    request = Request(seeds=tuple(range(3)))
    whole = run_study(request, choose("linear,null"))
    assert whole.faults == ()
    fires = all_of(YES)["mlp-tau4"]
    broken = Judged(
        fires.outcome, dict.fromkeys(PARTS, fires.parts["held"]), fires.gain
    )
    spoilt = replace(whole, judged={"linear": broken, "null": broken})
    assert len(spoilt.faults) == 2
    many = {f"{k}": broken for k in range(9)}
    assert any("noise" in fault for fault in replace(whole, judged=many).faults)


def test_resuming_makes_the_same_numbers_and_nothing_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    request, chosen = Request(seeds=(0, 1, 2)), choose(SMALL)
    whole = record(run_study(request, chosen), "x")
    kept = tmp_path / "kept"
    run_study(request, chosen[:1], folder=kept)
    assert record(run_study(request, chosen, folder=kept, jobs=2), "x") == whole
    monkeypatch.setattr(confidence_runs, "run", None)
    assert record(run_study(request, chosen, folder=kept), "x") == whole
    with pytest.raises(InputError, match="another configuration"):
        run_study(Request(seeds=(0, 1)), chosen, folder=kept)
    path = kept / "linear.npz"
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(InputError, match="damaged"):
        run_study(request, chosen, folder=kept)
    path.write_bytes((kept / "linear-noise.npz").read_bytes())
    with pytest.raises(InputError, match="another version"):
        run_study(request, chosen, folder=kept)


def test_a_killed_run_keeps_what_was_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, done = confidence_runs.run, list[int]()

    def once(one: Configuration, request: Request) -> Outcome:
        if done:
            raise KeyboardInterrupt
        done.append(1)
        return real(one, request)

    monkeypatch.setattr(confidence_runs, "run", once)
    args = ("--configurations", SMALL, "--seeds", "2", "--resume", str(tmp_path / "k"))
    assert asked(*args)[0] == 130
    assert len(list((tmp_path / "k").glob("*.npz"))) == 1
    done.clear()
    assert asked(*args)[0] == 0


def test_a_table_of_ones_own(tmp_path: Path) -> None:
    json_file = tmp_path / "out.json"
    code, said = asked(
        *("--data", table(tmp_path), "--configurations", "linear,null"),
        *("--seeds", "3", "--json", str(json_file)),
    )
    assert code == 0
    assert "1 constant columns dropped" in said
    assert "The rule needs 10 seeds, here are 3" in said
    assert "linear (linear softmax): 3 seeds are too few" in said
    assert "deviations.confidence.slope: UNDECIDED" in said
    found = json.loads(json_file.read_text("utf-8"))
    assert found["command"].startswith("ratecheck deviations --data ")
    assert found["command"].endswith("--configurations linear,null --seeds 3 --root 0")
    assert set(found["configurations"]) == {"linear", "null"}
    assert len(found["configurations"]["linear"]["values"]["held.slope"]) == 3
    assert found["data"]["classes"] == 2


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a,class\n" + "1,yes\n" * 60, "need two classes"),
        ("a,class\n" + "1,yes\n1,no\n" * 30, "every column is constant"),
        ("a,class\n" + "1,yes\n2,no\n" * 30 + ",no\n", "has no value in line 62"),
        ("a,class\n" + "1,yes\n2,no\n" * 10, "need 40 rows or more, got 20"),
        ("a,class\n" + "1,0.5\n2,0.7\n" * 30, "no class"),
        (
            "a,class\n" + "".join(f"{k},{k}\n" for k in range(60)),
            "60 classes in 60 rows",
        ),
    ],
)
def test_data_that_cannot_be_used(tmp_path: Path, text: str, said: str) -> None:
    code, found = asked("--data", table(tmp_path, text), "--seeds", "1")
    assert (code, said in found) == (2, True), found


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("--configurations", "mlp-tau5"), "did you mean mlp-tau"),
        (("--data", "digit"), "did you mean 'digits'"),
        (("--seeds", "0"), "Need different seeds"),
        (("--jobs", "0"), "Need at least one job"),
        (("--rows", "7"), "Need --rows of 40 or more"),
        (("--target", "x"), "digits comes with its target"),
    ],
)
def test_bad_usage(args: tuple[str, ...], said: str) -> None:
    code, found = asked(*args)
    assert (code, said in found) == (2, True), found


def test_runs_that_diverge_are_undecided(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (one,) = choose("linear")
    wild = replace(one, student=replace(one.student, rate=1e300))
    monkeypatch.setattr(confidence_runs, "CONFIGURATIONS", (wild,))
    found = run_study(Request(table(tmp_path), seeds=tuple(range(10))), (wild,))
    held = found.judged["linear"].parts["held"]
    assert (held.finding, held.num_diverged) == (Finding.UNDECIDED, 10)
    plain = record(found, "x")
    json.dumps(plain, allow_nan=False)
    assert plain["configurations"]["linear"]["diverged"] == 10
