"""`ratecheck gpt2`: reads arguments, prints, and no more."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from gpt2_demo.compare.cli import compare
from theory.errors import InputError
from theory.terminal import err, fail, new_app, output

app = new_app()
gpt2 = new_app()
app.add_typer(gpt2, name="gpt2")
out = output()


@app.callback()
def _commands() -> None:
    """Distil a GPT-2 without tuning a learning rate."""


@gpt2.callback()
def _gpt2() -> None:
    """A large GPT-2 teaches a small one through one number per batch: its loss."""


Corpus = Annotated[
    str,
    typer.Option(
        help="python-docs, python-source (both ship with Python), tiny-shakespeare, "
        "ptb, wikitext-2, or a text file or folder."
    ),
]
Folder = Annotated[
    Path, typer.Option(help="Folder of the run; an unfinished one goes on.")
]
Layers = Annotated[int, typer.Option(help="Blocks of the model that learns.")]
Width = Annotated[int, typer.Option(help="Its width.")]
Heads = Annotated[int, typer.Option(help="Its heads, which divide the width.")]
Steps = Annotated[int, typer.Option(help="Optimiser steps.")]
Batch = Annotated[int, typer.Option(help="Windows in a step, over all processes.")]
Micro = Annotated[int, typer.Option(help="Windows at once in a process; 0: all.")]
Seed = Annotated[int, typer.Option(help="Of the initialisation and the data order.")]
Every = Annotated[int, typer.Option(help="Steps between evaluations.")]
Save = Annotated[int, typer.Option(help="Steps between checkpoints; 0: none.")]
Device = Annotated[str, typer.Option(help="auto, cpu, cuda or mps.")]
Autocast = Annotated[bool, typer.Option(help="Forward passes in bfloat16.")]
Compiled = Annotated[bool, typer.Option("--compile", help="Through torch.compile.")]
Rate = Annotated[float, typer.Option(help="Peak learning rate of sgd and adamw.")]
Schedule = Annotated[str, typer.Option(help="constant, cosine, linear or wsd.")]
Sink = Annotated[
    str, typer.Option("--log-to", help="Also tell tensorboard or wandb; none if empty.")
]


@gpt2.command()
def teach(  # noqa: PLR0913 -- one parameter for each option of the command line
    *,
    folder: Annotated[Path, typer.Option("--out", help="Folder of the teacher.")],
    corpus: Corpus = "python-docs",
    vocab: Annotated[int, typer.Option(help="Tokens of a BPE learnt here.")] = 1024,
    context: Annotated[int, typer.Option(help="Predictions in a window.")] = 64,
    layers: Layers = 4,
    width: Width = 128,
    heads: Heads = 4,
    steps: Steps = 1000,
    batch: Batch = 16,
    micro: Micro = 0,
    rate: Rate = 3e-3,
    schedule: Schedule = "cosine",
    seed: Seed = 0,
    evaluate_every: Every = 100,
    save_every: Save = 100,
    device: Device = "auto",
    autocast: Autocast = False,
    compiled: Compiled = False,
    sink: Sink = "",
) -> None:
    """Train a teacher on a corpus with AdamW; leaves a model and its losses.

    Exit code: 0 done; 2 bad usage or input, or a loss that was not finite.
    """
    from gpt2_demo import study
    from gpt2_demo.arms import Arm
    from gpt2_demo.model import Shape
    from gpt2_demo.plan import Plan

    with _computing(device) as place:
        text = study.read(corpus, vocab, context)
        plan = Plan(
            steps, batch, seed, evaluate_every, save_every, micro, autocast, compiled
        )
        arm = Arm("adamw", rate=rate, schedule=schedule, beta2=0.95)
        with _watching(steps, place, folder, sink) as watch:
            trainer, losses = study.teach(
                text,
                Shape(layers, width, heads),
                arm,
                plan,
                study.Out(folder, place, watch),
            )
        if losses is not None:
            _say_end(trainer, folder)
            out.print(
                f"its losses on {len(losses.values)} training windows: "
                f"{losses.values.mean():.4f} nats on average, in "
                f"{folder / study.LOSSES}",
                highlight=False,
                soft_wrap=True,
            )


@gpt2.command()
def distill(  # noqa: PLR0913 -- one parameter for each option of the command line
    *,
    teacher: Annotated[
        str,
        typer.Option(
            help="A folder of `teach`; gpt2, gpt2-medium, gpt2-large; or a file of "
            "teacher losses."
        ),
    ],
    folder: Annotated[Path, typer.Option("--out", help="Folder of the student.")],
    corpus: Corpus = "python-docs",
    tokenizer: Annotated[
        str, typer.Option(help="A tokenizer.json; empty: the teacher's.")
    ] = "",
    context: Annotated[
        int, typer.Option(help="Predictions in a window; 0: the teacher's longest.")
    ] = 0,
    layers: Layers = 2,
    width: Width = 64,
    heads: Heads = 4,
    method: Annotated[
        str, typer.Option("--optimizer", help="iam, iam-adam, sps; or sgd, adamw.")
    ] = "iam",
    lam: Annotated[str, typer.Option(help="lambda of IAM: a number, or t.")] = "9",
    cap: Annotated[
        float, typer.Option(help="Largest step size of a Polyak step; 0: none.")
    ] = 0.0,
    beta2: Annotated[
        float | None, typer.Option(help="Of iam-adam (0.9) and adamw (0.999).")
    ] = None,
    weight_decay: Annotated[float, typer.Option(help="Decoupled.")] = 0.0,
    target: Annotated[
        str,
        typer.Option(help="teacher; or constant, shuffled, zero, moving-average."),
    ] = "teacher",
    rate: Rate = 0.0,
    schedule: Schedule = "cosine",
    steps: Steps = 800,
    batch: Batch = 16,
    micro: Micro = 0,
    seed: Seed = 0,
    evaluate_every: Every = 100,
    save_every: Save = 100,
    device: Device = "auto",
    autocast: Autocast = False,
    compiled: Compiled = False,
    sink: Sink = "",
) -> None:
    """Train a student on the teacher's loss per batch, without a learning rate.

    Exit code: 0 done; 2 bad usage or input, or a loss that was not finite.
    """
    from gpt2_demo import study
    from gpt2_demo.arms import Arm
    from gpt2_demo.lessons import lesson
    from gpt2_demo.model import Shape
    from gpt2_demo.plan import Plan

    with _computing(device) as place:
        arm = Arm(
            method, _lam(lam), cap or None, beta2, rate, schedule, target, weight_decay
        )
        plan = Plan(
            steps, batch, seed, evaluate_every, save_every, micro, autocast, compiled
        )
        text, losses = lesson(teacher, corpus, tokenizer, context, place, autocast)
        with _watching(steps, place, folder, sink) as watch:
            trainer = study.distill(
                text,
                losses,
                Shape(layers, width, heads),
                (arm, plan),
                study.Out(folder, place, watch),
            )
        if place.is_first:
            _say_end(trainer, folder)


gpt2.command()(compare)


@gpt2.command()
def sample(  # noqa: PLR0913 -- one parameter for each option of the command line
    *,
    model: Annotated[Path, typer.Option(help="Folder of `teach` or `distill`.")],
    prompt: Annotated[str, typer.Option(help="What the model goes on from.")] = "The ",
    tokens: Annotated[int, typer.Option(help="How many to write.")] = 100,
    temperature: Annotated[float, typer.Option(help="0: the likeliest.")] = 0.8,
    top_k: Annotated[int, typer.Option(help="Out of the likeliest; 0: all.")] = 40,
    seed: Annotated[int, typer.Option(help="Of the draws.")] = 0,
    device: Device = "auto",
) -> None:
    """Let a model write."""
    from gpt2_demo import model as models
    from gpt2_demo.sampling import Sampling, sample as written

    with _computing(device) as place:
        network, vocabulary, _ = models.open_folder(model)
        spec = Sampling(tokens, temperature, top_k, seed)
        text = written(network.to(place.device), vocabulary, prompt, spec)
        out.print(text, markup=False, highlight=False, soft_wrap=True)


@contextmanager
def _computing(device: str) -> Iterator[Any]:
    try:
        try:
            from gpt2_demo.processes import place
        except ImportError as error:
            msg = f"{error}. `ratecheck gpt2` needs more: pip install 'ratecheck[gpt2]'"
            raise InputError(msg) from error
        with place(device) as here:
            yield here
    except InputError as error:
        fail(error)


@contextmanager
def _watching(steps: int, place: Any, folder: Path, sink: str) -> Iterator[Any]:
    from gpt2_demo.sinks import sink_of

    tell = sink_of(sink, folder) if place.is_first else None
    with Progress(
        BarColumn(),
        TextColumn("{task.description}"),
        TimeRemainingColumn(),
        console=err,
        disable=not (err.is_terminal and place.is_first),
    ) as bar:
        task = bar.add_task("starting", total=steps)

        def watch(now: Any) -> None:
            bar.update(
                task,
                completed=now.step,
                description=f"step {now.step}, loss {now.loss:.4f}, validation "
                f"{now.valid:.4f}, {now.tokens_per_second:,.0f} tokens/s",
            )
            if tell is not None:
                tell(now)

        yield watch


def _lam(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text


def _say_end(trainer: Any, folder: Path) -> None:
    history = trainer.history
    out.print(
        f"{trainer.arm.method}: validation loss {history.valid[-1]:.4f} nats after "
        f"{trainer.step} steps; model in {folder}",
        highlight=False,
        soft_wrap=True,
    )
