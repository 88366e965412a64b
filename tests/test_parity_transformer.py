"""Small transformers: how they are trained and examined, where they go on."""

from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from synthetic.parity.transformer import files_torch as files, train_torch
from synthetic.parity.transformer.config import Config, Task, Training
from synthetic.parity.transformer.model_torch import Transformer, device_of
from synthetic.parity.transformer.study_torch import teacher_job
from synthetic.parity.transformer.train_torch import (
    STATE,
    Job,
    Memory,
    Run,
    answers,
    checkpoint,
    weights_path,
)
from theory.errors import InputError

SMALL = Training(heads=2, layers=2, steps=24, every=4, batch=8)
TASK = Task(6, 2)


def job(
    training: Training = SMALL, task: Task = TASK, seed: int = 0, device: str = "cpu"
) -> Job:
    config = Config(task, training)
    return teacher_job(config, seed, torch.device(device))


def weights(run: Run) -> dict[str, Any]:
    return files.state_of(run.model, run.optimiser)


def same(first: dict[str, Any], second: dict[str, Any]) -> bool:
    return first.keys() == second.keys() and all(
        torch.equal(one, second[name]) for name, one in first.items()
    )


def test_equal_seeds_give_equal_runs_and_others_do_not(tmp_path: Path) -> None:
    runs = [
        Run(job(seed=seed), tmp_path / str(number))
        for number, seed in enumerate((3, 3, 4))
    ]
    for run in runs:
        run.run(stop_at=8)
    assert same(weights(runs[0]), weights(runs[1]))
    assert not same(weights(runs[0]), weights(runs[2]))


@pytest.mark.parametrize("stops", [(4, 8), (7,), (1, 13, 23)])
def test_a_run_in_parts_is_the_run_in_one_go_bit_by_bit(
    stops: tuple[int, ...], tmp_path: Path
) -> None:
    whole = Run(job(), tmp_path / "whole", keep=True)
    whole.run()
    for stop in stops:  # what was trained after the last evaluation is trained again
        Run(job(), tmp_path / "parts", keep=True).run(stop_at=stop)
    parts = Run(job(), tmp_path / "parts", keep=True)
    assert parts.step == stops[-1] // 4 * 4
    parts.run()
    assert parts.history == whole.history
    assert same(weights(parts), weights(whole))
    for step in whole.history.steps:
        both = (weights_path(tmp_path / name, step) for name in ("whole", "parts"))
        first, second = (path.read_bytes() for path in both)
        assert first == second


def test_a_finished_run_is_not_trained_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = Run(job(), tmp_path)
    first.run()
    monkeypatch.setattr(Run, "_step", lambda _self: pytest.fail("trained"))
    again = Run(job(), tmp_path)
    assert again.run() == first.history


def test_a_write_that_fails_leaves_the_state_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = Run(job(), tmp_path)
    run.run(stop_at=4)
    before = (tmp_path / STATE).read_bytes()

    def full(*_: object, **__: object) -> None:
        msg = "No space left on device"
        raise OSError(msg)

    monkeypatch.setattr(files, "save_file", full)
    with pytest.raises(InputError, match=r"No space left.*unchanged"):
        run.run(stop_at=8)
    assert (tmp_path / STATE).read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == [STATE]


def test_a_checkpoint_answers_as_the_model_did(tmp_path: Path) -> None:
    run = Run(job(), tmp_path, keep=True)
    run.run(stop_at=8)
    bits = TASK.test(0)
    found = answers(checkpoint(job(), tmp_path, 8), bits, torch.device("cpu"))
    assert np.array_equal(found, answers(run.model, bits, torch.device("cpu")))


def test_a_remembered_checkpoint_says_what_it_says() -> None:
    model = Transformer(6, replace(SMALL, init=0.5), 0)
    memory = Memory(model, TASK, torch.device("cpu"))
    bits = torch.from_numpy(TASK.batch("student data", 1, 0, 40))
    assert torch.allclose(memory(bits), model(bits), rtol=0, atol=1e-5)


def test_a_large_one_is_asked_each_time() -> None:
    task = Task(14, 2)
    model = Transformer(14, SMALL, 0)
    bits = torch.from_numpy(task.batch("student data", 1, 0, 40))
    memory = Memory(model, task, torch.device("cpu"))
    assert torch.equal(memory(bits), model(bits))
    assert not memory(bits).requires_grad


def test_the_first_step_is_adams_on_the_divided_teachers_cross_entropy(
    tmp_path: Path,
) -> None:
    given: Any = job()
    logits = torch.randn(8, 2, generator=torch.Generator().manual_seed(0))
    run = Run(given, tmp_path, lambda _step: lambda _bits: logits, 0.5)
    run.run(stop_at=1)
    model = given.model()
    z = model(torch.from_numpy(given.batch(0)))
    p = torch.sigmoid((logits[:, 1] - logits[:, 0]) / 0.5)
    loss = -(p * z.log_softmax(1)[:, 1] + (1 - p) * z.log_softmax(1)[:, 0]).mean()
    loss.backward()
    for mine, one in zip(run.model.parameters(), model.parameters(), strict=True):
        # the first moment after one step is a tenth of the gradient
        moment = run.optimiser.state[mine]["exp_avg"]
        assert torch.allclose(moment, 0.1 * one.grad, rtol=1e-4, atol=1e-7)
        # and the step is the rate, where the gradient is far from 0
        moved = (mine - one).abs()[one.grad.abs() > 1e-4]
        assert torch.allclose(moved, torch.full_like(moved, 3e-3), rtol=1e-2)


@pytest.mark.parametrize("wrong", [0, 1])
def test_hard_labels_of_an_exact_teacher_are_labels_bit_by_bit(
    wrong: int, tmp_path: Path
) -> None:
    support = TASK.support(0)

    def oracle(bits: Any) -> Any:
        odd = bits[:, list(support)].sum(dim=1) % 2
        odd[:wrong] = 1 - odd[:wrong]
        return torch.stack([-odd, odd], dim=1).float() * 3.0

    plain = Run(job(), tmp_path / "ce")
    taught = Run(job(), tmp_path / "taught", lambda _step: oracle, 0.0)
    plain.run()
    taught.run()
    assert plain.step == taught.step == 24
    assert same(weights(plain), weights(taught)) == (not wrong)


def test_a_model_that_diverges_is_refused(tmp_path: Path) -> None:
    run = Run(job(replace(SMALL, rate=1e38)), tmp_path)
    with pytest.raises(InputError, match=r"not finite at step 4: lower the rate"):
        run.run()


def test_another_runs_folder_is_refused(tmp_path: Path) -> None:
    Run(job(), tmp_path).run(stop_at=4)
    for other, named in (
        (job(seed=1), "seed"),
        (job(replace(SMALL, rate=0.1)), "teacher"),
        (job(task=Task(6, 3)), "task"),
    ):
        with pytest.raises(InputError, match=f"of another run: it differs in {named}"):
            Run(other, tmp_path)
    (tmp_path / STATE).write_bytes(b"PK")
    with pytest.raises(InputError, match="damaged"):
        Run(job(), tmp_path)


def test_an_unknown_device_is_refused() -> None:
    with pytest.raises(InputError, match=r"out of auto, cpu, cuda, mps, got 'tpu'"):
        device_of("tpu")
    assert device_of("cpu") == torch.device("cpu")


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device")
def test_cuda_is_refused_without_one_and_auto_does_without() -> None:
    with pytest.raises(InputError, match="There is no cuda device"):
        device_of("cuda")
    assert device_of("auto") == torch.device("cpu")


def test_a_transformer_learns_a_parity_of_two(tmp_path: Path) -> None:
    training = Training(heads=4, steps=300, every=10)
    history = Run(job(training, Task(8, 2)), tmp_path).run()
    assert history.marks[0].accuracy < 0.75
    assert history.marks[-1].accuracy > 0.95
    assert all(first < second for first, second in pairwise(history.steps))


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_cuda_trains_and_goes_on(tmp_path: Path) -> None:
    training = Training(heads=4, steps=300, every=10)
    parts = job(training, Task(8, 2), device="cuda")
    Run(parts, tmp_path, keep=True).run(stop_at=10)
    run = Run(parts, tmp_path, keep=True)
    assert run.step == 10
    assert run.run().marks[-1].accuracy > 0.9
    step = run.history.steps[-1]
    found = answers(
        checkpoint(parts, tmp_path, step), run.exam.bits, torch.device("cuda")
    )
    on_cpu = run.model.cpu()
    assert np.allclose(
        found, answers(on_cpu, run.exam.bits, torch.device("cpu")), atol=1e-3
    )


def test_chunks_change_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    model = Transformer(6, SMALL, 0)
    bits, cpu = TASK.test(0), torch.device("cpu")
    whole = answers(model, bits, cpu)
    monkeypatch.setattr(train_torch, "CHUNK", 7)
    assert np.allclose(answers(model, bits, cpu), whole, rtol=0, atol=1e-5)
