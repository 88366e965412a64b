"""Every figure by its name, in the order of the papers, and what is not built."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module

from figures.spec import KD_PAPER, PROJECT, SPS_PAPER, Figure
from theory.errors import InputError

MODULES = {
    "sps-bounds": "figures.sps_bounds",
    "iam-last": "figures.iam_last",
    "step-sizes": "figures.step_sizes",
    "wrong-targets": "figures.wrong_targets",
    "linf-slope": "figures.linf_slope",
    "real-data": "figures.real_data",
    "gpt2-curves": "figures.gpt2_curves",
    "gpt2-settings": "figures.gpt2_settings",
    "gpt2-steps": "figures.gpt2_steps",
    "gpt2-controls": "figures.gpt2_controls",
    "kd-neighbourhood": "figures.kd_neighbourhood",
    "kd-factor": "figures.kd_factor",
    "kd-teachers": "figures.kd_teachers",
    "kd-digits": "figures.kd_digits",
    "parity-times": "figures.parity_times",
    "parity-teachers": "figures.parity_teachers",
    "parity-checkpoints": "figures.parity_checkpoints",
    "parity-dimension": "figures.parity_dimension",
    "deviations-progress": "figures.deviations_progress",
    "deviations-trajectories": "figures.deviations_trajectories",
    "deviations-risk": "figures.deviations_risk",
    "deviations-confidence": "figures.deviations_confidence",
    "deviations-bounds": "figures.deviations_bounds",
    "scaling-teacher": "figures.scaling_teacher",
    "scaling-crossover": "figures.scaling_crossover",
    "scaling-shares": "figures.scaling_shares",
    "scaling-isoflop": "figures.scaling_isoflop",
    "scaling-residuals": "figures.scaling_residuals",
    "tightness-map": "figures.tightness_map",
    "mutation-matrix": "figures.mutation_matrix",
    "calibration": "figures.calibration",
}
"""A new figure is a module with a `FIGURE`, and a line here."""


def get(name: str) -> Figure:
    """The figure of that name; an error names the closest ones."""
    if name not in MODULES:
        close = difflib.get_close_matches(name, MODULES, cutoff=0.4)
        hint = f"did you mean {' or '.join(close)}?" if close else ""
        hint = hint or f"there are {', '.join(MODULES)}."
        msg = f"no figure {name!r}; {hint}"
        raise InputError(msg)
    figure = import_module(MODULES[name]).FIGURE
    assert isinstance(figure, Figure)
    return figure


def find(names: Sequence[str]) -> list[Figure]:
    """The named figures, each once; all of them if none is named."""
    return [get(name) for name in dict.fromkeys(names or MODULES)]


@dataclass(frozen=True)
class Missing:
    """Something that a paper shows and this project does not draw.

    Attributes:
        paper: Which paper.
        what: What it shows.
        why: Why it is not built.

    """

    paper: str
    what: str
    why: str


NOT_BUILT = (
    Missing(
        SPS_PAPER,
        "distillation of GPT-2 medium into a student of 5 layers of 768 on WikiText-2",
        "It needs a GPU: `ratecheck gpt2 compare --preset gpu` makes it, and the "
        "environment variable RATECHECK_GPT2 names its results.json for the figures "
        "gpt2-*. Those shipped are of a small student on a CPU.",
    ),
    Missing(
        SPS_PAPER,
        "the paper's own experiments, number by number",
        "The figures here are this project's: the paper's data and plots were not at "
        "hand, so no number of its figures is claimed.",
    ),
    Missing(
        KD_PAPER,
        "networks on MNIST and CIFAR-10, compressed ones too",
        "`ratecheck kd --data mnist` runs the study, once torchvision has the data.",
    ),
    Missing(
        PROJECT,
        "networks on grammars; the rest of the mutation matrix",
        "Grammars have sampler and oracle, and no trained network yet. The matrix has "
        "the rows that were there when it was saved: `ratecheck mutate --matrix`.",
    ),
)
"""Said by `ratecheck figures --list`."""
