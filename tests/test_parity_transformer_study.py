"""Teachers and their students: who listens to what, when they have learnt, files."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from synthetic.parity.transformer import study_torch, table
from synthetic.parity.transformer.cli import transformer
from synthetic.parity.transformer.config import (
    NAMES,
    Config,
    Mode,
    Task,
    Training,
    modes_of,
    numbers,
)
from synthetic.parity.transformer.exam import History, Mark
from synthetic.parity.transformer.students import early_step, mid_step, teacher_step
from synthetic.parity.transformer.study_torch import Seed, Study, run_study
from synthetic.parity.transformer.train_torch import (
    STATE,
    Memory,
    Run,
    checkpoint,
    weights_path,
)
from theory.errors import InputError

QUICK = Config(
    Task(8, 2),
    Training(heads=4, steps=300, every=10),
    Training(heads=1, steps=60, every=20),
    phase=20,
    seeds=(0,),
    device="cpu",
)


def history(*accuracies: float, every: int = 10) -> History:
    return History(
        [every * i for i in range(len(accuracies))],
        [Mark(accuracy, 0.1, 0.05, 0.0) for accuracy in accuracies],
    )


TEACHER = history(0.5, 0.52, 0.5, 0.54, 0.6, 0.7, 0.8, 0.94, 0.96, 1.0)


def test_the_transition_is_first_above_both_ends() -> None:
    seed = Seed(0, (0, 1), TEACHER, {})
    assert seed.transition == (40, 80)
    assert history(0.55, 0.95).first_above(0.55) == 10
    assert history(0.5, 0.55).first_above(0.55) is None
    # a dip afterwards does not undo it
    assert history(0.5, 0.97, 0.9).first_above(0.95) == 10


def test_checkpoints_that_teach_first() -> None:
    assert mid_step(TEACHER) == 50  # .70 and .80 are as near: the earlier one
    assert early_step(TEACHER) == 20
    assert early_step(history(0.5, 0.6)) == 0
    with pytest.raises(InputError, match=r"never above 0.55: train it longer"):
        early_step(history(0.5, 0.5))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("one-shot", [90, 90, 90, 90, 90, 90]),
        ("mid", [50, 50, 50, 90, 90, 90]),
        ("early", [20, 20, 20, 90, 90, 90]),
        ("progressive", [10, 10, 20, 30, 90, 90]),
    ],
)
def test_who_teaches_when(name: str, expected: list[int]) -> None:
    config = replace(QUICK, phase=50, pace=0.5)
    found = [
        teacher_step(config, Mode(name, 1.0), TEACHER, step)
        for step in (0, 20, 40, 50, 170, 1000)
    ]
    assert found == expected


def test_a_censored_student_is_later_than_all() -> None:
    mode = Mode("ce")
    learnt, not_learnt = history(0.5, 0.96), history(0.5, 0.5)
    seeds = [
        Seed(i, (0,), TEACHER, {mode: one})
        for i, one in enumerate((learnt, not_learnt, learnt))
    ]
    config = replace(QUICK, modes=(mode,), seeds=(0, 1, 2))
    study = Study(config, "cpu", tuple(seeds))
    assert study.median(mode) == 10
    assert table.student_rows(study) == [["ce", "10", ">60", "10", "10"]]
    study = Study(config, "cpu", tuple(seeds[:2]))
    assert study.median(mode) == float("inf")
    assert table.student_rows(study)[0][-1] == ">60"


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Study]:
    folder = tmp_path_factory.mktemp("study")
    return folder, run_study(QUICK, folder)


def test_a_study_has_a_student_for_every_mode(ran: tuple[Path, Study]) -> None:
    folder, study = ran
    (seed,) = study.seeds
    assert seed.has_learnt
    assert tuple(seed.students) == QUICK.modes
    assert len({mode.slug for mode in QUICK.modes}) == 9
    first = {one.marks[0] for one in seed.students.values()}
    assert len(first) == 1  # the same weights at first
    for mode in QUICK.modes:
        assert (folder / "seed-00000" / mode.slug / STATE).is_file()
    for step in seed.teacher.steps:
        assert weights_path(folder / "seed-00000" / "teacher", step).is_file()


def test_students_listen_to_the_checkpoints_of_their_mode(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    heard: dict[str, list[tuple[int, int, float]]] = {}

    class Spy(Memory):
        def __init__(self, model: Any, task: Task, device: Any) -> None:
            super().__init__(model, task, device)
            self.step = asked[-1]

    asked: list[int] = []
    step = Run._step

    def noted(job: Any, folder: Path, at: int) -> Any:
        asked.append(at)
        return checkpoint(job, folder, at)

    def listened(run: Run) -> None:
        if isinstance(spy := run.lesson(run.step), Spy):
            mode = heard.setdefault(run.folder.name, [])
            mode.append((run.step, spy.step, run.temperature))
        step(run)

    monkeypatch.setattr(study_torch, "checkpoint", noted)
    monkeypatch.setattr(study_torch, "Memory", Spy)
    monkeypatch.setattr(Run, "_step", listened)
    (seed,) = run_study(QUICK).seeds
    assert len(heard) == 8
    for mode in QUICK.modes[1:]:
        assert heard[mode.slug] == [
            (at, teacher_step(QUICK, mode, seed.teacher, at), mode.temperature)
            for at in range(seed.students[mode].steps[-1])
        ]


def test_a_study_goes_on_where_it_was(
    ran: tuple[Path, Study], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, study = ran
    (folder / "seed-00000" / "mid-tau1" / STATE).unlink()
    steps = []
    real = Run._step

    def counted(run: Run) -> None:
        steps.append(run)
        real(run)

    monkeypatch.setattr(Run, "_step", counted)
    again = run_study(QUICK, folder)
    mode = Mode("mid", 1.0)
    assert again.seeds[0].students == study.seeds[0].students
    assert len(steps) == again.seeds[0].students[mode].steps[-1]
    with pytest.raises(InputError, match="differs in student"):
        run_study(replace(QUICK, student=Training(heads=1, steps=80)), folder)


def test_a_teacher_that_has_not_learnt_has_no_students() -> None:
    config = replace(QUICK, teacher=Training(heads=1, steps=2, every=1))
    (seed,) = run_study(config).seeds
    assert not seed.has_learnt
    assert list(seed.students) == [Mode("ce")]
    rows = table.student_rows(run_study(config))
    assert rows[1][1:] == ["no teacher", "-"]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Task(3, 4), "Need 1 <= k <= d, got d=3, k=4."),
        (lambda: Training(heads=0), "Need heads, layers, batch, steps, every >= 1"),
        (lambda: Training(rate=0.0), "Need a positive rate, got 0.0."),
        (lambda: Training(init=float("nan")), "Need a positive init, got nan."),
        (lambda: Mode("late", 1.0), "Need a mode out of ce, one-shot"),
        (lambda: Mode("mid"), "Need a temperature for all modes but ce"),
        (lambda: Mode("mid", -1.0), "Need a temperature >= 0, got -1.0."),
        (lambda: Config(stop=0.9), "Need a teacher's last accuracy in (.95, 1]"),
        (lambda: Config(pace=0.0), "Need phase >= 1 and pace > 0, got 500, 0.0."),
        (lambda: Config(seeds=(1, 1)), "Need seeds, each once, got ['1', '1']."),
        (lambda: Config(seeds=(-1,)), "Need 0 <= seed < 2**32, got -1 to -1."),
        (lambda: Config(seeds=(0, 2**32)), "Need 0 <= seed < 2**32, got 0 to"),
        (lambda: Config(modes=()), "Need modes, each once, got []."),
        (lambda: numbers("1,a", int), "Need numbers with commas between them"),
    ],
)
def test_bad_input_is_refused_in_words(make: Any, message: str) -> None:
    with pytest.raises(InputError, match=re.escape(message)):
        make()


def test_modes_at_each_temperature() -> None:
    assert len(modes_of(NAMES, (1.0, 0.0))) == 9
    assert [str(mode) for mode in modes_of(("mid", "ce"), (0.0,))] == [
        "ce",
        "mid, tau=0",
    ]


def command(*arguments: str) -> tuple[int, str]:
    app = typer.Typer()
    app.command()(transformer)
    done = CliRunner().invoke(app, arguments)
    assert done.exception is None or isinstance(done.exception, SystemExit), done
    return done.exit_code, " ".join(done.output.split())


def test_the_command_prints_both_tables() -> None:
    small = "--dim 8 --order 2 --teacher-heads 4 --heads 1 --steps 20 --seeds 0"
    code, said = command(*small.split(), "--modes", "ce,mid", "--device", "cpu")
    assert code == 0
    assert "steps to accuracy .95" in said
    assert "mid, tau=0" in said
    assert "of all inputs, exactly; on cpu" in said


@pytest.mark.parametrize(
    "arguments",
    [("--order", "0"), ("--modes", "late"), ("--tau", "x"), ("--device", "tpu")],
)
def test_the_command_ends_with_2_at_bad_input(arguments: tuple[str, str]) -> None:
    code, said = command(*arguments)
    assert code == 2
    assert "ratecheck: Need" in said
