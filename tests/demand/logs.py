"""Small query logs made by hand, as snapshots of the store in memory."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa

from gapfinder.demand import Demand, measure_demand
from gapfinder.settings import Settings
from indexer.dictionary import shipped_dictionary
from indexer.normalize import normalize
from indexer.records import SEARCH
from indexer.segment import Segmenter, query_key, segmenter_of
from indexer.stores.contract import Snapshot
from indexer.stores.memory import MemoryStore

FIRST = date(2026, 3, 2)
ZONE = ZoneInfo("Asia/Shanghai")


def segmenter() -> Segmenter:
    return segmenter_of(shipped_dictionary())


@dataclass(frozen=True)
class Act:
    """One search. ``day`` counts from FIRST; ``read`` is the dwell on the one clicked result."""

    query: str
    user: str | None = None
    day: int = 0
    minute: float = 720
    session: str | None = None
    results: int | None = None
    clicks: int | None = None
    read: float | None = None
    acted: bool | None = None

    def row(self, number: int, cutter: Segmenter) -> dict[str, Any]:
        at = datetime.combine(FIRST, datetime.min.time(), ZONE) + timedelta(days=self.day, minutes=self.minute)
        terms = cutter.query_terms(self.query)
        return {
            "search_id": f"s{number}",
            "query": self.query,
            "searched_at": at.astimezone(UTC),
            "user_id": self.user,
            "session_id": self.session,
            "day": FIRST + timedelta(days=self.day),
            "query_norm": normalize(self.query),
            "query_terms": " ".join(terms),
            "query_key": query_key(terms),
            "result_count": self.results,
            "clicks": self.clicks if self.clicks is not None or self.results is None else 0,
            "longest_dwell": self.read,
            "acted": self.acted,
            "content_hash": str(number),
        }


def answered(query: str, read: float | None = 60.0, **more: Any) -> Act:
    """A search whose user clicked one of ten results."""
    return Act(query, results=10, clicks=1, read=read, **more)


def log_of(acts: Iterable[Act], *, shuffle: int | None = None) -> Snapshot:
    """A snapshot of these searches; ``shuffle`` is a seed for another order of the rows."""
    cutter = segmenter()
    rows = [act.row(number, cutter) for number, act in enumerate(acts)]
    if shuffle is not None:
        random.Random(shuffle).shuffle(rows)
    store = MemoryStore()
    with store.writer(holder="a test") as writer:
        writer.write("search", pa.Table.from_pylist(rows, SEARCH.schema))
        writer.publish(cutter.stamp)
    return store.snapshot()


def measured(acts: Iterable[Act], *, shuffle: int | None = None, **settings: Any) -> Demand:
    """The demand in these searches, over all their days."""
    acts = list(acts)
    settings.setdefault("end", FIRST + timedelta(days=max((act.day for act in acts), default=0) + 1))
    return measure_demand(log_of(acts, shuffle=shuffle), Settings.of(**settings), segmenter())


def people(query: str, number: int, *, start: int = 0, **more: Any) -> list[Act]:
    """The same query by different users."""
    return [Act(query, user=f"u{start + place}", **more) for place in range(number)]


def row_of(table: pa.Table, column: str, value: object) -> dict[str, Any]:
    """The only row with that value."""
    rows = [row for row in table.to_pylist() if row[column] == value]
    assert len(rows) == 1, f"{len(rows)} rows have {column} == {value!r}"
    found: dict[str, Any] = rows[0]
    return found
