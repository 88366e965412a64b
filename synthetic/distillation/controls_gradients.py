"""What the claims about the distillation gradient must refute."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from synthetic.catalogue.entry import Control
from synthetic.distillation.canonical import BINARY, SOFTMAX, SQUARED
from synthetic.distillation.catalogue_gradients import (
    LOSSES,
    bench,
    ridged,
    right_angled,
    softened,
)
from synthetic.distillation.model_bench import ModelBench
from synthetic.distillation.models import deep_linear, linear, relu, tanh
from synthetic.distillation.objective import Objective
from theory.claim import Claim
from theory.claims import get


def controls() -> Iterator[Control]:
    """Every control."""
    for loss in LOSSES:
        yield from _deviation(bench(tanh, loss))
        yield from _deviation(bench(relu, loss))
    for loss in (BINARY, SOFTMAX):
        plain = bench(linear, loss)
        logits = Objective(loss=loss, on_logits=True)
        label = f"the squared distance of logits ({loss.name})"
        yield _control("exact_linear", label, replace(plain, run=logits))
        warm = softened(plain)
        lost = Objective(loss=loss, power=0)
        yield _control("temperature", f"no T^2 ({loss.name})", replace(warm, run=lost))
    for loss in LOSSES:
        plain = bench(deep_linear, loss)
        yield Control(
            claim_id="kd.grad.deep_linear",
            label=f"by layer with the teacher's factors ({loss.name})",
            setting=plain,
            change=_stated_as("kd.grad.deep_linear_layerwise"),
        )
        for proximal in (False, True):
            setting = ridged(bench(tanh, loss), is_proximal=proximal)
            other = Objective(loss=loss, is_proximal=not proximal)
            what = "ridge_proximal" if proximal else "ridge"
            label = f"the other ridge ({loss.name})"
            yield _control(what, label, replace(setting, run=other))
        plain = ridged(bench(linear, loss), is_proximal=False)
        yield Control(
            claim_id="kd.grad.ridge",
            label=f"without lambda nu theta ({loss.name})",
            setting=plain,
            change=_stated_as("kd.grad.ridge_exact"),
        )
    yield from _inequalities()


def _control(name: str, label: str, setting: ModelBench) -> Control:
    return Control(claim_id=f"kd.grad.{name}", label=label, setting=setting)


def _stated_as(claim_id: str) -> Callable[[Claim], Claim]:
    """What another claim says, under the name of this one."""

    def change(claim: Claim) -> Claim:
        other = get(claim_id)
        return replace(
            claim, quantity=other.quantity, needs=other.needs, bound=other.bound
        )

    return change


def _deviation(plain: ModelBench) -> Iterator[Control]:
    """Wrong losses and a wrong Jacobian under the identity."""
    loss, where = plain.objective.loss, plain.name
    backwards = Objective(loss=loss, sign=-1.0)
    yield _control("deviation", f"-lambda ({where})", replace(plain, run=backwards))
    moved = replace(plain, pulls_at_teacher=True)
    yield _control("deviation", f"J_theta for J_x ({where})", moved)
    if loss is BINARY:
        signed = Objective(loss=loss, is_signed=True)
        yield _control("deviation", f"labels +-1 ({where})", replace(plain, run=signed))
    if loss is not SQUARED:
        logits = Objective(loss=loss, on_logits=True)
        yield _control("deviation", f"logits ({where})", replace(plain, run=logits))


def _inequalities() -> Iterator[Control]:
    """One percent below bounds that are attained, and a term left out."""
    yield Control(
        claim_id="kd.grad.norm",
        label="one percent below, one output",
        setting=bench(tanh, BINARY),
        sharpen=0.99,
    )
    yield Control(
        claim_id="kd.grad.cosine",
        label="one percent below, right angles",
        setting=right_angled(bench(tanh, SOFTMAX)),
        sharpen=0.99,
    )
    yield Control(
        claim_id="kd.grad.interpolating",
        label="a teacher that does not interpolate",
        setting=bench(tanh, SOFTMAX),
    )
