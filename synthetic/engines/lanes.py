"""The formulas over lanes: each in one loop, the choice between them outside of it.

Nothing is typed twice: the functions are those of `theory.formulas` and
`synthetic.loss_formulas`, made callable in compiled code here. A code is a place in the
tables `LOSSES` and `RULES`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any

from numba.extending import register_jitable

from synthetic import draws, loss_formulas
from synthetic.engines import exponentials
from synthetic.engines.compiler import INLINE, inlined, inner
from synthetic.engines.inputs import LOSSES, RULES
from theory import formulas

Loop = Callable[..., None]
Row = Any  # one number for each lane


def _register(module: ModuleType) -> None:
    """Let compiled code call every function of the module."""
    for function in vars(module).values():
        if inspect.isfunction(function) and function.__module__ == module.__name__:
            register_jitable(**INLINE)(function)


def _elementwise(function: Callable[[Any, Any], Any]) -> Loop:
    @inner
    def loop(rows: tuple[Row, Row, Row]) -> None:
        u, b, out = rows
        for lane in range(out.size):
            out[lane] = function(u[lane], b[lane])

    return loop


def _excess(value: Callable[[Any, Any], Any]) -> Loop:
    @inner
    def loop(rows: tuple[Row, float, float, float, Row, Row]) -> None:
        u, b, at_u, weight, penalty, out = rows
        for lane in range(out.size):
            out[lane] += weight * (value(u[lane], b) + penalty[lane] - at_u)

    return loop


def _step(rule: Callable[..., Any]) -> Loop:
    @inner
    def loop(rows: tuple[Row, Row, Row, Row, float, Row]) -> None:
        loss, target, dot, norm_sq, size, out = rows
        for lane in range(out.size):
            out[lane] = rule(loss[lane], target[lane], dot[lane], norm_sq[lane], size)

    return loop


def _choice(loops: Sequence[Loop]) -> Loop:
    """One function of all: the first argument says which of the loops is run."""
    first, *others = loops
    if not others:

        @inlined
        def last(_code: int, rows: tuple[Any, ...]) -> None:
            first(rows)

        return last
    other = _choice(others)

    @inlined
    def choose(code: int, rows: tuple[Any, ...]) -> None:
        if code == 0:
            first(rows)
        else:
            other(code - 1, rows)

    return choose


exponentials.register()
for _module in (formulas, loss_formulas, draws):
    _register(_module)

values = _choice([_elementwise(loss.value) for loss in LOSSES])
"""`values(code, (u, b, out))`: $h(u; b)$."""

slopes = _choice([_elementwise(loss.slope) for loss in LOSSES])
"""`slopes(code, (u, b, out))`: $h'(u; b)$."""

excesses = _choice([_excess(loss.value) for loss in LOSSES])
r"""`excesses(code, (u, b, at_u, weight, penalty, out))` adds to `out`
$w (h(u; b) + \mathrm{penalty} - f(u_\star))$; b, the value at the comparator and w are
one number each."""

steps = _choice([_step(rule) for rule in RULES])
"""`steps(code, (loss, target, inner, norm_sq, size, out))`: the step size."""
