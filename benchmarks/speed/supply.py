"""Keywords counted against all notes: all at once as the project does it, and one query a keyword as others do.

*First*: from raw notes to the statistics of all keywords. The project segments in two processes, writes the forward
index, and counts; tantivy gets the notes segmented in the same way, builds its index with two threads, and is asked
with two. *Warm*: the same notes are known (the project has its forward index on disk, the peers their index in memory),
the keywords are new.

The statistics are those of :class:`~indexer.stores.contract.Matches`: matching notes, phrases, in the headline, fresh
ones, engagement, and the best fifty by integer weights. Peers that are slow are asked about a sample of the keywords,
evenly spread; all have to agree on it, and what is compared is keywords a second.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

import numpy as np
import orjson
import pyarrow as pa

from benchmarks.kernel import keywords
from benchmarks.speed.children import Way, Work, alternating
from benchmarks.speed.corpus import PROCESSES, batches_of, cut, in_processes, index, prepared, raw_files, write_raw
from benchmarks.speed.part import WAYS, Goal, Part, way_rows
from benchmarks.speed.peers import Sqlite, Tantivy
from gapfinder.weights import weights_from
from indexer.stores.contract import Matches, TermQueries
from indexer.stores.matching import count_terms, match_notes
from indexer.stores.matching.match import MATCHED

BEST: Final = 50
FLOOR: Final = 500
SAMPLE: Final = 2_000  # keywords on which all have to agree
SINCE: Final = date(2026, 1, 1)
_KEYWORDS: Final = "keywords.json"
_WEIGHTS: Final = "weights.json"


def prepare(folder: Path, note_count: int, keyword_count: int) -> None:
    """Write raw notes, segmented notes, their forward index, the keywords, and what their terms weigh."""
    raw = write_raw(folder, note_count)
    cuts, indexed = list(in_processes(cut, raw)), list(in_processes(index, raw))
    assert len(cuts) == len(indexed)
    asked = keywords(keyword_count)
    (folder / _KEYWORDS).write_bytes(orjson.dumps(asked))
    (folder / _WEIGHTS).write_bytes(orjson.dumps(_weights(indexed, asked)))


def indexed_notes(folder: Path) -> Iterator[pa.RecordBatch]:
    """The prepared forward index."""
    return batches_of(prepared(folder, "index"), MATCHED)


def asked_of(folder: Path) -> TermQueries:
    """The prepared keywords."""
    return TermQueries(_asked(folder), orjson.loads((folder / _WEIGHTS).read_bytes()))


def _asked(folder: Path) -> list[list[str]]:
    asked: list[list[str]] = orjson.loads((folder / _KEYWORDS).read_bytes())
    return asked


def _weights(indexed: Sequence[Path], asked: Sequence[Sequence[str]]) -> dict[str, int]:
    vocabulary = sorted({term for terms in asked for term in terms})
    columns = ["note_id", "text_terms"]
    notes = sum(map(len, batches_of(indexed, columns[:1])))
    return weights_from(vocabulary, count_terms(batches_of(indexed, columns[1:]), vocabulary), notes)


def sampled(count: int) -> list[int]:
    """Places of the keywords on which all have to agree."""
    places: list[int] = sorted(set(np.linspace(0, count - 1, min(SAMPLE, count)).astype(np.int64).tolist()))
    return places


def of_sample(found: Matches, places: list[int]) -> list[list[int]]:
    """The statistics of the keywords at these places, as :meth:`Tantivy.statistics` gives them."""
    listed = np.zeros(len(found.matching), np.int64)
    np.add.at(listed, found.best_query, found.best_weight)
    columns = (found.matching, found.phrase, found.headline, found.fresh, found.engagement, listed)
    return np.column_stack(columns)[places].tolist()  # type: ignore[no-any-return]


def _match(batches: Iterator[pa.RecordBatch], queries: TermQueries, threads: int | None = None) -> list[list[int]]:
    found = match_notes(batches, queries, fresh_since=SINCE, floor_per_mille=FLOOR, best=BEST, threads=threads)
    return of_sample(found, sampled(len(queries)))


def _warm_up(folder: Path) -> None:
    """Load the compiled kernel."""
    few = TermQueries([["甲"]], {"甲": 1})
    match_notes(batches_of(prepared(folder, "index")[:1], MATCHED), few, fresh_since=SINCE, floor_per_mille=500, best=1)


def ours_first(folder: Path) -> Work:
    """From raw notes to all statistics."""
    asked = _asked(folder)

    def work() -> list[list[int]]:
        indexed = list(in_processes(index, raw_files(folder)))
        queries = TermQueries(asked, _weights(indexed, asked))
        return _match(batches_of(indexed, MATCHED), queries)

    return work


def tantivy_first_counts(folder: Path) -> Work:
    """From raw notes to tantivy's counts, one query a keyword."""
    asked = _asked(folder)

    def work() -> list[int]:
        counted = _tantivy_of_raw(folder).counts(asked)
        return [counted[place] for place in sampled(len(asked))]

    return work


def tantivy_first(folder: Path) -> Work:
    """From raw notes to the same statistics by tantivy."""
    queries = asked_of(folder)

    def work() -> list[list[int]]:
        engine = _tantivy_of_raw(folder)
        told = engine.all_statistics(queries.terms, queries.weights, SINCE, FLOOR, BEST)
        return [list(told[place]) for place in sampled(len(queries.terms))]

    return work


def _tantivy_of_raw(folder: Path) -> Tantivy:
    return Tantivy(batches_of_each(in_processes(cut, raw_files(folder))), PROCESSES)


def batches_of_each(paths: Iterator[Path]) -> Iterator[pa.RecordBatch]:
    """The notes of files as they are made."""
    for path in paths:
        yield from batches_of([path], MATCHED)


def ours_warm(folder: Path) -> Work:
    """All statistics of all keywords, on all processors."""
    queries = asked_of(folder)
    _warm_up(folder)
    return lambda: _match(indexed_notes(folder), queries)


def ours_warm_alone(folder: Path) -> Work:
    """The same on one processor."""
    queries = asked_of(folder)
    _warm_up(folder)
    return lambda: _match(indexed_notes(folder), queries, threads=1)


def _text(folder: Path) -> Iterator[pa.RecordBatch]:
    return batches_of(prepared(folder, "cut"), MATCHED)


def _questions(folder: Path) -> list[list[str]]:
    asked = _asked(folder)
    return [asked[place] for place in sampled(len(asked))]


def tantivy_warm(folder: Path) -> Work:
    """The same statistics by tantivy, on two threads."""
    engine, questions, weights = Tantivy(_text(folder), PROCESSES), _questions(folder), asked_of(folder).weights
    return lambda: [list(one) for one in engine.all_statistics(questions, weights, SINCE, FLOOR, BEST)]


def tantivy_counts(folder: Path) -> Work:
    """Only the number of matching notes by tantivy, one query a keyword on two threads."""
    engine, questions = Tantivy(_text(folder), PROCESSES), _questions(folder)
    return lambda: engine.counts(questions)


def sqlite_counts(folder: Path) -> Work:
    """Likewise by SQLite, on one."""
    engine, questions = Sqlite(_text(folder)), _questions(folder)
    return lambda: engine.counts(questions)


@dataclass(frozen=True, slots=True)
class Counted:
    """A way, and whether it answers all keywords or the sample."""

    way: Way
    all: bool


FIRST: Final[dict[str, Counted]] = {
    "gapfinder, all statistics": Counted(ours_first, all=True),
    "tantivy, the same statistics": Counted(tantivy_first, all=True),
}
WARM: Final[dict[str, Counted]] = {
    "gapfinder, all statistics": Counted(ours_warm, all=True),
    "gapfinder, all statistics, 1 processor": Counted(ours_warm_alone, all=True),
    "tantivy, the same statistics": Counted(tantivy_warm, all=False),
}
COUNTS: Final[dict[str, Counted]] = {
    "tantivy, counts only": Counted(tantivy_counts, all=False),
    "SQLite FTS5, counts only, 1 processor": Counted(sqlite_counts, all=False),
}


def measure(folder: Path, note_count: int, keyword_count: int, rounds: int) -> Part:
    """Time first runs and warm runs.

    Args:
        folder: For the notes; empty.
        note_count: How many notes.
        keyword_count: How many keywords.
        rounds: How often each way has its turn.
    """
    prepare(folder, note_count, keyword_count)
    asked = len(_asked(folder))
    rows: list[Sequence[object]] = []
    figures: dict[str, Any] = {"notes": note_count, "keywords": asked}
    ratios: dict[str, float] = {}
    for name, ways in (("first", FIRST), ("warm", WARM), ("counts", COUNTS)):
        taken = alternating({way: counted.way for way, counted in ways.items()}, folder, rounds)
        amount = _amounts(ways, asked)
        ours, peer = next(iter(ways)), list(ways)[-1]
        ratios[name] = amount(ours) / taken[ours].seconds / (amount(peer) / taken[peer].seconds)
        rows += [(f"{name}: {row[0]}", *row[1:]) for row in way_rows(taken, amount, "keywords", peer)]
        figures[name] = {way: asdict(one) | {"keywords": amount(way)} for way, one in taken.items()}
    peak = figures["first"][next(iter(FIRST))]["peak_mib"]
    return Part(
        about=f"{asked:,} keywords against {note_count:,} notes; ratio: keywords a second against the last way of each "
        "group.",
        columns=WAYS,
        rows=rows,
        goals=(
            Goal(
                "first run against tantivy with the same statistics, its index included",
                ratios["first"],
                2.0,
                least=True,
            ),
            Goal("warm run against tantivy with the same statistics", ratios["warm"], 2.4, least=True),
            Goal("memory of a first run, MiB", peak, 1024, least=False),
        ),
        figures=figures,
        bars={row[0]: float(row[3]) for row in rows},  # type: ignore[misc,arg-type]
    )


def _amounts(ways: dict[str, Counted], asked: int) -> Callable[[str], int]:
    """How many keywords each way was asked about."""
    return lambda way: asked if ways[way].all else len(sampled(asked))
