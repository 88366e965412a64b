"""Samples by address, and their labels."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st

from synthetic.draws import uniform_bits, uniforms
from synthetic.parity.stream import Parity, Staircase, Stream, packed, unpacked
from theory.errors import InputError

ANY = Parity((0,))


@given(
    st.integers(1, 200),
    st.integers(-(2**70), 2**70),
    st.integers(0, 2**40),
    st.integers(0, 30),
    st.integers(0, 30),
)
def test_any_range_can_be_made_again(
    dim: int, seed: int, first: int, skip: int, num: int
) -> None:
    stream = Stream(dim, ANY, seed, noise=0.3)
    whole = stream.words(first, skip + num)
    np.testing.assert_array_equal(stream.words(first + skip, num), whole[skip:])
    np.testing.assert_array_equal(
        stream.labels(first + skip, num), stream.labels(first, skip + num)[skip:]
    )


def test_the_words_are_the_draws_of_their_address() -> None:
    words = Stream(100, ANY, 7).words(3, 5)
    address = np.arange(3 * 2, 8 * 2).astype(np.uint64)
    drawn = uniform_bits(np.array([7], np.uint64), np.array([0], np.uint64), address)
    drawn = drawn.reshape(5, 2)
    drawn[:, 1] &= np.uint64(2**36 - 1)
    np.testing.assert_array_equal(words, drawn)


@given(st.integers(0, 20), st.integers(1, 130), st.integers(0, 2**32 - 1))
def test_packing_keeps_every_sign(num: int, dim: int, seed: int) -> None:
    signs = np.random.default_rng(seed).choice([-1, 1], size=(num, dim))
    np.testing.assert_array_equal(unpacked(packed(signs), dim), signs)


@given(st.integers(1, 130), st.data())
def test_parities_of_words_are_products_of_signs(dim: int, data: st.DataObject) -> None:
    support = data.draw(st.lists(st.integers(0, dim - 1), unique=True, max_size=9))
    stream = Stream(dim, Parity(tuple(support)), seed=5)
    product = np.prod(stream.signs(10, 40)[:, support].astype(int), axis=1)
    np.testing.assert_array_equal(stream.labels(10, 40), product == 1)
    np.testing.assert_array_equal(stream.target(stream.signs(10, 40)), product == 1)


def test_staircases_and_callables() -> None:
    stream = Stream(9, Staircase((2, 0, 5)), seed=1)
    x = stream.signs(0, 200).astype(int)
    stairs = x[:, 2] + x[:, 2] * x[:, 0] + x[:, 2] * x[:, 0] * x[:, 5]
    np.testing.assert_array_equal(stream.labels(0, 200), stairs > 0)
    for target in (
        lambda s: s[:, 4],
        lambda s: s[:, 4] > 0,
        lambda s: (s[:, 4] + 1) / 2,
    ):
        found = Stream(9, target, seed=1).labels(0, 200)
        np.testing.assert_array_equal(found, x[:, 4] > 0)


def test_signs_are_fair_and_independent() -> None:
    """Each of 66 averages of 2**16 signs passes 7 s.d. once in 10**11 times."""
    n = 2**16
    x = Stream(11, ANY, seed=9).signs(12345, n).astype(np.float64)
    pairs = [x[:, i] * x[:, j] for i in range(11) for j in range(i)]
    steps = [x[1:, i] * x[:-1, i] for i in range(11)]
    for sample in (*x.T, *pairs, *steps):
        assert abs(sample.mean()) < 7 / np.sqrt(n - 1)


def test_noise_turns_its_share_of_labels_and_no_input() -> None:
    n, noise = 2**16, 0.2
    clean, noisy = Stream(11, ANY, 9), Stream(11, ANY, 9, noise)
    np.testing.assert_array_equal(clean.words(0, n), noisy.words(0, n))
    turned = clean.labels(0, n) != noisy.labels(0, n)
    draws = uniforms(9, np.array([1]), np.arange(n))
    np.testing.assert_array_equal(turned, draws < noise)
    assert abs(turned.mean() - noise) < 7 * np.sqrt(noise * (1 - noise) / n)
    assert np.all(clean.labels(0, 99) != Stream(11, ANY, 9, 1.0).labels(0, 99))


@pytest.mark.parametrize(
    "make",
    [
        lambda: Stream(0, ANY, 0),
        lambda: Stream(3, ANY, 0, noise=1.5),
        lambda: Stream(3, ANY, 0, noise=float("nan")),
        lambda: Stream(3, Parity((3,)), 0),
        lambda: Stream(3, Staircase((3,)), 0),
        lambda: Stream(3, ANY, 0).words(-1, 3),
        lambda: Stream(3, lambda s: s, 0).labels(0, 3),
        lambda: Stream(3, lambda s: 0.3 * s[:, 0], 0).labels(0, 3),
        lambda: Parity((1, 1)),
        lambda: Parity((-1,)),
        lambda: Staircase((1, 2)),
        lambda: packed(np.zeros((2, 3))),
        lambda: packed(np.ones(3)),
    ],
)
def test_what_makes_no_sense_is_refused(make: Any) -> None:
    with pytest.raises(InputError):
        make()
