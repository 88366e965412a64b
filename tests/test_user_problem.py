"""Problems from a user's functions: they agree with ours, and lies are found."""

import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import ratecheck
from synthetic.api import verify_setting
from synthetic.desk import Options
from synthetic.families import planted
from synthetic.losses import CERTIFIED
from synthetic.problems.glm import GLM
from synthetic.problems.user import UserProblem, user_problem
from synthetic.setting import Setting
from synthetic.verify import judge_setting
from tests.user_rows import ROWS, l1, l2, signs
from theory import claims as registry
from theory.errors import InputError
from theory.judge import Status
from theory.method import IAM_P, SPS_STAR

ROOT = Path(__file__).resolve().parents[1]


def of(problem: GLM, lipschitz: np.ndarray, smoothness: np.ndarray) -> UserProblem:
    """One of our own problems, as a user would hand it in."""
    return user_problem(
        problem.name,
        lambda i, x: problem.component(i, x)[0],
        lambda i, x: problem.component(i, x)[1],
        num_components=problem.num_components,
        minimiser=problem.point,
        minimiser_gap=problem.minimiser.gap,
        lipschitz=lipschitz,
        smoothness=smoothness,
    )


@pytest.mark.parametrize("loss", CERTIFIED.values(), ids=CERTIFIED)
@pytest.mark.parametrize("method", [SPS_STAR, IAM_P], ids=lambda method: method.name)
def test_a_users_copy_of_our_problem_gets_our_verdicts(loss: Any, method: Any) -> None:
    ours = planted(loss, num_components=4, dim=2, noise=1.0, seed=2)
    setting = Setting(
        name="ours", problem=ours, method=method, x0=np.zeros(2), horizon=6
    )
    ball = ours.ball(setting.distance)
    theirs = replace(setting, problem=of(ours, ball.lipschitz, ball.smoothness))
    names = ["sps.lipschitz", "sps.fejer", "iam.lipschitz.last", "iam.fejer"]
    claims = [c for c in registry.find(names) if c.expected is Status.HOLDS]
    expected = {o.claim_id: o for o in judge_setting(setting, claims, Options())}
    found = verify_setting(theirs, names)
    assert {outcome.claim_id for outcome in found} == set(expected)
    for outcome in found:
        verdict, ours_too = outcome.verdict, expected[outcome.claim_id].verdict
        assert verdict.status is ours_too.status
        if verdict.tightness is not None:  # the mean is summed in another order
            assert verdict.tightness == pytest.approx(ours_too.tightness, rel=1e-12)


def test_losses_gradients_and_blocks_agree_with_the_functions(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    problem = l2(weights=[0.5, 0.25, 0.25])
    x = np.array([[1.0, 2.0], [-1.0, 0.5]])
    expected = np.array([[0.5, 0.5 * 2.2**2, 8.0], [0.5, 0.5 * 0.2**2, 0.5]])
    mean = np.einsum("i,pi,id->pd", problem.weights, x @ ROWS.T, ROWS)
    for block in (1, 5, 10**6):
        monkeypatch.setattr("synthetic.problems.user.BLOCK", block)
        np.testing.assert_allclose(problem.losses(x), expected, rtol=1e-14)
        np.testing.assert_allclose(problem.gradient(x), mean, rtol=1e-14)


def test_what_is_not_said_is_not_known() -> None:
    setting = Setting(
        name="mine",
        problem=l1(lipschitz=None, minimiser_gap=np.inf),
        method=SPS_STAR,
        x0=np.ones(2),
        horizon=5,
    )
    found = {o.claim_id: o.verdict for o in verify_setting(setting, "sps.*")}
    assert found["sps.fejer.pathwise"].status is Status.HOLDS
    assert found["sps.lipschitz.average"].status is Status.NOT_APPLICABLE
    assert "no finite G" in found["sps.lipschitz.average"].reason
    assert found["sps.smooth.sharp"].status is Status.NOT_APPLICABLE


def test_a_wrong_constant_that_is_not_probed_is_refuted() -> None:
    setting = Setting(
        name="mine",
        problem=l1(lipschitz=0.3),
        method=SPS_STAR,
        x0=np.ones(2),
        horizon=6,
    )
    claims = [registry.get("sps.lipschitz.average")]
    (outcome,) = judge_setting(setting, claims, Options())
    assert outcome.verdict.status is Status.REFUTED
    (outcome,) = verify_setting(setting, "sps.lipschitz.average")
    assert outcome.verdict.status is Status.NOT_APPLICABLE
    assert "the gradient is above lipschitz" in outcome.verdict.reason


def test_a_pathwise_refutation_says_that_it_is_in_floats_only() -> None:
    problem = l1(gradient=lambda i, x: -signs(i, x))
    setting = Setting(
        name="mine", problem=problem, method=SPS_STAR, x0=np.ones(2), horizon=4
    )
    (outcome,) = judge_setting(setting, [registry.get("sps.ball")], Options())
    assert outcome.verdict.status is Status.REFUTED
    assert "in floats only" in outcome.verdict.reason


@pytest.mark.parametrize(
    ("changes", "needed"),
    [
        ({"num_components": 0}, "num_components"),
        ({"minimiser": [np.nan, 0.0]}, "minimiser"),
        ({"minimiser": [[0.0]]}, "minimiser"),
        ({"minimiser_gap": -1.0}, "minimiser_gap"),
        ({"minimiser_gap": np.nan}, "minimiser_gap"),
        ({"weights": [0.5, 0.5]}, "3 weights"),
        ({"weights": [0.5, 0.6, -0.1]}, "weights"),
        ({"weights": [0.5, 0.6, 0.1]}, "sum 1"),
        ({"lipschitz": 0.0}, "lipschitz > 0"),
        ({"lipschitz": [1.0, 2.0]}, "one number or 3"),
        ({"smoothness": np.nan}, "smoothness"),
        ({"mu": -1.0}, "mu"),
    ],
)
def test_what_cannot_be_meant_is_refused(changes: dict[str, Any], needed: str) -> None:
    with pytest.raises(InputError, match=needed):
        l1(**changes)


def test_alpha_is_shared_and_seeds_matter() -> None:
    ours = planted(CERTIFIED["l1"], num_components=40, dim=8, noise=1.0, seed=1)
    ball = ours.ball(float(np.linalg.norm(ours.point)))
    setting = ratecheck.Setting(
        name="mine",
        problem=of(ours, ball.lipschitz, ball.smoothness),
        method=SPS_STAR,
        x0=np.zeros(8),
        horizon=50,
    )
    names = ["sps.lipschitz.average", "sps.lipschitz.iterate"]
    found = [
        ratecheck.verify_setting(setting, names, Options(seed=seed, alpha=1e-4))
        for seed in (0, 0, 1)
    ]
    ratios = [[o.verdict.tightness for o in outcomes] for outcomes in found]
    assert ratios[0] == ratios[1] != ratios[2]
    errors = [o.verdict.evidence.error for o in found[0] if o.verdict.evidence]
    assert errors == [5e-5, 5e-5]


def test_the_example_of_the_readme_prints_what_it_says() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    section = text[text.index("## Your own problem") :]
    blocks = re.findall(r"```(?:python)?\n(.*?)```", section, flags=re.DOTALL)
    code, said = blocks[0], blocks[1]
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        capture_output=True,
        check=False,
        text=True,
    )
    assert done.stderr == ""
    assert done.stdout == said
    half = code.replace("lipschitz=1.0", "lipschitz=0.5")
    half = re.sub(r"print\(.*", "print(found.verdict.reason)", half)
    assert half.count("lipschitz=0.5") == half.count("verdict.reason") == 1
    done = subprocess.run(
        [sys.executable, "-c", half],
        cwd=ROOT,
        capture_output=True,
        check=False,
        text=True,
    )
    assert "the gradient is above lipschitz, and 1 > 0.5" in done.stdout
