"""What follows from the law by evaluating it: losses, factors, FLOPs, limits."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from synthetic.scaling.desk_setting import Meter, ScalingSetting
from theory.scaling import FloatArray, Limits
from theory.scaling_flops import forward
from theory.scaling_law import (
    Distilled,
    Law,
    compute_exponents,
    kappa,
    log_bracket,
    log_capacity,
    log_excess,
    log_student,
    log_supervised,
)


def log_size(setting: ScalingSetting, name: str) -> FloatArray:
    """Logarithm of a column; embeddings are added if the setting says so."""
    N = setting.constants()[name]
    if setting.is_total:
        N = N + setting.architecture.embedding(N)
    return np.asarray(np.log(N))


def _losses(setting: ScalingSetting) -> Mapping[str, Limits]:
    c, law = setting.constants(), setting.law
    log_N, log_D = log_size(setting, "N"), np.log(c["D"])
    own = log_supervised(law.supervised, log_N, log_D)
    log_T, log_tokens = log_size(setting, "N_T"), np.log(c["D_T"])
    teacher = log_supervised(law.supervised, log_T, log_tokens)
    taught = log_student(law, log_N, log_D, teacher)
    return {"loss": Limits.exact(np.exp(np.where(c["taught"], taught, own)))}


def _forward(setting: ScalingSetting) -> Mapping[str, Limits]:
    N = np.exp(log_size(setting, "N"))
    return {"forward": Limits.exact(forward(N, setting.architecture))}


def _points(setting: ScalingSetting) -> Mapping[str, Limits]:
    c, law = setting.constants(), setting.law
    log_N, log_D, log_T = log_size(setting, "N"), np.log(c["D"]), np.log(c["L_T"])
    own = log_supervised(law.supervised, log_N, log_D)
    values = {
        "loss": np.exp(log_student(law, log_N, log_D, log_T)),
        "own": np.exp(own),
        "log_excess": log_excess(law, log_N, log_D, log_T),
        "log_capacity": log_capacity(law.distilled, log_N, log_D),
    }
    return {name: Limits.exact(value) for name, value in values.items()}


def _growth(setting: ScalingSetting) -> Mapping[str, Limits]:
    c, law = setting.constants(), setting.law
    log_N, log_D, log_T = log_size(setting, "N"), np.log(c["D"]), np.log(c["L_T"])
    more_N, more_D = log_N + np.log(c["times_N"]), log_D + np.log(c["times_D"])
    values = {
        "log_excess": log_excess(law, log_N, log_D, log_T),
        "grown_excess": log_excess(law, more_N, more_D, log_T),
        "log_capacity": log_capacity(law.distilled, log_N, log_D),
        "grown_capacity": log_capacity(law.distilled, more_N, more_D),
    }
    return {name: Limits.exact(value) for name, value in values.items()}


def _ratios(setting: ScalingSetting) -> Mapping[str, Limits]:
    r = setting.constants()["ratio"]
    return {"log_bracket": Limits.exact(log_bracket(setting.law.distilled, np.log(r)))}


RATIOS = np.linspace(0.3, 1.3, 2001)


def with_c1(law: Law, c1: FloatArray) -> Distilled:
    r"""The coefficients with another c1 and the same f1 and kappa."""
    q = law.distilled
    log_d1 = q.f1 * (np.log(c1 * q.f1) - np.log(kappa(q)))
    return q._replace(c1=c1, log_d1=log_d1)


def _spread(setting: ScalingSetting) -> Mapping[str, Limits]:
    q = with_c1(setting.law, setting.constants()["c1"][:, None])
    limit = np.exp(-kappa(setting.law.distilled) * RATIOS ** (1.0 / q.f1))
    found = np.exp(log_bracket(q, np.log(RATIOS)[None, :]))
    return {"spread": Limits.exact(np.max(np.abs(found - limit), axis=1))}


def _exponents(setting: ScalingSetting) -> Mapping[str, Limits]:
    c = setting.constants()
    a, _ = compute_exponents(c["alpha"], c["beta"])
    return {"exponent": Limits.exact(a)}


SOURCE = "the law in double precision"
LOSSES = Meter(frozenset({"loss"}), _losses, SOURCE)
FORWARD = Meter(frozenset({"forward"}), _forward, "the sum of the matrix products")
POINTS = Meter(
    frozenset({"loss", "own", "log_excess", "log_capacity"}), _points, SOURCE
)
GROWTH = Meter(
    frozenset({"log_excess", "grown_excess", "log_capacity", "grown_capacity"}),
    _growth,
    SOURCE,
)
BRACKET = Meter(frozenset({"log_bracket"}), _ratios, SOURCE)
SPREAD = Meter(frozenset({"spread"}), _spread, f"{SOURCE}, at 2001 ratios")
EXPONENTS = Meter(frozenset({"exponent"}), _exponents, SOURCE)
