"""What cannot fit in memory is refused by its size, before anything is allocated."""

import re
import tracemalloc
from dataclasses import replace

import numpy as np
import pytest
from typer.testing import CliRunner

from synthetic import memory
from synthetic.catalogue import polyak_settings
from synthetic.cli import app
from synthetic.desk import Options
from synthetic.engines import pathwise, tree
from synthetic.engines.montecarlo import Budget, run as monte_carlo
from synthetic.instances import absolute
from synthetic.setting import MANY, Setting
from synthetic.verify import judge_setting
from theory import claims as registry
from theory.errors import InputError
from theory.evidence import Engine
from theory.method import SPS_STAR

FEJER = registry.get("sps.fejer.pathwise")
AVERAGE = registry.get("sps.lipschitz.average")


def on_the_line(horizon: int) -> Setting:
    return Setting(
        name="abs", problem=absolute(), method=SPS_STAR, x0=np.ones(1), horizon=horizon
    )


def sampled() -> Setting:
    names = (s for s in polyak_settings() if s.name == "l1-noise n=40, SPS*")
    return next(names)


@pytest.fixture
def one_megabyte(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "available", lambda: 1e6 / 0.8)


@pytest.mark.parametrize("horizon", [10**9, 10**12, 10**15])
def test_a_horizon_of_data_is_refused_with_its_bytes(horizon: int) -> None:
    args = ["verify", "--data", "diabetes", "--loss", "l1", "--horizon", str(horizon)]
    result = CliRunner().invoke(app, args)
    assert result.exit_code == 2, result.output
    shown = " ".join(result.stderr.split())
    assert "bytes" in shown
    assert f"horizon {horizon}" in shown
    assert "Shorten the horizon" in shown


@pytest.mark.usefixtures("one_megabyte")
def test_one_path_that_is_too_long_is_refused() -> None:
    setting = on_the_line(10_000)
    size = memory.path_bytes(setting, len(FEJER.needs))
    assert size == 8 * (10_000 * (2 + 2 * 4 + 4) + 6 + 4)
    with pytest.raises(InputError, match=re.escape(f"needs {size:.3g} bytes")):
        judge_setting(setting, [FEJER], Options())
    (outcome,) = judge_setting(on_the_line(1000), [FEJER], Options())
    assert outcome.verdict.status == "holds"


def test_replicas_that_cannot_be_kept_are_refused() -> None:
    options = Options(max_replicas=10**15)
    with pytest.raises(InputError, match=r"8e\+16 bytes.*1000000000000000 replicas"):
        judge_setting(sampled(), [AVERAGE], options)


def test_processes_share_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    setting = on_the_line(1000)
    size = memory.path_bytes(setting, len(FEJER.needs))
    monkeypatch.setattr(memory, "available", lambda: 1.5 * size / memory.SHARE)
    memory.check(setting, {Engine.TREE: [FEJER]}, 1, sharers=1)
    with pytest.raises(InputError, match="for each of 2 processes"):
        memory.check(setting, {Engine.TREE: [FEJER]}, 1, sharers=2)


def test_a_tree_says_its_bytes_and_does_not_compute_its_paths() -> None:
    setting = replace(sampled(), horizon=10**9)
    assert setting.num_paths() == MANY
    with pytest.raises(InputError, match=r"40\*\*999999999 = 10\*\*.*bytes"):
        tree.check_size(setting)


@pytest.mark.usefixtures("one_megabyte")
def test_little_memory_makes_smaller_batches_and_the_same_numbers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    setting, c = sampled(), sampled().constants()
    assert 1 < memory.room(setting, [AVERAGE]) < 256
    small = monte_carlo(setting, [AVERAGE], c, Budget(0, 1e-6, 256))[AVERAGE.id]
    monkeypatch.setattr(memory, "available", lambda: float("inf"))
    large = monte_carlo(setting, [AVERAGE], c, Budget(0, 1e-6, 256))[AVERAGE.id]
    assert small.evidence is not None
    assert large.evidence is not None
    # a matrix product may sum in another order for another number of rows
    np.testing.assert_allclose(
        small.evidence.estimate, large.evidence.estimate, rtol=1e-12
    )


def test_the_estimate_is_of_the_size_of_what_is_used() -> None:
    setting = replace(sampled(), horizon=400)
    channels = FEJER.needs
    paths = pathwise.num_paths(setting)
    setting.constants()
    tracemalloc.start()
    trace, _ = pathwise.run(setting, channels, seed=0)
    FEJER.quantity(trace)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    expected = paths * memory.path_bytes(setting, len(channels))
    assert 0.4 * expected < peak < 1.1 * expected


def test_available_memory_is_a_sane_number() -> None:
    assert 2**24 < memory.available() < 2**50
