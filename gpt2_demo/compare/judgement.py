"""All verdicts of a comparison from its entries and their losses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from gpt2_demo.compare import verdict
from gpt2_demo.compare.presets import Preset
from gpt2_demo.compare.rules import PAIRS
from gpt2_demo.compare.runs import CONTROLLED, METHODS, UNCAPPED, Entry, at_edge
from gpt2_demo.compare.verdict import Beaten, Paired, Spread

Losses = Mapping[str, float]


@dataclass(frozen=True)
class Pair:
    """An untuned method beside a tuned one.

    Attributes:
        ours: The untuned one.
        theirs: The tuned one.
        counts: Does the claim stand or fall with it?
        all: Against the best of all schedules and rates.
        constant: Against the best rate of the constant schedule.
        beaten: Settings of the tuning that it beats on the tuning's seed.

    """

    ours: str
    theirs: str
    counts: bool
    all: Paired
    constant: Paired
    beaten: Beaten


@dataclass(frozen=True)
class Judgement:
    """What is said in the end.

    Attributes:
        claim: "supported", "undecided" or "refuted".
        pairs: The comparisons that decide it.
        controls: IAM (cap 1) with the teacher against IAM with each control.
        small: IAM (cap 1) against SGD for the small student.
        spreads: By setting: what lambda, beta2, the cap, or the rate is worth.
        edges: Chosen rates at the edge of their grid.

    """

    claim: str
    pairs: tuple[Pair, ...]
    controls: Mapping[str, Paired]
    small: Paired
    spreads: Mapping[str, Spread]
    edges: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """Plain values; words beside numbers."""
        found = asdict(self)
        for pair, row in zip(self.pairs, found["pairs"], strict=True):
            row["all"]["word"] = pair.all.word.value
            row["constant"]["word"] = pair.constant.word.value
        for name, one in self.controls.items():
            found["controls"][name]["word"] = one.control.value
        found["small"]["word"] = self.small.word.value
        return found


def judge(entries: Sequence[Entry], losses: Losses, preset: Preset) -> Judgement:
    """Apply the rules.

    Args:
        entries: All of the plan, of both halves.
        losses: Final validation losses by id of the run; infinite if it diverged.
        preset: The sizes.

    """

    def of(group: str, series: str) -> list[float]:
        return [losses[e.run.id] for e in entries if _is(e, group, series)]

    pairs = tuple(
        Pair(
            ours,
            theirs,
            counts,
            verdict.paired(of("untuned", ours), of("tuned", theirs)),
            verdict.paired(of("untuned", ours), of("tuned constant", theirs)),
            verdict.beaten(
                of("beside tuning", ours)[0], _grid(entries, losses, theirs)
            ),
        )
        for ours, theirs, counts in PAIRS
    )
    names = dict.fromkeys(e.series for e in entries if e.group == "control")
    number = preset.control_seeds
    return Judgement(
        verdict.claim([pair.all.word for pair in pairs if pair.counts]),
        pairs,
        {
            name: verdict.paired(
                of("untuned", "IAM" if name == UNCAPPED else CONTROLLED)[:number],
                of("control", name),
            )
            for name in names
        },
        verdict.paired(
            of("small", CONTROLLED), of("small", "SGD, rate of the student")
        ),
        _spreads(entries, losses),
        _edges(entries, preset),
    )


def _is(entry: Entry, group: str, series: str) -> bool:
    return entry.group == group and entry.series == series


def _grid(entries: Sequence[Entry], losses: Losses, method: str) -> list[float]:
    return [
        losses[e.run.id]
        for e in entries
        if e.group == "tuning" and e.run.arm.method == METHODS[method]
    ]


def _spreads(entries: Sequence[Entry], losses: Losses) -> dict[str, Spread]:
    """Curves over a setting, and each schedule's curve over its rates."""
    curves: dict[str, dict[str, list[float]]] = {}
    for entry in entries:
        if entry.group in {"lambda", "beta2", "cap of IAM", "cap of IAM-Adam"}:
            name = entry.group
        elif entry.group == "tuning":
            name = f"rate of {entry.series}"
        else:
            continue
        curve = curves.setdefault(name, {})
        curve.setdefault(_text(entry.at), []).append(losses[entry.run.id])
    return {name: verdict.spread(curve) for name, curve in curves.items()}


def _text(at: float | str) -> str:
    return at if isinstance(at, str) else f"{at:g}"


def _edges(entries: Sequence[Entry], preset: Preset) -> tuple[str, ...]:
    arms = {
        f"{e.series}, {e.run.arm.schedule}": e.run.arm
        for e in entries
        if e.group in {"tuned", "tuned constant"}
    }
    return tuple(name for name, arm in arms.items() if at_edge(arm, preset))
