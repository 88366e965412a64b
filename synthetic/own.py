"""Your own theorem: a claim, settings, and what must be refuted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import isfinite

from threadpoolctl import threadpool_limits

from synthetic.catalogue.entry import Control
from synthetic.desk import Options
from synthetic.own_claims import checked, own_claim
from synthetic.probe import probe, repeats
from synthetic.problems.user import UserProblem
from synthetic.setting import Setting
from synthetic.verify import Outcome, applicable, judge_control, judge_setting, plan
from theory import claims as registry
from theory.claim import Claim
from theory.errors import InputError
from theory.evidence import Engine

__all__ = ["Case", "Check", "judge_case", "own_claim"]


@dataclass(frozen=True, eq=False)
class Case:
    """One thing to judge: a claim on a setting, or a control of it."""

    claim: Claim
    setting: Setting
    control: Control | None = None

    @property
    def name(self) -> str:
        """Unique in a check."""
        what = f"wrong: {self.control.label}" if self.control else self.setting.name
        return f"{self.claim.id}[{what}]"

    @property
    def engine(self) -> Engine | None:
        """What will judge it."""
        if self.control is not None:
            return plan(self.control.altered(self.claim), self.setting)
        return plan(self.claim, self.setting)


@dataclass(frozen=True, eq=False)
class Check:
    """A claim, where it is tried, and what of it must be refuted.

    Attributes:
        claim: Of `own_claim`, or the id of one of this project's.
        settings: At least one, with names of their own.
        controls: At least one, by what is wrong with it: a setting that runs something
            else (`actual_method`, `optimiser`), or a factor below 1 on the bound, for
            the first setting. A check that nothing fails would prove nothing.

    """

    claim: Claim | str
    settings: Sequence[Setting]
    controls: Mapping[str, Setting | float]

    def __post_init__(self) -> None:
        """Refuse what could not fail, or could not be told apart."""
        name = self.statement.id
        names = [setting.name for setting in self.settings]
        if not names or len(set(names)) < len(names):
            msg = f"{name}: need settings with names of their own, got {names}."
            raise InputError(msg)
        if not self.controls:
            msg = f"{name}: need at least one control, something that must be refuted."
            raise InputError(msg)
        wrong = [s for s in self.controls.values() if isinstance(s, Setting)]
        for setting in (*self.settings, *wrong):
            if not applicable([self.statement], setting):
                msg = (
                    f"{name} does not speak of {setting.name}: the method is "
                    f"{setting.method.name}, the horizon {setting.horizon}, and the "
                    f"claim's first t {self.statement.first}."
                )
                raise InputError(msg)

    @cached_property
    def statement(self) -> Claim:
        """The claim itself."""
        if isinstance(self.claim, str):
            return registry.get(self.claim)
        return self.claim

    def cases(self) -> Iterator[Case]:
        """Every setting, then every control."""
        claim = self.statement
        for setting in self.settings:
            yield Case(claim, setting)
        for label, wrong in self.controls.items():
            setting, factor = self.settings[0], 1.0
            if isinstance(wrong, Setting):
                setting = wrong
            else:
                factor = float(wrong)
            control = Control(
                claim_id=claim.id, label=label, setting=setting, sharpen=factor
            )
            yield Case(claim, setting, control)

    def verify(self, options: Options | None = None) -> list[Outcome]:
        """Judge every case; those that sample share `options.alpha`."""
        options, cases = options or Options(), list(self.cases())
        sampled = sum(case.engine is Engine.MONTE_CARLO for case in cases)
        each = replace(options, alpha=options.alpha / max(sampled, 1))
        return [judge_case(case, each) for case in cases]


def judge_case(case: Case, options: Options) -> Outcome:
    """Judge one case, on one thread; a user's functions and statements are probed.

    A statement that a point contradicts makes the claims that assume it NOT APPLICABLE.

    Args:
        case: Of `Check.cases`.
        options: `alpha` is the error probability of this case alone.

    Raises:
        InputError: A bound, a range, a gradient or a repetition contradicts what was
            stated; the message names file and line.

    """
    setting, control = case.setting, case.control
    claim = checked(case.claim, setting, ranged=control is None)
    options = replace(options, probe=True)
    with threadpool_limits(limits=1):
        look_at(setting, options.seed)
        if control is not None:
            return judge_control(control, claim, options)
        (outcome,) = judge_setting(setting, [claim], options)
        return outcome


def look_at(setting: Setting, seed: int) -> None:
    """Probe a user's problem, and run what is a user's twice."""
    if isinstance(setting.problem, UserProblem):
        reach = setting.constants().reach
        probe(setting.problem, reach if isfinite(reach) else setting.ball_radius, seed)
    repeats(setting)
