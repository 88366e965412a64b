"""The `ratecheck` command and the public names: tables of strings, loaded on use."""

from __future__ import annotations

import difflib
import importlib.util
import os
import sys
from pathlib import Path
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # what _NAMES says, for type checkers; a test compares the two
    from synthetic.api import verify_setting as verify_setting
    from synthetic.own import Check as Check, own_claim as own_claim
    from synthetic.problems.user import user_problem as user_problem
    from synthetic.setting import Setting as Setting
    from theory.claim import Claim as Claim
    from theory.constants import Constants as Constants
    from theory.evidence import Evidence as Evidence
    from theory.judge import Status as Status, Verdict as Verdict, judge as judge
    from theory.method import Method as Method, own_method as own_method, sgd as sgd
    from theory.trace import Trace as Trace

__version__ = "0.1.0"
_PUBLIC = """theory.claim Claim; theory.constants Constants; theory.evidence Evidence;
theory.judge Status Verdict judge; theory.method Method own_method sgd;
theory.trace Trace; synthetic.setting Setting; synthetic.problems.user user_problem;
synthetic.api verify_setting; synthetic.own Check own_claim"""
_PARTS = (part.split() for part in _PUBLIC.split(";"))
_NAMES = {name: f"{module}:{name}" for module, *names in _PARTS for name in names}
_COMMANDS = {
    "list": ("synthetic.cli:app", "list the claims"),
    "show": ("synthetic.cli:app", "show a claim: statement, proof, where it is tried"),
    "verify": ("synthetic.cli:app", "check claims, and that their controls fail"),
    "plan": ("synthetic.calibration.cli:app", "how many replicas a violation needs"),
    "hunt": ("synthetic.hunt.cli:app", "search for a counterexample to a claim"),
    "certify": ("theory.worst_case.cli:app", "prove a worst case in exact numbers"),
    "check-certificate": ("theory.worst_case.cli:app", "check such a proof"),
    "mutate": ("synthetic.mutation.cli:app", "break the code: is it noticed?"),
    "kd": ("synthetic.distillation.study_cli:app", "does a teacher help, on real data"),
    "gpt2": ("gpt2_demo.cli:app", "distil a GPT-2 without tuning a learning rate"),
    "scaling": ("synthetic.scaling.cli:app", "distil or not: plan a compute budget"),
    "scaling run": ("gpt2_demo.scaling.cli:app", "tiny models for a scaling law"),
    "parity": ("synthetic.parity.cli:app", "distilled parities: which checkpoint"),
    "deviations": ("synthetic.deviations.cli:app", "students less like teachers"),
    "pcfg": ("synthetic.pcfg.cli:app", "sentences of grammars, ideal predictors"),
    "figures": ("figures.cli:app", "draw the figures"),
    "report": ("figures.report.cli:app", "one offline page of what was checked"),
    "doctor": ("synthetic.cli:app", "check this installation"),
}
_USAGE = "Usage: ratecheck COMMAND [...], or --version; COMMAND --help says more\n\n"
__all__ = list(_NAMES)


def main(argv: list[str] | None = None) -> int:
    """Run one subcommand and return its exit code; 2 says that the call was wrong."""
    args = list(sys.argv[1:] if argv is None else argv)
    if not args or args[0] in {"-h", "--help", "--version"}:
        rows = [f"  {name:20}{what}\n" for name, (_, what) in _COMMANDS.items()]
        version = [f"ratecheck {__version__}\n"]
        sys.stdout.writelines(version if "--version" in args else [_USAGE, *rows])
        return 0
    complaint, pair = _misplaced(), " ".join(args[:2])
    command = pair if pair in _COMMANDS else args[0]  # of another package, say
    if command not in _COMMANDS:
        close = difflib.get_close_matches(args[0], _COMMANDS, cutoff=0.5)
        hint = f"did you mean {' or '.join(close)}?" if close else "see --help."
        complaint = f"no command {args[0]!r}; {hint}"
    if complaint:
        sys.stderr.write(f"ratecheck: {complaint}\n")
        return 2
    for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(variable, "1")  # in time for NumPy; we use processes
    try:
        resolve_name(_COMMANDS[command][0])(args, prog_name="ratecheck")
    except KeyboardInterrupt:  # before the command could take care of it
        return 130
    except SystemExit as stop:  # which is how a typer app returns
        return stop.code if isinstance(stop.code, int) else int(stop.code is not None)
    return 0


def _misplaced() -> str:
    # Our names are common words, and `python -m` puts the working folder first.
    home = Path(__file__).resolve().parent
    for name in ("theory", "synthetic", "gpt2_demo", "figures"):
        if (spec := importlib.util.find_spec(name)) is None:
            return f"its package {name!r} is missing from {home}; install it again."
        place = spec.origin or next(iter(spec.submodule_search_locations or ()), "")
        if Path(place).resolve() != home / name / "__init__.py":
            return (
                f"Python finds {name!r} in {place}, not in ours, {home / name}. Use "
                "`ratecheck` in another folder, `python -P -m ratecheck`, or rename it."
            )
    return ""


def __getattr__(name: str) -> Any:
    if name == "pytest_plugin":  # any pytest run asks: let no shadow stop it
        place = Path(__file__).resolve().parent / "synthetic" / "pytest_plugin.py"
        spec = importlib.util.spec_from_file_location("ratecheck_pytest_plugin", place)
        assert spec and spec.loader  # noqa: PT018 -- a file's spec has one
        spec.loader.exec_module(plugin := importlib.util.module_from_spec(spec))
        return globals().setdefault(name, plugin)
    if name not in _NAMES:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    if complaint := _misplaced():
        raise ImportError(complaint)
    return globals().setdefault(name, resolve_name(_NAMES[name]))


def __dir__() -> list[str]:
    return sorted({*globals(), *_NAMES})


if __name__ == "__main__":
    sys.exit(main())
