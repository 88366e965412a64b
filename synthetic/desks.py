"""Which desk judges which kind of setting."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from synthetic.desk import Desk
from synthetic.distillation.desk import DistillationDesk
from synthetic.distillation.gradient_desk import GradientDesk
from synthetic.distillation.model_bench import ModelBench
from synthetic.distillation.setting import Bench
from synthetic.polyak_desk import PolyakDesk
from synthetic.setting import Setting

DESKS: Mapping[type, Desk] = {
    Setting: PolyakDesk(),
    Bench: DistillationDesk(),
    ModelBench: GradientDesk(),
}


def desk_of(setting: Any) -> Desk:
    """The desk that judges a setting of this kind."""
    return DESKS[type(setting)]
