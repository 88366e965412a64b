r"""The hypotheses of the distillation claims as probes, with the sum's constants."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from synthetic.distillation.problems import FiniteSum
from synthetic.distillation.setting import Bench
from synthetic.hypotheses import inequalities as say
from synthetic.hypotheses.oracle import Oracle, of_sum
from synthetic.hypotheses.probe import Probe
from theory import distillation_assumptions as distilled
from theory.assumptions import Assumption


@dataclass(frozen=True, eq=False)
class Sum:
    """A finite sum of the distillation claims, as its probes need it."""

    oracle: Oracle
    radius: float
    problem: FiniteSum

    def probe(self, what: Assumption, sentence: str, **how: Any) -> Probe:
        """One inequality on this ball."""
        return Probe(
            assumption=what.name,
            sentence=sentence,
            oracle=self.oracle,
            radius=self.radius,
            key=(self.problem, self.radius),
            **how,
        )


Maker = Callable[[Sum], Iterator[Probe]]


def _quasi_convex(s: Sum) -> Iterator[Probe]:
    mu = s.problem.mu
    yield s.probe(
        distilled.SQC,
        f"f(x) - f* + mu/2 |x - x*|^2 must not exceed <grad f(x), x - x*>, mu = "
        f"{mu:.9g}",
        sides=lambda x, _: say.strongly_quasi_convex(x, mu),
    )
    yield s.probe(
        distilled.SQC,
        "f* - f(x) must not exceed 0",
        sides=lambda x, _: say.minimal(x, 0.0),
    )


def _pl(s: Sum) -> Iterator[Probe]:
    mu, smoothness = s.problem.mu_pl, s.problem.L
    yield s.probe(
        distilled.PL,
        f"2 mu (f(x) - f*) must not exceed |grad f(x)|^2, mu = {mu:.9g}",
        sides=lambda x, _: say.polyak_lojasiewicz(x, mu),
    )
    yield s.probe(
        distilled.PL,
        f"|grad f(x) - grad f(y)| must not exceed L |x - y|, L = {smoothness:.9g}",
        sides=lambda x, y: say.smooth(x, y, smoothness),
        pairs="free",
    )
    yield s.probe(
        distilled.PL,
        "f* - f(x) must not exceed 0",
        sides=lambda x, _: say.minimal(x, 0.0),
    )


def _expected_sum(s: Sum) -> Iterator[Probe]:
    yield s.probe(
        distilled.EXPECTED_SMOOTH,
        f"E|grad f_i(x) - s_i|^2 must not exceed 2 cL (f(x) - f*), cL = "
        f"{s.problem.cL:.9g}",
        sides=lambda x, _: say.smooth_in_expectation(x, s.problem.cL),
    )


def _convex_components(s: Sum) -> Iterator[Probe]:
    most, mu = s.problem.L_max, s.problem.mu
    yield s.probe(
        distilled.CONVEX_COMPONENTS,
        f"|g_i(x) - g_i(y)|^2/L_max must not exceed <g_i(x) - g_i(y), x - y>, L_max = "
        f"{most:.9g}",
        sides=lambda x, y: say.cocoercive(x, y, most),
        each=True,
        pairs="free",
    )
    yield _strongly_convex(s, distilled.CONVEX_COMPONENTS, mu)


def _strongly_convex(s: Sum, what: Assumption, mu: float) -> Probe:
    return s.probe(
        what,
        f"mu |x - y|^2 must not exceed <grad f(x) - grad f(y), x - y>, mu = {mu:.9g}",
        sides=lambda x, y: say.strongly_monotone(x, y, mu),
        pairs="free",
    )


def _full_rank(s: Sum) -> Iterator[Probe]:
    yield _strongly_convex(s, distilled.FULL_RANK, s.problem.mu)


def _quadratic(s: Sum) -> Iterator[Probe]:
    yield s.probe(
        distilled.QUADRATIC,
        "|g_i(x) - h_i - 2 (g_i(y) - h_i)| must be 0 half-way",
        sides=say.affine,
        each=True,
        pairs="half",
    )
    yield s.probe(
        distilled.QUADRATIC,
        "-<g_i(x) - g_i(y), x - y> must not exceed 0",
        sides=say.monotone,
        each=True,
        pairs="free",
    )


def _additive(s: Sum) -> Iterator[Probe]:
    yield s.probe(
        distilled.EQUAL_HESSIANS,
        "|(g_i(x) - h_i) - (grad f(x) - grad f(x*))| must be 0",
        sides=lambda x, _: say.additive(x),
    )


DISTILLATION: Mapping[str, Maker] = {
    distilled.SQC.name: _quasi_convex,
    distilled.PL.name: _pl,
    distilled.EXPECTED_SMOOTH.name: _expected_sum,
    distilled.CONVEX_COMPONENTS.name: _convex_components,
    distilled.QUADRATIC.name: _quadratic,
    distilled.FULL_RANK.name: _full_rank,
    distilled.EQUAL_HESSIANS.name: _additive,
}


def sum_of(bench: Bench) -> Sum:
    """The ball that holds every start and every teacher."""
    away = np.concatenate([bench.start, bench.teacher]) - bench.problem.star
    farthest = float(np.sqrt(np.sum(away**2, axis=1).max()))
    return Sum(of_sum(bench.problem), farthest or 1.0, bench.problem)
