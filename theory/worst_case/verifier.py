r"""An independent check of a proof by multipliers, in exact rational arithmetic.

A certificate names a problem and gives a bound $b$ and multipliers $\lambda_k$. The
rows $r_k \le 0$ (or $= 0$) and the objective are rebuilt here from the problem's name
and integers alone, as polynomials in the inner products of abstract vectors and in
function values. With $\lambda_k \ge 0$ on the inequalities,
$$R = b - \mathrm{objective} + \sum_k \lambda_k r_k \ge 0
\quad\Rightarrow\quad \mathrm{objective} \le b,$$
and $R \ge 0$ holds if no function value is left in it, its constant is not negative,
and its form in the vectors is positive semidefinite: integer elimination decides that.

Nothing but the standard library is imported, so that no solver, no floating-point
number and no line of the code that found the multipliers has a part in the verdict.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from fractions import Fraction
from math import lcm
from typing import Any, NamedTuple

from theory.worst_case.verifier_problems import (
    Terms,
    UnknownProblemError,
    build,
    combine,
    constant,
    describe,
)

FORMAT = "ratecheck worst-case certificate 1"
KEYS = {"format", "problem", "bound", "multipliers", "sha256"}
LONGEST = 1_000_000
NUMBER = re.compile(r"-?[0-9]{1,4000}(/[0-9]{1,4000})?")


class CertificateError(ValueError):
    """No verdict: the file is cut, edited, or says what this verifier does not know."""


class Verdict(NamedTuple):
    """Whether the proof is complete, and what is proved or what is missing."""

    accepted: bool
    reason: str


class Certificate(NamedTuple):
    """What a file says, read and not yet judged."""

    problem: dict[str, Any]
    bound: Fraction
    multipliers: dict[str, Fraction]

    @property
    def among_iterates(self) -> bool:
        """Does the proof use pairs of iterates? Then it speaks of one function."""
        used = (name.split() for name, number in self.multipliers.items() if number)
        return any(words[0] == "pair" and "*" not in words for words in used)


def verify(text: str, bound: Fraction | None = None) -> Verdict:
    """The verdict on a certificate's text, for its own bound or for another.

    Raises:
        CertificateError: If the text is no certificate, or not as it was written.

    """
    found = read(text)
    asked = found.bound if bound is None else bound
    return decide(found.problem, found.multipliers, asked)


def decide(
    problem: Mapping[str, Any], multipliers: Mapping[str, Fraction], bound: Fraction
) -> Verdict:
    """Whether these multipliers prove this bound.

    Raises:
        CertificateError: If the problem is unknown, or has no row of that name.

    """
    try:
        rows, objective = build(problem)
    except UnknownProblemError as error:
        raise CertificateError(str(error)) from error
    if unknown := sorted(set(multipliers) - set(rows)):
        msg = f"The problem has no row {unknown[0]!r}."
        raise CertificateError(msg)
    for name, multiplier in multipliers.items():
        if multiplier < 0 and not rows[name].is_equality:
            return Verdict(False, f"the multiplier of {name!r} is negative")
    weighted = ((factor, rows[name].terms) for name, factor in multipliers.items())
    rest = combine((1, constant(bound)), (-1, objective), *weighted)
    left = sorted(key[0] for key in rest if len(key) == 1)
    if left:
        return Verdict(False, f"the multipliers leave the function value {left[0]}")
    if rest.get((), Fraction(0)) < 0:
        short = float(-rest[()])
        return Verdict(False, f"the multipliers prove {float(bound) + short:.9g} only")
    if not is_semidefinite(rest):
        return Verdict(False, "the remaining form is not positive semidefinite")
    return Verdict(True, f"at most {float(bound):.9g}: {describe(problem)}")


def is_semidefinite(terms: Terms) -> bool:
    """Whether the form of all products is, by elimination without fractions (Bareiss).

    Entries stay whole multiples of the last pivot, which divides them exactly. A zero
    pivot is allowed where its whole row is zero.
    """
    names = sorted({name for key in terms if len(key) == 2 for name in key})
    place = {name: index for index, name in enumerate(names)}
    scale = 2 * lcm(*(number.denominator for number in terms.values()))
    n = len(names)
    matrix = [[0] * n for _ in range(n)]
    for key, number in terms.items():
        if len(key) == 2:
            i, j = place[key[0]], place[key[1]]
            whole = int(number * scale)
            matrix[i][j] += whole if i == j else whole // 2
            matrix[j][i] += 0 if i == j else whole // 2
    last = 1
    for k in range(n):
        pivot, row = matrix[k][k], matrix[k]
        if pivot < 0 or (pivot == 0 and any(row[k + 1 :])):
            return False
        if pivot == 0:
            continue
        for i in range(k + 1, n):
            factor, lower = row[i], matrix[i]
            for j in range(i, n):
                entry = (pivot * lower[j] - factor * row[j]) // last
                lower[j] = matrix[j][i] = entry
        last = pivot
    return True


# Files.


def write(certificate: Certificate) -> str:
    """The text of a file, with a checksum of all that it says."""
    content = {
        "format": FORMAT,
        "problem": certificate.problem,
        "bound": str(certificate.bound),
        "multipliers": {k: str(v) for k, v in certificate.multipliers.items() if v},
    }
    return json.dumps(content | {"sha256": checksum(content)}, indent=1) + "\n"


def checksum(content: Mapping[str, Any]) -> str:
    """SHA-256 of the content without layout."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def read(text: str) -> Certificate:
    """A certificate, as it was written.

    Raises:
        CertificateError: If it is not.

    """
    content = opened(text, FORMAT, KEYS)
    if not all(isinstance(content[key], dict) for key in ("problem", "multipliers")):
        msg = "Need a table of the problem and one of the multipliers."
        raise CertificateError(msg)
    multipliers = multipliers_of(content["multipliers"])
    return Certificate(content["problem"], number(content["bound"]), multipliers)


def opened(
    text: str, named: str, keys: set[str], longest: int = LONGEST
) -> dict[str, Any]:
    """What a file of this format says, without its checksum, which was right.

    Raises:
        CertificateError: If it is none, or not as it was written.

    """
    if len(text) > longest:
        msg = f"Need at most {longest} characters, got {len(text)}."
        raise CertificateError(msg)
    try:
        content = json.loads(text, object_pairs_hook=_unique)
    except (ValueError, RecursionError) as error:
        msg = f"This is no whole certificate, was it cut? ({error})"
        raise CertificateError(msg) from error
    if not isinstance(content, dict) or set(content) != keys:
        msg = f"Need exactly the entries {sorted(keys)}."
        raise CertificateError(msg)
    if content["format"] != named:
        msg = f"Need format {named!r}, got {content['format']!r}."
        raise CertificateError(msg)
    written = content.pop("sha256")
    if written != checksum(content):
        msg = "The checksum is another one: the file was changed after it was written."
        raise CertificateError(msg)
    return content


def multipliers_of(table: Mapping[str, Any]) -> dict[str, Fraction]:
    """The multipliers by row, read from text."""
    return {name: number(text) for name, text in table.items()}


def number(text: object) -> Fraction:
    """A fraction, read from text."""
    if not isinstance(text, str) or not NUMBER.fullmatch(text):
        msg = f"Need a fraction as text, such as '-3/4', got {str(text)[:60]!r}."
        raise CertificateError(msg)
    try:
        return Fraction(text)
    except ZeroDivisionError as error:
        msg = f"Need a denominator other than 0, got {text[:60]!r}."
        raise CertificateError(msg) from error


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) < len(pairs):
        msg = "an entry is there twice"
        raise CertificateError(msg)
    return content
