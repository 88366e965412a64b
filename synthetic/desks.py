"""Which desk judges which kind of setting."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from synthetic.cases.desk import CaseDesk
from synthetic.cases.setting import CaseSetting
from synthetic.desk import Desk
from synthetic.distillation.desk import DistillationDesk
from synthetic.distillation.gradient_desk import GradientDesk
from synthetic.distillation.model_bench import ModelBench
from synthetic.distillation.setting import Bench
from synthetic.polyak_desk import PolyakDesk
from synthetic.scaling.desk import ScalingDesk
from synthetic.scaling.desk_setting import ScalingSetting
from synthetic.setting import Setting
from synthetic.worst_case.desk import WorstCaseDesk
from synthetic.worst_case.setting import ClassSetting, LineSetting
from theory.errors import InputError

DESKS: Mapping[type, Desk] = {
    Setting: PolyakDesk(),
    Bench: DistillationDesk(),
    ModelBench: GradientDesk(),
    CaseSetting: CaseDesk(),
    ScalingSetting: ScalingDesk(),
    ClassSetting: WorstCaseDesk(),
    LineSetting: WorstCaseDesk(),
}


def desk_of(setting: Any) -> Desk:
    """The desk that judges a setting of this kind, or of a kind derived from it."""
    for kind, desk in DESKS.items():
        if isinstance(setting, kind):
            return desk
    kinds = ", ".join(kind.__name__ for kind in DESKS)
    msg = f"Need a setting that is a {kinds}, got {setting!r}."
    raise InputError(msg)
