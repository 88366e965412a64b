"""What a user states: the truth passes, a lie makes the claims that rest on it idle."""

import re
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from ratecheck import Check, Setting, own_claim, sgd, user_problem, verify_setting
from synthetic.desk import Options
from synthetic.families import planted
from synthetic.hypotheses.statements import refuted
from synthetic.losses import CERTIFIED
from synthetic.own import judge_case
from synthetic.problems.user import UserProblem
from tests import user_rows
from tests.user_rows import NORMS, ROWS, absolute, l1, signs
from theory.errors import InputError
from theory.judge import Status
from theory.method import SPS_STAR

LEAST = float(np.linalg.eigvalsh(ROWS.T @ ROWS / 3.0)[0])


def l2(**changes: Any) -> UserProblem:
    return user_rows.l2(**({"mu": LEAST} | changes))


@pytest.mark.parametrize(
    "problem",
    [
        l1(),
        l2(),
        l1(lipschitz=2.0 * (1 - 1e-12)),
        l2(minimiser=[0.3, 0.1], minimiser_gap=0.5, mu=0.0),
    ],
)
@pytest.mark.parametrize("radius", [1e-3, 1.0, 1e3])
def test_the_truth_passes(problem: UserProblem, radius: float) -> None:
    assert not refuted(problem, radius, 0)


@pytest.mark.parametrize("loss", CERTIFIED.values(), ids=CERTIFIED)
def test_our_own_problems_pass(loss: Any) -> None:
    ours = planted(loss, num_components=20, dim=6, noise=1.0, seed=7)
    ball = ours.ball(2.0)
    copy = user_problem(
        "ours",
        lambda i, x: ours.component(i, x)[0],
        lambda i, x: ours.component(i, x)[1],
        num_components=20,
        minimiser=ours.point,
        minimiser_gap=ours.minimiser.gap,
        lipschitz=ball.lipschitz,
        smoothness=ball.smoothness,
    )
    assert not refuted(copy, 2.0, 0)


def wave(height: float) -> UserProblem:
    def loss(i: np.ndarray, x: np.ndarray) -> np.ndarray:
        return np.asarray(absolute(i, x) + height * np.cos(9 * x[:, 0]))

    def gradient(i: np.ndarray, x: np.ndarray) -> np.ndarray:
        bent = 9 * height * np.sin(9 * x[:, :1])
        return np.asarray(signs(i, x) - bent * np.array([1.0, 0.0]))

    return l1(loss=loss, gradient=gradient, lipschitz=None, minimiser_gap=1.0)


LIES: list[tuple[UserProblem, str, str]] = [
    (
        l1(loss=lambda i, x: -absolute(i, x), gradient=lambda i, x: -signs(i, x)),
        "convex",
        r"component \d at x = \[.*\] and y = \[.*\]: it is not convex",
    ),
    (wave(1e-7), "convex", r"component \d at x = \["),
    (l1(lipschitz=[1.0, 1.0, 1.999]), "lipschitz", "component 2 .* 2 > 1.999"),
    (l2(lipschitz=0.99 * 0.9), "lipschitz", "> 0.891"),
    (l2(smoothness=[1.0, 1.0, 3.99]), "smoothness", "component 2 .* > "),
    (l2(smoothness=0.99 * NORMS**2), "smoothness", "above smoothness"),
    (l1(smoothness=5.0), "smoothness", "above smoothness"),
    (l2(minimiser=[0.3, 0.1], mu=0.0), "minimiser_gap", "is beaten"),
    (l2(minimiser=[0.3, 0.1], mu=0.0, minimiser_gap=1e-3), "minimiser_gap", "> 0.001"),
    (l2(minimiser=[1e-4, 0.0], mu=0.0), "minimiser_gap", "is beaten"),
    (l2(mu=1.01 * LEAST), "mu", "is above f"),
]


@pytest.mark.parametrize(("problem", "statement", "says"), LIES)
def test_a_lie_is_found_with_a_witness(
    problem: UserProblem, statement: str, says: str
) -> None:
    found = refuted(problem, 1.0, 0)
    assert statement in found
    text = str(found[statement])
    assert text.startswith("mine")
    assert re.search(says, text), text
    assert found[statement].lhs > found[statement].rhs
    assert np.linalg.norm(found[statement].x - problem.point) <= 1.0 + 1e-12
    again = refuted.__wrapped__(problem, 1.0, 0)
    assert {k: str(v) for k, v in again.items()} == {
        k: str(v) for k, v in found.items()
    }


def on(problem: UserProblem, **changes: Any) -> Setting:
    said: dict[str, Any] = {
        "name": "mine",
        "problem": problem,
        "method": SPS_STAR,
        "x0": np.ones(2),
        "horizon": 5,
    }
    return Setting(**(said | changes))


def verdicts(problem: UserProblem, *patterns: str) -> dict[str, tuple[Status, str]]:
    outcomes = verify_setting(on(problem), patterns)
    return {o.claim_id: (o.verdict.status, o.verdict.reason) for o in outcomes}


def test_only_the_claims_that_assume_a_false_statement_do_not_apply() -> None:
    true = verdicts(l1(), "sps.*")
    lie = verdicts(l1(lipschitz=1.98), "sps.*")
    status, why = lie["sps.lipschitz.average"]
    assert true["sps.lipschitz.average"][0] is Status.HOLDS
    assert status is Status.NOT_APPLICABLE
    assert why.startswith(
        "bounded second moment on the ball: mine, component 2 at x = "
    )
    assert "2 > 1.98 (loss: " in why
    assert re.search(r"loss: .*user_rows.py:\d+, gradient: ", why)
    assert lie["sps.fejer.pathwise"][0] is Status.HOLDS  # it needs convexity only
    assert lie["sps.ball"][0] is Status.HOLDS
    changed = {k for k in true if true[k][0] is not lie[k][0]}
    assert all(lie[k][0] is Status.NOT_APPLICABLE for k in changed)
    assert "sps.lipschitz.average" in changed


def test_nothing_holds_on_losses_that_are_not_convex() -> None:
    problem = l1(loss=lambda i, x: -absolute(i, x), gradient=lambda i, x: -signs(i, x))
    found = verdicts(problem, "sps.*")
    assert found
    assert all(status is Status.NOT_APPLICABLE for status, _ in found.values())
    assert "it is not convex" in found["sps.fejer.pathwise"][1]


def test_a_beaten_minimiser_leaves_the_claims_of_any_comparator() -> None:
    found = verdicts(l2(minimiser=[0.3, 0.1], mu=0.0), "sps.smooth.*")
    assert found["sps.smooth.sharp"][0] is Status.HOLDS
    status, why = found["sps.smooth.sigma_local"]
    assert status is Status.NOT_APPLICABLE
    assert why.startswith("true minimiser: mine at x = ")


STEP = 2.0**0.5 / 8**0.5


def average(bound: Callable[..., Any]) -> Any:
    return own_claim("mine.average", quantity="average_gap", bound=bound, first=7)


def rate(c: Any, t: Any) -> Any:
    return c.G * c.D / np.sqrt(t + 1)


def test_an_own_bound_that_reads_a_false_constant_does_not_apply() -> None:
    lie = on(l1(lipschitz=[1.0, 1.0, 1.98]), method=sgd(STEP), horizon=8)
    right, control = Check(average(rate), [lie], {"half": 0.5}).cases()
    for case in (right, control):  # neither is anything learnt from the control
        verdict = judge_case(case, Options()).verdict
        assert verdict.status is Status.NOT_APPLICABLE
        assert "the bound reads G: mine, component 2" in verdict.reason
    plain, _ = Check(average(lambda c, t: 9.0 + 0.0 * t), [lie], {"half": 0.5}).cases()
    assert judge_case(plain, Options()).verdict.status is Status.HOLDS


def test_sampling_confirms_nothing_of_losses_that_are_not_convex() -> None:
    bent = on(wave(0.05), method=SPS_STAR, horizon=30)
    claim = own_claim("mine.gap", quantity="gap", bound=lambda c, t: 9.0 + 0.0 * t)
    case, _ = Check(claim, [bent], {"half": 0.5}).cases()
    assert judge_case(case, Options(max_replicas=64)).verdict.status is (
        Status.INCONCLUSIVE
    )


def test_hypothesis_is_not_loaded_until_something_is_probed() -> None:
    code = "import sys, ratecheck, synthetic.own, synthetic.cli; "
    code += "ratecheck.Check; print('hypothesis' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=True, text=True
    )
    assert done.stdout == "False\n"


def test_a_probe_without_hypothesis_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "hypothesis", None)
    with pytest.raises(InputError, match="pip install hypothesis"):
        refuted(l1(), 0.123, 0)


@pytest.mark.parametrize("what", ["lipschitz", "smoothness", "mu", "minimiser_gap"])
@pytest.mark.parametrize("value", [np.nan, -1.0])
def test_constants_that_are_none_are_named(what: str, value: float) -> None:
    with pytest.raises(InputError, match=what):
        l1(**{what: value})
