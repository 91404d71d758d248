"""The one writer: takes the lease, brings every table back to what was published, writes drafts, publishes them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import Self

import pyarrow as pa

from indexer.errors import StoreBusyError, StoreError, UsageError
from indexer.records import NOTE, RECORDS, SCHEMA_VERSION
from indexer.stores import checks
from indexer.stores.contract import Manifest, SegmenterStamp, Writer, WriteResult
from indexer.stores.delta import tables
from indexer.stores.delta.beside import FORWARD, sweep_index
from indexer.stores.delta.draft import Draft
from indexer.stores.delta.engine import WRITING_MEMORY, Engine, sweep_scratch
from indexer.stores.delta.faults import OvertakenError
from indexer.stores.delta.lease import Lease
from indexer.stores.delta.manifests import Manifests
from indexer.stores.delta.place import Place
from indexer.stores.delta.rows import Rows
from indexer.stores.delta.snapshot import DeltaSnapshot


class DeltaWriter(Writer):
    """Writes to a :class:`~indexer.stores.delta.store.DeltaStore`."""

    def __init__(self, place: Place, manifests: Manifests, lease: Lease, holder: str, wait_seconds: float) -> None:
        self._place = place
        self._manifests = manifests
        self._lease = lease
        self._holder = holder
        self._wait_seconds = wait_seconds
        self._base: Manifest | None = None
        self._drafts: dict[str, Draft] = {}
        self._engine: Engine | None = None
        self._open = False

    def __enter__(self) -> Self:
        died = self._lease.take(self._holder, self._wait_seconds)
        try:
            with self._alone():
                self._base = self._manifests.newest()
                if self._base is not None:
                    self._manifests.prove()
                self._bring_back(sweep=died)
                self._engine = self._new_engine()
        except BaseException:
            self._lease.give_back()
            raise
        self._open = True
        return self

    def __exit__(self, *_: object) -> None:
        try:
            if any(draft.changed for draft in self._drafts.values()):
                # What can't be taken back now (a full disk, say) is taken back when the next writer begins.
                with suppress(StoreError, OvertakenError):
                    self._bring_back(sweep=True)
        finally:
            self._open = False
            self._drafts.clear()
            if self._engine is not None:
                self._engine.close()
                self._engine = None
            self._lease.give_back()

    def write(self, record: str, rows: pa.Table) -> WriteResult:
        """Insert or update rows (schema of the record, checked) by id; equal ``content_hash`` means unchanged."""
        with self._alone():
            return self._draft(record).write(rows)

    def existing(self, record: str, ids: Sequence[str]) -> pa.Table:
        """The rows of those ids as this writer would publish them now (used to merge results into known searches)."""
        with self._alone():
            return self._draft(record).existing(ids)

    def replace(self, record: str, batches: Iterator[pa.RecordBatch]) -> int:
        """Write the whole record anew from ``batches`` (used by reindex); returns the number of rows."""
        with self._alone():
            return self._draft(record).replace(batches)

    def scan(self, record: str, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
        """The rows as published before this writer began."""
        if self._base is None:
            described = checks.record_of(record)
            checks.columns_of(described, columns)
            return iter(())
        return DeltaSnapshot(self._place, self._base).scan(record, columns)

    def publish(self, segmenter: SegmenterStamp, words: Sequence[tuple[str, int]] = ()) -> Manifest:
        """Make all writes visible at once. When nothing changed the newest manifest is returned and none is made."""
        self._check_open()
        with self._alone():
            manifest = self._next(segmenter, tuple((word, frequency) for word, frequency in words))
            if manifest is not self._base:
                if not self._lease.held():
                    raise OvertakenError(self._place.url)
                self._manifests.publish(manifest)
        self._base = manifest
        self._drafts.clear()
        self._sweep_index(manifest)
        return manifest

    def _sweep_index(self, manifest: Manifest) -> None:
        """Forget the index of notes that are no part of what was published."""
        if self._place.local and NOTE.name in manifest.versions:
            table = tables.open_table(self._uri(NOTE.name), manifest.versions[NOTE.name])
            sweep_index(self._place.folder / FORWARD, Rows.of_table(table, NOTE.schema))

    def _next(self, segmenter: SegmenterStamp, words: tuple[tuple[str, int], ...]) -> Manifest:
        """The manifest of what was written; the base when nothing changed."""
        base = self._base
        changed = {name: draft for name, draft in self._drafts.items() if draft.changed}
        if base is not None and not changed and (base.segmenter, base.words) == (segmenter, words):
            return base
        versions, counts = (dict(base.versions), dict(base.counts)) if base else ({}, {})
        for name, draft in changed.items():
            versions[name] = draft.settle()
            counts[name] = len(draft)
        return Manifest(
            number=base.number + 1 if base else 1,
            versions=versions,
            counts=counts,
            segmenter=segmenter,
            schema_version=SCHEMA_VERSION,
            published_at=datetime.now(UTC),
            words=words,
        )

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Say in words when another writer took this one for dead and went ahead."""
        try:
            yield
        except OvertakenError as error:
            message = f"{self._place.url}: another writer took over; nothing of this one was published"
            raise StoreBusyError(message, hint="write again") from error

    def _draft(self, name: str) -> Draft:
        engine = self._check_open()
        record = checks.record_of(name)
        if name not in self._drafts:
            self._drafts[name] = Draft(record, self._uri(name), engine)
        return self._drafts[name]

    def _new_engine(self) -> Engine:
        """An engine that works inside a local store, where the next holder of the lease finds what a kill left."""
        if not self._place.local:
            return Engine(WRITING_MEMORY)
        folder = self._place.folder / "scratch"
        sweep_scratch(folder)
        return Engine(WRITING_MEMORY, folder)

    def _check_open(self) -> Engine:
        if not self._open or self._engine is None:
            raise UsageError("this writer is done", hint="take a new one")
        return self._engine

    def _uri(self, name: str) -> str:
        return self._place.table("records", name)

    def _bring_back(self, *, sweep: bool) -> None:
        """Make the newest version of every table the published one; ``sweep`` deletes files no manifest names."""
        published = self._base.versions if self._base else {}
        for name in RECORDS:
            if not tables.is_table(self._uri(name)):
                continue
            table = tables.open_table(self._uri(name))
            ahead = tables.bring_back(table, published.get(name))
            if ahead or sweep:
                named = {m.versions[name] for m in self._manifests.all() if name in m.versions}
                tables.sweep(table, named)
