"""Distil, or train by itself? Plans for each scenario, and how sure they are."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from synthetic.scaling.enclose import Budget
from synthetic.scaling.optimal import Plan, best_plan, spent
from synthetic.scaling.request import Request
from theory.errors import InputError
from theory.scaling_coefficients import (
    DISTILLED,
    FEWEST_TOKENS,
    MOST_TOKENS,
    PUBLISHED,
    RELATIVE_ERROR,
    SIZES,
    SUPERVISED,
    Estimate,
    law_of,
)
from theory.scaling_flops import Scenario, forward
from theory.scaling_law import Law, student_loss, supervised_loss

FloatArray = NDArray[np.float64]

DRAWS = 2000
DEVIATIONS = 1.6449
"""Of a normal law, from its middle to the end of the central 90 %."""


class Decision(StrEnum):
    """What a plan comes to."""

    DISTIL = "distil"
    DO_NOT = "do not distil"
    CLOSE = "too close to call"
    OUTSIDE = "outside the range"


@dataclass(frozen=True)
class Answer:
    """One scenario's plan against supervised training at the same compute.

    Attributes:
        scenario: Its name.
        plan: How the compute is spent.
        gain: L of supervised training less L_S, nats a token.
        interval: 5 % and 95 % of the gain over independent draws of the coefficients.
        outside: What of the plan is beyond the runs that the law was fitted on.
        leaning: What the law says, wherever.
        decision: The same, or that it is extrapolated.

    """

    scenario: str
    plan: Plan
    gain: float
    interval: tuple[float, float]
    outside: tuple[str, ...]
    leaning: Decision
    decision: Decision


@dataclass(frozen=True)
class Answers:
    """All scenarios.

    Attributes:
        request: What was asked.
        tokens: D of supervised training.
        loss: Its L.
        answers: One for each scenario.

    """

    request: Request
    tokens: float
    loss: float
    answers: tuple[Answer, ...]


def plan(request: Request, law: Law = PUBLISHED) -> Answers:
    """The best plan of each scenario, compared with supervised training."""
    alone = _budget(request, request.scenarios[0]).supervised_tokens()
    loss = float(supervised_loss(law, request.N, alone))
    if alone < 1.0:
        msg = (
            f"Need compute for at least one token, got {request.compute:g} FLOPs for "
            f"{request.N:g} parameters."
        )
        raise InputError(msg)
    drawn = draws()
    found = tuple(
        _answer(request, scenario, law, drawn) for scenario in request.scenarios
    )
    return Answers(request, alone, loss, found)


def _budget(request: Request, scenario: Scenario) -> Budget:
    """A teacher whose training is free has as many tokens as any that was trained."""
    priced, a = request.priced(scenario), request.architecture
    return Budget(request.N, request.compute, priced, a, MOST_TOKENS)


def _answer(request: Request, scenario: Scenario, law: Law, drawn: Law) -> Answer:
    budget = _budget(request, scenario)
    if request.teacher is not None:
        found = with_teacher(law, budget, request.teacher.N, request.teacher.D)
    elif request.teacher_budget is not None:
        found = with_teacher_budget(law, budget, request.teacher_budget)
    else:
        found = best_plan(law, budget)
    alone = budget.supervised_tokens()
    gain = float(supervised_loss(law, request.N, alone)) - found.loss
    low, high = np.quantile(_gains(drawn, request.N, alone, found), (0.05, 0.95))
    outside = tuple(_outside(request.N, alone, found, law))
    leaning = decide(gain, (float(low), float(high)), gain + found.loss)
    return Answer(
        scenario.name,
        found,
        gain,
        (float(low), float(high)),
        outside,
        leaning,
        Decision.OUTSIDE if outside else leaning,
    )


def decide(gain: float, interval: tuple[float, float], loss: float) -> Decision:
    """A sign that survives the draws, and is larger than the law's own error."""
    sure = abs(gain) > RELATIVE_ERROR * loss and interval[0] * interval[1] > 0
    if not sure:
        return Decision.CLOSE
    return Decision.DISTIL if gain > 0 else Decision.DO_NOT


def with_teacher(law: Law, budget: Budget, N_T: float, D_T: float) -> Plan:
    """The plan that a given teacher leaves: all the rest goes to the student."""
    a, scenario = budget.architecture, budget.scenario
    asked = scenario.inference * forward(N_T, a)
    taught = scenario.pretraining * 3.0 * forward(N_T, a) * D_T
    D_S = (budget.compute - taught) / (3.0 * forward(budget.N, a) + asked)
    if D_S < 1.0:
        msg = (
            f"Need compute for at least one token, got {budget.compute:g} FLOPs where "
            f"the teacher alone takes {taught + asked:.3g}."
        )
        raise InputError(msg)
    teacher = float(supervised_loss(law, N_T, D_T))
    loss = float(student_loss(law, budget.N, D_S, teacher))
    shares = spent(budget, N_T, D_S, D_T)
    return Plan(loss, teacher, float(D_S), N_T, D_T, shares)


def with_teacher_budget(law: Law, budget: Budget, teaching: float) -> Plan:
    """The best teacher among those whose training takes that compute."""
    a = budget.architecture

    def of(N_T: FloatArray) -> FloatArray:
        D_T = teaching / (3.0 * forward(N_T, a))
        asked = budget.scenario.inference * forward(N_T, a)
        left = budget.compute - budget.scenario.pretraining * teaching
        D_S = left / (3.0 * forward(budget.N, a) + asked)
        teacher = supervised_loss(law, N_T, D_T)
        return np.asarray(student_loss(law, budget.N, D_S, teacher))

    centre, half = np.log(1e9), np.log(1e6)
    for _ in range(9):
        at = centre + half * np.linspace(-1.0, 1.0, 201)
        centre, half = at[int(np.argmin(of(np.exp(at))))], half / 20.0
    N_T = float(np.exp(centre))
    return with_teacher(law, budget, N_T, float(teaching / (3.0 * forward(N_T, a))))


def draws(seed: int = 0) -> Law:
    """Coefficients drawn one by one, normal with their printed 90 % intervals.

    A fit's coefficients move together, and these do not: see `docs/scaling.md`.
    """
    rng = np.random.default_rng(seed)

    def one(estimate: Estimate) -> FloatArray:
        spread = (estimate.high - estimate.low) / (2.0 * DEVIATIONS)
        return rng.normal(estimate.value, spread, DRAWS)

    return law_of(
        {name: one(estimate) for name, estimate in SUPERVISED.items()},
        {name: one(estimate) for name, estimate in DISTILLED.items()},
    )


def _gains(drawn: Law, N: float, alone: float, found: Plan) -> FloatArray:
    """The gain of this same plan under each draw."""
    teacher: FloatArray | float = found.teacher_loss
    if not math.isnan(found.N_T):
        teacher = supervised_loss(drawn, found.N_T, found.D_T)
    own = supervised_loss(drawn, N, alone)
    return np.asarray(own - student_loss(drawn, N, found.D_S, teacher))


def _outside(N: float, alone: float, found: Plan, law: Law) -> Iterator[str]:
    """What is beyond the runs that the law was fitted on, in words."""
    sizes = [("student", N), ("teacher", found.N_T)]
    tokens = [("supervised", alone), ("student's", found.D_S), ("teacher's", found.D_T)]
    for who, size in sizes:
        if not (math.isnan(size) or SIZES[0] <= size <= SIZES[1]):
            yield f"a {who} of {size:.3g} parameters ({SIZES[0]:.3g} to {SIZES[1]:.3g})"
    for who, count in tokens:
        if not (math.isinf(count) or FEWEST_TOKENS <= count <= MOST_TOKENS):
            yield f"{count:.3g} {who} tokens ({FEWEST_TOKENS:.3g} to {MOST_TOKENS:.3g})"
    best = float(supervised_loss(law, SIZES[1], MOST_TOKENS))
    worst = float(supervised_loss(law, SIZES[0], FEWEST_TOKENS))
    if not best - 1e-9 <= found.teacher_loss <= worst + 1e-9:
        yield f"a teacher with L = {found.teacher_loss:.4f} ({best:.4f} to {worst:.4f})"
