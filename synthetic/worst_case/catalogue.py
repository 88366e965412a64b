"""Which classes, and which numbers of points, claims about worst cases are tried on."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from synthetic.worst_case.setting import ClassSetting, LineSetting
from theory.worst_case import lines
from theory.worst_case.known import WORST_CASES, WorstCase, find

QUICK = (2, 3, 4, 5)
FULL = (*QUICK, 6, 8, 10, 12)

LINES = {
    "pep.fejer": (lines.FEJER,),
    "pep.sharp_line": (lines.SHARP, lines.DETERMINANT),
    "pep.interp_line": (lines.INTERPOLATION,),
    "pep.potential": (lines.POTENTIAL,),
}

METHODS = {
    "pep.known.gd": "gradient descent",
    "pep.lift.sps_avg": "SPS*, mean",
    "pep.lift.sps_last": "SPS*, last",
    "pep.lift.iam_last": "IAM-P, last",
    "pep.lift.iam_c_last": "IAM-C, last",
}


def settings(tier: str) -> Iterator[ClassSetting | LineSetting]:
    """All of the tier; the full one has more points where there is a closed form."""
    for case in WORST_CASES:
        is_long = tier == "full" and case.multipliers is not None
        yield of(case, FULL if is_long else QUICK)
    for claim_id, proof in LINES.items():
        yield LineSetting(
            name=f"class: {claim_id}, an identity", lines={claim_id: proof}
        )


def of(case: WorstCase, points: tuple[int, ...]) -> ClassSetting:
    """A worst case, named by method and class."""
    found = ClassSetting(name="", case=case, points=points)
    functions = "L-smooth" if found.is_smooth else "G-Lipschitz"
    method = METHODS[case.id.removesuffix(".lip").removesuffix(".smooth")]
    times = f"{points[0]}..{points[-1]}" if len(points) > 1 else f"{points[0]}"
    name = f"class: every convex {functions} f, {method}, T = {times}, certified"
    return ClassSetting(name=name, case=case, points=points)


def named(case_id: str, *points: int) -> ClassSetting:
    """A known worst case at these T."""
    return of(find(case_id), points or QUICK)


@cache
def certified() -> frozenset[str]:
    """The claims of other systems that a worst case speaks of."""
    return frozenset(claim_id for case in WORST_CASES for claim_id in case.claims)
