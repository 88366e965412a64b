"""Every mutant, by its label."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from fnmatch import fnmatchcase

from synthetic.mutation import (
    wrong_constants,
    wrong_deviations,
    wrong_distillation,
    wrong_engines,
    wrong_formulas,
    wrong_parity,
    wrong_pcfg,
    wrong_scaling,
    wrong_statistics,
)
from synthetic.mutation.mutant import Mutant
from theory.errors import InputError

GROUPS: Mapping[str, tuple[Mutant, ...]] = {
    "statistics": wrong_statistics.MUTANTS,
    "formulas": wrong_formulas.MUTANTS,
    "constants": wrong_constants.MUTANTS,
    "engines": wrong_engines.MUTANTS,
    "distillation": wrong_distillation.MUTANTS,
    "parity": wrong_parity.MUTANTS,
    "deviations": wrong_deviations.MUTANTS,
    "scaling": wrong_scaling.MUTANTS,
    "grammars": wrong_pcfg.MUTANTS,
}
"""By part of the project."""

MUTANTS: Mapping[str, Mutant] = {
    mutant.label: mutant for group in GROUPS.values() for mutant in group
}


def find(pattern: str) -> list[Mutant]:
    """The mutants of a group, of a module, or whose label matches or contains it."""
    if not pattern:
        return list(MUTANTS.values())
    if pattern in GROUPS:
        return list(GROUPS[pattern])
    found = [
        mutant
        for mutant in MUTANTS.values()
        if pattern in mutant.label
        or fnmatchcase(mutant.label, pattern)
        or mutant.module == pattern
    ]
    if found:
        return found
    close = difflib.get_close_matches(pattern, [*GROUPS, *MUTANTS], n=3, cutoff=0.3)
    hint = f" Closest: {', '.join(close)}." if close else ""
    msg = f"No mutant matches {pattern!r}.{hint} Groups: {', '.join(GROUPS)}."
    raise InputError(msg)
