"""Runs: resumed bit by bit, in several processes, stopped by a loss that is not one."""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from gpt2_demo import checkpoint
from gpt2_demo.arms import SCHEDULES, Arm, shape_of
from gpt2_demo.model import Shape
from gpt2_demo.plan import DivergedError, Plan, Task
from gpt2_demo.teacher import Key, TeacherLosses
from gpt2_demo.train import CHECKPOINT, LOG, Trainer
from gpt2_demo.windows import Windows
from theory.errors import InputError

ARMS = {
    "iam": Arm("iam"),
    "iam, lambda_t = t": Arm("iam", lam="t", cap=0.5),
    "iam-adam": Arm("iam-adam"),
    "sps": Arm("sps", cap=1.0),
    "moving average": Arm("iam", target="moving-average", cap=0.5),
    "sgd": Arm("sgd", rate=0.1, schedule="wsd"),
    "adamw": Arm("adamw", rate=1e-2, schedule="cosine"),
}


@cache
def task() -> Task:
    rng = np.random.default_rng(0)
    tokens = (
        np.cumsum(rng.integers(1, 4, size=2000)) % 50
    )  # there is something to learn
    train, valid = (
        Windows(tokens[:1600].astype(np.int32), 16),
        Windows(tokens[1600:].astype(np.int32), 16),
    )
    losses = np.full(len(train), 1.5, dtype=np.float32)
    teacher = TeacherLosses(losses, Key(train.sha256, "0" * 64, "float32"))
    return Task(train, valid, 50, Shape(1, 16, 2), teacher)


PLAN = Plan(12, batch=8, evaluate_every=4, save_every=3)


def weights(trainer: Trainer) -> dict[str, torch.Tensor]:
    return checkpoint.gather(trainer.model, trainer.optimizer)


@pytest.mark.parametrize("arm", ARMS.values(), ids=ARMS)
def test_a_run_in_parts_is_the_run_in_one_go_bit_by_bit(
    arm: Arm, tmp_path: Path
) -> None:
    whole = Trainer(task(), arm, PLAN)
    whole.run()
    for stop in (3, 7, 12):  # 7 is behind the checkpoint of step 6: one step is redone
        parts = Trainer(task(), arm, PLAN, folder=tmp_path)
        parts.run(stop_at=stop)
    assert parts.history.steps["loss"] == whole.history.steps["loss"]
    assert parts.history.valid == whole.history.valid
    assert parts.history.at == [4, 8, 12]
    for name, tensor in weights(whole).items():
        assert torch.equal(tensor, weights(parts)[name]), name
    lines = (tmp_path / LOG).read_text("utf-8").splitlines()
    assert [json.loads(line)["step"] for line in lines] == [4, 8, 12]


def test_the_loss_falls() -> None:
    for name in ("iam", "iam-adam", "adamw"):
        plan = replace(PLAN, steps=60, evaluate_every=60)
        history = Trainer(task(), ARMS[name], plan).run()
        assert history.valid[-1] < 3.0 < history.steps["loss"][0], name  # log 50 = 3.9


@pytest.mark.parametrize("name", ["iam", "iam-adam", "adamw"])
def test_micro_batches_are_the_batch(name: str) -> None:
    plan = replace(PLAN, steps=4)
    whole = Trainer(task(), ARMS[name], plan)
    pieces = Trainer(task(), ARMS[name], replace(plan, micro=3))  # 3 + 3 + 2
    ours, theirs = whole.run(), pieces.run()
    # Sums in another order: float32 rounding, through four steps.
    np.testing.assert_allclose(
        ours.steps["step_size"], theirs.steps["step_size"], rtol=2e-4
    )
    assert ours.valid == pytest.approx(theirs.valid, abs=1e-4)


def test_the_target_is_the_mean_of_the_batch() -> None:
    losses = np.arange(len(task().train)).astype(np.float32) / np.float32(100)
    teacher = TeacherLosses(losses, Key("0" * 64, "0" * 64, "float32"))
    trainer = Trainer(replace(task(), teacher=teacher), ARMS["iam"], PLAN)
    history = trainer.run(stop_at=2)
    trainer.history.flush()
    expected = [losses[trainer.order.at(step)].mean() for step in (0, 1)]
    assert history.steps["target"] == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("name", ["sgd", "adamw"])
def test_a_tuned_method_takes_the_steps_of_its_schedule(name: str) -> None:
    trainer = Trainer(task(), ARMS[name], PLAN)
    used = []
    trainer.optimizer.register_step_pre_hook(
        lambda optimizer, *_: used.append(optimizer.param_groups[0]["lr"])
    )
    history = trainer.run()
    expected = [ARMS[name].rate_at(step, PLAN.steps) for step in range(PLAN.steps)]
    assert used == expected
    assert history.steps["step_size"] == pytest.approx(expected, rel=1e-6)
    assert len(set(expected)) > 2


def test_a_loss_that_is_not_finite_stops_and_keeps_the_last_checkpoint(
    tmp_path: Path,
) -> None:
    bad = np.full(len(task().train), 1.5, dtype=np.float32)
    plan = replace(PLAN, steps=24)
    Trainer(task(), ARMS["iam"], plan, folder=tmp_path).run(stop_at=6)
    before = (tmp_path / CHECKPOINT).read_bytes()
    assert bad.all()
    trainer = Trainer(task(), ARMS["iam"], plan, folder=tmp_path)
    with torch.no_grad():
        next(trainer.model.parameters()).fill_(float("nan"))
    with pytest.raises(DivergedError, match="nan at step 6"):
        trainer.run()
    assert (tmp_path / CHECKPOINT).read_bytes() == before


def test_a_polyak_step_needs_a_teacher() -> None:
    with pytest.raises(InputError, match="needs a teacher"):
        Trainer(replace(task(), teacher=None), ARMS["iam"], PLAN)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"seed": 1}, "its seed is 0, here it is 1"),
        ({"batch": 4}, "its batch is 8"),
    ],
)
def test_a_folder_of_another_run_is_refused(
    change: dict[str, Any], words: str, tmp_path: Path
) -> None:
    Trainer(task(), ARMS["iam"], PLAN, folder=tmp_path).run(stop_at=3)
    with pytest.raises(InputError, match=words):
        Trainer(task(), ARMS["iam"], replace(PLAN, **change), folder=tmp_path)


def test_other_data_and_another_model_are_refused(tmp_path: Path) -> None:
    Trainer(task(), ARMS["iam"], PLAN, folder=tmp_path).run(stop_at=3)
    wider = replace(task(), shape=Shape(1, 32, 2))
    with pytest.raises(InputError, match="its shape is"):
        Trainer(wider, ARMS["iam"], PLAN, folder=tmp_path)
    other = replace(task(), valid=task().train)
    with pytest.raises(InputError, match="its valid is"):
        Trainer(other, ARMS["iam"], PLAN, folder=tmp_path)


def test_a_pickle_or_a_cut_file_is_no_checkpoint(tmp_path: Path) -> None:
    path = tmp_path / CHECKPOINT
    torch.save({"step": 3}, path)
    with pytest.raises(InputError, match="a pickle, which may run code"):
        Trainer(task(), ARMS["iam"], PLAN, folder=tmp_path)
    path.unlink()
    Trainer(task(), ARMS["iam"], PLAN, folder=tmp_path).run(stop_at=3)
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(InputError, match="no checkpoint of ours"):
        Trainer(task(), ARMS["iam"], PLAN, folder=tmp_path)


RUN = """
import sys
from itertools import pairwise
from pathlib import Path
sys.path.insert(0, {tests!r})
import torch
torch.set_num_threads(1)
from test_gpt2_train import ARMS, Plan, Trainer, task
from gpt2_demo.processes import place
with place("cpu") as here:
    trainer = Trainer(task(), ARMS[{arm!r}], {plan}, here, Path({folder!r}))
    trainer.run()
"""


def script(arm: str, plan: Plan, folder: Path) -> str:
    tests = str(Path(__file__).parent)
    return RUN.format(tests=tests, arm=arm, plan=plan, folder=str(folder))


@pytest.mark.slow
def test_a_killed_run_goes_on_bit_by_bit(tmp_path: Path) -> None:
    plan = replace(PLAN, steps=400, evaluate_every=50, save_every=1)
    code = script("iam", plan, tmp_path / "killed")
    for _ in range(3):
        child = subprocess.Popen([sys.executable, "-c", code], start_new_session=True)
        deadline = time.monotonic() + 60
        begun = (tmp_path / "killed" / CHECKPOINT).exists()
        first = step_of(tmp_path / "killed") if begun else 0
        while child.poll() is None and time.monotonic() < deadline:
            if step_of(tmp_path / "killed") > first + 20:
                break
            time.sleep(0.005)
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()
    subprocess.run([sys.executable, "-c", code], check=True)
    whole = Trainer(task(), ARMS["iam"], plan)
    whole.run()
    found = checkpoint.load(tmp_path / "killed" / CHECKPOINT)
    for name, tensor in weights(whole).items():
        assert torch.equal(found.tensors[name], tensor), name
    assert found.part("history")["loss"].tolist() == whole.history.steps["loss"]
    assert not list((tmp_path / "killed").glob(".ratecheck.*"))


def step_of(folder: Path) -> int:
    try:
        return int(checkpoint.load(folder / CHECKPOINT).meta["step"])
    except InputError:
        return 0


@pytest.mark.slow
@pytest.mark.parametrize("arm", ["iam", "adamw"])
def test_two_processes_are_one(arm: str, tmp_path: Path) -> None:
    plan = replace(PLAN, steps=6, micro=2)
    file = tmp_path / "run.py"
    file.write_text(script(arm, plan, tmp_path / "two"), "utf-8")
    launcher = [sys.executable, "-m", "torch.distributed.run", "--standalone"]
    done = subprocess.run(
        [*launcher, "--nproc-per-node=2", str(file)],
        check=False,
        capture_output=True,
        text=True,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
    )
    assert done.returncode == 0, done.stderr
    one = Trainer(task(), ARMS[arm], plan)
    one.run()
    found = checkpoint.load(tmp_path / "two" / CHECKPOINT)
    for name, tensor in one.model.named_parameters():
        # Sums in another order: float32 rounding, through six steps.
        torch.testing.assert_close(
            found.tensors[f"model.{name}"], tensor.detach(), rtol=1e-3, atol=2e-5
        )
    sizes = found.part("history")["step_size"].tolist()
    assert sizes == pytest.approx(one.history.steps["step_size"], rel=1e-3)


@pytest.mark.parametrize("name", SCHEDULES)
def test_rates_rise_to_the_peak_and_stay_in_range(name: str) -> None:
    shares = [shape_of(name, step, 200) for step in range(200)]
    assert max(shares) == 1.0
    assert shares[9] == 1.0  # 5 % of the steps
    assert all(0 < share <= 1 for share in shares)
    assert (shares[-1] < 0.03) == (name != "constant")
    assert all(a >= b for a, b in pairwise(shares[10:]))


def test_wsd_falls_in_the_last_fifth() -> None:
    assert shape_of("wsd", 159, 200) == 1.0
    assert shape_of("wsd", 180, 200) == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("kwargs", "words"),
    [
        ({"method": "lion"}, "method out of"),
        ({"method": "sgd"}, "rate > 0"),
        ({"method": "sgd", "rate": 1.0, "schedule": "step"}, "schedule out of"),
    ],
)
def test_arms_that_are_not_there_are_refused(
    kwargs: dict[str, object], words: str
) -> None:
    with pytest.raises(InputError, match=words):
        Arm(**kwargs)  # type: ignore[arg-type]
