r"""Inside-outside with wildcards, one sentence after the other, compiled.

A table has one row for each symbol and length, and a column for each start: the inside
weight of A over (i, l) is $I(A, i, l) = \sum_{A \to BC} p \sum_k I(B, i, k) I(C, i + k,
l - k)$. Innermost loops run over starts, along rows, and are vectorised. Rows hold the
starts at which A can stand at all, in sentences of `low` to `high` tokens.
"""

from __future__ import annotations

from typing import Any

from synthetic.engines.compiler import inlined, inner, kernel


@inlined
def starts(grammar: Any, a: Any, length: Any, ends: Any) -> Any:
    """The first start of A over so many tokens, and one past the last."""
    _, _, _, _, begin, last, after, after_most, _ = grammar
    low, high = ends
    first = max(begin[a], low - after_most[a] - length)
    return first, min(last[a], high - after[a] - length) + 1


@inner
def clear(grammar: Any, terminals: Any, ends: Any, table: Any) -> None:
    """Zeros wherever a symbol can stand, in the rows from the first on."""
    _, _, shortest, longest, _, _, _, _, row = grammar
    for a in range(terminals, row.size):
        for length in range(shortest[a], min(longest[a], ends[1]) + 1):
            first, stop = starts(grammar, a, length, ends)
            if first < stop:
                table[row[a] + length - shortest[a], first:stop] = 0.0


@inlined
def split(grammar: Any, b: Any, c: Any, length: Any) -> Any:
    """The fewest tokens of B, and one more than the most."""
    _, _, shortest, longest, _, _, _, _, _ = grammar
    least = max(shortest[b], length - longest[c])
    return least, min(longest[b], length - shortest[c]) + 1


@inner
def add(out: Any, x: Any, y: Any, p: Any) -> None:
    """Out += p x y, elementwise."""
    for i in range(out.size):
        out[i] += p * x[i] * y[i]


@inner
def fill_inside(grammar: Any, ends: Any, inside: Any) -> None:
    """All rows but those of terminals, which are there."""
    parts, chance, shortest, longest, _, _, _, _, row = grammar
    for op in range(parts.shape[0]):
        a, b, c = parts[op, 0], parts[op, 1], parts[op, 2]
        for length in range(shortest[a], min(longest[a], ends[1]) + 1):
            first, stop = starts(grammar, a, length, ends)
            if first >= stop:
                continue
            out = inside[row[a] + length - shortest[a], first:stop]
            if c < 0:
                if shortest[b] <= length <= longest[b]:
                    x = inside[row[b] + length - shortest[b], first:stop]
                    out += chance[op] * x
                continue
            least, most = split(grammar, b, c, length)
            for k in range(least, most):
                x = inside[row[b] + k - shortest[b], first:stop]
                rest = row[c] + length - k - shortest[c]
                add(out, x, inside[rest, first + k : stop + k], chance[op])


@inner
def fill_outside(grammar: Any, ends: Any, inside: Any, outside: Any) -> None:
    """All rows but the root's, which are there."""
    parts, chance, shortest, longest, _, _, _, _, row = grammar
    for op in range(parts.shape[0] - 1, -1, -1):
        a, b, c = parts[op, 0], parts[op, 1], parts[op, 2]
        for length in range(shortest[a], min(longest[a], ends[1]) + 1):
            first, stop = starts(grammar, a, length, ends)
            if first >= stop:
                continue
            above = outside[row[a] + length - shortest[a], first:stop]
            if c < 0:
                if shortest[b] <= length <= longest[b]:
                    here = row[b] + length - shortest[b]
                    outside[here, first:stop] += chance[op] * above
                continue
            least, most = split(grammar, b, c, length)
            for k in range(least, most):
                left = row[b] + k - shortest[b]
                right = row[c] + length - k - shortest[c]
                x = inside[left, first:stop]
                y = inside[right, first + k : stop + k]
                add(outside[left, first:stop], above, y, chance[op])
                add(outside[right, first + k : stop + k], above, x, chance[op])


@kernel
def posteriors(
    grammar: Any, sentences: Any, tables: Any, out: Any, total: Any, by_length: Any
) -> None:
    r"""$P(x_p = a \mid x_O)$ for every p and a, and $P(x_O)$.

    Args:
        grammar: `Spans`.
        sentences: Tokens (sentences, n), a wildcard where negative; fewest and most
            tokens of each sentence.
        tables: Inside and outside weights, (rows, n).
        out: (sentences, n, terminals); where the sentence may have ended, entries of p
            sum to the probability that it has not.
        total: (sentences,); 0 if there is no such sentence, and then `out` is 0.
        by_length: $P(|x| = n \mid x_O)$, (sentences, n + 1), or no row.

    """
    tokens, low, high = sentences
    inside, outside = tables
    _, _, shortest, longest, _, _, _, _, row = grammar
    root, terminals = row.size - 1, out.shape[2]
    for s in range(tokens.shape[0]):
        ends = (low[s], high[s])
        for a in range(terminals):
            for i in range(high[s]):
                token = tokens[s, i]
                inside[a, i] = 1.0 if token < 0 or token == a else 0.0
                outside[a, i] = 0.0
        clear(grammar, terminals, ends, inside)
        clear(grammar, terminals, ends, outside)
        fill_inside(grammar, ends, inside)
        z = 0.0
        for n in range(max(low[s], shortest[root]), min(high[s], longest[root]) + 1):
            z += inside[row[root] + n - shortest[root], 0]
            outside[row[root] + n - shortest[root], 0] = 1.0
        total[s] = z
        if z == 0.0:
            continue
        if by_length.shape[0] > 0:
            for n in range(
                max(low[s], shortest[root]), min(high[s], longest[root]) + 1
            ):
                by_length[s, n] = inside[row[root] + n - shortest[root], 0] / z
        fill_outside(grammar, ends, inside, outside)
        for i in range(high[s]):
            for a in range(terminals):
                out[s, i, a] = inside[a, i] * outside[a, i] / z
