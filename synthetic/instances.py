r"""Hard instances, with what is known of them in closed form."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from synthetic.certify import Minimiser
from synthetic.elementary import log1p
from synthetic.losses import L1, SQUARED, Loss
from synthetic.problems.base import Array, FloatArray, IntArray
from synthetic.problems.glm import GLM
from synthetic.problems.polyhedral import Polyhedral
from synthetic.problems.scalar import Scalar
from theory.errors import InputError


def at_origin(dim: int, why: str = "f >= 0 = f(0)") -> Minimiser:
    """The origin, known to minimise by construction."""
    return Minimiser(np.zeros(dim), 0.0, 0.0, "planted", why)


def linf(dim: int) -> Polyhedral:
    r"""LINF(d): $f(x) = \max_j |x_j|$, answered by the first maximal coordinate.

    From $x_0 = (c, \dots, c)$ every step zeroes one coordinate and leaves $f$ at c, so
    $G D / \sqrt T$ is attained at $T = d$ by the average, the averaged iterate, the
    best iterate of SPS*, and the last iterate of IAM.
    """
    if dim < 1:
        msg = f"Need dim >= 1 for LINF, got {dim=}."
        raise InputError(msg)
    axes = np.eye(dim)
    pieces = np.concatenate([axes, -axes])[None]
    return Polyhedral(
        name=f"LINF({dim})",
        weights=np.ones(1),
        minimiser=at_origin(dim),
        pieces=pieces,
        offsets=np.zeros((1, 2 * dim)),
        resisting=True,
    )


def wedge(degrees: float) -> Polyhedral:
    r"""WEDGE(theta): $f = \max(|\langle w,x\rangle|, |\langle u,x\rangle|)$ in 2-D.

    $w = (1, 0)$, $u = (\cos 2\theta, \sin 2\theta)$; ties go to w. See `wedge_start`.
    """
    if not 0 < degrees < 90:
        msg = f"Need 0 < theta < 90 degrees for WEDGE, got {degrees=}."
        raise InputError(msg)
    angle = 2 * np.deg2rad(degrees)
    w, u = np.array([1.0, 0.0]), np.array([np.cos(angle), np.sin(angle)])
    return Polyhedral(
        name=f"WEDGE({degrees:.4g})",
        weights=np.ones(1),
        minimiser=at_origin(2),
        pieces=np.stack([w, -w, u, -u])[None],
        offsets=np.zeros((1, 4)),
    )


def wedge_start(degrees: float) -> FloatArray:
    r"""$x_0 = (\cos\theta, \sin\theta)$, where both pieces are equal."""
    angle = np.deg2rad(degrees)
    return np.array([np.cos(angle), np.sin(angle)])


def absolute(dim: int = 1) -> Polyhedral:
    r"""COORD-ABS(d): $f_i(x) = |x_i|$, i uniform; $|x|$ itself at d = 1."""
    axes = np.eye(dim)
    return Polyhedral(
        name="abs" if dim == 1 else f"COORD-ABS({dim})",
        weights=np.full(dim, 1.0 / dim),
        minimiser=at_origin(dim),
        pieces=np.stack([axes, -axes], axis=1),
        offsets=np.zeros((dim, 2)),
    )


def sparse_abs(p: float) -> Polyhedral:
    r"""SPARSE-ABS(p): $f_\xi(x) = |x|$ with probability p, else 0."""
    if not 0 < p < 1:
        msg = f"Need 0 < p < 1 for SPARSE-ABS, got {p=}."
        raise InputError(msg)
    return Polyhedral(
        name=f"SPARSE-ABS({p:g})",
        weights=np.array([p, 1.0 - p]),
        minimiser=at_origin(1),
        pieces=np.array([[[1.0], [-1.0]], [[0.0], [0.0]]]),
        offsets=np.zeros((2, 2)),
    )


def parabola() -> GLM:
    r"""$f(x) = x^2 / 2$ on the line."""
    return GLM(
        name="x^2/2",
        weights=np.ones(1),
        minimiser=at_origin(1),
        features=np.ones((1, 1)),
        target=np.zeros(1),
        loss=SQUARED,
        center=np.zeros(1),
    )


def tilted() -> Polyhedral:
    r"""$f = \max(|\cos\phi\, x_1 + \sin\phi\, x_2|, |x_2|, |x_3|)$, $\phi = 0.1$."""
    rows = np.array([[np.cos(0.1), np.sin(0.1), 0.0], [0, 1, 0], [0, 0, 1]])
    return Polyhedral(
        name="tilted maximum",
        weights=np.ones(1),
        minimiser=at_origin(3),
        pieces=np.concatenate([rows, -rows])[None],
        offsets=np.zeros((1, 6)),
    )


def split_abs(shift: float) -> Polyhedral:
    r"""$f_\pm(x) = |x \mp s|$: for $s > D$ f is flat, yet $e_t = 2^{-t} D^2$."""
    return Polyhedral(
        name=f"|x -+ {shift:g}|",
        weights=np.full(2, 0.5),
        minimiser=at_origin(1, "f = s is least on [-s, s]"),
        pieces=np.array([[[1.0], [-1.0]], [[1.0], [-1.0]]]),
        offsets=np.array([[-shift, shift], [shift, -shift]]),
    )


def rows_on_the_line(name: str, target: FloatArray, loss: Loss) -> GLM:
    r"""$f_i(x) = h(x; b_i)$ on the line, minimised by 0."""
    n = len(target)
    return GLM(
        name=name,
        weights=np.full(n, 1.0 / n),
        minimiser=at_origin(1, "the slopes at 0 cancel"),
        features=np.ones((n, 1)),
        target=target,
        loss=loss,
        center=np.zeros(1),
    )


def split_squares() -> GLM:
    r"""$f_\pm(x) = (x \mp 1)^2/2$: near 1 one gradient is small, the other is not."""
    return rows_on_the_line("(x -+ 1)^2/2", np.array([1.0, -1.0]), SQUARED)


def absolute_row() -> GLM:
    r"""$|x|$ as a generalised linear model, which can be put in a metric."""
    return rows_on_the_line("|x| as a row", np.zeros(1), L1)


def quadratics(name: str, rows: FloatArray, weights: FloatArray) -> GLM:
    r"""$f_i(x) = \frac12 \langle a_i, x\rangle^2$, minimised by the origin."""
    dim = rows.shape[1]
    return GLM(
        name=name,
        weights=weights,
        minimiser=at_origin(dim),
        features=rows,
        target=np.zeros(len(rows)),
        loss=SQUARED,
        center=np.zeros(dim),
    )


def sparse_quad(p: float) -> GLM:
    r"""SPARSE-QUAD(p): $f_\xi = x^2/2$ with probability p, else 0."""
    rows = np.array([[1.0], [0.0]])
    return quadratics(f"SPARSE-QUAD({p:g})", rows, np.array([p, 1.0 - p]))


def coord_quad(*smoothness: float) -> GLM:
    r"""COORD-QUAD: $f_i(x) = L_i x_i^2/2$, i uniform."""
    n = len(smoothness)
    name = f"COORD-QUAD({', '.join(f'{value:g}' for value in smoothness)})"
    return quadratics(name, np.diag(np.sqrt(smoothness)), np.full(n, 1.0 / n))


def sqrt_abs() -> Scalar:
    r"""$f(x) = \sqrt{|x|}$, not convex: SPS* jumps from 1 to -1 for ever."""
    return Scalar(
        name="sqrt|x|",
        weights=np.ones(1),
        minimiser=at_origin(1),
        convex=False,
        witness="sqrt|x| at 1 lies above the chord from 0 to 4",
        value=_sqrt_abs,
        slope=_sqrt_abs_slope,
    )


def log_square() -> Scalar:
    r"""$f(x) = \log(1 + x^2)$, not convex beyond 1."""
    return Scalar(
        name="log(1+x^2)",
        weights=np.ones(1),
        minimiser=at_origin(1),
        convex=False,
        witness="log(1 + x^2) has second derivative -0.16 at 3",
        value=_log_square,
        slope=_log_square_slope,
        largest_value=3.0,
    )


def _sqrt_abs(x: Array) -> Array:
    return np.asarray(np.abs(x) ** 0.5)


def _sqrt_abs_slope(x: Array) -> Array:
    away = np.abs(x) + 1.0 * (x == 0)
    return np.asarray(0.5 * (1.0 * (x > 0) - 1.0 * (x < 0)) / away**0.5)


def _log_square(x: Array) -> Array:
    return np.asarray(log1p(x * x))


def _log_square_slope(x: Array) -> Array:
    return np.asarray(2.0 * x / (1.0 + x * x))


# Closed forms of E f(x_t) - f(u), from D and t.


def decaying_gap(level: float, factor: float, t: IntArray) -> Mapping[str, FloatArray]:
    r"""$r_t = \mathrm{level} \cdot \mathrm{factor}^t$.

    SPS* on SPARSE-ABS(p): level pD, factor 1 - p; on COORD-ABS(d): c, 1 - 1/d; IAM with
    constant $\lambda$ on $|x|$: D, $\lambda / (1 + \lambda)$.
    """
    return {"gap": level * factor ** t.astype(np.float64)}


def averaged_gap(level: float, factor: float, t: IntArray) -> Mapping[str, FloatArray]:
    r"""$r_t = \frac{1}{t+1} \sum_{s \le t} \mathrm{level} \cdot \mathrm{factor}^s$.

    IAM (P) on SPARSE-ABS and COORD-ABS: there $x_t$ is the mean of the z that SPS*
    would have visited.
    """
    steps = t + 1.0
    return {"gap": level * (1.0 - factor**steps) / ((1.0 - factor) * steps)}


def sparse_quad_moments(
    p: float, momentum: float, t: IntArray
) -> Mapping[str, FloatArray]:
    r"""$E f(x_t)$ on SPARSE-QUAD(p) from the exact second moments of (x, z).

    A hit (probability p) sets $z = x/2$; then $x = (\lambda x + z)/(1 + \lambda)$ with
    $\lambda = t$ for IAM (`momentum` 1) and 0 for SPS* (0). The recursion is linear
    in $(E x^2, E x z, E z^2)$.
    """
    xx = xz = zz = 1.0
    found = []
    for step in range(int(t[-1]) + 1):
        found.append(0.5 * p * xx)
        hit_xz, hit_zz = 0.5 * xx, 0.25 * xx
        xz, zz = p * hit_xz + (1 - p) * xz, p * hit_zz + (1 - p) * zz
        lam = (step + 1.0) * momentum
        scale = 1.0 + lam
        xx, xz = (
            (lam * lam * xx + 2 * lam * xz + zz) / scale**2,
            (lam * xz + zz) / scale,
        )
    gap = np.array(found)[t]
    return {"gap": gap, "point_dist_sq": 2.0 * gap / p}
