r"""Proofs are written in plain text; this sets `lambda_t >= ||x||^2` as mathematics.

Only spelling changes: Greek letters, signs, indices and powers. Words stay words, as
do the ids of claims, such as `sps.smooth_noise`.
"""

from __future__ import annotations

import re

from markupsafe import Markup, escape

GREEK = dict(
    line.split()
    for line in """
        alpha α|beta β|gamma γ|delta δ|eps ε|eta η|theta θ|kappa κ|lambda λ|mu μ|xi ξ
        rho ρ|sigma σ|tau τ|phi φ|omega ω|Gamma Γ|Delta Δ|Psi Ψ|rbar r̄|ebar ē|xbar x̄
    """.replace("\n", "|").split("|")
    if line.strip()
)
SIGNS = {
    "<=": "≤",
    ">=": "≥",
    "!=": "≠",
    "->": "→",
    "||": "‖",
    "-+": "∓",
    "grad ": "∇",
    "grad_": "∇_",
    "sqrt ": "√",
    "sqrt(": "√(",
}
OPERATORS = {"sum", "sup", "max", "min", "inf", "lim"}
"""Words that may carry an index; any other word of three letters is no symbol."""

_GREEK = re.compile(rf"(?<![A-Za-z])({'|'.join(GREEK)})(?![A-Za-z])")
_SIGNS = re.compile("|".join(re.escape(sign) for sign in SIGNS))
_SQRT = re.compile(r"\bsqrt(?=\d)")
_SUM = re.compile(r"\bsum(?=_| \w_| [(]| E[ (_])")
_STAR = re.compile(r"(?<![A-Za-z]{3})(?<=\w)\*(?![\w(])")
_INNER = re.compile(r"<(?! )([^<>=]*,[^<>=]*)(?<! )>(?!=)")
_BASE = re.compile(r"[A-Za-z]+$")
_RUN = re.compile(r"\+|-?[^\W_]+[⋆']*")


def typeset(text: str) -> Markup:
    """Plain text with its symbols set, as HTML."""
    text = _INNER.sub(r"⟨\1⟩", text)
    text = _GREEK.sub(lambda m: GREEK[m[0]], text)
    text = _SIGNS.sub(lambda m: SIGNS[m[0]], text)
    text = _STAR.sub("⋆", _SUM.sub("∑", _SQRT.sub("√", text)))
    return _scripts(text)


def _scripts(text: str) -> Markup:
    """Indices and powers; what is in braces is set in turn."""
    parts, start, k = [], 0, 1
    while k < len(text) - 1:
        if text[k] in "_^" and _is_symbol(text, k):
            inside, end = _group(text, k + 1)
            if inside:
                tag = "sub" if text[k] == "_" else "sup"
                element = Markup("<{0}>{1}</{0}>").format(tag, _scripts(inside))
                parts += [escape(text[start:k]), element]
                start, k = end, end
                continue
        k += 1
    return Markup("").join([*parts, escape(text[start:])])


def _is_symbol(text: str, k: int) -> bool:
    """May what stands before position k carry an index or a power?"""
    if text[k - 1].isspace():
        return False
    word = _BASE.search(text, 0, k)
    return word is None or len(word[0]) < 3 or word[0] in OPERATORS


def _group(text: str, k: int) -> tuple[str, int]:
    """What an index or a power holds from position k on, and where it ends."""
    pairs = {"{": "}", "(": ")"}
    if text[k] in pairs:
        depth = 0
        for end in range(k, len(text)):
            depth += (text[end] == text[k]) - (text[end] == pairs[text[k]])
            if depth == 0:
                return text[k + 1 : end], end + 1
        return "", k
    run = _RUN.match(text, k)
    return (run[0], run.end()) if run else ("", k)
