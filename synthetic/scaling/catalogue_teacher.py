"""Students whose best teachers, and whose crossovers, are looked for."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise, product

import numpy as np

from synthetic.scaling import meters_teacher as meters
from synthetic.scaling.desk_setting import ScalingSetting

SEVEN = (1e8, 3e8, 1e9, 3e9, 1e10, 3e10, 1e11)


def settings(*, is_full: bool) -> Iterator[ScalingSetting]:
    """All of the tier."""
    yield curves(3000 if is_full else 600)
    yield sizes()
    yield slopes()
    yield everything()
    yield modest(40 if is_full else 12)
    yield chase()
    yield fixed()
    yield costs()
    yield growing()


def curves(count: int) -> ScalingSetting:
    """Random students, N and D log-uniform."""
    rng = np.random.default_rng(3)
    N = np.exp(rng.uniform(np.log(1e8), np.log(1e11), count))
    D = np.exp(rng.uniform(np.log(1e9), np.log(3e13), count))
    return ScalingSetting(
        name=f"{count} students",
        meter=meters.CURVES,
        columns={"N": tuple(N.tolist()), "D": tuple(D.tolist())},
    )


def sizes() -> ScalingSetting:
    """Three students at three ratios of tokens."""
    table = {198e6: (19.8e9, 11.0e9, 2.4e9), 546e6: (47.6e9, 9.2e9, 4.86e9)}
    table[1.82e9] = (137e9, 16.3e9, 15.4e9)
    ratios = (20.0, 80.0, 320.0)
    columns = {
        "N": tuple(N for N in table for _ in ratios),
        "M": ratios * len(table),
        "D": tuple(N * M for N in table for M in ratios),
        "printed": tuple(size for row in table.values() for size in row),
    }
    return ScalingSetting(name="turns", meter=meters.SIZES, columns=columns)


def slopes() -> ScalingSetting:
    """Neighbours among 28 sizes, at four numbers of tokens."""
    N = np.geomspace(2e8, 1e11, 28)
    pairs = [
        (float(a), float(b / a), D)
        for D, (a, b) in product((250e9, 1e12, 4e12, 16e12), pairwise(N))
    ]
    columns = dict(zip(("N", "times", "D"), zip(*pairs, strict=True), strict=True))
    return ScalingSetting(name="trend", meter=meters.SLOPES, columns=columns)


def everything() -> ScalingSetting:
    """Infinitely many tokens."""
    N = (1e8, 3e8, 1e9, 3e9, 1e10, 1e11)
    columns = {"N": N, "D": (float("inf"),) * len(N)}
    return ScalingSetting(name="all data", meter=meters.MINIMA, columns=columns)


def modest(count: int) -> ScalingSetting:
    """Students with fewer than 1e11 tokens."""
    sizes = np.geomspace(1e8, 1e11, count).tolist()
    tokens = np.geomspace(1e8, 0.999e11, count).tolist()
    columns = {
        "N": tuple(N for N in sizes for _ in tokens),
        "D": tuple(tokens) * len(sizes),
    }
    return ScalingSetting(name="modest data", meter=meters.MINIMA, columns=columns)


def chase(sizes: tuple[float, ...] = SEVEN) -> ScalingSetting:
    """Students of seven sizes, at any number of tokens."""
    return ScalingSetting(name="chase", meter=meters.CLOSEST, columns={"N": sizes})


def fixed() -> ScalingSetting:
    """Crossovers with teachers of 7.75e9 and 546e6 parameters, 20 tokens for each."""
    rows = (
        (1e8, 7.75e9, 2.9e11),
        (1.5e8, 7.75e9, 2.6e11),
        (3e8, 7.75e9, 3.9e11),
        (8e8, 7.75e9, 3.3e12),
        (1e9, 7.75e9, 2.3e12),
        (3e9, 7.75e9, 2.3e11),
        (7.75e9, 7.75e9, 9.3e10),
        (1e10, 7.75e9, 7.9e10),
        (1e8, 546e6, 3.5e11),
        (1e10, 546e6, 2.8e9),
        (3e8, 1.82e9, 8.5e11),
        (1e9, 1.82e9, 4.2e10),
        (3e9, 1.82e9, 1.8e10),
        (1e10, 1.82e9, 1.1e10),
    )
    names = ("N", "N_T", "printed")
    columns = dict(zip(names, zip(*rows, strict=True), strict=True))
    columns["D_T"] = tuple(20 * N for N in columns["N_T"])
    return ScalingSetting(name="crossovers", meter=meters.FIXED, columns=columns)


def costs() -> ScalingSetting:
    """The compute of crossovers within 2 %."""
    printed = (7.1e19, 1.3e20, 5.3e20, 2.8e21, 2.4e22, 2.6e23, 7.7e24)
    columns = {"N": SEVEN, "tolerance": (0.02,) * len(SEVEN), "printed": printed}
    return ScalingSetting(name="costs", meter=meters.COSTS, columns=columns)


def growing() -> ScalingSetting:
    """Neighbours among the seven sizes, at three tolerances."""
    rows = [(a, b, t) for t, (a, b) in product((0.02, 0.01, 0.0), pairwise(SEVEN))]
    names = ("N", "N_next", "tolerance")
    columns = dict(zip(names, zip(*rows, strict=True), strict=True))
    return ScalingSetting(name="growth", meter=meters.CROSSOVERS, columns=columns)
