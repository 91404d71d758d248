"""The import: every file checked, segmented and written, and all of it published at once at the end."""

from __future__ import annotations

import getpass
import os
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa

from indexer import identity
from indexer.derive import derive
from indexer.dictionary import Dictionary
from indexer.errors import DataError, UsageError
from indexer.importing.merge import merge_searches
from indexer.importing.report import FileReport, ImportReport, InOrder, Progress, Quiet
from indexer.importing.vocabulary import (
    Words,
    catalogue_words,
    check_stamp,
    file_words,
    has_text,
    store_dictionary,
    user_words,
    waiting_words,
)
from indexer.importing.work import Job, Prepared, Workers, default_processes, workers
from indexer.quarantine import Quarantine, printable, quarantine_folder
from indexer.reading.chunks import Rejected
from indexer.reading.compression import Source
from indexer.reading.convert import raw_rows
from indexer.reading.files import Table, open_tables
from indexer.reading.jsonl import JsonReader
from indexer.reading.personal import folded_name
from indexer.reading.recognise import Recogniser
from indexer.reading.times import SHANGHAI, horizon
from indexer.records import RECORDS
from indexer.segment import segmenter_of
from indexer.stores.contract import Manifest, Store, Writer, WriteResult

MAX_REJECTED: Final = 0.05
_WRITE_ROWS: Final = 100_000
_WRITE_BYTES: Final = 96 << 20
_REASONS: Final = 20
_NUMBERS: Final = {2: "two", 3: "three"}
# Products bring the dictionary's words, queries must be there before the events that name them.
_FIRST: Final = {"product": 0}
_LAST: Final = {"OpenSearch UBI events": 2}


@dataclass(slots=True)
class _Input:
    """One table to import, with its report and what of it waits to be written."""

    source: Source
    table: Table
    report: FileReport
    occurrences: identity.Occurrences = field(default_factory=identity.Occurrences)
    waiting: list[Prepared] = field(default_factory=list)

    @property
    def merges(self) -> bool:
        form = self.table.plan.format
        return form is not None and form.merge


def import_files(
    store: Store,
    files: Sequence[str | Path],
    *,
    record: str | None = None,
    mapping: Mapping[str, str] | None = None,
    encoding: str | None = None,
    searched_at: date | None = None,
    max_rejected: float = MAX_REJECTED,
    dictionary_paths: Sequence[Path] = (),
    processes: int | None = None,
    progress: Progress | None = None,
    wait_seconds: float = 0.0,
) -> ImportReport:
    """Import files into a store; nothing is visible before all of it is.

    Args:
        store: Where to.
        files: Paths; ``-`` is standard input.
        record: What the rows are, when the columns don't tell.
        mapping: Their column to our field.
        encoding: Of text files; None finds it.
        searched_at: The day of searches without a time.
        max_rejected: Largest share of rows that may be bad.
        dictionary_paths: Dictionary files for the segmenter.
        processes: How many processes segment; None decides by the size of the files, 0 uses this one only.
        progress: Is told how it goes on.
        wait_seconds: How long to wait for another writer.

    Raises:
        UsageError: A file is missing or not recognised, searches have no time and no day is given.
        DataError: A file can't be read, too many rows are bad, or the store was cut by another segmenter.
        StoreError: The store can't be written, or somebody else writes (``StoreBusyError``).
    """
    if not files:
        raise UsageError("there is no file to import")
    if not 0 <= max_rejected <= 1:
        raise UsageError(f"--max-rejected is {max_rejected:g}, but must be from 0 to 1")
    if searched_at is not None and datetime.combine(searched_at, time(), SHANGHAI) >= horizon():
        raise UsageError(f"--searched-at {searched_at} lies in the future", hint="give the day of the searches")
    shown = InOrder(progress or Quiet())
    recogniser = Recogniser(record, mapping)
    with ExitStack() as stack:
        inputs = _open(stack, files, recogniser, encoding, shown)
        _check_mapping(inputs, recogniser)
        _check_times(inputs, searched_at)
        manifest = store.manifest()
        check_stamp(manifest)
        words, notes = _words(store, manifest, inputs, dictionary_paths)
        dictionary = store_dictionary(None).extended(words)
        size = sum({one.source.name: one.source.size for one in inputs}.values())
        count = default_processes(size) if processes is None else processes
        folder = quarantine_folder(store.url)
        quarantine = stack.enter_context(Quarantine(folder, store.info.salt))
        writer = stack.enter_context(store.writer(holder=_holder(), wait_seconds=wait_seconds))
        crew = stack.enter_context(workers(dictionary, count))
        run = _Run(
            writer,
            crew,
            dictionary=dictionary,
            quarantine=quarantine,
            salt=store.info.salt,
            searched_at=searched_at,
            progress=shown,
        )
        last = {one.source.name: one for one in inputs}
        for one in inputs:
            run.take(one)
            if last[one.source.name] is one:
                shown.end(one.source.name)
        reports = tuple(one.report for one in inputs)
        _check_rejected(reports, max_rejected, quarantine)
        published = writer.publish(segmenter_of(dictionary).stamp, words)
        return ImportReport(reports, published.name, quarantine.path, tuple(notes))


def _open(
    stack: ExitStack, files: Sequence[str | Path], recogniser: Recogniser, encoding: str | None, progress: Progress
) -> list[_Input]:
    inputs: list[_Input] = []
    for path in files:
        source = Source(path)
        stack.callback(source.close)

        def advance(count: int, name: str = source.name) -> None:
            progress.advance(name, read_bytes=count)

        for table in open_tables(source, recogniser, encoding, advance):
            report = FileReport(table.reader.name, table.plan.record, table.plan.form, notes=list(table.notes))
            inputs.append(_Input(source, table, report))
    return sorted(inputs, key=lambda one: (_FIRST.get(one.table.plan.record, 1), _LAST.get(one.table.plan.form, 1)))


def _check_mapping(inputs: Sequence[_Input], recogniser: Recogniser) -> None:
    """A misspelt ``--map`` must not be passed over, nor may it give a field two columns.

    Only JSON may have columns that its first rows don't show.
    """
    for one in inputs:
        header = one.table.reader.header
        mapped = {recogniser.mapping[folded_name(name)] for name in header if folded_name(name) in recogniser.mapping}
        for ours in sorted(mapped):
            twins = [name for name in header if any(to.field == ours for to in one.table.plan.targets(name) or ())]
            if len(twins) > 1:
                raise UsageError(
                    f"{one.table.reader.name}: {_NUMBERS.get(len(twins), len(twins))} columns are mapped to {ours}: "
                    + printable(", ".join(twins), 600),
                    hint="map only one of them, and the other to another field or rename it",
                )
    if any(isinstance(one.table.reader, JsonReader) for one in inputs):
        return
    there = {folded_name(name) for one in inputs for name in one.table.reader.header}
    for name in recogniser.mapping:
        if name not in there:
            shown = printable(", ".join(inputs[0].table.reader.header), 600)
            raise UsageError(f"--map: no column is called {printable(name)!r}", hint=f"columns: {shown}")


def _check_times(inputs: Sequence[_Input], searched_at: date | None) -> None:
    for one in inputs:
        plan, reader = one.table.plan, one.table.reader
        if plan.record == "search" and searched_at is None and "searched_at" not in plan.fields(reader.header):
            raise UsageError(
                f"{reader.name}: the searches have no time",
                hint="say on which day they were made with --searched-at DATE, "
                "or import them as keyword figures with --as volume",
            )


def _words(
    store: Store, manifest: Manifest | None, inputs: Sequence[_Input], paths: Sequence[Path]
) -> tuple[Words, list[str]]:
    """The user's words for this import: fixed once a store holds text, else collected from all that is known."""
    products = (
        raw_rows(chunk, one.table.plan, store.info.salt, None).table
        for one in inputs
        if one.table.plan.record == "product"
        for chunk in one.table.reader.chunks()
    )
    catalogue = list(catalogue_words(products))
    files = list(file_words(paths))
    if manifest is None or not has_text(manifest):
        return user_words(catalogue, manifest.words if manifest is not None else (), files), []
    waiting = waiting_words(manifest, catalogue, files)
    notes = [f"{waiting} words of the catalogue take effect when the store is segmented anew: gapfinder reindex"]
    return manifest.words, notes if waiting else []


class _Run:
    """One import under way."""

    def __init__(
        self,
        writer: Writer,
        crew: Workers,
        *,
        dictionary: Dictionary,
        quarantine: Quarantine,
        salt: str,
        searched_at: date | None,
        progress: Progress,
    ) -> None:
        self._writer = writer
        self._crew = crew
        self._dictionary = dictionary
        self._quarantine = quarantine
        self._salt = salt
        self._searched_at = searched_at
        self._progress = progress

    def take(self, one: _Input) -> None:
        """Import one table."""
        report = one.report
        self._progress.begin(one.source.name, one.source.size)
        job = Job(one.table.plan, self._salt, self._searched_at)
        rows = size = passed = 0
        for prepared in self._crew.prepared(one.table.reader.chunks(), job):
            report.read += prepared.read
            passed += prepared.passed
            self._reject(one, prepared.rejected)
            report.unknown_columns += [name for name in prepared.unknown if name not in report.unknown_columns]
            if len(prepared.lines):
                one.waiting.append(prepared)
                rows += len(prepared.lines)
                size += prepared.table.nbytes
            if rows >= _WRITE_ROWS or size >= _WRITE_BYTES:
                self._write(one)
                rows = size = 0
            self._progress.advance(one.source.name, rows=prepared.read)
        self._write(one)
        if passed:
            report.notes.append(f"{passed:,} rows that are no records were passed over")
        if not report.read:
            report.notes.append("there is no row in it")

    def _reject(self, one: _Input, rejected: Sequence[Rejected]) -> None:
        report = one.report
        self._quarantine.add(report.file, rejected)
        report.rejected += len(rejected)
        if rejected and report.first_rejected is None:
            report.first_rejected = min(bad.line for bad in rejected)
        for bad in rejected:
            if bad.reason in report.reasons or len(report.reasons) < _REASONS:
                report.reasons[bad.reason] = report.reasons.get(bad.reason, 0) + 1

    def _write(self, one: _Input) -> None:
        """Write what waits; a row that repeats another of the table counts as unchanged."""
        if not one.waiting:
            return
        table = pa.concat_tables([prepared.table for prepared in one.waiting])
        lines = np.concatenate([prepared.lines for prepared in one.waiting])
        made = np.concatenate([prepared.made_ids for prepared in one.waiting])
        one.waiting.clear()
        record = RECORDS[one.table.plan.record]
        if one.merges:
            self._write_merged(one, table, lines)
            return
        if record.name == "search" and made.any():
            table = self._numbered(one, table, made)
        result = self._writer.write(record.name, table)
        self._count(one, result, len(table), table, lines)

    def _numbered(self, one: _Input, table: pa.Table, made: np.ndarray) -> pa.Table:
        ids = table["search_id"].combine_chunks()
        numbers = np.zeros(len(table), np.int64)
        numbers[made] = one.occurrences.number(ids.filter(pa.array(made)))
        place = table.column_names.index("search_id")
        return table.set_column(place, table.schema.field(place), identity.numbered_ids(ids, numbers, self._salt))

    def _write_merged(self, one: _Input, new: pa.Table, lines: np.ndarray) -> None:
        known = self._writer.existing("search", sorted(set(new["search_id"].to_pylist())))
        merged, places, whole = merge_searches(new, known)
        orphans = np.flatnonzero(~whole[places])
        reason = "no search with that query_id is known: import the queries before or with the events"
        self._reject(
            one, [Rejected(int(lines[index]), reason, new.slice(index, 1).to_pylist()[0]) for index in orphans.tolist()]
        )
        table, refused = derive("search", merged.filter(pa.array(whole)), segmenter_of(self._dictionary))
        numbers = np.flatnonzero(whole)
        bad = {int(numbers[index]): why for index, why in refused.items()}
        refused_rows = [index for index in range(len(lines)) if int(places[index]) in bad]
        self._reject(
            one, [Rejected(int(lines[n]), bad[int(places[n])], new.slice(n, 1).to_pylist()[0]) for n in refused_rows]
        )
        taken = len(lines) - len(orphans) - len(refused_rows)
        if not len(table):
            one.report.unchanged += taken
            return
        first_line = np.full(len(merged), 0, np.int64)
        first_line[places[::-1]] = lines[::-1]
        table_lines = np.delete(first_line[whole], sorted(refused))
        result = self._writer.write("search", table)
        self._count(one, result, taken, table, table_lines)

    def _count(self, one: _Input, result: WriteResult, rows: int, table: pa.Table, lines: np.ndarray) -> None:
        """Book a write of ``rows`` rows; what is neither new nor refused changed nothing."""
        record = RECORDS[one.table.plan.record]
        if result.rejected:
            reasons = dict(result.rejected)
            ids = table[record.id_field].to_pylist()
            places = [index for index, key in enumerate(ids) if key in reasons]
            raw = table.select([name.name for name in record.raw_fields if name.name in table.column_names])
            bad = [Rejected(int(lines[n]), reasons[ids[n]], raw.slice(n, 1).to_pylist()[0]) for n in places]
            self._reject(one, bad)
            rows -= len(bad)
        one.report.written += result.written
        one.report.unchanged += rows - result.written


def _check_rejected(reports: Sequence[FileReport], max_rejected: float, quarantine: Quarantine) -> None:
    read = sum(report.read for report in reports)
    rejected = sum(report.rejected for report in reports)
    if rejected > max_rejected * read:
        where = next(report for report in reports if report.rejected)
        why = max(where.reasons.items(), key=lambda reason: reason[1], default=("", 0))[0]
        raise DataError(
            f"{rejected:,} of {read:,} rows are bad, more than {max_rejected:.0%}; nothing was imported. "
            f"The first is {where.file}:{where.first_rejected}; most often: {why}",
            hint=f"they are in {quarantine.path}; mend them or allow more with --max-rejected",
        )


def _holder() -> str:
    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # no such user in a container
        user = str(os.getuid())
    return f"import by {user}, process {os.getpid()}"
