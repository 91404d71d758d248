"""Keywords a second whose matching notes are counted: all at once as the project does it, and one query a keyword.

All get the same notes, segmented already. The project gives everything of ``Matches`` (counts, phrases, sums, the best
fifty notes by its own weights); tantivy and SQLite are asked for the number of matching notes alone, on fewer keywords.
What the figures are divided by is the number of keywords, so that they compare.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

import numpy as np
import orjson
import pyarrow as pa

from benchmarks.kernel import keywords, segmented, weighed
from benchmarks.speed.children import Taken, Way, Work, alternating
from indexer.stores.contract import TermQueries
from indexer.stores.matching import match_notes

BEST: Final = 50
SAMPLE: Final = 2_000  # keywords, evenly spread, on which all have to agree
_NOTES: Final = "segmented.arrow"
_KEYWORDS: Final = "keywords.json"
_SINCE: Final = date(2026, 1, 1)
_BATCH: Final = 10_000


def prepare(folder: Path, note_count: int, keyword_count: int) -> None:
    """Write the segmented notes and the keywords with their weights."""
    batches = segmented(note_count)
    with pa.OSFile(str(folder / _NOTES), "wb") as sink, pa.ipc.new_file(sink, batches[0].schema) as writer:
        for batch in batches:
            writer.write_batch(batch)
    asked = weighed(batches, keywords(keyword_count))
    (folder / _KEYWORDS).write_bytes(orjson.dumps([asked.terms, dict(asked.weights)]))


def batches_of(folder: Path) -> list[pa.RecordBatch]:
    """The prepared notes."""
    with pa.memory_map(str(folder / _NOTES)) as source:
        reader = pa.ipc.open_file(source)
        return [reader.get_batch(number) for number in range(reader.num_record_batches)]


def asked_of(folder: Path) -> TermQueries:
    """The prepared keywords."""
    terms, weights = orjson.loads((folder / _KEYWORDS).read_bytes())
    return TermQueries(terms, weights)


def _sampled(count: int) -> list[int]:
    """Places of the keywords on which all have to agree."""
    places: list[int] = sorted(set(np.linspace(0, count - 1, min(SAMPLE, count)).astype(np.int64).tolist()))
    return places


def _ours(folder: Path, best: int, threads: int | None) -> Work:
    batches, queries = batches_of(folder), asked_of(folder)
    few = TermQueries(queries.terms[:10], queries.weights)
    match_notes(iter(batches[:1]), few, fresh_since=_SINCE, floor_per_mille=500, best=BEST)  # compiles the kernel

    def work() -> list[int]:
        found = match_notes(iter(batches), queries, fresh_since=_SINCE, floor_per_mille=500, best=best, threads=threads)
        counts: list[int] = found.matching[_sampled(len(queries.terms))].tolist()
        return counts

    return work


def everything(folder: Path) -> Work:
    """All statistics of all keywords on all processors."""
    return _ours(folder, BEST, None)


def everything_alone(folder: Path) -> Work:
    """The same on one processor."""
    return _ours(folder, BEST, 1)


def counts_alone(folder: Path) -> Work:
    """Counts, phrases and sums without the best notes, on one processor."""
    return _ours(folder, 0, 1)


def _text(folder: Path) -> list[str]:
    """Each note as its terms parted by spaces; the parts of a note don't matter where all terms have to be in it."""
    return [" ".join(parts) for batch in batches_of(folder) for parts in batch.column("text_terms").to_pylist()]


def _questions(folder: Path) -> list[list[str]]:
    queries = asked_of(folder).terms
    return [sorted(set(queries[place])) for place in _sampled(len(queries))]


def by_tantivy(folder: Path) -> Work:
    """One count a keyword by tantivy, its index warm."""
    import tantivy  # noqa: PLC0415 - in the process that measures it alone

    builder = tantivy.SchemaBuilder()
    builder.add_text_field("text", stored=False, tokenizer_name="whitespace", index_option="basic")
    schema = builder.build()
    index = tantivy.Index(schema)
    writer = index.writer(heap_size=256 << 20)
    for text in _text(folder):
        writer.add_document(tantivy.Document(text=text))
    writer.commit()
    writer.wait_merging_threads()
    index.reload()
    searcher, questions = index.searcher(), _questions(folder)

    def query(terms: list[str]) -> Any:
        needed = [(tantivy.Occur.Must, tantivy.Query.term_query(schema, "text", term)) for term in terms]
        return tantivy.Query.boolean_query(needed)

    return lambda: [searcher.search(query(terms), limit=1, count=True).count for terms in questions]


def by_sqlite(folder: Path) -> Work:
    """Likewise SQLite's FTS5; its tokenizer is kept from cutting terms by writing each as one word of code points."""
    connection = sqlite3.connect(":memory:")
    connection.execute("create virtual table notes using fts5(text, content='', detail=none)")
    rows = ((" ".join(map(_word, set(text.split(" ")))),) for text in _text(folder))
    connection.executemany("insert into notes(text) values (?)", rows)
    questions = [" AND ".join(map(_word, terms)) for terms in _questions(folder)]
    count = "select count(*) from notes where notes match ?"
    return lambda: [connection.execute(count, (question,)).fetchone()[0] for question in questions]


def _word(term: str) -> str:
    return "x" + term.encode().hex()


@dataclass(frozen=True, slots=True)
class Counted:
    """A way, and whether it answers all keywords or the sample."""

    way: Way
    all: bool


WAYS: Final[dict[str, Counted]] = {
    "ours, everything": Counted(everything, all=True),
    "ours, everything, 1 processor": Counted(everything_alone, all=True),
    "ours, without the best notes, 1 processor": Counted(counts_alone, all=True),
    "tantivy, counts only, 1 processor": Counted(by_tantivy, all=False),
    "SQLite FTS5, counts only, 1 processor": Counted(by_sqlite, all=False),
}


def measure(folder: Path, note_count: int, keyword_count: int) -> tuple[dict[str, Taken], Callable[[str], int]]:
    """Time all ways, and how many keywords each of them answered."""
    prepare(folder, note_count, keyword_count)
    taken = alternating({name: counted.way for name, counted in WAYS.items()}, folder)
    asked = len(asked_of(folder).terms)
    return taken, lambda name: asked if WAYS[name].all else len(_sampled(asked))
