"""Which queries, searches, checkpoints and students the claims are tried on."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from math import ceil

import numpy as np

from synthetic.cases.setting import CaseSetting
from synthetic.parity.desk_labels import (
    BracketCase,
    EnoughCase,
    GrowthCase,
    GrowthRuns,
    Half,
    HalfRuns,
    LabelRuns,
)
from synthetic.parity.desk_sampled import (
    CheckpointRuns,
    LongSearchRuns,
    SearchRuns,
    TeacherCase,
)
from synthetic.parity.exact_fourier import IntArray, signs
from synthetic.parity.exact_queries import QueryCase, QuerySetting, parities
from synthetic.parity.exact_samples import CheckpointCase, CheckpointSetting
from synthetic.parity.exact_search import SearchCase, SearchTree
from synthetic.parity.exact_student import StudentCase, StudentSetting
from theory.fourier import gap
from theory.parity_network import label_samples

UNIT = 1024
ALMOST_ONE = Fraction(1023, 1024)


def settings(tier: str) -> Iterator[CaseSetting]:
    """All of the tier."""
    is_full = tier == "full"
    yield queries(9, 3)
    if is_full:
        yield queries(11, 4)
    yield searches()
    yield sampled_searches(16384 if is_full else 4096)
    yield long_searches(500)
    yield checkpoints(is_full=is_full)
    yield certificates()
    yield sampled_checkpoints(is_full=is_full)
    yield enough_labels()
    yield label_brackets(is_full=is_full)
    yield label_growth(4 if is_full else 1)
    yield students(6000 if is_full else 1500)


def labelled(values: IntArray) -> IntArray:
    """Queries y B(x), from B: (q, 2^d) to (q, 2, 2^d)."""
    return np.stack([values, -values], axis=1)


def queries(d: int, k: int, seed: int = 0) -> QuerySetting:
    """300 random ones of two kinds, all parities, and single ones of many levels."""
    rng = np.random.default_rng([seed, d, k])
    shape = (300, 2, 2**d)
    chi = parities(d, k)
    majority = np.sign(signs(d).sum(axis=1))[None]
    tables = {
        "numbers": rng.integers(-UNIT, UNIT + 1, size=shape),
        "signs": UNIT * rng.choice((-1, 1), size=shape),
        "parity": labelled(UNIT * chi),
        "mean of 4 parities": labelled(UNIT * chi[:4].sum(axis=0)[None] // 4),
        "majority": labelled(UNIT * majority),
    }
    levels = {"parity": ALMOST_ONE, "mean of 4 parities": ALMOST_ONE / 4}
    usual = Fraction(1, 32)
    cases = tuple(
        QueryCase(d, k, len(table), levels.get(what, usual), what)
        for what, table in tables.items()
    )
    return QuerySetting(
        name=f"queries, d = {d}, k = {k}",
        cases=cases,
        tables=tuple(tables.values()),
        unit=UNIT,
    )


def searches() -> SearchTree:
    """Up to 2^20 sequences of samples."""
    sizes = ((4, 2, 5), (5, 2, 4), (5, 3, 4), (6, 3, 3), (10, 1, 2), (3, 1, 6))
    return SearchTree(
        name="all samples, d n to 20", cases=tuple(SearchCase(*s) for s in sizes)
    )


def sampled_searches(runs: int) -> SearchRuns:
    """So few samples that brute force often fails."""
    sizes = ((15, 3, 9), (15, 3, 10), (20, 2, 8))
    return SearchRuns(
        name="brute force, few samples",
        cases=tuple(SearchCase(*s) for s in sizes),
        runs=runs,
    )


def long_searches(runs: int) -> LongSearchRuns:
    """20 samples, a small part of d^(k-1) = 225."""
    return LongSearchRuns(
        name="brute force, 20 samples", cases=(SearchCase(15, 3, 20),), runs=runs
    )


def checkpoint(d: int, k: int, c: str, delta: str) -> CheckpointCase:
    """A case with decimal numbers."""
    return CheckpointCase(d, k, Fraction(c), Fraction(delta))


def checkpoints(*, is_full: bool = False) -> CheckpointSetting:
    """Exact tails."""
    cases = [
        checkpoint(29, 4, "0.1", "0.1"),
        checkpoint(9, 2, "0.3", "0.01"),
        checkpoint(65, 2, "0.3", "0.1"),
        checkpoint(25, 6, "0.3", "0.1"),
        checkpoint(15, 4, "0.5", "0.3"),
    ]
    if is_full:
        cases += [checkpoint(129, 4, "0.05", "0.05")]
    return CheckpointSetting(name="two checkpoints", cases=tuple(cases))


def certificates() -> CheckpointSetting:
    """Many dimensions and levels, for the numbers of samples alone."""
    cases = tuple(
        checkpoint(d, k, c, delta)
        for d in (9, 29, 129, 1025)
        for k in (2, 4, 8)
        for c in ("1", "0.3", "0.1", "0.01")
        for delta in ("0.5", "0.1", "0.001")
    )
    return CertificateSetting(name="numbers of samples", cases=cases)


class CertificateSetting(CheckpointSetting):
    """Without the tails, which would be long."""

    offers = frozenset({"certificate"})


def sampled_checkpoints(*, is_full: bool = False) -> CheckpointRuns:
    """A linear teacher at the edge of what is allowed, and ones with a parity."""
    fifth, tenth, none = Fraction(1, 5), Fraction(1, 10), Fraction(0)
    parity = Fraction(3, 10)
    cases = [
        TeacherCase(7, 2, fifth, tenth, tenth, none),
        TeacherCase(29, 2, fifth, tenth, none, parity),
    ]
    if is_full:
        cases += [TeacherCase(29, 4, tenth, tenth, none, parity)]
    return CheckpointRuns(name="two checkpoints, drawn", cases=tuple(cases), runs=1000)


def enough_labels() -> LabelRuns:
    """As many labels as the bound asks for."""
    delta = Fraction(1, 10)
    sizes = ((9, 2), (25, 2), (11, 4))
    cases = tuple(EnoughCase(d, k, label_samples(d, k, delta), delta) for d, k in sizes)
    return LabelRuns(name="one neuron, enough labels", cases=cases, runs=400)


def label_brackets(*, is_full: bool = False) -> HalfRuns:
    """0.7 and 20 over g^2."""
    sizes = [(9, 2), (15, 2), (25, 2), (41, 2), (65, 2), (11, 4), (15, 4), (21, 4)]
    if is_full:
        sizes += [(129, 2), (29, 4)]
    cases = []
    for d, k in sizes:
        inverse_sq = 1 / gap(k, d) ** 2
        few, many = int(Fraction(7, 10) * inverse_sq), ceil(20 * inverse_sq)
        halves = Half(d, k, few, False), Half(d, k, many, True, 80)
        cases.append(BracketCase(*halves))
    return HalfRuns(name="one neuron, 0.7 and 20 over g^2", cases=tuple(cases))


def label_growth(times: int) -> GrowthRuns:
    """Close to half the time at d = 9 and 129 for k = 2, at 11 and 29 for k = 4."""
    case = GrowthCase(
        few=Half(9, 2, 128, False, 8000 * times),
        many=Half(129, 2, 5331, True, 4000 * times),
        near=Half(11, 4, 52428, True, 5000 * times),
        far=Half(29, 4, 570000, False, 1000 * times),
    )
    return GrowthRuns(name="one neuron, growth with d", cases=(case,))


def students(steps: int) -> StudentSetting:
    """The argmax of the teacher, and a temperature of 1e-20 for it."""
    cases = (
        StudentCase(16, 4, 40, steps, 32),
        StudentCase(16, 4, 40, steps, 1),
        StudentCase(16, 4, 40, steps, 32, 1e-20),
    )
    return StudentSetting(name="hard labels of an oracle", cases=cases)
