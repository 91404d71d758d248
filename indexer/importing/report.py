"""What an import did: rows read, written, unchanged and rejected, a line for each table, and their total."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol


class Progress(Protocol):
    """Is told how an import goes on; the command line draws it, tests count it."""

    def begin(self, file: str, total_bytes: int | None) -> None:
        """A file is begun; ``total_bytes`` is its size as it lies there, None when it is not known."""

    def advance(self, file: str, *, rows: int = 0, read_bytes: int = 0) -> None:
        """So many more rows were taken in, so many more bytes of the file were read."""

    def end(self, file: str) -> None:
        """The file is done."""


class Quiet:
    """Progress that nobody watches."""

    def begin(self, file: str, total_bytes: int | None) -> None:
        """Say nothing."""

    def advance(self, file: str, *, rows: int = 0, read_bytes: int = 0) -> None:
        """Say nothing."""

    def end(self, file: str) -> None:
        """Say nothing."""


class InOrder:
    """Progress that is told of a file only between its begin and its end, and of each of these once.

    A look at a file before its turn (its header, the words of a catalogue) moves nothing on.
    """

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._begun: set[str] = set()

    def begin(self, file: str, total_bytes: int | None) -> None:
        """Begin it, if it is not."""
        if file not in self._begun:
            self._begun.add(file)
            self._progress.begin(file, total_bytes)

    def advance(self, file: str, *, rows: int = 0, read_bytes: int = 0) -> None:
        """Pass on what belongs to a file that is begun."""
        if file in self._begun:
            self._progress.advance(file, rows=rows, read_bytes=read_bytes)

    def end(self, file: str) -> None:
        """End it."""
        self._begun.discard(file)
        self._progress.end(file)


@dataclass(slots=True)
class FileReport:
    """One table of a file; ``read == written + unchanged + rejected`` once it is done."""

    file: str
    record: str
    format: str
    read: int = 0
    written: int = 0
    unchanged: int = 0
    rejected: int = 0
    first_rejected: int | None = None
    reasons: dict[str, int] = field(default_factory=dict)
    unknown_columns: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class ImportReport:
    """A whole import.

    Attributes:
        files: A report for each table of each file.
        snapshot: Name of the published snapshot (the newest one when nothing changed).
        quarantine: The file with the rejected rows; None when there are none.
        notes: What else the user should know.
    """

    files: tuple[FileReport, ...]
    snapshot: str
    quarantine: Path | None
    notes: tuple[str, ...] = ()

    @property
    def total(self) -> Mapping[str, int]:
        """The sums over all files."""
        return {
            name: sum(getattr(one, name) for one in self.files) for name in ("read", "written", "unchanged", "rejected")
        }

    def as_json(self) -> dict[str, Any]:
        """JSON values for ``--json``: a list of files with their counts, and the total."""
        path = None if self.quarantine is None else str(self.quarantine)
        return {
            "files": [
                {
                    "file": one.file,
                    "record": one.record,
                    "format": one.format,
                    "read": one.read,
                    "written": one.written,
                    "unchanged": one.unchanged,
                    "rejected": one.rejected,
                    "reasons": dict(one.reasons),
                    "unknown_columns": list(one.unknown_columns),
                    "notes": list(one.notes),
                    "quarantine": path if one.rejected else None,
                }
                for one in self.files
            ],
            "total": dict(self.total),
            "snapshot": self.snapshot,
            "quarantine": path,
            "notes": list(self.notes),
        }
