"""One's own claims, problems and methods: what they give, and what is refused where."""

import functools
import inspect
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from ratecheck import Check, Setting, own_claim, own_method, sgd, user_problem
from synthetic.desk import Options
from synthetic.own import judge_case
from synthetic.places import blamed, where
from synthetic.verify import Outcome
from theory.errors import InputError
from theory.judge import Status
from theory.method import SPS_STAR, Method

ROWS = np.array([[1.0, 0.0], [0.6, 0.8]])
START, T = np.array([1.0, -1.0]), 8
STEP = 2.0**0.5 / T**0.5


def loss(i: np.ndarray, x: np.ndarray) -> Any:
    return np.abs((ROWS[i] * x).sum(axis=1))


def gradient(i: np.ndarray, x: np.ndarray) -> Any:
    return np.sign((ROWS[i] * x).sum(axis=1))[:, None] * ROWS[i]


def rate(c: Any, t: Any) -> Any:
    return c.G * c.D / np.sqrt(t + 1)


def problem(**changes: Any) -> Any:
    said: dict[str, Any] = {
        "loss": loss,
        "gradient": gradient,
        "num_components": 2,
        "minimiser": [0.0, 0.0],
        "minimiser_gap": 0.0,
        "lipschitz": 1.0,
    }
    return user_problem("two rows", **(said | changes))


def setting(**changes: Any) -> Setting:
    said: dict[str, Any] = {
        "name": "two rows",
        "problem": problem(),
        "method": sgd(STEP),
        "x0": START,
        "horizon": T,
    }
    return Setting(**(said | changes))


def average(**changes: Any) -> Any:
    said: dict[str, Any] = {
        "quantity": "average_gap",
        "bound": rate,
        "first": T - 1,
    }
    return own_claim("mine.average", **(said | changes))


def verify(claim: Any, on: Setting, **options: Any) -> Outcome:
    check = Check(claim, [on], {"half the bound": 0.5})
    return judge_case(next(check.cases()), Options(**options))


def place(function: Callable[..., Any]) -> str:
    """As a reader would look it up, not as the code does."""
    line = inspect.getsourcelines(function)[1]
    return f"test_own.py:{line}: "


def steps(size: float) -> Method:
    def step(_t: int, x: Any, memory: Any, drawn: Any) -> tuple[Any, Any]:
        return x - size * drawn[1], memory

    return own_method("mine", step)


def test_the_bound_of_subgradient_descent_holds_and_wrong_steps_are_refuted() -> None:
    on = setting()
    wrong: dict[str, Setting | float] = {
        "steps 8 times too long": replace(on, actual_method=sgd(8 * STEP)),
        "uphill": replace(on, actual_method=steps(-STEP)),
        "a tenth of the bound": 0.1,
    }
    right, *others = Check(average(), [on], wrong).verify()
    assert right.verdict.status is Status.HOLDS
    assert right.verdict.tightness == pytest.approx(0.865625, rel=1e-12)
    assert [o.verdict.status for o in others] == [Status.REFUTED] * 3
    assert [o.control for o in others] == list(wrong)


def test_on_one_absolute_value_the_numbers_are_those_of_pen_and_paper() -> None:
    line = user_problem(
        "abs",
        lambda i, x: np.abs(x[:, 0]),
        lambda i, x: np.sign(x),
        num_components=1,
        minimiser=[0.0],
        minimiser_gap=0.0,
        lipschitz=1.0,
    )
    on = Setting(name="abs", problem=line, method=sgd(0.5), x0=np.ones(1), horizon=4)
    found = verify(average(first=3), on).verdict  # 1, 1/2, 0, 0 under 1 / sqrt(4)
    assert found.tightness == pytest.approx(0.75, rel=1e-12)


def test_an_own_step_is_the_method_that_it_writes() -> None:
    theirs = verify(average(), setting(method=steps(STEP)))
    ours = verify(average(), setting())
    assert theirs.verdict.tightness == ours.verdict.tightness


def test_an_own_rule_is_the_method_that_it_writes() -> None:
    rule = Method(
        "mine", lambda loss, v, inner, norm_sq, size: size + 0.0 * loss, size=STEP
    )
    theirs = verify(average(), setting(method=rule))
    assert theirs.verdict.tightness == verify(average(), setting()).verdict.tightness


def test_memory_is_handed_on() -> None:
    def step(t: int, x: Any, memory: Any, drawn: Any) -> tuple[Any, Any]:
        assert (memory is None) == (t == 0)
        return x - STEP * drawn[1], t

    found = verify(average(), setting(method=own_method("mine", step)))
    assert found.verdict.status is Status.HOLDS


@pytest.mark.parametrize("channel", ["gap", "best_gap", "iterate_gap"])
def test_other_quantities_are_read_by_name(channel: str) -> None:
    found = verify(average(quantity=channel, bound=lambda c, t: 9.0 + 0 * t), setting())
    assert found.verdict.status is Status.HOLDS


def test_a_quantity_may_be_a_function_and_a_claim_pathwise() -> None:
    claim = own_claim(
        "mine.ball",
        quantity=lambda trace: trace.point_dist_sq,
        needs=["point_dist_sq"],
        bound=lambda c, t: (c.D + STEP * t) ** 2,
        pathwise=True,
    )
    assert verify(claim, setting()).verdict.status is Status.HOLDS
    short = own_claim(
        "mine.ball",
        quantity=lambda trace: trace.point_dist_sq,
        needs=["point_dist_sq"],
        bound=lambda c, t: c.D**2 + 0 * t,
        pathwise=True,
    )
    assert verify(short, setting()).verdict.status is Status.REFUTED


def long(**changes: Any) -> Setting:
    """Too many paths for a tree; the steps are short, so that there is slack."""
    step = 2.0**0.5 / 30**0.5
    return setting(horizon=30, method=sgd(step), **changes)


def test_sampling_confirms_with_a_reach_and_refutes_without() -> None:
    claim = average(first=29, bound=lambda c, t: 1.5 * rate(c, t))
    with_reach = verify(claim, long(reach=9.0))
    assert with_reach.verdict.status is Status.HOLDS
    assert with_reach.verdict.evidence is not None
    assert with_reach.verdict.evidence.engine.value == "monte carlo"
    assert verify(claim, long()).verdict.status is Status.INCONCLUSIVE


@pytest.mark.parametrize("value", [np.nan, np.inf, -1.0])
def test_a_bound_that_bounds_nothing_is_named(value: float) -> None:
    def bound(_c: Any, t: Any) -> Any:
        return np.where(t >= T - 1, value, 1.0)

    with pytest.raises(InputError, match=re.escape(place(bound))) as caught:
        verify(average(bound=bound), setting())
    assert f"{value} at t = 7" in str(caught.value)


def test_a_bound_with_a_constant_that_nobody_stated_is_named() -> None:
    with pytest.raises(InputError, match="does not state are infinite"):
        verify(average(), setting(problem=problem(lipschitz=None)))


def test_a_bound_of_another_shape_is_named() -> None:
    with pytest.raises(InputError, match=re.escape(place(rate))):
        verify(average(quantity=lambda trace: trace.gap[0], needs=["gap"]), setting())
    with pytest.raises(InputError, match="has shape"):
        verify(average(bound=lambda c, t: np.ones(3)), setting())


def test_a_quantity_outside_its_stated_range_is_named() -> None:
    def narrow(_c: Any, t: Any) -> Any:
        return 0.0 * t, 0.0 * t + 0.5

    with pytest.raises(InputError, match=re.escape(place(rate))) as caught:
        verify(average(support=narrow), setting())
    assert "is 0.6 at t = 0, outside its stated range [0, 0.5]" in str(caught.value)


def test_a_reach_that_the_run_leaves_is_found() -> None:
    wild = setting(method=sgd(50.0), reach=1.5)
    with pytest.raises(InputError, match="outside its stated range"):
        verify(average(), wild)


def test_a_control_may_leave_the_range() -> None:
    on = setting(reach=2.0)
    wrong = {"wild": replace(on, actual_method=sgd(50.0))}
    *_, control = Check(average(), [on], wrong).cases()
    assert judge_case(control, Options()).verdict.status is Status.REFUTED


def test_a_gradient_that_contradicts_the_loss_is_named() -> None:
    def slope(i: Any, x: Any) -> Any:
        return 0.5 * gradient(i, x)

    with pytest.raises(InputError, match="differences of the loss") as caught:
        verify(average(), setting(problem=problem(gradient=slope)))
    assert f"gradient: {place(slope)[:-2]}" in str(caught.value).replace("tests/", "")


def test_a_random_loss_is_named() -> None:
    rng = np.random.default_rng(0)

    def noisy(i: Any, x: Any) -> Any:
        return loss(i, x) + 1e-9 * rng.standard_normal(len(x))

    with pytest.raises(InputError, match="must not be random") as caught:
        verify(average(), setting(problem=problem(loss=noisy)))
    assert f"loss: {place(noisy)[:-2]}" in str(caught.value).replace("tests/", "")


def test_a_random_step_is_named() -> None:
    rng = np.random.default_rng(0)

    def noisy(_t: int, x: Any, memory: Any, drawn: Any) -> tuple[Any, Any]:
        return x - STEP * drawn[1] * rng.uniform(0.9, 1.0), memory

    with pytest.raises(InputError, match=re.escape(place(noisy))) as caught:
        verify(average(), setting(method=own_method("mine", noisy)))
    assert "the same draws must give the same run" in str(caught.value)


def test_a_check_without_a_control_is_refused() -> None:
    with pytest.raises(InputError, match="at least one control"):
        Check(average(), [setting()], {})


@pytest.mark.parametrize("names", [[], ["a", "a"]])
def test_settings_need_names_of_their_own(names: list[str]) -> None:
    with pytest.raises(InputError, match="names of their own"):
        Check(average(), [setting(name=name) for name in names], {"half": 0.5})


def test_a_claim_that_says_nothing_of_a_setting_is_refused() -> None:
    with pytest.raises(InputError, match="does not speak of two rows"):
        Check(average(first=T), [setting()], {"half": 0.5})
    with pytest.raises(InputError, match="does not speak of two rows"):
        Check(average(), [setting()], {"short": setting(horizon=2)})
    with pytest.raises(InputError, match="does not speak of two rows"):
        Check("iam.lipschitz.last", [setting(method=SPS_STAR)], {"half": 0.5})


def test_what_a_claim_cannot_be_is_refused() -> None:
    with pytest.raises(InputError, match="need a quantity out of gap"):
        average(quantity="gaps")
    with pytest.raises(InputError, match="need a name and the channels"):
        average(quantity=lambda trace: trace.gap)


@pytest.mark.parametrize("reach", [0.1, np.inf, np.nan])
def test_a_reach_short_of_the_start_is_refused(reach: float) -> None:
    with pytest.raises(InputError, match="reach"):
        setting(reach=reach)


def test_torchs_own_optimisers_are_stepped_without_losses() -> None:
    made = setting(optimiser=lambda params: torch.optim.SGD(params, lr=STEP))
    theirs, ours = verify(average(), made), verify(average(), setting())
    assert theirs.verdict.tightness == pytest.approx(ours.verdict.tightness, rel=1e-12)
    closure = setting(optimiser=torch.optim.LBFGS)
    with pytest.raises(InputError, match="LBFGS evaluates a closure"):
        verify(average(), closure)


def test_places_are_those_of_the_innermost_function() -> None:
    assert where(functools.partial(rate, None)) == where(rate)
    assert where(len) == repr(len)
    assert blamed(ValueError(), Path("nowhere.py")) == "nowhere.py"
