r"""From points towards a violation: each row keeps the best of a dozen candidates."""

from __future__ import annotations

import numpy as np

from synthetic.hypotheses.oracle import Seen
from synthetic.hypotheses.probe import Place, Probe
from synthetic.problems.base import FloatArray

Pair = tuple[FloatArray, FloatArray]

CANDIDATES = 12


def climbed(
    probe: Probe, place: Place, rng: np.random.Generator, scale: float
) -> Place:
    """The best of each row and of its candidates."""
    pairs = _candidates(probe, place, rng, scale)
    count = len(pairs)
    rows = len(place.i)
    x = np.concatenate([pair[0] for pair in pairs])
    y = np.concatenate([pair[1] for pair in pairs])
    tried = probe.look(np.tile(place.i, count), x, y)
    grid = tried.excess.reshape(count, rows)
    best = np.argmax(grid, axis=0)
    better = grid[best, np.arange(rows)] > place.excess
    take = (best * rows + np.arange(rows))[better]
    x, y = place.x.copy(), place.y.copy()
    x[better], y[better] = tried.x[take], tried.y[take]
    return probe.look(place.i, x, y)


def _candidates(
    probe: Probe, place: Place, rng: np.random.Generator, scale: float
) -> list[Pair]:
    """Steps of power iterations, to the sphere, downhill, and at random."""
    centre, kept = probe.oracle.centre, probe.oracle.kept
    x, y = place.x, place.y
    away, step = x - centre, y - x
    reach = np.linalg.norm(away, axis=1, keepdims=True)
    wide = np.linalg.norm(step, axis=1, keepdims=True)
    change = (place.seen.slope - place.seen.level) * kept
    bend = np.linalg.norm(change, axis=1, keepdims=True) / np.where(
        reach > 0, reach, 1.0
    )
    flat = away - change / np.where(bend > 0, 2.0 * bend, 1.0)
    steep = place.seen.slope * kept
    heads = [reach * unit(change), reach * unit(steep), reach * unit(flat)]
    heads += [probe.radius * unit(away), 0.5 * away]
    if not probe.each:
        heads.append(reach * unit(_heaviest(place.seen) * kept))
    noise = scale * probe.radius
    for power in (0.0, 1.5, 3.0):
        blur = noise * 10.0**-power * rng.standard_normal(x.shape)
        heads.append(away + blur * kept / np.sqrt(x.shape[1]))
    pairs = [(centre + head, centre + head + step) for head in heads]
    if probe.pairs == "free":
        turned = (place.other.slope - place.seen.slope) * kept
        blur = wide * scale * rng.standard_normal(x.shape) / np.sqrt(x.shape[1])
        pairs += [
            (x, x + wide * unit(turned)),
            (x, y + blur * kept),
            (x, x + (2.0 * rng.integers(0, 2) - 0.5) * step),
        ]
    return pairs


def _heaviest(seen: Seen) -> FloatArray:
    r"""$E\|g - h\|(g - h)$: towards where the steepest components change most."""
    apart = seen.every - seen.base
    length = np.sqrt(np.sum(apart**2, axis=-1))
    return np.asarray(np.einsum("n,rn,rnd->rd", seen.weights, length, apart))


def unit(v: FloatArray) -> FloatArray:
    """The rows at length 1, those of length 0 as they are."""
    length = np.sqrt(np.sum(v**2, axis=-1, keepdims=True))
    return np.asarray(v / np.where(length > 0, length, 1.0))
