"""What the smooth and strongly convex rates must refute: sections 5, 9 and 10."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from synthetic import instances, mutants
from synthetic.catalogue.controls.common import OFF_BY_ONE, line, noisy, shrunk, told
from synthetic.catalogue.entry import Control
from theory.claim import Claim
from theory.method import IAM_C, IAM_P, POOLED, SPS_STAR, Target, iam_k

HIGH = Target(0.1)
LONG = 401


def controls() -> Iterator[Control]:
    """All of this part."""
    yield from _steps()
    yield from _floors()
    yield from _interpolation()
    yield from _iam()
    yield from _strong()


def _steps() -> Iterator[Control]:
    """The pathwise inequalities with L and the noise."""
    for claim_id, method in (
        ("sps.smooth.sharp.pathwise", SPS_STAR),
        ("iam.smooth.fejer", IAM_P),
    ):
        for name in ("squared", "logistic"):
            setting = line(noisy(name), method, 6)
            yield Control(
                claim_id=claim_id,
                label=f"mean f* for f_xi(x*) ({name})",
                setting=told(setting, POOLED),
            )
            yield Control(
                claim_id=claim_id,
                label=f"target 0.05 too low ({name})",
                setting=told(setting, Target(-0.05)),
            )
        yield Control(
            claim_id=claim_id,
            label="no positive part (squared)",
            setting=line(noisy("squared"), method, 60, mutants.unclipped(method)),
        )


def _floors() -> Iterator[Control]:
    """Targets 0.1 too high on x^2/2: every rate that tends to 0 must see the floor."""
    parabola = instances.parabola()
    seen = (
        *(
            (f"sps.smooth.{name}", SPS_STAR)
            for name in (
                *("master", "sigma_local", "expected", "sharp"),
                *("interp", "interp_sharp"),
            )
        ),
        *(
            (f"sps.strong.{name}", SPS_STAR)
            for name in (
                *("lipschitz", "suffix", "smooth_interp", "smooth_interp_local"),
                *("growth", "smooth_noise", "smooth_noise_recursion", "two_phase"),
            )
        ),
        *(
            (f"iam.smooth.{name}", IAM_P)
            for name in (
                "log",
                "log_recursion",
                "log_interp",
                "sharp",
                "last",
                "interp",
            )
        ),
        ("iam.smooth.sharp_c", IAM_C),
        ("iam.smooth.constant_lambda", iam_k(9.0)),
    )
    for claim_id, method in seen:
        yield Control(
            claim_id=claim_id,
            label="target 0.1 too high, T = 401 (x^2/2)",
            setting=told(line(parabola, method, LONG), HIGH),
        )


def _mean_smoothness(claim: Claim) -> Claim:
    """The mean of L_i for the largest, on COORD-QUAD(10, 0.1)."""
    bound = claim.bound
    return replace(claim, bound=lambda c, t: bound(replace(c, L=0.5 * (10 + 0.1)), t))


def _smoothness_of_f(claim: Claim) -> Claim:
    """The smoothness of f for that in expectation."""
    bound = claim.bound
    return replace(claim, bound=lambda c, t: bound(replace(c, L_expected=c.L_f), t))


def _interpolation() -> Iterator[Control]:
    """The constant 2/3 and the L in it."""
    parabola = line(instances.parabola(), SPS_STAR, 12)
    for claim_id in ("sps.smooth.interp_sharp", "sps.smooth.interp_sum"):
        yield Control(
            claim_id=claim_id,
            label="0.66 for 2/3 (x^2/2)",
            setting=parabola,
            sharpen=0.99,
        )
        yield Control(
            claim_id=claim_id,
            label="D ten percent too small (x^2/2)",
            setting=shrunk(parabola),
        )
    yield Control(
        claim_id="sps.smooth.expected",
        label="bound times 0.33 (x^2/2)",
        setting=parabola,
        sharpen=0.33,
    )
    yield Control(
        claim_id="sps.smooth.expected",
        label="L_f for L_e (SPARSE-QUAD(0.1))",
        setting=line(instances.sparse_quad(0.1), SPS_STAR, 12),
        change=_smoothness_of_f,
    )
    uneven = line(instances.coord_quad(10.0, 0.1), SPS_STAR, 10)
    yield Control(
        claim_id="sps.smooth.interp_sharp",
        label="L_mean for L_max (COORD-QUAD(10, 0.1))",
        setting=replace(uneven, x0=np.array([1.0, 0.0])),
        change=_mean_smoothness,
    )


def _iam() -> Iterator[Control]:
    """How close IAM comes to L D^2/T on a parabola at T = 100."""
    hundred = line(instances.parabola(), IAM_P, 100)
    for claim_id, factor in (
        ("iam.smooth.sharp", 0.7235),
        ("iam.smooth.interp", 0.7235),
        ("iam.smooth.last", 0.6350),
    ):
        yield Control(
            claim_id=claim_id,
            label=f"bound times {factor:g}, T = 100 (x^2/2)",
            setting=hundred,
            sharpen=factor,
        )
    yield Control(
        claim_id="iam.smooth.quadratic_closed_form",
        label="IAM, lambda_t = t + 1 (x^2/2)",
        setting=line(instances.parabola(), IAM_P, 12, OFF_BY_ONE),
    )
    yield Control(
        claim_id="iam.smooth.quadratic_from_below",
        label="SPS*, which is linear (x^2/2)",
        setting=line(instances.parabola(), IAM_P, 12, SPS_STAR),
    )


def _faster(claim: Claim) -> Claim:
    """0.76 for 3/4 in the linear rate."""
    return replace(claim, bound=lambda c, t: (1.0 - 0.76 * c.mu / c.L) ** t)


def _twice_the_growth(claim: Claim) -> Claim:
    """2 mu for mu."""
    bound = claim.bound
    return replace(claim, bound=lambda c, t: bound(replace(c, mu=2.0 * c.mu), t))


def _both_signs(claim: Claim) -> Claim:
    """2 kappa for kappa."""
    bound = claim.bound
    return replace(claim, bound=lambda c, t: bound(replace(c, kappa=2.0 * c.kappa), t))


def _strong() -> Iterator[Control]:
    """Linear rates that are attained."""
    yield Control(
        claim_id="sps.strong.smooth_interp",
        label="0.76 for 3/4 (COORD-QUAD(1, 1))",
        setting=line(instances.coord_quad(1.0, 1.0), SPS_STAR, 10),
        change=_faster,
    )
    yield Control(
        claim_id="sps.strong.smooth_noise_recursion",
        label="mu twice too large (COORD-QUAD(1, 1))",
        setting=line(instances.coord_quad(1.0, 1.0), SPS_STAR, 10),
        change=_twice_the_growth,
    )
    yield Control(
        claim_id="sps.noise_linear.smooth",
        label="E|<h, v>| for E<h, v>_+ ((x -+ 1)^2/2)",
        setting=line(instances.split_squares(), SPS_STAR, 6),
        change=_both_signs,
    )
    yield Control(
        claim_id="sps.noise_linear",
        label="bound one percent lower (|x -+ 2|)",
        setting=line(instances.split_abs(2.0), SPS_STAR, 8),
        sharpen=0.99,
    )
