"""Chunks of files turned into tables, here or in further processes, in order and with bounded memory."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from indexer.derive import derive
from indexer.dictionary import Dictionary
from indexer.errors import DataError
from indexer.reading.chunks import RawChunk, Rejected
from indexer.reading.convert import raw_rows
from indexer.reading.recognise import Plan
from indexer.segment import segmenter_of

_AHEAD: Final = 2  # chunks waiting for each process


@dataclass(frozen=True, slots=True)
class Job:
    """What every chunk of a table is done with."""

    plan: Plan
    salt: str
    searched_at: date | None


@dataclass(frozen=True, slots=True)
class Prepared:
    """A chunk as rows of a record.

    Attributes:
        table: The whole record; raw fields only where the rows are still to be merged into others.
        lines: Line of each row of ``table``.
        made_ids: Which rows had no id of their own.
        rejected: Rows that were not taken.
        unknown: Columns that were not understood.
        passed: Rows that are no records.
    """

    table: pa.Table
    lines: npt.NDArray[np.int64]
    made_ids: npt.NDArray[np.bool_]
    rejected: list[Rejected]
    unknown: list[str]
    passed: int

    @property
    def read(self) -> int:
        """Rows that claim to be records."""
        return len(self.lines) + len(self.rejected)


def prepare(chunk: RawChunk, job: Job, dictionary: Dictionary) -> Prepared:
    """Parse, convert, check, hash, segment and sketch a chunk."""
    rows = raw_rows(chunk, job.plan, job.salt, job.searched_at)
    form = job.plan.format
    if form is not None and form.merge:
        return Prepared(rows.table, rows.lines, rows.made_ids, rows.rejected, rows.unknown, rows.passed)
    table, refused = derive(job.plan.record, rows.table, segmenter_of(dictionary))
    keep = np.delete(np.arange(len(rows.lines)), sorted(refused))
    if refused:
        raw = rows.table.take(pa.array(sorted(refused))).to_pylist()
        for row, index in zip(raw, sorted(refused), strict=True):
            told = {name: cell for name, cell in row.items() if cell is not None}
            rows.rejected.append(Rejected(int(rows.lines[index]), refused[index], told))
    return Prepared(table, rows.lines[keep], rows.made_ids[keep], rows.rejected, rows.unknown, rows.passed)


class Workers:
    """Prepares chunks in order; with more than one process the machine's cores share the work.

    Args:
        dictionary: What the segmenter adds to its own words.
        processes: How many processes beside this one; 0 prepares here.
    """

    def __init__(self, dictionary: Dictionary, processes: int) -> None:
        self._dictionary = dictionary
        self._processes = processes
        self._pool: ProcessPoolExecutor | None = None

    def prepared(self, chunks: Iterator[RawChunk], job: Job) -> Iterator[Prepared]:
        """Each chunk prepared, in order; only a few are under way at a time."""
        if self._processes < 1:
            for chunk in chunks:
                yield prepare(chunk, job, self._dictionary)
            return
        if self._pool is None:
            context = multiprocessing.get_context("spawn")
            self._pool = ProcessPoolExecutor(self._processes, context, _begin, (self._dictionary,))
        under_way: deque[Future[Prepared]] = deque()
        try:
            for chunk in chunks:
                with _uninterrupted():
                    under_way.append(self._pool.submit(_prepare, chunk, job))
                if len(under_way) > self._processes * _AHEAD:
                    yield under_way.popleft().result()
            while under_way:
                yield under_way.popleft().result()
        except BrokenProcessPool as error:
            raise DataError(
                "a process that segments text was ended from outside", hint="is there enough memory? try --processes 0"
            ) from error
        finally:
            for future in under_way:
                future.cancel()

    def close(self) -> None:
        """End the processes."""
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
            self._pool = None


@contextmanager
def workers(dictionary: Dictionary, processes: int) -> Iterator[Workers]:
    """Workers that end with the block."""
    made = Workers(dictionary, processes)
    try:
        yield made
    finally:
        made.close()


def default_processes(total_bytes: int) -> int:
    """Processes for files of that size together: none for small ones, which are done before a process has started."""
    return min(os.cpu_count() or 1, 8) if total_bytes > _SMALL else 0


_SMALL: Final = 24 << 20
_own: list[Dictionary] = []


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Ctrl-C waits for the end of the block; processes begun inside never see it, since their parent ends them."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _begin(dictionary: Dictionary) -> None:
    threading.Thread(target=_end_with_parent, name="gapfinder-parent", daemon=True).start()
    pa.set_cpu_count(1)
    _own.append(dictionary)
    segmenter_of(dictionary)


def _end_with_parent() -> None:
    """End this process when its parent is gone, however that ended: nobody would ever give it work again."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)


def _prepare(chunk: RawChunk, job: Job) -> Prepared:
    return prepare(chunk, job, _own[0])
