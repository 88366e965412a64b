"""Which settings each claim is tried on, and which controls it must refute."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cache

from synthetic.catalogue import exact, sampled, wide
from synthetic.catalogue.controls import controls
from synthetic.catalogue.entry import Catalogue
from synthetic.desk import Subject
from synthetic.deviations import (
    catalogue as deviations_catalogue,
    catalogue_risk as deviations_risk,
    controls as deviations_controls,
)
from synthetic.distillation import (
    catalogue_compressed,
    controls as distillation_controls,
    controls_compressed,
    controls_gradients,
)
from synthetic.distillation.catalogue import benches
from synthetic.distillation.catalogue_gradients import model_benches
from synthetic.parity import catalogue as parity_catalogue, controls as parity_controls
from synthetic.pcfg import catalogue as pcfg_catalogue, controls as pcfg_controls
from synthetic.scaling import (
    catalogue as scaling_catalogue,
    controls as scaling_controls,
)
from synthetic.setting import Setting
from synthetic.worst_case import (
    catalogue as worst_case_catalogue,
    controls as worst_case_controls,
)
from theory.claim import Claim
from theory.claims import SYSTEMS as SYSTEM_CLAIMS


@cache
def polyak_settings(tier: str = "quick") -> tuple[Setting, ...]:
    """The settings of SPS* and IAM."""
    return (*exact.settings(tier), *wide.settings(tier), *sampled.settings(tier))


@cache
def polyak(tier: str = "quick") -> Catalogue:
    """What claims about stochastic Polyak steps are tried on."""
    return Catalogue(polyak_settings(tier), controls())


@cache
def distillation(tier: str = "quick") -> Catalogue:
    """What claims about distillation are tried on."""
    return Catalogue(
        (
            *model_benches(tier),
            *benches(tier),
            *catalogue_compressed.benches(tier),
        ),
        (
            *controls_gradients.controls(),
            *distillation_controls.controls(),
            *controls_compressed.controls(),
        ),
    )


@cache
def parity(tier: str = "quick") -> Catalogue:
    """What claims about sparse parity are tried on."""
    return Catalogue(
        tuple(parity_catalogue.settings(tier)), tuple(parity_controls.controls())
    )


@cache
def deviations(tier: str = "quick") -> Catalogue:
    """What claims about student-teacher deviations are tried on."""
    return Catalogue(
        (*deviations_catalogue.settings(tier), *deviations_risk.settings(tier)),
        tuple(deviations_controls.controls()),
    )


@cache
def scaling(tier: str = "quick") -> Catalogue:
    """What claims about scaling laws are tried on."""
    return Catalogue(
        tuple(scaling_catalogue.settings(tier)), tuple(scaling_controls.controls())
    )


@cache
def pcfg(tier: str = "quick") -> Catalogue:
    """What claims about context-free grammars are tried on."""
    return Catalogue(
        tuple(pcfg_catalogue.settings(tier)), tuple(pcfg_controls.controls())
    )


@cache
def pep(tier: str = "quick") -> Catalogue:
    """What claims about worst cases are tried on."""
    return Catalogue(
        tuple(worst_case_catalogue.settings(tier)),
        tuple(worst_case_controls.controls()),
    )


SYSTEMS: Mapping[str, Callable[[str], Catalogue]] = {
    "polyak": polyak,
    "distillation": distillation,
    "parity": parity,
    "deviations": deviations,
    "scaling": scaling,
    "pcfg": pcfg,
    "pep": pep,
}
"""The catalogue of each system of `theory.claims`, in the order of its claims."""


@cache
def catalogue(tier: str = "quick") -> Catalogue:
    """The project's own settings and controls.

    Args:
        tier: "quick", or "full" with larger instances and more of them.

    """
    return _joined(tuple(part(tier) for part in SYSTEMS.values()))


def catalogue_of(claims: Iterable[Claim], tier: str = "quick") -> Catalogue:
    """The part of the catalogue that these claims may need, and no more."""
    ids = {claim.id for claim in claims}
    also = {"pep": worst_case_catalogue.certified()}  # claims of other systems
    needed = (
        system
        for system in SYSTEMS
        if ids & (SYSTEM_CLAIMS[system].keys() | also.get(system, frozenset()))
    )
    return _joined(tuple(SYSTEMS[system](tier) for system in needed))


def _joined(parts: tuple[Catalogue, ...]) -> Catalogue:
    settings: tuple[Subject, ...] = tuple(s for part in parts for s in part.settings)
    names = [setting.name for setting in settings]
    if len(set(names)) != len(names):
        twice = sorted({name for name in names if names.count(name) > 1})
        msg = f"Setting names must be unique, got {twice} more than once."
        raise ValueError(msg)
    return Catalogue(settings, tuple(c for part in parts for c in part.controls))
