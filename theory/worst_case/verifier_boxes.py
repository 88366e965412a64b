r"""A proof for all step sizes, box by box, checked with the standard library alone.

A bound on each of several boxes of step sizes is a bound on all steps only if the boxes
cover $[0, \infty)^{T-1}$. A box is covered if one of the others contains it, or if it
can be cut at one of their ends into two that are covered.
"""

import json
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from theory.worst_case.verifier import (
    CertificateError,
    Verdict,
    checksum,
    decide,
    multipliers_of,
    number,
    opened,
)
from theory.worst_case.verifier_problems import UnknownProblemError, ranges

FORMAT = "ratecheck worst-case certificate by boxes 1"
KEYS = {"format", "points", "bound", "boxes", "sha256"}
LONGEST = 20_000_000
BOX_KEYS = {"lower", "upper", "multipliers"}

End = Fraction | None
"""`None` is infinity, and stands at upper ends only."""
Box = tuple[tuple[Fraction, End], ...]


def covers(boxes: Sequence[Box], steps: int) -> bool:
    r"""Whether the boxes cover $[0, \infty)^k$, $k$ the number of steps."""
    if any(len(box) != steps for box in boxes):
        return False
    return _covered(((Fraction(0), None),) * steps, boxes)


def _covered(box: Box, others: Sequence[Box]) -> bool:
    near = [other for other in others if _overlap(box, other)]
    if any(_contains(other, box) for other in near):
        return True
    for axis, (low, high) in enumerate(box):
        for other in near:
            for end in other[axis]:
                if end is not None and low < end and _below(end, high):
                    left = (*box[:axis], (low, end), *box[axis + 1 :])
                    right = (*box[:axis], (end, high), *box[axis + 1 :])
                    return _covered(left, near) and _covered(right, near)
    return False


def _below(a: Fraction, b: End) -> bool:
    return b is None or a < b


def _overlap(one: Box, other: Box) -> bool:
    pairs = zip(one, other, strict=True)
    return all(_below(a, d) and _below(c, b) for (a, b), (c, d) in pairs)


def _contains(outer: Box, inner: Box) -> bool:
    return all(
        a <= c and (b is None or (d is not None and d <= b))
        for (a, b), (c, d) in zip(outer, inner, strict=True)
    )


def write(
    points: int,
    bound: Fraction,
    leaves: Sequence[tuple[Mapping[str, Any], Mapping[str, Fraction]]],
) -> str:
    """The text of a file; a leaf is its problem and its multipliers."""
    boxes = [
        {
            "lower": problem["lower"],
            "upper": problem["upper"],
            "multipliers": {k: str(v) for k, v in multipliers.items() if v},
        }
        for problem, multipliers in leaves
    ]
    content = {"format": FORMAT, "points": points, "bound": str(bound), "boxes": boxes}
    return json.dumps(content | {"sha256": checksum(content)}, indent=1) + "\n"


def is_boxes(text: str) -> bool:
    """Whether a file says that it is of this format."""
    return f'"format": "{FORMAT}"' in text[:200]


def verify(text: str, bound: Fraction | None = None) -> Verdict:
    """Whether every box has a proof of the bound, and no step size is left out.

    Raises:
        CertificateError: If the text is no such file, or not as it was written.

    """
    content = opened(text, FORMAT, KEYS, LONGEST)
    points, boxes = content["points"], content["boxes"]
    asked = number(content["bound"]) if bound is None else bound
    if not isinstance(boxes, list) or type(points) is not int:
        msg = "Need a number of points and a list of boxes."
        raise CertificateError(msg)
    covering = []
    for place, box in enumerate(boxes):
        if not isinstance(box, dict) or set(box) != BOX_KEYS:
            msg = f"Need exactly the entries {sorted(BOX_KEYS)} in box {place}."
            raise CertificateError(msg)
        ends = {"lower": box["lower"], "upper": box["upper"]}
        problem = {"kind": "box", "points": points} | ends
        if not isinstance(box["multipliers"], dict):
            msg = f"Need a table of multipliers in box {place}."
            raise CertificateError(msg)
        verdict = decide(problem, multipliers_of(box["multipliers"]), asked)
        if not verdict.accepted:
            return Verdict(False, f"box {place}: {verdict.reason}")
        covering.append(_box(problem))
    if not covers(covering, points - 1):
        return Verdict(False, "the boxes leave step sizes out")
    return Verdict(
        True,
        f"at most {float(asked):.9g}: f(x_(T-1)) - f* of SPS*, T = {points} points, on "
        "every convex G-Lipschitz f, whatever its steps, in units of G D / sqrt(T)",
    )


def _box(problem: Mapping[str, Any]) -> Box:
    try:
        return tuple(zip(*ranges(problem), strict=True))
    except UnknownProblemError as error:
        raise CertificateError(str(error)) from error
