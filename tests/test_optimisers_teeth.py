"""Every wrong line of an optimiser turns a named test red."""

import inspect
import types
from collections.abc import Callable
from typing import Any

import pytest

from gpt2_demo.optim import SPSStar, compiled, parts, polyak, values
from tests import test_optimisers as plain, test_optimisers_claims as judged

Mutant = tuple[types.ModuleType, str, str, str, Callable[[], None]]
MUTANTS: dict[str, Mutant] = {
    "sign of the inner product": (
        polyak,
        "Polyak._take",
        "inner += total",
        "inner -= total",
        lambda: plain.test_iam_follows_theory("squared", "t", None, True),
    ),
    "<g, z - x> forgotten": (
        polyak,
        "Polyak._take",
        "inner += total",
        "inner += 0 * total",
        lambda: plain.test_iam_goes_on_towards_z(1.0, 2.25),
    ),
    "lambda off by one": (
        polyak,
        "Polyak._take",
        '["t"] + 1))',
        '["t"]))',
        lambda: plain.test_iam_goes_on_towards_z("t", 2.0),
    ),
    "z and x exchanged, compiled": (
        compiled,
        "_advance",
        "_average(x[j], z[j], lam)",
        "_average(z[j], x[j], lam)",
        lambda: plain.test_iam_goes_on_towards_z("t", 2.0),
    ),
    "z and x exchanged, fused": (
        parts,
        "Part.advance",
        "(self.x, self.z)",
        "(self.z, self.x)",
        lambda: plain.test_iam_follows_theory("squared", "t", None, False),
    ),
    "a target of zero is none": (
        values,
        "complete",
        "target_loss is None:",
        "not target_loss:",
        plain.test_zero_is_a_target_and_none_is_not,
    ),
    "norm without scale": (
        polyak,
        "Polyak._take",
        'group["scale"] * total',
        "1.0 * total",
        lambda: plain.test_scales_of_groups_are_a_metric(SPSStar),
    ),
    "step without scale": (
        polyak,
        "Polyak._take",
        'group["scale"] * eta',
        "1.0 * eta",
        lambda: plain.test_scales_of_groups_are_a_metric(SPSStar),
    ),
    "decay before the step, compiled": (
        compiled,
        "_advance",
        "(z[j] - step * g[j]) / shrink",
        "z[j] / shrink - step * g[j]",
        plain.test_decay_is_the_proximal_step_after_the_step,
    ),
    "decay without scale": (
        parts,
        "Part.advance",
        "1 + step * decay",
        "1 + decay",
        plain.test_decay_is_the_proximal_step_after_the_step,
    ),
    "sums in single precision": (
        values,
        "scalar",
        "else torch.float64",
        "else torch.float32",
        lambda: plain.test_sums_over_tensors_are_in_double_precision(True),
    ),
    "fused sums in single precision": (
        parts,
        "total",
        ".sum(dtype=like.dtype)",
        ".sum()",
        lambda: plain.test_sums_over_tensors_are_in_double_precision(False),
    ),
    "another metric in the step": (
        compiled,
        "Compiled.advance",
        "size * root",
        "size",
        lambda: plain.test_iam_adam_follows_theory("squared", None, True),
    ),
    "another metric in the norm": (
        compiled,
        "Compiled.sums",
        "root * sum(b",
        "sum(b",
        plain.test_iam_adam_has_one_metric_in_norm_and_step,
    ),
    "bias never corrected": (
        parts,
        "Adam.after",
        "1 - beta2 ** (seen + 1)",
        "1",
        judged.test_claims_on_metrics_hold_of_iam_adam,
    ),
    "no positive part": (
        polyak,
        "Polyak._size",
        "formulas.polyak(loss, target, inner, norm_sq, 0.0)",
        "(loss - target + inner) / norm_sq",
        plain.test_a_loss_below_its_target_stops,
    ),
}


@pytest.mark.parametrize("name", MUTANTS)
def test_a_mutant_is_caught(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    module, place, old, new, check = MUTANTS[name]
    check()
    source = inspect.getsource(module)
    assert old in source
    changed = types.ModuleType(module.__name__)
    exec(compile(source.replace(old, new), module.__name__, "exec"), changed.__dict__)
    *owner, function = place.split(".")
    target: Any = getattr(module, owner[0]) if owner else module
    mutated: Any = getattr(changed, owner[0]) if owner else changed
    for holder in (target, polyak) if not owner else (target,):
        if hasattr(holder, function):
            monkeypatch.setattr(holder, function, mutated.__dict__[function])
    with pytest.raises((AssertionError, ValueError)):
        check()
