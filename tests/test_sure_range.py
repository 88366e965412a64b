"""The sure range that limits of sampled distillation rest on, for equal Hessians."""

from collections.abc import Callable

import numpy as np
import pytest

from synthetic.distillation import instances, sampled
from synthetic.distillation.problems import Quadratic
from synthetic.distillation.special import one


@pytest.mark.parametrize("family", [instances.iso, instances.aniso])
@pytest.mark.parametrize("weight", [0.0, 0.5, 1.5])
def test_no_path_leaves_it_and_it_stays_bounded(
    family: Callable[[], Quadratic], weight: float
) -> None:
    problem = family()
    teacher = np.full((1, problem.dim), 0.4)
    step = np.array([0.5 / problem.cL])
    bench = one(
        problem.name,
        problem,
        teacher,
        np.array([weight]),
        step,
        start=np.full((1, problem.dim), 0.3),
        horizon=400,
    )
    limit = sampled.reach(bench)[0]
    times = np.arange(400)
    seen = sampled.sample(bench, 0, 7, range(64), times)["dist_sq"]
    assert (np.sqrt(seen) <= limit * (1.0 + 1e-12)).all()
    pull = problem.at_star - weight * problem.gradients(bench.teacher)[0]
    longest = np.sqrt((pull**2).sum(axis=1).max())
    settled = longest / problem.mu
    assert limit.max() <= max(limit[0], settled) * (1.0 + 1e-9)  # rho < 1: no growth
