"""Options that several commands of `ratecheck parity` share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

MODES = (
    "With commas, or semicolons where a mode has some: ce, one-shot, "
    "progressive[:EVERY], multiplier:FACTOR, nt:N,T, single:STEP, saturation, "
    "schedule:FILE.toml, oracle, smoothed; mid, early, peak, random, degree1 [:STEPS, "
    "then the final checkpoint]."
)
Dim = Annotated[int, typer.Option("--dim", "-d", help="Inputs, signs.")]
Order = Annotated[int, typer.Option("--order", "-k", help="Inputs that count.")]
Target = Annotated[str, typer.Option(help="parity, staircase or table:0110...")]
Noise = Annotated[float, typer.Option(help="Share of training labels turned over.")]
Rate = Annotated[float, typer.Option(help="Step size.")]
Batch = Annotated[int, typer.Option(help="Samples of a step.")]
Steps = Annotated[int, typer.Option(help="The most steps.")]
Every = Annotated[int, typer.Option(help="Steps between two evaluations.")]
Init = Annotated[str, typer.Option(help="torch, or signs: weights of one size.")]
Logits = Annotated[int, typer.Option(help="1 or 2.")]
Jobs = Annotated[int, typer.Option(help="Processes, one thread each.")]
Schedule = Annotated[str, typer.Option(help="constant, or cosine to 0.")]
Warmup = Annotated[int, typer.Option(help="Steps in which the rate rises from 0.")]
Threads = Annotated[
    int, typer.Option(help="For one wide network; they change the time, not the bits.")
]
Seed = Annotated[int, typer.Option(help="Of weights, data and tests.")]
Modes = Annotated[str, typer.Option("--modes", "-m", help=MODES)]
Tau = Annotated[float, typer.Option(help="Divides the teacher's logits; 0: argmax.")]
LabelWeight = Annotated[float, typer.Option(help="Of the data's own labels.")]
Shown = Annotated[Path, typer.Argument(help="A folder that teach or sweep made.")]
