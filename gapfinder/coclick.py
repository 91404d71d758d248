"""Words in whose place searchers found another: what co-click says of pairs of words.

Two queries that differ in one word stand in the same *frame* (夜用 _). Where people who asked with the one word read
notes that people who asked with the other read as well, and these notes hold the other word only, the other word
answers those who ask with the first. The frame of a query of one word is empty.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from gapfinder.reads import Reads
from indexer.stores.contract import Snapshot

Ints = npt.NDArray[np.int64]

_MEMORY_LIMIT: Final = "256MB"
_BLOCK: Final = 16_384  # notes looked up together


@dataclass(frozen=True)
class Shared:
    """Shared reads of pairs of words: columns of equal length, by word, then other.

    Attributes:
        word, other: What the one asked with, and what the notes hold instead.
        shared: Readers, by queries with the word, of notes that hold the other word only and were read under an aligned
            query with the other.
        reads: All readers by those queries with the word that have an aligned query with the other.
    """

    word: list[str]
    other: list[str]
    shared: Ints
    reads: Ints


def shared_reads(snapshot: Snapshot, queries: Sequence[Sequence[str]], reads: Reads) -> Shared:
    """Shared reads of all pairs of words that stand in the same frame of queries with reads.

    Args:
        snapshot: Where the texts of the notes are.
        queries: Distinct words that count of each canonical query (by ``query_id``).
        reads: Long reads under them.
    """
    with duckdb.connect(":memory:", config={"memory_limit": _MEMORY_LIMIT}) as log:
        rows = pa.table({"query": reads.query, "note": reads.note_id, "readers": reads.readers})
        _keep(log, "reads", rows)
        _keep(log, "framed", _framed(queries, np.unique(reads.query)))
        log.execute(
            """
            CREATE TABLE asked AS
            SELECT f.frame, f.word, r.note, sum(r.readers)::BIGINT AS readers
            FROM framed f JOIN reads r USING (query) GROUP BY ALL
            """
        )
        log.execute(
            """
            CREATE TABLE common AS
            SELECT a.frame, a.word, b.word AS other, a.note, a.readers
            FROM asked a JOIN asked b USING (frame, note) WHERE a.word <> b.word
            """
        )
        _keep(log, "holds", _holds(snapshot, log))
        found = log.sql(
            """
            WITH only_other AS (
                SELECT c.word, c.other, sum(c.readers)::BIGINT AS shared
                FROM common c JOIN holds h ON h.note = c.note AND h.word = c.other
                WHERE NOT EXISTS (FROM holds g WHERE g.note = c.note AND g.word = c.word) GROUP BY ALL),
            total AS (SELECT frame, word, sum(readers)::BIGINT AS readers FROM asked GROUP BY ALL),
            aligned AS (
                SELECT a.word, b.word AS other, sum(a.readers)::BIGINT AS reads
                FROM total a JOIN total b USING (frame) SEMI JOIN only_other o ON o.word = a.word AND o.other = b.word
                GROUP BY ALL)
            SELECT word, other, shared, reads FROM only_other JOIN aligned USING (word, other) ORDER BY word, other
            """
        ).to_arrow_table()
    return Shared(
        found["word"].to_pylist(), found["other"].to_pylist(), found["shared"].to_numpy(), found["reads"].to_numpy()
    )


def _keep(log: duckdb.DuckDBPyConnection, name: str, rows: pa.Table) -> None:
    log.register("given", rows)
    log.execute(f"CREATE TABLE {name} AS SELECT * FROM given")  # noqa: S608 - our own names
    log.unregister("given")


def _framed(queries: Sequence[Sequence[str]], read: Ints) -> pa.Table:
    """(query, frame, word) for each word of each query that was read: the frame is the rest of its words."""
    rows = [
        (number, " ".join(sorted(words[:place] + words[place + 1 :])), word)
        for number in read.tolist()
        for words in [list(queries[number])]
        for place, word in enumerate(words)
    ]
    numbers, frames, words = zip(*rows, strict=True) if rows else ((), (), ())
    return pa.table(
        {
            "query": pa.array(numbers, pa.int64()),
            "frame": pa.array(frames, pa.string()),
            "word": pa.array(words, pa.string()),
        }
    )


def _holds(snapshot: Snapshot, log: duckdb.DuckDBPyConnection) -> pa.Table:
    """(note, word) for the notes and words of the table ``common``."""
    words = log.sql("SELECT DISTINCT word FROM common ORDER BY word").to_arrow_table()["word"].combine_chunks()
    notes: list[str] = log.sql("SELECT DISTINCT note FROM common ORDER BY note").to_arrow_table()["note"].to_pylist()
    held = [_held(batch, words) for batch in _texts(snapshot, notes)]
    return pa.concat_tables([pa.schema([("note", pa.string()), ("word", pa.string())]).empty_table(), *held])


def _texts(snapshot: Snapshot, notes: Sequence[str]) -> Iterator[pa.RecordBatch]:
    for first in range(0, len(notes), _BLOCK):
        yield from snapshot.by_id("note", notes[first : first + _BLOCK], ("note_id", "text_terms")).to_batches()


def _held(batch: pa.RecordBatch, words: pa.Array) -> pa.Table:
    """Which of the words each note of a batch holds, each once."""
    values = batch["text_terms"]
    terms = pc.split_pattern(pc.fill_null(values.flatten(), ""), " ")
    note = batch["note_id"].take(pc.list_parent_indices(values)).take(pc.list_parent_indices(terms))
    table = pa.table({"note": note.cast(pa.string()), "word": terms.flatten().cast(pa.string())})
    return table.filter(pc.is_in(table["word"], value_set=words)).group_by(["note", "word"]).aggregate([])
