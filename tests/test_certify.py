import mpmath
import numpy as np
import pytest

from synthetic.certify import certify_smooth, minimise
from synthetic.data import load
from synthetic.loss_formulas import sigmoid
from synthetic.losses import CERTIFIED, L1, LOGISTIC, SQUARED, Loss
from synthetic.objective import objective
from theory.errors import InputError

OVERLAP = (np.array([[1.0, 0], [1, 1], [1, 2], [1, 3]]), np.array([0.0, 1, 0, 1]))


# ---- small problems


@pytest.mark.parametrize("loss", CERTIFIED.values(), ids=CERTIFIED)
def test_one_number_has_its_closed_form(loss: Loss) -> None:
    found = minimise([[1.0]], [1.0], loss, ridge=0.5, center=[-4.0])
    closed = {
        "squared": (1.0 - 0.5 * 4.0) / 1.5,
        "l1": -4.0 + 1 / 0.5,  # the pull of |u - 1| is 1, that of the ridge 0.5 |u + 4|
        "logistic": float(
            mpmath.findroot(lambda u: 0.5 * (u + 4) - 1 / (1 + mpmath.exp(u)), -2)
        ),
    }
    error = abs(found.point[0] - closed[loss.name])
    assert error <= found.distance + 1e-15  # the closed form's own rounding
    assert found.distance < 1e-6  # l1 knows its gap, 1e-15 or so, and takes a root


@pytest.mark.parametrize("loss", CERTIFIED.values(), ids=CERTIFIED)
def test_whole_weights_are_repeated_rows(loss: Loss) -> None:
    features, target = OVERLAP
    counts = np.array([3, 1, 2, 2])
    target = sigmoid(target + 0.1 * np.arange(4))
    rows = np.repeat(np.arange(4), counts)
    repeated = minimise(features[rows], target[rows], loss, ridge=0.1)
    weighted = minimise(features, target, loss, ridge=0.1, weights=counts / 8)
    apart = np.linalg.norm(repeated.point - weighted.point)
    assert apart <= repeated.distance + weighted.distance


@pytest.mark.parametrize("loss", CERTIFIED.values(), ids=CERTIFIED)
def test_a_row_of_weight_zero_is_not_there(loss: Loss) -> None:
    features, target = OVERLAP
    wild, weights = np.vstack([features, [9.0, -1e6]]), [0.25] * 4 + [0.0]
    found = minimise(wild, np.append(target, 1.0), loss, weights=weights)
    assert np.array_equal(found.point, minimise(features, target, loss).point)


@pytest.mark.parametrize("loss", CERTIFIED.values(), ids=CERTIFIED)
def test_a_repeated_column_leaves_the_gap_and_takes_the_distance(loss: Loss) -> None:
    features, target = OVERLAP
    twice = minimise(np.column_stack([features, features[:, 1]]), target, loss)
    assert twice.gap < 1e-13  # rounding alone, as with full rank
    assert twice.distance == np.inf
    if loss is not L1:
        assert twice.point[1] == pytest.approx(twice.point[2], rel=1e-13)  # least norm
        assert "numerical rank 2 of 3" in twice.certificate


# ---- real tables


def test_breast_cancer_is_separable_and_a_ridge_mends_it() -> None:
    data = load("breast_cancer", loss=LOGISTIC)
    with pytest.raises(InputError, match=r"linearly separable.*--ridge 0\.01"):
        minimise(data.features, data.target, LOGISTIC)
    found = minimise(data.features, data.target, LOGISTIC, ridge=0.01)
    assert found.distance < 1e-10  # 2e-14 in 80 bits; n eps |a| / 0.01 in 64
    assert found.gap < 1e-21  # quadratic in such a distance


@pytest.mark.parametrize("loss", [SQUARED, L1], ids=["squared", "l1"])
@pytest.mark.parametrize("ridge", [0.0, 0.01])
def test_diabetes_is_solved_to_rounding(loss: Loss, ridge: float) -> None:
    data = load("diabetes", loss=loss)
    found = minimise(data.features, data.target, loss, ridge=ridge)
    assert found.gap < 1e-10  # 2e-14 in 80 bits; 2 f n eps |a| / sigma in 64
    if loss is SQUARED:
        exact = np.linalg.lstsq(data.features, data.target, rcond=None)[0]
        assert (np.linalg.norm(found.point - exact) < 1e-13) == (ridge == 0)  # lstsq's


# ---- separation


@pytest.mark.parametrize(
    ("rows", "classes"),
    [
        ([[1, 0], [1, 1], [1, 2], [1, 3]], [0, 0, 1, 1]),
        ([[1, 0], [1, 1], [1, 1], [1, 3]], [0, 0, 1, 1]),  # quasi: a tie at 1
        ([[1, 0], [1, 1]], [1, 1]),  # a single class
        ([[1, 0], [1, 1e-4], [1, 2e-4]], [0, 0, 1]),
        ([[1, 0], [1, 1], [1, 3], [1, 1]], [0, 0.5, 1, 0.2]),  # soft rows on the line
    ],
)
def test_separable_classes_have_no_minimiser(
    rows: list[list[float]], classes: list[float]
) -> None:
    with pytest.raises(InputError, match="separable"):
        minimise(rows, classes, LOGISTIC)
    assert np.isfinite(minimise(rows, classes, LOGISTIC, ridge=1e-3).distance)


@pytest.mark.parametrize(
    ("rows", "classes"),
    [
        ([[1, 0], [1, 1], [1, 2], [1, 3]], [0, 1, 0, 1]),
        ([[1, 0], [1, 1], [1, 2], [1, 2 - 1e-6]], [0, 0, 0, 1]),  # barely overlapping
        ([[1], [-1], [1]], [1, 0, 0.5]),  # one soft label holds it
        ([[1], [2]], [0.001, 0.999]),  # soft labels alone
    ],
)
@pytest.mark.parametrize("patience", [0, 25], ids=["programme", "Newton"])
def test_overlapping_classes_have_one(
    rows: list[list[float]],
    classes: list[float],
    patience: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("synthetic.certify.PATIENCE", patience)
    found = minimise(rows, classes, LOGISTIC)
    assert found.gap < 1e-15  # far below f, which is of order 0.1 to 1


# ---- what is refused


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"features": [[1.0, np.nan]] * 4}, "features must be finite"),
        ({"features": [[1e200, 1.0]] * 4}, "sum of its squares.*1e[+]200"),
        ({"features": [1.0] * 4}, r"\(n, d\).*got \(4,\)"),
        ({"features": np.ones((4, 0))}, r"got \(4, 0\)"),
        ({"features": [["a", "b"]] * 4}, "features must be real numbers"),
        ({"features": np.ones((4, 2)) * 1j}, "real numbers, got complex"),
        ({"target": [0.0, 1.0]}, r"target must have shape \(4,\), got \(2,\)"),
        ({"target": [0.0, 1.0, 2.0, 0.0]}, r"target\[2\] is 2.*probability"),
        ({"ridge": -0.1}, r"ridge >= 0, got ridge=-0\.1"),
        ({"ridge": np.inf}, "finite ridge"),
        ({"center": [0.0]}, r"center must have shape \(2,\)"),
        ({"weights": [0.5, 0.5, 0.5, -0.5]}, r"weights >= 0.*-0\.5"),
        ({"weights": [1.0] * 4}, "sum 1.*=4"),
    ],
)
def test_what_cannot_be_minimised_is_named(
    change: dict[str, object], words: str
) -> None:
    given = {"features": OVERLAP[0], "target": OVERLAP[1], "loss": LOGISTIC, **change}
    with pytest.raises(InputError, match=words):
        minimise(**given)  # type: ignore[arg-type] # wrong types are the point


def test_a_kinked_loss_has_no_smooth_certificate() -> None:
    with pytest.raises(InputError, match="smooth loss, got l1"):
        certify_smooth(objective(*OVERLAP, L1), np.zeros(2))
