"""What engines say of their own roundoff is true: against 64-bit mantissas."""

from dataclasses import replace

import numpy as np
import pytest

from synthetic.desk import Options
from synthetic.distillation import exact, instances, moments, sampled
from synthetic.distillation.catalogue import graded_bench
from synthetic.distillation.problems import FloatArray, IntArray, Quadratic, quadratic
from synthetic.distillation.setting import Bench
from synthetic.distillation.special import one
from synthetic.verify import judge_setting
from theory.claims import CLAIMS
from theory.distillation import Variant
from theory.judge import Status

OTHERS = ("kd.compressed", "kd.grad")  # they have tests of their own
KD = [
    claim
    for claim in CLAIMS.values()
    if claim.id.startswith("kd.") and not claim.id.startswith(OTHERS)
]
LONG = np.longdouble
needs_long = pytest.mark.skipif(
    bool(np.finfo(LONG).eps > 1e-18), reason="longdouble is no longer than double here"
)


def rotated(scale: float, offset: float) -> Quadratic:
    """Curvatures from 1e-6 to 1 in a rotated basis, two components, far from 0."""
    basis, _ = np.linalg.qr(np.random.default_rng(0).standard_normal((4, 4)))
    factors = np.array(
        [np.diag(d) @ basis.T for d in ([1, 0.9, 0.8, 1e-3], [0.9, 1, 1.1, 1.5e-3])]
    )
    noise = 1e-3 * np.array([[1.0, 0, 0, 0.5], [-1.0, 0, 0, -0.5]]) @ basis.T
    return quadratic("rotated", scale * factors, noise, np.full(4, offset))


def long_run(
    bench: Bench, centre: FloatArray | None, times: IntArray
) -> tuple[np.ndarray, np.ndarray]:
    """Second moments and gaps in long doubles, by the definition."""
    problem = bench.problem
    assert isinstance(problem, Quadratic)
    factors, w = problem.factors.astype(LONG), problem.weights.astype(LONG)
    eye = np.eye(problem.dim, dtype=LONG)
    hessians = np.array([f.T @ f for f in factors]) + LONG(problem.ridge) * eye
    star = problem.star.astype(LONG)
    mean_h = np.einsum("n,nde->de", w, hessians)
    dist, gaps = [], []
    for k in range(bench.count):
        lam, gamma = LONG(bench.weight[k]), LONG(bench.step[k])
        middle = star if centre is None else centre[k].astype(LONG)
        h = hessians @ (bench.teacher[k].astype(LONG) - star) + problem.noise
        at = hessians @ (middle - star) + problem.noise
        g = w @ h
        noise = -gamma * (at - lam * h)
        if bench.variant is Variant.UNBIASED:
            noise = noise - gamma * lam * g
        keep = eye - gamma * hessians
        m = bench.start[k].astype(LONG) - middle
        square = np.outer(m, m)
        rows: tuple[list[LONG], list[LONG]] = ([], [])
        for t in range(int(times[-1]) + 1):
            if t in times:
                rows[0].append(np.trace(square))
                rows[1].append(np.trace(mean_h @ square) / 2)
            moved = keep @ m
            mixed = np.einsum("n,nd,ne->de", w, moved, noise)
            square = np.einsum("n,nab,bc,ndc->ad", w, keep, square, keep)
            square = square + mixed + mixed.T
            square = square + np.einsum("n,nd,ne->de", w, noise, noise)
            m = w @ (moved + noise)
        dist.append(rows[0])
        gaps.append(rows[1])
    return np.array(dist), np.array(gaps)


TIMES = np.arange(0, 101, 10)


def far(scale: float, distance: float, relative: float, offset: float) -> Bench:
    """Starts far along steep directions, near along the flattest one."""
    problem = rotated(scale, offset)
    _, basis = np.linalg.eigh(problem.hessian)
    away = basis @ np.array([1.0, 0.0, distance, distance])
    weight = np.array([0.0, 0.5, 1.0, -1.0])
    return one(
        "far",
        problem,
        np.tile(basis @ np.array([0.3, 0.0, 0.0, 0.1]), (4, 1)),
        weight,
        np.full(4, relative / problem.cL),
        start=np.tile(away, (4, 1)),
        horizon=101,
        offers=frozenset({"run"}),
    )


@needs_long
@pytest.mark.parametrize("variant", [Variant.BIASED, Variant.UNBIASED])
@pytest.mark.parametrize(
    ("scale", "distance", "relative", "offset"),
    [
        (1.0, 1.0, 0.5, 0.0),
        (1.0, 1e5, 0.5, 0.0),
        (1.0, 1e7, 1.0, 0.0),
        (1e3, 1e5, 1.0, 1e3),
        (1.0, 1.0, 3.0, 0.0),  # unstable: it grows to 1e58
    ],
)
def test_moments_are_as_close_to_the_truth_as_they_say(
    variant: Variant, scale: float, distance: float, relative: float, offset: float
) -> None:
    bench = replace(far(scale, distance, relative, offset), variant=variant)
    star = np.broadcast_to(bench.problem.star, bench.start.shape)
    for centre in (None, bench.teacher):
        found = moments.run(bench, star if centre is None else centre, TIMES)
        dist, gaps = long_run(bench, centre, TIMES)
        off = np.abs(found.dist_sq - dist).astype(float)
        assert np.all(off <= found.error)
        off = np.abs(found.gap - gaps).astype(float)
        assert np.all(off <= 0.5 * bench.problem.L * found.error)
    # and they do not say "anything goes" where the numbers are good
    if distance == 1.0:
        assert np.all(found.error <= 1e-9 * found.dist_sq + 1e-25)


@needs_long
@pytest.mark.parametrize(("distance", "offset"), [(1.0, 0.0), (1e5, 0.0), (1.0, 1e4)])
def test_all_paths_are_as_close_to_the_truth_as_they_say(
    distance: float, offset: float
) -> None:
    bench = replace(far(1.0, distance, 1.0, offset), horizon=9)
    found, errors = exact.run(bench)
    times = np.arange(9)
    for centre, name in ((None, "dist_sq"), (bench.teacher, "teacher_dist_sq")):
        dist, gaps = long_run(bench, centre, times)
        assert np.all(np.abs(found[name] - dist).astype(float) <= errors[name])
        if centre is None:
            assert np.all(np.abs(found["gap"] - gaps).astype(float) <= errors["gap"])


@needs_long
def test_stationary_laws_are_as_close_to_the_truth_as_they_say() -> None:
    """Around the limit, in long doubles, the recursion stays where the limit is."""
    bench = far(1.0, 1.0, 1.0, 0.0)
    problem = bench.problem
    assert isinstance(problem, Quadratic)
    end = moments.limit(bench)
    eye = np.eye(4, dtype=LONG)
    hessians = np.array([f.T.astype(LONG) @ f.astype(LONG) for f in problem.factors])
    for k in range(bench.count):
        gamma, lam = LONG(bench.step[k]), LONG(bench.weight[k])
        d = bench.teacher[k].astype(LONG) - problem.star
        keep = eye - gamma * hessians
        big = np.kron(eye, eye) - sum(np.kron(a, a) for a in keep) / 2
        noise = sum(np.outer(s, s) for s in problem.noise.astype(LONG)) / 2 * gamma**2
        # one round of refinement: long double residuals of a double solve
        double = big.astype(float)
        m = np.linalg.solve(double, noise.ravel().astype(float)).astype(LONG)
        for _ in range(6):
            rest = noise.ravel() - big @ m
            m = m + np.linalg.solve(double, rest.astype(float))
        plain = np.trace(m.reshape(4, 4))
        law = lam**2 * (d @ d) + (1 - lam) ** 2 * plain
        assert abs(float(law - end.dist_sq[k])) <= end.error[k]
        assert end.error[k] <= 1e-6 * end.dist_sq[k]


def test_far_teachers_refute_nothing_that_is_true() -> None:
    """H2 - G2 cancels: with equal Hessians it is S2, whatever the distance."""
    for problem in (instances.iso(), instances.gauss()):
        for distance in (1e4, 1e6, 1e9):
            for variant in Variant:
                bench = one(
                    "far teacher",
                    problem,
                    distance * np.ones((3, problem.dim)),
                    np.array([1.0, 0.5, 0.0]),
                    np.full(3, 1 / 512 / problem.cL),
                    horizon=20,
                    variant=variant,
                    offers=frozenset({"run", "limit", "probe", "numbers"}),
                )
                for outcome in judge_setting(bench, KD, Options()):
                    expected = CLAIMS[outcome.claim_id].expected
                    if expected is Status.HOLDS:
                        verdict = outcome.verdict
                        assert verdict.status is not Status.REFUTED, verdict.reason


@pytest.mark.parametrize("scale", [1e-8, 1e-3, 1.0, 1e4])
@pytest.mark.parametrize("size", [1e-3, 1.0, 1e3])
def test_units_refute_nothing_that_is_true(scale: float, size: float) -> None:
    """The same problem in other units of f and of x."""
    base = instances.ridge()
    problem = quadratic(
        "other units",
        base.factors * scale**0.5,
        base.noise * scale * size,
        base.star * size,
        ridge=base.ridge * scale,
    )
    away = size * np.random.default_rng(2).standard_normal((6, 5))
    for offers in ({"run", "limit"}, {"probe", "numbers", "limit"}):
        bench = one(
            "other units",
            problem,
            away,
            np.array([0.0, 1.0, 0.5, -1.0, 0.1, 1.0]),
            np.full(6, 0.1 / problem.cL),
            start=away[::-1],
            horizon=20,
            offers=frozenset(offers),
        )
        for outcome in judge_setting(bench, KD, Options()):
            if CLAIMS[outcome.claim_id].expected is Status.HOLDS:
                wrong = {Status.REFUTED, Status.INCONCLUSIVE}
                verdict = outcome.verdict
                assert verdict.status not in wrong, (outcome.claim_id, verdict.reason)


def test_sampled_points_are_as_wide_as_their_range_says(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Roundoff of samples is reckoned from lengths, not from their roots."""
    seen: list[FloatArray] = []

    def spy(bench: Bench, part: slice, widest: FloatArray, t: int) -> FloatArray:
        seen.append(widest)
        return exact.position_error(bench, part, widest, t)

    monkeypatch.setattr(sampled, "position_error", spy)
    bench = graded_bench(instances.sine_waves(), Variant.BIASED, 4, "wide")
    bench = replace(
        bench,
        start=bench.problem.star + 100.0 * np.ones((bench.count, 2)),
    )
    claim = CLAIMS["kd.pl.neighbourhood"]
    c = bench.constants()
    sampled.run(bench, [claim], c, Options(max_replicas=1))
    assert np.all(seen[0] >= 100.0 * 2**0.5 * (1 - 1e-12))
