"""Verdicts of Monte Carlo are false as rarely as they say, and wrong ones are seen."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from synthetic.calibration import naive, rows, saved
from synthetic.calibration.laws import LAWS, Law
from synthetic.calibration.rows import Row, Sizes, exceeds, interval, looks
from synthetic.calibration.runs import Bench
from synthetic.calibration.sources import CHUNK, Source, sources, stream
from synthetic.engines import sequel, tree
from theory.confidence import wager
from theory.errors import InputError
from theory.judge import Status

SAVED = Path(__file__).parents[1] / "figures" / "saved" / "calibration.json"
SOURCES = sources()
UNIFORM = next(law for law in LAWS if law.name == "uniform")
SETTINGS = [source for source in SOURCES.values() if source.tail == "setting"]
LOOKS = [32, 64, 128]
Samples = np.ndarray[Any, np.dtype[np.float64]]


def is_accused(source: Source, chunks: int = 6, alpha: float = 0.05) -> bool:
    """Is a claim with equality REFUTED too often? Right code is, once in 1e6."""
    bench = Bench(source.claim, source.setting)
    false = 0
    for chunk in range(chunks):
        for x in source.draw(3, chunk, LOOKS[-1]):
            false += bench.decide(x, LOOKS, [alpha])[0][0] is Status.REFUTED
    return exceeds(false, chunks * CHUNK, alpha)


@pytest.mark.parametrize("law", LAWS, ids=[law.name for law in LAWS])
def test_what_holds_with_equality_is_rarely_refuted(law: Law) -> None:
    assert not is_accused(stream(law))


def ten() -> Source:
    """Ten independent columns: each t could err on its own."""
    one = stream(UNIFORM)
    setting = replace(one.setting, horizon=100)

    def draw(seed: int, chunk: int, num_samples: int) -> Samples:
        rng = np.random.default_rng([seed, chunk])
        return UNIFORM.draw(rng, (CHUNK, 10 * num_samples)).reshape(CHUNK, -1, 10)

    return replace(one, setting=setting, draw=draw)


def test_all_t_together_are_rarely_refuted() -> None:
    assert len(Bench(ten().claim, ten().setting).game.times) == 10
    assert not is_accused(ten(), chunks=4)


Wager = Callable[[Any, Samples, float], Any]


def overbet(right: Wager) -> Wager:
    """Three times what is owned, and ruin forgiven: bets with c > 1."""

    def overbetting(wealth: Any, y: Samples, m: float) -> Any:
        return right(wealth, m * np.maximum(1.0 + 3.0 * (y / m - 1.0), 0.0), m)

    return overbetting


def peeking(right: Wager) -> Wager:
    """A bet that knows its round: it sits out the large losses."""
    return lambda wealth, y, m: right(wealth, np.maximum(y, 0.8 * m), m)


@pytest.mark.parametrize("wrong", [overbet, peeking])
def test_a_wealth_that_is_no_martingale_is_accused(
    wrong: Callable[[Wager], Wager], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sequel, "wager", wrong(wager))
    assert is_accused(stream(UNIFORM))


def test_alpha_that_every_t_spends_in_full_is_accused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    right = sequel.judged

    def judged(game: Any, claim: Any, c: Any, now: Any) -> Any:
        spent = 2 * len(game.times) * now.alpha
        return right(game, claim, c, replace(now, alpha=spent))

    monkeypatch.setattr(sequel, "judged", judged)
    assert is_accused(ten(), chunks=4)


@pytest.mark.parametrize("name", ["two points", "uniform"])
def test_what_is_barely_false_rarely_holds(name: str) -> None:
    source = SOURCES[name]
    bench = Row("", source, 1.01, 0, 0).bench()
    runs = [x for chunk in range(6) for x in source.draw(4, chunk, LOOKS[-1])]
    held = sum(bench.decide(x, LOOKS, [0.05])[0][0] is Status.HOLDS for x in runs)
    assert not exceeds(held, len(runs), 0.05)


def test_a_range_taken_from_the_samples_is_accused() -> None:
    source = SOURCES["spikes 1/1000"]
    bench = Row("", source, 2.0, 0, 0).bench()
    runs = source.draw(5, 0, LOOKS[-1])
    right = [bench.decide(x, LOOKS, [0.05])[0][0] for x in runs]
    assert right.count(Status.HOLDS) == 0
    held = 0
    for x in runs:
        bench.game = replace(bench.game, high=x.max(axis=0) + 1e-9)
        held += bench.decide(x, LOOKS, [0.05])[0][0] is Status.HOLDS
    assert exceeds(held, len(runs), 0.05)


def test_rules_of_thumb_are_accused() -> None:
    x = np.concatenate([SOURCES["uniform"].draw(6, k, LOOKS[-1]) for k in range(10)])
    flags = naive.refuted(x, np.ones(1) + 1e-12, [16, *LOOKS], [0.05, 0.01])
    counts = {rule: int(found.sum()) for rule, found in flags.items()}
    for rule in ("mean of 20 > bound", "Student's t at 0.05, at each look"):
        assert exceeds(counts[rule], len(x), 0.05)
    assert counts["the same, three tries of 20"] < counts["mean of 20 > bound"]


@pytest.mark.parametrize("factor", [0.5, 1.0, 1.5])
@pytest.mark.parametrize("name", ["two points", "lognormal 1.5", "Pareto 1.5"])
def test_the_engine_s_limits_decide_alike(name: str, factor: float) -> None:
    source = SOURCES[name]
    bench = Row("", source, factor, 0, 0).bench()
    for x in source.draw(7, 0, 256)[:5]:
        for alpha in (0.3, 1e-4):
            by_limits = bench.decide_by_limits(x, [64, 256], alpha)
            assert bench.decide(x, [64, 256], [alpha]) == [by_limits]


def test_one_fortune_serves_all_alphas() -> None:
    bench = Row("", SOURCES["uniform"], 1.5, 0, 0).bench()
    for x in SOURCES["uniform"].draw(8, 0, 256)[:10]:
        together = bench.decide(x, looks(256), [0.05, 1e-3])
        apart = [bench.decide(x, looks(256), [alpha])[0] for alpha in (0.05, 1e-3)]
        assert together == apart


@pytest.mark.parametrize("law", LAWS, ids=[law.name for law in LAWS])
def test_laws_keep_to_their_range(law: Law) -> None:
    x = law.draw(np.random.default_rng(0), (50, 2000))
    assert x.min() >= 0.0
    assert x.max() <= law.high


@pytest.mark.parametrize("source", SETTINGS, ids=[s.claim.id for s in SETTINGS])
def test_bounds_of_settings_are_the_exact_expectations(source: Source) -> None:
    c = source.setting.constants()
    channel = "average_gap" if source.claim.id.startswith("sps.lip") else ""
    channels = source.claim.needs | ({channel} if channel else set())
    trace, _, weights = tree.grow(source.setting, frozenset(channels))
    found, _ = tree.evidence(source.claim, c, trace, weights)
    game = Bench(source.claim, source.setting).game
    exact = dict(zip(found.times.tolist(), found.estimate.tolist(), strict=True))
    mean = [exact[t] for t in game.times.tolist()]
    assert mean == pytest.approx(game.bound.tolist(), rel=1e-12)


def test_intervals_are_those_of_clopper_and_pearson() -> None:
    assert interval(0, 100) == [0.0, pytest.approx(1.0 - 0.025 ** (1 / 100))]
    assert interval(100, 100) == [pytest.approx(0.025 ** (1 / 100)), 1.0]
    assert exceeds(3, 3, 0.0099)  # a chance of 0.0099^3 < 1e-6
    assert not exceeds(3, 3, 0.0101)
    assert looks(100) == [100]
    assert looks(600) == [256, 512, 600]


def saved_rows() -> list[Row]:
    return list(rows.rows(list(SOURCES.values()), Sizes()))


def test_the_saved_table_is_whole_and_shows_no_error() -> None:
    record = saved.read(SAVED)
    assert record["command"] == "python benchmarks/calibration.py --seed 0"
    found = [
        [row[name] for name in ("kind", "source", "factor", "runs", "replicas")]
        for row in record["rows"]
    ]
    assert found == [row.key for row in saved_rows()]
    assert not saved.errors(record)
    assert all(r["by_limits"]["same"] == rows.COMPARED for r in record["rows"])
    blind = [row for row in record["rows"] if row["range"] == "unknown"]
    assert len(blind) > 10
    assert all(r["holds"] == 0 for row in blind for r in row["results"])
    accused = json.loads(json.dumps(record))
    accused["rows"][0]["results"][0]["refuted"] = 2000
    assert saved.errors(accused) == ["tight: two points at 0.05"]


def test_the_saved_table_is_what_the_code_counts() -> None:
    record = saved.read(SAVED)
    for k in range(0, 9, 2):
        row = saved_rows()[k]
        bench, when = row.bench(), looks(row.num_replicas)
        samples = row.source.draw(record["seed"], 0, row.num_replicas)
        decided = [bench.decide(x, when, list(rows.LEVELS)) for x in samples]
        assert rows.first(decided) == record["rows"][k]["first"], row.key


def small() -> list[Row]:
    return [Row("tight", SOURCES["uniform"], f, CHUNK, 64) for f in (1.0, 1.5, 2.0)]


def test_a_run_cut_short_goes_on_and_gives_the_same_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    head = saved.header("test", 9)
    whole = saved.fill(tmp_path / "whole.json", head, small(), lambda _row: None)
    assert saved.replicas_for(whole["rows"][2], 0.05, 0.9) == "64"
    assert saved.replicas_for(whole["rows"][0], 0.05, 0.9) == "> 64"
    cut, right = tmp_path / "cut.json", rows.measure
    done: list[Row] = []
    allowed = 1

    def measure(row: Row, seed: int) -> dict[str, Any]:
        if len(done) == allowed:
            raise KeyboardInterrupt
        done.append(row)
        return right(row, seed)

    monkeypatch.setattr(rows, "measure", measure)
    with pytest.raises(KeyboardInterrupt):
        saved.fill(cut, head, small(), lambda _row: None)
    allowed = 4
    saved.fill(cut, head, small(), lambda _row: None)
    assert [row.factor for row in done] == [1.0, 1.5, 2.0]
    assert cut.read_bytes() == (tmp_path / "whole.json").read_bytes()
    saved.fill(cut, saved.header("test", 10), small()[:1], lambda _row: None)
    assert len(done) == 4  # of another seed: measured again


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": 99, "rows": []}'])
def test_a_file_that_is_no_table_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "x.json"
    path.write_text(text)
    with pytest.raises(InputError, match=r"benchmarks/calibration\.py"):
        saved.read(path)
