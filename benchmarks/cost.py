"""What it costs to trust the numbers: a whole first analysis beside the plain counts of the same notes and keywords.

The plain counts are what a first run without any of this would be: the notes are segmented, and for every keyword the
notes that match, the phrases and the ten best notes are counted in one pass. The analysis is everything: demand,
folding, synonyms, the content model learned from scratch, candidates by words and characters, probabilities, intervals,
kinds, trends, evidence, and the stored run. Both are timed in one process on the same machine, one after the other; the
analysis reads a store, so importing the notes into it is shown beside.

How cost grows is measured with half of the notes and with half of the keywords.

    python -m benchmarks cost --scale 0.1
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import date
from math import log2
from pathlib import Path
from typing import Any, Final

import orjson
import pyarrow as pa

from benchmarks.record import keep
from benchmarks.synthetic import write_market
from gapfinder.analysis import analyze
from gapfinder.settings import Settings
from gapfinder.weights import weights_from
from indexer.dictionary import shipped_dictionary
from indexer.importer import import_files
from indexer.segment import segmenter_of
from indexer.stores import open_store
from indexer.stores.contract import Store, TermQueries
from indexer.stores.matching import count_terms, match_notes

NOTES: Final = 200_000
KEYWORDS: Final = 100_000
SEARCHES_A_KEYWORD: Final = 6
LIMIT: Final = 8.0  # times the plain counts
MOST_GROWTH: Final = 1.05
_CHUNK: Final = 5_000
_FRESH: Final = date(2026, 1, 1)


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds of one size."""

    notes: int
    keywords: int
    segment: float
    count: float
    imported: float
    analysis: float

    @property
    def ratio(self) -> float:
        """The analysis over segmenting and counting."""
        return self.analysis / (self.segment + self.count)


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds on the clock, and the result."""
    begun = time.perf_counter()
    result = work()
    return time.perf_counter() - begun, result


def segmented(path: Path) -> list[pa.RecordBatch]:
    """The notes of a file, cut into terms: what counting needs of them."""
    segmenter = segmenter_of(shipped_dictionary())
    batches = []
    for rows in _chunks(path):
        titles = segmenter.segment_all([row["title"] or "" for row in rows])
        contents = segmenter.segment_all([row["content"] or "" for row in rows])
        tags = [segmenter.segment_all(row["tags"] or []) for row in rows]
        text = [[title, content, *own] for title, content, own in zip(titles, contents, tags, strict=True)]
        headline = [[title, *own] for title, own in zip(titles, tags, strict=True)]
        columns = {
            "note_id": pa.array([row["note_id"] for row in rows]),
            "text_terms": pa.array(text, pa.list_(pa.string())),
            "headline_terms": pa.array(headline, pa.list_(pa.string())),
            "published_day": pa.nulls(len(rows), pa.date32()),
            "engagement": pa.nulls(len(rows), pa.int64()),
        }
        batches.append(pa.record_batch(columns))
    return batches


def plain_counts(batches: list[pa.RecordBatch], terms: list[list[str]]) -> int:
    """Matching notes, phrases and the ten best notes of every keyword; gives the number of matches."""
    vocabulary = sorted({term for keyword in terms for term in keyword})
    notes = sum(len(batch) for batch in batches)
    queries = TermQueries(terms, weights_from(vocabulary, count_terms(iter(batches), vocabulary), notes))
    return int(match_notes(iter(batches), queries, fresh_since=_FRESH, floor_per_mille=500, best=10).matching.sum())


def first_counts(notes: Path, terms: list[list[str]]) -> tuple[float, float]:
    """Seconds for segmenting the notes of a file, and for counting; the segmented notes are dropped afterwards."""
    segment, batches = timed(lambda: segmented(notes))
    count, _ = timed(lambda: plain_counts(batches, terms))
    return segment, count


def most_searched(store: Store, most: int) -> tuple[list[str], list[list[str]]]:
    """The most searched queries of a store, with their terms."""
    with store.snapshot() as snapshot:
        rows = pa.Table.from_batches(list(snapshot.scan("search", ("query_norm", "query_terms"))))
    counted = rows.group_by(["query_norm", "query_terms"]).aggregate([([], "count_all")])
    ordered = counted.sort_by([("count_all", "descending"), ("query_norm", "ascending")]).slice(0, most)
    return ordered["query_norm"].to_pylist(), [text.split(" ") for text in ordered["query_terms"].to_pylist()]


def measured(folder: Path, notes: int, keywords: int) -> Cost:
    """The cost of one size, everything for the first time."""
    files = write_market(folder, notes, keywords * SEARCHES_A_KEYWORD)
    supply = next(path for path in files if "note" in path.name)
    with open_store(str(folder / "store"), create=True, salt="cost") as store:
        imported, _ = timed(lambda: import_files(store, [supply], processes=0))
        import_files(store, [path for path in files if path != supply], processes=0)
        names, terms = most_searched(store, keywords)
        segment, count = first_counts(supply, terms)
        analysis, _ = timed(lambda: analyze(store, Settings.of(keywords=tuple(names))))
    cost = Cost(notes, len(names), round(segment, 2), round(count, 2), round(imported, 2), round(analysis, 2))
    print(cost, f"ratio {cost.ratio:.2f}")
    return cost


def _chunks(path: Path) -> Iterator[list[dict[str, Any]]]:
    rows: list[dict[str, Any]] = []
    with path.open("rb") as lines:
        for line in lines:
            rows.append(orjson.loads(line))
            if len(rows) == _CHUNK:
                yield rows
                rows = []
    if rows:
        yield rows


def main(scale: float = 1.0) -> None:
    """Measure three sizes and keep the result.

    Args:
        scale: Share of 200,000 notes and 100,000 keywords.
    """
    notes, keywords = int(NOTES * scale), int(KEYWORDS * scale)
    sizes = ((notes // 10, keywords // 10), (notes, keywords), (notes // 2, keywords), (notes, keywords // 2))
    costs = []
    for size in sizes:  # the first warms compiled code and caches up, and is not shown
        with tempfile.TemporaryDirectory(prefix="cost-") as folder:
            costs.append(measured(Path(folder), *size))
    whole, fewer_notes, fewer_keywords = costs[1:]
    growth = {
        "notes": round(log2(whole.analysis / fewer_notes.analysis), 3),
        "keywords": round(log2(whole.analysis / fewer_keywords.analysis), 3),
    }
    figures: dict[str, Any] = {
        "sizes": [{**asdict(cost), "ratio": round(cost.ratio, 2)} for cost in costs[1:]],
        "growth_exponent": growth,
        "limit": LIMIT,
    }
    said = "within" if whole.ratio <= LIMIT else "OVER"
    title = (
        f"A first analysis of {whole.keywords:,} keywords on {whole.notes:,} notes costs {whole.ratio:.1f} times the"
        f" plain counts of the same notes and keywords ({said} the limit of {LIMIT:.0f}). Doubling the notes multiplies"
        f" it by 2^{growth['notes']:.2f}, doubling the keywords by 2^{growth['keywords']:.2f} (to stay linear: at most"
        f" 2^{MOST_GROWTH:.2f})."
    )
    rows = [
        [f"{cost.notes:,}", f"{cost.keywords:,}", *(f"{value:.0f}" for value in _seconds(cost)), f"{cost.ratio:.1f}"]
        for cost in costs[1:]
    ]
    columns = ["notes", "keywords", "segmenting s", "counting s", "import s", "analysis s", "analysis / plain counts"]
    keep("cost", title, figures, columns, rows)


def _seconds(cost: Cost) -> tuple[float, ...]:
    return cost.segment, cost.count, cost.imported, cost.analysis
