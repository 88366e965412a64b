"""The plan of a comparison: how many runs, with which seeds, and what is chosen."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from gpt2_demo import model as models
from gpt2_demo.arms import Arm
from gpt2_demo.compare import ground, presets, runs
from gpt2_demo.compare.presets import CPU, SMOKE, Preset
from gpt2_demo.compare.runs import Run
from gpt2_demo.plan import Task
from gpt2_demo.train import Trainer
from gpt2_demo.windows import Windows


def all_entries(preset: Preset) -> list[runs.Entry]:
    entries = runs.first(preset)
    losses = {entry.run.id: float(k) for k, entry in enumerate(entries)}
    return entries + runs.second(preset, runs.choose(entries, losses))


def test_the_plan_has_every_run_that_is_asked_for() -> None:
    entries = all_entries(CPU)
    groups = Counter(entry.group for entry in entries)
    assert groups == {
        "untuned": 5 * 5,
        "beside tuning": 5,
        "tuning": 2 * 4 * 5,
        "tuned": 2 * 5,
        "tuned constant": 2 * 5,
        "control": 7 * 3,
        "small": 2 * 3,
        "lambda": 5 * 2,
        "beta2": 4 * 2,
        "cap of IAM": 5 * 2,
        "cap of IAM-Adam": 5 * 2,
    }
    # Defaults are on the curves: lambda 9 and t, beta2 0.9, cap 1, no cap twice.
    shared = 6 * 2
    constant_is_best = 2 * 5
    number = sum(groups.values()) - shared - constant_is_best
    assert len(runs.unique(entries)) == number
    assert 100 <= number <= 145


def test_tuning_has_one_budget_and_a_seed_of_its_own() -> None:
    tuning = [e for e in all_entries(CPU) if e.group == "tuning"]
    budget = Counter((e.run.arm.method, e.run.arm.schedule) for e in tuning)
    assert len(budget) == 8
    assert set(budget.values()) == {5}
    assert {e.run.seed for e in tuning} == {CPU.tuning_seed}
    judged = [e for e in all_entries(CPU) if e.group not in {"tuning", "beside tuning"}]
    assert CPU.tuning_seed not in {e.run.seed for e in judged}


@pytest.mark.parametrize("preset", presets.PRESETS.values(), ids=presets.PRESETS)
def test_what_is_compared_has_the_same_seeds_in_the_same_order(preset: Preset) -> None:
    seeds: dict[tuple[str, str], list[int]] = {}
    for e in all_entries(preset):
        seeds.setdefault((e.group, e.series), []).append(e.run.seed)
    for (group, _), found in seeds.items():
        if group in {"untuned", "tuned", "tuned constant"}:
            assert found == list(preset.seeds)
        if group in {"control", "small"}:
            assert found == list(preset.seeds[: preset.control_seeds])


def test_runs_of_one_seed_share_batches_and_initialisation() -> None:
    windows = Windows(np.arange(200, dtype=np.int32) % 7, SMOKE.context)
    task = Task(windows, windows, 7, SMOKE.student)
    one, two = (
        Trainer(task, Arm(method, rate=0.1), ground.student_plan(SMOKE, 3))
        for method in ("sgd", "adamw")
    )
    assert models.fingerprint(one.model) == models.fingerprint(two.model)
    assert (one.order.at(5) == two.order.at(5)).all()


def test_an_id_is_stable_and_of_all_that_a_run_is() -> None:
    run = Run(Arm("iam"), 0)
    assert run.id == Run(Arm("iam"), 0).id
    assert set(run.id) <= set("0123456789abcdef")
    others = [
        replace(run, seed=1),
        replace(run, student="small"),
        replace(run, teacher="random"),
        replace(run, arm=Arm("iam", lam=3.0)),
        replace(run, arm=Arm("iam", cap=1.0)),
        replace(run, arm=Arm("iam", target="zero")),
    ]
    assert len({one.id for one in (run, *others)}) == 7


def test_the_choice_is_the_least_loss_and_edges_are_told() -> None:
    entries = runs.first(CPU)
    losses = {e.run.id: 9.0 for e in entries}
    by = {(e.series, e.at): e.run.id for e in entries if e.group == "tuning"}
    losses[by["SGD, wsd", 0.3]] = 1.0
    losses[by["SGD, constant", 3.0]] = 2.0
    losses[by["AdamW, constant", 1e-3]] = float("inf")
    chosen = runs.choose(entries, losses)
    assert (chosen["SGD"].schedule, chosen["SGD"].rate) == ("wsd", 0.3)
    assert chosen["SGD constant"].rate == 3.0
    assert chosen["AdamW constant"].rate == 3e-4  # a tie: the first of those left
    assert not runs.at_edge(chosen["SGD"], CPU)
    assert runs.at_edge(chosen["SGD constant"], CPU)
