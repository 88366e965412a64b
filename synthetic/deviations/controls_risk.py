"""What the claims about risks and switches must refute."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from typing import Any

from synthetic.cases.controls import stated
from synthetic.catalogue.entry import Control
from synthetic.deviations import catalogue_risk as catalogue
from synthetic.deviations.criterion import (
    OracleCase,
    OracleSetting,
    SpectrumCase,
    SpectrumSetting,
)
from synthetic.deviations.switching import RampCase, RampSetting, SwitchCase
from theory import spectrum
from theory.cases import Enclosed
from theory.claims.deviations_common import violations
from theory.claims.deviations_risk import in_sample
from theory.claims.deviations_switching import switched

FORMULA = "deviations.risk.formula"
OURS = "deviations.loss_switching"


def controls() -> Iterator[Control]:
    """Every control."""
    yield from _formulas()
    yield from _criteria()
    yield from _oracles()
    yield from _switches()


def _formulas() -> Iterator[Control]:
    risks = catalogue.risks()
    for claim_id in (FORMULA, "deviations.risk.in_sample"):
        yield Control(
            claim_id=claim_id,
            label="noise of twice the variance",
            setting=replace(risks, noise=2),
        )
    fresh = replace(risks, cases=tuple(c for c in risks.cases if c.fresh))

    def one_basis(c: Any, seen: Fraction) -> Any:
        return abs(seen - in_sample(c))

    yield Control(
        claim_id=FORMULA,
        label="one eigenbasis for a student on fresh inputs",
        setting=fresh,
        change=stated(one_basis, "in_sample"),
    )
    yield Control(
        claim_id="deviations.risk.in_sample",
        label="a student on fresh inputs",
        setting=fresh,
    )

    def unweighted(c: Any, change: Fraction) -> Any:
        formula = spectrum.risk_change(c.signal, c.noise, c.student, c.direct)
        return abs(change * (c.signal + c.noise) - formula)

    yield Control(
        claim_id="deviations.risk.change",
        label="without its weight",
        setting=catalogue.changes(),
        change=stated(unweighted, "change"),
    )


def _criteria() -> Iterator[Control]:
    both = catalogue.tabulated()
    for label, side in (("always helps", -1), ("always hurts", 1)):
        yield Control(
            claim_id="deviations.risk.criterion.total",
            label=f"distillation {label}",
            setting=both,
            change=stated(_always(side), "total"),
        )

    def own_side(
        _c: SpectrumCase, changes: tuple[Any, ...], sides: tuple[Any, ...]
    ) -> Enclosed:
        rows = zip(changes, sides, strict=True)
        helps = [change for (change, _), (student, _) in rows if student == -1]
        return violations(helps, [1] * len(helps))

    yield Control(
        claim_id="deviations.risk.criterion",
        label="S above A* for the mean of S and A",
        setting=catalogue.spectra(200),
        change=stated(own_side, "changes", "sides"),
    )
    yield Control(
        claim_id="deviations.risk.criterion",
        label="a direct model that is behind the student",
        setting=replace(both, direct=Fraction(1, 10)),
    )
    yield Control(
        claim_id="deviations.risk.criterion.total",
        label="ties with the top direction",
        setting=SpectrumSetting(
            name="lambda = 1, 1",
            cases=(
                SpectrumCase(
                    (Fraction(1), Fraction(1)),
                    (Fraction(1), Fraction(0)),
                    Fraction(1, 20),
                    Fraction(2),
                    Fraction(2),
                ),
            ),
        ),
        change=stated(_always(-1), "total"),
    )


def _always(side: int) -> Any:
    return lambda _c, total: violations([total], [side])


def _oracles() -> Iterator[Control]:
    name = "deviations.risk.beats_all_early_stopping"
    for label, share in (("above", 1.2), ("below", -0.2)):
        yield Control(
            claim_id=name,
            label=f"a best progress {label} what students reach",
            setting=OracleSetting(
                name=f"A* {label} the interval",
                cases=(catalogue.oracle("0.8", "0.3", share),),
            ),
        )
    even = OracleCase(Fraction(3, 4), Fraction(1, 2), Fraction(1, 2))
    yield Control(
        claim_id=name,
        label="a best progress that early stopping has",
        setting=OracleSetting(name="A*_2 = phi(A*_1)", cases=(even,)),
    )


def _switches() -> Iterator[Control]:
    all_of_them = catalogue.switches()

    def hard(c: SwitchCase, end: Fraction) -> Any:
        weights = tuple(1 - kappa for kappa in c.kappa)
        n = len(weights)
        taught = sum(
            c.x * (1 - c.x) ** (n - 1 - u) * kappa for u, kappa in enumerate(weights)
        )
        return abs(end - spectrum.mixture(c.q, (1 - c.x) ** n, taught))

    yield Control(
        claim_id=f"{OURS}.closed_form",
        label="labels and teacher exchanged",
        setting=all_of_them,
        change=stated(hard, "end"),
    )
    switching = replace(
        all_of_them, cases=tuple(c for c in all_of_them.cases if c.switch is not None)
    )

    def swapped(c: SwitchCase, end: Fraction) -> Any:
        before, after = switched(c)
        both = (spectrum.kd_then_hard, spectrum.hard_then_kd)
        return abs(end - both[int(c.kappa[-1])](c.q, after, before))

    def order(c: SwitchCase, end: Fraction) -> Any:
        both = (spectrum.hard_then_kd, spectrum.kd_then_hard)
        return abs(end - both[int(c.kappa[-1])](c.q, *switched(c)))

    for label, formula in (("s for t - s", swapped), ("the other order", order)):
        yield Control(
            claim_id=f"{OURS}.switch",
            label=label,
            setting=switching,
            change=stated(formula, "end"),
        )
    yield Control(
        claim_id=f"{OURS}.forgotten",
        label="the teacher first",
        setting=replace(
            switching, cases=tuple(c for c in switching.cases if c.kappa[-1] == 0)
        ),
    )
    yield from _ramps()


def _ramps() -> Iterator[Control]:
    ramps, name = catalogue.ramps(), f"{OURS}.ramp"
    yield Control(
        claim_id=name,
        label="labels first and teacher first exchanged",
        setting=replace(ramps, reverse=True),
    )
    yield Control(
        claim_id=name,
        label="a switch at the ramp's end",
        setting=RampSetting(
            name="a ramp off its centre",
            cases=tuple(_late(case) for case in ramps.cases),
            shift=Fraction(1, 2),
        ),
    )


def _late(case: RampCase) -> RampCase:
    return replace(case, width=min(case.width, Fraction(1)))
