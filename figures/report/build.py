"""The page: one file with its style, scripts, data and pictures in it."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Any

import plotly.offline
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from figures.report import charts, collect, downloads
from figures.report.curves import Curve
from figures.report.gallery import Picture
from figures.report.prose import typeset


def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader("figures.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "embedded": embedded,
        "safe_address": downloads.attribute,
        "typeset": typeset,
    }
    return made


@cache
def datatables() -> tuple[str, str]:
    """DataTables as a module, as a data: address, and its style."""
    folder = resources.files("itables") / "html"
    script = (folder / "dt_bundle.js").read_bytes()
    style = (folder / "dt_bundle.css").read_text("utf-8")
    return downloads.link("text/javascript", script), style


def _script(text: str, kind: str = "") -> tuple[Markup, str]:
    """A script element, and the source that the page's policy allows it by."""
    if "</script" in text.lower():
        msg = "A script must not close its own element."
        raise ValueError(msg)
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    attribute = Markup(' type="{}"').format(kind) if kind else ""
    element = Markup("<script{}>{}</script>").format(attribute, Markup(text))
    return element, f"'sha256-{digest}'"


def _scripts(environment: Environment) -> tuple[list[Markup], str]:
    """Plotly, DataTables and what starts them; and the policy's sources."""
    module, _ = datatables()
    start = environment.get_template("start.js.j2").render(
        layout=embedded(charts.LAYOUT),
        config=embedded(charts.CONFIG),
    )
    made = [
        _script(json.dumps({"imports": {"datatables": module}}), "importmap"),
        _script(plotly.offline.get_plotlyjs()),
        _script(start, "module"),
    ]
    return [element for element, _ in made], " ".join(source for _, source in made)


def embedded(value: Any) -> Markup:
    """JSON that may stand in a script element."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return Markup(text.replace("<", "\\u003c"))


def command(record: Mapping[str, Any], claim_id: str) -> str:
    """The command that checks one claim again."""
    words = ["ratecheck verify", claim_id]
    if record["tier"] != "quick":
        words.append(f"--tier {record['tier']}")
    if record["seed"]:
        words.append(f"--seed {record['seed']}")
    if "instance" in record:
        words.append("--data FILE --loss " + str(record["instance"]["loss"]))
    return " ".join([*words, "-v"])


def page(
    record: Mapping[str, Any],
    curves: Mapping[str, Curve],
    pictures: Sequence[Picture] = (),
) -> str:
    """The report as HTML that needs no other file and no network.

    Args:
        record: Of `ratecheck verify --json`. If it has `mutations`, they are shown:
            `claims`, a list of ids, and `rows`, each with a `label` and `caught`, one
            truth value a claim.
        curves: By claim id, of `figures.report.keep`.
        pictures: For the gallery.

    """
    environment = _environment()
    found = collect.cards(record, curves)
    scripts, sources = _scripts(environment)
    return environment.get_template("page.html.j2").render(
        record=record,
        cards=found,
        ids={card.claim.id for card in found},
        groups=list(dict.fromkeys(card.group for card in found)),
        unknown=collect.unknown(record),
        linked=collect.linked(card.claim.id for card in found),
        command=lambda claim_id: command(record, claim_id),
        pictures=pictures,
        drawn=drawn(pictures),
        mutations=record.get("mutations"),
        totals=totals(found),
        scripts=scripts,
        sources=sources,
        style=Markup(environment.get_template("page.css").render()),
        table_style=Markup(datatables()[1]),
    )


def drawn(pictures: Sequence[Picture]) -> dict[str, list[Picture]]:
    """By claim id, the figures that show its bound."""
    found: dict[str, list[Picture]] = {}
    for picture in pictures:
        for claim_id in picture.claims:
            found.setdefault(claim_id, []).append(picture)
    return found


def totals(cards: list[collect.Card]) -> dict[str, int]:
    """The numbers of the first paragraph."""
    controls = [c for card in cards for c in card.found["controls"]["list"]]
    return {
        "claims": len(cards),
        "as_expected": sum(bool(card.found["as_expected"]) for card in cards),
        "false": sum(card.claim.expected.value == "refuted" for card in cards),
        "caught": sum(card.found["controls"]["caught"] for card in cards),
        "controls": sum(card.found["controls"]["total"] for card in cards),
        "hidden": sum(bool(c["hidden"]) for c in controls),
        "judged": sum(len(card.judged) for card in cards),
    }
