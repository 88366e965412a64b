"""Sentences from counted draws, one explicit stack in place of recursion, compiled."""

from __future__ import annotations

from typing import Any

import numpy as np

import synthetic.engines.lanes  # noqa: F401 (makes the draws callable)
from synthetic.draws import uniform, uniform_bits
from synthetic.engines.compiler import inner, kernel


@inner
def choose(grammar: Any, symbol: Any, u: Any) -> Any:
    """The rule of the symbol in whose share of [0, 1) the draw lies."""
    first, upto, _, _, _ = grammar
    rule = first[symbol]
    last = first[symbol + 1] - 1
    while rule < last and u >= upto[rule]:
        rule += 1
    return rule


@inner
def push(grammar: Any, rule: Any, level: Any, closing: Any, stack: Any) -> Any:
    """Put the right side on the stack, its first symbol on top; the new size.

    The last child ends where its parent does, and with it all that the parent ends.
    """
    _, _, start, right, _ = grammar
    size, symbols, levels, closes = stack
    for j in range(start[rule + 1] - 1, start[rule] - 1, -1):
        symbols[size] = right[j]
        levels[size] = level
        closes[size] = closing + 1 if j == start[rule + 1] - 1 else 0
        size += 1
    return size


@inner
def emit(token: Any, place: Any, level: Any, closing: Any, tree: Any) -> None:
    """Write a token, and what is above it if there is room for that."""
    s, n = place
    tokens, ancestors, ends, path = tree
    tokens[s, n] = token
    if ancestors.shape[0] > 0:
        ends[s, n] = closing
        for j in range(level):
            ancestors[s, j, n] = path[j]


@kernel
def derive(
    grammar: Any, address: Any, told: Any, stacks: Any, tokens: Any, trees: Any
) -> None:
    """One sentence a row, each with draws of its own.

    Args:
        grammar: `Choices`.
        address: Seed and the index of the first sentence, both `uint64`.
        told: Uniforms, (sentences, draws), in place of drawn ones; or no column.
        stacks: Room for symbols, levels and closings.
        tokens: (sentences, n), filled from the left.
        trees: Lengths (sentences,); ancestors (sentences, levels, n), or no row;
            how many ancestors end after a token, (sentences, n), or no row.

    """
    seed, begin = address
    symbols, levels, closes = stacks
    lengths, ancestors, ends = trees
    first, _, start, right, flat = grammar
    path = np.zeros(ancestors.shape[1] + 1, dtype=ancestors.dtype)
    tree = (tokens, ancestors, ends, path)
    for s in range(tokens.shape[0]):
        symbols[0] = first.size - 2
        levels[0] = 0
        closes[0] = 0
        size, step, n = 1, 0, 0
        while size > 0:
            size -= 1
            symbol, level, closing = symbols[size], levels[size], closes[size]
            if first[symbol] == first[symbol + 1]:
                emit(symbol, (s, n), level, closing, tree)
                n += 1
                continue
            rule = first[symbol]
            if first[symbol + 1] - rule > 1:
                if told.shape[1] > 0:
                    u = told[s, step]
                else:
                    bits = uniform_bits(seed, begin + np.uint64(s), np.uint64(step))
                    u = uniform(bits)
                rule = choose(grammar, symbol, u)
                step += 1
            path[level] = symbol
            if flat[rule]:  # most of a tree: its tokens need not pass the stack
                for j in range(start[rule], start[rule + 1]):
                    closed = closing + 1 if j == start[rule + 1] - 1 else 0
                    emit(right[j], (s, n), level + 1, closed, tree)
                    n += 1
                continue
            stack = (size, symbols, levels, closes)
            size = push(grammar, rule, level + 1, closing, stack)
        lengths[s] = n
