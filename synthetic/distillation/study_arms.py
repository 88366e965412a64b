"""The methods that a study compares, each with the weight that it gives the teacher."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from synthetic.distillation.study_constants import Smoothness, TeacherConstants
from synthetic.distillation.study_runs import Kind, Lane

STAR, SAFE, UNBIASED_STAR = "lambda*", "safe", "lambda*_u"
"""Weights that are computed: the bound's, the safe one, the unbiased bound's."""


@dataclass(frozen=True)
class Arm:
    """A method.

    Attributes:
        kind: How it steps.
        weight: A number, or the name of a rule that needs the theorem's constants.
        teacher: Which row of the teachers; `None` if it has none.

    """

    kind: Kind
    weight: float | str = 0.0
    teacher: int | None = None

    def lam(
        self,
        gamma: float,
        smooth: Smoothness | None,
        constants: Sequence[TeacherConstants],
    ) -> float:
        r"""$\lambda$ at the step size `gamma`."""
        if isinstance(self.weight, float):
            return self.weight
        assert smooth is not None  # no rule is offered where there are no constants
        assert self.teacher is not None
        known = constants[self.teacher]
        if self.weight == STAR:
            return known.lambda_star(gamma, smooth.mu)
        if self.weight == SAFE:
            return known.safe_lambda(gamma)
        return known.lambda_star_unbiased()

    def lane(self, gamma: float, lam: float) -> Lane:
        """This method as one run."""
        return Lane(self.kind, gamma, lam, self.teacher or 0)


PLAIN = Arm(Kind.PLAIN)


def linear_arms(num_teachers: int, lambdas: Sequence[float]) -> list[Arm]:
    """Plain SGD first, then SVRG, then all that a teacher can do for a linear model."""
    arms = [PLAIN, Arm(Kind.SVRG)]
    for q in range(num_teachers):
        arms += [Arm(Kind.KD, lam, q) for lam in lambdas]
        arms += [Arm(Kind.KD, STAR, q), Arm(Kind.KD, SAFE, q)]
        arms += [Arm(Kind.UNBIASED, 1.0, q), Arm(Kind.UNBIASED, UNBIASED_STAR, q)]
    return arms


def network_arms(num_teachers: int, lambdas: Sequence[float]) -> list[Arm]:
    """No rule for lambda, since no constants; but soft targets are another method."""
    arms = [PLAIN, Arm(Kind.SVRG)]
    for q in range(num_teachers):
        arms += [Arm(Kind.SOFT, lam, q) for lam in lambdas]
        arms += [Arm(Kind.KD, lam, q) for lam in lambdas]
        arms.append(Arm(Kind.UNBIASED, 1.0, q))
    return arms
