"""One paragraph that says how a comparison came out, whichever way that is."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from gpt2_demo.compare import rules
from gpt2_demo.compare.judgement import Judgement, Pair
from gpt2_demo.compare.presets import Preset
from gpt2_demo.compare.runs import CONTROLLED
from gpt2_demo.compare.tables import number
from gpt2_demo.compare.verdict import Control, Paired

Teachers = Mapping[str, Mapping[str, Any]]

OPENING = {
    "supported": "On this task the claim is supported: a teacher's loss per batch let "
    "the student train without tuning of the learning rate.",
    "refuted": "On this task the claim is refuted: a teacher's loss per batch did not "
    "replace tuning of the learning rate.",
    "undecided": "On this task the claim is undecided: the seeds do not tell whether a "
    "teacher's loss per batch replaces tuning of the learning rate.",
}


def paragraph(judgement: Judgement, preset: Preset, teachers: Teachers) -> str:
    """Claim, pairs, controls, settings, the small student, edges of grids."""
    said = [OPENING[judgement.claim]]
    if not preset.decides:
        said.insert(0, "(These sizes only show that the comparison runs.)")
    said += [_pair(pair) for pair in judgement.pairs]
    said += [_controls(judgement), _brief(teachers), _settings(judgement)]
    said.append(
        f"For the student far smaller, {CONTROLLED} beside SGD at the larger student's "
        f"rate: {_found(judgement.small)}."
    )
    if judgement.edges:
        said.append(
            "A chosen rate is at the edge of its grid, so a wider grid may do better: "
            f"{'; '.join(judgement.edges)}."
        )
    return " ".join(one for one in said if one)


def _found(found: Paired) -> str:
    if not math.isfinite(found.mean):
        ours, theirs = found.diverged
        return f"{found.word} ({ours} of its runs diverged, {theirs} of the other's)"
    return (
        f"{found.word} (mean difference {found.mean:+.3f} nats, {rules.LEVEL:.0%} "
        f"interval [{found.lower:+.3f}, {found.upper:+.3f}])"
    )


def _pair(pair: Pair) -> str:
    return (
        f"Untuned {pair.ours} beside tuned {pair.theirs}: {_found(pair.all)}; it beats "
        f"{pair.beaten.number} of {pair.beaten.total} settings of {pair.theirs}'s own "
        "tuning."
    )


BATCHES = ("constant target", "shuffled target")
"""Controls that keep the teacher's mean loss and forget which batch it was of."""


def _controls(judgement: Judgement) -> str:
    said = []
    for word in Control:
        names = [k for k, one in judgement.controls.items() if one.control is word]
        if names:
            said.append(f"{word} for {', '.join(names)}")
    batches = [judgement.controls[name].control for name in BATCHES]
    others = [
        one.control for name, one in judgement.controls.items() if name not in BATCHES
    ]
    is_all, are_others = (
        all(word is Control.TEACHER for word in some) for some in (batches, others)
    )
    return (
        f"{CONTROLLED} with the teacher beside its controls: {'; '.join(said)}. "
        "So that the loss is of this batch "
        f"{'matters' if is_all else 'is not shown to matter'}, "
        f"and whose loss it is {'matters' if are_others else 'not in every case'}."
    )


def _brief(teachers: Teachers) -> str:
    brief, full = teachers.get("brief", {}), teachers.get("teacher", {})
    if brief.get("valid") is None:
        return ""
    if brief["sha256"] == full.get("sha256"):
        return (
            "No evaluation of the teacher's training was at or below AdamW's best "
            "tuning loss, so the brief teacher is the teacher itself, and no control."
        )
    full_loss = f"{full['valid']:.3f}" if full.get("valid") is not None else "unknown"
    return (
        f"The brief teacher stopped after {brief['steps']} steps at a validation loss "
        f"of {brief['valid']:.3f}; the teacher's is {full_loss}."
    )


def _settings(judgement: Judgement) -> str:
    said = [
        f"{name} {_width(spread.width)}"
        for name, spread in judgement.spreads.items()
        if not name.startswith("rate")
    ]
    rates = [s.width for n, s in judgement.spreads.items() if n.startswith("rate")]
    return (
        "What being untuned hides, as the range of the final loss in nats: "
        f"{', '.join(said)}; over the baselines' rates {_width(min(rates))} to "
        f"{_width(max(rates))}."
    )


def _width(width: float) -> str:
    return number(width) if math.isfinite(width) else "infinite"
