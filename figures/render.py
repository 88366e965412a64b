"""A figure and its table as bytes: the same ones every time, on one matplotlib."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

import matplotlib as mpl
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure as Picture

from figures import style
from figures.spec import Figure
from figures.table import Table

FORMATS = ("pdf", "png", "svg")

# No date and no version: nothing in the file may change by itself.
_METADATA: Mapping[str, Mapping[str, Any]] = {
    "pdf": {"CreationDate": None, "Creator": "ratecheck", "Producer": None},
    "png": {"Software": None},
    "svg": {"Date": None, "Creator": "ratecheck"},
}


def _settings() -> Any:
    """All of matplotlib's settings, whatever a user's own file says."""
    return {**mpl.rcParamsDefault, **style.RC, "backend": "agg"}


def picture(figure: Figure, table: Table, overlay: Table | None = None) -> Picture:
    """The drawing as a matplotlib figure, with a user's own run on it if there is one.

    Args:
        figure: What to draw.
        table: Its numbers.
        overlay: Columns `t` and `value`, and the note `name`.

    """
    with mpl.rc_context(_settings()):
        size = (style.WIDTHS[figure.width], figure.height)
        drawing = Picture(figsize=size, layout="constrained")
        FigureCanvasAgg(drawing)
        axes = drawing.subplots(*figure.panels, squeeze=False).ravel().tolist()
        figure.draw(table, axes)
        if overlay is not None and figure.overlay is not None:
            _lay_over(axes[figure.overlay], overlay)
        return drawing


def render(
    figure: Figure,
    table: Table,
    overlay: Table | None = None,
    formats: tuple[str, ...] = FORMATS,
) -> dict[str, bytes]:
    """The drawing in each format."""
    with mpl.rc_context(_settings()):
        drawing = picture(figure, table, overlay)
        found = {}
        for kind in formats:
            out = io.BytesIO()
            drawing.savefig(out, format=kind, metadata=dict(_METADATA[kind]))
            found[kind] = out.getvalue()
        return found


def _lay_over(axes: Any, overlay: Table) -> None:
    axes.plot(
        overlay["t"],
        overlay["value"],
        color=style.PURPLE,
        linewidth=2,
        marker=".",
        label=str(overlay.notes["name"]),
    )
    axes.legend()
