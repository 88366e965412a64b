"""Worst cases: gradient descent against PEPit in one run, and tables of Polyak steps.

    OMP_NUM_THREADS=1 python benchmarks/worst_case.py [--repeats N] [--steps N ...]

Both solve max f(x_N) - f_* over convex 1-smooth functions and steps of 1/L, whose value
is 1 / (4 N + 2); each time is that of building the program and solving it, the two in
turn. PEPit is no dependency of this package: install it where this runs. `--tables`
prints values of SPS* and IAM by two programs in place of the timings.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import time
from collections.abc import Callable
from dataclasses import replace

from benchmarks.timing import cell, ratio
from theory.schedules import C_CONVENTION, P_CONVENTION
from theory.worst_case import verifier
from theory.worst_case.gradient import Use, gradient_descent
from theory.worst_case.known import WORST_CASES, prove
from theory.worst_case.lift import Class, Measure, Run, lift
from theory.worst_case.solve import solve
from theory.worst_case.star import star

PEPIT_UP_TO = 40


def ours(steps: int, use: Use) -> float:
    """The upper bound that this package computes."""
    return solve(gradient_descent(steps, use=use)).dual


def pepit(steps: int) -> float:
    """The same by PEPit's modelling and Clarabel."""
    from PEPit import PEP  # noqa: PLC0415
    from PEPit.functions import SmoothConvexFunction  # noqa: PLC0415

    problem = PEP()
    function = problem.declare_function(SmoothConvexFunction, L=1.0)
    star = function.stationary_point()
    x = problem.set_initial_point()
    problem.set_initial_condition((x - star) ** 2 <= 1)
    for _ in range(steps):
        x = x - function.gradient(x)
    problem.set_performance_metric(function(x) - function(star))
    with contextlib.redirect_stdout(io.StringIO()):
        value = problem.solve(verbose=0, solver="CLARABEL")
    return float(value)


def timed(run: Callable[[], float]) -> tuple[float, float]:
    """The result, and the milliseconds that it took."""
    begin = time.perf_counter()
    value = run()
    return value, (time.perf_counter() - begin) * 1e3


def compare(steps: int, repeats: int) -> None:
    """One line of the table: milliseconds, ratios and relative errors."""
    exact = 1 / (4 * steps + 2)
    runs = {
        "path": lambda: ours(steps, "path"),
        "all": lambda: ours(steps, "all"),
        "PEPit": lambda: pepit(steps),
    }
    if steps > PEPIT_UP_TO:
        del runs["PEPit"], runs["all"]
    times: dict[str, list[float]] = {name: [] for name in runs}
    errors = {}
    for repeat in range(repeats + 1):  # the first is a warm-up
        for name, run in runs.items():
            value, milliseconds = timed(run)
            errors[name] = value / exact - 1
            if repeat:
                times[name].append(milliseconds)
    for name, samples in times.items():
        faster = f"{ratio(times['PEPit'], samples)} x" if "PEPit" in runs else ""
        print(f"{steps:5} {name:6} {cell(samples):28} {faster:>9} {errors[name]:10.1e}")


COLUMNS = (
    ("SPS* mean L", Run(2, Class.LIPSCHITZ, Measure.AVERAGE)),
    ("IAM-P last L", Run(2, Class.LIPSCHITZ, Measure.LAST, P_CONVENTION)),
    ("SPS* mean S", Run(2, Class.SMOOTH, Measure.AVERAGE)),
    ("IAM-P last S", Run(2, Class.SMOOTH, Measure.LAST, P_CONVENTION)),
    ("SPS* last L", Run(2, Class.LIPSCHITZ, Measure.LAST)),
    ("IAM-C last L", Run(2, Class.LIPSCHITZ, Measure.LAST, C_CONVENTION)),
    ("IAM-C last S", Run(2, Class.SMOOTH, Measure.LAST, C_CONVENTION)),
    ("SPS* last S", Run(2, Class.SMOOTH, Measure.LAST)),
)
"""The first four also by the minimiser's inequalities alone (`star`)."""


def tables() -> None:
    """Factors of G D / sqrt(T) and of L D^2 / T, with the seconds for each row."""
    print("program T  " + "  ".join(name for name, _ in COLUMNS) + "  seconds")
    for points in (2, 3, 4, 5, 8, 10):
        cells, seconds = [], time.perf_counter()
        for name, run in COLUMNS:
            found = solve(lift(replace(run, points=points))).dual
            cells.append(f"{found:{len(name)}.6f}")
        print(f"lift {points:4}  {'  '.join(cells)}  {_since(seconds)}")
    for points in (1, 2, 3, 4, 5, 8, 16, 32):
        cells, seconds = [], time.perf_counter()
        for name, run in COLUMNS[:4]:
            found = star(replace(run, points=points)).dual
            cells.append(f"{found:{len(name)}.6f}")
        print(f"star {points:4}  {'  '.join(cells)}  {_since(seconds)}")


def _since(begin: float) -> str:
    return f"{time.perf_counter() - begin:.2f}"


def proofs() -> None:
    """Exact proofs: bound, bytes, and the seconds to find and to check them."""
    print(
        "\nworst case                 T  bound                    bytes  found  checked"
    )
    for case in WORST_CASES:
        for points in (2, 3, 4, 5, 10):
            begin = time.perf_counter()
            proof = prove(case, points)
            text = verifier.write(proof.certificate)
            middle = time.perf_counter()
            assert verifier.verify(text).accepted
            checked = time.perf_counter() - middle
            print(
                f"{case.id:25} {points:2}  {proof.certificate.bound!s:24} "
                f"{len(text):5}  {middle - begin:.3f}  {checked:.3f}"
            )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tables", action="store_true")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--steps", type=int, nargs="+", default=[5, 10, 20, 40, 80])
    options = parser.parse_args()
    if options.tables:
        tables()
        proofs()
        return
    print("steps pairs  ms: median (range)               faster      error")
    for steps in options.steps:
        compare(steps, options.repeats)


if __name__ == "__main__":
    main()
