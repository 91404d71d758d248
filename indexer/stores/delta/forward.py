"""The forward index of the notes: one file beside each data file of the table, made when it is first read.

A data file never changes, so neither does its index; new notes come in new files, and only those are indexed. The
folder can be deleted at any time. Where it can't be written (no right, no room), or the store is no directory, notes
are read as text.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from indexer.stores.delta.beside import arrow_file, index_path
from indexer.stores.delta.faults import engine_faults
from indexer.stores.delta.rows import Rows
from indexer.stores.matching.forward import DAY, KEPT, SCHEMA, known_frequencies, number_notes
from indexer.stores.threads import processors

LOG: Final = logging.getLogger("gapfinder.stores")
_MOST_AT_ONCE: Final = 4  # files that are indexed at once; each holds some kilobytes a note


class ForwardIndex:
    """Notes of a table as numbered terms.

    Args:
        folder: Where the index files lie.
        rows: The notes.
    """

    def __init__(self, folder: Path, rows: Rows) -> None:
        self._folder = folder
        self._rows = rows
        self._told = False

    def batches(
        self, columns: Sequence[str], *, files: Sequence[Rows] | None = None, days: tuple[date, date] | None = None
    ) -> Iterator[pa.RecordBatch]:
        """These columns (of ``KEPT``) of all notes; those of terms numbered, or as text where there is no index.

        Args:
            columns: Which columns.
            files: Of these data files only.
            days: Of notes published from the first day on and before the second only.
        """
        for data in self._made(list(self._rows.files()) if files is None else files):
            indexed = self._opened(data, columns, days)
            yield from data.batches(columns, days and (DAY, *days)) if indexed is None else indexed

    def frequencies(self, column: str, terms: Sequence[str]) -> npt.NDArray[np.int64] | None:
        """In how many notes each term stands, without a look at any; None where a file has no index."""
        asked, total = pa.array(terms, pa.string()), np.zeros(len(terms), np.int64)
        for data in self._made(list(self._rows.files())):
            try:
                with pa.OSFile(str(index_path(self._folder, data))) as source:
                    reader = _reader(source, [column])
                    if reader.num_record_batches:
                        dictionary = reader.get_batch(0).column(0).values.dictionary
                        total += known_frequencies(reader.schema, column, dictionary, asked)
            except (OSError, pa.ArrowException):
                return None
        return total

    def _made(self, files: Sequence[Rows]) -> Sequence[Rows]:
        """These data files, each with its index, if that can be had."""
        missing = [data for data in files if not index_path(self._folder, data).exists()]
        if missing:
            with ThreadPoolExecutor(min(_MOST_AT_ONCE, processors())) as pool:
                list(pool.map(self._make, missing))
        return files

    def _opened(
        self, data: Rows, columns: Sequence[str], days: tuple[date, date] | None
    ) -> Iterator[pa.RecordBatch] | None:
        """The batches of the index of a data file; None where there is none. A damaged one is made anew."""
        path = index_path(self._folder, data)
        for _ in range(2):
            try:
                return _read(path, columns, days)
            except FileNotFoundError:
                return None
            except (OSError, pa.ArrowException):
                self._make(data)
        return None

    def _make(self, data: Rows) -> None:
        """Write the index of a data file, if that can be done."""
        try:
            numbered = number_notes(data.batches(KEPT))
            with arrow_file(index_path(self._folder, data), numbered.schema) as file:
                for batch in numbered.batches:
                    file.write_batch(batch)
        except (OSError, pa.ArrowException) as error:
            if not self._told:
                LOG.warning("the notes are read as text, since their index can't be kept: %s", error)
            self._told = True


def _read(path: Path, columns: Sequence[str], days: tuple[date, date] | None) -> Iterator[pa.RecordBatch]:
    """The batches of an index file. One that is missing or cut short shows here, not while they are taken."""
    source = pa.OSFile(str(path))  # mapped, all that was read would count as memory of the process
    reader = _reader(source, columns)
    by_day = None if days is None else _reader(source, [DAY])

    def batches() -> Iterator[pa.RecordBatch]:
        for number in range(reader.num_record_batches):
            with engine_faults(str(path), "reading the index, which can be deleted,"):
                inside = None if by_day is None or days is None else _inside(by_day.get_batch(number)[0], days)
                if inside is not None and not pc.any(inside).as_py():
                    continue
                batch = reader.get_batch(number).select(list(columns)).replace_schema_metadata(None)
            yield batch if inside is None else batch.filter(inside)

    return batches()


def _reader(source: pa.NativeFile, columns: Sequence[str]) -> pa.RecordBatchFileReader:
    wanted = sorted(SCHEMA.get_field_index(name) for name in columns)
    return pa.ipc.open_file(source, options=pa.ipc.IpcReadOptions(included_fields=wanted, use_threads=False))


def _inside(day: pa.Array, days: tuple[date, date]) -> pa.Array:
    first, end = (pa.scalar(one, pa.date32()) for one in days)
    return pc.fill_null(pc.and_(pc.greater_equal(day, first), pc.less(day, end)), fill_value=False)
