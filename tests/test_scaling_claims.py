"""Claims about scaling laws: every verdict, the numbers behind it, enclosures."""

from typing import Any

import mpmath
import numpy as np
import pytest

from synthetic.catalogue import scaling
from synthetic.desk import Options
from synthetic.scaling import catalogue, catalogue_teacher as teachers, kernel_model
from synthetic.scaling.desk import ROUNDOFF
from synthetic.scaling.desk_setting import ScalingSetting
from synthetic.scaling.enclose import Budget, allocation, best_case
from synthetic.scaling.meters_teacher import crossover
from synthetic.scaling.optimal import best_plan, best_teacher_loss
from synthetic.verify import judge_setting
from theory.claims import SCALING
from theory.errors import InputError
from theory.judge import Status
from theory.scaling import Limits
from theory.scaling_coefficients import DISTILLED, PUBLISHED, SUPERVISED
from theory.scaling_flops import BEST_CASE, BOTH, INFERENCE, PRETRAINING, forward
from theory.scaling_law import log_student, student_loss, supervised_loss

SETTINGS = {setting.name: setting for setting in scaling().settings}
E = PUBLISHED.supervised.log_E
SEVEN = teachers.SEVEN


def measured(setting: Any) -> dict[str, Limits]:
    assert isinstance(setting, ScalingSetting)
    return dict(setting.meter.measure(setting))


def test_every_claim_is_as_expected_somewhere_and_nowhere_else() -> None:
    found: dict[str, set[Status]] = {name: set() for name in SCALING}
    for setting in scaling().settings:
        for outcome in judge_setting(setting, list(SCALING.values()), Options()):
            found[outcome.claim_id].add(outcome.verdict.status)
    for name, statuses in found.items():
        assert statuses - {Status.NOT_APPLICABLE} == {SCALING[name].expected}, name


def test_every_true_claim_has_a_control() -> None:
    controlled = {control.claim_id for control in scaling().controls}
    true = {n for n, claim in SCALING.items() if claim.expected is Status.HOLDS}
    assert controlled == true


def test_every_measured_channel_is_named() -> None:
    from theory.scaling import CHANNELS  # noqa: PLC0415

    assert {n for s in SETTINGS.values() for n in s.meter.offers} == CHANNELS.keys()  # type: ignore[attr-defined]


def test_roundoff_is_what_the_evidence_says() -> None:
    """Logarithms of L_S against 50 digits, from tiny to huge excesses."""
    rng = np.random.default_rng(5)
    columns = rng.uniform(np.log([1e7, 1e8, 1.2]), np.log([1e12, 1e14, 6.0]), (40, 3))
    p = {k: mpmath.mpf(v.value) for k, v in SUPERVISED.items()}
    q = {k: mpmath.mpf(v.value) for k, v in DISTILLED.items()}
    for log_N, log_D, log_T in columns:
        with mpmath.workdps(50):
            N, D, T = (mpmath.exp(mpmath.mpf(float(v))) for v in (log_N, log_D, log_T))
            own = p["A"] / N ** p["alpha"] + p["B"] / D ** p["beta"]
            own = p["E"] + own ** p["gamma"]
            u = (T / (own * q["d1"])) ** (1 / q["f1"])
            rest = (q["A"] / N ** q["alpha"] + q["B"] / D ** q["beta"]) ** q["gamma"]
            loss = T + T ** -q["c0"] * (1 + u) ** (-q["c1"] * q["f1"]) * rest
            seen = log_student(PUBLISHED, log_N, log_D, log_T)
            assert abs(mpmath.log(loss) - seen) < ROUNDOFF / 10


def test_the_limits() -> None:
    def excess(N: float, D: float, teacher: float) -> float:
        return float(student_loss(PUBLISHED, N, D, teacher)) - teacher

    assert excess(1e12, 2e13, 1.8) == pytest.approx(7.0e-7, abs=5e-9)
    assert excess(1e12, 1e12, 1.8) == pytest.approx(5.5e-4, abs=5e-6)
    assert excess(1e12, 1e13, 1.8) == pytest.approx(3.1e-6, abs=5e-8)
    assert round(excess(1e8, 1e9, 3.0), 4) == 0.0636
    assert excess(1e8, 1e9, 5.0) < 1e-15


def test_the_bracket_at_d1_and_its_limit_in_c1() -> None:
    bracket = np.exp(measured(SETTINGS["transition"])["log_bracket"].low)
    assert bracket[1] == pytest.approx(6.9e-15, rel=0.01)
    assert bracket[0] == pytest.approx(0.5, abs=1e-12)
    spread = measured(SETTINGS["c1"])["spread"].low
    assert spread[2] == pytest.approx(0.0057, abs=5e-5)  # at 522.6


def test_where_the_best_teacher_is() -> None:
    found = measured(teachers.curves(400))
    ratio = found["best_anywhere"].low / found["own"].low
    assert ratio.min() > 0.44
    assert ratio.max() < 0.94
    at_edge = np.mean(found["best_teacher"].high < np.exp(E) * (1 + 1e-4))
    assert 0.005 < at_edge < 0.03
    assert found["turns"].low.max() == 1


def test_the_u_is_shallow() -> None:
    def loss(N_T: float) -> float:
        teacher = supervised_loss(PUBLISHED, N_T, 20 * N_T)
        return round(float(student_loss(PUBLISHED, 198e6, 20 * 198e6, teacher)), 4)

    assert (loss(19.8e9), loss(100e9)) == (2.5340, 2.5604)


def test_all_data() -> None:
    found = measured(teachers.everything())
    percent = 100 * (found["best"].high / found["own"].low - 1)
    assert np.round(percent, 2).tolist() == [-0.49, 0.11, 0.44, 0.51, 0.33, -0.77]
    edge = (found["own"].low - found["best"].high)[[0, 5]]
    assert np.round(edge, 4).tolist() == [0.0124, 0.0122]


def test_when_supervised_training_catches_up() -> None:
    exact = [crossover(PUBLISHED, N, None, 0.0) for N in SEVEN]
    assert np.isinf([exact[0], exact[5], exact[6]]).all()
    expected = [3.8e13, 3.0e12, 4.6e12, 2.9e13]
    assert np.allclose(exact[1:5], expected, rtol=0.03)  # to the digits of a grid
    one = [3 * forward(N) * crossover(PUBLISHED, N, None, 0.01) for N in SEVEN]
    table = [7.2e20, 4.9e20, 1.5e21, 7.8e21, 7.8e22, 1.2e24, 3.3e26]
    assert np.allclose(one, table, rtol=0.03)
    free = [3 * forward(N) * D for N, D in zip(SEVEN[1:5], exact[1:5], strict=True)]
    assert np.allclose(free, [9.5e22, 2.2e22, 9.4e22, 1.9e24], rtol=0.04)


def test_a_fixed_teacher_helps_longest_at_a_tenth_of_its_size() -> None:
    teacher = float(supervised_loss(PUBLISHED, 7.75e9, 20 * 7.75e9))
    sizes = np.geomspace(1e8, 1e10, 41)
    tokens = [crossover(PUBLISHED, N, teacher, 0.0) for N in sizes]
    assert 7e8 < sizes[int(np.argmax(tokens))] < 9.5e8
    assert np.isinf(
        crossover(
            PUBLISHED, 1e8, float(supervised_loss(PUBLISHED, 1.82e9, 36.4e9)), 0.0
        )
    )


@pytest.mark.parametrize(
    ("N", "C", "scenario", "loss", "alone"),
    [
        (1e9, 1e22, BOTH, 2.1655, None),
        (1e10, 1e20, BOTH, 2.5668, 2.6708),
        (1e10, 1e20, PRETRAINING, 2.5661, 2.6708),
        (3e8, 1e22, PRETRAINING, 2.3168, 2.3198),
    ],
)
def test_planned_losses(
    N: float, C: float, scenario: Any, loss: float, alone: float | None
) -> None:
    budget = Budget(N, C, scenario)
    assert round(best_plan(PUBLISHED, budget).loss, 4) == loss
    if alone is not None:
        own = supervised_loss(PUBLISHED, N, budget.supervised_tokens())
        assert round(float(own), 4) == alone


def test_the_plan_of_the_small_corner() -> None:
    plan = best_plan(PUBLISHED, Budget(3e8, 1e22, PRETRAINING))
    assert pytest.approx(3.35e9, rel=0.02) == plan.N_T
    assert pytest.approx(5.3e10, rel=0.02) == plan.D_T
    assert pytest.approx(3.5e12, rel=0.02) == plan.D_S


@pytest.mark.parametrize(
    ("N", "C", "shares"),
    [
        (3e8, 1e25, (0.57, 0.42, 0.02)),
        (1e10, 1e25, (0.31, 0.45, 0.23)),
        (1e10, 1e21, (0.42, 0.03, 0.55)),
        (1e10, 1e20, (0.18, 0.01, 0.81)),
    ],
)
def test_shares(N: float, C: float, shares: tuple[float, ...]) -> None:
    plan = best_plan(PUBLISHED, Budget(N, C, BOTH))
    assert np.allclose(plan.shares, shares, atol=0.006)
    assert sum(plan.shares) == pytest.approx(1.0)


def test_the_teachers_size_rises_and_settles() -> None:
    computes = 10.0 ** np.arange(20.0, 26.5, 0.5)
    for N in (3e8, 1e9, 3e9):
        ratio = [best_plan(PUBLISHED, Budget(N, C, BOTH)).N_T / N for C in computes]
        peak = int(np.argmax(ratio))
        assert 3.45 < ratio[peak] < 3.75
        assert 0 < peak < len(ratio) - 1
        assert 2.3 < ratio[-1] < 2.9
        assert np.all(np.diff(ratio[: peak + 1]) > 0)
        assert np.all(np.diff(ratio[peak:]) < 0)


@pytest.mark.parametrize("scenario", [INFERENCE, PRETRAINING, BOTH])
@pytest.mark.parametrize(("N", "C"), [(1e9, 1e22), (3e8, 1e20), (1e10, 1e25)])
def test_the_enclosure_holds_the_planners_minimum(
    N: float, C: float, scenario: Any
) -> None:
    budget = Budget(N, C, scenario)
    found = allocation(PUBLISHED, budget, gap=1e-5)
    plan = best_plan(PUBLISHED, budget)
    assert found.low - 1e-9 <= plan.loss <= found.high + 1e-9
    assert found.high - found.low <= 1e-5 + 1e-12


def test_the_enclosure_holds_the_best_case() -> None:
    rng = np.random.default_rng(4)
    for N, D in np.exp(rng.uniform(np.log([1e8, 1e9]), np.log([1e11, 1e13]), (20, 2))):
        found = best_case(PUBLISHED, N, D)
        teacher = best_teacher_loss(PUBLISHED, np.array([N]), np.array([D]), E)
        value = float(student_loss(PUBLISHED, N, D, teacher)[0])
        assert found.low <= value + 1e-12
        assert value <= found.high + 1e-9
        assert found.high - found.low <= 1e-7
        grid = np.linspace(np.exp(E), 8.0, 20_001)
        assert found.low <= student_loss(PUBLISHED, N, D, grid).min() + 1e-12


def test_an_enclosure_wants_an_excess_that_falls() -> None:
    law = PUBLISHED._replace(distilled=PUBLISHED.distilled._replace(c0=-1.0))
    with pytest.raises(InputError, match="Need c0, c1 >= 0"):
        best_case(law, 1e9, 1e10)


def test_the_best_case_is_that_of_its_tokens() -> None:
    plan = best_plan(PUBLISHED, Budget(1e9, 1e22, BEST_CASE))
    found = best_case(PUBLISHED, 1e9, plan.D_S)
    assert found.low <= plan.loss <= found.high + 1e-9


def test_when_a_larger_teacher_of_the_kernel_model_begins_to_harm() -> None:
    alpha = kernel_model.target(0, 1000)
    spans = np.arange(1, 560)
    for n, rise in ((50, 71), (100, 122), (200, 249), (400, 509)):
        error = kernel_model.errors(alpha, spans.astype(float), n, 5.0, 4.5)
        up = np.flatnonzero(np.diff(error) > 1e-12)
        assert spans[up[0]] == rise
        least = error.min() * (1 + 1e-13)
        assert spans[np.flatnonzero(error <= least)[0]] == n


def test_limits_enclose() -> None:
    a, b = Limits(np.array([1.0]), np.array([2.0])), Limits.exact([4.0])
    for found, expected in (
        (a.over(b), (0.25, 0.5)),
        (a.minus(b), (-3.0, -2.0)),
        (a.off(1.5), (0.0, 0.5)),
        (a.off(3.0), (1.0, 2.0)),
        (a.map(lambda x: -x), (-2.0, -1.0)),
    ):
        assert (found.low[0], found.high[0]) == expected


def test_labels_are_short() -> None:
    label = catalogue.losses().constants().label(0)
    assert label.startswith("N = 1.43e+08")
