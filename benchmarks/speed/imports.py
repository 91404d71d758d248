"""Rows a second that an import takes in, by record, format and processes; everything, up to the published snapshot."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any, Final

import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from benchmarks.speed.children import Way, Work, alternating
from benchmarks.speed.part import WAYS, Part, way_rows
from benchmarks.synthetic import NOTES, SEARCHES, notes, searches, write
from indexer.importer import import_files
from indexer.stores import open_store

FORMATS: Final = ("parquet", "jsonl", "csv")
_MANY: Final = {"note": "notes", "search": "searches"}
_NESTED: Final = ("tags", "results")  # columns that a CSV file can't hold, or only as text


def prepare(folder: Path, note_count: int, search_count: int) -> None:
    """Write notes and searches in all formats; CSV goes without result lists, and with tags as text."""
    for suffix in FORMATS[:2]:
        write(folder / f"note.{suffix}", NOTES, notes(note_count))
        write(folder / f"search.{suffix}", SEARCHES, searches(search_count, note_count))
    for record in ("note", "search"):
        table = pq.read_table(folder / f"{record}.parquet")
        kept = table.select([name for name in table.column_names if name not in _NESTED])
        pa_csv.write_csv(kept, folder / f"{record}.csv")


def _importing(record: str, suffix: str, processes: int, folder: Path) -> Work:
    store = folder / "store"
    shutil.rmtree(store, ignore_errors=True)

    def work() -> int:
        with open_store(str(store), create=True, salt="speed") as opened:
            report = import_files(opened, [folder / f"{record}.{suffix}"], processes=processes)
        return report.files[0].written

    return work


def way(record: str, suffix: str, processes: int) -> Way:
    """Import a file into an empty store."""
    made: Callable[[Path], Work] = partial(_importing, record, suffix, processes)
    return made


def measure(folder: Path, note_count: int, search_count: int, rounds: int) -> Part:
    """Time imports of notes and of searches."""
    prepare(folder, note_count, search_count)
    rows: list[Any] = []
    figures: dict[str, Any] = {}
    for record, count in (("note", note_count), ("search", search_count)):
        ways = {
            f"{_MANY[record]}, {suffix}, {told}": way(record, suffix, processes)
            for suffix in FORMATS
            for told, processes in (("1 process", 0), ("2 processes", 2))
        }
        taken = alternating(ways, folder, rounds)
        rows += way_rows(taken, lambda _, rows=count: rows, _MANY[record], list(ways)[-2])  # type: ignore[misc]
        figures |= {name: asdict(one) for name, one in taken.items()}
    return Part(
        about=f"{note_count:,} notes and {search_count:,} searches into an empty store; ratio: against CSV in one "
        "process.",
        columns=WAYS,
        rows=rows,
        figures=figures,
    )
