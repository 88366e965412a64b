"""What the claims about compressed students must refute."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from synthetic.catalogue.entry import Control
from synthetic.distillation import catalogue_compressed as catalogue, instances
from synthetic.distillation.compressors import Compressor
from synthetic.distillation.multipliers import Bernoulli, Mask, RandK, Shrink
from synthetic.distillation.numbers import square, teacher_moments
from synthetic.distillation.problems import FiniteSum, FloatArray, Quadratic, quadratic
from synthetic.distillation.restricted import quadratic_block, restricted
from synthetic.distillation.rule import WRONG_SIGN
from synthetic.distillation.setting import Bench
from synthetic.distillation.thresholding import TopK
from theory.claim import Claim
from theory.claims.kd_compressed import NO_FLOOR
from theory.method import Family


def controls() -> tuple[Control, ...]:
    """Every control, each where it can be seen."""
    return (*_unbiased(), *_contractive(), *_sparse(), *_masked(), *_wrong_sign())


@dataclass(frozen=True, eq=False)
class Mistaken(Compressor):
    """What is run is not what is told.

    Attributes:
        told: What the claim believes to be run.
        run: What is run, one after the other; what is told by default.
        wrong: Numbers that are told instead.

    """

    told: Compressor
    run: tuple[Compressor, ...] = ()
    wrong: Mapping[str, Any] | None = None

    @property
    def name(self) -> str:
        """See `Compressor.name`."""
        return self.told.name

    @property
    def family(self) -> Family:
        """See `Compressor.family`."""
        return self.told.family

    @property
    def _chain(self) -> tuple[Compressor, ...]:
        return self.run or (self.told,)

    @property
    def outcomes(self) -> int:
        """See `Compressor.outcomes`."""
        return int(np.prod([one.outcomes for one in self._chain]))

    @property
    def stretch(self) -> float:
        """See `Compressor.stretch`."""
        return float(np.prod([one.stretch for one in self._chain]))

    def expand(
        self, points: FloatArray, chance: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """See `Compressor.expand`."""
        for one in self._chain:
            points, chance = one.expand(points, chance)
        return points, chance

    def numbers(self, bench: Bench) -> dict[str, Any]:
        """See `Compressor.numbers`."""
        return self.told.numbers(bench) | dict(self.wrong or {})


def mistaken(told: Compressor, *run: Compressor, **wrong: Any) -> Mistaken:
    """The told compressor with others that are run, or with wrong numbers."""
    return Mistaken(told.dim, told, run, wrong)


def still(problem: FiniteSum, compressor: Compressor, step: float) -> Bench:
    r"""One step from $x_\star$ with a perfect teacher and $\lambda = 1$: z = x*."""
    bench = catalogue.from_star(problem, compressor, 1.0)
    return replace(bench, step=np.array([step / problem.cL]))


def away(problem: FiniteSum, compressor: Compressor, start: FloatArray) -> Bench:
    r"""One step of 0.1/cL from another start."""
    return replace(still(problem, compressor, 0.1), start=start[None, :])


def bowl(star: FloatArray) -> Quadratic:
    r"""$\frac12\|x - x_\star\|^2$, a single component."""
    dim = len(star)
    return quadratic("bowl", np.eye(dim)[None], np.zeros((1, dim)), star)


def _without_floor(claim: Claim) -> Claim:
    return replace(claim, bound=NO_FLOOR.bound)


def _unbiased() -> Iterator[Control]:
    iso, drop = instances.iso(), Bernoulli(4, 1.0 / 1.02)
    for claim_id in ("kd.compressed.unbiased", "kd.compressed.unbiased_simple"):
        yield Control(
            claim_id=claim_id,
            label="no floor of omega ||x*||^2",
            setting=still(iso, drop, 0.4),
            change=_without_floor,
        )
        yield Control(
            claim_id=claim_id,
            label="2 omega run, omega / 8 told",
            setting=still(
                iso, mistaken(Bernoulli(4, 1.0 / 1.005), Bernoulli(4, 1.0 / 1.04)), 0.4
            ),
        )
    yield Control(
        claim_id="kd.compressed.unbiased",
        label="bound two percent lower where it is tight",
        setting=catalogue.from_star(iso, Bernoulli(4, 1.0 / 1.001), 99.0),
        sharpen=0.98,
    )
    yield Control(
        claim_id="kd.compressed.unbiased_simple",
        label="half of the bound",
        setting=still(iso, drop, 0.4),
        sharpen=0.49,
    )
    yield Control(
        claim_id="kd.compressed.unbiased",
        label="k = 1 of rand-1 in place of the growth 1 + omega (1 + tau)",
        setting=away(bowl(np.zeros(2)), mistaken(RandK(2, 1), omega=0.0), np.ones(2)),
    )
    probes = catalogue.one_steps(iso, RandK(4, 3), 20, 400)
    yield Control(
        claim_id="kd.compressed.spread",
        label="rand-k without its factor D/k",
        setting=replace(
            away(
                iso, mistaken(RandK(4, 3), RandK(4, 3), Shrink(4, 0.25)), iso.star / 2
            ),
            offers=frozenset({"probe"}),
        ),
    )
    for label, told, omega in (
        ("omega = 1 - k/D", RandK(4, 3), 0.25),
        ("omega = 1 - p", Bernoulli(4, 0.8), 0.2),
        ("omega half a percent too small", RandK(4, 3), 0.995 / 3.0),
    ):
        yield Control(
            claim_id="kd.compressed.spread",
            label=label,
            setting=replace(probes, compressor=mistaken(told, omega=omega)),
        )


def _contractive() -> Iterator[Control]:
    iso, shrink = instances.iso(), Shrink(4, 0.05)
    yield Control(
        claim_id="kd.compressed.contractive",
        label="no floor of delta ||x*||^2",
        setting=still(iso, mistaken(shrink, star_sq=0.0), 0.4),
    )
    yield Control(
        claim_id="kd.compressed.contractive",
        label="four times the loss that is told",
        setting=still(iso, mistaken(shrink, Shrink(4, 0.2)), 0.4),
    )
    yield Control(
        claim_id="kd.compressed.contractive",
        label="top-k told to lose 1 - k/D squared and a tenth",
        setting=still(bowl(np.ones(4)), mistaken(TopK(4, 2), delta=0.025), 0.4),
    )
    yield Control(
        claim_id="kd.compressed.contractive",
        label="k = 1 of rand-1 in place of the growth",
        setting=away(
            bowl(np.zeros(2)), mistaken(RandK(2, 1), delta=0.0, free=1e-9), np.ones(2)
        ),
    )
    probes = catalogue.one_steps(instances.logit(), Shrink(3, 0.002), 200, 244)
    yield Control(
        claim_id="kd.compressed.contractive",
        label="six tenths of the bound",
        setting=probes,
        sharpen=0.6,
    )


def _sparse() -> Iterator[Control]:
    size = 9, 4, 3
    lemma = catalogue.thresholds(*size, 4, 410)
    dim, keep, _ = size
    yield Control(
        claim_id="kd.compressed.threshold",
        label="bound a ten-thousandth lower",
        setting=lemma,
        sharpen=0.9999,
    )
    for label, wrong in (
        ("k + 1 in place of k", {"keep": keep + 1}),
        ("D in place of k", {"keep": dim}),
        ("k* - 1 in place of k*", {"star_support": 2}),
    ):
        yield Control(
            claim_id="kd.compressed.threshold",
            label=label,
            setting=replace(lemma, compressor=mistaken(TopK(dim, keep), **wrong)),
        )
    # Worst points one step before: z is the worst one of the lemma, nu = 2.6.
    star = catalogue.worst_star(*size)
    z = lemma.start[0]
    before = star + (z - star) / 0.9
    yield Control(
        claim_id="kd.compressed.topk_sparse",
        label="D in place of k",
        setting=away(bowl(star), mistaken(TopK(dim, keep), keep=dim), before),
    )
    three = bowl(np.array([0.0, 3.0, 2.0, 1.0]))
    for claim_id, setting in (
        ("kd.compressed.topk_sparse", still(three, TopK(4, 2), 0.4)),
        ("kd.compressed.threshold", replace(still(three, TopK(4, 2), 0.4), horizon=1)),
    ):
        told = mistaken(TopK(4, 2), star_support=1)
        yield Control(
            claim_id=claim_id,
            label="a support larger than k",
            setting=replace(
                setting, compressor=told, offers=frozenset({"run", "probe"})
            ),
        )
    yield Control(
        claim_id="kd.compressed.topk_sparse",
        label="six tenths of the bound",
        setting=catalogue.perfect_teacher(
            catalogue.sparse(200, 1, 2), TopK(200, 190), 9
        ),
        sharpen=0.6,
    )


def _masked() -> Iterator[Control]:
    base = catalogue.heavy_rows()
    mask = Mask(3, (0, 1))
    part = restricted(base, mask, quadratic_block(base, mask))
    everything = Mask(3, (0, 1, 2))
    teacher = base.star[None, :]
    full = teacher_moments(base, teacher) | {
        "S2": square(base.at_star) @ base.weights * np.ones(1)
    }
    wrong = {name: value[:, None] for name, value in full.items()}
    yield Control(
        claim_id="kd.compressed.mask",
        label="theta's moments of the full problem, at its minimiser",
        setting=replace(still(part, mistaken(mask, **wrong), 0.4), teacher=teacher),
    )
    unmasked = replace(
        still(part, everything, 0.4), run_on=base, horizon=6, weight=np.zeros(1)
    )
    outside = replace(catalogue.dropped_start(), horizon=3)
    yield Control(
        claim_id="kd.compressed.mask",
        label="a start outside the subspace",
        setting=outside,
    )
    onehot = instances.onehot()
    two = Mask(4, (0, 2))
    grid = catalogue.masked_runs(
        restricted(onehot, two, quadratic_block(onehot, two)), onehot, 101
    )
    for claim_id, share in (
        ("kd.compressed.mask", 0.7),
        ("kd.compressed.mask_from_one", 0.5),
    ):
        yield Control(
            claim_id=claim_id,
            label="no mask",
            setting=unmasked,
        )
        yield Control(
            claim_id=claim_id,
            label=f"{share:g} of the bound",
            setting=grid,
            sharpen=share,
        )


def _wrong_sign() -> Iterator[Control]:
    iso = instances.iso()
    gauss = instances.gauss()
    mask = Mask(5, (0, 2, 3))
    part = restricted(gauss, mask, quadratic_block(gauss, mask))
    for claim_id, problem, compressor in (
        ("kd.compressed.unbiased", iso, Bernoulli(4, 1.0 / 1.005)),
        ("kd.compressed.unbiased_simple", iso, Bernoulli(4, 1.0 / 1.005)),
        ("kd.compressed.contractive", iso, Shrink(4, 0.01)),
        ("kd.compressed.topk_sparse", catalogue.sparse(6, 1, 2), TopK(6, 4)),
        ("kd.compressed.mask", part, mask),
    ):
        yield Control(
            claim_id=claim_id,
            label="wrong sign of lambda, perfect teacher",
            setting=replace(still(problem, compressor, 0.4), rule=WRONG_SIGN),
        )
