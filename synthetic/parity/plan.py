"""How the steps of a run are cut into blocks, chunks and parts."""

from __future__ import annotations

from dataclasses import dataclass

from synthetic.parity.network import Network
from theory.errors import InputError

STRIPS_OF_A_PART = 64  # fewer take less time than a meeting of the threads
MOST_PARTS = 16
CHUNK_WORK = 2**31  # weights x samples between two returns to Python: about a second
MOST_SAMPLES = 2**16  # of a chunk: its inputs, labels and rates are a few MB


@dataclass(frozen=True)
class Plan:
    """How steps are taken.

    Args:
        batch: Samples of a step; step t takes samples t m to t m + m - 1.
        block: Samples of a block for batch 1, a multiple of 16. 32 is the fastest or
            close to it at every width that was measured.
        threads: For one network; more than `parts` of its width are not used.

    """

    batch: int = 1
    block: int = 32
    threads: int = 1

    def __post_init__(self) -> None:
        if self.batch < 1 or self.threads < 1:
            msg = f"Need batch >= 1 and threads >= 1, got {self}."
            raise InputError(msg)
        if self.block < 16 or self.block % 16:
            msg = f"Need block to be a multiple of 16, got block={self.block}."
            raise InputError(msg)

    @property
    def samples(self) -> int:
        """Samples of a block, those included that only fill it up."""
        if self.batch == 1:
            return self.block
        return 32 if self.batch in {8, 16} else -(-self.batch // 16) * 16

    @property
    def block_steps(self) -> int:
        """Steps of a block: calls of multiples of it join without a trace."""
        return self.samples // self.batch if self.batch in {1, 8, 16} else 1

    def chunk(self, network: Network) -> int:
        """Steps between two returns to Python: whole blocks."""
        samples = min(MOST_SAMPLES, CHUNK_WORK // network.packed.size)
        return max(1, samples // self.batch // self.block_steps) * self.block_steps


def parts(network: Network) -> int:
    """Into how many parts the sum over neurons is cut: the most threads of use."""
    return max(1, min(MOST_PARTS, network.strips // STRIPS_OF_A_PART))
