r"""What `ratecheck hunt` reaches: the ratio on every bound that is tight, refutations.

    OMP_NUM_THREADS=1 python benchmarks/hunt.py [--budget 120] [--json FILE] [CLAIM ...]

Every claim that calls its bound tight at T >= 4 (`Claim.tight`), and every false one:
the ratio that the search reached, that of the shrunk instance (what the exact engine
says), seconds and instances. Two processes of one thread. The exit code is 1 if a tight
bound is not reached to 0.99, a false statement not refuted, or a true one is.
"""

from __future__ import annotations

import argparse
import json
import platform
import sys
from pathlib import Path
from typing import Any

from synthetic.hunt.quest import quest
from synthetic.hunt.report import hunt
from synthetic.hunt.search import Effort
from theory import claims as registry
from theory.files import write
from theory.judge import Status

TIGHT = (
    "sps.fejer.sum",
    "sps.master.average",
    "sps.master.iterate",
    "sps.master.best",
    "sps.lipschitz.average",
    "sps.lipschitz.iterate",
    "sps.lipschitz.best",
    "sps.lipschitz.minimax",
    "sps.lastiterate.sum",
    "sps.master.active",
    "sps.smooth.interp_sharp",
    "sps.smooth.interp_sum",
    "sps.strong.smooth_interp",
    "sps.noise_linear",
    "iam.fejer.sum",
    "iam.lipschitz.last",
    "iam.lipschitz.last_bregman",
    "iam.lipschitz.last_c_sharp",
    "iam.lipschitz.constant_lambda",
    "iam.lipschitz.constant_lambda_bregman",
    "iam.lipschitz.schedule",
    "iam.lipschitz.schedule_last",
    "iam.smooth.quadratic_closed_form",
    "iam.smooth.quadratic_from_below",
    "sps.over.lipschitz",
    "sps.over.bounded",
    "sps.under.equal_norms",
    "iam.precond.nonincreasing",
    "iam.precond.multiplicative",
)
"""Claims of which an instance attains the bound at T >= 4, or tends to it."""

FALSE = tuple(
    claim.id for claim in registry.POLYAK.values() if claim.expected is Status.REFUTED
)
GOAL = 0.99


def row(claim_id: str, budget: float) -> dict[str, Any]:
    """One hunt as plain values."""
    found = hunt(quest(claim_id), Effort(budget=budget))
    setting = found.trophy.setting
    print(
        f"{claim_id:38} {found.status.value:8} {found.found.ratio:11.6f} "
        f"{found.trophy.ratio:11.6f} T={found.trophy.quest.horizon} "
        f"n={setting.problem.num_components} d={setting.problem.dim} "
        f"{found.found.seconds:6.1f} s {found.found.evaluations:7d}",
        flush=True,
    )
    return {
        "claim": claim_id,
        "status": found.status.value,
        "found": found.found.ratio,
        "shrunk": found.trophy.ratio,
        "digits": found.checked.digits,
        "points": found.trophy.quest.horizon,
        "components": setting.problem.num_components,
        "dimensions": setting.problem.dim,
        "seconds": round(found.found.seconds, 1),
        "evaluations": found.found.evaluations,
        "instance": found.words(),
    }


def is_good(found: dict[str, Any]) -> bool:
    """Is a tight bound reached, or a false statement refuted?"""
    if found["claim"] in FALSE:
        return bool(found["status"] == Status.REFUTED.value)
    reached = max(found["found"], found["shrunk"]) >= GOAL
    return bool(reached and found["status"] == Status.HOLDS.value)


def main() -> None:
    """Print the table and write it, if asked to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("claims", nargs="*")
    parser.add_argument("--budget", type=float, default=120.0)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    rows = [row(one, options.budget) for one in options.claims or (*FALSE, *TIGHT)]
    bad = [found["claim"] for found in rows if not is_good(found)]
    print(f"{len(rows) - len(bad)} of {len(rows)} reached. {', '.join(bad)}")
    if options.json is not None:
        record = {"python": platform.python_version(), "budget": options.budget}
        text = json.dumps(record | {"rows": rows, "short": bad}, indent=1)
        write(options.json, (text + "\n").encode())
    sys.exit(bool(bad))


if __name__ == "__main__":
    main()
