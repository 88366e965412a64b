"""One run of Monte Carlo on samples that are there: what is decided, and at which look.

The fortunes, their thresholds and the judge are the engine's own
(`synthetic.engines.sequel`); here they only meet samples that were drawn beforehand.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from synthetic.engines import montecarlo, sequel
from synthetic.problems.base import FloatArray
from synthetic.setting import Setting
from theory.claim import Claim
from theory.judge import Status, judge

Decision = tuple[Status, int]
"""What was decided, and after how many replicas."""


class Bench:
    """A claim on a setting, ready to be judged again and again."""

    def __init__(self, claim: Claim, setting: Setting) -> None:
        """Lay out the game once."""
        self.claim, self.c = claim, setting.constants()
        self.game = sequel.game_of(setting, claim, self.c)
        self._times = montecarlo.recorded_times(setting.horizon)

    def decide(
        self, samples: FloatArray, looks: list[int], alphas: list[float]
    ) -> list[Decision]:
        """The first decision at each alpha, from samples (N, K) at growing looks.

        One fortune serves all alphas, since no bet depends on alpha.
        """
        last = looks[-1]
        found: list[Decision] = [(Status.INCONCLUSIVE, last)] * len(alphas)
        now = sequel.beginning(self.game, alphas[0])
        for start, stop in pairwise([0, *looks]):
            now = sequel.played(self.game, now, samples[start:stop, self.game.keep])
            for k, alpha in enumerate(alphas):
                if found[k][0] in montecarlo.DECIDED:
                    continue
                at_alpha = replace(now, alpha=alpha)
                verdict = sequel.judged(self.game, self.claim, self.c, at_alpha)
                found[k] = (verdict.status, stop)
            if all(status in montecarlo.DECIDED for status, _ in found):
                break
        return found

    def decide_by_limits(
        self, samples: FloatArray, looks: list[int], alpha: float
    ) -> Decision:
        """The same by the limits that `montecarlo.run` makes of all samples so far."""
        for stop in looks:
            pair = montecarlo.enclose(
                self.claim, self.c, self._times, samples[:stop], alpha
            )
            status = judge(*pair).status
            if status in montecarlo.DECIDED:
                return status, stop
        return status, stop
