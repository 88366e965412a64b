"""Packed samples as the passes want them: table entries and inner products.

Everything here is scalar work of every step, whatever the width, so it is done eight
bits or eight samples at a time.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from synthetic.engines.compiler import inner
from synthetic.parity.kernel_vectors import count_ones

COPIES = np.uint64(0x0101010101010101)  # times a byte: eight of it
DIAGONAL = np.uint64(0x8040201008040201)  # bit i of byte i
NIBBLES = np.uint64(0x0F0F0F0F0F0F0F0F)
CARRY = np.uint64(0x7F7F7F7F7F7F7F7F)  # added to a byte that is not 0, sets its bit 7


@inner
def unpack(words: Any, first: Any, count: Any, shape: Any, signs: Any) -> None:
    """The block's samples as [word][sample], with the bias as one more bit that is 1.

    Samples that are missing are zero bits but for the bias; their steps are 0.
    """
    inputs, _, _, samples = shape
    bias = inputs - 1
    for w in range(signs.shape[0]):
        one = np.uint64(1) << np.uint64(bias & 63) if w == bias >> 6 else np.uint64(0)
        for s in range(samples):
            signs[w, s] = one
        if w < words.shape[1]:
            for s in range(count):
                signs[w, s] = words[first + s, w] | one


@inner
def choose_rows(signs: Any, shape: Any, lane: Any, choices: Any) -> None:
    """Which table entry each sample adds: words of [four rows][eight samples].

    Byte s of a word is the choice of sample s, times the lanes: at most 15 x 16.
    """
    _, rows, _, samples = shape
    octets = samples // 8
    scale = np.uint64(lane)
    for k in range(rows // 8):
        shift = np.uint64(8 * (k & 7))
        for o in range(octets):
            word = np.uint64(0)
            for s in range(8):
                byte = (signs[k >> 3, 8 * o + s] >> shift) & np.uint64(255)
                word |= byte << np.uint64(8 * s)
            choices[2 * k * octets + o] = (word & NIBBLES) * scale
            word = (word >> np.uint64(4)) & NIBBLES
            choices[(2 * k + 1) * octets + o] = word * scale


@inner
def choose_samples(signs: Any, shape: Any, lane: Any, choices: Any) -> None:
    """Which table entry each row adds: words of [32 samples][row].

    Byte g of a word is the choice from samples 4 g to 4 g + 3, times the lanes.
    """
    _, rows, _, samples = shape
    scale = np.uint64(lane)
    for first in range(0, samples, 32):
        for k in range(rows // 8):
            at = (first // 32) * rows + 8 * k
            for i in range(8):
                choices[at + i] = 0
            for g in range(min(8, (samples - first) // 4)):
                nibbles = np.uint64(0)  # of eight rows
                for r in range(4):
                    word = signs[k >> 3, first + 4 * g + r]
                    byte = (word >> np.uint64(8 * (k & 7))) & np.uint64(255)
                    spread = (byte * COPIES) & DIAGONAL
                    ones = ((spread + CARRY) >> np.uint64(7)) & COPIES
                    nibbles |= ones << np.uint64(r)
                nibbles *= scale
                for i in range(8):
                    byte = (nibbles >> np.uint64(8 * i)) & np.uint64(255)
                    choices[at + i] |= byte << np.uint64(8 * g)


@inner
def correlate(signs: Any, inputs: Any, samples: Any, gram: Any) -> None:
    """x_e . x_r + 1 for e < r: agreements less disagreements.

    Loops over slices begin at 0 and are vectorised.
    """
    gram[:] = inputs
    for w in range(signs.shape[0]):
        for e in range(samples):
            one = signs[w, e]
            others = signs[w, e:samples]
            products = gram[e * samples + e : (e + 1) * samples]
            for r in range(others.size):
                products[r] -= np.int32(2 * count_ones(one ^ others[r]))
