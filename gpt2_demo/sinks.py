"""Where else the progress of a run may be told; nothing is, unless asked for."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import asdict
from importlib import import_module
from pathlib import Path

from gpt2_demo.plan import Progress
from theory.errors import InputError

Tell = Callable[[Progress], None]


def sink_of(name: str, folder: Path) -> Tell | None:
    """A function that tells tensorboard or wandb of each evaluation.

    Raises:
        InputError: No such sink, or its package is not installed.

    """
    makers = {"tensorboard": _tensorboard, "wandb": _wandb}
    if not name:
        return None
    if name not in makers:
        msg = f"Need --log-to out of {', '.join(makers)}, got {name!r}."
        raise InputError(msg)
    try:
        return makers[name](folder)
    except ImportError as error:
        msg = f"--log-to {name} needs a package: pip install {name} ({error})."
        raise InputError(msg) from error


def _tensorboard(folder: Path) -> Tell:
    writer = import_module("torch.utils.tensorboard").SummaryWriter(str(folder))

    def tell(now: Progress) -> None:
        for name in ("loss", "valid", "tokens_per_second"):
            writer.add_scalar(name, getattr(now, name), now.step)
        writer.flush()

    return tell


def _wandb(folder: Path) -> Tell:
    wandb = import_module("wandb")
    # By default on this disk alone; WANDB_MODE=online sends it.
    mode = os.environ.get("WANDB_MODE", "offline")
    run = wandb.init(project="ratecheck", dir=str(folder), mode=mode)
    return lambda now: run.log(asdict(now), step=now.step)
