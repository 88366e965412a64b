"""Compressed students: exact values, the lemmas, the engines, claims and controls."""

from collections.abc import Callable
from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from numpy.testing import assert_allclose

from synthetic.desk import Options
from synthetic.distillation import (
    catalogue_compressed as catalogue,
    exact,
    instances,
    moments,
)
from synthetic.distillation.compressors import Compressor, Diagonal
from synthetic.distillation.controls_compressed import controls
from synthetic.distillation.evidence import meeting
from synthetic.distillation.multipliers import Bernoulli, Mask, RandK, Shrink
from synthetic.distillation.paths import descend
from synthetic.distillation.problems import FloatArray, quadratic
from synthetic.distillation.record import run_engine
from synthetic.distillation.restricted import quadratic_block, restricted
from synthetic.distillation.setting import Bench, Split
from synthetic.distillation.thresholding import TopK
from synthetic.verify import judge_control, judge_setting
from theory.claims import find, get
from theory.distillation import DistillationConstants
from theory.distillation_formulas import (
    compressed_extra,
    compressed_factor,
    compressed_floor,
    compressed_growth,
    compressed_simple_floor,
    contractive_extra,
    contractive_growth,
    sparse_growth,
)
from theory.errors import InputError
from theory.evidence import Engine
from theory.judge import Status
from theory.method import Family

OPTIONS = Options()
TINY = 1e-290  # squares below this underflow
CLAIMS = find(["kd.compressed"])
FALSE = {"kd.compressed.no_floor", "kd.compressed.mask_any_start"}
BENCHES = {bench.name: bench for bench in catalogue.benches("quick")}
CONTROLS = {f"{c.claim_id}: {c.label}": c for c in controls()}
UNBIASED = (Bernoulli(3, 0.7), Bernoulli(1, 0.5), RandK(3, 2), RandK(3, 1), RandK(1, 1))
DIAGONAL = (*UNBIASED, RandK(3, 3), Shrink(3, 0.2), Mask(3, (0, 2)))


def compressed(compressor: Compressor, z: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Every C(z), (outcomes, d), and its probability."""
    points, chance = compressor.expand(z[None, None, :], np.ones(1))
    return points[0], chance


# Compressors.


@pytest.mark.parametrize(
    ("compressor", "expected"),
    [
        (RandK(2, 1), [[4.0, 0.0], [0.0, 6.0]]),
        (Bernoulli(2, 0.5), [[0.0, 0.0], [0.0, 6.0], [4.0, 0.0], [4.0, 6.0]]),
        (Shrink(2, 0.25), [[1.5, 2.25]]),
        (Mask(2, (1,)), [[0.0, 3.0]]),
        (TopK(2, 1), [[0.0, 3.0]]),
    ],
)
def test_what_becomes_of_2_and_3(
    compressor: Compressor, expected: list[list[float]]
) -> None:
    points, chance = compressed(compressor, np.array([2.0, 3.0]))
    assert points.tolist() == expected
    assert compressor.outcomes == len(expected)
    assert chance.tolist() == [1.0 / len(expected)] * len(expected)


@pytest.mark.parametrize("compressor", UNBIASED)
def test_unbiased_compressors_are_unbiased_with_variance_omega(
    compressor: Bernoulli | RandK,
) -> None:
    z = np.array([2.0, -3.0, 0.5])[: compressor.dim]
    points, chance = compressed(compressor, z)
    assert_allclose(chance.sum(), 1.0, rtol=1e-14)
    assert_allclose(chance @ points, z, rtol=1e-14)
    spread = chance @ ((points - z) ** 2).sum(axis=1)
    assert_allclose(spread, compressor.omega * (z @ z), rtol=1e-13)


def test_bounds_are_told_what_is_run() -> None:
    told = catalogue.from_star(instances.iso(), TopK(4, 3), 1.0).constants()
    assert (told.keep, told.delta, told.omega) == (3, 0.25, 0.0)
    told = catalogue.from_star(instances.iso(), RandK(4, 2), 1.0).constants()
    assert (told.keep, told.delta, told.omega) == (0, 1.0, 1.0)
    told = catalogue.from_star(instances.iso(), Shrink(4, 0.5), 1.0).constants()
    assert (told.keep, told.delta, told.omega) == (0, 0.25, 0.0)


def test_omega_is_1_over_p_minus_1_and_D_over_k_minus_1() -> None:
    assert Bernoulli(3, 0.25).omega == 3.0
    assert RandK(6, 4).omega == 0.5
    assert RandK(6, 6).omega == Bernoulli(6, 1.0).omega == 0.0


@pytest.mark.parametrize("compressor", DIAGONAL)
def test_moments_of_multipliers_are_their_finite_sums(compressor: Diagonal) -> None:
    w, chance = compressor.multipliers
    mean = chance @ w
    assert_allclose(mean - 1.0, compressor.shift, atol=1e-14)
    second = np.einsum("m,md,me->de", chance, w - mean, w - mean)
    assert_allclose(second, compressor.spread, atol=1e-13)


def test_ties_go_to_the_first_coordinates() -> None:
    points, _ = compressed(TopK(4, 2), np.array([1.0, -2.0, 2.0, 2.0]))
    assert points.tolist() == [[0.0, -2.0, 2.0, 0.0]]
    z = np.random.default_rng(0).choice([-2.0, -1.0, 1.0, 2.0], 300)
    points, _ = compressed(TopK(300, 50), z)
    first = np.flatnonzero(np.abs(z) == 2.0)[:50]
    assert np.flatnonzero(points[0]).tolist() == first.tolist()


@given(st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=8), st.data())
@settings(max_examples=60, deadline=None)
def test_top_k_is_contractive(z: list[float], data: st.DataObject) -> None:
    dim, point = len(z), np.array(z)
    keep = data.draw(st.integers(1, dim))
    (kept,), _ = compressed(TopK(dim, keep), point)
    lost = ((kept - point) ** 2).sum()
    assert lost <= (1.0 - keep / dim) * (point @ point) * (1.0 + 1e-12) + TINY
    assert np.count_nonzero(kept) <= keep


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Bernoulli(3, 0.0), r"in \(0, 1\], got 0\.0: 1 compresses nothing"),
        (lambda: Bernoulli(3, 1.5), r"got 1\.5"),
        (lambda: Bernoulli(3, float("nan")), "got nan"),
        (lambda: RandK(3, 0), "from 1 to 3, got 0: choose"),
        (lambda: RandK(3, 4), "from 1 to 3, got 4"),
        (lambda: TopK(3, 4), "from 1 to 3, got 4"),
        (lambda: TopK(3, 1.5), r"integer from 1 to 3, got 1\.5"),  # type: ignore[arg-type]
        (lambda: TopK(0, 1), ">= 1, got 0"),
        (lambda: Shrink(3, 1.0), r"in \[0, 1\) to shrink by, got 1\.0"),
        (lambda: Shrink(3, -0.1), r"got -0\.1"),
        (
            lambda: Mask(3, ()),
            r"at least one kept coordinate of 3, got \(\): .*keep an",
        ),
        (lambda: Mask(3, (3,)), "from 0 to 2, got 3"),
        (lambda: Mask(3, (1, 0)), r"ascending .* got \(1, 0\): sort"),
        (lambda: Mask(3, (1, 1)), r"got \(1, 1\)"),
    ],
)
def test_what_cannot_compress_is_refused(
    make: Callable[[], Compressor], words: str
) -> None:
    with pytest.raises(InputError, match=words):
        make()


def test_a_compressor_of_another_dimension_is_refused() -> None:
    with pytest.raises(InputError, match=r"compressor of 4 coordinates.* got 3"):
        catalogue.from_star(instances.iso(), TopK(3, 1), 1.0)


# Formulas, against numbers worked out by hand.


def test_formulas_at_hand() -> None:
    assert compressed_growth(0.5, 3.0) == 3.0
    assert compressed_factor(1.25, 0.5, 1.0) == 0.625
    assert compressed_extra(0.25, 0.5, 4.0) == 3.0
    # (1.25 * 0.5 * 8 + 1) / (1 - 0.625)
    assert compressed_floor(1.25, 0.5, 1.0, 8.0, 1.0) == 16.0
    # 2 (1 + 1/4) 8 + 4 (1/8) 3 / 0.5
    assert compressed_simple_floor(0.125, 0.5, 1.0, 8.0, 3.0) == 23.0
    assert contractive_growth(0.25, 0.5) == 3.0
    assert contractive_extra(0.25, 0.5, 2.0) == 3.0


@pytest.mark.parametrize(
    ("keep", "support", "dim", "expected"),
    [
        (3, 1, 9, 1.0 + 0.5 * (1 / 3 + (1 / 9 + 4 / 3) ** 0.5)),
        (8, 7, 9, 1.0 + 0.5 * (0.5 + 1.5)),  # m = 1 on both sides
        (5, 2, 5, 1.0),  # nothing is dropped
        (4, 0, 9, 1.0),  # x* = 0
    ],
)
def test_nu_at_hand(keep: int, support: int, dim: int, expected: float) -> None:
    assert_allclose(sparse_growth(keep, support, dim), expected, rtol=1e-15)


# The lemma of hard thresholding.


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_thresholding_lemma(data: st.DataObject) -> None:
    dim = data.draw(st.integers(2, 9))
    keep = data.draw(st.integers(1, dim))
    support = data.draw(st.integers(0, keep - 1))
    # Few values, so that ties are common, and any.
    number = st.one_of(st.sampled_from([0.0, 1.0, -1.0, 2.0]), st.floats(-10.0, 10.0))
    star = np.zeros(dim)
    where = data.draw(st.permutations(range(dim)))[:support]
    star[where] = data.draw(st.lists(number, min_size=support, max_size=support))
    z = np.array(data.draw(st.lists(number, min_size=dim, max_size=dim)))
    (kept,), _ = compressed(TopK(dim, keep), z)
    growth = sparse_growth(keep, support, dim)
    left, right = ((kept - star) ** 2).sum(), ((z - star) ** 2).sum()
    assert left <= growth * right * (1.0 + 1e-12) + TINY


@pytest.mark.parametrize(
    ("dim", "keep", "support"), [(4, 2, 1), (9, 4, 3), (12, 10, 9), (200, 100, 1)]
)
def test_thresholding_lemma_is_attained(dim: int, keep: int, support: int) -> None:
    bench = catalogue.thresholds(dim, keep, support, 1, 0)
    star = bench.problem.star
    (kept,), _ = compressed(TopK(dim, keep), bench.start[0])
    ratio = ((kept - star) ** 2).sum() / ((bench.start[0] - star) ** 2).sum()
    assert_allclose(ratio, sparse_growth(keep, support, dim), rtol=1e-12)
    assert np.count_nonzero(star) == support


# Engines.


def tiny(compressor: Compressor, horizon: int) -> Bench:
    """Two components, up to three dimensions, a minimiser that is not 0."""
    rng = np.random.default_rng(3)
    dim = compressor.dim
    problem = quadratic(
        "tiny",
        rng.standard_normal((2, dim, dim)),
        rng.standard_normal((2, dim)),
        rng.standard_normal(dim) + 1.0,
        ridge=0.3,
    )
    weight = np.array([0.0, 0.5, 1.0, 1.0, -1.0, 2.0])
    start, teacher = rng.standard_normal((2, 6, dim))
    start[2], teacher[3] = problem.star, problem.star
    return Bench(
        name="tiny",
        problem=problem,
        start=start,
        teacher=teacher,
        weight=weight,
        step=np.linspace(0.05, 0.4, 6) / problem.cL,
        horizon=horizon,
        compressor=compressor,
    )


@pytest.mark.parametrize("compressor", DIAGONAL, ids=lambda c: c.name)
def test_moments_equal_the_mean_over_all_paths(compressor: Diagonal) -> None:
    bench = tiny(compressor, 5 if compressor.outcomes < 8 else 4)
    assert run_engine(bench) is Engine.MOMENTS
    found, _ = exact.run(bench)
    star = np.broadcast_to(bench.problem.star, bench.start.shape)
    law = moments.run(bench, star, np.arange(bench.horizon))
    assert_allclose(law.dist_sq, found["dist_sq"], rtol=1e-11, atol=1e-13)
    assert_allclose(law.gap, found["gap"], rtol=1e-11, atol=1e-13)
    around = moments.run(bench, bench.teacher, np.arange(bench.horizon))
    assert_allclose(around.dist_sq, found["teacher_dist_sq"], rtol=1e-11, atol=1e-13)


def test_one_step_by_hand() -> None:
    # f = (x - 3)^2 / 2, x_0 = 1, gamma = 1/2: z = 2, C(z) = 4 or 0, squares 1 and 9.
    problem = quadratic("one", np.ones((1, 1, 1)), np.zeros((1, 1)), np.array([3.0]))
    bench = Bench(
        name="by hand",
        problem=problem,
        start=np.array([[1.0]]),
        teacher=np.array([[3.0]]),
        weight=np.zeros(1),
        step=np.array([0.5]),
        horizon=2,
        compressor=Bernoulli(1, 0.5),
    )
    assert exact.run(bench)[0]["dist_sq"].tolist() == [[4.0, 5.0]]
    points, chance = exact.moves(bench, bench.start[:, None, :], slice(0, 1))
    assert points.ravel().tolist() == [0.0, 4.0]
    assert chance.tolist() == [0.5, 0.5]


def test_nothing_is_sampled_where_compression_is_not_exact() -> None:
    bench = replace(tiny(TopK(3, 3), 40), split=Split(free=np.full(6, 1e-3)))
    (outcome,) = judge_setting(bench, [get("kd.compressed.contractive")], OPTIONS)
    assert outcome.verdict.status is Status.NOT_APPLICABLE
    assert outcome.verdict.reason == "no engine can judge it here"


# Hard thresholding of whole runs.


@pytest.mark.parametrize("keep", [100, 150, 190])
def test_a_perfect_teacher_leads_to_the_sparse_minimiser(keep: int) -> None:
    bench = catalogue.perfect_teacher(catalogue.sparse(200, 1, 6), TopK(200, keep), 121)
    c = bench.constants()
    assert float(np.max(np.abs(c.S2 - 2.0 * c.cross + c.H2))) < 1e-12
    error = exact.run(bench)[0]["dist_sq"][:, -1]
    assert np.all(np.sqrt(error) < 4e-12)


def test_the_run_of_the_mean_is_the_run_of_every_sample_path() -> None:
    bench = catalogue.perfect_teacher(catalogue.sparse(200, 1, 6), TopK(200, 150), 31)
    rng = np.random.default_rng(0)
    x, y, top = bench.start, bench.start, TopK(200, 150)
    for _ in range(30):
        drawn = rng.integers(6, size=(1, bench.count))
        steps = bench.step[None, :]
        z = descend(replace(bench, run_on=None), x, bench.weight, drawn, steps, 0.0)[-1]
        x = top.expand(z[:, None, :], np.ones(1))[0][:, 0]
        y = exact.moves(bench, y[:, None, :], slice(0, bench.count))[0][:, 0]
    assert_allclose(x, y, rtol=1e-12, atol=1e-13)


# Masks.


def test_a_mask_is_distillation_of_the_restriction() -> None:
    base, mask = instances.ridge(), Mask(5, (0, 1, 4))
    block = quadratic_block(base, mask)
    bench = catalogue.masked_runs(restricted(base, mask, block), base, 40)
    inside = bench.constants().in_subspace[:, 0]
    assert 0 < inside.sum() < bench.count
    times = np.arange(40)
    star = np.broadcast_to(bench.problem.star, bench.start.shape)
    # A teacher inside: the same numbers as without a mask in three dimensions.
    bench = replace(bench, teacher=bench.teacher * mask.ones)
    law = moments.run(bench, star, times)
    small = replace(
        bench,
        problem=block,
        start=bench.start[:, mask.index],
        teacher=bench.teacher[:, mask.index],
        compressor=None,
        run_on=None,
    )
    low = np.broadcast_to(block.star, small.start.shape)
    plain = moments.run(small, low, times)
    assert_allclose(law.dist_sq[inside], plain.dist_sq[inside], rtol=1e-9, atol=1e-12)
    assert_allclose(law.gap[inside], plain.gap[inside], rtol=1e-9, atol=1e-12)
    # A start outside: another run.
    assert np.all(np.abs(law.dist_sq - plain.dist_sq)[~inside, 1] > 1e-3)


def test_the_minimiser_of_the_restriction_is_one() -> None:
    for base in (instances.gauss(), instances.ridge()):
        mask = Mask(5, (0, 2, 3))
        part = restricted(base, mask, quadratic_block(base, mask))
        slope = base.gradient(part.star[None, :])[0]
        assert np.max(np.abs(slope[mask.index])) < 1e-13
        assert np.max(np.abs(slope)) > 1e-2  # it is none of the base
        assert np.count_nonzero(part.star) == 3
        x = np.zeros((1, 5))
        x[0, mask.index] = (1.0, -2.0, 0.5)
        gap = base.gap(x)[0] - base.gap(part.star[None, :])[0]
        assert_allclose(part.gap(x)[0], gap, rtol=1e-12)


def test_what_the_mask_drops_of_the_start_is_seen_once() -> None:
    bench = catalogue.dropped_start()
    points, _ = exact.moves(bench, bench.start[:, None, :], slice(0, 1))
    assert_allclose(points[0, 0], [-0.9, 0.0], rtol=1e-14)
    c = bench.constants()
    assert c.start_dist_sq.tolist() == [[0.0]]
    assert c.in_subspace.tolist() == [[False]]
    false, later = "kd.compressed.mask_any_start", "kd.compressed.mask_from_one"
    found = {o.claim_id: o.verdict for o in judge_setting(bench, CLAIMS, OPTIONS)}
    assert found[false].status is Status.REFUTED
    assert found[false].time == 1
    assert found[later].status is Status.HOLDS
    assert found["kd.compressed.mask"].status is Status.NOT_APPLICABLE


# Claims and controls.


@pytest.mark.parametrize("name", BENCHES)
def test_every_claim_holds_where_it_applies(name: str) -> None:
    true = [claim for claim in CLAIMS if claim.id not in FALSE]
    for outcome in judge_setting(BENCHES[name], true, OPTIONS):
        allowed = {Status.HOLDS, Status.NOT_APPLICABLE}
        assert outcome.verdict.status in allowed, outcome.verdict.reason


def test_names_are_their_own() -> None:
    assert len(BENCHES) == len(list(catalogue.benches("quick")))
    assert len(CONTROLS) == len(controls())
    assert {c.claim_id for c in controls()} == {c.id for c in CLAIMS} - FALSE


def test_every_family_has_its_benches() -> None:
    wanted = {
        Family.KD_COMPRESSED,
        Family.KD_CONTRACTIVE,
        Family.KD_SPARSE,
        Family.KD_MASKED,
    }
    assert {bench.family for bench in BENCHES.values()} == wanted


@pytest.mark.parametrize("name", CONTROLS)
def test_every_control_is_refuted(name: str) -> None:
    control = CONTROLS[name]
    outcome = judge_control(control, get(control.claim_id), OPTIONS)
    assert outcome.verdict.status is Status.REFUTED, outcome.verdict.reason


def test_distillation_does_not_remove_the_floor() -> None:
    bench = BENCHES["iso, a tight floor"]
    found = {o.claim_id: o.verdict for o in judge_setting(bench, CLAIMS, OPTIONS)}
    assert found["kd.compressed.no_floor"].status is Status.REFUTED
    star_sq = float(bench.problem.star @ bench.problem.star)
    evidence = found["kd.compressed.no_floor"].evidence
    assert evidence is not None
    assert_allclose(evidence.lower[-1], 0.001 * star_sq, rtol=1e-11)
    assert found["kd.compressed.unbiased"].tightness == pytest.approx(0.99, rel=1e-9)


def test_mild_compression_is_the_general_theorem_at_tau_1() -> None:
    general, simple = (
        get("kd.compressed.unbiased"),
        get("kd.compressed.unbiased_simple"),
    )
    for omega, far in product((0.0, 0.01, 0.02), (0.0, 4.0)):
        bench = tiny(Bernoulli(3, 1.0 / (1.0 + omega)), 2)
        c = replace(bench.constants(), mu=1.0, step=0.1, cL=1.0, tau=1.0)
        c = replace(c, start_dist_sq=c.start_dist_sq + far)
        t = np.arange(1.0, 50.0)
        below = general.bound(c, t) <= simple.bound(c, t) * (1.0 + 1e-12)
        assert np.all(below)


def by_hand() -> DistillationConstants:
    """Constants with N1 = 2 gamma S2/mu = 1, and growths that are short numbers."""
    return replace(
        tiny(TopK(3, 2), 2).constants().select(np.array([0])),
        mu=1.0,
        cL=0.5,
        S2=2.0,
        step=0.25,
        weight=np.zeros((1, 1)),
        start_dist_sq=np.full((1, 1), 4.0),
        star_sq=2.0,
        omega=0.125,
        tau=0.5,
        delta=0.01,
        free=0.25,
        keep=3,
        star_support=2,
        dim=4,
    )


@pytest.mark.parametrize(
    ("claim_id", "first", "at_first", "later"),
    [
        ("spread", 0, 4.0, 4.0),
        # k = 1.1875, k (0.75 r + 0.25) + 0.75
        ("unbiased", 0, 4.609375, 1.1875 * (0.75 * 4.609375 + 0.25) + 0.75),
        ("no_floor", 0, 3.859375, 1.1875 * (0.75 * 3.859375 + 0.25)),
        # 0.875 r + 0.125 (2.5 + 4)
        ("unbiased_simple", 0, 4.3125, 0.875 * 4.3125 + 0.8125),
        # k = 1.35, k (0.75 r + 0.25) + 0.2
        ("contractive", 0, 4.5875, 1.35 * (0.75 * 4.5875 + 0.25) + 0.2),
        ("threshold", 0, 8.0, 8.0),
        ("topk_sparse", 0, 6.5, 2.0 * (0.75 * 6.5 + 0.25)),
        ("mask", 0, 3.25, 0.75 * 3.25 + 0.25),
        ("mask_any_start", 0, 3.25, 0.75 * 3.25 + 0.25),
        ("mask_from_one", 2, 0.0, 0.25),
    ],
)
def test_a_bound_is_what_its_statement_says(
    claim_id: str, first: int, at_first: float, later: float
) -> None:
    claim = get(f"kd.compressed.{claim_id}")
    assert claim.first == first
    found = claim.bound(by_hand(), np.array([1.0, 2.0]))
    assert_allclose(found, [[at_first, later]], rtol=1e-13)


@pytest.mark.parametrize(
    ("claim_id", "good", "bad"),
    [
        # k = 1.5, so q < 1 needs gamma mu > 1/3.
        ("unbiased", {"step": 0.34}, {"step": 0.33}),
        ("unbiased", {"tau": 1.0}, {"tau": 0.0}),
        ("unbiased_simple", {"omega": 0.0875}, {"omega": 0.0876}),
        # k = 1.2 + 0.02 * 6 = 1.32: gamma mu > 0.2424.
        ("contractive", {"step": 0.243}, {"step": 0.242}),
        ("contractive", {"free": 0.2}, {"free": -0.2}),
        ("threshold", {"star_support": 2}, {"star_support": 3}),
        # rho = 1/2 and nu = 1 + (1/2 + 3/2)/2 = 2: gamma mu > 1/2.
        ("topk_sparse", {"star_support": 2}, {"star_support": 3}),
        ("topk_sparse", {"step": 0.51}, {"step": 0.49}),
        (
            "topk_sparse",
            {"step": 0.7, "star_support": 2},
            {"step": 0.7, "star_support": 3},
        ),
        ("mask", {"in_subspace": True}, {"in_subspace": False}),
    ],
)
def test_a_hypothesis_ends_where_it_says(
    claim_id: str, good: dict[str, Any], bad: dict[str, Any]
) -> None:
    c = replace(by_hand(), step=0.35, omega=0.25, tau=1.0, free=0.2)
    if claim_id == "unbiased_simple":
        c = replace(c, omega=0.05)
    if claim_id == "topk_sparse":
        c = replace(c, step=0.51)
    claim = get(f"kd.compressed.{claim_id}")
    assert meeting(claim, replace(c, **good)).all()
    assert claim.failing(replace(c, **good)) is None
    assert not meeting(claim, replace(c, **bad)).any()
    assert claim.failing(replace(c, **bad))
