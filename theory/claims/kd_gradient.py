r"""The gradient of the distillation loss, sample by sample.

u is that gradient, $v = \nabla f_n(x) - \lambda\nabla f_n(\theta)$ is what it is taken
for: identities, two inequalities, and four false statements. Quantities
are distances in units of $\|v\|$.
"""

from collections.abc import Callable

import numpy as np

from theory.assumptions import Assumption
from theory.claim import Bound, Claim, FloatArray, Kind
from theory.claims.kd_common import zero
from theory.distillation_gradient import GradientConstants, GradientTrace, norm
from theory.distillation_gradient_assumptions import (
    CROSS_ENTROPY,
    INTERPOLATING,
    LINEAR,
    NO_RIDGE,
    ON_LOGITS,
    ON_MEANS,
    PRODUCT,
    RIDGE_IN_BOTH,
    RIDGE_PROXIMAL,
    SMALL_DEVIATION,
    SOFTENED,
    UNSOFTENED,
)
from theory.judge import Status
from theory.method import Family
from theory.references import KD_PAPER, PROJECT

Vectors = Callable[[GradientTrace], FloatArray]

BASIC = frozenset({"student", "plain", "teacher"})
PLAIN = (ON_MEANS, UNSOFTENED, NO_RIDGE)


def _claim(  # noqa: PLR0913 -- the fields of a claim
    name: str,
    title: str,
    statement: str,
    proof: str,
    assumes: tuple[Assumption, ...],
    quantity: Vectors,
    *,
    also_needs: frozenset[str] = frozenset(),
    needs: frozenset[str] = BASIC,
    bound: Bound = zero,
    is_false: bool = False,
    tight: str = "",
    reference: str = PROJECT,
) -> Claim:
    return Claim(
        id=f"kd.grad.{name}",
        title=title,
        reference=reference,
        families=frozenset({Family.KD_NETWORK}),
        statement=statement,
        assumes=assumes,
        proof=proof,
        quantity=quantity,
        bound=bound,
        needs=needs | also_needs,
        kind=Kind.PATHWISE,
        expected=Status.REFUTED if is_false else Status.HOLDS,
        tight=tight,
        origin="project" if reference == PROJECT else "paper",
    )


def tempting(tr: GradientTrace) -> FloatArray:
    r"""$v = \nabla f_n(x) - \lambda\nabla f_n(\theta)$, (B, P)."""
    return np.asarray(tr["plain"] - tr.constants.weight * tr["teacher"])


def departure(tr: GradientTrace) -> FloatArray:
    r"""$u - v$, (B, P)."""
    return tr["student"] - tempting(tr)


def _distance(tr: GradientTrace) -> FloatArray:
    r"""$\|u - v\|$."""
    return norm(departure(tr))


def _beyond_correction(tr: GradientTrace) -> FloatArray:
    r"""$\|u - v - \lambda(J_\theta - J_x)^T r_\theta\|$."""
    return norm(departure(tr) - tr.constants.weight * tr["correction"])


def _deviation(tr: GradientTrace) -> FloatArray:
    """The larger residual of the two equalities."""
    return np.maximum(norm(tr["student"] - tr["product"]), _beyond_correction(tr))


def _beyond_softening(tr: GradientTrace) -> FloatArray:
    """The residual of the deviation at a temperature."""
    return norm(
        departure(tr) - tr.constants.weight * (tr["correction"] + tr["softened"])
    )


def _beyond_anchor(tr: GradientTrace) -> FloatArray:
    """The residual of the deviation under a ridge."""
    c = tr.constants
    return norm(
        departure(tr) - c.weight * tr["correction"] - c.weight * c.ridge * tr["anchor"]
    )


def _end_to_end(tr: GradientTrace) -> FloatArray:
    """The larger residual of the two equalities of a product of matrices."""
    end = tr["end_student"] - (
        tr["end_plain"] - tr.constants.weight * tr["end_teacher"]
    )
    return np.maximum(norm(tr["student"] - tr["layers"]), norm(end))


def _sine(tr: GradientTrace) -> FloatArray:
    r"""$\sin(u, v)$; infinite where the angle is obtuse."""
    return tr["sine"]


def _small(c: GradientConstants, t: FloatArray) -> FloatArray:
    r"""$\epsilon$."""
    return np.asarray(c.deviation + zero(c, t))


def _jacobians(c: GradientConstants, t: FloatArray) -> FloatArray:
    r"""$|\lambda|\,\|J_\theta - J_x\|\,\|r_\theta\|$, in units of $\|v\|$."""
    size = np.abs(c.weight) * c.jacobian_change * c.teacher_residual / c.unit
    return np.asarray(size + zero(c, t))


DEVIATION = _claim(
    "deviation",
    "The distillation gradient, and what it has beyond the two gradients",
    r"$\nabla f_n(x|\theta,\lambda) = J_x^T(r_x-\lambda r_\theta) = \nabla f_n(x) - "
    r"\lambda\nabla f_n(\theta) + \lambda(J_\theta-J_x)^Tr_\theta$",
    "(1-l)(m(z) - b) + l(m(z) - m(z_theta)) = r_x - l r_theta (l lambda); multiply by "
    "J_x^T and subtract grad f_n(x) - l grad f_n(theta) = J_x^T r_x - l J_theta^T "
    "r_theta. So, for l other than 0, both are equal exactly where (J_theta - J_x)^T "
    "r_theta = 0; averages over a batch follow.",
    PLAIN,
    _deviation,
    also_needs=frozenset({"product", "correction"}),
)

NORM = _claim(
    "norm",
    "The deviation is at most the change of the Jacobian times the teacher's residual",
    r"$\|u - v\| \le |\lambda|\,\|J_\theta-J_x\|\,\|r_\theta\|$",
    "Norms in kd.grad.deviation.",
    PLAIN,
    _distance,
    bound=_jacobians,
    tight="equality for one output",
)

EXACT_LINEAR = _claim(
    "exact_linear",
    "Exact for models that are linear in their parameters",
    r"$\nabla f_n(x|\theta,\lambda) = \nabla f_n(x) - \lambda\nabla f_n(\theta)$: "
    r"linear, logistic and softmax regression, and a trained head on frozen features",
    "J does not depend on the parameters: kd.grad.deviation.",
    (*PLAIN, LINEAR),
    _distance,
    reference=KD_PAPER,
)

INTERPOLATES = _claim(
    "interpolating",
    "Exact for every model where the teacher interpolates",
    r"$r_\theta = 0$: $\nabla f_n(x|\theta,\lambda) = \nabla f_n(x) - \lambda\nabla "
    r"f_n(\theta)$",
    "The term (J_theta - J_x)^T r_theta of kd.grad.deviation vanishes.",
    (*PLAIN, INTERPOLATING),
    _distance,
)

DEEP_LINEAR = _claim(
    "deep_linear",
    "Deep linear: exact end to end, and by layer with the student's factors",
    r"exact in $W = W_L\cdots W_1$, and $\nabla_{W_l} = A_l^T(\nabla_Wf_n(W) - \lambda"
    r"\nabla_Wf_n(W_\theta))B_l^T$ with the student's $A_l = W_L\cdots W_{l+1}$, "
    r"$B_l = W_{l-1}\cdots W_1$",
    "kd.grad.exact_linear in W; then the chain rule through W = A_l W_l B_l.",
    (*PLAIN, PRODUCT),
    _end_to_end,
    needs=frozenset({"student", "layers", "end_student", "end_plain", "end_teacher"}),
    reference=KD_PAPER,
)

DEEP_LINEAR_LAYERWISE = _claim(
    "deep_linear_layerwise",
    "False: deep linear is exact layer by layer",
    r"$\nabla_{W_l}f_n(x|\theta,\lambda) = \nabla_{W_l}f_n(x) - \lambda\nabla_{W_l}f_n"
    r"(\theta)$",
    "The teacher's gradient carries the teacher's factors A_l, B_l, not the student's.",
    (*PLAIN, PRODUCT),
    _distance,
    is_false=True,
)

TEMPERATURE = _claim(
    "temperature",
    "What a temperature adds to the deviation",
    r"$u - v = \lambda(J_\theta-J_x)^Tr_\theta + \lambda J_x^T[T(m(z/T)-m(z_\theta/T)) "
    r"- (m(z)-m(z_\theta))]$",
    "The soft part's gradient in z is T(m(z/T) - m(z_theta/T)); kd.grad.deviation has "
    "m(z) - m(z_theta) in its place.",
    (ON_MEANS, SOFTENED, NO_RIDGE),
    _beyond_softening,
    also_needs=frozenset({"correction", "softened"}),
)

TEMPERATURE_EXACT = _claim(
    "temperature_exact",
    "False: with the factor T^2, linear models are exact at every temperature",
    r"$\nabla f_n(x|\theta,\lambda,T) = \nabla f_n(x) - \lambda\nabla f_n(\theta)$ for "
    r"linear models",
    "T m(z/T) is not m(z): the last term of kd.grad.temperature.",
    (ON_MEANS, SOFTENED, NO_RIDGE, LINEAR, CROSS_ENTROPY),
    _distance,
    is_false=True,
)

LOGIT_MSE = _claim(
    "logit_mse",
    "False: distilling the logits of a linear classifier by squares is exact",
    r"soft part $\frac12\|z - z_\theta\|^2$: $\nabla f_n(x|\theta,\lambda) = \nabla "
    r"f_n(x) - \lambda\nabla f_n(\theta)$ for linear models",
    "z - z_theta is not m(z) - m(z_theta).",
    (ON_LOGITS, UNSOFTENED, NO_RIDGE, LINEAR),
    _distance,
    is_false=True,
)

RIDGE = _claim(
    "ridge",
    "A ridge in both parts leaves a pull along the teacher",
    r"$u - v = \lambda(J_\theta-J_x)^Tr_\theta + \lambda\nu\theta$",
    "Both parts add nu x to the gradient, v has nu x - lambda nu theta.",
    (ON_MEANS, UNSOFTENED, RIDGE_IN_BOTH),
    _beyond_anchor,
    also_needs=frozenset({"correction", "anchor"}),
)

RIDGE_EXACT = _claim(
    "ridge_exact",
    "False: with a ridge in both parts, linear models are still exact",
    r"$\nabla f_n(x|\theta,\lambda) = \nabla f_n(x) - \lambda\nabla f_n(\theta)$ with "
    r"$\frac\nu2\|x\|^2$ in both parts, linear models",
    "kd.grad.ridge: lambda nu theta is missing.",
    (ON_MEANS, UNSOFTENED, RIDGE_IN_BOTH, LINEAR),
    _distance,
    is_false=True,
)

RIDGE_AROUND_TEACHER = _claim(
    "ridge_proximal",
    "No such pull if the soft part's ridge is around the teacher: linear is exact",
    r"soft ridge $\frac\nu2\|x-\theta\|^2$: $u - v = \lambda(J_\theta-J_x)^Tr_\theta$",
    "The parts add (1-lambda) nu x + lambda nu (x - theta) = nu x - lambda nu theta, "
    "which is what v has.",
    (ON_MEANS, UNSOFTENED, RIDGE_PROXIMAL),
    _beyond_correction,
    also_needs=frozenset({"correction"}),
)

COSINE = _claim(
    "cosine",
    "A small deviation is a small angle",
    r"$0 < \epsilon = \|u-v\|/\|v\| < 1$: $\cos(u, v) \ge \sqrt{1-\epsilon^2}$, that "
    r"is $\sin(u, v) \le \epsilon$ at an acute angle",
    "No point of the ball of radius epsilon ||v|| around v is seen from the origin at "
    "an angle to v beyond arcsin epsilon.",
    (*PLAIN, SMALL_DEVIATION),
    _sine,
    needs=frozenset({"sine"}),
    bound=_small,
    tight="equality where u and u - v are orthogonal",
)

CLAIMS = (
    DEVIATION,
    NORM,
    EXACT_LINEAR,
    INTERPOLATES,
    DEEP_LINEAR,
    DEEP_LINEAR_LAYERWISE,
    TEMPERATURE,
    TEMPERATURE_EXACT,
    LOGIT_MSE,
    RIDGE,
    RIDGE_EXACT,
    RIDGE_AROUND_TEACHER,
    COSINE,
)
