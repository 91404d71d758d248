"""The same answers as :mod:`indexer.stores.matching.match`, plainly: everything in memory, sets and loops.

This is the definition in code. It needs no compiler and is quick enough for some thousand notes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from indexer.stores.contract import BestNotes, Matches, TermQueries
from indexer.stores.listed import listed_by_id

MISSING = frozenset[int]()


def match_notes_plainly(
    batches: Iterator[pa.RecordBatch],
    queries: TermQueries,
    *,
    fresh_since: date,
    floor_per_mille: int,
    best: int,
) -> Matches:
    """Statistics and best notes of every keyword; see :func:`indexer.stores.matching.match_notes`."""
    notes = [note for batch in batches for note in batch.to_pylist()]
    texts = [_values(note["text_terms"]) for note in notes]
    text = _postings(texts)
    headline = _postings([_values(note["headline_terms"]) for note in notes])
    counts = np.zeros((5, len(queries)), dtype=np.int64)
    found: list[tuple[int, str, int]] = []
    for keyword, terms in enumerate(queries.terms):
        distinct = set(terms)
        holding = _holding_all(distinct, text)
        phrase = f" {' '.join(terms)} "
        counts[:, keyword] = (
            len(holding),
            sum(any(phrase in f" {value} " for value in texts[note]) for note in holding),
            len(_holding_all(distinct, headline)),
            sum(_is_fresh(notes[note]["published_day"], fresh_since) for note in holding),
            sum(notes[note]["engagement"] or 0 for note in holding),
        )
        weights: Counter[int] = Counter()
        for term in distinct:
            for note in text.get(term, MISSING):
                weights[note] += queries.weights.get(term, 0)
        least = floor_per_mille * sum(queries.weights.get(term, 0) for term in distinct)
        enough = [(-w, notes[note]["note_id"]) for note, w in weights.items() if w > 0 and w * 1000 >= least]
        found.extend((keyword, note_id, -negative) for negative, note_id in sorted(enough)[:best])
    matching, phrases, headlines, fresh, engagement = counts
    return Matches(
        matching=matching,
        phrase=phrases,
        headline=headlines,
        fresh=fresh,
        engagement=engagement,
        best_query=np.array([keyword for keyword, _, _ in found], dtype=np.int32),
        best_note=listed_by_id(pa.array([note_id for _, note_id, _ in found], pa.string())),
        best_weight=np.array([weight for _, _, weight in found], dtype=np.int32),
    )


def best_notes_plainly(
    batches: Iterator[pa.RecordBatch], queries: TermQueries, floor_per_mille: int, best: int
) -> BestNotes:
    """The best notes of every keyword by one column of terms; see :class:`~indexer.stores.contract.BestNotes`."""
    empty = {"headline_terms": None, "published_day": None, "engagement": None}
    notes = [
        {"note_id": note_id, "text_terms": terms, **empty}
        for batch in batches
        for note_id, terms in zip(*(column.to_pylist() for column in batch.columns), strict=True)
    ]
    rows = iter(pa.Table.from_pylist(notes).to_batches()) if notes else iter(())
    found = match_notes_plainly(rows, queries, fresh_since=date.max, floor_per_mille=floor_per_mille, best=best)
    return BestNotes(found.best_query, found.best_note, found.best_weight)


def count_terms_plainly(
    batches: Iterator[pa.RecordBatch], terms: Sequence[str], column: str = "text_terms"
) -> npt.NDArray[np.int64]:
    """Number of notes that hold each term; see :func:`indexer.stores.matching.count_terms`."""
    held = _postings(_values(note) for batch in batches for note in batch.column(column).to_pylist())
    return np.array([len(held.get(term, MISSING)) for term in terms], dtype=np.int64)


def _values(values: list[str | None] | None) -> list[str]:
    """The values of a note with single spaces between their terms."""
    return [" ".join(term for term in (value or "").split(" ") if term) for value in values or ()]


def _postings(texts: Iterable[list[str]]) -> dict[str, set[int]]:
    """For each term, the notes that hold it in any of their values."""
    notes: dict[str, set[int]] = {}
    for note, values in enumerate(texts):
        for term in {term for value in values for term in value.split(" ") if term}:
            notes.setdefault(term, set()).add(note)
    return notes


def _holding_all(terms: set[str], notes: dict[str, set[int]]) -> set[int]:
    return set.intersection(*(notes.get(term, set()) for term in terms))


def _is_fresh(day: Any, since: date) -> bool:
    return day is not None and day >= since
