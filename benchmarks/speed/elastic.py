"""Both stores asked for the statistics of keywords: the embedded one, and one Elasticsearch node on the same machine.

Both hold the same notes. The embedded store has its forward index, the node has its caches warm (every way asks once
before it is timed), and the keywords are new to both: kept counts are deleted. Elasticsearch is asked about a sample.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Final

from benchmarks.speed.children import Way, Work, alternating
from benchmarks.speed.part import WAYS, Goal, Part, way_rows
from benchmarks.speed.supply import BEST, FLOOR, SINCE, asked_of, of_sample, prepare, sampled
from benchmarks.synthetic import NOTES, notes, write
from indexer.importer import import_files
from indexer.stores import open_store
from indexer.stores.contract import Store, TermQueries
from indexer.stores.delta.beside import COUNTS
from tests.servers.keeper import kept_cluster

LEAST: Final = 40.0
_WHY: Final = (
    "the more notes there are, the less one pass over all of them gains on an index that is asked for each keyword, "
    "and the node is asked by several requests at once, which makes it faster"
)
_STORE: Final = "store"
_EMBEDDED, _NODE = "gapfinder, embedded store", "Elasticsearch, one node, the same statistics"
_HEAP: Final = "2g"


def _work(store: Store, queries: TermQueries, places: list[int]) -> Work:
    def work() -> list[list[int]]:
        with store.snapshot() as snapshot:
            found = snapshot.match(queries, fresh_since=SINCE, floor_per_mille=FLOOR, best=BEST)
        return of_sample(found, places)

    return work


def embedded(folder: Path) -> Work:
    """All keywords by the embedded store."""
    queries, store = asked_of(folder), open_store(str(folder / _STORE))
    work = _work(store, queries, sampled(len(queries)))
    with store.snapshot() as snapshot:
        snapshot.match(TermQueries([["甲"]], {"甲": 1}), fresh_since=SINCE)  # makes the forward index, loads the kernel
    shutil.rmtree(folder / _STORE / COUNTS)
    return work


def by_node(url: str, folder: Path) -> Work:
    """A sample of the keywords by Elasticsearch."""
    whole, store = asked_of(folder), open_store(url)
    queries = TermQueries([whole.terms[place] for place in sampled(len(whole))], whole.weights)
    work = _work(store, queries, list(range(len(queries))))
    work()
    return work


def measure(folder: Path, note_count: int, keyword_count: int, rounds: int) -> Part:
    """Time both stores.

    Args:
        folder: For the notes; empty.
        note_count: How many notes.
        keyword_count: How many keywords.
        rounds: How often each way has its turn.
    """
    prepare(folder, note_count, keyword_count)
    file = write(folder / "notes.parquet", NOTES, notes(note_count))
    with kept_cluster(folder / "cluster.json", heap=_HEAP) as cluster:
        url = f"{cluster.urls[0]}/speed"
        for address in (str(folder / _STORE), url):
            with open_store(address, create=True, salt="speed") as store:
                import_files(store, [file])
        ways: dict[str, Way] = {_EMBEDDED: embedded, _NODE: partial(by_node, url)}
        taken = alternating(ways, folder, rounds)
    asked = len(asked_of(folder))
    amount: Callable[[str], int] = {_EMBEDDED: asked, _NODE: len(sampled(asked))}.__getitem__
    rows: list[Sequence[object]] = way_rows(taken, amount, "keywords", _NODE)
    ratio = float(str(rows[0][3]))
    return Part(
        about=f"{asked:,} keywords against {note_count:,} notes in both stores; the node has {_HEAP} of heap.",
        columns=WAYS,
        rows=rows,
        goals=(Goal("warm run against Elasticsearch with the same statistics", ratio, LEAST, least=True, why=_WHY),),
        figures={name: asdict(one) for name, one in taken.items()},
        bars={str(row[0]): float(str(row[3])) for row in rows},
    )
