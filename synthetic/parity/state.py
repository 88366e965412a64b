"""Networks in safetensors files: torch's tensors, and what a bitwise resumption needs.

The two rows of a network with two logits are formed from their difference and sum, and
rounded; so both are kept too. A SHA-256 of all of it stands in the file's metadata.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from synthetic.parity.network import Network
from theory import files
from theory.errors import InputError

FORMAT = "two-layer ReLU network, 1"
KEY = "network"
EXACT = ("readout", "intercept", "sums")


@dataclass(frozen=True)
class Checkpoint:
    """A network read from a file.

    Args:
        network: On arrays of its own.
        notes: What `save` was told to keep, such as seeds.

    """

    network: Network
    notes: dict[str, Any]


def fingerprint(network: Network) -> str:
    """SHA-256 of the network: its shape, type, step and every bit of its weights."""
    return _digest(_header(network), _tensors(network))


def save(path: Path, network: Network, notes: Mapping[str, Any] | None = None) -> None:
    """Write the network; what was there before stays until the new file is whole.

    Args:
        path: A `.safetensors` file.
        network: Not changed.
        notes: Anything that JSON can hold, such as the seeds and the stream.

    Raises:
        InputError: The folder cannot be written, or safetensors is not installed.

    """
    tensors = _tensors(network)
    header = _header(network) | {"notes": dict(notes or {})}
    text = json.dumps(header | {"sha256": _digest(header, tensors)}, sort_keys=True)
    files.write(path, _library().save(tensors, metadata={KEY: text}))


def load(path: Path, like: Network | None = None) -> Checkpoint:
    """Read what `save` wrote.

    Args:
        path: The file.
        like: If given, the file must hold a network of this shape and type.

    Raises:
        InputError: No such file, a pickle, another format, a damaged file, or a network
            of another shape.

    """
    header, tensors = _read(path)
    stated = header.pop("sha256", "")
    if _digest(header, tensors) != stated:
        msg = (
            f"{path} is damaged: its SHA-256 is not {stated[:12]}... Take another copy."
        )
        raise InputError(msg)
    names = ("dim", "width", "logits", "dtype")
    found = {name: header[name] for name in names}
    if like is not None and found != {name: _header(like)[name] for name in names}:
        wanted = {name: _header(like)[name] for name in names}
        msg = f"{path} holds a network of {found}, need {wanted}."
        raise InputError(msg)
    network = Network.from_tensors(tensors, step=header["step"])
    for name in EXACT:
        exact = tensors[f"exact.{name}"]
        getattr(network, name)[: exact.size] = exact
    return Checkpoint(network, header["notes"])


def _header(network: Network) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "dim": network.dim,
        "width": network.width,
        "logits": network.logits,
        "dtype": str(network.dtype),
        "step": network.step,
    }


def _tensors(network: Network) -> dict[str, NDArray[Any]]:
    exact = {
        "exact.readout": network.readout[: network.width],
        "exact.intercept": network.intercept,
        "exact.sums": network.sums,
    }
    return network.tensors() | {k: np.ascontiguousarray(v) for k, v in exact.items()}


def _digest(header: Mapping[str, Any], tensors: Mapping[str, NDArray[Any]]) -> str:
    digest = hashlib.sha256(json.dumps(header, sort_keys=True).encode())
    for name in sorted(tensors):
        array = tensors[name]
        digest.update(f"\0{name} {array.dtype} {array.shape}\0".encode())
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()


def _read(path: Path) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    try:
        data = path.read_bytes()
    except OSError as error:
        msg = f"Could not read {path}: {error}."
        raise InputError(msg) from error
    if data[:1] == b"\x80" or data[:2] == b"PK":
        msg = f"{path} is a pickle, which can run any code. Need a safetensors file."
        raise InputError(msg)
    try:
        tensors = _library().load(data)
        size = int.from_bytes(data[:8], "little")
        text = json.loads(data[8 : 8 + size])["__metadata__"][KEY]
        header = json.loads(text)
    except InputError:
        raise
    except Exception as error:  # the library's own exception is not public
        msg = f"{path} is damaged, or not a network's safetensors file: {error}."
        raise InputError(msg) from error
    if header.get("format") != FORMAT:
        msg = f"{path} has the format {header.get('format')!r}, need {FORMAT!r}."
        raise InputError(msg)
    return header, tensors


def _library() -> Any:
    try:
        import safetensors.numpy  # noqa: PLC0415
    except ImportError as error:
        msg = "Checkpoints need safetensors: pip install safetensors."
        raise InputError(msg) from error
    return safetensors.numpy
