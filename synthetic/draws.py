r"""Draws with an address: $u = \text{hash}(\text{seed}, \text{replica}, \text{step})$.

Nothing is carried from one draw to the next, so any engine, on any number of threads
and in any order, sees the same samples; more replicas or steps change no earlier draw.

The hash is the finaliser of SplitMix64 (Steele, Lea and Flood, "Fast splittable
pseudorandom number generators", OOPSLA 2014) applied four times. For one seed the keys
of two replicas always differ, and within a replica no two steps give the same 64 bits.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from theory.errors import InputError

FloatArray = NDArray[np.float64]
Word = Any  # uint64: an array in NumPy, a scalar in compiled code

# Module constants of type uint64, since a compiler makes float64 of uint64 and int64.
_SEED = np.uint64(0x6A09E667F3BCC908)
_STEP = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)
_30, _27, _31, _11 = np.uint64(30), np.uint64(27), np.uint64(31), np.uint64(11)


def mix(word: Word) -> Word:
    r"""A bijection of $\{0, \dots, 2^{64} - 1\}$; each bit flips half of the output."""
    word = (word ^ (word >> _30)) * _FIRST
    word = (word ^ (word >> _27)) * _SECOND
    return word ^ (word >> _31)


def uniform_bits(seed: Word, replica: Word, step: Word) -> Word:
    r"""$h(h(k + g\,\text{step}) \oplus k)$, 64 random bits.

    The key is $k = h(h(\text{seed} \oplus s) \oplus \text{replica})$ and $h$ is `mix`.
    It enters twice, so that replicas whose keys happen to differ by a multiple of $g$
    are not shifted copies.

    Plain arithmetic on unsigned words: a compiler that is given `mix` too takes it as
    it stands. In NumPy pass arrays of dimension 1 or more: they wrap around silently,
    where scalars warn.

    Args:
        seed: One of $2^{64}$ seeds.
        replica: Cast to `uint64`, as the others are; -1 is $2^{64} - 1$.
        step: Which draw of the replica.

    Returns:
        `uint64`, of the shape that the arguments broadcast to.

    """
    key = mix(mix(np.uint64(seed) ^ _SEED) ^ np.uint64(replica))
    return mix(mix(key + np.uint64(step) * _STEP) ^ key)


def uniform(bits: Word) -> Any:
    r"""$u = 2^{-53} \lfloor \text{bits} / 2^{11} \rfloor \in [0, 1)$, exactly."""
    return (bits >> _11) * 2.0**-53


def uniforms(
    seed: int, replicas: NDArray[np.int64], steps: NDArray[np.int64]
) -> FloatArray:
    r"""`uniform` of the bits at every address.

    Args:
        seed: Any integer; counts modulo $2^{64}$.
        replicas: Broadcast against `steps`.
        steps: Which draws of these replicas.

    Returns:
        The uniforms, of the shape that `replicas` and `steps` broadcast to.

    """
    shape = np.broadcast_shapes(np.shape(replicas), np.shape(steps))
    word = np.array([seed % 2**64], dtype=np.uint64)
    bits = uniform_bits(word, np.atleast_1d(replicas), np.atleast_1d(steps))
    return np.asarray(uniform(bits)).reshape(shape)


def component_draws(
    seed: int,
    first_replica: int,
    num_replicas: int,
    num_steps: int,
    weights: FloatArray | None,
    num_components: int,
) -> NDArray[np.int64]:
    r"""Independent indices with $P(i) = w_i$: row $t$, column $r$ is draw $t$ of $r$.

    Without weights $i = \lfloor u n \rfloor$. Each $P(i)$ is then off by less than
    $2^{-52}$, a relative bias below $2^{-52} n$: an end of the cell $[i/n, (i+1)/n)$ is
    out of place by less than one of the $2^{53}$ values of $u$, roundoff included.
    With weights $i$ is where $u$ falls among their partial sums, whose own rounding
    moves an end by at most $2^{-52} n$ more.

    Args:
        seed: Any integer; counts modulo $2^{64}$.
        first_replica: The columns are this replica and those that follow it.
        num_replicas: How many columns.
        num_steps: How many rows, from step 0 on.
        weights: Proportional to $w_i$; a component of weight 0 is never drawn.
            Uniform if `None`.
        num_components: $n$.

    Returns:
        Indices below $n$.

    """
    sums = partial_sums(weights, num_components)
    replicas = np.arange(first_replica, first_replica + num_replicas, dtype=np.int64)
    u = uniforms(seed, replicas, np.arange(num_steps, dtype=np.int64)[:, None])
    if sums is None:
        return (u * num_components).astype(np.int64)  # u n < n also after rounding
    return np.searchsorted(sums, u, side="right").astype(np.int64)


def partial_sums(weights: FloatArray | None, num_components: int) -> FloatArray | None:
    """The upper ends of the components' cells in [0, 1]; `None` if all are alike."""
    if num_components < 1:
        msg = f"Need num_components >= 1, got {num_components=}."
        raise InputError(msg)
    if weights is None:
        return None
    weights = np.asarray(weights, dtype=np.float64)
    if weights.shape != (num_components,):
        msg = f"Need {num_components} weights, got {weights.shape=}."
        raise InputError(msg)
    sums = np.cumsum(weights)
    if not (np.isfinite(sums[-1]) and weights.min() >= 0.0 and sums[-1] > 0.0):
        msg = f"Need weights >= 0 with a finite sum > 0, got {weights=}."
        raise InputError(msg)
    return np.asarray(sums / sums[-1])  # ends in exactly 1, over trailing zeros too
