r"""From certificates and from real runs to limits of a worst case, rounded outward.

The upper limit is what the verifier accepted, from the certificate's text and nothing
else; the lower one is what the method itself attains on some function of the class.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from synthetic.worst_case.attained import runs
from synthetic.worst_case.setting import ClassSetting
from theory.evidence import Engine, Evidence, Scope
from theory.worst_case import known, verifier
from theory.worst_case.solution import NoBoundError

FINE = 10**25
ULPS = 2.0**-52
"""A unit in the last place of 1, the share of a rounding."""


@dataclass(frozen=True)
class Proved:
    """What is known of the worst case at one number of points.

    Attributes:
        points: T.
        attained: By a real run, rounded down.
        limit: Proved, rounded up, both at G or L = D = 1; `None` if nothing is.
        words: The verifier's sentence, or why there is no proof.
        among: Does the proof use pairs of iterates?

    """

    points: int
    attained: Fraction
    limit: Fraction | None
    words: str
    among: bool = False


def proved(setting: ClassSetting, points: int) -> Proved:
    """The verdict of the verifier on the text of a certificate."""
    problem = setting.problem(points)
    least = attained(problem, points)

    def nothing(why: str) -> Proved:
        return Proved(points, least, None, why)

    try:
        certificate = known.prove(setting.case, points).certificate
        text = setting.delivered(verifier.write(certificate))
        found, verdict = verifier.read(text), verifier.verify(text)
    except (NoBoundError, verifier.CertificateError) as error:
        return nothing(f"there is no certificate: {error}")
    if not verdict.accepted:
        return nothing(f"the certificate is refused: {verdict.reason}")
    if found.problem != problem:
        return nothing(f"the certificate is of another problem: {verdict.reason}")
    limit = found.bound * unit(problem, points)[1]
    if least > limit:
        return nothing(f"a real run attains {float(least):.9g}, more than is certified")
    return Proved(points, least, limit, verdict.reason, found.among_iterates)


def unit(problem: Mapping[str, Any], points: int) -> tuple[Fraction, Fraction]:
    r"""Limits of $1/\sqrt T$, of 1/T or of 1: a program's unit at G or L = D = 1."""
    if problem["kind"] == "gradient":
        return Fraction(1), Fraction(1)
    if problem["functions"] == "smooth":
        return Fraction(1, points), Fraction(1, points)
    return root(Fraction(1, points))


def root(number: Fraction) -> tuple[Fraction, Fraction]:
    """Limits of the square root; equal where it is rational with a small denominator.

    sqrt(p/q) = sqrt(p q)/q, and `isqrt` is the floor of a root.
    """
    whole = number.numerator * number.denominator * FINE**2
    floor = math.isqrt(whole)
    scale = number.denominator * FINE
    return Fraction(floor, scale), Fraction(floor + (floor**2 < whole), scale)


def attained(problem: Mapping[str, Any], points: int) -> Fraction:
    """The largest value of a real run at D = 1, rounded down if it is irrational."""
    smooth = problem.get("functions", "smooth") == "smooth"
    found = runs(problem, points)
    return max(
        value / (distance_sq if smooth else root(distance_sq)[1])
        for value, distance_sq in found
    )


def outward(number: Fraction, *, up: bool) -> float:
    """The nearest float that is not on the wrong side."""
    near = float(number)
    if (Fraction(near) < number) if up else (Fraction(near) > number):
        return float(np.nextafter(near, np.inf if up else -np.inf))
    return near


def evidence(setting: ClassSetting) -> Evidence:
    """At t = T - 1: what is attained, and what is proved."""
    found = [proved(setting, points) for points in setting.points]
    lower, upper = [], []
    for one in found:
        lower.append(outward(one.attained, up=False))
        upper.append(math.inf if one.limit is None else outward(one.limit, up=True))
    low, high = np.array(lower), np.array(upper)
    return Evidence(
        times=np.array(setting.points, dtype=np.int64) - 1,
        lower=low,
        upper=high,
        estimate=low,  # where the program is exact they agree; else this is a fact
        # Of the bound's own arithmetic (a root and a few products) and of rounding out.
        roundoff=8.0 * ULPS * np.where(np.isfinite(high), high, low),
        error=0.0,
        engine=Engine.WORST_CASE,
        source=words(found),
        scope=Scope.CLASS,
    )


def words(found: list[Proved]) -> str:
    """The verifier's sentence on the largest T, and how far the proofs reach."""
    missing = [one for one in found if one.limit is None]
    if missing:
        return f"at T = {missing[0].points} {missing[0].words}"
    times = ", ".join(str(one.points) for one in found)
    reach = (
        "pairs of iterates are used: one function, full batches"
        if any(one.among for one in found)
        else "of pairs only those with the minimiser are used: samples in any order "
        "that share it"
    )
    return (
        f"certificates for T = {times} accepted by the verifier, the last one of: "
        f"{found[-1].words} ({reach})"
    )
