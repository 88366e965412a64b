"""What a run costs in operations, roughly: to put the cheap before the dear."""

from __future__ import annotations

from synthetic.engines import pathwise
from synthetic.setting import Setting
from theory.evidence import Engine

OVERHEAD = 50_000.0
"""Scalar operations in the time that NumPy needs to start one step."""


def num_columns(setting: Setting, engine: Engine, max_replicas: int) -> int:
    """How many paths an engine runs side by side, or one after the other."""
    if engine is Engine.TREE:
        return setting.num_paths()
    if engine is Engine.MONTE_CARLO:
        return max_replicas
    return pathwise.num_paths(setting) if engine is Engine.PATHWISE else 1


def operations(setting: Setting, engine: Engine, max_replicas: int) -> float:
    r"""Scalar operations of a run, about $T (\mathrm{overhead} + P n d)$.

    The constant is rough: only the order matters.
    """
    problem, paths = setting.problem, num_columns(setting, engine, max_replicas)
    each = paths * setting.batch.size * problem.num_components * problem.dim
    if engine is Engine.CLOSED:
        return float(setting.horizon)
    return setting.horizon * (OVERHEAD + float(each))
