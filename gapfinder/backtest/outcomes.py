"""What became of a new note: its reads against what its author's notes usually get.

Authors differ far more than keywords do, and better ones choose better subjects. So a note is compared with its own
author's usual level: the median reads of the author's notes from before the day, whose figures were taken when they
were at least four weeks old. Where an author has fewer than two of them, the median that came with the creator stands;
else the note has no outcome. The level is not drawn towards the average of all: that would leave a part of every good
author's level in the outcome, which is what it is there to take out.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final, Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from gapfinder.past import midnight
from indexer.records import NOTE
from indexer.stores.contract import Snapshot

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

RIPE_DAYS: Final = 28  # reads of a note that old hardly grow any more
OWN_NOTES: Final = 2  # older notes that make a usual level
NOBODY: Final = -1
_EPOCH: Final = date(1970, 1, 1)
_COLUMNS: Final = ("note_id", "author_id", "published_at", "published_day", "reads", "updated_at")
_DAY: Final = 86_400_000_000  # microseconds


@dataclass(frozen=True)
class Readings:
    """All dated notes that came with reads, sorted by id; columns of equal length.

    Attributes:
        note_id: Their ids.
        author: Number of the author, by code point of the (hashed) id; ``NOBODY`` where unknown.
        day: Day of publishing since 1970.
        age: Age in days when the figures were taken; where that was not brought, its age at the end of the log.
        reads: Reads.
        authors: Ids of the authors.
        undated: Notes whose figures carry no time.
    """

    note_id: pa.Array
    author: Ints
    day: Ints
    age: Floats
    reads: Floats
    authors: list[str]
    undated: int

    @classmethod
    def of(cls, snapshot: Snapshot, end: date) -> Self:
        """Read them from a whole snapshot; ``end`` is the day after the last of the log."""
        batches = [
            batch.filter(pc.and_(pc.is_valid(batch["reads"]), pc.is_valid(batch["published_at"])))
            for batch in snapshot.scan("note", _COLUMNS)
        ]
        schema = pa.schema([NOTE.schema.field(name) for name in _COLUMNS])
        read = pa.Table.from_batches(batches, schema).sort_by("note_id").combine_chunks()
        authors = sorted(pc.unique(read["author_id"].drop_null()).to_pylist())
        author = pc.fill_null(pc.index_in(read["author_id"], value_set=pa.array(authors, pa.string())), NOBODY)
        published = read["published_at"].cast(pa.int64()).to_numpy()
        taken = read["updated_at"].cast(pa.int64())
        at_end = int(midnight(end).timestamp()) * 1_000_000
        age = (pc.fill_null(taken, at_end).to_numpy() - published) / _DAY
        return cls(
            note_id=read["note_id"].combine_chunks(),
            author=author.to_numpy().astype(np.int64),
            day=read["published_day"].cast(pa.int32()).to_numpy().astype(np.int64),
            age=np.maximum(age, 0.0),
            reads=read["reads"].to_numpy().astype(np.float64),
            authors=authors,
            undated=taken.null_count,
        )

    def place(self, note_ids: pa.Array) -> Ints:
        """Row of each note; ``NOBODY`` where it has no reads."""
        found = pc.fill_null(pc.index_in(note_ids, value_set=self.note_id), NOBODY)
        rows: Ints = found.to_numpy(zero_copy_only=False).astype(np.int64)
        return rows

    def older(self, day: date) -> npt.NDArray[np.bool_]:
        """Notes from before the day whose reads have come in: what usual levels and topics are judged by."""
        older: npt.NDArray[np.bool_] = (self.day < (day - _EPOCH).days) & (self.age >= RIPE_DAYS)
        return older

    def usual(self, day: date, creators: dict[str, float]) -> Floats:
        """Usual reads of each author at a day; NaN where nothing tells.

        Args:
            day: Only notes from before it count.
            creators: Median reads of creators by id, for authors with fewer than two older notes.
        """
        level = np.array([creators.get(name, np.nan) for name in self.authors])
        rows = np.flatnonzero(self.older(day) & (self.author != NOBODY))
        rows = rows[np.lexsort((self.reads[rows], self.author[rows]))]
        count = np.bincount(self.author[rows], None, len(self.authors))
        enough = np.flatnonzero(count >= OWN_NOTES)
        start = (np.cumsum(count) - count)[enough]
        lower, upper = start + (count[enough] - 1) // 2, start + count[enough] // 2
        level[enough] = (self.reads[rows[lower]] + self.reads[rows[upper]]) / 2
        return level


def creator_levels(snapshot: Snapshot) -> dict[str, float]:
    """Median reads of each creator who came with one."""
    found: dict[str, float] = {}
    if snapshot.count("creator"):
        for batch in snapshot.scan("creator", ("creator_id", "median_reads")):
            known = batch.filter(pc.is_valid(batch["median_reads"]))
            found.update(zip(known["creator_id"].to_pylist(), known["median_reads"].to_pylist(), strict=True))
    return found


@dataclass(frozen=True)
class Outcomes:
    """Outcomes of new notes; one entry a note that was given.

    Attributes:
        outcome: ln(1 + reads) minus ln(1 + its author's usual reads); NaN where either is unknown or the note is left
            out.
        author: Number of the author.
        age: Age in days at which its reads were counted.
        compared: ``at_28_days`` when only ripe notes count, ``at_like_ages`` when age joins what is matched.
        without_reads, without_level, too_young: Notes left out, and why.
    """

    outcome: Floats
    author: Ints
    age: Floats
    compared: str
    without_reads: int
    without_level: int
    too_young: int


RIPE: Final = "at_28_days"
LIKE_AGES: Final = "at_like_ages"
_MOSTLY: Final = 0.8  # share of ripe notes from which the others are left out
_YOUNGEST: Final = 1.0  # days; the reads of younger notes say nothing yet


def outcomes_of(readings: Readings, note_ids: pa.Array, day: date, creators: dict[str, float]) -> Outcomes:
    """Outcomes of new notes.

    Reads are compared at 28 days where four of five of the notes with reads are that old; else all notes from one day
    on count, and their age is one of the things that keywords are matched by.

    Args:
        readings: All notes with reads.
        note_ids: The new notes.
        day: The day before which an author's other notes count.
        creators: Median reads of creators by id.
    """
    place = readings.place(note_ids)
    known = place != NOBODY
    author = np.where(known, readings.author[place] if readings.author.size else NOBODY, NOBODY)
    age = np.where(known, readings.age[place] if readings.age.size else 0.0, 0.0)
    ripe = known & (age >= RIPE_DAYS)
    compared = RIPE if known.any() and ripe.sum() >= _MOSTLY * known.sum() else LIKE_AGES
    old_enough = ripe if compared == RIPE else known & (age >= _YOUNGEST)
    levels = np.append(readings.usual(day, creators), np.nan)  # the last one is that of NOBODY
    level = levels[author]
    reads = np.where(known, readings.reads[place] if readings.reads.size else 0.0, 0.0)
    usable = old_enough & ~np.isnan(level)
    outcome = np.where(usable, np.log1p(reads) - np.log1p(np.nan_to_num(level)), np.nan)
    return Outcomes(
        outcome=outcome,
        author=author,
        age=age,
        compared=compared,
        without_reads=int((~known).sum()),
        without_level=int((old_enough & np.isnan(level)).sum()),
        too_young=int((known & ~old_enough).sum()),
    )
