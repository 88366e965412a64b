r"""The hypotheses on SPS* and IAM as probes, with the constants of a setting."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from synthetic.hypotheses import inequalities as say
from synthetic.hypotheses.oracle import Oracle, of_problem
from synthetic.hypotheses.probe import Probe
from synthetic.problems.base import FloatArray
from synthetic.setting import Setting
from theory import assumptions as polyak
from theory.assumptions import Assumption
from theory.constants import Constants


@dataclass(frozen=True, eq=False)
class Ground:
    """A setting of stochastic Polyak steps, as its probes need it."""

    oracle: Oracle
    radius: float
    c: Constants
    share: float
    lipschitz: FloatArray
    key: tuple[object, ...]

    def probe(self, what: Assumption, sentence: str, **how: Any) -> Probe:
        """One inequality on this ball."""
        return Probe(
            assumption=what.name,
            sentence=sentence,
            oracle=self.oracle,
            radius=self.radius,
            key=self.key,
            **how,
        )


Maker = Callable[[Ground], Iterator[Probe]]


def _convex(g: Ground) -> Iterator[Probe]:
    yield g.probe(
        polyak.CONVEX,
        "f_i(x) + <g_i(x), y - x> must not exceed f_i(y)",
        sides=say.convex,
        each=True,
        pairs="free",
    )
    yield g.probe(
        polyak.CONVEX,
        "-<g_i(x) - g_i(y), x - y> must not exceed 0",
        sides=say.monotone,
        each=True,
        pairs="free",
    )


def _lipschitz(g: Ground) -> Iterator[Probe]:
    yield g.probe(
        polyak.LIPSCHITZ_ON_BALL,
        f"E|g(x)|^2 must not exceed G^2, G = {g.c.G:.9g}",
        sides=lambda x, _: say.bounded_second_moment(x, g.c.G, g.share),
    )


def _bounded(g: Ground) -> Iterator[Probe]:
    yield g.probe(
        polyak.BOUNDED_ON_BALL,
        "|g_i(x)| must not exceed G_max",
        sides=lambda x, _: say.bounded(x, g.c.G_max),
        each=True,
    )


def _growth(g: Ground) -> Iterator[Probe]:
    yield g.probe(
        polyak.GROWTH,
        f"E|g(x)|^2 must not exceed A (f(x) - f(u))_+ + B, A = {g.c.A:.9g}, "
        f"B = {g.c.B:.9g}",
        sides=lambda x, _: say.growth(x, g.c.A, g.c.B, g.share),
    )


def _smooth(g: Ground) -> Iterator[Probe]:
    yield g.probe(
        polyak.SMOOTH,
        f"f_i(x) - f_i(u) + |g_i - h_i|^2/(2 L) must not exceed <g_i, x - u>, "
        f"L = {g.c.L:.9g}",
        sides=lambda x, _: say.cocoercive_to_centre(x, g.c.L),
        each=True,
    )


def _expected(g: Ground) -> Iterator[Probe]:
    yield g.probe(
        polyak.EXPECTED_SMOOTH,
        f"E|g(x) - h|^2 must not exceed 2 L_e (f(x) - f(u)), L_e = "
        f"{g.c.L_expected:.9g}",
        sides=lambda x, _: say.smooth_in_expectation(x, g.c.L_expected, g.share),
    )


def _minimal(g: Ground) -> Iterator[Probe]:
    yield g.probe(
        polyak.MINIMISER,
        "f(u) - f(x) must not exceed the gap that is certified of u",
        sides=lambda x, _: say.minimal(x, g.c.minimiser_gap),
    )


def _grows(g: Ground) -> Iterator[Probe]:
    yield g.probe(
        polyak.GROWS_QUADRATICALLY,
        f"mu/2 |x - u|^2 must not exceed f(x) - f(u), mu = {g.c.mu:.9g}",
        sides=lambda x, _: say.grows_quadratically(x, g.c.mu),
    )


def _parabola(g: Ground) -> Iterator[Probe]:
    yield g.probe(
        polyak.QUADRATIC,
        "|f(x) - f(u) - L/2 |x - u|^2| must be 0",
        sides=lambda x, _: say.parabolic(x, g.c.L),
    )


def _norms(what: Assumption, g: Ground) -> Iterator[Probe]:
    least = g.c.G_min
    yield g.probe(
        what,
        f"G_min = {least:.9g} must not exceed the norm of a nonzero g_i(x)",
        sides=lambda x, _: say.norms_from(x, least),
        each=True,
    )
    yield g.probe(
        what,
        f"|g_i(x)| must not exceed G_max = {g.c.G_max:.9g}",
        sides=lambda x, _: say.bounded(x, g.c.G_max),
        each=True,
    )


def _spans(g: Ground) -> Iterator[Probe]:
    yield g.probe(
        polyak.NOISE_SPANS,
        f"q = {g.c.q:.9g} must not exceed E (<h, v>_+ / G)^2, v towards x",
        sides=lambda x, _: say.spans(x, g.c.q, g.lipschitz),
    )


def _leaks(g: Ground) -> Iterator[Probe]:
    yield g.probe(
        polyak.NOISE_LEAKS,
        f"kappa = {g.c.kappa:.9g} must not exceed E <h, v>_+, v towards x",
        sides=lambda x, _: say.leaks(x, g.c.kappa),
    )


POLYAK: Mapping[str, Maker] = {
    polyak.CONVEX.name: _convex,
    polyak.LIPSCHITZ_ON_BALL.name: _lipschitz,
    polyak.BOUNDED_ON_BALL.name: _bounded,
    polyak.GROWTH.name: _growth,
    polyak.SMOOTH.name: _smooth,
    polyak.EXPECTED_SMOOTH.name: _expected,
    polyak.MINIMISER.name: _minimal,
    polyak.GROWS_QUADRATICALLY.name: _grows,
    polyak.QUADRATIC.name: _parabola,
    polyak.EQUAL_NORMS.name: partial(_norms, polyak.EQUAL_NORMS),
    polyak.NORM_RANGE.name: partial(_norms, polyak.NORM_RANGE),
    polyak.NOISE_SPANS.name: _spans,
    polyak.NOISE_LEAKS.name: _leaks,
}


def ground_of(setting: Setting) -> Ground:
    """The ball, the metric and the batches on which a setting's constants hold."""
    c, metric = setting.constants(), setting.fixed_metric
    problem = setting.problem if metric is None else setting.problem.in_metric(metric)
    radius = c.reach if np.isfinite(c.reach) else setting.ball_radius
    ball = problem.ball(radius)
    share = setting.batch.variance_share(problem.num_components)
    oracle = of_problem(problem, ball.smoothness)
    numbers = (c.G, c.G_max, c.L, c.A, c.B, c.L_expected, c.mu, c.q, c.kappa, c.G_min)
    moved = None if metric is None else metric.tobytes()
    key = (setting.problem, moved, radius, share, *numbers, c.minimiser_gap)
    return Ground(oracle, radius, c, share, ball.lipschitz, key)
