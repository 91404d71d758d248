"""Statistics and best notes for all keywords by one pass over the notes, for every snapshot that is read by scanning.

An engine that keeps an index of its own (Elasticsearch) answers these questions itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from indexer.stores import checks
from indexer.stores.contract import BEST_NOTES_LIMIT, GRAMS, WORDS, BestNotes, Matches, Snapshot, TermQueries

_MATCHED: Final = ("note_id", "text_terms", "headline_terms", "published_day", "engagement")


class ScannedSnapshot(Snapshot):
    """A snapshot whose keywords are matched by the compiled kernel, on the notes that ``scan`` gives."""

    def _notes(self, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        """Notes for matching; a store that keeps their terms numbered gives them so."""
        return self.scan("note", columns)

    def document_frequency(self, terms: Sequence[str], *, column: str = WORDS) -> npt.NDArray[np.int64]:
        """Number of notes that hold each term, by words or by character 2-grams."""
        checks.term_column(column)
        distinct = [term for term in checks.storable(terms) if term]
        counts = dict(zip(distinct, self._frequencies(column, distinct).tolist(), strict=True))
        return np.array([counts.get(term, 0) for term in terms], dtype=np.int64)

    def _frequencies(self, column: str, terms: Sequence[str]) -> npt.NDArray[np.int64]:
        """The same of terms that notes can hold; a store that keeps these numbers does not count."""
        from indexer.stores.matching import count_terms  # noqa: PLC0415 - compiled code is loaded when it is needed

        return count_terms(self._notes([column]), terms, column)

    def match(
        self, queries: TermQueries, *, fresh_since: date, floor_per_mille: int = 500, best: int = BEST_NOTES_LIMIT
    ) -> Matches:
        """Statistics and best notes for all keywords at once; see :class:`Matches`."""
        checks.check_queries(queries)
        return self._matches(_MATCHED, queries, fresh_since=fresh_since, floor_per_mille=floor_per_mille, best=best)

    def best_by_grams(
        self, queries: TermQueries, *, floor_per_mille: int = 500, best: int = BEST_NOTES_LIMIT
    ) -> BestNotes:
        """The best notes of keywords that are given as character 2-grams."""
        checks.check_queries(queries)
        columns = ("note_id", GRAMS)
        found = self._matches(columns, queries, fresh_since=date.max, floor_per_mille=floor_per_mille, best=best)
        return BestNotes(found.best_query, found.best_note, found.best_weight)

    def _matches(
        self, columns: Sequence[str], queries: TermQueries, *, fresh_since: date, floor_per_mille: int, best: int
    ) -> Matches:
        """Statistics and best notes by these columns; a store that keeps counts brings them up to date."""
        from indexer.stores.matching import match_notes  # noqa: PLC0415 - compiled code is loaded when it is needed

        notes = self._notes(columns)
        return match_notes(notes, queries, fresh_since=fresh_since, floor_per_mille=floor_per_mille, best=best)
