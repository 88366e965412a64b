"""Benches: bad input, labels, what verdicts name, and what records keep of them."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from synthetic.cli import app
from synthetic.desk import Options
from synthetic.distillation import catalogue, controls, evidence, instances, special
from synthetic.distillation.problems import batched, quadratic
from synthetic.distillation.record import run_engine
from synthetic.distillation.setting import Bench
from synthetic.verify import Outcome, judge_control, judge_setting
from theory.claims import CLAIMS
from theory.distillation import Variant
from theory.errors import InputError
from theory.evidence import Engine, Evidence
from theory.judge import Status, Verdict, judge

OPTIONS = Options(alpha=1e-9)
OTHERS = ("kd.compressed", "kd.grad")  # they have tests of their own
KD = [
    claim
    for claim in CLAIMS.values()
    if claim.id.startswith("kd.") and not claim.id.startswith(OTHERS)
]


def bench(**changes: Any) -> Bench:
    """Two configurations of ls-gauss, with something changed."""
    problem = instances.gauss()
    fields: dict[str, Any] = {
        "name": "mine",
        "problem": problem,
        "start": np.ones((2, 5)),
        "teacher": np.zeros((2, 5)),
        "weight": np.array([0.5, 1.0]),
        "step": np.array([0.01, 0.02]),
        "horizon": 9,
    }
    return Bench(**(fields | changes))


BAD: list[tuple[dict[str, Any], str]] = [
    ({"teacher": np.zeros((2, 4))}, r"teacher of shape \(2, 5\), .* got \(2, 4\)"),
    ({"teacher": np.zeros(5)}, r"teacher of shape \(2, 5\)"),
    ({"start": np.zeros((1, 5))}, r"start of shape \(2, 5\), .* got \(1, 5\)"),
    ({"teacher": np.full((2, 5), np.nan)}, r"finite teacher, got \[nan"),
    ({"start": np.full((2, 5), np.inf)}, r"finite start, got \[inf"),
    ({"weight": np.array([0.5, np.nan])}, "finite weight lambda, got nan"),
    ({"weight": np.array([-np.inf, 1.0])}, "finite weight lambda, got -inf"),
    ({"weight": np.array([[0.5], [1.0]])}, "weight"),
    ({"step": np.array([0.01, 0.0])}, r"2 finite steps > 0, got \[0.01 0"),
    ({"step": np.array([0.01, -1.0])}, "finite steps > 0"),
    ({"step": np.array([0.01, np.nan])}, "finite steps > 0"),
    ({"step": np.array([0.01])}, "2 finite steps"),
    ({"horizon": 0}, "horizon of at least 1, got 0"),
]


@pytest.mark.parametrize(("changes", "message"), BAD)
def test_a_bench_refuses_what_cannot_be_run(
    changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(InputError, match=message) as caught:
        bench(**changes)
    assert str(caught.value).startswith("mine: need")


def test_problems_refuse_what_is_no_problem() -> None:
    factors, noise = np.ones((2, 1, 2)), np.array([[1.0, 1.0], [-1.0, -1.0]])
    for weights in ([0.5, 0.6], [1.5, -0.5], [np.nan, 1.0]):
        with pytest.raises(InputError, match="weights >= 0 that sum to 1, got"):
            quadratic("w", factors, noise, np.zeros(2), weights=np.array(weights))
    leaving = np.array([[1.0, -1.0], [-1.0, 1.0]])
    with pytest.raises(InputError, match="leaves the range of H"):
        quadratic("off", factors, leaving, np.zeros(2))
    draws = np.array([[0, 1], [0, 2]])  # component 0 twice: not alike
    with pytest.raises(InputError, match="alike"):
        batched(instances.gauss(), draws)


def test_labels_say_weight_and_step_where_none_are_given() -> None:
    mine = bench()
    assert mine.label(0) == "lambda = 0.5, gamma = 0.01"
    named = bench(labels=("first",))
    assert [named.label(k) for k in range(2)] == ["first", "lambda = 1, gamma = 0.02"]
    for one in catalogue.benches("quick"):
        if one.labels:
            assert len(one.labels) == one.count, one.name


def test_the_engine_of_a_run() -> None:
    assert run_engine(bench(horizon=2)) is Engine.ONE_STEP
    assert run_engine(bench()) is Engine.MOMENTS
    for horizon, engine in ((6, Engine.TREE), (12, Engine.MONTE_CARLO)):
        small = catalogue.graded_bench(
            instances.logit_small(), Variant.BIASED, horizon, "paths"
        )
        assert run_engine(small) is engine


def test_a_horizon_of_one_says_nothing() -> None:
    claims = [claim for claim in KD if claim.needs <= {"dist_sq", "gap"}]
    found = judge_setting(bench(horizon=1, offers=frozenset({"run"})), claims, OPTIONS)
    assert not found


def judged() -> Iterator[tuple[Bench, Outcome]]:
    yielded = [
        catalogue.grid(instances.gauss(), Variant.BIASED, 9),
        catalogue.grid(instances.iso(), Variant.UNBIASED, 9),
        catalogue.probes(instances.log_waves(), Variant.BIASED, 200, seed=3),
        special.negative(),
        special.finite_time(),
    ]
    for one in yielded:
        for outcome in judge_setting(one, KD, OPTIONS):
            yield one, outcome


JUDGED = list(judged())


def test_numbers_are_those_of_the_configuration_that_the_verdict_names() -> None:
    named = 0
    for one, outcome in JUDGED:
        verdict, numbers = outcome.verdict, outcome.constants
        case = verdict.case or 0
        assert numbers.weight == one.weight[case]
        assert numbers.step == one.step[case]
        away = one.teacher[case] - one.problem.star
        assert numbers.teacher_dist_sq == pytest.approx(float(away @ away), abs=1e-30)
        values = vars(numbers).values()
        assert all(isinstance(v, float | int | bool) for v in values)
        if verdict.case is None:
            assert not verdict.label
            continue
        named += 1
        assert verdict.label == one.label(case)
        if verdict.tightness is None or verdict.tightest_time is None:
            continue
        # The ratio is that of these numbers: recompute the bound from them alone.
        claim = CLAIMS[outcome.claim_id]
        t = np.array([float(max(verdict.tightest_time, 0))])
        if verdict.tightest_time < 0:
            t = np.array([np.inf])
        bound = float(np.ravel(claim.bound(numbers, t))[0])
        assert verdict.evidence is not None
        rows = (verdict.evidence.cases == case) & (
            verdict.evidence.times == verdict.tightest_time
        )
        (row,) = np.flatnonzero(rows)
        estimate = float(verdict.evidence.estimate[row])
        assert estimate / bound == pytest.approx(verdict.tightness, rel=1e-12)
    assert named > 50


def test_shrunk_evidence_gives_the_same_verdict_and_ratio() -> None:
    for _, outcome in JUDGED:
        verdict = outcome.verdict
        if verdict.evidence is None or verdict.bound is None:
            continue
        again = judge(verdict.evidence, verdict.bound)
        assert again.status is verdict.status, outcome.claim_id
        if verdict.tightness is not None:
            assert again.tightness == pytest.approx(verdict.tightness, rel=1e-12)
            assert verdict.tightness_limits is not None
            low, high = verdict.tightness_limits
            assert low <= verdict.tightness <= high
        size = len(verdict.evidence.times)
        assert size <= 3 * len(np.unique(verdict.evidence.times))


def made(estimate: list[float], width: list[float], off: list[float]) -> Evidence:
    value = np.array(estimate)
    return Evidence(
        times=np.full(len(value), 3),
        lower=value - width,
        upper=value + width,
        estimate=value,
        roundoff=np.array(off),
        error=0.0,
        engine=Engine.ONE_STEP,
        source="made up",
        cases=np.arange(len(value)),
        label=lambda k: f"case {k}",
    )


def shrunk(found: Evidence, bound: list[float]) -> tuple[Verdict, Verdict]:
    verdict = judge(found, np.array(bound))
    return verdict, evidence.shrunk(verdict)


def test_shrinking_keeps_the_tightest_row_and_the_one_that_decided() -> None:
    # two rows at ratio 1 but for roundoff; wide limits beside a tight estimate
    for found, bound in (
        (made([1.0, 1.0 - 1e-9], [0, 0], [1e-8, 0]), [1.0, 1.0]),
        (made([0.5, 0.4], [0.1, 0.4], [0, 0]), [1.0, 1.0]),
        (made([0.5, 3.0, 0.2], [0, 0, 0], [0, 0, 0]), [1.0, 2.9, 0.01]),
        (made([0.5, 1.0, 0.9], [0, 0.5, 0.0], [0, 0, 0]), [1.0, 1.1, 0.95]),
        (made([0.0, 0.0, 0.5], [0, 0, 0], [1e-9, 1e-9, 1e-9]), [0.0, 0.0, 0.0]),
        (made([0.0, 0.0], [0, 1.0], [1e-9, 1e-9]), [0.0, 0.0]),
    ):
        whole, small = shrunk(found, bound)
        assert (small.status, small.tightness) == (whole.status, whole.tightness)
        assert (small.case, small.label) == (whole.case, whole.label)
        assert small.evidence is not None
        assert small.bound is not None
        again = judge(small.evidence, small.bound)
        assert again.status is whole.status
        assert again.tightness == whole.tightness
        assert again.case == whole.case
    assert whole.status is Status.INCONCLUSIVE


def test_a_refuted_identity_names_its_configuration() -> None:
    verdict = judge(made([0.0, 0.5], [0, 0], [1e-9, 1e-9]), np.zeros(2))
    assert verdict.status is Status.REFUTED
    assert (verdict.case, verdict.label) == (1, "case 1")
    assert "case 1" in verdict.reason


def test_controls_are_refuted_by_the_same_evidence_every_time() -> None:
    some = [c for c in controls.controls() if c.claim_id == "kd.ls.pathwise"]
    for control in some:
        first, second = (
            judge_control(control, CLAIMS[control.claim_id], OPTIONS) for _ in range(2)
        )
        assert first.verdict.reason == second.verdict.reason
        assert first.verdict.status is Status.REFUTED


# The command line.


def call(*args: object) -> Result:
    return CliRunner().invoke(app, [str(arg) for arg in args])


CHEAP = ("kd.sqc.neighbourhood_simple", "kd.lambda_star_not_safe", "kd.ls.sandwich_gap")


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("kd") / "kd.json"
    result = call("verify", *CHEAP[1:], "--json", file)
    assert result.exit_code == 0, result.output
    return file


def leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        for item in value.values():
            yield from leaves(item)
    elif isinstance(value, list):
        for item in value:
            yield from leaves(item)
    else:
        yield value


def test_a_record_is_plain(record: Path) -> None:
    text = record.read_text(encoding="utf-8")

    def refuse(name: str) -> None:
        raise AssertionError(name)

    data = json.loads(text, parse_constant=refuse)  # no NaN, no Infinity
    kinds = {type(leaf) for leaf in leaves(data)}
    assert kinds <= {str, int, float, bool, type(None)}
    claims = {claim["id"]: claim for claim in data["claims"]}
    assert set(claims) == set(CHEAP[1:])
    unsafe = claims["kd.lambda_star_not_safe"]
    assert unsafe["status"] == "refuted"
    assert unsafe["as_expected"]
    assert unsafe["tightest_setting"] == "unsafe"
    assert unsafe["tightness"] == pytest.approx(70.4313, abs=5e-5)
    (setting,) = [s for s in unsafe["settings"] if s["setting"] == "unsafe"]
    assert setting["constants"]["weight"] == pytest.approx(0.499532, abs=5e-7)
    assert setting["constants"]["quadratic"] is True
    for one in claims["kd.ls.sandwich_gap"]["settings"]:
        if one["tightness"] is not None:
            low, high = one["tightness_low"], one["tightness_high"]
            assert low <= one["tightness"] <= high
            assert one["constants"]["weight"] == 0.0


def test_a_run_compared_with_itself_shows_no_difference(record: Path) -> None:
    result = call("verify", *CHEAP[1:], "--compare", record)
    assert result.exit_code == 0, result.output
    data = json.loads(record.read_text(encoding="utf-8"))
    for claim in data["claims"]:
        for setting in claim["settings"]:
            if setting["tightness"] is not None:
                setting["tightness"] *= 1.01
                setting["tightness_low"] *= 1.01
                setting["tightness_high"] *= 1.01
    changed = record.with_name("changed.json")
    changed.write_text(json.dumps(data), encoding="utf-8")
    assert call("verify", *CHEAP[1:], "--compare", changed).exit_code == 1


def test_show_states_the_theorem() -> None:
    result = call("show", "kd.sqc.neighbourhood")
    assert result.exit_code == 0
    assert "2302" not in result.output  # no other paper's number
    for words in ("kd.sqc.neighbourhood", "1 - 2 gamma cL", "gamma < 1/(2 cL)"):
        assert words in result.output


@pytest.mark.parametrize("module", ["controls", "catalogue", "desk", "special"])
def test_modules_can_be_imported_first(module: str) -> None:
    code = f"import synthetic.distillation.{module}"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
