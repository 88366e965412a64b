"""Targets of batches: what each kind is, keeps, and does not look at."""

import json
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, strategies as st

from gpt2_demo.targets import AVERAGED, Targets
from gpt2_demo.windows import Order
from theory.errors import InputError

NUMBERS = np.random.default_rng(0).uniform(1, 5, 60).astype(np.float32)


@given(st.integers(1, 60), st.integers(0, 5))
def test_an_epoch_of_targets_has_the_mean_of_the_teacher(batch: int, seed: int) -> None:
    order, exact = Order(60, batch, seed), NUMBERS.astype(np.float64)
    steps = range(60 if 60 % batch else 60 // batch)  # whole epochs
    for kind in ("teacher", "shuffled", "constant"):
        chosen = Targets(kind, NUMBERS, seed)
        found = [chosen.of(order.at(step)) for step in steps]
        assert np.mean(found) == pytest.approx(exact.mean(), rel=1e-12)


def test_each_kind_is_what_its_name_says() -> None:
    each = np.arange(60)[:, None]
    exact = NUMBERS.astype(np.float64)
    found = {
        kind: np.array([Targets(kind, NUMBERS, 0).of(batch) for batch in each])
        for kind in ("teacher", "shuffled", "constant", "zero")
    }
    assert np.array_equal(found["teacher"], exact)
    assert np.array_equal(np.sort(found["shuffled"]), np.sort(exact))
    assert np.mean(found["shuffled"] == exact) < 0.2
    assert np.all(found["constant"] == exact.mean())
    assert np.all(found["zero"] == 0)
    assert Targets("shuffled", NUMBERS, 1).of(each[0]) != found["shuffled"][0]
    with pytest.raises(InputError, match=r"shuffled, .*got 'mean'"):
        Targets("mean", NUMBERS, 0)


def averages(losses: list[float], see: Callable[[Targets, float], None]) -> list[float]:
    chosen = Targets("moving-average", NUMBERS, 0)
    assert chosen.learns
    found = []
    for loss in losses:
        see(chosen, loss)
        found.append(chosen.of(np.arange(3)))
    return found


LISTS = st.lists(st.floats(0, 10), min_size=2, max_size=20)


@given(LISTS, st.floats(0, 10))
def test_the_moving_average_is_of_the_past_alone(past: list[float], now: float) -> None:
    found = averages([*past, now], Targets.see)
    assert found[-1] == averages([*past, 0.0], Targets.see)[-1]
    expected = past[0]
    for loss, target in zip(past, found[1:], strict=True):
        expected = AVERAGED * expected + (1 - AVERAGED) * loss
        assert target == pytest.approx(expected, rel=1e-12)
    assert found[0] == past[0]


def test_an_average_that_looks_at_its_batch_would_be_seen() -> None:
    def see(chosen: Targets, loss: float) -> None:
        Targets.see(chosen, loss)
        chosen._past = chosen.average

    assert averages([1.0, 2.0, 3.0], see) != averages([1.0, 2.0, 3.0], Targets.see)
    assert averages([1.0, 2.0, 3.0], see)[-1] != averages([1.0, 2.0, 0.0], see)[-1]


@given(LISTS, LISTS)
def test_the_moving_average_goes_on_from_its_state(
    first: list[float], more: list[float]
) -> None:
    whole = averages([*first, *more], Targets.see)
    kept = Targets("moving-average", NUMBERS, 0)
    for loss in first:
        kept.see(loss)
    resumed = Targets("moving-average", NUMBERS, 0)
    resumed.average = json.loads(json.dumps(kept.average))
    for loss, expected in zip(more, whole[len(first) :], strict=True):
        resumed.see(loss)
        assert resumed.of(np.arange(3)) == expected
