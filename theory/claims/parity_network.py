"""What a first gradient of a two-layer network says of a sparse parity."""

from fractions import Fraction
from typing import Any

from theory import parity_network as network
from theory.cases import of_cases
from theory.claims.case_claims import case_claim
from theory.fourier import coefficient
from theory.method import Family
from theory.references import HIDDEN_PROGRESS_PAPER, PARITY_PAPER

SIGNS = of_cases(
    "weights +-1",
    r"$w \in \{\pm 1\}^d$",
    lambda c: all(abs(w) == 1 for w in c.weights),
)
SIGN_ROWS = of_cases(
    "hidden weights +-1",
    r"every $w_j \in \{\pm 1\}^d$",
    lambda c: all(abs(w) == 1 for row in c.rows for w in row),
)
NO_BIAS = of_cases("b = 0", "$b = 0$", lambda c: c.b == 0)
AT_LEAST_TWO = of_cases("k >= 2", r"$k \ge 2$", lambda c: c.k >= 2)
EVEN_K = of_cases("k even", "k even", lambda c: c.k % 2 == 0)
ODD_D = of_cases("d odd", "d odd", lambda c: c.d % 2 == 1)


def _gradient(c: Any, gradient: tuple[int, ...]) -> Any:
    """The largest residual over all weights and the bias."""
    formula = network.gradient(c.weights, c.k, c.a, c.b)
    return max(abs(g - 2**c.d * v) for g, v in zip(gradient, formula, strict=True))


def _change(c: Any, change: tuple[Fraction, ...]) -> Any:
    """The largest residual over the coordinates."""
    return max(
        abs(v - network.degree_one_change(c.rows, c.a, c.k, c.eta, i))
        for i, v in enumerate(change)
    )


def _moments(c: Any, mean: list[Fraction], mean_sq: list[Fraction]) -> Any:
    r"""What is left of $E = 0$ and $E^2 = (\eta/2)^2\xi^2\sum a_j^4$ in any i."""
    fourth = sum(a**4 for a in c.a)
    expected = [
        (c.eta / 2 * coefficient(len(network.toggled(c.k, i)), c.d)) ** 2 * fourth
        for i in range(c.d)
    ]
    off = max(abs(v - e) for v, e in zip(mean_sq, expected, strict=True))
    return off + max(abs(v) for v in mean)


def _sign(c: Any, change: tuple[Fraction, ...]) -> Any:
    """1 less the agreement of signs on S, at most 0 exactly where all agree."""
    xi = coefficient(c.k - 1, c.d)
    return 1 - min((v * xi > 0) - (v * xi < 0) for v in change[: c.k])


GRADIENT = case_claim(
    "grad.formula",
    "The first population gradient of a neuron with weights +-1",
    r"$\partial E[-yf]/\partial w_i = -a\prod_{l\in S\triangle\{i\}}w_l\,"
    r"\xi_{|S\triangle\{i\}|}$, $\partial E[-yf]/\partial b = -a\prod_{l\in S}w_l\,"
    r"\xi_k$: in absolute value $|a||\xi_{k-1}|$ on S, $|a||\xi_{k+1}|$ off it",
    "The derivative of -y a relu(w x + b) is -a chi_S(x) x_i 1{w x + b > 0}; put w x "
    "for x (coordinate by coordinate), which is as uniform: chi_{S tri {i}} takes out "
    "its product of signs, and what is left of the indicator is h_b.",
    (Family.PARITY_NEURON,),
    _gradient,
    ("gradient",),
    assumes=(SIGNS,),
    reference=HIDDEN_PROGRESS_PAPER,
)

CHANGE = case_claim(
    "degree1.after_one_step",
    "What one population step adds to the degree-1 coefficients, exactly",
    r"b = 0, any step $\eta$: $E[x_if_{W-\eta\nabla}] - E[x_if_W] = \frac\eta2\,"
    r"\xi_{|S\triangle\{i\}|}\sum_ja_j^2\prod_{l\in S\triangle\{i\}}w_{jl}$",
    "relu(z) = (z + |z|)/2 and |<w, x>| is an even function of x, so E[x_i f_W] = "
    "sum_j a_j w_ji/2 for every W, however many units a step turns on or off. What a "
    "step adds is -eta/2 sum_j a_j grad_ji: parity.grad.formula.",
    (Family.PARITY_STEP,),
    _change,
    ("change",),
    assumes=(SIGN_ROWS, NO_BIAS),
)

RANDOM_SIGNS = case_claim(
    "degree1.random_signs",
    "Over random signs that change has mean 0: a finite width breaks the symmetry",
    r"w uniform on signs, $k \ge 2$: mean 0 and mean square $(\frac\eta2)^2"
    r"\xi_{|S\triangle\{i\}|}^2\sum_ja_j^4$, so that for even k and odd d its root "
    r"is $\frac{d-k}{k-1}$ times as large on S as off it",
    "In parity.degree1.after_one_step the products over j are independent fair signs, "
    "as S tri {i} is not empty; the ratio is that of parity.fourier_gap.",
    (Family.PARITY_STEP,),
    _moments,
    ("mean_change", "mean_sq_change"),
    assumes=(AT_LEAST_TWO,),
)

SIGN = case_claim(
    "degree1.sign",
    "False: the sign of the change is that of the Fourier coefficient",
    r"k even, d odd: $E[x_if_{W-\eta\nabla}] - E[x_if_W]$ has the sign of $\xi_{k-1}$ "
    r"for $i \in S$",
    "parity.degree1.random_signs: its mean over signs is 0, so where it is not 0 both "
    "signs occur.",
    (Family.PARITY_STEP,),
    _sign,
    ("change",),
    assumes=(SIGN_ROWS, NO_BIAS, ODD_D, EVEN_K),
    is_false=True,
)


def _residual(c: Any, residual: int) -> Any:
    """The residual, and what contradicts the number and the size of the units."""
    units = network.parity_units(c.k)
    return residual + abs(len(units) - c.k - 1) + max(0, *(abs(u.a) - 2 for u in units))


REPRESENTATION = case_claim(
    "second_phase.representation",
    "With the support known, k + 1 ReLUs of one sum are the parity",
    r"$\chi_S = \sum_{j=0}^ka_j\,\mathrm{relu}(s-t_j)$, $s = \sum_{i\in S}x_i$: "
    r"$t_0 = -k-1$, $a_0 = (-1)^k$; $t_j = -k+2(j-1)$, $a_j = 2(-1)^{k+j}$; "
    r"$|a_j| \le 2$",
    "Between neighbouring sums, -k to k by 2, the parity is linear with slopes "
    "(-1)^(k+j), j = 1..k: from (-1)^k at s = -k, which a_0 supplies together with the "
    "slope (-1)^k, each a_j changes the slope by 2 (-1)^(k+j).",
    (Family.PARITY_LAYER,),
    _residual,
    ("residual",),
    reference=PARITY_PAPER,
)

CLAIMS = (GRADIENT, CHANGE, RANDOM_SIGNS, SIGN, REPRESENTATION)
