"""How many samples tell a sparse parity: queries, brute force, two checkpoints."""

from fractions import Fraction
from math import comb
from typing import Any

from theory.cases import Enclosed, of_cases
from theory.claims.case_claims import case_claim, over
from theory.method import Family
from theory.references import HIDDEN_PROGRESS_PAPER, PARITY_PAPER, PROJECT

SEARCH = (Family.PARITY_SEARCH,)
CHECKPOINTS = (Family.PARITY_CHECKPOINTS,)

FEW_SAMPLES = of_cases(
    "n below d^(k-1)", "$n < d^{k-1}$", lambda c: c.n < c.d ** (c.k - 1)
)


def _sq_sum(_c: Any, sq_sum: Fraction) -> Any:
    return sq_sum


def _excluded(c: Any, excluded: int) -> Any:
    r"""Excluded sets over $q/v^2$."""
    return excluded * c.v**2 / c.queries


def _failure(c: Any, failure: Any) -> Any:
    """P(failure) over its union bound."""
    return over(failure, Fraction(comb(c.d, c.k) - 1, 2**c.n))


def _found(_c: Any, found: Any) -> Any:
    """P(success) over 1/2."""
    return over(found, Fraction(1, 2))


def _both_stages(c: Any, failure: Any) -> Any:
    """P(failure) over 2 delta."""
    return over(failure, 2 * c.delta)


def _certificate(_c: Any, certificate: Enclosed) -> Any:
    return certificate


PARSEVAL = case_claim(
    "sq.parseval",
    "One bounded query tells all parities of k coordinates together little",
    r"$|h(x, y)| \le 1$: $\sum_{|S|=k}(E\,h(x, \chi_S) - E_{y\ \mathrm{unif}}h)^2 "
    r"\le 1$",
    "h(x, y) = A(x) + y B(x), |B| <= 1. E h(x, chi_S) - E A is B's Fourier coefficient "
    "at S, and the sum of the squares of all of them is E B^2.",
    (Family.PARITY_QUERY,),
    _sq_sum,
    ("sq_sum",),
    at_most_one=True,
    tight="equality for h = y chi_S",
    reference=HIDDEN_PROGRESS_PAPER,
)

QUERIES = case_claim(
    "sq.queries",
    "So q queries, answered within v, exclude at most q/v^2 of the sets",
    r"$q$ queries $|h| \le 1$: at most $q/v^2$ sets S have an answer further than v "
    r"from the one for a fair label; $q < v^2(\binom dk - 1)$ leave two or more",
    "parity.sq.parseval: at most 1/v^2 terms of each query's sum exceed v^2. Answered "
    "as for a fair label, the learner sees nothing of S among the others. That is a "
    "bound for such learners alone: see parity.search.all_learners.",
    (Family.PARITY_QUERY,),
    _excluded,
    ("sq_excluded",),
    at_most_one=True,
    tight="equality for h = y chi_S, v to 1",
)

BRUTE_FORCE = case_claim(
    "search.brute_force",
    "Brute force over all sets finds S from few noiseless samples",
    r"n samples: $P(\text{another set fits them}) \le (\binom dk - 1)2^{-n}$",
    "For another set, chi_S chi_S' is a parity of one coordinate or more, so it agrees "
    "on a sample with probability 1/2; union over the sets.",
    SEARCH,
    _failure,
    ("failure",),
    at_most_one=True,
    is_probability=True,
    reference=PROJECT,
)

ALL_LEARNERS = case_claim(
    "search.all_learners",
    "False: fewer than d^(k-1) samples identify S for no learner",
    r"$n < d^{k-1}$: no algorithm finds S with probability above 1/2",
    "Brute force does, parity.search.brute_force: d = 15, k = 3, n = 20. What needs "
    "that many are learners whose queries are answered with tolerance.",
    SEARCH,
    _found,
    ("found",),
    assumes=(FEW_SAMPLES,),
    at_most_one=True,
    is_false=True,
    is_probability=True,
)

CHECKPOINT = case_claim(
    "mid_checkpoint.samples",
    "Two checkpoints: log d samples read the support, then its table is filled",
    r"$|f| \le 1$, $E[fx_i] \ge c$ on S and $\le c/2$ off it: with $\lceil 32c^{-2}\ln"
    r"(2d/\delta)\rceil$ labels S is read at the threshold 3c/4, with $\lceil 2^k\ln"
    r"(2^k/\delta)\rceil$ more its table is filled; $P(\text{failure}) \le 2\delta$",
    "Hoeffding for means of n numbers in [-1, 1]: each is off by c/4 with probability "
    "at most 2 exp(-n c^2/32); union over d. A cell of the table is missed with "
    "probability (1 - 2^-k)^n <= exp(-n/2^k); union over 2^k.",
    CHECKPOINTS,
    _both_stages,
    ("failure",),
    at_most_one=True,
    is_probability=True,
    reference=PARITY_PAPER,
)

CERTIFICATE = case_claim(
    "mid_checkpoint.certificate",
    "Those numbers of samples, rounded up, are what the two union bounds need",
    r"$2de^{-nc^2/32} \le \delta$ and $2^ke^{-n'/2^k} \le \delta$ at $n = \lceil 32"
    r"c^{-2}\ln(2d/\delta)\rceil$, $n' = \lceil 2^k\ln(2^k/\delta)\rceil$",
    "Both fall with n, and are delta before rounding up.",
    CHECKPOINTS,
    _certificate,
    ("certificate",),
    at_most_one=True,
    tight="equality but for the rounding",
)


def _differing(_c: Any, differing: int) -> Any:
    return differing


IDENTICAL = case_claim(
    "student.oneshot_hard_equals_ce",
    "Hard labels of an exact teacher are the labels: both students are one, bitwise",
    r"$\tau = 0$, the teacher's argmax is the label on every sample, one start and one "
    r"stream: the weights of one-shot distillation and of cross-entropy are equal, bit "
    r"by bit",
    "The targets are the same numbers, 0 and 1, so every operation has the same "
    "operands.",
    (Family.PARITY_STUDENT,),
    _differing,
    ("differing",),
)

CLAIMS = (
    PARSEVAL,
    QUERIES,
    BRUTE_FORCE,
    ALL_LEARNERS,
    CHECKPOINT,
    CERTIFICATE,
    IDENTICAL,
)
