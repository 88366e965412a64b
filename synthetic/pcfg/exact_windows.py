"""Losses and divergences of window predictors over all sentences, in logarithms."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import Any

from synthetic.cases.setting import CaseSetting
from synthetic.desk import Options
from synthetic.pcfg.exact import Chances, Seen, Sentence
from synthetic.pcfg.small import language, named
from theory.grammar_lengths import lengths
from theory.logs import Logs, combined
from theory.method import Family
from theory.ngrams import Window, is_seen, l1, ngram

_0 = Fraction(0)


@dataclass(frozen=True)
class WindowCase:
    """A window of n tokens on a grammar, under one way of masking.

    Attributes:
        grammar: By name.
        condition: C: only the window is seen, R: only the rest, of what is visible.
        n: Tokens of the window.
        masks: How many random masks of 30 %, equally likely; 0: one token, any.

    """

    grammar: str
    condition: str
    n: int
    masks: int

    def __str__(self) -> str:
        masks = f"{self.masks} masks" if self.masks else "one token masked"
        return f"{self.grammar}, {self.condition}, n = {self.n}, {masks}"


@dataclass(frozen=True, eq=False, kw_only=True)
class WindowSetting(CaseSetting):
    """Windows, judged over all sentences of small grammars.

    Attributes:
        turned: Is the divergence taken the other way round, in a control?
        peeks: Do window and model see what the full predictor does not, in a control?

    """

    family = Family.PCFG_WINDOWS
    offers = frozenset(
        ("loss", "loss_wider", "loss_full", "kl", "l1", "loss_model", "kl_model")
    )
    turned: bool = False
    peeks: bool = False

    def measure(
        self,
        needs: frozenset[str],
        options: Options,  # noqa: ARG002 -- nothing is drawn
    ) -> Mapping[str, tuple[Any, ...]]:
        """See `CaseSetting.measure`."""
        found = [_Cells(c, peeks=self.peeks) for c in self.cases]
        how: dict[str, Callable[[_Cells], Any]] = {
            "loss": lambda cells: cells.loss(cells.window),
            "loss_wider": lambda cells: cells.loss(cells.wider),
            "loss_full": lambda cells: cells.loss(cells.full),
            "kl": lambda cells: cells.divergence(cells.window, turned=self.turned),
            "l1": lambda cells: cells.l1(),
            "loss_model": lambda cells: cells.loss(cells.model),
            "kl_model": lambda cells: cells.divergence(cells.model, turned=self.turned),
        }
        return {name: tuple(how[name](cells) for cells in found) for name in needs}

    @property
    def source(self) -> str:
        """See `CaseSetting.source`."""
        return f"{self.count}, sums of logarithms over all sentences and masks"

    @property
    def work(self) -> float:
        """See `CaseSetting.work`."""
        return float(sum(20_000 * (c.masks or 3) for c in self.cases))


def model(place: int, seen: Seen) -> Chances:
    """A predictor that has learnt nothing: positive chances that seem random."""
    rng = random.Random(f"{place} {seen}")
    weights = [rng.randint(1, 9) for _ in range(3)]
    return tuple(Fraction(w, sum(weights)) for w in weights)


Predictor = Callable[[Sentence, int, Seen], Chances]
"""From a sentence, a position, and what is visible of the sentence."""


class _Cells:
    """Every masked token of every sentence, under every mask, with its chance."""

    def __init__(self, case: WindowCase, *, peeks: bool = False) -> None:
        self.case, self.peeks = case, peeks
        self.cells = list(_cells(case))
        self.terminals = len(named(case.grammar).terminals)
        self.weight = 1 / sum((p for _, _, _, p in self.cells), _0)
        self.full = self._bayes(lambda _sentence, _place, seen: seen)
        self.window = self._bayes(self._part(ngram(case.n)))
        self.wider = self._bayes(self._part(ngram(case.n + 2)))

    def _visible(self, sentence: Sentence, place: int, seen: Seen) -> Seen:
        """What others than the full predictor are told."""
        if not self.peeks:
            return seen
        return tuple(None if i == place else t for i, t in enumerate(sentence))

    def _part(self, window: Window) -> Callable[[Sentence, int, Seen], Seen]:
        def part(sentence: Sentence, place: int, seen: Seen) -> Seen:
            return tuple(
                token if is_seen(self.case.condition, i, place, window) else None
                for i, token in enumerate(self._visible(sentence, place, seen))
            )

        return part

    def _bayes(self, part: Callable[[Sentence, int, Seen], Seen]) -> Predictor:
        """The posterior given that part; sentences of other lengths have other keys."""
        weights: dict[tuple[int, Seen], list[Fraction]] = {}
        for sentence, place, seen, p in self.cells:
            key = place, part(sentence, place, seen)
            row = weights.setdefault(key, [_0] * self.terminals)
            row[sentence[place]] += p
        known = {key: tuple(w / sum(row) for w in row) for key, row in weights.items()}

        def predict(sentence: Sentence, place: int, seen: Seen) -> Chances:
            return known[place, part(sentence, place, seen)]

        return predict

    def model(self, sentence: Sentence, place: int, seen: Seen) -> Chances:
        """A predictor that has learnt nothing."""
        return model(place, self._visible(sentence, place, seen))

    def loss(self, q: Predictor) -> Logs:
        r"""$E[-\ln q(x_p)]$."""
        terms: dict[Fraction, Fraction] = {}
        for sentence, place, seen, p in self.cells:
            chance = q(sentence, place, seen)[sentence[place]]
            terms[chance] = terms.get(chance, _0) - p * self.weight
        return combined(terms)

    def divergence(self, q: Predictor, *, turned: bool = False) -> Logs:
        r"""$E\,\mathrm{KL}(q_O \| q)$."""
        terms: dict[Fraction, Fraction] = {}
        for sentence, place, seen, p in self.cells:
            pair = self.full(sentence, place, seen), q(sentence, place, seen)
            for x, y in zip(*(pair[::-1] if turned else pair), strict=True):
                if x and y:
                    terms[x / y] = terms.get(x / y, _0) + x * p * self.weight
        return combined(terms)

    def l1(self) -> Fraction:
        r"""$E\|q_O - q_{O \cap w}\|_1$."""
        total = _0
        for sentence, place, seen, p in self.cells:
            q, r = self.full(sentence, place, seen), self.window(sentence, place, seen)
            total += p * l1(q, r)
        return total * self.weight


def _cells(case: WindowCase) -> Iterator[tuple[Sentence, int, Seen, Fraction]]:
    for mask in _masks(case):
        for sentence, p in language(case.grammar).items():
            for place in mask:
                if place < len(sentence):
                    seen = tuple(
                        None if i in mask else token for i, token in enumerate(sentence)
                    )
                    yield sentence, place, seen, p


@cache
def _masks(case: WindowCase) -> tuple[frozenset[int], ...]:
    grammar = named(case.grammar)
    width = lengths(grammar)[grammar.root].longest
    if not case.masks:
        return tuple(frozenset({i}) for i in range(width))
    rng = random.Random(f"{case.grammar} {case.masks}")
    return tuple(
        frozenset(i for i in range(width) if rng.random() < 0.3)
        for _ in range(case.masks)
    )
