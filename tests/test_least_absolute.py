import subprocess
import sys
from pathlib import Path

import cvxpy
import numpy as np
import pytest

from synthetic.certify import certify_l1, minimise
from synthetic.least_absolute import candidates, l1_duality_gap
from synthetic.losses import L1
from synthetic.objective import objective
from theory.errors import InputError

ROOT = Path(__file__).resolve().parents[1]
OVERLAP = (np.array([[1.0, 0], [1, 1], [1, 2], [1, 3]]), np.array([0.0, 1, 0, 1]))


def test_the_l1_certificate_is_sharp_and_can_fail() -> None:
    features, target = OVERLAP[0], np.array([0.0, 1, 5, 2])
    f = objective(features, target, L1, ridge=0.1)
    point, dual, _ = candidates(f)[1]
    found = certify_l1(f, point, dual)
    off = certify_l1(f, point + 0.01, dual)
    excess = f.value(off.point) - f.value(point)
    assert excess <= off.gap <= excess + 1e-12  # the dual is the best; f rounds up
    assert off.gap > 1e-5 > 1e8 * found.gap
    assert np.linalg.norm(off.point - point) <= off.distance + found.distance


def test_the_distance_of_l1_is_sharp_where_f_is_a_parabola() -> None:
    f = objective([[1.0]], [1.0], L1, ridge=0.5, center=[-4.0])
    found = certify_l1(f, np.array([-1.9]), np.array([-1.0]))  # x_star = -2, below b
    assert 0.1 <= found.distance + 1e-15 <= 0.1 + 1e-11  # two roundings; rounded up


@pytest.mark.parametrize("ridge", [0.0, 0.1])
def test_any_dual_point_is_made_feasible_without_losing_a_good_one(
    ridge: float,
) -> None:
    features, target = OVERLAP[0], np.array([0.0, 2, 1, 3])  # |y_3| = 1/12 < 1/4
    f = objective(features, target, L1, ridge=ridge)
    point, dual, _ = candidates(f)[1]
    far = l1_duality_gap(f, point + 1.0, 3 * dual)
    assert f.value(point + 1.0) - f.value(point) <= far
    if ridge == 0:
        for good in (3 * dual, dual + features @ [5.0, -7.0]):
            assert l1_duality_gap(f, point, good) < 1e-12  # rounding of f = 1


@pytest.mark.parametrize("ridge", [0.0, 0.1])
def test_a_dual_of_zero_certifies_only_that_f_is_not_negative(ridge: float) -> None:
    f = objective(*OVERLAP, L1, ridge=ridge)
    point = np.array([0.5, -2.0])
    gap = l1_duality_gap(f, point, np.zeros(4))
    assert gap == pytest.approx(f.value(point), rel=2e-12)  # it is rounded up by 1e-12


def test_a_solver_that_fails_is_reported_with_its_status(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_: object, **options: object) -> None:
        assert options["solver"] == "CLARABEL"
        msg = "InsufficientProgress"
        raise cvxpy.error.SolverError(msg)

    monkeypatch.setattr(cvxpy.Problem, "solve", fail)
    with pytest.raises(InputError, match=r"InsufficientProgress.*ridge"):
        minimise(*OVERLAP, L1)


def test_an_inaccurate_solution_is_not_accepted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(cvxpy.Problem, "status", "optimal_inaccurate")
    with pytest.raises(InputError, match=r"\(optimal_inaccurate\)"):
        minimise(*OVERLAP, L1)


def test_cvxpy_is_not_imported_before_it_is_needed() -> None:
    code = "import sys, synthetic.certify; sys.exit('cvxpy' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)
