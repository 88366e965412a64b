"""A session's record and the theorems it is about, side by side, as plain values."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from figures.report import charts, downloads
from figures.report.curves import Curve
from figures.report.mathml import sentence
from figures.report.prose import typeset
from theory import claims as registry
from theory.claim import Claim
from theory.evidence import moment_of
from theory.references import BIBTEX

GROUPS = {
    "sps": "SPS*: the Polyak step that knows each sample's loss at the solution",
    "iam": "IAM: the same step with momentum",
    "kd": "Distillation as variance reduction",
    "parity": "Sparse parity: what gradients, queries and checkpoints tell of it",
    "deviations": "Student-teacher deviations: distillation by eigendirection",
    "scaling": "Scaling laws of distillation: what follows from the published one",
    "pcfg": "Grammars: how much a masked token depends on an n-gram",
    "pep": "Worst cases over a whole class of functions, with certificates",
}
"""Headings by the first word of an id; a later part's own word is its heading."""

NOT_APPLICABLE = "not_applicable"
TOP = 5


@dataclass(frozen=True, eq=False)
class Card:
    """One theorem with all that was found of it.

    Attributes:
        claim: The theorem.
        found: Its part of the session's record.
        curve: Its evidence on the tightest setting, where it could be run again.
        chart: The curve for Plotly; `None` where there is nothing over time.

    """

    claim: Claim
    found: Mapping[str, Any]
    curve: Curve | None
    chart: dict[str, Any] | None

    @property
    def group(self) -> str:
        """The heading that it stands under."""
        word = self.claim.id.partition(".")[0]
        return GROUPS.get(word, word)

    @property
    def paper(self) -> str:
        """Authors and number, without remarks."""
        return short_reference(self.claim.reference)

    @property
    def bibtex(self) -> str:
        """The entry of the reference; empty if there is none."""
        return BIBTEX.get(self.claim.reference, "")

    @property
    def statement(self) -> Markup:
        """The statement in MathML."""
        return sentence(self.claim.statement)

    @property
    def assumes(self) -> list[tuple[str, Markup, Any]]:
        """Names and statements of the hypotheses, with their checks if there are."""
        made = {c.name: c for c in self.curve.checks} if self.curve else {}
        return [
            (a.name, sentence(a.statement), made.get(a.name))
            for a in self.claim.assumes
        ]

    @property
    def judged(self) -> list[Mapping[str, Any]]:
        """The settings that meet the hypotheses."""
        return [s for s in self.found["settings"] if s["status"] != NOT_APPLICABLE]

    @property
    def certified(self) -> list[Mapping[str, Any]]:
        """The settings whose evidence is about a whole class of functions."""
        return [s for s in self.judged if s.get("scope") == "class"]

    @property
    def set_aside(self) -> int:
        """How many settings do not."""
        return len(self.found["settings"]) - len(self.judged)

    @property
    def tightest(self) -> list[Mapping[str, Any]]:
        """The settings with the largest ratios."""
        with_ratio = [s for s in self.judged if s["tightness"] is not None]
        ranked = sorted(with_ratio, key=lambda s: -float(s["tightness"]))
        return ranked[:TOP]

    @property
    def where(self) -> str:
        """The tightest setting and its t."""
        place = self.found["tightest_setting"]
        for one in self.judged:
            if one["setting"] == place:
                time = one["tightest_time"]
                words = [place, "" if time is None else moment_of(time)]
                return ", ".join(word for word in words if word)
        return place or ""

    @property
    def reason(self) -> str:
        """The verdict's sentence on the tightest setting."""
        for one in self.judged:
            if one["setting"] == self.found["tightest_setting"]:
                return str(one["reason"])
        return ""

    @property
    def disagrees(self) -> bool:
        """Has the run for the chart another ratio than the session's?"""
        return (
            self.curve is not None and self.curve.tightness != self.found["tightness"]
        )

    @property
    def samples(self) -> list[tuple[str, str, str, str, str]]:
        """The curve in at most eight rows, for whoever does not see the chart."""
        return [] if self.curve is None else _samples(self.curve)

    @property
    def why_no_ratio(self) -> str:
        """In words, where the table has no number."""
        if self.found["tightness"] is not None or self.curve is None:
            return ""
        if charts.residual(self.curve):
            return (
                "The bound is 0: the claim says that a residual, or an excess, is no "
                "larger than 0. A ratio to 0 says nothing, so the left-hand side is "
                "compared with its own roundoff."
            )
        return (
            "Where this setting is judged the bound is not positive, or too small for "
            "floats to resolve, so that a ratio would say nothing."
        )

    @property
    def curve_link(self) -> str:
        """The curve as CSV in a link."""
        return "" if self.curve is None else downloads.curve_csv(self.curve)

    @property
    def settings_link(self) -> str:
        """The judged settings as CSV in a link."""
        return downloads.settings_csv(self.judged)

    @property
    def alternative(self) -> str:
        """What the chart shows, in words."""
        if self.curve is None:
            return ""
        what = "its roundoff" if charts.residual(self.curve) else "the bound"
        first, *_, last = self.samples
        return (
            f"Left-hand side of {self.claim.id} and {what} over t on "
            f"{self.curve.setting}: at {first[0]}, {first[1]} and {first[2]}; at "
            f"{last[0]}, {last[1]} and {last[2]}. The numbers are in the table below."
        )


def _samples(curve: Curve) -> list[tuple[str, str, str, str, str]]:
    order = sorted(range(len(curve.times)), key=lambda row: curve.times[row] % 2**40)
    step = max((len(order) - 1) / 7, 1)
    picked = sorted({min(round(k * step), len(order) - 1) for k in range(8)})
    zero = charts.residual(curve)
    rows = []
    for row in (order[k] for k in picked):
        value, bound = curve.estimate[row], curve.bound[row]
        beside = curve.roundoff[row] if zero else bound
        ratio = f"{value / bound:.6f}" if bound > 0 else "none"
        moment = moment_of(curve.times[row]) or "no time"
        label = curve.labels[row] if curve.labels else ""
        rows.append((moment, f"{value:.6g}", f"{beside:.6g}", ratio, label))
    return rows


def short_reference(reference: str) -> str:
    """`Gower et al., arXiv 2504.01898` out of a full reference."""
    plain = reference.partition(" (")[0]
    if (number := re.search(r"arXiv \d+\.\d+", plain)) is None:
        return plain
    return f"{plain.partition(',')[0]} et al., {number[0]}"


def cards(record: Mapping[str, Any], curves: Mapping[str, Curve]) -> list[Card]:
    """A card for each claim of the session that this version knows."""
    found = []
    for entry in record["claims"]:
        claim = registry.CLAIMS.get(entry["id"])
        if claim is None:
            continue
        curve = curves.get(claim.id)
        drawn = charts.chart(curve) if curve and charts.is_drawn(curve) else None
        found.append(Card(claim, entry, curve, drawn))
    return found


def unknown(record: Mapping[str, Any]) -> list[str]:
    """Ids in the record that this version has no theorem for."""
    return [c["id"] for c in record["claims"] if c["id"] not in registry.CLAIMS]


def wanted(record: Mapping[str, Any]) -> dict[str, str]:
    """The tightest setting of each known claim, if the project's own were tried."""
    if "instance" in record:
        return {}
    return {
        claim["id"]: claim["tightest_setting"]
        for claim in record["claims"]
        if claim["tightest_setting"] and claim["id"] in registry.CLAIMS
    }


def linked(ids: Iterable[str]) -> Callable[[str], Markup]:
    """A function that turns the ids in a proof into links to their theorems."""
    longest = sorted(ids, key=len, reverse=True)
    pattern = re.compile(
        r"(?<![\w.])(" + "|".join(map(re.escape, longest)) + r")(?![\w]|\.\w)"
    )

    def link(text: str) -> Markup:
        parts = pattern.split(text) if longest else [text]
        return Markup("").join(
            Markup('<a href="#{0}">{0}</a>').format(part) if k % 2 else typeset(part)
            for k, part in enumerate(parts)
        )

    return link
