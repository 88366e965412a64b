"""`ratecheck kd`: intervals, data, the record, and the command as a user types it."""

import json
import sys
from itertools import product
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest
from scipy.stats import binom
from typer.testing import CliRunner, Result

from synthetic.distillation import study as study_module, study_intervals as intervals
from synthetic.distillation.students import FloatArray
from synthetic.distillation.study import prepare, run
from synthetic.distillation.study_arms import (
    SAFE,
    STAR,
    UNBIASED_STAR,
    Arm,
    linear_arms,
)
from synthetic.distillation.study_bench import TEACHERS
from synthetic.distillation.study_cli import app
from synthetic.distillation.study_constants import Smoothness, TeacherConstants
from synthetic.distillation.study_data import load
from synthetic.distillation.study_intervals import Word
from synthetic.distillation.study_request import Request
from synthetic.distillation.study_runs import Kind, Lane, Runs, final_points
from synthetic.distillation.study_samples import TEACHING, TUNING, start_uniforms
from synthetic.distillation.study_units import measure, metrics
from theory.errors import InputError

TINY = Request(
    data="iris",
    teachers=("perfect", "early", "random"),
    lambdas=(1.0,),
    seeds=12,
    tuning_seeds=2,
    steps=40,
    grid=(0.5, 2.0),
    batch=8,
    ridge=0.01,
)
LINE = (
    "--data iris --teachers perfect,early,random --lambdas 1 --seeds 12 "
    "--tuning-seeds 2 --steps 40 --grid 0.5,2 --batch 8 --ridge 0.01"
)
FLAGS = LINE.split()


def call(*args: object) -> Result:
    return CliRunner().invoke(app, ["kd", *(str(arg) for arg in args)])


def read(path: Path) -> Any:
    return json.loads(path.read_text("utf-8"))


def test_the_rank_is_the_largest_that_keeps_the_error() -> None:
    assert intervals.rank_of(20, 0.05 / 102) == 3  # 2 P(Bin <= 2) = 4.02e-4
    assert intervals.rank_of(20, 4.0e-4) == 2
    assert intervals.rank_of(5, 1e-3) == 0
    for n, alpha in [(20, 0.05), (33, 1e-3), (12, 4.9e-4)]:
        k = intervals.rank_of(n, alpha)
        assert 2 * binom.cdf(k - 1, n, 0.5) <= alpha < 2 * binom.cdf(k, n, 0.5)
    fewest = intervals.fewest_seeds(0.05 / 102)
    assert fewest == 12
    assert intervals.rank_of(fewest, 0.05 / 102) == 1
    assert intervals.rank_of(fewest - 1, 0.05 / 102) == 0


def test_words_come_from_the_interval_and_never_from_the_mean() -> None:
    up, alpha = np.arange(1.0, 21.0), 1e-3
    assert intervals.median_interval(up, alpha).word is Word.HURTS
    assert intervals.median_interval(-up, alpha).word is Word.HELPS
    # The mean is far below 0, but the sign is not that of almost all seeds.
    mixed = np.where(np.arange(20) < 6, 1e-9, -100.0)
    assert intervals.median_interval(mixed, alpha).word is Word.UNKNOWN
    few = intervals.median_interval(-up[:5], alpha)
    assert (few.low, few.high, few.word) == (-np.inf, np.inf, Word.UNKNOWN)
    diverged = intervals.median_interval(np.full(20, np.inf), alpha)
    assert diverged.word is Word.HURTS
    found = intervals.median_interval(up[::-1].copy(), alpha)
    k = intervals.rank_of(20, alpha)
    assert (found.low, found.high) == (up[k - 1], up[-k])


@pytest.mark.parametrize(("n", "alpha"), [(8, 0.05), (12, 4.9e-4), (11, 0.2)])
def test_without_a_difference_a_verdict_is_as_rare_as_it_says(
    n: int, alpha: float
) -> None:
    """Median 0: of all patterns of signs, at most a share alpha gives a word."""
    wrong = 0
    for signs in product((-1.0, 1.0), repeat=n):
        d = np.array(signs) * np.arange(1.0, n + 1.0)
        wrong += intervals.median_interval(d, alpha).word is not Word.UNKNOWN
    assert 0 < wrong <= alpha * 2**n


def test_students_interval_is_labelled_by_where_it_exists() -> None:
    d = np.arange(20.0)
    found = intervals.student_interval(d, 0.05)
    assert found is not None
    half = 2.0930240544 * d.std(ddof=1) / np.sqrt(20)  # t quantile .975 at 19
    assert found.high == pytest.approx(9.5 + half, rel=1e-9)
    assert intervals.student_interval(d[:19], 0.05) is None
    assert intervals.student_interval(np.append(d, np.inf), 0.05) is None
    exact = intervals.range_interval(d / 100, 0.05)
    assert exact is not None
    assert -1.0 <= exact.low < 0.095 < exact.high <= 1.0


def test_the_split_is_stratified_and_scaled_by_the_training_rows() -> None:
    split = load("iris", None, None, 0)
    sizes = [part.b.sum(axis=0).tolist() for part in (split.train, split.valid)]
    assert sizes == [[32.0] * 3, [8.0] * 3]
    features = split.train.a[:, :-1]
    assert np.abs(features.mean(axis=0)).max() < 1e-14
    assert (features**2).sum(axis=1).mean() == pytest.approx(1.0, rel=1e-12)
    assert (split.train.a[:, -1] == 1.0).all()
    assert load("iris", None, None, 1).digest != split.digest
    assert load("iris", None, 60, 0).train.a.shape[0] < 50


def table(path: Path, kind: str) -> Path:
    rng = np.random.default_rng(0)
    names = ("cat", "dog", "cow")
    lines = ["left,right,same,kind"]
    for i, (left, right) in enumerate(rng.random((60, 2))):
        target = {
            "words": names[i % 3],
            "quantity": f"{i * 0.37:.3f}",
            "whole": str(i),
            "one": "same",
        }[kind]
        lines.append(f"{left:.3f},{right:.3f},1,{target}")
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


def test_a_file_with_words_for_classes_is_read(tmp_path: Path) -> None:
    split = load(str(table(tmp_path / "mine.csv", "words")), "kind", None, 0)
    assert split.classes == ("cat", "cow", "dog")
    assert split.train.a.shape[1] == 3  # the constant column is dropped, ones added
    assert "1 constant columns dropped" in split.notes


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("quantity", "need whole numbers or words"),
        ("whole", "need 5 of each of the 60 classes"),
        ("one", "need two classes or more"),
    ],
)
def test_targets_that_are_no_classes_are_refused(
    tmp_path: Path, kind: str, message: str
) -> None:
    result = call("--data", table(tmp_path / "mine.csv", kind))
    assert result.exit_code == 2
    assert message in result.output


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        ("--data digit", "did you mean 'digits'?"),
        ("--data iri", "did you mean 'iris'?"),
        ("--data absent.csv", "no file 'absent.csv'"),
        ("--data iris --lambdas 0.5,nan", "Need finite numbers for --lambdas, got nan"),
        ("--data iris --lambdas half", "Need numbers with commas for --lambdas"),
        ("--data iris --grid 0.5,-1", "Need --grid to hold numbers > 0"),
        ("--data iris --students softmx", "did you mean 'softmax'?"),
        ("--data iris --teachers late", "no teacher 'late'"),
        ("--data iris --teachers early,early", "Need each teacher once"),
        ("--data iris --students ,", "Need a student out of"),
        ("--data iris --students network --teachers perfect", "no perfect teacher"),
        ("--data iris --ridge 0", "Need --ridge > 0"),
        ("--data iris --batch 97", "Need 1 <= batch <= 96 training rows"),
        ("--data iris --seeds 0", "Need --seeds >= 1"),
        ("--data iris --tuning-seeds 0", "Need --tuning-seeds >= 1"),
        ("--data iris --seed -1", "Need a seed from 0"),
        ("--data iris --alpha 1", "Need 0 < alpha < 1"),
        ("--data iris --rows 0", "Need --rows >= 1"),
        ("--data iris --jobs 0", "Need 1 to 256 jobs"),
        ("--data iris --tier big", "Need a tier out of quick, full"),
        ("--data iris --target x", "omit --target"),
        ("--data iris --json /absent/x.json", "does not exist"),
    ],
)
def test_bad_usage_says_what_helps(flags: str, message: str) -> None:
    result = call(*flags.split())
    assert result.exit_code == 2, result.output
    assert message in " ".join(result.output.split())


def test_torchvision_is_asked_for_where_it_is_missing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "torchvision", None)
    result = call("--data", "mnist")
    assert result.exit_code == 2
    assert "pip install torch torchvision" in result.output


def test_torchvision_is_used_where_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)

    def images(_root: str, *, download: bool) -> SimpleNamespace:
        assert download
        pixels = rng.integers(0, 256, (60, 4, 4, 3), dtype=np.uint8)
        return SimpleNamespace(data=pixels, targets=list(range(3)) * 20)

    def offline(_root: str, *, download: bool) -> SimpleNamespace:
        msg = f"no network, {download=}"
        raise RuntimeError(msg)

    module = ModuleType("torchvision")
    vars(module)["datasets"] = SimpleNamespace(CIFAR10=images, MNIST=offline)
    monkeypatch.setitem(sys.modules, "torchvision", module)
    split = load("cifar10", None, None, 0)
    assert split.train.a.shape == (39, 49)
    with pytest.raises(InputError, match="go online once"):
        load("mnist", None, None, 0)


def stacked(record: Any, keys: list[str]) -> dict[str, FloatArray]:
    units = [record["units"][key] for key in keys]
    return {
        name: np.vstack([np.array(unit[name], dtype=float) for unit in units])
        for name in units[0]
    }


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Result, Any]:
    path = tmp_path_factory.mktemp("study") / "kd.json"
    return call(*FLAGS, "--json", path), read(path)


def test_a_small_study_end_to_end(recorded: tuple[Result, Any]) -> None:
    result, record = recorded
    assert result.exit_code == 0, result.output
    assert record["schema"] == 1
    assert record["command"] == "kd"
    assert record["complete"] is True
    assert record["request"]["seeds"] == 12
    assert record["comparisons"] == 2 * (1 + 3 * 5) + 2 * (1 + 2 * 3)
    assert record["data"]["train_rows"] == 96
    softmax, network = record["students"]
    assert softmax["minimiser"]["gradient_norm"] < 1e-11
    assert network["minimiser"] is None
    assert [teacher["name"] for teacher in network["teachers"]] == ["early", "random"]
    words = [row["verdict"] for row in softmax["rows"]]
    assert words[0] is None
    by = {
        (row["method"], str(row["weight"]), row["teacher"]): row["verdict"]
        for row in softmax["rows"]
    }
    # Against chance: the sign is the same for all of 12 seeds, by large factors.
    assert by["KD", "1.0", "perfect"] == "helps"
    assert by["SVRG", "0.0", None] == "helps"
    assert by["KD", "1.0", "random"] == "hurts"
    for row in softmax["rows"][1:] + network["rows"][1:]:
        low, high = (
            float(row["first"]["median_exact"][end]) for end in ("low", "high")
        )
        word = "helps" if high < 0 else "hurts" if low > 0 else "cannot tell"
        assert row["verdict"] == word
        assert (
            row["first"]["mean_student_approximate"] is None
        )  # 12 seeds: not even approximately
    assert "Bonferroni" in result.output
    assert "12 reporting seeds" in result.output
    # Of two step sizes each is an end of the grid, and plain SGD must not hide it.
    assert "Plain SGD's step size for softmax is an end of the grid" in result.output


def test_every_method_is_tuned_on_as_many_runs(recorded: tuple[Result, Any]) -> None:
    _, record = recorded
    assert [s["chooses"] for s in record["students"]] == ["gap", "valid loss"]
    for student in record["students"]:
        arms = len(student["rows"])
        name = student["name"]
        tuned = stacked(record, [f"{name} tuning {k}" for k in (0, 1)])
        assert tuned["valid loss"].shape == (2, arms * 2)
        assert {row["gamma"] for row in student["rows"]} <= set(student["grid"])
        gap = tuned[student["chooses"]].mean(axis=0)
        best = gap.reshape(arms, 2).argmin(axis=1)
        chosen = [student["grid"].index(row["gamma"]) for row in student["rows"]]
        assert chosen == best.tolist()


def test_intervals_are_of_differences_between_runs_on_the_same_samples(
    recorded: tuple[Result, Any],
) -> None:
    _, record = recorded
    for student in record["students"]:
        name = student["name"]
        found = stacked(record, [f"{name} reporting {k}" for k in range(12)])
        for which in (student["decides"], "test error"):
            ordered = np.sort(found[which] - found[which][:, :1], axis=0)
            k = intervals.rank_of(12, record["alpha_each"])
            assert k == 1
            key = "first" if which == student["decides"] else "second"
            for lane, row in enumerate(student["rows"][1:], start=1):
                ends = row[key]["median_exact"]
                assert float(ends["low"]) == ordered[0, lane]
                assert float(ends["high"]) == ordered[-1, lane]


def test_step_sizes_are_chosen_on_seeds_that_are_not_reported() -> None:
    study = prepare(TINY)
    tuning = {u.first + k for u in study.tuning_units() for k in range(u.count)}
    assert tuning == {TUNING, TUNING + 1}
    for unit in study.tuning_units():
        study.done[unit.key] = measure(unit)
    units = study.reporting_units()
    assert {u.first + k for u in units for k in range(u.count)} == set(range(12))


def test_teachers_are_plain_sgd_on_samples_that_no_student_sees() -> None:
    study = prepare(Request(**(TINY.__dict__ | {"teachers": TEACHERS})))
    softmax, network = study.benches
    assert softmax.teacher_steps == (0, 400, 10, 0)
    assert softmax.best is not None
    assert np.array_equal(softmax.points[0], softmax.best.x)
    size = np.linalg.norm(softmax.points, axis=1)
    assert size[3] == pytest.approx(size[1], rel=1e-12)
    gap = metrics(softmax, softmax.points)["gap"]
    assert gap[0] == 0.0 < gap[1] < gap[2] < gap[3]
    for bench in study.benches:
        early = bench.teachers.index("early")
        replica = np.array([TEACHING + TEACHERS.index("early")])
        lanes = [Lane(Kind.PLAIN, bench.unit)]
        u = start_uniforms(bench.seed, replica, bench.student.num_parameters)
        x_0 = bench.student.start(u)
        runs = Runs(bench.student, bench.split.train, lanes, x_0, x_0)
        drawn = bench.law.draw(bench.seed, replica, 10)
        x = final_points(runs, bench.law, drawn)[0, 0]
        assert np.array_equal(x, bench.points[early])
    assert network.teachers == ("near", "early", "random")


def test_what_is_measured_is_what_it_is_called() -> None:
    bench = prepare(TINY).benches[0]
    assert bench.best is not None
    found, theta = metrics(bench, bench.points), bench.points[1]
    split, w = bench.split, theta.reshape(5, 3)
    for part in ("train", "valid", "test"):
        rows = getattr(split, part)
        z, truth = rows.a @ w, rows.b.argmax(axis=1)
        p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
        loss = -np.log(p[np.arange(len(truth)), truth]).mean()
        assert found[f"{part} loss"][1] == pytest.approx(loss, rel=1e-12)
        assert found[f"{part} error"][1] == np.mean(z.argmax(axis=1) != truth)
    objective = found["train loss"][1] + 0.01 / 2 * (theta @ theta)
    assert found["train objective"][1] == pytest.approx(objective, rel=1e-14)
    gap = objective - bench.best.value
    assert found["gap"][1] == pytest.approx(gap, rel=1e-12)
    moved = ((theta - bench.best.x) ** 2).sum()
    assert found["distance_sq"][1] == pytest.approx(moved, rel=1e-12)
    diverged = metrics(bench, np.full((1, theta.size), np.nan))
    assert diverged["gap"][0] == np.inf
    assert diverged["test error"][0] == 1.0


def test_every_weight_is_that_of_its_rule_at_its_step_size() -> None:
    smooth = Smoothness(mu=0.5, L=1.0, cL=2.0)
    known = TeacherConstants(1.0, 3.0, 0.6, 1.0, Delta=0.5, distance_sq=1.0)
    both = (known, TeacherConstants(1.0, 3.0, -9.0, 1.0, Delta=9.0, distance_sq=1.0))
    expected: dict[float | str, float] = {
        STAR: 0.6 / (3 + 8 / 3),
        SAFE: 0.2,
        UNBIASED_STAR: 0.3,
        0.7: 0.7,
    }
    for weight, lam in expected.items():
        arm = Arm(Kind.KD, weight, 0)
        assert arm.lam(0.5, smooth, both) == pytest.approx(lam, rel=1e-12)
    lanes = linear_arms(2, [0.7])
    assert [arm.kind for arm in lanes[:2]] == [Kind.PLAIN, Kind.SVRG]
    assert [arm.teacher for arm in lanes[2:]] == [0] * 5 + [1] * 5


def test_two_processes_find_the_same_numbers(
    recorded: tuple[Result, Any], tmp_path: Path
) -> None:
    path = tmp_path / "kd.json"
    assert call(*FLAGS, "--json", path, "--jobs", 2).exit_code == 0
    assert read(path)["units"] == recorded[1]["units"]


def test_an_interrupted_run_goes_on_from_its_last_unit(
    recorded: tuple[Result, Any], tmp_path: Path
) -> None:
    path, steps = tmp_path / "kd.json", []

    def stop(done: int, total: int) -> None:
        steps.append((done, total))
        if done == 3:
            raise KeyboardInterrupt

    study = run(TINY, json_file=path, progress=stop)
    assert study.interrupted
    assert not study.complete
    half = read(path)
    assert half["complete"] is False
    assert len(half["units"]) == 3
    assert steps[0] == (0, 28)
    continued: list[int] = []
    again = run(TINY, json_file=path, progress=lambda done, _: continued.append(done))
    assert again.complete
    assert continued[0] == 3
    assert read(path)["units"] == recorded[1]["units"]
    # A finished record, or one of another request, is not taken over.
    continued.clear()
    run(TINY, json_file=path, progress=lambda done, _: continued.append(done))
    assert continued[0] == 0


def test_an_interrupted_command_says_so_and_exits_with_130(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def stop(_unit: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(study_module, "measure", stop)
    result = call(*FLAGS)
    assert result.exit_code == 130
    assert "Interrupted after 0 of 28 units" in result.output


def test_an_unfinished_run_of_another_request_is_not_taken_over(tmp_path: Path) -> None:
    path = tmp_path / "kd.json"

    def stop(done: int, _total: int) -> None:
        if done == 1:
            raise KeyboardInterrupt

    run(TINY, json_file=path, progress=stop)
    other = Request(**(TINY.__dict__ | {"seed": 1}))
    seen: list[int] = []

    def stop_at_once(done: int, _total: int) -> None:
        seen.append(done)
        raise KeyboardInterrupt

    run(other, json_file=path, progress=stop_at_once)
    assert seen == [0]


def test_too_few_seeds_are_said_to_tell_nothing() -> None:
    flags = "--data iris --students squares --teachers early --lambdas 0.5 --seeds 2"
    more = "--tuning-seeds 1 --steps 5 --grid 1"
    result = call(*flags.split(), *more.split())
    assert result.exit_code == 0, result.output
    assert "2 seeds cannot tell anything" in result.output
    assert "0 helps, 0 hurts, 6 cannot tell" in result.output
