"""Constants of settings: batches, metrics, caps, growth, leaks and sure ranges."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, strategies as st

from synthetic import instances
from synthetic.batches import Batch, answer
from synthetic.catalogue import polyak_settings
from synthetic.desk import Options
from synthetic.engines import pathwise, tree
from synthetic.families import planted
from synthetic.losses import LOSSES, POISSON, SQUARED
from synthetic.metrics import Metric, adam, fixed, growing, shrinking
from synthetic.problems.glm import GLM
from synthetic.setting import Setting
from synthetic.verify import judge_setting
from theory.claim import Kind
from theory.claims import POLYAK
from theory.errors import InputError
from theory.judge import Status
from theory.method import IAM_P, SPS_STAR, Family, Method, Target, capped_sps

SETTINGS = {setting.name: setting for setting in polyak_settings()}
seeds = st.integers(0, 2**32 - 1)


def on(problem: GLM, method: Method = SPS_STAR, horizon: int = 5) -> Setting:
    return Setting(
        name="test",
        problem=problem,
        method=method,
        x0=problem.point + 1.0,
        horizon=horizon,
    )


def in_ball(setting: Setting, seed: int, number: int = 30) -> np.ndarray:
    """Random points within D of the comparator."""
    rng = np.random.default_rng(seed)
    away = rng.standard_normal((number, setting.problem.dim))
    away *= setting.distance / np.linalg.norm(away, axis=1, keepdims=True)
    return np.asarray(setting.problem.point + rng.random((number, 1)) * away)


def test_smoothness_on_the_ball_is_not_enough_for_self_bounding() -> None:
    # Poisson, y = 0 and 100, a = 1, x* = log 50, D = 0.1, at x*: the sample y = 100 has
    # g^2 = 2500, more than 2 L_ball (f - inf f) = 2134.6; the hull's L is 100.
    problem = GLM(
        name="two counts",
        weights=np.full(2, 0.5),
        minimiser=replace(instances.at_origin(1), point=np.array([np.log(50.0)])),
        features=np.ones((2, 1)),
        target=np.array([0.0, 100.0]),
        loss=POISSON,
        center=np.zeros(1),
    )
    x = problem.point[None, :]
    _, grad = problem.component(np.array([1]), x)
    gap = float(problem.losses(x)[0, 1] - POISSON.infimum(np.array([100.0]))[0])
    on_ball = float(np.max(problem.ball(0.1).smoothness))
    assert grad[0, 0] ** 2 == pytest.approx(2500.0)
    assert 2.0 * on_ball * gap == pytest.approx(2134.6, abs=0.05)
    assert problem.ball(0.1).growth[0] == pytest.approx(2.0 * 100.0)
    assert grad[0, 0] ** 2 <= problem.ball(0.1).growth[0] * gap


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("replacement", [True, False])
@given(seed=seeds)
def test_batch_constants_bound_the_mean_over_all_batches(
    name: str, replacement: bool, seed: int
) -> None:
    problem = planted(LOSSES[name], num_components=4, dim=2, noise=0.5, seed=3)
    setting = replace(on(problem), batch=Batch(2, replacement))
    c, x = setting.constants(), in_ball(setting, seed)
    draws, chance = setting.batch.all(problem.weights)
    second = np.zeros(len(x))
    for drawn, p in zip(draws, chance, strict=True):
        _, grad = answer(problem, np.tile(drawn, (len(x), 1)), x)
        second += p * (grad**2).sum(axis=1)
    assert np.all(second <= c.G**2 * (1 + 1e-12))  # roundoff of a sum
    gap = np.maximum(problem.gap(x), 0.0)
    assert np.all(second <= (c.A * gap + c.B) * (1 + 1e-12) + 1e-13)
    _, at_u = answer(problem, draws, np.tile(problem.point, (len(draws), 1)))
    noise = float(chance @ (at_u**2).sum(axis=1))
    # E||h_S||^2 is sigma_b^2 exactly, as E h = 0
    assert noise == pytest.approx(c.sigma**2, rel=1e-9, abs=1e-15)


def test_batches_shrink_the_variance_as_they_should() -> None:
    assert Batch(4).variance_share(40) == 0.25
    assert Batch(4, replacement=False).variance_share(40) == 36 / (4 * 39)
    assert Batch(40, replacement=False).variance_share(40) == 0.0
    assert Batch(3).count(4) == 64
    assert Batch(3, replacement=False).count(4) == 4


def test_sampled_batches_are_uniform_and_have_addresses() -> None:
    problem = planted(SQUARED, num_components=5, dim=2)
    for batch in (Batch(2), Batch(2, replacement=False)):
        draws = batch.sample(7, (0, 4000), 3, problem)
        assert draws.shape == (3, 4000, 2)
        later = batch.sample(7, (1000, 50), 3, problem)
        assert np.array_equal(draws[:, 1000:1050], later)
        counts = np.bincount(draws.ravel(), minlength=5)
        # 24 000 draws of probability 1/5: six standard deviations are 372, a chance
        # below 1e-8 for each of the five
        assert np.all(np.abs(counts - 4800) < 372)
        pairs = draws[..., 0] == draws[..., 1]
        assert pairs.any() == batch.replacement


@pytest.mark.parametrize(
    ("batch", "message"), [(Batch(0), "got 0"), (Batch(5, replacement=False), "got 5")]
)
def test_a_batch_that_cannot_be_filled_is_refused(batch: Batch, message: str) -> None:
    with pytest.raises(InputError, match=message):
        replace(on(planted(SQUARED, num_components=4, dim=2)), batch=batch)
    weighted = instances.sparse_quad(0.3)
    with pytest.raises(InputError, match="equal weights"):
        replace(on(weighted), batch=Batch(2, replacement=False))


@pytest.mark.parametrize("method", [SPS_STAR, IAM_P])
def test_a_fixed_metric_is_a_change_of_variable(method: Method) -> None:
    problem = planted(SQUARED, num_components=4, dim=2, noise=1.0, seed=3)
    diagonal = np.array([4.0, 0.25])
    here = replace(on(problem, method), metric=fixed((4.0, 0.25)))
    there = replace(
        on(problem.in_metric(diagonal), method), x0=here.x0 * np.sqrt(diagonal)
    )
    channels = frozenset({"gap", "dist_sq", "grad_norm_sq", "numerator"})
    ours, theirs = tree.grow(here, channels)[0], tree.grow(there, channels)[0]
    for name in channels:
        # the same arithmetic up to factors 2 and 1/2, which are exact, and sums
        np.testing.assert_allclose(getattr(ours, name), getattr(theirs, name), 1e-12)
    for field in ("D", "G", "L", "sigma", "A", "B", "mu"):
        mine, other = (getattr(s.constants(), field) for s in (here, there))
        assert mine == pytest.approx(other, rel=1e-12)  # two orders of the same sums


def test_metrics_have_the_diagonals_of_their_definitions() -> None:
    grad = np.array([[3.0, 0.0]])
    first, moment = adam(0.5, 0.25).step(0, grad, np.zeros_like(grad))
    assert first.tolist() == [[3.25, 0.25]]  # bias-corrected: sqrt(9) + 0.25
    second, _ = adam(0.5, 0.25).step(1, 0.0 * grad, moment)
    assert second[0, 0] == pytest.approx((9 * 0.25 / 0.75) ** 0.5 + 0.25, rel=1e-15)
    scaled, _ = shrinking((4.0, 1.0), 0.5).step(2, grad, moment)
    assert scaled.tolist() == [[1.0, 0.25]]
    grown, _ = growing((4.0, 1.0), 2.0).step(2, grad, moment)
    assert grown.tolist() == [[16.0, 4.0]]
    low, moment = adam(0.5, 0.25, peak=True).step(0, grad, np.zeros_like(grad))
    high, _ = adam(0.5, 0.25, peak=True).step(1, grad[:, ::-1], moment, low)
    assert high[0, 0] == low[0, 0] == 3.25  # sqrt(3) + 0.25 now
    assert high[0, 1] == pytest.approx(6**0.5 + 0.25, rel=1e-15)


def test_a_run_records_how_much_its_metric_grows() -> None:
    def growth(metric: Metric, draws: list[int]) -> list[float]:
        setting = replace(on(instances.split_squares(), horizon=3), metric=metric)
        setting = replace(setting, x0=np.array([0.99]), order=np.array(draws))
        trace, _, _ = tree.grow(setting, frozenset({"metric_growth"}))
        return [float(g) for g in trace.metric_growth[:, 0]]

    assert growth(growing((3.0,), 1.5), [0, 1]) == [1.0, 1.5]
    assert growth(shrinking((3.0,), 0.5), [0, 1]) == [1.0, 1.0]
    # slopes -0.01 and, as the loss at 0.99 is below that at u, then 1.99
    moment = (0.9 * 0.1 * 1e-4 + 0.1 * 1.99**2) / (1 - 0.81)
    found = growth(adam(0.9), [0, 1])
    assert found[1] == pytest.approx((moment**0.5 + 1e-8) / (0.01 + 1e-8), rel=1e-12)


@pytest.mark.parametrize("peak", [False, True])
def test_adams_metric_loses_the_plain_sum_and_keeps_the_discounted(peak: bool) -> None:
    problem = replace(on(instances.split_squares(), horizon=6), x0=np.array([0.99]))
    setting = replace(problem, metric=adam(0.9, peak=peak))
    claims = [
        POLYAK[f"iam.precond.{name}"] for name in ("adam_summed", "multiplicative")
    ]
    outcomes = judge_setting(setting, claims, Options())
    plain, kept = (outcome.verdict for outcome in outcomes)
    assert plain.status is Status.REFUTED
    assert plain.tightness is not None
    assert plain.tightness > 80
    assert kept.status is Status.HOLDS


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: fixed((1.0, 0.0)), "positive diagonal"),
        (lambda: Metric("odd"), "'odd'"),
        (lambda: shrinking((1.0,), 2.0), "factor"),
        (lambda: growing((1.0,), 0.9), "factor >= 1"),
        (lambda: growing((1.0,), np.inf), "finite factor"),
        (lambda: adam(0.9, 0.0), "epsilon"),
    ],
)
def test_a_metric_that_is_not_positive_is_refused(make, message: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(InputError, match=message):
        make()


SMOOTH = [name for name, loss in LOSSES.items() if loss.curvature is not None]


@pytest.mark.parametrize("size", [1, 2])
@pytest.mark.parametrize("ridge", [0.0, 0.3])
@pytest.mark.parametrize("name", SMOOTH)
@given(seed=seeds)
def test_gradients_are_smooth_in_expectation(
    name: str, ridge: float, size: int, seed: int
) -> None:
    problem = planted(
        LOSSES[name], num_components=4, dim=2, noise=0.5, ridge=ridge, seed=3
    )
    setting = replace(on(problem), batch=Batch(size))
    c, points = setting.constants(), in_ball(setting, seed)
    answers, chance = setting.batch.all(problem.weights)
    drawn = answers[:, 0] if size == 1 else answers
    at_u = answer(problem, drawn, np.tile(problem.point, (len(answers), 1)))[1]
    for x in points:
        grad = answer(problem, drawn, np.tile(x, (len(answers), 1)))[1]
        moved = float(chance @ ((grad - at_u) ** 2).sum(axis=1))
        gap = float(problem.gap(x[None])[0])
        assert moved <= 2.0 * c.L_expected * gap + 1e-12 * (1.0 + moved)  # roundoff
    assert c.L_expected <= c.L * (1 + 1e-9)


def test_smoothness_in_expectation_is_the_least_for_least_squares() -> None:
    # slopes 1 and 3 on the line: E L^2 / E L = (1 + 81) / (1 + 9)
    rows = instances.quadratics("two", np.array([[1.0], [3.0]]), np.full(2, 0.5))
    assert on(rows).constants().L_expected == pytest.approx(8.2, rel=2e-9)
    assert on(rows).constants().L == 9.0
    # a direction that no row sees is left out, one that is nearly so leaves L
    flat = instances.quadratics("flat", np.array([[1.0, 0], [3.0, 0]]), np.full(2, 0.5))
    assert on(flat).constants().L_expected == pytest.approx(8.2, rel=2e-9)
    tilt = np.array([[1.0, 1e-4], [3.0, 0]])
    near = instances.quadratics("near", tilt, np.full(2, 0.5))
    assert on(near).constants().L_expected == on(near).constants().L


@pytest.mark.parametrize("name", LOSSES)
@given(seed=seeds)
def test_noise_leaks_at_least_q_in_every_direction(name: str, seed: int) -> None:
    problem = planted(LOSSES[name], num_components=6, dim=2, noise=0.5, seed=3)
    c = on(problem).constants()
    everyone = np.arange(6)
    _, h = problem.component(everyone, np.tile(problem.point, (6, 1)))
    v = np.random.default_rng(seed).standard_normal(2)
    v /= np.linalg.norm(v)
    steep = problem.ball(on(problem).distance).lipschitz
    leaked = float(problem.weights @ (np.maximum(h @ v, 0.0) ** 2 / steep**2))
    assert 0 < c.q <= leaked
    assert 0 < c.kappa <= float(problem.weights @ np.maximum(h @ v, 0.0))
    assert instances.split_abs(2.0).ball(1.0).q == 0.5


def test_underestimates_widen_the_ball_of_a_capped_run() -> None:
    problem = planted(SQUARED, num_components=4, dim=2, noise=1.0, seed=3)
    setting = on(problem, capped_sps(0.5), 9)
    d = setting.distance
    assert setting.constants().reach == d
    low = replace(setting, target=Target(-0.1)).constants()
    assert low.reach == pytest.approx((d**2 + 2 * 0.5 * 0.1 * 9) ** 0.5, rel=1e-15)
    assert low.G > setting.constants().G
    assert replace(on(problem), target=Target(-0.1)).constants().reach == np.inf


@pytest.mark.parametrize("name", list(SETTINGS)[::7])
def test_runs_stay_within_the_sure_ranges_that_monte_carlo_uses(name: str) -> None:
    setting = SETTINGS[name]
    c = setting.constants()
    if setting.num_paths() > 5000 or setting.horizon > 300:
        setting = replace(setting, horizon=4)
    if setting.num_paths() > 100_000:
        setting = replace(setting, horizon=2)
    moving = setting.metric is not None and setting.fixed_metric is None
    claims = [
        claim
        for claim in POLYAK.values()
        if setting.method.family in claim.families and not moving
        if claim.kind is Kind.EXPECTATION and claim.sampled
        if claim.failing(c) is None and claim.speaks_within(setting.horizon)
    ]
    needs = frozenset[str]().union(*(claim.needs for claim in claims))
    if setting.num_paths() > tree.MAX_PATHS:  # batches: one step has that many draws
        trace, _ = pathwise.run(setting, needs, seed=0)
    else:
        trace, _, _ = tree.grow(setting, needs)
    for claim in claims:
        quantity = claim.quantity(trace)[claim.first :]
        t = trace.times[claim.first :].astype(np.float64)
        low, high = claim.support(c, t)
        noise = 1e-9 * (1.0 + np.abs(quantity).max())  # far above roundoff
        assert np.all(quantity >= low[:, None] - noise), claim.id
        assert np.all(quantity <= high[:, None] + noise), claim.id
    special = setting.metric is not None or setting.order is not None
    other = setting.method.family is Family.IAM_OTHER
    assert claims or setting.target != Target() or special or other


def test_the_gamma_form_of_iam_tends_to_two_over_pi() -> None:
    from theory.claims.iam_smooth import gamma_form  # noqa: PLC0415

    t = np.array([0.0, 9.0, 99.0, 1e6])
    scaled = 0.5 * (t + 1) * gamma_form(t)  # T r_{T-1} / (L D^2)
    assert scaled[0] == pytest.approx(0.5, rel=1e-12)  # roundoff of gammaln
    assert np.all(np.diff(scaled) > 0)
    assert 0 < 2 / np.pi - scaled[-1] < 1e-6


def test_a_falling_metric_counts_its_last_step() -> None:
    problem = planted(SQUARED, num_components=4, dim=2, noise=1.0, seed=3)
    setting = replace(on(problem, horizon=4), metric=shrinking((4.0, 0.25), 0.5))
    c = setting.constants()  # x_0 - u = (1, 1); three steps, so D_2 = M / 4 is the last
    assert c.metric_least == 0.25 / 4
    assert c.metric_start == pytest.approx(4.25**0.5, rel=1e-15)
    assert c.reach == pytest.approx(4.25**0.5 * 4, rel=1e-15)
    sudden = Metric("nonincreasing", (1.0, 1.0), later=(1.0, 0.5))
    assert sudden.known(0).tolist() == [1.0, 1.0]
    assert sudden.known(3).tolist() == [1.0, 0.5]
    with pytest.raises(InputError, match="later diagonal"):
        Metric("nonincreasing", (1.0, 1.0), later=(1.0, 2.0))


def test_a_problem_without_any_slope_is_refused() -> None:
    one = instances.linf(1)
    flat = replace(one, name="flat", pieces=np.zeros_like(one.pieces))
    with pytest.raises(InputError, match="Every loss of flat is constant"):
        flat.ball(1.0)
    whole = planted(SQUARED, num_components=2, dim=2, seed=0)
    assert isinstance(whole, GLM)
    with pytest.raises(InputError, match="G = 0"):
        replace(whole, features=np.zeros_like(whole.features)).ball(1.0)
