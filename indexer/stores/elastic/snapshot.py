"""Reading one published manifest: the same answers until it is closed, whatever is imported meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from indexer.records import Record
from indexer.stores.checks import (
    columns_of,
    extent_field,
    grouping_of,
    record_of,
    schema_of,
    storable,
    term_column,
    window_of,
)
from indexer.stores.contract import BEST_NOTES_LIMIT, WORDS, BestNotes, Matches, Snapshot, TermQueries
from indexer.stores.elastic.connection import Connection
from indexer.stores.elastic.documents import from_documents
from indexer.stores.elastic.groups import group_counts
from indexer.stores.elastic.keywords import best_by_grams, count_terms, match_keywords
from indexer.stores.elastic.meta import Published
from indexer.stores.elastic.pages import Hit, PointInTime, sliced_documents
from indexer.stores.elastic.queries import JsonObject, Window, end_of, ids_page, scan_page
from indexer.stores.elastic.room import LANES

SCAN_PAGE: Final = 5_000
IDS_PAGE: Final = 5_000
SLICED_FROM: Final = 20_000  # records; fewer are read in one go


class ElasticSnapshot(Snapshot):
    """One manifest's indices, each record under a point in time of its own.

    Args:
        connection: The way to the server.
        published: The manifest with its indices.
    """

    def __init__(self, connection: Connection, published: Published) -> None:
        self.manifest = published.manifest
        self._views = {
            record: PointInTime(connection, indices) for record, indices in published.indices.items() if indices
        }

    def count(self, record: str) -> int:
        """Number of records of that kind."""
        return self.manifest.counts.get(record_of(record).name, 0)

    def extent(self, record: str, column: str) -> tuple[Any, Any] | None:
        """Smallest and largest value of a day or timestamp column; None when there is no value."""
        extent_field(record_of(record), column)
        view = self._views.get(record)
        if view is None:
            return None
        ends = []
        for order in ("asc", "desc"):
            hits = view.search(end_of(column, order))["hits"]["hits"]
            if not hits:
                return None
            ends.append(from_documents(record, [column], [hits[0]["_source"]]).column(0)[0].as_py())
        return ends[0], ends[1]

    def scan(
        self, record: str, columns: Sequence[str] | None = None, *, window: Window | None = None
    ) -> Iterator[pa.RecordBatch]:
        """All records in batches, in no particular order; several slices are read at once."""
        kind = record_of(record)
        names, chosen = columns_of(kind, columns), window_of(kind, window)
        return self._scan(record, names, chosen)

    def by_id(self, record: str, ids: Sequence[str], columns: Sequence[str] | None = None) -> pa.Table:
        """The records of those ids that exist, ordered by id (code point)."""
        kind = record_of(record)
        names = columns_of(kind, columns)
        view = self._views.get(record)
        if view is None:
            return schema_of(kind, names).empty_table()
        return rows_by_id(kind, names, ids, lambda body: view.search(body)["hits"]["hits"])

    def group_counts(self, record: str, by: Sequence[str], *, window: Window | None = None) -> Iterator[pa.RecordBatch]:
        """Exact number of records per distinct combination of ``by``; null is a value of its own."""
        kind = record_of(record)
        names, chosen = grouping_of(kind, by), window_of(kind, window)
        return self._group_counts(kind, names, chosen)

    def document_frequency(self, terms: Sequence[str], *, column: str = WORDS) -> npt.NDArray[np.int64]:
        """Number of notes that hold each term, by words or by character 2-grams."""
        return count_terms(self._views.get("note"), terms, term_column(column))

    def match(
        self, queries: TermQueries, *, fresh_since: date, floor_per_mille: int = 500, best: int = BEST_NOTES_LIMIT
    ) -> Matches:
        """Statistics and best notes for all keywords at once."""
        return match_keywords(
            self._views.get("note"), queries, fresh_since=fresh_since, floor_per_mille=floor_per_mille, best=best
        )

    def best_by_grams(
        self, queries: TermQueries, *, floor_per_mille: int = 500, best: int = BEST_NOTES_LIMIT
    ) -> BestNotes:
        """The best notes of keywords that are given as character 2-grams."""
        return best_by_grams(self._views.get("note"), queries, floor_per_mille=floor_per_mille, best=best)

    def close(self) -> None:
        """Give the points in time back."""
        for view in self._views.values():
            view.close()

    def _scan(self, record: str, names: Sequence[str], window: Window | None) -> Iterator[pa.RecordBatch]:
        view = self._views.get(record)
        if view is None:
            return
        slices = LANES if self.count(record) >= SLICED_FROM else 1
        for hits in sliced_documents(view, scan_page(window, names, SCAN_PAGE), slices):
            yield from_documents(record, names, [hit["_source"] for hit in hits])

    def _group_counts(self, kind: Record, names: Sequence[str], window: Window | None) -> Iterator[pa.RecordBatch]:
        view = self._views.get(kind.name)
        if view is not None:
            yield from group_counts(view, kind, names, window)


def rows_by_id(
    kind: Record, names: Sequence[str], ids: Sequence[str], find: Callable[[JsonObject], Sequence[Hit]]
) -> pa.Table:
    """The rows of those ids that ``find`` (a search body to its hits) knows, ordered by id."""
    wanted = [one for one in storable(ids) if one]
    fetched = names if kind.id_field in names else [*names, kind.id_field]
    batches = []
    for start in range(0, len(wanted), IDS_PAGE):
        hits = find(ids_page(wanted[start : start + IDS_PAGE], fetched))
        batches.append(from_documents(kind.name, fetched, [hit["_source"] for hit in hits]))
    table = pa.Table.from_batches(batches, schema_of(kind, fetched))
    return table.sort_by(kind.id_field).select(list(names))
