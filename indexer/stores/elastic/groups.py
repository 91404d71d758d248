"""Exact counts of the combinations of some columns, page by page.

Every page of a ``composite`` goes over all records that its query finds, so a pass of many pages would grow with the
square of the records. Where a day is among the columns, days share no combination: each portion of days is asked by
itself, which is linear, and several are asked at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any, Final

import pyarrow as pa

from indexer.records import ARROW_TYPES, Kind, Record
from indexer.stores.elastic.pages import PointInTime, interleaved
from indexer.stores.elastic.queries import JsonObject, Window, day_between, day_missing, groups_page
from indexer.stores.elastic.room import LANES

PAGE: Final = 60_000  # combinations; the server gives at most 65,536
PORTION: Final = 60_000  # records of some days together; a day with more is a portion of its own
_EPOCH: Final = date(1970, 1, 1)


def group_counts(
    view: PointInTime, kind: Record, names: Sequence[str], window: Window | None
) -> Iterator[pa.RecordBatch]:
    """The columns ``names`` and ``n`` (int64): every combination with its number of records; null is a value."""
    day = next((name for name in names if kind.field(name).kind is Kind.DAY), None)
    if day is None or len(names) == 1:
        yield from _pages(view, kind, names, window)
        return
    portions = _portions(view, kind, day, window)
    yield from interleaved((_pages(view, kind, names, window, portion) for portion in portions), LANES)


def _portions(view: PointInTime, kind: Record, day: str, window: Window | None) -> Iterator[JsonObject]:
    """Filters that cut the records into portions of whole days."""
    first: date | None = None
    rows = 0
    for batch in _pages(view, kind, [day], window):  # in the order of days, those without one first
        for value, n in zip(batch[day].to_pylist(), batch["n"].to_pylist(), strict=True):
            if value is None:
                yield day_missing(day)
                continue
            if first is not None and rows + n > PORTION:
                yield day_between(day, first, value)
                first, rows = None, 0
            first, rows = first or value, rows + n
    if first is not None:
        yield day_between(day, first, None)


def _pages(
    view: PointInTime, kind: Record, names: Sequence[str], window: Window | None, only: JsonObject | None = None
) -> Iterator[pa.RecordBatch]:
    after: dict[str, Any] | None = None
    while True:
        groups = view.search(groups_page(names, window, PAGE, after, only))["aggregations"]["groups"]
        buckets = groups["buckets"]
        if buckets:
            yield _as_batch(kind, names, buckets)
        after = groups.get("after_key")
        if after is None or len(buckets) < PAGE:
            return


def _as_batch(kind: Record, names: Sequence[str], buckets: Sequence[Any]) -> pa.RecordBatch:
    arrays = []
    for name in names:
        values = [bucket["key"][name] for bucket in buckets]
        field = kind.field(name)
        if field.kind is Kind.DAY:
            values = [None if value is None else _EPOCH + timedelta(milliseconds=value) for value in values]
        arrays.append(pa.array(values, ARROW_TYPES[field.kind]))
    counts = pa.array([bucket["doc_count"] for bucket in buckets], pa.int64())
    return pa.RecordBatch.from_arrays([*arrays, counts], names=[*names, "n"])
