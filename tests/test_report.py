import json
from pathlib import Path

import pytest

import ratecheck
from figures.report import program, session
from figures.report.collect import GROUPS
from figures.report.mathml import formula, sentence
from theory import claims as registry
from theory.errors import InputError

STATEMENTS = sorted(
    {c.statement for c in registry.CLAIMS.values()}
    | {a.statement for c in registry.CLAIMS.values() for a in c.assumes}
)


@pytest.mark.parametrize("text", STATEMENTS)
def test_no_statement_leaves_raw_tex(text: str) -> None:
    shown = sentence(text)
    assert "<merror" not in shown
    assert not set("\\$") & set(shown.striptags())


GOOD = dict.fromkeys(session.NEEDED, 0) | {"schema": 1, "tier": "quick"}


def test_raw_tex_is_an_error() -> None:
    with pytest.raises(ValueError, match="can set"):
        formula(r"\nosuchcommand x")
    with pytest.raises(ValueError, match="pairs"):
        sentence("a $x")


def test_results_that_are_not_there_name_the_command(tmp_path: Path) -> None:
    asked = program.Asked(tmp_path)
    with pytest.raises(InputError, match="ratecheck verify --json"):
        program.run(asked, lambda *_: None, lambda _: None)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("{", "not JSON"),
        ("[]", "not a session"),
        ("{}", "lacks schema"),
        ("5", "not a session"),
        (json.dumps(GOOD | {"claims": [{"id": "x"}]}), "lacks status, as_expected"),
        (json.dumps(dict.fromkeys(session.NEEDED, 0)), "need schema"),
    ],
)
def test_bad_results_are_told(tmp_path: Path, text: str, what: str) -> None:
    path = tmp_path / "results.json"
    path.write_text(text)
    with pytest.raises(InputError, match=what):
        session.load(path)


def test_the_command_says_which_command_makes_results(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ratecheck.main(["report", "--out", str(tmp_path / "new")]) == 2
    assert "ratecheck verify --json" in " ".join(capsys.readouterr().err.split())


def test_the_command_writes_a_page(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    results = str(tmp_path / "results.json")
    assert ratecheck.main(["verify", "iam.averaging", "--json", results]) == 0
    assert ratecheck.main(["report", "--out", str(tmp_path)]) == 0
    assert "1 claims, 1 curves" in capsys.readouterr().out
    page = (tmp_path / "report.html").read_bytes()
    assert ratecheck.main(["report", "--out", str(tmp_path)]) == 0
    assert (tmp_path / "report.html").read_bytes() == page
    rows = [{"label": "a wrong sign", "caught": [True]}]
    matrix = {"claims": ["iam.averaging"], "rows": rows}
    (tmp_path / "mutations.json").write_text(json.dumps(matrix))
    assert ratecheck.main(["report", "--out", str(tmp_path)]) == 0
    assert "a wrong sign" in (tmp_path / "report.html").read_text()
    (tmp_path / "mutations.json").write_text("{}")
    assert ratecheck.main(["report", "--out", str(tmp_path)]) == 2


def test_every_system_of_claims_has_a_heading() -> None:
    assert {claim_id.partition(".")[0] for claim_id in registry.CLAIMS} == set(GROUPS)


def test_a_page_of_one_claim_of_every_system(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever a system's constants are: hypotheses are ticked, curves drawn."""
    ids = [
        "iam.averaging",
        "kd.lambda_star_not_safe",
        "parity.fourier.krawtchouk",
        "deviations.eigen.matched_progress.steps",
        "scaling.capacity_gap_size.visible",
        "pcfg.cfg3b.facts",
        "pep.lift.sps_avg.smooth",
    ]
    found = [registry.get(claim_id) for claim_id in ids]
    assert all(any(c.id in known for c in found) for known in registry.SYSTEMS.values())
    results = str(tmp_path / "results.json")
    assert ratecheck.main(["verify", *ids, "--json", results]) == 0
    assert ratecheck.main(["report", "--out", str(tmp_path)]) == 0
    assert f"{len(ids)} claims, {len(ids)} curves" in capsys.readouterr().out
