r"""Distillation of compressed students, $x^+ = C(x - \gamma(\dots))$, C drawn apart.

All unroll $r^+ \le q r + a$ with $q < 1$: the growth that compression may cause times
the one-step inequality of kd.sqc.neighbourhood, whose floor is $N_1$.
"""

from typing import Any

import numpy as np

from theory import distillation_formulas as formulas
from theory.assumptions import Assumption
from theory.claim import Claim, FloatArray
from theory.claims.kd_common import DIST, Of, dist_sq, geometric, sqc_rate, start_dist
from theory.claims.kd_sqc import floor
from theory.distillation import DistillationConstants, DistillationTrace
from theory.distillation_assumptions import (
    COMPRESSES_LITTLE,
    COMPRESSES_VERY_LITTLE,
    EXPECTED_SMOOTH,
    IN_SUBSPACE,
    KEEPS_ENOUGH,
    LOSES_LITTLE,
    SPARSE_STAR,
    SQC,
    STEP_BELOW_HALF,
    contractive_factor,
    sparse_factor,
    unbiased_factor,
)
from theory.judge import Status
from theory.method import Family
from theory.references import PROJECT

Constants = DistillationConstants

UNBIASED = frozenset({Family.KD_COMPRESSED})
SPARSE = frozenset({Family.KD_SPARSE})
MASKED = frozenset({Family.KD_MASKED})
WITH_ERROR = UNBIASED | SPARSE | {Family.KD_CONTRACTIVE}
"""The families whose compressors have a known delta."""


def _claim(  # noqa: PLR0913 -- the fields of a claim
    name: str,
    title: str,
    statement: str,
    proof: str,
    families: frozenset[Family],
    floor_of: Of,
    *,
    factor: Of = sqc_rate,
    also: tuple[Assumption, ...] = (),
    tight: str = "",
    expected: Status = Status.HOLDS,
) -> Claim:
    return Claim(
        id=f"kd.compressed.{name}",
        title=title,
        reference=PROJECT,
        families=families,
        statement=statement,
        assumes=(SQC, EXPECTED_SMOOTH, STEP_BELOW_HALF, *also),
        proof=proof,
        quantity=dist_sq,
        bound=geometric(start_dist, factor, floor_of),
        needs=DIST,
        tight=tight,
        expected=expected,
    )


def unbiased_floor(c: Constants) -> Any:
    """See `formulas.compressed_floor`, unbiased."""
    growth = formulas.compressed_growth(c.omega, c.tau)
    extra = formulas.compressed_extra(c.omega, c.tau, c.star_sq)
    return formulas.compressed_floor(growth, c.step, c.mu, floor(c), extra)


def unbiased_without_star(c: Constants) -> Any:
    r"""The same without $\omega(1+1/\tau)\|x_\star\|^2$: false."""
    growth = formulas.compressed_growth(c.omega, c.tau)
    return formulas.compressed_floor(growth, c.step, c.mu, floor(c), 0.0)


def simple_factor(c: Constants) -> Any:
    """See `formulas.compressed_simple_factor`."""
    return formulas.compressed_simple_factor(c.step, c.mu)


def simple_floor(c: Constants) -> Any:
    """See `formulas.compressed_simple_floor`."""
    return formulas.compressed_simple_floor(c.omega, c.step, c.mu, floor(c), c.star_sq)


def contractive_floor(c: Constants) -> Any:
    """See `formulas.compressed_floor`, contractive."""
    growth = formulas.contractive_growth(c.delta, c.free)
    extra = formulas.contractive_extra(c.delta, c.free, c.star_sq)
    return formulas.compressed_floor(growth, c.step, c.mu, floor(c), extra)


def sparse_floor(c: Constants) -> Any:
    """See `formulas.compressed_floor`, hard thresholding: nothing is added."""
    growth = formulas.sparse_growth(c.keep, c.star_support, c.dim)
    return formulas.compressed_floor(growth, c.step, c.mu, floor(c), 0.0)


def threshold_bound(c: Constants, t: FloatArray) -> FloatArray:
    r"""$\nu\|z - x_\star\|^2$, z the start."""
    growth = formulas.sparse_growth(c.keep, c.star_support, c.dim)
    return np.asarray(growth * c.start_dist_sq + np.zeros_like(t))


def spread_excess(tr: DistillationTrace) -> FloatArray:
    r"""$E\|C(z) - x_\star\|^2 - \omega\|z\|^2$."""
    return np.asarray(tr.compressed_dist_sq - tr.constants.omega * tr.length_sq)


def since_one(tr: DistillationTrace) -> FloatArray:
    r"""$E\|x_t - x_\star\|^2 - (1-\gamma\mu)^{t-1}E\|x_1 - x_\star\|^2$, from 1 on."""
    later = np.maximum(tr.times - 1.0, 0.0)
    power = np.asarray(sqc_rate(tr.constants)) ** later
    return np.asarray(tr.dist_sq - power * tr.dist_sq[:, 1:2])


def floor_since_one(c: Constants, t: FloatArray) -> FloatArray:
    r"""$(1 - (1-\gamma\mu)^{t-1})N_1$."""
    return np.asarray((1.0 - np.asarray(sqc_rate(c)) ** (t - 1.0)) * floor(c))


SPREAD = Claim(
    id="kd.compressed.spread",
    title="Unbiased compression adds omega ||z||^2 to every squared distance",
    reference=PROJECT,
    families=UNBIASED,
    statement=r"$E\|C(z)-x_\star\|^2 \le \|z-x_\star\|^2 + \omega\|z\|^2$",
    assumes=(),
    proof=(
        "E C(z) = z, so E||C(z) - x*||^2 = ||z - x*||^2 + E||C(z) - z||^2, and the "
        "last term is at most omega ||z||^2."
    ),
    quantity=spread_excess,
    bound=lambda c, t: np.asarray(c.start_dist_sq + np.zeros_like(t)),
    needs=frozenset({"compressed_dist_sq", "length_sq"}),
    tight="equality for keep-or-drop (omega = 1/p - 1) and random k (omega = D/k - 1)",
)

UNBIASED_CLAIM = _claim(
    "unbiased",
    "Unbiased compression: growth and a floor of omega ||x*||^2",
    r"$E\|x_t-x_\star\|^2 \le q^t\|x_0-x_\star\|^2 + (1-q^t)\frac{k\gamma\mu N_1 + "
    r"\omega(1+1/\tau)\|x_\star\|^2}{1-q}$, $k = 1+\omega(1+\tau)$, $q = "
    r"k(1-\gamma\mu)$",
    "kd.compressed.spread at z = x - gamma(...); ||z||^2 <= (1 + tau)||z - x*||^2 + "
    "(1 + 1/tau)||x*||^2; and E||z - x*||^2 <= (1 - gamma mu)||x - x*||^2 + gamma mu "
    "N1 by kd.sqc.neighbourhood.",
    UNBIASED,
    unbiased_floor,
    factor=unbiased_factor,
    also=(COMPRESSES_LITTLE,),
    tight="1/(1 + 1/tau) at t = 1 from x*, perfect teacher, lambda = 1",
)

SIMPLE = _claim(
    "unbiased_simple",
    "Very mild unbiased compression: half of the rate, twice the floor",
    r"$\omega \le \gamma\mu/4$: $E\|x_t-x_\star\|^2 \le q^t\|x_0-x_\star\|^2 + (1-q^t)"
    r"[2(1+2\omega)N_1 + \frac{4\omega}{\gamma\mu}\|x_\star\|^2]$, $q = 1-\gamma\mu/2$",
    "kd.compressed.unbiased with tau = 1, where (1 + 2 omega)(1 - gamma mu) <= 1 - "
    "gamma mu + 2 omega <= 1 - gamma mu / 2.",
    UNBIASED,
    simple_floor,
    factor=simple_factor,
    also=(COMPRESSES_VERY_LITTLE,),
)

NO_FLOOR = _claim(
    "no_floor",
    "FALSE: distillation removes the floor of omega ||x*||^2",
    r"$E\|x_t-x_\star\|^2 \le q^t\|x_0-x_\star\|^2 + (1-q^t)\frac{k\gamma\mu N_1}{1-q}$"
    r", k and q of kd.compressed.unbiased",
    "Counterexample: theta = x_0 = x*, lambda = 1. Then N1 = 0 and z = x*, so the "
    "bound is 0, and E||x_1 - x*||^2 = E||C(x*) - x*||^2 = omega ||x*||^2 > 0.",
    UNBIASED,
    unbiased_without_star,
    factor=unbiased_factor,
    also=(COMPRESSES_LITTLE,),
    expected=Status.REFUTED,
)

CONTRACTIVE = _claim(
    "contractive",
    "Contractive, perhaps biased compression: little may be lost",
    r"$E\|C(z)-z\|^2 \le \delta\|z\|^2$: $E\|x_t-x_\star\|^2 \le q^t\|x_0-x_\star\|^2 "
    r"+ (1-q^t)\frac{k\gamma\mu N_1 + 2\delta(1+1/s)\|x_\star\|^2}{1-q}$, $k = 1 + s + "
    r"2\delta(1+1/s)$, $q = k(1-\gamma\mu)$",
    "E||C(z) - x*||^2 <= (1 + s)||z - x*||^2 + (1 + 1/s) delta ||z||^2, ||z||^2 <= "
    "2||z - x*||^2 + 2||x*||^2, then kd.sqc.neighbourhood's one step. Needs delta of "
    "the order of (gamma mu)^2.",
    WITH_ERROR,
    contractive_floor,
    factor=contractive_factor,
    also=(LOSES_LITTLE,),
)

THRESHOLD = Claim(
    id="kd.compressed.threshold",
    title="Hard thresholding leaves a sparse point's neighbours near it",
    reference=PROJECT,
    families=SPARSE,
    statement=(
        r"$\|C(z)-x_\star\|^2 \le \nu\|z-x_\star\|^2$, C = top-k, $\|x_\star\|_0 \le "
        r"k_\star < k$, $m = \min(k_\star, D-k)$, $\rho = \frac{m}{k-k_\star+m}$, $\nu "
        r"= 1+\frac12(\rho+\sqrt{\rho^2+4\rho})$"
    ),
    assumes=(SPARSE_STAR,),
    proof=(
        "S = supp C(z), T = supp(x*) - S, Q = S - supp(x*): |Q| >= k - k* + |T|, and "
        "|z_i| <= min_Q |z| on T, so ||z_T||^2 <= rho ||z_Q||^2 = rho ||(z - x*)_Q||^2."
        " ||C(z) - x*||^2 = ||(z - x*)_S||^2 + ||x*_T||^2, and ||x*_T||^2 <= (1 + a)||"
        "(x* - z)_T||^2 + (1 + 1/a)||z_T||^2 with a = (1 + 1/a) rho = nu - 1."
    ),
    quantity=lambda tr: tr.compressed_dist_sq,
    bound=threshold_bound,
    needs=frozenset({"compressed_dist_sq"}),
    tight="1: z = 1 on k other coordinates and on m of x*, where x* = 1 + 1/(nu - 1)",
)

TOPK_SPARSE = _claim(
    "topk_sparse",
    "Hard thresholding and a sparse minimiser: no floor of ||x*||^2",
    r"$E\|x_t-x_\star\|^2 \le q^t\|x_0-x_\star\|^2 + (1-q^t)\frac{\nu\gamma\mu N_1}"
    r"{1-q}$, $q = \nu(1-\gamma\mu)$, $\nu$ of kd.compressed.threshold",
    "kd.compressed.threshold at z = x - gamma(...), then kd.sqc.neighbourhood's one "
    "step. With a perfect teacher and lambda = 1, N1 = 0: linear "
    "convergence.",
    SPARSE,
    sparse_floor,
    factor=sparse_factor,
    also=(SPARSE_STAR, KEEPS_ENOUGH),
)

MASK_PROOF = (
    "P commutes with the step on the masked subspace: Px - gamma P(grad f_xi(x) - "
    "lambda h_xi) is distillation of the restriction, with the teacher's gradients P "
    "h_xi, which need not be gradients at a point of the subspace; then "
    "kd.sqc.neighbourhood."
)

MASK = _claim(
    "mask",
    "A fixed mask: distillation of the restriction",
    r"$Px_0 = x_0$: $E\|x_t-x_{\star P}\|^2 \le$ the bound of kd.sqc.neighbourhood, "
    r"with $x_{\star P}$, $\mu$, cL of f on the masked subspace, $s_\xi = P\nabla "
    r"f_\xi(x_{\star P})$, $h_\xi = P\nabla f_\xi(\theta)$",
    MASK_PROOF,
    MASKED,
    floor,
    also=(IN_SUBSPACE,),
)

MASK_FROM_ONE = Claim(
    id="kd.compressed.mask_from_one",
    title="A fixed mask and any start: the same from t = 1 on",
    reference=PROJECT,
    families=MASKED,
    statement=(
        r"$E\|x_t-x_{\star P}\|^2 \le (1-\gamma\mu)^{t-1}E\|x_1-x_{\star P}\|^2 + "
        r"(1-(1-\gamma\mu)^{t-1})N_1$, $t \ge 1$"
    ),
    assumes=(SQC, EXPECTED_SMOOTH, STEP_BELOW_HALF),
    proof="x_1 lies in the subspace, whatever x_0 is. " + MASK_PROOF,
    quantity=since_one,
    bound=floor_since_one,
    needs=DIST,
    first=2,
)

MASK_ANY_START = _claim(
    "mask_any_start",
    "FALSE: what the mask drops of the start does not matter",
    r"$E\|x_t-x_{\star P}\|^2 \le (1-\gamma\mu)^t\|Px_0-x_{\star P}\|^2 + "
    r"(1-(1-\gamma\mu)^t)N_1$ for every $x_0$",
    "Counterexample: f = x'[[1, 0.9], [0.9, 1]]x/2, coordinate 1 kept, x_0 = (0, 10), "
    "gamma = 0.1, lambda = 0. Then Px_0 = 0 = x*_P and the bound is 0, but the first "
    "step sees what is dropped only afterwards: x_1 = (-0.9, 0).",
    MASKED,
    floor,
    expected=Status.REFUTED,
)

CLAIMS = (
    SPREAD,
    UNBIASED_CLAIM,
    SIMPLE,
    NO_FLOOR,
    CONTRACTIVE,
    THRESHOLD,
    TOPK_SPARSE,
    MASK,
    MASK_FROM_ONE,
    MASK_ANY_START,
)
