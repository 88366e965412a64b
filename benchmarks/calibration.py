"""How often Monte Carlo's verdicts are false, and how soon violations are caught.

    python benchmarks/calibration.py [--seed N] [--out FILE] [--small]

Rows are saved as they are finished; a run that was cut short goes on. `--small` runs a
tenth of the runs, to try it. Exit code 1 if a rate of error is above its alpha.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import Any

from synthetic.calibration import rows as table, saved
from synthetic.calibration.sources import sources

HOME = Path(__file__).resolve().parents[1]
SAVED = HOME / "figures" / "saved" / "calibration.json"
SMALL = table.Sizes(many=2000, few=100)


def told(row: dict[str, Any]) -> str:
    """One line of the table for each alpha."""
    lines = [f"{row['kind']}: {row['source']}, left-hand side {row['factor']:g} bound"]
    lines[0] += f", {row['runs']} runs of {row['replicas']}, K = {len(row['times'])}"
    for result in row["results"]:
        low, high = result["refuted_limits"]
        half, most = (
            saved.replicas_for(row, result["alpha"], share) for share in (0.5, 0.9)
        )
        lines.append(
            f"    alpha {result['alpha']:g}: refuted {result['refuted']} "
            f"[{low:.2g}, {high:.2g}], holds {result['holds']} (at most "
            f"{result['holds_limits'][1]:.2g}); half decided by "
            f"{half}, nine in ten by "
            f"{most}"
        )
    rates = ", ".join(
        f"{rule}: {count / row['runs']:.3f}"
        for rule, count in row["comparison"].items()
    )
    same = row["by_limits"]
    lines.append(f"    for comparison: {rates}")
    lines.append(f"    by limits: {same['same']} of {same['runs']} the same")
    return "\n".join(lines)


def main() -> None:
    """Fill the table and print it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=SAVED)
    parser.add_argument("--small", action="store_true")
    asked = parser.parse_args()
    command = f"python benchmarks/calibration.py --seed {asked.seed}"
    head = saved.header(command + " --small" * asked.small, asked.seed)
    wanted = table.rows(
        list(sources().values()), SMALL if asked.small else table.Sizes()
    )
    start = time.perf_counter()

    def tell(row: dict[str, Any]) -> None:
        print(f"{time.perf_counter() - start:7.1f} s  {told(row)}", flush=True)

    faults = saved.errors(saved.fill(asked.out, head, wanted, tell))
    print("\n".join(f"MISCALIBRATED {fault}" for fault in faults) or "all calibrated")
    sys.exit(bool(faults))


if __name__ == "__main__":
    main()
