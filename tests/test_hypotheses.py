"""Probes: what is true passes, and a planted violation of every hypothesis is found."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from synthetic import instances
from synthetic.batches import Batch
from synthetic.catalogue import distillation, polyak_settings
from synthetic.desk import Options
from synthetic.desks import desk_of
from synthetic.distillation import instances as sums
from synthetic.distillation.catalogue import probes as one_steps
from synthetic.distillation.problems import FiniteSum
from synthetic.distillation.separable import separable
from synthetic.distillation.setting import Bench
from synthetic.families import planted
from synthetic.hypotheses import inequalities as say
from synthetic.hypotheses.of_polyak import POLYAK, Ground, ground_of
from synthetic.hypotheses.of_sums import DISTILLATION, Sum
from synthetic.hypotheses.oracle import of_sum
from synthetic.hypotheses.probe import Probe
from synthetic.hypotheses.probes import BY_CONSTRUCTION, is_probed, probes_of, standing
from synthetic.hypotheses.search import DRAWS, search
from synthetic.hypotheses.witness import Witness
from synthetic.losses import L1, SQUARED
from synthetic.setting import Setting
from synthetic.verify import applicable, judge_setting
from theory import assumptions as polyak, claims, distillation_assumptions as distilled
from theory.distillation import Variant
from theory.judge import Status
from theory.method import SPS_STAR

FEW = 6
"""Draws where nothing is to be found; the benchmark draws more."""

OFF = 0.01
"""What a planted constant is wrong by."""


def on(problem: Any, **changes: Any) -> Setting:
    said: dict[str, Any] = {
        "name": "test",
        "problem": problem,
        "method": SPS_STAR,
        "x0": problem.point + 1.0,
        "horizon": 5,
    }
    return Setting(**(said | changes))


def found(probes: Iterable[Probe], draws: int = DRAWS) -> Witness | None:
    for probe in probes:
        witness = search(probe, draws=draws)
        if witness is not None:
            return witness
    return None


NOISY = planted(SQUARED, num_components=8, dim=4, noise=1.0, seed=3)
CALM = planted(SQUARED, num_components=8, dim=4, seed=3)
ROUGH = planted(L1, num_components=8, dim=4, noise=1.0, seed=3)

# The hypothesis, an instance that attains its constant, and which one to misstate.
UNDERSTATED = [
    (polyak.LIPSCHITZ_ON_BALL, ROUGH, "G"),
    (polyak.LIPSCHITZ_ON_BALL, instances.linf(3), "G"),
    (polyak.BOUNDED_ON_BALL, NOISY, "G_max"),
    (polyak.GROWTH, CALM, "A"),
    (polyak.GROWTH, ROUGH, "B"),
    (polyak.SMOOTH, NOISY, "L"),
    (polyak.EXPECTED_SMOOTH, NOISY, "L_expected"),
    (polyak.EQUAL_NORMS, instances.linf(3), "G_max"),
    (polyak.NORM_RANGE, ROUGH, "G_max"),
    (polyak.QUADRATIC, instances.parabola(), "L"),
]
OVERSTATED = [
    (polyak.GROWS_QUADRATICALLY, NOISY, "mu"),
    (polyak.NORM_RANGE, ROUGH, "G_min"),
    (polyak.NOISE_SPANS, instances.split_abs(1.0), "q"),
    (polyak.NOISE_LEAKS, instances.split_squares(), "kappa"),
]


def tight(problem: Any, field: str) -> float:
    """The constant, or the one that is attained where the proved one is loose."""
    c = on(problem).constants()
    if field == "A":  # interpolating rows: E|g|^2 <= 2 L_e f is attained
        return 2.0 * c.L_expected
    return float(getattr(c, field))


@pytest.mark.parametrize(
    ("assumption", "problem", "field", "factor"),
    [(*row, 1.0 - OFF) for row in UNDERSTATED]
    + [(*row, 1.0 + OFF) for row in OVERSTATED],
)
def test_a_constant_that_is_wrong_by_one_per_cent_is_found(
    assumption: Any, problem: Any, field: str, factor: float
) -> None:
    ground = ground_of(on(problem))
    value = tight(problem, field)
    assert value > 0

    def told(share: float) -> Ground:
        changed: dict[str, Any] = {field: share * value}
        return replace(ground, c=replace(ground.c, **changed))

    make = POLYAK[assumption.name]
    assert found(make(told(1.0)), FEW) is None
    witness = found(make(told(factor)))
    assert witness is not None
    assert witness.assumption == assumption.name
    assert witness.lhs > witness.rhs


def test_the_constants_of_a_batch_are_those_of_its_mean() -> None:
    setting = on(NOISY, batch=Batch(2))
    ground, c = ground_of(setting), setting.constants()
    make = POLYAK[polyak.EXPECTED_SMOOTH.name]
    assert found(make(ground)) is None
    alone = on(NOISY).constants().L_expected
    assert c.L_expected < 0.9 * alone
    assert found(make(replace(ground, share=1.0))) is not None


def test_the_curved_log_is_not_convex() -> None:
    ground = ground_of(on(instances.log_square(), x0=np.array([3.0])))
    planes, slopes = POLYAK[polyak.CONVEX.name](ground)
    for probe in (planes, slopes):
        witness = search(probe)
        assert witness is not None
        assert witness.i == 0
        assert witness.y is not None
        assert max(abs(witness.x[0]), abs(witness.y[0])) > 1.0  # it is convex before


def test_a_comparator_that_does_not_minimise_is_found() -> None:
    moved = NOISY.with_comparator(NOISY.point + 1e-3)
    ground = ground_of(on(moved))
    make = POLYAK[polyak.MINIMISER.name]
    told = replace(ground, c=replace(ground.c, minimiser_gap=0.0))
    witness = found(make(told))
    assert witness is not None
    assert witness.i is None
    assert moved.gap(witness.x[None])[0] < 0


def told(problem: FiniteSum, **changes: Any) -> Sum:
    altered = replace(problem, **changes)
    return Sum(of_sum(altered), 3.0, altered)


TIGHT: list[tuple[Any, Callable[[], FiniteSum], str, float]] = [
    (distilled.SQC, sums.gauss, "mu", 1.0 + OFF),
    (distilled.SQC, sums.log_waves, "mu", 1.0 + OFF),
    (distilled.PL, sums.gauss, "mu_pl", 1.0 + OFF),
    (distilled.PL, sums.deficient, "mu_pl", 1.0 + OFF),
    (distilled.PL, sums.gauss, "L", 1.0 - OFF),
    (distilled.PL, sums.sine_waves, "L", 1.0 - OFF),
    (distilled.EXPECTED_SMOOTH, sums.gauss, "cL", 1.0 - OFF),
    (distilled.EXPECTED_SMOOTH, sums.sine_waves, "cL", 1.0 - OFF),
    (distilled.CONVEX_COMPONENTS, sums.gauss, "L_max", 1.0 - OFF),
    (distilled.CONVEX_COMPONENTS, sums.ridge, "mu", 1.0 + OFF),
    (distilled.FULL_RANK, sums.gauss, "mu", 1.0 + OFF),
]


@pytest.mark.parametrize(("assumption", "family", "field", "factor"), TIGHT)
def test_a_sum_that_is_misstated_by_one_per_cent_is_found(
    assumption: Any, family: Callable[[], FiniteSum], field: str, factor: float
) -> None:
    problem, make = family(), DISTILLATION[assumption.name]
    assert found(make(told(problem)), FEW) is None
    assert found(make(told(problem, **{field: factor * getattr(problem, field)})))


def test_gradients_that_cancel_are_rounded_as_their_terms_are() -> None:
    atoms = sums.two_atoms()  # s = (1, -1): the mean is 0 to 1e-16, not to 1e-21
    near = Sum(of_sum(atoms), 1e-5, atoms)
    for assumption in (distilled.PL, distilled.FULL_RANK, distilled.SQC):
        for seed in range(3):
            for probe in DISTILLATION[assumption.name](near):
                assert search(probe, seed, draws=FEW) is None


def test_a_star_convex_function_is_no_convex_one() -> None:
    problem = told(sums.log_waves())  # strongly quasi-convex
    assert found(DISTILLATION[distilled.SQC.name](problem), FEW) is None
    assert found([convexity_of(problem)]) is not None


def test_a_gradient_that_dominates_is_no_convexity() -> None:
    problem = told(sums.sine_waves())  # Polyak-Lojasiewicz
    assert found(DISTILLATION[distilled.PL.name](problem), FEW) is None
    assert found([convexity_of(problem)]) is not None
    claimed = told(sums.sine_waves(), mu=0.1)  # it is not quasi-convex, with any mu
    assert found(DISTILLATION[distilled.SQC.name](claimed)) is not None


def convexity_of(s: Sum) -> Probe:
    return s.probe(distilled.CONVEX_COMPONENTS, "", sides=say.monotone, pairs="free")


def test_components_that_are_not_quadratic_or_not_alike_are_found() -> None:
    quadratic = DISTILLATION[distilled.QUADRATIC.name]
    alike = DISTILLATION[distilled.EQUAL_HESSIANS.name]
    assert found(quadratic(told(sums.gauss()))) is None
    assert found(quadratic(told(sums.logit()))) is not None
    assert found(alike(told(sums.aniso()))) is None
    assert found(alike(told(sums.gauss()))) is not None


def test_a_trap_is_neither_quasi_convex_nor_dominated() -> None:
    trap = separable("trap", "trap", np.ones((1, 1)), np.zeros((1, 1)))
    for assumption, field in ((distilled.SQC, "mu"), (distilled.PL, "mu_pl")):
        lie = told(trap, **{field: 1e-3})
        assert found(DISTILLATION[assumption.name](lie)) is not None


def test_a_short_witness_is_printed_in_full_and_a_long_one_is_not() -> None:
    point = np.array([0.1, 2.0])
    one = Witness("convex", "mine", 3, point, None, 2.0, 1.0, "it is not")
    assert str(one) == "mine, component 3 at x = [0.1, 2.0]: it is not, and 2 > 1"
    long = replace(one, i=None, x=np.arange(100.0), y=point)
    assert str(long).startswith(
        "mine at x = [ 0.  1.  2. ... 97. 98. 99.] and y = [0.1"
    )


def test_a_witness_has_round_coordinates_and_lies_in_the_ball() -> None:
    ground = ground_of(on(NOISY))
    lie = replace(ground, c=replace(ground.c, L=0.5 * ground.c.L))
    witness = found(POLYAK[polyak.SMOOTH.name](lie))
    assert witness is not None
    assert np.linalg.norm(witness.x - NOISY.point) <= ground.radius * (1 + 1e-12)
    assert np.all(np.round(witness.x, 2) == witness.x)


def test_a_probe_says_the_same_twice() -> None:
    ground = ground_of(on(NOISY))
    lie = replace(ground, c=replace(ground.c, L=0.99 * ground.c.L))
    (probe,) = POLYAK[polyak.SMOOTH.name](lie)
    assert str(search(probe, seed=4)) == str(search(probe, seed=4))


def test_a_certified_constant_that_is_wrong_makes_its_claims_idle() -> None:
    gauss = sums.gauss()
    bench = one_steps(gauss, Variant.BIASED, 8, seed=4)
    lie = replace(bench, problem=replace(bench.problem, cL=0.9 * gauss.cL))
    about = [c for c in claims.DISTILLATION.values() if c.expected is Status.HOLDS]
    options = Options(probe=True)
    true = {o.claim_id: o.verdict for o in judge_setting(bench, about, options)}
    wrong = {o.claim_id: o.verdict for o in judge_setting(lie, about, options)}
    needy = {c.id for c in about if distilled.EXPECTED_SMOOTH in c.assumes}
    assert any(true[k].status is Status.HOLDS for k in needy & true.keys())
    for name in needy & wrong.keys():
        assert wrong[name].status is Status.NOT_APPLICABLE, name
    assert any("cL = " in wrong[name].reason for name in needy & wrong.keys())
    assert not any("cL = " in v.reason for v in true.values())


def test_every_hypothesis_has_a_standing() -> None:
    everything = {a.name: a for c in claims.CLAIMS.values() for a in c.assumes}
    assert {*POLYAK, *DISTILLATION} <= set(everything)
    assert everything.keys() >= BY_CONSTRUCTION
    probed = {name for name, a in everything.items() if is_probed(a)}
    assert probed == {*POLYAK, *DISTILLATION}
    assert not probed & BY_CONSTRUCTION
    assert standing(polyak.CONVEX).startswith("probed")
    assert standing(polyak.IID).startswith("believed")
    assert standing(polyak.EXACT_TARGET).startswith("checked exactly")


def test_nothing_of_a_sample_of_the_catalogue_is_contradicted() -> None:
    benches = [b for b in distillation().settings if isinstance(b, Bench)]
    count = 0
    sample: list[Setting | Bench] = [*polyak_settings()[::37], *benches[5::29]]
    for setting in sample:
        known = claims.POLYAK if isinstance(setting, Setting) else claims.DISTILLATION
        desk, c = desk_of(setting), setting.constants()
        names = {
            assumption.name
            for claim in applicable(list(known.values()), setting)
            if desk.failing(claim, c) is None
            for assumption in claim.assumes
        }
        for probe in probes_of(setting, names):
            witness = search(probe, draws=4)
            assert witness is None, f"{setting.name}: {witness}"
            count += 1
    assert count > 60
