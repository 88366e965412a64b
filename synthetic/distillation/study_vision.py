"""MNIST and CIFAR-10 through torchvision's loaders, where it is installed and online.

torch is an extra: without torchvision these names are an error that says what to do.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from synthetic.tables import Table
from theory.errors import InputError
from theory.folders import cache_folder

VISION = {"mnist": "MNIST", "cifar10": "CIFAR10"}
"""The names here, and those of torchvision's classes."""


def read_vision(name: str) -> Table:
    """The training images as rows of pixels in [0, 1], downloaded once.

    Raises:
        InputError: torchvision is missing, or the images cannot be had.

    """
    try:
        from torchvision import datasets  # noqa: PLC0415 -- an extra, and slow
    except ImportError as error:
        msg = (
            f"{name} comes through torchvision, which is not installed: "
            "pip install torch torchvision, or use --data digits, which is bundled"
        )
        raise InputError(msg) from error
    root = cache_folder() / "torchvision"
    try:
        images: Any = getattr(datasets, VISION[name])(str(root), download=True)
    except (OSError, RuntimeError) as error:
        msg = (
            f"cannot download {name} to {root} ({error}): go online once, put "
            "torchvision's files there, or use --data digits, which is bundled"
        )
        raise InputError(msg) from error
    pixels = np.asarray(images.data, dtype=np.float64).reshape(len(images.data), -1)
    return Table(
        name,
        pixels / 255.0,
        np.asarray(images.targets, dtype=np.float64),
        tuple(f"pixel {j}" for j in range(pixels.shape[1])),
        tuple(f"image {i}" for i in range(1, len(pixels) + 1)),
    )
