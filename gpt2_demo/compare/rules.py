"""The numbers that decide, fixed before any run, with their reasons."""

from __future__ import annotations

MARGIN = 0.05
"""Nats a token. 0.05 is 5 % in perplexity: less than one notch of a learning rate's
grid usually costs, so a method that gives up no more has replaced the tuning."""

LEVEL = 0.95
"""Of each Student-t interval for the mean paired difference; not corrected for how many
there are, so one in twenty may be wrong: read all single differences too."""

PAIRS = (
    ("IAM", "SGD", True),
    ("IAM, cap 1", "SGD", False),
    ("IAM-Adam", "AdamW", True),
    ("SPS*", "SGD", False),
)
"""Untuned method, tuned one, and whether the claim stands or falls with it. A cap is a
learning rate that somebody chose, so the capped IAM decides nothing. For the last
iterate of SPS*, which is what is judged here, no theorem promises a rate."""

RULE = (
    f"Paired by seed, d = untuned - tuned in final validation loss, {LEVEL:.0%} "
    "Student-t interval for its mean: better if the interval is below 0; as good if it "
    f"is below {MARGIN}; worse if it is above {MARGIN}; else undecided. If runs "
    "diverged: worse if more of the untuned did, better only if all of the tuned did "
    "and none of the untuned, else undecided."
)

CONTROL_RULE = (
    "A control, d = teacher - control: the teacher is better if the interval is below "
    f"0, the control if it is above 0; no difference if it is within ±{MARGIN}; else "
    "undecided. Diverged runs count as above."
)
