r"""Wrong step rules that pass for right ones. Every claim must see some of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from theory import formulas
from theory.method import Method

Number = Any


def _unclipped(
    loss: Number, target: Number, inner: Number, grad_norm_sq: Number, size: Number
) -> Number:
    del size
    return formulas.ratio(formulas.numerator(loss, target, inner), grad_norm_sq)


def _forgetful(
    loss: Number, target: Number, inner: Number, grad_norm_sq: Number, size: Number
) -> Number:
    return formulas.polyak(loss, target, 0.0 * inner, grad_norm_sq, size)


def _scaled(
    loss: Number, target: Number, inner: Number, grad_norm_sq: Number, size: Number
) -> Number:
    return size * formulas.polyak(loss, target, inner, grad_norm_sq, size)


def unclipped(method: Method) -> Method:
    r"""The method without $(\cdot)_+$: it walks uphill where $N_t < 0$."""
    return replace(method, name=f"{method.name} without (.)_+", rule=_unclipped)


def forgetful(method: Method) -> Method:
    r"""IAM that forgets $\langle g_t, z_t - x_t \rangle$ in its numerator."""
    return replace(method, name=f"{method.name} without <g, z-x>", rule=_forgetful)


def scaled(method: Method, factor: float) -> Method:
    """The method with its step multiplied by a factor."""
    return replace(
        method, name=f"{factor:g} x {method.name}", rule=_scaled, size=factor
    )
