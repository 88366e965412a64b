"""Which neurons and layers the claims are tried on."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import numpy as np

from synthetic.parity.exact_layer import LayerCase, LayerSetting
from synthetic.parity.exact_network import (
    AllSignsCase,
    AllSignsSetting,
    NeuronCase,
    NeuronSetting,
    Row,
    StepCase,
    StepSetting,
)

NEURON_BIASES = (-3, -2, -1, 0, 1, 2, 3)


def settings(tier: str) -> Iterator[NeuronSetting | StepSetting | AllSignsSetting]:
    """All of the tier but the second layers; the full one has larger d and widths."""
    is_full = tier == "full"
    yield neurons(11 if is_full else 9)
    yield steps(4000 if is_full else 400)
    yield all_signs(3 if is_full else 2)


def layers(tier: str) -> LayerSetting:
    """Second layers for k = 1 to the largest of the tier."""
    most = 256 if tier == "full" else 64
    cases = tuple(LayerCase(k) for k in range(1, most + 1))
    return LayerSetting(name=f"second layers, k = 1..{most}", cases=cases)


def random_signs(rng: np.random.Generator, d: int) -> Row:
    """One neuron's weights."""
    return tuple(int(w) for w in rng.choice((-1, 1), size=d))


def neurons(most: int, seed: int = 0) -> NeuronSetting:
    """Random signs for every d from 3, k from 1 to d and bias; output weights +-3."""
    rng = np.random.default_rng([seed, most])
    cases = tuple(
        NeuronCase(random_signs(rng, d), k, int(rng.choice((-3, 3))), b)
        for d in range(3, most + 1)
        for k in range(1, d + 1)
        for b in NEURON_BIASES
    )
    return NeuronSetting(name=f"neurons, d = 3..{most}", cases=cases)


def step(width: int, d: int, k: int, eta: Fraction, seed: int = 0) -> StepCase:
    """A random hidden layer and random output weights, +-1 to +-3."""
    rng = np.random.default_rng([seed, width, d, k])
    a = rng.integers(1, 4, size=width) * rng.choice((-1, 1), size=width)
    rows = tuple(random_signs(rng, d) for _ in range(width))
    return StepCase(rows, tuple(a.tolist()), k, eta)


def steps(width: int) -> StepSetting:
    """One neuron and many, steps that turn no unit and steps that turn many."""
    cases = tuple(
        step(m, d, k, eta)
        for m in (1, 5, width)
        for d in (5, 6, 9, 11)
        for k in range(1, 5 if m > 1 else d + 1)
        for eta in (Fraction(1, 16), Fraction(8))
    )
    return StepSetting(name=f"one step, width 1 to {width}", cases=cases)


def all_signs(width: int) -> AllSignsSetting:
    """Small networks, of which every one is tried."""
    cases = [
        AllSignsCase(3, 2, (1,) * width, Fraction(1, 8)),
        AllSignsCase(5, 2, (1, 2), Fraction(1, 8)),
        AllSignsCase(5, 3, (1, -2), Fraction(1, 8)),
        AllSignsCase(7, 4, (3,), Fraction(1, 8)),
        AllSignsCase(9, 4, (1,), Fraction(1, 8)),
    ]
    return AllSignsSetting(name=f"all signs, width to {width}", cases=tuple(cases))
