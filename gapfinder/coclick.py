"""Words in whose place searchers found another: what co-click says of pairs of words.

People who asked with a word and read, at length, notes that hold another word in their headline and the first one
nowhere, found what they wanted under the other word (祛斑精华 read as 淡斑精华). The rest of the query is the *frame*
(_精华). How often that comes by chance, two things tell, and the larger counts: what people read under other queries of
the frame (补水精华, 美白精华 ...), and how many of the notes that hold the frame have the other word in their headline.
Both are shrunk towards all reads.
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

from gapfinder.privatedb import private_db
from gapfinder.reads import Reads
from indexer.stores.contract import Snapshot

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

_MEMORY_LIMIT: Final = "256MB"
_BLOCK: Final = 16_384  # notes looked up together
_MOST_NOTES: Final = 50  # of a query, the most read ones
_COLUMNS: Final = ("note_id", "text_terms", "headline_terms")
_HELD: Final = pa.schema([("note", pa.string()), ("word", pa.string())])
LEAST_SHARED: Final = 3  # readers
LEAST_PART: Final = 0.5  # of the reads: whoever finds the same under another word finds it there mostly

_STRENGTH: Final = 20.0  # reads that the share of all reads counts as beside those of a frame


@dataclass(frozen=True)
class Shared:
    """Reads under a word that speak for another: columns of equal length, by word, then other.

    Attributes:
        word, other: What people asked with, and what the notes have instead.
        shared: Readers, under queries with the word, of notes with the other word in the headline, without the first.
        reads: All readers under these queries.
        chance: Share of the reads that would be shared by chance.
    """

    word: list[str]
    other: list[str]
    shared: Ints
    reads: Ints
    chance: Floats


def shared_reads(snapshot: Snapshot, queries: Sequence[Sequence[str]], reads: Reads) -> Shared:
    """Shared reads of the pairs with enough of them: :data:`LEAST_SHARED`, and :data:`LEAST_PART` of the reads.

    Args:
        snapshot: Where the texts of the notes are.
        queries: Distinct words that count of each canonical query (by ``query_id``).
        reads: Long reads under them.
    """
    with private_db(_MEMORY_LIMIT) as log:
        rows = pa.table({"query": reads.query, "note": reads.note_id, "readers": reads.readers})
        _keep(log, "every", rows)
        log.execute(
            f"""
            CREATE TABLE reads AS FROM every
            QUALIFY row_number() OVER (PARTITION BY query ORDER BY readers DESC, note) <= {_MOST_NOTES}
            """
        )
        framed = _framed(queries, np.unique(reads.query))
        _keep(log, "framed", framed)
        headline, text = _holds(snapshot, rows["note"].unique(), framed["word"].unique())
        _keep(log, "headline", headline)
        _keep(log, "text", text)
        log.execute(_FRAMES)
        log.execute(_STRONG, {"least": LEAST_SHARED, "part": LEAST_PART})
        found = log.sql(_COUNTS).to_arrow_table()
    column = {name: found[name].to_numpy() for name in found.column_names if name not in {"word", "other"}}
    usual = column["every_shared"] / column["every_reads"]
    chance = np.maximum(
        (column["frame_shared"] + _STRENGTH * usual) / (column["frame_reads"] + _STRENGTH),
        (column["pool_shared"] + _STRENGTH * usual) / (column["pool"] + _STRENGTH),
    )
    words, others = found["word"].to_pylist(), found["other"].to_pylist()
    return Shared(words, others, column["shared"], column["reads"], chance)


# Reads by frame and word; readers under a word in a frame of notes with another word in the headline.
_FRAMES: Final = """
    CREATE TABLE asked AS
        SELECT f.frame, f.word, r.note, sum(r.readers)::BIGINT AS readers
        FROM framed f JOIN reads r USING (query) GROUP BY ALL;
    CREATE TABLE total AS SELECT frame, word, sum(readers)::BIGINT AS readers FROM asked GROUP BY ALL;
    CREATE TABLE named AS
        SELECT a.frame, a.word, h.word AS other, sum(a.readers)::BIGINT AS readers,
               coalesce(sum(a.readers) FILTER (t.note IS NULL), 0)::BIGINT AS instead
        FROM asked a JOIN headline h USING (note)
        LEFT JOIN text t ON t.note = a.note AND t.word = a.word
        WHERE h.word <> a.word GROUP BY ALL;
"""
# Pairs with enough readers, in frames that do not name the other word themselves (精华液 says nothing more than 精华).
_STRONG: Final = """
    CREATE TABLE strong AS
    SELECT n.frame, n.word, n.other, n.readers, n.instead, t.readers AS reads,
           string_split(n.frame, ' ') AS rest
    FROM named n JOIN total t USING (frame, word)
    WHERE n.instead > 0
      AND len(list_filter(string_split(n.frame, ' '), lambda w: w <> '' AND contains(n.other, w))) = 0
    QUALIFY sum(n.instead) OVER (PARTITION BY n.word, n.other) >= $least
        AND sum(n.instead) OVER (PARTITION BY n.word, n.other)
            >= $part * sum(t.readers) OVER (PARTITION BY n.word, n.other)
"""
_COUNTS: Final = """
    WITH frames AS (SELECT frame, sum(readers) AS readers FROM total GROUP BY ALL),
    usual AS (SELECT frame, other, sum(readers) AS readers FROM named GROUP BY ALL),
    every AS (SELECT h.word AS other, sum(r.readers) AS readers FROM reads r JOIN headline h USING (note) GROUP BY ALL),
    notes AS (SELECT DISTINCT note FROM reads),
    places AS (SELECT DISTINCT frame, rest FROM strong),
    holding AS (  -- notes that hold a whole frame
        SELECT p.frame, t.note
        FROM (SELECT frame, unnest(rest) AS term, len(rest) AS size FROM places WHERE frame <> '') p
        JOIN text t ON t.word = p.term GROUP BY p.frame, t.note HAVING count(*) = any_value(p.size)
        UNION ALL SELECT '', note FROM notes WHERE EXISTS (FROM places WHERE frame = '')),
    pool AS (  -- those without the word, and how many of them have the other word in the headline
        SELECT s.frame, s.word, s.other, count(*) AS notes, count(h.note) AS shared
        FROM strong s JOIN holding n USING (frame)
        ANTI JOIN text t ON t.note = n.note AND t.word = s.word
        LEFT JOIN headline h ON h.note = n.note AND h.word = s.other GROUP BY ALL)
    SELECT s.word, s.other, sum(s.instead)::BIGINT AS shared, sum(s.reads)::BIGINT AS reads,
           sum(u.readers - s.readers)::DOUBLE AS frame_shared,
           sum(f.readers - s.reads - coalesce(b.readers, 0))::DOUBLE AS frame_reads,
           coalesce(sum(p.shared), 0)::DOUBLE AS pool_shared, coalesce(sum(p.notes), 0)::DOUBLE AS pool,
           any_value(e.readers)::DOUBLE AS every_shared, (SELECT sum(readers) FROM reads)::DOUBLE AS every_reads
    FROM strong s
    JOIN frames f USING (frame)
    JOIN usual u USING (frame, other)
    JOIN every e USING (other)
    LEFT JOIN pool p USING (frame, word, other)
    LEFT JOIN total b ON b.frame = s.frame AND b.word = s.other
    GROUP BY s.word, s.other ORDER BY s.word, s.other
"""


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


def _holds(snapshot: Snapshot, notes: pa.ChunkedArray, words: pa.Array) -> tuple[pa.Table, pa.Table]:
    """(note, word) of the headlines of some notes; and of their texts, for the given words only."""
    headline, text = [_HELD.empty_table()], [_HELD.empty_table()]
    for batch in _texts(snapshot, sorted(notes.to_pylist())):
        headline.append(_held(batch, "headline_terms"))
        whole = _held(batch, "text_terms")
        text.append(whole.filter(pc.is_in(whole["word"], value_set=words)))
    return pa.concat_tables(headline), pa.concat_tables(text)


def _texts(snapshot: Snapshot, notes: Sequence[str]) -> Iterator[pa.RecordBatch]:
    for first in range(0, len(notes), _BLOCK):
        yield from snapshot.by_id("note", notes[first : first + _BLOCK], _COLUMNS).to_batches()


def _held(batch: pa.RecordBatch, column: str) -> pa.Table:
    """The words of a column of each note of a batch, each once."""
    values = batch[column]
    terms = pc.split_pattern(pc.fill_null(values.flatten(), ""), " ")
    note = batch["note_id"].take(pc.list_parent_indices(values)).take(pc.list_parent_indices(terms))
    table = pa.table([note.cast(pa.string()), terms.flatten().cast(pa.string())], schema=_HELD)
    return table.filter(pc.not_equal(table["word"], "")).group_by(["note", "word"]).aggregate([])
