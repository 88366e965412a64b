"""Hunted instances in files: bit for bit, judged again, and nothing edited gets by."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from synthetic import instances
from synthetic.cli import app as checker
from synthetic.hunt import files, load_instance, plain
from synthetic.hunt.cli import app
from synthetic.hunt.plans import plan
from synthetic.hunt.quest import quest
from synthetic.hunt.rational import words
from synthetic.hunt.words import describe
from synthetic.setting import Setting
from theory import claims as registry
from theory.errors import InputError
from theory.method import SPS_STAR

AVERAGE = "sps.lipschitz.average"
Edit = Callable[[dict[str, Any]], Any]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("hunt") / "convex.json"
    arguments = ["--drop", "convex", "--evaluations", "1500", "--jobs", "1"]
    result = CliRunner().invoke(app, ["hunt", AVERAGE, *arguments, "--json", str(path)])
    assert result.exit_code == 0, result.output
    assert "verdict    refuted" in result.output
    assert "without the hypothesis 'convex'" in result.output
    return path


def again(*arguments: object) -> Result:
    return CliRunner().invoke(checker, ["verify", *map(str, arguments)])


def test_what_was_written_is_judged_again(written: Path, tmp_path: Path) -> None:
    told = tmp_path / "told.json"
    result = again("--instance", written, "--json", told)
    assert result.exit_code == 0, result.output
    assert re.search(r"ok +sps\.lipschitz\.average +refuted +exact tree", result.output)
    (claim,) = json.loads(told.read_text())["claims"]
    assert claim["tightness"] == float.fromhex(
        json.loads(written.read_text())["result"]["ratio"]
    )


def test_an_instance_is_what_was_found_bit_for_bit(written: Path) -> None:
    setting = load_instance(written)
    assert plain.to_plain(setting) == json.loads(written.read_text())["setting"]
    assert setting.problem.minimiser.gap == 0  # worked out, not read


@pytest.mark.parametrize("claim_id", registry.POLYAK)
def test_every_kind_of_setting_survives_json(claim_id: str) -> None:
    asked = quest(claim_id)
    for number in range(0, 30, 3):
        rng = np.random.default_rng(number)
        mine = plan(asked, number, rng)
        setting = mine.setting(mine.start(rng))
        record = json.loads(json.dumps(plain.to_plain(setting), allow_nan=False))
        back = plain.from_plain(record)
        assert plain.to_plain(back) == record
        assert back.method.family is setting.method.family
        assert back.metric == setting.metric
        assert back.problem.minimiser.gap == setting.problem.minimiser.gap
        assert describe(back) == describe(setting)


def edited(path: Path, to: Path, edit: Edit, *, sign: bool = False) -> Path:
    record = json.loads(path.read_text())
    edit(record)
    if sign:  # someone who knows the format: what can be checked still is
        record.pop("digest")
        record["digest"] = files._digest(record)
    to.write_text(json.dumps(record))
    return to


def put(*keys: str, value: object) -> Edit:
    def edit(record: dict[str, Any]) -> None:
        for key in keys[:-1]:
            record = record[key]
        record[keys[-1]] = value

    return edit


@pytest.mark.parametrize(
    ("edit", "sign", "why"),
    [
        (put("claim", "scale", value="0x1.0p-1"), False, "was edited"),
        (put("result", "status", value="holds"), False, "was edited"),
        (put("kind", value="something else"), False, "not written by"),
        (put("schema", value=99), False, "schema 99"),
        (put("claim", "claim_id", value="sps.no.such"), True, "No claim matches"),
        (put("claim", "dropped", value="nothing"), True, "no hypothesis 'nothing'"),
        (put("claim", "horizon", value=400), True, "2 <= horizon"),
        (put("claim", "first", value=3000), True, "no instance that can be run"),
        (put("setting", "x0", value=["nan"]), True, "no instance that can be run"),
        (put("setting", "x0", value="0x1p0"), True, "no instance that can be run"),
        (put("setting", "problem", value={}), True, "no instance that can be run"),
        (put("setting", "method", "rule", value="w"), True, "no instance that can be"),
        (put("setting", "order", value=[9]), True, "no instance that can be run"),
        (put("setting", value=None), True, "no instance that can be run"),
    ],
)
def test_an_edited_file_is_refused(
    written: Path, tmp_path: Path, edit: Edit, sign: bool, why: str
) -> None:
    path = edited(written, tmp_path / "edited.json", edit, sign=sign)
    result = again("--instance", path)
    assert result.exit_code == 2, result.output
    assert why in " ".join(result.output.split())


@pytest.mark.parametrize("share", [0.0, 0.5, 0.99])
def test_a_cut_file_is_refused(written: Path, tmp_path: Path, share: float) -> None:
    data = written.read_bytes()
    (tmp_path / "cut.json").write_bytes(data[: int(share * len(data))])
    with pytest.raises(InputError, match="was cut"):
        load_instance(tmp_path / "cut.json")


def test_no_file_and_no_json_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="Cannot read"):
        load_instance(tmp_path / "none.json")
    (tmp_path / "list.json").write_text("[]")
    with pytest.raises(InputError, match="not written by"):
        load_instance(tmp_path / "list.json")


@pytest.mark.parametrize(
    ("keys", "value", "told"),
    [
        (("result", "status"), "holds", "holds was written, it is refuted now"),
        (("result", "ratio"), "0x1.8p0", "the ratio 1.5 was written"),
        (("claim", "dropped"), None, "refuted was written, it is not_applicable now"),
    ],
)
def test_a_result_that_is_not_found_again_fails(
    written: Path, tmp_path: Path, keys: tuple[str, ...], value: object, told: str
) -> None:
    """Teeth: with its hypothesis the claim does not apply, and says so."""
    edit = put(*keys, value=value)
    path = edited(written, tmp_path / "signed.json", edit, sign=True)
    result = again("--instance", path)
    assert result.exit_code == 1, result.output
    assert f"CHANGED: {told}" in result.output


def test_other_code_is_mentioned(written: Path, tmp_path: Path) -> None:
    edit = put("code", value="0" * 64)
    result = again("--instance", edited(written, tmp_path / "o.json", edit, sign=True))
    assert result.exit_code == 0
    assert "changed: the file was written by other code" in result.output


@pytest.mark.parametrize(
    "arguments",
    [["sps.ball"], ["--tier", "full"], ["--seed", "3"], ["--data", "diabetes"]],
)
def test_options_that_would_be_ignored_are_refused(
    written: Path, arguments: list[str]
) -> None:
    loss = ["--loss", "l1"] if "--data" in arguments else []
    result = again("--instance", written, *arguments, *loss)
    assert result.exit_code == 2
    assert "--instance" in result.output


def test_a_killed_write_leaves_what_was_there(
    written: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "kept.json"
    path.write_text("before")

    def broken(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", broken)
    with pytest.raises(KeyboardInterrupt):
        files.save(path, json.loads(written.read_text()))
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]


def test_an_instance_in_words() -> None:
    wedge = Setting(
        name="wedge",
        problem=instances.wedge(45.0),
        method=SPS_STAR,
        x0=np.array([1.0, 1.0 / 3.0]),
        horizon=4,
    )
    function, start = describe(wedge)
    assert function.startswith("f = max(<(1, 0), x>, <(-1, 0), x>, <(")
    assert start.startswith("x0 = (1, 1/3), u = 0 (")
    assert words(0.1) == "1/10"
    assert words(np.pi) == "3.14159265"
