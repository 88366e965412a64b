"""Probes of formulas against sums and searches over all there is."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from itertools import combinations, product

import numpy as np

from synthetic.mutation import small
from synthetic.parity.exact_samples import below, unseen
from synthetic.parity.exact_search import ambiguous
from synthetic.problems.base import FloatArray
from theory import distillation_formulas as kd


def compressors() -> str:
    """The moments of a compressed point, against the mean over all outcomes."""
    for a, b in zip(small.compressed(), small.enumerated(), strict=True):
        if not np.allclose(a, b, rtol=1e-12):
            return f"{a.tolist()}, not {b.tolist()}"
    return ""


def weights() -> str:
    r"""Each floor is least at its $\lambda^\star$, and what that saves is as stated."""
    rng = np.random.default_rng(8)
    step, mu, smooth = 0.05, 0.7, 1.6
    around = np.linspace(-0.5, 0.5, 11)
    for s, h, g in rng.uniform(0.5, 2.0, (5, 3)):
        cross = 0.8 * (s * (h + g)) ** 0.5
        for name, kappa, floor in _floors(step, mu, smooth, g):
            best = kd.best_weight(cross, h + g, g, kappa)
            value = floor(best + around, kd.noise(s, h + g, cross, best + around))
            least, plain = value.min(), floor(0.0, s)
            saved = 1.0 - kd.reduction(s, h + g, g, cross, kappa)
            if value[5] > least * (1 + 1e-12) or abs(value[5] / plain - saved) > 1e-12:
                return f"{name}: {value[5]:.6g}, where {least:.6g} can be had"
    return ""


def _floors(
    step: float, mu: float, smooth: float, g: float
) -> tuple[tuple[str, float, Callable[..., FloatArray]], ...]:
    """Name, kappa, and floor from the weight and the noise, of each pair."""
    return (
        (
            "N_1",
            kd.sqc_kappa(step, mu, smooth),
            lambda w, d: kd.sqc_floor(step, w, mu, smooth, g, d),
        ),
        (
            "N_1'",
            kd.sqc_simple_kappa(step, mu),
            lambda w, d: kd.sqc_simple_floor(step, w, mu, g, d),
        ),
        (
            "N_2",
            kd.pl_kappa(step, mu, smooth, smooth),
            lambda w, d: kd.pl_floor(step, w, mu, smooth, smooth, g, d),
        ),
        (
            "N_2'",
            kd.pl_simple_kappa(step, smooth),
            lambda w, d: kd.pl_simple_floor(step, w, mu, smooth, g, d),
        ),
    )


def search() -> str:
    """Which samples fit a rival set too, sample by sample and set by set."""
    d, n = 4, 2
    shifts = n * np.arange(d)
    for k in (1, 2, 3):
        for number in range(2 ** (d * n)):
            columns = (number >> shifts) & (2**n - 1)
            told = np.bitwise_xor.reduce(columns[:k])
            fits = [
                s
                for s in combinations(range(d), k)
                if np.bitwise_xor.reduce(columns[list(s)]) == told
            ]
            if bool(ambiguous(columns, k)) != (len(fits) > 1):
                return f"samples {number} at k = {k}: {len(fits)} sets fit"
    return ""


def tails() -> str:
    """Tails of binomial counts and chances of missed cells, against enumeration."""
    for least in range(5):
        rows = product((0, 1), repeat=4)
        exact = sum(
            Fraction(1, 3) ** sum(row) * Fraction(2, 3) ** (4 - sum(row))
            for row in rows
            if sum(row) < least
        )
        found = below(4, Fraction(1, 3), least)
        if not found.low <= exact <= found.high:
            return f"P(count < {least}) is {float(exact):g}, not {float(found.low):g}"
    paths = list(product(range(3), repeat=5))
    missed = Fraction(sum(len(set(path)) < 3 for path in paths), len(paths))
    found_missed = unseen(3, 5)
    return "" if missed == found_missed else f"{found_missed}, not {missed}"
