r"""$f(x) = A (W x + b)_+ + c$ with one logit or two, laid out for the kernels.

Training sees two logits only through $d = a_1 - a_0$ and $c_1 - c_0$; the sums
$a_0 + a_1$ and $c_0 + c_1$ never move. So d and the sums are what is kept, and the two
rows are formed where they are asked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from synthetic.parity.kernel_vectors import BYTES, lanes_of
from theory.errors import InputError

Array = NDArray[Any]
ROWS = 8  # rows of zeros fill the inputs and the bias up to a multiple


def aligned(size: int, dtype: Any) -> Array:
    """Zeros that begin with a cache line: no vector lies across two."""
    count = size * int(np.dtype(dtype).itemsize)
    buffer = np.zeros(count + BYTES, dtype=np.uint8)
    start = -buffer.ctypes.data % BYTES
    return np.asarray(buffer[start : start + count].view(dtype))


@dataclass(frozen=True, eq=False)
class Network:
    """A two-layer ReLU network; `train` changes the arrays in place.

    Args:
        dim: $d$, inputs.
        width: Hidden neurons.
        logits: 1 or 2.
        packed: W, b as [strip][input, bias, zeros][neuron of the strip], flat.
        readout: $a$, or $a_1 - a_0$, with zeros up to whole strips.
        intercept: $c$, or $c_1 - c_0$; one element.
        sums: For two logits $a_0 + a_1$ and, as the last entry, $c_0 + c_1$.
        clock: Steps taken; one element.

    """

    dim: int
    width: int
    logits: int
    packed: Array
    readout: Array
    intercept: Array
    sums: Array
    clock: NDArray[np.int64]

    @property
    def dtype(self) -> np.dtype[Any]:
        """`float32` or `float64`."""
        return self.packed.dtype

    @property
    def step(self) -> int:
        """Steps taken."""
        return int(self.clock[0])

    @property
    def rows(self) -> int:
        """Rows of a strip: inputs, bias, zeros."""
        return padded_rows(self.dim)

    @property
    def strips(self) -> int:
        """Vectors that the neurons fill."""
        return self.readout.size // lanes_of(self.dtype)

    @classmethod
    def default(
        cls, dim: int, width: int, *, seed: int, logits: int = 2, dtype: Any = "float32"
    ) -> Network:
        r"""PyTorch's default: uniform on $\pm 1/\sqrt{\text{inputs}}$ of each layer."""
        if dim < 1 or width < 1 or logits not in {1, 2}:
            msg = (
                "Need dim, width >= 1 and 1 or 2 logits, got "
                f"{dim=}, {width=}, {logits=}."
            )
            raise InputError(msg)
        rng = np.random.default_rng(seed)

        def uniform(inputs: int, *shape: int) -> Array:
            return np.asarray(rng.uniform(-1.0, 1.0, shape) / np.sqrt(inputs))

        return cls.from_tensors(
            {
                "hidden.weight": uniform(dim, width, dim),
                "hidden.bias": uniform(dim, width),
                "readout.weight": uniform(width, logits, width),
                "readout.bias": uniform(width, logits),
            },
            dtype=dtype,
        )

    @classmethod
    def from_tensors(
        cls, tensors: dict[str, Array], *, dtype: Any = None, step: int = 0
    ) -> Network:
        """From torch's tensors, as `tensors` gives them.

        Args:
            tensors: `hidden.weight` (width, d), `hidden.bias` (width), `readout.weight`
                (logits, width) and `readout.bias` (logits).
            dtype: `float32` or `float64`; that of the weights if `None`.
            step: Steps already taken.

        Raises:
            InputError: A tensor is missing, or its shape or type does not fit.

        """
        weight, bias, readout, intercept = _checked(tensors)
        kind = np.dtype(weight.dtype if dtype is None else dtype)
        if kind not in {np.dtype("float32"), np.dtype("float64")}:
            msg = f"Need dtype float32 or float64, got {kind}."
            raise InputError(msg)
        readout, intercept = readout.astype(kind), intercept.astype(kind)
        (width, dim), logits = weight.shape, len(intercept)
        made = blank(dim, width, logits, kind)
        made.set_rows(np.column_stack((weight, bias)))
        if logits == 2:
            made.readout[:width] = readout[1] - readout[0]
            made.intercept[0] = intercept[1] - intercept[0]
            made.sums[:width] = readout[0] + readout[1]
            made.sums[width] = intercept[0] + intercept[1]
        else:
            made.readout[:width] = readout[0]
            made.intercept[0] = intercept[0]
        made.clock[0] = step
        return made

    def set_rows(self, neurons: Array) -> None:
        """Write W and b, given as (width, d + 1)."""
        lane = lanes_of(self.dtype)
        full = np.zeros((self.strips * lane, self.rows), self.dtype)
        full[: self.width, : self.dim + 1] = neurons
        strips = full.reshape(self.strips, lane, self.rows)
        self.packed[:] = strips.transpose(0, 2, 1).ravel()

    def neurons(self) -> Array:
        """A copy of W and b, as (width, d + 1)."""
        lane = lanes_of(self.dtype)
        strips = self.packed.reshape(self.strips, self.rows, lane)[:, : self.dim + 1]
        full = strips.transpose(0, 2, 1).reshape(self.strips * lane, self.dim + 1)
        return np.ascontiguousarray(full[: self.width])

    def tensors(self) -> dict[str, Array]:
        """Copies of torch's tensors, named as in `from_tensors`."""
        neurons = self.neurons()
        readout, intercept = self.readout[: self.width], self.intercept
        if self.logits == 2:
            total, shift = self.sums[: self.width], self.sums[self.width :]
            readout = np.stack((0.5 * (total - readout), 0.5 * (total + readout)))
            intercept = np.stack((0.5 * (shift - intercept), 0.5 * (shift + intercept)))
        return {
            "hidden.weight": np.ascontiguousarray(neurons[:, : self.dim]),
            "hidden.bias": np.ascontiguousarray(neurons[:, self.dim]),
            "readout.weight": readout.reshape(self.logits, self.width).copy(),
            "readout.bias": intercept.reshape(self.logits).copy(),
        }

    def copy(self) -> Network:
        """The same network on arrays of its own."""
        made = blank(self.dim, self.width, self.logits, self.dtype)
        for name in ARRAYS:
            getattr(made, name)[:] = getattr(self, name)
        return made


ARRAYS = ("packed", "readout", "intercept", "sums", "clock")
"""What changes, and all that a copy has to bring along."""


def padded_rows(dim: int) -> int:
    """Inputs, the bias, and zeros up to a multiple of 8."""
    return -(-(dim + 1) // ROWS) * ROWS


def blank(dim: int, width: int, logits: int, dtype: Any) -> Network:
    """The network of zeros."""
    lane = lanes_of(dtype)
    strips = -(-width // lane)
    return Network(
        dim=dim,
        width=width,
        logits=logits,
        packed=aligned(strips * padded_rows(dim) * lane, dtype),
        readout=aligned(strips * lane, dtype),
        intercept=np.zeros(1, dtype),
        sums=np.zeros(width + 1 if logits == 2 else 0, dtype),
        clock=np.zeros(1, np.int64),
    )


def _checked(tensors: dict[str, Array]) -> tuple[Array, Array, Array, Array]:
    """The four tensors, of shapes that fit each other."""
    names = ("hidden.weight", "hidden.bias", "readout.weight", "readout.bias")
    missing = [name for name in names if name not in tensors]
    if missing:
        msg = f"Need the tensors {', '.join(names)}; {missing[0]} is missing."
        raise InputError(msg)
    weight, bias, readout, intercept = (np.asarray(tensors[name]) for name in names)
    shape = (weight.shape, bias.shape, readout.shape, intercept.shape)
    if weight.ndim == 2 and intercept.shape in {(1,), (2,)}:
        width, dim = weight.shape
        logits = len(intercept)
        if shape == ((width, dim), (width,), (logits, width), (logits,)):
            return weight, bias, readout, intercept
    msg = f"Need shapes (width, d), (width,), (1 or 2, width), (1 or 2,), got {shape}."
    raise InputError(msg)
