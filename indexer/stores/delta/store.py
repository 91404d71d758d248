"""The embedded store: opening or making it, its marker, and what it hands out."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Self

import pyarrow as pa

from indexer.errors import NotFoundError, StoreError
from indexer.records import SCHEMA_VERSION
from indexer.stores.contract import Finding, Manifest, RunInfo, Snapshot, Store, StoreInfo
from indexer.stores.delta import check
from indexer.stores.delta.faults import OvertakenError, engine_faults
from indexer.stores.delta.lease import FileLease, Lease, TableLease
from indexer.stores.delta.ledger import Ledger
from indexer.stores.delta.manifests import Manifests
from indexer.stores.delta.place import Place, place_of
from indexer.stores.delta.runs import Runs
from indexer.stores.delta.snapshot import DeltaSnapshot
from indexer.stores.delta.writer import DeltaWriter

_MARKER: Final = pa.schema(
    [
        pa.field("salt", pa.string()),
        pa.field("schema_version", pa.int64()),
        pa.field("created_at", pa.timestamp("us", tz="UTC")),
    ]
)
_MARKER_NAME: Final = "store"


class DeltaStore(Store):
    """A store of Delta Lake tables below one directory or object-store address."""

    def __init__(self, place: Place, info: StoreInfo) -> None:
        self.url = place.url
        self.info = info
        self.place = place
        self.manifests = Manifests(place.table("manifests"), place.table("published"))
        self._runs = Runs(place.table("runs"), place.table("run_rows"), lambda: self.lease("runs"))

    @classmethod
    def open(cls, url: str, *, create: bool = False, salt: str | None = None) -> Self:
        """Open the store, or make it when ``create`` is set and the place is empty.

        Args:
            url: Directory or object-store address.
            create: Make the store when there is none.
            salt: Used instead of the store's own; a store that is made keeps it.

        Raises:
            UsageError: The url names no place.
            StoreError: There is no store, something else lies there, or a newer version wrote it.
        """
        place = place_of(url)
        marker = Ledger(place.table(_MARKER_NAME), _MARKER)
        rows = _marker_rows(place, marker)
        if rows is None and create:
            rows = _make(place, marker, salt)
        if rows is None:
            raise StoreError(f"{url}: there is no store", hint="import something first: gapfinder import FILE")
        return cls(place, _info(url, rows, salt))

    def manifest(self) -> Manifest | None:
        """The newest published manifest; None when nothing was ever published."""
        return self.manifests.newest()

    def snapshot(self, number: int | None = None) -> Snapshot:
        """Open a snapshot, the newest by default. ``NotFoundError`` when there is none (hint: import first)."""
        manifest = self.manifests.newest() if number is None else self.manifests.numbered(number)
        if manifest is None:
            raise NotFoundError(f"{self.url}: nothing was imported yet", hint="gapfinder import FILE")
        return DeltaSnapshot(self.place, manifest)

    def writer(self, *, holder: str, wait_seconds: float = 0.0) -> DeltaWriter:
        """Take the lease and write; ``StoreBusyError`` names the holder when it is not free within the wait."""
        return DeltaWriter(self.place, self.manifests, self.lease("writer"), holder, wait_seconds)

    def save_run(self, info: RunInfo, rows: pa.Table | Iterable[pa.RecordBatch]) -> None:
        """Keep the results of an analysis (``RUN_ROWS`` schema); saving the same run again replaces it."""
        self._runs.save(info, rows)

    def runs(self) -> list[RunInfo]:
        """All stored runs, newest first (then by run id)."""
        return self._runs.list()

    def run_rows(self, run: str, section: str) -> pa.Table:
        """The rows of one section of a run by position (``RUN_ROWS`` schema); ``NotFoundError``: no such run."""
        return self._runs.rows(run, section)

    def run_row(self, run: str, section: str, key: str) -> str | None:
        """The body of the first row of that key in a section of a run, by position; None when there is none."""
        return self._runs.row(run, section, key)

    def delete_run(self, run: str) -> None:
        """Forget a run; ``NotFoundError`` when there is no such run."""
        self._runs.delete(run)

    def check(self) -> list[Finding]:
        """What is wrong with the store and how to mend it."""
        return check.findings(self.place, self.info, self.manifests, self._runs, self.lease("writer"))

    def close(self) -> None:
        """Nothing is held between calls."""

    def lease(self, name: str) -> Lease:
        """The lease of that name, not taken yet."""
        if self.place.local:
            return FileLease(self.place.folder, name, self.url)
        return TableLease(self.place.table("leases", name), self.url)


def _marker_rows(place: Place, marker: Ledger) -> pa.Table | None:
    """The marker; None when the place is empty. A directory that holds something else is refused."""
    if place.local:
        with engine_faults(place.url, "opening"):
            if not place.folder.exists():
                return None
            if not place.folder.is_dir():
                raise StoreError(f"{place.url}: not a directory", hint="name a directory, or leave the store away")
            names = sorted(entry.name for entry in place.folder.iterdir())
        if not names:
            return None
        if _MARKER_NAME not in names:
            raise _foreign(place, names)
    version, rows = marker.read()
    if version >= 0:
        return rows
    if place.local and not _is_unfinished(place.folder, names):
        raise _foreign(place, names)
    return None


def _is_unfinished(folder: Path, names: list[str]) -> bool:
    """Whether the making of a store was killed here before its marker was committed, or goes on right now.

    A file that is being written has a number behind its name (``part-….parquet#1``).
    """
    leftovers = [file for file in (folder / _MARKER_NAME).rglob("*") if file.is_file()]
    return names == [_MARKER_NAME] and all(
        file.suffix.startswith(".parquet") or file.parent.name == "_delta_log" for file in leftovers
    )


def _foreign(place: Place, names: list[str]) -> StoreError:
    found = ", ".join(names[:3]) + (", ..." if len(names) > 3 else "")  # noqa: PLR2004 - a few names say enough
    return StoreError(
        f"{place.url}: the directory is not a store, and not empty ({found})",
        hint="name an empty or new directory; nothing was written",
    )


def _make(place: Place, marker: Ledger, salt: str | None) -> pa.Table:
    row = {"salt": salt or secrets.token_hex(32), "schema_version": SCHEMA_VERSION, "created_at": datetime.now(UTC)}
    if place.local:
        with engine_faults(place.url, "making the store"):
            place.folder.mkdir(parents=True, exist_ok=True)
    try:
        marker.replace(pa.Table.from_pylist([row], schema=_MARKER), after=-1)
    except OvertakenError:  # made by another process at the same moment: that one counts
        return marker.read()[1]
    return marker.read()[1]


def _info(url: str, rows: pa.Table, salt: str | None) -> StoreInfo:
    found: list[dict[str, Any]] = rows.to_pylist()
    if len(found) != 1 or not found[0]["salt"]:
        raise StoreError(f"{url}: the store's marker is damaged", hint="see what is wrong with: gapfinder doctor")
    row = found[0]
    if row["schema_version"] > SCHEMA_VERSION:
        raise StoreError(
            f"{url}: the store was made by a newer gapfinder (schema {row['schema_version']}, "
            f"this one knows {SCHEMA_VERSION})",
            hint="install the newer version",
        )
    return StoreInfo(salt or row["salt"], row["schema_version"], row["created_at"])
