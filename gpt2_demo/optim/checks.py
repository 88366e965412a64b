"""What optimisers refuse, each time with the value and what helps."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from numbers import Real
from typing import Any

import torch

from theory import schedules
from theory.errors import InputError
from theory.schedules import Schedule

PLAIN = (torch.float32, torch.float64)
FREE = {"params", "param_names", "name"}
"""What a group may say beside its options."""

LIMITS: Mapping[str, tuple[Callable[[float], bool], str]] = {
    "cap": (lambda v: v > 0, "a finite cap > 0, or None for no cap"),
    "scale": (lambda v: v > 0, "a finite scale > 0, 1.0 for none"),
    "weight_decay": (lambda v: v >= 0, "a finite weight_decay >= 0, 0.0 for none"),
    "beta2": (lambda v: 0 <= v < 1, "0 <= beta2 < 1, such as 0.999"),
    "eps": (lambda v: v > 0, "a finite eps > 0 in units of the gradient, such as 1e-8"),
}
ONE = {
    "cap": "the step size is one number. Weigh groups by their scale",
    "lam": "the last iterate is one average. Use one optimiser for each schedule",
}
"""Options that are the same for all groups, and why."""


def schedule_of(lam: Any) -> Schedule:
    """The schedule that `lam` stands for: "t" is the paper's, a number is constant."""
    if isinstance(lam, Schedule):
        return lam
    if isinstance(lam, str) and lam == "t":
        return schedules.P_CONVENTION
    if isinstance(lam, tuple | list) and len(lam) == 2:  # as `state_dict` has it
        return Schedule(*lam)
    if not isinstance(lam, Real) or isinstance(lam, bool):
        msg = f"Need lam as a number >= 0, 't' or a Schedule, got {lam!r}."
        raise InputError(msg)
    return schedules.k_convention(float(lam))


def listed(params: Any) -> list[Any]:
    """Parameters, or groups of them, as a list; at least one."""
    alone = isinstance(params, torch.Tensor | Mapping) or not hasattr(
        params, "__iter__"
    )
    found = [] if alone else list(params)
    odd = [one for one in found if not isinstance(one, torch.Tensor | dict | tuple)]
    if alone or not found or odd:
        what = f"one {torch.typename(params)}" if alone else "none"
        what = f"{odd[0]!r} among them" if odd else what
        msg = f"Need an iterable of parameters, or of groups of them, got {what}. "
        raise InputError(msg + "Pass model.parameters().")
    return found


def number(name: str, value: Any) -> float:
    """A number within its limits, as a float that every checkpoint can hold."""
    fits, what = LIMITS[name]
    is_number = isinstance(value, Real) and not isinstance(value, bool)
    if not (is_number and math.isfinite(value) and fits(float(value))):
        msg = f"Need {what}; got {name}={value!r}."
        raise InputError(msg)
    return float(value)


def settle_group(
    group: dict[str, Any], known: Iterable[str], first: Mapping[str, Any]
) -> None:
    """Check a group and bring its options into the form of `state_dict`.

    Args:
        group: The group, changed in place.
        known: The options that the optimiser reads.
        first: The first group, with which some options must agree.

    """
    unknown = sorted(set(group) - set(known) - FREE)
    if unknown:
        msg = f"Need group options among {', '.join(known)}; got {unknown[0]!r}."
        raise InputError(msg)
    schedule = schedule_of(group["lam"])
    group["lam"] = (schedule.slope, schedule.intercept)
    for name in LIMITS.keys() & group.keys():
        if not (name == "cap" and group[name] is None):
            group[name] = number(name, group[name])
    others = {"cap": first["cap"], "lam": tuple(first["lam"])}  # JSON makes it a list
    for name, why in ONE.items():
        if group[name] != others[name]:
            msg = f"Need one {name} for all groups, got {group[name]} beside "
            raise InputError(msg + f"{others[name]}: {why}.")
    for x in group["params"]:
        check_parameter(x)


def check_parameter(x: torch.Tensor) -> None:
    """Refuse what a step cannot keep exact."""
    if x.dtype not in PLAIN:
        msg = (
            f"Need parameters in float32 or float64, got {x.dtype}: an average in "
            "half precision stands still. Keep them in float32 and use autocast."
        )
        raise InputError(msg)
    if x.layout is not torch.strided or hasattr(x, "device_mesh"):
        what = "a sharded one" if hasattr(x, "device_mesh") else f"{x.layout}"
        msg = f"Need dense parameters, whole on every process, got {what}. Use "
        raise InputError(msg + "DistributedDataParallel, which keeps them so.")


def check_gradient(x: torch.Tensor) -> None:
    """Refuse a gradient that is no dense tensor of its parameter's type."""
    if x.grad is None or (x.grad.layout is torch.strided and x.grad.dtype == x.dtype):
        return
    what = "a sparse one" if x.grad.layout is not torch.strided else f"{x.grad.dtype}"
    msg = f"Need dense gradients in {x.dtype}, got {what}. For an embedding, set "
    raise InputError(msg + "sparse=False; else keep gradients in the parameters' type.")


def check_state(
    state_dict: Mapping[str, Any], known: Iterable[str], kept: set[str], name: str
) -> None:
    """Refuse the state of another optimiser, in place of a start from zero."""
    groups, states = state_dict["param_groups"], state_dict["state"].values()
    missing = sorted({key for key in known for group in groups if key not in group})
    odd = sorted({key for state in states if state for key in kept ^ set(state)})
    if missing or odd:
        msg = f"Need a state_dict of {name}, got one that differs in "
        msg += f"{', '.join(missing or odd)}. Load it into the optimiser that saved it."
        raise InputError(msg)
