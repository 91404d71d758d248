"""A small made-up market: topics of their own words, notes about them, queries for them, in any store."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa

from gapfinder.calibration import Calibration, LogQueries, calibrate
from gapfinder.duplicates import find_duplicates
from gapfinder.settings import Settings
from gapfinder.vectors import train_neighbours
from gapfinder.window import Window
from indexer.dictionary import shipped_dictionary
from indexer.segment import query_key, segmenter_of
from indexer.stores.contract import SegmenterStamp, Snapshot, Store
from indexer.stores.memory import MemoryStore
from tests.contract.rows import FIRST_DAY, note, table

Row = dict[str, Any]

WINDOW = Window(FIRST_DAY, FIRST_DAY + timedelta(days=28))
NOTHING = pa.array([], pa.string())


@cache
def stamp() -> SegmenterStamp:
    """The stamp of this program's segmenter, so that an analysis takes the store."""
    return segmenter_of(shipped_dictionary()).stamp


def vocabulary(count: int) -> list[str]:
    """Made-up words of two characters."""
    random = np.random.default_rng(11)
    letters = [chr(0x4E00 + 7 * n) for n in range(400)]
    found: dict[str, None] = {}
    while len(found) < count:
        found["".join(random.choice(letters, 2))] = None
    return list(found)


def topics(count: int, words: int = 10) -> list[list[str]]:
    """Topics of so many words of their own."""
    known = vocabulary(count * words)
    return [known[words * n : words * (n + 1)] for n in range(count)]


def made_notes(count: int, about: Sequence[Sequence[str]], seed: int = 1) -> list[Row]:
    """Notes with a title of four words of a topic and a text of twelve, some of them of anything."""
    random = np.random.default_rng(seed)
    anything = [word for words in about for word in words]
    rows = []
    for number in range(count):
        own = about[int(random.integers(len(about)))]
        title = random.choice(own, 4, replace=False).tolist()
        body = [*random.choice(own, 5).tolist(), *random.choice(anything, 7).tolist()]
        random.shuffle(body)
        rows.append(note(f"n{number:05d}", " ".join(title), " ".join(body), headline=1, published_day=FIRST_DAY))
    return rows


def asked(count: int, about: Sequence[Sequence[str]], seed: int = 2) -> list[tuple[str, ...]]:
    """Queries of two or three words of a topic; no two of the same words."""
    random = np.random.default_rng(seed)
    found: dict[frozenset[str], tuple[str, ...]] = {}
    while len(found) < count:
        own = about[int(random.integers(len(about)))]
        terms = tuple(random.choice(own, int(random.integers(2, 4)), replace=False).tolist())
        found[frozenset(terms)] = terms
    return list(found.values())


def searches(queries: Iterable[Sequence[str]], times: int = 5, first: int = 0, **fields: Any) -> list[Row]:
    """Every query searched so many times, each time by another user on another day."""
    return [
        search_row(f"s{place:05d}-{n}", terms, user=f"u{n}", day=(place + n) % 28, **fields)
        for place, terms in enumerate(queries, first)
        for n in range(times)
    ]


def search_row(search_id: str, terms: Sequence[str], user: str | None = None, day: int = 0, **fields: Any) -> Row:
    """A search for these terms."""
    text = "".join(terms)
    return {
        "search_id": search_id,
        "query": text,
        "user_id": user,
        "searched_at": datetime(2026, 1, 1, 15, tzinfo=UTC) + timedelta(days=day),  # 23:00 in Shanghai
        "day": FIRST_DAY + timedelta(days=day),
        "query_norm": text,
        "query_terms": " ".join(terms),
        "query_key": query_key(list(terms)),
        **fields,
    }


def result(note_id: str, position: int = 1, **fields: Any) -> Row:
    """One result of a search."""
    return {"note_id": note_id, "position": position, **fields}


def filled(rows: Mapping[str, Sequence[Row]], store: Store | None = None, parts: int = 1) -> Store:
    """A store with these records, written in so many parts; in memory when none is given."""
    store = store or MemoryStore()
    with store.writer(holder="a test") as writer:
        for record, all_rows in rows.items():
            for part in range(parts):
                writer.write(record, table(record, all_rows[part::parts]))
        writer.publish(stamp())
    return store


def log_of(
    queries: Sequence[Sequence[str]], unsatisfied: Sequence[float] = (), known: Sequence[float] = ()
) -> LogQueries:
    """Queries as the log of a training, with their outcomes."""
    nothing = np.zeros(len(queries))
    return LogQueries(
        [tuple(terms) for terms in queries],
        [["".join(terms)] for terms in queries],
        nothing + 5,
        np.array(unsatisfied, np.float64) if len(unsatisfied) else nothing,
        np.array(known, np.float64) if len(known) else nothing,
    )


def calibrated(snapshot: Snapshot, log: LogQueries) -> Calibration:
    """The model of a snapshot."""
    neighbours = train_neighbours(snapshot, log.terms, [5] * len(log.terms))
    return calibrate(snapshot, neighbours, log, find_duplicates(snapshot, 0.8), WINDOW, Settings.of())
