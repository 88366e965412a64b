"""Three rows under |.| and under half its square, as a user would state them."""

from typing import Any

import numpy as np

from synthetic.problems.user import UserProblem, user_problem

ROWS = np.array([[1.0, 0.0], [0.6, 0.8], [0.0, -2.0]])
NORMS = np.array([1.0, 1.0, 2.0])


def absolute(i: np.ndarray, x: np.ndarray) -> np.ndarray:
    return np.asarray(np.abs((ROWS[i] * x).sum(axis=1)))


def signs(i: np.ndarray, x: np.ndarray) -> np.ndarray:
    return np.asarray(np.sign((ROWS[i] * x).sum(axis=1))[:, None] * ROWS[i])


def squares(i: np.ndarray, x: np.ndarray) -> np.ndarray:
    return np.asarray(0.5 * (ROWS[i] * x).sum(axis=1) ** 2)


def residuals(i: np.ndarray, x: np.ndarray) -> np.ndarray:
    return np.asarray((ROWS[i] * x).sum(axis=1)[:, None] * ROWS[i])


def l1(**changes: Any) -> UserProblem:
    said: dict[str, Any] = {
        "loss": absolute,
        "gradient": signs,
        "num_components": 3,
        "minimiser": np.zeros(2),
        "minimiser_gap": 0.0,
        "lipschitz": NORMS,
    }
    return user_problem("mine", **(said | changes))


def l2(**changes: Any) -> UserProblem:
    said: dict[str, Any] = {
        "loss": squares,
        "gradient": residuals,
        "lipschitz": None,
        "smoothness": NORMS**2,
    }
    return l1(**(said | changes))
