"""Methods as frozen values: a step rule, a momentum schedule, and the target values.

A method holds hyperparameters only. Its state, $(x_t, z_t)$, belongs to the engine.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from theory import formulas, schedules
from theory.errors import InputError
from theory.schedules import Schedule

FloatArray = NDArray[np.float64]
StepRule = Callable[[Any, Any, Any, Any, Any], Any]
OwnStep = Callable[[int, Any, Any, tuple[Any, Any, Any]], tuple[Any, Any]]
r"""$t, x_t, m_t, (f_\xi(x_t), g_t, v_\xi) \mapsto x_{t+1}, m_{t+1}$ of P paths.

$m_0$ is `None`; points and gradients have shape (P, d), losses and targets (P,).
"""


class Family(StrEnum):
    """What a claim is about: the rule together with the schedule's convention."""

    SPS = "SPS*"
    IAM_P = "IAM (lambda_t = t)"
    IAM_C = "IAM (lambda_t = t - 1)"
    IAM_K = "IAM (constant lambda)"
    IAM_OTHER = "IAM (another schedule)"
    SPS_CAPPED = "SPS* with a cap"
    IAM_CAPPED = "IAM (lambda_t = t) with a cap"
    OTHER = "another method"
    KD = "SGD with distillation"
    KD_UNBIASED = "SGD with unbiased distillation"
    KD_INDEPENDENT = "SGD with distillation on independent samples"
    KD_NETWORK = "the distillation gradient of a model"
    KD_COMPRESSED = "SGD with distillation, unbiased compression"
    KD_CONTRACTIVE = "SGD with distillation, contractive compression"
    KD_SPARSE = "SGD with distillation, hard thresholding"
    KD_MASKED = "SGD with distillation, a fixed mask"
    PARITY_FOURIER = "the Fourier coefficients of a biased threshold"
    PARITY_NEURON = "a neuron with weights of one size, on sparse parity"
    PARITY_STEP = "one gradient step of a hidden layer, on sparse parity"
    PARITY_QUERY = "statistical queries on sparse parity"
    PARITY_SEARCH = "finding the support of a sparse parity from samples"
    PARITY_CHECKPOINTS = "reading a sparse parity off two checkpoints"
    PARITY_LAYER = "a second layer that represents a sparse parity"
    PARITY_LABELS = "reading a sparse parity off one neuron"
    PARITY_STUDENT = "a student's SGD on sparse parity"
    DEVIATIONS_LOOP = "gradient descent on a linear teacher's outputs"
    DEVIATIONS_FUNCTION = "progress in one direction as a function of another's"
    DEVIATIONS_FILTER = "a linear student, its teacher and a direct model"
    DEVIATIONS_STEPS = "the same in whole steps of gradient descent"
    DEVIATIONS_RISK = "the risk of linear students"
    DEVIATIONS_SWITCHING = "a linear student of labels and a teacher in turn"
    SCALING_LAW = "scaling laws of distilled language models"
    SCALING_KERNEL = "a student of a kernel model's teacher"
    PCFG_LENGTHS = "the lengths of a grammar's sentences"
    PCFG_MEASURES = "how predictions of a masked token depend on an n-gram"
    PCFG_WINDOWS = "Bayes predictors of masked tokens from windows"
    PCFG_ORACLE = "inside-outside on sentences with masks"
    PCFG_SAMPLER = "a sampler of sentences and their trees"
    PEP_RUN = "a whole run, on every function of a class"
    PEP_STEP = "one Polyak step of any size, on every function of a class"


ELSEWHERE = ("KD", "PARITY", "DEVIATIONS", "SCALING", "PCFG", "PEP")
POLYAK = frozenset(f for f in Family if not f.name.startswith(ELSEWHERE))
"""Everything that a `Method` may be; the others belong to other systems."""


@dataclass(frozen=True)
class Method:
    r"""$z^+ = z - \eta g$, $x^+ = (\lambda^+ x + z^+) / (1 + \lambda^+)$.

    Attributes:
        name: What tables call it.
        rule: $\eta$ from `(loss, target, inner, grad_norm_sq, size)`.
        schedule: $\lambda_t$.
        size: The rule's parameter: a constant step or a cap, in units of $x$ per
            unit of gradient; ignored by the plain Polyak rules.
        step: A whole step of another kind, in place of rule, schedule and size.

    """

    name: str
    rule: StepRule
    schedule: Schedule = schedules.NONE
    size: float = 0.0
    step: OwnStep | None = None

    def __post_init__(self) -> None:
        """Refuse a size that is not a finite, nonnegative number."""
        if not (math.isfinite(self.size) and self.size >= 0):
            msg = f"Need a finite size >= 0 for {self.name}, got {self.size=}."
            raise InputError(msg)

    @property
    def family(self) -> Family:
        """The family whose theorems speak of this method."""
        rules = (formulas.polyak, formulas.capped_polyak)
        if self.step is not None or self.rule not in rules:
            return Family.OTHER
        if self.rule is formulas.capped_polyak:
            capped = {
                schedules.NONE: Family.SPS_CAPPED,
                schedules.P_CONVENTION: Family.IAM_CAPPED,
            }
            return capped.get(self.schedule, Family.OTHER)
        if self.schedule == schedules.NONE:
            return Family.SPS
        if self.schedule == schedules.P_CONVENTION:
            return Family.IAM_P
        if self.schedule == schedules.C_CONVENTION:
            return Family.IAM_C
        return Family.IAM_K if self.schedule.slope == 0 else Family.IAM_OTHER


SPS_STAR = Method("SPS*", formulas.polyak)
IAM_P = Method("IAM-P", formulas.polyak, schedules.P_CONVENTION)
IAM_C = Method("IAM-C", formulas.polyak, schedules.C_CONVENTION)


def iam_k(lam: float) -> Method:
    r"""IAM with a constant $\lambda$."""
    return Method(f"IAM-K({lam:g})", formulas.polyak, schedules.k_convention(lam))


def sgd(step: float) -> Method:
    r"""SGD with the constant step $\gamma$ = `step`."""
    return Method(f"SGD({step:.3g})", formulas.constant, size=step)


def own_method(name: str, step: OwnStep) -> Method:
    """A method of another kind: no claim of this project speaks of it."""
    return Method(name, formulas.constant, step=step)


def capped_sps(cap: float) -> Method:
    r"""SPS* whose step never exceeds `cap`."""
    return Method(f"SPS*-capped({cap:.3g})", formulas.capped_polyak, size=cap)


def capped_iam(cap: float) -> Method:
    r"""IAM (paper's schedule) whose $\eta_t$ never exceeds `cap`."""
    return Method(
        f"IAM-P-capped({cap:.3g})",
        formulas.capped_polyak,
        schedules.P_CONVENTION,
        size=cap,
    )


@dataclass(frozen=True)
class Target:
    r"""The values $v_\xi = f_\xi(u) + e_\xi$ that the method is told.

    Attributes:
        shift: $e_\xi$, one number for all components or one per component. Positive
            is an overestimate (safe, stops early), negative an underestimate.
        pooled: Replace $f_\xi(u)$ by its mean $f(u)$: a wrong variant that a claim
            has to catch wherever the losses at the minimiser differ.

    """

    shift: float | tuple[float, ...] = 0.0
    pooled: bool = False

    def errors(self, loss_star: FloatArray, weights: FloatArray) -> FloatArray:
        r"""$e_\xi$, shape (n,), for `loss_star` = $f_\xi(u)$ drawn with `weights`."""
        shift = np.asarray(self.shift, dtype=np.float64)
        if shift.shape not in {(), loss_star.shape}:
            msg = (
                f"Need one target error or {loss_star.size} (one per component), "
                f"got {shift.size}."
            )
            raise InputError(msg)
        if not np.all(np.isfinite(shift)):
            msg = f"Need finite target errors, got {shift[~np.isfinite(shift)][0]}."
            raise InputError(msg)
        pooled = float(weights @ loss_star) - loss_star if self.pooled else 0.0
        return np.asarray(pooled + shift + np.zeros_like(loss_star))


EXACT = Target()
POOLED = Target(pooled=True)
