r"""The LaTeX table: what it says, that it is escaped, and that it arrives whole."""

import os
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from synthetic.cli import app
from synthetic.latex import escape
from theory.claims import find


def call(*args: object) -> Result:
    return CliRunner().invoke(app, [str(arg) for arg in args])


def test_the_table_says_what_the_terminal_says(tmp_path: Path) -> None:
    file = tmp_path / "table.tex"
    names = ("sps.lipschitz.minimax", "iam.lipschitz.last_c_under_p")
    result = call("verify", *names, "--latex", file)
    assert result.exit_code == 0, result.output
    text = file.read_text(encoding="ascii")
    body = text[text.index(r"\midrule") : text.index(r"\bottomrule")].splitlines()[1:]
    assert body == [
        r"ok & \texttt{sps.lipschitz.minimax} & holds & -- & pathwise & 1/1 \\",
        r"ok & \texttt{iam.lipschitz.last\_c\_under\_p} & refuted & $1.088662$"
        r" & exact tree & 0/0 \\",
    ]
    assert os.listdir(tmp_path) == ["table.tex"]


def test_it_needs_booktabs_and_nothing_else(tmp_path: Path) -> None:
    file = tmp_path / "table.tex"
    assert call("verify", "sps.capped", "--latex", file).exit_code == 0
    lines = file.read_text(encoding="ascii").splitlines()
    code = "\n".join(line for line in lines if not line.startswith("%"))
    commands = set(re.findall(r"\\([a-z]+)", code))
    assert commands == {*("begin", "end", "toprule", "midrule", "bottomrule", "texttt")}
    columns = len(re.findall(r"\\begin\{tabular\}\{(\w+)\}", code)[0])
    rows = [line for line in code.splitlines() if line.endswith(r"\\")]
    assert len(rows) == 1 + len(find(["sps.capped"]))
    assert {row.count(" & ") for row in rows} == {columns - 1}
    assert code.count("{") == code.count("}")


def test_every_special_character_is_escaped() -> None:
    assert escape(r"a_b 5% #1 {x}^2 ~ $ & \n") == (
        r"a\_b 5\% \#1 \{x\}\textasciicircum{}2 \textasciitilde{} \$ \& "
        r"\textbackslash{}n"
    )


def test_a_run_cut_short_says_so(tmp_path: Path) -> None:
    file = tmp_path / "table.tex"
    args = ("sps.capped.smooth", "--latex", file, "--budget", "1e-9")
    assert call("verify", *args).exit_code == 3
    text = file.read_text(encoding="ascii")
    assert re.search(r"^% Cut short: \d+ settings", text, flags=re.MULTILINE)
    assert r".. & \texttt{sps.capped.smooth} & not applicable & --" in text


@pytest.mark.parametrize(
    ("extra", "needed"),
    [(["--latex", "/no/such/x.tex"], "does not exist"), ([], "name two files")],
)
def test_a_place_that_cannot_be_written_is_refused(
    extra: list[str], needed: str, tmp_path: Path
) -> None:
    both = ["--json", str(tmp_path / "x"), "--latex", str(tmp_path / "x")]
    result = call("verify", "sps.capped.smooth", *(extra or both))
    assert result.exit_code == 2
    assert needed in " ".join(result.stderr.split())
    assert not os.listdir(tmp_path)
