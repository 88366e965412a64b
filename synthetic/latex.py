r"""The verdicts as a LaTeX table: `\input` it where `booktabs` is loaded."""

from __future__ import annotations

from synthetic.display import ratio
from synthetic.results import ClaimResult, Session

ESCAPES = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    **{character: f"\\{character}" for character in "&%$#_{}"},
}

HEAD = r"""\begin{tabular}{lllrlr}
\toprule
 & claim & verdict & tightness & engine & controls \\
\midrule
"""
FOOT = r"""\bottomrule
\end{tabular}
"""


def escape(text: str) -> str:
    """The text as LaTeX prints it, character by character."""
    return "".join(ESCAPES.get(character, character) for character in text)


def table(session: Session) -> str:
    """One row for each claim, as in the terminal; how it was made, in comments."""
    rows = [_row(result) for result in session.results.values()]
    options = session.options
    notes = [
        f"ratecheck verify --seed {options.seed} --alpha {options.alpha:g}",
        r"Needs \usepackage{booktabs}. Tightness: largest left-hand side / bound.",
    ]
    if session.interrupted or session.pending:
        notes.append(f"Cut short: {session.pending} settings and controls not tried.")
    return "".join(f"% {note}\n" for note in notes) + HEAD + "".join(rows) + FOOT


def _row(result: ClaimResult) -> str:
    tightest = result.tightest
    evidence = tightest.verdict.evidence if tightest else None
    cells = (
        result.mark,
        rf"\texttt{{{escape(result.claim.id)}}}",
        escape(result.status.value.replace("_", " ")),
        _number(tightest.verdict.tightness if tightest else None),
        escape(evidence.engine.value) if evidence else "--",
        f"{result.caught}/{len(result.counted)}",
    )
    return " & ".join(cells) + " \\\\\n"


def _number(tightness: float | None) -> str:
    """The ratio in mathematics, where a minus is no hyphen."""
    if tightness is None:
        return "--"
    return f"${ratio(tightness)}$".replace("inf", r"\infty")
