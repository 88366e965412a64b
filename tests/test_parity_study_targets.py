"""Boolean targets, elimination over GF(2), recipes and their warnings."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, strategies as st

from synthetic.parity.recipe import ROLES, Recipe, Task, Training, seed_of
from synthetic.parity.stream import Parity, Staircase, Stream
from synthetic.parity.targets import TruthTable, recover, target_of
from theory.errors import InputError

CUBE = np.array(list(product((-1, 1), repeat=5)), dtype=np.int8)


def test_a_truth_table_of_a_parity_is_the_parity() -> None:
    support = (0, 2, 3)
    table = TruthTable.of(support, lambda x: int(np.prod(x)))
    assert np.array_equal(table(CUBE), Parity(support)(CUBE))
    assert table.values == (0, 1, 1, 0, 1, 0, 0, 1)


def test_a_truth_table_of_a_staircase_is_the_staircase() -> None:
    order = (4, 1, 0)
    table = TruthTable.of(order, lambda x: x[0] + x[0] * x[1] + x[0] * x[1] * x[2])
    assert np.array_equal(table(CUBE), Staircase(order)(CUBE))


def test_entries_are_numbered_by_bits() -> None:
    first = TruthTable((0, 1), (0, 1, 0, 1))  # class 1 where x_0 = 1
    assert np.array_equal(first(CUBE), CUBE[:, 0] > 0)
    assert np.array_equal(target_of("table:0101", 2)(CUBE), CUBE[:, 0] > 0)


@given(st.integers(1, 70), st.data())
def test_elimination_finds_the_parity(dim: int, data: st.DataObject) -> None:
    support = tuple(sorted(data.draw(st.sets(st.integers(0, dim - 1)))))
    seed = data.draw(st.integers(0, 2**32))
    found = recover(Stream(dim, Parity(support), seed))
    assert found.support == support
    assert dim <= found.num_samples <= dim + 60
    assert found.num_checked == 64


def test_elimination_takes_d_and_about_1_6_samples() -> None:
    # d + sum over j of 1 / (2^j - 1) = d + 1.6067; its variance is below 2.75, so the
    # mean of 400 is within 0.42 with P > 1 - 1e-6
    num = [recover(Stream(20, Parity((3, 5)), seed)).num_samples for seed in range(400)]
    assert abs(np.mean(num) - 21.6067) < 0.42


@pytest.mark.parametrize(
    "stream",
    [Stream(16, Parity((0, 1)), 3, noise=0.2), Stream(16, Staircase((0, 1, 2)), 3)],
)
def test_elimination_refuses_what_is_no_parity(stream: Stream) -> None:
    with pytest.raises(InputError, match="No parity fits"):
        recover(stream)


def test_too_few_samples_are_said() -> None:
    with pytest.raises(InputError, match="more than one parity fits"):
        recover(Stream(16, Parity((0, 1)), 3), most=15)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Task(dim=4, k=5), "1 <= k <= d, got k=5, d=4"),
        (lambda: Task(dim=4, k=0), "1 <= k"),
        (lambda: Task(target="cube"), "table:0110"),
        (lambda: Task(k=3, target="table:01"), "2\\*\\*k values"),
        (lambda: Task(k=2, target="staircase"), "odd number"),
        (lambda: Task(noise=1.5), "noise"),
        (lambda: TruthTable((0, 0), (0, 1, 0, 1)), "distinct"),
        (lambda: Training(0), "width"),
        (lambda: Training(8, rate=float("inf")), "finite rate"),
        (lambda: Training(8, optimiser="lion"), "sgd, momentum, adam"),
        (lambda: Training(8, schedule="step"), "constant, cosine"),
        (lambda: Training(8, schedule="cosine", warmup=60_000), "num_steps > warmup"),
        (lambda: Recipe(logits=3), "1 or 2 logits"),
        (lambda: Recipe(init="ones"), "torch, signs"),
        (lambda: Recipe(cadence=300), "multiple of the teacher's every=250"),
        (lambda: Recipe(teacher=Training(8, every=250, decay=0.1)), "plain SGD"),
        (lambda: seed_of("test", 2**32), "seed from 0"),
    ],
)
def test_bad_recipes_are_refused(make: object, message: str) -> None:
    with pytest.raises(InputError, match=message):
        make()  # type: ignore[operator]


def test_no_two_roles_share_a_seed() -> None:
    seeds = {seed_of(role, seed) for role in ROLES for seed in (0, 1, 2**32 - 1)}
    assert len(seeds) == 3 * len(ROLES)


def test_a_recipe_survives_json() -> None:
    recipe = Recipe(task=Task(12, 3, "staircase", 0.1), student=Training(7, decay=0.5))
    assert Recipe.from_json(recipe.as_json()) == recipe


def test_signs_are_of_one_size_without_bias() -> None:
    tensors = Recipe(init="signs").network("student", 1).tensors()
    assert len(np.unique(np.abs(tensors["hidden.weight"]))) == 1
    assert set(np.sign(tensors["hidden.weight"]).ravel()) == {-1.0, 1.0}
    assert not np.any(tensors["hidden.bias"])


@pytest.mark.parametrize(
    ("dim", "k", "init", "is_trap"),
    [
        (21, 3, "signs", True),
        (21, 5, "signs", True),
        (20, 3, "signs", False),
        (21, 4, "signs", False),
        (21, 1, "signs", False),
        (7, 4, "signs", True),
        (8, 8, "signs", False),
        (21, 3, "torch", False),
    ],
)
def test_a_task_without_signal_is_said(
    dim: int, k: int, init: str, is_trap: bool
) -> None:
    said = Recipe(task=Task(dim, k), init=init).warnings()
    assert bool(said) == is_trap
    if is_trap:
        assert ("xi_j = 0 at every even j" in said[0]) == (k % 2 == 1)


@pytest.mark.parametrize(("dim", "k"), [(9, 3), (9, 4), (8, 3), (7, 4), (8, 5)])
def test_the_trap_is_real_by_enumeration(dim: int, k: int) -> None:
    """What the warning states: the gradient of a sign neuron at b = 0."""
    cube = np.array(list(product((-1, 1), repeat=dim)))
    label = np.prod(cube[:, :k], axis=1)
    on = (cube.sum(axis=1) > 0).astype(float)
    gradient = np.abs((label * on) @ cube / len(cube))
    has_signal = gradient[:k].mean() > gradient[k:].mean() + 1e-12
    trap = Recipe(task=Task(dim, k), init="signs").warnings()
    assert bool(trap) == (not has_signal)
