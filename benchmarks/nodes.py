"""One node of Elasticsearch and three, beside the embedded store: import, statistics of keywords, a whole analysis.

All run on this machine, so three nodes share the processors that one node has for itself: what is compared is the work
that spreading costs, not the speed of three machines. Each step is told in seconds and in seconds of processors, those
of this program and those of the nodes; only the latter say what more machines would bring. ``docs/scale.md`` computes
from these figures how many nodes a platform needs.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import psutil

from benchmarks.kernel import keywords
from benchmarks.market import write_market
from benchmarks.record import keep
from benchmarks.speed.supply import BEST, FLOOR, SINCE
from gapfinder.analysis import analyze
from gapfinder.settings import Settings
from gapfinder.weights import Weights
from indexer.grams import query_grams
from indexer.importer import import_files
from indexer.stores import open_store
from indexer.stores.contract import Snapshot, Store, TermQueries
from indexer.stores.elastic.store import ElasticStore
from tests.servers.keeper import kept_cluster

NOTES: Final = 50_000
SEARCHES: Final = 300_000
KEYWORDS: Final = 5_000
MIN_SEARCHES: Final = 5
FEWER: Final = 4  # the supply is also asked of so many times fewer notes: what grows with them is told apart
_HEAPS: Final = {1: "2g", 3: "768m"}
STEPS: Final = ("import notes", "import searches", "supply by words", "supply by characters", "log by query and day")


@dataclass(frozen=True, slots=True)
class Took:
    """What one step took: what was worked on (``items``), seconds, and processor seconds here and in the nodes."""

    items: int
    seconds: float
    here: float
    nodes: float

    @property
    def micros(self) -> float:
        """Microseconds of processors for one item, all processes together."""
        return 1e6 * (self.here + self.nodes) / self.items


@dataclass(frozen=True, slots=True)
class Figures:
    """What one store took by step, its size in bytes without replicas, and the run that its analysis made."""

    store: str
    steps: dict[str, Took]
    note_bytes: float
    search_bytes: float
    run: str


class Clock:
    """Seconds, and processor seconds of this process and its children and of some groups of processes."""

    def __init__(self, groups: Sequence[int]) -> None:
        self._groups = groups

    def took(self, items: int, work: Callable[[], Any]) -> Took:
        """Do the work and say what it took."""
        begun, here, nodes = time.perf_counter(), self._here(), self._nodes()
        work()
        return Took(items, time.perf_counter() - begun, self._here() - here, self._nodes() - nodes)

    def _here(self) -> float:
        return sum(os.times()[:4])

    def _nodes(self) -> float:
        total = 0.0
        for group in self._groups:
            leader = psutil.Process(group)
            for process in (leader, *leader.children(recursive=True)):
                spent = process.cpu_times()
                total += spent.user + spent.system
        return total


def measured(name: str, url: str, clock: Clock, files: Sequence[Path], sizes: Sequence[int], asked: int) -> Figures:
    """The figures of one store, from empty to an analysis.

    Args:
        name: Of the store, for people.
        url: Of the store.
        clock: Knows the processes that work for it.
        files: One of notes and one of searches.
        sizes: Records in each of them.
        asked: Number of keywords to ask.
    """
    steps: dict[str, Took] = {}
    with open_store(url, create=True, salt="scale") as store:
        for step, file, size in zip(STEPS, files, sizes, strict=False):
            steps[step] = clock.took(size, lambda file=file: import_files(store, [file]))  # type: ignore[misc]
        with store.snapshot() as snapshot:
            steps |= _supply(snapshot, clock, asked)
            steps[STEPS[4]] = clock.took(sizes[1], lambda: list(snapshot.group_counts("search", ["query_norm", "day"])))
        runs = []
        begun = clock.took(1, lambda: runs.append(analyze(store, Settings.of(min_searches=MIN_SEARCHES)).info))
        analyzed = int(runs[0].manifest["totals"]["keywords"])
        steps["analysis"] = Took(analyzed, begun.seconds, begun.here, begun.nodes)
        note_bytes, search_bytes = _bytes(store)
    return Figures(name, steps, note_bytes / sizes[0], search_bytes / sizes[1], runs[0].run)


def few_notes(url: str, clock: Clock, file: Path, asked: int) -> dict[str, Took]:
    """What the supply of the same keywords takes among fewer notes."""
    with open_store(url, create=True, salt="scale") as store:
        import_files(store, [file])
        with store.snapshot() as snapshot:
            return _supply(snapshot, clock, asked)


def _supply(snapshot: Snapshot, clock: Clock, asked: int) -> dict[str, Took]:
    terms = keywords(asked)
    weights = Weights.of(snapshot, terms)
    words = TermQueries(terms, weights.words)
    grams = TermQueries([query_grams(one) for one in terms], weights.grams)

    def match(queries: TermQueries) -> None:
        snapshot.match(queries, fresh_since=SINCE, floor_per_mille=FLOOR, best=BEST)

    match(TermQueries(terms[: asked // 5], weights.words))  # what is loaded or compiled at first use
    return {
        STEPS[2]: clock.took(asked, lambda: match(words)),
        STEPS[3]: clock.took(asked, lambda: snapshot.best_by_grams(grams, floor_per_mille=FLOOR, best=BEST)),
    }


def _bytes(store: Store) -> tuple[int, int]:
    """Bytes of notes and of searches, without replicas."""
    if isinstance(store, ElasticStore):
        client, aliases = store.connection.client, [store.names.alias("note"), store.names.alias("search")]
        found = [client.indices.stats(index=alias, metric="store")["_all"]["primaries"]["store"] for alias in aliases]
        note, search = (int(one["size_in_bytes"]) for one in found)
        return note, search
    root = Path(store.url)
    folders = (("records/note", "forward"), ("records/search",))
    note, search = (
        sum(file.stat().st_size for folder in names for file in (root / folder).rglob("*") if file.is_file())
        for names in folders
    )
    return note, search


def _stores(folder: Path) -> Iterator[tuple[str, str, str, Clock]]:
    """Name and address of each store, the address of a second one beside it, and its clock; one at a time."""
    yield "embedded", str(folder / "store"), str(folder / "few"), Clock(())
    for nodes, heap in _HEAPS.items():
        name = f"Elasticsearch, {nodes} node{'s' if nodes > 1 else ''}"
        with kept_cluster(folder / f"cluster-{nodes}.json", nodes=nodes, heap=heap) as cluster:
            yield name, f"{cluster.urls[0]}/scale", f"{cluster.urls[0]}/few", Clock(cluster.groups)


def main(scale: float = 1.0) -> None:
    """Measure all stores and keep the result.

    Args:
        scale: Share of 50,000 notes, 300,000 searches and 5,000 keywords.
    """
    notes, searches, asked = int(NOTES * scale), int(SEARCHES * scale), int(KEYWORDS * scale)
    found, few = [], {}
    with tempfile.TemporaryDirectory(prefix="scale-") as place:
        folder = Path(place)
        files = write_market(folder / "market", notes, searches, suffix="parquet")
        less = write_market(folder / "less", notes // FEWER, 1_000, suffix="parquet")[0]
        for name, url, beside, clock in _stores(folder):
            few[name] = few_notes(beside, clock, less, asked)
            found.append(measured(name, url, clock, files, (notes, searches), asked))
            print(f"{name}: {found[-1]}\n{few[name]}", flush=True)
    runs = {one.run for one in found}
    assert len(runs) == 1, f"the stores disagree: {runs}"
    figures = {
        "notes": notes,
        "searches": searches,
        "keywords": asked,
        "few_notes": notes // FEWER,
        "stores": [{**asdict(one), "few_notes": {step: asdict(few[one.store][step]) for step in few[one.store]}}
                   for one in found],
    }  # fmt: skip
    analyzed = found[0].steps["analysis"].items
    title = (
        f"{notes:,} notes, {searches:,} searches, {asked:,} keywords asked, {analyzed:,} analyzed; all stores gave the "
        "same run. Microseconds of processors for an item (a note, a search, a keyword), this program and all nodes "
        "together, in brackets the part of the nodes, then seconds. Three nodes share the processors of one machine."
    )
    keep("nodes", title, figures, ["step", *(one.store for one in found)], _table(found, few))


def _table(found: Sequence[Figures], few: dict[str, dict[str, Took]]) -> list[list[str]]:
    rows = [[step, *(_cell(one.steps[step]) for one in found)] for step in (*STEPS, "analysis")]
    rows += [[f"{step}, {FEWER} times fewer notes", *(_cell(few[one.store][step]) for one in found)]
             for step in STEPS[2:4]]  # fmt: skip
    rows.append(["bytes a note", *(f"{one.note_bytes:,.0f}" for one in found)])
    rows.append(["bytes a search", *(f"{one.search_bytes:,.0f}" for one in found)])
    return rows


def _cell(took: Took) -> str:
    return f"{took.micros:,.0f} ({1e6 * took.nodes / took.items:,.0f}), {took.seconds:.1f} s"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m benchmarks.nodes", description="One node, three, and none.")
    parser.add_argument("--scale", type=float, default=1.0, help="share of the full size (default: %(default)s)")
    main(parser.parse_args().scale)
