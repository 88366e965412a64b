"""One look for all figures: Okabe-Ito colours, line styles, widths, mathtext only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

BLACK, ORANGE, SKY, GREEN = "#000000", "#E69F00", "#56B4E9", "#009E73"
YELLOW, BLUE, VERMILION, PURPLE = "#F0E442", "#0072B2", "#D55E00", "#CC79A7"
GREY = "#767676"

CYCLE = (BLUE, VERMILION, GREEN, ORANGE, PURPLE, SKY, BLACK)
"""Okabe and Ito's colours, told apart with any colour vision; yellow is too faint."""

DASHES = (
    "-",
    (0, (5, 1.5)),
    (0, (3, 1, 1, 1)),
    (0, (1, 1)),
    (0, (6, 1, 1, 1, 1, 1)),
    (0, (2, 4)),
)
"""Line styles, so that a black-and-white print still tells curves apart."""

MARKERS = ("o", "s", "^", "D", "v", "P", "X")

WIDTHS = {"column": 3.35, "text": 5.6, "wide": 7.0}
"""Inches: one column of two, a text block, a whole page."""

BOUND: Mapping[str, Any] = {
    "color": BLACK,
    "linestyle": (0, (5, 1.5)),
    "linewidth": 1.1,
}
"""A bound is dashed and black everywhere."""

HARD: Mapping[str, Any] = {
    "color": VERMILION,
    "linestyle": "none",
    "marker": "D",
    "markersize": 3.6,
}
"""The instance that attains a bound."""

RC: Mapping[str, Any] = {
    "font.family": "DejaVu Sans",  # comes with matplotlib: the same on every machine
    "font.size": 8,
    "axes.titlesize": 8.5,
    "axes.labelsize": 8,
    "legend.fontsize": 7,
    "xtick.labelsize": 7,
    "ytick.labelsize": 7,
    "mathtext.fontset": "dejavusans",
    "text.usetex": False,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.7,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#d9d9d9",
    "grid.linewidth": 0.5,
    "lines.linewidth": 1.4,
    "lines.markersize": 4,
    "legend.frameon": False,
    "legend.handlelength": 2.4,
    "legend.borderaxespad": 0.3,
    "figure.dpi": 100,
    "savefig.dpi": 200,
    "pdf.fonttype": 42,
    "svg.fonttype": "path",
    "svg.hashsalt": "ratecheck",
    "path.simplify": False,
}
"""All that a picture's bytes may depend on is set, and no user's file is read."""


def line(k: int) -> dict[str, Any]:
    """The k-th curve's colour and line style."""
    return {
        "color": CYCLE[k % len(CYCLE)],
        "linestyle": DASHES[k % len(DASHES)],
    }


def points(k: int) -> dict[str, Any]:
    """The k-th series' colour and marker, without a line."""
    return {
        "color": CYCLE[k % len(CYCLE)],
        "linestyle": "none",
        "marker": MARKERS[k % len(MARKERS)],
    }


def band(axes: Any, t: Any, lower: Any, upper: Any, color: str) -> None:
    """Valid limits around a curve."""
    axes.fill_between(t, lower, upper, color=color, alpha=0.18, linewidth=0)


def legend_below(axes: Any, columns: int) -> None:
    """One legend for all panels, under them, from the curves of one."""
    handles, labels = axes.get_legend_handles_labels()
    axes.figure.legend(handles, labels, loc="outside lower center", ncols=columns)


def log_log(axes: Any, xlabel: str, ylabel: str) -> None:
    """Both axes logarithmic, labelled."""
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlabel(xlabel)
    axes.set_ylabel(ylabel)
