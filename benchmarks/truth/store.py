"""Runs the product: notes and a search log are imported into a store of their own, analyzed, and the run is read."""

from __future__ import annotations

import tempfile
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final, cast

import numpy as np
import numpy.typing as npt
import orjson

from benchmarks.truth.data import Labelled, Note
from gapfinder.analysis import analyze, calibrate_anew
from gapfinder.results import Gap
from gapfinder.runs import load_run
from gapfinder.settings import Settings
from indexer.importer import import_files
from indexer.normalize import normalize
from indexer.stores import open_store

FIRST: Final = date(2025, 3, 3)
DAYS: Final = 28
WEEKS: Final = DAYS / 7
_PUBLISHED: Final = (FIRST - timedelta(days=1)).isoformat()
_SECONDS: Final = DAYS * 86_400
_TIMES: Final = 2_025  # seed of the times of searches

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Result:
    """A note in the list that a search showed."""

    note_id: str
    clicked: bool = False
    dwell_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Search:
    """One search; without results nothing is known of its outcome."""

    query: str
    results: tuple[Result, ...] | None = None


def once_each(data: Labelled) -> list[Search]:
    """Every query searched once, outcome unknown."""
    return [Search(query) for query in data.queries]


def analyzed(
    data: Labelled,
    searches: Iterable[Search],
    *,
    hidden: Collection[int] = (),
    keywords: Sequence[str] | None = None,
    labels: Mapping[str, bool] | None = None,
) -> dict[str, Gap]:
    """Import what is in sight, analyze it, and give the rows of the run by keyword.

    Every search stands for a need of its own here (``min_searches`` 1), since every query was judged by itself.
    """
    gone = frozenset(hidden)
    notes = [_note(note) for place, note in enumerate(data.notes) if place not in gone]
    with tempfile.TemporaryDirectory(prefix="truth-") as folder:
        log = _write(Path(folder) / "searches.jsonl", _rows(searches))
        supply = _write(Path(folder) / "notes.jsonl", notes)
        with open_store(str(Path(folder) / "store"), create=True, salt="truth") as store:
            for path, record in ((supply, "note"), (log, "search")):
                import_files(store, [path], record=record, processes=0, max_rejected=0.0)
            chosen = Settings.of(
                first=FIRST,
                end=FIRST + timedelta(days=DAYS),
                keywords=None if keywords is None else tuple(keywords),
                min_searches=1,
                min_searchers=1,
            )
            if labels is not None:
                calibrate_anew(store, chosen, labels=labels)
            analyze(store, chosen)
            return {gap["keyword"]: gap for gap in load_run(store).gaps}


def rows_of(run: dict[str, Gap], keywords: Iterable[str]) -> list[Gap]:
    """The row of each keyword, or of the keyword it was folded into.

    Raises:
        KeyError: The run has no such row.
    """
    folded = {variant["query"]: gap for gap in run.values() if gap["match"] == "exact" for variant in gap["variants"]}
    return [run[name] if name in run else folded[name] for name in map(normalize, keywords)]


def column(rows: Iterable[Gap], name: str) -> Floats:
    """A number of each row; NaN where a run of this version has no such field."""
    return np.array([_number(cast("dict[str, Any]", row).get(name)) for row in rows], np.float64)


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else float("nan")


def _note(note: Note) -> dict[str, str]:
    """A note written the day before the log begins, so that age plays no part; a title alone has no content."""
    row = {"note_id": note.note_id, "title": note.title, "content": note.content, "published_at": _PUBLISHED}
    return {name: value for name, value in row.items() if value}


def _rows(searches: Iterable[Search]) -> Iterator[dict[str, Any]]:
    """Each at a time of its own, so that the weeks of a query differ by chance alone."""
    random = np.random.default_rng(_TIMES)
    start = datetime(FIRST.year, FIRST.month, FIRST.day, tzinfo=UTC) - timedelta(hours=8)  # midnight in Shanghai
    for number, search in enumerate(searches):
        yield _row(number, search, start + timedelta(seconds=int(random.integers(_SECONDS))))


def _row(number: int, search: Search, at: datetime) -> dict[str, Any]:
    row: dict[str, Any] = {"search_id": f"s{number:07d}", "query": search.query, "searched_at": at.isoformat()}
    if search.results is not None:
        row["results"] = [
            {
                "note_id": result.note_id,
                "position": place,
                "clicked": result.clicked,
                "dwell_seconds": result.dwell_seconds,
            }
            for place, result in enumerate(search.results, 1)
        ]
    return row


def _write(path: Path, rows: Iterable[dict[str, Any]]) -> Path:
    with path.open("wb") as lines:
        lines.writelines(orjson.dumps(row) + b"\n" for row in rows)
    return path
