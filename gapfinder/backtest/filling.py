"""Which new notes fill which keywords.

A new note fills a keyword when the content model of the analysis gives it at least one half, under the very words that
were searched, and it is not undisclosed advertising. The model judges the pair alone, so that it does not matter what
else was written; it was learned before, and words weigh what they weighed before.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from gapfinder.calibration import Calibration
from gapfinder.candidates import find_candidates
from gapfinder.duplicates import Duplicates
from gapfinder.past import PastSnapshot
from gapfinder.settings import Settings
from indexer.stores.contract import BEST_NOTES_LIMIT, WORDS, BestNotes, Matches, Snapshot, TermQueries

ANSWERS: Final = 0.5  # probability from which a note counts as an answer

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

_NO_COPIES: Final = Duplicates(pa.array([], pa.string()), pa.array([], pa.string()), {})


@dataclass(frozen=True)
class Filled:
    """Pairs of a keyword and a new note that answers it, by keyword, then note.

    Attributes:
        keyword: Number of the keyword.
        note_id: Id of the note.
        probability: That it answers.
        disclosed: Whether the note is filed advertising.
    """

    keyword: Ints
    note_id: pa.Array
    probability: Floats
    disclosed: npt.NDArray[np.bool_]


class NewNotes(Snapshot):
    """The notes of some days, among which words weigh what they weighed before those days.

    Args:
        before: What was known at the first of the days.
        days: The notes of the days.
    """

    def __init__(self, before: PastSnapshot, days: PastSnapshot) -> None:
        self.manifest = before.manifest
        self._before = before
        self._days = days

    def count(self, record: str) -> int:
        """Number of records before the days: what words are weighed by."""
        return self._before.count(record)

    def document_frequency(self, terms: Sequence[str], *, column: str = WORDS) -> npt.NDArray[np.int64]:
        """Number of notes before the days that hold each term."""
        return self._before.document_frequency(terms, column=column)

    def extent(self, record: str, column: str) -> tuple[Any, Any] | None:
        """Of the records of the days."""
        return self._days.extent(record, column)

    def scan(
        self, record: str, columns: Sequence[str] | None = None, *, window: tuple[str, date, date] | None = None
    ) -> Iterator[pa.RecordBatch]:
        """Of the records of the days."""
        return self._days.scan(record, columns, window=window)

    def by_id(self, record: str, ids: Sequence[str], columns: Sequence[str] | None = None) -> pa.Table:
        """Of the records of the days."""
        return self._days.by_id(record, ids, columns)

    def group_counts(
        self, record: str, by: Sequence[str], *, window: tuple[str, date, date] | None = None
    ) -> Iterator[pa.RecordBatch]:
        """Of the records of the days."""
        return self._days.group_counts(record, by, window=window)

    def match(
        self, queries: TermQueries, *, fresh_since: date, floor_per_mille: int = 500, best: int = BEST_NOTES_LIMIT
    ) -> Matches:
        """Of the records of the days."""
        return self._days.match(queries, fresh_since=fresh_since, floor_per_mille=floor_per_mille, best=best)

    def best_by_grams(
        self, queries: TermQueries, *, floor_per_mille: int = 500, best: int = BEST_NOTES_LIMIT
    ) -> BestNotes:
        """Of the records of the days."""
        return self._days.best_by_grams(queries, floor_per_mille=floor_per_mille, best=best)

    def close(self) -> None:
        """Nothing to give back."""


def filled_by(
    before: PastSnapshot,
    days: PastSnapshot,
    needs: Sequence[Sequence[str]],
    calibration: Calibration,
    settings: Settings,
) -> Filled:
    """The notes of some days that answer each need.

    Where more notes hold the words of a need than a store names candidates, the others are not looked at; which ones
    does not depend on how often they were read.

    Args:
        before: What was known at the first of the days.
        days: The records of the days.
        needs: The terms of each keyword's need.
        calibration: What judges answers, as it was learned before the days.
        settings: Of the analysis.
    """
    if days.count("note") == 0:
        return Filled(np.empty(0, np.int64), pa.array([], pa.string()), np.empty(0), np.empty(0, bool))
    new = NewNotes(before, days)
    near, weights = calibration.neighbours, calibration.weights
    judged = find_candidates(new, needs, near, _NO_COPIES, days.until, settings, known=weights)
    probability = calibration.model.answers(judged.features, judged.need, judged.sizes.terms)
    visible = judged.notes.visibility[judged.note] > 0
    kept = np.flatnonzero((probability >= ANSWERS) & visible)
    order = kept[np.lexsort((judged.note[kept], judged.need[kept]))]
    note_id = judged.notes.note_id.take(pa.array(judged.note[order]))
    advertising = _disclosed(days, note_id)
    wanted = ~advertising | (settings["backtest_disclosed"] >= 1)
    rows = order[wanted]
    return Filled(judged.need[rows], note_id.filter(pa.array(wanted)), probability[rows], advertising[wanted])


def _disclosed(days: PastSnapshot, note_id: pa.Array) -> npt.NDArray[np.bool_]:
    """Whether each note is filed as advertising."""
    known = days.by_id("note", note_id.unique().to_pylist(), ("note_id", "disclosed")).combine_chunks()
    filed = known.filter(pc.fill_null(known["disclosed"], fill_value=False))["note_id"].combine_chunks()
    found: npt.NDArray[np.bool_] = pc.is_in(note_id, value_set=filed).to_numpy(zero_copy_only=False)
    return found


def best_keyword(filled: Filled, weight: Floats) -> Ints:
    """Rows of ``filled`` that stand for their note: each note counts with the one keyword that it answers best.

    Ties fall to the keyword whose terms weigh more (the more special one), then to the lower number. Otherwise one
    well-read note would count for many keywords, on both sides of a comparison.
    """
    note = filled.note_id.dictionary_encode().indices.to_numpy(zero_copy_only=False)
    probability = np.round(filled.probability, 6)
    order = np.lexsort((filled.keyword, -weight[filled.keyword], -probability, note))
    first = np.ones(order.size, bool)
    first[1:] = note[order][1:] != note[order][:-1]
    rows: Ints = np.sort(order[first])
    return rows
