"""For callers: a setting and some claims in, outcomes with verdicts out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import isfinite

from synthetic.desk import Options
from synthetic.distillation.setting import Bench
from synthetic.probe import probe
from synthetic.problems.user import UserProblem
from synthetic.session import num_sampled, run_task, tasks_for
from synthetic.setting import Setting
from synthetic.verify import Outcome
from theory import claims as registry
from theory.judge import Status


def verify_setting(
    setting: Setting | Bench,
    patterns: str | Sequence[str] = (),
    options: Options | None = None,
) -> list[Outcome]:
    """Judge every claim that speaks of the setting's method, or the bench's.

    A user's functions are looked at first: a gradient that contradicts its loss is an
    error. Then the hypotheses of the claims are probed; where a point contradicts one,
    the claims that assume it are NOT APPLICABLE, with that point. False statements are
    left out, since one setting need not refute them.

    Args:
        setting: A problem, a method, a start and a horizon; or a bench of distillation.
        patterns: Ids, prefixes or patterns with `*` of claims; none means all.
        options: Seed, engine, replicas, and `alpha`, the error probability of all
            outcomes together.

    """
    options = options or Options()
    asked = [patterns] if isinstance(patterns, str) else patterns
    claims = [c for c in registry.find(asked) if c.expected is Status.HOLDS]
    if isinstance(setting, Setting) and isinstance(setting.problem, UserProblem):
        reach = setting.constants().reach  # the ball on which the bounds need them
        probe(
            setting.problem,
            reach if isfinite(reach) else setting.ball_radius,
            options.seed,
        )
    tasks = tasks_for(claims, (setting,), ())
    shares = max(1, num_sampled(tasks, options.engine))
    each = replace(options, alpha=options.alpha / shares, probe=True)
    return [outcome for task in tasks for outcome in run_task(task, each)]
