"""`ratecheck deviations`: reads arguments, prints, and no more."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

from typer.core import TyperGroup

from theory.terminal import new_app, output

out = output()


class _Group(TyperGroup):
    """Without the name of a subcommand, the study of confidences, if there is one."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        named = args[:1] and (args[0] in self.commands or args[0] in {"--help", "-h"})
        if not named and "study" in self.commands:
            args = ["study", *args]
        return super().parse_args(ctx, args)


app = new_app(no_args_is_help=False)
deviations = new_app()
app.add_typer(
    deviations,
    name="deviations",
    cls=_Group,
    help="How a student deviates from its teacher.",
)

if find_spec("synthetic.deviations.confidence_cli"):
    from importlib import import_module

    deviations.command()(import_module("synthetic.deviations.confidence_cli").study)


@deviations.command()
def risk() -> None:
    """Where distillation helps and where it hurts: exact risks of a spectrum."""
    out.print("Not yet.")
