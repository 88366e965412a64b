r"""$\varphi_r$ and $\psi_r$, which carry progress from one direction to another."""

from typing import Any

from theory.cases import Enclosed
from theory.claims.deviations_common import deviation_claim, sign, violations, widest
from theory.method import Family

FUNCTION = (Family.DEVIATIONS_FUNCTION,)


def _phi(c: Any, phi: int | None) -> Enclosed:
    return violations([phi], [sign(1 - c.r)])


def _psi(c: Any, psi: int | None) -> Enclosed:
    return violations([psi], [sign(1 - c.r)])


def _mixed(c: Any, mixed: int | None) -> Enclosed:
    return violations([mixed], [sign(1 - c.r)])


def _range(c: Any, order: tuple[int | None, ...]) -> Enclosed:
    return violations(order, [sign(1 - c.r)] * len(order))


def _residual(_c: Any, residuals: tuple[Enclosed, ...]) -> Enclosed:
    return widest(residuals)


def _chain(c: Any, chain: tuple[int | None, ...]) -> Enclosed:
    steps = len(chain) // 2
    expected = [sign(1 - c.r)] * steps + [1] * (len(chain) - steps)
    return violations(chain, expected)


SUPERMULTIPLICATIVE = deviation_claim(
    "eigen.supermultiplicative",
    "Progress in a lower direction is supermultiplicative in that of a higher one",
    r"p, q in (0, 1): $\varphi_r(pq) > \varphi_r(p)\varphi_r(q)$ for 0 < r < 1, < for "
    r"r > 1, = for r = 1",
    "For 0 < r < 1, phi_r(x) = sum_j c_j x^j with c_j = (-1)^{j+1} binom(r, j) > 0 and "
    "sum c_j = 1: E x^J of a variable J >= 1. phi_r(pq) = E p^J q^J > E p^J E q^J, as "
    "p^j and q^j both fall in j (Chebyshev) and J is not constant. phi_{1/r} is the "
    "inverse of phi_r: r > 1 follows at phi_r(p), phi_r(q).",
    FUNCTION,
    _phi,
    ("phi",),
)

SUPERMULTIPLICATIVE_RIDGE = deviation_claim(
    "eigen.supermultiplicative.ridge",
    "So is that of ridge",
    r"p, q in (0, 1): $\psi_r(pq) > \psi_r(p)\psi_r(q)$ for 0 < r < 1, < for r > 1, = "
    "for r = 1",
    "psi_r(x) = sum_j r (1-r)^{j-1} x^j is E x^J of a geometric variable: the proof of "
    "deviations.eigen.supermultiplicative.",
    FUNCTION,
    _psi,
    ("psi",),
)

MIXED = deviation_claim(
    "eigen.mixed",
    "A ridge teacher has more of a lower direction than a flow with as much on top",
    r"q in (0, 1): $\psi_r(q) > \varphi_r(q)$ for 0 < r < 1, < for r > 1",
    "With v = 1 - q, 1 - psi_r is the harmonic mean of v (weight r) and 1, 1 - phi_r = "
    "v^r the geometric one, which is larger; for r > 1 exchange the directions.",
    FUNCTION,
    _mixed,
    ("mixed",),
)

INTERVAL = deviation_claim(
    "eigen.interval",
    "What a student may have in a lower direction, given its top progress",
    r"flows, $S_k = x$, r < 1: $S_j$ takes exactly the values $[\varphi_r(\sqrt x)^2, "
    r"\varphi_r(x))$ over all pairs of times, falling towards equal factors; mirrored "
    "for r > 1",
    "With A_k(T) = x^u, S_j = exp(g(u log x) + g((1-u) log x)), g(v) = log phi_r(e^v). "
    "g is strictly convex as the elasticity x phi_r'/phi_r = r x "
    "(1-x)^{r-1}/(1-(1-x)^r) increases, so the sum falls on (0, 1/2]; at u -> 0 it "
    "tends to phi_r(x).",
    FUNCTION,
    _range,
    ("range",),
)

INTERVAL_LEAST = deviation_claim(
    "eigen.interval.least",
    "Its least value, at equal progress of teacher and student",
    r"flows with $A_k(t) = A_k(T) = \sqrt x$: $|S_j - \varphi_r(\sqrt x)^2| \le "
    r"10^{-50}$",
    "A_j = phi_r(A_k) at every time: A_j(t) = 1 - (1 - A_k(t))^r.",
    FUNCTION,
    _residual,
    ("least",),
    at_most_one=True,
)

GENERATIONS = deviation_claim(
    "eigen.generations",
    "Distilled again and again, with the same top progress, lower directions vanish",
    r"L equal flows with $x^{1/L}$ on top each: $S_j = \varphi_r(x^{1/L})^L$ falls "
    r"strictly in L for r < 1, below $e^{-(x\log\frac1x)^rL^{1-r}}$; for r > 1 it "
    r"grows, above $1 - (\log\frac1x)^rL^{1-r}$",
    "log S_j = L g(-(1/L) log 1/x) with g(0) = 0, convex for r < 1: a slope from 0 to "
    "an argument that nears 0, so it falls (deviations.eigen.interval). And (x/L) log "
    "1/x <= 1 - x^{1/L} <= (1/L) log 1/x: S_j <= (1 - y^r)^L <= exp(-L y^r), and >= 1 "
    "- L y^r for r > 1.",
    FUNCTION,
    _chain,
    ("chain",),
)

GENERATIONS_FORMULA = deviation_claim(
    "eigen.generations.formula",
    "The closed form of such a chain",
    r"$|S_j - \varphi_r(x^{1/L})^L| \le 10^{-50}$, L flows multiplied out",
    "Each flow has A_k = x^{1/L}, so A_j = phi_r of that.",
    FUNCTION,
    _residual,
    ("closed",),
    at_most_one=True,
)

ONLY_BELOW = deviation_claim(
    "eigen.every_exponent",
    "False: supermultiplicative for every r",
    r"p, q in (0, 1): $\varphi_r(pq) > \varphi_r(p)\varphi_r(q)$ for r > 0",
    "r = 2, p = q = 1/2: 7/16 < 9/16.",
    FUNCTION,
    lambda _c, phi: violations([phi], [1]),
    ("phi",),
    is_false=True,
)

CLAIMS = (
    SUPERMULTIPLICATIVE,
    SUPERMULTIPLICATIVE_RIDGE,
    MIXED,
    INTERVAL,
    INTERVAL_LEAST,
    GENERATIONS,
    GENERATIONS_FORMULA,
    ONLY_BELOW,
)
