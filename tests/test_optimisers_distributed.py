"""Two processes with half of each batch take the step that one takes with the whole."""

import os
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import distributed
from torch.nn.functional import mse_loss
from torch.nn.parallel import DistributedDataParallel

from gpt2_demo.optim import IAM, IAMAdam, SPSStar

KINDS = {"SPSStar": SPSStar, "IAM": IAM, "IAMAdam": IAMAdam}
STEPS, RANKS = 4, 2


def train(kind: str, rank: int | None, *, average: bool = True) -> dict[str, Any]:
    """Parameters and state after a few steps on this rank's rows, or on all."""
    torch.manual_seed(1)
    net: Any = torch.nn.Sequential(
        torch.nn.Linear(5, 4), torch.nn.Tanh(), torch.nn.Linear(4, 2)
    ).double()
    optimiser = KINDS[kind](net.parameters(), average_losses=average)
    shared = net if rank is None else DistributedDataParallel(net)
    for seed in range(STEPS):
        generator = torch.Generator().manual_seed(seed)
        rows = torch.randn(8, 7, generator=generator, dtype=torch.float64)
        mine = rows if rank is None else rows[rank::RANKS]
        optimiser.zero_grad()
        loss = mse_loss(shared(mine[:, :5]), mine[:, 5:])
        loss.backward()
        optimiser.step(loss=loss, target_loss=0.1 * mine[:, 5:].square().mean())
    params = list(net.parameters())
    z = [optimiser.state.get(x, {}).get("z", x) for x in params]
    return {
        "x": torch.cat([x.detach().reshape(-1) for x in params]),
        "z": torch.cat([one.detach().reshape(-1) for one in z]),
        "eta": optimiser.last["eta"],
    }


def work(rank: int, folder: str) -> None:
    """One of the processes: every method, with and without averaged losses."""
    torch.set_num_threads(1)
    os.environ.setdefault("GLOO_SOCKET_IFNAME", "lo")
    distributed.init_process_group(
        "gloo", init_method=f"file://{folder}/store", rank=rank, world_size=RANKS
    )
    for kind in KINDS:
        for average in (True, False):
            found = train(kind, rank, average=average)
            torch.save(found, f"{folder}/{kind}-{average}-{rank}.pt")
    distributed.destroy_process_group()


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("ranks")
    torch.multiprocessing.spawn(work, args=(str(folder),), nprocs=RANKS)
    return folder


def load(runs: Path, kind: str, average: bool) -> list[dict[str, Any]]:
    return [
        torch.load(runs / f"{kind}-{average}-{rank}.pt", weights_only=True)
        for rank in range(RANKS)
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_two_processes_are_one(runs: Path, kind: str) -> None:
    first, second = load(runs, kind, average=True)
    whole = train(kind, None)
    for name, value in whole.items():
        assert torch.equal(first[name], second[name])
        assert torch.allclose(first[name], value, rtol=1e-12, atol=1e-12)
    assert whole["eta"] > 0


@pytest.mark.parametrize("kind", KINDS)
def test_without_averaged_losses_they_part(runs: Path, kind: str) -> None:
    first, second = load(runs, kind, average=False)
    assert not torch.allclose(first["x"], second["x"], rtol=1e-3)
