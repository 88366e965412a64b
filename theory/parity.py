r"""Sparse parity: what a run may record.

x is uniform on $\{\pm 1\}^d$, S has k of the d coordinates, $y = \prod_{i \in S} x_i$.
"""

from collections.abc import Mapping

CHANNELS: Mapping[str, str] = {
    "xi": r"$2^d\xi_j$, an integer, from its definition",
    "below": r"$2^d\xi_{k-1}$",
    "above": r"$2^d\xi_{k+1}$",
    "next_below": r"$2^{d+2}\xi_{k-1}$ at d + 2",
    "next_above": r"$2^{d+2}\xi_{k+1}$ at d + 2",
    "gradient": r"$2^d\,\partial E[-yf]/\partial w_i$, all i; last that in b",
    "change": r"change of $E[x_i f]$ after one step, all i",
    "mean_change": r"its mean over all signs of the weights, all i",
    "mean_sq_change": r"its mean square over all signs of the weights, all i",
    "sq_sum": r"$\sum_{|S|=k} (E h(x, \chi_S) - E h(x, y))^2$, y a fair sign",
    "sq_excluded": "how many S some query answers otherwise than such a y, by over v",
    "failure": "probability that the algorithm does not find S",
    "found": "probability that it does",
    "halves": "twice the probabilities of what should be seen less than half the time",
    "quarters": "the same, of four numbers of labels at two d and two k",
    "certificate": "the larger union bound of the two stages, over its share",
    "residual": r"$\chi_S$ less its representation, the largest",
    "differing": "numbers of two trained networks that differ in any bit",
}
"""Every channel that a claim about sparse parity may name."""
