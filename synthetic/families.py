r"""Seeded random problems: least squares, L1, logistic; with noise or interpolating."""

from __future__ import annotations

import numpy as np

from synthetic.certify import Minimiser, minimise
from synthetic.losses import LOGISTIC, Loss, sigmoid
from synthetic.problems.base import FloatArray
from synthetic.problems.glm import GLM
from theory.errors import InputError

RADIUS = 2.0
"""Length of every planted minimiser; starts are at the origin."""


def planted(
    loss: Loss,
    *,
    num_components: int,
    dim: int,
    noise: float = 0.0,
    ridge: float = 0.0,
    seed: int = 0,
) -> GLM:
    r"""A problem whose minimiser is known without a solver.

    Without noise every component is minimised at $x_\star$: $b_i = a_i \cdot x_\star$,
    or the soft label $\sigma(a_i \cdot x_\star)$. With noise, rows come in pairs whose
    residuals are $\pm s$, so that the pulls on $x_\star$ cancel; for the logistic loss
    the labels of a pair are $\sigma(a_i \cdot x_\star) \pm s$, cut to [0, 1] in pairs.
    Ridge is centred at $x_\star$.

    Args:
        loss: $h$.
        num_components: $n$, even if there is noise.
        dim: $d$.
        noise: Scale of s; 0 interpolates.
        ridge: $\mu$.
        seed: Of the features, $x_\star$ and s.

    """
    if noise and num_components % 2:
        msg = f"Need an even num_components with noise, got {num_components}."
        raise InputError(msg)
    rng = np.random.default_rng(seed)
    copies = 2 if noise else 1
    rows = rng.standard_normal((num_components // copies, dim))
    star = rng.standard_normal(dim)
    star *= RADIUS / np.linalg.norm(star)
    clean = rows @ star
    if loss is LOGISTIC:
        clean = sigmoid(clean)
    spread = noise * (0.5 + rng.random(len(rows)))
    if loss is LOGISTIC:
        spread = np.minimum(spread, np.minimum(clean, 1.0 - clean))
    target = np.concatenate([clean + spread, clean - spread]) if noise else clean
    kind = "noise" if noise else "interp"
    return GLM(
        name=f"{loss.name}-{kind}{'-ridge' if ridge else ''}",
        weights=np.full(num_components, 1.0 / num_components),
        minimiser=Minimiser(
            star, 0.0, 0.0, "planted", "the subgradients at x* sum to zero by pairs"
        ),
        features=np.concatenate([rows] * copies),
        target=target,
        loss=loss,
        ridge=ridge,
        center=star,
    )


def computed(
    loss: Loss,
    *,
    num_components: int,
    dim: int,
    ridge: float = 0.0,
    seed: int = 0,
) -> GLM:
    r"""A problem with Gaussian noise or hard labels, and a computed minimiser.

    Ridge is centred at the origin, as users have it.
    """
    rng = np.random.default_rng(seed)
    features = rng.standard_normal((num_components, dim))
    score = features @ (RADIUS * np.ones(dim) / np.sqrt(dim))
    if loss is LOGISTIC:
        target = (rng.random(num_components) < sigmoid(score)).astype(np.float64)
    else:
        target = score + rng.standard_normal(num_components)
    name = f"{loss.name}-computed{'-ridge' if ridge else ''}"
    return from_arrays(name, features, target, loss, ridge)


def from_arrays(
    name: str, features: FloatArray, target: FloatArray, loss: Loss, ridge: float
) -> GLM:
    """A problem from data, with its minimiser computed and certified."""
    return GLM(
        name=name,
        weights=np.full(len(target), 1.0 / len(target)),
        minimiser=minimise(features, target, loss, ridge=ridge),
        features=features,
        target=target,
        loss=loss,
        ridge=ridge,
        center=np.zeros(features.shape[1]),
    )
