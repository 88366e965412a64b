r"""A kernel model's teacher and student, projected literally.

The target is $\sum_i\alpha_i\phi_i$ with orthonormal features. The teacher is the
function of norm at most T in the span of the first m that is nearest to the target;
the student that of norm at most D in the span of the first n nearest to the teacher.
Busbridge et al., arXiv 2502.08606, appendix C.1.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from synthetic.scaling.desk_setting import Meter, ScalingSetting
from theory.method import Family
from theory.scaling import FloatArray, Limits


def target(seed: int, dim: int) -> FloatArray:
    """Coefficients of the target, uniform on [-1, 1]."""
    return np.random.default_rng(seed).uniform(-1.0, 1.0, dim)


def nearest(v: FloatArray, span: int, radius: float) -> FloatArray:
    """The nearest vector of the first coordinates with at most that norm."""
    cut = np.where(np.arange(len(v)) < span, v, 0.0)
    norm = float(np.linalg.norm(cut))
    return cut * min(1.0, radius / norm) if norm > 0 else cut


def errors(alpha: FloatArray, m: FloatArray, n: int, T: float, D: float) -> FloatArray:
    """Squared distance of the student from the target, by its definition."""
    students = (nearest(nearest(alpha, int(k), T), n, D) for k in m)
    return np.array([float(np.sum((alpha - s) ** 2)) for s in students])


def _measure(setting: ScalingSetting) -> Mapping[str, Limits]:
    c = setting.constants()
    found: dict[str, list[float]] = {"error": [], "next_error": []}
    rows = zip(c["seed"], c["dim"], c["m"], c["n"], c["T"], c["D"], strict=True)
    for seed, dim, m, n, T, D in rows:
        alpha = target(int(seed), int(dim))
        now, then = errors(alpha, np.array([m, m + 1]), int(n), T, D)
        found["error"].append(now)
        found["next_error"].append(then)
    return {name: Limits.exact(np.array(v)) for name, v in found.items()}


KERNEL = Meter(
    frozenset({"error", "next_error"}),
    _measure,
    "both projections, carried out",
    family=Family.SCALING_KERNEL,
)
