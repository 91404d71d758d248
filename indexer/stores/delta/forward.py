"""The forward index of the notes: one file beside each data file of the table, made when it is first read.

A data file never changes, so neither does its index; new notes come in new files, and only those are indexed. The
folder can be deleted at any time. Where it can't be written (no right, no room), or the store is no directory, notes
are read as text.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Final
from uuid import uuid4

import pyarrow as pa

from indexer.stores.delta.faults import engine_faults
from indexer.stores.delta.rows import Rows
from indexer.stores.matching.forward import KEPT, SCHEMA, number_notes
from indexer.stores.matching.threads import processors

LOG: Final = logging.getLogger("gapfinder.stores")
FOLDER: Final = "forward"
_SUFFIX: Final = ".2.arrow"  # with the number of the layout
_MOST_AT_ONCE: Final = 4  # files that are indexed at once; each holds some kilobytes a note
_WRITING: Final = pa.ipc.IpcWriteOptions(compression="lz4", use_threads=False)


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

    def batches(self, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        """These columns (of ``KEPT``) of all notes; those of terms numbered, or as text where there is no index."""
        files = list(self._rows.files())
        missing = [data for data in files if not self._path(data).exists()]
        if missing:
            with ThreadPoolExecutor(min(_MOST_AT_ONCE, processors())) as pool:
                list(pool.map(self._make, missing))
        for data in files:
            indexed = self._opened(data, columns)
            yield from data.batches(columns) if indexed is None else indexed

    def sweep(self) -> None:
        """Delete the index files of data files that are no part of the table any more."""
        with suppress(OSError):
            needed = {self._path(data).name for data in self._rows.files()}
            for file in self._folder.iterdir():
                if file.name not in needed:
                    file.unlink(missing_ok=True)

    def _path(self, data: Rows) -> Path:
        return self._folder / (Path(data.uri).stem + _SUFFIX)

    def _opened(self, data: Rows, columns: Sequence[str]) -> Iterator[pa.RecordBatch] | None:
        """The batches of the index of a data file; None where there is none. A damaged one is made anew."""
        path = self._path(data)
        for _ in range(2):
            try:
                return _read(path, columns)
            except FileNotFoundError:
                return None
            except (OSError, pa.ArrowException):
                self._make(data)
        return None

    def _make(self, data: Rows) -> None:
        """Write the index of a data file, if that can be done."""
        try:
            _write(self._path(data), number_notes(data.batches(KEPT)))
        except (OSError, pa.ArrowException) as error:
            if not self._told:
                LOG.warning("the notes are read as text, since their index can't be kept: %s", error)
            self._told = True


def _write(path: Path, batches: Iterable[pa.RecordBatch]) -> None:
    """Write an index file; it is there whole or not at all."""
    path.parent.mkdir(exist_ok=True)
    unfinished = path.with_name(f".{path.name}.{uuid4().hex}")
    try:
        with pa.OSFile(str(unfinished), "wb") as sink, pa.ipc.new_file(sink, SCHEMA, options=_WRITING) as writer:
            for batch in batches:
                writer.write_batch(batch)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def _read(path: Path, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
    """The batches of an index file. One that is missing or cut short shows here, not while they are taken."""
    wanted = [SCHEMA.get_field_index(name) for name in columns]
    options = pa.ipc.IpcReadOptions(included_fields=sorted(wanted), use_threads=False)
    reader = pa.ipc.open_file(pa.memory_map(str(path)), options=options)

    def batches() -> Iterator[pa.RecordBatch]:
        for number in range(reader.num_record_batches):
            with engine_faults(str(path), "reading the index, which can be deleted,"):
                batch = reader.get_batch(number)
            yield batch.select(list(columns))

    return batches()
