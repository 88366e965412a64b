r"""Ways of stopping short of the least-squares solution, as values.

Each has what is left of $\lambda$'s direction, and the one of its kind that leaves as
much as another model did (*matched progress*).
"""

from dataclasses import dataclass
from typing import Any

from theory import spectrum


@dataclass(frozen=True)
class Flow:
    """Gradient flow at a time."""

    time: Any

    def complement(self, lam: Any) -> Any:
        """What is left to learn."""
        return spectrum.flow_complement(lam, self.time)

    def matched(self, lam: Any, complement: Any) -> "Flow":
        """The flow that has as much left in that direction."""
        return Flow(spectrum.flow_time(lam, complement))

    def __str__(self) -> str:
        return f"flow to {float(self.time):g}"


@dataclass(frozen=True)
class Descent:
    """A number of steps of gradient descent; a real one where models are matched."""

    step: Any
    steps: Any

    def complement(self, lam: Any) -> Any:
        """What is left to learn."""
        return spectrum.descent_complement(self.step * lam, self.steps)

    def matched(self, lam: Any, complement: Any) -> "Descent":
        """The run that has as much left in that direction."""
        x = self.step * lam
        return Descent(self.step, spectrum.descent_steps(x, complement))

    def __str__(self) -> str:
        return f"{self.steps} steps of {float(self.step):g}"


@dataclass(frozen=True)
class Ridge:
    r"""The minimiser with the penalty $\frac\mu2\|w\|^2$."""

    mu: Any

    def complement(self, lam: Any) -> Any:
        """What is left to learn."""
        return spectrum.ridge_complement(lam, self.mu)

    def matched(self, lam: Any, complement: Any) -> "Ridge":
        """The penalty that leaves as much in that direction."""
        return Ridge(spectrum.ridge_strength(lam, complement))

    def __str__(self) -> str:
        return f"ridge {float(self.mu):g}"


Filter = Flow | Descent | Ridge
