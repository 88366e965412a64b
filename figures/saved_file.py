"""A file of results that figures read instead of computing: ours, or a user's."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from figures.spec import TIERS, Parameters
from theory.errors import InputError

FOLDER = Path(__file__).parent / "saved"
MINUTES = {"quick": 0.01, "full": 0.01}


class SavedFile(Mapping[str, Parameters]):
    """Which file, and its hash, in every tier alike; asked for when it is needed.

    Args:
        name: Of the file that is shipped, in `FOLDER`.
        variable: Of the environment; it names a user's file.
        what: Such a file is, such as "results.json of `ratecheck gpt2 compare`".

    """

    def __init__(self, name: str, variable: str, what: str) -> None:
        self.shipped = FOLDER / name
        self.variable = variable
        self.what = what

    def __getitem__(self, tier: str) -> Parameters:
        if tier not in TIERS:
            raise KeyError(tier)
        named = os.environ.get(self.variable)
        path = Path(named) if named else self.shipped
        digest = hashlib.sha256(self._bytes(path)).hexdigest()
        return {"file": named or f"saved/{self.shipped.name}", "sha256": digest}

    def __iter__(self) -> Iterator[str]:
        return iter(TIERS)

    def __len__(self) -> int:
        return len(TIERS)

    def read(
        self, parameters: Parameters, version: int, needed: Sequence[str]
    ) -> dict[str, Any]:
        """The record that the parameters name.

        Raises:
            InputError: No such file, or one of something else or another version.

        """
        named = str(parameters["file"])
        is_ours = named == f"saved/{self.shipped.name}"
        path = self.shipped if is_ours else Path(named)
        try:
            record: dict[str, Any] = json.loads(self._bytes(path))
            missing = [name for name in needed if name not in record]
            found = record["format"]
        except (ValueError, TypeError, KeyError) as error:
            msg = f"{path} is no {self.what} ({error!r})."
            raise InputError(msg) from error
        if missing or found != version:
            msg = (
                f"{path} is no {self.what} of this version: format {found}, missing "
                f"{', '.join(missing) or 'nothing'}."
            )
            raise InputError(msg)
        return record

    def _bytes(self, path: Path) -> bytes:
        try:
            return path.read_bytes()
        except OSError as error:
            msg = f"Cannot read {path}: {error}. {self.variable} names a {self.what}."
            raise InputError(msg) from error
