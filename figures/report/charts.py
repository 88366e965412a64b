"""A curve as a chart: plain values that Plotly draws in the page."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import plotly.graph_objects as go

from figures.report.curves import Curve
from theory.evidence import FloatArray

RUN, BOUND = "#0072B2", "#D55E00"
"""Okabe and Ito's blue and vermilion: apart for every kind of colour vision."""

BAND = "rgba(0,114,178,0.22)"

MARKED = 60
"""Up to so many times each has a mark of its own."""

LOG_FROM = 30.0
"""Axes start out logarithmic where the numbers span more than this factor."""


def in_time(curve: Curve) -> list[int]:
    """The rows that have a time; the limit of t and what has none are told in words."""
    return [row for row, t in enumerate(curve.times) if t >= 0]


def is_drawn(curve: Curve | None) -> bool:
    """Is there something to see over time?"""
    return curve is not None and len(in_time(curve)) > 1


def _wide(values: Any) -> bool:
    values = np.asarray(values, dtype=np.float64)
    positive = values[np.isfinite(values) & (values > 0)]
    if positive.size < 0.5 * values.size or positive.size < 2:
        return False
    return bool(positive.max() / positive.min() > LOG_FROM)


def residual(curve: Curve) -> bool:
    """Is the bound 0 everywhere, so that only roundoff stands beside the run?"""
    return all(value == 0 for value in curve.bound)


def _line(name: str, color: str, dash: str, symbol: str, few: bool) -> dict[str, Any]:
    """How a line looks; told apart by dashes and symbols too, not by colour alone."""
    return {
        "name": name,
        "mode": "lines+markers" if few else "lines",
        "line": {"color": color, "dash": dash, "width": 2.5},
        "marker": {"symbol": symbol, "size": 6},
        "hovertemplate": "%{y:.9g}",
    }


def _band(t: FloatArray, lower: FloatArray, upper: FloatArray) -> dict[str, Any]:
    return {
        "x": np.concatenate([t, t[::-1]]),
        "y": np.concatenate([upper, lower[::-1]]),
        "name": "its limits",
        "fill": "toself",
        "fillcolor": BAND,
        "line": {"width": 0},
        "mode": "lines",
        "hoverinfo": "skip",
    }


def chart(curve: Curve) -> dict[str, Any]:
    """Data, layout and the axes' first scales, as plain values."""
    rows = in_time(curve)

    def taken(values: list[float]) -> FloatArray:
        return np.array([values[row] for row in rows], dtype=np.float64)

    t = np.array([curve.times[row] for row in rows], dtype=np.float64)
    value, few = taken(curve.estimate), len(rows) <= MARKED
    traces = []
    if residual(curve):
        beside = taken(curve.roundoff)
        name = "its roundoff"
    else:
        beside, name = taken(curve.bound), "bound"
        lower, upper = taken(curve.lower), taken(curve.upper)
        if np.any(lower != upper):
            traces.append(_band(t, lower, upper))
    second = _line(name, BOUND, "dash", "diamond", few)
    first = _line("left-hand side", RUN, "solid", "circle", few)
    if curve.configurations > 1:  # no line joins one configuration to another
        first["mode"] = second["mode"] = "markers"
    if curve.labels:
        first["text"] = [curve.labels[row] for row in rows]
        first["hovertemplate"] += "<br>%{text}"
    traces += [{"x": t, "y": beside, **second}, {"x": t, "y": value, **first}]
    log_t = bool(t.min() > 0 and t.max() / t.min() > LOG_FROM)
    log_y = _wide(np.concatenate([value, beside]))
    axes = {
        "xaxis": {"title": {"text": "t"}, "type": "log" if log_t else "linear"},
        "yaxis": {"type": "log" if log_y else "linear"},
    }
    figure = go.Figure(data=[{"type": "scatter", **trace} for trace in traces])
    data = json.loads(figure.to_json(engine="json"))["data"]
    return {"data": data, "layout": axes, "log_t": log_t, "log_y": log_y}


LAYOUT: dict[str, Any] = {
    "paper_bgcolor": "rgba(0,0,0,0)",
    "plot_bgcolor": "rgba(0,0,0,0)",
    "hovermode": "x unified",
    "height": 340,
    "margin": {"l": 40, "r": 8, "t": 12, "b": 44},
    "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
    "font": {"family": "system-ui, sans-serif", "size": 13},
    "xaxis": {"automargin": True},
    "yaxis": {"automargin": True, "exponentformat": "power"},
}
"""What all charts share; colours of text and grid come from the page's style."""

CONFIG = {"displaylogo": False, "responsive": True, "scrollZoom": False}
