"""How many keywords a second are matched against all notes at once, and that the counts are right.

The counts are held against the plain way on a sample, and the speed against DuckDB, which joins terms to keywords. Both
get the same segmented notes; DuckDB counts matching notes only, the kernel everything of ``Matches``.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date
from typing import Any, Final

import duckdb
import numpy as np
import pyarrow as pa

from benchmarks.record import keep
from benchmarks.synthetic import notes, searches
from gapfinder.weights import weights_from
from indexer.dictionary import shipped_dictionary
from indexer.segment import segmenter_of
from indexer.stores.contract import Matches, TermQueries
from indexer.stores.matching import count_terms, match_notes, match_notes_plainly

NOTES: Final = (50_000, 200_000)
KEYWORDS: Final = 100_000
SAMPLE: Final = 2_000  # keywords for the slow ways
CHECKED: Final = 5_000  # notes for the plain way
_SINCE: Final = date(2026, 1, 1)
_COLUMNS: Final = ("matching", "phrase", "headline", "fresh", "engagement", "best_query", "best_weight")


def segmented(count: int) -> list[pa.RecordBatch]:
    """Notes as a store gives them to the kernel."""
    return [as_matched(batch) for batch in notes(count)]


def as_matched(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Raw notes segmented, as far as the kernel matches them."""
    segmenter = segmenter_of(shipped_dictionary())
    titles, contents = (segmenter.segment_all(batch.column(name).to_pylist()) for name in ("title", "content"))
    tags = batch.column("tags")
    flat = iter(segmenter.segment_all(tags.flatten().to_pylist()))
    own = [[next(flat) for _ in range(length)] for length in tags.value_lengths().to_pylist()]
    texts = list(zip(titles, contents, own, strict=True))
    columns = {
        "note_id": batch.column("note_id"),
        "text_terms": pa.array([[title, content, *tag] for title, content, tag in texts]),
        "headline_terms": pa.array([[title, *tag] for title, _, tag in texts]),
        "published_day": batch.column("published_at").cast(pa.date32()),
        "engagement": batch.column("likes"),
    }
    return pa.record_batch(columns)


def keywords(count: int) -> list[list[str]]:
    """The first distinct queries of the market that have terms, in the order in which they are searched."""
    segmenter = segmenter_of(shipped_dictionary())
    found: dict[tuple[str, ...], None] = {}
    for batch in searches(count * 60, 1):
        found.update((tuple(segmenter.query_terms(query)), None) for query in batch.column("query").to_pylist())
        found.pop((), None)
        if len(found) >= count:
            break
    return [list(terms) for terms in found][:count]


def weighed(batches: list[pa.RecordBatch], asked: list[list[str]]) -> TermQueries:
    """The keywords with weights ``round(1000 x idf)``."""
    terms = sorted({term for keyword in asked for term in keyword})
    total = sum(len(batch) for batch in batches)
    return TermQueries(asked, weights_from(terms, count_terms(iter(batches), terms), total))


def seconds(work: Callable[[], Any], times: int = 3) -> float:
    """The least time of a few runs."""
    taken = []
    for _ in range(times):
        started = time.perf_counter()
        work()
        taken.append(time.perf_counter() - started)
    return min(taken)


def by_duckdb(batches: list[pa.RecordBatch], asked: list[list[str]]) -> list[int]:
    """Number of matching notes of each keyword, by a join."""
    with duckdb.connect() as connection:
        connection.register("notes", pa.Table.from_batches(batches))
        rows = {
            "keyword": [keyword for keyword, terms in enumerate(asked) for _ in set(terms)],
            "term": [term for terms in asked for term in set(terms)],
            "needed": [len(set(terms)) for terms in asked for _ in set(terms)],
        }
        connection.register("asked", pa.table(rows))
        answer = connection.sql("""
            with held as (
                select distinct note_id, unnest(string_split(array_to_string(text_terms, ' '), ' ')) as term from notes
            ), matched as (
                select keyword, note_id from held join asked using (term)
                group by keyword, note_id, needed having count(*) = needed
            )
            select keyword, count(*) as n from matched group by keyword
        """).fetchall()
    counts = dict(answer)
    return [counts.get(keyword, 0) for keyword in range(len(asked))]


def check(batches: list[pa.RecordBatch], queries: TermQueries) -> None:
    """Hold the kernel against the plain way on some notes; raises ``AssertionError`` where they differ."""
    few = pa.Table.from_batches(batches)[:CHECKED].to_batches()
    plain, fast = (
        match(iter(few), queries, fresh_since=_SINCE, floor_per_mille=500, best=50)
        for match in (match_notes_plainly, match_notes)
    )
    assert all(np.array_equal(getattr(plain, name), getattr(fast, name)) for name in _COLUMNS)
    assert plain.best_note.equals(fast.best_note)


def measure(batches: list[pa.RecordBatch], asked: list[list[str]]) -> list[dict[str, Any]]:
    """Check the counts, then time each way over these notes."""
    queries = weighed(batches, asked)
    few = TermQueries(asked[:SAMPLE], queries.weights)
    check(batches, few)

    def match(of: TermQueries, threads: int | None, best: int) -> Matches:
        return match_notes(iter(batches), of, fresh_since=_SINCE, floor_per_mille=500, best=best, threads=threads)

    assert by_duckdb(batches, asked[:SAMPLE]) == match(few, None, 0).matching.tolist()
    ways = (
        ("everything, all processors", len(asked), seconds(lambda: match(queries, None, 50))),
        ("everything, 1 thread", len(asked), seconds(lambda: match(queries, 1, 50))),
        ("counts only, 1 thread", len(asked), seconds(lambda: match(queries, 1, 0))),
        ("DuckDB join, matching notes only", len(few), seconds(lambda: by_duckdb(batches, asked[:SAMPLE]), 1)),
    )
    size = sum(len(batch) for batch in batches)
    return [
        {
            "notes": size,
            "way": way,
            "keywords": asks,
            "seconds": round(took, 3),
            "keywords_per_second": int(asks / took),
        }
        for way, asks, took in ways
    ]


def main(scale: float = 1.0) -> None:
    """Measure at 50,000 and 200,000 notes (times ``scale``) with 100,000 keywords (times ``scale``)."""
    asked = keywords(int(KEYWORDS * scale))
    everything = pa.Table.from_batches(segmented(int(max(NOTES) * scale)))
    measured = [row for size in NOTES for row in measure(everything[: int(size * scale)].to_batches(), asked)]
    title = (
        "Keywords matched against all notes, encoding of the notes included; the counts equal those of the plain way."
    )
    rows = [
        [f"{row['notes']:,}", row["way"], f"{row['keywords']:,}", row["seconds"], f"{row['keywords_per_second']:,}"]
        for row in measured
    ]
    keep("kernel", title, {"ways": measured}, ["notes", "way", "keywords", "seconds", "keywords/s"], rows)
