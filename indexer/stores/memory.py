"""The contract of a store in plain dictionaries: short enough to be seen to be right, so others are tested against it.

It keeps nothing after its process. Rows are Python dictionaries by id; a published state is a copy.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from indexer.errors import NotFoundError, StoreBusyError, UsageError
from indexer.records import CONTENT_HASH, SCHEMA_VERSION
from indexer.stores import checks
from indexer.stores.contract import (
    BEST_NOTES_LIMIT,
    GRAMS,
    RUN_ROWS,
    WORDS,
    BestNotes,
    Finding,
    Manifest,
    Matches,
    RunInfo,
    SegmenterStamp,
    Snapshot,
    Store,
    StoreInfo,
    TermQueries,
    Writer,
    WriteResult,
)

Rows = dict[str, dict[str, Any]]  # by id
State = Mapping[str, Rows]  # by record


class MemorySnapshot(Snapshot):
    """A published state of a :class:`MemoryStore`."""

    def __init__(self, manifest: Manifest, state: State) -> None:
        self.manifest = manifest
        self._state = state

    def count(self, record: str) -> int:
        """Number of records of that kind."""
        return len(self._state.get(checks.record_of(record).name, {}))

    def extent(self, record: str, column: str) -> tuple[Any, Any] | None:
        """Smallest and largest value of a day or timestamp column; None when there is no value."""
        checks.extent_field(checks.record_of(record), column)
        values = [row[column] for row in self._state.get(record, {}).values() if row[column] is not None]
        return (min(values), max(values)) if values else None

    def scan(
        self, record: str, columns: Sequence[str] | None = None, *, window: tuple[str, date, date] | None = None
    ) -> Iterator[pa.RecordBatch]:
        """All records in batches, in no particular order; ``window`` is ``(day column, first day, day after last)``."""
        described = checks.record_of(record)
        names, days = checks.columns_of(described, columns), checks.window_of(described, window)
        rows = [row for row in self._state.get(record, {}).values() if _within(row, days)]
        return iter(_table(rows, checks.schema_of(described, names)).to_batches())

    def by_id(self, record: str, ids: Sequence[str], columns: Sequence[str] | None = None) -> pa.Table:
        """The records of those ids that exist, ordered by id (code point)."""
        described = checks.record_of(record)
        rows = self._state.get(record, {})
        found = [rows[key] for key in sorted(set(ids)) if key in rows]
        return _table(found, checks.schema_of(described, checks.columns_of(described, columns)))

    def group_counts(
        self, record: str, by: Sequence[str], *, window: tuple[str, date, date] | None = None
    ) -> Iterator[pa.RecordBatch]:
        """Exact number of records per distinct combination of ``by`` (keyword, day, integer and boolean columns)."""
        described = checks.record_of(record)
        names, days = checks.grouping_of(described, by), checks.window_of(described, window)
        rows = [row for row in self._state.get(record, {}).values() if _within(row, days)]
        counts = Counter(tuple(row[name] for name in names) for row in rows)
        found = [dict(zip(names, values, strict=True), n=n) for values, n in counts.items()]
        return iter(_table(found, checks.schema_of(described, names).append(pa.field("n", pa.int64()))).to_batches())

    def document_frequency(self, terms: Sequence[str], *, column: str = WORDS) -> npt.NDArray[np.int64]:
        """Number of notes that hold each term, by words or by character 2-grams."""
        notes = [_terms(row, checks.term_column(column)) for row in self._state.get("note", {}).values()]
        return np.array([sum(term in note for note in notes) for term in terms], dtype=np.int64)

    def match(
        self, queries: TermQueries, *, fresh_since: date, floor_per_mille: int = 500, best: int = BEST_NOTES_LIMIT
    ) -> Matches:
        """Statistics and best notes for all keywords at once; see :class:`Matches`."""
        from indexer.stores.matching import match_notes_plainly  # noqa: PLC0415 - loads a compiler

        checks.check_queries(queries)
        notes = self.scan("note", ["note_id", "text_terms", "headline_terms", "published_day", "engagement"])
        return match_notes_plainly(notes, queries, fresh_since=fresh_since, floor_per_mille=floor_per_mille, best=best)

    def best_by_grams(
        self, queries: TermQueries, *, floor_per_mille: int = 500, best: int = BEST_NOTES_LIMIT
    ) -> BestNotes:
        """The best notes of keywords that are given as character 2-grams."""
        from indexer.stores.matching import best_notes_plainly  # noqa: PLC0415 - likewise

        checks.check_queries(queries)
        return best_notes_plainly(self.scan("note", ["note_id", GRAMS]), queries, floor_per_mille, best)

    def close(self) -> None:
        """Nothing to give back."""


class MemoryWriter(Writer):
    """Writes to a :class:`MemoryStore`."""

    def __init__(self, store: MemoryStore, holder: str, wait_seconds: float) -> None:
        self._store = store
        self._holder = holder
        self._wait_seconds = wait_seconds
        self._open = False

    def __enter__(self) -> Self:
        self._store.take_lease(self._holder, self._wait_seconds)
        self._open = True
        self._begin()
        return self

    def _begin(self) -> None:
        self._base = self._store.state()
        self._draft = {record: dict(rows) for record, rows in self._base.items()}
        self._changed: set[str] = set()

    def __exit__(self, *_: object) -> None:
        if self._open:
            self._open = False
            self._store.give_lease_back()

    def _rows(self, record: str) -> Rows:
        if not self._open:
            raise UsageError("this writer is done", hint="take a new one")
        return self._draft.setdefault(checks.record_of(record).name, {})

    def write(self, record: str, rows: pa.Table) -> WriteResult:
        """Insert or update rows (schema of the record, checked) by id; equal ``content_hash`` means unchanged."""
        held = self._rows(record)
        described = checks.record_of(record)
        table, rejected = checks.check_rows(described, rows)
        last = {row[described.id_field]: row for row in table.to_pylist()}
        changed = {
            key: row for key, row in last.items() if key not in held or held[key][CONTENT_HASH] != row[CONTENT_HASH]
        }
        held.update(changed)
        if changed:
            self._changed.add(record)
        return WriteResult(len(changed), table.num_rows - len(changed), rejected)

    def existing(self, record: str, ids: Sequence[str]) -> pa.Table:
        """The rows of those ids as this writer would publish them now (used to merge results into known searches)."""
        held = self._rows(record)
        found = [held[key] for key in sorted(set(ids)) if key in held]
        return _table(found, checks.record_of(record).schema)

    def replace(self, record: str, batches: Iterator[pa.RecordBatch]) -> int:
        """Write the whole record anew from ``batches`` (used by reindex); returns the number of rows."""
        self._rows(record).clear()
        self._changed.add(record)
        for batch in batches:
            rejected = self.write(record, batch).rejected
            if rejected:
                raise UsageError(f"{record} {rejected[0][0][:80]!r} can't be stored: {rejected[0][1]}")
        return len(self._rows(record))

    def scan(self, record: str, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
        """The rows as published before this writer began."""
        described = checks.record_of(record)
        schema = checks.schema_of(described, checks.columns_of(described, columns))
        return iter(_table(list(self._base.get(record, {}).values()), schema).to_batches())

    def publish(self, segmenter: SegmenterStamp, words: Sequence[tuple[str, int]] = ()) -> Manifest:
        """Make all writes visible at once. When nothing changed the newest manifest is returned and none is made."""
        if not self._open:
            raise UsageError("this writer is done", hint="take a new one")
        manifest = self._store.publish(self._draft, self._changed, segmenter, tuple(words))
        self._begin()
        return manifest


class MemoryStore(Store):
    """A store that lives as long as its process. All published states stay."""

    def __init__(self, salt: str = "memory") -> None:
        self.url = "memory"
        self.info = StoreInfo(salt, SCHEMA_VERSION, datetime.now(UTC))
        self._published: list[tuple[Manifest, State]] = []
        self._runs: dict[str, tuple[RunInfo, pa.Table]] = {}
        self._lease = threading.Lock()
        self._holder = ""

    def take_lease(self, holder: str, wait_seconds: float) -> None:
        """Take the lease or say who holds it."""
        if not self._lease.acquire(timeout=wait_seconds):
            raise StoreBusyError(f"{self.url}: another writer holds the store: {self._holder}")
        self._holder = holder

    def give_lease_back(self) -> None:
        """Let the next writer in."""
        self._lease.release()

    def state(self) -> State:
        """The rows as published last."""
        return self._published[-1][1] if self._published else {}

    def publish(
        self, draft: dict[str, Rows], changed: set[str], segmenter: SegmenterStamp, words: tuple[tuple[str, int], ...]
    ) -> Manifest:
        """Make the draft the newest state, unless nothing changed."""
        base = self.manifest()
        if base is not None and not changed and (base.segmenter, base.words) == (segmenter, words):
            return base
        number = len(self._published) + 1
        versions = {**(base.versions if base else {}), **dict.fromkeys(changed, number)}
        counts = {record: len(draft[record]) for record in versions}
        manifest = Manifest(number, versions, counts, segmenter, SCHEMA_VERSION, datetime.now(UTC), words)
        self._published.append((manifest, draft))
        return manifest

    def manifest(self) -> Manifest | None:
        """The newest published manifest; None when nothing was ever published."""
        return self._published[-1][0] if self._published else None

    def snapshot(self, number: int | None = None) -> Snapshot:
        """Open a snapshot, the newest by default. ``NotFoundError`` when there is none (hint: import first)."""
        wanted = len(self._published) if number is None else number
        if not 1 <= wanted <= len(self._published):
            raise NotFoundError(f"there is no snapshot-{wanted}", hint="import something first")
        return MemorySnapshot(*self._published[wanted - 1])

    def writer(self, *, holder: str, wait_seconds: float = 0.0) -> MemoryWriter:
        """Take the lease and write; ``StoreBusyError`` names the holder when it is not free within the wait."""
        return MemoryWriter(self, holder, wait_seconds)

    def save_run(self, info: RunInfo, rows: pa.Table | Iterable[pa.RecordBatch]) -> None:
        """Keep the results of an analysis (``RUN_ROWS`` schema); saving the same run again replaces it."""
        self._runs[info.run] = (info, pa.concat_tables([RUN_ROWS.empty_table(), *checks.run_tables(rows)]))

    def runs(self) -> list[RunInfo]:
        """All stored runs, newest first (then by run id)."""
        by_name = sorted((info for info, _ in self._runs.values()), key=lambda info: info.run)
        return sorted(by_name, key=lambda info: info.created_at, reverse=True)

    def run_rows(self, run: str, section: str) -> pa.Table:
        """The rows of one section of a run by position (``RUN_ROWS`` schema); ``NotFoundError``: no such run."""
        rows = [row for row in self._run(run)[1].to_pylist() if row["section"] == section]
        return pa.Table.from_pylist(sorted(rows, key=lambda row: row["position"]), schema=self._run(run)[1].schema)

    def run_row(self, run: str, section: str, key: str) -> str | None:
        """The body of the first row of that key in a section of a run, by position; None when there is none."""
        rows = [row for row in self.run_rows(run, section).to_pylist() if row["key"] == key]
        return rows[0]["body"] if rows else None

    def delete_run(self, run: str) -> None:
        """Forget a run; ``NotFoundError`` when there is no such run."""
        self._run(run)
        del self._runs[run]

    def _run(self, run: str) -> tuple[RunInfo, pa.Table]:
        if run not in self._runs:
            raise NotFoundError(f"there is no run {run!r}")
        return self._runs[run]

    def check(self) -> list[Finding]:
        """What is wrong with the store and how to mend it."""
        return [Finding("ok", "store", "in memory: gone when this process ends")]

    def close(self) -> None:
        """Nothing to give back."""


def _table(rows: list[dict[str, Any]], schema: pa.Schema) -> pa.Table:
    return pa.Table.from_pylist(rows, schema=schema)


def _within(row: dict[str, Any], window: tuple[str, date, date] | None) -> bool:
    if window is None:
        return True
    column, first, end = window
    return row[column] is not None and first <= row[column] < end


def _terms(note: dict[str, Any], column: str) -> set[str]:
    return {term for value in note[column] or () for term in (value or "").split(" ")} - {""}
