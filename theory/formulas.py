r"""Every step-size formula, once: $\gamma = (f_\xi(x) - v_\xi)_+ / \|g\|^2$ and kin.

The functions below are branch-free arithmetic (`+ - * / abs` and comparisons). They
import nothing and never raise, so the same source runs on floats, on NumPy arrays over
replicas, on numba scalars and on torch tensors without a host synchronisation.
Validation is at the edges (`theory.method`). A step rule has the signature
`(loss, target, inner, grad_norm_sq, size) -> step`, with

- `loss`: $f_\xi(x)$, the loss of the drawn component at the point of the oracle call;
- `target`: $v_\xi$, ideally $f_\xi(x_\star)$ at a minimiser of the *sum*. Too small
  makes the step too long, too large stops it early;
- `inner`: $\langle g, z - x \rangle$, 0 where the method keeps one sequence;
- `grad_norm_sq`: $\|g\|^2$ of a subgradient $g \in \partial f_\xi(x)$;
- `size`: the rule's own parameter (a step size or a cap), ignored where there is none.
"""

from typing import Any

Number = Any
"""A float, an ndarray over replicas, a numba scalar or a torch tensor."""


def positive_part(u: Number) -> Number:
    r"""$(u)_+ = \max(u, 0)$, exactly: $u + |u|$ is $2u$ or $0$ without rounding."""
    return 0.5 * (u + abs(u))


def smaller(a: Number, b: Number) -> Number:
    r"""$\min(a, b)$ for finite arguments. "No cap" is another rule, not `b = inf`."""
    other = b + 0.0 * a  # b as a number of a's kind: a torch mask would halve a float
    return a * (a <= b) + other * (a > b)


def ratio(num: Number, den: Number) -> Number:
    r"""$\mathrm{num} / \mathrm{den}$, and 0 where $\mathrm{den} = 0$."""
    return num * (den > 0) / (den + (den == 0))


def numerator(loss: Number, target: Number, inner: Number) -> Number:
    r"""$N = f_\xi(x) - v_\xi + \langle g, z - x \rangle$, the Polyak numerator."""
    return loss - target + inner


def polyak(
    loss: Number, target: Number, inner: Number, grad_norm_sq: Number, size: Number
) -> Number:
    r"""$(N)_+ / \|g\|^2$: SPS* where $z = x$, IAM's $\eta$ in general; 0 at $g = 0$."""
    return ratio(positive_part(numerator(loss, target, inner)), grad_norm_sq)


def capped_polyak(
    loss: Number, target: Number, inner: Number, grad_norm_sq: Number, size: Number
) -> Number:
    r"""$\min\{\gamma_b, (N)_+ / \|g\|^2\}$ with the finite cap $\gamma_b$ = `size`."""
    return smaller(polyak(loss, target, inner, grad_norm_sq, size), size)


def constant(
    loss: Number, target: Number, inner: Number, grad_norm_sq: Number, size: Number
) -> Number:
    r"""$\gamma$ = `size`, the constant step of SGD."""
    return size + 0.0 * grad_norm_sq


def progress(numerator: Number, grad_norm_sq: Number) -> Number:
    r"""$(N)_+^2 / \|g\|^2$, the guaranteed decrease of $\|z - x_\star\|^2$."""
    part = positive_part(numerator)
    return ratio(part * part, grad_norm_sq)


def average(x: Number, z: Number, lam: Number) -> Number:
    r"""$(\lambda x + z) / (1 + \lambda)$, the point after $z$; $z$ itself at 0."""
    return (lam * x + z) / (1 + lam)
