r"""What is recorded of grammars, their samplers and predictors; cases as in parity.

A case names its grammar; x is a sentence, p a position, $q_O = P(x_p = \cdot \mid x_O,
|x|)$ the Bayes predictor from the tokens in O.
"""

from __future__ import annotations

from collections.abc import Mapping

CHANNELS: Mapping[str, str] = {
    "lengths": "range, mean and variance of the length, number of derivations",
    "means": "mean length of what each symbol derives",
    "size": "numbers of rules and of levels",
    "robust_alone": r"the largest $M_{\mathrm{robust}}$ at the window {p}",
    "close_whole": r"the largest $M_{\mathrm{close}}$ at the whole sentence",
    "range": r"the smallest and the largest $M$",
    "tv_gap": r"the largest $|M - 2\max_S (q_A(S) - q_W(S))|$, S over sets of tokens",
    "growth": r"the most by which $M$ goes against nested windows",
    "loss": r"$H_w = E[-\ln q_{O \cap w}(x_p)]$",
    "loss_wider": "the same with a window of two more tokens",
    "loss_full": r"$H = E[-\ln q_O(x_p)]$",
    "kl": r"$E\,\mathrm{KL}(q_O \| q_{O \cap w})$",
    "l1": r"$E\|q_O - q_{O \cap w}\|_1$",
    "loss_model": r"$E[-\ln f(x_p)]$ of some predictor f that sees $x_O$",
    "kl_model": r"$E\,\mathrm{KL}(q_O \| f)$",
    "differing": "floats that are not those next to the enumerated rationals",
    "off": "largest relative error of a posterior, against enumeration",
    "law_gap": r"$\sum_x |\hat P(x) - P(x)|$ over all draws there are",
    "broken": "sentences that are not of the language, or whose trees are not",
    "mean_length": "expected length of what the sampler makes",
}
"""Every channel that a claim about grammars may name."""
