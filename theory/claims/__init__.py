"""All claims, in the order of the theorem sheets; `find` selects by pattern."""

import difflib
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase

from theory.claim import Claim
from theory.claims.iam import CLAIMS as IAM
from theory.claims.inexact import CLAIMS as INEXACT
from theory.claims.sps import CLAIMS as SPS
from theory.errors import InputError

CLAIMS: Mapping[str, Claim] = {
    claim.id: claim for claims in (SPS, IAM, INEXACT) for claim in claims
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
