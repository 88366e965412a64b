"""A hunted setting as plain values with exact numbers, and back.

Floats are written in hexadecimal, so that what is read is what was run. The comparator
is the origin; whether it is a minimiser is not stored but worked out again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any

import numpy as np

from synthetic import instances
from synthetic.batches import Batch
from synthetic.hunt.certificate import certified, origin
from synthetic.losses import LOSSES
from synthetic.metrics import Metric
from synthetic.problems.base import Problem
from synthetic.problems.glm import GLM
from synthetic.problems.nonconvex import Valleys
from synthetic.problems.polyhedral import Polyhedral
from synthetic.setting import Setting
from theory import formulas
from theory.method import Method, Target
from theory.schedules import Schedule

RULES = {"polyak": formulas.polyak, "capped": formulas.capped_polyak}
MOST_NUMBERS = 100_000


def exact(values: Any) -> Any:
    """Floats, or arrays of them, as nested lists of hexadecimal numbers."""
    if isinstance(values, list | tuple):
        return [exact(v) for v in values]
    if isinstance(values, np.ndarray):
        return exact(values.tolist())
    return float(values).hex()


def number(text: Any) -> float:
    """The float that `exact` wrote."""
    return float.fromhex(text)


def numbers(lists: Any, *shape: int) -> Any:
    """The array that `exact` wrote; as many axes as `shape`, -1 for any length."""
    if not isinstance(lists, list):
        return number(lists)
    found = np.array([numbers(one) for one in lists], dtype=np.float64)
    if shape and (
        found.ndim != len(shape)
        or any(k not in {-1, m} for k, m in zip(shape, found.shape, strict=True))
        or not 0 < found.size <= MOST_NUMBERS
        or not np.all(np.isfinite(found))
    ):
        msg = f"numbers of shape {found.shape} where {shape} is needed, all finite"
        raise ValueError(msg)
    return found


def to_plain(setting: Setting) -> dict[str, Any]:
    """Everything that the run depends on."""
    method, target, metric = setting.method, setting.target, setting.metric
    rule = next(name for name, rule in RULES.items() if rule is method.rule)
    return {
        "name": setting.name,
        "problem": _problem(setting.problem),
        "x0": exact(setting.x0),
        "horizon": setting.horizon,
        "method": {
            "name": method.name,
            "rule": rule,
            "slope": exact(method.schedule.slope),
            "intercept": exact(method.schedule.intercept),
            "size": exact(method.size),
        },
        "target": {"shift": exact(target.shift), "pooled": target.pooled},
        "metric": None if metric is None else _metric(metric),
        "batch": setting.batch.size,
        "order": None if setting.order is None else setting.order.tolist(),
    }


def from_plain(record: dict[str, Any]) -> Setting:
    """The setting that `to_plain` wrote.

    Raises:
        InputError, ValueError, KeyError, TypeError: It is none.

    """
    problem = _read(record["problem"])
    problem = replace(problem, name=record["name"].removeprefix("hunted: "))
    method, target, metric = record["method"], record["target"], record["metric"]
    shift, order = target["shift"], record["order"]
    schedule = Schedule(number(method["slope"]), number(method["intercept"]))
    size = number(method["size"])
    return Setting(
        name=record["name"],
        problem=problem,
        x0=numbers(record["x0"], problem.dim),
        horizon=int(record["horizon"]),
        method=Method(method["name"], RULES[method["rule"]], schedule, size),
        target=Target(
            tuple(map(number, shift)) if isinstance(shift, list) else number(shift),
            bool(target["pooled"]),
        ),
        metric=None if metric is None else _read_metric(metric),
        batch=Batch(int(record["batch"])),
        order=None if order is None else _read_order(order, problem.num_components),
    )


def _problem(problem: Problem) -> dict[str, Any]:
    weights = {"weights": exact(problem.weights)}
    if problem.resisting:
        return {"kind": "linf", "dim": problem.dim}
    if isinstance(problem, Polyhedral | Valleys):
        kind = "maxima" if isinstance(problem, Polyhedral) else "valleys"
        pieces = {"pieces": exact(problem.pieces), "offsets": exact(problem.offsets)}
        return {"kind": kind} | weights | pieces
    assert isinstance(problem, GLM)  # the families have no other
    return {
        "kind": "rows",
        **weights,
        "loss": problem.loss.name,
        "features": exact(problem.features),
        "target": exact(problem.target),
    }


def _read(record: dict[str, Any]) -> Problem:
    kinds: dict[str, Callable[[dict[str, Any]], Problem]] = {
        "linf": lambda r: instances.linf(int(r["dim"])),
        "maxima": _read_maxima,
        "valleys": _read_valleys,
        "rows": _read_rows,
    }
    problem = kinds[record["kind"]](record)
    if problem.resisting:
        return problem
    return replace(problem, minimiser=certified(problem))


def _read_maxima(record: dict[str, Any]) -> Problem:
    pieces = numbers(record["pieces"], -1, -1, -1)
    return Polyhedral(
        name="",
        weights=numbers(record["weights"], len(pieces)),
        minimiser=origin(pieces.shape[-1]),
        pieces=pieces,
        offsets=numbers(record["offsets"], *pieces.shape[:-1]),
    )


def _read_valleys(record: dict[str, Any]) -> Problem:
    pieces = numbers(record["pieces"], -1, -1, -1, -1)
    return Valleys(
        name="",
        weights=numbers(record["weights"], len(pieces)),
        minimiser=origin(pieces.shape[-1]),
        convex=False,
        witness="a component is the lesser of two maxima",
        pieces=pieces,
        offsets=numbers(record["offsets"], *pieces.shape[:-1]),
    )


def _read_rows(record: dict[str, Any]) -> Problem:
    features = numbers(record["features"], -1, -1)
    loss, target = LOSSES[record["loss"]], numbers(record["target"], len(features))
    if not np.all(loss.admits(target)):
        msg = f"targets {target} that the {loss.name} loss does not admit"
        raise ValueError(msg)
    return GLM(
        name="",
        weights=numbers(record["weights"], len(features)),
        minimiser=origin(features.shape[1]),
        features=features,
        target=target,
        loss=loss,
        center=np.zeros(features.shape[1]),
    )


def _metric(metric: Metric) -> dict[str, Any]:
    return {
        name: value if isinstance(value, str | bool) else exact(value)
        for name, value in asdict(metric).items()
    }


def _read_metric(record: dict[str, Any]) -> Metric:
    return Metric(
        record["kind"],
        tuple(map(number, record["diagonal"])),
        number(record["factor"]),
        number(record["epsilon"]),
        tuple(map(number, record["later"])),
        peak=bool(record["peak"]),
    )


def _read_order(order: list[int], count: int) -> Any:
    found = np.array(order, dtype=np.int64)
    if found.ndim != 1 or not np.all((found >= 0) & (found < count)):
        msg = f"an order {order} of {count} components"
        raise ValueError(msg)
    return found
