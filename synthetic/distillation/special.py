"""Benches with known answers: where folklore fails, and where bounds are attained."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from synthetic.distillation import instances
from synthetic.distillation.numbers import square, teacher_moments
from synthetic.distillation.problems import FiniteSum, FloatArray, Quadratic
from synthetic.distillation.separable import Separable, separable
from synthetic.distillation.setting import Bench
from theory import distillation_formulas as formulas
from theory.distillation import Variant

LAW = frozenset({"limit"})


def benches() -> Iterator[Bench]:
    """All of them."""
    yield from _trees()
    yield unsafe()
    yield unsafe_gap()
    yield negative()
    yield attained()
    yield finite_time()
    yield small_steps()
    yield from _rays()
    yield nonconvex()


def one(  # noqa: PLR0913 -- the fields of a bench
    name: str,
    problem: FiniteSum,
    teacher: FloatArray,
    weight: FloatArray,
    step: FloatArray,
    *,
    start: FloatArray | None = None,
    horizon: int = 2,
    variant: Variant = Variant.BIASED,
    offers: frozenset[str] = LAW,
) -> Bench:
    """A bench from teachers relative to the minimiser, (B, d)."""
    away = np.zeros_like(teacher) if start is None else start
    return Bench(
        name=name,
        problem=problem,
        start=problem.star + away,
        teacher=problem.star + teacher,
        weight=weight,
        step=step,
        horizon=horizon,
        variant=variant,
        offers=offers,
    )


def _trees() -> Iterator[Bench]:
    """Two components: few paths, so moments can be compared with all of them."""
    problem = instances.two_atoms()
    teacher = np.repeat([[2.0], [0.5], [0.0]], 4, axis=0)
    weight = np.tile([-0.5, 0.3, 1.0, 1.5], 3)
    for variant in Variant:
        yield one(
            f"two atoms, every path, {variant}",
            problem,
            teacher,
            weight,
            np.tile([0.05, 0.2], 6),
            start=np.full_like(teacher, -1.0),
            horizon=6,
            variant=variant,
            offers=frozenset({"trees", "numbers"}),
        )


def _best_sqc(problem: Quadratic, teacher: FloatArray, step: float) -> FloatArray:
    r"""$\lambda^\star$ of $N_1'$."""
    m = teacher_moments(problem, problem.star + teacher)
    kappa = formulas.sqc_simple_kappa(step, problem.mu)
    return np.asarray(formulas.best_weight(m["cross"], m["H2"], m["G2"], kappa))


def _best_pl(problem: Quadratic, teacher: FloatArray, step: float) -> FloatArray:
    r"""$\lambda^\star$ of $N_2'$."""
    m = teacher_moments(problem, problem.star + teacher)
    kappa = formulas.pl_simple_kappa(step, problem.L)
    return np.asarray(formulas.best_weight(m["cross"], m["H2"], m["G2"], kappa))


def unsafe() -> Bench:
    """Where the bound's best weight costs 70.4313 times plain SGD's error."""
    problem = instances.unsafe()
    step = 0.125 / problem.cL
    teacher = np.array([[0.0, np.sqrt(18.75)]])
    weight = _best_sqc(problem, teacher, step)
    return one("unsafe", problem, teacher, weight, np.array([step]))


def unsafe_gap() -> Bench:
    """Where it costs 50.0635 times plain SGD's gap."""
    problem = instances.unsafe()
    step = 0.25 * problem.mu_pl / (problem.L * problem.cL)
    teacher = np.array([[0.0, 5.0]])
    weight = _best_pl(problem, teacher, step)
    return one("unsafe for gaps", problem, teacher, weight, np.array([step]))


def negative() -> Bench:
    """Where the bound's best weight is negative and the right one is not."""
    problem = instances.two_atoms()
    teacher = np.array([[2.0]])
    weight = _best_sqc(problem, teacher, 0.05)
    offers = frozenset({"limit", "numbers"})
    step = np.array([0.05])
    return one("two atoms, theta = 2", problem, teacher, weight, step, offers=offers)


def attained() -> Bench:
    r"""$H = I$, $\gamma = 1/cL$, $\Delta = \gamma S_2/4$: the safe weight's loss."""
    problem = instances.iso()
    step = 1.0 / problem.cL
    noise = float(problem.weights @ square(problem.at_star))
    teacher = np.zeros((1, problem.dim))
    teacher[0, 0] = np.sqrt(2.0 * step * noise / 4.0)
    weight = np.array([formulas.safe_weight(step, noise, step * noise / 4.0)])
    return one("safe weight, attained", problem, teacher, weight, np.array([step]))


def finite_time() -> Bench:
    """Where an independent teacher helps at finite t."""
    problem = instances.additive(
        "H = 1", (1.0,), np.array([[0.1], [-0.1]]), np.zeros(1)
    )
    return one(
        "H = 1, finite t",
        problem,
        np.array([[1.0]]),
        np.array([0.3]),
        np.array([0.1]),
        start=np.array([[-1.0]]),
        horizon=11,
        variant=Variant.INDEPENDENT,
        offers=frozenset({"run", "limit"}),
    )


def small_steps() -> Bench:
    """L = 1, mu = 0.1, H2 = 2, G2 = 1."""
    problem = instances.additive(
        "H = diag(1, 0.1)", (1.0, 0.1), np.array([[1.0, 0.0], [-1.0, 0.0]]), np.zeros(2)
    )
    numbers = frozenset({"numbers"})
    return one(
        "short steps",
        problem,
        np.array([[1.0, 0.0]]),
        np.array([0.5]),
        np.array([0.025]),
        offers=numbers,
    )


def _rays() -> Iterator[Bench]:
    """Teachers along one ray."""
    tau = np.linspace(0.05, 3.0, 60)
    for family, gamma in (
        (instances.two_atoms, 0.05),
        (instances.gauss, 0.01),
        (instances.ill, 0.01),
        (instances.skew, 0.01),
    ):
        problem = family()
        rng = np.random.default_rng(23)
        direction = rng.standard_normal(problem.dim)
        if problem.dim == 1:
            direction = np.ones(1)
        teacher = tau[:, None] * direction / np.linalg.norm(direction)
        step = np.full(len(tau), min(gamma, 0.1 / problem.cL))
        yield one(
            f"{problem.name}, along a ray",
            problem,
            teacher,
            np.zeros(len(tau)),
            step,
            offers=frozenset({"numbers"}),
        )


def nonconvex() -> Bench:
    """One component of $x^2 + 3 sin^2 x$, without noise."""
    problem: Separable = separable(
        "x^2 + 3 sin^2 x", "sine", np.ones((1, 2)), np.zeros((1, 2))
    )
    step = 0.25 * problem.mu_pl / (problem.L * problem.cL)
    return one(
        "nonconvex teacher",
        problem,
        np.array([[0.354, 0.354]]),
        np.ones(1),
        np.array([step]),
        start=np.array([[3.0, -2.0]]),
        horizon=20_001,
        offers=frozenset({"run"}),
    )
