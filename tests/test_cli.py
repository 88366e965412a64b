"""The command as a user types it: output, exit codes, files, and bad input."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console
from typer.testing import CliRunner, Result

from synthetic import cli
from synthetic.cli import app
from theory import formulas
from theory.claims import CLAIMS
from theory.errors import InputError

run = CliRunner()


def call(*args: object) -> Result:
    return run.invoke(app, [str(arg) for arg in args])


def table(path: Path, rows: int = 12, bad: tuple[int, str] | None = None) -> Path:
    """A small regression table with a header; row `bad[0]` has `bad[1]` in it."""
    rng = np.random.default_rng(3)
    lines = ["height,weight,age"]
    for i in range(rows):
        a, b, c = rng.standard_normal(3)
        cell = bad[1] if bad and bad[0] == i else f"{b:.4f}"
        lines.append(f"{a:.4f},{cell},{a - c:.4f}")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_list_names_every_claim() -> None:
    result = call("list")
    assert result.exit_code == 0
    assert all(claim_id in result.stdout for claim_id in CLAIMS)
    rows = json.loads(call("list", "iam.*", "--json").stdout)
    assert {row["id"] for row in rows} == {i for i in CLAIMS if i.startswith("iam.")}


def test_show_tells_everything_about_a_claim() -> None:
    result = call("show", "iam.lipschitz.last")
    assert result.exit_code == 0
    for needed in ("G D", "i.i.d.", "proof", "LINF(16)", "lambda_t = t + 1", "WEDGE"):
        assert needed in result.stdout, needed


def test_show_prints_bibtex() -> None:
    result = call("show", "iam.lipschitz.last", "--bibtex")
    assert result.stdout.startswith("@misc{gower2025idealized")


def test_doctor_finds_this_installation_well() -> None:
    result = call("doctor")
    assert result.exit_code == 0
    for needed in ("numpy", "CLARABEL", "threads", "CUDA", "cache folder"):
        assert needed in result.stdout, needed


def test_verify_writes_what_it_found(tmp_path: Path) -> None:
    file = tmp_path / "found.json"
    result = call("verify", "sps.lipschitz", "--json", file, "--seed", 4)
    assert result.exit_code == 0, result.output
    assert "4 of 4 claims as expected" in result.stdout
    found = json.loads(file.read_text(encoding="utf-8"))
    assert found["schema"] == 1
    assert found["seed"] == 4
    assert found["alpha"] == 1e-6
    assert found["versions"]["numpy"] == np.__version__
    by_id = {claim["id"]: claim for claim in found["claims"]}
    average = by_id["sps.lipschitz.average"]
    assert average["expected"] == average["status"] == "holds"
    assert average["tightness"] == pytest.approx(1.0, abs=1e-15)  # one ulp
    assert average["engine"] == "exact tree"
    assert average["controls"]["caught"] == average["controls"]["total"] > 10
    statuses = {setting["status"] for setting in average["settings"]}
    assert statuses == {"holds", "not_applicable"}
    assert os.listdir(tmp_path) == ["found.json"]


def test_two_processes_find_what_one_finds(tmp_path: Path) -> None:
    found = []
    for jobs in (1, 2):
        file = tmp_path / f"{jobs}.json"
        assert (
            call(
                *("verify", "sps.lipschitz", "kd.grad.deep_linear", "kd.ls.rate"),
                *("--json", file, "--jobs", jobs),
            ).exit_code
            == 0
        )
        record = json.loads(file.read_text(encoding="utf-8"))
        found.append(json.dumps(without_seconds(record), sort_keys=True))
    assert found[0] == found[1]


def without_seconds(value: object) -> object:
    if isinstance(value, dict):
        return {k: without_seconds(v) for k, v in value.items() if k != "seconds"}
    if isinstance(value, list):
        return [without_seconds(item) for item in value]
    return value


def test_a_step_of_1_9_times_its_size_makes_verify_fail(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    right = formulas.ratio
    monkeypatch.setattr(formulas, "ratio", lambda n, d: 1.9 * right(n, d))
    result = call("verify", "sps.fejer.pathwise")
    assert result.exit_code == 1
    assert "refuted" in result.stdout


def test_too_few_replicas_are_inconclusive_and_exit_3(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("synthetic.program.TIERS", {"quick": 4})
    result = call("verify", "iam.lipschitz.last_c_gap")
    assert result.exit_code == 3, result.output
    assert "inconclusive" in result.stdout


def test_unexpected_comes_before_inconclusive(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("synthetic.program.TIERS", {"quick": 4})
    right = formulas.ratio
    monkeypatch.setattr(formulas, "ratio", lambda n, d: 1.9 * right(n, d))
    assert call("verify", "iam.lipschitz.last_c_gap", "iam.fejer").exit_code == 1


@pytest.mark.parametrize(
    ("args", "needed"),
    [
        (["nope.*"], "No claim matches 'nope.*'"),
        (["sps.lipshitz.average"], "sps.lipschitz.average"),
        (["--alpha", "0"], "alpha"),
        (["--alpha", "1.5"], "1.5"),
        (["--alpha", "nan"], "nan"),
        (["--jobs", "0"], "jobs"),
        (["--seed", "-1"], "seed"),
        (["--tier", "enormous"], "'enormous'"),
        (["--json", "/no/such/folder/x.json"], "does not exist"),
        (["--data", "no_such.csv", "--loss", "squared"], "no_such.csv"),
        (["--data", "diabetes"], "--loss"),
        (["--loss", "l1"], "--data"),
        (["--data", "diabetes", "--loss", "hinge"], "'hinge'"),
        (["--data", "diabetes", "--loss", "logistic"], "logistic loss needs"),
        (["--data", "diabetes", "--loss", "l1", "--horizon", "1"], "horizon"),
        (["--data", "diabetes", "--loss", "l1", "--x0", "1,2"], "11 finite numbers"),
        (["--data", "diabetes", "--loss", "l1", "--x0", "a,b"], "x0"),
        (["--data", "diabetes", "--loss", "l1", "--ridge", "-1"], "ridge"),
        (["--data", "diabetes", "--loss", "l1", "--engine", "magic"], "'magic'"),
        (["--data", "diabetes", "--loss", "l1", "--engine", "tree"], "442**99"),
        (["--data", "breast_cancer", "--loss", "logistic"], "--ridge 0.01"),
        (["--ridge", "0.1"], "--data"),
        (["--horizon", "50"], "--data"),
        (["--no-intercept"], "--data"),
        (["--json", "/dev/null"], "regular file"),
        (["--data", "diabetes", "--loss", "l1", "--x0", "gone.txt"], "no file"),
        (
            ["--data", "diabetes", "--loss", "l1", "--x0", ",".join(["1e100"] * 11)],
            "1e+100",
        ),
    ],
)
def test_bad_usage_exits_2_and_writes_nothing(
    args: list[str], needed: str, tmp_path: Path
) -> None:
    file = tmp_path / "out.json"
    extra = [] if "--json" in args else ["--json", str(file)]
    result = call("verify", *args, *extra)
    assert result.exit_code == 2, result.output
    assert needed in " ".join(result.stderr.split())
    assert not os.listdir(tmp_path)


def test_an_unknown_claim_of_show_gets_the_closest_names() -> None:
    result = call("show", "iam.lipschitz.lats")
    assert result.exit_code == 2
    assert "iam.lipschitz.last" in result.stderr


@pytest.mark.parametrize("cell", ["nan", "inf", "", "tall"])
def test_a_bad_cell_is_named_by_its_line(cell: str, tmp_path: Path) -> None:
    file = table(tmp_path / "mine.csv", bad=(4, cell))
    result = call("verify", "--data", file, "--loss", "squared")
    assert result.exit_code == 2
    assert "line 6" in " ".join(result.stderr.split())


@pytest.mark.parametrize("loss", ["squared", "l1"])
def test_a_file_of_ones_own_is_certified_and_verified(
    loss: str, tmp_path: Path
) -> None:
    file, found = table(tmp_path / "mine.csv"), tmp_path / "found.json"
    result = call(
        "verify", "--data", file, "--loss", loss, "--horizon", 20, "--json", found
    )
    assert result.exit_code == 0, result.output
    for needed in ("x*", "certificate", "height", "intercept", "G = ", "sigma = "):
        assert needed in result.stdout, needed
    record = json.loads(found.read_text(encoding="utf-8"))
    assert record["instance"]["n"] == 12
    assert set(record["instance"]["x_star"]) == {"height", "weight", "intercept"}
    judged = {c["id"]: c["status"] for c in record["claims"]}
    assert judged["sps.lipschitz.average"] == "holds"
    assert judged["iam.lipschitz.last_bregman"] == "holds"
    assert judged["sps.lipschitz.minimax"] == "not_applicable"
    smooth = "holds" if loss == "squared" else "not_applicable"
    assert judged["sps.over.smooth"] == smooth
    assert "sps.lastiterate.refuted" not in judged


def test_a_small_file_is_checked_by_the_exact_tree(tmp_path: Path) -> None:
    file, found = table(tmp_path / "mine.csv", rows=4), tmp_path / "found.json"
    args = ["--data", file, "--loss", "squared", "--horizon", 6, "--json", found]
    result = call("verify", "iam.lipschitz.last", *args)
    assert result.exit_code == 0, result.output
    (claim,) = json.loads(found.read_text(encoding="utf-8"))["claims"]
    assert claim["engine"] == "exact tree"


def test_bundled_data_works_without_a_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: object, **_kwargs: object) -> None:
        msg = "no network in tests"
        raise OSError(msg)

    monkeypatch.setattr("socket.socket.connect", refuse)
    args = ["--data", "breast_cancer", "--loss", "logistic", "--ridge", "0.01"]
    result = call("verify", "iam.fejer", "sps.lipschitz.average", *args)
    assert result.exit_code == 0, result.output
    assert "2 of 2 claims as expected" in result.stdout


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_ctrl_c_leaves_a_finished_file_of_what_is_done(
    jobs: str, tmp_path: Path
) -> None:
    file = tmp_path / "found.json"
    code = "import sys, ratecheck; sys.exit(ratecheck.main())"
    args = ["verify", "--tier", "full", "--jobs", jobs, "--json", str(file)]
    for seconds in (6, 20, 60):  # a busy machine may take long before work starts
        started = time.monotonic()
        with subprocess.Popen(
            [sys.executable, "-c", code, *args],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            while time.monotonic() < started + seconds:
                if process.poll() is not None:
                    break
                time.sleep(0.1)
            process.send_signal(signal.SIGINT)
            try:
                stdout, _ = process.communicate(timeout=60)
            except subprocess.TimeoutExpired:  # else leaving the block waits on
                process.kill()
                raise
        if file.exists() and json.loads(file.read_text())["claims"][0]["settings"]:
            break
    assert process.returncode == 130
    assert "Interrupted" in stdout
    record = json.loads(file.read_text(encoding="utf-8"))
    assert record["interrupted"] is True
    assert record["exit_code"] == 130
    assert sum(len(claim["settings"]) for claim in record["claims"]) > 20
    assert any(claim["pending"] for claim in record["claims"])
    assert os.listdir(tmp_path) == ["found.json"]


def test_a_failed_write_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from synthetic import record  # noqa: PLC0415

    file = tmp_path / "found.json"
    file.write_text("old", encoding="utf-8")

    def full(*_args: object) -> None:
        msg = "No space left on device"
        raise OSError(28, msg)

    monkeypatch.setattr("synthetic.record.os.fsync", full)
    with pytest.raises(InputError, match="No space"):
        record.write_json(file, {"a": 1})
    assert file.read_text(encoding="utf-8") == "old"
    assert os.listdir(tmp_path) == ["found.json"]


def test_a_link_is_followed_and_stays_a_link(tmp_path: Path) -> None:
    target, link = tmp_path / "real.json", tmp_path / "link.json"
    link.symlink_to(target)
    assert call("verify", "iam.averaging", "--json", link).exit_code == 0
    assert link.is_symlink()
    assert json.loads(target.read_text(encoding="utf-8"))["schema"] == 1


def test_dependent_columns_are_no_certificate(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    celsius, noise = rng.standard_normal(30), rng.standard_normal(30)
    rows = [f"{c},{1.8 * c + 32},{c + e}" for c, e in zip(celsius, noise, strict=True)]
    file, found = tmp_path / "mine.csv", tmp_path / "found.json"
    file.write_text("celsius,fahrenheit,y\n" + "\n".join(rows), encoding="utf-8")
    args = ["--data", file, "--loss", "squared", "--horizon", 10, "--json", found]
    result = call("verify", "iam.lipschitz", *args)
    assert result.exit_code == 0, result.output
    assert "linearly dependent" in result.stdout
    judged = json.loads(found.read_text(encoding="utf-8"))["claims"]
    status = {claim["id"]: claim["status"] for claim in judged}
    assert status["iam.lipschitz.last"] == "holds"  # any comparator will do
    assert status["iam.lipschitz.last_c_sharp"] == "not_applicable"  # needs x*


@pytest.mark.parametrize("width", [60, 80])
def test_ids_verdicts_and_ratios_are_never_cut(
    width: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cli, "out", Console(width=width))
    shown = call("verify", "iam.lipschitz.constant_lambda").stdout
    assert "iam.lipschitz.constant_lambda " in shown
    assert "holds" in shown
    listed = call("list").stdout
    assert "\u2026" not in shown + listed
    assert all(claim_id in listed for claim_id in CLAIMS)


def test_narrow_terminals_get_a_narrower_table(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    wide = call("verify", "iam.identity").stdout
    monkeypatch.setattr(cli, "out", Console(width=90))
    narrow = call("verify", "iam.identity").stdout
    assert "tightest at" in wide
    assert "tightest at" not in narrow
    assert "iam.identity" in narrow
