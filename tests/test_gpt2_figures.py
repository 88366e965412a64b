"""The GPT-2 figures read a saved comparison, of ours or of a user's, and no more."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from figures import gpt2_saved, program, registry
from figures.cache import table_key
from figures.render import render
from figures.table import Table
from theory.errors import InputError

NAMES = ("gpt2-curves", "gpt2-settings", "gpt2-steps", "gpt2-controls")


@pytest.fixture(autouse=True)
def shipped(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv(gpt2_saved.VARIABLE, raising=False)
    monkeypatch.setenv("RATECHECK_CACHE", str(tmp_path / "cache"))


def table_of(name: str) -> Table:
    figure = registry.get(name)
    return figure.compute(figure.parameters("quick"))


def altered(
    folder: Path, monkeypatch: pytest.MonkeyPatch, change: Callable[[Any], None]
) -> Path:
    """The shipped comparison with a change, named as a user names one."""
    record = json.loads(gpt2_saved.FILE.shipped.read_text("utf-8"))
    change(record)
    path = folder / "results.json"
    path.write_text(json.dumps(record), "utf-8")
    monkeypatch.setenv(gpt2_saved.VARIABLE, str(path))
    return path


@pytest.mark.parametrize("name", NAMES)
def test_the_same_bytes_twice(name: str) -> None:
    figure, table = registry.get(name), table_of(name)
    again = Table.from_csv(table.to_csv(), json.loads(json.dumps(dict(table.notes))))
    assert render(figure, table) == render(figure, again)


def test_captions_say_which_command_made_the_numbers() -> None:
    record = json.loads(gpt2_saved.FILE.shipped.read_text("utf-8"))
    for name in NAMES:
        words = registry.get(name).words(table_of(name))
        assert record["command"] in words
        is_smoke = record["preset"]["name"] == "smoke"
        assert ("only show that the comparison runs" in words) == is_smoke


def test_a_users_results_are_read_and_their_hash_is_in_the_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    figure = registry.get("gpt2-curves")
    key = table_key(figure, "quick")

    def change(record: Any) -> None:
        record["command"] = "ratecheck gpt2 compare --preset cpu --steps 7"
        record["preset"]["name"] = "cpu"

    path = altered(tmp_path, monkeypatch, change)
    changed = table_key(figure, "quick")
    assert changed != key
    words = figure.words(table_of("gpt2-curves"))
    assert "--preset cpu --steps 7`." in words
    path.write_text(path.read_text("utf-8") + " ", "utf-8")
    assert table_key(figure, "quick") not in {key, changed}
    (made,) = program.run(program.Asked(("gpt2-curves",), "quick", tmp_path / "out"))
    about = json.loads((tmp_path / "out" / "gpt2-curves.json").read_text("utf-8"))
    assert about["parameters"]["file"] == str(path)
    assert not made.cached


def test_diverged_runs_are_drawn_as_such(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def diverge(record: Any) -> None:
        for run in record["runs"].values():
            if run["run"]["arm"]["method"] in {"sgd", "iam"}:
                run |= {"valid": None, "diverged": True}
                run["curve"], run["at"] = [None], run["at"][:1]
                run["step_sizes"][-1] = None
        for pair in record["verdict"]["pairs"]:
            pair["all"]["mean"] = None
        for found in record["verdict"]["controls"].values():
            found["differences"] = [None for _ in found["differences"]]
            found |= {"mean": None, "lower": None, "upper": None, "word": "undecided"}
            found["diverged"] = [len(found["differences"])] * 2

    altered(tmp_path, monkeypatch, diverge)
    for name in NAMES:
        figure, table = registry.get(name), table_of(name)
        assert render(figure, table, formats=("svg",))["svg"]
    curves = table_of("gpt2-curves")
    assert np.isnan(curves.where(series="IAM")["value"]).all()
    assert "a difference that is not finite" in registry.get("gpt2-curves").words(
        curves
    )
    settings = table_of("gpt2-settings")
    assert np.isinf(settings.where(panel="lambda")["value"]).all()
    words = registry.get("gpt2-settings").words(settings)
    assert re.search(r"IAM ends at no finite loss, SPS\* at \d", words)
    assert settings.notes["loss_iam"] is None
    assert table_of("gpt2-controls").notes["undecided"] == 7


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{}", "is no results.json of `ratecheck gpt2 compare`"),
        ("[1", "is no results.json of `ratecheck gpt2 compare`"),
        ('{"format": 9}', "format 9, missing command, preset"),
    ],
)
def test_another_file_is_refused_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, message: str
) -> None:
    path = tmp_path / "other.json"
    path.write_text(text, "utf-8")
    monkeypatch.setenv(gpt2_saved.VARIABLE, str(path))
    with pytest.raises(InputError, match=message):
        table_of("gpt2-steps")


def test_no_file_is_refused_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(gpt2_saved.VARIABLE, str(tmp_path / "none.json"))
    with pytest.raises(InputError, match=r"RATECHECK_GPT2 names a results\.json"):
        registry.get("gpt2-steps").parameters("quick")
