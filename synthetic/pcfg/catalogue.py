"""What the claims about grammars are tried on."""

from __future__ import annotations

from collections.abc import Iterator

from synthetic.cases.setting import CaseSetting
from synthetic.pcfg.exact_lengths import LengthCase, LengthSetting
from synthetic.pcfg.exact_measures import MeasureCase, MeasureSetting
from synthetic.pcfg.exact_oracle import OracleCase, OracleSetting
from synthetic.pcfg.exact_sampler import (
    LawSetting,
    MeanLengthSetting,
    SampleCase,
    TreeSetting,
)
from synthetic.pcfg.exact_windows import WindowCase, WindowSetting
from synthetic.pcfg.small import DYADIC, UNEVEN
from theory.grammar_family import NAMES, cfg3b
from theory.ngrams import C, R


def settings(tier: str) -> Iterator[CaseSetting]:
    """All of the tier; the full one has more sentences, masks and windows."""
    is_full = tier == "full"
    yield lengths_of_all()
    yield symbols()
    yield measures(DYADIC if is_full else DYADIC[:1])
    yield one_token(5 if is_full else 3)
    yield masked(16 if is_full else 4)
    yield posteriors(60 if is_full else 20)
    yield law()
    yield trees(2000 if is_full else 200)
    yield mean_lengths(200_000 if is_full else 20_000)


def lengths_of_all() -> LengthSetting:
    """The root of every grammar."""
    cases = tuple(LengthCase(name) for name in (*NAMES, *DYADIC[:2]))
    return LengthSetting(name="lengths: roots", cases=cases)


def symbols() -> LengthSetting:
    """Every symbol of cfg3b."""
    cases = tuple(LengthCase("cfg3b", symbol) for symbol in cfg3b().order)
    return LengthSetting(name="lengths: symbols of cfg3b", cases=cases)


def measures(grammars: tuple[str, ...]) -> MeasureSetting:
    """Bayes, and a predictor that has learnt nothing."""
    cases = tuple(MeasureCase(g, who) for g in grammars for who in ("Bayes", "any"))
    return MeasureSetting(name=f"measures: {len(grammars)} grammars", cases=cases)


def one_token(windows: int) -> WindowSetting:
    """One masked token, as in M_robust and M_close."""
    sizes = range(1, 2 * windows, 2)
    cases = tuple(
        WindowCase(g, condition, n, 0)
        for g in DYADIC
        for condition in (C, R)
        for n in sizes
    )
    return WindowSetting(name=f"windows: one token, n to {max(sizes)}", cases=cases)


def masked(masks: int) -> WindowSetting:
    """Masks of 30 %."""
    cases = tuple(
        WindowCase(g, condition, n, masks)
        for g in (*DYADIC[1:], UNEVEN.name)
        for condition in (C, R)
        for n in (1, 3, 6)
    )
    return WindowSetting(name=f"windows: {masks} masks", cases=cases)


def posteriors(count: int) -> OracleSetting:
    """Small grammars, the length known or not."""
    cases = tuple(
        OracleCase(g, count, knows)
        for g in (*DYADIC, UNEVEN.name)
        for knows in (True, False)
    )
    return OracleSetting(name=f"posteriors: {count} sentences", cases=cases)


def law() -> LawSetting:
    """All draws of small grammars."""
    cases = tuple(SampleCase(g) for g in (*DYADIC, "L3", UNEVEN.name))
    return LawSetting(name="sampler: all draws", cases=cases)


def trees(count: int) -> TreeSetting:
    """The whole family; of cfg3b fewer, since its oracle is slow."""
    cases = tuple(SampleCase(g, count) for g in ("L3b", "L3", "L4", "L5"))
    cases += (SampleCase(UNEVEN.name, count), SampleCase("cfg3b", max(2, count // 10)))
    return TreeSetting(name=f"sampler: {count} trees", cases=cases)


def mean_lengths(count: int) -> MeanLengthSetting:
    """The largest grammars."""
    cases = tuple(SampleCase(g, count) for g in ("L4", "L5", "cfg3b"))
    return MeanLengthSetting(name=f"sampler: {count} lengths", cases=cases)
