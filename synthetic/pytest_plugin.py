"""The pytest plugin: files `claim_*.py`, the fixture and the marker `ratecheck`.

It imports pytest alone; NumPy and all else come in when a claim file is collected. A
claim file has `Check`s at its top level: one item for each claim and setting, and one
for each control, which passes if it is refuted.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import sys
from collections.abc import Generator, Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from synthetic.own import Case
    from synthetic.pytest_judging import Verifier

ALPHA = pytest.StashKey[float]()
"""Error probability of each item that samples."""

NAME = "ratecheck"
UNDECIDED = ("fail", "skip")
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Flags, and the same in the ini file."""
    group = parser.getgroup(NAME, "theorems as tests")
    for name, default, words in (
        ("files", "claim_*.py", "pattern of claim files"),
        ("undecided", "fail", "inconclusive or skipped claims: fail or skip"),
        ("seed", "0", "root of every draw"),
        ("alpha", "1e-6", "error probability of the whole run"),
        ("replicas", "4096", "limit of Monte Carlo for each item"),
    ):
        parser.addini(f"{NAME}_{name}", f"{words} ({default})", default=default)
        flag = f"--{NAME}-{name}"
        group.addoption(flag, default=None, help=f"{words}; ini {NAME}_{name}")
    group.addoption(f"--{NAME}-summary", default=None, help="write a Markdown table")


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker; refuse options that mean nothing."""
    config.addinivalue_line(
        "markers",
        f"{NAME}(seed, alpha, replicas, engine): a theorem as a test; the arguments "
        "are the options of the fixture `ratecheck`",
    )
    if option(config, "undecided") not in UNDECIDED:
        msg = f"Need --{NAME}-undecided out of {', '.join(UNDECIDED)}, "
        msg += f"got {option(config, 'undecided')!r}."
        raise pytest.UsageError(msg)
    for name, kind in (("seed", int), ("alpha", float), ("replicas", int)):
        try:
            value = kind(option(config, name))
            fine = 0 < value < 1 if name == "alpha" else 0 <= value < 2**32
        except ValueError:
            fine = False
        if not fine:
            msg = f"Need a number for --{NAME}-{name}, got {option(config, name)!r}."
            raise pytest.UsageError(msg)
    summary = config.getoption(f"--{NAME}-summary")
    if summary and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Summary(Path(summary)), f"{NAME}-summary")


def option(config: pytest.Config, name: str) -> str:
    """The flag, else the ini value."""
    given = config.getoption(f"--{NAME}-{name}")
    return str(config.getini(f"{NAME}_{name}") if given is None else given)


def given(config: pytest.Config) -> dict[str, str]:
    """What judging depends on."""
    return {name: option(config, name) for name in ("seed", "replicas", "undecided")}


def is_claim_file(path: Path, config: pytest.Config) -> bool:
    """Has it such a name, and does it speak of this package at all?

    The name alone is not ours: other projects have files that begin with `claim_`.
    """
    if path.suffix != ".py" or not fnmatch(path.name, option(config, "files")):
        return False
    return NAME.encode() in path.read_bytes()


@pytest.hookimpl(wrapper=True)
def pytest_collect_file(
    file_path: Path, parent: pytest.Collector
) -> Generator[None, Any, Any]:
    """Collect claim files, which are not read as test modules too."""
    found = yield
    if not is_claim_file(file_path, parent.config):
        return found
    return [ClaimFile.from_parent(parent, path=file_path)]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> None:
    """Share alpha among all that was collected, before anything is deselected.

    Every process of xdist collects the same items, so each has the same share, and its
    seed depends on its setting's name alone: how items are distributed is of no matter.
    """
    count = sum(
        item.samples
        if isinstance(item, ClaimItem)
        else NAME in getattr(item, "fixturenames", ())
        for item in items
    )
    config.stash[ALPHA] = float(option(config, "alpha")) / max(count, 1)


class ClaimFile(pytest.File):
    """A file with `Check`s at its top level."""

    def collect(self) -> Iterator[ClaimItem]:
        """Run the file; one item for each case."""
        if complaint := _misplaced():
            raise self.CollectError(complaint)
        from synthetic.own import Check
        from synthetic.places import blamed
        from synthetic.pytest_judging import told
        from theory.errors import InputError

        try:
            module = _run(self.path)
            checks = [v for v in vars(module).values() if isinstance(v, Check)]
            cases = [case for check in checks for case in check.cases()]
        except pytest.skip.Exception as skipped:
            if option(self.config, "undecided") == "skip":
                raise
            msg = f"{blamed(skipped, self.path)}: the claim file skips itself: "
            msg += f"{skipped.msg}. --{NAME}-undecided=skip would let it."
            raise self.CollectError(msg) from skipped
        except InputError as error:
            place = blamed(error, self.path)
            msg = f"{place}: {error}"
            raise self.CollectError(msg) from error
        except (Exception, SystemExit) as error:
            raise self.CollectError(told(error, self.path)) from error
        if not cases:
            msg = f"{self.path}: no Check at its top level, so nothing would be tested."
            raise self.CollectError(msg)
        names = [case.name for case in cases]
        for name, case in zip(names, cases, strict=True):
            if names.count(name) > 1:
                msg = f"{self.path}: two cases are called {name}; rename a setting."
                raise self.CollectError(msg)
            yield ClaimItem.from_parent(self, name=name.replace("::", ":"), case=case)


class ClaimItem(pytest.Item):
    """One claim on one setting, or one control."""

    def __init__(self, *, case: Case, **rest: Any) -> None:
        """See `pytest.Item`."""
        super().__init__(**rest)
        self.case = case
        self.add_marker(pytest.mark.ratecheck)

    @property
    def samples(self) -> bool:
        """Does Monte Carlo judge it?"""
        from theory.evidence import Engine

        return self.case.engine is Engine.MONTE_CARLO

    def runtest(self) -> None:
        """Judge it, note the evidence, and fail unless it is as it must be."""
        from synthetic.pytest_judging import Verifier

        self.user_properties.append(("claim", self.case.claim.id))
        Verifier(self, given(self.config), self.config.stash[ALPHA]).item(self.case)

    def repr_failure(
        self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None
    ) -> Any:
        """One line with the place; of what a user's code raised, its traceback."""
        from synthetic.pytest_judging import told
        from theory.errors import InputError

        error = excinfo.value
        if isinstance(error, pytest.fail.Exception):
            return f"{self.location[0]}:{self._line() + 1}: {error.msg}"
        if isinstance(error, InputError):
            return f"{error}"
        if isinstance(error, Exception):
            return told(error, self.path)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[os.PathLike[str] | str, int | None, str]:
        """The bound's place, for a claim that is stated in the file."""
        return self.path, self._line(), self.name

    def _line(self) -> int:
        code = getattr(self.case.claim.bound, "__code__", None)
        if code is None or Path(code.co_filename) != self.path:
            return 0
        return int(code.co_firstlineno) - 1


@pytest.fixture
def ratecheck(request: pytest.FixtureRequest) -> Verifier:
    """`ratecheck.verify(claim, setting)` and `ratecheck.check(check)`."""
    from synthetic.pytest_judging import Verifier

    config = request.config
    return Verifier(request.node, given(config), config.stash[ALPHA])


def _run(path: Path) -> Any:
    """Execute a claim file as a module of its own."""
    for variable in THREADS:  # read when NumPy is imported, if it is not yet
        os.environ.setdefault(variable, "1")
    name = f"{path.stem}_{hashlib.sha256(os.fsencode(path)).hexdigest()[:8]}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        msg = f"{path} cannot be imported."
        raise ImportError(msg)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


def _misplaced() -> str:
    """Why this is not the installation's own package, if it is not."""
    home = Path(__file__).resolve().parents[1]
    for name in ("theory", "synthetic"):
        spec = importlib.util.find_spec(name)
        place = Path(spec.origin or "") if spec is not None else Path()
        if place.resolve() != home / name / "__init__.py":
            return f"Python finds {name!r} in {place}, not in {home / name}: rename it."
    return ""


class Summary:
    """Writes what the run's items found as a Markdown table, in the main process."""

    def __init__(self, path: Path) -> None:
        """Where to."""
        self.path = path
        self.reports: dict[str, Any] = {}

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Keep claim files that could not be collected: from xdist once a worker."""
        if report.failed and report.nodeid.endswith(".py"):
            self.reports[report.nodeid] = report

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep the reports of what was judged, whatever became of it."""
        judged = any(key.endswith("claim") for key, _ in report.user_properties)
        if judged and (report.when == "call" or not report.passed):
            self.reports[report.nodeid] = report

    def pytest_sessionfinish(self) -> None:
        """Write the table, in an order that is the same however items ran."""
        from synthetic.summary import of_reports, write_summary

        reports = [self.reports[key] for key in sorted(self.reports)]
        write_summary(self.path, of_reports(reports))
