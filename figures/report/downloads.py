"""Tables inside the page itself: a link with the data in it."""

from __future__ import annotations

import base64
import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from markupsafe import Markup

from figures.report.curves import Curve

_PLAIN = "/:;,.-+()=<>*' |_[]{}!?"
"""What a data: address may hold as it is; the rest becomes %XX."""


def text_link(kind: str, text: str) -> str:
    """A `data:` address of text, a quarter shorter than in base 64."""
    return f"data:{kind};charset=utf-8,{quote(text, safe=_PLAIN)}"


def attribute(address: str) -> Markup:
    """An address of this module, which holds nothing that an attribute may not."""
    if set('"&') & set(address):
        msg = f"Need an address of `link` or `text_link`, got {address[:60]!r}."
        raise ValueError(msg)
    return Markup(address)


def link(kind: str, data: bytes) -> str:
    """A `data:` address, such as of `text/csv`."""
    return f"data:{kind};base64,{base64.b64encode(data).decode('ascii')}"


def table(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """CSV with the shortest digits that read back as the same float."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(head)
    writer.writerows(rows)
    return text.getvalue()


def curve_csv(curve: Curve) -> str:
    """Times, limits, value, bound and roundoff of a curve."""
    head = ["t", "lower", "value", "upper", "bound", "roundoff"]
    columns: list[Sequence[Any]] = [
        [{-1: "", -2: "limit"}.get(t, t) for t in curve.times],
        *(curve.lower, curve.estimate, curve.upper, curve.bound, curve.roundoff),
    ]
    if curve.labels:
        head.append("configuration")
        columns.append(curve.labels)
    return text_link("text/csv", table(head, zip(*columns, strict=True)))


SETTING_COLUMNS = (
    "setting",
    "status",
    "engine",
    "tightness",
    "tightness_low",
    "tightness_high",
    "tightest_time",
    "time",
)


def settings_csv(settings: Iterable[Mapping[str, Any]]) -> str:
    """Every setting that was judged."""
    rows = (
        ["" if one.get(name) is None else one[name] for name in SETTING_COLUMNS]
        for one in settings
    )
    return text_link("text/csv", table(SETTING_COLUMNS, rows))
