r"""What a user states of a problem, looked at; a statement that fails is withdrawn.

Without it the constants that rest on it are unknown: claims that need them do not
apply, and the others are judged without them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import lru_cache

import numpy as np

from synthetic.hypotheses import inequalities as say
from synthetic.hypotheses.oracle import of_problem
from synthetic.hypotheses.probe import Probe
from synthetic.hypotheses.search import search
from synthetic.hypotheses.witness import Witness
from synthetic.problems.user import UserProblem

WITHDRAWN: Mapping[str, Mapping[str, object]] = {
    "convex": {"convex": False},
    "lipschitz": {"lipschitz": np.inf},
    "smoothness": {"smoothness": np.inf},
    "minimiser_gap": {},
    "mu": {"growth_modulus": 0.0},
}
"""What the problem is told instead of a statement that fails."""


def probes_of(problem: UserProblem, radius: float) -> Iterator[Probe]:
    """What the user states, each as an inequality on the ball."""
    oracle = of_problem(problem, problem.smoothness)
    most, bend = problem.lipschitz, problem.smoothness
    gap, mu = problem.minimiser.gap, problem.growth_modulus
    common = {"oracle": oracle, "radius": radius}
    yield Probe(
        assumption="convex",
        sentence="it is not convex: f(x) + <g(x), y - x> is above f(y)",
        sides=say.convex,
        each=True,
        pairs="free",
        **common,  # type: ignore[arg-type]
    )
    if np.any(np.isfinite(most)):
        yield Probe(
            assumption="lipschitz",
            sentence="the norm of the gradient is above lipschitz",
            sides=lambda x, _: say.bounded(x, most[x.i]),
            each=True,
            **common,  # type: ignore[arg-type]
        )
    if np.any(np.isfinite(bend)):
        yield Probe(
            assumption="smoothness",
            sentence="|g(x) - g(y)| is above smoothness |x - y|",
            sides=lambda x, y: say.smooth(x, y, bend[x.i]),
            each=True,
            pairs="free",
            **common,  # type: ignore[arg-type]
        )
    if np.isfinite(gap):
        yield Probe(
            assumption="minimiser_gap",
            sentence="the stated minimiser u is beaten: f(u) - f(x) is above "
            "minimiser_gap",
            sides=lambda x, _: say.minimal(x, gap),
            **common,  # type: ignore[arg-type]
        )
    if mu > 0:
        yield Probe(
            assumption="mu",
            sentence=f"mu/2 |x - u|^2 is above f(x) - f(u), mu = {mu:g}",
            sides=lambda x, _: say.grows_quadratically(x, mu),
            **common,  # type: ignore[arg-type]
        )


@lru_cache(maxsize=64)
def refuted(problem: UserProblem, radius: float, seed: int) -> Mapping[str, Witness]:
    """The statements that a point of the ball contradicts, with that point."""
    found = {}
    for probe in probes_of(problem, radius):
        witness = search(probe, seed)
        if witness is not None:
            found[probe.assumption] = witness
    return found


def weakened(problem: UserProblem, failed: Mapping[str, Witness]) -> UserProblem:
    """The problem without the statements that failed."""
    changes: dict[str, object] = {}
    for name in failed:
        for field, value in WITHDRAWN[name].items():
            if isinstance(getattr(problem, field), np.ndarray):
                value = np.full(problem.num_components, value)  # noqa: PLW2901
            changes[field] = value
    if "convex" in failed:
        changes["witness"] = str(failed["convex"])
    if "minimiser_gap" in failed:
        why = "the user's word, which a point contradicts"
        changes["minimiser"] = replace(
            problem.minimiser, gap=float("inf"), certificate=why
        )
    return replace(problem, **changes)  # type: ignore[arg-type]
