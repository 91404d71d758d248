"""What a day costs: a store with an analysis gets one hundredth of its notes and searches more, and is analyzed again.

The full run is the same market imported into an empty store and analyzed there for the first time. That the day's
result is right is seen from a third analysis, after all that was kept has been deleted: it has to be the same run.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from benchmarks.speed.children import DifferentError, Work, alternating
from benchmarks.speed.part import Goal, Part
from benchmarks.synthetic import NOTES, SEARCHES, notes, searches, write
from gapfinder.analysis import analyze
from gapfinder.settings import Settings
from indexer.importer import import_files
from indexer.stores import open_store
from indexer.stores.contract import Store
from indexer.stores.delta.beside import COUNTS, FORWARD

SHARE: Final = 0.01
MOST: Final = 0.05
_DAY: Final = "a day"
_OF_NOTES: Final = ("import", "匹配内容供给：找出候选笔记")  # the steps that bring what is kept up to date
_WHY: Final = (
    "a day's notes and keywords are counted by themselves, but the window moves on by a day for all keywords, so that "
    "demand, intervals, outlook and evidence of each of them change, and the market part is made anew; writing the "
    "report of all of them is by itself more than a twentieth of a full run"
)
_WHY_COUNTING: Final = (
    "what is kept of the pairs of keywords and notes is read and merged whole, and keywords that the day made are "
    "counted over all notes"
)


def prepare(folder: Path, note_count: int, search_count: int) -> None:
    """Write the market as the files before the day and those of the day."""
    parts: tuple[tuple[str, pa.Schema, Callable[[], Iterator[pa.RecordBatch]], int], ...] = (
        ("notes", NOTES, lambda: notes(note_count), note_count),
        ("searches", SEARCHES, lambda: searches(search_count, note_count), search_count),
    )
    for name, schema, made, count in parts:
        before = count - int(count * SHARE)
        write(folder / f"{name}-before.parquet", schema, _rows(made(), 0, before))
        write(folder / f"{name}-day.parquet", schema, _rows(made(), before, count))


def _rows(batches: Iterator[pa.RecordBatch], first: int, end: int) -> Iterator[pa.RecordBatch]:
    """The rows from one number on to before another."""
    seen = 0
    for batch in batches:
        begin, stop = max(first - seen, 0), min(end - seen, len(batch))
        if begin < stop:
            yield batch.slice(begin, stop - begin)
        seen += len(batch)


def _files(folder: Path, part: str) -> list[Path]:
    return [folder / f"{name}-{part}.parquet" for name in ("notes", "searches")]


class _Clock:
    """Seconds of each step of an analysis, by its name."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._at, self._name = time.perf_counter(), ""

    def __call__(self, name: str) -> None:
        now = time.perf_counter()
        if self._name:
            self.seconds[self._name] = self.seconds.get(self._name, 0.0) + now - self._at
        self._at, self._name = now, name


def _imported(store: Store, files: Sequence[Path]) -> float:
    begun = time.perf_counter()
    import_files(store, files)
    return time.perf_counter() - begun


def _analyzed(store: Store, settings: Settings) -> tuple[str, dict[str, float]]:
    clock = _Clock()
    run = analyze(store, settings, name="day", step=clock).info.run
    clock("")
    return run, clock.seconds


def full(folder: Path) -> Work:
    """Everything for the first time; gives the seconds of its parts."""

    def work() -> dict[str, Any]:
        place = folder / "full"
        shutil.rmtree(place, ignore_errors=True)
        with open_store(str(place), create=True, salt="day") as store:
            imported = _imported(store, [*_files(folder, "before"), *_files(folder, "day")])
            _, steps = _analyzed(store, _settings(folder))
        return {"import": imported, **steps}

    return work


def day(folder: Path) -> Work:
    """The day, and the same analysis over again with nothing kept; gives the seconds of the parts of each."""
    place = folder / "daily"
    shutil.rmtree(place, ignore_errors=True)
    with open_store(str(place), create=True, salt="day") as store:
        _imported(store, _files(folder, "before"))
        _analyzed(store, _settings(folder))

    def work() -> dict[str, Any]:
        with open_store(str(place)) as store:
            imported = _imported(store, _files(folder, "day"))
            run, steps = _analyzed(store, _settings(folder))
            for kept in (FORWARD, COUNTS):
                shutil.rmtree(place / kept)
            again, anew = _analyzed(store, _settings(folder))
        if again != run:
            raise DifferentError(f"what was kept gives another run: {run} and {again}")
        return {"day": {"import": imported, **steps}, "anew": anew}

    return work


def _settings(folder: Path) -> Settings:
    return Settings.of(min_searches=int((folder / "min_searches").read_text(encoding="utf-8")))


def measure(folder: Path, note_count: int, search_count: int, min_searches: int) -> Part:
    """Time a full run and a day.

    Args:
        folder: For the files; empty.
        note_count: How many notes.
        search_count: How many searches.
        min_searches: What makes a query a keyword: fewer give more keywords.
    """
    prepare(folder, note_count, search_count)
    (folder / "min_searches").write_text(str(min_searches), encoding="utf-8")
    whole = alternating({"full": full}, folder, 1)["full"]
    daily = alternating({_DAY: day}, folder, 1)[_DAY]
    first, then, anew = whole.answer, daily.answer["day"], daily.answer["anew"]
    totals = [sum(part.values()) for part in (first, then, anew)]
    noted = [sum(part[name] for name in _OF_NOTES) for part in (first, then)]
    rows: list[Sequence[object]] = [
        (name, f"{first[name]:.1f}", f"{then.get(name, 0.0):.1f}", f"{anew.get(name, 0.0):.1f}") for name in first
    ]
    rows.append(("all", *(f"{total:.1f}" for total in totals)))
    return Part(
        about=f"Seconds of each step for {note_count:,} notes and {search_count:,} searches, and for a day of "
        f"{SHARE:.0%} of them. The last column is the day's analysis with nothing kept; it gave the same run, byte "
        "for byte.",
        columns=("step", "full run", "the day", "the same without what was kept"),
        rows=rows,
        goals=(
            Goal("a day's import and counts against all", noted[1] / noted[0], MOST, least=False, why=_WHY_COUNTING),
            Goal("a day against a full run, everything", totals[1] / totals[0], MOST, least=False, why=_WHY),
        ),
        figures={"full": asdict(whole), "day": asdict(daily)},
    )
