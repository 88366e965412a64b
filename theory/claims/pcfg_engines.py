"""That the sampler has the grammar's law, and that inside-outside is Bayes."""

from fractions import Fraction
from typing import Any

from theory.cases import Enclosed, of_cases
from theory.claims.pcfg_lengths import pcfg_claim
from theory.grammar_family import find
from theory.grammar_lengths import lengths
from theory.method import Family

ORACLE = (Family.PCFG_ORACLE,)
SAMPLER = (Family.PCFG_SAMPLER,)
ACCURACY = Fraction(1, 10**12)
SHARE = Fraction(1, 100)

DYADIC = of_cases("dyadic chances", r"$2^k p_r$ is whole", lambda c: c.is_dyadic)


def _itself(_c: Any, value: Any) -> Any:
    return value


def _off(_c: Any, off: Fraction) -> Fraction:
    return off / ACCURACY


def _mean(c: Any, mean: Enclosed) -> Enclosed:
    """Distance from the exact mean, over a hundredth of it."""
    known = lengths(find(c.grammar))
    exact = known[find(c.grammar).root].mean
    ends = [(end - exact) / (SHARE * exact) for end in mean]
    high = max(abs(ends[0]), abs(ends[1]))
    low = Fraction(0) if ends[0] * ends[1] <= 0 else min(abs(ends[0]), abs(ends[1]))
    return Enclosed(low, high, abs(ends[2]))


POSTERIOR = pcfg_claim(
    "oracle.posterior",
    "Inside-outside with wildcards is the posterior, length known or not",
    r"$P(x_p = a \mid x_O, |x|)$, $P(x_p = a \mid x_O)$, $P(x_O)$ and $P(|x| \mid "
    r"x_O)$ agree with enumeration to 1e-12",
    "The recursion sums over all derivations that agree with x_O: I is 1 at a wildcard "
    "for every terminal, Z = I(root, 1, n); outside weights are the derivatives of Z. "
    "Sums of positive products: relative errors add up to less than 1e-12.",
    ORACLE,
    _off,
    ("off",),
    at_most_one=True,
)

ROUNDED = pcfg_claim(
    "oracle.rounded",
    "With dyadic chances every posterior is the float next to the exact one",
    "no posterior differs from the correctly rounded one in any bit",
    "Weights are multiples of one power of 2, below 2^53 of it, so that sums and "
    "products are exact; the division by Z rounds once.",
    ORACLE,
    _itself,
    ("differing",),
    assumes=(DYADIC,),
)

LAW = pcfg_claim(
    "sampler.law",
    "Over all draws there are, the sampler makes each sentence as often as it should",
    r"$\sum_x |\hat P(x) - P(x)| = 0$, draws uniform on a grid that the chances divide",
    "Draw j picks the rule in whose share of [0, 1) it lies, independently of the "
    "others; draws that a derivation does not use change nothing.",
    SAMPLER,
    _itself,
    ("law_gap",),
)

TREES = pcfg_claim(
    "sampler.trees",
    "Every sentence is of the language, its tree obeys the rules, and shards agree",
    "ancestors and ends build a tree of rules; P(x) > 0; lengths are in range; "
    "sentence i is the same in any shard",
    "By construction: a symbol is replaced by the right side of one of its rules, with "
    "draws that depend on the seed, i and their order alone.",
    SAMPLER,
    _itself,
    ("broken",),
)

MEAN_LENGTH = pcfg_claim(
    "sampler.mean_length",
    "Sampled sentences have the exact mean length, to one percent",
    r"$|E|x| - \text{exact}| \le 0.01 \cdot \text{exact}$",
    "Equality by pcfg.sampler.law; a sample can but enclose it.",
    SAMPLER,
    _mean,
    ("mean_length",),
    at_most_one=True,
    is_probability=True,
)

CLAIMS = (POSTERIOR, ROUNDED, LAW, TREES, MEAN_LENGTH)
