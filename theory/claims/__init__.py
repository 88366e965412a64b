"""All claims, system by system; `find` selects by pattern."""

import difflib
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase

from theory.claim import Claim
from theory.claims.batches import CLAIMS as BATCHES
from theory.claims.capped import CLAIMS as CAPPED
from theory.claims.deviations_filters import CLAIMS as DEVIATIONS_FILTERS
from theory.claims.deviations_functions import CLAIMS as DEVIATIONS_FUNCTIONS
from theory.claims.deviations_loops import CLAIMS as DEVIATIONS_LOOPS
from theory.claims.deviations_risk import CLAIMS as DEVIATIONS_RISK
from theory.claims.deviations_switching import CLAIMS as DEVIATIONS_SWITCHING
from theory.claims.iam import CLAIMS as IAM
from theory.claims.iam_constant import CLAIMS as IAM_CONSTANT
from theory.claims.iam_schedules import CLAIMS as IAM_SCHEDULES
from theory.claims.iam_smooth import CLAIMS as IAM_SMOOTH
from theory.claims.inexact import CLAIMS as INEXACT
from theory.claims.kd_compressed import CLAIMS as KD_COMPRESSED
from theory.claims.kd_exact import CLAIMS as KD_EXACT
from theory.claims.kd_gradient import CLAIMS as KD_GRADIENT
from theory.claims.kd_pl import CLAIMS as KD_PL
from theory.claims.kd_probes import CLAIMS as KD_PROBES
from theory.claims.kd_shifted import CLAIMS as KD_SHIFTED
from theory.claims.kd_sqc import CLAIMS as KD_SQC
from theory.claims.kd_weights import CLAIMS as KD_WEIGHTS
from theory.claims.parity_fourier import CLAIMS as PARITY_FOURIER
from theory.claims.parity_gap import CLAIMS as PARITY_GAP
from theory.claims.parity_labels import CLAIMS as PARITY_LABELS
from theory.claims.parity_network import CLAIMS as PARITY_NETWORK
from theory.claims.parity_samples import CLAIMS as PARITY_SAMPLES
from theory.claims.pcfg_engines import CLAIMS as PCFG_ENGINES
from theory.claims.pcfg_lengths import CLAIMS as PCFG_LENGTHS
from theory.claims.pcfg_windows import CLAIMS as PCFG_WINDOWS
from theory.claims.pep_lines import CLAIMS as PEP_LINES
from theory.claims.pep_runs import CLAIMS as PEP_RUNS
from theory.claims.precond import CLAIMS as PRECOND
from theory.claims.scaling_crossover import CLAIMS as SCALING_CROSSOVER
from theory.claims.scaling_law import CLAIMS as SCALING_LAW
from theory.claims.scaling_plan import CLAIMS as SCALING_PLAN
from theory.claims.scaling_teacher import CLAIMS as SCALING_TEACHER
from theory.claims.smooth import CLAIMS as SMOOTH
from theory.claims.sps import CLAIMS as SPS
from theory.claims.sps_sums import CLAIMS as SPS_SUMS
from theory.claims.strong import CLAIMS as STRONG
from theory.claims.under import CLAIMS as UNDER
from theory.errors import InputError

_IN_ORDER = (
    *(SPS, SPS_SUMS, SMOOTH, STRONG),
    *(IAM, IAM_CONSTANT, IAM_SCHEDULES, IAM_SMOOTH),
    *(INEXACT, UNDER, CAPPED, BATCHES, PRECOND),
)

POLYAK: Mapping[str, Claim] = {
    claim.id: claim for claims in _IN_ORDER for claim in claims
}
"""Claims about stochastic Polyak steps."""

DISTILLATION: Mapping[str, Claim] = {
    claim.id: claim
    for claims in (
        KD_GRADIENT,
        KD_PROBES,
        KD_SQC,
        KD_PL,
        KD_EXACT,
        KD_WEIGHTS,
        KD_SHIFTED,
        KD_COMPRESSED,
    )
    for claim in claims
}
"""Claims about distillation as variance reduction."""

PARITY: Mapping[str, Claim] = {
    claim.id: claim
    for claims in (
        PARITY_FOURIER,
        PARITY_GAP,
        PARITY_NETWORK,
        PARITY_SAMPLES,
        PARITY_LABELS,
    )
    for claim in claims
}
"""Claims about sparse parity."""

DEVIATIONS: Mapping[str, Claim] = {
    claim.id: claim
    for claims in (
        DEVIATIONS_LOOPS,
        DEVIATIONS_FUNCTIONS,
        DEVIATIONS_FILTERS,
        DEVIATIONS_RISK,
        DEVIATIONS_SWITCHING,
    )
    for claim in claims
}
"""Claims about how a student deviates from its teacher."""

SCALING: Mapping[str, Claim] = {
    claim.id: claim
    for claims in (SCALING_LAW, SCALING_TEACHER, SCALING_CROSSOVER, SCALING_PLAN)
    for claim in claims
}
"""Claims about scaling laws."""

PCFG: Mapping[str, Claim] = {
    claim.id: claim
    for claims in (PCFG_LENGTHS, PCFG_WINDOWS, PCFG_ENGINES)
    for claim in claims
}
"""Claims about context-free grammars and what predicts their masked tokens."""

PEP: Mapping[str, Claim] = {
    claim.id: claim for claims in (PEP_RUNS, PEP_LINES) for claim in claims
}
"""Claims about the worst function of a class, each with a certificate."""

SYSTEMS: Mapping[str, Mapping[str, Claim]] = {
    "polyak": POLYAK,
    "distillation": DISTILLATION,
    "parity": PARITY,
    "deviations": DEVIATIONS,
    "scaling": SCALING,
    "pcfg": PCFG,
    "pep": PEP,
}
"""Claims by the system that they speak of; `synthetic.catalogue` has one part each."""

CLAIMS: Mapping[str, Claim] = {
    claim_id: claim for claims in SYSTEMS.values() for claim_id, claim in claims.items()
}


def get(claim_id: str) -> Claim:
    """The claim with that id, or an error with the closest ids."""
    if claim_id not in CLAIMS:
        raise InputError(unknown(claim_id))
    return CLAIMS[claim_id]


def find(patterns: Iterable[str]) -> list[Claim]:
    """The claims that match any of the patterns: an id, a prefix, or with `*`."""
    patterns = list(patterns)
    if not patterns:
        return list(CLAIMS.values())
    for pattern in patterns:
        if not any(_matches(claim_id, pattern) for claim_id in CLAIMS):
            raise InputError(unknown(pattern))
    return [
        claim
        for claim_id, claim in CLAIMS.items()
        if any(_matches(claim_id, pattern) for pattern in patterns)
    ]


def covers(patterns: Iterable[str], claim_id: str) -> bool:
    """Would `find` return the claim of that id, were there one?"""
    patterns = list(patterns)
    return not patterns or any(_matches(claim_id, pattern) for pattern in patterns)


def unknown(name: str) -> str:
    """The message for a name that no claim has."""
    close = difflib.get_close_matches(name, CLAIMS, n=3, cutoff=0.3)
    hint = f"Closest: {', '.join(close)}." if close else ""
    return f"No claim matches {name!r}. {hint} `ratecheck list` shows all.".replace(
        "  ", " "
    )


def _matches(claim_id: str, pattern: str) -> bool:
    if pattern in CLAIMS:  # an id means itself, though it may be the prefix of others
        return claim_id == pattern
    return fnmatchcase(claim_id, pattern) or claim_id.startswith(pattern + ".")
