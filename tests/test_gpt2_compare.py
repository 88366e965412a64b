"""A comparison from plan to results: processes, kills, teachers, bad folders."""

import json
import multiprocessing
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gpt2_demo import model as models, saved, teacher, tokens
from gpt2_demo.arms import Arm
from gpt2_demo.compare import ground, pool, presets, program, runner
from gpt2_demo.compare.presets import GPU, SMOKE, Preset
from gpt2_demo.compare.results import Results
from gpt2_demo.compare.runs import Run
from gpt2_demo.model import Shape
from theory.errors import InputError
from theory.locks import alone

ROOT = Path(__file__).resolve().parents[1]
TEXT = "the quick brown fox jumps over the lazy dog and runs away. " * 12
TINY: dict[str, Any] = {
    "vocab": 260,
    "context": 8,
    "batch": 2,
    "teacher": Shape(1, 8, 1),
    "teacher_steps": 6,
    "teacher_every": 2,
    "student": Shape(1, 4, 1),
    "small": Shape(1, 2, 1),
    "steps": 4,
    "evaluate_every": 2,
}


def write_corpus(folder: Path) -> str:
    path = folder / "text.txt"
    path.write_text(TEXT, "utf-8")
    return str(path)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Preset:
    """The smoke preset on a text of a few lines."""
    return replace(
        SMOKE, corpus=write_corpus(tmp_path_factory.mktemp("corpus")), **TINY
    )


@pytest.fixture(scope="module")
def whole(tiny: Preset, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the whole tiny comparison, made in this process."""
    folder = tmp_path_factory.mktemp("whole")
    program.compare(program.Asked(tiny, folder, jobs=1))
    return folder


def timeless(folder: Path) -> dict[str, Any]:
    """Results without what a clock said."""
    found = json.loads((folder / "results.json").read_text("utf-8"))
    for run in found["runs"].values():
        del run["seconds"], run["tokens_per_second"]
    assert isinstance(found, dict)
    return found


# -- running it ------------------------------------------------------------------------


def test_every_role_has_a_result(whole: Path) -> None:
    found = json.loads((whole / "results.json").read_text("utf-8"))
    assert {e["id"] for e in found["entries"]} == set(found["runs"])
    assert set(found["teachers"]) == {"teacher", "random", "brief"}
    assert found["command"].startswith("ratecheck gpt2 compare --preset smoke --corpus")
    assert len(found["data"]["corpus"]) == 64
    assert {"preset", "versions", "rules", "verdict", "words"} <= set(found)
    for one in found["runs"].values():
        assert one["at"] == [2, 4]
        assert one["curve"][-1] == one["valid"]
        assert one["steps_at"] == [0, 1, 2, 3]
        assert 0 <= one["zero"] <= 1
        assert one["tokens_per_second"] > 0
    text = (whole / "results.md").read_text("utf-8")
    assert found["words"] in text
    assert "| untuned | tuned |" in text


def test_the_same_runs_give_the_same_bytes(whole: Path, tiny: Preset) -> None:
    before = {p: p.read_bytes() for p in whole.rglob("*.json")}
    stamps = {p: p.stat().st_mtime_ns for p in (whole / "runs").iterdir()}
    said: list[program.Now] = []
    program.compare(program.Asked(tiny, whole, jobs=1), said.append)
    assert before == {p: p.read_bytes() for p in whole.rglob("*.json")}
    assert stamps == {p: p.stat().st_mtime_ns for p in (whole / "runs").iterdir()}
    assert said[-1].done == said[-1].total == len(stamps)


CHILD = """
import os, signal, sys
sys.path.insert(0, {root!r})
from dataclasses import replace
from pathlib import Path
from gpt2_demo.compare import presets, program
from gpt2_demo.model import Shape
def watch(now):
    if now.done == 3:
        os.kill(os.getpid(), signal.SIGKILL)
if __name__ == "__main__":
    preset = replace(presets.SMOKE, corpus={corpus!r}, **{tiny!r})
    program.compare(program.Asked(preset, Path({out!r}), jobs=2), watch)
"""


@pytest.mark.slow
def test_a_killed_comparison_goes_on_with_the_bits_of_one_process(
    whole: Path, tiny: Preset, tmp_path: Path
) -> None:
    script, out = tmp_path / "child.py", tmp_path / "out"
    script.write_text(
        CHILD.format(root=str(ROOT), corpus=tiny.corpus, tiny=TINY, out=str(out))
    )
    child = subprocess.run([sys.executable, str(script)], check=False)
    assert child.returncode == -signal.SIGKILL
    stamps = {p: p.stat().st_mtime_ns for p in (out / "runs").glob("*.json")}
    assert 3 <= len(stamps) <= 5  # two were in flight
    assert not (out / "results.json").exists()
    program.compare(program.Asked(tiny, out, jobs=2))
    assert stamps == {path: path.stat().st_mtime_ns for path in stamps}
    assert timeless(out) == timeless(whole)


def test_processes_end_when_their_parent_does(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    codes: list[int] = []
    monkeypatch.setattr(os, "_exit", codes.append)
    ours, theirs = multiprocessing.Pipe(duplex=False)
    theirs.close()  # as its death does
    pool._end_with(ours)
    assert codes == [1]


def test_a_diverged_run_is_a_result(tiny: Preset, whole: Path) -> None:
    run = Run(Arm("sgd", rate=1e30), 0)
    runner.work(whole, tiny, run)
    found = runner.read(whole, run)
    runner.path_of(whole, run).unlink()
    assert found is not None
    assert found["diverged"]
    assert found["valid"] is None
    assert runner.loss_of(found) == float("inf")


def test_the_brief_teacher_stops_by_its_rule(whole: Path, tiny: Preset) -> None:
    found = timeless(whole)
    brief = found["teachers"]["brief"]
    assert brief["steps"] in {2, 4, 6}
    best = min(
        found["runs"][e["id"]]["valid"]
        for e in found["entries"]
        if e["group"] == "tuning" and e["series"].startswith("AdamW")
    )
    assert brief["valid"] <= best or brief["steps"] == tiny.teacher_steps


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"steps": 5}, "preset.steps is 4 there, 5 here"),
        ({"seeds": (4, 5)}, r"preset.seeds is \[0, 1\] there, \[4, 5\] here"),
        ({"context": 7}, "data.train is"),
    ],
)
def test_a_folder_of_another_comparison_is_refused(
    whole: Path, tiny: Preset, changes: dict[str, Any], message: str
) -> None:
    asked = program.Asked(replace(tiny, **changes), whole, jobs=1)
    with pytest.raises(InputError, match=message):
        program.compare(asked)


def test_a_second_comparison_in_the_folder_is_refused(
    tiny: Preset, tmp_path: Path
) -> None:
    with alone(tmp_path), pytest.raises(InputError, match="Another run is using"):
        program.compare(program.Asked(tiny, tmp_path, jobs=1))


def test_bad_input_is_refused_in_words(tiny: Preset, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="1 to 64 jobs, got 0"):
        program.Asked(tiny, tmp_path, jobs=0)
    with pytest.raises(InputError, match="--jobs 1 on device 'auto'"):
        program.Asked(GPU, tmp_path, jobs=2)
    with pytest.raises(InputError, match="preset out of smoke, cpu, gpu, got 'big'"):
        presets.get("big")
    same = (tmp_path / "a.safetensors", tmp_path / "brief.safetensors")
    with pytest.raises(InputError, match="names that differ"):
        program.Asked(tiny, tmp_path, 1, same)
    (tmp_path / "config.json").write_text("[]")
    with pytest.raises(InputError, match="is damaged"):
        program.compare(program.Asked(tiny, tmp_path, 1))


def test_a_damaged_result_is_told_of(tmp_path: Path) -> None:
    run = Run(Arm("sps"), 0)
    runner.path_of(tmp_path, run).parent.mkdir()
    runner.path_of(tmp_path, run).write_text("{}")
    with pytest.raises(InputError, match="Remove it: it is done again"):
        runner.read(tmp_path, run)


# -- teachers from elsewhere -----------------------------------------------------------


def test_losses_from_files_stand_in_for_the_teacher(
    tiny: Preset, tmp_path: Path
) -> None:
    data = ground.of(tiny)
    files = (tmp_path / "mine.safetensors", tmp_path / "other.safetensors")
    for seed, file in enumerate(files):
        net = models.build(tiny.teacher, data.vocab, tiny.context, seed)
        teacher.compute(net, data.train).save(file)
    found = program.compare(program.Asked(tiny, tmp_path / "out", 1, files))
    assert found.teachers["teacher"]["valid"] is None
    assert "other teacher" in found.judgement.controls
    assert not (tmp_path / "out" / "teachers" / "teacher.run").exists()
    assert found.command.endswith(
        "--teacher-losses mine.safetensors --teacher-losses other.safetensors"
    )


@pytest.fixture
def downloaded(tmp_path: Path) -> str:
    """A pretrained teacher with its tokenizer, as a download leaves them."""
    folder = tmp_path / "gpt2-tiny"
    words = tokens.train(TEXT, 260)
    saved.save(models.build(Shape(1, 8, 1), words.size, 16, 0), words, folder, {})
    return str(folder)


@pytest.mark.slow
def test_the_path_of_the_gpu_preset_in_miniature(
    downloaded: str, tmp_path: Path
) -> None:
    sizes = {key: value for key, value in TINY.items() if key != "vocab"}
    preset = replace(
        GPU,
        pretrained=downloaded,
        corpus=write_corpus(tmp_path),
        device="cpu",
        micro=1,
        seeds=(0, 1),
        control_seeds=1,
        curve_seeds=1,
        schedules=("cosine",),
        sgd_rates=(0.1,),
        adamw_rates=(0.001,),
        **sizes,
    )
    found: Results = program.compare(program.Asked(preset, tmp_path / "out", 1))
    assert found.config["data"]["vocab"] == 260
    assert found.teachers["teacher"]["steps"] == 0
    assert found.config["preset"]["autocast"]


def test_a_teacher_that_is_not_there_is_refused(tmp_path: Path) -> None:
    preset = replace(
        SMOKE, pretrained=str(tmp_path / "none"), corpus=write_corpus(tmp_path)
    )
    with pytest.raises(InputError, match="No model"):
        program.compare(program.Asked(preset, tmp_path / "out", 1))
