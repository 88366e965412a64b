"""How many replicas a violation of a given size needs, from a pilot of each setting."""

from __future__ import annotations

import difflib
import math
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from synthetic import session
from synthetic.calibration import pilot as pilots
from synthetic.calibration.pilot import SEED, Pilot
from synthetic.calibration.power import Bet, Needed, needed, passages
from synthetic.catalogue import catalogue_of
from synthetic.desk import Options, Subject
from synthetic.desks import desk_of
from synthetic.verify import applicable, plan as engine_of
from theory import claims as registry
from theory.claim import Claim
from theory.errors import InputError
from theory.evidence import Engine

VIOLATIONS = (0.1, 0.25, 0.5, 1.0)
HEAVY = 0.02
"""Share of the largest sample in the pilot's sum from which a tail counts as heavy: of
1024 equal samples it is 0.001."""


@dataclass(frozen=True)
class Asked:
    """The options of `ratecheck plan`.

    Attributes:
        claim: A claim's id.
        violations: (left-hand side - bound) / |bound|, each > 0.
        alpha: Error probability of the claim on one setting; `None` for what
            `ratecheck verify CLAIM` gives to each.
        power: The chance of the verdict.
        setting: Only this one, if given.

    """

    claim: str
    violations: tuple[float, ...] = VIOLATIONS
    alpha: float | None = None
    power: float = 0.9
    setting: str | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot be planned."""
        for violation in self.violations:
            if not 0 < violation < math.inf:
                msg = f"Need a violation > 0, a share of the bound, got {violation}."
                raise InputError(msg)
        if self.alpha is not None and not 0 < self.alpha < 1:
            msg = f"Need 0 < alpha < 1, an error probability, got {self.alpha}."
            raise InputError(msg)
        if not 0 < self.power < 1:
            msg = f"Need 0 < power < 1, the chance of a verdict, got {self.power}."
            raise InputError(msg)


@dataclass(frozen=True, eq=False)
class Row:
    """The plan of one setting.

    Attributes:
        pilot: Where the numbers come from.
        time: The t at which the claim is tightest, and a violation is put.
        ratio: Mean over bound there.
        largest: The largest sample's share of the sum there, above the range's low end.
        refuted: By violation, replicas for REFUTED.
        holds: Replicas for HOLDS at the slack as it is; `None` where no number of
            replicas gives it, and `why` says why.
        why: See `holds`.

    """

    pilot: Pilot
    time: int
    ratio: float
    largest: float
    refuted: dict[float, Needed]
    holds: Needed | None
    why: str = ""

    @property
    def is_heavy(self) -> bool:
        """Did one sample weigh so much that the pilot may have missed the tail?"""
        return self.largest > HEAVY

    def seconds(self, replicas: float) -> float:
        """Sampling time of all configurations, by the pilot's speed."""
        return replicas * self.pilot.count * self.pilot.seconds


@dataclass(frozen=True, eq=False)
class Plan:
    """What is known before any setting is planned.

    Attributes:
        asked: The options.
        claim: The claim.
        alpha: Error probability of the claim on one setting.
        sampled: The settings that Monte Carlo judges.
        exact: How many settings each other engine judges.
        skipped: Sampled settings that cannot be planned, and why; filled by `rows`.

    """

    asked: Asked
    claim: Claim
    alpha: float
    sampled: list[Subject]
    exact: dict[str, int]
    skipped: dict[str, str] = field(default_factory=dict)

    def rows(self) -> Iterator[Row]:
        """One by one, as they are found.

        Raises:
            InputError: None of the settings could be planned.

        """
        for setting in self.sampled:
            try:
                yield self._row(pilots.run(self.claim, setting))
            except InputError as error:
                self.skipped[setting.name] = str(error)
        if len(self.skipped) == len(self.sampled):
            raise InputError(" ".join(self.skipped.values()))

    def _row(self, pilot: Pilot) -> Row:
        ratios, game = pilot.ratios, pilot.game
        k = int(np.argmax(ratios))
        if not np.isfinite(ratios[k]):
            msg = f"No bound of {self.claim.id} is positive on {pilot.name!r}."
            raise InputError(msg)
        above = pilot.samples[:, k] - game.low[k]
        if not (np.isfinite(above).all() and above.min() >= 0):
            msg = f"No sure range from below is known on {pilot.name!r}."
            raise InputError(msg)
        if ratios[k] <= 0:
            msg = (
                f"The pilot's mean is not positive on {pilot.name!r}: nothing to scale."
            )
            raise InputError(msg)
        num_limits = 2 * len(game.times) * pilot.count
        enough = math.log(num_limits / self.alpha)
        holds, why = self._holds(pilot, enough)
        return Row(
            pilot,
            int(game.times[k]),
            float(ratios[k]),
            float(above.max() / above.sum()),
            {
                violation: self._refuted(pilot, k, violation, enough)
                for violation in self.asked.violations
            },
            holds,
            why,
        )

    def _refuted(self, pilot: Pilot, k: int, violation: float, enough: float) -> Needed:
        """Scale the samples until their mean violates; none falls below the range."""
        bound, low = float(pilot.game.bound[k]), float(pilot.game.low[k])
        over = bound + 2.0 * float(pilot.game.noise[k]) - low
        target = (1.0 + violation) * bound
        scaled = pilot.samples[:, k] * (target / pilot.samples[:, k].mean())
        payouts = np.maximum(scaled - low, 0.0)
        payouts *= (target - low) / payouts.mean()
        bet = Bet(payouts[:, None], np.array([over]), enough)
        return needed(bet, self.asked.power, _rng(pilot.name, f"{violation!r}"))

    def _holds(self, pilot: Pilot, enough: float) -> tuple[Needed | None, str]:
        """Bets on "below the bound" at every t; the slow ones decide."""
        game = pilot.game
        under = game.bound + game.noise
        if not np.isfinite(game.high).all():
            return None, "no range known"
        below = game.high - pilot.samples
        if np.any(below < 0):
            return None, "a sample is beyond the range"
        if np.any(pilot.samples.mean(axis=0) >= under):
            return None, "no slack seen"
        against = game.high - under
        telling = against > 0  # elsewhere the range alone says it
        if not np.any(telling):
            return Needed(1.0, 1.0, 1.0), ""
        bet = Bet(below[:, telling], against[telling], enough)
        rng = _rng(pilot.name, "holds")
        scouts = [passages(bet.at(j), rng, 1, 1)[0] for j in range(len(bet.against))]
        slow = [j for j, scout in enumerate(scouts) if scout >= 0.5 * max(scouts)]
        joint = Bet(bet.payouts[:, slow], bet.against[slow], enough)
        return needed(joint, self.asked.power, rng), ""


def _rng(name: str, what: str) -> np.random.Generator:
    words = (zlib.crc32(text.encode()) for text in (name, what))
    return np.random.default_rng([SEED, *words])


def prepare(asked: Asked) -> Plan:
    """Find the settings; nothing has run yet.

    Raises:
        InputError: No such claim or setting, or no setting of it is sampled.

    """
    claim = registry.get(asked.claim)
    known = catalogue_of([claim])
    found: dict[str, tuple[Subject, Engine]] = {}
    for setting in known.settings:
        if applicable([claim], setting):
            if desk_of(setting).failing(claim, setting.constants()) is not None:
                continue
            engine = engine_of(claim, setting)
            if engine is not None:
                found[setting.name] = (setting, engine)
    if asked.setting is not None:
        found = {asked.setting: _named(asked, asked.setting, found)}
    sampled = [s for s, engine in found.values() if engine is Engine.MONTE_CARLO]
    exact = Counter(
        engine.value for _, engine in found.values() if engine is not Engine.MONTE_CARLO
    )
    if not sampled:
        engines = ", ".join(f"{name}: {number}" for name, number in exact.items())
        where = repr(asked.setting) if asked.setting else "any of its settings"
        msg = (
            f"{claim.id} is not sampled on {where} ({engines or 'it is tried on none'})"
            ": no replica is needed."
        )
        raise InputError(msg)
    alpha = asked.alpha
    if alpha is None:
        tasks = session.tasks_for([claim], known.settings, known.controls)
        alpha = Options().alpha / max(session.num_sampled(tasks, "auto"), 1)
    return Plan(asked, claim, alpha, sampled, dict(exact))


def _named(
    asked: Asked, wanted: str, found: dict[str, tuple[Subject, Engine]]
) -> tuple[Subject, Engine]:
    if wanted not in found:
        names = difflib.get_close_matches(wanted, found, cutoff=0.2)
        close = f" Closest: {'; '.join(names)}." if names else ""
        msg = (
            f"{asked.claim} is not judged on {wanted!r}.{close} `ratecheck show "
            f"{asked.claim}` lists its settings."
        )
        raise InputError(msg)
    return found[wanted]
