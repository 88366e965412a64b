r"""Statements as MathML: text stays text, and what stands between dollars is set.

Browsers lay MathML out themselves, so a page needs no script and no font for it.
"""

from __future__ import annotations

from functools import cache

from latex2mathml.converter import convert
from markupsafe import Markup, escape

_SPELT = {r"\arg\min": r"\mathrm{argmin}\,"}
"""What the converter does not know, in words that it does."""


@cache
def formula(latex: str) -> Markup:
    r"""One formula, without its dollars, as a MathML element.

    Args:
        latex: The mathematics, such as `\frac12`.

    Raises:
        ValueError: If a command is left over; the page would show it raw.

    """
    for theirs, ours in _SPELT.items():
        latex = latex.replace(theirs, ours)
    element = convert(latex)
    if "\\" in Markup(element).striptags():
        msg = f"Need LaTeX that latex2mathml can set, got {latex!r}."
        raise ValueError(msg)
    return Markup(element)


@cache
def sentence(text: str) -> Markup:
    r"""Text with formulas between dollars, `a bound $\le 1$`, as HTML.

    Raises:
        ValueError: If a dollar has no partner.

    """
    parts = text.split("$")
    if len(parts) % 2 == 0:
        msg = f"Need dollars in pairs, got {text!r}."
        raise ValueError(msg)
    return Markup("").join(
        formula(part) if k % 2 else escape(part) for k, part in enumerate(parts)
    )
