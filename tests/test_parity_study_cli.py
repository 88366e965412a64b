"""`ratecheck parity`: what it prints, refuses, and returns."""

from pathlib import Path

import numpy as np
import pytest

import ratecheck
from synthetic.parity import probes
from synthetic.parity.network import Network
from synthetic.parity.probes import Sample
from synthetic.parity.stream import Parity, Stream

SMALL = ("-d", "8", "-k", "2", "--width", "48", "--batch", "16", "--every", "50")


def run(*args: object) -> int:
    return ratecheck.main(["parity", *map(str, args)])


@pytest.fixture(scope="module")
def taught(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("teacher")
    assert run("teach", folder, *SMALL, "--steps", 1500) == 0
    return folder


def test_teach_says_when_it_learnt_and_goes_on(
    taught: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("teach", taught, *SMALL, "--steps", 1500) == 0
    assert "above 95 % at" in capsys.readouterr().out


def test_distill_prints_a_row_for_each_mode(
    taught: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ("--width", 16, "--batch", 16, "--steps", 600, "--every", 50)
    assert run("distill", taught, *options, "-m", "ce;mid:100;nt:2,50") == 0
    shown = capsys.readouterr().out
    assert all(name in shown for name in ("ce", "mid-100", "nt-2-50"))
    assert run("distill", taught, *options, "--optimiser", "adam", "-m", "ce") == 0
    assert not list(taught.rglob("*.f32"))


def test_probe_shows_the_floor(
    taught: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("probe", taught) == 0
    assert "floor" in capsys.readouterr().out
    assert run("probe", taught, "--step", 50) == 0
    assert "subsets of S of size 2" in capsys.readouterr().out
    assert run("probe", taught, "--step", 51) == 2
    assert "the nearest: 50" in capsys.readouterr().err


def test_sweep_and_plot(
    tmp_path: Path, taught: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    axes = ("--dims", 8, "--orders", 2, "--teacher-widths", 48, "--widths", "8,16")
    grid = ("sweep", tmp_path / "s", *axes, "--batch", 16, "--seeds", 2)
    assert run(*grid, "--steps", 1000, "-m", "ce", "--shard", "1/2") == 0
    assert "2 runs in" in capsys.readouterr().out
    assert run(*grid, "--steps", 1000, "-m", "ce") == 0
    assert "4 runs in" in capsys.readouterr().out
    assert run(*grid, "--steps", 1001, "-m", "ce") == 2
    assert "another configuration" in capsys.readouterr().err
    for folder, name in ((tmp_path / "s", "s.svg"), (taught, "t.png")):
        assert run("plot", folder, "--out", tmp_path / name) == 0
        assert (tmp_path / name).stat().st_size > 1000


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("teach", "{new}", "-d", 4, "-k", 5), "1 <= k <= d, got k=5, d=4"),
        (("teach", "{new}", "--noise", 2), "noise"),
        (("teach", "{new}", "--target", "cube"), "table:0110"),
        (("distill", "{new}"), "Could not read"),
        (("distill", "{taught}", "-m", "middle"), "No mode 'middle'"),
        (("distill", "{taught}", "-m", "ce,ce"), "names differ"),
        (("distill", "{taught}", "--tau", -1), "temperature >= 0"),
        (("probe", "{new}"), "Could not read"),
        (("sweep", "{new}", "--dims", "8,x"), "int values"),
        (("sweep", "{new}", "--shard", "3/2"), "Need a shard"),
        (("plot", "{new}"), "No runs in"),
        (("plot", "{taught}", "--out", "x.gif"), "ends in .pdf"),
        (("demo", "--seeds", 0), "at least one seed"),
    ],
)
def test_bad_input_is_2_and_says_why(
    args: tuple[object, ...],
    message: str,
    taught: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    places = {"{new}": tmp_path / "new", "{taught}": taught}
    assert run(*(places.get(str(arg), arg) for arg in args)) == 2
    assert message in capsys.readouterr().err


def test_a_task_without_signal_is_said_before_it_runs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    trap = ("-d", 9, "-k", 3, "--init", "signs", "--width", 16, "--steps", 50)
    assert run("teach", tmp_path / "t", *trap, "--every", 50) == 0
    assert "No first signal" in capsys.readouterr().out


def test_the_small_demo_prints_table_and_verdicts(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run("demo", "--small", "--seeds", 2, "--jobs", 1, "--tau", 0) == 0
    shown = capsys.readouterr().out
    for words in ("progressive", "tau=0", "UNDECIDED", "does not show", "samples"):
        assert words in shown


def sample(dim: int = 6, num: int = 4096) -> Sample:
    return Sample.of(Stream(dim, Parity((0, 1, 2)), 5), num)


def test_correlations_of_a_known_function() -> None:
    found = sample()
    x = found.signs.astype(float)
    p = 0.5 + 0.25 * x[:, 0] - 0.1 * x[:, 0] * x[:, 1]
    floor = probes.floor(p)
    assert floor == pytest.approx(np.std(p) / 64)
    first = probes.degree_one(p, found.signs)
    q = p - np.mean(p)
    assert np.allclose(first, np.abs(x.T @ q) / len(p))
    assert first[0] == pytest.approx(0.25, abs=6 * floor)
    assert np.all(first[1:] < 6 * floor)
    second = probes.degree_two(p, found.signs)
    assert second[0] == pytest.approx(np.abs(np.mean(x[:, 0] * x[:, 1] * q)))
    assert second[0] == pytest.approx(0.1, abs=6 * floor)
    inside = probes.on_support(p, found.signs, (0, 1, 2))
    assert inside[0] == pytest.approx(np.mean(p))
    assert inside[0b011] == pytest.approx(second[0])
    assert inside[0b111] == pytest.approx(np.abs(np.mean(np.prod(x[:, :3], 1) * q)))
    assert np.allclose(inside[[1, 2, 4]], first[:3])


def test_the_floor_is_the_error_of_a_correlation_that_is_0() -> None:
    """2000 streams: the ratio of s.d. to the floor is 1 within 6 / sqrt(4000)."""
    rng = np.random.default_rng(3)
    signs = rng.choice(np.array([-1, 1], dtype=np.int8), (400, 2000))
    p = 0.9 + 0.1 * rng.random(400)  # a mean that is not 0
    found = probes.degree_one(p, signs)
    assert abs(np.sqrt(np.mean(found**2)) / probes.floor(p) - 1.0) < 6 / np.sqrt(4000)
    plain = np.abs(p @ signs) / 400
    assert np.sqrt(np.mean(plain**2)) > 10 * probes.floor(p)


def test_a_report_of_a_network_is_of_its_probabilities() -> None:
    found = sample()
    network = Network.default(6, 8, seed=1, logits=1)
    said = probes.report(network, found, (0, 1, 2))
    p = found.probabilities(network)
    assert np.array_equal(said.first, probes.degree_one(p, found.signs))
    assert said.accuracy == found.accuracy(network)
    assert said.by_degree().shape == (4,)
    assert said.by_degree()[1] == pytest.approx(np.mean(said.first[:3]))
    assert np.all(said.inside <= 1.0)
    assert np.all(said.first <= 0.5)


def test_the_spike_of_a_planted_signal() -> None:
    found = sample(dim=9)
    p = 0.5 + 0.1 * found.signs[:, :3].sum(axis=1) / 3
    said = probes.spike(p, found.signs, (0, 1, 2), seed=0)
    assert said.inside == pytest.approx(0.1 / 3, abs=0.005)
    assert said.outside < 4 * said.floor
    assert said.control < 4 * said.floor


@pytest.mark.parametrize(("dim", "size"), [(9, 3), (6, 2), (4, 0), (3, 0)])
def test_the_control_lies_off_the_support(dim: int, size: int) -> None:
    found = probes.control_subset(dim, (0, 1, 2), seed=4)
    assert len(found) == size
    assert not {0, 1, 2} & {*found}


def test_the_transition_is_read_off_the_evaluations() -> None:
    steps = np.array([0, 10, 20, 30, 40])
    found = probes.Transition.of(steps, np.array([0.5, 0.55, 0.6, 0.5, 0.96]))
    assert (found.begins, found.ends) == (20, 40)  # .55 itself is not above
    assert [found.holds(int(s)) for s in steps] == [False, False, True, True, True]
    never = probes.Transition.of(steps, np.full(5, 0.5))
    assert (never.begins, never.ends) == (-1, -1)
    assert not never.holds(20)
