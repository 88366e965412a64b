"""Break distillation's engines and formulas on purpose: some claim must turn red."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from synthetic.desk import Options
from synthetic.distillation import (
    catalogue,
    controls,
    exact,
    instances,
    lyapunov,
    moments,
    numbers,
    paths,
    search,
    separable,
    setting,
    special,
)
from synthetic.distillation.moments import Law
from synthetic.distillation.problems import Quadratic
from synthetic.distillation.rule import (
    LESS,
    MORE,
    RULES as ORIGINAL,
    WHOLE,
    Affine,
    Rule,
)
from synthetic.distillation.setting import Bench
from synthetic.verify import judge_setting
from theory import distillation_formulas as f
from theory.claims import CLAIMS
from theory.distillation import Variant
from theory.judge import Status

OPTIONS = Options(alpha=1e-9)
OTHERS = ("kd.compressed", "kd.grad")  # they have tests of their own
# Broken code may take roots of negative numbers before anybody judges it.
pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")
TRUE = [
    claim
    for claim in CLAIMS.values()
    if claim.id.startswith("kd.")
    and not claim.id.startswith(OTHERS)
    and claim.expected is Status.HOLDS
]


def benches() -> Iterator[Bench]:
    """Fresh ones each time, as constants are kept with a bench: few, quick, telling."""
    gauss, iso = instances.gauss(), instances.iso()
    for variant in Variant:
        yield catalogue.grid(gauss, variant, 5, distances=(0.0, 0.3), steps=(1 / 8,))
    for bench in special.benches():
        if bench.horizon < 100 and "ray" not in bench.name:
            yield bench
    for weight in (0.0, 1.0):
        yield controls.flat(instances.onehot(), weight=weight, relative_step=0.25)
    yield replace(controls.flat(gauss), offers=frozenset({"run"}))
    for variant in Variant:
        yield catalogue.grid(iso, variant, 5, distances=(0.0, 0.3), steps=(1 / 8,))
    for problem in (gauss, fresh_waves(), iso):
        yield catalogue.probes(problem, Variant.BIASED, 150, seed=104)
        yield catalogue.probes(problem, Variant.UNBIASED, 150, seed=9)


def fresh_waves() -> separable.Separable:
    """Made anew, so that a broken constant shows; tight in A1 and A3 at random."""
    rng = np.random.default_rng(13)
    scales = rng.uniform(0.5, 1.5, (20, 2))
    return separable.separable("waves", "log", scales, rng.standard_normal((20, 2)))


def red(skip: int = 0) -> str:
    """The first true claim that does not hold somewhere; "" if there is none."""
    for number, bench in enumerate(benches()):
        if number < skip:
            continue
        for outcome in judge_setting(bench, TRUE, OPTIONS):
            if outcome.verdict.status in {Status.REFUTED, Status.INCONCLUSIVE}:
                return f"{outcome.claim_id} on {bench.name}"
    return ""


def test_all_is_green_before_anything_is_broken() -> None:
    assert not red()


def without_mixed(_self: Law, m: Any) -> Any:
    return np.zeros((*m.shape, m.shape[1]))


RIGHT_NOISE, RIGHT_MIXED, RIGHT_STEP = Law.noise, Law.mixed, Law.step
RIGHT_PRODUCTS = lyapunov.mean_of_products
RIGHT_MOVES, RIGHT_TEACHER = exact.moves, numbers.teacher_moments
RIGHT_CONSTANTS, RIGHT_SHIFTED = separable.constants, numbers.shifted_optimum
RIGHT_DESCEND = paths.descend


def even_chances(bench: Bench, x: Any, part: slice) -> Any:
    points, chance = RIGHT_MOVES(bench, x, part)
    skewed = np.linspace(0.5, 1.5, len(chance))
    return points, skewed / skewed.sum()


def swapped_moments(problem: Any, teacher: Any) -> Any:
    found = dict(RIGHT_TEACHER(problem, teacher))
    found["G2"], found["H2"] = found["H2"], found["G2"]
    return found


def scaled(name: str, factor: float) -> Callable[[Any, Any], Any]:
    def teacher_moments(problem: Any, teacher: Any) -> Any:
        found = dict(RIGHT_TEACHER(problem, teacher))
        found[name] = factor * found[name]
        return found

    return teacher_moments


def late(bench: Bench) -> Any:
    x = RIGHT_SHIFTED(bench)
    return None if x is None else 0.5 * (x + bench.problem.star)


def separable_with(index: int, factor: float) -> Callable[[str], Any]:
    def constants(wave: str) -> Any:
        values = list(RIGHT_CONSTANTS(wave))
        values[index] *= factor
        return tuple(values)

    return constants


def products_of_the_mean(problem: Quadratic, m: Any) -> Any:
    return problem.hessian @ m @ problem.hessian


def momentum_forgotten(*args: Any) -> Any:
    """Momentum in the distilled path alone."""
    bench, start, weight, draws, steps, momentum = args
    if np.all(weight == 0):
        momentum = 0.0
    return RIGHT_DESCEND(bench, start, weight, draws, steps, momentum)


ENGINES: dict[str, tuple[object, str, Any]] = {
    "moments without the mixed term": (Law, "mixed", without_mixed),
    "moments with half of the mixed term": (
        Law,
        "mixed",
        lambda self, m: 0.5 * RIGHT_MIXED(self, m),
    ),
    "moments with half of the noise": (
        Law,
        "noise",
        lambda self: 0.5 * RIGHT_NOISE(self),
    ),
    "noise without the independent part": (
        Law,
        "noise",
        lambda self: RIGHT_NOISE(replace(self, spread=0.0 * self.spread)),
    ),
    "moments with the noise of the next step": (
        Law,
        "step",
        lambda self, m, square, noise: RIGHT_STEP(self, m, square, noise) + noise,
    ),
    "H M H for E[H_i M H_i]": (lyapunov, "mean_of_products", products_of_the_mean),
    "half of E[H_i M H_i]": (
        lyapunov,
        "mean_of_products",
        lambda problem, m: 0.5 * RIGHT_PRODUCTS(problem, m),
    ),
    "paths with wrong chances": (exact, "moves", even_chances),
    "G2 and H2 swapped": (numbers, "teacher_moments", swapped_moments),
    "half of the cross term": (numbers, "teacher_moments", scaled("cross", 0.5)),
    "half of H2": (numbers, "teacher_moments", scaled("H2", 0.5)),
    "a tenth of G2": (numbers, "teacher_moments", scaled("G2", 0.1)),
    "an optimum half shifted": (setting, "shifted_optimum", late),
    "K of a separable family": (separable, "constants", separable_with(3, 0.9)),
    "mu of a separable family": (separable, "constants", separable_with(0, 1.1)),
    "PL mu of a separable family": (separable, "constants", separable_with(1, 1.1)),
    "no momentum in the plain path": (paths, "descend", momentum_forgotten),
    "a search of three sections": (search, "SECTIONS", 3),
}


@pytest.mark.parametrize("name", ENGINES)
def test_a_broken_engine_turns_something_red(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner, attribute, value = ENGINES[name]
    monkeypatch.setattr(owner, attribute, value)
    assert red()


RULES: dict[str, dict[Variant, Rule]] = {
    "wrong sign": {Variant.BIASED: Rule("wrong", same=MORE)},
    "the student's gradient weighted": {
        Variant.BIASED: Rule("wrong", own=Affine(1.0, -1.0), same=LESS)
    },
    "independent for biased": {Variant.BIASED: Rule("wrong", independent=LESS)},
    "mean not added back": {Variant.UNBIASED: Rule("wrong", same=LESS)},
    "mean subtracted": {Variant.UNBIASED: Rule("wrong", same=LESS, mean=LESS)},
    "teacher forgotten": {Variant.UNBIASED: Rule("wrong", own=WHOLE)},
    "same sample for independent": {Variant.INDEPENDENT: Rule("wrong", same=LESS)},
    "lambda doubled": {Variant.BIASED: Rule("wrong", same=Affine(0.0, -2.0))},
}


@pytest.mark.parametrize("name", RULES)
def test_a_wrong_rule_turns_something_red(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(setting, "RULES", {**ORIGINAL, **RULES[name]})
    assert red()


def times(name: str, factor: float) -> tuple[str, Callable[..., Any]]:
    right = getattr(f, name)
    return name, lambda *args: factor * right(*args)


FORMULAS: dict[str, tuple[str, Callable[..., Any]]] = {
    "noise without its cross term": (
        "noise",
        lambda s2, h2, cross, w: s2 + w * w * h2 + 0.0 * cross,
    ),
    "noise with one cross term": (
        "noise",
        lambda s2, h2, cross, w: s2 - w * cross + w * w * h2,
    ),
    "half of N1": times("sqc_floor", 0.5),
    "half of N1'": times("sqc_simple_floor", 0.5),
    "half of N2": times("pl_floor", 0.5),
    "the master floor a tenth lower": times("sqc_master", 0.9),
    "the master floor of gaps a tenth lower": times("pl_master", 0.9),
    "the sharp floor a third lower": times("sqc_sharp_floor", 0.67),
    "the sharp floor of gaps a third lower": times("pl_sharp_floor", 0.67),
    "the plain floor 0.45 times": times("sqc_plain_floor", 0.45),
    "the contraction a thousandth faster": times("contraction", 0.999),
    "stationary with (1 - lambda)^2 of the teacher": (
        "stationary",
        lambda w, teacher, plain: (1 - w) ** 2 * teacher + w * w * plain,
    ),
    "best weight upside down": ("optimal_weight", lambda t, p: t / (p + t)),
    "best error a harmonic mean": times("optimal_error", 2.0),
    "safe excess halved": (
        "safe_excess",
        lambda step, cL: 1 + (0.5 * step * cL) ** 2 / 16,
    ),
    "kappa without 1 - 2u": ("sqc_kappa", lambda step, mu, cL: 1 / (2 * step * mu)),
    "kappa for N2 without b": ("pl_kappa", lambda s, m, L, c: 1 / (2 * s * L)),
    "kappa' with 1/2 for 2/3": ("sqc_simple_kappa", lambda s, mu: 1 / (2 * s * mu)),
    "kappa' for N2' halved": times("pl_simple_kappa", 0.5),
}


@pytest.mark.parametrize("name", FORMULAS)
def test_a_wrong_formula_turns_something_red(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    attribute, value = FORMULAS[name]
    monkeypatch.setattr(f, attribute, value)
    assert red()


def test_roundoff_that_is_too_generous_is_noticed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(moments, "EPS", 1e-6)
    assert red()
