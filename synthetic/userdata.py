"""A user's table as an instance: settings, informative controls, what to print."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from synthetic import mutants
from synthetic.catalogue.entry import Control
from synthetic.catalogue.exact import METHODS
from synthetic.data import load
from synthetic.distillation import userdata as distillation
from synthetic.distillation.setting import Bench
from synthetic.families import from_arrays
from synthetic.losses import CERTIFIED
from synthetic.problems.base import FloatArray
from synthetic.problems.glm import GLM
from synthetic.setting import Setting
from theory.errors import InputError
from theory.method import IAM_P, POOLED, SPS_STAR, Target, sgd

FARTHEST = 1e9
"""Starts farther away leave floats no digits for the minimiser."""


@dataclass(frozen=True)
class Request:
    r"""What the command line asked for.

    Attributes:
        source: A file, or the name of a bundled data set.
        loss: Name of the loss.
        ridge: $\mu$.
        target: Column of the target, if not the last.
        horizon: Number of points T.
        x0: "zeros", numbers separated by commas, or a file of them.
        standardize: Centre and scale the columns?
        intercept: Add a column of ones?

    """

    source: str
    loss: str
    ridge: float = 0.0
    target: str | None = None
    horizon: int = 100
    x0: str = "zeros"
    standardize: bool = True
    intercept: bool = True


@dataclass(frozen=True, eq=False)
class Instance:
    """The problem made of a user's data.

    Attributes:
        problem: With its certified minimiser.
        x0: The start.
        columns: Names of the coordinates.
        notes: What was done to the data, in words.
        settings: What the claims are tried on.
        controls: Wrong code; the data may be blind to some of it.
        benches: What the claims about distillation are tried on.

    """

    problem: GLM
    x0: FloatArray
    columns: tuple[str, ...]
    notes: tuple[str, ...]
    settings: tuple[Setting, ...]
    controls: tuple[Control, ...]
    benches: tuple[Bench, ...] = ()

    def summary(self) -> dict[str, Any]:
        """The numbers that a user wants to see, as plain values."""
        c, problem = self.settings[0].constants(), self.problem
        return {
            "name": problem.name,
            "n": problem.num_components,
            "d": problem.dim,
            "loss": problem.loss.name,
            "ridge": problem.ridge,
            "horizon": self.settings[0].horizon,
            "notes": list(self.notes),
            "minimiser": {
                "method": problem.minimiser.method,
                "certificate": problem.minimiser.certificate,
                "gap": problem.minimiser.gap,
                "distance": problem.minimiser.distance,
            },
            "f_star": problem.value_star,
            "x_star": dict(zip(self.columns, problem.point.tolist(), strict=True)),
            "x0": self.x0.tolist(),
            "D": c.D,
            "G": c.G,
            "G_max": c.G_max,
            "L": c.L,
            "sigma": c.sigma,
            "A": c.A,
            "B": c.B,
        }


def instance(request: Request) -> Instance:
    """Load, certify, and set up."""
    if request.loss not in CERTIFIED:
        msg = f"Need a loss out of {', '.join(CERTIFIED)}, got {request.loss!r}."
        raise InputError(msg)
    if request.horizon < 2:
        msg = f"Need a horizon of at least 2 points, got {request.horizon}."
        raise InputError(msg)
    loss = CERTIFIED[request.loss]
    data = load(
        request.source,
        loss=loss,
        target=request.target,
        standardize=request.standardize,
        intercept=request.intercept,
    )
    problem = from_arrays(data.name, data.features, data.target, loss, request.ridge)
    x0 = start(request.x0, problem.dim)
    exact = [
        Setting(
            name=f"{data.name}, {method.name}",
            problem=problem,
            method=method,
            x0=x0,
            horizon=request.horizon,
        )
        for method in METHODS
    ]
    # Overestimates by a tenth of the initial gap: large enough to be felt.
    over = Target(0.1 * abs(exact[0].constants().gap0))
    inexact = [
        replace(setting, name=f"{setting.name}, over by {over.shift:.3g}", target=over)
        for setting in exact
    ]
    taught = tuple(distillation.benches(problem, x0, request.horizon))
    return Instance(
        problem,
        x0,
        data.columns,
        data.notes,
        (*exact, *inexact),
        (*_controls(exact), *distillation.controls(list(taught))),
        taught,
    )


def _controls(exact: list[Setting]) -> list[Control]:
    """Wrong code under the pathwise claims; whether it shows depends on the data."""
    found = []
    for claim_id, method in (("sps.fejer.pathwise", SPS_STAR), ("iam.fejer", IAM_P)):
        setting = next(s for s in exact if s.method == method)
        step = sgd(2.0 * setting.distance / setting.constants().G_max)
        wrong = (
            ("mean f* for f_xi(x*)", {"actual_target": POOLED}),
            ("no positive part", {"actual_method": mutants.unclipped(method)}),
            ("1.9 times the step", {"actual_method": mutants.scaled(method, 1.9)}),
            ("constant step 2 D/G", {"actual_method": step}),
        )
        found += [
            Control(
                claim_id=claim_id,
                label=label,
                setting=replace(setting, **change),
                required=False,
            )
            for label, change in wrong
        ]
    return found


def start(text: str, dim: int) -> FloatArray:
    """The start from "zeros", numbers separated by commas, or a file of numbers."""
    if text == "zeros":
        return np.zeros(dim)
    path = Path(text)
    if path.suffix in {".npy", ".txt", ".csv"} and not path.is_file():
        msg = f"Need x0 as 'zeros', numbers with commas, or a file; no file {text!r}."
        raise InputError(msg)
    try:
        if path.suffix == ".npy" and path.is_file():
            x0 = np.load(path, allow_pickle=False)
        elif path.is_file():
            x0 = np.array(path.read_text(encoding="utf-8").replace(",", " ").split())
        else:
            x0 = np.array(text.split(","))
        x0 = np.asarray(x0, dtype=np.float64).ravel()
    except (ValueError, OSError) as error:
        msg = f"Need x0 as 'zeros', numbers with commas, or a file; got {text!r}."
        raise InputError(msg) from error
    if x0.size != dim or not np.all(np.isfinite(x0)):
        msg = (
            f"Need x0 with {dim} finite numbers (the columns after preparation, with "
            f"the intercept last), got {x0.size}: {x0[:5]}."
        )
        raise InputError(msg)
    if float(np.max(np.abs(x0))) > FARTHEST:
        msg = f"Need x0 within {FARTHEST:g} of the origin, got {np.max(np.abs(x0)):g}."
        raise InputError(msg)
    return x0
