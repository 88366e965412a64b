r"""What a network knows: accuracy, and correlations of $p(x)$ with monomials.

p is the probability of class 1, in [0, 1], so $|E \chi(x) p(x)| \le 1/2$ for a monomial
$\chi \ne 1$. It is estimated by the mean of $\chi (p - \bar p)$, whose standard error
where there is nothing is $\mathrm{sd}(p)/\sqrt n$: the floor, which every report shows.
The plain mean of $\chi p$ has the same limit, and the larger error $\sqrt{E p^2 / n}$.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import hadamard

from synthetic.loss_formulas import sigmoid
from synthetic.parity.forward import logits
from synthetic.parity.network import Network
from synthetic.parity.stream import Signs, Stream, Words
from theory.errors import InputError

Array = NDArray[np.float64]
LOW, HIGH = 0.55, 0.95
"""The phase transition: from the first accuracy above LOW to the first above HIGH."""


@dataclass(frozen=True, eq=False)
class Sample:
    """Fixed samples on which networks are probed; use one for a whole trajectory.

    Args:
        words: Inputs, packed.
        signs: The same, +-1.
        labels: Their classes, without noise.

    """

    words: Words
    signs: Signs
    labels: NDArray[np.float64]

    @classmethod
    def of(cls, stream: Stream, num: int) -> Sample:
        """The first samples of a stream."""
        words = stream.words(0, num)
        return cls(words, stream.signs(0, num), stream.labels(0, num, words))

    def accuracy(self, network: Network) -> float:
        """The share of samples on which the sign of the logit is the class."""
        return agreement(logits(network, self.words), self.labels)

    def probabilities(self, network: Network) -> Array:
        """$p(x)$ of the samples."""
        return np.asarray(sigmoid(logits(network, self.words)))


def agreement(found: Array, labels: Array) -> float:
    """The share of logits on the side of their labels; 0 is on the side of class 0."""
    return float(np.mean((found > 0.0) == (labels > 0.5)))


def floor(p: Array) -> float:
    r"""$\mathrm{sd}(p) / \sqrt n$."""
    return float(np.std(p) / np.sqrt(p.size))


def degree_one(p: Array, signs: Signs) -> Array:
    """$|E x_i p(x)|$ for every i, of shape (d,)."""
    centred = p - np.mean(p)
    return np.asarray(np.abs(centred @ signs.astype(np.float64)) / p.size)


def degree_two(p: Array, signs: Signs) -> Array:
    r"""$|E x_i x_j p(x)|$ for i < j, in the order of `itertools.combinations`."""
    values = signs.astype(np.float64)
    both = np.abs((values * (p - np.mean(p))[:, None]).T @ values) / p.size
    return np.asarray(both[np.triu_indices(signs.shape[1], 1)])


def on_support(p: Array, signs: Signs, support: tuple[int, ...]) -> Array:
    r"""$|E \chi_A(x) p(x)|$ for all subsets A of the support, of shape ($2^k$,).

    Entry n is for $A = \{i_j : \text{bit j of n is set}\}$; entry 0 is $E p$.
    """
    if len(support) > 16:
        msg = f"Need at most 16 coordinates for all subsets, got {len(support)}."
        raise InputError(msg)
    minus = (signs[:, list(support)] < 0).astype(np.int64)
    number = minus @ (1 << np.arange(len(support)))
    centred = p - np.mean(p)
    sums = np.bincount(number, weights=centred, minlength=2 ** len(support))
    # chi_A(x) = (-1)^|A and minus|: the Walsh-Hadamard matrix
    found = np.abs(hadamard(len(sums)) @ sums) / p.size
    found[0] = np.mean(p)
    return np.asarray(found)


@dataclass(frozen=True, eq=False)
class Report:
    """All correlations of one network.

    Args:
        accuracy: On the same samples.
        floor: Standard error of a correlation that is 0.
        first: $|E x_i p|$, of shape (d,).
        second: $|E x_i x_j p|$, of shape (d (d - 1) / 2,).
        pairs: Which i < j each is of.
        inside: All subsets of the support, see `on_support`.

    """

    accuracy: float
    floor: float
    first: Array
    second: Array
    pairs: tuple[tuple[int, int], ...]
    inside: Array

    def by_degree(self) -> Array:
        """The mean over the subsets of the support of size 0, ..., k."""
        size = np.array([n.bit_count() for n in range(self.inside.size)])
        counts = np.bincount(size)
        return np.asarray(np.bincount(size, weights=self.inside) / counts)


def report(network: Network, sample: Sample, support: tuple[int, ...]) -> Report:
    """Probe a network."""
    z = logits(network, sample.words)
    p = np.asarray(sigmoid(z))
    return Report(
        accuracy=agreement(z, sample.labels),
        floor=floor(p),
        first=degree_one(p, sample.signs),
        second=degree_two(p, sample.signs),
        pairs=tuple(combinations(range(network.dim), 2)),
        inside=on_support(p, sample.signs, support),
    )


@dataclass(frozen=True)
class Spike:
    """The degree-1 statistic on and off the support, and on a subset without meaning.

    Args:
        inside: Mean of $|E x_i p|$ over i in S.
        outside: Mean over i not in S.
        control: Mean over a random k-subset R outside S.
        control_outside: Mean over what is neither in S nor in R.
        floor: Standard error of one $|E x_i p|$.

    """

    inside: float
    outside: float
    control: float
    control_outside: float
    floor: float


def control_subset(dim: int, support: tuple[int, ...], seed: int) -> tuple[int, ...]:
    """K coordinates outside S, as far as there are some; one at least stays out."""
    others = [i for i in range(dim) if i not in support]
    size = min(len(support), len(others) - 1)
    if size < 1:
        return ()
    found = np.random.default_rng(seed).choice(others, size, replace=False)
    return tuple(sorted(int(i) for i in found))


def spike(p: Array, signs: Signs, support: tuple[int, ...], seed: int) -> Spike:
    """The statistic of probabilities p; NaN where a set of coordinates is empty."""
    first = degree_one(p, signs)
    control = control_subset(signs.shape[1], support, seed)
    kind = np.zeros(first.size, dtype=np.int64)
    kind[list(support)], kind[list(control)] = 1, 2

    def mean(chosen: Any) -> float:
        return float(np.mean(first[chosen])) if np.any(chosen) else float("nan")

    return Spike(
        inside=mean(kind == 1),
        outside=mean(kind != 1),
        control=mean(kind == 2),
        control_outside=mean(kind == 0),
        floor=floor(p),
    )


@dataclass(frozen=True)
class Transition:
    """The phase transition of a trajectory, at evaluated steps; -1 where not reached.

    Args:
        begins: First step with accuracy above `LOW`.
        ends: First step with accuracy above `HIGH`.

    """

    begins: int
    ends: int

    @classmethod
    def of(cls, steps: NDArray[np.int64], accuracy: Array) -> Transition:
        """Read it off the evaluations, in order of the steps."""
        return cls(
            first_above(steps, accuracy, LOW), first_above(steps, accuracy, HIGH)
        )

    def holds(self, step: int) -> bool:
        """Is the step within it?"""
        return 0 <= self.begins <= step and (self.ends < 0 or step <= self.ends)


def first_above(steps: NDArray[np.int64], accuracy: Array, level: float) -> int:
    """The first step with accuracy above the level, or -1."""
    above = np.flatnonzero(accuracy > level)
    return int(steps[above[0]]) if above.size else -1
