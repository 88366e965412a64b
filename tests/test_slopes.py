"""Observed slopes: exact on power laws, honest in their limits, explained when far."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console
from typer.testing import CliRunner, Result

from synthetic import cli, family_slope as families
from synthetic.catalogue import polyak_settings
from synthetic.cli import app
from synthetic.desk import Options
from synthetic.family_slope import DIMENSIONS, family_slope
from synthetic.verify import judge_setting
from theory import claims as registry
from theory.claim import Claim
from theory.evidence import Engine, Evidence
from theory.method import sgd
from theory.slope import ENVELOPE, Slope, log_log, observed, reason


def call(*args: object) -> Result:
    return CliRunner().invoke(app, [str(arg) for arg in args])


def evidence(
    times: np.ndarray, value: np.ndarray, half: float = 0.0, roundoff: float = 0.0
) -> Evidence:
    return Evidence(
        times=times,
        lower=value * (1 - half),
        upper=value * (1 + half),
        estimate=value,
        roundoff=np.full(len(value), roundoff),
        error=0.0,
        engine=Engine.TREE,
        source="by hand",
    )


@pytest.mark.parametrize("power", [-0.5, -1.0, 0.0, 0.25])
def test_a_power_law_has_its_exponent(power: float) -> None:
    times = np.arange(100)
    seen = observed(evidence(times, 3.0 * (times + 1.0) ** power))
    assert seen is not None
    assert seen.value == pytest.approx(power, abs=1e-13)  # a sum of 91 logarithms
    assert seen.high - seen.low < 1e-13
    assert not seen.misses(power, by=1e-12)


def test_the_interval_is_that_of_the_linear_functional() -> None:
    x, y = np.array([1.0, np.e]), np.array([1.0, 1.0])
    seen = log_log(x, y / np.e, y, y * np.e**2)  # slope = log y_2 - log y_1
    assert seen.value == 0.0
    assert seen.low == pytest.approx(-1.0 - 2.0, abs=1e-15)
    assert seen.high == pytest.approx(2.0 + 1.0, abs=1e-15)


def test_a_lower_limit_that_is_not_positive_leaves_a_side_open() -> None:
    x, y = np.array([1.0, 2.0, 4.0]), np.array([4.0, 2.0, 1.0])
    low_end = log_log(x, np.array([3.0, 1.0, 0.0]), y, 2.0 * y)
    assert (low_end.low, low_end.high < 1.0) == (-np.inf, True)
    high_end = log_log(x, np.array([-1.0, 1.0, 0.5]), y, 2.0 * y)
    assert (high_end.high, high_end.low > -3.0) == (np.inf, True)
    middle = log_log(x, np.array([3.0, -1.0, 0.5]), y, 2.0 * y)  # its weight is 0
    assert np.isfinite([middle.low, middle.high]).all()


def test_only_the_later_half_in_log_t_counts() -> None:
    times = np.arange(64)
    value = (times + 1.0) ** -1.0
    value[:7] = 5.0  # T = 1 to 7; the half begins at T = 8
    seen = observed(evidence(times, value))
    assert seen is not None
    assert seen.value == pytest.approx(-1.0, abs=1e-13)
    value[7] = 5.0
    seen = observed(evidence(times, value))
    assert seen is not None
    assert seen.value < -1.05


@pytest.mark.parametrize(
    ("times", "values"),
    [
        ([0, 3, 7], [3.0, 2.0, 1.0]),  # three times
        ([0, 1, 2, 3, 4, 5, 6], [1.0] * 7),  # a factor of 7
        ([0, 1, 3, 7], [1.0, 1.0, 1.0, 0.0]),  # the last is not positive
        ([0, 1, 3, 7], [1.0, 1.0, np.nan, 1.0]),
        ([0, 1, 3, 7], [1.0, 1.0, 1.0, 1e-14]),  # it is roundoff
    ],
)
def test_too_little_gives_no_slope(times: list[int], values: list[float]) -> None:
    found = evidence(np.array(times), np.array(values), roundoff=1e-13)
    assert observed(found) is None
    enough = evidence(np.array([0, 1, 3, 7]), np.ones(4), roundoff=1e-13)
    assert observed(enough) is not None


@pytest.mark.parametrize("claim_id", ["sps.lipschitz.average", "iam.lipschitz.last"])
def test_the_family_has_the_slope_that_no_single_function_has(claim_id: str) -> None:
    found = family_slope(claim_id)
    assert found is not None
    assert found.dimensions == (1, 4, 16, 64, 256)
    assert found.values == pytest.approx([1, 1 / 2, 1 / 4, 1 / 8, 1 / 16], rel=1e-13)
    assert found.slope.value == pytest.approx(-0.5, abs=1e-13)
    assert found.slope.low <= -0.5 <= found.slope.high
    assert found.slope.high - found.slope.low < 1e-9  # 256 steps of roundoff
    assert family_slope("iam.identity") is None


def test_another_method_does_not_have_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(families.METHODS, "iam.lipschitz.last", sgd(0.3))
    found = family_slope.__wrapped__("iam.lipschitz.last")
    assert found is not None
    assert found.slope.misses(-0.5, by=0.01)


def test_plain_powers_are_told_and_two_regimes_are_not() -> None:
    lipschitz = [c for i, c in registry.POLYAK.items() if ".lipschitz.last" in i]
    assert len(lipschitz) == 6
    assert {claim.slope for claim in lipschitz} == {-0.5}
    for name in ("average", "iterate", "best"):
        assert registry.get(f"sps.lipschitz.{name}").slope == -0.5
        assert registry.get(f"sps.master.{name}").slope is None


CLOSED = [  # the bounds with a logarithm are summed term by term, up to T
    c for c in registry.POLYAK.values() if c.slope is not None and ".log" not in c.id
]


@pytest.mark.parametrize("claim", CLOSED, ids=lambda claim: claim.id)
def test_a_stated_slope_is_the_bounds_own_at_large_t(claim: Claim) -> None:
    met = (
        c
        for s in polyak_settings()
        if s.method.family in claim.families
        and claim.failing(c := s.constants()) is None
    )
    c = replace(next(met), guard=0.0, guard_max=0.0)
    t = 2.0 * np.round(np.geomspace(1e10, 1e12, 9)) + 1.0  # odd: T is even
    bound = claim.bound(c, t)
    seen = log_log(t + 1.0, bound, bound, bound)
    assert claim.slope is not None
    if c.sigma == 0.0 and claim.slope == -0.5 and "smooth" in claim.id:
        assert seen.value == pytest.approx(-1.0, abs=0.05)  # without noise: faster
    else:  # logarithms and lower powers have not died out at 1e10
        assert seen.value == pytest.approx(claim.slope, abs=0.05)


@pytest.mark.parametrize(
    ("claim_id", "name", "needed"),
    [
        ("sps.lipschitz.best", "|x -+ 2|, SPS*", None),  # f is flat: nothing to see
        ("sps.lipschitz.average", "COORD-QUAD(1, 1), SPS*", "sps.strong.smooth_interp"),
        ("sps.lipschitz.average", "LINF(16) T=16, SPS*", "LINF(d) keeps"),
        ("sps.lipschitz.average", "SPARSE-ABS(0.5), SPS*", ENVELOPE),
        ("sps.lipschitz.average", "COORD-ABS(3), SPS*", None),  # -0.68 is not far
        ("iam.lipschitz.last", "T=100: x^2/2, IAM-P", "rate 1/T (iam.smooth.interp)"),
    ],
)
def test_far_slopes_are_explained(claim_id: str, name: str, needed: str | None) -> None:
    claim = registry.get(claim_id)
    chosen = next(s for s in polyak_settings() if s.name == name)
    (outcome,) = judge_setting(chosen, [claim], Options())
    seen = outcome.slope(claim)
    assert outcome.constants is not None
    why = reason(seen, claim, outcome.constants) if seen else None
    assert (why is None) is (needed is None)
    if needed is not None:
        assert why is not None
        assert needed in why


def test_noise_that_spans_is_named() -> None:
    claim = registry.get("sps.lipschitz.best")
    split = next(s for s in polyak_settings() if s.name == "|x -+ 2|, SPS*")
    c = split.constants()
    assert c.q == 0.5
    why = reason(Slope(-4.0, -4.1, -3.9), claim, c)
    assert why is not None
    assert "sps.noise_linear, q = 0.5" in why
    assert reason(Slope(-0.9, -1.1, -0.7), claim, c) is None  # -0.7 is near enough
    assert reason(Slope(-0.9, -np.inf, np.inf), claim, c) is None


def test_slopes_are_in_the_file_in_v_and_in_show(tmp_path: Path) -> None:
    file = tmp_path / "found.json"
    result = call("verify", "iam.lipschitz.last", "-v", "--json", file)
    assert result.exit_code == 0
    assert "the bound's is -0.5: faster than the bound: without" in result.stdout
    (claim,) = json.loads(file.read_text(encoding="utf-8"))["claims"]
    assert claim["slope"] == -0.5
    assert claim["family_slope"]["d"] == list(DIMENSIONS)
    assert claim["family_slope"]["value"] == pytest.approx(-0.5, abs=1e-13)
    by_name = {setting["setting"]: setting for setting in claim["settings"]}
    parabola = by_name["T=100: x^2/2, IAM-P"]
    assert parabola["slope_expected"] == -0.5
    assert parabola["slope_low"] <= parabola["slope"] <= parabola["slope_high"] < -0.99
    short = by_name["LINF(4) T=4, IAM-P"]
    assert short["slope"] is short["slope_low"] is None
    sampled = [s for s in claim["settings"] if s["engine"] == "monte carlo"]
    assert sampled
    assert all(
        float(s["slope_low"]) + 0.1 < s["slope"] < float(s["slope_high"])
        for s in sampled
    )
    shown = " ".join(call("show", "iam.lipschitz.last").stdout.split())
    assert "-0.5; observed -0.500000 over LINF(d) at T = d" in shown
    assert "no plain power of T" in call("show", "sps.master.best").stdout


def test_only_a_wide_terminal_gets_the_column(monkeypatch: pytest.MonkeyPatch) -> None:
    args = ("verify", "iam.lipschitz.constant_lambda_last")
    assert "slope there" not in call(*args).stdout
    monkeypatch.setattr(cli, "out", Console(width=180))
    wide = call(*args).stdout
    assert "slope there" in wide
    assert "of -0.5" in wide
