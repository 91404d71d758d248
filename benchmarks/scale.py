"""One node of Elasticsearch and three, beside the embedded store: import, statistics, passes, and a whole analysis.

All nodes run on this machine, so that three share the processors that one has for itself: what is compared is the work
that spreading costs, not the speed of three machines. For each step the processor time of the program and that of the
servers are measured apart; :mod:`benchmarks.scale_plan` computes from them how many nodes a platform needs.

    python -m benchmarks.scale --notes 100000 --searches 200000 --keywords 5000
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from functools import partial
from hashlib import blake2b
from pathlib import Path
from typing import Any, Final

import psutil
import pyarrow as pa

from benchmarks.kernel import keywords
from benchmarks.record import keep
from benchmarks.speed.supply import BEST, FLOOR, SINCE
from benchmarks.synthetic import NOTES, SEARCHES, notes, searches, write
from gapfinder.analysis import analyze
from gapfinder.pairing import GRAM_FLOOR, MOST_BY_GRAMS
from gapfinder.settings import Settings
from gapfinder.weights import Weights
from indexer.grams import query_grams
from indexer.importer import import_files
from indexer.stores import open_store
from indexer.stores.contract import Snapshot, Store, TermQueries
from indexer.stores.elastic.queries import least_weight, needed_terms
from indexer.stores.elastic.store import ElasticStore
from tests.servers.keeper import kept_cluster

SIZES: Final = {"notes": 100_000, "searches": 200_000, "keywords": 5_000}
HEAPS: Final = {1: "1g", 3: "512m"}
EMBEDDED: Final = "embedded"
LOG: Final = (
    "query_norm",
    "query_terms",
    "query_key",
    "user_id",
    "session_id",
    "searched_at",
    "day",
    "clicks",
    "acted",
)
_QUARTER: Final = 4
_WARMING: Final = 2_000  # keywords
_FEW: Final = 5  # of so many keywords one is asked by characters, and before all notes are there


@dataclass(frozen=True, slots=True)
class Step:
    """What one step took.

    Attributes:
        amount: Records, keywords or groups.
        seconds: On the clock.
        program: Processor seconds of this program.
        servers: Processor seconds of all nodes together.
    """

    amount: int
    seconds: float
    program: float
    servers: float


@dataclass(frozen=True, slots=True)
class Sizes:
    """What the work was: numbers of notes, searches and keywords."""

    notes: int
    searches: int
    keywords: int


@dataclass(slots=True)
class Measured:
    """What one store did.

    Attributes:
        nodes: Nodes; 0 is the embedded store.
        steps: The steps by name.
        note_bytes, search_bytes: On the disk for each record, without replicas.
        looked_at: Mean number of notes that a keyword of a step made the store look at.
        digests: Of the answers, which have to be those of every other store.
    """

    nodes: int
    steps: dict[str, Step] = field(default_factory=dict)
    note_bytes: float = 0.0
    search_bytes: float = 0.0
    looked_at: dict[str, float] = field(default_factory=dict)
    digests: dict[str, str] = field(default_factory=dict)


class Meter:
    """Takes the time of steps.

    Args:
        into: Where they go.
        groups: Process numbers of the nodes.
    """

    def __init__(self, into: Measured, groups: Sequence[int]) -> None:
        self._into = into
        self._groups = groups

    def take(self, name: str, amount: Callable[[Any], int] | int, work: Callable[[], Any]) -> Any:
        """Do the work; its amount may be what comes out."""
        clock, program, servers = time.perf_counter(), _program(), self._servers()
        result = work()
        step = Step(
            amount if isinstance(amount, int) else amount(result),
            round(time.perf_counter() - clock, 3),
            round(_program() - program, 3),
            round(self._servers() - servers, 3),
        )
        self._into.steps[name] = step
        print(f"{self._into.nodes} nodes: {name}: {step}", flush=True)
        return result

    def _servers(self) -> float:
        total = 0.0
        for group in self._groups:
            leader = psutil.Process(group)
            for process in (leader, *leader.children(recursive=True)):
                with suppress(psutil.NoSuchProcess):
                    times = process.cpu_times()
                    total += times.user + times.system
        return total


def _program() -> float:
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in used)


def measured(url: str, groups: Sequence[int], files: Sequence[Path], asked: list[list[str]], sizes: Sizes) -> Measured:
    """The figures of one store, from empty to an analysis.

    Args:
        url: Address of the store.
        groups: Process numbers of its nodes.
        files: A quarter of the notes, the other notes, the searches.
        asked: The keywords as terms.
        sizes: What the files hold.
    """
    found = Measured(len(groups))
    meter = Meter(found, groups)
    first = sizes.notes // _QUARTER
    few = asked[::_FEW]
    with open_store(url, create=True, salt="scale") as store:

        def imported(file: Path) -> None:
            import_files(store, [file], processes=0)

        meter.take("import notes", first, lambda: imported(files[0]))
        with store.snapshot() as snapshot:
            queries = TermQueries(few, Weights.of(snapshot, few).words)
            meter.take("statistics, a quarter of the notes", len(few), lambda: _matched(snapshot, queries))
        meter.take("import more notes", sizes.notes - first, lambda: imported(files[1]))
        meter.take("import searches", sizes.searches, lambda: imported(files[2]))
        with store.snapshot() as snapshot:
            _ask(meter, found, snapshot, asked, few)
        for name, terms in (("first analysis, which learns", few), ("analysis", asked)):
            chosen = Settings.of(keywords=tuple("".join(one) for one in terms))
            done = meter.take(name, len(terms), partial(analyze, store, chosen))
            found.digests[name] = done.info.run
        _look(store, found, sizes)
    return found


def _ask(meter: Meter, found: Measured, snapshot: Snapshot, asked: list[list[str]], few: list[list[str]]) -> None:
    """Statistics, best notes by characters, and full passes."""
    weights = Weights.of(snapshot, asked)
    by_words = TermQueries(asked, weights.words)
    by_grams = TermQueries([query_grams(terms) for terms in few], weights.grams)
    _by_weight(meter, found, snapshot, by_words)
    found.digests["statistics"] = meter.take("statistics", len(asked), lambda: _matched(snapshot, by_words))
    close = meter.take(
        "by characters",
        len(few),
        lambda: snapshot.best_by_grams(by_grams, floor_per_mille=GRAM_FLOOR, best=MOST_BY_GRAMS),
    )
    found.digests["by characters"] = _digest([close.query.tolist(), close.note.to_pylist(), close.weight.tolist()])
    meter.take("read searches", int, lambda: _rows(snapshot.scan("search", list(LOG))))
    meter.take("read notes", int, lambda: _rows(snapshot.scan("note", ["note_id", "text_terms"])))
    meter.take("groups by query and day", int, lambda: _rows(snapshot.group_counts("search", ["query_norm", "day"])))


def _by_weight(meter: Meter, found: Measured, snapshot: Snapshot, asked: TermQueries) -> None:
    """The fifth of the keywords for which most notes are looked at, and the fifth with fewest.

    What they cost and how many notes that is tells what a search costs by itself and what each note adds.
    """
    terms = sorted({term for keyword in asked.terms for term in keyword})
    held = dict(zip(terms, snapshot.document_frequency(terms).tolist(), strict=True))
    looked_at = [_looked_at(keyword, asked.weights, held) for keyword in asked.terms]
    order = sorted(range(len(asked)), key=looked_at.__getitem__)
    fifth = len(order) // 5
    for name, places in (("statistics, rare", order[:fifth]), ("statistics, common", order[-fifth:])):
        queries = TermQueries([asked.terms[place] for place in places], asked.weights)
        found.looked_at[name] = round(sum(looked_at[place] for place in places) / fifth, 1)
        meter.take(name, fifth, partial(_matched, snapshot, queries))
    found.looked_at["statistics"] = round(sum(looked_at) / len(looked_at), 1)


def _looked_at(terms: Sequence[str], weights: Mapping[str, int], held: Mapping[str, int]) -> int:
    """Notes that hold a term without which a note can't be listed, one for each such term that it holds."""
    weighed = [(term, weights.get(term, 0)) for term in dict.fromkeys(terms)]
    return sum(held[term] for term in needed_terms(weighed, least_weight(weighed, FLOOR)))


def _matched(snapshot: Snapshot, queries: TermQueries) -> str:
    matches = snapshot.match(queries, fresh_since=SINCE, floor_per_mille=FLOOR, best=BEST)
    columns = (matches.matching, matches.phrase, matches.headline, matches.fresh, matches.engagement)
    lists = (matches.best_query, matches.best_note, matches.best_weight)
    return _digest([column.tolist() for column in (*columns, *lists)])


def _digest(answer: list[list[Any]]) -> str:
    return blake2b(repr(answer).encode(), digest_size=8).hexdigest()


def _rows(batches: Iterator[pa.RecordBatch]) -> int:
    return sum(len(batch) for batch in batches)


def _look(store: Store, found: Measured, sizes: Sizes) -> None:
    """How much room the records take."""
    if not isinstance(store, ElasticStore):
        root = Path(store.url)
        note, search = (
            sum(file.stat().st_size for file in (root / "records" / name).rglob("*") if file.is_file())
            for name in ("note", "search")
        )
    else:
        client = store.connection.client
        note, search = (
            int(
                client.indices.stats(index=store.names.alias(name), metric="store")["_all"]["primaries"]["store"][
                    "size_in_bytes"
                ]
            )
            for name in ("note", "search")
        )
    found.note_bytes, found.search_bytes = round(note / sizes.notes, 1), round(search / sizes.searches, 1)


def _files(folder: Path, sizes: Sizes) -> list[Path]:
    """A quarter of the notes, the others, and the searches."""
    everything = pa.Table.from_batches(notes(sizes.notes))
    first = sizes.notes // _QUARTER
    return [
        write(folder / "first.parquet", NOTES, everything[:first].to_batches()),
        write(folder / "more.parquet", NOTES, everything[first:].to_batches()),
        write(folder / "searches.parquet", SEARCHES, searches(sizes.searches, sizes.notes)),
    ]


def in_each_store(folder: Path, work: Callable[[str, Sequence[int]], Measured]) -> list[Measured]:
    """What the embedded store, one node and three do; raises ``AssertionError`` where their answers differ.

    Args:
        folder: For the stores.
        work: Gets the place a store is made in (``place/name``) and the process numbers of its nodes.
    """
    found = [work(str(folder), ())]
    for nodes, heap in HEAPS.items():
        with kept_cluster(folder / f"cluster-{nodes}.json", nodes=nodes, heap=heap) as cluster:
            found.append(work(cluster.urls[0], cluster.groups))
    assert all(one.digests == found[0].digests for one in found), [one.digests for one in found]
    return found


def names_of_stores() -> list[str]:
    """How the stores of :func:`in_each_store` are named in tables."""
    return [EMBEDDED, *(f"{nodes} node{'s' if nodes > 1 else ''} of {heap}" for nodes, heap in HEAPS.items())]


def measure(sizes: Sizes) -> list[Measured]:
    """Every step in every store."""
    asked = keywords(sizes.keywords)
    with tempfile.TemporaryDirectory(prefix="scale-") as name:
        files = _files(Path(name), sizes)

        def work(place: str, groups: Sequence[int]) -> Measured:
            if groups:
                _warm_up(f"{place}/warm", files, asked)
            return measured(f"{place}/scale", groups, files, asked, sizes)

        return in_each_store(Path(name), work)


def _warm_up(url: str, files: Sequence[Path], asked: list[list[str]]) -> None:
    """Let the servers compile what they will do, on other indices."""
    few = asked[:_WARMING]
    with open_store(url, create=True, salt="warm") as store:
        import_files(store, [files[0]], processes=0)
        with store.snapshot() as snapshot:
            _matched(snapshot, TermQueries(few, Weights.of(snapshot, few).words))


def record(sizes: Sizes, found: Sequence[Measured]) -> None:
    """Keep the results: for each step what a second of a processor does, of the servers and of the program."""
    rows = []
    for name in found[0].steps:
        cells: list[str] = []
        for one in found:
            step = one.steps[name]
            parts = (step.program,) if not one.nodes else (step.servers, step.program)
            cells += [f"{step.amount / seconds:,.0f}" if seconds >= 0.01 else "-" for seconds in parts]
        rows.append([name, *cells])
    room = [[f"{one.note_bytes:,.0f}", *(["-"] if one.nodes else [])] for one in found]
    rows.append(["bytes a note", *(cell for cells in room for cell in cells)])
    room = [[f"{one.search_bytes:,.0f}", *(["-"] if one.nodes else [])] for one in found]
    rows.append(["bytes a search", *(cell for cells in room for cell in cells)])
    embedded, *clusters = names_of_stores()
    columns = ["what a second of one processor does", embedded]
    for name in clusters:
        columns += [f"{name}: servers", "program"]
    title = (
        f"{sizes.notes:,} notes, {sizes.searches:,} searches and {sizes.keywords:,} keywords in the embedded store, on "
        "one node of Elasticsearch and on three that share the processors of this machine; all gave the same numbers "
        "and the same run. Records, keywords or groups by a second of processor time."
    )
    keep("scale", title, {"sizes": asdict(sizes), "stores": [asdict(one) for one in found]}, columns, rows)


def main(scale: float = 1.0) -> None:
    """Measure and keep the result.

    Args:
        scale: Share of 100,000 notes, 200,000 searches and 5,000 keywords.
    """
    sizes = Sizes(**{name: int(size * scale) for name, size in SIZES.items()})
    record(sizes, measure(sizes))


def asked_sizes(module: str, about: str, sizes: Mapping[str, int]) -> Sizes:
    """The sizes that the command line of a module asks for; ``sizes`` are those it has otherwise."""
    parser = argparse.ArgumentParser(prog=f"python -m {module}", description=about)
    for name, size in sizes.items():
        parser.add_argument(f"--{name}", type=int, default=size, help="default: %(default)s")
    return Sizes(**vars(parser.parse_args()))


def _from_command_line() -> None:
    sizes = asked_sizes("benchmarks.scale", "One node and three, measured.", SIZES)
    record(sizes, measure(sizes))


if __name__ == "__main__":
    _from_command_line()
