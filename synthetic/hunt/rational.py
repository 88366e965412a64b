"""Rounder numbers: fractions with small denominators in place of floats."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np

from synthetic.hunt.certificate import certified
from synthetic.problems.base import FloatArray
from synthetic.setting import Setting
from theory.errors import InputError
from theory.method import Family, iam_k

DENOMINATORS = (1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 25, 50, 100, 1000, 10_000)
ALONE = DENOMINATORS[:8]
FIELDS = ("pieces", "offsets", "features", "target", "weights")

Test = Callable[[Setting], bool]


def words(value: float) -> str:
    """A fraction of small denominator where that is the very number, else digits."""
    nearest = Fraction(value).limit_denominator(DENOMINATORS[-1])
    return str(nearest) if float(nearest) == value else f"{value:.9g}"


def rounded(values: FloatArray, denominator: int) -> FloatArray:
    """The nearest fractions with that denominator."""
    return np.asarray(np.round(values * denominator) / denominator)


def simplest(setting: Setting, passes: Test) -> Setting:
    """All numbers with the smallest common denominator that passes, if any does."""
    for denominator in DENOMINATORS:
        other = _built(
            setting,
            {name: rounded(v, denominator) for name, v in _numbers(setting).items()},
        )
        if other is not None and passes(other):
            return other
    return setting


def roundings(setting: Setting, passes: Test) -> Setting:
    """Each number alone, with the smallest denominator that passes."""
    for name, place in list(_places(setting)):
        values = _numbers(setting)[name]
        for denominator in ALONE:
            near = float(rounded(values[place], denominator))
            if near == values[place]:
                break
            changed = values.copy()
            changed[place] = near
            other = _built(setting, {name: changed})
            if other is not None and passes(other):
                setting = other
                break
    return setting


def _places(setting: Setting) -> Iterator[tuple[str, tuple[int, ...]]]:
    for name, values in _numbers(setting).items():
        if name != "weights":  # which add up to 1
            yield from ((name, place) for place in np.ndindex(values.shape))


def _numbers(setting: Setting) -> dict[str, FloatArray]:
    """The arrays of an instance by name, those of one number left out."""
    if setting.problem.resisting:
        return {"x0": setting.x0}
    found = {
        name: np.asarray(getattr(setting.problem, name))
        for name in FIELDS
        if hasattr(setting.problem, name)
    }
    if setting.problem.num_components == 1:
        del found["weights"]
    if isinstance(setting.target.shift, tuple):
        found["shift"] = np.array(setting.target.shift)
    if setting.metric is not None and setting.metric.diagonal:
        found["diagonal"] = np.array(setting.metric.diagonal)
        if setting.metric.later:
            found["later"] = np.array(setting.metric.later)
    if setting.method.family is Family.IAM_K:
        found["lambda"] = np.array([setting.method.schedule.intercept])
    return found | {"x0": setting.x0}


def _built(setting: Setting, changed: dict[str, FloatArray]) -> Setting | None:
    """The instance with other numbers; `None` if that is no instance."""
    fields: dict[str, Any] = dict(changed)
    try:
        setting = _with_terms(setting, fields)
        x0, problem = fields.pop("x0", setting.x0), setting.problem
        if np.min(fields.get("weights", 1.0)) <= 0:  # a component that is never drawn
            return None
        if fields:
            problem = replace(problem, **fields)
            problem = replace(problem, minimiser=certified(problem))
        return replace(setting, problem=problem, x0=x0)
    except InputError:
        return None


def _with_terms(setting: Setting, fields: dict[str, Any]) -> Setting:
    """The setting with the numbers that are not its problem's; `fields` loses them."""
    target, metric, method = setting.target, setting.metric, setting.method
    if (shift := fields.pop("shift", None)) is not None:
        target = replace(target, shift=tuple(shift.tolist()))
    for name in ("diagonal", "later"):
        if metric is not None and (values := fields.pop(name, None)) is not None:
            one: dict[str, Any] = {name: tuple(values.tolist())}
            metric = replace(metric, **one)
    if (lam := fields.pop("lambda", None)) is not None:
        method = iam_k(float(lam[0]))
    return replace(setting, target=target, metric=metric, method=method)
