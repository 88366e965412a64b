"""Draws depend on their address alone, and on nothing that a test can see in it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import binom

from synthetic import draws
from synthetic.draws import component_draws, mix, uniform_bits, uniforms
from theory.errors import InputError

Words = NDArray[np.uint64]
Bits = Callable[[Any, Any, Any], Any]

LARGEST = 1.0 - 2.0**-53
WEIGHTS = np.array([0.0, 0.3, 0.0, 0.6, 0.1, 0.0])


def words(*values: int) -> Words:
    return np.array([value % 2**64 for value in values], dtype=np.uint64)


def fit(counts: NDArray[np.int64], weights: NDArray[np.float64]) -> bool:
    """Every count against its exact binomial law; all fit with probability 1 - 1e-6."""
    num_draws = counts.sum(axis=-1, keepdims=True)
    below = binom.cdf(counts, num_draws, weights)
    above = binom.sf(counts - 1, num_draws, weights)
    return bool(np.minimum(below, above).min() > 0.5e-6 / counts.size)


def test_mix_is_the_published_finaliser() -> None:
    # The first outputs of SplitMix64 from the state 1234567.
    states = 1234567 + 0x9E3779B97F4A7C15 * np.arange(1, 4, dtype=object)
    published = [6457827717110365317, 3203168211198807973, 9817491932198370423]
    assert mix(words(*states)).tolist() == published


def test_known_values_never_change() -> None:
    bits = uniform_bits(words(0, 1, 2, -1), words(0, 1, 2**40, -1), words(0, 7, 5, -1))
    assert bits.dtype == np.uint64
    assert bits.tolist() == [
        12188603300575740107,
        13416196502005839928,
        18267130798853066759,
        258475935161235709,
    ]
    uniform = [[62, 6, 1, 88, 51, 77, 24, 33], [74, 68, 30, 46, 37, 71, 80, 37]]
    weighted = [[3, 1, 1, 3, 3, 3, 1, 3], [3, 3, 3, 3, 3, 3, 3, 3]]
    assert component_draws(3, 10, 8, 2, None, 100).tolist() == uniform
    assert component_draws(3, 10, 8, 2, WEIGHTS, 6).tolist() == weighted


def test_bits_are_those_of_unbounded_integers() -> None:
    def h(z: int) -> int:
        z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 % 2**64
        z = (z ^ z >> 27) * 0x94D049BB133111EB % 2**64
        return z ^ z >> 31

    rng = np.random.default_rng(0)
    for seed, replica, step in rng.integers(-(2**63), 2**63, (200, 3)).tolist():
        key = h(h(seed % 2**64 ^ 0x6A09E667F3BCC908) ^ replica % 2**64)
        bits = h(h((key + step * 0x9E3779B97F4A7C15) % 2**64) ^ key)
        assert uniform_bits(words(seed), words(replica), words(step)).tolist() == [bits]
        u = uniforms(seed, np.array(replica), np.array(step))
        assert u.shape == ()
        assert u == (bits >> 11) / 2**53


def test_more_replicas_and_steps_change_no_earlier_draw() -> None:
    for weights in (None, WEIGHTS):
        few = component_draws(9, 5, 3, 10, weights, 6)
        many = component_draws(9, 0, 20, 30, weights, 6)
        assert few.shape == (10, 3)
        assert few.dtype == np.int64
        assert np.array_equal(few, many[:10, 5:8])


def test_addresses_broadcast_and_do_not_collide() -> None:
    u = uniforms(1, np.arange(1000), np.arange(1000)[:, None])
    assert u.shape == (1000, 1000)
    assert np.array_equal(u[:, 3], uniforms(1, np.array(3), np.arange(1000)))
    # Two of 1e6 values of 64 bits agree with probability 3e-8.
    bits = uniform_bits(words(1), np.arange(1000), np.arange(1000)[:, None])
    assert np.unique(bits).size == bits.size


@pytest.mark.parametrize("num_components", [1, 2, 7, 10**6 + 3, 2**40 - 1, 2**53])
@pytest.mark.parametrize("u", [0.0, LARGEST])
def test_the_ends_of_the_unit_interval_stay_in_range(
    monkeypatch: pytest.MonkeyPatch, u: float, num_components: int
) -> None:
    monkeypatch.setattr(draws, "uniforms", lambda *_: np.full((1, 1), u))
    expected = num_components - 1 if u else 0
    assert component_draws(0, 0, 1, 1, None, num_components) == expected
    assert component_draws(0, 0, 1, 1, WEIGHTS, 6) == (4 if u else 1)
    tenths = np.append(np.full(10, 0.1), 0.0)  # whose sum is not 1
    assert component_draws(0, 0, 1, 1, tenths, 11) == (9 if u else 0)


def test_weights_count_up_to_a_factor() -> None:
    for factor in (1e-300, 3.0, 1e300):
        scaled = component_draws(5, 0, 50, 50, factor * WEIGHTS, 6)
        assert np.array_equal(scaled, component_draws(5, 0, 50, 50, WEIGHTS, 6))


@pytest.mark.parametrize("along", ["steps", "replicas", "seeds"])
@pytest.mark.parametrize("weights", [None, WEIGHTS, np.array([0.999, 0.001])])
def test_components_have_their_weights(
    along: str, weights: NDArray[np.float64] | None
) -> None:
    n = 7 if weights is None else weights.size
    if along == "seeds":
        i = np.array([component_draws(s, 3, 1, 5, weights, n) for s in range(5000)])
    else:
        shape = (1, 200_000) if along == "steps" else (200_000, 1)
        i = component_draws(4, 0, *shape, weights, n)
    law = np.full(n, 1.0 / n) if weights is None else weights / weights.sum()
    assert fit(np.bincount(i.ravel(), minlength=n), law)


# Pairs of addresses that look alike, no address in two pairs; and generators that are
# wrong for one of them.
EVEN, SMALL, LARGE = np.arange(0, 1000, 2), *np.triu_indices(1000, 1)
R, T = EVEN, EVEN[:, None]
SEED, OTHER = words(8), words(9)
PAIRS: dict[str, tuple[tuple[Any, Any, Any], tuple[Any, Any, Any]]] = {
    "next step": ((SEED, R, T), (SEED, R, T + 1)),
    "next replica": ((SEED, R, T), (SEED, R + 1, T)),
    "next seed": ((SEED, R, T), (OTHER, R, T)),
    "diagonal": ((SEED, R, T + 1), (SEED, R + 1, T)),
    "far step": ((SEED, R, T), (SEED, R, T + 2**32)),
    "far replica": ((SEED, R, T), (SEED, R + 2**32, T)),
    "step for replica": ((SEED, SMALL, LARGE), (SEED, LARGE, SMALL)),
    "seed for replica": ((SMALL, LARGE, SEED), (LARGE, SMALL, SEED)),
}
WRONG: dict[str, Bits] = {
    "next step": lambda s, r, t: mix(mix(s) ^ np.uint64(r)) + np.uint64(t),
    "next replica": lambda s, r, t: mix(s ^ np.uint64(r >> 1) ^ mix(np.uint64(t))),
    "next seed": lambda _, r, t: uniform_bits(words(0), r, t),
    "diagonal": lambda s, r, t: mix(mix(s) + np.uint64(r) + np.uint64(t)),
    "far step": lambda s, r, t: uniform_bits(s, r, t % 2**32),
    "far replica": lambda s, r, t: uniform_bits(s, r % 2**32, t),
    "step for replica": lambda s, r, t: mix(mix(s) ^ np.uint64(r) ^ np.uint64(t)),
    "seed for replica": lambda s, r, t: mix(np.uint64(s) ^ np.uint64(r) ^ np.uint64(t)),
}


def is_independent(bits: Bits, pair: str, shift: int) -> bool:
    """Four bits of each of two, on an exact table of 256 equally likely cells."""
    one, two = (
        bits(*address) >> np.uint64(shift) & np.uint64(15) for address in PAIRS[pair]
    )
    cells = (np.uint64(16) * one + two).ravel().astype(np.int64)
    return fit(np.bincount(cells, minlength=256), np.full(256, 1 / 256))


@pytest.mark.parametrize("pair", PAIRS)
def test_neighbours_are_independent(pair: str) -> None:
    for shift in (60, 30, 11):
        assert is_independent(uniform_bits, pair, shift)


@pytest.mark.parametrize("pair", PAIRS)
def test_a_stream_that_depends_on_its_neighbour_is_found(pair: str) -> None:
    assert not is_independent(WRONG[pair], pair, 60)


@pytest.mark.parametrize("argument", [0, 1, 2])
def test_any_flipped_bit_flips_half_of_the_output(argument: int) -> None:
    rng = np.random.default_rng(argument)
    address = rng.integers(0, 2**64, (3, 1000, 1), dtype=np.uint64)
    address[:, 500:] %= np.uint64(1000)  # small numbers, as in use
    flipped = list(address)
    flipped[argument] = address[argument] ^ np.uint64(1) << np.arange(
        64, dtype=np.uint64
    )
    change = uniform_bits(*address) ^ uniform_bits(*flipped)
    flips = [(change >> np.uint64(k) & np.uint64(1)).sum(axis=0) for k in range(64)]
    share = np.array([flips, 1000 - np.array(flips)], dtype=np.int64)
    assert fit(np.moveaxis(share, 0, -1), np.array([0.5, 0.5]))


@pytest.mark.parametrize(
    ("weights", "num_components", "needed"),
    [
        (None, 0, "num_components >= 1"),
        (np.ones(2), 3, "Need 3 weights"),
        (np.array([1.0, -1.0]), 2, "weights >= 0"),
        (np.array([0.0, 0.0]), 2, "sum > 0"),
        (np.array([1.0, np.nan]), 2, "finite sum"),
    ],
)
def test_unusable_weights_are_named(
    weights: NDArray[np.float64] | None, num_components: int, needed: str
) -> None:
    with pytest.raises(InputError, match=needed):
        component_draws(0, 0, 1, 1, weights, num_components)
