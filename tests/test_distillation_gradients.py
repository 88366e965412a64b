"""The distillation gradient: by hand, by complex step, by backpropagation, by torch."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from synthetic.desk import Options
from synthetic.distillation import gradients, models
from synthetic.distillation.canonical import BINARY, SOFTMAX, SQUARED, Canonical
from synthetic.distillation.catalogue_gradients import (
    DISTANCES,
    LOSSES,
    TEMPERATURES,
    bench,
    interpolated,
    model_benches,
    on_logits,
    ridged,
    right_angled,
    softened,
)
from synthetic.distillation.controls_gradients import controls
from synthetic.distillation.model_bench import ModelBench
from synthetic.distillation.models import (
    MODELS,
    RELU,
    TANH,
    FloatArray,
    Model,
    deep_linear,
    linear,
    relu,
    tanh,
)
from synthetic.distillation.objective import Objective, gradient
from synthetic.session import run, tasks_for
from synthetic.verify import judge_setting
from theory.claim import Claim
from theory.claims import find, get
from theory.claims.kd_gradient import departure
from theory.distillation_gradient import norm
from theory.errors import InputError
from theory.judge import Status

CLAIMS = find(["kd.grad"])
TRUE = [claim for claim in CLAIMS if claim.expected is Status.HOLDS]
FALSE = [claim for claim in CLAIMS if claim.expected is Status.REFUTED]
CONTROLS = tuple(controls())
BENCHES = tuple(model_benches("quick"))


def column(*numbers: float) -> FloatArray:
    return np.array(numbers, dtype=np.float64)


def by_hand(**changes: Any) -> ModelBench:
    """z = w2 w1 a at x = (2, 3), theta = (1, 4), a = 1, b = 5, lambda = 1/2."""
    fields: dict[str, Any] = {
        "name": "by hand",
        "model": Model("product of two", (1, 1, 1)),
        "objective": Objective(loss=SQUARED),
        "student": np.array([[2.0, 3.0]]),
        "teacher": np.array([[1.0, 4.0]]),
        "weight": column(0.5),
        "temperature": column(1.0),
        "ridge": column(0.0),
        "inputs": np.array([[1.0]]),
        "target": np.array([[5.0]]),
    }
    return ModelBench(**fields | changes)


def verdicts(setting: ModelBench) -> dict[str, Status]:
    outcomes = judge_setting(setting, CLAIMS, Options())
    return {o.claim_id.removeprefix("kd.grad."): o.verdict.status for o in outcomes}


def student_of(setting: ModelBench) -> list[float]:
    return list(gradient(setting.actual, setting, setting.student)[0])


def test_a_product_of_two_by_hand() -> None:
    # z = 6, z_theta = 4: r_x = 1, r_theta = -1; J_x = (3, 2), J_theta = (4, 1).
    setting = by_hand()
    found = gradients.formulas(setting)
    assert found["plain"].tolist() == [[3.0, 2.0]]
    assert found["teacher"].tolist() == [[-4.0, -1.0]]
    assert found["product"].tolist() == [[4.5, 3.0]]
    assert found["correction"].tolist() == [[-1.0, 1.0]]
    assert student_of(setting) == pytest.approx([4.5, 3.0], rel=1e-15)
    c = setting.constants()
    assert c.unit.item() == pytest.approx(np.hypot(5.0, 2.5), rel=1e-15)
    assert c.jacobian_change.item() == pytest.approx(np.sqrt(2.0), rel=1e-15)
    assert c.teacher_residual.item() == 1.0
    assert c.deviation.item() == pytest.approx(np.sqrt(0.5) / np.hypot(5.0, 2.5))


def test_a_ridge_by_hand() -> None:
    both = by_hand(ridge=column(2.0))
    assert student_of(both) == pytest.approx([4.5 + 4.0, 3.0 + 6.0], rel=1e-15)
    around = replace(both, objective=Objective(loss=SQUARED, is_proximal=True))
    assert student_of(around) == pytest.approx([8.5 - 1.0, 9.0 - 4.0], rel=1e-15)


def test_a_temperature_by_hand() -> None:
    # z = 0, z_theta = log 9: at T = 2 the teacher says 3/4, the student 1/2.
    setting = by_hand(
        model=linear(1, 1),
        objective=Objective(loss=BINARY),
        student=np.array([[0.0]]),
        teacher=np.array([[np.log(9.0)]]),
        temperature=column(2.0),
        target=np.array([[1.0]]),
    )
    exact = 0.5 * (0.5 - 1.0) + 0.5 * 2.0 * (0.5 - 0.75)
    assert student_of(setting) == pytest.approx([exact], rel=1e-14)
    plain, teacher = 0.5 - 1.0, 0.9 - 1.0
    softened_by = 0.5 * (2.0 * (0.5 - 0.75) - (0.5 - 0.9))
    assert exact == pytest.approx(plain - 0.5 * teacher + softened_by)
    lost = replace(setting, run=Objective(loss=BINARY, power=0))
    assert student_of(lost) == pytest.approx([-0.25 + 0.5 * (0.5 - 0.75) / 2.0])


def test_layers_by_hand() -> None:
    # W = 6, the end-to-end gradient is 3/2; A_1 = 3, B_1 = 1, A_2 = 1, B_2 = 2.
    setting = by_hand()
    assert setting.model.product(setting.student).tolist() == [[6.0]]
    assert setting.model.pull_product(setting.student, np.array([[1.5]])).tolist() == [
        [4.5, 3.0]
    ]
    found = verdicts(setting)
    assert found["deep_linear"] is Status.HOLDS
    assert found["deep_linear_layerwise"] is Status.REFUTED


@pytest.mark.parametrize(
    ("loss", "z", "y", "value", "slope"),
    [
        (SQUARED, (3.0, 1.0), (1.0, 2.0), 2.5, (2.0, -1.0)),
        (BINARY, (0.0,), (1.0,), np.log(2.0), (-0.5,)),
        (BINARY, (800.0,), (1.0,), 0.0, (0.0,)),
        (BINARY, (-800.0,), (1.0,), 800.0, (-1.0,)),
        (SOFTMAX, (np.log(2.0), 0.0), (0.0, 1.0), np.log(3.0), (2 / 3, -2 / 3)),
        (SOFTMAX, (900.0, 0.0), (0.0, 1.0), 900.0, (1.0, -1.0)),
    ],
)
def test_losses_are_canonical(
    loss: Canonical,
    z: tuple[float, ...],
    y: tuple[float, ...],
    value: float,
    slope: tuple[float, ...],
) -> None:
    point, label = column(*z), column(*y)
    assert loss.value(point, label) == pytest.approx(value, rel=1e-15)
    assert loss.mean(point) - label == pytest.approx(slope, rel=1e-15)
    stepped = loss.value(point + 1e-30j * np.eye(len(z)), label).imag / 1e-30
    assert stepped == pytest.approx(slope, rel=1e-15)


@pytest.mark.parametrize("make", MODELS)
def test_backpropagation_is_the_transposed_jacobian(
    make: Callable[[int, int], Model],
) -> None:
    setting = bench(make, SOFTMAX)
    model, x, a = setting.model, setting.student, setting.inputs
    jacobian = model.jacobian(x, a)
    along = x[:, None, :] + 1e-30j * np.eye(model.num_parameters)
    stepped = model.outputs(along, a[:, None, :]).imag / 1e-30
    assert np.swapaxes(stepped, 1, 2) == pytest.approx(jacobian, abs=1e-14)
    cotangent = np.random.default_rng(0).standard_normal((len(x), 3))
    pulled = np.einsum("bkp,bk->bp", jacobian, cotangent)
    assert model.pull(x, a, cotangent) == pytest.approx(pulled, abs=1e-14)
    size = model.magnitude(x, a, np.abs(cotangent))
    assert np.all(size >= np.abs(pulled) * (1 - 1e-12))


def test_every_claim_is_as_expected() -> None:
    session = run(tasks_for(CLAIMS, BENCHES, CONTROLS), Options())
    assert len(session.results) == len(CLAIMS) == 13
    unexpected = [key for key, r in session.results.items() if not r.as_expected]
    assert not unexpected
    assert session.exit_code() == 0


def measured() -> Iterator[tuple[str, FloatArray]]:
    """The residuals of every identity, relative to 1 + the size of both gradients."""
    identities = [c for c in TRUE if c.id not in {"kd.grad.norm", "kd.grad.cosine"}]
    for setting in BENCHES:
        right = gradients.formulas(setting)
        for claim in identities:
            if claim.needs & gradients.END and not setting.model.is_product:
                continue
            met = np.ones((setting.count, 1), dtype=bool)
            c = setting.constants()
            for assumption in claim.assumes:
                assert assumption.meets is not None
                met = met & np.asarray(assumption.meets(c))
            trace, _ = gradients.trace(setting, claim.needs)
            size = norm(right["plain"]) + np.abs(c.weight) * norm(right["teacher"])
            residual = np.asarray(claim.quantity(trace)) * c.unit / (1.0 + size)
            yield claim.id, residual[met]


def test_identities_hold_to_rounding() -> None:
    worst: dict[str, float] = {}
    for claim_id, residual in measured():
        worst[claim_id] = max(worst.get(claim_id, 0.0), residual.max(initial=0.0))
    assert len(worst) == 7
    assert max(worst.values()) < 4e-15, worst


def deviations(setting: ModelBench) -> FloatArray:
    """Relative deviations, (B,)."""
    needs = frozenset({"student", "plain", "teacher"})
    return norm(departure(gradients.trace(setting, needs)[0]))[:, 0]


def distances(copies: int) -> FloatArray:
    return np.tile(np.repeat(DISTANCES, 5), copies)


def test_a_deep_linear_model_is_not_exact_by_layer() -> None:
    for loss, expected in zip(
        (SQUARED, SOFTMAX),
        ((0.926, 0.151, 0.0137), (0.861, 0.152, 0.0137)),
        strict=True,
    ):
        setting = bench(deep_linear, loss, 20)
        found = deviations(setting)
        half = setting.weight == 0.5
        medians = [
            np.median(found[half & (distances(20) == distance)])
            for distance in DISTANCES
        ]
        assert medians == pytest.approx(expected, rel=0.05)


def test_a_temperature_is_not_exact() -> None:
    setting = softened(bench(linear, SOFTMAX, 20))
    found = deviations(setting)
    far = distances(20) == 1.0
    medians = [np.median(found[far & (setting.temperature == t)]) for t in TEMPERATURES]
    assert medians == pytest.approx([0.0655, 0.0612, 0.136], rel=0.05)
    assert found.min() > 1e-6  # a thousand times what rounding does there


def test_distilled_logits_and_a_ridge_are_not_exact() -> None:
    plain = bench(linear, SOFTMAX, 20)
    far = distances(20) == 1.0
    assert np.median(deviations(on_logits(plain))[far]) == pytest.approx(1.29, rel=0.05)
    ridge = ridged(plain, is_proximal=False)
    assert np.median(deviations(ridge)[far]) == pytest.approx(0.171, rel=0.05)
    assert deviations(ridged(plain, is_proximal=True)).max() < 1e-11


@pytest.mark.parametrize("claim", FALSE, ids=lambda claim: claim.id)
def test_false_claims_are_refuted_wherever_they_speak(claim: Claim) -> None:
    for setting in BENCHES:
        if "interpolating" in setting.name:  # there they are true
            continue
        (outcome,) = judge_setting(setting, [claim], Options())
        verdict = outcome.verdict
        if verdict.status is not Status.NOT_APPLICABLE:
            assert verdict.status is Status.REFUTED, setting.name
            assert verdict.evidence is not None
            above = verdict.evidence.lower / np.maximum(
                verdict.evidence.roundoff, 1e-99
            )
            assert above.max() > 1e5


def test_every_true_claim_has_a_control() -> None:
    assert {c.claim_id for c in CONTROLS} == {claim.id for claim in TRUE}
    labels = [(c.claim_id, c.label) for c in CONTROLS]
    assert len(set(labels)) == len(labels)


def test_the_inequalities_are_attained() -> None:
    for setting, claim_id in (
        (bench(tanh, BINARY), "kd.grad.norm"),
        (right_angled(bench(tanh, SOFTMAX)), "kd.grad.cosine"),
    ):
        (outcome,) = judge_setting(setting, [get(claim_id)], Options())
        assert outcome.verdict.status is Status.HOLDS
        assert outcome.verdict.tightness == pytest.approx(1.0, abs=1e-9)


def test_the_sine_of_an_obtuse_angle_is_infinite() -> None:
    u = np.array([[3.0, 4.0], [-3.0, 4.0], [0.0, 2.0]])
    along = np.array([[1.0, 0.0]] * 3)
    assert gradients.sine(u, along)[:, 0].tolist() == [0.8, np.inf, np.inf]


Mutant = Callable[..., FloatArray]
BACKWARDS = models._backwards


def scaled(factor: float) -> Mutant:
    """The first matrix's gradient by a factor."""

    def mutant(matrices: Any, before: Any, slopes: Any, cotangent: Any) -> FloatArray:
        right = BACKWARDS(matrices, before, slopes, cotangent).copy()
        right[..., : matrices[0].shape[-1] * matrices[0].shape[-2]] *= factor
        return right

    return mutant


def flat(matrices: Any, before: Any, slopes: Any, cotangent: Any) -> FloatArray:
    """Slopes of activations forgotten."""
    return BACKWARDS(matrices, before, [np.ones_like(s) for s in slopes], cotangent)


@pytest.mark.parametrize(
    ("mutant", "make"),
    [
        (scaled(-1.0), relu),
        (scaled(1.0 + 1e-9), relu),
        (scaled(1.0 + 1e-9), tanh),
        (scaled(1.0 + 1e-9), linear),
        (flat, relu),
        (flat, tanh),
    ],
)
@pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: loss.name)
def test_a_wrong_backpropagation_is_caught(
    mutant: Mutant,
    make: Callable[[int, int], Model],
    loss: Canonical,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert verdicts(bench(make, loss))["deviation"] is Status.HOLDS
    monkeypatch.setattr(models, "_backwards", mutant)
    assert verdicts(bench(make, loss))["deviation"] is Status.REFUTED


@pytest.mark.parametrize("loss", [BINARY, SOFTMAX], ids=lambda loss: loss.name)
def test_a_wrong_mean_is_caught(loss: Canonical) -> None:
    wrong = replace(loss, mean=lambda z: loss.mean(z) * (1 + 1e-9))
    right = bench(linear, loss)
    told = replace(right, objective=Objective(loss=wrong), run=right.objective)
    assert verdicts(told)["exact_linear"] is Status.REFUTED


def test_claims_speak_where_their_hypotheses_hold() -> None:
    na = Status.NOT_APPLICABLE
    plain = verdicts(bench(tanh, SOFTMAX))
    assert "deep_linear" not in plain  # no product of matrices
    skipped = {"exact_linear", "interpolating", "temperature", "ridge", "logit_mse"}
    assert {plain[name] for name in skipped} == {na}
    assert plain["deviation"] is plain["norm"] is plain["cosine"] is Status.HOLDS
    told = verdicts(interpolated(bench(tanh, SOFTMAX)))
    assert told["interpolating"] is Status.HOLDS
    assert told["cosine"] is na  # epsilon = 0
    warm = verdicts(softened(bench(linear, SQUARED)))
    assert warm["temperature"] is Status.HOLDS
    assert warm["temperature_exact"] is warm["exact_linear"] is na
    around = verdicts(ridged(bench(linear, SOFTMAX), is_proximal=True))
    assert around["ridge_proximal"] is Status.HOLDS
    assert around["ridge"] is around["ridge_exact"] is na


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"weight": column(0.5, 1.0)}, "shape"),
        ({"target": np.array([[np.nan]])}, "finite target"),
        ({"temperature": column(0.0)}, "temperatures > 0"),
        ({"ridge": column(-1.0)}, "ridges >= 0"),
        (
            {
                "model": Model("one ReLU", (1, 1, 1), RELU),
                "student": np.array([[0.0, 3.0]]),
            },
            "kink",
        ),
    ],
)
def test_bad_benches_are_refused(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError, match=words):
        by_hand(**changes)


def test_a_model_needs_an_input_and_an_output() -> None:
    for widths in ((3,), (3, 0)):
        with pytest.raises(InputError, match="two or more widths"):
            Model("nothing", widths, TANH)


def test_a_silent_layer_has_no_kink() -> None:
    model = Model("silent", (1, 1, 1, 1), RELU)
    assert model.clearance(np.array([[-1.0, 1.0, 1.0]]), np.array([[2.0]])) == 2.0


def test_torch_says_the_same() -> None:
    pytest.importorskip("torch")
    from synthetic.distillation import models_torch  # noqa: PLC0415 -- needs the extra

    for setting in BENCHES:
        ours = gradient(setting.objective, setting, setting.student)
        theirs = models_torch.gradient(setting)
        assert theirs == pytest.approx(ours, rel=1e-12, abs=1e-12), setting.name
