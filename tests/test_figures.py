"""The figures' machinery: tables, bytes, cache, command, bad input."""

import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import ratecheck
from figures import cache, overlay, program, registry
from figures.render import render
from figures.spec import Figure
from figures.table import Table, curve, stack
from theory import claims
from theory.errors import InputError

ROOT = Path(__file__).resolve().parents[1]
CHEAP = "iam-last"


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of the test's own."""
    monkeypatch.setenv("RATECHECK_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "figures"


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_a_table_survives_its_csv_exactly() -> None:
    values = np.array([0.1, 1.0, 1e-300, np.inf, 2.0 / 3.0])
    table = Table(
        {"panel": ["a", "b, c", 'd "e"', "f", "g"], "x": values, "k": np.arange(5)},
        {"most": 3.5},
    )
    again = Table.from_csv(table.to_csv(), table.notes)
    assert again.columns["panel"] == table.columns["panel"]
    assert np.array_equal(again["x"], values)
    assert again["k"].dtype == np.int64
    assert again.digest() == table.digest()


def test_tables_stack_and_select() -> None:
    one = curve({"series": "one"}, t=np.arange(3), value=2.0)
    two = curve({"series": "two"}, t=np.arange(2), value=[3.0, 4.0])
    both = stack([one, two])
    assert both.values("series") == ["one", "two"]
    assert both.where(series="two")["value"].tolist() == [3.0, 4.0]


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"a": np.arange(2), "b": np.arange(3)}, "one length"),
        ({"a": ["1", "2"]}, "text that is no number"),
        ({"a": np.zeros((2, 2))}, "one dimension"),
        ({"a": np.zeros(2, dtype=np.float32)}, "float64"),
    ],
)
def test_a_malformed_table_is_refused(columns: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        Table(columns)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", registry.MODULES)
def test_every_figure_is_complete(name: str) -> None:
    figure = registry.get(name)
    assert figure.name == name
    assert {"test", "quick", "full"} == set(figure.tiers)
    assert {"quick", "full"} <= set(figure.minutes)
    for tier in figure.tiers:
        again = json.loads(json.dumps(dict(figure.parameters(tier))))
        assert again == dict(figure.parameters(tier))
    for claim_id in figure.claims:
        claims.get(claim_id)


def test_an_unknown_figure_names_the_closest() -> None:
    with pytest.raises(InputError, match="did you mean linf-slope"):
        registry.get("linf-slop")
    with pytest.raises(InputError, match="there are sps-bounds"):
        registry.get("xyzzy")


def test_a_picture_has_the_same_bytes_from_a_table_read_back() -> None:
    figure = registry.get(CHEAP)
    table = figure.compute(figure.parameters("test"))
    again = Table.from_csv(table.to_csv(), json.loads(json.dumps(dict(table.notes))))
    assert render(figure, table) == render(figure, again)


def test_a_users_own_style_changes_nothing(tmp_path: Path) -> None:
    figure = registry.get(CHEAP)
    ours = render(figure, figure.compute(figure.parameters("test")), formats=("png",))
    (tmp_path / "matplotlibrc").write_text("font.size: 20\naxes.grid: False\n")
    code = (
        "import sys; from figures import registry; from figures.render import render\n"
        f"f = registry.get({CHEAP!r}); t = f.compute(f.parameters('test'))\n"
        "sys.stdout.buffer.write(render(f, t, formats=('png',))['png'])"
    )
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            f"import sys; sys.path.insert(0, {str(ROOT)!r}); {code}",
        ],
        cwd=tmp_path,
        capture_output=True,
        check=True,
    )
    assert done.stdout == ours["png"]


def test_the_same_bytes_from_nothing_twice(
    kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ("iam-last", "linf-slope")
    asked = program.Asked(names, "test", tmp_path / "first")
    assert [made.cached for made in program.run(asked)] == [False, False]
    again = program.Asked(names, "test", tmp_path / "second")
    assert [made.cached for made in program.run(again)] == [True, True]
    monkeypatch.setenv("RATECHECK_CACHE", str(tmp_path / "empty"))
    third = program.Asked(names, "test", tmp_path / "third")
    assert [made.cached for made in program.run(third)] == [False, False]
    first = bytes_of(tmp_path / "first")
    assert len(first) == 2 * 5
    assert first == bytes_of(tmp_path / "second") == bytes_of(tmp_path / "third")
    assert len(list(kept.iterdir())) == 2 * 4


@pytest.mark.parametrize("kind", ["table", "pdf"])
def test_a_damaged_entry_is_told_of_and_made_again(
    kept: Path, tmp_path: Path, kind: str
) -> None:
    asked = program.Asked((CHEAP,), "test", tmp_path / "out")
    list(program.run(asked))
    before = bytes_of(tmp_path / "out")
    (entry,) = kept.glob(f"*.{kind}")
    entry.write_bytes(entry.read_bytes()[:-3])
    (made,) = program.run(asked)
    assert not made.cached
    assert [w for w in made.warnings if "is damaged; it is made again" in w]
    assert bytes_of(tmp_path / "out") == before
    (whole,) = program.run(asked)
    assert whole.cached


def test_what_an_interrupted_run_had_done_is_not_done_again(
    kept: Path, tmp_path: Path
) -> None:
    asked = program.Asked(("iam-last", "linf-slope"), "test", tmp_path / "out")
    going = program.run(asked)
    first = next(going)
    del going  # as Ctrl-C does
    assert kept.is_dir()
    assert {made.name: made.cached for made in program.run(asked)} == {
        "iam-last": first.name == "iam-last",
        "linf-slope": first.name == "linf-slope",
    }


@pytest.mark.parametrize(
    ("name", "module", "runner"),
    [
        ("tightness-map", "figures.tightness_map", "session"),
        ("kd-digits", "figures.kd_digits", "study"),
    ],
)
def test_half_a_table_is_not_kept(
    kept: Path, monkeypatch: pytest.MonkeyPatch, name: str, module: str, runner: str
) -> None:
    stopped = SimpleNamespace(run=lambda *_: SimpleNamespace(interrupted=True))
    monkeypatch.setattr(f"{module}.{runner}", stopped, raising=True)
    if runner == "session":
        stopped.tasks_for = lambda *_: []
    with pytest.raises(KeyboardInterrupt):
        program.make(name, "test")
    assert not kept.exists()


def test_old_entries_are_forgotten(kept: Path) -> None:
    store = cache.Store()
    for k in range(cache.MOST_KEPT + 3):
        store.put(f"one-{k:024d}.pdf", b"data")
        store.put(f"one-two-{k:024d}.pdf", b"data")
    assert store.get(f"one-{cache.MOST_KEPT + 2:024d}.pdf") == b"data"
    assert len(list(kept.glob("one-0*.pdf"))) == cache.MOST_KEPT
    assert len(list(kept.glob("one-two-*.pdf"))) == cache.MOST_KEPT


def test_the_key_follows_code_parameters_and_tier(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    figure = registry.get(CHEAP)
    key = cache.table_key(figure, "test")
    assert cache.table_key(figure, "quick") != key
    monkeypatch.setattr(cache, "_mathematics", lambda: b"another theory")
    assert cache.table_key(figure, "test") != key
    monkeypatch.undo()
    assert cache.table_key(figure, "test") == key
    monkeypatch.setattr(cache, "_texts", lambda modules: str(modules).encode())
    assert cache.table_key(figure, "test") != key


def test_a_key_sees_every_module_that_the_numbers_come_from() -> None:
    found = cache.sources_of("figures.sps_bounds")
    assert {"figures.sps_bounds", "figures.bands", "figures.linf_slope"} <= found
    assert "figures.table" in found
    assert "figures.render" not in found


def test_pages_say_how_they_were_made(kept: Path, tmp_path: Path) -> None:
    assert not kept.exists()
    list(program.run(program.Asked((CHEAP,), "test", tmp_path)))
    about = json.loads((tmp_path / f"{CHEAP}.json").read_text("utf-8"))
    assert about["command"] == f"ratecheck figures {CHEAP} --tier test"
    assert about["parameters"] == {"horizon": 12}
    assert about["versions"]["matplotlib"]
    assert about["caption"].endswith("on |x|.")
    assert {"seed", "commit", "key", "claims", "notes"} <= set(about)


def run_file(folder: Path, text: str) -> Path:
    path = folder / "mine.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_users_run_is_drawn_on_the_bound(kept: Path, tmp_path: Path) -> None:
    assert not kept.exists()
    mine = run_file(tmp_path, "t,value\n0,0.9\n3,0.4\n")
    plain = program.Asked(("linf-slope",), "test", tmp_path / "plain")
    laid = program.Asked(("linf-slope",), "test", tmp_path / "laid", overlay=mine)
    list(program.run(plain))
    list(program.run(laid))
    one, two = bytes_of(tmp_path / "plain"), bytes_of(tmp_path / "laid")
    assert one["linf-slope.csv"] == two["linf-slope.csv"]
    assert one["linf-slope.png"] != two["linf-slope.png"]
    run = overlay.read(mine)
    assert run["t"].tolist() == [1.0, 4.0]  # points T = t + 1
    assert run.notes["name"] == "mine"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("t,loss\n1,2\n", "columns t and value"),
        ("", "columns t and value"),
        ("t,value\n1,nan\n", "row 1, value: need a finite number"),
        ("t,value\n1,2\n2,x\n", "row 2, value: need a finite number"),
        ("t,value\n-1,2\n", "need t >= 0"),
    ],
)
def test_a_bad_overlay_is_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        overlay.read(run_file(tmp_path, text))


def test_an_overlay_needs_one_figure_over_time() -> None:
    for names in (["tightness-map"], ["linf-slope", "sps-bounds"]):
        with pytest.raises(InputError, match="needs one figure with time"):
            overlay.check([registry.get(name) for name in names])


def test_the_command_refuses_what_it_cannot_do(
    kept: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert not kept.exists()
    blocked = tmp_path / "file"
    blocked.touch()
    for args, message in (
        (["linf-slop"], "did you mean linf-slope"),
        (["--tier", "huge"], "Need a tier out of quick, full, got 'huge'"),
        (["--jobs", "0"], "Need 1 to 256 jobs"),
        (["linf-slope", "--out", str(blocked / "x")], "Name another folder with --out"),
        (["linf-slope", "--overlay", "none.csv"], "Cannot read --overlay none.csv"),
    ):
        out = [] if "--out" in args else ["--out", str(tmp_path / "out")]
        assert ratecheck.main(["figures", *args, *out]) == 2
        assert message in capsys.readouterr().err


def test_the_command_makes_and_lists(
    kept: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert not kept.exists()
    out = str(tmp_path / "out")
    args = ["figures", CHEAP, "--tier", "test", "--out", out]
    assert ratecheck.main(args) == 0
    assert "from the cache" not in capsys.readouterr().out
    assert ratecheck.main(args) == 0
    assert "from the cache" in capsys.readouterr().out
    assert ratecheck.main(["figures", "--list"]) == 0
    listed = capsys.readouterr().out
    assert all(f"ratecheck figures {name}" in listed for name in registry.MODULES)
    for missing in registry.NOT_BUILT:
        assert missing.what in listed


def test_two_processes_give_the_bytes_of_one(kept: Path, tmp_path: Path) -> None:
    names = ("iam-last", "linf-slope")
    assert not kept.exists()
    made = program.run(program.Asked(names, "test", tmp_path / "two", jobs=2))
    assert {one.name for one in made} == set(names)
    for name in names:
        figure: Figure = registry.get(name)
        table = figure.compute(figure.parameters("test"))
        assert (tmp_path / "two" / f"{name}.csv").read_text() == table.to_csv()
        assert (tmp_path / "two" / f"{name}.png").read_bytes() == (
            render(figure, table, formats=("png",))["png"]
        )
