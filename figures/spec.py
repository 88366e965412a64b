"""What a figure is: how its table is computed, how it is drawn, and what it says."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from figures.table import Table
from theory.errors import InputError

Parameters = Mapping[str, Any]
Compute = Callable[[Parameters], Table]
Draw = Callable[[Table, Sequence[Any]], None]

TIERS = ("test", "quick", "full")
"""Sizes: `test` for the tests alone, `quick` in minutes, `full` for print."""

SPS_PAPER = "Gower et al., arXiv 2504.01898"
KD_PAPER = "Safaryan et al., arXiv 2305.17581"
PARITY_PAPER = "Panigrahi et al., arXiv 2410.05464"
DEVIATIONS_PAPER = "after Nagarajan et al., arXiv 2301.12923"
SCALING_PAPER = "Busbridge et al., arXiv 2502.08606"
PROJECT = "this project"


@dataclass(frozen=True, kw_only=True, eq=False)
class Figure:
    """One figure; its module exports it as `FIGURE`.

    Attributes:
        name: Kebab-case; the name on the command line and of the files.
        title: A few words.
        paper: Whose statement it shows: one of the constants above.
        number: The figure of that paper that it redoes, or "-" where there is none.
        caption: What is drawn. `{name}` stands for a note of the table.
        claim: One sentence that the table must support, filled in like the caption.
        claims: Ids of the claims whose bounds are drawn.
        tiers: Parameters of each tier; they are plain values, with the seed among them.
        minutes: Minutes on one core, by tier, from nothing.
        scale: How large the quick tier is, in words.
        compute: Parameters to table: seeded, without matplotlib.
        draw: Table and axes to a drawing; computes nothing.
        panels: Rows and columns of axes.
        width: A key of `figures.style.WIDTHS`.
        height: Inches.
        overlay: Index of the panel with t along its axis, on which a user's own run may
            be drawn; `None` where there is none.

    """

    name: str
    title: str
    paper: str
    number: str = "-"
    caption: str
    claim: str
    claims: tuple[str, ...] = ()
    tiers: Mapping[str, Parameters]
    minutes: Mapping[str, float]
    scale: str
    compute: Compute
    draw: Draw
    panels: tuple[int, int] = (1, 1)
    width: str = "text"
    height: float = 3.2
    overlay: int | None = None

    def parameters(self, tier: str) -> Parameters:
        """The parameters of a tier."""
        if tier not in self.tiers:
            msg = f"Need a tier out of {', '.join(self.tiers)}, got {tier!r}."
            raise InputError(msg)
        return self.tiers[tier]

    def words(self, table: Table) -> str:
        """The caption with its claim, numbers filled in from the table's notes."""
        return f"{self.caption} {self.claim}".format(**table.notes)
