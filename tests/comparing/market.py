"""The sample market in two periods: the same habits, other people, and what a test changes in the second."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from gapfinder.analysis import analyze
from gapfinder.comparing import Comparison, compare
from gapfinder.runs import read_gaps
from gapfinder.samples import samples_folder
from gapfinder.settings import Settings
from indexer.importer import import_files
from indexer.stores import open_store
from indexer.stores.contract import Store

DAYS = 84
Row = dict[str, Any]


def as_it_was(row: Row) -> Row:
    """A search of the second period that goes as in the first."""
    return row


def write_log(path: Path, half: int, seed: str, change: Callable[[Row], Row] = as_it_was) -> str:
    """The searches of one half of the people; those of half 1 are made a period later.

    The second period is an independent sample of the same market: other people with the same habits.
    """
    with (
        gzip.open(samples_folder() / "searches.jsonl.gz", "rt", encoding="utf-8") as log,
        path.open("w", encoding="utf-8") as out,
    ):
        for line in log:
            row = json.loads(line)
            user = str(row.get("user_id"))
            at = str(row.get("searched_at"))
            if hashlib.sha256(f"{seed}{user}".encode()).digest()[0] % 2 != half or not at.startswith("2026-"):
                continue
            moved = datetime.fromisoformat(at) + timedelta(days=DAYS * half)
            row = {name: value for name, value in row.items() if name != "search_id"} | {
                "searched_at": moved.isoformat()
            }
            out.write(json.dumps(change(row) if half else row, ensure_ascii=False) + "\n")
    return str(path)


def two_periods(
    folder: Path, seed: str, change: Callable[[Row], Row] = as_it_was, notes: list[Row] | None = None
) -> Comparison:
    """The first period analyzed, then the second with what changed in it, and both compared."""
    with open_store(str(folder / "store"), create=True) as store:
        samples = samples_folder()
        files = [str(samples / "notes.jsonl.gz"), str(samples / "products.csv")]
        _import(store, [*files, write_log(folder / "first.jsonl", 0, seed)])
        before = analyze(store, Settings.of(), name="first").info
        more = []
        if notes:
            more.append(str(folder / "more.jsonl"))
            Path(more[0]).write_text(
                "".join(json.dumps(note, ensure_ascii=False) + "\n" for note in notes), encoding="utf-8"
            )
        _import(store, [*more, write_log(folder / "second.jsonl", 1, seed, change)])
        after = analyze(store, Settings.of(), name="second").info
        return compare(before, read_gaps(store, before), after, read_gaps(store, after))


def _import(store: Store, files: list[str]) -> None:
    import_files(store, files, processes=0, max_rejected=0.2)
