"""The contract of a store: what every store does, in the same words and with the same numbers.

A store keeps the records of :mod:`indexer.records` and the results of analyses (*runs*). Reading goes through a
:class:`Snapshot`, which never changes under its reader. Writing goes through a :class:`Writer`, which holds the only
lease, starts by throwing away what a killed writer left behind, and publishes a new manifest atomically at its end.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final, Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa

BEST_NOTES_LIMIT: Final = 50
WORDS: Final = "text_terms"  # columns of notes that can be searched for terms
GRAMS: Final = "gram_terms"
HEADLINE: Final = "headline_terms"  # the terms of title and tags alone
TERM_COLUMNS: Final = (WORDS, GRAMS)


@dataclass(frozen=True, slots=True)
class SegmenterStamp:
    """What cut the text of a store; text cut by another segmenter must be segmented again."""

    name: str
    version: str
    hmm: bool
    dictionary_hash: str
    normalisation: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a snapshot consists of. Written last and atomically; an analysis names its manifest.

    ``versions`` maps a record's name to the Delta version or index generation that holds it; a record that was never
    written is absent. ``counts`` holds the number of rows of each record. ``words`` are the dictionary words with their
    frequencies that the user added to the shipped ones (catalogue and files), sorted; with them the very segmenter of
    the store can be made again.
    """

    number: int
    versions: Mapping[str, int]
    counts: Mapping[str, int]
    segmenter: SegmenterStamp | None
    schema_version: int
    published_at: datetime
    words: tuple[tuple[str, int], ...] = ()

    @property
    def name(self) -> str:
        """The name users see, for example ``snapshot-12``."""
        return f"snapshot-{self.number}"


@dataclass(frozen=True, slots=True)
class StoreInfo:
    """What belongs to a store from its making on."""

    salt: str
    schema_version: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class WriteResult:
    """How a batch was taken: ``rows == written + unchanged + len(rejected)``.

    ``written`` counts new and changed records. A row that repeats the id of another row of the same batch counts as
    unchanged (the last one is kept). ``rejected`` names the id of a row the store refused, with the reason.
    """

    written: int
    unchanged: int
    rejected: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class TermQueries:
    """Keywords as terms, for asking a snapshot about all of them at once.

    Args:
        terms: The terms of each keyword in order (a term may repeat; no keyword is empty).
        weights: Integer weight of each distinct term, ``round(1000 x idf)``; a term that is absent weighs 0.
    """

    terms: Sequence[Sequence[str]]
    weights: Mapping[str, int] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.terms)


@dataclass(frozen=True, slots=True)
class Matches:
    """Additive statistics of every keyword over all notes of a snapshot, exact; arrays have one entry a keyword.

    Attributes:
        matching: Notes that hold all terms of the keyword in the union of title, content and tags.
        phrase: Notes that hold the terms adjacent and in order inside one field value.
        headline: Notes that hold all terms in the union of title and tags.
        fresh: Matching notes published on or after the given day.
        engagement: Sum of the engagement of the matching notes.
        best_query, best_note, best_weight: The best notes of each keyword, as three columns of equal length (the notes
            as :mod:`indexer.stores.listed` says), ordered by keyword, then weight descending, then ``note_id`` by code
            point. The weight of a note is the sum of the weights of the keyword's distinct terms that it holds; only
            notes with at least ``floor`` of the keyword's total weight (``weight * 1000 >= floor_per_mille * total``)
            and a weight above 0 are listed.
    """

    matching: npt.NDArray[np.int64]
    phrase: npt.NDArray[np.int64]
    headline: npt.NDArray[np.int64]
    fresh: npt.NDArray[np.int64]
    engagement: npt.NDArray[np.int64]
    best_query: npt.NDArray[np.int32]
    best_note: pa.DictionaryArray
    best_weight: npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class BestNotes:
    """The best notes of each keyword by the terms of one column, ordered as in :class:`Matches`.

    Attributes:
        query, note, weight: Three columns of equal length: keyword, note id, and the sum of the weights of the
            keyword's distinct terms that the note holds in that column.
    """

    query: npt.NDArray[np.int32]
    note: pa.DictionaryArray
    weight: npt.NDArray[np.int32]


class Snapshot(ABC):
    """One unchanging state of a store. Safe for several readers at once."""

    manifest: Manifest

    @abstractmethod
    def count(self, record: str) -> int:
        """Number of records of that kind."""

    @abstractmethod
    def extent(self, record: str, column: str) -> tuple[Any, Any] | None:
        """Smallest and largest value of a day or timestamp column; None when there is no value."""

    @abstractmethod
    def scan(
        self,
        record: str,
        columns: Sequence[str] | None = None,
        *,
        window: tuple[str, date, date] | None = None,
    ) -> Iterator[pa.RecordBatch]:
        """All records in batches, in no particular order; ``window`` is ``(day column, first day, day after last)``."""

    def files(self, record: str) -> list[str] | None:  # noqa: ARG002 - of stores that have files
        """The Parquet files that hold a record, for an engine that reads them itself; None where there are none.

        They hold all rows of the snapshot and nothing else. A column that a file does not have is null.
        """
        return None

    @abstractmethod
    def by_id(self, record: str, ids: Sequence[str], columns: Sequence[str] | None = None) -> pa.Table:
        """The records of those ids that exist, ordered by id (code point)."""

    @abstractmethod
    def group_counts(
        self,
        record: str,
        by: Sequence[str],
        *,
        window: tuple[str, date, date] | None = None,
    ) -> Iterator[pa.RecordBatch]:
        """Exact number of records per distinct combination of ``by`` (keyword, day, integer and boolean columns).

        Yields the columns of ``by`` and ``n`` (int64), in no particular order; null is a value of its own.
        """

    @abstractmethod
    def document_frequency(self, terms: Sequence[str], *, column: str = WORDS) -> npt.NDArray[np.int64]:
        """Number of notes that hold each term, by words or by character 2-grams (``WORDS``, ``GRAMS``)."""

    @abstractmethod
    def match(
        self,
        queries: TermQueries,
        *,
        fresh_since: date,
        floor_per_mille: int = 500,
        best: int = BEST_NOTES_LIMIT,
    ) -> Matches:
        """Statistics and best notes for all keywords at once; see :class:`Matches`."""

    @abstractmethod
    def best_by_grams(
        self, queries: TermQueries, *, floor_per_mille: int = 500, best: int = BEST_NOTES_LIMIT
    ) -> BestNotes:
        """The best notes of keywords that are given as character 2-grams, by the grams of title, opening and tags."""

    @abstractmethod
    def close(self) -> None:
        """Give back what the snapshot holds."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Writer(ABC):
    """The one writer of a store, between taking and giving back the lease.

    Used as a context manager; leaving it without :meth:`publish` drops everything that was written.
    """

    @abstractmethod
    def write(self, record: str, rows: pa.Table) -> WriteResult:
        """Insert or update rows (schema of the record, checked) by id; equal ``content_hash`` means unchanged."""

    @abstractmethod
    def existing(self, record: str, ids: Sequence[str]) -> pa.Table:
        """The rows of those ids as this writer would publish them now (used to merge results into known searches)."""

    @abstractmethod
    def replace(self, record: str, batches: Iterator[pa.RecordBatch]) -> int:
        """Write the whole record anew from ``batches`` (used by reindex); returns the number of rows."""

    @abstractmethod
    def scan(self, record: str, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
        """The rows as published before this writer began."""

    @abstractmethod
    def publish(self, segmenter: SegmenterStamp, words: Sequence[tuple[str, int]] = ()) -> Manifest:
        """Make all writes visible at once. When nothing changed the newest manifest is returned and none is made.

        A change of ``segmenter`` or ``words`` is a change. ``words`` are kept in the manifest as they are given.
        """

    @abstractmethod
    def __enter__(self) -> Self: ...

    @abstractmethod
    def __exit__(self, *_: object) -> None: ...


@dataclass(frozen=True, slots=True)
class RunInfo:
    """One stored analysis: its id, the user's name for it, and its manifest (JSON values only)."""

    run: str
    name: str
    created_at: datetime
    manifest: Mapping[str, Any]


RUN_ROWS: Final = pa.schema(
    [
        pa.field("section", pa.string(), nullable=False),  # which table of the run, for example "gaps"
        pa.field("position", pa.int64(), nullable=False),  # order within the section, from 0
        pa.field("key", pa.string(), nullable=False),  # what the row is about, for example the keyword
        pa.field("body", pa.string(), nullable=False),  # the row as canonical JSON text
    ]
)


@dataclass(frozen=True, slots=True)
class Finding:
    """Something ``doctor`` saw: ``level`` is ``ok``, ``warning`` or ``error``; ``mend`` says what to do."""

    level: str
    subject: str
    message: str
    mend: str = ""


class Store(ABC):
    """A place that holds records and runs. Open one with :func:`indexer.stores.open_store`."""

    url: str
    info: StoreInfo

    @abstractmethod
    def manifest(self) -> Manifest | None:
        """The newest published manifest; None when nothing was ever published."""

    @abstractmethod
    def snapshot(self, number: int | None = None) -> Snapshot:
        """Open a snapshot, the newest by default. ``NotFoundError`` when there is none (hint: import first)."""

    @abstractmethod
    def writer(self, *, holder: str, wait_seconds: float = 0.0) -> AbstractContextManager[Writer]:
        """Take the lease and write; ``StoreBusyError`` names the holder when it is not free within the wait."""

    @abstractmethod
    def save_run(self, info: RunInfo, rows: pa.Table | Iterable[pa.RecordBatch]) -> None:
        """Keep the results of an analysis (``RUN_ROWS`` schema); saving the same run again replaces it.

        Runs lie outside snapshots. Each row is shown only once the whole run is there; rows that come in batches are
        written as they come, so that a run of any size needs little memory.
        """

    @abstractmethod
    def runs(self) -> list[RunInfo]:
        """All stored runs, newest first (then by run id)."""

    @abstractmethod
    def run_rows(self, run: str, section: str) -> pa.Table:
        """The rows of one section of a run by position (``RUN_ROWS`` schema); ``NotFoundError``: no such run."""

    @abstractmethod
    def run_row(self, run: str, section: str, key: str) -> str | None:
        """The body of the first row of that key in a section of a run, by position; None when there is none.

        Made for looking up one row of a large run: only what may hold it is read. ``NotFoundError``: no such run.
        """

    @abstractmethod
    def delete_run(self, run: str) -> None:
        """Forget a run; ``NotFoundError`` when there is no such run."""

    @abstractmethod
    def check(self) -> list[Finding]:
        """What is wrong with the store and how to mend it."""

    @abstractmethod
    def close(self) -> None:
        """Give back connections."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
