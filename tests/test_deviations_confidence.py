"""Confidence of students on that of teachers: statistics, training, rule."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from hypothesis import given, strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from synthetic.deviations.confidence_configurations import CONFIGURATIONS, choose
from synthetic.deviations.confidence_data import Data, load, split
from synthetic.deviations.confidence_network import (
    Array,
    Shape,
    activations,
    backward,
    initial,
    layers_of,
)
from synthetic.deviations.confidence_rule import (
    Judgement,
    holm,
    judge,
    mean_of,
    too_often,
)
from synthetic.deviations.confidence_runs import Request, run
from synthetic.deviations.confidence_statistics import log_odds, pairs, statistics
from synthetic.deviations.confidence_training import (
    BATCH,
    LABELS,
    TEACHER,
    Draws,
    Lesson,
    Mix,
    Rows,
    Training,
    order,
    train,
)
from synthetic.parity.hitting import Finding
from theory.errors import InputError

RNG = np.random.default_rng(5)
SEEDS = (0, 1, 2)


def cloud(n: int = 4000) -> Array:
    return np.random.default_rng(1).normal(3.0, 2.0, n)


def test_a_line_is_found_exactly() -> None:
    x = cloud()
    found = statistics(x, 1.2 * x - 0.3)
    assert found.slope == pytest.approx(1.2, abs=1e-12)
    assert found.rma == pytest.approx(1.2, abs=1e-12)
    assert found.intercept == pytest.approx(-0.3, abs=1e-11)
    low, high = np.sort(x)[:1000], np.sort(x)[-1000:]  # Y > X iff X > 1.5
    assert found.low_under == np.mean(low < 1.5)
    assert found.hi_over == np.mean(high > 1.5) == 1.0


def test_noise_leaves_the_slope_and_dilutes_the_reverse() -> None:
    # slope - 1 is normal with standard error .5 / (2 sqrt(4000)) = .004
    x = cloud()
    y = x + np.random.default_rng(2).normal(0.0, 0.5, len(x))
    assert abs(statistics(x, y).slope - 1.0) < 5.0 * 0.004
    assert statistics(y, x).slope == pytest.approx(1.0 / 1.0625, abs=0.02)
    assert statistics(x, y).rma > 1.02


def test_students_of_other_points_have_slope_zero() -> None:
    x = cloud()
    y = np.random.default_rng(3).permutation(1.2 * x)
    assert abs(statistics(x, y).slope) < 5.0 * 1.2 / np.sqrt(len(x))


def test_shares_count_strictly_and_by_quarters() -> None:
    x = np.arange(12.0)
    y = x.copy()
    assert statistics(x, y).low_under == statistics(x, y).hi_over == 0.0
    y[[0, 2, 3]] -= 0.5  # 3 is outside the lowest quarter
    y[[8, 11]] += 0.5  # and 8 outside the highest
    assert statistics(x, y).low_under == 2 / 3
    assert statistics(x, y).hi_over == 1 / 3


def test_statistics_refuse_what_has_no_slope() -> None:
    with pytest.raises(InputError, match="vary"):
        statistics(np.full(20, 3.0), np.arange(20.0))
    with pytest.raises(InputError, match="8 pairs"):
        statistics(np.arange(7.0), np.arange(7.0))
    for diverged in (np.nan, np.inf, 1e300):
        found = statistics(np.arange(20.0), np.full(20, diverged))
        assert np.isnan([found.slope, found.low_under, found.hi_over]).all()


def test_log_odds_come_from_logits_where_probabilities_round_to_one() -> None:
    z = np.array([[50.0, 0.0, 0.0], [900.0, -900.0, -900.0]])
    chosen = np.array([0, 0])
    expected = [50.0 - np.log(2.0), 1800.0 - np.log(2.0)]
    np.testing.assert_allclose(log_odds(z, chosen), expected, rtol=1e-15)
    p = 1.0 / (1.0 + 2.0 * np.exp(-50.0))
    assert p == 1.0  # so that log(p / (1 - p)) would be infinite


@given(
    arrays(np.float64, (5, 3), elements=st.floats(-8.0, 8.0)),
    st.floats(-100.0, 100.0),
)
def test_log_odds_are_those_of_probabilities(z: Array, shift: float) -> None:
    x, y = pairs(z, z + shift)
    np.testing.assert_allclose(x, y, atol=1e-11)
    p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(x, np.log(p.max(1) / (1 - p.max(1))), atol=1e-7)


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


def values(
    slope: float = 1.02, low: float = 0.7, high: float = 0.4, num: int = 10
) -> dict[str, Array]:
    spread = np.linspace(-0.01, 0.01, num)
    return {
        "slope": slope + spread,
        "low_under": low + spread,
        "hi_over": high + spread,
    }


def test_bounds_are_those_of_the_t_test() -> None:
    sample = np.random.default_rng(0).normal(1.0, 0.1, 12)
    found = mean_of(sample, 1.0)
    test = stats.ttest_1samp(sample, 1.0, alternative="greater")
    assert found.p == pytest.approx(test.pvalue, rel=1e-12)
    assert found.lower == pytest.approx(test.confidence_interval(0.95).low, rel=1e-12)
    mirrored = stats.ttest_1samp(sample, 1.0, alternative="less")
    assert found.upper == pytest.approx(
        mirrored.confidence_interval(0.95).high, rel=1e-12
    )
    assert mean_of(np.ones(10), 0.5).p == 0.0
    assert mean_of(np.array([1.0])).lower == -np.inf


@pytest.mark.parametrize(
    ("sample", "finding"),
    [
        (values(), Finding.REPRODUCED),
        (values(num=9), Finding.UNDECIDED),
        (values(slope=1.003), Finding.UNDECIDED),
        (values(slope=0.99), Finding.NOT_REPRODUCED),
        (values(low=0.502), Finding.UNDECIDED),
        (values(low=0.48), Finding.NOT_REPRODUCED),
        (values(high=0.152), Finding.UNDECIDED),
        (values(high=0.0), Finding.NOT_REPRODUCED),  # under-trained
        (values() | {"slope": np.full(10, np.nan)}, Finding.UNDECIDED),
    ],
)
def test_the_rule(sample: dict[str, Array], finding: Finding) -> None:
    assert judge(sample).finding is finding


def test_the_rule_errs_seldom_where_nothing_is_exaggerated() -> None:
    # slope 1 exactly, shares far above their thresholds: it fires in 5 % of samples.
    # 2000 of them: at most 5 standard errors (.0049) from that.
    rng = np.random.default_rng(11)
    fired, usual = 0, values()
    for _ in range(2000):
        sample = usual | {"slope": rng.normal(1.0, 0.01, 10)}
        fired += judge(sample).finding is Finding.REPRODUCED
    assert abs(fired / 2000 - 0.05) < 5 * 0.0049
    assert not too_often([True] * 4 + [False] * 23)
    assert too_often([True] * 7 + [False] * 20)


def test_holm_asks_more_of_many() -> None:
    edge = values()
    edge["slope"] = 1.0 + np.linspace(-0.01, 0.03, 10)
    alone: dict[str, Judgement] = {"edge": judge(edge)}
    assert holm(alone) == ("edge",)
    many = alone | {f"{k}": judge(values(slope=0.99)) for k in range(200)}
    assert holm(many) == ()
    assert holm({"clear": judge(values()), "not": judge(values(slope=0.9))}) == (
        "clear",
    )


@pytest.mark.parametrize(
    ("name", "on_training_rows"),
    [("mlp-tau4", Finding.REPRODUCED), ("null", Finding.NOT_REPRODUCED)],
)
def test_networks_on_digits(name: str, on_training_rows: Finding) -> None:
    (one,) = choose(name)
    outcome = run(one, Request(seeds=tuple(range(10))))
    assert judge(outcome.of("train")).finding is on_training_rows
    assert outcome.values["teacher.accuracy"].min() > 0.93
    assert np.abs(outcome.values["permuted.slope"]).max() < 0.25
    assert judge(outcome.of("permuted")).finding is Finding.NOT_REPRODUCED
    assert judge(outcome.of("noise")).finding is not Finding.REPRODUCED
    held: Callable[[str], Array] = lambda key: outcome.values[f"held.{key}"]  # noqa: E731
    x, y = outcome.points
    assert statistics(x, y).slope == pytest.approx(held("slope")[0], abs=0.01)


def test_configurations_are_found_by_pattern() -> None:
    assert choose("*") == CONFIGURATIONS
    assert [c.name for c in choose("null, mlp-tau4*")] == [
        "mlp-tau4",
        "mlp-tau4-long",
        "null",
    ]
    with pytest.raises(InputError, match="did you mean mlp-tau"):
        choose("mlp-tau5")
    with pytest.raises(InputError, match="Need a configuration"):
        choose(" , ")
