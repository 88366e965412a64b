"""What the letters on cards mean, by system of claims."""

SYMBOLS = (
    "u: the comparator, x* where the true minimiser is assumed; D = ||x_0 - u||; v_xi: "
    "the target, f_xi(u) + e_xi; Delta = f_xi(x) - f_xi(u); N = Delta + <g, z - x>; "
    "r_t = E f(x_t) - f(u); gbar: the mean subgradient; B_t = f(x_{t-1}) - f(x_t) - "
    "<gbar_t, x_{t-1} - x_t>; h_xi: the gradient at u; T = t + 1; lambda_0 = 0; "
    "M(A, B; T) solves rho^2/(A rho + B) = D^2/T. Where gradients can vanish, targets "
    "are raised by a guard of 1e-13 (1 + |f_xi(u)|) against roundoff, and bounds by "
    "its mean."
)
"""What every card uses."""

DISTILLATION_SYMBOLS = (
    "x*: the minimiser; theta: the teacher; lambda: its weight; gamma: the step; s_xi "
    "and h_xi: the gradients of f_xi at x* and theta; g = E h_xi; S2 = E||s||^2; H2 = "
    "E||h||^2; G2 = ||g||^2; c = E<s, h>; D2(lambda) = E||s - lambda h||^2; D_u2 = D2 "
    "- lambda^2 G2; Delta = f(theta) - f*; d = theta - x*; mu: of A1, or of A2 in "
    "kd.pl; cL: expected smoothness; rho = c/sqrt(S2 H2); V and F: plain SGD's "
    "stationary E||x - x*||^2 and gap."
)
"""What every card about distillation uses."""

PARITY_SYMBOLS = (
    "x: uniform on {+-1}^d; S: k of the d coordinates; chi_S: the product of those of "
    "x; y = chi_S(x); h_b(x) = 1 where sum x_i + b > 0; xi_j = E[x_1..x_j h_b]; K_w(x; "
    "n): Krawtchouk's polynomial; g = |xi_{k-1}| - |xi_{k+1}|; W: a hidden layer, "
    "its rows +-1; a: the output weights."
)
"""What every card about sparse parity uses."""

DEVIATIONS_SYMBOLS = (
    "C = X'X/n: eigenvalues lambda_k, descending; q_k, A_k, S_k: the teacher's, a "
    "direct model's and the student's progress, as shares of the least-squares "
    "coefficients; T and t: times of teacher and student, n_T and n_S their steps; "
    "t*, n*: a direct model's; phi_r(x) = 1 - (1-x)^r; psi_r(x) = r x/(1 - (1-r) x); "
    "theta_k: the true weights; A*_k: the best progress; kappa: the teacher's weight "
    "in the loss; G: progress."
)
"""What every card about student-teacher deviations uses."""

SCALING_SYMBOLS = (
    "N: parameters without embeddings; D: tokens; L: cross-entropy in nats a token; "
    "S, T: student, teacher; Lt = L(N_S, D_S), of the student by itself; C: FLOPs; "
    "F(N): of a forward pass, a token; delta_inf, delta_pre: does the teacher's "
    "inference, its training count; r = L_T/Lt; phi_i: orthonormal features, alpha "
    "the target's coefficients, m and n those of teacher and student."
)
"""What every card about scaling laws uses."""

PCFG_SYMBOLS = (
    "x: a sentence, |x| its length; p: a masked token; O: what is visible; q_O: the "
    "posterior of x_p given x_O and |x|; w: a window around p; H: the loss of q_O, H_w "
    "of the posterior from the visible tokens of w; A, R, C: p masked, the window too, "
    "all but the window; f: any model."
)
"""What every card about grammars uses."""

PEP_SYMBOLS = (
    "f: any convex function that is G-Lipschitz or L-smooth, x*: its minimiser; D = "
    "||x_0 - x*||; T = t + 1 points, so t steps; e = ||x_+ - x*||^2 - ||x - x*||^2; "
    "Delta = f_xi(x) - f_xi(x*); h: the gradient at x*; gamma: the step, of which "
    "gamma ||g||^2 = Delta."
)
"""What every card about worst cases uses."""

SYSTEM_SYMBOLS = {
    "distillation": DISTILLATION_SYMBOLS,
    "parity": PARITY_SYMBOLS,
    "deviations": DEVIATIONS_SYMBOLS,
    "scaling": SCALING_SYMBOLS,
    "pcfg": PCFG_SYMBOLS,
    "pep": PEP_SYMBOLS,
}
