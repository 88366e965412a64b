"""A whole judgement from losses made by hand, its words, and the command's exits."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from gpt2_demo.compare import cli, judgement, rules, runs, words
from gpt2_demo.compare.judgement import Judgement
from gpt2_demo.compare.presets import CPU, SMOKE
from gpt2_demo.compare.runs import Entry
from gpt2_demo.compare.verdict import Beaten, Control, Word

TEACHERS = {
    "teacher": {"valid": 3.5, "steps": 1000, "sha256": "a"},
    "brief": {"valid": 4.4, "steps": 250, "sha256": "b"},
}
Loss = Callable[[Entry], float]


def judged(loss: Loss) -> tuple[Judgement, str]:
    """The verdicts of the CPU preset if every run ended with that loss."""
    entries = runs.first(CPU)
    losses = {e.run.id: loss(e) for e in entries}
    entries += runs.second(CPU, runs.choose(entries, losses))
    losses |= {e.run.id: loss(e) for e in entries if e.run.id not in losses}
    found = judgement.judge(entries, losses, CPU)
    return found, words.paragraph(found, CPU, TEACHERS)


def plain(entry: Entry) -> float:
    """All Polyak steps end at 4, tuned ones at 5, controls at 6; seeds shift all."""
    arm = entry.run.arm
    shift = 0.1 * (entry.run.seed % 7)
    if not arm.is_polyak:
        return 5.0 + shift + 0.01 * abs(arm.rate - 3e-3)
    is_control = arm.target != "teacher" or entry.run.teacher != "teacher"
    return 4.0 + 2.0 * is_control + shift


def test_a_claim_that_holds_is_said_to_hold() -> None:
    found, said = judged(plain)
    assert found.claim == "supported"
    assert [pair.all.word for pair in found.pairs] == [Word.BETTER] * 4
    assert [pair.beaten for pair in found.pairs] == [Beaten(20, 20)] * 4
    assert {one.control for one in found.controls.values()} == {Control.TEACHER}
    assert len(found.controls) == 7
    assert found.spreads["lambda"].width == pytest.approx(0.0, abs=1e-12)
    assert said.startswith("On this task the claim is supported")
    assert (
        "that the loss is of this batch matters, and whose loss it is matters" in said
    )
    assert "stopped after 250 steps at a validation loss of 4.400" in said


def test_a_claim_that_fails_is_said_to_fail() -> None:
    found, said = judged(lambda e: plain(e) + 2.0 * (e.run.arm.method == "iam-adam"))
    assert found.claim == "refuted"
    by = {pair.ours: pair.all.word for pair in found.pairs}
    assert by == {
        "IAM": Word.BETTER,
        "IAM, cap 1": Word.BETTER,
        "IAM-Adam": Word.WORSE,
        "SPS*": Word.BETTER,
    }
    assert "did not replace tuning" in said
    assert "IAM-Adam beside tuned AdamW: worse (mean difference +1.000" in said
    assert "beats 0 of 20 settings of AdamW's own tuning" in said


def test_sps_alone_refutes_nothing() -> None:
    found, _ = judged(lambda e: plain(e) + 2.0 * (e.run.arm.method == "sps"))
    assert found.claim == "supported"
    assert found.pairs[3].all.word is Word.WORSE


def test_diverged_runs_are_counted_in_words() -> None:
    def loss(entry: Entry) -> float:
        lost = entry.run.arm.method == "iam" and entry.run.seed == 3
        return float("nan") if lost else plain(entry)

    found, said = judged(loss)
    assert found.claim == "refuted"
    assert "IAM beside tuned SGD: worse (1 of its runs diverged, 0 of the" in said
    text = json.dumps(found.as_json())
    assert '"word": "worse"' in text


def test_a_mean_that_does_as_well_is_said() -> None:
    def loss(entry: Entry) -> float:
        same = entry.run.arm.target in {"constant", "shuffled"}
        return plain(entry) - 2.0 * same

    found, said = judged(loss)
    assert found.controls["constant target"].control is Control.SAME
    assert found.controls["zero target"].control is Control.TEACHER
    assert "that the loss is of this batch is not shown to matter" in said


def test_a_rate_at_the_edge_is_told() -> None:
    def loss(entry: Entry) -> float:
        arm = entry.run.arm
        return 5.0 - arm.rate / 10 if arm.method == "sgd" else plain(entry)

    found, said = judged(loss)
    assert found.edges == ("SGD, constant",)
    assert "a wider grid may do better: SGD, constant" in said
    inside, said = judged(
        lambda e: 5.0 + (e.at != 0.3) if e.run.arm.method == "sgd" else plain(e)
    )
    assert inside.edges == ()
    assert "edge" not in said


def test_the_rule_names_its_own_numbers() -> None:
    assert f"{rules.MARGIN}" in rules.RULE
    assert "95%" in rules.RULE


def test_smoke_says_that_it_means_nothing() -> None:
    found, _ = judged(plain)
    said = words.paragraph(found, SMOKE, TEACHERS)
    assert said.startswith("(These sizes only show that the comparison runs.)")


def test_a_brief_teacher_that_never_stopped_is_no_control() -> None:
    found, _ = judged(plain)
    same = {"teacher": TEACHERS["teacher"], "brief": TEACHERS["teacher"]}
    assert "is the teacher itself, and no control" in words.paragraph(found, CPU, same)


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["--preset", "huge"], "Need a preset out of smoke, cpu, gpu"),
        (["--seeds", "1"], "two seeds or more"),
        (["--seeds", "a,b"], "Need seeds such as 0,1,2"),
        (["--jobs", "0"], "1 to 64 jobs"),
        (["--corpus", "no/such/text"], "No corpus"),
        (["--preset", "gpu", "--jobs", "2"], "one accelerator, one process"),
    ],
)
def test_the_command_refuses_in_words(
    tmp_path: Path, args: list[str], message: str
) -> None:
    app = typer.Typer()
    app.command()(cli.compare)
    done = CliRunner().invoke(app, [*args, "--out", str(tmp_path / "out")])
    assert done.exit_code == 2
    assert message in " ".join(done.stderr.split())
