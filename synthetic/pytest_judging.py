"""Judging under pytest: options, evidence on the report, and what passes."""

from __future__ import annotations

import traceback
from collections.abc import Mapping
from pathlib import Path

import pytest

from synthetic.desk import ENGINES, Options
from synthetic.facts import UNDECIDED, evidence_of
from synthetic.own import Case, Check, judge_case
from synthetic.places import blamed
from synthetic.setting import Setting
from synthetic.verify import Outcome, applicable
from theory import claims as registry
from theory.claim import Claim
from theory.errors import InputError
from theory.judge import Status

MARKER = "ratecheck"


class Verifier:
    """What the fixture `ratecheck` is: judges in an ordinary test.

    Args:
        node: The test.
        given: Seed, replicas and undecided, of the command line or the ini file.
        alpha: Error probability of the test; its calls share it as halves of halves,
            however many they are.

    """

    def __init__(
        self, node: pytest.Item, given: Mapping[str, str], alpha: float
    ) -> None:
        """See the class."""
        self._node, self._given, self._alpha = node, given, alpha

    def verify(self, claim: Claim | str, setting: Setting) -> Outcome:
        """Judge a claim on a setting; the test fails unless it holds."""
        found = registry.get(claim) if isinstance(claim, str) else claim
        if not applicable([found], setting):
            msg = f"{found.id} does not speak of {setting.method.name} up to "
            msg += f"T = {setting.horizon}."
            raise InputError(msg)
        return self._called(Case(found, setting))

    def check(self, check: Check) -> list[Outcome]:
        """Judge every case of a check; the test fails unless all are as they must."""
        return [self._called(case) for case in check.cases()]

    def item(self, case: Case) -> None:
        """Judge the one case that a collected item is, with all of alpha."""
        self._judge(case, "")

    def _called(self, case: Case) -> Outcome:
        self._alpha *= 0.5
        return self._judge(case, f"{case.name} ")

    def _judge(self, case: Case, prefix: str) -> Outcome:
        options = self._options()
        outcome = judge_case(case, options)
        node = self._node
        noted = dict(node.user_properties)
        for key, value in evidence_of(outcome, options).items():
            if f"{prefix}{key}" not in noted:
                node.user_properties.append((f"{prefix}{key}", value))
        settle(outcome, skips=self._given["undecided"] == "skip")
        return outcome

    def _options(self) -> Options:
        """Of the command line, changed by the nearest marker."""
        marker = self._node.get_closest_marker(MARKER)
        marked = dict(marker.kwargs) if marker is not None else {}
        options = Options(
            seed=int(marked.pop("seed", self._given["seed"])),
            alpha=float(marked.pop("alpha", self._alpha)),
            max_replicas=int(marked.pop("replicas", self._given["replicas"])),
            engine=str(marked.pop("engine", "auto")),
        )
        if marked or options.engine not in ENGINES:
            msg = f"The marker {MARKER} takes seed, alpha, replicas and engine, one of "
            msg += f"{', '.join(ENGINES)}; got {marker.kwargs if marker else marked}."
            raise InputError(msg)
        return options


def settle(outcome: Outcome, *, skips: bool) -> None:
    """Pass, skip or fail."""
    status = outcome.verdict.status
    reason = f"{status.value}: {outcome.verdict.reason}"
    if outcome.control is not None:
        if status is not Status.REFUTED:
            pytest.fail(f"the wrong variant was not refuted, but {reason}", False)
    elif status in UNDECIDED and skips:
        pytest.skip(reason)
    elif status is not Status.HOLDS:
        pytest.fail(reason, False)


def told(error: BaseException, path: Path) -> str:
    """Where in the file it came from, what it says, and the way there."""
    steps = traceback.extract_tb(error.__traceback__)
    first = next((k for k, s in enumerate(steps) if Path(s.filename) == path), 0)
    way = "".join(traceback.format_list(steps[first:]))
    what = f"{blamed(error, path)}: {type(error).__name__}: {error}"
    return f"{what}\n{way}".rstrip()
