"""A snapshot as it would have looked on an earlier day, so that the ordinary analysis can be asked what it knew then.

Looking ahead is what spoils a backtest: labels, counts or weights made with a record of later days know the answer
already. So every read goes through one rule for each kind of record (:data:`KNOWN_SINCE`): what has no day within the
view is not there. Three things stay as they are today, because a store keeps no older state of them: the text of a note
(an edit replaces it), the catalogue and the groups of people without a day, and the dictionary that cut the text.

Figures of a note (reads, likes, ...) are known only where they were taken before the day; else they are null, and an
analysis treats the engagement as unknown.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from gapfinder.window import ZONE
from indexer.records import Kind
from indexer.stores import checks
from indexer.stores.contract import Snapshot
from indexer.stores.scanned import ScannedSnapshot

_BEGINNING: Final = date(1900, 1, 1)  # nothing is older, and its midnight still is a time everywhere


@dataclass(frozen=True, slots=True)
class Known:
    """From when on a kind of record is known.

    Args:
        column: Its day or time; None: it has none, and ``undated`` decides.
        undated: Whether a record without a day is shown.
        ends: Whether the column is the day *after* the last one, so that a record of the view may reach its end.
    """

    column: str | None
    undated: bool = False
    ends: bool = False


KNOWN_SINCE: Final[dict[str, Known]] = {
    "note": Known("published_day"),
    "search": Known("day"),
    "volume": Known("period_end", ends=True),
    "ad": Known("date"),
    "comment": Known("commented_at"),
    "order": Known("ordered_at"),
    "product": Known("launched_at", undated=True),  # a catalogue: what a product is called, not what became of it
    "audience": Known(None, undated=True),  # who people are
    "creator": Known(None),  # medians and followers of the day of the import
}
FIGURES: Final = (
    "impressions", "search_impressions", "reads", "read_seconds", "finish_rate", "likes", "collects", "comments",
    "shares", "follows", "searches_after_read", "updated_at", "engagement",
)  # fmt: skip


def midnight(day: date) -> datetime:
    """The beginning of a day in Asia/Shanghai."""
    return datetime.combine(day, time(0), ZONE)


class PastSnapshot(ScannedSnapshot):
    """What a snapshot would have held at the beginning of a day.

    The snapshot it looks at stays open when the view is closed.

    Args:
        whole: The snapshot.
        until: The day; records of it and of later days are not there.
        since: Records before that day are not there either; None: all of them are.
    """

    def __init__(self, whole: Snapshot, until: date, since: date | None = None) -> None:
        self.manifest = whole.manifest
        self.until = until
        self.since = since or _BEGINNING
        self._whole = whole
        self._counts: dict[str, int] = {}

    @cached_property
    def undated_notes(self) -> int:
        """Notes of the whole snapshot that are left out because nobody knows when they were published."""
        batches = self._whole.group_counts("note", ["published_day"])
        return sum(pc.sum(batch.filter(pc.is_null(batch["published_day"]))["n"]).as_py() or 0 for batch in batches)

    def count(self, record: str) -> int:
        """Number of records of that kind."""
        if record not in self._counts:
            rule = KNOWN_SINCE[checks.record_of(record).name]
            column = checks.record_of(record).id_field if rule.column is None else rule.column
            if self._by_day(record):
                rows = (pc.sum(batch["n"]).as_py() or 0 for batch in self.group_counts(record, [column]))
            else:
                rows = (batch.num_rows for batch in self.scan(record, [column]))
            self._counts[record] = sum(rows)
        return self._counts[record]

    def extent(self, record: str, column: str) -> tuple[Any, Any] | None:
        """Smallest and largest value of a day or timestamp column; None when there is no value."""
        checks.extent_field(checks.record_of(record), column)
        least = most = None
        counted = self._by_day(record) and column == KNOWN_SINCE[record].column
        for batch in self.group_counts(record, [column]) if counted else self.scan(record, [column]):
            ends = pc.min_max(batch.column(0))
            low, high = ends["min"].as_py(), ends["max"].as_py()
            if low is not None:
                least = low if least is None else min(least, low)
                most = high if most is None else max(most, high)
        return None if least is None else (least, most)

    def scan(
        self, record: str, columns: Sequence[str] | None = None, *, window: tuple[str, date, date] | None = None
    ) -> Iterator[pa.RecordBatch]:
        """All records in batches, in no particular order; ``window`` is ``(day column, first day, day after last)``."""
        described = checks.record_of(record)
        names = checks.columns_of(described, columns)
        days = checks.window_of(described, window)
        if days is None and self._by_day(record):
            days = self._window(record)
        read = self._read(record, names)
        return (self._shown(record, batch, names) for batch in self._whole.scan(record, read, window=days))

    def by_id(self, record: str, ids: Sequence[str], columns: Sequence[str] | None = None) -> pa.Table:
        """The records of those ids that exist, ordered by id (code point)."""
        described = checks.record_of(record)
        names = checks.columns_of(described, columns)
        found = self._whole.by_id(record, ids, self._read(record, names)).combine_chunks()
        shown = [self._shown(record, batch, names) for batch in found.to_batches()]
        return pa.Table.from_batches(shown, checks.schema_of(described, names))

    def group_counts(
        self, record: str, by: Sequence[str], *, window: tuple[str, date, date] | None = None
    ) -> Iterator[pa.RecordBatch]:
        """Exact number of records per distinct combination of ``by`` (keyword, day, integer and boolean columns)."""
        described = checks.record_of(record)
        names, days = checks.grouping_of(described, by), checks.window_of(described, window)
        own = self._window(record) if self._by_day(record) else None
        masked = record == "note" and not set(names).isdisjoint(FIGURES)
        if own is None or masked or (days is not None and days[0] != own[0]):
            return self._grouped(record, names, days)
        first, end = (own[1], own[2]) if days is None else (max(own[1], days[1]), min(own[2], days[2]))
        return self._whole.group_counts(record, names, window=(own[0], first, end))

    def close(self) -> None:
        """Nothing to give back."""

    def _by_day(self, record: str) -> bool:
        """Whether the store itself can leave out what is not known (a day column, without exceptions)."""
        rule = KNOWN_SINCE[checks.record_of(record).name]
        if rule.column is None or rule.undated:
            return False
        return checks.record_of(record).field(rule.column).kind is Kind.DAY

    def _window(self, record: str) -> tuple[str, date, date]:
        rule = KNOWN_SINCE[record]
        assert rule.column is not None
        return rule.column, self.since, self.until + timedelta(days=1) if rule.ends else self.until

    def _read(self, record: str, names: Sequence[str]) -> list[str]:
        """The columns to read: those asked for, and what decides about them."""
        column = KNOWN_SINCE[record].column
        needed = [] if column is None else [column]
        if record == "note":
            needed.append("updated_at")
        return list(dict.fromkeys([*names, *needed]))

    def _shown(self, record: str, batch: pa.RecordBatch, names: Sequence[str]) -> pa.RecordBatch:
        """The rows that are known, with unknown figures as null."""
        rule = KNOWN_SINCE[record]
        if rule.column is None:
            return (batch if rule.undated else batch.slice(0, 0)).select(list(names))
        value = batch[rule.column]
        if pa.types.is_timestamp(value.type):
            ends = [pa.scalar(midnight(day), value.type) for day in (self.since, self.until)]
        else:
            _, first, end = self._window(record)
            ends = [pa.scalar(day, value.type) for day in (first, end)]
        known = pc.and_(pc.greater_equal(value, ends[0]), pc.less(value, ends[1]))
        kept = batch.filter(pc.fill_null(known, fill_value=rule.undated))
        return self._masked(kept, names) if record == "note" else kept.select(list(names))

    def _masked(self, notes: pa.RecordBatch, names: Sequence[str]) -> pa.RecordBatch:
        taken = notes["updated_at"]
        early = pc.fill_null(pc.less(taken, pa.scalar(midnight(self.until), taken.type)), fill_value=False)

        def column(name: str) -> pa.Array:
            values = notes[name]
            return pc.if_else(early, values, pa.scalar(None, values.type)) if name in FIGURES else values

        schema = checks.schema_of(checks.record_of("note"), names)
        return pa.record_batch([column(name) for name in names], schema=schema)

    def _grouped(
        self, record: str, names: Sequence[str], window: tuple[str, date, date] | None
    ) -> Iterator[pa.RecordBatch]:
        """Counts of what the store can't leave out by itself; holds the columns of ``names`` in memory."""
        described = checks.record_of(record)
        rows = pa.Table.from_batches(self.scan(record, names, window=window), checks.schema_of(described, names))
        counted = rows.group_by(list(names)).aggregate([([], "count_all")])
        yield from counted.rename_columns([*names, "n"]).combine_chunks().to_batches()
