"""The numbers of one instance that a bound may use, and facts it may assume."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Constants:
    r"""Constants on the ball $\|x - u\| \le D$ around the comparator $u$.

    Every number is exact or a valid upper bound; `inf` where there is none. What a
    claim needs and an instance lacks makes the claim NOT APPLICABLE there.

    Attributes:
        D: $\|x_0 - u\|$.
        G: $(E \sup \|g_\xi\|^2)^{1/2}$ over the ball.
        G_max: $\max_\xi \sup \|g_\xi\|$ over the ball.
        L: Smoothness in the sense of lemma S2, the largest over $\xi$.
        sigma: $(E \|\nabla f_\xi(u)\|^2)^{1/2}$.
        A: Growth: $E\|g_\xi(x)\|^2 \le A (f(x) - f(u))_+ + B$ on the ball.
        B: See `A`.
        gap0: $f(x_0) - f(u)$.
        value_u: $f(u)$.
        u_norm: $\|u\|$, for the size of roundoff.
        minimiser_gap: Certified $f(u) - \inf f$.
        lam: $\lambda$ of the constant schedule that the claim speaks of, else 0.
        momentum_slope: $a$ of the schedule $\lambda_t = (a t + b)_+$, $t \ge 1$.
        momentum_intercept: $b$ of it.
        error_mean: $\bar e = E e_\xi$ of the declared targets, the guard included.
        error_min: $\min_\xi e_\xi$, the guard excluded.
        error_max: $\max_\xi e_\xi$, the guard excluded.
        guard: Mean of the roundoff guard that was added to the targets.
        guard_max: Its largest value.
        dim: Dimension $d$.
        num_components: $n$.
        convex: Is every $f_\xi$ convex? Else `witness` names a place.
        iid: Are the draws independent and identically distributed?
        witness: Why `convex` or `iid` fails.
        resisting: Does the oracle answer with an unused coordinate while there is one?
        reach: Radius of the ball that the run cannot leave: D, or more where a cap
            meets underestimates. G, L, A, B are those of this ball.
        gap_max: $f(x) - f(u) \le$ this on the ball.
        excess_low: $f_\xi(x) - f_\xi(u) \ge$ this on the ball, every $\xi$.
        excess_high: $f_\xi(x) - f_\xi(u) \le$ this on the ball, every $\xi$.
        G_f: $\sup \|\bar g\|$ over the ball.
        L_f: Smoothness of f on the ball, `inf` if not smooth.
        L_expected: $E\|g_\xi(x) - h_\xi\|^2 \le 2 L_e (f(x) - f(u))$ on the ball if u
            minimises f, with $h_\xi = \nabla f_\xi(u)$; at most L.
        mu: $f(x) - f(u) \ge \frac{\mu}{2} \|x - u\|^2$ on the ball; 0 if none is known.
        q: $E (\langle h_\xi, v\rangle)_+^2 / G_\xi^2 \ge q$ for every unit v.
        kappa: $E \langle h_\xi, v\rangle_+ \ge \kappa$ for every unit v.
        G_min: Smallest norm of a nonzero subgradient anywhere; 0 if there is none.
        error_abs: $E |e_\xi|$ of the declared targets.
        error_neg: $E (e_\xi)_-$ of the declared targets.
        cap: The method's cap $\gamma_b$; `inf` if it has none.
        batch: Number of components in each draw.
        pooled: Is every sample told the same target f(u)?
        quadratic: Is f one parabola on the line?
        preconditioner: "none", "fixed", "nonincreasing", "growing" or "any".
        metric_start: $\|x_0 - u\|_{D_0}$ of a nonincreasing preconditioner, else D.
        metric_least: Smallest diagonal entry of $D_t$ over the horizon, else 1.
        value_roundoff: First-order roundoff of one evaluation of $f(x) - f(u)$.
        step_roundoff: First-order roundoff of one step, in units of length.

    """

    D: float
    G: float
    G_max: float
    L: float
    sigma: float
    A: float
    B: float
    gap0: float
    value_u: float
    u_norm: float
    minimiser_gap: float
    lam: float
    error_mean: float
    error_min: float
    error_max: float
    guard: float
    guard_max: float
    dim: int
    num_components: int
    convex: bool = True
    iid: bool = True
    witness: str = ""
    resisting: bool = False
    reach: float = 0.0
    gap_max: float = float("inf")
    excess_low: float = float("-inf")
    excess_high: float = float("inf")
    G_f: float = float("inf")
    L_f: float = float("inf")
    L_expected: float = float("inf")
    mu: float = 0.0
    q: float = 0.0
    kappa: float = 0.0
    G_min: float = 0.0
    error_abs: float = 0.0
    error_neg: float = 0.0
    cap: float = float("inf")
    batch: int = 1
    pooled: bool = False
    quadratic: bool = False
    preconditioner: str = "none"
    metric_start: float = 0.0
    metric_least: float = 1.0
    momentum_slope: float = 0.0
    momentum_intercept: float = 0.0
    value_roundoff: float = 0.0
    step_roundoff: float = 0.0
