"""Plans against brute force on a fine grid, and what they cost.

`python -m benchmarks.scaling`: one line for each scenario, sizes and budgets together.
"""

from __future__ import annotations

import time
from itertools import product

import numpy as np

from synthetic.scaling.enclose import Budget, allocation
from synthetic.scaling.optimal import best_plan, log_loss
from theory.scaling_coefficients import PUBLISHED
from theory.scaling_flops import BOTH, INFERENCE, PRETRAINING

SIZES = (3e8, 1e9, 3e9, 1e10)
COMPUTES = (1e20, 1e22, 1e24, 1e26)
GRID = (1200, 2000)


def brute_force(budget: Budget) -> float:
    """The least L_S on the grid: log N_T from 1e6 to 1e13, the share's logit."""
    sizes = np.linspace(np.log(1e6), np.log(1e13), GRID[0])[:, None]
    logits = np.linspace(-16.0, 16.0, GRID[1])[None, :]
    if not budget.scenario.pretraining:
        logits = np.full((1, 1), -np.inf)
    return float(np.exp(log_loss(PUBLISHED, budget, sizes, logits).min()))


def main() -> None:
    """Print a table."""
    print(
        f"{'scenario':12} {'plans':>5} {'grid - plan, nats':>27} {'plan - low':>10}",
        end="",
    )
    print(f" {'plan, ms':>9} {'grid, ms':>9} {'limits, ms':>10}")
    for scenario in (INFERENCE, PRETRAINING, BOTH):
        rows = []
        for N, C in product(SIZES, COMPUTES):
            budget = Budget(N, C, scenario)
            at = [time.perf_counter()]
            plan = best_plan(PUBLISHED, budget).loss
            at.append(time.perf_counter())
            grid = brute_force(budget)
            at.append(time.perf_counter())
            limits = allocation(PUBLISHED, budget, gap=1e-4)
            at.append(time.perf_counter())
            rows.append((grid - plan, plan - limits.low, *np.diff(at)))
        table = np.array(rows)
        spread = f"{table[:, 0].min():.1e} .. {table[:, 0].max():.1e}"
        print(
            f"{scenario.name:12} {len(rows):5} {spread:>27} {table[:, 1].max():10.1e}",
            end="",
        )
        print("".join(f" {1e3 * v:9.1f}" for v in np.median(table[:, 2:], axis=0)))


if __name__ == "__main__":
    main()
