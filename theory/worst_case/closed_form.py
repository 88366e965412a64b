r"""Multipliers in closed form, for any number of points: proofs without a solver.

They were read off the exact proofs of `certify_exactly`, which leave few multipliers
with small denominators. A formula here is no proof for every T: the verifier decides at
each, and accepts `iam_last_smooth` up to `IAM_SMOOTH_UP_TO` points only (beyond, $S$
has a negative eigenvalue). Row names are those of `lift` and of `gradient_descent`.
"""

from fractions import Fraction

from theory.worst_case.rounding import Weights

ONE = Fraction(1)
IAM_SMOOTH_UP_TO = 15


def gradient_descent(points: int) -> Weights:
    r"""$\lambda_{t-1,t} = \frac{t}{2N + 1 - t}$ (Drori and Teboulle), $N = T - 1$."""
    steps = points - 1
    chain = [Fraction(t, 2 * steps + 1 - t) for t in range(steps + 1)] + [ONE]
    found = {f"pair {t - 1} {t}": chain[t] for t in range(1, steps + 1)}
    found |= {f"pair * {t}": chain[t + 1] - chain[t] for t in range(steps + 1)}
    return found | {"start": Fraction(1, 4 * steps + 2)}


def sps_average_lipschitz(points: int) -> Weights:
    r"""All $1/T$, and half of that on $\|g_t\|^2 \le 1$ and on the start.

    What is left, $S$, is $\frac{1}{2T}$ of $\sum_{t < T-1} \|s_t - g_t\|^2 + \|z_{T-1}
    - g_{T-1}\|^2$.
    """
    each = Fraction(1, points)
    found = {f"slope {t}": each / 2 for t in range(points)}
    for t in range(points - 1):
        found |= {f"relation {t}": each, f"scaled {t}": each}
    return found | {f"pair * {points - 1}": each, "start": each / 2}


def iam_last_lipschitz(points: int) -> Weights:
    r"""The same, and $\lambda_{t-1,t} = t/T$, of the averaging identity."""
    chain = {f"pair {t - 1} {t}": Fraction(t, points) for t in range(1, points)}
    return sps_average_lipschitz(points) | chain


def sps_average_smooth(points: int) -> Weights:
    r"""$V_k = \frac23 (1 - 4^{-k})$ with $k = T - 1 - t$ steps to go, over T.

    $\frac12 V_k$ on $f_\star \ge f_t + \dots$, $1 + \frac12 V_k$ on the relation and
    $2 - V_k$ on the scaled row of step t.
    """
    found = {
        f"pair * {points - 1}": Fraction(1, points),
        "start": potential(points) / points,
    }
    for t in range(points - 1):
        v = potential(points - 1 - t)
        found |= {
            f"pair {t} *": v / 2 / points,
            f"relation {t}": (1 + v / 2) / points,
            f"scaled {t}": (2 - v) / points,
        }
    return found


def potential(k: int) -> Fraction:
    r"""$V_k = \frac23 (1 - 4^{-k})$, from $V_k = \frac12 + \frac14 V_{k-1}$."""
    return Fraction(2, 3) * (1 - Fraction(1, 4**k))


def iam_last_smooth(points: int) -> Weights:
    r"""$p_{T-2} = \frac{2T-1}{2T}$, $p_{t-1} = p_t \frac{(2t+1)(2t+3)}{(2t+2)(2t+4)}$.

    $p_t$ on the pair $(t, t+1)$, $1 - p_{T-2}$ on $(\star, T-1)$, $p_t - p_{t-1}$ on
    the relation, $p_t \frac{2t+1}{2(t+1)(t+2)}$ on the scaled row of step $t \ge 1$,
    $p_0$ on those of step 0.
    """
    found = {"start": quadratic_value(points) / points}
    p = Fraction(2 * points - 1, 2 * points) if points > 1 else Fraction(0)
    found[f"pair * {points - 1}"] = 1 - p
    for t in reversed(range(points - 1)):
        earlier = p * Fraction((2 * t + 1) * (2 * t + 3), (2 * t + 2) * (2 * t + 4))
        earlier = earlier if t else Fraction(0)
        scale = Fraction(2 * t + 1, 2 * (t + 1) * (t + 2)) if t else ONE
        found |= {
            f"pair {t} {t + 1}": p,
            f"relation {t}": p - earlier,
            f"scaled {t}": p * scale,
        }
        p = earlier
    return found


def quadratic_value(points: int) -> Fraction:
    r"""$\frac T2 \prod_{k=1}^{T-1} (\frac{2k+1}{2k+2})^2$: of IAM on $x^2/2$."""
    product = ONE
    for k in range(1, points):
        product *= Fraction(2 * k + 1, 2 * k + 2)
    return points * product**2 / 2
