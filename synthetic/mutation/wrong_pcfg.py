"""Wrong lengths, windows, samplers and posteriors of grammars."""

from __future__ import annotations

from synthetic.mutation.mutant import Mutant

LENGTHS = "theory.grammar_lengths"
NGRAMS = "theory.ngrams"
ORACLE = "synthetic.pcfg.kernel_oracle"
SAMPLER = "synthetic.pcfg.kernel_sample"
TABLES = "synthetic.pcfg.tables"

MUTANTS = (
    Mutant(
        label="a second rule for the symbol 9",
        module="theory.grammar_family",
        old="    if not extra:\n",
        new="    if extra:\n",
        seen_by=("pcfg.cfg3b.facts",),
        witness="len(cfg3b().rules['9'])",
    ),
    Mutant(
        label="variances without that between the rules",
        module=LENGTHS,
        old="square += p * (sum(x.variance for x in right) + centre**2)",
        new="square += p * (sum(x.variance for x in right) + mean**2)",
        seen_by=("pcfg.lengths.moments",),
        witness="_lengths([(Fraction(1, 2), [TOKEN]), (Fraction(1, 2), [TOKEN] * 2)])",
    ),
    Mutant(
        label="derivations added up along a right side",
        module=LENGTHS,
        old="sum(prod(x.derivations for x in right) for _, right in rules),",
        new="sum(sum(x.derivations for x in right) for _, right in rules),",
        seen_by=("pcfg.lengths.moments",),
        witness="_lengths([(Fraction(1), [TOKEN] * 2)]).derivations",
    ),
    Mutant(
        label="the longest sentence from the shortest parts",
        module=LENGTHS,
        old="max(sum(x.longest for x in right) for _, right in rules),",
        new="max(sum(x.shortest for x in right) for _, right in rules),",
        seen_by=("pcfg.lengths.moments",),
        witness="_lengths([(Fraction(1), [TOKEN._replace(longest=2)])]).longest",
    ),
    Mutant(
        label="the chance of a rule counted twice",
        module=LENGTHS,
        old="product: dict[int, Fraction] = {0: chance}",
        new="product: dict[int, Fraction] = {0: chance**2}",
        seen_by=("pcfg.lengths.moments",),
        witness="_law([(Fraction(1, 2), [{1: Fraction(1)}])])",
    ),
    Mutant(
        label="the total variation for L1",
        module=NGRAMS,
        old="return sum(abs(a - b) for a, b in zip(q, r, strict=True))",
        new="return sum(abs(a - b) for a, b in zip(q, r, strict=True)) / 2",
        seen_by=("pcfg.measures.identities",),
        witness="l1((1.0, 0.0), (0.0, 1.0))",
    ),
    Mutant(
        label="a token that is seen under A",
        module=NGRAMS,
        old="return i != place and (",
        new="return (condition == A or i != place) and (",
        seen_by=("pcfg.measures.identities",),
        witness="is_seen(A, 3, 3, ngram(3))",
    ),
    Mutant(
        label="R and C exchanged",
        module=NGRAMS,
        old="(in_window if condition == C else not in_window)",
        new="(in_window if condition == R else not in_window)",
        seen_by=("pcfg.measures.identities",),
        witness="is_seen(C, 2, 3, ngram(3))",
    ),
    Mutant(
        label="wildcards that stand for the first terminal",
        module=ORACLE,
        old="1.0 if token < 0 or token == a else 0.0",
        new="1.0 if max(token, 0) == a else 0.0",
        seen_by=("pcfg.oracle.rounded",),
        witness="small.masked_posterior()",
    ),
    Mutant(
        label="outside weights without the chance of the rule",
        module=ORACLE,
        old="add(outside[right, first + k : stop + k], above, x, chance[op])",
        new="add(outside[right, first + k : stop + k], above, x, 1.0)",
        seen_by=("pcfg.oracle.rounded",),
        witness="small.masked_posterior()",
    ),
    Mutant(
        label="the last split of a span forgotten",
        module=ORACLE,
        old="return least, min(longest[b], length - shortest[c]) + 1",
        new="return least, min(longest[b], length - shortest[c])",
        seen_by=("pcfg.oracle.rounded",),
        witness="small.masked_posterior()",
    ),
    Mutant(
        label="a symbol that never stands at its last place",
        module=TABLES,
        old="last[:, b] = np.maximum(last[:, b], last[:, a] + [left_most, right_most])",
        new="last[:, b] = np.maximum(last[:, b], last[:, a] + [left, right])",
        seen_by=("pcfg.oracle.rounded",),
        witness="small.masked_posterior()",
    ),
    Mutant(
        label="the shares of the rules exchanged",
        module=SAMPLER,
        old="rule += u >= upto[r]",
        new="rule += u < upto[r]",
        seen_by=("pcfg.sampler.law",),
        witness="small.sentences()",
    ),
    Mutant(
        label="an end that is counted at the first child",
        module=SAMPLER,
        old="ends[n] = closing if j == stop - 1 else 0",
        new="ends[n] = closing if j == begin else 0",
        seen_by=("pcfg.sampler.trees",),
        witness="small.sentences()",
    ),
    Mutant(
        label="one sentence for every index of a seed",
        module=SAMPLER,
        old="draw = (seed, begin + np.uint64(s), told[s])",
        new="draw = (seed, np.uint64(s), told[s])",
        seen_by=("pcfg.sampler.trees",),
        witness="small.sentences()",
    ),
)
