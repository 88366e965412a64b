"""How long the sentences of a grammar are: the authors' cfg3b, and any grammar."""

from fractions import Fraction
from functools import cache, partial
from typing import Any

from theory.cases import of_cases
from theory.claims.case_claims import case_claim
from theory.grammar_family import find
from theory.grammar_lengths import Lengths, lengths
from theory.method import Family
from theory.references import PARITY_PAPER

LENGTHS = (Family.PCFG_LENGTHS,)
pcfg_claim = partial(case_claim, system="pcfg")

MEANS = {
    "7": "5/2",
    "8": "5/2",
    "9": "3",
    "10": "8",
    "11": "8",
    "12": "8",
    "13": "16",
    "14": "24",
    "15": "24",
    "16": "52",
    "17": "64",
    "18": "52",
    "19": "168",
    "20": "142",
    "21": "136",
    "22": "294",
}
"""Mean lengths in cfg3b by symbol."""

ROOT = of_cases("the root", "the symbol is the root", lambda c: not c.symbol)
CFG3B = of_cases("cfg3b", "the authors' rules", lambda c: c.grammar == "cfg3b")
EXTRA = of_cases(
    "cfg3b with 9 -> 2 1", "one rule more", lambda c: c.grammar == "cfg3b-extra"
)


@cache
def _known(name: str) -> dict[str, Lengths]:
    return lengths(find(name))


def _moments(c: Any, found: Lengths) -> Fraction:
    """How far range, mean, variance and count are from those by recursion."""
    expected = _known(c.grammar)[c.symbol or find(c.grammar).root]
    whole = (
        abs(found.shortest - expected.shortest)
        + abs(found.longest - expected.longest)
        + abs(found.derivations - expected.derivations)
    )
    moments = abs(found.mean - expected.mean) + abs(found.variance - expected.variance)
    return whole + moments


_0 = Fraction(0)


def _rounds(value: Fraction, low: str, high: str) -> int:
    """0 if it is between two decimals, else 1."""
    return int(not Fraction(low) <= value <= Fraction(high))


def _facts(
    _c: Any, found: Lengths, means: dict[str, Fraction], size: tuple[int, int]
) -> Fraction:
    wrong = abs(found.shortest - 161) + abs(found.longest - 432) + abs(found.mean - 294)
    wrong += sum((abs(means[s] - Fraction(m)) for s, m in MEANS.items()), _0)
    # the standard deviation is 44.3438, and there are 7.04e49 derivations
    wrong += _rounds(found.variance, "1966.368", "1966.378")
    wrong += _rounds(Fraction(found.derivations, 10**49), "7.035", "7.045")
    return wrong + abs(size[0] - 31) + abs(size[1] - 6)


def _extra(_c: Any, found: Lengths) -> Fraction:
    wrong = abs(found.shortest - 138) + abs(found.longest - 432)
    wrong += _rounds(Fraction(found.derivations, 10**64), "1.975", "1.985")
    return wrong + abs(found.mean - Fraction("275.625"))


MOMENTS = pcfg_claim(
    "lengths.moments",
    "Range, mean, variance and number of derivations by recursion over the rules",
    r"$E|x| = \sum_r p_r \sum_i E|X_{r,i}|$, $E|x|^2 = \sum_r p_r (\sum_i \mathrm{Var}"
    r"|X_{r,i}| + (\sum_i E|X_{r,i}|)^2)$, and the least, the most and the number "
    r"alike",
    "Given the rule, what its right side derives is independent, so means and "
    "variances of the lengths add up. Least and most are attained side by side; "
    "numbers multiply.",
    LENGTHS,
    _moments,
    ("lengths",),
)

FACTS = pcfg_claim(
    "cfg3b.facts",
    "The authors' cfg3b: 161 to 432 tokens, 294 on average, 7.04e49 derivations",
    r"min 161, max 432, mean 294, s.d. 44.3438; 31 rules on 6 levels; by symbol 5/2 "
    r"(7, 8), 3 (9), 8 (10-12), 16 (13), 24 (14, 15), 52 (16, 18), 64 (17), 168, "
    r"142, 136",
    "pcfg.lengths.moments, from 7 to 22.",
    LENGTHS,
    _facts,
    ("lengths", "means", "size"),
    assumes=(ROOT, CFG3B),
    reference=PARITY_PAPER,
)

EXTRA_RULE = pcfg_claim(
    "cfg3b.extra_rule",
    "With a second rule for the symbol 9 it is another grammar",
    "with 9 -> 2 1: min 138, max 432, mean 275.625, 1.98e64 derivations",
    "pcfg.lengths.moments, from 9 to 22.",
    LENGTHS,
    _extra,
    ("lengths",),
    assumes=(ROOT, EXTRA),
)

CLAIMS = (MOMENTS, FACTS, EXTRA_RULE)
