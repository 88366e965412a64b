"""What the numbers of a comparison depend on, kept in its folder."""

from __future__ import annotations

import json
import platform
from collections.abc import Sequence
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

from gpt2_demo import teacher
from gpt2_demo.compare import ground as grounds
from gpt2_demo.compare.presets import Preset
from theory.errors import InputError
from theory.files import write

PACKAGES = ("numpy", "tokenizers", "torch", "transformers")

Configuration = dict[str, Any]


def of(preset: Preset, teacher_losses: Sequence[Path] = ()) -> Configuration:
    """Sizes, data and versions, as JSON reads them back."""
    ground = grounds.of(preset)
    losses = [teacher.load(path, ground.train) for path in teacher_losses]
    found = {
        "preset": asdict(preset),
        "data": {
            "corpus": ground.corpus,
            "tokenizer": ground.tokenizer,
            "vocab": ground.vocab,
            "train": ground.train.sha256,
            "train_windows": len(ground.train),
            "valid": ground.valid.sha256,
            "valid_windows": len(ground.valid),
        },
        "given": {
            "teachers": [asdict(one.key) for one in losses],
            "files": [path.name for path in teacher_losses],
        },
        "versions": versions(),
    }
    return dict(json.loads(json.dumps(found)))


def versions() -> dict[str, str]:
    """Of what rounds: Python, the machine, the packages that compute."""
    return {
        "python": platform.python_version(),
        "machine": platform.machine(),
        **{name: version(name) for name in PACKAGES},
    }


def check(path: Path, ours: Configuration) -> None:
    """Write it down, or refuse a folder that holds others."""
    if not path.is_file():
        write(path, (json.dumps(ours, indent=1) + "\n").encode())
        return
    try:
        theirs = json.loads(path.read_text("utf-8"))
        changed = [
            f"{part}.{key} is {theirs[part].get(key)!r} there, {value!r} here"
            for part, values in ours.items()
            for key, value in values.items()
            if theirs[part].get(key) != value
        ]
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        msg = f"{path} is damaged ({error!r}). Name another folder with --out."
        raise InputError(msg) from error
    if changed:
        msg = (
            f"{path.parent} holds runs of another configuration: {'; '.join(changed)}. "
            "Name another folder with --out."
        )
        raise InputError(msg)
