"""Progress told elsewhere: only if asked for, and a missing package is said."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from gpt2_demo import sinks
from gpt2_demo.plan import Progress
from theory.errors import InputError

NOW = Progress(step=20, steps=40, loss=3.0, valid=3.5, tokens_per_second=1e4)


def faked(module: object) -> Callable[[str], object]:
    return lambda _name: module


def test_nothing_is_told_unless_asked(tmp_path: Path) -> None:
    assert sinks.sink_of("", tmp_path) is None
    with pytest.raises(InputError, match="tensorboard, wandb, got 'paper'"):
        sinks.sink_of("paper", tmp_path)


def test_a_missing_package_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(name: str) -> object:
        msg = f"No module named {name!r}"
        raise ImportError(msg)

    monkeypatch.setattr(sinks, "import_module", missing)
    with pytest.raises(InputError, match="pip install wandb"):
        sinks.sink_of("wandb", tmp_path)


def test_tensorboard_gets_each_number_at_its_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[tuple[str, float, int]] = []
    writer = SimpleNamespace(
        add_scalar=lambda *row: told.append(row), flush=lambda: None
    )
    module = SimpleNamespace(SummaryWriter=lambda _folder: writer)
    monkeypatch.setattr(sinks, "import_module", faked(module))
    tell = sinks.sink_of("tensorboard", tmp_path)
    assert tell is not None
    tell(NOW)
    assert told == [
        ("loss", 3.0, 20),
        ("valid", 3.5, 20),
        ("tokens_per_second", 1e4, 20),
    ]


def test_wandb_stays_on_this_disk_unless_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    modes: list[str] = []
    told: list[dict[str, float]] = []

    def init(*, project: str, dir: str, mode: str) -> object:  # noqa: A002 -- wandb's
        assert (project, dir) == ("ratecheck", str(tmp_path))
        modes.append(mode)
        return SimpleNamespace(log=lambda row, step: told.append(row | {"at": step}))

    monkeypatch.setattr(sinks, "import_module", faked(SimpleNamespace(init=init)))
    monkeypatch.delenv("WANDB_MODE", raising=False)
    tell = sinks.sink_of("wandb", tmp_path)
    assert tell is not None
    tell(NOW)
    assert told[0]["valid"] == 3.5
    assert told[0]["at"] == 20
    monkeypatch.setenv("WANDB_MODE", "online")
    sinks.sink_of("wandb", tmp_path)
    assert modes == ["offline", "online"]
