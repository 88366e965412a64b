"""Small transformers: how they are trained and examined, where they go on."""

from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from synthetic.parity.transformer import files_torch as files, train_torch
from synthetic.parity.transformer.config import Config, Task, Training, labels
from synthetic.parity.transformer.exam import Exam
from synthetic.parity.transformer.model_torch import Transformer, device_of
from synthetic.parity.transformer.study_torch import teacher_job
from synthetic.parity.transformer.train_torch import (
    STATE,
    Job,
    Memory,
    Run,
    answers,
    checkpoint,
    targets,
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


def test_labels_are_the_parity_of_the_support() -> None:
    bits = Task(6, 3).test(0)
    assert len(np.unique(bits, axis=0)) == 64
    signs = 1 - 2 * bits
    assert np.array_equal(1 - 2 * labels(bits, (0, 2, 5)), signs[:, [0, 2, 5]].prod(1))


def test_every_address_has_its_own_samples() -> None:
    addresses = [
        (role, seed, step)
        for role in ("teacher data", "student data", "test")
        for seed in (0, 1)
        for step in (0, 1)
    ]
    task = Task(40, 3)
    drawn = [task.batch(role, seed, step, 50) for role, seed, step in addresses]
    assert len({one.tobytes() for one in drawn}) == len(addresses)
    again = task.batch("student data", 1, 1, 50)
    assert np.array_equal(again, drawn[addresses.index(("student data", 1, 1))])
    # 24000 fair bits: 5.2 standard deviations are exceeded with probability 2e-7
    assert abs(np.mean(drawn) - 0.5) < 5.2 * 0.5 / np.sqrt(24000)


def test_supports_are_spread() -> None:
    found = {Task(12, 3).support(seed) for seed in range(30)}
    assert len(found) > 20
    assert all(len(set(one)) == 3 and min(one) >= 0 and max(one) < 12 for one in found)


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


def test_the_temperature_divides_the_teachers_logits() -> None:
    logits = torch.tensor([[0.0, 2.0], [1.0, -1.0], [0.5, 0.5]])
    p = torch.sigmoid(torch.tensor([1.0, -1.0, 0.0]))
    assert torch.allclose(targets(logits, 2.0)[:, 1], p)
    assert targets(logits, 0.0).tolist() == [[0, 1], [1, 0], [1, 0]]


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


def test_correlations_of_a_parity_and_of_a_coordinate() -> None:
    exam = Exam.of(Task(6, 2), 0)
    sure = np.stack([0 * exam.classes, 800.0 * exam.classes - 400.0], axis=1)
    mark = exam.mark(sure)
    assert mark.accuracy == 1.0
    assert mark.floor == 0.0
    assert max(mark.inside, mark.outside) < 1e-15
    one = exam.bits[:, exam.support[0]]
    mark = exam.mark(np.stack([0 * one, 800.0 * one - 400.0], axis=1))
    assert mark.accuracy == 0.5
    assert mark.inside == pytest.approx(0.25)  # 1/2 at one of the two
    assert mark.outside < 1e-15


def test_a_sample_has_a_floor() -> None:
    exam = Exam.of(Task(20, 2), 0)
    margin = np.random.default_rng(0).normal(size=8192)
    mark = exam.mark(np.stack([0 * margin, margin], axis=1))
    p = 1 / (1 + np.exp(-margin))
    assert mark.floor == pytest.approx(p.std() / np.sqrt(8192))
    # 20 half-normal values, whose mean is .8 floors: above 2 with probability < 1e-6
    assert 0.0 < mark.outside < 2 * mark.floor


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
