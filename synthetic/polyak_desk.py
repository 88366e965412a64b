"""The desk of SPS* and IAM: closed form, exact tree, paths, Monte Carlo."""

from __future__ import annotations

import zlib
from dataclasses import replace

import numpy as np

from synthetic import cost, memory
from synthetic.desk import ENGINES, Desk, Options
from synthetic.engines import closed, montecarlo, pathwise, sequel, tree
from synthetic.engines.montecarlo import Budget
from synthetic.problems.base import FloatArray, IntArray
from synthetic.replay import MOST_WORK, confirms, work
from synthetic.setting import Setting
from theory.claim import Claim, Kind
from theory.constants import Constants
from theory.evidence import Engine
from theory.judge import Status, Verdict, judge
from theory.trace import Trace

SMALL_TREE = 20_000
"""Up to so many paths the tree is preferred to Monte Carlo."""


class PolyakDesk(Desk):
    """Judges claims on a `Setting`."""

    def speaks(self, claim: Claim, setting: Setting) -> bool:
        """See `Desk.speaks`."""
        return (
            setting.method.family in claim.families
            and claim.speaks_within(setting.horizon)
            and (
                claim.any_metric
                or setting.metric is None
                or setting.fixed_metric is not None
            )
        )

    def plan(self, claim: Claim, setting: Setting, engine: str) -> Engine | None:
        """See `Desk.plan`."""
        return _plan(claim, setting, engine)

    def run(
        self,
        engine: Engine,
        setting: Setting,
        claims: list[Claim],
        c: Constants,
        options: Options,
        *,
        checked: bool = True,  # noqa: ARG002 -- each claim is met or not as a whole
    ) -> dict[str, Verdict]:
        """See `Desk.run`."""
        return _run_engine(engine, setting, claims, c, options)

    def operations(self, setting: Setting, engine: Engine, max_replicas: int) -> float:
        """See `Desk.operations`."""
        return cost.operations(setting, engine, max_replicas)


def _plan(claim: Claim, setting: Setting, engine: str) -> Engine | None:
    """The strongest engine that can judge the claim there; `None` if none can.

    A false statement is refuted by exact engines only: one instance suffices, and a
    sampled run that misses it says nothing.
    """
    wanted = ENGINES[engine]
    if wanted is Engine.TREE:
        tree.check_size(setting)
    able = []
    if claim.is_linear and claim.needs <= setting.known_channels:
        able.append(Engine.CLOSED)
    if setting.num_paths() <= (tree.MAX_PATHS if wanted is Engine.TREE else SMALL_TREE):
        able.append(Engine.TREE)
    if claim.kind is Kind.PATHWISE:
        able.append(Engine.PATHWISE)
    # Where a closed form is known, runs with f at every t would be slow and add little.
    sampled = claim.kind is Kind.EXPECTATION and claim.sampled
    affordable = claim.is_cheap or setting.closed is None
    if sampled and affordable and claim.expected is not Status.REFUTED:
        able.append(Engine.MONTE_CARLO)
    able = [e for e in able if wanted is None or e is wanted]
    if setting.optimiser is not None:  # only runs along paths let it take the steps
        able = [e for e in able if e in {Engine.TREE, Engine.PATHWISE}]
    if setting.order is not None:
        able = [e for e in able if e is Engine.TREE]
    return able[0] if able else None


def address(seed: int, name: str) -> int:
    """A seed for one setting: its name's hash, shifted by the run's seed."""
    return (seed << 32) ^ zlib.crc32(name.encode())


def _run_engine(
    engine: Engine,
    setting: Setting,
    claims: list[Claim],
    c: Constants,
    options: Options,
) -> dict[str, Verdict]:
    """One run of one engine, judged by all claims."""
    memory.check(setting, {engine: claims}, options.max_replicas)
    seed = address(options.seed, setting.name)
    if engine is Engine.CLOSED:
        pairs = {claim.id: closed.evidence(claim, c, setting, seed) for claim in claims}
        return {key: judge(*pair) for key, pair in pairs.items()}
    if engine is Engine.MONTE_CARLO:
        budget = Budget(seed, options.alpha, options.max_replicas)
        if options.carried is not None:
            return {
                claim.id: sequel.run(
                    setting,
                    claim,
                    c,
                    budget,
                    options.carried.get((claim.id, setting.name)),
                )
                for claim in claims
            }
        return montecarlo.run(setting, claims, c, budget)
    channels = frozenset().union(*(claim.needs for claim in claims))
    if engine is Engine.TREE:
        trace, draws, weights = tree.grow(setting, channels)
    else:
        trace, draws = pathwise.run(setting, channels, seed)
        weights = None
    verdicts = {}
    for claim in claims:
        evidence, bound = (
            pathwise.evidence(claim, c, trace)
            if weights is None
            else tree.evidence(claim, c, trace, weights)
        )
        verdict = judge(evidence, bound)
        if verdict.status is Status.REFUTED:
            verdict = _confirmed(verdict, claim, setting, (trace, draws, weights))
        verdicts[claim.id] = verdict
    return verdicts


def _confirmed(
    verdict: Verdict,
    claim: Claim,
    setting: Setting,
    run: tuple[Trace, IntArray, FloatArray | None],
) -> Verdict:
    """Keep REFUTED only if 50 digits say the same of the worst path, or of all paths.

    Trees too large to run again keep the verdict of floats, and say no more than that.
    """
    if verdict.time is None or verdict.evidence is None or verdict.bound is None:
        return verdict
    trace, draws, weights = run
    own = (setting.actual_method or setting.method).step is not None
    if not setting.problem.is_liftable or setting.optimiser is not None or own:
        whose = "steps are torch's" if setting.optimiser else "functions are a user's"
        reason = f"{verdict.reason[:-1]}; in floats only, as the {whose}."
        return replace(verdict, reason=reason)
    row = verdict.time
    bound = float(verdict.bound[int(np.argmax(verdict.evidence.times == row))])
    if claim.kind is Kind.PATHWISE:
        values = claim.quantity(trace)[row]
        if weights is not None:
            values = np.where(weights > 0, values, -np.inf)
        path = int(np.argmax(values))
        draws, weights = draws[:, path : path + 1], None
    if work(setting, draws.shape[1], row) > MOST_WORK:
        return verdict
    if confirms(claim, setting, draws, row, bound, weights):
        reason = verdict.reason[:-1] + "; confirmed in 50 digits."
        return replace(verdict, reason=reason)
    reason = f"Not confirmed in 50 digits: {verdict.reason}"
    return replace(verdict, status=Status.INCONCLUSIVE, reason=reason)
