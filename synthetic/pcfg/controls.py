"""What the claims about grammars must refute."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from typing import Any

from synthetic.cases.controls import stated
from synthetic.catalogue.entry import Control
from synthetic.pcfg import catalogue
from synthetic.pcfg.exact_lengths import LengthCase, LengthSetting
from synthetic.pcfg.exact_oracle import OracleCase, OracleSetting
from synthetic.pcfg.exact_sampler import LawSetting, SampleCase, TreeSetting
from synthetic.pcfg.exact_windows import WindowCase, WindowSetting
from synthetic.pcfg.small import DYADIC, EVEN, EXCHANGED, UNEVEN
from theory.grammar_family import find
from theory.grammar_lengths import Lengths, lengths
from theory.ngrams import C, R


def controls() -> Iterator[Control]:
    """Every control."""
    yield from _lengths()
    yield from _measures()
    yield from _windows()
    yield from _oracle()
    yield from _sampler()


def _lengths() -> Iterator[Control]:
    authors = LengthSetting(name="cfg3b", cases=(LengthCase("cfg3b"),))
    other = LengthSetting(name="cfg3b-extra", cases=(LengthCase("cfg3b-extra"),))
    passed = replace(authors, name="cfg3b with 9 -> 2 1", actual="cfg3b-extra")
    label = "the extra rule 9 -> 2 1 passed off as the authors'"
    for name in ("cfg3b.facts", "lengths.moments"):
        yield Control(claim_id=f"pcfg.{name}", label=label, setting=passed)
    yield Control(
        claim_id="pcfg.cfg3b.extra_rule",
        label="the authors' rules passed off as those with 9 -> 2 1",
        setting=replace(other, name="cfg3b without 9 -> 2 1", actual="cfg3b"),
    )

    def without_spread(c: Any, found: Lengths) -> Any:
        """Variances of right sides, without that of their means."""
        grammar = find(c.grammar)
        known = lengths(grammar)
        rules = grammar.rules[grammar.root]
        parts = (r.chance * sum(known[x].variance for x in r.right) for r in rules)
        return abs(found.variance - sum(parts))

    yield Control(
        claim_id="pcfg.lengths.moments",
        label="variances without that between the rules",
        setting=authors,
        change=stated(without_spread, "lengths"),
    )


def _measures() -> Iterator[Control]:
    name, tried = "pcfg.measures.identities", catalogue.measures(DYADIC[:1])
    yield Control(
        claim_id=name,
        label="the reference sees the token: M at the window {p} is not 0",
        setting=replace(tried, sees_token=True),
    )

    def halved(_c: Any, gap: Fraction, ends: tuple[Fraction, Fraction]) -> Any:
        """|M - TV|, at the largest M, if |M - 2 TV| is 0."""
        return abs(ends[1] / 2 - gap)

    yield Control(
        claim_id=name,
        label="total variation for L1, without the factor 2",
        setting=tried,
        change=stated(halved, "tv_gap", "range"),
    )

    def above_one(_c: Any, ends: tuple[Fraction, Fraction]) -> Any:
        return max(0, ends[1] - 1)

    yield Control(
        claim_id=name,
        label="M at most 1",
        setting=tried,
        change=stated(above_one, "range"),
    )


def _windows() -> Iterator[Control]:
    case = WindowCase("L3b", C, 3, 4)
    tried = WindowSetting(name="L3b, 3-grams", cases=(case,))
    for name in ("divergence", "excess_loss"):
        claim = f"pcfg.window.{name}"
        yield Control(
            claim_id=claim,
            label="KL the other way round",
            setting=replace(tried, turned=True),
        )
        yield Control(
            claim_id=claim,
            label="a predictor that sees masked neighbours",
            setting=replace(tried, peeks=True),
        )

    def backwards(c: Any, loss: Any, wider: Any) -> Any:
        order = loss.minus(wider) if c.condition == C else wider.minus(loss)
        return order.enclosed()

    for condition in (C, R):
        yield Control(
            claim_id="pcfg.window.nested",
            label=f"the order of losses turned round, under {condition}",
            setting=replace(
                tried,
                name=f"L3b, {condition}",
                cases=(replace(case, condition=condition),),
            ),
            change=stated(backwards, "loss", "loss_wider"),
        )
    yield Control(
        claim_id="pcfg.window.pinsker",
        label="L1 taken for the total variation: a quarter of the bound",
        setting=catalogue.one_token(3),
        sharpen=0.25,
    )


def _oracle() -> Iterator[Control]:
    known, free = (OracleCase("L3b", 10, knows) for knows in (True, False))
    tried = OracleSetting(name="L3b, 10 sentences", cases=(known,))
    hidden = replace(tried, name="L3b, 10 sentences, any length", cases=(free,))
    for name in ("pcfg.oracle.posterior", "pcfg.oracle.rounded"):
        for label, setting in (
            ("the rules of 10 and 12 exchanged", replace(tried, actual=EXCHANGED.name)),
            ("a length one too large", replace(tried, longer=1)),
            ("masks forgotten", replace(tried, forgets=True)),
            ("the length taken for known", replace(hidden, assumes=True)),
        ):
            yield Control(claim_id=name, label=label, setting=setting)
    yield Control(
        claim_id="pcfg.oracle.posterior",
        label="even chances for uneven ones",
        setting=OracleSetting(
            name="uneven, 10 sentences",
            cases=(OracleCase(UNEVEN.name, 10, knows_length=True),),
            actual=EVEN.name,
        ),
    )
    yield Control(
        claim_id="pcfg.oracle.rounded",
        label="chances that are not dyadic",
        setting=OracleSetting(
            name="uneven, 20 sentences",
            cases=(OracleCase(UNEVEN.name, 20, knows_length=False),),
        ),
    )


def _sampler() -> Iterator[Control]:
    yield Control(
        claim_id="pcfg.sampler.law",
        label="even chances for uneven ones",
        setting=LawSetting(
            name="uneven, all draws",
            cases=(SampleCase(UNEVEN.name),),
            actual=EVEN.name,
        ),
    )
    yield Control(
        claim_id="pcfg.sampler.trees",
        label="the rules of 10 and 12 exchanged",
        setting=TreeSetting(
            name="L3b, 50 trees", cases=(SampleCase("L3b", 50),), actual=EXCHANGED.name
        ),
    )
    yield Control(
        claim_id="pcfg.sampler.mean_length",
        label="the extra rule 9 -> 2 1 passed off as the authors'",
        setting=replace(
            catalogue.mean_lengths(20_000),
            name="cfg3b with 9 -> 2 1, 20000 lengths",
            cases=(SampleCase("cfg3b", 20_000),),
            actual="cfg3b-extra",
        ),
    )
