"""What a window tells of a masked token: measures, losses, divergences."""

from fractions import Fraction
from typing import Any

from theory.cases import Enclosed, of_cases
from theory.claims.pcfg_lengths import pcfg_claim
from theory.logs import Logs
from theory.method import Family
from theory.ngrams import C
from theory.references import PARITY_PAPER

MEASURES = (Family.PCFG_MEASURES,)
WINDOWS = (Family.PCFG_WINDOWS,)

_0 = Fraction(0)

BAYES = of_cases(
    "a Bayes predictor", "$q = q_O$", lambda c: c.predictor == "Bayes", str
)


def _identities(
    _c: Any,
    robust: Fraction,
    close: Fraction,
    ends: tuple[Fraction, Fraction],
    gap: Fraction,
) -> Fraction:
    least, most = ends
    outside = max(_0, -least) + max(_0, most - 2)
    return abs(robust) + abs(close) + outside + abs(gap)


def _growth(_c: Any, growth: Fraction) -> Fraction:
    return growth


def _divergence(_c: Any, loss: Logs, full: Logs, kl: Logs) -> Fraction:
    return loss.minus(full).minus(kl).size


def _nested(c: Any, loss: Logs, wider: Logs, full: Logs) -> Enclosed:
    """The larger of what the order of losses must not exceed."""
    order = wider.minus(loss) if c.condition == C else loss.minus(wider)
    first, second = order.enclosed(), full.minus(loss).enclosed()
    rows = zip(first, second, strict=True)
    return Enclosed(*(max(pair) for pair in rows))


def _pinsker(_c: Any, l1: Fraction, loss: Logs, full: Logs) -> Enclosed:
    r"""$(E\|q_O - q_{O \cap w}\|_1)^2$ over $2(H_w - H)$; 0 for 0/0."""
    low, high, near = loss.minus(full).enclosed()
    if low <= 0:
        zero = Fraction(0 if l1 == 0 else 2)
        return Enclosed(zero, zero, zero)
    square = l1**2 / 2
    return Enclosed(square / high, square / low, square / near)


IDENTITIES = pcfg_claim(
    "measures.identities",
    "What M_robust and M_close are at the ends, their range, and that they are 2 TV",
    r"$M_{\mathrm{robust}} = 0$ at the window {p}, $M_{\mathrm{close}} = 0$ at the "
    r"whole sentence; $0 \le M \le 2$; $M = 2\max_S(q_A(S) - q_W(S))$, for any "
    r"predictor",
    "In the first two cases both predictions see the same tokens. The differences of "
    "two distributions sum to 0: those above 0 sum to the maximum over S, at S = "
    "where q_A > q_W, those below to minus it; it is at most 1.",
    MEASURES,
    _identities,
    ("robust_alone", "close_whole", "range", "tv_gap"),
    reference=PARITY_PAPER,
)

MONOTONE = pcfg_claim(
    "measures.monotone",
    "False: a larger window makes M_robust larger and M_close smaller, even of Bayes",
    r"$w \subseteq w'$: $M_{\mathrm{robust}}(w) \le M_{\mathrm{robust}}(w')$ and "
    r"$M_{\mathrm{close}}(w) \ge M_{\mathrm{close}}(w')$ for every sentence and p",
    "cfg3b below 10, sentence 1 2 3 3 2 1 3 2, p its third: with its neighbours "
    "M_close is 4/3, with the token alone 1. A posterior may move away before it "
    "comes near.",
    MEASURES,
    _growth,
    ("growth",),
    assumes=(BAYES,),
    is_false=True,
)

DIVERGENCE = pcfg_claim(
    "window.divergence",
    "What a window loses is a divergence: exactly, to the last logarithm",
    r"$E\,\mathrm{KL}(q_O \| q_{O \cap w}) = H_w - H$",
    "Given x_O the token has the law q_O: E[-ln q_w(x_p) + ln q_O(x_p) | x_O] = "
    "KL(q_O || q_w). Both sides are sums of rational multiples of logarithms of "
    "primes, which are independent over the rationals: coefficients are compared.",
    WINDOWS,
    _divergence,
    ("loss", "loss_full", "kl"),
)

EXCESS = pcfg_claim(
    "window.excess_loss",
    "Any model's loss exceeds the Bayes loss by its divergence",
    r"$E\,\mathrm{KL}(q_O \| f) = E[-\ln f(x_p)] - H$ for any f that sees $x_O$ alone",
    "pcfg.window.divergence with f for the window's predictor.",
    WINDOWS,
    _divergence,
    ("loss_model", "loss_full", "kl_model"),
)

NESTED = pcfg_claim(
    "window.nested",
    "A wider window never has a larger loss, nor one that is spared a smaller",
    r"$w \subseteq w'$: $H \le H_{w'} \le H_w$; and the other way round for the loss "
    r"of the predictor that sees $O \setminus w$",
    "q_w = E[q_w' | x_w]: Jensen for -ln; or pcfg.window.divergence with w' for O.",
    WINDOWS,
    _nested,
    ("loss", "loss_wider", "loss_full"),
)

PINSKER = pcfg_claim(
    "window.pinsker",
    "M is small where the loss is: Pinsker",
    r"$(E\|q_O - q_{O \cap w}\|_1)^2 \le 2(H_w - H)$",
    "(E ||.||_1)^2 <= E ||.||_1^2 <= 2 E KL(q_O || q_w), by Jensen and Pinsker; then "
    "pcfg.window.divergence.",
    WINDOWS,
    _pinsker,
    ("l1", "loss", "loss_full"),
    at_most_one=True,
)

CLAIMS = (IDENTITIES, MONOTONE, DIVERGENCE, EXCESS, NESTED, PINSKER)
