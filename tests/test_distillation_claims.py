"""Distillation's claims: hypotheses, verdicts on every bench, known numbers."""

from collections.abc import Iterator
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from synthetic.catalogue.entry import Control
from synthetic.desk import Options
from synthetic.distillation import catalogue, controls, instances, moments, special
from synthetic.distillation.problems import Quadratic
from synthetic.distillation.setting import Bench
from synthetic.verify import Outcome, judge_control, judge_setting
from theory.claims import CLAIMS
from theory.distillation import DistillationConstants, Variant
from theory.evidence import LIMIT, Engine
from theory.judge import Status

# Each sampled verdict errs with probability 1e-9, and there are fewer than 100 of them.
OPTIONS = Options(seed=0, alpha=1e-9, max_replicas=1024)
OTHERS = ("kd.compressed", "kd.grad")  # they have tests of their own
KD = {
    claim.id: claim
    for claim in CLAIMS.values()
    if claim.id.startswith("kd.") and not claim.id.startswith(OTHERS)
}
TRUE = [claim for claim in KD.values() if claim.expected is Status.HOLDS]
FALSE = [claim for claim in KD.values() if claim.expected is Status.REFUTED]
SLOW = "of an independent sample"  # n^2 answers a step: one such bench is enough


@cache
def benches() -> dict[str, Bench]:
    return {bench.name: bench for bench in catalogue.benches("quick")}


@cache
def outcomes(name: str) -> dict[str, Outcome]:
    found = judge_setting(benches()[name], [*TRUE, *FALSE], OPTIONS)
    return {outcome.claim_id: outcome for outcome in found}


def left_out(name: str) -> bool:
    """What costs most and adds least here; `ratecheck verify kd` runs it all."""
    if name.startswith("ls-batch") and "one step" not in name:
        return True
    if name.startswith("logit, sampled"):
        return "mean added back" in name or SLOW in name
    return name.startswith("logit") and SLOW in name and "one step" not in name


NAMES = [name for name in benches() if not left_out(name)]


def test_benches_have_names_of_their_own() -> None:
    assert len(benches()) == len(list(catalogue.benches("quick")))


@pytest.mark.parametrize("name", NAMES)
def test_what_is_true_holds_and_only_what_is_false_is_refuted(name: str) -> None:
    seen = outcomes(name)
    assert any(o.verdict.status is Status.HOLDS for o in seen.values())
    for claim_id, outcome in seen.items():
        allowed = {Status.HOLDS, Status.NOT_APPLICABLE}
        if KD[claim_id].expected is Status.REFUTED:
            allowed.add(Status.REFUTED)
        assert outcome.verdict.status in allowed, (claim_id, outcome.verdict.reason)


def test_every_claim_is_tried_and_every_false_one_refuted() -> None:
    tried: dict[str, set[Status]] = {}
    enough = ("ls-ill", "ls-iso", "two atoms", "unsafe", "short", "safe", "H = 1")
    for name in NAMES:
        if not name.startswith((*enough, "nonconvex")):
            continue
        for claim_id, outcome in outcomes(name).items():
            tried.setdefault(claim_id, set()).add(outcome.verdict.status)
    assert set(tried) == set(KD)
    for claim in TRUE:
        assert Status.HOLDS in tried[claim.id], claim.id
    for claim in FALSE:
        assert Status.REFUTED in tried[claim.id], claim.id


def test_every_true_claim_has_a_control_but_two() -> None:
    """Two say what another does, or have no wrong version that one bench can show.

    kd.ls.moments compares two engines on one bench: breaking one is left to the teeth.
    kd.teacher_quality_bound has a false twin, kd.teacher_quality_bound_beyond.
    """
    have = {control.claim_id for control in controls.controls() if not control.hidden}
    missing = {claim.id for claim in TRUE} - have
    assert missing == {"kd.ls.moments", "kd.teacher_quality_bound"}


def ratio(name: str, claim_id: str) -> float:
    verdict = outcomes(name)[claim_id].verdict
    assert verdict.tightness is not None
    return verdict.tightness


@pytest.mark.parametrize(
    ("name", "claim_id", "expected", "digits"),
    [
        ("unsafe", "kd.lambda_star_not_safe", 70.4313, 5e-5),
        ("unsafe for gaps", "kd.lambda_star_not_safe_gap", 50.0635, 5e-5),
        ("short steps", "kd.pl.small_steps_mu", 1 / 21 / 0.01, 1e-9),
    ],
)
def test_false_statements_fail_by_as_much_as_is_known(
    name: str, claim_id: str, expected: float, digits: float
) -> None:
    assert outcomes(name)[claim_id].verdict.status is Status.REFUTED
    assert ratio(name, claim_id) == pytest.approx(expected, abs=digits)
    # Just above the ratio the altered statement holds, just below it does not.
    for factor, status in ((1 + 1e-6, Status.HOLDS), (1 - 1e-6, Status.REFUTED)):
        altered = Control(
            claim_id=claim_id,
            label="",
            setting=benches()[name],
            sharpen=factor * ratio(name, claim_id),
        )
        verdict = judge_control(altered, KD[claim_id], OPTIONS).verdict
        assert verdict.status is status


def end(bench: Bench) -> tuple[np.ndarray, DistillationConstants]:
    """Stationary errors, and the constants."""
    return moments.limit(bench).dist_sq, bench.constants()


def test_the_known_numbers_of_weights() -> None:
    error, c = end(special.unsafe())
    assert float(c.weight[0, 0]) == pytest.approx(0.499532, abs=5e-7)
    best = c.V / (c.V + c.teacher_dist_sq)
    assert float(best[0, 0]) == pytest.approx(0.003543, abs=5e-7)
    assert float(special.unsafe_gap().weight[0]) == pytest.approx(0.499376, abs=5e-7)

    error, c = end(special.negative())
    assert (float(c.S2), float(c.cross[0, 0])) == pytest.approx((1.0, -1.0))
    assert (float(c.G2[0, 0]), float(c.H2[0, 0])) == pytest.approx((16.0, 17.0))
    assert (c.mu, c.L, c.cL) == pytest.approx((2.0, 2.0, 2.5))
    assert float(c.V[0, 0]) == pytest.approx(0.013333, abs=5e-7)
    assert float(c.weight[0, 0]) == pytest.approx(-0.008086, abs=5e-7)
    assert error[0] / float(c.V[0, 0]) == pytest.approx(1.0359, abs=5e-5)


def test_an_independent_teacher_helps_at_finite_t() -> None:
    verdict = outcomes("H = 1, finite t")["kd.ls.independent_always_worse"].verdict
    assert verdict.status is Status.REFUTED
    bench = special.finite_time()
    star = np.zeros((1, 1))
    with_teacher = moments.run(bench, star, np.array([5])).dist_sq[0, 0]
    plain = replace(bench, weight=np.zeros(1))
    without = moments.run(plain, star, np.array([5])).dist_sq[0, 0]
    assert with_teacher == pytest.approx(0.2191, abs=5e-5)
    assert without == pytest.approx(0.3490, abs=5e-5)


def test_a_nonconvex_student_settles_away_from_its_teacher() -> None:
    verdict = outcomes("nonconvex teacher")["kd.nonconvex_teacher"].verdict
    assert verdict.status is Status.REFUTED
    assert verdict.evidence is not None
    assert verdict.evidence.estimate[-1] == pytest.approx(8.10, abs=5e-3)
    c = special.nonconvex().constants()
    assert float(c.teacher_gap[0, 0]) == pytest.approx(0.97, abs=5e-3)
    # and the true bound of the same run holds
    held = outcomes("nonconvex teacher")["kd.pl.neighbourhood"].verdict
    assert held.status is Status.HOLDS


def equalities() -> Iterator[tuple[str, Bench]]:
    for family in (instances.iso, instances.onehot):
        problem: Quadratic = family()
        plain = controls.flat(problem, weight=0.0, relative_step=0.25)
        yield "kd.ls.sandwich_gap", plain
        yield "kd.ls.sandwich_dist", plain
        yield "kd.ls.helps", plain
        yield "kd.ls.rate", controls.flat(problem, relative_step=0.25, horizon=20)
    yield "kd.sc.lambda_one", controls.flat(instances.iso(), relative_step=0.4)
    yield "kd.ls.safe_lambda_ratio", special.attained()
    aniso = replace(
        controls.flat(instances.aniso(), tau=1.0), offers=frozenset({"probe", "run"})
    )
    yield "kd.sc.shift", aniso
    interval = controls.flat(instances.gauss(), weight=0.0, relative_step=0.1)
    yield "kd.sqc.lambda_interval", replace(interval, offers=frozenset({"numbers"}))


EQUAL = list(equalities())


@pytest.mark.parametrize(
    ("claim_id", "bench"), EQUAL, ids=[f"{c}, {b.problem.name}" for c, b in EQUAL]
)
def test_equality_is_equality_and_a_millionth_less_is_refuted(
    claim_id: str, bench: Bench
) -> None:
    (outcome,) = judge_setting(bench, [KD[claim_id]], OPTIONS)
    assert outcome.verdict.status is Status.HOLDS, outcome.verdict.reason
    # mu and cL are rounded outward by 1e-12 each, and t = 19 steps repeat that
    assert outcome.verdict.tightness == pytest.approx(1.0, abs=2e-11)
    assert outcome.verdict.tightness is not None
    assert outcome.verdict.tightness <= 1 + 1e-12
    sharper = Control(claim_id=claim_id, label="", setting=bench, sharpen=1 - 1e-6)
    verdict = judge_control(sharper, KD[claim_id], OPTIONS).verdict
    assert verdict.status is Status.REFUTED


@pytest.mark.parametrize("share", [1 / 8, 1 / 64, 1 / 512])
def test_sharp_floors_have_their_known_ratios(share: float) -> None:
    expected = (2**0.5 - share**0.5) ** 2 / (2 - share)
    for family in (instances.iso, instances.onehot):
        for variant, claim_id in (
            (Variant.BIASED, "kd.sqc.plain_sharp"),
            (Variant.UNBIASED, "kd.unbiased.sqc_sharp"),
        ):
            bench = controls.flat(
                family(), weight=0.0, relative_step=share, variant=variant
            )
            (outcome,) = judge_setting(bench, [KD[claim_id]], OPTIONS)
            evidence, bound = outcome.verdict.evidence, outcome.verdict.bound
            assert evidence is not None
            assert bound is not None
            (row,) = np.flatnonzero(evidence.times == LIMIT)
            found = evidence.estimate[row] / bound[row]
            assert found == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(
    ("claim_id", "relative", "limit"),
    [
        ("kd.sqc.neighbourhood", 0.501, "0.5"),
        ("kd.sqc.neighbourhood_simple", 0.126, "0.125"),
        ("kd.sc.shifted", 0.51, "0.5"),
        ("kd.ls.stationary", 2.0, "2"),
    ],
)
def test_a_step_beyond_a_limit_is_not_applicable(
    claim_id: str, relative: float, limit: str
) -> None:
    """On H = I every limit is a plain number."""
    bench = controls.flat(instances.iso(), relative_step=relative, horizon=9)
    (outcome,) = judge_setting(bench, [KD[claim_id]], OPTIONS)
    assert outcome.verdict.status is Status.NOT_APPLICABLE
    assert f"the limit is {limit}" in outcome.verdict.reason
    assert outcome.verdict.evidence is None


def test_engines_are_the_strongest_and_can_be_asked_for() -> None:
    seen = {
        outcome.verdict.evidence.engine
        for name in ("ls-iso, of the same sample", "two atoms, theta = 2")
        for outcome in outcomes(name).values()
        if outcome.verdict.evidence is not None
    }
    assert {Engine.MOMENTS, Engine.LYAPUNOV, Engine.PATHWISE, Engine.NUMBERS} <= seen
    bench = benches()["ls-iso, of the same sample"]
    for engine, wanted in (("pathwise", Engine.PATHWISE), ("montecarlo", None)):
        options = replace(OPTIONS, engine=engine)
        found = judge_setting(bench, TRUE, options)
        engines = {o.verdict.evidence.engine for o in found if o.verdict.evidence}
        assert engines == ({wanted} if wanted else set())
