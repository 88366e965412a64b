"""M_robust and M_close of every token of every sentence of a small grammar."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from itertools import chain, combinations, pairwise
from typing import Any

from synthetic.cases.setting import CaseSetting
from synthetic.desk import Options
from synthetic.pcfg.exact import Chances, Seen, Sentence, posterior
from synthetic.pcfg.exact_windows import model
from synthetic.pcfg.small import language, named
from theory.grammar_lengths import lengths
from theory.method import Family
from theory.ngrams import A, C, R, Window, l1, ngram, seen, whole

_0 = Fraction(0)


@dataclass(frozen=True)
class MeasureCase:
    """All sentences of a grammar, and who predicts: "Bayes", or "any"."""

    grammar: str
    predictor: str

    def __str__(self) -> str:
        return f"{self.grammar}, {self.predictor}"


@dataclass(frozen=True, eq=False, kw_only=True)
class MeasureSetting(CaseSetting):
    """Every token, with windows of 1, 3, 5 and 7 tokens and of all.

    Attributes:
        sees_token: Does the reference prediction see the token itself, in a control?

    """

    family = Family.PCFG_MEASURES
    offers = frozenset({"robust_alone", "close_whole", "range", "tv_gap", "growth"})
    sees_token: bool = False

    def measure(
        self,
        needs: frozenset[str],
        options: Options,  # noqa: ARG002 -- nothing is drawn
    ) -> Mapping[str, tuple[Any, ...]]:
        """See `CaseSetting.measure`."""
        found = [self._measured(case) for case in self.cases]
        return {name: tuple(row[name] for row in found) for name in needs}

    def _measured(self, case: MeasureCase) -> dict[str, Any]:
        rows = list(self._rows(case))
        every = [m for row in rows for m in chain(row.robust, row.close)]
        steps = [b - a for row in rows for a, b in pairwise(row.close)]
        steps += [a - b for row in rows for a, b in pairwise(row.robust)]
        return {
            "robust_alone": max(row.robust[0] for row in rows),
            "close_whole": max(row.close[-1] for row in rows),
            "range": (min(every), max(every)),
            "tv_gap": max(row.tv_gap for row in rows),
            "growth": max(steps),
        }

    def _rows(self, case: MeasureCase) -> Iterator[_Row]:
        grammar = named(case.grammar)
        width = lengths(grammar)[grammar.root].longest
        windows = [ngram(n) for n in (1, 3, 5, 7)] + [whole(width)]
        for sentence in language(case.grammar):
            for place in range(len(sentence)):
                yield self._row(case, sentence, place, windows)

    def _row(
        self, case: MeasureCase, sentence: Sentence, place: int, windows: list[Window]
    ) -> _Row:
        told = sentence if self.sees_token else seen(sentence, A, place, windows[0])
        q = predicted(case, place, told)
        measures: dict[str, list[Fraction]] = {R: [], C: []}
        gap = _0
        for window in windows:
            for condition, row in measures.items():
                r = predicted(case, place, seen(sentence, condition, place, window))
                row.append(_0 + l1(q, r))
                gap = max(gap, abs(row[-1] - 2 * _variation(q, r)))
        return _Row(tuple(measures[R]), tuple(measures[C]), gap)

    @property
    def source(self) -> str:
        """See `CaseSetting.source`."""
        return f"{self.count}, every token of every sentence, in rationals"

    @property
    def work(self) -> float:
        """See `CaseSetting.work`."""
        return 1e6 * len(self.cases)


@dataclass(frozen=True)
class _Row:
    robust: tuple[Fraction, ...]
    close: tuple[Fraction, ...]
    tv_gap: Fraction


@cache
def _by_size(name: str, size: int) -> dict[Sentence, Fraction]:
    return {x: p for x, p in language(name).items() if len(x) == size}


@cache
def predicted(case: MeasureCase, place: int, told: Seen) -> Chances:
    """The prediction from what is seen, the length known."""
    if case.predictor != "Bayes":
        return model(place, told)
    terminals = len(named(case.grammar).terminals)
    known = _by_size(case.grammar, len(told))
    return posterior(known, told, place, terminals, len(told))


def _variation(q: Chances, r: Chances) -> Fraction:
    r"""$\max_S (q(S) - r(S))$, set by set."""
    tokens = range(len(q))
    sets = chain.from_iterable(combinations(tokens, k) for k in range(len(q) + 1))
    return max(sum((q[a] - r[a] for a in s), _0) for s in sets)
