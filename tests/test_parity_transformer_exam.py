"""What transformers are given and asked: samples, labels, targets, correlations."""

import numpy as np
import pytest
import torch

from synthetic.parity.transformer.config import Task, labels
from synthetic.parity.transformer.exam import Exam
from synthetic.parity.transformer.train_torch import targets


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


def test_the_temperature_divides_the_teachers_logits() -> None:
    logits = torch.tensor([[0.0, 2.0], [1.0, -1.0], [0.5, 0.5]])
    p = torch.sigmoid(torch.tensor([1.0, -1.0, 0.0]))
    assert torch.allclose(targets(logits, 2.0)[:, 1], p)
    assert targets(logits, 0.0).tolist() == [[0, 1], [1, 0], [1, 0]]


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
