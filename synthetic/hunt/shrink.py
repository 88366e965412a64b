"""Smaller and rounder instances, each kept only if the ratio stays high enough."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from synthetic.hunt.certificate import arrays, certified, origin
from synthetic.hunt.quest import Quest
from synthetic.hunt.rational import roundings, simplest
from synthetic.hunt.score import score
from synthetic.hunt.search import REFUTING
from synthetic.problems.base import Problem
from synthetic.problems.glm import GLM
from synthetic.problems.nonconvex import Valleys
from synthetic.problems.polyhedral import Polyhedral
from synthetic.setting import Setting
from theory.errors import InputError

LOSS = 1e-3
"""A ratio that refutes nothing may fall by this share."""

LEAST_EXCESS = 1e-3
"""A refutation is kept only while it exceeds the bound by this share."""

SHORTEST = 2


@dataclass(frozen=True, eq=False)
class Trophy:
    """An instance, what it was hunted for, and its score."""

    quest: Quest
    setting: Setting
    ratio: float


Move = Callable[[Setting], Iterator[Setting]]


def shrink(trophy: Trophy) -> Trophy:
    """The smallest and roundest instance that is found on the way down.

    A refutation stays one, by a thousandth of the bound at least, while it shrinks, and
    keeps half of its excess while its numbers are rounded; another ratio loses a
    thousandth at most, all in all.
    """
    refutes = trophy.ratio > REFUTING
    least = min(1.0 + LEAST_EXCESS, trophy.ratio)
    if not refutes:
        least = trophy.ratio * (1.0 - LOSS)
    if refutes and trophy.quest.scale == 1.0:
        trophy = _shorter(trophy, least)
    for move in (_fewer_components, _fewer_pieces, _triangular, _fewer_axes, _unit):
        trophy = _repeat(trophy, move, least)
    if refutes:
        least = 1.0 + (trophy.ratio - 1.0) / 2
    return _rounder(trophy, least)


def _tried(trophy: Trophy, setting: Setting, least: float) -> Trophy | None:
    if not _is_as_certain(trophy.setting, setting):
        return None
    ratio = score(trophy.quest.claim(), setting)
    return Trophy(trophy.quest, setting, ratio) if ratio >= least else None


def _is_as_certain(before: Setting, after: Setting) -> bool:
    """Is the comparator known to minimise, if it was?"""
    return after.problem.minimiser.gap <= before.problem.minimiser.gap


def _repeat(trophy: Trophy, move: Move, least: float) -> Trophy:
    """Take the first alternative that is good enough, until none is."""
    while True:
        for setting in _built(move, trophy.setting):
            if (found := _tried(trophy, setting, least)) is not None:
                trophy = found
                break
        else:
            return trophy
        if move in {_triangular, _unit}:  # once is enough
            return trophy


def _built(move: Move, setting: Setting) -> Iterator[Setting]:
    try:
        yield from move(setting)
    except InputError:  # what is left is no problem
        return


def _shorter(trophy: Trophy, least: float) -> Trophy:
    """Fewer points, down to two."""
    while trophy.quest.horizon > SHORTEST and trophy.quest.last > 1:
        quest = trophy.quest.shorter()
        order = trophy.setting.order
        setting = replace(
            trophy.setting,
            horizon=quest.horizon,
            order=None if order is None else order[: quest.horizon - 1],
        )
        ratio = score(quest.claim(), setting)
        if quest.claim().first > quest.last or ratio < least:
            return trophy
        trophy = Trophy(quest, setting, ratio)
    return trophy


def with_problem(setting: Setting, problem: Problem, **changes: Any) -> Setting:
    """The setting on another problem, whose comparator is certified again."""
    certificate = certified(problem)
    return replace(setting, problem=replace(problem, minimiser=certificate), **changes)


def _fewer_components(setting: Setting) -> Iterator[Setting]:
    """Without one component, or two that follow each other (a pair)."""
    problem, n = setting.problem, setting.problem.num_components
    if setting.order is not None or problem.resisting:
        return
    for block in (2, 1):
        for k in range(0, n - block + 1, block):
            keep = np.r_[0:k, k + block : n]
            if keep.size == 0:
                continue
            weights = problem.weights[keep]
            changed: dict[str, Any] = {
                name: a[keep] for name, a in arrays(problem).items()
            }
            shift = setting.target.shift
            if isinstance(shift, tuple):
                shift = tuple(shift[j] for j in keep)
            smaller = replace(problem, weights=weights / weights.sum(), **changed)
            yield with_problem(
                setting, smaller, target=replace(setting.target, shift=shift)
            )


def _fewer_pieces(setting: Setting) -> Iterator[Setting]:
    """Without one piece of every maximum."""
    problem = setting.problem
    if not isinstance(problem, Polyhedral | Valleys) or problem.resisting:
        return
    for k in range(problem.offsets.shape[-1]):
        pieces = np.delete(problem.pieces, k, axis=-2)
        offsets = np.delete(problem.offsets, k, axis=-1)
        if pieces.shape[-2]:
            yield with_problem(
                setting, replace(problem, pieces=pieces, offsets=offsets)
            )


def _triangular(setting: Setting) -> Iterator[Setting]:
    """Turned so that the first slope lies on the first axis, the next beside it."""
    problem = setting.problem
    if setting.metric is not None or problem.dim == 1 or problem.resisting:
        return
    name = next(iter(arrays(problem)))
    slopes = arrays(problem)[name]
    turn, corner = np.linalg.qr(slopes.reshape(-1, problem.dim).T, mode="complete")
    signs = np.where(np.diag(corner[:, : problem.dim]) < 0, -1.0, 1.0)
    full = np.ones(problem.dim)
    full[: signs.size] = signs
    turn = turn * full
    turned = slopes @ turn
    turned = np.where(np.abs(turned) < 1e-13 * np.abs(turned).max(), 0.0, turned)
    changed: dict[str, Any] = {name: turned}
    yield with_problem(setting, replace(problem, **changed), x0=setting.x0 @ turn)


def _fewer_axes(setting: Setting) -> Iterator[Setting]:
    """Without one coordinate."""
    problem = setting.problem
    if problem.dim == 1 or problem.resisting:
        return
    name = next(iter(arrays(problem)))
    for j in reversed(range(problem.dim)):
        slopes = np.delete(arrays(problem)[name], j, axis=-1)
        changed: dict[str, Any] = {name: slopes}
        if isinstance(problem, GLM):
            changed["center"] = np.delete(problem.center, j)
        metric = setting.metric
        if metric is not None and metric.diagonal:
            diagonal = tuple(np.delete(metric.diagonal, j).tolist())
            later = tuple(np.delete(metric.later, j).tolist()) if metric.later else ()
            metric = replace(metric, diagonal=diagonal, later=later)
        smaller = replace(problem, minimiser=origin(problem.dim - 1), **changed)
        yield with_problem(setting, smaller, x0=np.delete(setting.x0, j), metric=metric)


def _unit(setting: Setting) -> Iterator[Setting]:
    """Scaled so that the largest slope and the largest coordinate of x0 are 1."""
    problem = setting.problem
    exact = setting.target.shift == 0.0
    if not isinstance(problem, Polyhedral | Valleys) or not exact or problem.resisting:
        return
    if setting.metric is not None or setting.method.size:
        return
    slope = float(np.max(np.abs(problem.pieces))) or 1.0
    length = float(np.max(np.abs(setting.x0)))
    pieces = problem.pieces / slope
    offsets = problem.offsets / (slope * length)
    yield with_problem(
        setting,
        replace(problem, pieces=pieces, offsets=offsets),
        x0=setting.x0 / length,
    )


def _rounder(trophy: Trophy, least: float) -> Trophy:
    """All numbers rounded at once, then each alone as far as it goes."""
    claim = trophy.quest.claim()

    def passes(other: Setting) -> bool:
        return _is_as_certain(trophy.setting, other) and score(claim, other) >= least

    setting = roundings(simplest(trophy.setting, passes), passes)
    return Trophy(trophy.quest, setting, score(claim, setting))
