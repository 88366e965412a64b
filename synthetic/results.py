"""What a run found: by claim, and as a whole; exit codes by precedence."""

from __future__ import annotations

from dataclasses import dataclass, field

from synthetic.catalogue.entry import Control
from synthetic.desk import Options
from synthetic.verify import Outcome
from theory.claim import Claim
from theory.judge import Status

EXIT_AS_EXPECTED, EXIT_UNEXPECTED, EXIT_BAD_INPUT, EXIT_INCONCLUSIVE = 0, 1, 2, 3
EXIT_INTERRUPTED = 130


def _rank(outcome: Outcome) -> tuple[float, int]:
    """Tightest first; among equals to nine digits, the longest run."""
    verdict = outcome.verdict
    return round(verdict.tightness or 0.0, 9), verdict.tightest_time or 0


@dataclass(eq=False)
class ClaimResult:
    """Everything that was found about one claim.

    Attributes:
        claim: The claim.
        outcomes: One for each setting that it was tried on.
        controls: One for each control.
        pending: How many of its tasks were not done, in a run that was cut short.

    """

    claim: Claim
    outcomes: list[Outcome] = field(default_factory=list)
    controls: list[tuple[Control, Outcome]] = field(default_factory=list)
    pending: int = 0

    @property
    def judged(self) -> list[Outcome]:
        """The outcomes of settings that meet the hypotheses."""
        na = Status.NOT_APPLICABLE
        return [o for o in self.outcomes if o.verdict.status is not na]

    @property
    def status(self) -> Status:
        """Refuted by any setting; else inconclusive by any; else holds, if tried."""
        seen = {outcome.verdict.status for outcome in self.judged}
        for status in (Status.REFUTED, Status.INCONCLUSIVE, Status.HOLDS):
            if status in seen:
                return status
        return Status.NOT_APPLICABLE

    @property
    def tightest(self) -> Outcome | None:
        """Where left-hand side / bound is largest; the witness of a refutation."""
        refuted = self.status is Status.REFUTED
        pool = [
            o for o in self.judged if not refuted or o.verdict.status is Status.REFUTED
        ]
        with_ratio = [o for o in pool if o.verdict.tightness is not None]
        if with_ratio:
            return max(with_ratio, key=_rank)
        return pool[0] if pool else None

    @property
    def caught(self) -> int:
        """How many controls were refuted."""
        return sum(
            outcome.verdict.status is Status.REFUTED for _, outcome in self.counted
        )

    @property
    def counted(self) -> list[tuple[Control, Outcome]]:
        """The controls that are not known to be out of sight."""
        return [pair for pair in self.controls if not pair[0].hidden]

    @property
    def escaped(self) -> list[Outcome]:
        """Required controls that were not refuted."""
        return [
            outcome
            for control, outcome in self.controls
            if control.required
            and not control.hidden
            and outcome.verdict.status is not Status.REFUTED
        ]

    @property
    def as_expected(self) -> bool:
        """Supported, or refuted where a false statement was expected to be."""
        supported = self.status is self.claim.expected and not self.escaped
        return supported and not self.pending

    @property
    def mark(self) -> str:
        """`ok`, `!!` if not as expected, `..` if that is not yet known."""
        if self.pending and not self.escaped:
            return ".."
        return "ok" if self.as_expected else "!!"

    @property
    def seconds(self) -> float:
        """Time spent on settings and controls."""
        everything = [*self.outcomes, *(outcome for _, outcome in self.controls)]
        return sum(outcome.seconds for outcome in everything)

    def exit_code(self) -> int:
        """This claim's part of the run's exit code."""
        if self.as_expected:
            return EXIT_AS_EXPECTED
        undecided = {Status.INCONCLUSIVE, Status.NOT_APPLICABLE}
        if self.pending:  # what is undone may still refute a false statement
            undecided |= {Status.HOLDS, self.claim.expected}
        if self.status in undecided and not self.escaped:
            return EXIT_INCONCLUSIVE
        return EXIT_UNEXPECTED


@dataclass(frozen=True)
class Change:
    """One difference from an earlier run; does it make this run fail?"""

    text: str
    fails: bool


@dataclass(eq=False)
class Session:
    """The results of a run, complete or cut short.

    Attributes:
        results: By claim id, in the order of the registry.
        options: As given, with the whole run's alpha.
        alpha_each: Error probability of each claim on each sampled setting.
        idle: Claims that no setting of a user's data meets, and so say nothing.
        interrupted: Was the run stopped by Ctrl-C?
        budget: Seconds after which no new work was to start, if there was a limit.
        pending: How many settings and controls were not tried.
        changes: Since the run that it was compared with; `None` if with none.

    """

    results: dict[str, ClaimResult]
    options: Options
    alpha_each: float
    idle: list[ClaimResult] = field(default_factory=list)
    interrupted: bool = False
    budget: float | None = None
    pending: int = 0
    changes: list[Change] | None = None

    def set_idle_aside(self) -> None:
        """On a user's data, a claim that does not apply is neither good nor bad."""
        idle = [
            result
            for result in self.results.values()
            if result.status is Status.NOT_APPLICABLE and not result.pending
        ]
        self.idle += idle
        for result in idle:
            del self.results[result.claim.id]

    def exit_code(self) -> int:
        """1 before 3 before 0; 130 if interrupted, 3 if nothing was judged."""
        if self.interrupted:
            return EXIT_INTERRUPTED
        codes = {result.exit_code() for result in self.results.values()}
        codes |= {EXIT_UNEXPECTED for change in self.changes or () if change.fails}
        for code in (EXIT_UNEXPECTED, EXIT_INCONCLUSIVE):
            if code in codes:
                return code
        return EXIT_AS_EXPECTED if self.results else EXIT_INCONCLUSIVE
