r"""Distillation in closed form: noise $E\|s_\xi - \lambda h_\xi\|^2$, floors, weights.

Self-distillation is $x^+ = x - \gamma(\nabla f_\xi(x) - \lambda\nabla f_\xi(\theta))$.
With $s_\xi = \nabla f_\xi(x_\star)$, $h_\xi = \nabla f_\xi(\theta)$ and $g = \nabla
f(\theta)$ the formulas read

- `S2` $= E\|s_\xi\|^2$, `H2` $= E\|h_\xi\|^2$, `G2` $= \|g\|^2$,
- `cross` $= E\langle s_\xi, h_\xi\rangle$, which may be negative,
- `cL`: $E\|\nabla f_\xi(x) - s_\xi\|^2 \le 2 cL (f(x) - f_\star)$,
- `gap` $= f(\theta) - f_\star$, `mu`, `L`, the step $\gamma$ and the weight $\lambda$.

A floor N belongs to a bound $q^t r_0 + (1 - q^t) N$. Everything is arithmetic on
numbers or arrays that broadcast, and nothing raises.
"""

from typing import Any

from theory.formulas import ratio, smaller

Number = Any


def noise(S2: Number, H2: Number, cross: Number, weight: Number) -> Number:
    r"""$E\|s_\xi - \lambda h_\xi\|^2 = S_2 - 2\lambda c + \lambda^2 H_2$."""
    return S2 - 2.0 * weight * cross + weight * weight * H2


def best_weight(cross: Number, H2: Number, G2: Number, kappa: Number) -> Number:
    r"""$\lambda^\star = c / (H_2 + \kappa G_2)$, and 0 where that is 0/0."""
    return ratio(cross, H2 + kappa * G2)


def reduction(
    S2: Number, H2: Number, G2: Number, cross: Number, kappa: Number
) -> Number:
    r"""$\rho^2\beta = c^2 / (S_2 (H_2 + \kappa G_2))$: what $\lambda^\star$ saves."""
    return ratio(cross * cross, S2 * (H2 + kappa * G2))


# Strong quasi-convexity: squared distances.


def sqc_loss(step: Number, mu: Number, p: Number, z: Number) -> Number:
    r"""$1 - q = \gamma\mu(1 + p - z)$."""
    return step * mu * (1.0 + p - z)


def sqc_master(
    step: Number,
    weight: Number,
    mu: Number,
    cL: Number,
    G2: Number,
    noise: Number,
    p: Number,
    z: Number,
) -> Number:
    r"""$[\lambda^2 G_2/(z\mu) + \gamma\frac{1-p}{1-p-\gamma cL}D_2]/(\mu(1+p-z))$."""
    bias = ratio(weight * weight * G2, z * mu)
    spread = ratio(step * (1.0 - p) * noise, 1.0 - p - step * cL)
    return (bias + spread) / (mu * (1.0 + p - z))


def sqc_floor(
    step: Number, weight: Number, mu: Number, cL: Number, G2: Number, noise: Number
) -> Number:
    r"""$N_1 = \lambda^2 G_2/(\mu^2(1-2\gamma cL)) + (2\gamma/\mu) D_2$."""
    bias = ratio(weight * weight * G2, mu * mu * (1.0 - 2.0 * step * cL))
    return bias + 2.0 * step / mu * noise


def sqc_simple_floor(
    step: Number, weight: Number, mu: Number, G2: Number, noise: Number
) -> Number:
    r"""$N_1' = \frac43\lambda^2 G_2/\mu^2 + (2\gamma/\mu) D_2$, $\gamma\le 1/(8cL)$."""
    return 4.0 / 3.0 * weight * weight * G2 / (mu * mu) + 2.0 * step / mu * noise


def sqc_kappa(step: Number, mu: Number, cL: Number) -> Number:
    r"""$\kappa = 1/(2\gamma\mu(1 - 2\gamma cL))$, for $N_1$."""
    return 1.0 / (2.0 * step * mu * (1.0 - 2.0 * step * cL))


def sqc_simple_kappa(step: Number, mu: Number) -> Number:
    r"""$\kappa = 2/(3\gamma\mu)$, for $N_1'$."""
    return 2.0 / (3.0 * step * mu)


def sqc_plain_floor(step: Number, mu: Number, noise: Number) -> Number:
    r"""$(2\gamma/\mu) D$: without bias."""
    return 2.0 * step / mu * noise


def sqc_min_form(
    step: Number, mu: Number, cL: Number, steepness: Number, S2: Number, gap: Number
) -> Number:
    r"""$\min\{2\gamma S_2/\mu, (8L_b/(3\mu^2) + 4\gamma cL/\mu)\Delta\}$."""
    reach = 8.0 * steepness / (3.0 * mu * mu) + 4.0 * step * cL / mu
    return smaller(sqc_plain_floor(step, mu, S2), reach * gap)


def sqc_sharp_loss(step: Number, mu: Number, cL: Number) -> Number:
    r"""$1 - q = \gamma\mu(2 - \sqrt{2\gamma cL})$."""
    return step * mu * (2.0 - (2.0 * step * cL) ** 0.5)


def sqc_sharp_floor(step: Number, mu: Number, cL: Number, noise: Number) -> Number:
    r"""$\gamma D / (\mu(\sqrt2 - \sqrt{\gamma cL})^2)$."""
    return step * noise / (mu * (2.0**0.5 - (step * cL) ** 0.5) ** 2)


# Polyak-Lojasiewicz: gaps. The relative step is x = gamma L cL / mu.


def pl_step(step: Number, mu: Number, L: Number, cL: Number) -> Number:
    r"""$x = \gamma L\, cL / \mu$."""
    return step * L * cL / mu


def pl_master(
    step: Number,
    weight: Number,
    mu: Number,
    L: Number,
    G2: Number,
    noise: Number,
    young: Number,
    b: Number,
    r: Number,
) -> Number:
    r"""$[\lambda^2 G_2/(2b) + \frac{\gamma L}2\frac A{A-1}D_2]/(\mu r)$."""
    bias = ratio(weight * weight * G2, 2.0 * b)
    spread = 0.5 * step * L * young / (young - 1.0) * noise
    return (bias + spread) / (mu * r)


def pl_floor(
    step: Number,
    weight: Number,
    mu: Number,
    L: Number,
    cL: Number,
    G2: Number,
    noise: Number,
) -> Number:
    r"""$N_2 = \lambda^2 G_2/(2b\mu) + (\gamma L/\mu) D_2$, $b = 1 - 2x$."""
    b = 1.0 - 2.0 * pl_step(step, mu, L, cL)
    return ratio(weight * weight * G2, 2.0 * b * mu) + step * L / mu * noise


def pl_simple_floor(
    step: Number, weight: Number, mu: Number, L: Number, G2: Number, noise: Number
) -> Number:
    r"""$N_2' = \lambda^2 G_2/\mu + (\gamma L/\mu) D_2$, $\gamma\le\mu/(4L\,cL)$."""
    return weight * weight * G2 / mu + step * L / mu * noise


def pl_kappa(step: Number, mu: Number, L: Number, cL: Number) -> Number:
    r"""$\kappa = 1/(2b\gamma L)$, for $N_2$."""
    return 1.0 / (2.0 * (1.0 - 2.0 * pl_step(step, mu, L, cL)) * step * L)


def pl_simple_kappa(step: Number, L: Number) -> Number:
    r"""$\kappa = 1/(\gamma L)$, for $N_2'$."""
    return 1.0 / (step * L)


def pl_plain_floor(step: Number, mu: Number, L: Number, noise: Number) -> Number:
    r"""$(\gamma L/\mu) D$: without bias."""
    return step * L / mu * noise


def pl_min_form(
    step: Number, mu: Number, L: Number, cL: Number, S2: Number, gap: Number
) -> Number:
    r"""$\min\{\gamma L S_2/\mu, (2L/\mu)(1 + \gamma cL)\Delta\}$."""
    return smaller(
        pl_plain_floor(step, mu, L, S2), 2.0 * L / mu * (1.0 + step * cL) * gap
    )


def pl_sharp_loss(step: Number, mu: Number, x: Number) -> Number:
    r"""$1 - q = \gamma\mu(2 - \sqrt{2x})$."""
    return step * mu * (2.0 - (2.0 * x) ** 0.5)


def pl_sharp_floor(
    step: Number, mu: Number, L: Number, x: Number, noise: Number
) -> Number:
    r"""$\gamma L D / (2\mu(\sqrt2 - \sqrt x)^2)$."""
    return step * L * noise / (2.0 * mu * (2.0**0.5 - x**0.5) ** 2)


# Least squares, exactly. V and F are plain SGD's stationary error and gap.


def stationary(weight: Number, teacher: Number, plain: Number) -> Number:
    r"""$\lambda^2\|\theta-x_\star\|^2 + (1-\lambda)^2 V$; with $\Delta$, F for gaps."""
    return weight * weight * teacher + (1.0 - weight) * (1.0 - weight) * plain


def optimal_weight(teacher: Number, plain: Number) -> Number:
    r"""$V / (V + \|\theta-x_\star\|^2)$, and 0 where that is 0/0."""
    return ratio(plain, plain + teacher)


def optimal_error(teacher: Number, plain: Number) -> Number:
    r"""$V\|\theta-x_\star\|^2 / (V + \|\theta-x_\star\|^2)$."""
    return ratio(plain * teacher, plain + teacher)


def safe_weight(step: Number, S2: Number, gap: Number) -> Number:
    r"""$\lambda_F = \gamma S_2/(\gamma S_2 + 4\Delta)$: from S2 and the gap alone."""
    return ratio(step * S2, step * S2 + 4.0 * gap)


def safe_excess(step: Number, cL: Number) -> Number:
    r"""$1 + (k-1)^2/(4k)$, $k = 1/(1 - \gamma cL/2)$: at most so much is lost."""
    k = 1.0 / (1.0 - 0.5 * step * cL)
    return 1.0 + (k - 1.0) * (k - 1.0) / (4.0 * k)


def contraction(step: Number, mu: Number, cL: Number) -> Number:
    r"""$1 - \gamma\mu(2 - \gamma cL)$: what one step keeps of $E\|x-\theta\|^2$."""
    return 1.0 - step * mu * (2.0 - step * cL)


# Compressed students: x+ = C(x - gamma(...)).


def compressed_growth(omega: Number, tau: Number) -> Number:
    r"""$k = 1 + \omega(1 + \tau)$."""
    return 1.0 + omega * (1.0 + tau)


def compressed_extra(omega: Number, tau: Number, star_sq: Number) -> Number:
    r"""$\omega(1 + 1/\tau)\|x_\star\|^2$: what one step adds, even at $x_\star$."""
    return omega * (1.0 + 1.0 / tau) * star_sq


def compressed_factor(growth: Number, step: Number, mu: Number) -> Number:
    r"""$q = k(1 - \gamma\mu)$, k the growth."""
    return growth * (1.0 - step * mu)


def compressed_floor(
    growth: Number, step: Number, mu: Number, floor: Number, extra: Number
) -> Number:
    r"""$(k\gamma\mu N + a)/(1 - q)$: `floor` N, growth k, `extra` a of one step."""
    q = compressed_factor(growth, step, mu)
    return (growth * step * mu * floor + extra) / (1.0 - q)


def compressed_simple_factor(step: Number, mu: Number) -> Number:
    r"""$1 - \gamma\mu/2$, for $\omega \le \gamma\mu/4$."""
    return 1.0 - 0.5 * step * mu


def compressed_simple_floor(
    omega: Number, step: Number, mu: Number, floor: Number, star_sq: Number
) -> Number:
    r"""$2(1 + 2\omega)N + 4\omega\|x_\star\|^2/(\gamma\mu)$."""
    return 2.0 * (1.0 + 2.0 * omega) * floor + 4.0 * omega * star_sq / (step * mu)


def contractive_extra(delta: Number, free: Number, star_sq: Number) -> Number:
    r"""$2\delta(1 + 1/s)\|x_\star\|^2$."""
    return 2.0 * delta * (1.0 + 1.0 / free) * star_sq


def contractive_growth(delta: Number, free: Number) -> Number:
    r"""$k = (1 + s) + 2\delta(1 + 1/s)$."""
    return 1.0 + free + 2.0 * delta * (1.0 + 1.0 / free)


def sparse_growth(keep: Number, support: Number, dim: Number) -> Number:
    r"""$\nu = 1 + \frac12(\rho + \sqrt{\rho^2 + 4\rho})$, $\rho = m/(k - k_\star + m)$.

    Hard thresholding to `keep` $= k$ of `dim` $= D$ coordinates, a minimiser with
    `support` $= k_\star < k$ nonzero ones, $m = \min(k_\star, D - k)$.
    """
    m = smaller(support, dim - keep)
    rho = m / (keep - support + m)
    return 1.0 + 0.5 * (rho + (rho * rho + 4.0 * rho) ** 0.5)
