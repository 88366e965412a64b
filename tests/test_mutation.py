"""Mutants change what they say, are undone, and are seen; harmless ones are not."""

import hashlib
import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

import ratecheck
from synthetic.engines import compiler, tree
from synthetic.mutation import child, cli, fresh, hook, matrix, registry, score
from synthetic.mutation.mutant import Mutant
from synthetic.mutation.probes import PROBES, matching
from synthetic.mutation.registry import GROUPS, MUTANTS
from synthetic.mutation.trial import PROBE, number
from theory import bounds, claims
from theory.errors import InputError

ROOT = Path(__file__).resolve().parents[1]
SAMPLE = (
    "alpha spent on each side in full",
    "a judge with a tolerance of two percent",
    "half of the sure range of a gap",
    "the step without its positive part",
    "convention C for convention P",
    "(E G)^2 for E G^2",
    "a bound of five percent more",
    "the last path of the tree dropped",
    "the cross term with the wrong sign",
    "2^(d-1) for 2^d",
)
RATE = "return lipschitz * distance / np.sqrt(num_points)"
SWAPPED = Mutant(
    label="factors in another order",
    module="theory.bounds",
    old=RATE,
    new="return distance * lipschitz / np.sqrt(num_points)",
    seen_by=("probe.judge",),
    witness="lipschitz_rate.__code__.co_code",
)


def text_of(module: str) -> str:
    return (ROOT / f"{module.replace('.', '/')}.py").read_text("utf-8")


def test_there_are_more_than_sixty_mutants_of_all_parts() -> None:
    assert len(MUTANTS) == sum(map(len, GROUPS.values())) > 100
    assert all(len(group) >= 15 for group in GROUPS.values())


@pytest.mark.parametrize("mutant", MUTANTS.values(), ids=list(MUTANTS))
def test_each_mutant_is_an_edit_of_one_place_that_compiles(mutant: Mutant) -> None:
    text = text_of(mutant.module)
    edited = mutant.applied(text)
    assert edited != text
    compile(edited, mutant.module, "exec")


@pytest.mark.parametrize("mutant", MUTANTS.values(), ids=list(MUTANTS))
def test_each_mutant_names_checks_that_exist_or_is_harmless(mutant: Mutant) -> None:
    assert bool(mutant.seen_by) != bool(mutant.harmless)
    for pattern in mutant.seen_by:
        assert matching(pattern) if pattern[:6] == PROBE else claims.find([pattern])


@pytest.mark.parametrize("name", PROBES)
def test_probes_find_nothing_in_the_code_as_it_is(name: str) -> None:
    assert PROBES[name]() == ""


def test_an_edit_that_no_longer_fits_is_an_error() -> None:
    with pytest.raises(ValueError, match="0 times, not 1"):
        SWAPPED.applied("nothing")
    with pytest.raises(ValueError, match="2 times, not 1"):
        SWAPPED.applied(2 * RATE)


def test_a_module_that_was_imported_cannot_be_edited() -> None:
    before = list(sys.meta_path)
    with pytest.raises(RuntimeError, match="was imported before"):
        hook.install(SWAPPED)
    assert sys.meta_path == before


@pytest.fixture(scope="module")
def sampled() -> score.Score:
    return score.run([MUTANTS[label] for label in SAMPLE], jobs=2, limit=30.0)


def test_ten_mutants_are_killed_quickly_by_what_ought_to_see_them(
    sampled: score.Score,
) -> None:
    assert [r.mutant.label for r in sampled.killed] == list(SAMPLE)
    assert sampled.exit_code() == 0
    assert not sampled.void
    for result in sampled.results:
        assert result.red is not None
        seen_by = result.mutant.seen_by
        named = {c.id for p in seen_by if p[:6] != PROBE for c in claims.find([p])}
        named |= {n for p in seen_by if p[:6] == PROBE for n in matching(p)}
        assert result.red.claim in named


def test_each_of_them_changes_its_number_in_its_own_process_alone(
    sampled: score.Score,
) -> None:
    for result in sampled.results:
        assert sampled.changes(result)
        assert number(result.mutant) == sampled.clean[result.mutant.label]
        assert not result.broken


def test_what_changes_nothing_survives_and_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = score.run([SWAPPED], limit=0.2)
    assert found.survivors == found.results
    assert found.exit_code() == 1
    harmless = replace(SWAPPED, seen_by=(), harmless="Multiplication commutes.")
    monkeypatch.setitem(registry.MUTANTS, SWAPPED.label, harmless)
    told = CliRunner().invoke(
        cli.app, ["mutate", SWAPPED.label, "--limit", "0.2"], prog_name="ratecheck"
    )
    assert told.exit_code == 0
    assert "0/0, 1 harmless by proof" in told.output


def test_an_edit_without_effect_is_no_mutant() -> None:
    idle = replace(SWAPPED, witness="lipschitz_rate(3.0, 2.0, 4.0)")
    found = score.run([replace(idle, harmless="So it is.")], limit=0.2)
    assert [result.mutant.label for result in found.idle] == [SWAPPED.label]
    assert found.exit_code() == 1


def test_a_process_that_dies_kills_nothing() -> None:
    fatal = replace(SWAPPED, new="raise SystemExit(9)", witness="1")
    dead = replace(
        fatal, old='r"""The right-hand', new='import os; os._exit(9)\nr"""The'
    )
    found = score.run([dead], limit=0.2)
    assert found.results[0].broken == "no word"
    assert found.exit_code() == 1


def test_nothing_of_the_project_is_edited_on_the_disk_or_here(
    sampled: score.Score,
) -> None:
    assert sampled.killed
    assert bounds.lipschitz_rate(1.0, 1.0, 4.0) == 0.5
    for mutant in MUTANTS.values():
        assert mutant.old in text_of(mutant.module)


def test_the_sources_of_kernels_are_known_to_be_compiled() -> None:
    for source in compiler.SOURCES:
        assert child.compiles(source.removesuffix(".py").replace("/", "."))
    assert not child.compiles("theory.bounds")


@pytest.mark.slow
def test_a_mutant_neither_reads_nor_writes_the_machine_code_of_the_clean_kernel(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RATECHECK_CACHE", str(tmp_path))
    mutant = MUTANTS["lambda of the step before, in the kernel"]
    order = {"mode": "numbers", "numbers": [mutant.as_dict()]}

    def value(edit: Mutant | None) -> str:
        told = None if edit is None else edit.as_dict()
        found = fresh.process({**order, "mutant": told})
        return str(found["numbers"][mutant.label])

    def kept() -> dict[str, str]:
        files = (path for path in sorted(tmp_path.rglob("*")) if path.is_file())
        return {str(p): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}

    clean = value(None)
    before = kept()
    assert before
    assert value(mutant) != clean  # it did not run what was there
    assert kept() == before
    assert value(None) == clean


def test_the_order_of_a_trees_paths_is_no_matter() -> None:
    """The proof of the mutant that is harmless, on all small trees."""
    for n, steps in ((2, 1), (2, 5), (3, 4), (4, 3)):
        rows = tree.all_draws(n, steps)
        path = np.arange(n**steps)
        place = n ** np.arange(steps)
        other = (path[None, :] // place[:, None]) % n
        assert {*map(tuple, rows.T)} == {*map(tuple, other.T)}
        assert len({*map(tuple, other.T)}) == n**steps


def test_a_pattern_is_a_group_a_module_or_words() -> None:
    assert registry.find("parity") == list(GROUPS["parity"])
    assert len(registry.find("theory.bounds")) == 4
    assert registry.find("half of the growth")[0].module == "synthetic.problems.glm"
    with pytest.raises(InputError, match="No mutant matches 'xyz'"):
        registry.find("xyz")


@pytest.mark.parametrize(
    "arguments",
    [["xyz"], ["--jobs", "0"], ["--limit", "-1"], ["parity", "--claims", "no.such"]],
)
def test_bad_input_is_told_in_one_line(
    arguments: list[str], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    if "--claims" in arguments:
        arguments = [*arguments, "--matrix", str(tmp_path / "m.json")]
    assert ratecheck.main(["mutate", *arguments]) == 2
    assert len(capsys.readouterr().err.strip().splitlines()) == 1


def test_a_matrix_is_filled_row_by_row_and_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "m.json"
    mutants = [MUTANTS["2^(d-1) for 2^d"], MUTANTS["the recurrence in d off by two"]]
    columns = matrix.columns(["parity.fourier.krawtchouk", "parity.fourier.recurrence"])
    matrix.fill(path, mutants[:1], columns)
    saved = json.loads(path.read_text())
    assert [row["label"] for row in saved["rows"]] == [matrix.CLEAN, mutants[0].label]
    assert [row["caught"] for row in saved["rows"]] == [[False, False], [True, False]]
    rows: list[str] = []
    known = matrix._row

    def counted(mutant: Mutant | None, names: list[str]) -> dict[str, object]:
        rows.append("" if mutant is None else mutant.label)
        return known(mutant, names)

    monkeypatch.setattr(matrix, "_row", counted)
    full = matrix.fill(path, mutants, columns)
    assert rows == [mutants[1].label]
    assert full["rows"][-1]["caught"] == [False, True]
    monkeypatch.setattr(matrix, "sources", lambda: "edited")
    matrix.fill(path, mutants[:1], columns)
    assert rows[1:] == ["", mutants[0].label]


def test_what_is_no_matrix_is_told(tmp_path: Path) -> None:
    path = tmp_path / "m.json"
    for text in (
        "{",
        "{}",
        '{"claims": ["a"], "rows": [{"label": "b", "caught": []}]}',
    ):
        path.write_text(text)
        with pytest.raises(InputError):
            matrix.read(path)
