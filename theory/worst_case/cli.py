"""`ratecheck certify | check-certificate`: reads arguments, prints, and no more."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from theory.errors import InputError
from theory.terminal import err, fail, new_app, output, say

if TYPE_CHECKING:
    from theory.worst_case.certificate import Proof

app = new_app()
out = output()

Bound = Annotated[
    str | None,
    typer.Option(metavar="NUMBER", help="What to prove, such as 2/3 or 0.67."),
]


@app.command()
def certify(
    name: Annotated[
        str, typer.Argument(help="A worst case (`list` lists them) or a claim.")
    ],
    *,
    points: Annotated[int, typer.Option(help="T: T - 1 steps.")] = 3,
    bound: Bound = None,
    gap: Annotated[
        float, typer.Option(help="Of pep.box.*: upper less attained value.")
    ] = 2e-3,
    json: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the certificate.")
    ] = None,
) -> None:
    """Prove a bound on the worst case over a whole class of functions.

    Without --bound: the worst case itself. The answer names the units.

    Exit code: 0 proved and accepted by the verifier, 1 no proof, 2 bad input.
    """
    from theory import files
    from theory.worst_case import boxes, known, verifier
    from theory.worst_case.solution import NoBoundError

    try:
        if name == "list":
            _list()
            return
        if name in boxes.NAMES:
            _need_no(bound)
            _by_boxes(points, gap, json)
            return
        case = known.find(name)
        asked = None if bound is None else _number(bound)
        proof = known.prove(case, points, asked)
        text = verifier.write(proof.certificate)
        if json is not None:
            files.write(json, text.encode())
    except InputError as error:
        fail(error)
    except NoBoundError as error:
        err.print(f"{error}", markup=False, highlight=False, soft_wrap=True)
        raise typer.Exit(1) from error
    say(out, f"PROVED {proof.verdict.reason}")
    _explain(proof, known.attained(case, points))
    where = "" if json is None else f", written to {json}"
    say(out, f"The certificate has {len(text.encode())} bytes{where}.")


@app.command("check-certificate")
def check_certificate(
    file: Annotated[Path, typer.Argument(help="What `certify --json` wrote.")],
    *,
    bound: Bound = None,
) -> None:
    """Check a proof in exact rational arithmetic, with the standard library alone.

    Exit code: 0 accepted, 1 refused, 2 no verdict: the file is cut, edited or no
    certificate.
    """
    from theory.worst_case import verifier, verifier_boxes

    try:
        text = file.read_text("utf-8")
        asked = None if bound is None else _number(bound)
        of_boxes = verifier_boxes.is_boxes(text)
        verdict = (verifier_boxes if of_boxes else verifier).verify(text, asked)
    except (OSError, UnicodeDecodeError) as error:
        fail(InputError(f"Cannot read {file}: {error}."))
    except verifier.CertificateError as error:
        fail(InputError(f"No verdict on {file}: {error}"))
    except InputError as error:
        fail(error)
    say(out, f"{'ACCEPTED' if verdict.accepted else 'REFUSED'} {verdict.reason}")
    raise typer.Exit(0 if verdict.accepted else 1)


def _by_boxes(points: int, gap: float, json: Path | None) -> None:
    from theory import files
    from theory.worst_case import boxes, verifier_boxes
    from theory.worst_case.solution import NoBoundError

    found = boxes.branch_and_bound(points, gap)
    text = found.text()
    verdict = verifier_boxes.verify(text)
    if not verdict.accepted:
        raise NoBoundError(verdict.reason)
    if json is not None:
        files.write(json, text.encode())
    formula = boxes.product_formula(points)
    steps = ", ".join(f"{step:.6g}" for step in found.steps)
    say(out, f"PROVED {verdict.reason}")
    say(out, f"Attained: {found.lower:.9g} (floating point), by steps of {steps}")
    say(out, f"in units of D / (G sqrt(T)). The product formula is {formula:.9g}.")
    say(
        out,
        f"{found.num_boxes} boxes of step sizes were bounded; {len(found.leaves)} that "
        "cover all step sizes have an exact proof each.",
    )
    where = "" if json is None else f", written to {json}"
    say(out, f"The certificate has {len(text.encode())} bytes{where}.")


def _need_no(bound: str | None) -> None:
    if bound is not None:
        msg = f"Need --gap rather than --bound for boxes, got --bound {bound}."
        raise InputError(msg)


def _list() -> None:
    from theory.worst_case import boxes, known

    for case in known.WORST_CASES:
        exact = "exact" if case.extremal else "an upper bound"
        also = f"; also {', '.join(case.claims)}" if case.claims else ""
        say(out, f"{case.id:28} {exact}{also}")
    say(
        out,
        f"{boxes.NAMES[0]:28} within --gap, all steps by boxes; also {boxes.NAMES[1]}",
    )


def _explain(proof: Proof, attained: Fraction | None) -> None:
    names = [name for name, number in proof.certificate.multipliers.items() if number]
    among = proof.certificate.among_iterates
    say(out, f"The bound is {proof.certificate.bound} exactly.")
    if attained == proof.certificate.bound:
        say(out, "It is attained by a function of the class: it is the worst case.")
    elif attained is not None:
        say(
            out,
            f"The worst case is {attained}, or {float(attained):.9g}: it is attained.",
        )
    else:
        say(out, "No function is known to attain it: an upper bound of the worst case.")
    say(out, f"Solved in floating point: {proof.solution}.")
    say(
        out,
        f"The proof uses {len(names)} rows, "
        + (
            "pairs of iterates among them: it speaks of one function."
            if among
            else "of the pairs only those with the minimiser: it holds for samples in "
            "any order that share it."
        ),
    )


def _number(text: str) -> Fraction:
    try:
        # A power of ten may be of any size: 1e999999999 would take all memory.
        return Fraction("" if "e" in text.lower() else text)
    except (ValueError, ZeroDivisionError) as error:
        msg = f"Need a number such as 2/3 or 0.67, got {text!r}."
        raise InputError(msg) from error
