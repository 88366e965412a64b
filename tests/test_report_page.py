"""What stands in the page, looked at without a browser."""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from html.parser import HTMLParser
from importlib import resources
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import numpy as np
import pytest
from markupsafe import Markup

from figures.report import build, charts, collect, curves, gallery, keep, program
from figures.report.checks import checks
from figures.report.curves import Curve
from figures.report.downloads import attribute, text_link
from figures.report.prose import typeset
from synthetic import program as verification
from synthetic.catalogue import catalogue_of
from synthetic.record import as_json
from theory import claims as registry
from theory.assumptions import CONVEX
from theory.errors import InputError

PATTERNS = ["iam.lipschitz.last", "iam.averaging", "sps.lastiterate.refuted"]


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """A session of three claims, read back from its JSON."""
    path = tmp_path_factory.mktemp("session") / "results.json"
    job = verification.prepare(PATTERNS, None, verification.Asked(json_file=path))
    job.save(job.run(lambda *_: None))
    found: dict[str, Any] = json.loads(path.read_text())
    return found


@pytest.fixture(scope="module")
def made(record: dict[str, Any]) -> dict[str, Curve]:
    """Their curves."""
    wanted = collect.wanted(record)
    return curves.compute(wanted, record["tier"], curves.options_of(record))


def text_of(html: str) -> str:
    """What a reader sees, without styles and scripts."""
    seen: list[str] = []
    skipped: list[str] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, _attributes: Any) -> None:
            if tag in {"style", "script"}:
                skipped.append(tag)

        def handle_endtag(self, tag: str) -> None:
            if skipped and skipped[-1] == tag:
                skipped.pop()

        def handle_data(self, data: str) -> None:
            if not skipped:
                seen.append(data)

    Reader().feed(html)
    return " ".join(" ".join(seen).split())


def elements(html: str) -> list[str]:
    """The names of all elements."""
    found: list[str] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, _attributes: Any) -> None:
            found.append(tag)

    Reader().feed(html)
    return found


def test_a_curve_is_the_sessions_own_run(
    record: dict[str, Any], made: dict[str, Curve]
) -> None:
    assert set(made) == set(PATTERNS)
    for card in collect.cards(record, made):
        assert card.curve is not None
        assert card.curve.tightness == card.found["tightness"]
        assert not card.disagrees
    last = made["iam.lipschitz.last"]
    assert last.times == list(range(16))
    assert np.allclose(last.estimate, 1.0, rtol=1e-12)
    assert np.allclose(last.bound, 4.0 / np.sqrt(np.arange(1, 17)), rtol=1e-12)


def test_another_versions_results_are_seen(
    record: dict[str, Any], made: dict[str, Curve]
) -> None:
    name = "iam.lipschitz.last"
    changed = {**made, name: replace(made[name], tightness=0.5)}
    assert "made by another version" not in text_of(build.page(record, made))
    assert "made by another version" in text_of(build.page(record, changed))


def test_the_page_is_the_same_twice_and_asks_for_nothing(
    record: dict[str, Any], made: dict[str, Curve]
) -> None:
    page = build.page(record, made)
    assert page == build.page(record, made)
    assert "default-src 'none'" in page
    outside = re.compile(r"""(?:src|href)\s*=\s*["']?(?!#|data:)[^"'\s>]""")
    body = re.sub(r"<(script|style)\b.*?</\1>", "", page, flags=re.DOTALL)
    assert outside.findall(body) == []
    assert outside.findall('<a href="https://example.org">') != []


def test_the_page_says_all_of_a_theorem(
    record: dict[str, Any], made: dict[str, Curve]
) -> None:
    text = text_of(build.page(record, made))
    for words in (
        "3 of 3 claims as expected, 23 of 23 wrong variants caught",
        "ratecheck verify iam.lipschitz.last -v",
        "Controls: 19 of 19 wrong variants caught",
        "bounded second moment on the ball:",
        "(G = 1)",
        "The bound is 0",
        "Counterexample",
        "@misc{gower2025idealized",
        "refuted, as expected",
    ):
        assert words in text


def test_text_from_a_session_cannot_become_markup(record: dict[str, Any]) -> None:
    bad = json.loads(json.dumps(record))
    first, second, third = bad["claims"]
    first["id"] = second["settings"][0]["reason"] = "<img src=x>"
    second["tightest_setting"] = second["settings"][0]["setting"] = "<img src=x>"
    third["controls"]["list"][0]["label"] = "</script><img src=x>"
    third["controls"]["list"][1]["reason"] = "<img src=x>"
    page = build.page(bad, {})
    assert elements(page).count("img") == 0
    assert elements(page.replace("&lt;", "<").replace("&gt;", ">")).count("img") >= 4


def test_hypotheses_are_ticked_with_their_numbers() -> None:
    claim = registry.get("iam.lipschitz.last")
    settings = {s.name: s for s in catalogue_of([claim]).settings}
    c = settings["LINF(16) T=16, IAM-P"].constants()
    found = checks(claim, c)
    assert [one.failure for one in found] == [""] * len(claim.assumes)
    assert {"G": "1"} in [one.numbers for one in found]
    broken = checks(claim, replace(c, G=float("inf"), convex=False, witness="here"))
    assert [one.name for one in broken if one.failure] == [
        CONVEX.name,
        "bounded second moment on the ball",
    ]
    assert {"G": "∞"} in [one.numbers for one in broken]


@pytest.mark.parametrize(
    ("plain", "shown"),
    [
        ("lambda_t >= ||x||^2", "λ<sub>t</sub> ≥ ‖x‖<sup>2</sup>"),
        ("f_xi(u) <= D^2", "f<sub>ξ</sub>(u) ≤ D<sup>2</sup>"),
        ("(N)_+^2", "(N)<sub>+</sub><sup>2</sup>"),
        ("sum_{t<T} E d_t", "∑<sub>t&lt;T</sub> E d<sub>t</sub>"),
        ("||h||^2_{D_s^{-1}}", "‖h‖<sup>2</sup><sub>D<sub>s</sub><sup>-1</sup></sub>"),
        ("smooth_noise, SPS*", "smooth_noise, SPS*"),
        ("<g_t, z - u> <= 0", "⟨g<sub>t</sub>, z - u⟩ ≤ 0"),
        ("0 < a < b, c > d", "0 &lt; a &lt; b, c &gt; d"),
        ("x* and lambda*", "x⋆ and λ⋆"),
        ("sqrt(T) and sqrt2", "√(T) and √2"),
        ("Sum the inequality", "Sum the inequality"),
        ("x^{2", "x^{2"),
        ("x_", "x_"),
        ("", ""),
    ],
)
def test_plain_mathematics_is_set(plain: str, shown: str) -> None:
    assert typeset(plain) == Markup(shown)


def test_no_proof_loses_a_word() -> None:
    for claim in registry.CLAIMS.values():
        for text in (claim.proof, claim.title, claim.tight):
            kept = typeset(text).striptags()
            words = re.findall(r"(?<![A-Za-z_^])[A-Z]?[a-z]{7,}(?![A-Za-z_^(])", text)
            assert all(word in kept for word in words)


def test_ids_in_a_proof_are_links() -> None:
    link = collect.linked(["iam.fejer", "iam.fejer.sum"])
    assert link("By iam.fejer.sum.") == 'By <a href="#iam.fejer.sum">iam.fejer.sum</a>.'
    assert "href" not in link("By iam.fejer_more and iam.fejer.other")


def test_long_curves_keep_their_ends_and_what_decided() -> None:
    rows = curves.kept_rows(np.arange(20_000), [12_345])
    assert len(rows) <= curves.MOST_ROWS + 3
    assert {0, 1, 2, 12_345, 19_999} <= set(rows.tolist())
    assert curves.kept_rows(np.arange(10), []).tolist() == list(range(10))


def synthetic_curve(**changes: Any) -> Curve:
    values: Mapping[str, Any] = {
        "claim_id": "iam.lipschitz.last",
        "setting": "made up",
        "times": [1, 10, 100],
        "lower": [0.5, 0.1, 0.01],
        "upper": [0.7, 0.3, 0.03],
        "estimate": [0.6, 0.2, 0.02],
        "bound": [1.0, 0.5, 0.1],
        "roundoff": [1e-16] * 3,
        "labels": [],
        "of": 3,
        "tightness": 0.6,
        "error": 1e-9,
        "source": "made up",
        "checks": [],
    }
    return Curve(**{**values, **changes})


def test_a_chart_shows_limits_run_and_bound() -> None:
    chart = charts.chart(synthetic_curve())
    assert [trace["name"] for trace in chart["data"]] == [
        "its limits",
        "bound",
        "left-hand side",
    ]
    assert chart["log_t"]
    assert chart["log_y"]


def test_a_bound_of_zero_has_its_roundoff_beside_it() -> None:
    chart = charts.chart(synthetic_curve(bound=[0.0] * 3))
    names = [trace["name"] for trace in chart["data"]]
    assert names == ["its roundoff", "left-hand side"]


def test_points_of_several_configurations_are_not_joined() -> None:
    chart = charts.chart(synthetic_curve(labels=["a", "a", "b"]))
    assert {trace["mode"] for trace in chart["data"][1:]} == {"markers"}
    assert not charts.is_drawn(synthetic_curve(times=[-1, -2, 3]))


def test_a_damaged_cache_entry_is_made_again(
    record: dict[str, Any],
    made: dict[str, Curve],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(keep, "cache_folder", lambda: tmp_path)
    runs: list[int] = []

    def compute(*_: Any) -> dict[str, Curve]:
        runs.append(1)
        return made

    monkeypatch.setattr(keep, "compute", compute)
    told: list[str] = []

    def again() -> dict[str, Curve]:
        return keep.curves(collect.wanted(record), record, warn=told.append)

    first, second = again(), again()
    assert first == second == made
    assert build.page(record, first) == build.page(record, second)
    assert (len(runs), told) == (1, [])
    (path,) = (tmp_path / "report").iterdir()
    whole = path.read_text()
    for broken in (whole.replace("0.25", "0.26", 1), whole[:-9], "", "{}"):
        path.write_text(broken)
        told.clear()
        assert again() == made
        assert "damaged" in told[0]
    assert again() == made
    assert len(runs) == 5


def test_the_figures_in_the_folder_are_shown(
    record: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("figures.program.found", lambda *_: None)
    told = {
        "name": "iam-last",
        "title": "Last iterates",
        "paper": "this project",
        "caption": 'A "caption" with $x^2$.',
        "claims": ["iam.lipschitz.last"],
        "command": "ratecheck figures iam-last",
    }
    (tmp_path / "iam-last.json").write_text(json.dumps(told))
    warned: list[str] = []
    assert gallery.pictures(tmp_path, "quick", warned.append) == []
    assert "iam-last" in warned[0]
    (tmp_path / "iam-last.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"/>')
    (tmp_path / "iam-last.csv").write_text("t\n1\n")
    (picture,) = gallery.pictures(tmp_path, "quick")
    page = build.page(record, {}, [picture])
    assert 'alt="A &#34;caption&#34; with x^2."' in page
    assert "image/svg+xml" in page
    assert '<a href="#figure-iam-last">Last iterates</a>' in page
    assert 'id="figures"' not in build.page(record, {})


def test_a_matrix_of_mutations_is_shown_where_there_is_one(
    record: dict[str, Any],
) -> None:
    rows = [{"label": "a wrong sign", "caught": [True, False]}]
    matrix = {"claims": ["iam.averaging", "iam.ball"], "rows": rows}
    assert "a wrong sign" in text_of(build.page({**record, "mutations": matrix}, {}))
    assert 'id="mutations"' not in build.page(record, {})


def test_a_run_on_a_users_data_has_no_curve_and_says_so(
    record: dict[str, Any],
) -> None:
    mine = {**record, "instance": {"loss": "l1"}}
    assert collect.wanted(mine) == {}
    text = text_of(build.page(mine, {}))
    assert "the run was on your own data" in text
    assert "--data FILE --loss l1" in text


def test_a_session_that_was_cut_short_says_so() -> None:
    job = verification.prepare(["iam.averaging"], None, verification.Asked(budget=1e-9))
    cut = as_json(job.run(lambda *_: None))
    text = text_of(build.page(json.loads(json.dumps(cut)), {}))
    assert "This run was cut short" in text
    assert "not as expected" in text


def test_an_address_holds_what_it_was_made_of() -> None:
    text = 'a,"b" & <c>\n50 %, #1'
    address = attribute(text_link("text/csv", text))
    assert unquote(address.partition(",")[2]) == text
    with pytest.raises(ValueError, match="Need an address"):
        attribute('data:," onclick="')


def luminance(colour: str) -> float:
    """Relative luminance of `#rgb` or `#rrggbb`, from 0 to 1."""
    digits = colour[1:] if len(colour) == 7 else "".join(2 * d for d in colour[1:])
    parts = [int(digits[k : k + 2], 16) / 255 for k in (0, 2, 4)]
    linear = [
        p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts
    ]
    return sum(w * p for w, p in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: str, other: str) -> float:
    """The ratio of WCAG 2."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def palettes() -> list[dict[str, str]]:
    """Colours by name: light, dark and print."""
    source = resources.files("figures.report") / "templates" / "page.css"
    blocks = re.findall(r":root \{([^}]*--paper[^}]*)\}", source.read_text("utf-8"))
    return [dict(re.findall(r"--(\w+): (#\w+)", block)) for block in blocks]


def test_text_stands_out_from_its_ground_and_lines_from_theirs() -> None:
    found = palettes()
    assert len(found) == 3
    for colours in found:
        for name in ("ink", "soft", "link", "good", "false", "bad"):
            for ground in ("paper", "panel"):
                assert contrast(colours[name], colours[ground]) >= 4.5, (name, colours)
        for line in (charts.RUN, charts.BOUND):
            assert contrast(line, colours["paper"]) >= 3.0
    assert contrast("#777", "#fff") < 4.5


def test_an_unwritable_folder_is_told_before_anything_runs(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="Name another folder"):
        program.Asked(tmp_path / "file" / "inside")
    with pytest.raises(InputError, match="one of the two"):
        program.Asked(tmp_path, results=tmp_path / "x.json", verify=True)
