"""Problems from a user's functions: they agree with ours, and lies are found."""

import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import ratecheck
from synthetic.api import verify_setting
from synthetic.families import planted
from synthetic.losses import CERTIFIED
from synthetic.probe import ball_points, probe
from synthetic.problems.glm import GLM
from synthetic.problems.user import UserProblem, user_problem
from synthetic.setting import Setting
from synthetic.verify import Options, judge_setting
from theory import claims as registry
from theory.errors import InputError
from theory.judge import Status
from theory.method import IAM_P, SPS_STAR

ROOT = Path(__file__).resolve().parents[1]
ROWS = np.array([[1.0, 0.0], [0.6, 0.8], [0.0, -2.0]])
NORMS = np.array([1.0, 1.0, 2.0])


def absolute(i: np.ndarray, x: np.ndarray) -> np.ndarray:
    return np.asarray(np.abs((ROWS[i] * x).sum(axis=1)))


def signs(i: np.ndarray, x: np.ndarray) -> np.ndarray:
    return np.asarray(np.sign((ROWS[i] * x).sum(axis=1))[:, None] * ROWS[i])


def squares(i: np.ndarray, x: np.ndarray) -> np.ndarray:
    return np.asarray(0.5 * (ROWS[i] * x).sum(axis=1) ** 2)


def residuals(i: np.ndarray, x: np.ndarray) -> np.ndarray:
    return np.asarray((ROWS[i] * x).sum(axis=1)[:, None] * ROWS[i])


def l1(**changes: Any) -> UserProblem:
    said: dict[str, Any] = {
        "loss": absolute,
        "gradient": signs,
        "num_components": 3,
        "minimiser": np.zeros(2),
        "minimiser_gap": 0.0,
        "lipschitz": NORMS,
    }
    return user_problem("mine", **(said | changes))


def l2(**changes: Any) -> UserProblem:
    said: dict[str, Any] = {
        "loss": squares,
        "gradient": residuals,
        "lipschitz": None,
        "smoothness": NORMS**2,
    }
    return l1(**(said | changes))


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
    with pytest.raises(InputError, match="lipschitz"):
        verify_setting(setting, "sps.lipschitz.average")


def test_a_pathwise_refutation_says_that_it_is_in_floats_only() -> None:
    problem = l1(gradient=lambda i, x: -signs(i, x))
    setting = Setting(
        name="mine", problem=problem, method=SPS_STAR, x0=np.ones(2), horizon=4
    )
    (outcome,) = judge_setting(setting, [registry.get("sps.ball")], Options())
    assert outcome.verdict.status is Status.REFUTED
    assert "in floats only" in outcome.verdict.reason


@pytest.mark.parametrize(
    "problem",
    [
        l1(),
        l2(),
        l1(lipschitz=2.0 * (1 - 1e-12)),
        l2(minimiser=[0.3, 0.1], minimiser_gap=0.5),
    ],
)
@pytest.mark.parametrize("radius", [1e-3, 1.0, 1e3])
def test_the_truth_passes(problem: UserProblem, radius: float) -> None:
    for seed in range(3):
        probe(problem, radius, seed)


@pytest.mark.parametrize("loss", CERTIFIED.values(), ids=CERTIFIED)
def test_our_own_problems_pass(loss: Any) -> None:
    ours = planted(loss, num_components=20, dim=6, noise=1.0, seed=7)
    ball = ours.ball(2.0)
    probe(of(ours, ball.lipschitz, ball.smoothness), 2.0)


def broken_at(value: float) -> Callable[..., np.ndarray]:
    return lambda i, x: np.where((x[:, 0] > 0.5) & (i == 1), value, absolute(i, x))


def counting() -> Callable[..., np.ndarray]:
    calls = [0]

    def loss(i: np.ndarray, x: np.ndarray) -> np.ndarray:
        calls[0] += 1
        return absolute(i, x) + 1e-9 * calls[0]

    return loss


def grasping(i: np.ndarray, x: np.ndarray) -> np.ndarray:
    found = absolute(i, x)
    x += 1.0
    return found


@pytest.mark.parametrize(
    ("problem", "needed"),
    [
        (
            l1(loss=broken_at(np.nan)),
            "component 1 at x = .*the loss is not finite: nan",
        ),
        (l1(loss=broken_at(np.inf)), "component 1 .*not finite: inf"),
        (
            l1(gradient=lambda i, x: np.where(x == 0, np.nan, signs(i, x))),
            "the gradient is not finite",
        ),
        (l1(loss=lambda i, x: absolute(i, x)[:, None]), r"loss must give .*\(64, 1\)"),
        (l1(loss=lambda i, x: absolute(i, x).sum()), r"loss must give .*shape \(64,\)"),
        (l1(gradient=lambda i, x: signs(i, x)[:, :1]), "gradient must give .*2"),
        (l1(gradient=absolute), r"gradient must give .*\(64, 2\)"),
        (l2(gradient=lambda i, x: 1.001 * residuals(i, x)), "differences of the loss"),
        (l2(gradient=lambda i, x: -residuals(i, x)), "differences of the loss"),
        (l1(gradient=lambda i, x: 1.001 * signs(i, x)), "differences of the loss"),
        (
            l1(
                gradient=lambda i, x: (
                    signs(i, x) + 1.1 * ROWS[i] * (i == 0)[:, None] * (x[:, :1] == 0)
                )
            ),
            "differences of the loss",  # at the kink only, where the centre is
        ),
        (
            l1(loss=lambda i, x: -absolute(i, x), gradient=lambda i, x: -signs(i, x)),
            "component 0 .*not convex: the tangent there",
        ),
        (
            l1(
                loss=lambda i, x: np.sin(3 * x[:, 0]),
                gradient=lambda i, x: 3 * np.cos(3 * x[:, :1]) * np.array([1.0, 0.0]),
            ),
            "not convex",
        ),
        (
            l1(lipschitz=[1.0, 1.0, 1.999]),
            "component 2 .*norm 2, above lipschitz = 1.9",
        ),
        (l2(lipschitz=0.9), "above lipschitz = 0.9"),
        (l2(smoothness=[1.0, 1.0, 3.99]), "component 2 .*smoothness = 3.99"),
        (l1(smoothness=5.0), "smoothness = 5"),
        (l2(minimiser=[0.3, 0.1]), "minimiser of mine is beaten at x = "),
        (l2(minimiser=[0.3, 0.1], minimiser_gap=1e-3), "minimiser_gap = 0.001"),
        (l2(minimiser=[1e-4, 0.0]), "beaten"),
        (l1(loss=counting()), "must not be random"),
        (
            l1(gradient=lambda i, x: signs(i, x) * np.random.default_rng().random()),
            "must not be random",
        ),
        (l1(loss=grasping), "change their arguments"),
        (
            l1(loss=lambda i, x: absolute(i, x) - absolute(i, x).mean()),
            "each row must speak of its own point",
        ),
    ],
)
def test_a_lie_is_found_with_a_witness(problem: UserProblem, needed: str) -> None:
    with pytest.raises(InputError, match=re.compile(needed, re.DOTALL)) as caught:
        probe(problem, 1.0)
    assert "x = [" in str(caught.value)


def test_points_are_the_centre_the_sphere_and_the_ball() -> None:
    problem = l1(minimiser=[3.0, 4.0])
    points = ball_points(problem, 2.0, 64, np.random.default_rng(0))
    away = np.linalg.norm(points - problem.point, axis=1)
    assert away[0] == 0.0
    assert np.count_nonzero(np.abs(away - 2.0) < 1e-12) == 32
    assert np.count_nonzero(away < 1.99) >= 30
    assert away.max() < 2.0 + 1e-12


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


@pytest.mark.parametrize(("radius", "points"), [(0.0, 64), (np.inf, 64), (1.0, 3)])
def test_a_probe_needs_a_ball_and_points(radius: float, points: int) -> None:
    with pytest.raises(InputError, match="radius > 0 and 4 points"):
        probe(l1(), radius, num_points=points)


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
    assert half != code
    done = subprocess.run(
        [sys.executable, "-c", half],
        cwd=ROOT,
        capture_output=True,
        check=False,
        text=True,
    )
    assert "norm 1, above lipschitz = 0.5" in done.stderr
