"""Exact SGD on a stream, in place, by the compiled kernels.

The network after n steps does not depend on the number of threads: neurons are summed
in parts that the width alone decides. Nor does it depend on how the steps are cut into
calls, as long as every call but the last takes a multiple of `Plan.block_steps`; other
cuts change the last bits, since a block ends where a call ends.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from synthetic.parity.network import Network
from synthetic.parity.plan import Plan
from synthetic.parity.rates import Rates
from synthetic.parity.stream import Stream
from synthetic.parity.team import Team
from theory.errors import InputError

Targets = Callable[[int, int], NDArray[np.floating[Any]]]
"""From (first sample, number) to the probabilities of class 1 to be learnt."""


@dataclass(frozen=True)
class Report:
    """What was seen on the way, before each step.

    Args:
        first_step: The step begun with.
        num_steps: Steps taken.
        mistakes: Share of samples whose margin and target were on different sides.
        mean_abs_gradient: Mean of $|p - t|$.
        last_margin: $f_1 - f_0$ (or f) of the last sample.
        seconds: Wall clock, samples and labels included.

    """

    first_step: int
    num_steps: int
    mistakes: float
    mean_abs_gradient: float
    last_margin: float
    seconds: float


def train(
    network: Network,
    stream: Stream,
    rates: Rates,
    num_steps: int,
    targets: Targets | None = None,
    plan: Plan | None = None,
) -> Report:
    """Take steps `network.step`, `network.step` + 1, ... in place.

    An interrupt leaves the network whole, after as many steps as its clock says.

    Args:
        network: Changed in place.
        stream: Inputs, and labels unless there are targets.
        rates: Step sizes by global step.
        num_steps: How many.
        targets: Probabilities of class 1 by sample, say of a teacher.
        plan: Batch, block, threads.

    Raises:
        InputError: Dimensions, rates or targets that do not fit; a network that has
            left the finite numbers.

    """
    plan = plan or Plan()
    if num_steps < 0 or stream.dim != network.dim:
        msg = (
            f"Need num_steps >= 0 and a stream of dim={network.dim}, got "
            f"{num_steps=}, dim={stream.dim}."
        )
        raise InputError(msg)
    began, first = time.perf_counter(), network.step
    team = Team(network, plan)
    while (left := first + num_steps - network.step) > 0:
        steps = min(left, team.chunk)
        team.run(_data(network.step, steps, stream, rates, targets, plan.batch))
        if not np.isfinite(team.report[2]):
            msg = (
                f"The margin was {team.report[2]} at step {network.step}: the network "
                "diverged. Take smaller rates."
            )
            raise InputError(msg)
    samples = max(1, num_steps * plan.batch)
    return Report(
        first_step=first,
        num_steps=num_steps,
        mistakes=float(team.report[0]) / samples,
        mean_abs_gradient=float(team.report[1]) / samples,
        last_margin=float(team.report[2]),
        seconds=time.perf_counter() - began,
    )


def _data(
    first: int,
    steps: int,
    stream: Stream,
    rates: Rates,
    targets: Targets | None,
    batch: int,
) -> tuple[Any, ...]:
    """Words, targets and rates of some steps."""
    start, num = first * batch, steps * batch
    words = stream.words(start, num)
    if targets is None:
        wanted = stream.labels(start, num, words)
    else:
        wanted = np.ascontiguousarray(targets(start, num), dtype=np.float64)
        if wanted.shape != (num,) or not np.all((wanted >= 0.0) & (wanted <= 1.0)):
            msg = (
                f"Need {num} targets in [0, 1] from sample {start} on, got shape "
                f"{wanted.shape}, {wanted[:3]}..."
            )
            raise InputError(msg)
    sizes = np.ascontiguousarray(
        rates(np.arange(first, first + steps)), dtype=np.float64
    )
    if sizes.shape != (steps,) or not np.all(np.isfinite(sizes)):
        msg = f"Need {steps} finite rates from step {first} on, got {sizes[:3]}..."
        raise InputError(msg)
    return words, wanted, sizes


def train_many(jobs: Iterable[Callable[[], Report]], threads: int) -> list[Report]:
    """Run calls of `train` on networks of their own, one a core, and keep the order.

    Args:
        jobs: Such as `functools.partial(train, network, stream, rates, num_steps)`.
        threads: How many at a time.

    """
    with ThreadPoolExecutor(threads) as pool:
        return [done.result() for done in [pool.submit(job) for job in jobs]]
