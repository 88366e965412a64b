"""The threads of one network."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np

from synthetic.parity.kernel import train_singly
from synthetic.parity.kernel_batches import train_batches
from synthetic.parity.kernel_vectors import lanes_of
from synthetic.parity.network import Network, aligned
from synthetic.parity.plan import Plan, parts
from synthetic.parity.stream import num_words

DONE = 2**62  # a flag above all steps


class Team:
    """The threads of one network, with all that they write to."""

    def __init__(self, network: Network, plan: Plan) -> None:
        self._network, self._plan = network, plan
        self._parts = parts(network)
        self._threads = min(plan.threads, self._parts)
        self._flags = aligned(8 * self._threads, np.int64)
        self._partials = aligned(2 * self._parts * plan.batch, np.float64)
        self._ends = np.arange(self._parts + 1) * network.strips // self._parts
        z = aligned(network.strips * plan.samples * self._lane, network.dtype)
        self._scratch = [(z, *own) for own in map(self._own, range(self._threads))]
        self.report = np.zeros(3)
        self.chunk = plan.chunk(network)

    @property
    def _lane(self) -> int:
        return lanes_of(self._network.dtype)

    def _own(self, _thread: int) -> tuple[Any, ...]:
        """One thread's tables, choices, words and inner products."""
        network, samples = self._network, self._plan.samples
        inputs, rows = network.dim + 1, network.rows
        gram = samples**2 if self._plan.block_steps > 1 else 0
        return (
            aligned(max(rows // 4, 8) * 16 * self._lane, network.dtype),
            aligned(samples // 8 * (rows // 4), np.uint64),
            aligned(-(-samples // 32) * rows, np.uint64),
            np.zeros((num_words(inputs), samples), np.uint64),
            aligned(gram, network.dtype),
        )

    def run(self, data: tuple[Any, ...]) -> None:
        """Take the steps of `data` on all threads.

        Several are all threads of their own: an interrupt, which is the main thread's
        to take, cannot keep one of them from the meetings of the others.
        """
        if self._threads == 1:
            self._work(0, data)
            return
        self._flags[:] = 0
        ready = threading.Barrier(self._threads)
        errors: list[BaseException] = []
        threads = [
            threading.Thread(target=self._join, args=(i, data, ready, errors))
            for i in range(self._threads)
        ]
        try:
            for thread in threads:
                thread.start()
        except BaseException:
            ready.abort()  # those that wait for one that never began
            raise
        finally:
            self._wait(threads)
        if errors:
            raise errors[0]

    @staticmethod
    def _wait(threads: list[threading.Thread]) -> None:
        try:
            for thread in threads:
                if thread.ident is not None:
                    thread.join()
        finally:  # after an interrupt
            for thread in threads:
                if thread.ident is not None:
                    thread.join()

    def _join(
        self,
        me: int,
        data: tuple[Any, ...],
        ready: threading.Barrier,
        errors: list[BaseException],
    ) -> None:
        try:
            ready.wait()
            self._work(me, data)
        except threading.BrokenBarrierError:
            return
        except BaseException as error:
            errors.append(error)
            self._flags[8 * me] = DONE  # whoever waits goes on, to an end

    def _work(self, me: int, data: tuple[Any, ...]) -> None:
        network, plan = self._network, self._plan
        share = [self._parts * i // self._threads for i in (me, me + 1)]
        kernel = train_singly if plan.batch == 1 else train_batches
        kernel(
            (network.packed, network.readout, network.intercept, network.clock),
            data,
            (
                *(network.dim + 1, network.rows, network.strips, plan.samples),
                *(float(network.logits), plan.batch, plan.block_steps),
            ),
            (self._flags, self._partials, self._ends, *share, me, self._threads),
            self._scratch[me],
            self.report,
        )
