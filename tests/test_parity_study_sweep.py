"""Studies and sweeps: resumed, sharded, merged; verdicts with teeth."""

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from synthetic.parity import records
from synthetic.parity.curriculum import Mode, one_shot, standard, then_final
from synthetic.parity.demo import SMALL, run_demo
from synthetic.parity.hitting import Finding
from synthetic.parity.modes import modes_of
from synthetic.parity.probes import Spike
from synthetic.parity.recipe import Recipe, Task, Training
from synthetic.parity.student_files import read_student
from synthetic.parity.students import Student, run_student
from synthetic.parity.study import Place, Runs, run_study
from synthetic.parity.sweep import COLUMNS, Grid, Shard, Work, run_sweep
from synthetic.parity.teacher import Teacher
from synthetic.parity.verdicts import degree1_spike, mid_suffices, progressive
from theory.errors import InputError

RECIPE = Recipe(
    task=Task(dim=8, k=2),
    teacher=Training(48, rate=0.1, batch=16, max_steps=1500, every=50),
    student=Training(16, rate=0.1, batch=16, max_steps=600, every=50),
    cadence=50,
    test_samples=512,
    probe_samples=512,
)
GRID = Grid((8, 9), (2,), (48,), (8, 16), (0.1,), RECIPE)
WORK = Work((0, 1), tuple(modes_of("ce,mid:100", 1.0)))


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture(scope="module")
def swept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sweep")
    run_sweep(GRID, WORK, folder)
    return folder


def test_a_sweep_has_one_file_a_run_and_a_row_for_each(swept: Path) -> None:
    files = list(swept.rglob("*-tau*.npz"))
    assert len(files) == 2 * 2 * 2 * 2
    text = (swept / "table.csv").read_text("utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    assert tuple(rows[0]) == COLUMNS
    assert len(rows) == len(files)
    table = records.load(swept / "table.npz").arrays
    assert table["hit"].tolist() == [int(row["hit"]) for row in rows]
    by_file = sorted(read_student(path)[0].samples for path in files)
    assert by_file == sorted(table["samples"].tolist())


def test_teachers_are_shared_by_widths_and_labels_are_gone(swept: Path) -> None:
    assert len(list(swept.rglob("curve.npz"))) == 2 * 2
    assert not list(swept.rglob("*.f32"))


def test_shards_make_the_same_files_in_any_order(swept: Path, tmp_path: Path) -> None:
    for index in (3, 1, 2):
        rows = run_sweep(GRID, replace(WORK, shard=Shard(index, 3)), tmp_path)
    assert len(rows) == 16
    assert contents(tmp_path) == contents(swept)


def test_a_killed_sweep_goes_on(
    swept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = [3]

    def deadly(*args: object, **kwargs: object) -> Student:
        left[0] -= 1
        if left[0] < 0:
            raise KeyboardInterrupt
        return run_student(*args, **kwargs)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr("synthetic.parity.study.run_student", deadly)
        with pytest.raises(KeyboardInterrupt):
            run_sweep(GRID, WORK, tmp_path)
    assert len(list(tmp_path.rglob("*-tau*.npz"))) == 3
    run_sweep(GRID, WORK, tmp_path)
    assert contents(tmp_path) == contents(swept)


def test_a_sweep_that_is_done_runs_nothing(
    swept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = contents(swept)
    monkeypatch.setattr("synthetic.parity.study.run_student", None)
    assert len(run_sweep(GRID, WORK, swept)) == 16
    assert contents(swept) == before


def test_a_folder_of_another_grid_is_refused(swept: Path) -> None:
    other = replace(GRID, rates=(0.1, 0.05))
    with pytest.raises(InputError, match=r"another configuration \(grid.rates"):
        run_sweep(other, WORK, swept)


def test_a_mode_by_a_name_that_is_taken_is_refused(swept: Path) -> None:
    clash = Work((0,), (Mode("mid-100", then_final("early", 100)),))
    with pytest.raises(InputError, match="Give the mode another name"):
        run_sweep(GRID, clash, swept)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: replace(GRID, dims=()).groups(), "one at least"),
        (lambda: replace(GRID, widths=(8, 8)).groups(), "different values"),
        (lambda: replace(GRID, orders=(9,)).groups(), "Need 1 <= k <= d, got k=9, d=8"),
        (lambda: Shard(3, 2), "Need a shard"),
        (lambda: Shard.of("half"), "such as 1/4"),
    ],
)
def test_bad_grids_are_refused(make: object, message: str) -> None:
    with pytest.raises(InputError, match=message):
        make()  # type: ignore[operator]


def test_two_modes_of_one_name_are_refused(tmp_path: Path) -> None:
    twice = [Mode("a", one_shot()), Mode("a", then_final("mid"))]
    with pytest.raises(InputError, match="names differ"):
        run_study(RECIPE, [0], twice, Place.of(tmp_path))


def test_a_teacher_that_did_not_learn_has_no_students(tmp_path: Path) -> None:
    short = replace(RECIPE, teacher=replace(RECIPE.teacher, max_steps=50))
    runs, verdicts = run_demo(short, [0], 1.0, folder=tmp_path)
    assert runs.unlearnt == (0,)
    assert {key[0] for key in runs.students} == {"ce"}
    assert [v.finding for v in verdicts] == [Finding.UNDECIDED]


def test_processes_find_what_one_finds(tmp_path: Path) -> None:
    modes = standard(1.0, 100)
    one = run_study(RECIPE, [0, 1], modes, Place.of(tmp_path / "one"))
    two = run_study(RECIPE, [0, 1], modes, Place.of(tmp_path / "two"), jobs=2)
    assert contents(tmp_path / "one") == contents(tmp_path / "two")
    assert {k: s.hit for k, s in one.students.items()} == {
        k: s.hit for k, s in two.students.items()
    }


def planted(steps: dict[str, list[int]]) -> Runs:
    """Runs with these times; the teachers are all alike."""
    num = len(next(iter(steps.values())))
    grid = np.array([0, 100, 200, 300])
    flat = Spike(0.01, 0.01, 0.01, 0.01, 0.001)
    peak = Spike(0.02, 0.01, 0.01, 0.01, 0.001)
    accuracy = np.array([0.5, 0.6, 0.96, 1.0])
    spikes = (flat, peak, peak, flat)
    teachers = {
        s: Teacher(RECIPE, s, Path(), grid, accuracy, grid, spikes) for s in range(num)
    }
    modes = tuple(standard())
    students = {
        (mode.name, 1.0, seed): Student(
            mode=mode.name,
            temperature=1.0,
            seed=seed,
            steps=np.array([0]),
            accuracy=np.array([0.5]),
            hit=hit,
            horizon=1000,
            sources=(),
            teacher_steps=0 if mode.name == "ce" else 300,
            batch=1,
            teacher_batch=1,
        )
        for mode in modes
        for seed, hit in enumerate(steps[mode.name])
    }
    return Runs(RECIPE, modes, tuple(range(num)), teachers, students)


FAST = {
    "ce": [900] * 8,
    "one-shot": [800] * 8,
    "progressive": [500] * 8,
    "mid": [400] * 8,
    "early": [-1] * 8,
}


def test_verdicts_on_planted_runs() -> None:
    assert mid_suffices(planted(FAST), 1.0).finding is Finding.REPRODUCED
    assert progressive(planted(FAST), 1.0).finding is Finding.REPRODUCED


@pytest.mark.parametrize("rival", ["ce", "one-shot", "early"])
def test_one_rival_that_is_as_fast_spoils_the_claim(rival: str) -> None:
    slow = planted(FAST | {rival: [400] * 8})
    assert mid_suffices(slow, 1.0).finding is Finding.NOT_REPRODUCED
    mixed = planted(FAST | {rival: [400] * 3 + [700] * 5})
    assert mid_suffices(mixed, 1.0).finding is Finding.UNDECIDED


def test_names_exchanged_are_not_reproduced() -> None:
    swapped = FAST | {"mid": FAST["early"], "early": FAST["mid"]}
    assert mid_suffices(planted(swapped), 1.0).finding is Finding.NOT_REPRODUCED


def test_few_seeds_decide_nothing() -> None:
    few = planted({name: steps[:3] for name, steps in FAST.items()})
    assert mid_suffices(few, 1.0).finding is Finding.UNDECIDED


def test_another_temperature_has_no_verdict() -> None:
    with pytest.raises(InputError, match="tau=0"):
        mid_suffices(planted(FAST), 0.0)


def test_samples_count_the_teachers() -> None:
    said = mid_suffices(planted(FAST), 1.0).evidence
    assert said[1].endswith("teacher's included: 8 of 8")  # 700 against 900
    close = mid_suffices(planted(FAST | {"ce": [650] * 8}), 1.0).evidence
    assert close[1].endswith("teacher's included: 0 of 8")  # 700 against 650


def spiky(factors: list[float]) -> list[Teacher]:
    base = planted(FAST).teachers[0]
    made = []
    for factor in factors:
        spike = replace(base.spikes[1], inside=0.01 * factor)
        made.append(replace(base, spikes=(base.spikes[0], spike, spike, spike)))
    return made


def test_the_spike_verdict_and_its_null() -> None:
    rng = np.random.default_rng(0)
    clear = spiky(list(np.exp(rng.normal(0.5, 0.2, 12))))
    null = spiky(list(np.exp(rng.normal(-0.2, 0.3, 24))))
    assert degree1_spike(clear).finding is Finding.REPRODUCED
    assert degree1_spike(clear[:11]).finding is Finding.UNDECIDED
    assert degree1_spike(null).finding is Finding.NOT_REPRODUCED
    assert degree1_spike([]).finding is Finding.UNDECIDED


def test_the_small_demo_runs_and_is_kept(tmp_path: Path) -> None:
    runs, verdicts = run_demo(SMALL, range(2), 1.0, folder=tmp_path)
    assert len(runs.students) == 10
    assert [v.claim for v in verdicts] == [
        "parity.teacher.degree1_spike",
        "parity.student.mid_suffices",
        "parity.student.progressive",
    ]
    before = contents(tmp_path)
    again, _ = run_demo(SMALL, range(2), 1.0, folder=tmp_path)
    assert contents(tmp_path) == before
    assert {k: s.hit for k, s in again.students.items()} == {
        k: s.hit for k, s in runs.students.items()
    }
