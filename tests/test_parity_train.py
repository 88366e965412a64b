"""What a training run promises: threads, cuts, interrupts and refusals."""

from __future__ import annotations

import _thread
import threading
from functools import partial

import numpy as np
import pytest

from synthetic.parity import plan as planning
from synthetic.parity.network import ARRAYS, Network
from synthetic.parity.plan import Plan, parts
from synthetic.parity.rates import Constant, Cosine, from_array
from synthetic.parity.stream import Parity, Stream
from synthetic.parity.train import train, train_many
from theory.errors import InputError

STREAM = Stream(dim=30, target=Parity((0, 1, 2)), seed=1, noise=0.1)
RATES = Cosine(0.05, num_steps=2000, warmup=100)


def same(one: Network, other: Network) -> bool:
    return all(np.array_equal(getattr(one, a), getattr(other, a)) for a in ARRAYS)


def trained(width: int, plan: Plan, *cuts: int) -> Network:
    network = Network.default(30, width, seed=2)
    for steps in cuts:
        train(network, STREAM, RATES, steps, plan=plan)
    return network


@pytest.mark.parametrize("plan", [Plan(), Plan(block=48), Plan(batch=3), Plan(batch=8)])
def test_runs_join_bitwise_where_a_block_ends(plan: Plan) -> None:
    steps = 3 * plan.block_steps
    whole = trained(50, plan, 2 * steps)
    assert same(trained(50, plan, steps, steps), whole)
    assert same(trained(50, plan, steps, 0, steps - 1, 1), whole) == (
        plan.block_steps == 1
    )


def test_chunks_leave_no_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = trained(50, Plan(), 320)
    monkeypatch.setattr(planning, "MOST_SAMPLES", 40)
    assert same(trained(50, Plan(), 320), whole)


@pytest.mark.parametrize("batch", [1, 8, 20])
def test_threads_leave_no_trace(batch: int) -> None:
    width = 5000
    assert parts(Network.default(30, width, seed=0)) > 2
    plans = [Plan(batch=batch, threads=threads) for threads in (1, 2, 3, 99)]
    one, *others = (trained(width, plan, 100) for plan in plans)
    assert all(same(one, other) for other in others)


def test_many_networks_are_those_trained_alone() -> None:
    networks = [Network.default(30, 20 + i, seed=i) for i in range(5)]
    alone = [network.copy() for network in networks]
    jobs = [partial(train, network, STREAM, RATES, 200) for network in networks]
    reports = train_many(jobs, threads=2)
    for network, other, report in zip(networks, alone, reports, strict=True):
        found = train(other, STREAM, RATES, 200)
        assert same(network, other)
        assert found.mistakes == report.mistakes


def test_the_report_is_what_was_seen() -> None:
    network = Network.default(30, 40, seed=0, dtype="float64")
    copy = network.copy()
    report = train(network, STREAM, RATES, 100)
    labels = STREAM.labels(0, 100)
    singly = [train(copy, STREAM, RATES, 1) for _ in range(100)]
    wrong = [
        (r.last_margin > 0.0) != (y > 0.5) for r, y in zip(singly, labels, strict=True)
    ]
    assert report.mistakes == np.mean(wrong)
    assert report.mean_abs_gradient == pytest.approx(
        np.mean([r.mean_abs_gradient for r in singly]), rel=1e-12
    )
    assert report.last_margin == pytest.approx(singly[-1].last_margin, rel=1e-10)
    assert (report.first_step, report.num_steps, singly[-1].first_step) == (0, 100, 99)
    assert report.seconds > 0.0


def test_a_parity_is_learnt() -> None:
    stream = Stream(20, Parity((3, 7)), seed=3)
    network = Network.default(20, 100, seed=0)
    train(network, stream, Constant(0.05), 20000)
    assert train(network, stream, Constant(1e-12), 5000).mistakes < 0.01


@pytest.mark.parametrize("threads", [1, 2])
def test_an_interrupt_leaves_the_network_whole(threads: int) -> None:
    network = Network.default(30, 2100, seed=2)
    plan = Plan(threads=threads)
    timer = threading.Timer(0.3, _thread.interrupt_main)
    train(network, STREAM, Constant(0.01), 1)  # compiled
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        train(network, STREAM, Constant(0.01), 10**8, plan=plan)
    other = Network.default(30, 2100, seed=2)
    train(other, STREAM, Constant(0.01), 1)
    train(other, STREAM, Constant(0.01), network.step - 1)
    assert network.step > 1
    assert same(network, other)


def test_the_floating_point_mode_of_the_caller_is_restored() -> None:
    trained(20, Plan(), 64)
    small = np.full(100, 1e-40, dtype=np.float32)
    assert np.all(small * np.float32(0.5) > 0.0)


def test_a_thread_that_cannot_start_stops_the_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    started: list[threading.Thread] = []
    start = threading.Thread.start

    def failing(thread: threading.Thread) -> None:
        if started:
            msg = "can't start new thread"
            raise RuntimeError(msg)
        started.append(thread)
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", failing)
    network = Network.default(30, 5000, seed=0)
    before = network.copy()
    with pytest.raises(RuntimeError, match="new thread"):
        train(network, STREAM, RATES, 10, plan=Plan(threads=3))
    assert same(network, before)
    assert not started[0].is_alive()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"num_steps": -1}, "num_steps >= 0"),
        ({"stream": Stream(31, Parity((0,)), 0)}, "dim=30"),
        ({"rates": from_array(np.ones(9))}, "9 steps, got step 9"),
        ({"rates": lambda t: np.full(t.size, np.nan)}, "finite rates"),
        ({"targets": lambda _, n: np.full(n, 1.5)}, r"in \[0, 1\]"),
        ({"targets": lambda _, n: np.full(n, np.nan)}, r"in \[0, 1\]"),
        ({"targets": lambda _, n: np.zeros(n + 1)}, "10 targets"),
    ],
)
def test_what_does_not_fit_is_refused(change: dict[str, object], message: str) -> None:
    network = Network.default(30, 20, seed=0)
    given: dict[str, object] = {"stream": STREAM, "rates": RATES, "num_steps": 10}
    with pytest.raises(InputError, match=message):
        train(network, **(given | change))  # type: ignore[arg-type]
    assert network.step == 0


def test_divergence_is_named() -> None:
    network = Network.default(30, 20, seed=0)
    with pytest.raises(InputError, match="smaller rates"):
        train(network, STREAM, Constant(1e30), 100)


@pytest.mark.parametrize(
    "plan", [{"batch": 0}, {"threads": 0}, {"block": 8}, {"block": 40}]
)
def test_a_plan_that_cannot_be_is_refused(plan: dict[str, int]) -> None:
    with pytest.raises(InputError):
        Plan(**plan)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Constant(0.0),
        lambda: Constant(np.inf),
        lambda: Constant(1.0, warmup=-1),
        lambda: Cosine(1.0, num_steps=5, warmup=5),
        lambda: Network.default(0, 1, seed=0),
        lambda: Network.default(1, 1, seed=0, logits=3),
        lambda: Network.default(1, 1, seed=0, dtype="float16"),
        lambda: Network.from_tensors({}),
    ],
)
def test_what_cannot_be_made_is_refused(make: object) -> None:
    with pytest.raises(InputError):
        make()  # type: ignore[operator]


def test_rates_are_those_of_the_formulas() -> None:
    steps = np.arange(12)
    np.testing.assert_array_equal(Constant(0.3)(steps), np.full(12, 0.3))
    np.testing.assert_allclose(
        Constant(0.4, warmup=4)(steps)[:6], [0.0, 0.1, 0.2, 0.3, 0.4, 0.4]
    )
    cosine = Cosine(2.0, num_steps=10)(steps)
    assert cosine[0] == 2.0
    assert cosine[5] == pytest.approx(1.0)
    np.testing.assert_array_equal(cosine[10:], 0.0)
    warm = Cosine(2.0, num_steps=10, warmup=2)(steps)
    np.testing.assert_allclose(warm[[0, 1, 2, 6, 10]], [0.0, 1.0, 2.0, 1.0, 0.0])
