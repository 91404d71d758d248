"""Rows that were not taken: a local JSONL file with file, line, reason and the raw row, personal fields taken out."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Final, Self

from indexer.reading.personal import without_personal

# Controls, line and paragraph separators, bidirectional marks: what can break a log line or a terminal.
_UNSAFE: Final = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_LONGEST_ROW: Final = 1 << 20
_LONGEST_MESSAGE: Final = 300


def printable(text: str, limit: int = _LONGEST_MESSAGE) -> str:
    """Text that is safe in a message, on a terminal and in a log: one line, controls escaped, not too long."""
    shown = text if len(text) <= limit else text[: limit - 1] + "…"
    return _escaped(shown)


def _escaped(text: str) -> str:
    return _UNSAFE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


class Quarantine:
    """The file that rejected rows of one import go to; made when the first row comes.

    Args:
        folder: Where the file is made; it is readable by its owner only.
        salt: Salt under which ids of people are hashed, as in the store.
    """

    def __init__(self, folder: Path, salt: str) -> None:
        self._folder = folder
        self._salt = salt
        self._file: IO[str] | None = None
        self.path: Path | None = None
        self.rows = 0

    def add(self, file: str, rejected: Iterable[tuple[int, str, Any]]) -> None:
        """Keep rows as ``(line, reason, raw row)``."""
        for line, reason, row in rejected:
            out = self._file or self._create()
            entry = {"file": file, "line": line, "reason": reason, "row": without_personal(row, self._salt)}
            text = json.dumps(entry, ensure_ascii=False, default=str)
            if len(text) > _LONGEST_ROW:
                entry["row"] = str(entry["row"])[:_LONGEST_ROW]
                text = json.dumps(entry, ensure_ascii=False, default=str)
            out.write(_escaped(text) + "\n")
            self.rows += 1

    def _create(self) -> IO[str]:
        self._folder.mkdir(parents=True, exist_ok=True)
        stamp = f"{datetime.now(UTC):%Y%m%dT%H%M%S.%f}Z"
        self.path = self._folder / f"{stamp}.jsonl"
        handle = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        self._file = os.fdopen(handle, "w", encoding="utf-8")
        return self._file

    def close(self) -> None:
        """Finish the file."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def quarantine_folder(url: str) -> Path:
    """Where a store's quarantine lies: inside a local store, else beside the user."""
    local = "://" not in url and Path(url).is_dir()
    return Path(url) / "quarantine" if local else Path("gapfinder-quarantine")
