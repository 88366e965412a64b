"""What the claims about scaling laws must refute."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from synthetic.catalogue.entry import Control
from synthetic.scaling import catalogue, catalogue_teacher as teachers, meters_teacher
from synthetic.scaling.desk_setting import ScalingSetting
from theory.scaling import Limits
from theory.scaling_coefficients import PUBLISHED
from theory.scaling_flops import CRUDE
from theory.scaling_law import Distilled, Law


def with_student(**changes: float) -> Law:
    """The published law with other coefficients of the student's."""
    return PUBLISHED._replace(distilled=PUBLISHED.distilled._replace(**changes))


Q: Distilled = PUBLISHED.distilled
SWAPPED = with_student(alpha=Q.beta, beta=Q.alpha)
NO_C0 = with_student(c0=0.0)
NO_D1 = with_student(log_d1=0.0)
NO_U = with_student(c0=0.0, c1=0.0)


def controls() -> Iterator[Control]:
    """Every control."""
    yield from _losses()
    yield from _teachers()
    yield from _plans()
    yield from _kernel()


def _wrong(
    claim: str, label: str, setting: ScalingSetting, sharpen: float = 1.0
) -> Control:
    return Control(
        claim_id=f"scaling.{claim}", label=label, setting=setting, sharpen=sharpen
    )


def _losses() -> Iterator[Control]:
    table, fixed = catalogue.losses(), teachers.fixed()
    changed = (
        ("alpha' and beta' swapped", SWAPPED),
        ("without c0", NO_C0),
        ("L_T/Lt without d1", NO_D1),
    )
    for label, law in changed:
        yield _wrong("sane_losses", label, replace(table, law=law))
        yield _wrong("crossover_fixed", label, replace(fixed, law=law))
    yield _wrong("sane_losses", "embeddings counted", replace(table, is_total=True))
    yield _wrong("crossover_fixed", "embeddings counted", replace(fixed, is_total=True))
    flops = catalogue.flops()
    yield _wrong("flops.table13", "F = 2N", replace(flops, architecture=CRUDE))
    yield _wrong("flops.table13", "embeddings counted", replace(flops, is_total=True))
    points = catalogue.points(2000)
    yield _wrong("infinite_student", "a tenth below", points, 0.9)
    stronger = replace(points, law=with_student(c1=-Q.c1))
    yield _wrong("infinite_student", "c1 with the wrong sign", stronger)
    yield _wrong("random_teacher", "a tenth below", points, 0.9)
    later = replace(points, law=with_student(log_d1=Q.log_d1 + 0.7))
    yield _wrong("random_teacher", "d1 twice as large", later)
    yield _wrong("student_above_teacher", "one percent above", points, 0.99)
    growth = catalogue.growth(2000)
    yield _wrong("monotone_student", "a percent faster", growth, 0.99)
    weaker = replace(growth, law=with_student(c1=-Q.c1))
    yield _wrong("monotone_student", "c1 with the wrong sign", weaker)
    ratio = catalogue.transition()
    half = replace(ratio, columns={"ratio": ratio.columns["ratio"][:1]})
    yield _wrong("transition_ratio", "d1 = 1", replace(half, law=NO_D1))
    other = replace(half, law=with_student(f1=2 * Q.f1))
    yield _wrong("transition_ratio", "f1 twice as large", other)
    spread = catalogue.spread()
    yield _wrong("identifiability", "half of the bound", spread, 0.5)
    exponents = catalogue.exponents()
    columns = exponents.columns
    columns = {**columns, "alpha": columns["beta"], "beta": columns["alpha"]}
    swapped = replace(exponents, columns=columns)
    yield _wrong("compute_exponents", "alpha and beta swapped", swapped)


def _teachers() -> Iterator[Control]:
    students = teachers.curves(100)
    flat = replace(students, law=NO_U)
    yield _wrong("capacity_gap", "c0 = c1 = 0: no U", flat)
    yield _wrong("capacity_gap.one_turn", "no turn allowed", students, 0.5)
    yield _wrong("capacity_gap.better_than_alone", "by a tenth", students, 0.9)
    sizes = teachers.sizes()
    for label, law in (("without c0", NO_C0), ("L_T/Lt without d1", NO_D1)):
        yield _wrong("capacity_gap_size", label, replace(sizes, law=law))
    yield _wrong("capacity_gap_size.visible", "at 20 tokens too", sizes)
    trend = teachers.slopes()
    yield _wrong("optimal_teacher_trend", "the power 0.12", trend, 0.0)
    yield _wrong("infinite_data", "to half a percent", teachers.everything(), 0.5)
    name = "supervised_catches_up"
    for N in (1e8, 3e10, 1e11):
        chase = replace(teachers.chase((N,)), name=f"chase at {N:g}")
        yield _wrong(name, f"exactly at N = {N:g}", chase)
    smallest = replace(teachers.chase((1e11,)), name="chase at 1e11, to 0.5 %")
    yield _wrong(f"{name}.one_percent", "half a percent", smallest, 1.0 - 4e-3)
    growth = teachers.growing()
    rows = {name: column[:6] for name, column in growth.columns.items()}
    finite = {name: column[1:4] for name, column in rows.items()}
    exact = replace(growth, columns={**finite, "tolerance": (0.0,) * 3})
    yield _wrong("crossover_grows", "exactly", exact)
    yield from _costs()
    one = replace(growth, columns={**rows, "tolerance": (0.01,) * 6})
    yield _wrong("crossover_grows.one_percent_large", "at every size", one)
    much = replace(
        teachers.everything(), name="much data", columns={"N": (1e9,), "D": (1e14,)}
    )
    yield _wrong("modest_tokens_favour_distillation", "with 1e14 tokens", much)


def _third(setting: ScalingSetting) -> Mapping[str, Limits]:
    """The factor 3 of a training step forgotten."""
    found = meters_teacher.COSTS.measure(setting)["crossover_flops"]
    return {"crossover_flops": Limits(found.low / 3.0, found.high / 3.0)}


def _costs() -> Iterator[Control]:
    name, costs = "crossover_flops", teachers.costs()
    yield _wrong(name, "F = 2N", replace(costs, architecture=CRUDE))
    forgotten = replace(costs.meter, measure=_third)
    yield _wrong(name, "the factor 3 forgotten", replace(costs, meter=forgotten))
    for label, law in (("alpha' and beta' swapped", SWAPPED), ("without c0", NO_C0)):
        yield _wrong(name, label, replace(costs, law=law))


def _plans() -> Iterator[Control]:
    name = "teacher_training_never_pays"
    corners = [(1e10, 1e20, 1.0, 1.0), (1e10, 1e20, 0.0, 1.0), (3e8, 1e22, 0.0, 1.0)]
    for row in corners:
        label = f"N = {row[0]:g}, C = {row[1]:g}, inference {row[2]:g}"
        columns = catalogue.by_column([row], catalogue.BUDGET)
        corner = replace(catalogue.budgets(6.0), name=label, columns=columns)
        yield _wrong(name, label, corner)
    free = catalogue.by_column([(1e9, 1e22, 0.0, 1e-3)], catalogue.BUDGET)
    shared = replace(catalogue.budgets(6.0), name="shared", columns=free)
    yield _wrong(name, "a teacher of 1000 students", shared)
    order = catalogue.order()
    a, b = (
        ("cheap_inference", "cheap_pretraining"),
        ("dear_inference", "dear_pretraining"),
    )
    columns = dict(order.columns)
    for one, two in zip(a, b, strict=True):
        columns[one], columns[two] = columns[two], columns[one]
    yield _wrong(
        "order_of_scenarios", "the wrong way round", replace(order, columns=columns)
    )
    shares = catalogue.shares()
    yield _wrong("allocation_table3", "the fourth row too", shares)
    yield _wrong("teacher_size_plateau", "at most 3.4 times", catalogue.ratios(), 0.68)


def _kernel() -> Iterator[Control]:
    kernel = catalogue.kernel(200)
    yield _wrong("kernel_ushape.falls", "for m >= n too", kernel)
    yield _wrong("kernel_ushape.level", "for every m", kernel)
    yield _wrong("kernel_ushape.rises", "from m = n + 1 on", kernel)
    short = tuple(0.9 * a for a in kernel.columns["a_k"])
    wrong = replace(kernel, columns={**kernel.columns, "a_k": short})
    yield _wrong("kernel_ushape.formula", "the student's norm a tenth short", wrong)
