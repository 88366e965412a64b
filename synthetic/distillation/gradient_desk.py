"""The desk of distillation gradients: a complex step against backpropagation."""

from __future__ import annotations

from synthetic.desk import Options
from synthetic.distillation import evidence, gradients
from synthetic.distillation.desk import CasesDesk
from synthetic.distillation.model_bench import ModelBench
from theory.claim import Claim
from theory.distillation_gradient import GradientConstants
from theory.evidence import Engine
from theory.judge import Verdict


class GradientDesk(CasesDesk):
    """Judges claims on a `ModelBench`."""

    def speaks(self, claim: Claim, setting: ModelBench) -> bool:
        """See `Desk.speaks`."""
        return setting.family in claim.families and (
            setting.model.is_product or not claim.needs & gradients.END
        )

    def plan(self, claim: Claim, setting: ModelBench, engine: str) -> Engine | None:  # noqa: ARG002
        """See `Desk.plan`."""
        return Engine.COMPLEX_STEP

    def run(
        self,
        engine: Engine,
        setting: ModelBench,
        claims: list[Claim],
        c: GradientConstants,  # noqa: ARG002 -- the trace carries them
        options: Options,  # noqa: ARG002 -- nothing is drawn
        *,
        checked: bool = True,
    ) -> dict[str, Verdict]:
        """See `Desk.run`."""
        needs = frozenset().union(*(claim.needs for claim in claims))
        trace, source = gradients.trace(setting, needs)
        return {
            claim.id: evidence.judged(
                claim, trace, engine, source, setting.label, checked=checked
            )
            for claim in claims
        }

    def operations(
        self,
        setting: ModelBench,
        engine: Engine,  # noqa: ARG002 -- there is one
        max_replicas: int,  # noqa: ARG002 -- nothing is drawn
    ) -> float:
        """See `Desk.operations`: one evaluation of the loss for each parameter."""
        return float(10 * setting.count * setting.model.num_parameters**2)
