"""What ``doctor`` looks at in an embedded store."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from typing import Final

from deltalake import DeltaTable

from indexer.errors import GapfinderError, NotFoundError
from indexer.records import CONTENT_HASH, RECORDS, Record
from indexer.stores.contract import Finding, Manifest, StoreInfo
from indexer.stores.delta import tables
from indexer.stores.delta.lease import Lease, describe
from indexer.stores.delta.manifests import Manifests
from indexer.stores.delta.place import Place
from indexer.stores.delta.rows import Rows
from indexer.stores.delta.runs import Runs

_FREE: Final = 2 * 1024**3  # bytes below which an import may not fit
_FROM_BACKUP: Final = "bring the directory back from a backup, or import the files into a new store"


def findings(place: Place, info: StoreInfo, manifests: Manifests, runs: Runs, lease: Lease) -> list[Finding]:
    """Everything there is to say about the store, the good too."""
    found = [Finding("ok", "store", f"{place.url}: schema {info.schema_version}, made {info.created_at:%Y-%m-%d}")]
    try:
        manifest = manifests.newest()
        manifests.proven()
    except GapfinderError as error:
        return [*found, Finding("error", "manifest", error.message, error.hint or _FROM_BACKUP)]
    if manifest is None:
        found.append(Finding("warning", "manifest", "nothing was imported yet", "gapfinder import FILE"))
    else:
        found.append(
            Finding("ok", "manifest", f"{manifest.name}, published {manifest.published_at:%Y-%m-%d %H:%M} UTC")
        )
    for record in RECORDS.values():
        found.extend(_record(place, record, manifest))
    found.extend(_runs(runs))
    found.extend(_lease(lease))
    if place.local:
        found.extend(_writable(place))
        found.append(_disk(place))
    return found


def _record(place: Place, record: Record, manifest: Manifest | None) -> Iterator[Finding]:
    uri, subject = place.table("records", record.name), f"record {record.name}"
    version = manifest.versions.get(record.name) if manifest else None
    try:
        files: set[str] = set()
        if manifest is not None and version is not None:
            table = tables.open_table(uri, version)
            files = set(table.file_uris())
            yield _counted(subject, _count(table, record), manifest.counts[record.name])
        if tables.is_table(uri) and set(tables.open_table(uri).file_uris()) != files:
            message = "an import is under way, or was killed and left rows that were never published"
            yield Finding("warning", subject, message, "nothing to do: the next import takes them away")
    except GapfinderError as error:
        yield Finding("error", subject, error.message, _FROM_BACKUP)


def _counted(subject: str, rows: int, published: int) -> Finding:
    if rows == published:
        return Finding("ok", subject, f"{rows:,} rows")
    return Finding("error", subject, f"{rows:,} rows, but {published:,} were published", _FROM_BACKUP)


def _count(table: DeltaTable, record: Record) -> int:
    """Rows that can be read: every file's id and hash columns are gone through."""
    rows = Rows.of_table(table, record.schema)
    return sum(batch.num_rows for batch in rows.batches([record.id_field, CONTENT_HASH]))


def _runs(runs: Runs) -> Iterator[Finding]:
    try:
        listed = runs.list()
    except GapfinderError as error:
        yield Finding("error", "run list", error.message, _FROM_BACKUP)
        return
    for info in listed:
        try:
            runs.look_through(info.run)
        except NotFoundError:
            continue  # deleted in between
        except GapfinderError as error:
            yield Finding("error", f"run {info.run}", error.message, "run again: gapfinder analyze")


def _writable(place: Place) -> Iterator[Finding]:
    if not os.access(place.folder, os.W_OK | os.X_OK):
        message = f"can be read only: {place.folder} can't be written"
        yield Finding("warning", "directory", message, "give yourself the right to write it, to import or analyze")


def _lease(lease: Lease) -> Iterator[Finding]:
    try:
        holder = lease.holder()
    except GapfinderError as error:
        yield Finding("error", "lease", error.message, error.hint)
        return
    if holder is None:
        yield Finding("ok", "lease", "nobody is writing")
    else:
        message = f"writing now, or killed while writing: {describe(holder)}"
        yield Finding("warning", "lease", message, "nothing to do: a dead writer stops nobody")


def _disk(place: Place) -> Finding:
    free = shutil.disk_usage(place.folder).free
    message = f"{free / 1024**3:.1f} GB free"
    if free < _FREE:
        return Finding("warning", "disk", message, "make room: an import needs the size of its data twice for a while")
    return Finding("ok", "disk", message)
