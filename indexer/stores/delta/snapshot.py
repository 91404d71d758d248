"""Reading one published state: every table at the version its manifest names."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from indexer.records import NOTE, Record
from indexer.stores import checks
from indexer.stores.contract import Manifest, Matches, TermQueries
from indexer.stores.delta import tables
from indexer.stores.delta.beside import COUNTS, FORWARD
from indexer.stores.delta.engine import READING_MEMORY, Engine, quoted, sql
from indexer.stores.delta.place import Place
from indexer.stores.delta.rows import Rows
from indexer.stores.scanned import ScannedSnapshot

if TYPE_CHECKING:
    from indexer.stores.delta.forward import ForwardIndex


class DeltaSnapshot(ScannedSnapshot):
    """A published state of a :class:`~indexer.stores.delta.store.DeltaStore`."""

    def __init__(self, place: Place, manifest: Manifest) -> None:
        self.manifest = manifest
        self._place = place
        self._opened: dict[str, Rows] = {}
        self._engine: Engine | None = None
        self._forward: ForwardIndex | None = None
        self._guard = threading.Lock()

    def count(self, record: str) -> int:
        """Number of records of that kind."""
        return self.manifest.counts.get(checks.record_of(record).name, 0)

    def extent(self, record: str, column: str) -> tuple[Any, Any] | None:
        """Smallest and largest value of a day or timestamp column; None when there is no value."""
        described = checks.record_of(record)
        checks.extent_field(described, column)
        rows = self._rows(described)
        return None if rows is None else rows.extent(column)

    def scan(
        self,
        record: str,
        columns: Sequence[str] | None = None,
        *,
        window: tuple[str, date, date] | None = None,
    ) -> Iterator[pa.RecordBatch]:
        """All records in batches, in no particular order; ``window`` is ``(day column, first day, day after last)``."""
        described = checks.record_of(record)
        names, days = checks.columns_of(described, columns), checks.window_of(described, window)
        rows = self._rows(described)
        return iter(()) if rows is None else rows.batches(names, days)

    def files(self, record: str) -> list[str] | None:
        """The Parquet files that hold a record, for an engine that reads them itself; None where there are none."""
        rows = self._rows(checks.record_of(record))
        if rows is None or not self._place.local:
            return None
        return [data.uri for data in rows.files()] or None

    def by_id(self, record: str, ids: Sequence[str], columns: Sequence[str] | None = None) -> pa.Table:
        """The records of those ids that exist, ordered by id (code point)."""
        described = checks.record_of(record)
        names = checks.columns_of(described, columns)
        rows = self._rows(described)
        wanted = checks.storable(ids)
        if rows is None or not wanted:
            return checks.schema_of(described, names).empty_table()
        found = rows.take(described.id_field, wanted, list(dict.fromkeys([*names, described.id_field])))
        return found.sort_by(described.id_field).select(names)

    def group_counts(
        self,
        record: str,
        by: Sequence[str],
        *,
        window: tuple[str, date, date] | None = None,
    ) -> Iterator[pa.RecordBatch]:
        """Exact number of records per distinct combination of ``by`` (keyword, day, integer and boolean columns)."""
        described = checks.record_of(record)
        names, days = checks.grouping_of(described, by), checks.window_of(described, window)
        schema = checks.schema_of(described, names).append(pa.field("n", pa.int64()))
        return self._group(described, names, days, schema)

    def _group(
        self, record: Record, names: list[str], window: checks.Window | None, schema: pa.Schema
    ) -> Iterator[pa.RecordBatch]:
        rows = self._rows(record)
        if rows is None:
            return
        statement = sql("group_counts").format(columns=", ".join(map(quoted, names)))
        for batch in self._computing().stream(statement, data=rows.reader(names, window)):
            yield batch.cast(schema)

    def _notes(self, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        """Notes for matching, their terms numbered where the store is a directory."""
        index = self._index()
        return self.scan(NOTE.name, columns) if index is None else index.batches(columns)

    def _matches(
        self, columns: Sequence[str], queries: TermQueries, *, fresh_since: date, floor_per_mille: int, best: int
    ) -> Matches:
        """Statistics and best notes, from kept counts where the store is a directory."""
        index, rows = self._index(), self._rows(NOTE)
        how: dict[str, Any] = {"fresh_since": fresh_since, "floor_per_mille": floor_per_mille, "best": best}
        if index is None or rows is None or not len(queries):
            return super()._matches(columns, queries, **how)
        from indexer.stores.delta.kept import Counter  # noqa: PLC0415 - compiled code is loaded when it is needed

        return Counter(self._place.folder / COUNTS, rows, index).matches(columns, queries, **how)

    def _frequencies(self, column: str, terms: Sequence[str]) -> npt.NDArray[np.int64]:
        """Number of notes that hold each term, as the forward index has it where the store is a directory."""
        index = self._index()
        known = None if index is None else index.frequencies(column, terms)
        return super()._frequencies(column, terms) if known is None else known

    def _index(self) -> ForwardIndex | None:
        """The forward index of the notes; None where there are none, or the store is no directory."""
        rows = self._rows(NOTE)
        if rows is None or not self._place.local:
            return None
        with self._guard:
            if self._forward is None:
                from indexer.stores.delta.forward import ForwardIndex  # noqa: PLC0415 - likewise

                self._forward = ForwardIndex(self._place.folder / FORWARD, rows)
        return self._forward

    def close(self) -> None:
        """Give back what the snapshot holds."""
        with self._guard:
            self._opened.clear()
            if self._engine is not None:
                self._engine.close()
                self._engine = None

    def _computing(self) -> Engine:
        with self._guard:
            if self._engine is None:
                self._engine = Engine(READING_MEMORY)
            return self._engine

    def _rows(self, record: Record) -> Rows | None:
        """The record's rows; None when it was never written."""
        version = self.manifest.versions.get(record.name)
        if version is None:
            return None
        with self._guard:
            if record.name not in self._opened:
                table = tables.open_table(self._place.table("records", record.name), version)
                tables.check_count(table, self.manifest.counts[record.name])
                self._opened[record.name] = Rows.of_table(table, record.schema)
            return self._opened[record.name]
