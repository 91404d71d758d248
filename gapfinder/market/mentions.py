"""Every mention that is counted, with its place: gathered while notes are counted, kept as blocks of numbers.

A mention is a text (a note or a query), what it speaks of, and where. What is spoken of is a *subject*: a category,
brand, product, selling point, crowd or scene, within the category of the text. Mentions wait in a private database,
which spills; they leave it in order, as blocks of some thousand texts of one subject, each text by its number in a list
of texts.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from gapfinder.market.marks import CROWD, SCENE, Marks
from gapfinder.privatedb import private_db
from gapfinder.understanding.catalogue import LEVELS, PRODUCT, Catalogue

Ints = npt.NDArray[np.int64]

POINT: Final = "point"
KINDS: Final = (*LEVELS, POINT, CROWD, SCENE)
FILED: Final = -1  # place of a brand that only the note's own field names
INFERRED: Final = -3  # place of a product that is filed or told by brand and claims, and of a brand by its product
JUDGED: Final = -2  # place of a category that a text names nowhere and all its words speak for
_ROWS: Final = 200_000  # read together


@dataclass(frozen=True)
class Subjects:
    """What can be spoken of, as one number each; they ascend by kind, category, and the number of the name.

    Attributes:
        catalogue: Categories, brands and products.
        points: Names of the selling points, by number.
        marks: Crowds and scenes.
    """

    catalogue: Catalogue
    points: tuple[str, ...]
    marks: Marks

    @property
    def _categories(self) -> int:
        return len(self.catalogue.categories) + 1

    @property
    def _names(self) -> int:
        return max(len(self.catalogue.names), len(self.points), len(self.marks.words), 1)

    def codes(self, kind: npt.NDArray[np.integer] | int, category: npt.NDArray[np.integer], name: Ints) -> Ints:
        """The numbers of some subjects; a category of -1 is none."""
        own = np.asarray(kind, np.int64) * self._categories + np.asarray(category, np.int64) + 1
        return own * self._names + name

    def kinds(self, codes: Ints) -> Ints:
        """Places in :data:`KINDS` of some numbers."""
        return codes // self._names // self._categories

    def of(self, code: int) -> Subject:
        """The subject of a number."""
        own, name = divmod(code, self._names)
        kind, category = divmod(own, self._categories)
        level = KINDS[kind]
        within = self.catalogue.categories[category - 1] if category else None
        if level == POINT:
            return Subject(level, within, self.points[name])
        if level in LEVELS:
            called = self.catalogue.names[name].name
            if level == PRODUCT:
                return Subject(level, within, self.catalogue.product_names[called], called)
            return Subject(level, within, called)
        return Subject(level, within, self.marks.words[name][1])


@dataclass(frozen=True)
class Subject:
    """Something that texts speak of.

    Attributes:
        level: One of :data:`KINDS`.
        category: Category of the texts; None: they have none.
        name: What it is called.
        product_id: Id of a product.
    """

    level: str
    category: str | None
    name: str
    product_id: str | None = None


@dataclass(frozen=True)
class Rows:
    """Mentions in order of subject, text, place: columns of equal length.

    Attributes:
        subject: Number of the subject.
        text: Number of the text.
        place, length: Where; in words of the segmented note, in characters of a query.
    """

    subject: Ints
    text: Ints
    place: Ints
    length: Ints


@dataclass
class Gathered:
    """Mentions as they are gathered.

    Args:
        database: Where those of notes wait.

    Attributes:
        subjects: What they are of; None until the market is known.
        queries: Those of queries.
    """

    database: duckdb.DuckDBPyConnection
    subjects: Subjects | None = field(default=None, init=False)
    queries: Rows | None = field(default=None, init=False)
    _notes: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        self.database.execute("CREATE TABLE notes (text BIGINT, note_id VARCHAR)")
        self.database.execute("CREATE TABLE heard (subject BIGINT, text BIGINT, place INTEGER, length INTEGER)")

    def add_notes(self, note_id: pa.Array, found: Rows) -> None:
        """Take the mentions of some notes, whose numbers are places in ``note_id``."""
        told = np.unique(found.text)
        if told.size == 0:
            return
        ids = note_id.take(pa.array(told)).cast(pa.string())
        self._insert("notes", pa.table([pa.array(told + self._notes), ids], ["text", "note_id"]))
        columns = [found.subject, found.text + self._notes, found.place.astype(np.int32), found.length.astype(np.int32)]
        self._insert("heard", pa.table(list(map(pa.array, columns)), ["subject", "text", "place", "length"]))
        self._notes += len(note_id)

    def _insert(self, table: str, rows: pa.Table) -> None:
        self.database.register("given", rows)
        self.database.execute(f"INSERT INTO {table} SELECT * FROM given")  # noqa: S608 - a table of this module
        self.database.unregister("given")

    def totals(self) -> dict[str, int]:
        """What a run's manifest says of the mentions."""
        (notes,) = self.database.execute("SELECT count(*) FROM heard").fetchall()[0]
        return {"notes": int(notes), "queries": 0 if self.queries is None else int(self.queries.text.size)}

    def note_ids(self) -> Iterator[pa.Array]:
        """The ids of all notes that speak of something, by code point."""
        for batch in self._read("SELECT note_id FROM notes ORDER BY note_id"):
            yield batch.column(0)

    def notes(self) -> Iterator[Rows]:
        """The mentions of notes in order, many at a time; a note's number is its place among :meth:`note_ids`."""
        ordered = """
            SELECT subject, place_of, place, length
            FROM heard JOIN (SELECT text, row_number() OVER (ORDER BY note_id) - 1 AS place_of FROM notes) USING (text)
            ORDER BY subject, place_of, place, length
        """
        for batch in self._read(ordered):
            yield Rows(*(column.to_numpy(zero_copy_only=False).astype(np.int64) for column in batch.columns))

    def _read(self, query: str) -> Iterator[pa.RecordBatch]:
        with self.database.cursor() as reading:
            yield from reading.sql(query).to_arrow_reader(_ROWS)


@contextmanager
def gathering() -> Iterator[Gathered]:
    """A place for the mentions of one analysis, gone at its end."""
    with private_db() as database:
        yield Gathered(database)


def sorted_rows(parts: Collection[tuple[Ints, Ints, Ints, Ints]]) -> Rows:
    """Mentions given as (subject, text, place, length) in order, each once."""
    columns = np.concatenate([np.empty((4, 0), np.int64), *(np.stack(part).astype(np.int64) for part in parts)], axis=1)
    columns = columns[:, np.lexsort(columns[::-1])]
    new = np.ones(columns.shape[1], bool)
    new[1:] = (columns[:, 1:] != columns[:, :-1]).any(axis=0)
    return Rows(*columns[:, new])
