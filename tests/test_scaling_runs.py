"""Small real runs for a scaling law: the grid, the students, kills, the two tables."""

import csv
import json
import math
import os
import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch.nn.functional import one_hot
from torch.utils.flop_counter import FlopCounterMode
from typer.testing import CliRunner

from gpt2_demo import model as models
from gpt2_demo.compare.program import Now
from gpt2_demo.model import Shape
from gpt2_demo.plan import Plan, Task
from gpt2_demo.scaling import grid, presets, program, runner
from gpt2_demo.scaling.cli import app
from gpt2_demo.scaling.grid import Run
from gpt2_demo.scaling.presets import CPU, SMOKE, Preset
from gpt2_demo.scaling.runner import Job
from gpt2_demo.train import Trainer
from theory.errors import InputError

ROOT = Path(__file__).resolve().parents[1]
TINY: dict[str, Any] = {
    "vocab": 260,
    "context": 8,
    "batch": 2,
    "held_out": 4,
    "shapes": (Shape(1, 4, 1), Shape(1, 8, 2)),
    "tokens": (64, 128),
    "teachers": ((1, 128),),
    "students": (0,),
    "student_tokens": (64, 128),
    "saves": 4,
}


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Preset:
    text = "the quick brown fox jumps over the lazy dog and runs away. " * 20
    path = tmp_path_factory.mktemp("corpus") / "text.txt"
    path.write_text(text, "utf-8")
    return replace(SMOKE, corpus=str(path), **TINY)


@pytest.fixture(scope="module")
def whole(tiny: Preset, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("whole")
    found = program.run(program.Asked(tiny, folder, jobs=1))
    assert found == program.Study(4, 2, ())
    return folder


def rows(path: Path) -> list[dict[str, float]]:
    with path.open(encoding="utf-8", newline="") as file:
        return [{k: float(v) for k, v in row.items()} for row in csv.DictReader(file)]


def tables(folder: Path) -> list[bytes]:
    return [
        (folder / f"{name}.csv").read_bytes() for name in ("supervised", "distillation")
    ]


# -- the grid --------------------------------------------------------------------------


@pytest.mark.parametrize("shape", CPU.shapes)
def test_the_formula_counts_the_parameters_of_the_model(shape: Shape) -> None:
    model = models.build(shape, CPU.vocab, CPU.context, 0)
    assert grid.num_parameters(shape) == models.num_parameters(model, embeddings=False)


def test_flops_are_those_of_every_matrix_product() -> None:
    """2 FLOPs a multiplication, counted by torch; the formula adds biases and norms."""
    shape = Shape(3, 64, 4)
    model = models.build(shape, CPU.vocab, CPU.context, 0)
    tokens = torch.zeros((1, CPU.context), dtype=torch.int64)
    counter = FlopCounterMode(display=False)
    with counter, torch.nn.attention.sdpa_kernel(torch.nn.attention.SDPBackend.MATH):
        model(tokens)
    counted = counter.get_total_flops() / CPU.context
    others = 2 * (grid.num_parameters(shape) - 12 * 3 * 64**2)
    # Attention has two products of 2 n l d FLOPs each; half of it is masked, and
    # the paper's count is of what is not.
    masked = 2 * CPU.context * 3 * 64
    assert grid.forward_flops(shape, CPU) - others == counted - masked


@pytest.mark.parametrize("preset", [SMOKE, CPU])
def test_every_student_lies_beside_a_supervised_run(preset: Preset) -> None:
    own, taught = grid.supervised(preset, 3), grid.distilled(preset, 3)
    assert {replace(run, teacher=None) for run in taught} <= set(own)
    assert grid.teachers(taught) <= set(own)
    assert len({run.id for run in (*own, *taught)}) == len(own) + len(taught)


def test_no_token_of_the_cpu_preset_is_seen_twice() -> None:
    assert max(CPU.tokens) < 3_500_000  # which the sources of Python 3.11 exceed


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"tokens": (64, 100)}, "multiples of a step's 16"),
        ({"teachers": ((2, 64),)}, "teachers out of the supervised"),
        ({"student_tokens": (32,)}, "students beside supervised"),
        ({"saves": 0}, "saves >= 1"),
    ],
)
def test_a_grid_whose_parts_do_not_meet_is_refused(
    changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        replace(SMOKE, **{**TINY, **changes})


# -- pure distillation -----------------------------------------------------------------


def test_a_student_of_itself_has_no_gradient_and_the_loss_is_its_entropy() -> None:
    model = models.build(Shape(1, 8, 1), 16, 8, 0)
    tokens = torch.arange(9)[None] % 16
    loss = models.distillation_losses(model, model, tokens)
    p = model(tokens[:, :-1]).logits.softmax(-1)
    entropy = torch.distributions.Categorical(p).entropy().mean()
    torch.testing.assert_close(loss, entropy[None])
    loss.sum().backward()
    assert max(float(w.grad.abs().max()) for w in model.parameters()) < 1e-7


def test_a_certain_teacher_teaches_the_text() -> None:
    student = models.build(Shape(1, 8, 1), 16, 8, 1)
    tokens = torch.arange(9)[None] % 16

    def certain(_seen: torch.Tensor) -> SimpleNamespace:
        return SimpleNamespace(logits=one_hot(tokens[:, 1:], 16) * 1e4)

    found = models.distillation_losses(student, certain, tokens)
    torch.testing.assert_close(found, models.sequence_losses(student, tokens))


def test_the_teachers_distribution_is_what_a_student_learns(
    whole: Path, tiny: Preset, tmp_path: Path
) -> None:
    """Same initialisation and order as without it, other weights."""
    teacher = Run(tiny.shapes[1], 128, 0)
    own, taught = Run(tiny.shapes[0], 64, 0), Run(tiny.shapes[0], 64, 0, teacher)
    out = shutil.copytree(whole, tmp_path / "out")
    one, two = (runner._trainer(out, tiny, run) for run in (own, taught))
    assert models.fingerprint(one.model) == models.fingerprint(two.model)
    assert (one.order.at(3) == two.order.at(3)).all()
    one.run()
    two.run()
    assert models.fingerprint(one.model) != models.fingerprint(two.model)
    assert one.identity["soft"] is None
    assert two.identity["soft"] == models.fingerprint(two.task.soft)


def test_a_checkpoint_of_another_teacher_is_refused(
    tiny: Preset, tmp_path: Path
) -> None:
    text = runner.text_of(tiny)
    shape, arm = tiny.shapes[0], grid.arm(100)
    data = (text.train, text.valid, text.vocabulary.size, shape)
    plan = Plan(4, 2, save_every=4)
    Trainer(Task(*data), arm, plan, folder=tmp_path).run()
    other = models.build(shape, text.vocabulary.size, tiny.context, 7)
    with pytest.raises(InputError, match="its soft is None"):
        Trainer(Task(*data, soft=other), arm, plan, folder=tmp_path)
    with pytest.raises(
        InputError, match="Need a teacher of 260 tokens, got one of 300"
    ):
        Task(*data, soft=models.build(shape, 300, tiny.context, 7))


# -- running it ------------------------------------------------------------------------


def test_the_tables_are_those_of_the_runs(whole: Path, tiny: Preset) -> None:
    lines = (whole / "runs.jsonl").read_text("utf-8").splitlines()
    by_id = {one["id"]: one for one in map(json.loads, lines)}
    own, taught = rows(whole / "supervised.csv"), rows(whole / "distillation.csv")
    assert list(own[0]) == ["N", "D", "loss"]
    assert list(taught[0]) == ["N_S", "D_S", "N_T", "D_T", "L_T", "loss"]
    teacher = by_id["1x8-128-s0"]
    for row in taught:
        assert (row["N_T"], row["D_T"]) == (teacher["N"], 128)
        assert row["L_T"] == teacher["loss"]
        assert row["loss"] == by_id[f"1x4-{row['D_S']:.0f}-s0-of-1x8-128-s0"]["loss"]
    student = by_id["1x4-64-s0-of-1x8-128-s0"]
    F_S, F_T = (grid.forward_flops(shape, tiny) for shape in tiny.shapes)
    assert student["training_flops"] == 3 * 64 * F_S
    assert student["teacher_flops"] == 64 * F_T
    assert teacher["epochs"] == 128 / (8 * len(runner.text_of(tiny).train))


def test_held_out_losses_are_those_of_the_kept_model(whole: Path, tiny: Preset) -> None:
    model = runner._model(whole, tiny, Run(tiny.shapes[1], 128, 0))
    valid = runner.text_of(tiny).valid
    assert len(valid) == tiny.held_out
    found = float(models.losses(model, valid).double().mean())
    kept = json.loads((whole / "runs" / "1x8-128-s0.json").read_text("utf-8"))
    assert kept["loss"] == found


def test_a_second_call_does_nothing_again(whole: Path, tiny: Preset) -> None:
    before = {p: p.stat().st_mtime_ns for p in (whole / "runs").glob("*.json")}
    said: list[Now] = []
    program.run(program.Asked(tiny, whole, jobs=1), said.append)
    assert before == {p: p.stat().st_mtime_ns for p in before}
    assert (said[-1].done, said[-1].total, said[-1].eta) == (6, 6, 0)


def test_another_seed_and_another_grid_are_refused(whole: Path, tiny: Preset) -> None:
    with pytest.raises(InputError, match=r"study\.seed is 0 there, 1 here"):
        program.run(program.Asked(tiny, whole, 1, seed=1))
    with pytest.raises(InputError, match=r"preset\.saves is 4 there, 2 here"):
        program.run(program.Asked(replace(tiny, saves=2), whole, 1))
    with pytest.raises(InputError, match="1 to 64 jobs"):
        program.Asked(tiny, whole, 0)
    with pytest.raises(InputError, match="Need 137 held-out tokens"):
        runner.text_of(replace(tiny, held_out=17))


CHILD = """
import os, signal, sys
sys.path.insert(0, {root!r})
from dataclasses import replace
from pathlib import Path
from gpt2_demo import train
from gpt2_demo.model import Shape
from gpt2_demo.scaling import presets, program
saved = train.Trainer._save
def save(self):
    saved(self)
    if self.step == {step} and self.task.soft is not None:
        os.kill(os.getpid(), signal.SIGKILL)
train.Trainer._save = save
preset = replace(presets.SMOKE, corpus={corpus!r}, **{tiny!r})
program.run(program.Asked(preset, Path({out!r}), jobs=1))
"""


def test_a_killed_study_goes_on_from_its_checkpoint_to_the_same_bytes(
    whole: Path, tiny: Preset, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    code = CHILD.format(
        root=str(ROOT), corpus=tiny.corpus, tiny=TINY, out=str(out), step=4
    )
    env = os.environ | {"OMP_NUM_THREADS": "1"}
    child = subprocess.run([sys.executable, "-c", code], check=False, env=env)
    assert child.returncode == -signal.SIGKILL
    stamps = {p: p.stat().st_mtime_ns for p in (out / "runs").glob("*.json")}
    assert len(stamps) == 4  # all supervised runs, and no student
    program.run(program.Asked(tiny, out, jobs=1))
    assert stamps == {path: path.stat().st_mtime_ns for path in stamps}
    assert tables(out) == tables(whole)
    lines = map(json.loads, (out / "runs.jsonl").read_text("utf-8").splitlines())
    assert [one["steps_timed"] for one in lines if one["steps_timed"] < one["steps"]]


def test_a_teacher_that_is_gone_is_made_again(
    tiny: Preset, whole: Path, tmp_path: Path
) -> None:
    out = shutil.copytree(whole, tmp_path / "out")
    run = Run(tiny.shapes[1], 128, 0)
    shutil.rmtree(out / "runs" / run.id)
    with pytest.raises(InputError, match="diverged or is gone"):
        runner._model(out, tiny, run)
    assert runner.read(out, Job(run)) is not None
    assert runner.read(out, Job(run, is_kept=True)) is None
    said: list[Now] = []
    program.run(program.Asked(tiny, out, jobs=1), said.append)
    assert [now.what for now in said[2:]] == [run.id]
    models_ = [runner._model(folder, tiny, run) for folder in (out, whole)]
    assert len({models.fingerprint(one) for one in models_}) == 1


def test_a_diverged_run_is_in_no_table(tiny: Preset, tmp_path: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(grid, "RATE", 1e30)
        found = program.run(program.Asked(replace(tiny, teachers=()), tmp_path, 1))
    assert found.supervised == 4 - len(found.diverged)
    assert found.diverged
    assert math.isfinite(sum(row["loss"] for row in rows(tmp_path / "supervised.csv")))


def test_the_command_says_where_the_tables_are(
    tiny: Preset, whole: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(presets, "PRESETS", {"smoke": tiny})
    asked = ["scaling", "run", "--out", str(whole), "--jobs", "1"]
    done = CliRunner().invoke(app, asked)
    assert done.exit_code == 0, done.output
    assert "4 supervised runs in" in done.output
    assert "6/6" in done.output
    wrong = CliRunner().invoke(app, [*asked, "--preset", "big"])
    assert wrong.exit_code == 2
    assert "Need a preset out of smoke, got 'big'" in " ".join(wrong.output.split())
