"""One setting, one run, every claim that applies: trace -> evidence -> verdict."""

from __future__ import annotations

import time
import zlib
from dataclasses import dataclass, replace

import numpy as np

from synthetic import memory
from synthetic.catalogue.entry import Control
from synthetic.engines import closed, montecarlo, pathwise, tree
from synthetic.engines.montecarlo import Budget
from synthetic.problems.base import FloatArray, IntArray
from synthetic.replay import MOST_WORK, confirms, work
from synthetic.setting import Setting
from theory.claim import Claim, Kind
from theory.constants import Constants
from theory.evidence import Engine
from theory.judge import Status, Verdict, judge, not_applicable
from theory.slope import Slope, observed
from theory.trace import Trace

SMALL_TREE = 20_000
"""Up to so many paths the tree is preferred to Monte Carlo."""


@dataclass(frozen=True)
class Options:
    """How to verify.

    Attributes:
        seed: Root of all draws.
        alpha: Error probability of each claim on each setting.
        max_replicas: Limit of Monte Carlo.
        engine: "auto" (strongest first), or one engine by name.

    """

    seed: int = 0
    alpha: float = 1e-6
    max_replicas: int = 4096
    engine: str = "auto"


@dataclass(frozen=True, eq=False)
class Outcome:
    """What one claim's check said on one setting.

    Attributes:
        claim_id: Which claim.
        setting: Its name.
        verdict: The judgement with its evidence.
        constants: The instance's numbers; `None` for controls.
        seconds: This claim's share of the run.
        control: What was wrong on purpose, if anything.

    """

    claim_id: str
    setting: str
    verdict: Verdict
    constants: Constants | None
    seconds: float
    control: str | None = None

    def slope(self, claim: Claim) -> Slope | None:
        """The observed exponent of T, where a claim in expectation was judged."""
        evidence = self.verdict.evidence
        if evidence is None or claim.kind is not Kind.EXPECTATION:
            return None
        return observed(evidence)


ENGINES = {
    "auto": None,
    "closed": Engine.CLOSED,
    "tree": Engine.TREE,
    "pathwise": Engine.PATHWISE,
    "montecarlo": Engine.MONTE_CARLO,
}


def plan(claim: Claim, setting: Setting, engine: str = "auto") -> Engine | None:
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
    sampled = claim.kind is Kind.EXPECTATION and (
        claim.is_cheap or setting.closed is None
    )
    if sampled and claim.expected is not Status.REFUTED:
        able.append(Engine.MONTE_CARLO)
    able = [e for e in able if wanted is None or e is wanted]
    if setting.order is not None:
        able = [e for e in able if e is Engine.TREE]
    return able[0] if able else None


def applicable(claims: list[Claim], setting: Setting) -> list[Claim]:
    """The claims that speak of the setting's declared method, within its horizon."""
    return [
        claim
        for claim in claims
        if setting.method.family in claim.families
        and claim.speaks_within(setting.horizon)
        and (
            claim.any_metric
            or setting.metric is None
            or setting.fixed_metric is not None
        )
    ]


def address(seed: int, name: str) -> int:
    """A seed for one setting: its name's hash, shifted by the run's seed."""
    return (seed << 32) ^ zlib.crc32(name.encode())


def lay_out(
    setting: Setting, claims: list[Claim], c: Constants, options: Options
) -> tuple[dict[str, Verdict], dict[Engine, list[Claim]]]:
    """What needs no run since a hypothesis fails, and the claims for each engine."""
    verdicts: dict[str, Verdict] = {}
    planned: dict[Engine, list[Claim]] = {}
    for claim in applicable(claims, setting):
        why = claim.failing(c)
        if why is not None:
            verdicts[claim.id] = not_applicable(why)
            continue
        engine = plan(claim, setting, options.engine)
        if engine is None:
            verdicts[claim.id] = not_applicable(_no_engine(claim, options.engine))
        else:
            planned.setdefault(engine, []).append(claim)
    return verdicts, planned


def judge_setting(
    setting: Setting, claims: list[Claim], options: Options
) -> list[Outcome]:
    """Judge every claim on the setting, from as few runs as engines need."""
    start = time.perf_counter()
    c = setting.constants()
    verdicts, planned = lay_out(setting, claims, c, options)
    for engine, group in planned.items():
        verdicts |= run_engine(engine, setting, group, c, options)
    share = (time.perf_counter() - start) / max(len(verdicts), 1)
    return [
        Outcome(claim_id, setting.name, verdict, c, share)
        for claim_id, verdict in verdicts.items()
    ]


def _no_engine(claim: Claim, wanted: str) -> str:
    """Why nothing can judge the claim on a setting that meets its hypotheses."""
    if claim.expected is Status.REFUTED:
        return "no exact engine reaches this size, and a sample proves no falsehood"
    if wanted != "auto":
        return f"the engine {wanted!r} cannot judge it here"
    return "no engine can judge it here"


def judge_control(control: Control, claim: Claim, options: Options) -> Outcome:
    """Judge a claim on something wrong; no hypothesis is checked, REFUTED is right."""
    start = time.perf_counter()
    setting, altered = control.setting, control.altered(claim)
    engine = plan(altered, setting)
    c = setting.constants()
    if engine is None:
        verdict = Verdict(Status.INCONCLUSIVE, f"no engine can run {setting.name}")
    else:
        verdict = run_engine(engine, setting, [altered], c, options)[claim.id]
    seconds = time.perf_counter() - start
    return Outcome(
        control.claim_id, setting.name, verdict, None, seconds, control.label
    )


def run_engine(
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
            verdict = confirmed(verdict, claim, setting, (trace, draws, weights))
        verdicts[claim.id] = verdict
    return verdicts


def confirmed(
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
    if not setting.problem.is_liftable:
        reason = (
            f"{verdict.reason[:-1]}; in floats only, as the functions are a user's."
        )
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
