r"""Families of small problems with a comparator at 0, from vectors of parameters.

Moving the comparator to 0 costs nothing; neither does a positive factor on all losses.
How the origin stands to the minimum is one of three:

- "zero": every component has its minimum at 0 (interpolation), by construction;
- "pairs": components come in pairs with opposite subgradients at 0, so that 0
  minimises the sum and not the components (noise);
- "free": 0 is any point of the space, which claims on any comparator must bear.
"""

from __future__ import annotations

import abc
from dataclasses import dataclass, replace

import numpy as np

from synthetic import instances
from synthetic.hunt.certificate import certified, origin
from synthetic.hunt.tape import Tape, positive, probabilities
from synthetic.losses import LOSSES
from synthetic.problems.base import FloatArray, Problem
from synthetic.problems.glm import GLM
from synthetic.problems.nonconvex import Valleys
from synthetic.problems.polyhedral import Polyhedral

Start = tuple[Problem, FloatArray]

ZERO, PAIRS, FREE = "zero", "pairs", "free"
SPREAD = 0.3
"""How far a start near the axes is from them."""


@dataclass(frozen=True)
class Shape(abc.ABC):
    """A family of problems with their starts.

    Attributes:
        num_components: $n$.
        dim: $d$.
        at_origin: "zero", "pairs" or "free"; see the module.

    """

    num_components: int
    dim: int
    at_origin: str = ZERO

    @property
    def num_groups(self) -> int:
        """Components, or pairs of them, that have a weight of their own."""
        return self.num_components // (2 if self.at_origin == PAIRS else 1)

    @property
    @abc.abstractmethod
    def size(self) -> int:
        """How many parameters an instance has."""

    @abc.abstractmethod
    def problem(self, tape: Tape) -> Problem:
        """The problem, from its parameters; its comparator is not certified yet."""

    @abc.abstractmethod
    def axes(self, rng: np.random.Generator) -> FloatArray:
        """Parameters near a problem on the axes, the start excluded."""

    def start(self, rng: np.random.Generator) -> FloatArray:
        """Parameters to begin a search at: near the axes, or anywhere."""
        if rng.random() < 0.5:
            level = 1.0 + SPREAD * rng.standard_normal(self.dim)
            return np.concatenate([self.axes(rng), level])
        return rng.standard_normal(self.size)

    def build(self, tape: Tape) -> Start:
        """The problem, certified, and its start."""
        problem = self.problem(tape)
        minimiser = certified(problem)
        return replace(problem, minimiser=minimiser), tape.take(self.dim)

    def weights(self, tape: Tape) -> FloatArray:
        """Probabilities of the components, equal within pairs."""
        if self.num_groups == 1:
            return np.full(self.num_components, 1.0 / self.num_components)
        chances = probabilities(tape.take(self.num_groups))
        return np.repeat(chances, 2) / 2 if self.at_origin == PAIRS else chances

    @property
    def num_weights(self) -> int:
        """How many parameters the weights have."""
        return self.num_groups if self.num_groups > 1 else 0


@dataclass(frozen=True)
class Maxima(Shape):
    r"""$f_i = \max_k (\langle w_{ik}, x\rangle + c_{ik})$, and 0 for "zero".

    Attributes:
        num_pieces: $K$ for each component.
        has_offsets: May $c_{ik} \ne 0$?
        is_level: Are all slopes of a component equally long?

    """

    num_pieces: int = 2
    has_offsets: bool = False
    is_level: bool = True

    @property
    def num_sizes(self) -> int:
        """How many lengths of slopes are free."""
        if not self.is_level:
            return self.num_components * self.num_pieces
        return self.num_components if self.num_components > 1 else 0

    @property
    def size(self) -> int:
        """See `Shape.size`."""
        pieces = self.num_components * self.num_pieces
        offsets = pieces if self.has_offsets else 0
        return (
            pieces * self.dim + offsets + self.num_sizes + self.num_weights + (self.dim)
        )

    def axes(self, rng: np.random.Generator) -> FloatArray:
        """See `Shape.axes`."""
        one = np.eye(self.num_pieces, self.dim)
        slopes = np.tile(one, (self.num_components, 1, 1)).ravel()
        rest = SPREAD * rng.standard_normal(self.size - self.dim)
        rest[: slopes.size] += slopes
        return rest

    def problem(self, tape: Tape) -> Polyhedral:
        """See `Shape.problem`."""
        n, k, d = self.num_components, self.num_pieces, self.dim
        slopes = tape.take(n, k, d)
        length = np.linalg.norm(slopes, axis=-1, keepdims=True)
        slopes = slopes / np.where(length > 0, length, 1.0)
        offsets = tape.take(n, k) if self.has_offsets else np.zeros((n, k))
        if self.num_sizes:
            sizes = positive(tape.take(self.num_sizes))
            slopes = slopes * sizes.reshape(n, -1, 1)
        if self.at_origin != FREE:
            offsets = -(offsets**2)
        if self.at_origin == ZERO:
            slopes = np.concatenate([slopes, np.zeros((n, 1, d))], axis=1)
            offsets = np.concatenate([offsets, np.zeros((n, 1))], axis=1)
        if self.at_origin == PAIRS:
            slopes[1::2, 0] = -slopes[::2, 0]
            offsets[:, 0] = 0.0
        return Polyhedral(
            name=f"a maximum of {k} pieces" if n == 1 else f"{n} maxima of {k} pieces",
            weights=self.weights(tape),
            minimiser=origin(d),
            pieces=slopes,
            offsets=offsets,
        )


@dataclass(frozen=True)
class Rows(Shape):
    r"""$f_i = h(\langle a_i, x\rangle; b_i)$, h by name."""

    loss: str = "squared"

    @property
    def num_targets(self) -> int:
        """How many $b_i$ are free."""
        return 0 if self.at_origin == ZERO else self.num_groups

    @property
    def size(self) -> int:
        """See `Shape.size`."""
        rows = self.num_groups * self.dim
        return rows + self.num_targets + self.num_weights + self.dim

    def axes(self, rng: np.random.Generator) -> FloatArray:
        """See `Shape.axes`."""
        rows = np.eye(self.num_groups, self.dim).ravel()
        rest = SPREAD * rng.standard_normal(self.size - self.dim)
        rest[: rows.size] += rows
        return rest

    def problem(self, tape: Tape) -> GLM:
        """See `Shape.problem`."""
        rows = tape.take(self.num_groups, self.dim)
        middle = 0.5 if self.loss == "logistic" else 0.0
        target = np.full(self.num_groups, middle)
        if self.num_targets:
            away = tape.take(self.num_groups)
            inside = 0.49 * np.tanh(np.abs(away))  # b >= 1/2: then 1 - b is exact
            target = target + (inside if self.loss == "logistic" else away)
        if self.at_origin == PAIRS:
            rows = np.repeat(rows, 2, axis=0)
            other = 1.0 - target if self.loss == "logistic" else -target
            target = np.stack([target, other], axis=1).ravel()
        return GLM(
            name=f"{len(rows)} rows, {self.loss} loss",
            weights=self.weights(tape),
            minimiser=origin(self.dim),
            features=rows,
            target=target,
            loss=LOSSES[self.loss],
            center=np.zeros(self.dim),
        )


@dataclass(frozen=True)
class Hollows(Shape):
    """Two maxima per component, of which the lesser counts: not convex."""

    num_pieces: int = 2

    @property
    def size(self) -> int:
        """See `Shape.size`."""
        pieces = 2 * self.num_components * self.num_pieces
        return pieces * (self.dim + 1) + self.num_weights + self.dim

    def axes(self, rng: np.random.Generator) -> FloatArray:
        """See `Shape.axes`."""
        return SPREAD * rng.standard_normal(self.size - self.dim)

    def problem(self, tape: Tape) -> Valleys:
        """See `Shape.problem`: the first bank is 0 at 0, none is ever below."""
        n, k, d = self.num_components, self.num_pieces, self.dim
        pieces, offsets = tape.take(n, 2, k, d), np.array(tape.take(n, 2, k))
        offsets[:, 0] = -(offsets[:, 0] ** 2)
        return Valleys(
            name=f"{n} lesser of two maxima",
            weights=self.weights(tape),
            minimiser=origin(d),
            convex=False,
            witness="a component is the lesser of two maxima",
            pieces=np.concatenate([pieces, np.zeros((n, 2, 1, d))], axis=2),
            offsets=np.concatenate([offsets, np.zeros((n, 2, 1))], axis=2),
        )


@dataclass(frozen=True)
class Resisting(Shape):
    """The largest coordinate with its resisting oracle, from a level start."""

    @property
    def size(self) -> int:
        """See `Shape.size`."""
        return 1

    def axes(self, rng: np.random.Generator) -> FloatArray:
        """See `Shape.axes`."""
        return rng.standard_normal(0)

    def start(self, rng: np.random.Generator) -> FloatArray:
        """See `Shape.start`."""
        return SPREAD * rng.standard_normal(1)

    def problem(self, tape: Tape) -> Polyhedral:
        """See `Shape.problem`."""
        del tape
        return instances.linf(self.dim)

    def build(self, tape: Tape) -> Start:
        """See `Shape.build`."""
        return self.problem(tape), np.full(self.dim, float(positive(tape.take(1))[0]))
