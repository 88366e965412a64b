"""What the claims about distillation must refute, theorem by theorem."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from synthetic.catalogue.entry import Control
from synthetic.distillation import instances, special
from synthetic.distillation.catalogue import grid, probes
from synthetic.distillation.lawful import lawful, misled, sharper
from synthetic.distillation.problems import FiniteSum, Quadratic
from synthetic.distillation.rule import RULES, SWAPPED, WRONG_SIGN, Rule
from synthetic.distillation.separable import separable
from synthetic.distillation.setting import Bench
from synthetic.distillation.teachers import directions
from theory.claim import Claim
from theory.claims import get
from theory.distillation import DistillationConstants, Variant

Change = Callable[[DistillationConstants], DistillationConstants]

RUN = frozenset({"run", "limit"})
EVERY = (*instances.QUADRATICS,)
SHORT = 1.0 / 512.0


def controls() -> Iterator[Control]:
    """All of this part."""
    yield from _scaled()
    yield from _wrong_code()
    yield from _wrong_noise()
    yield from _wrong_constants()
    yield from _hypotheses()
    yield from _one_step()
    yield from _identities()
    yield from _lawful()
    yield from _hidden()


def told(change: Change) -> Callable[[Claim], Claim]:
    """The claim with other constants, in its bound and in its left-hand side."""

    def altered(claim: Claim) -> Claim:
        return replace(
            claim,
            bound=lambda c, t: claim.bound(change(c), t),
            quantity=lambda tr: claim.quantity(
                replace(tr, constants=change(tr.constants))
            ),
        )

    return altered


def flat(  # noqa: PLR0913 -- what the controls vary
    problem: Quadratic,
    *,
    weight: float = 1.0,
    tau: float = 0.3,
    relative_step: float = SHORT,
    variant: Variant = Variant.BIASED,
    rule: Rule | None = None,
    horizon: int = 3,
) -> Bench:
    """One teacher along the flattest direction; the run starts at the minimiser."""
    away = tau * directions(problem)["flattest"][None, :]
    bench = special.one(
        f"{problem.name}, flattest teacher at {tau:g}",
        problem,
        away,
        np.array([weight]),
        np.array([relative_step / problem.cL]),
        horizon=horizon,
        variant=variant,
        offers=RUN if problem.is_full_rank else frozenset({"run"}),
    )
    return replace(bench, rule=rule)


def _scaled() -> Iterator[Control]:
    """Bounds that are smaller than they should be."""
    for family in EVERY:
        problem = family()
        for claim_id in ("kd.sqc.neighbourhood", "kd.pl.neighbourhood"):
            for factor in (0.9, 0.75, 0.5, 0.25):
                yield Control(
                    claim_id=claim_id,
                    label=f"bound times {factor:g} ({problem.name})",
                    setting=_short(problem, claim_id),
                    sharpen=factor,
                )
        yield Control(
            claim_id="kd.sqc.neighbourhood_simple",
            label=f"bound times 0.7 ({problem.name})",
            setting=flat(problem),
            sharpen=0.7,
        )
    for family in (instances.iso, instances.onehot):
        problem = family()
        for claim_id in ("kd.ls.sandwich_gap", "kd.ls.sandwich_dist"):
            yield Control(
                claim_id=claim_id,
                label=f"bound times 0.99 ({problem.name})",
                setting=flat(problem, weight=0.0, relative_step=0.125),
                sharpen=0.99,
            )
        yield Control(
            claim_id="kd.ls.rate",
            label=f"bound times 0.99 ({problem.name})",
            setting=flat(problem, relative_step=0.125),
            sharpen=0.99,
        )
        yield Control(
            claim_id="kd.sc.lambda_one",
            label=f"bound times 0.9 ({problem.name})",
            setting=flat(problem, relative_step=0.01),
            sharpen=0.9,
        )
        for claim_id, variant in (
            ("kd.unbiased.sqc_sharp", Variant.UNBIASED),
            ("kd.sqc.plain_sharp", Variant.BIASED),
            ("kd.unbiased.pl_sharp", Variant.UNBIASED),
            ("kd.pl.plain_sharp", Variant.BIASED),
        ):
            yield Control(
                claim_id=claim_id,
                label=f"bound times 0.9 ({problem.name})",
                setting=flat(problem, weight=0.0, variant=variant),
                sharpen=0.9,
            )
        for claim_id, variant in (
            ("kd.unbiased.sqc", Variant.UNBIASED),
            ("kd.unbiased.pl", Variant.UNBIASED),
        ):
            yield Control(
                claim_id=claim_id,
                label=f"bound times 0.45 ({problem.name})",
                setting=flat(problem, weight=0.0, variant=variant),
                sharpen=0.45,
            )
    yield Control(
        claim_id="kd.ls.safe_lambda_ratio",
        label="bound times 0.99 (H = I)",
        setting=special.attained(),
        sharpen=0.99,
    )
    for claim_id in ("kd.ls.helps", "kd.sqc.lambda_interval"):
        setting = flat(instances.gauss(), weight=0.0)
        numbers = replace(setting, offers=frozenset({"numbers", "limit"}))
        yield Control(
            claim_id=claim_id,
            label="bound times 0.99, no teacher (ls-gauss)",
            setting=numbers,
            sharpen=0.99,
        )


def _short(problem: Quadratic, claim_id: str) -> Bench:
    """A step that the claim allows, so short that the bias is most of the bound."""
    if claim_id.startswith("kd.sqc"):
        return flat(problem)
    return flat(problem, relative_step=SHORT * problem.mu_pl / problem.L)


def _wrong_code() -> Iterator[Control]:
    """Other updates than the claim speaks of."""
    for family in EVERY:
        problem = family()
        for rule in (WRONG_SIGN, RULES[Variant.INDEPENDENT], SWAPPED):
            for claim_id, weight in (
                ("kd.sqc.neighbourhood", 1.0),
                ("kd.pl.neighbourhood", 1.0),
                ("kd.ls.stationary", 0.5),
                ("kd.ls.stationary_gap", 0.5),
            ):
                if rule is SWAPPED and weight == 1.0:
                    continue  # nothing of the student is left: no stationary law
                yield Control(
                    claim_id=claim_id,
                    label=f"{rule.name}, perfect teacher ({problem.name})",
                    setting=flat(
                        problem,
                        weight=weight,
                        tau=0.0,
                        relative_step=0.05 * problem.mu_pl / problem.L,
                        rule=rule,
                    ),
                )
        for claim_id in ("kd.unbiased.sqc", "kd.unbiased.pl", "kd.ls.unbiased_mean"):
            yield Control(
                claim_id=claim_id,
                label=f"the mean not added back ({problem.name})",
                setting=flat(
                    problem,
                    relative_step=SHORT * problem.mu_pl / problem.L,
                    variant=Variant.UNBIASED,
                    rule=RULES[Variant.BIASED],
                ),
            )
    problem = instances.gauss()
    for rule in (WRONG_SIGN, SWAPPED):
        bench = flat(problem, weight=0.3, relative_step=0.125, rule=rule, horizon=21)
        yield Control(
            claim_id="kd.ls.pathwise",
            label=f"{rule.name} (ls-gauss)",
            setting=replace(bench, offers=frozenset({"paths"})),
        )
    for claim_id, weight, rule in (
        ("kd.ls.rate", 1.0, WRONG_SIGN),
        ("kd.ls.bias", 0.5, SWAPPED),
    ):
        yield Control(
            claim_id=claim_id,
            label=f"{rule.name} (ls-gauss)",
            setting=flat(
                problem, weight=weight, tau=1.0, relative_step=0.125, rule=rule
            ),
        )
    yield Control(
        claim_id="kd.ls.independent",
        label="the teacher on the same sample (ls-iso)",
        setting=flat(
            instances.iso(),
            weight=0.5,
            relative_step=0.125,
            variant=Variant.INDEPENDENT,
            rule=RULES[Variant.BIASED],
        ),
    )
    for family, relative in ((instances.gauss, 1 / 64), (instances.onehot, 1 / 64)):
        yield _uneven(family(), relative)
    yield _uneven(instances.iso(), SHORT)


def _uneven(problem: Quadratic, relative_step: float) -> Control:
    """Component n drawn with probability proportional to n, nothing reweighted."""
    weights = np.arange(1.0, problem.num_components + 1.0)
    bench = flat(problem, weight=0.0, relative_step=relative_step, horizon=20_001)
    return Control(
        claim_id="kd.sqc.neighbourhood",
        label=f"components drawn unevenly, no reweighting ({problem.name})",
        setting=replace(
            bench,
            offers=frozenset({"run"}),
            run_on=problem.drawn_with(weights / weights.sum()),
        ),
    )


def _wrong_noise() -> Iterator[Control]:
    """Bounds that leave something out."""
    for family in EVERY:
        problem = family()
        for claim_id in ("kd.sqc.neighbourhood", "kd.pl.neighbourhood"):
            yield Control(
                claim_id=claim_id,
                label=f"the bias left out ({problem.name})",
                setting=_short(problem, claim_id),
                change=told(lambda c: replace(c, G2=0.0 * c.G2)),
            )
            yield Control(
                claim_id=claim_id,
                label=f"the cross term doubled ({problem.name})",
                setting=flat(
                    problem,
                    weight=0.5,
                    tau=0.0,
                    relative_step=0.05 * problem.mu_pl / problem.L,
                ),
                change=told(lambda c: replace(c, cross=2.0 * c.cross)),
            )


def _wrong_constants() -> Iterator[Control]:
    """Constants of another problem, steps beyond every limit."""
    for family in (
        instances.gauss,
        instances.ill,
        instances.small_batches,
        instances.ridge,
        instances.skew,
        instances.aniso,
    ):
        problem = family()
        yield Control(
            claim_id="kd.sqc.neighbourhood",
            label=f"L for mu ({problem.name})",
            setting=flat(problem, relative_step=1 / 8, tau=1.0),
            change=told(lambda c: replace(c, mu=c.L)),
        )
    for family in EVERY:
        problem = family()
        bench = flat(problem, weight=0.0, relative_step=3.0, horizon=401)
        yield Control(
            claim_id="kd.sqc.neighbourhood_simple",
            label=f"a step of 3/cL ({problem.name})",
            setting=replace(bench, offers=frozenset({"run"})),
        )
    for family in (instances.iso, instances.aniso, instances.onehot):
        problem = family()
        bench = flat(problem, weight=0.0, relative_step=2.1, horizon=2001)
        yield Control(
            claim_id="kd.sqc.neighbourhood_simple",
            label=f"a step of 2.1/cL ({problem.name})",
            setting=replace(bench, offers=frozenset({"run"})),
        )
    problem = instances.onehot(40, 2)
    bench = flat(problem, weight=0.0, horizon=201)
    yield Control(
        claim_id="kd.sqc.neighbourhood_simple",
        label="L for cL, a step of 1/(8L) (one-hot rows, d = 40)",
        setting=replace(
            bench, step=np.array([0.125 / problem.L]), offers=frozenset({"run"})
        ),
        change=told(lambda c: replace(c, cL=c.L)),
    )


def _hypotheses() -> Iterator[Control]:
    """Where a hypothesis is missing."""
    problem = instances.deficient()
    _, basis = np.linalg.eigh(problem.hessian)
    bench = flat(problem, weight=0.0, relative_step=1 / 16, horizon=401)
    yield Control(
        claim_id="kd.sqc.neighbourhood",
        label="a singular H, the start off its range (ls-rankdef)",
        setting=replace(bench, start=problem.star + 5.0 * basis[:, :1].T),
        change=told(lambda c: replace(c, mu=c.mu_pl)),
    )
    sine = probes(instances.sine_waves(), Variant.BIASED, 300, seed=5)
    yield Control(
        claim_id="kd.assume.sqc",
        label="the Polyak-Lojasiewicz mu for the strongly quasi-convex one (pl-sine)",
        setting=sine,
        change=told(lambda c: replace(c, mu=c.mu_pl)),
    )
    trap = separable("x^2 + 8 sin^2 x", "trap", np.ones((1, 1)), np.zeros((1, 1)))
    stuck = special.one(
        "x^2 + 8 sin^2 x",
        trap,
        np.zeros((1, 1)),
        np.zeros(1),
        np.array([0.001]),
        start=np.array([[2.8]]),
        horizon=20_001,
        offers=frozenset({"run"}),
    )
    yield Control(
        claim_id="kd.pl.neighbourhood",
        label="another local minimum, mu = 0.1 (x^2 + 8 sin^2 x)",
        setting=stuck,
        change=told(lambda c: replace(c, mu_pl=0.1)),
    )


def _one_step() -> Iterator[Control]:
    """What one step from random points sees and no long run does."""
    for family in (instances.logit, instances.log_waves):
        problem: FiniteSum = family()
        bench = probes(problem, Variant.BIASED, 16_000, seed=7)
        for claim_id, words, change in (
            (
                "kd.sqc.neighbourhood",
                "the bias left out",
                lambda c: replace(c, G2=0.0 * c.G2),
            ),
            (
                "kd.sqc.neighbourhood",
                "half of the noise",
                lambda c: replace(c, S2=0.5 * c.S2, H2=0.5 * c.H2, cross=0.5 * c.cross),
            ),
        ):
            yield Control(
                claim_id=claim_id,
                label=f"{words}, one step ({problem.name})",
                setting=within(bench, 0.49 / problem.cL),
                change=told(change),
            )
    logit = instances.logit()
    yield Control(
        claim_id="kd.sqc.neighbourhood",
        label="4 mu for mu, one step (logit)",
        setting=within(probes(logit, Variant.BIASED, 4000, seed=7), 0.49 / logit.cL),
        change=told(lambda c: replace(c, mu=4.0 * c.mu)),
    )
    for claim_id, words, change in (
        ("kd.assume.sqc", "1.05 mu", lambda c: replace(c, mu=1.05 * c.mu)),
        ("kd.assume.pl", "1.05 mu", lambda c: replace(c, mu_pl=1.05 * c.mu_pl)),
        (
            "kd.assume.expected_smoothness",
            "0.95 cL",
            lambda c: replace(c, cL=0.95 * c.cL),
        ),
        ("kd.lemma.order", "L/4 for cL", lambda c: replace(c, cL=0.25 * c.L)),
        ("kd.lemma.smooth", "L/4 for L", lambda c: replace(c, L=0.25 * c.L)),
        ("kd.lemma.qg", "6 mu for mu", lambda c: replace(c, mu=6.0 * c.mu)),
        ("kd.lemma.young", "cL/2 for cL", lambda c: replace(c, cL=0.1 * c.cL)),
    ):
        yield Control(
            claim_id=claim_id,
            label=f"{words} (sqc-log)",
            setting=probes(instances.log_waves(), Variant.BIASED, 4000, seed=11),
            change=told(change),
        )
    yield Control(
        claim_id="kd.sc.shift",
        label="1.05 mu (ls-iso)",
        setting=probes(instances.iso(), Variant.BIASED, 100, seed=11),
        change=told(lambda c: replace(c, mu=1.05 * c.mu)),
    )


def within(bench: Bench, limit: float) -> Bench:
    """The configurations whose step is below a limit."""
    keep = bench.step < limit
    split = bench.split
    assert split is not None
    return replace(
        bench,
        start=bench.start[keep],
        teacher=bench.teacher[keep],
        weight=bench.weight[keep],
        step=bench.step[keep],
        split=split.select(keep),
    )


def _identities() -> Iterator[Control]:
    """Equalities catch what one-sided bounds cannot."""
    bench = probes(instances.gauss(), Variant.BIASED, 60, seed=19)
    for claim_id in (
        "kd.noise",
        "kd.sqc.lambda_star",
        "kd.sqc.lambda_star_simple",
        "kd.pl.lambda_star",
        "kd.pl.lambda_star_simple",
    ):
        setting = within(bench, 0.05 / instances.gauss().cL)
        if claim_id.startswith("kd.pl"):
            gauss = instances.gauss()
            limit = 0.2 * gauss.mu_pl / (gauss.L * gauss.cL)
            setting = within(bench, limit)
        yield Control(
            claim_id=claim_id,
            label="the cross term left out (ls-gauss)",
            setting=setting,
            change=told(lambda c: replace(c, cross=0.0 * c.cross)),
        )
    mixed = grid(
        instances.gauss(), Variant.BIASED, 3, distances=(0.0, 0.3), steps=(1 / 8,)
    )
    law = replace(mixed, offers=frozenset({"limit"}))
    for claim_id, words, change in (
        ("kd.ls.stationary", "F for V", lambda c: replace(c, V=c.F)),
        ("kd.ls.lambda_opt", "F for V", lambda c: replace(c, V=c.F)),
        ("kd.ls.none_better", "2 V for V", lambda c: replace(c, V=2.0 * c.V)),
        ("kd.ls.hurts", "2 V for V", lambda c: replace(c, V=2.0 * c.V)),
        (
            "kd.ls.sandwich_gap_below",
            "5 S2 for S2",
            lambda c: replace(c, S2=5.0 * c.S2),
        ),
        (
            "kd.ls.sandwich_dist_below",
            "S2/mu for S2/L",
            lambda c: replace(c, L=0.25 * c.mu),
        ),
    ):
        yield Control(
            claim_id=claim_id,
            label=f"{words} (ls-gauss)",
            setting=law,
            change=told(change),
        )
    unbiased = flat(
        instances.gauss(), weight=0.5, relative_step=0.125, variant=Variant.UNBIASED
    )
    yield Control(
        claim_id="kd.ls.unbiased",
        label="the mixed term left out (ls-gauss)",
        setting=unbiased,
        change=told(lambda c: replace(c, V_cross=0.0 * c.V_cross)),
    )


def _lawful() -> Iterator[Control]:
    """Where every configuration meets the hypotheses and the claim is altered."""
    for claim_id, factor, bench in sharper():
        yield Control(
            claim_id=claim_id,
            label=f"bound times {factor:g}, hypotheses met ({bench.problem.name})",
            setting=lawful(bench, get(claim_id)),
            sharpen=factor,
        )
    problem = instances.gauss()
    for claim_id, words, change in misled():
        unbiased = claim_id == "kd.ls.unbiased_best"
        variant = Variant.UNBIASED if unbiased else Variant.BIASED
        bench = replace(grid(problem, variant, 3), offers=frozenset({"limit"}))
        yield Control(
            claim_id=claim_id,
            label=f"{words}, hypotheses met ({problem.name})",
            setting=lawful(bench, get(claim_id)),
            change=told(change),
        )


def _hidden() -> Iterator[Control]:
    """What no such check can see: listed, and not counted."""
    for relative_step in (0.6, 1.5):
        yield Control(
            claim_id="kd.sqc.neighbourhood_simple",
            label=f"a step of {relative_step:g}/cL: the limit is sufficient only "
            "(ls-gauss)",
            setting=flat(instances.gauss(), weight=0.0, relative_step=relative_step),
            hidden=True,
        )
    yield Control(
        claim_id="kd.sqc.neighbourhood",
        label="the cross term left out: the bound only grows if c > 0 (ls-gauss)",
        setting=flat(instances.gauss(), weight=0.5, relative_step=1 / 16),
        change=told(lambda c: replace(c, cross=0.0 * c.cross)),
        hidden=True,
    )
    log = instances.log_waves()
    yield Control(
        claim_id="kd.sqc.neighbourhood",
        label="2 mu for mu, one step: see kd.assume.sqc (sqc-log)",
        setting=within(probes(log, Variant.BIASED, 1000, seed=7), 0.49 / log.cL),
        change=told(lambda c: replace(c, mu=2.0 * c.mu)),
        hidden=True,
    )
