"""Sentences from counted draws, one explicit stack in place of recursion, compiled."""

from __future__ import annotations

from typing import Any

import numpy as np

import synthetic.engines.lanes  # noqa: F401 (makes the draws callable)
from synthetic.draws import uniform, uniform_bits
from synthetic.engines.compiler import inner, kernel


@inner
def one(grammar: Any, draw: Any, room: Any, tokens: Any, tree: Any) -> int:
    """One sentence; its length. See `derive`.

    The stack holds symbols, their levels, and how many ancestors end where they do.
    Rules of terminals alone, most of a tree, are written without passing it.
    """
    first, upto, start, right, flat, terminals = grammar
    seed, index, told = draw
    stack, path = room
    ancestors, ends = tree
    stack[0, 0], stack[0, 1], stack[0, 2] = first.size - 2, 0, 0
    size, step, n = 1, 0, 0
    while size > 0:
        size -= 1
        symbol, level, closing = stack[size, 0], stack[size, 1], stack[size, 2]
        rule = first[symbol]
        last = first[symbol + 1] - 1
        if rule < last:
            u = uniform(uniform_bits(seed, index, np.uint64(step)))
            if told.size > 0:
                u = told[step]
            for r in range(first[symbol], last):
                rule += u >= upto[r]
            step += 1
        if symbol >= terminals:
            path[level] = symbol
            level += 1
            closing += 1
        begin, stop = start[rule], start[rule + 1]
        if flat[rule]:
            for j in range(begin, stop):
                tokens[n] = right[j]
                if ends.size > 0:
                    ends[n] = closing if j == stop - 1 else 0
                    for k in range(level):
                        ancestors[k, n] = path[k]
                n += 1
            continue
        for j in range(stop - 1, begin - 1, -1):
            stack[size, 0], stack[size, 1] = right[j], level
            stack[size, 2] = closing if j == stop - 1 else 0
            size += 1
    return n


@kernel
def derive(
    grammar: Any, address: Any, told: Any, room: Any, tokens: Any, trees: Any
) -> None:
    """One sentence a row, each with draws of its own.

    Args:
        grammar: `Choices`.
        address: Seed and the index of the first sentence, both `uint64`.
        told: Uniforms, (sentences, draws), in place of drawn ones; or no column.
        room: A stack, (symbols, 3), and a path, (levels,).
        tokens: (sentences, n), filled from the left.
        trees: Lengths (sentences,); ancestors (sentences, levels, n) and how many of
            them end after a token, (sentences, n); or no column of these.

    """
    seed, begin = address
    lengths, ancestors, ends = trees
    for s in range(tokens.shape[0]):
        draw = (seed, begin + np.uint64(s), told[s])
        tree = (ancestors[s], ends[s])
        lengths[s] = one(grammar, draw, room, tokens[s], tree)
