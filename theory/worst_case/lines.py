r"""One step of a Polyak method, for every step size: proofs that are identities.

Write $e = \|x_+\|^2 - \|x\|^2 = -2 \gamma \langle g, x\rangle + \gamma^2 \|g\|^2$ with
$x_\star = 0$. Conditions known to hold, for SPS* (for IAM read z for x and N for
$\Delta$; the relation where $N > 0$):

- the relation $\Delta - \gamma \|g\|^2 = 0$;
- convexity $\langle g, x\rangle - \Delta \ge 0$, and S2, the same less
  $\frac{1}{2L} \|g - h\|^2$, with $h$ the slope at the minimiser;
- S1, for $h = 0$: $2 L \Delta - \|g\|^2 \ge 0$.

Each claim here says that a quantity is at most 0, and is proved by writing it as a
combination of these with multipliers of the right sign. A `Line` is the difference of
both sides. Times a power of L it is a polynomial, and one of degree at most $d_i$ in
its i-th variable that vanishes on a grid of $d_i + 1$ values each is 0: `is_zero`, in
rational numbers, is a proof.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from math import prod
from typing import NamedTuple


class Step(NamedTuple):
    r"""The variables: inner products, $\Delta$, $\gamma$, and parameters of a claim.

    Attributes:
        gx: $\langle g, x\rangle$.
        gg: $\|g\|^2$.
        delta: $\Delta$.
        gamma: $\gamma > 0$.
        L: The smoothness.
        gh: $\langle g, h\rangle$.
        hh: $\|h\|^2$.
        xx: $\|x\|^2$.
        theta: $\theta \ge 0$ of the sharp line.
        v: The weight of $\|x_+\|^2$ in the potential.

    """

    gx: Fraction = Fraction(0)
    gg: Fraction = Fraction(0)
    delta: Fraction = Fraction(0)
    gamma: Fraction = Fraction(0)
    L: Fraction = Fraction(1)
    gh: Fraction = Fraction(0)
    hh: Fraction = Fraction(0)
    xx: Fraction = Fraction(0)
    theta: Fraction = Fraction(0)
    v: Fraction = Fraction(0)

    def change(self) -> Fraction:
        r"""$e$."""
        return -2 * self.gamma * self.gx + self.gamma**2 * self.gg

    def relation(self) -> Fraction:
        """Zero."""
        return self.delta - self.gamma * self.gg

    def convexity(self) -> Fraction:
        """At least 0."""
        return self.gx - self.delta

    def s2(self) -> Fraction:
        """At least 0."""
        return self.convexity() - (self.gg - 2 * self.gh + self.hh) / (2 * self.L)

    def s1(self) -> Fraction:
        """At least 0 where h = 0."""
        return 2 * self.L * self.delta - self.gg


@dataclass(frozen=True)
class Line:
    """A claim on one step, and its proof as an identity.

    Attributes:
        statement: The claim.
        residual: Left-hand side less right-hand side of the identity.
        degrees: At most, in each variable that it has, times the power of L.

    """

    statement: str
    residual: Callable[[Step], Fraction]
    degrees: Mapping[str, int]

    def is_zero(self) -> bool:
        """Whether the identity holds, for all real numbers."""
        return not any(map(self.residual, self.grid()))

    def largest_residual(self) -> Fraction:
        """On the grid that decides; not 0 if the identity does not hold."""
        return max(abs(self.residual(step)) for step in self.grid())

    @property
    def grid_size(self) -> int:
        """How many points decide."""
        return prod(degree + 1 for degree in self.degrees.values())

    def grid(self) -> Iterator[Step]:
        """Degree + 1 values of each variable."""
        # L must not be 0; the other values may be any.
        grids = [range(1, degree + 2) for degree in self.degrees.values()]
        for at in product(*grids):
            yield Step(**dict(zip(self.degrees, map(Fraction, at), strict=True)))


def sharp_form(s: Step) -> tuple[Fraction, Fraction, Fraction]:
    r"""$M_{11}, M_{12}, M_{22}$ of the form in $(g, h)$ that the sharp line leaves.

    $\det M = \frac{\gamma}{L} (\gamma - \theta + L \theta^2)^2 \ge 0$ and $M_{22} > 0$.
    """
    over = s.gamma / s.L
    corner = s.gamma**2 - 2 * s.theta * s.gamma + s.L * s.theta**2 * s.gamma + over
    return corner, -over, over + s.theta**2


def _fejer(s: Step) -> Fraction:
    proof = -2 * s.gamma * s.convexity() - s.gamma * s.relation()
    return s.change() + s.gamma * s.delta - proof


def _sharp(s: Step) -> Fraction:
    a, b, c = sharp_form(s)
    claim = s.change() + 2 * s.theta * s.delta
    claim -= s.theta**2 * (s.L * s.delta + s.hh)
    proof = -2 * s.gamma * s.s2() - (a * s.gg + 2 * b * s.gh + c * s.hh)
    proof += (2 * s.theta - 2 * s.gamma - s.L * s.theta**2) * s.relation()
    return claim - proof


def _determinant(s: Step) -> Fraction:
    a, b, c = sharp_form(s)
    return a * c - b * b - s.gamma / s.L * (s.gamma - s.theta + s.L * s.theta**2) ** 2


def _interpolation_proof(s: Step) -> Fraction:
    proof = -2 * s.gamma * s.s2() - s.gamma / (2 * s.L) * s.s1()
    return proof - (2 * s.L * s.gamma - 3) / (2 * s.L) * s.relation()


def _interpolation(s: Step) -> Fraction:
    return s.change() + 3 * s.delta / (2 * s.L) - _interpolation_proof(s)


def _potential(s: Step) -> Fraction:
    claim = s.delta + s.v * (s.xx + s.change()) - (s.L / 2 + s.v / 4) * s.xx
    weight = 3 * s.v / (2 * s.L)
    square = s.L / 2 * s.xx - s.gx + s.gg / (2 * s.L)  # (L/2) |x - g/L|^2
    proof = -(1 - weight) * (square + s.s2())
    return claim - proof - weight * (2 * s.L / 3) * _interpolation_proof(s)


STEP = {"gx": 1, "gg": 1, "delta": 1, "gamma": 2, "L": 2}

FEJER = Line(
    r"$e + \gamma \Delta \le 0$: convexity alone",
    _fejer,
    STEP,
)

SHARP = Line(
    r"$e + 2 \theta \Delta - \theta^2 (L \Delta + \|h\|^2) \le 0$ for every $\theta$, "
    r"so $e \le -\Delta^2 / (L \Delta + \|h\|^2)$: convexity and S2",
    _sharp,
    {**STEP, "L": 3, "gh": 1, "hh": 1, "theta": 2},
)

DETERMINANT = Line(
    "the form that the sharp line leaves is positive semidefinite",
    _determinant,
    {"gamma": 3, "theta": 4, "L": 3},
)

INTERPOLATION = Line(
    r"$e + \frac{3}{2L} \Delta \le 0$ where $h = 0$: S1 and S2",
    _interpolation,
    STEP,
)

POTENTIAL = Line(
    r"$\Delta + v \|x_+\|^2 \le (\frac L2 + \frac v4) \|x\|^2$ for "
    r"$0 \le v \le \frac23 L$, where $h = 0$. With $V_0 = 0$, "
    r"$V_k = \frac L2 + \frac14 V_{k-1} = \frac23 (1 - 4^{-k}) L$: "
    r"$\sum_{t<T} \Delta_t \le \frac23 (1 - 4^{-T}) L D^2$ along every path, and "
    r"$\frac L2 x^2$ attains it",
    _potential,
    {**STEP, "xx": 1, "v": 1, "L": 4},
)

LINES = (FEJER, SHARP, DETERMINANT, INTERPOLATION, POTENTIAL)
