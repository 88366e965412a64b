from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given, settings, strategies as st

from theory.errors import InputError
from theory.schedules import C_CONVENTION, P_CONVENTION
from theory.worst_case import closed_form
from theory.worst_case.lift import Class, Measure, Run, lift
from theory.worst_case.lines import (
    DETERMINANT,
    FEJER,
    INTERPOLATION,
    LINES,
    POTENTIAL,
    SHARP,
    Line,
    Step,
    sharp_form,
)
from theory.worst_case.solution import NoBoundError
from theory.worst_case.solve import solve
from theory.worst_case.star import star

POSITIVE = st.fractions(Fraction(1, 50), 50)


@pytest.mark.parametrize("line", LINES, ids=lambda line: line.statement[:30])
def test_the_proofs_of_one_step_are_identities(line: Line) -> None:
    assert line.is_zero()


@pytest.mark.parametrize("line", LINES, ids=lambda line: line.statement[:30])
@given(st.lists(st.fractions(-9, 9), min_size=9, max_size=9), POSITIVE)
@settings(max_examples=10, deadline=None)
def test_and_off_the_grid_that_decides(
    line: Line, numbers: list[Fraction], smoothness: Fraction
) -> None:
    names = [name for name in line.degrees if name != "L"]
    at = dict(zip(names, numbers, strict=False))
    assert line.residual(Step(**at, L=smoothness)) == 0


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        (FEJER, lambda s: s.gamma * s.delta / 20),
        (INTERPOLATION, lambda s: s.delta / (100 * s.L)),
        (SHARP, lambda s: s.theta**2 * s.L * s.delta / 10),
        (SHARP, lambda s: s.theta * s.gh),
        (DETERMINANT, lambda s: s.theta * s.gamma / s.L),
        (POTENTIAL, lambda s: s.v * s.xx / 100),
    ],
)
def test_another_constant_is_no_identity(line: Line, wrong: object) -> None:
    def residual(s: Step) -> Fraction:
        return line.residual(s) + wrong(s)  # type: ignore[operator, no-any-return]

    assert not replace(line, residual=residual).is_zero()


@given(POSITIVE, POSITIVE, POSITIVE)
@settings(max_examples=50, deadline=None)
def test_the_form_of_the_sharp_line_is_semidefinite(
    gamma: Fraction, theta: Fraction, smoothness: Fraction
) -> None:
    a, b, c = sharp_form(Step(gamma=gamma, theta=theta, L=smoothness))
    assert a >= 0
    assert c > 0
    assert a * c >= b * b


def test_the_sharp_line_is_attained() -> None:
    """Where the determinant is 0: gamma = theta (1 - L theta), h along g."""
    theta, gamma = Fraction(1, 3), Fraction(2, 9)
    a, b, c = sharp_form(Step(gamma=gamma, theta=theta))
    assert a * c == b * b
    along = -b / c  # h = along g is in the kernel
    gg = Fraction(9)
    delta = gamma * gg
    s2 = (gg - 2 * along * gg + along**2 * gg) / 2
    step = Step(gx=delta + s2, gg=gg, delta=delta, gamma=gamma, hh=along**2 * gg)
    assert step.change() == -(delta**2) / (delta + step.hh)


def test_the_potential_adds_up() -> None:
    v = Fraction(0)
    for k in range(1, 12):
        v = Fraction(1, 2) + v / 4
        assert v == closed_form.potential(k) < Fraction(2, 3)
    # x^2 / 2 attains every step of it: Delta = x^2/2 and x_+ = x/2.
    x, total = Fraction(1), Fraction(0)
    for _ in range(11):
        total += x * x / 2
        x /= 2
    assert total == v


STAR_LAST = {
    1: 0.5000,
    2: 0.6250,
    3: 0.6667,
    4: 0.6914,
    5: 0.7067,
    8: 0.7319,
    16: 0.7593,
}


@pytest.mark.parametrize("points", STAR_LAST)
def test_bounds_by_the_minimiser_alone(points: int) -> None:
    lipschitz = (
        Run(points, Class.LIPSCHITZ, Measure.AVERAGE),
        Run(points, Class.LIPSCHITZ, Measure.LAST, P_CONVENTION),
    )
    for run in lipschitz:
        assert star(run).dual == pytest.approx(1, abs=1e-6)
    average = star(Run(points, Class.SMOOTH, Measure.AVERAGE))
    assert average.dual == pytest.approx(2 / 3 * (1 - 4.0**-points), abs=1e-6)
    last = star(Run(points, Class.SMOOTH, Measure.LAST, P_CONVENTION))
    assert last.dual == pytest.approx(STAR_LAST[points], abs=6e-5)
    assert (last.status, last.solver) == ("optimal", "CLARABEL")


def test_two_programs_and_two_solvers_agree() -> None:
    run = Run(4, Class.SMOOTH, Measure.AVERAGE)
    assert star(run).dual == pytest.approx(solve(lift(run, "path")).dual, abs=1e-6)
    # More conditions, a smaller value.
    run = Run(4, Class.SMOOTH, Measure.LAST, P_CONVENTION)
    assert solve(lift(run, "path")).dual < star(run).dual - 0.05


def test_what_the_model_cannot_say_is_refused() -> None:
    for run in (
        Run(3, Class.SMOOTH, Measure.LAST),
        Run(3, Class.SMOOTH, Measure.LAST, C_CONVENTION),
    ):
        with pytest.raises(InputError, match="Need the average"):
            star(run)
    with pytest.raises(InputError, match="Need a solver of"):
        star(Run(2, Class.SMOOTH, Measure.AVERAGE), "NONE SUCH")


def test_a_loose_solution_is_no_bound() -> None:
    with pytest.raises(NoBoundError, match=r"SCS: optimal\), gap"):
        star(Run(5, Class.SMOOTH, Measure.AVERAGE), "SCS")
