r"""The theorem's constants on the data, for the law of the batch that is drawn.

With $v$ the batch's share of a row's variance, any rows $u_n, w_n$ of gradients have
$E\langle u_\xi, w_\xi \rangle = \langle \bar u, \bar w \rangle
+ v (\overline{\langle u, w \rangle} - \langle \bar u, \bar w \rangle)$: exact sums.
A row's gradient is $a_n r_n^T + \nu x$, so none is ever formed:
$\langle \nabla f_n(x), \nabla f_n(y) \rangle = \|a_n\|^2 \langle r, r' \rangle
+ \nu \langle r, z_n(y) \rangle + \nu \langle r', z_n(x) \rangle
+ \nu^2 \langle x, y \rangle$.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synthetic.distillation.students import FloatArray, Linear
from synthetic.distillation.study_data import Part
from synthetic.distillation.study_minimiser import Minimiser, full_gradient
from synthetic.distillation.study_samples import BatchLaw
from theory import distillation_formulas as formulas


@dataclass(frozen=True)
class Smoothness:
    r"""Convexity and smoothness of $f$ and of its batches.

    Attributes:
        mu: $\nu$. Exact for softmax (equal shifts of all classes change no loss), a
            lower bound for least squares.
        L: $\kappa \lambda_{\max}(A^T A / N) + \nu$, an upper bound; $\kappa$ is 1/2 for
            softmax, 1 for least squares.
        cL: $(1 - v) L + v L_{\max}$ with $L_{\max} = \kappa \max \|a_n\|^2 + \nu$:
            $E\|\nabla f_\xi(x) - \nabla f_\xi(x_\star)\|^2 \le 2 \mathcal L
            (f(x) - f_\star)$, since $\|\nabla f\|^2 \le 2 L (f - f_\star)$ and each
            row obeys co-coercivity.

    """

    mu: float
    L: float
    cL: float


@dataclass(frozen=True)
class TeacherConstants:
    r"""What a teacher brings to the bound; symbols of `theory.distillation_formulas`.

    Attributes:
        S2: $E\|s\|^2$, of the minimiser, the same for every teacher.
        H2: $E\|h\|^2$.
        c: $E\langle s, h\rangle$, perhaps negative.
        G2: $\|\nabla f(\theta)\|^2$.
        Delta: $f(\theta) - f_\star$.
        distance_sq: $\|\theta - x_\star\|^2$.

    """

    S2: float
    H2: float
    c: float
    G2: float
    Delta: float
    distance_sq: float

    def lambda_star(self, gamma: float, mu: float) -> float:
        """The weight that minimises the bound at this step size."""
        kappa = formulas.sqc_simple_kappa(gamma, mu)
        return float(formulas.best_weight(self.c, self.H2, self.G2, kappa))

    def lambda_star_unbiased(self) -> float:
        """The weight that minimises the unbiased method's bound."""
        return float(formulas.best_weight(self.c, self.H2, self.G2, -1.0))

    def safe_lambda(self, gamma: float) -> float:
        """The weight with a guarantee on least squares."""
        return float(formulas.safe_weight(gamma, self.S2, self.Delta))

    def floor(self, lam: float, gamma: float, mu: float) -> float:
        r"""$N(\lambda)$ with $E\|x_t - x_\star\|^2 \le (1 - \gamma\mu)^t r_0 + N$.

        The bound is proved for $\gamma \le 1/(8 \mathcal L)$.
        """
        noise = formulas.noise(self.S2, self.H2, self.c, lam)
        return float(formulas.sqc_simple_floor(gamma, lam, mu, self.G2, noise))

    def bound_ratio(self, lam: float, gamma: float, mu: float) -> float | None:
        r"""$N(\lambda) / N(0)$: below 1 the theorem's bound says that KD helps."""
        plain = self.floor(0.0, gamma, mu)
        return self.floor(lam, gamma, mu) / plain if plain > 0.0 else None


def smoothness(student: Linear, rows: Part, law: BatchLaw) -> Smoothness:
    """Bounds from the data's spectrum and its longest row."""
    gram = rows.a.T @ rows.a / len(rows.a)
    kappa, nu, share = student.curvature, student.ridge, law.variance_share
    L = kappa * float(np.linalg.eigvalsh(gram)[-1]) + nu
    longest = kappa * float((rows.a**2).sum(axis=1).max()) + nu
    return Smoothness(nu, L, (1.0 - share) * L + share * longest)


def teacher_constants(
    student: Linear, rows: Part, law: BatchLaw, best: Minimiser, theta: FloatArray
) -> TeacherConstants:
    r"""Exact sums over the rows.

    Args:
        student: Whose gradients.
        rows: The training rows.
        law: How batches are drawn.
        best: $x_\star$; the certified minimiser.
        theta: The teacher $\theta$, shape (p,).

    """
    points = np.stack([best.x, theta])
    z = student.outputs_on(points, rows.a)  # (2, N, K)
    r = student.residuals(z, rows.b)
    nu = student.ridge
    length_sq = (rows.a**2).sum(axis=1)
    g = full_gradient(student, rows, theta)
    mean = {(0, 0): 0.0, (0, 1): 0.0, (1, 1): float(g @ g)}  # grad f(x*) = 0

    def expected(i: int, j: int) -> float:
        products = length_sq * (r[i] * r[j]).sum(axis=1)
        products += nu * ((r[i] * z[j]).sum(axis=1) + (r[j] * z[i]).sum(axis=1))
        each = float(products.mean() + nu**2 * (points[i] @ points[j]))
        return mean[i, j] + law.variance_share * (each - mean[i, j])

    return TeacherConstants(
        S2=expected(0, 0),
        H2=expected(1, 1),
        c=expected(0, 1),
        G2=mean[1, 1],
        Delta=float(student.objective(theta, rows.a, rows.b)) - best.value,
        distance_sq=float(((theta - best.x) ** 2).sum()),
    )
