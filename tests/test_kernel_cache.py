"""Machine code is kept, and never that of yesterday's formulas."""

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numba
import numpy as np
import pytest

from synthetic.engines import compiler

ROOT = Path(__file__).resolve().parents[1]
RUN = """
import numpy as np
from synthetic.engines import compiled, distilled, kernel
from synthetic.families import planted
from synthetic.losses import SQUARED
from synthetic.setting import Setting
from theory.method import SPS_STAR, capped_iam
problem = planted(SQUARED, num_components=6, dim=3, noise=1.0)
for method in (SPS_STAR, capped_iam(0.1)):
    setting = Setting(
        name="s", problem=problem, method=method, x0=np.zeros(3), horizon=9
    )
    trace = compiled.sample(
        setting, seed=0, replicas=range(4), channels=frozenset({"gap"}),
        times=np.array([8]),
    )
    print(trace.gap.sum().hex())
shift, drift = distilled.shifts(problem, np.ones(3), 0.5)
walk = distilled.Distillation(
    start=np.zeros(3), shift=shift, drift=drift, steps=np.full(8, 0.1),
    momentum=0.5, comparator=np.ones(3),
)
found = distilled.sample(
    problem, walk, seed=0, replicas=range(4), times=np.array([8])
)
print(found["point_dist_sq"].sum().hex())
stats = kernel.run.stats
print(sum(stats.cache_hits.values()), sum(stats.cache_misses.values()))
"""


def run(source: Path, cache: Path) -> tuple[list[str], str]:
    """The results of a fresh process with these sources, and its hits and misses."""
    environment = os.environ | {
        "PYTHONPATH": str(source),
        "RATECHECK_CACHE": str(cache),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    done = subprocess.run(
        [sys.executable, "-c", RUN],
        env=environment,
        cwd=source,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    *results, stats = done.stdout.splitlines()
    return results, stats


def folders(cache: Path) -> set[str]:
    return {path.name for path in (cache / "kernels").iterdir()}


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), "utf-8")


def test_an_edited_formula_is_compiled_again_and_an_unedited_one_is_not(
    tmp_path: Path,
) -> None:
    cache, source = tmp_path / "cache", tmp_path / "source"
    for package in ("theory", "synthetic"):
        shutil.copytree(ROOT / package, source / package)
    before, stats = run(source, cache)
    assert stats == "0 1"  # one compilation for both methods and for distillation
    assert run(source, cache) == (before, "1 0")
    old = folders(cache)
    edit(source / "theory" / "formulas.py", "0.5 * (u + abs(u))", "0.4 * (u + abs(u))")
    # distillation takes no positive part, but the slope
    edit(source / "synthetic" / "loss_formulas.py", "return u - b\n", "return u + b\n")
    after, stats = run(source, cache)
    assert stats == "0 1"
    assert all(new != was for new, was in zip(after, before, strict=True))
    assert len(old) == 1
    assert len(folders(cache) - old) == 1


def test_every_source_is_part_of_the_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for source in compiler.SOURCES:
        (tmp_path / source).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / source, tmp_path / source)
    here = compiler.key()
    monkeypatch.setattr(compiler, "ROOT", tmp_path)
    keys = {compiler.key()}
    assert keys == {here}
    for number, source in enumerate(compiler.SOURCES, 2):
        (tmp_path / source).write_text("# edited\n", "utf-8")
        keys.add(compiler.key())
        assert len(keys) == number
    monkeypatch.setattr(numba, "__version__", "another")
    assert compiler.key() not in keys


def test_no_source_is_forgotten() -> None:
    """What the compiled files import of ours is hashed too, or holds no formula."""
    harmless = {
        "synthetic/problems/base.py",
        "synthetic/problems/glm.py",
        "synthetic/setting.py",
        "theory/errors.py",
        "theory/folders.py",
        "theory/trace.py",
    }
    for source in compiler.SOURCES:
        for node in ast.walk(ast.parse((ROOT / source).read_text("utf-8"))):
            if not isinstance(node, ast.ImportFrom) or not node.module:
                continue
            names = [f"{node.module}.{alias.name}" for alias in node.names]
            for name in (node.module, *names):
                path = name.replace(".", "/") + ".py"
                if (ROOT / path).exists():
                    assert path in {*compiler.SOURCES, *harmless}, (source, path)


def test_without_a_writable_folder_it_is_compiled_each_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("RATECHECK_CACHE", str(tmp_path / "file" / "below"))
    before = numba.config.CACHE_DIR

    def twice(u: float) -> float:
        return 2.0 * u

    assert compiler.kernel(twice)(np.float64(1.5)) == 3.0
    assert before == numba.config.CACHE_DIR


def test_numba_is_not_loaded_before_it_is_needed() -> None:
    code = (
        "import sys, synthetic.verify, synthetic.session; print('numba' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "False\n"
