"""Which risks and switches the claims are tried on."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import numpy as np

from synthetic.deviations.catalogue import LAST, spectrum
from synthetic.deviations.criterion import (
    OracleCase,
    OracleSetting,
    SpectrumCase,
    SpectrumSetting,
)
from synthetic.deviations.desk import DeviationSetting
from synthetic.deviations.loops import Design
from synthetic.deviations.risk_exact import (
    ChangeCase,
    ChangeSetting,
    RiskCase,
    RiskSetting,
)
from synthetic.deviations.switching import (
    RampCase,
    RampSetting,
    SwitchCase,
    SwitchSetting,
)
from theory import spectrum as formulas
from theory.filters import Descent

ONE, HALF, ZERO = Fraction(1), Fraction(1, 2), Fraction(0)


def settings(tier: str) -> Iterator[DeviationSetting]:
    """All of the tier."""
    yield risks()
    yield changes()
    yield tabulated()
    yield spectra(2000 if tier == "full" else 500)
    yield oracles()
    yield switches()
    yield ramps()


def risks() -> RiskSetting:
    """The student on the same inputs and on fresh ones, at any rank."""
    full = Design(4, 3, (Fraction(2), ONE, HALF), 1)
    deficient = Design(4, 3, (Fraction(2), ONE, ZERO), 2)
    wide = Design(3, 4, (Fraction(3, 2), ONE, Fraction(1, 3)), 3)
    pairs = (
        (full, None),
        (deficient, None),
        (wide, None),
        (full, Design(5, 3, (ONE, ONE, Fraction(1, 3)), 5)),
        (wide, Design(5, 4, (Fraction(2), ONE, HALF, Fraction(1, 4)), 6)),
    )
    cases = tuple(
        RiskCase(design, fresh, Descent(HALF, n), Descent(Fraction(1, 3), m), variance)
        for design, fresh in pairs
        for n, m in ((1, 1), (3, 2))
        for variance in (ZERO, Fraction(3, 2))
    )
    return RiskSetting(name="risks of two loops", cases=cases)


def changes() -> ChangeSetting:
    """Random directions, progress beyond 1 too."""
    rng = np.random.default_rng(6)
    cases = tuple(
        ChangeCase(*(Fraction(int(i), 64) for i in rng.integers(1, 96, size=4)))
        for _ in range(300)
    )
    return ChangeSetting(name="300 directions", cases=cases)


LAMS = (ONE, Fraction(3, 10), Fraction(1, 10))
TOP_ONLY, FLAT = (ONE, ZERO, ZERO), (ONE, ONE, ONE)


def known(thetas: tuple[Fraction, ...], noise: Fraction) -> SpectrumCase:
    """The spectrum (1, .3, .1) with T = t = 2."""
    return SpectrumCase(LAMS, thetas, noise, Fraction(2), Fraction(2))


def tabulated() -> SpectrumSetting:
    """A signal on top alone, and a flat one, from no noise to much."""
    noises = (ZERO, Fraction(1, 20), HALF)
    cases = (
        known(TOP_ONLY, Fraction(1, 20)),
        *(known(FLAT, noise) for noise in noises),
    )
    return SpectrumSetting(name="lambda = 1, .3, .1", cases=cases)


def spectra(count: int) -> SpectrumSetting:
    """Random spectra, signals with zeros, noise with zero."""
    rng = np.random.default_rng([7, count])
    cases = tuple(
        SpectrumCase(
            spectrum(rng),
            tuple(Fraction(int(i), 4) for i in rng.integers(0, 9, size=3)),
            Fraction(int(rng.integers(0, 40)), 80),
            Fraction(int(rng.integers(1, LAST + 1)), 4),
            Fraction(int(rng.integers(1, LAST + 1)), 4),
        )
        for _ in range(count)
    )
    return SpectrumSetting(name=f"{count} draws of signal and noise", cases=cases)


def oracles() -> OracleSetting:
    """Best progresses along the part of the plane that students reach."""
    cases = tuple(
        oracle(first, r, share)
        for first in ("0.5", "0.8")
        for r in ("0.1", "0.3", "0.6")
        for share in (0.1, 0.5, 0.7)
    )
    return OracleSetting(name="best shrinkages of two directions", cases=cases)


def oracle(first: str, r: str, share: float) -> OracleCase:
    """A second best progress between the student's limits, or off them."""
    least, beyond = formulas.student_limits(float(r), float(first))
    second = least + share * (beyond - least)
    return OracleCase(Fraction(first), Fraction(float(second)), Fraction(r))


def switches() -> SwitchSetting:
    """Both orders at every step, and random weights."""
    rng = np.random.default_rng(8)
    cases = []
    for x in (Fraction(1, 10), Fraction(7, 10), Fraction(3, 2)):
        for q in (ZERO, Fraction(3, 4), ONE, Fraction(5, 4)):
            for s in (1, 3, 6):
                for first in (ZERO, ONE):
                    kappa = (first,) * s + (1 - first,) * (8 - s)
                    cases.append(SwitchCase(x, q, kappa, s))
            weights = tuple(Fraction(int(i), 16) for i in rng.integers(0, 17, size=8))
            cases.append(SwitchCase(x, q, weights))
    return SwitchSetting(name="weights that switch, and any", cases=tuple(cases))


def ramps() -> RampSetting:
    """Narrow ramps and wide ones."""
    cases = tuple(
        RampCase(Fraction(lam), Fraction(2), Fraction(4), Fraction("1.5"), Fraction(w))
        for lam in ("0.05", "0.7", "2")
        for w in ("0.1", "1", "2.5")
    )
    return RampSetting(name="gradual switches", cases=cases)
