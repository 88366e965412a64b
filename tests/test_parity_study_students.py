"""Curricula, sources, optimisers, students: exact on tiny sizes."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from synthetic.parity import state
from synthetic.parity.curriculum import (
    Clock,
    Curriculum,
    History,
    Mode,
    Multiplier,
    Phases,
    Saturation,
    Stage,
    checkpoints,
    cross_entropy,
    from_toml,
    one_shot,
    standard,
    then_final,
)
from synthetic.parity.modes import mode_of, modes_of, never_ending, numbers
from synthetic.parity.network import Network
from synthetic.parity.recipe import Recipe, Task, Training
from synthetic.parity.reference_torch import from_module, to_module
from synthetic.parity.students import Class, run_student
from synthetic.parity.study import class_of
from synthetic.parity.supply import binary_entropy, smoothing
from synthetic.parity.teacher import Teacher, train_teacher
from synthetic.parity.trainers import Batches, Kernel, trainer_of
from theory.errors import InputError

RECIPE = Recipe(
    task=Task(dim=10, k=3),
    teacher=Training(96, rate=0.1, batch=16, max_steps=3000, every=50),
    student=Training(24, batch=16, max_steps=1000, every=50),
    cadence=100,
    test_samples=1024,
    probe_samples=2048,
)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Class:
    folder = tmp_path_factory.mktemp("teacher")
    teacher = train_teacher(RECIPE, 0, folder / "teacher")
    return class_of(RECIPE, 0, folder / "labels", teacher)


@pytest.fixture(scope="module")
def teacher(shared: Class) -> Teacher:
    assert shared.teacher is not None
    return shared.teacher


def sources(curriculum: Curriculum, teacher: Teacher, steps: range) -> list[str]:
    """Whose labels at each step; asked afresh at every one."""
    return [curriculum.stage(teacher, History(step)).source for step in steps]


def trained(shared: Class, mode: Mode) -> Network:
    network = shared.recipe.network("student", shared.seed)
    run_student(shared, mode, beyond=True, network=network)
    return network


def test_the_clock_is_a_ceiling(teacher: Teacher) -> None:
    final = teacher.final
    for step, source in enumerate(sources(Clock(100), teacher, range(final + 200))):
        wanted = min(max(100, 100 * -(-step // 100)), final)
        assert source == f"checkpoint:{teacher.stored[teacher.stored >= wanted][0]}"


def test_the_code_rule_takes_the_first_checkpoint_not_before(teacher: Teacher) -> None:
    for step, source in enumerate(sources(Multiplier(2.5), teacher, range(1, 400)), 1):
        later = teacher.stored[teacher.stored >= step * 2.5]
        wanted = later[0] if later.size else teacher.final
        assert source == f"checkpoint:{wanted}"


def test_a_huge_multiplier_is_one_shot(shared: Class) -> None:
    huge = trained(shared, Mode("m", Multiplier(1e9)))
    once = trained(shared, Mode("o", one_shot()))
    # step 0 alone is taught by the first checkpoint
    assert run_student(shared, Mode("m", Multiplier(1e9))).sources[1][0] == 1
    assert state.fingerprint(huge) != state.fingerprint(once)


@pytest.mark.parametrize("curriculum", [Clock(70), Multiplier(0.7), Multiplier(3.0)])
def test_stages_end_where_the_rule_changes(
    curriculum: Curriculum, teacher: Teacher
) -> None:
    """What is promised until a step is what would be answered at every step before."""
    step = 0
    while step < 800:
        stage = curriculum.stage(teacher, History(step))
        until = 800 if stage.until is None else min(stage.until, 800)
        assert until > step
        assert set(sources(curriculum, teacher, range(step, until))) == {stage.source}
        step = until


def test_n_and_t_are_followed_by_the_last(teacher: Teacher) -> None:
    found = sources(checkpoints(3, 40), teacher, range(200))
    blocks = [found[:40], found[40:80], found[80:]]
    assert all(len(set(block)) == 1 for block in blocks)
    assert blocks[2][0] == f"checkpoint:{teacher.final}"
    for part, block in enumerate(blocks, 1):
        at = int(block[0].split(":")[1])
        assert at == teacher.stored[teacher.stored >= part * teacher.final / 3][0]


def test_students_switch_where_they_were_told(shared: Class) -> None:
    found = run_student(shared, Mode("m", then_final("mid", 130)), beyond=True)
    assert [step for step, _ in found.sources] == [0, 130]
    assert found.steps.tolist() == list(range(0, 1001, 50))  # 130 is no evaluation


def test_saturation_goes_on_when_accuracy_does_not_rise(teacher: Teacher) -> None:
    rule = Saturation(("mid", "final"), patience=2, gain=0.1)
    mid, final = (
        rule.stage(teacher, h).source
        for h in (
            History(100, 0, 1, (0.5, 0.55, 0.7)),
            History(100, 0, 1, (0.5, 0.55, 0.55)),
        )
    )
    assert mid != final
    assert final == f"checkpoint:{teacher.final}"
    assert rule.stage(teacher, History(900, 500, 2, (0.5,) * 9)).source == final


def test_a_toml_schedule_is_its_phases(tmp_path: Path) -> None:
    path = tmp_path / "schedule.toml"
    path.write_text(
        '[[phase]]\nsource = "mid"\nsteps = 40\n[[phase]]\nsource = "final"\n'
    )
    assert from_toml(path) == then_final("mid", 40)
    assert mode_of(f"schedule:{path}", 1.0).curriculum == then_final("mid", 40)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("phase = 3", r"\[\[phase\]\]"),
        ('[[phase]]\nsource = "middle"', "Need a source out of"),
        ('[[phase]]\nsource = "mid"\nstep = 4', "steps = N"),
        ('[[phase]]\nsource = "mid"\n[[phase]]\nsource = "final"', "Only the last"),
        ('[[phase]]\nsource = "mid"\nsteps = 0', "at least one step"),
        ("[[phase]", "Could not read"),
    ],
)
def test_bad_schedules_are_refused(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "schedule.toml"
    path.write_text(text)
    with pytest.raises(InputError, match=message):
        from_toml(path)


def test_one_shot_with_the_oracle_is_cross_entropy_bit_by_bit(shared: Class) -> None:
    ce = trained(shared, Mode("ce", cross_entropy()))
    oracle = Mode("oracle", Phases(((None, "oracle"),)), temperature=0.0)
    assert state.fingerprint(trained(shared, oracle)) == state.fingerprint(ce)


def test_a_teacher_that_errs_once_breaks_the_identity(shared: Class) -> None:
    """The identity can fail: the real teacher's argmax is not the label everywhere."""
    ce = trained(shared, Mode("ce", cross_entropy()))
    early = trained(shared, Mode("hard", Phases(((None, "mid"),)), temperature=0.0))
    assert state.fingerprint(early) != state.fingerprint(ce)


def test_label_weight_one_is_cross_entropy_and_zero_the_teacher(shared: Class) -> None:
    ce = trained(shared, Mode("ce", cross_entropy()))
    kd = trained(shared, Mode("kd", one_shot()))
    all_labels = trained(shared, Mode("a", one_shot(), label_weight=1.0))
    half = trained(shared, Mode("h", one_shot(), label_weight=0.5))
    assert state.fingerprint(all_labels) == state.fingerprint(ce)
    assert len({state.fingerprint(n) for n in (ce, kd, half)}) == 3


def test_targets_are_what_they_are_said_to_be(shared: Class, teacher: Teacher) -> None:
    supply, stream = shared.supply, shared.supply.stream
    labels = stream.labels(7, 300)
    assert supply.targets("labels") is None

    def of(source: str, tau: float = 1.0, weight: float = 0.0) -> np.ndarray:
        found = supply.targets(source, tau, weight)
        assert found is not None
        return np.asarray(found(7, 300))

    assert np.array_equal(of("oracle"), labels)
    final = of(f"checkpoint:{teacher.final}")
    hard = of(f"checkpoint:{teacher.final}", 0.0)
    assert np.array_equal(hard, final > 0.5)
    log_odds = np.log(final) - np.log1p(-final)
    soft = of(f"checkpoint:{teacher.final}", 4.0)
    assert np.allclose(np.log(soft) - np.log1p(-soft), log_odds / 4.0, atol=1e-5)
    mixed = of(f"checkpoint:{teacher.final}", 1.0, 0.25)
    assert np.allclose(mixed, 0.25 * labels + 0.75 * final)
    degree1 = of("degree1")
    assert np.allclose(degree1, 0.5 + stream.signs(7, 300)[:, :3].mean(axis=1) / 2)
    smooth = of("smoothed")
    assert len(np.unique(smooth)) == 2
    assert np.array_equal(smooth > 0.5, labels > 0.5)


def test_smoothing_has_the_teachers_entropy(teacher: Teacher) -> None:
    cold, warm = smoothing(teacher, 1.0), smoothing(teacher, 5.0)
    assert 0.0 < cold < warm < 0.5
    assert smoothing(teacher, 0.0) == 0.0
    assert binary_entropy(np.array([0.0, 0.5])).tolist() == [0.0, np.log(2.0)]


def test_the_oracle_knows_no_noise(tmp_path: Path) -> None:
    noisy = replace(RECIPE, task=Task(dim=10, k=3, noise=0.3))
    supply = class_of(noisy, 0, tmp_path).supply
    oracle = supply.targets("oracle")
    assert oracle is not None
    clean = RECIPE.task.stream("student data", 0).labels(0, 500)
    assert np.array_equal(oracle(0, 500), clean)
    assert not np.array_equal(supply.stream.labels(0, 500), clean)


@pytest.mark.parametrize(
    "schedule", [{}, {"schedule": "cosine", "warmup": 20, "max_steps": 300}]
)
def test_numpy_sgd_is_the_kernel(shared: Class, schedule: dict[str, Any]) -> None:
    start = replace(RECIPE, logits=2).network("student", 0).tensors()
    stream = shared.supply.stream
    training = Training(24, rate=0.1, batch=16, **schedule)
    plain = Kernel(Network.from_tensors(start, dtype="float64"), stream, training)
    batches = Batches(Network.from_tensors(start, dtype="float64"), stream, training)
    targets = shared.supply.targets("smoothed")
    for trainer in (plain, batches):
        trainer.advance(200, None)
        trainer.advance(100, targets)
    one, other = plain.network().tensors(), batches.network().tensors()
    assert all(np.allclose(one[k], other[k], rtol=0, atol=1e-10) for k in one)
    if schedule:  # the last steps of a cosine move nothing; a constant rate would
        before = {k: v.copy() for k, v in other.items()}
        batches.advance(1, None)
        after = batches.network().tensors()
        assert all(np.array_equal(before[k], after[k]) for k in before)


@pytest.mark.parametrize("logits", [1, 2])
@pytest.mark.parametrize(
    "training",
    [
        Training(24, 0.05, 16, optimiser="momentum", momentum=0.8),
        Training(24, 0.05, 16, optimiser="momentum", decay=0.01),
        Training(24, 0.05, 16, decay=0.02),
        Training(24, 0.01, 16, optimiser="adam"),
        Training(24, 0.01, 16, optimiser="adam", decay=0.1),
    ],
    ids=lambda t: f"{t.optimiser}-{t.decay}",
)
def test_optimisers_are_torchs(shared: Class, training: Training, logits: int) -> None:
    stream = shared.supply.stream
    start = replace(RECIPE, logits=logits).network("student", 0).tensors()
    module = to_module(Network.from_tensors(start, dtype="float64"))
    wide = Network.from_tensors(start, dtype="float64")
    trainer = trainer_of(wide, stream, training)
    assert isinstance(trainer, Batches)
    trainer.advance(100, None)
    if training.optimiser == "adam":
        optimiser: torch.optim.Optimizer = torch.optim.AdamW(
            module.parameters(), training.rate, weight_decay=training.decay
        )
    else:
        momentum = training.momentum if training.optimiser == "momentum" else 0.0
        optimiser = torch.optim.SGD(
            module.parameters(),
            training.rate,
            momentum=momentum,
            weight_decay=training.decay,
        )
    for step in range(100):
        x = torch.from_numpy(stream.signs(16 * step, 16).astype(np.float64))
        y = torch.from_numpy(stream.labels(16 * step, 16))
        scores = module(x)
        margin = scores[:, 1] - scores[:, 0] if logits == 2 else scores[:, 0]
        loss = torch.nn.functional.binary_cross_entropy_with_logits(margin, y)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    ours, theirs = trainer.network().tensors(), from_module(module).tensors()
    assert all(np.allclose(ours[k], theirs[k], rtol=0, atol=1e-9) for k in ours)


def test_a_student_stops_at_the_threshold_and_counts_its_teacher(
    shared: Class, teacher: Teacher
) -> None:
    roomy = replace(RECIPE, student=replace(RECIPE.student, max_steps=20_000))
    found = run_student(replace(shared, recipe=roomy), Mode("o", one_shot()))
    assert found.hit == found.steps[-1]
    assert found.accuracy[-1] > 0.95
    assert np.all(found.accuracy[:-1] <= 0.95)
    assert found.samples == 16 * (found.hit + teacher.final)
    alone = run_student(shared, Mode("ce", cross_entropy()))
    assert alone.teacher_steps == 0


def test_a_student_that_does_not_get_there_is_censored(shared: Class) -> None:
    found = run_student(shared, Mode("r", Phases(((None, "random"),))))
    assert (found.hit, found.time, found.horizon) == (-1, 1000, 1000)


def test_a_curriculum_of_ones_own(shared: Class, teacher: Teacher) -> None:
    class Alternating:
        def stage(self, _teacher: Teacher | None, history: History) -> Stage:
            odd = history.step // 100 % 2
            source = f"checkpoint:{teacher.final}" if odd else "labels"
            return Stage(source, (history.step // 100 + 1) * 100)

    found = run_student(shared, Mode("own", Alternating()), beyond=True)
    assert [step for step, _ in found.sources] == list(range(0, 1000, 100))


def test_a_curriculum_that_goes_back_is_refused(shared: Class) -> None:
    class Stuck:
        def stage(self, _teacher: Teacher | None, history: History) -> Stage:
            return Stage("labels", history.step)

    with pytest.raises(InputError, match="before step 0"):
        run_student(shared, Mode("stuck", Stuck()))


def test_names_of_modes() -> None:
    assert [m.name for m in standard()] == [
        *("ce", "one-shot", "progressive", "mid", "early")
    ]
    assert mode_of("mid:40", 1.0).name == "mid-40"
    assert mode_of("mid:40", 1.0).curriculum == then_final("mid", 40)
    assert [m.curriculum for m in modes_of("ce;nt:3,20", 0.0)] == [
        cross_entropy(),
        checkpoints(3, 20),
    ]
    assert modes_of("nt:3,20", 1.0)[0].curriculum == checkpoints(3, 20)
    assert mode_of("progressive", 1.0).curriculum == Clock(1000)
    assert mode_of("multiplier:2.5", 1.0).curriculum == Multiplier(2.5)
    assert mode_of("single:70", 1.0).curriculum == Phases(((None, "step:70"),))
    assert mode_of("oracle", 1.0).curriculum == Phases(((None, "oracle"),))
    assert mode_of("ce", 1.0, 0.5).name == "ce-labels0.5"


def test_a_last_phase_out_of_reach_is_said() -> None:
    modes = modes_of("ce,mid:400,progressive", 1.0)
    assert never_ending(modes, 401) == []
    (line,) = never_ending(modes, 400)
    assert line.startswith("mid-400: its first phases take 400 steps")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: mode_of("middle", 1.0), "No mode 'middle'"),
        (lambda: mode_of("ce:3", 1.0), "No mode"),
        (lambda: mode_of("single", 1.0), "whole number"),
        (lambda: mode_of("nt:3", 1.0), "whole number"),
        (lambda: mode_of("multiplier:x", 1.0), "Need a number"),
        (lambda: mode_of("multiplier:0", 1.0), "factor > 0"),
        (lambda: numbers("1,b", int), "int values"),
        (lambda: Mode("m", temperature=-1.0), "temperature >= 0"),
        (lambda: Mode("m", label_weight=2.0), r"label_weight in \[0, 1\]"),
        (lambda: Clock(0), "every >= 1"),
        (lambda: Phases(()), "at least one phase"),
        (lambda: checkpoints(0, 4), "at least one checkpoint"),
        (lambda: Saturation(()), "Need sources"),
        (lambda: Phases(((None, "part:3/2"),)), "Need a source"),
    ],
)
def test_bad_modes_are_refused(make: object, message: str) -> None:
    with pytest.raises(InputError, match=message):
        make()  # type: ignore[operator]


def test_a_source_that_needs_a_teacher_says_so(tmp_path: Path) -> None:
    alone = class_of(RECIPE, 0, tmp_path)
    with pytest.raises(InputError, match="'final' needs a teacher"):
        run_student(alone, Mode("o", one_shot()))


def test_divergence_is_said(shared: Class) -> None:
    wild = Training(24, rate=1e6, batch=16, optimiser="momentum")
    trainer = trainer_of(RECIPE.network("student", 0), shared.supply.stream, wild)
    with np.errstate(all="ignore"), pytest.raises(InputError, match="diverged"):
        trainer.advance(500, None)
