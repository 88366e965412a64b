"""Stacked training: torch step by step, splits, draws."""

import numpy as np
import pytest
import torch

from synthetic.deviations.confidence_data import Data, load, split
from synthetic.deviations.confidence_draws import Draws, order
from synthetic.deviations.confidence_network import (
    Array,
    Shape,
    activations,
    backward,
    initial,
    layers_of,
)
from synthetic.deviations.confidence_training import (
    BATCH,
    LABELS,
    TEACHER,
    Lesson,
    Mix,
    Rows,
    Training,
    train,
)

RNG = np.random.default_rng(5)
SEEDS = (0, 1, 2)


def rows_of(num_rows: int = 30) -> Rows:
    features = np.random.default_rng(4).normal(size=(50, 5))
    members = np.stack(
        [np.random.default_rng(s).permutation(50)[:num_rows] for s in SEEDS]
    )
    labels = np.random.default_rng(6).integers(0, 3, (len(SEEDS), num_rows))
    centre = features[members].mean(axis=1, keepdims=True)
    scale = np.full((len(SEEDS), 1, 5), 1.5)
    return Rows(features, members, centre, scale, labels, 3)


LESSON = Lesson(
    np.random.default_rng(7).normal(0.0, 3.0, (3, 30, 3)), 2.0, Mix(0.2, 0.9, 3, 9)
)


@pytest.mark.parametrize("hidden", [0, 7])
def test_layers_are_views_and_gradients_are_those_of_autograd(hidden: int) -> None:
    shape = Shape(5, hidden, 3)
    theta = initial(RNG.random((3, shape.num_parameters)), shape)
    layers = layers_of(theta, shape)
    assert all(np.shares_memory(a, theta) for pair in layers for a in pair)
    x, signal = RNG.normal(size=(3, 11, 5)), RNG.normal(size=(3, 11, 3))
    gradient = np.full_like(theta, np.nan)
    inputs = activations(layers, x)[:-1]
    backward(layers, inputs, signal, layers_of(gradient, shape))
    direction, eps = RNG.normal(size=theta.shape), 1e-6

    def value(at: Array) -> float:
        return float(np.sum(activations(layers_of(at, shape), x)[-1] * signal))

    slope = value(theta + eps * direction) - value(theta - eps * direction)
    assert slope / (2 * eps) == pytest.approx(np.sum(gradient * direction), rel=1e-6)


@pytest.mark.parametrize("hidden", [0, 7])
@pytest.mark.parametrize("lesson", [None, LESSON])
def test_training_is_torch_step_by_step(hidden: int, lesson: Lesson | None) -> None:
    shape, training, rows = Shape(5, hidden, 3), Training(40, 0.1, stop=20), rows_of()
    draws = Draws(9, SEEDS, 1)
    found = train(shape, training, rows, draws, lesson)
    batches = order(draws, 30, 20 * BATCH)
    start = initial(draws.uniforms(0, 0, shape.num_parameters), shape)
    for k in range(len(SEEDS)):
        ours = [torch.tensor(a[k]) for pair in layers_of(found, shape) for a in pair]
        theirs = by_torch(shape, start[k : k + 1], rows, k, batches[k], lesson)
        for one, other in zip(ours, theirs, strict=True):
            torch.testing.assert_close(one, other.detach(), rtol=1e-9, atol=1e-11)


def by_torch(
    shape: Shape,
    start: Array,
    rows: Rows,
    k: int,
    at: np.ndarray[tuple[int, ...], np.dtype[np.int64]],
    lesson: Lesson | None,
) -> list[torch.Tensor]:
    parts = [
        torch.tensor(a[0], requires_grad=True)
        for pair in layers_of(start, shape)
        for a in pair
    ]
    optimiser = torch.optim.SGD(parts, lr=0.1, momentum=0.9)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, 40)
    x = torch.tensor((rows.features[rows.members[k]] - rows.centre[k]) * 1.5)
    labels = torch.tensor(rows.labels[k])
    for step in range(20):
        batch = torch.tensor(at[step * BATCH : (step + 1) * BATCH])
        z = x[batch]
        for i in range(0, len(parts), 2):
            z = z @ parts[i] + parts[i + 1]
            z = torch.relu(z) if i + 2 < len(parts) else z
        loss = torch.nn.functional.cross_entropy(z, labels[batch])
        if lesson is not None:
            kappa, tau = lesson.mix(step), lesson.temperature
            p = torch.softmax(torch.tensor(lesson.teacher[k])[batch] / tau, 1)
            taught = torch.nn.functional.cross_entropy(z / tau, p)
            loss = (1 - kappa) * loss + kappa * tau**2 * taught
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
    return parts


def test_a_seed_does_not_depend_on_those_beside_it() -> None:
    shape, training, rows = Shape(5, 7, 3), Training(30, 0.1), rows_of()
    found = train(shape, training, rows, Draws(9, SEEDS, 1), LESSON)
    alone = Rows(
        rows.features,
        rows.members[2:],
        rows.centre[2:],
        np.full((1, 1, 5), 1.5),
        rows.labels[2:],
        3,
    )
    lesson = Lesson(LESSON.teacher[2:], LESSON.temperature, LESSON.mix)
    one = train(shape, training, alone, Draws(9, (2,), 1), lesson)
    np.testing.assert_allclose(found[2:], one, rtol=1e-12, atol=1e-14)
    other = train(shape, training, rows, Draws(9, SEEDS, 0), LESSON)
    assert not np.isclose(found, other).any(axis=1).all()


def test_every_epoch_is_a_permutation() -> None:
    found = order(Draws(0, SEEDS, 1), 30, 100)
    assert found.shape == (3, 100)
    for epoch in range(3):
        piece = np.sort(found[:, 30 * epoch : 30 * (epoch + 1)], axis=1)
        assert (piece == np.arange(30)).all()
    assert (found[0, :30] != found[0, 30:60]).any()
    assert (found[0] != found[1]).any()


def test_a_mix_is_linear_between_its_ends() -> None:
    mix = Mix(0.0, 1.0, 1000, 2000)
    at = (0, 999, 1000, 1250, 1500, 2000, 2999)
    assert [mix(t) for t in at] == [0, 0, 0, 0.25, 0.5, 1, 1]
    sudden = Mix(1.0, 0.0, 1500, 1500)
    assert [sudden(t) for t in (1499, 1500)] == [1.0, 0.0]
    assert [LABELS(7), TEACHER(7)] == [0.0, 1.0]


def test_splits_are_fresh_disjoint_and_centred_by_their_own_rows() -> None:
    data = load("digits")
    assert (len(data.labels), data.num_trained, data.features.max()) == (1797, 900, 1.0)
    found = split(data, 0, (0, 1))
    both = np.concatenate([found.rows.members, found.held], axis=1)
    assert (np.sort(both, axis=1) == np.arange(1797)).all()
    assert (found.held[0] != found.held[1]).any()
    means = found.rows.prepared(found.rows.members).mean(axis=1)
    assert np.abs(means).max() < 1e-12
    assert np.abs(found.rows.prepared(found.held).mean(axis=1)).max() > 1e-3


def test_label_noise_is_drawn_from_all_classes() -> None:
    found = split(load("digits"), 0, tuple(range(10)))
    assert found.with_noise(0.0, 0, tuple(range(10))) is found.rows
    noisy = found.with_noise(0.3, 0, tuple(range(10)))
    wrong = noisy.labels != found.rows.labels
    # 9000 labels, wrong with probability .27: standard error .0047, five of them
    assert abs(wrong.mean() - 0.27) < 0.0235
    assert set(np.unique(noisy.labels[wrong])) == set(range(10))


def test_tables_are_standardised_and_constant_columns_dropped() -> None:
    features = np.random.default_rng(0).normal(5.0, 3.0, (80, 3))
    data = Data("t", features, np.arange(80) % 2, ("a", "b"), False, ())
    rows = split(data, 0, (0,)).rows
    x = rows.prepared(rows.members)[0]
    np.testing.assert_allclose(x.mean(axis=0), 0.0, atol=1e-12)
    np.testing.assert_allclose(x.std(axis=0), 1.0, rtol=1e-12)
