"""A teacher's logits, computed once for a range of a stream and shared by students.

They lie in a folder named by the teacher's and the stream's hashes, as little-endian
float32 in files of `CHUNK` samples. A file is whole or not there, so a run that was cut
off goes on with the first file that is missing; its name ends in its CRC.
"""

from __future__ import annotations

import hashlib
import zlib
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from synthetic.loss_formulas import sigmoid
from synthetic.parity.forward import logits
from synthetic.parity.network import Network
from synthetic.parity.state import fingerprint
from synthetic.parity.stream import Stream
from synthetic.parity.train import Targets
from theory import files
from theory.errors import InputError

CHUNK = 2**17
"""Samples of a file: half a megabyte, some seconds of a teacher of width 50 000."""

Logits = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class TeacherLabels:
    """The logits of one teacher on one stream.

    Args:
        teacher: Not to be trained any more.
        stream: Its inputs alone count, not the target or the noise.
        root: Folder of all teachers' labels.
        threads: For computing them.

    """

    teacher: Network
    stream: Stream
    root: Path
    threads: int = 1
    _open: dict[int, Logits] = field(default_factory=dict, repr=False)
    _hash: str = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if self.teacher.dim != self.stream.dim:
            msg = f"The teacher has d={self.teacher.dim}, the stream {self.stream.dim}."
            raise InputError(msg)
        # a stream's inputs are those of its seed modulo 2**64
        of_stream = f"{self.stream.dim} {self.stream.seed % 2**64}"
        short = hashlib.sha256(of_stream.encode()).hexdigest()[:16]
        name = f"{fingerprint(self.teacher)[:16]}-{short}"
        object.__setattr__(self, "_hash", name)

    @property
    def folder(self) -> Path:
        """Where these labels are."""
        return self.root / self._hash

    def logits(self, first: int, num: int) -> Logits:
        """The logits of class 1 of samples first, ..., first + num - 1.

        Those that are not there yet are computed and kept, a file at a time.
        """
        if first < 0 or num < 0:
            msg = f"Need first >= 0 and num >= 0, got {first=}, {num=}."
            raise InputError(msg)
        out = np.empty(num, dtype=np.float32)
        for number in range(first // CHUNK, -(-(first + num) // CHUNK)):
            start = number * CHUNK
            low, high = max(first, start), min(first + num, start + CHUNK)
            out[low - first : high - first] = self._file(number)[
                low - start : high - start
            ]
        return out

    def targets(self, temperature: float = 1.0) -> Targets:
        r"""$\sigma(f / \text{temperature})$, for `train`; at 0 the teacher's argmax."""
        if not temperature >= 0.0:
            msg = f"Need temperature >= 0, got {temperature=}."
            raise InputError(msg)

        def probabilities(first: int, num: int) -> NDArray[np.float64]:
            found = self.logits(first, num).astype(np.float64)
            if temperature == 0.0:
                return (found > 0.0).astype(np.float64)
            return np.asarray(sigmoid(found / temperature))

        return probabilities

    def _file(self, number: int) -> Logits:
        """One file's labels, mapped into memory."""
        if number not in self._open:
            path = self._find(number) or self._compute(number)
            if len(self._open) >= 64:  # open files are few on some systems
                self._open.clear()
            self._open[number] = _mapped(path, number)
        return self._open[number]

    def _find(self, number: int) -> Path | None:
        return next(self.folder.glob(f"{number:08d}-*.f32"), None)

    def _compute(self, number: int) -> Path:
        words = self.stream.words(number * CHUNK, CHUNK)
        found = logits(self.teacher, words, self.threads).astype("<f4")
        path = files.writable(self.folder) / _name(number, found)
        files.write(path, found.tobytes())
        return path


def _mapped(path: Path, number: int) -> Logits:
    if path.stat().st_size == 4 * CHUNK:
        found: Logits = np.memmap(path, dtype="<f4", mode="r")
        if _name(number, found) == path.name:
            return found
    msg = f"{path} is damaged. Delete it, and it is computed again."
    raise InputError(msg)


def _name(number: int, found: Logits) -> str:
    return f"{number:08d}-{zlib.crc32(np.ascontiguousarray(found).data):08x}.f32"
