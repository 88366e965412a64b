"""Break the code on purpose: something must turn red each time.

The mutants here are of the *library*, not of a setting: each patches a formula, a
sampler or an engine, and `verify` as a whole must no longer come out as expected.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from synthetic import instances
from synthetic.desk import Options
from synthetic.engines import common, simulate
from synthetic.families import planted
from synthetic.losses import LOGISTIC, SQUARED
from synthetic.problems.glm import GLM
from synthetic.problems.polyhedral import Polyhedral
from synthetic.setting import Setting
from synthetic.verify import judge_setting
from theory import bounds, formulas
from theory.claims import POLYAK, inexact, sps
from theory.judge import Status
from theory.method import IAM_C, IAM_P, SPS_STAR, Target, iam_k

OPTIONS = Options(seed=0, alpha=1e-9, max_replicas=1024)


def probes(rule: Callable[..., Any] | None = None) -> list[Setting]:
    """A few quick settings that see most of what can go wrong, run by a wrong rule."""
    made = []
    for number, method in enumerate((SPS_STAR, IAM_P, IAM_C, iam_k(9.0))):
        noisy = planted(SQUARED, num_components=4, dim=2, noise=1.0, seed=1)
        curved = planted(LOGISTIC, num_components=3, dim=2, seed=2)
        for problem, target, horizon in (
            (instances.linf(4), Target(), 4),
            (instances.absolute(), Target(), 6),
            (instances.absolute(), Target(0.1), 60),
            (noisy, Target(), 5),
            (curved, Target(0.1), 6),
        ):
            made.append(
                Setting(
                    name=f"{problem.name} {method.name} {number} {horizon}",
                    problem=problem,
                    method=method,
                    x0=np.ones(problem.dim),
                    horizon=horizon,
                    target=target,
                    actual_method=replace(method, rule=rule) if rule else None,
                )
            )
    return made


def verdicts(
    rule: Callable[..., Any] | None = None,
) -> list[tuple[str, str, Status]]:
    """What verify says of the true claims on the probes."""
    true = [c for c in POLYAK.values() if c.expected is Status.HOLDS]
    return [
        (outcome.claim_id, setting.name, outcome.verdict.status)
        for setting in probes(rule)
        for outcome in judge_setting(setting, true, OPTIONS)
        if outcome.verdict.status is not Status.NOT_APPLICABLE
    ]


def red(rule: Callable[..., Any] | None = None) -> list[tuple[str, str, Status]]:
    return [row for row in verdicts(rule) if row[2] is not Status.HOLDS]


def test_the_probes_are_green_before_anything_is_broken() -> None:
    assert len(verdicts()) > 100
    assert not red()


def broken_rule(change: Callable[..., Any]) -> Callable[..., Any]:
    """A Polyak rule made of `change(loss, target, inner, grad_norm_sq)`."""

    def rule(loss: Any, target: Any, inner: Any, norm_sq: Any, size: Any) -> Any:
        del size
        return change(loss, target, inner, norm_sq)

    return rule


P = formulas.positive_part
R = formulas.ratio
RULES: dict[str, Callable[..., Any]] = {
    "1.9 times": lambda f, v, i, n: 1.9 * R(P(f - v + i), n),
    "twice": lambda f, v, i, n: 2.0 * R(P(f - v + i), n),
    "half": lambda f, v, i, n: 0.5 * R(P(f - v + i), n),
    "no positive part": lambda f, v, i, n: R(f - v + i, n),
    "absolute value": lambda f, v, i, n: R(abs(f - v + i), n),
    "target forgotten": lambda f, v, i, n: R(P(f + i), n),
    "target added": lambda f, v, i, n: R(P(f + v + i), n),
    "inner product forgotten": lambda f, v, i, n: R(P(f - v), n),
    "inner product with the wrong sign": lambda f, v, i, n: R(P(f - v - i), n),
    "norm not squared": lambda f, v, i, n: R(P(f - v + i), n**0.5),
    "no step at all": lambda f, v, i, n: 0.0 * n,
}


@pytest.mark.parametrize("name", RULES)
def test_a_wrong_step_rule_turns_something_red(name: str) -> None:
    assert red(broken_rule(RULES[name]))


PATCHES: dict[str, tuple[object, str, Any]] = {
    "momentum weights swapped": (
        formulas,
        "average",
        lambda x, z, lam: (x + lam * z) / (1 + lam),
    ),
    "momentum off by one": (
        formulas,
        "average",
        lambda x, z, lam: ((lam + 1) * x + z) / (2 + lam),
    ),
    "bound a hundredth lower": (
        sps,
        "lipschitz_rate",
        lambda g, d, t: 0.99 * bounds.lipschitz_rate(g, d, t),
    ),
    "rate 1/T": (sps, "lipschitz_rate", lambda g, d, t: g * d / t),
    "rate one step early": (
        sps,
        "lipschitz_rate",
        lambda g, d, t: bounds.lipschitz_rate(g, d, t + 1),
    ),
    "master without its square root": (
        sps,
        "master_rate",
        lambda a, b, d, t: a * d * d / t,
    ),
    "floor forgotten": (
        inexact,
        "lipschitz_rate",
        lambda g, d, t: bounds.lipschitz_rate(g, d, t) - 0.1,
    ),
    "inner products of absolute values": (
        simulate,
        "dot",
        lambda a, b: (abs(a) * abs(b)).sum(axis=-1),
    ),
}


@pytest.mark.parametrize("name", PATCHES)
def test_a_wrong_formula_or_engine_turns_something_red(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner, attribute, value = PATCHES[name]
    monkeypatch.setattr(owner, attribute, value)
    assert red()


@pytest.mark.parametrize(
    ("owner", "factor"),
    [(GLM, -1.0), (GLM, 0.5), (Polyhedral, -1.0), (Polyhedral, 0.5)],
)
def test_a_wrong_gradient_turns_something_red(
    owner: type, factor: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = owner.component  # type: ignore[attr-defined]

    def wrong(self: Any, i: Any, x: Any) -> Any:
        loss, grad = right(self, i, x)
        return loss, factor * grad

    monkeypatch.setattr(owner, "component", wrong)
    assert red()


def test_a_wrong_minimiser_turns_something_red() -> None:
    problem = planted(SQUARED, num_components=4, dim=2, noise=1.0, seed=1)
    moved = problem.with_comparator(problem.point + 0.5)
    setting = Setting(
        name="moved",
        problem=moved,
        method=SPS_STAR,
        x0=np.ones(2),
        horizon=5,
        actual_target=Target(tuple((problem.loss_star - moved.loss_star).tolist())),
    )
    claims = [POLYAK["sps.fejer.pathwise"]]
    assert judge_setting(setting, claims, OPTIONS)[0].verdict.status is Status.REFUTED


def test_dependent_draws_under_monte_carlo_turn_something_red(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def stuck(seed: int, first: int, count: int, steps: int, *_: Any) -> Any:
        del seed, first
        # component 1, the zero function, for three steps, and only then component 0
        row = np.where(np.arange(steps) < 3, 1, 0)
        return np.tile(row[:, None], (1, count))

    monkeypatch.setattr("synthetic.batches.component_draws", stuck)
    monkeypatch.setattr("synthetic.polyak_desk.SMALL_TREE", 0)
    setting = Setting(
        name="cyclic",
        problem=instances.sparse_abs(0.5),
        method=SPS_STAR,
        x0=np.ones(1),
        horizon=4,
    )
    (outcome,) = judge_setting(setting, [POLYAK["sps.lipschitz.iterate"]], OPTIONS)
    assert outcome.verdict.status is Status.REFUTED


def test_roundoff_that_is_too_generous_is_noticed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(common, "BOUND_ROUNDOFF", 1e-3)
    assert red()
