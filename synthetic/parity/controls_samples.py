"""What the claims about queries, samples and students must refute."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np

from synthetic.cases.controls import stated
from synthetic.catalogue.entry import Control
from synthetic.parity import catalogue_samples as catalogue
from synthetic.parity.desk_labels import BracketCase, Half
from synthetic.parity.desk_sampled import TeacherCase
from synthetic.parity.exact_queries import QueryCase, parities
from theory.fourier import gap


def controls() -> Iterator[Control]:
    """Every control."""
    yield from _queries()
    yield from _searches()
    yield from _checkpoints()
    yield from _labels()
    yield from _students()


def _queries() -> Iterator[Control]:
    queries = catalogue.queries(7, 3)
    chi = catalogue.UNIT * parities(7, 3)
    high = QueryCase(7, 3, len(chi), Fraction(5, 4), "parity of size 3/2")
    flat = QueryCase(7, 3, 1, catalogue.ALMOST_ONE, "constant")
    large = replace(queries, cases=(high,), tables=(catalogue.labelled(3 * chi // 2),))
    whole = np.full((1, 2, 2**7), catalogue.UNIT)
    kept = replace(queries, cases=(flat,), tables=(whole,), is_centred=False)
    for name in ("parity.sq.parseval", "parity.sq.queries"):
        yield Control(
            claim_id=name, label="one percent below", setting=queries, sharpen=0.99
        )
        yield Control(claim_id=name, label="queries up to 3/2", setting=large)
        yield Control(
            claim_id=name,
            label="the answer for a fair label not taken off",
            setting=kept,
        )

    def linear(c: Any, excluded: int) -> Any:
        return excluded * c.v / c.queries

    yield Control(
        claim_id="parity.sq.queries",
        label="q/v for q/v^2",
        setting=catalogue.queries(9, 3),
        change=stated(linear, "sq_excluded"),
    )


def _searches() -> Iterator[Control]:
    name, trees = "parity.search.brute_force", catalogue.searches()
    yield Control(
        claim_id=name,
        label="one sample not looked at",
        setting=replace(trees, ignored=1),
    )
    yield Control(claim_id=name, label="half the bound", setting=trees, sharpen=0.5)
    yield Control(
        claim_id=name,
        label="half the bound, drawn",
        setting=catalogue.sampled_searches(2048),
        sharpen=0.5,
    )


def _checkpoints() -> Iterator[Control]:
    name, exact = "parity.mid_checkpoint.samples", catalogue.checkpoints()
    short = replace(exact, cases=exact.cases[1:])
    drawn = replace(catalogue.sampled_checkpoints(), runs=100)
    tenth, level = Fraction(1, 10), Fraction(1)
    yield Control(
        claim_id=name,
        label="a tenth of the labels",
        setting=replace(short, share=tenth),
    )
    yield Control(
        claim_id=name,
        label="a tenth of the labels, drawn",
        setting=replace(drawn, share=tenth),
    )
    yield Control(
        claim_id=name, label="c for 3c/4", setting=replace(short, threshold=level)
    )
    equal = TeacherCase(9, 4, tenth, tenth, tenth, Fraction(0))
    yield Control(
        claim_id=name,
        label="c off S as well",
        setting=replace(drawn, cases=(equal,)),
    )
    name, numbers = "parity.mid_checkpoint.certificate", catalogue.certificates()
    yield Control(claim_id=name, label="rounded down", setting=replace(numbers, lost=1))
    yield Control(
        claim_id=name,
        label="16 for 32, and half the table",
        setting=replace(numbers, share=Fraction(1, 2)),
    )


def _labels() -> Iterator[Control]:
    enough = catalogue.enough_labels()
    fewer = tuple(replace(case, n=case.n // 20) for case in enough.cases)
    yield Control(
        claim_id="parity.label.enough",
        label="a twentieth of the labels",
        setting=replace(enough, cases=fewer),
    )
    name, brackets = "parity.label.one_neuron", catalogue.label_brackets()
    blind = BracketCase(Half(21, 3, 100, False), Half(21, 3, 10**5, True))
    yield Control(
        claim_id=name,
        label="k odd, where no number of labels does",
        setting=replace(brackets, cases=(blind,)),
    )
    for label, few, many in (("20 for 0.7", 20, 400), ("0.7 for 20", 0.1, 0.7)):
        size = 1 / float(gap(2, 25)) ** 2
        numbers = int(few * size), int(many * size)
        case = BracketCase(
            Half(25, 2, numbers[0], False), Half(25, 2, numbers[1], True)
        )
        yield Control(
            claim_id=name, label=label, setting=replace(brackets, cases=(case,))
        )
    name, growth = "parity.label.steeper", catalogue.label_growth(1)
    (case,) = growth.cases
    same = replace(case, near=replace(case.few, enough=True), far=case.many)
    few, many, near = (replace(half, runs=100) for half in case.halves[:3])
    far = replace(case.far, n=4 * case.far.n, runs=100)
    easier = replace(case, few=few, many=many, near=near, far=far)
    for label, other in (("k = 2 for k = 4", same), ("4 times the labels", easier)):
        yield Control(
            claim_id=name, label=label, setting=replace(growth, cases=(other,))
        )


def _students() -> Iterator[Control]:
    name, students = "parity.student.oneshot_hard_equals_ce", catalogue.students(200)
    yield Control(
        claim_id=name,
        label="a teacher that errs on 0.2% of the samples",
        setting=replace(students, wrong=0.002),
    )
    yield Control(
        claim_id=name,
        label="a stream of its own",
        setting=replace(students, shift=1),
    )
    warm = tuple(replace(case, tau=1.0) for case in students.cases)
    yield Control(
        claim_id=name,
        label="soft labels, tau = 1",
        setting=replace(students, cases=warm),
    )
