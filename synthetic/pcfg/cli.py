"""`ratecheck pcfg`: reads arguments, prints, and no more."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from theory.errors import InputError
from theory.terminal import new_app, output, refusals, say

app = new_app(no_args_is_help=False)
pcfg = new_app()
app.add_typer(pcfg, name="pcfg", help="Sentences of grammars, and ideal predictors.")
out = output()

GrammarName = Annotated[
    str,
    typer.Argument(
        metavar="GRAMMAR",
        help="cfg3b, cfg3b-extra, L3b, L3, L4, L5, NAME/SYMBOL, file.",
    ),
]
Seed = Annotated[int, typer.Option(help="Of all draws.")]
Json = Annotated[Path | None, typer.Option("--json", help="Write records here.")]
Npz = Annotated[Path | None, typer.Option("--npz", help="Write arrays here.")]


@pcfg.command()
def show(name: GrammarName) -> None:
    """The rules, and exact lengths of what each symbol derives."""
    from theory.grammar_family import find
    from theory.grammar_lengths import lengths
    from theory.grammar_text import shown

    with refusals():
        grammar = find(name)
    table = Table("symbol", "min", "mean", "max", "s.d.", "derivations", box=None)
    for symbol, found in lengths(grammar).items():
        if symbol in grammar.rules:
            spread = f"{float(found.variance) ** 0.5:.4f}"
            ends = str(found.shortest), f"{float(found.mean):g}", str(found.longest)
            table.add_row(symbol, *ends, spread, f"{found.derivations:.3g}")
    say(out, shown(grammar), "")
    out.print(table)


@pcfg.command()
def sample(  # noqa: PLR0913 -- one parameter for each option of the command line
    name: GrammarName,
    *,
    count: Annotated[int, typer.Option("--count", "-n", help="Sentences.")] = 10,
    seed: Seed = 0,
    first: Annotated[int, typer.Option(help="Index of the first: for shards.")] = 0,
    trees: Annotated[bool, typer.Option("--trees", help="With all ancestors.")] = False,
    json: Json = None,
    npz: Npz = None,
) -> None:
    """Draw sentences; sentence i depends on the seed and i alone.

    Exit code: 0 done, 2 bad usage or input, 130 interrupted.
    """
    from synthetic.pcfg import files
    from synthetic.pcfg.sampler import sample as drawn
    from theory.grammar_family import find

    with refusals():
        found = drawn(find(name), count, seed, first=first, trees=trees)
        if json is not None:
            files.write_json(json, files.sentence_rows(found, first))
        if npz is not None:
            files.write_arrays(npz, files.sentence_arrays(found))
    if json is None and npz is None:
        say(out, *(" ".join(found.words(i)) for i in range(count)))
    else:
        mean = found.lengths.mean()
        say(out, f"{count} sentences of {name}, {mean:.1f} tokens on average")


@pcfg.command()
def oracle(  # noqa: PLR0913 -- one parameter for each option of the command line
    name: GrammarName,
    sentences: Annotated[
        list[str] | None, typer.Argument(help="Words and spaces; _ is a mask.")
    ] = None,
    *,
    file: Annotated[
        Path | None, typer.Option(help="Sentences, one a line, or sample's npz.")
    ] = None,
    window: Annotated[
        int, typer.Option(help="See n tokens around a mask alone; 0: all.")
    ] = 0,
    any_length: Annotated[
        bool, typer.Option("--any-length", help="The sentence may go on.")
    ] = False,
    json: Json = None,
    npz: Npz = None,
) -> None:
    """Exact posteriors of masked tokens: what an ideal model would say.

    Exit code: 0 done, 2 bad usage or input, a sentence that the grammar excludes among
    it, 130 interrupted.
    """
    from synthetic.pcfg import answers, files
    from synthetic.pcfg.oracle import Oracle
    from theory.grammar_family import find

    with refusals():
        grammar = find(name)
        given = [words.split() for words in sentences or []]
        if file is not None:
            given += files.read_words(file, grammar)
        ideal = Oracle(grammar)
        asked = answers.Question(window, any_length)
        found = answers.answer(ideal, given, asked)
        if json is not None:
            files.write_json(json, answers.records(ideal, found))
        if npz is not None:
            files.write_arrays(npz, dict(vars(found)))
    table = Table("sentence", "place", *grammar.terminals, box=None)
    shown = range(min(answers.MOST_SHOWN, len(found.place)))
    for i in shown:
        chances = (f"{q:.6f}" for q in found.chances[i])
        table.add_row(str(found.sentence[i]), str(found.place[i]), *chances)
    out.print(table)
    if len(shown) < len(found.place):
        say(out, f"and {len(found.place) - len(shown)} more; --json or --npz has all")


@pcfg.command()
def bayes(
    name: GrammarName,
    *,
    windows: Annotated[
        str, typer.Option(help="n of n-grams, with commas.")
    ] = "2,3,5,7,9",
    count: Annotated[int, typer.Option("--count", "-n", help="Sentences.")] = 512,
    rate: Annotated[float, typer.Option(help="Of masks.")] = 0.3,
    seed: Seed = 0,
    json: Json = None,
) -> None:
    """What a model can reach: Bayes losses of windows, floors of M_robust and M_close.

    Exit code: 0 done, 2 bad usage or input, 130 interrupted.
    """
    from synthetic.pcfg import files
    from synthetic.pcfg.bayes import study
    from synthetic.pcfg.oracle import Oracle
    from theory.grammar_family import find

    with refusals():
        sizes = _numbers(windows)
        found = study(Oracle(find(name)), count, sizes, rate, seed)
        if json is not None:
            rows = {part: [asdict(row) for row in r] for part, r in found.items()}
            files.write_json(json, rows)
    table = Table(
        "window", "loss", "s.e.", "accuracy", "KL", "loss - full - KL", box=None
    )
    for line in found["lines"]:
        what = f"{line.window}-gram" if line.window else "sentence"
        off = f"{line.difference.mean:+.4f} +- {line.difference.error:.4f}"
        loss = f"{line.loss.mean:.4f}", f"{line.loss.error:.4f}"
        right, kl = f"{line.accuracy.mean:.3f}", f"{line.divergence.mean:.4f}"
        table.add_row(what, *loss, right, kl, off)
    out.print(table)
    table = Table("window", "M_robust", "s.e.", "M_close", "s.e.", box=None)
    for row in found["floors"]:
        both = (row.robust, row.close)
        cells = (f"{x:.4f}" for m in both for x in (m.mean, m.error))
        table.add_row(f"{row.window}-gram", *cells)
    say(out, "")
    out.print(table)


def _numbers(text: str) -> list[int]:
    try:
        return [int(part) for part in text.split(",")]
    except ValueError as error:
        msg = f"Need whole numbers with commas between, got {text!r}."
        raise InputError(msg) from error
