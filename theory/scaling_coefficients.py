"""Published coefficients of the scaling laws, and the ranges that they were fitted on.

Busbridge et al., arXiv 2502.08606, table 6: C4 in English, 90 % bootstrap intervals
of 4096 resamples, each coefficient by itself. They move together (see
`scaling.identifiability`): a draw of each from its own interval is no draw of the fit.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np

from theory.scaling_law import Distilled, Law, Supervised

SOURCE = "Busbridge et al., arXiv 2502.08606, table 6"


@dataclass(frozen=True)
class Estimate:
    """A printed coefficient with the ends of its 90 % interval."""

    value: float
    low: float
    high: float


SUPERVISED: Mapping[str, Estimate] = MappingProxyType(
    {
        "A": Estimate(3355, 3346, 3360),
        "B": Estimate(18186, 18157, 18236),
        "E": Estimate(1.220, 1.190, 1.247),
        "alpha": Estimate(0.408, 0.405, 0.411),
        "beta": Estimate(0.431, 0.428, 0.433),
        "gamma": Estimate(0.452, 0.442, 0.461),
    }
)
"""Of L(N, D), from 73 runs."""

DISTILLED: Mapping[str, Estimate] = MappingProxyType(
    {
        "A": Estimate(2243, 2227, 2255),
        "B": Estimate(24181, 24084, 24266),
        "alpha": Estimate(0.321, 0.319, 0.324),
        "beta": Estimate(0.637, 0.634, 0.640),
        "gamma": Estimate(0.764, 0.732, 0.788),
        "c0": Estimate(2.549, 2.425, 2.615),
        "c1": Estimate(522.6, 522.6, 522.6),
        "f1": Estimate(0.090, 0.088, 0.093),
        "d1": Estimate(1.315, 1.302, 1.327),
    }
)
"""Of L_S(N_S, D_S, L_T), from 697 runs."""

LOGARITHMIC = frozenset({"A", "B", "E", "d1"})
"""The coefficients that the law takes as logarithms."""


def law_of(supervised: Mapping[str, Any], distilled: Mapping[str, Any]) -> Law:
    """The law with these coefficients, numbers or arrays, by their printed names."""

    def inner(values: Mapping[str, Any]) -> list[Any]:
        return [np.log(v) if k in LOGARITHMIC else v for k, v in values.items()]

    return Law(
        Supervised(*inner({name: supervised[name] for name in SUPERVISED})),
        Distilled(*inner({name: distilled[name] for name in DISTILLED})),
    )


PUBLISHED = law_of(
    {name: estimate.value for name, estimate in SUPERVISED.items()},
    {name: estimate.value for name, estimate in DISTILLED.items()},
)
"""The law at the printed values."""

RELATIVE_ERROR = 0.01
"""Of the published fit's own predictions, at most."""

SIZES = (143e6, 12.6e9)
"""Non-embedding parameters of the students and teachers that were trained."""

MOST_TOKENS = 512e9
"""Of the longest runs."""

FEWEST_TOKENS = 20 * SIZES[0]
"""20 for each of the smallest model's parameters. Some runs may have been shorter, so
what is called outside the range may be inside, not the other way round."""
