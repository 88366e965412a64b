r"""The scaling laws: published numbers, gradients, and what costs what."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings, strategies as st

from theory.scaling_coefficients import DISTILLED, PUBLISHED, SUPERVISED, law_of
from theory.scaling_flops import (
    BOTH,
    CORRECTED,
    CRUDE,
    INFERENCE,
    distillation,
    forward,
    training,
)
from theory.scaling_law import (
    Distilled,
    Law,
    Supervised,
    compute_exponents,
    kappa,
    log_excess,
    log_student,
    log_supervised,
    student_loss,
    supervised_loss,
    transition_ratio,
)

Q = PUBLISHED.distilled


@pytest.mark.parametrize(
    ("N", "D", "loss"),
    [
        (143e6, 20 * 143e6, 2.8892),
        (546e6, 20 * 546e6, 2.5149),
        (1.82e9, 20 * 1.82e9, 2.2509),
        (7.75e9, 20 * 7.75e9, 2.0036),
        (7.75e9, 512e9, 1.9329),
    ],
)
def test_supervised_losses(N: float, D: float, loss: float) -> None:
    assert round(float(supervised_loss(PUBLISHED, N, D)), 4) == loss


def test_a_student_that_gains_from_its_teacher() -> None:
    N, D = 1.82e9, 20 * 1.82e9
    teacher = supervised_loss(PUBLISHED, 7.75e9, 20 * 7.75e9)
    assert round(float(student_loss(PUBLISHED, N, D, teacher)), 4) == 2.1833


def test_the_law_in_logarithms_is_the_law_as_it_is_printed() -> None:
    p = {name: estimate.value for name, estimate in SUPERVISED.items()}
    q = {name: estimate.value for name, estimate in DISTILLED.items()}
    rng = np.random.default_rng(0)
    N, D = np.exp(rng.uniform(np.log(1e8), np.log(1e11), (2, 200)))
    teacher = rng.uniform(1.3, 4.0, 200)
    own = p["E"] + (p["A"] / N ** p["alpha"] + p["B"] / D ** p["beta"]) ** p["gamma"]
    bracket = (1 + (teacher / (own * q["d1"])) ** (1 / q["f1"])) ** (-q["c1"] * q["f1"])
    rest = (q["A"] / N ** q["alpha"] + q["B"] / D ** q["beta"]) ** q["gamma"]
    printed = teacher + teacher ** -q["c0"] * bracket * rest
    ours = student_loss(law_of(p, q), N, D, teacher)
    np.testing.assert_allclose(supervised_loss(PUBLISHED, N, D), own, rtol=1e-14)
    np.testing.assert_allclose(ours, printed, rtol=1e-14)


@given(
    st.floats(18.0, 25.0), st.floats(20.0, 31.0), st.floats(0.25, 1.5), st.integers(0)
)
@settings(max_examples=30, deadline=None)
def test_torch_runs_the_same_source_with_gradients(
    log_N: float, log_D: float, log_teacher: float, seed: int
) -> None:
    theta = np.array([*PUBLISHED.supervised, *Q])
    theta = theta * np.random.default_rng(seed).uniform(0.95, 1.05, theta.size)

    logs = (log_N, log_D, log_teacher)
    a, b, c = (torch.tensor(v, dtype=torch.float64) for v in logs)

    def of(theta: torch.Tensor) -> torch.Tensor:
        law = Law(Supervised(*theta[:6]), Distilled(*theta[6:]))
        value = log_student(law, a, b, c, torch)
        assert isinstance(value, torch.Tensor)
        return value

    there = torch.tensor(theta, requires_grad=True)
    law = Law(Supervised(*theta[:6]), Distilled(*theta[6:]))
    value = of(there)
    assert abs(value.item() - log_student(law, *logs)) < 1e-13
    assert torch.autograd.gradcheck(of, (there,), eps=1e-6, atol=1e-4)


def test_shape_numbers() -> None:
    assert round(float(transition_ratio(Q)), 4) == 0.9003
    assert round(float(kappa(Q)), 3) == 2.244
    a, b = compute_exponents(PUBLISHED.supervised.alpha, PUBLISHED.supervised.beta)
    assert (round(a, 4), round(b, 4)) == (0.5137, 0.4863)
    a, b = compute_exponents(Q.alpha, Q.beta)
    assert (round(a, 4), round(b, 4)) == (0.6649, 0.3351)


def test_the_excess_keeps_its_digits_where_the_loss_has_none() -> None:
    logs = np.log(1e8), np.log(1e9), np.log(5.0)
    assert 0 < np.exp(log_excess(PUBLISHED, *logs)) < 1e-46
    assert np.exp(log_student(PUBLISHED, *logs)) == pytest.approx(5.0, rel=1e-15)


def test_published_flops() -> None:
    assert abs(CORRECTED.attention - 155.06) < 0.005
    assert abs(CORRECTED.readout - 70811) < 0.5
    assert abs(forward(0.1028e9) / 0.3398e9 - 1) < 0.0027
    assert abs(forward(7.747e9) / 16.99e9 - 1) < 0.0027
    assert forward(1e9, CRUDE) == 2e9
    assert training(1e9, 2e10, CRUDE) == 6 * 1e9 * 2e10
    student, teacher = (1e9, 2e10), (7e9, 1e11)
    alone = training(*student)
    asked = distillation(student, teacher, INFERENCE) - alone
    assert asked == pytest.approx(forward(7e9) * 2e10)
    taught = distillation(student, teacher, BOTH) - alone - asked
    assert taught == pytest.approx(training(*teacher))


def test_the_width_of_the_family() -> None:
    """A depth of 32 at a width of 4096: N = 12 d^2 n = 6.44e9."""
    assert CORRECTED.width(12 * 4096**2 * 32) == pytest.approx(4096)
    assert CORRECTED.embedding(12 * 4096**2 * 32) == pytest.approx(32168 * 4096)
    N = 1.3e9
    readout = 2 * CORRECTED.embedding(N)  # the output layer is a matrix product
    assert readout == pytest.approx(2 * CORRECTED.readout * N ** (1 / 3))


def test_log_supervised_takes_other_coefficients() -> None:
    p = Supervised(np.log(2.0), np.log(3.0), 0.0, 1.0, 1.0, 1.0)
    assert np.exp(log_supervised(p, np.log(4.0), np.log(6.0))) == pytest.approx(2.0)
