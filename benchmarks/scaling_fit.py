r"""Fits of scaling laws to runs made from the published law, with 0.5 % noise.

    python benchmarks/scaling_fit.py [--quick]

(1) Supervised: 73 runs, fitted on L >= 2.2 and on all, over noise seeds; accepted if
the largest error on what was held out, without noise, is < 3 % and |a - .514| < .05, or
for all runs < 1 % and .04. Huber's sum as published, and least squares. (2) Singular
values of the relative Jacobian of 567 distilled runs at the published coefficients.
(3) All other coefficients refitted at fixed c1. (4) Predictions and combinations over
noise seeds. (5) How often 90 % intervals of what is printed hold the truth. (6) Seconds
of the bootstrap, and of L-BFGS-B beside the descent that is used.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from synthetic.scaling.fit_design import distilled_runs, supervised_runs
from synthetic.scaling.fit_estimate import estimates
from synthetic.scaling.fit_identify import geometry, held, noise_of, quantities
from synthetic.scaling.fit_law import LINEAR, Form, Runs, log_of_student, row
from synthetic.scaling.fit_minimise import descend, polish
from synthetic.scaling.fit_resample import resample
from synthetic.scaling.fit_start import Fit, fit, problem_of, screened
from theory.scaling_coefficients import PUBLISHED

FloatArray = NDArray[np.float64]

C1 = 6
SUPERVISED, DISTILLED = row(PUBLISHED.supervised), row(PUBLISHED.distilled)
TRUTH = {Form.SUPERVISED: SUPERVISED, Form.DISTILLATION: DISTILLED}
MAKE = {Form.SUPERVISED: supervised_runs, Form.DISTILLATION: distilled_runs}


def exponent(found: Fit) -> float:
    """Distance of a from that of the published coefficients, as rounded."""
    return abs(float(quantities(found.form, found.theta)["a"]) - 0.514)


def squares(found: Fit, runs: Runs) -> Fit:
    """The least-squares fit, from that of Huber's sum."""
    return replace(found, problem=replace(found.problem, delta=10.0)).on(runs)


def recipe(seeds: int) -> None:
    """(1)."""
    rows: dict[str, list[tuple[float, float]]] = {}
    exact = supervised_runs(0, 0.0)
    for seed in range(seeds):
        runs = supervised_runs(seed)
        # Which runs are fitted is decided by their true loss: the same for all seeds.
        kept = exact.log_loss >= np.log(2.2)
        for what, some, tried in (
            ("L >= 2.2", runs.select(kept), exact.select(~kept)),
            ("all", runs, exact),
        ):
            found = fit(Form.SUPERVISED, some)
            for name, one in (("Huber", found), ("squares", squares(found, some))):
                error = float(np.abs(one.errors(tried)).max())
                rows.setdefault(f"{what}, {name}", []).append((error, exponent(one)))
    for name, pairs in rows.items():
        error, off = np.array(pairs).T
        limits = (0.03, 0.05) if "2.2" in name else (0.01, 0.04)
        passed = int(((error < limits[0]) & (off < limits[1])).sum())
        print(
            f"(1) {name}: {passed} of {seeds} accepted ({limits[0]:.0%}, "
            f"{limits[1]}); largest error: median {np.median(error):.2%}, worst "
            f"{error.max():.2%}; |a - .514|: median {np.median(off):.3f}, worst "
            f"{off.max():.3f}"
        )


def jacobian() -> None:
    """(2)."""
    runs = distilled_runs(0, 0.0)
    slopes = log_of_student(DISTILLED[None], runs)[1][0]
    slopes[:, LINEAR] *= DISTILLED[LINEAR]
    _, values, directions = np.linalg.svd(slopes, full_matrices=False)
    print("(2)", len(runs), "runs:", ", ".join(f"{value:.2g}" for value in values))
    names = ("A'", "B'", "alpha'", "beta'", "gamma'", "c0", "c1", "f1", "d1")
    for value, direction in zip(values[-4:], directions[-4:], strict=True):
        order = np.argsort(-np.abs(direction))[:3]
        parts = ", ".join(f"{names[k]} {direction[k]:+.2f}" for k in order)
        print(f"    {value:.2g}: {parts}")


def fixed(seed: int) -> None:
    """(3)."""
    found = fit(Form.DISTILLATION, distilled_runs(seed))
    values = np.array([1.5, 5.0, 20.0, 100.0, 522.6, 5000.0])
    ends, _ = held(found, C1, np.log(values))
    for c1, theta in zip(values, ends, strict=True):
        at = replace(found, theta=theta)
        q = {name: float(v) for name, v in quantities(found.form, theta).items()}
        rms = np.sqrt(np.mean(at.residuals**2))
        print(
            f"(3) c1 = {c1:g}: rms {rms:.5f}, d1 {q['d1']:.3f}, f1 {q['f1']:.4f}, "
            f"kappa {q['kappa']:.4g}, transition {q['transition']:.4f}, "
            + ", ".join(f"{name} {q[name]:.2g}" for name in ("A'", "B'", "gamma'"))
        )


def predictions(seeds: int) -> None:
    """(4)."""
    exact = distilled_runs(0, 0.0)
    errors, rows = [], []
    for seed in range(seeds):
        found = fit(Form.DISTILLATION, distilled_runs(seed))
        errors.append(np.abs(found.errors(exact)).max())
        rows.append(found.theta)
    print(f"(4) {seeds} seeds: largest error of predictions {max(errors):.2%}")
    for name, value in quantities(Form.DISTILLATION, np.array(rows)).items():
        print(f"    {name}: {value.min():.4g} to {value.max():.4g}")


def coverage(form: Form, seeds: int, draws: int) -> None:
    """(5)."""
    inside: dict[str, list[bool]] = {}
    truth = quantities(form, TRUTH[form])
    for seed in range(seeds):
        found = fit(form, MAKE[form](seed))
        noise = noise_of(found)
        rows = resample(found, draws, (seed, 0))
        for e in estimates(found, noise, geometry(found, noise), rows):
            held_in = e.interval[0] <= float(truth[e.name]) <= e.interval[1]
            inside.setdefault(e.name, []).append(held_in)
            if e.value is not None:
                inside.setdefault(f"{e.name} printed", []).append(held_in)
    for name, found_in in inside.items():
        print(f"(5) {form}, {name}: {sum(found_in)} of {len(found_in)}")


def timed() -> None:
    """(6)."""
    runs, students = supervised_runs(0), distilled_runs(0)
    start = time.perf_counter()
    found = fit(Form.DISTILLATION, students)
    print(f"(6) fit of {len(students)} runs: {time.perf_counter() - start:.1f} s")
    start = time.perf_counter()
    resample(found, 1000, (0, 0))
    print(f"(6) 1000 resamples: {time.perf_counter() - start:.1f} s")
    for form, data in ((Form.SUPERVISED, runs), (Form.DISTILLATION, students)):
        problem, ones = problem_of(form, data), np.ones(len(data))
        starts = screened(form, problem)[::4]
        start = time.perf_counter()
        _, down = descend(problem, starts, ones)
        between = time.perf_counter()
        low = np.array([polish(problem, theta, ones)[1] for theta in starts])
        after = time.perf_counter()
        best = min(down.min(), low.min())
        print(
            f"(6) {form}, {len(starts)} starts: descent {between - start:.2f} s, "
            f"{np.sum(down < best * 1.0001)} within 1e-4 of the least sum; L-BFGS-B "
            f"{after - between:.2f} s, {np.sum(low < best * 1.0001)}"
        )


def main() -> None:
    """Run all of it, or a few seeds of each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a few seeds")
    quick = parser.parse_args().quick
    jacobian()
    fixed(0)
    recipe(4 if quick else 40)
    predictions(2 if quick else 12)
    coverage(Form.SUPERVISED, 4 if quick else 40, 200)
    coverage(Form.DISTILLATION, 1 if quick else 20, 200)
    timed()


if __name__ == "__main__":
    main()
