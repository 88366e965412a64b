"""Which versions of what a result was made with."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version

PACKAGES = (
    "ratecheck",
    "numpy",
    "scipy",
    "cvxpy",
    "clarabel",
    "mpmath",
    "numba",
    "scikit-learn",
)


def version_of(package: str) -> str | None:
    """The installed version, or `None`."""
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def versions() -> dict[str, str | None]:
    """Python, platform and every package that a number may depend on."""
    found: dict[str, str | None] = {
        "python": platform.python_version(),
        "platform": platform.platform(),
    }
    return found | {package: version_of(package) for package in PACKAGES}
