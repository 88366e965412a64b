"""What a budget can buy, if student and teacher have to share it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from synthetic.scaling.desk_setting import Meter, ScalingSetting
from synthetic.scaling.enclose import Budget, allocation
from synthetic.scaling.optimal import best_plan
from theory.evidence import Engine
from theory.scaling import Limits
from theory.scaling_flops import Scenario
from theory.scaling_law import supervised_loss

FLAT = 1e-3
"""To which a share, or a ratio of sizes, is known: the minimum is flat."""


def budgets(
    setting: ScalingSetting, names: tuple[str, str] = ("inference", "pretraining")
) -> Iterator[Budget]:
    """One for each configuration."""
    c = setting.constants()
    rows = zip(c["N"], c["C"], *(c[name] for name in names), strict=True)
    for N, C, inference, pretraining in rows:
        scenario = Scenario("", float(inference), float(pretraining))
        yield Budget(float(N), float(C), scenario, setting.architecture)


def _least(setting: ScalingSetting) -> Mapping[str, Limits]:
    """The minimum, as closely as it takes to compare it with supervised training."""
    law, low, high, alone = setting.law, [], [], []
    for budget in budgets(setting):
        own = float(supervised_loss(law, budget.N, budget.supervised_tokens()))
        found = allocation(law, budget, above=own, gap=1e-7)
        alone.append(own)
        low.append(found.low)
        high.append(found.high)
    return {
        "least": Limits(np.array(low), np.array(high)),
        "supervised": Limits.exact(np.array(alone)),
    }


def _shares(setting: ScalingSetting) -> Mapping[str, Limits]:
    plans = [best_plan(setting.law, b) for b in budgets(setting)]
    parts = setting.constants()["part"].astype(int)
    share = [plan.shares[k] for plan, k in zip(plans, parts, strict=True)]
    return {"share": _about(share)}


def _about(values: list[float]) -> Limits:
    exact = np.array(values)
    return Limits(exact - FLAT, exact + FLAT)


def _ratios(setting: ScalingSetting) -> Mapping[str, Limits]:
    plans = [(b, best_plan(setting.law, b)) for b in budgets(setting)]
    return {"size_ratio": _about([plan.N_T / budget.N for budget, plan in plans])}


def _order(setting: ScalingSetting) -> Mapping[str, Limits]:
    found = {}
    for name in ("cheap", "dear"):
        names = (f"{name}_inference", f"{name}_pretraining")
        plans = [best_plan(setting.law, b) for b in budgets(setting, names)]
        found[name] = Limits.exact(np.array([plan.loss for plan in plans]))
    return found


LEAST = Meter(
    frozenset({"least", "supervised"}),
    _least,
    "branch and bound over the teacher's size and share of the compute",
    Engine.BRANCHING,
)
SHARES = Meter(frozenset({"share"}), _shares, "the planner's grid and its refinements")
RATIOS = Meter(
    frozenset({"size_ratio"}), _ratios, "the planner's grid and its refinements"
)
ORDER = Meter(frozenset({"cheap", "dear"}), _order, "the planner, scenario by scenario")
