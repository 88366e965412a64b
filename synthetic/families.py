r"""Seeded random problems of every loss, with noise or interpolating."""

from __future__ import annotations

import numpy as np

from synthetic.certify import Minimiser, minimise
from synthetic.loss_formulas import sigmoid
from synthetic.losses import HINGE, LOGISTIC, POISSON, Loss
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
    $\sigma$ or exp of it for logistic and Poisson; margins of 1 and more for the hinge.
    With noise, rows come in pairs with targets $b_i \pm s$, so that the pulls on
    $x_\star$ cancel; for the hinge the two labels of a row with $|a_i \cdot x_\star| <
    1$. Ridge is centred at $x_\star$.

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
    if loss is HINGE:
        rows, low, high = _hinge_rows(rows, star, noisy=bool(noise))
    else:
        low, high = _targets(loss, rows @ star, noise * (0.5 + rng.random(len(rows))))
    target = np.concatenate([high, low]) if noise else low
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


def _targets(
    loss: Loss, score: FloatArray, spread: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Targets below and above the one that the score fits, as far as admitted."""
    clean = score
    if loss is LOGISTIC:
        clean = np.asarray(sigmoid(score))
        spread = np.minimum(spread, np.minimum(clean, 1.0 - clean))
    if loss is POISSON:
        clean = np.exp(score)
        spread = np.minimum(spread, clean)
    return clean - spread, clean + spread


def _hinge_rows(
    rows: FloatArray, star: FloatArray, *, noisy: bool
) -> tuple[FloatArray, FloatArray, FloatArray]:
    r"""Rows and labels: margins of at least 1, or both labels within $|u| \le 1$."""
    score = rows @ star
    size = np.abs(score)
    scale = np.minimum(1.0, 0.9 / size) if noisy else np.maximum(1.0, 1.1 / size)
    rows = rows * scale[:, None]
    label = np.where(score >= 0, 1.0, -1.0)
    return rows, -label if noisy else label, label


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
