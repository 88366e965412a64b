r"""The hypotheses of the claims on the distillation gradient."""

from theory.assumptions import of_configurations

UNSOFTENED = of_configurations(
    "T = 1",
    "$T = 1$",
    lambda c: c.temperature == 1,
    lambda c: f"T = {c.temperature:g}",
)
SOFTENED = of_configurations(
    "T other than 1",
    r"soft part $T^2 KL(m(z_\theta/T)\,\|\,m(z/T))$, $T \ne 1$",
    lambda c: c.temperature != 1,
    lambda c: f"T = {c.temperature:g}",
)
NO_RIDGE = of_configurations(
    "no ridge", r"$\nu = 0$", lambda c: c.ridge == 0, lambda c: f"nu = {c.ridge:g}"
)
RIDGE_IN_BOTH = of_configurations(
    "the same ridge in both parts",
    r"$\frac\nu2\|x\|^2$ in the hard and in the soft part, $\nu > 0$",
    lambda c: (c.ridge > 0) & (not c.is_proximal),
    lambda c: f"nu = {c.ridge:g}, and is_proximal is {c.is_proximal}",
)
RIDGE_PROXIMAL = of_configurations(
    "the soft part's ridge is around the teacher",
    r"$\frac\nu2\|x\|^2$ in the hard part, $\frac\nu2\|x-\theta\|^2$ in the soft, "
    r"$\nu > 0$",
    lambda c: (c.ridge > 0) & c.is_proximal,
    lambda c: f"nu = {c.ridge:g}, and is_proximal is {c.is_proximal}",
)
ON_MEANS = of_configurations(
    "the teacher's mean is the soft label",
    r"$\nabla_z\ell(z, y) = m(z) - y$, soft label $m(z_\theta)$",
    lambda c: not c.on_logits,
    lambda c: f"on_logits is {c.on_logits}: the soft part compares logits",
)
ON_LOGITS = of_configurations(
    "cross-entropy, distilled by squared differences of logits",
    r"$\ell$ a cross-entropy, soft part $\frac12\|z - z_\theta\|^2$",
    lambda c: c.on_logits and not c.is_squared,
    lambda c: f"on_logits is {c.on_logits}, and is_squared is {c.is_squared}",
)
CROSS_ENTROPY = of_configurations(
    "cross-entropy",
    "$m$ is the sigmoid or the softmax",
    lambda c: not c.is_squared,
    lambda c: f"is_squared is {c.is_squared}",
)
LINEAR = of_configurations(
    "linear in the parameters",
    r"$J_x = J_\theta$ for all $x, \theta$",
    lambda c: c.is_linear,
    lambda c: f"is_linear is {c.is_linear}: the Jacobian moves with the parameters",
)
PRODUCT = of_configurations(
    "deep linear",
    r"$\varphi_x(a) = W_L\cdots W_1 a$, $L \ge 2$",
    lambda c: c.is_product,
    lambda c: f"is_product is {c.is_product}",
)
INTERPOLATING = of_configurations(
    "an interpolating teacher",
    r"$r_\theta = 0$",
    lambda c: c.teacher_residual == 0,
    lambda c: f"|r_theta| = {c.teacher_residual:.3g}",
)
SMALL_DEVIATION = of_configurations(
    "deviation below 1",
    r"$0 < \epsilon = \|u - v\|/\|v\| < 1$",
    lambda c: (c.deviation > 0) & (c.deviation < 1),
    lambda c: f"epsilon = {c.deviation:.3g}",
)
