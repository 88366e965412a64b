"""Probe what every claim assumes on every setting where it applies: nothing may fail.

`python benchmarks/hypotheses.py [quick|full] [every k-th setting]` prints one row for
each hypothesis: pairs with a setting, different searches, seconds, and the witnesses.
"""

from __future__ import annotations

import sys
import time
from collections import Counter, defaultdict

from synthetic.catalogue import distillation, polyak_settings
from synthetic.desks import desk_of
from synthetic.distillation.setting import Bench
from synthetic.hypotheses.probes import is_probed, probes_of
from synthetic.hypotheses.search import known
from synthetic.setting import Setting
from synthetic.verify import applicable
from theory.claims import DISTILLATION, POLYAK


def assumed(setting: Setting | Bench) -> set[str]:
    """The hypotheses that points can refute, of the claims that apply there."""
    claims = list((POLYAK if isinstance(setting, Setting) else DISTILLATION).values())
    desk, c = desk_of(setting), setting.constants()
    return {
        assumption.name
        for claim in applicable(claims, setting)
        if desk.failing(claim, c) is None
        for assumption in claim.assumes
        if is_probed(assumption)
    }


def main(tier: str = "quick", stride: int = 1) -> int:
    """Look at all of a tier, or at every k-th setting."""
    benches = [b for b in distillation(tier).settings if isinstance(b, Bench)]
    settings: list[Setting | Bench] = [*polyak_settings(tier), *benches]
    start, found = time.perf_counter(), 0
    pairs: Counter[str] = Counter()
    searches: Counter[str] = Counter()
    seconds: dict[str, float] = defaultdict(float)
    keys: set[object] = set()
    for setting in settings[::stride]:
        names = assumed(setting)
        pairs.update(names)
        for probe in probes_of(setting, names):
            began = time.perf_counter()
            witness = known(probe)
            key = (probe.sentence, *probe.key)
            if key not in keys:
                keys.add(key)
                searches[probe.assumption] += 1
                seconds[probe.assumption] += time.perf_counter() - began
            if witness is not None:
                found += 1
                print(f"{setting.name}, {probe.assumption}: {witness}", flush=True)
    for name, count in pairs.most_common():
        print(f"{name:40} {count:5} {searches[name]:5} {seconds[name]:8.1f} s")
    total = time.perf_counter() - start
    print(
        f"{sum(pairs.values())} pairs on {len(settings[::stride])} settings, "
        f"{sum(searches.values())} searches, {found} witnesses, {total:.1f} s"
    )
    return 1 if found else 0


if __name__ == "__main__":
    asked = dict(enumerate(sys.argv))
    sys.exit(main(asked.get(1, "quick"), int(asked.get(2, "1"))))
