"""Sentences a second: the compiled sampler beside a recursive one, and the oracle.

    OMP_NUM_THREADS=1 python benchmarks/pcfg.py [--quick]

The recursive peer is the textbook's: a function that draws a rule and calls itself for
each symbol of the right side, appending tokens, and with trees a list of ancestors for
each token. Contestants alternate; times are those of the processor, since all of them
run in one thread; each number is the median over repetitions, ratios are medians of
ratios within each. The oracle's
operation is one pass of inside-outside: a sentence of known length with 30 % masks, the
posteriors of all its tokens.
"""

from __future__ import annotations

import argparse
import random
import statistics
import time
from collections.abc import Callable

import numpy as np
from threadpoolctl import threadpool_limits

from benchmarks.timing import ratio
from synthetic.pcfg.oracle import Oracle, hidden
from synthetic.pcfg.sampler import masks, sample
from theory.grammar import Grammar
from theory.grammar_family import find

GRAMMARS = ("L3b", "L3", "L4", "L5", "cfg3b")
SAMPLED = {"cfg3b": (20_000, 200), "L5": (50_000, 500)}
DEFAULT = (100_000, 2_000)
PARSED = {"cfg3b": 50, "L5": 1000}


def recursive(grammar: Grammar, count: int, *, trees: bool) -> int:
    """The plain sampler; tokens in all, so that nothing is left out."""
    rng = random.Random(0)
    rules = {
        s: ([r.right for r in rs], [float(r.chance) for r in rs])
        for s, rs in grammar.rules.items()
    }
    tokens: list[str] = []
    above: list[list[str]] = []

    def expand(symbol: str, path: list[str]) -> None:
        if symbol not in rules:
            tokens.append(symbol)
            if trees:
                above.append(path)
            return
        rights, chances = rules[symbol]
        right = rights[0] if len(rights) == 1 else rng.choices(rights, chances)[0]
        below = [*path, symbol] if trees else path
        for child in right:
            expand(child, below)

    total = 0
    for _ in range(count):
        tokens.clear()
        above.clear()
        expand(grammar.root, [])
        total += len(tokens)
    return total


def seconds(run: Callable[[], object], count: int) -> float:
    """Of one sentence."""
    start = time.process_time()
    run()
    return (time.process_time() - start) / count


def compare(name: str, repetitions: int, scale: int) -> str:
    """One row of the table."""
    grammar, oracle = find(name), Oracle(find(name))
    ours, theirs = (n // scale for n in SAMPLED.get(name, DEFAULT))
    parsed = PARSED.get(name, 5000) // scale
    drawn = sample(grammar, parsed, 1)
    tokens = hidden(drawn.tokens, ~masks(drawn, 0.3))
    runs: dict[str, tuple[Callable[[], object], int]] = {
        "compiled": (lambda: sample(grammar, ours), ours),
        "with trees": (lambda: sample(grammar, ours, trees=True), ours),
        "recursive": (lambda: recursive(grammar, theirs, trees=False), theirs),
        "recursive, trees": (lambda: recursive(grammar, theirs, trees=True), theirs),
        "oracle": (lambda: oracle.known_length(tokens, drawn.lengths), parsed),
        "any length": (lambda: oracle.any_length(tokens), parsed),
    }
    found: dict[str, list[float]] = {key: [] for key in runs}
    for run, _ in runs.values():
        run()  # compiles, and warms up
    for _ in range(repetitions):
        for key, (run, count) in runs.items():
            found[key].append(seconds(run, count))
    rates = " ".join(f"{1 / statistics.median(v):17.0f}" for v in found.values())
    plain = ratio(found["recursive"], found["compiled"])
    trees = ratio(found["recursive, trees"], found["with trees"])
    return f"{name:8}{rates}{plain:>9}{trees:>9}"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    is_quick = parser.parse_args().quick
    names = "compiled", "with trees", "recursive", "recursive, trees", "oracle"
    print("sentences/s", *(f"{n:>16}" for n in (*names, "any length")), " ratio  trees")
    with threadpool_limits(1):
        for name in GRAMMARS:
            print(
                compare(name, 3 if is_quick else 7, 10 if is_quick else 1), flush=True
            )
    print(f"NumPy {np.__version__}; ratios: recursive over compiled, within each round")


if __name__ == "__main__":
    main()
