"""What the claims about gradients, steps and second layers must refute."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from typing import Any

from synthetic.cases.controls import stated
from synthetic.catalogue.entry import Control
from synthetic.parity import catalogue_network as catalogue
from synthetic.parity.exact_network import NeuronCase, NeuronSetting, StepSetting
from theory import parity_network as network
from theory.fourier import coefficient


def controls() -> Iterator[Control]:
    """Every control."""
    yield from _gradients()
    yield from _steps()
    name, layers = "parity.second_phase.representation", catalogue.layers("quick")
    yield Control(
        claim_id=name, label="k units for k + 1", setting=replace(layers, dropped=1)
    )
    yield Control(
        claim_id=name,
        label="the first unit with the other sign",
        setting=replace(layers, first=-1),
    )


def _gradients() -> Iterator[Control]:
    name, neurons = "parity.grad.formula", catalogue.neurons(6)

    def one_order(c: Any, gradient: tuple[int, ...]) -> Any:
        xi = abs(2**c.d * c.a * coefficient(c.k - 1, c.d, c.b))
        return max(abs(abs(g) - xi) for g in gradient[:-1])

    def over_support(c: Any, gradient: tuple[int, ...]) -> Any:
        sign = network.sign_of(c.weights, range(c.k))
        formula = network.gradient((1,) * c.d, c.k, c.a, c.b)
        pairs = zip(gradient, formula, strict=True)
        return max(abs(g - 2**c.d * sign * v) for g, v in pairs)

    for label, formula in (
        ("xi_{k-1} off the support too", one_order),
        ("the signs of S for those of S tri {i}", over_support),
    ):
        yield Control(
            claim_id=name,
            label=label,
            setting=neurons,
            change=stated(formula, "gradient"),
        )
    uneven = NeuronCase((3, 1, -1, 1, 1), 2, 1, 0)
    yield Control(
        claim_id=name,
        label="weights of two sizes",
        setting=NeuronSetting(name="w = (3, 1, -1, 1, 1)", cases=(uneven,)),
    )


def _steps() -> Iterator[Control]:
    name, steps = "parity.degree1.after_one_step", catalogue.steps(20)
    uneven = replace(catalogue.step(1, 5, 2, Fraction(1)), rows=((3, 1, -1, 1, 1),))
    biased = replace(catalogue.step(5, 5, 2, Fraction(1)), b=2)
    for label, case in (("weights of two sizes", uneven), ("a bias of 2", biased)):
        setting = StepSetting(name=f"one step, {label}", cases=(case,))
        yield Control(claim_id=name, label=label, setting=setting)

    def doubled(c: Any, change: tuple[Fraction, ...]) -> Any:
        pairs = enumerate(change)
        args = (c.rows, c.a, c.k, 2 * c.eta)
        return max(abs(v - network.degree_one_change(*args, i)) for i, v in pairs)

    def unsquared(c: Any, change: tuple[Fraction, ...]) -> Any:
        ones = (1,) * len(c.a)
        args = (c.rows, ones, c.k, sum(map(abs, c.a)) * c.eta / len(c.a))
        pairs = enumerate(change)
        return max(abs(v - network.degree_one_change(*args, i)) for i, v in pairs)

    for label, formula in (("eta for eta/2", doubled), ("|a| for a^2", unsquared)):
        yield Control(
            claim_id=name,
            label=label,
            setting=steps,
            change=stated(formula, "change"),
        )

    def equal(_c: Any, mean_sq: list[Fraction]) -> Any:
        return abs(mean_sq[0] - mean_sq[-1])

    def root(c: Any, mean_sq: list[Fraction]) -> Any:
        return abs(mean_sq[0] * (c.k - 1) - mean_sq[-1] * (c.d - c.k))

    for label, ratio in (
        ("equal on S and off it", equal),
        ("the ratio of roots for that of squares", root),
    ):
        yield Control(
            claim_id="parity.degree1.random_signs",
            label=label,
            setting=catalogue.all_signs(2),
            change=stated(ratio, "mean_sq_change"),
        )
