"""What `ratecheck kd` prints: the teachers, then the methods against plain SGD."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Literal

from rich.table import Table
from rich.text import Text

from synthetic.distillation import study_rows
from synthetic.distillation.study import Study
from synthetic.distillation.study_arms import SAFE, STAR, UNBIASED_STAR
from synthetic.distillation.study_bench import NETWORK_UNIT, Bench
from synthetic.distillation.study_intervals import Word
from synthetic.distillation.study_record import teachers
from synthetic.distillation.study_rows import Difference, Row
from synthetic.distillation.study_runs import GRADIENTS_PER_ROW, Kind

COLOURS = {Word.HELPS: "green", Word.HURTS: "magenta", Word.UNKNOWN: "yellow"}

WEIGHTS = {STAR: "λ*", SAFE: "safe λ", UNBIASED_STAR: "λ* (unbiased)"}

ROOMY, WIDE = 116, 186
"""Narrower than these, tables leave out what is in the JSON file as well."""


def data_lines(study: Study) -> Iterator[str]:
    """The data, how they are split and drawn."""
    split, request = study.split, study.request
    yield (
        f"{split.name}: {len(split.classes)} classes; rows: {len(split.train.a)} "
        f"training, {len(split.valid.a)} validation, {len(split.test.a)} test; "
        + "; ".join(split.notes)
    )
    how = "with" if request.replacement else "without"
    yield (
        f"batches of {request.batch} {how} replacement, {request.steps} steps, ridge "
        f"{request.ridge:g}, seed {request.seed}"
    )


def student_lines(bench: Bench) -> Iterator[str]:
    """The student, its minimiser with certificate, its constants."""
    yield f"Student {bench.name}: {bench.student.num_parameters} parameters"
    if bench.best is None or bench.smooth is None:
        yield (
            "no certified minimiser and no constants: the theorem does not apply, and "
            "no λ is computed. Step sizes are chosen by the validation loss."
        )
        return
    best, smooth = bench.best, bench.smooth
    yield (
        f"f* = {best.value:.10f}; ||grad f|| = {best.gradient_norm:.1e} at the "
        f"computed minimiser, so f - f* <= {best.gap:.1e} and "
        f"distance <= {best.distance:.1e}"
    )
    yield (
        f"mu = {smooth.mu:g}, L <= {smooth.L:.6g}, cL <= {smooth.cL:.6g}; the bound is "
        f"proved for γ <= 1/(8 cL) = {1.0 / (8.0 * smooth.cL):.4g}"
        + (f"; S2 = {bench.constants[0].S2:.6g}" if bench.constants else "")
    )


def teachers_table(bench: Bench, width: int) -> Table:
    """How good the teachers are, and what they bring to the bound."""
    table = Table(box=None, pad_edge=False)
    table.add_column("teacher", no_wrap=True)
    names = ["steps", "train objective", "test loss", "test error"]
    keys = ["Delta", "distance_sq", "G2", "H2", "c"][: 5 if width >= ROOMY else 1]
    keys = keys if bench.constants else []
    heads = {"Delta": "Δ", "distance_sq": "||θ-x*||²"}
    for name in names + [heads.get(key, key) for key in keys]:
        table.add_column(name, justify="right", no_wrap=True)
    for found in teachers(bench):
        measures, constants = found["measures"], found["constants"]
        cells = [str(found["steps"])]
        cells += [f"{measures[name]:.4f}" for name in names[1:3]]
        cells.append(_percent(measures["test error"]))
        cells += [f"{constants[key]:.3g}" for key in keys]
        table.add_row(found["name"], *cells)
    return table


def methods_table(bench: Bench, rows: list[Row], width: int) -> Table:
    """One row a method; the last column is the verdict on what decides."""
    measure = study_rows.first_measure(bench)
    title = {"gap": "f - f*"}.get(measure, measure)
    table = Table(box=None, pad_edge=False)
    columns = [column for column in _columns(bench, title) if width >= column[1]]
    for name, _, side, _ in columns:
        table.add_column(name, justify=side, no_wrap=True)
    for row in rows:
        table.add_row(*(cell(row) for _, _, _, cell in columns))
    return table


Column = tuple[str, int, Literal["left", "right"], Callable[[Row], str | Text]]
"""Its name, how wide a terminal it needs, its side, and a row's cell."""


def _columns(bench: Bench, title: str) -> list[Column]:
    measure = study_rows.first_measure(bench)
    other, head = "train objective", "train obj."
    if bench.best is not None:
        other, head = "distance_sq", "||x-x*||²"
    columns: list[Column] = [
        ("method", 0, "left", lambda row: row.arm.kind.value),
        ("teacher", 0, "left", lambda row: row.teacher or ""),
        ("λ", 0, "right", _weight),
        ("γ", ROOMY, "right", _gamma),
        ("gradients", WIDE, "right", lambda row: str(GRADIENTS_PER_ROW[row.arm.kind])),
        ("bound", WIDE, "right", _bound),
        (title, 0, "right", lambda row: f"{row.medians[measure]:.4g}"),
        ("less SGD's", ROOMY, "right", lambda row: _limits(row.first)),
        (head, WIDE, "right", lambda row: f"{row.medians[other]:.4g}"),
        ("test error", WIDE, "right", lambda row: _percent(row.medians["test error"])),
        ("less SGD's", WIDE, "right", lambda row: _percents(row.second)),
        ("test error is", ROOMY, "left", lambda row: _word(row.second)),
        (f"{title} is", 0, "left", lambda row: _word(row.first)),
    ]
    return columns if bench.smooth else [c for c in columns if c[0] != "bound"]


def _word(difference: Difference | None) -> Text:
    if difference is None:
        return Text()
    word = difference.median.word
    return Text(word.value, style=COLOURS[word])


def _gamma(row: Row) -> str:
    return f"{row.gamma:.3g}" + ("!" if row.at_edge else "")


def _weight(row: Row) -> str:
    if row.arm.kind is Kind.PLAIN:
        return ""
    if isinstance(row.arm.weight, str):
        return f"{WEIGHTS[row.arm.weight]} = {row.lam:.3g}"
    return f"{row.lam:g}"


def _bound(row: Row) -> str:
    if row.bound_ratio is None:
        return ""
    return f"x{row.bound_ratio:.3g}" + ("" if row.is_covered else "?")


def _percent(value: float) -> str:
    return f"{100.0 * value:.2f} %"


def _limits(difference: Difference | None) -> str:
    if difference is None:
        return ""
    return f"[{difference.median.low:+.2e}, {difference.median.high:+.2e}]"


def _percents(difference: Difference | None) -> str:
    if difference is None:
        return ""
    low, high = difference.median.low, difference.median.high
    return f"[{100.0 * low:+.2f}, {100.0 * high:+.2f}]"


def remarks(study: Study) -> Iterator[str]:
    """How to read the table, how it was tuned, what it does not say."""
    request = study.request
    grid = len(request.grid)
    yield (
        f"Every method: the same {grid} step sizes (--grid times 1/cL, for a network "
        f"times {NETWORK_UNIT:g}) on the same {request.tuning_seeds} tuning seeds, "
        f"{grid * request.tuning_seeds} runs, then {request.seeds} reporting seeds, "
        "disjoint from them, with the same samples for all methods. '!': the chosen "
        "step size is an end of the grid."
    )
    yield (
        f"Medians over seeds. 'less SGD's': the median of the paired differences to "
        f"plain SGD, by order statistics, exact for any distribution; "
        f"{study.num_comparisons} intervals share alpha = {request.alpha:g} "
        f"(Bonferroni: {study.alpha_each:.2g} each). The words come from the "
        "intervals, never from the medians; lower is better. Student's approximate "
        "intervals for the means are in the JSON file."
    )
    yield (
        "'gradients': evaluations a step over the batch size (SVRG's full one an epoch "
        "included); not the teacher's training. 'bound': the theorem's neighbourhood "
        "at this λ over that at λ = 0; '?': γ is beyond what the proof covers. Safe λ "
        "has a proof on least squares only. All "
        "statements are for these data, this split and these teachers."
    )
    for name, rows in study.rows.items():
        if rows[0].at_edge:
            yield (
                f"Plain SGD's step size for {name} is an end of the grid: another one "
                "may do better than what the methods are compared with. Widen --grid."
            )
    if request.seeds < study.fewest_seeds:
        yield (
            f"{request.seeds} seeds cannot tell anything at this alpha: need "
            f"{study.fewest_seeds} (--seeds)."
        )
    if study.interrupted:
        yield (
            f"Interrupted after {len(study.done)} of {study.num_units} units; the same "
            "command with the same --json file goes on from there."
        )
        return
    words = [row.word for rows in study.rows.values() for row in rows if row.word]
    counts = ", ".join(f"{words.count(word)} {word.value}" for word in Word)
    yield f"{len(words)} rows: {counts}; {study.seconds:.1f} s."
