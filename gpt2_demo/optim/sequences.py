r"""The two sequences of a method: $x_t$ in the parameters, $z_t$ beside them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch

from gpt2_demo.optim.checks import ONE, check_state, listed, settle_group
from theory.errors import InputError


class Sequences(torch.optim.Optimizer):
    r"""What is kept of each parameter and group, saved, loaded and exchanged.

    The parameters of the model are $x_t$ always: gradients are taken there
    and the theorems on the last iterate speak of it, so $x$ (`model.state_dict()`) is
    what to evaluate and to publish. `state_dict()` holds $z_t$ under `"z"` for each
    parameter, Adam's moment under `"exp_avg_sq"`, the number of gradients in it under
    `"step"`; $t$ and all options in each group. Save it too in order to resume. Options
    of a loaded state replace those of the constructor, as in all of torch.

    Attributes:
        keeps_z: Are there two sequences? Else $z = x$ is not stored.
        keeps_moment: Is there a moment of the gradients?
        pickled: Attributes that a pickle or a copy has beside torch's.

    """

    keeps_z = True
    keeps_moment = False
    pickled: tuple[str, ...] = ()
    _is_at_z = False

    def __init__(self, params: Any, defaults: dict[str, Any]) -> None:
        """Check the parameters and the options; `defaults` are those of groups."""
        super().__init__(listed(params), {"t": 0, **defaults})
        if not any(group["params"] for group in self.param_groups):
            msg = "Need at least one parameter, got groups of none. Is all frozen?"
            raise InputError(msg)

    def __getstate__(self) -> dict[str, Any]:
        kept = {name: self.__dict__[name] for name in self.pickled}
        return {**super().__getstate__(), **kept}

    def add_param_group(self, param_group: dict[str, Any]) -> None:
        r"""Add a group, which starts with $z = x$ at the present $t$.

        It shares $t$, $\lambda$ and the cap of the first group.
        """
        for name in ("t", *ONE) if self.param_groups else ():
            param_group.setdefault(name, self.param_groups[0][name])
        super().add_param_group(param_group)
        try:
            group = self.param_groups[-1]
            settle_group(group, self.defaults, self.param_groups[0])
        except InputError:
            self.param_groups.pop()
            raise

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """As torch's, from a state of this method; the tensors of it are copied."""
        self._refuse_at_z("load_state_dict")
        check_state(state_dict, self.defaults, self._kept(), type(self).__name__)
        super().load_state_dict(state_dict)
        for state in self.state.values():
            for name in state.keys() - {"step"}:
                state[name] = state[name].clone(memory_format=torch.preserve_format)

    def state_dict(self) -> dict[str, Any]:
        """As torch's, with what the class says; not while $z$ is in the parameters."""
        self._refuse_at_z("state_dict")
        return super().state_dict()

    @classmethod
    def _tensors(cls) -> tuple[str, ...]:
        """What the state of a parameter holds, by name."""
        return ("z",) * cls.keeps_z + ("exp_avg_sq",) * cls.keeps_moment

    @classmethod
    def _kept(cls) -> set[str]:
        return {*cls._tensors(), *(["step"] if cls.keeps_moment else [])}

    def _state(self, x: torch.Tensor) -> dict[str, Any]:
        state = self.state[x] if self._tensors() else {}
        if self.keeps_z and "z" not in state:
            state["z"] = x.detach().clone(memory_format=torch.preserve_format)
        if self.keeps_moment and "step" not in state:
            state["exp_avg_sq"] = torch.zeros_like(x)
            state["step"] = 0  # the parameter's own: its moment starts with it
        return state

    @contextmanager
    def at_z(self) -> Iterator[None]:
        """Inside, the parameters are $z_t$; afterwards $x_t$ again, bitwise."""
        self._refuse_at_z("at_z")
        self._swap()
        self._is_at_z = True
        try:
            yield
        finally:
            self._is_at_z = False
            self._swap()

    @torch.no_grad()
    def _swap(self) -> None:
        for x, state in self.state.items():
            if "z" in state:
                held = x.clone()
                x.copy_(state["z"])
                state["z"].copy_(held)

    def _refuse_at_z(self, what: str) -> None:
        if self._is_at_z:
            msg = f"Need {what} outside of at_z(): inside, x and z are exchanged."
            raise InputError(msg)
