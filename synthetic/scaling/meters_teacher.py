"""What a choice of teacher can reach at a given student: minima over its loss."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from synthetic.scaling import enclose
from synthetic.scaling.desk_setting import Meter, ScalingSetting
from synthetic.scaling.meters_law import log_size
from synthetic.scaling.optimal import best_teacher_loss
from theory.evidence import Engine
from theory.scaling import FloatArray, Limits
from theory.scaling_flops import training
from theory.scaling_law import Law, log_excess, log_student, log_supervised

WORST = 8.0
POINTS = 4000
FAR, NEAR = 60.0, 1e-2
"""A very bad teacher, and one that is better than any can be."""

FEWEST, MOST = 1e8, 1e20
"""Tokens among which crossovers are looked for."""

CELLS = 3000
TIGHT = 1e-9
"""Relative error of a minimum found by ever finer grids, and of a bisection."""


def _curves(setting: ScalingSetting) -> Mapping[str, Limits]:
    c, law = setting.constants(), setting.law
    log_N, log_D = log_size(setting, "N")[:, None], np.log(c["D"])[:, None]
    low = law.supervised.log_E
    at = np.linspace(low, np.log(WORST), POINTS + 1)[None, 1:]
    value = _loss(law, log_N, log_D, at)
    rises = np.sign(np.diff(value, axis=1))
    turns = np.sum(rises[:, 1:] * rises[:, :-1] < 0, axis=1)
    anywhere = _argmin(law, log_N, log_D, np.log(NEAR))
    realisable = _argmin(law, log_N, log_D, low)
    best = _loss(law, log_N, log_D, np.log(anywhere)[:, None])[:, 0]
    own = np.exp(log_supervised(law.supervised, log_N, log_D))[:, 0]
    far = (_loss(law, log_N, log_D, np.array([np.log(x)]))[:, 0] for x in (FAR, NEAR))
    worse, better = far
    return {
        "turns": Limits.exact(turns),
        "best_anywhere": _about(anywhere, 1e-6),
        "best_teacher": _about(realisable, 1e-6),
        "best_of_all": Limits.exact(best),
        "own": Limits.exact(own),
        "loss_of_worse": Limits.exact(worse),
        "loss_of_better": Limits.exact(better),
    }


def _loss(
    law: Law, log_N: FloatArray, log_D: FloatArray, log_teacher: FloatArray
) -> FloatArray:
    return np.asarray(np.exp(log_student(law, log_N, log_D, log_teacher)))


def _argmin(law: Law, log_N: FloatArray, log_D: FloatArray, low: float) -> FloatArray:
    return best_teacher_loss(law, np.exp(log_N[:, 0]), np.exp(log_D[:, 0]), low)


def _about(value: FloatArray, error: float) -> Limits:
    return Limits(value * (1.0 - error), value * (1.0 + error))


def _sizes(setting: ScalingSetting) -> Mapping[str, Limits]:
    """The teacher of least L_S among those with 20 tokens a parameter."""
    c, law = setting.constants(), setting.law
    log_N = log_size(setting, "N")[:, None]
    log_D = np.log(c["D"])[:, None]

    def loss(log_T: FloatArray) -> FloatArray:
        teacher = log_supervised(law.supervised, log_T, log_T + np.log(20.0))
        return _loss(law, log_N, log_D, teacher)

    centre, half = np.full(log_N.shape, np.log(1e10)), np.log(1e4)
    for _ in range(6):
        at = centre + half * np.linspace(-1.0, 1.0, 401)
        k = np.argmin(loss(at), axis=1)[:, None]
        centre, half = np.take_along_axis(at, k, 1), half / 50.0
    return {"turn_size": _about(np.exp(centre[:, 0]), 1e-6)}


def _slopes(setting: ScalingSetting) -> Mapping[str, Limits]:
    c, law = setting.constants(), setting.law
    one, two = (
        best_teacher_loss(law, c["N"] * k, c["D"], law.supervised.log_E)
        for k in (1.0, c["times"])
    )
    slope = np.log(two / one) / np.log(c["times"])
    return {"slope": Limits(slope - 1e-5, slope + 1e-5)}


def _minima(setting: ScalingSetting) -> Mapping[str, Limits]:
    c, law = setting.constants(), setting.law
    found = [enclose.best_case(law, N, D) for N, D in zip(c["N"], c["D"], strict=True)]
    own = np.exp(log_supervised(law.supervised, np.log(c["N"]), np.log(c["D"])))
    low, high = (np.array([getattr(f, end) for f in found]) for end in ("low", "high"))
    return {"best": Limits(low, high), "own": Limits.exact(own)}


def _closest(setting: ScalingSetting) -> Mapping[str, Limits]:
    r"""The least ratio: both losses fall in D, so ends of cells enclose it."""
    law, ends = setting.law, np.geomspace(FEWEST, MOST, CELLS + 1)
    low, high = [], []
    for N in setting.constants()["N"]:
        own = np.exp(log_supervised(law.supervised, np.log(N), np.log(ends)))
        teacher = best_teacher_loss(
            law, np.full(ends.shape, N), ends, law.supervised.log_E
        )
        excess = log_excess(law, np.log(N), np.log(ends), np.log(teacher))
        best = teacher + np.exp(excess)
        low.append(np.min(own[1:] / best[:-1]))
        k = int(np.argmin(own / best))
        high.append(own[k] / enclose.best_case(law, N, float(ends[k]), gap=1e-9).low)
    return {"closest": Limits(np.array(low), np.array(high))}


def _first_root(f: Callable[[FloatArray], FloatArray]) -> float:
    """The first D at which f is no longer positive; infinite if it always is."""
    ends = np.linspace(np.log(FEWEST), np.log(MOST), 1200)
    done = np.flatnonzero(f(ends) <= 0)
    if not done.size or done[0] == 0:
        return np.inf if not done.size else FEWEST
    low, high = ends[done[0] - 1], ends[done[0]]
    while high - low > TIGHT:
        middle = 0.5 * (low + high)
        low, high = (middle, high) if f(np.array([middle]))[0] > 0 else (low, middle)
    return float(np.exp(high))


def crossover(law: Law, N: float, teacher: float | None, tolerance: float) -> float:
    r"""The first D from which $L \le (1 + $ tolerance $) L_S$.

    Of a teacher with that loss, or of the best one at each D.
    """

    def edge(log_D: FloatArray) -> FloatArray:
        own = log_supervised(law.supervised, np.log(N), log_D)
        log_teacher = np.full(log_D.shape, np.log(teacher or 1.0))
        if teacher is None:
            low = law.supervised.log_E
            sizes = np.full(log_D.shape, N)
            log_teacher = np.log(best_teacher_loss(law, sizes, np.exp(log_D), low))
        taught = log_student(law, np.log(N), log_D, log_teacher)
        return np.asarray(own - taught - np.log1p(tolerance))

    return _first_root(edge)


def _fixed(setting: ScalingSetting) -> Mapping[str, Limits]:
    c, law = setting.constants(), setting.law
    log_N, log_T = log_size(setting, "N"), log_size(setting, "N_T")
    teacher = np.exp(log_supervised(law.supervised, log_T, np.log(c["D_T"])))
    found = [
        crossover(law, float(np.exp(n)), float(t), 0.0)
        for n, t in zip(log_N, teacher, strict=True)
    ]
    return {"crossover": _about(np.array(found), 1e-6)}


def _costs(setting: ScalingSetting) -> Mapping[str, Limits]:
    c, a = setting.constants(), setting.architecture
    rows = zip(c["N"], c["tolerance"], strict=True)
    tokens = [crossover(setting.law, N, None, tolerance) for N, tolerance in rows]
    return {"crossover_flops": _about(training(c["N"], np.array(tokens), a), 1e-6)}


def _flops(setting: ScalingSetting) -> Mapping[str, Limits]:
    c, a = setting.constants(), setting.architecture
    found = {}
    for name, sizes in (("crossover", c["N"]), ("next_crossover", c["N_next"])):
        tokens = [
            crossover(setting.law, N, None, tolerance)
            for N, tolerance in zip(sizes, c["tolerance"], strict=True)
        ]
        found[name] = _about(training(sizes, np.array(tokens), a), 1e-6)
    return found


GRID = "the law on ever finer grids of the teacher's loss"
CURVES = Meter(
    frozenset(
        {
            *("turns", "best_anywhere", "best_teacher", "best_of_all", "own"),
            *("loss_of_worse", "loss_of_better"),
        }
    ),
    _curves,
    f"the law at {POINTS} losses of the teacher, and on ever finer grids",
)
SIZES = Meter(frozenset({"turn_size"}), _sizes, "the law on ever finer grids of N_T")
SLOPES = Meter(frozenset({"slope"}), _slopes, GRID)
MINIMA = Meter(
    frozenset({"best", "own"}),
    _minima,
    "branch and bound over the teacher's loss",
    Engine.BRANCHING,
)
CLOSEST = Meter(
    frozenset({"closest"}),
    _closest,
    f"{CELLS} cells of D from {FEWEST:g} to {MOST:g}, by the ends of each",
    Engine.BRANCHING,
)
FIXED = Meter(frozenset({"crossover"}), _fixed, "bisection in log D")
COSTS = Meter(
    frozenset({"crossover_flops"}),
    _costs,
    "bisection in log D, at the best teacher for each D",
)
CROSSOVERS = Meter(
    frozenset({"crossover", "next_crossover"}),
    _flops,
    "bisection in log D, at the best teacher for each D",
)
