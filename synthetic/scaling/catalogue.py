"""Which configurations the claims about scaling laws are tried on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product

import numpy as np

from synthetic.scaling import (
    catalogue_teacher,
    kernel_model,
    meters_law as law_meters,
    meters_plan,
)
from synthetic.scaling.desk_setting import ScalingSetting
from theory.scaling_coefficients import PUBLISHED
from theory.scaling_flops import SCENARIOS
from theory.scaling_law import transition_ratio

Columns = dict[str, tuple[float, ...]]


def settings(tier: str) -> Iterator[ScalingSetting]:
    """All of the tier; the full one has more students and budgets."""
    is_full = tier == "full"
    yield losses()
    yield flops()
    yield points(20_000 if is_full else 4000)
    yield growth(40_000 if is_full else 8000)
    yield transition()
    yield spread()
    yield exponents()
    yield from catalogue_teacher.settings(is_full=is_full)
    yield budgets(0.5 if is_full else 1.0)
    yield order()
    yield shares()
    yield ratios()
    yield kernel(1000 if is_full else 560)


def losses() -> ScalingSetting:
    """Five supervised students, and one with a teacher."""
    sizes = (143e6, 546e6, 1.82e9, 7.75e9, 7.75e9, 1.82e9)
    tokens = (*(20 * N for N in sizes[:4]), 512e9, 20 * 1.82e9)
    columns = {
        "N": sizes,
        "D": tokens,
        "taught": (0, 0, 0, 0, 0, 1),
        "N_T": (7.75e9,) * 6,
        "D_T": (20 * 7.75e9,) * 6,
        "printed": (2.8892, 2.5149, 2.2509, 2.0036, 1.9329, 2.1833),
    }
    return ScalingSetting(name="losses", meter=law_meters.LOSSES, columns=columns)


def flops() -> ScalingSetting:
    """The two models whose FLOPs are quoted."""
    columns = {"N": (0.1028e9, 7.747e9), "printed": (0.3398e9, 16.99e9)}
    return ScalingSetting(name="flops", meter=law_meters.FORWARD, columns=columns)


def drawn(count: int, seed: int, **ends: tuple[float, float]) -> Columns:
    """Log-uniform numbers."""
    rng = np.random.default_rng(seed)
    return {
        name: tuple(np.exp(rng.uniform(np.log(low), np.log(high), count)).tolist())
        for name, (low, high) in ends.items()
    }


def points(count: int) -> ScalingSetting:
    """Students and teachers of every kind."""
    columns = drawn(count, 1, N=(1e7, 1e12), D=(1e8, 1e14), L_T=(1.2, 6.0))
    return ScalingSetting(
        name=f"{count} points", meter=law_meters.POINTS, columns=columns
    )


def growth(count: int) -> ScalingSetting:
    """The same, and larger ones."""
    ends = {"N": (1e7, 1e12), "D": (1e8, 1e14), "L_T": (1.2, 6.0)}
    columns = drawn(count, 2, **ends, times_N=(1.01, 30.0), times_D=(1.01, 30.0))
    for k, name in enumerate(("times_N", "times_D")):  # one alone, the other alone
        columns[name] = tuple(
            1.0 if i % 3 == k else v for i, v in enumerate(columns[name])
        )
    return ScalingSetting(
        name=f"{count} pairs", meter=law_meters.GROWTH, columns=columns
    )


def transition() -> ScalingSetting:
    """The ratio at which the bracket is a half, and d1."""
    q = PUBLISHED.distilled
    columns = {"ratio": (float(transition_ratio(q)), float(np.exp(q.log_d1)))}
    return ScalingSetting(name="transition", meter=law_meters.BRACKET, columns=columns)


def spread() -> ScalingSetting:
    """Values of c1 from 20 to 1e6, the published one among them."""
    columns = {"c1": (20.0, 100.0, 522.6, 5000.0, 1e6)}
    return ScalingSetting(name="c1", meter=law_meters.SPREAD, columns=columns)


def exponents() -> ScalingSetting:
    """The exponents of both laws."""
    p, q = PUBLISHED
    columns = {
        "alpha": (p.alpha, q.alpha),
        "beta": (p.beta, q.beta),
        "printed": (0.513, 0.664),
    }
    return ScalingSetting(name="exponents", meter=law_meters.EXPONENTS, columns=columns)


SIZES = (3e8, 1e9, 3e9, 1e10)


def budgets(step: float) -> ScalingSetting:
    """Sizes and budgets, the teacher's training counted, with and without inference."""
    computes = 10.0 ** np.arange(20.0, 26.5, step)
    rows = [
        (N, float(C), inference, 1.0)
        for N, C, inference in product(SIZES, computes, (0.0, 1.0))
    ]
    return ScalingSetting(
        name="budgets", meter=meters_plan.LEAST, columns=by_column(rows, BUDGET)
    )


BUDGET = ("N", "C", "inference", "pretraining")


def by_column(rows: Sequence[tuple[float, ...]], names: tuple[str, ...]) -> Columns:
    """Rows of numbers as columns."""
    return dict(zip(names, zip(*rows, strict=True), strict=True))


def order() -> ScalingSetting:
    """Pairs of scenarios of which one counts no less than the other."""
    pairs = [
        (a, b)
        for a, b in product(SCENARIOS, SCENARIOS)
        if a != b and a.inference <= b.inference and a.pretraining <= b.pretraining
    ]
    rows = [
        (N, C, a.inference, a.pretraining, b.inference, b.pretraining)
        for N, C, (a, b) in product(SIZES, (1e20, 1e23, 1e26), pairs)
    ]
    names = (
        *("N", "C", "cheap_inference", "cheap_pretraining"),
        *("dear_inference", "dear_pretraining"),
    )
    return ScalingSetting(
        name="scenarios", meter=meters_plan.ORDER, columns=by_column(rows, names)
    )


def shares() -> ScalingSetting:
    """Rows of the printed summary: part 0 student, 1 inference, 2 training."""
    both = (1.0, 1.0)
    rows = [
        (3e8, 1e20, *both, 2, 0.5, 1),
        (3e8, 1e25, *both, 0, 0.5, 1),
        (3e8, 1e25, *both, 1, 0.35, 1),
        *((1e10, 1e25, *both, part, 0.2, 1) for part in (0, 1, 2)),
        (1e10, 1e21, *both, 0, 0.5, 0),
        (1e10, 1e20, *both, 0, 0.5, 0),
    ]
    return ScalingSetting(
        name="table 3",
        meter=meters_plan.SHARES,
        columns=by_column(rows, (*BUDGET, "part", "floor", "kept")),
    )


def ratios() -> ScalingSetting:
    """Sizes up to 3e9 over six decades of compute."""
    computes = 10.0 ** np.arange(20.0, 26.5, 0.5)
    rows = [(N, float(C), 1.0, 1.0) for N, C in product((3e8, 1e9, 3e9), computes)]
    return ScalingSetting(
        name="plans", meter=meters_plan.RATIOS, columns=by_column(rows, BUDGET)
    )


def kernel(most: int) -> ScalingSetting:
    """1000 features, teachers of all spans, five spans of the student."""
    alpha, T, D = kernel_model.target(0, 1000), 5.0, 4.5
    norms = np.concatenate([[0.0], np.sqrt(np.cumsum(alpha**2))])
    rows = []
    for n in (25, 50, 100, 200, 400):
        for m in range(1, most):
            k = min(m, n)
            at = (norms[m], norms[m + 1], norms[n], norms[k], norms[-1])
            rows.append((0, 1000, m, n, T, D, *(float(x) for x in at)))
    names = ("seed", "dim", "m", "n", "T", "D", "a_m", "a_next", "a_n", "a_k", "total")
    return ScalingSetting(
        name="kernel", meter=kernel_model.KERNEL, columns=by_column(rows, names)
    )
