"""Counts of keywords kept beside the notes: the next snapshot counts only notes and keywords that are new to them.

What is kept is for one set of data files. Against the files of a later snapshot, notes came (in new files), changed
(the old form went, the new one came) or went; counts of keywords that were known are brought up to date, others are
counted over all notes. The folder can be deleted at any time; everything is counted in full then, with equal results.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Final, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from indexer.records import CONTENT_HASH, NOTE
from indexer.stores.contract import Matches, TermQueries
from indexer.stores.delta.beside import arrow_file
from indexer.stores.delta.forward import ForwardIndex
from indexer.stores.delta.rows import Rows
from indexer.stores.matching.kept import from_table, keys_of, plus, put_together, taken, to_table, without
from indexer.stores.matching.match import match_notes
from indexer.stores.matching.plan import I8

_MOST_CHANGED: Final = 0.25  # of the notes; beyond, counting all is quicker
_STAYS: Final = 2  # counts of so many times as many keywords are not given up for those at hand
_META: Final = b"gapfinder"
_LAYOUT: Final = ".2.arrow"  # with the number of the layout; in the first, ids of notes stood in no order


@dataclass(frozen=True, slots=True)
class Kept:
    """Counts that were kept.

    Attributes:
        files: Names of the data files that were counted.
        fresh_since: From which day on a note counted as fresh.
        keys: Of the keywords (see :func:`indexer.stores.matching.kept.keys_of`).
        matches: Their counts.
    """

    files: tuple[str, ...]
    fresh_since: date
    keys: pa.Array
    matches: Matches

    @classmethod
    def read(cls, path: Path) -> Self | None:
        """What a file holds; None where there is none, or it can't be used."""
        with suppress(OSError, pa.ArrowException, KeyError, ValueError), pa.memory_map(str(path)) as source:
            table = pa.ipc.open_file(source).read_all()
            about = json.loads(table.schema.metadata[_META])
            keys, matches = from_table(table)
            return cls(tuple(about["files"]), date.fromisoformat(about["fresh_since"]), keys, matches)
        return None

    def write(self, path: Path) -> None:
        """Keep this, where the place can be written."""
        about = {"files": self.files, "fresh_since": self.fresh_since.isoformat()}
        table = to_table(self.keys, self.matches).replace_schema_metadata({_META: json.dumps(about)})
        with suppress(OSError, pa.ArrowException), arrow_file(path, table.schema) as file:
            file.write_table(table)


@dataclass(frozen=True, slots=True)
class _Changes:
    """How the notes differ from those that were counted.

    Attributes:
        came, went: Files that hold notes that came and notes that went.
        came_ids, went_ids: Which of their notes those are; None: all.
    """

    came: Sequence[Rows]
    went: Sequence[Rows]
    came_ids: pa.Array | None
    went_ids: pa.Array | None


class Counter:
    """Counts keywords over the notes of one snapshot.

    Args:
        folder: Where counts are kept.
        rows: The notes.
        index: Their forward index.
    """

    def __init__(self, folder: Path, rows: Rows, index: ForwardIndex) -> None:
        self._folder = folder
        self._index = index
        self._files = {Path(data.uri).name: data for data in rows.files()}
        self._place = Path(rows.uri)

    def matches(
        self, columns: Sequence[str], queries: TermQueries, *, fresh_since: date, floor_per_mille: int, best: int
    ) -> Matches:
        """Statistics and best notes of all keywords; ``columns`` as :func:`match_notes` reads them."""
        path = self._folder / f"{columns[1]}-{floor_per_mille}-{best}{_LAYOUT}"
        count = _Counting(columns, fresh_since, floor_per_mille, best)
        kept = Kept.read(path)
        changes = None if kept is None else self._changes(kept)
        keys, files = keys_of(queries), tuple(self._files)
        if kept is None or changes is None:
            found = count(self._index.batches(columns), queries)
        else:
            found = self._brought_up(kept, changes, keys, queries, count)
        same = kept is not None and (kept.files, kept.fresh_since) == (files, fresh_since) and kept.keys.equals(keys)
        if kept is None or (not same and len(kept.keys) <= _STAYS * len(keys)):
            Kept(files, fresh_since, keys, found).write(path)
        return found

    def _changes(self, kept: Kept) -> _Changes | None:
        """How the notes changed since counts were kept; None where too much did, or nobody knows."""
        came = [data for name, data in self._files.items() if name not in kept.files]
        gone = [self._place / name for name in kept.files if name not in self._files]
        if not all(path.exists() for path in gone):
            return None
        went = [Rows.of_file(path, NOTE.schema) for path in gone]
        notes = sum(map(len, self._files.values()))
        if not went:
            return _Changes(came, (), None, None) if sum(map(len, came)) <= _MOST_CHANGED * notes else None
        before, after = _forms(went), _forms(came)
        came_ids = after[0].filter(pc.invert(pc.is_in(after[1], value_set=before[1])))
        went_ids = before[0].filter(pc.invert(pc.is_in(before[1], value_set=after[1])))
        if len(came_ids) + len(went_ids) > _MOST_CHANGED * notes:
            return None
        return _Changes(came, went, came_ids, went_ids)

    def _brought_up(
        self, kept: Kept, changes: _Changes, keys: pa.Array, queries: TermQueries, count: _Counting
    ) -> Matches:
        """The counts of all keywords from what was kept, what changed, and a full count of the rest."""
        place = pc.index_in(keys, value_set=kept.keys)
        known = np.flatnonzero(place.is_valid().to_numpy(zero_copy_only=False))
        asked = _selected(queries, known)
        found, again = self._changed(
            kept, changes, taken(kept.matches, place.drop_null().to_numpy().astype(np.int64)), asked, count
        )
        found = self._aged(kept.fresh_since, found, asked, count)
        sure = np.delete(np.arange(len(known)), again)
        rest = np.sort(np.concatenate([np.delete(np.arange(len(keys)), known), known[again]]))
        parts = [(known[sure], taken(found, sure) if len(again) else found)]
        if len(rest):
            parts.append((rest, count(self._index.batches(count.columns), _selected(queries, rest))))
        return put_together(parts, len(keys))

    def _changed(
        self, kept: Kept, changes: _Changes, found: Matches, asked: TermQueries, count: _Counting
    ) -> tuple[Matches, I8]:
        """The counts after notes came and went, and the keywords that have to be counted again."""
        as_kept = replace(count, fresh_since=kept.fresh_since)
        again = np.empty(0, np.int64)
        if changes.went_ids is not None and len(changes.went_ids):
            rows = _chosen(changes.went, count.columns, changes.went_ids)
            found, again = without(found, replace(as_kept, best=0)(rows, asked), changes.went_ids, count.best)
        if changes.came and (changes.came_ids is None or len(changes.came_ids)):
            rows = (
                self._index.batches(count.columns, files=changes.came)
                if changes.came_ids is None
                else _chosen(changes.came, count.columns, changes.came_ids)
            )
            found = plus(found, as_kept(rows, asked), count.best)
        return found, again

    def _aged(self, before: date, found: Matches, asked: TermQueries, count: _Counting) -> Matches:
        """The counts with fresh notes from another day on: those published in between are fresh no more, or again."""
        after = count.fresh_since
        if before == after or not len(asked):
            return found
        between = self._index.batches(count.columns, days=(min(before, after), max(before, after)))
        moved = replace(count, best=0)(between, asked).matching
        return replace(found, fresh=found.fresh + (moved if after < before else -moved))


@dataclass(frozen=True, slots=True)
class _Counting:
    """How notes are counted, apart from which."""

    columns: Sequence[str]
    fresh_since: date
    floor_per_mille: int
    best: int

    def __call__(self, batches: Iterator[pa.RecordBatch], queries: TermQueries) -> Matches:
        return match_notes(
            batches, queries, fresh_since=self.fresh_since, floor_per_mille=self.floor_per_mille, best=self.best
        )


def _selected(queries: TermQueries, numbers: I8) -> TermQueries:
    return TermQueries([queries.terms[number] for number in numbers.tolist()], queries.weights)


def _forms(files: Sequence[Rows]) -> tuple[pa.Array, pa.Array]:
    """The ids of notes, and id and content together."""
    read = [batch for data in files for batch in data.batches([NOTE.id_field, CONTENT_HASH])]
    schema = pa.schema([NOTE.schema.field(NOTE.id_field), NOTE.schema.field(CONTENT_HASH)])
    table = pa.Table.from_batches(read, schema).combine_chunks()
    ids, hashes = (table[name].combine_chunks() for name in schema.names)
    return ids, pc.binary_join_element_wise(ids, hashes, "\n")


def _chosen(files: Sequence[Rows], columns: Sequence[str], ids: pa.Array) -> Iterator[pa.RecordBatch]:
    """Notes of those ids, as text."""
    for data in files:
        for batch in data.batches(columns):
            yield batch.filter(pc.is_in(batch[NOTE.id_field], value_set=ids))
