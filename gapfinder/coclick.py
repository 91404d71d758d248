"""Words in whose place searchers found another: what co-click says of pairs of words.

People who asked with a word and read, at length, notes that hold another word in their headline and the first one
nowhere, found what they wanted under the other word (祛斑精华 read as 淡斑精华). The rest of the query is the *frame*
(_精华). How often that comes by chance, two things tell, and the larger counts: what people read under other queries of
the frame (补水精华, 美白精华 ...), and how many of the notes that hold the frame have the other word in their headline.
Both are shrunk towards all reads.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from gapfinder.note_blocks import note_blocks
from gapfinder.privatedb import private_db
from gapfinder.reads import Reads
from indexer.stores.contract import Snapshot

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

_MEMORY_LIMIT: Final = "256MB"
_MOST_NOTES: Final = 50  # of a query, the most read ones
_COLUMNS: Final = ("note_id", "text_terms", "headline_terms")
_HELD: Final = pa.schema([("note", pa.int32()), ("word", pa.int32())])
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
    notes = pc.unique(reads.note_id)
    notes = notes.take(pc.sort_indices(notes))
    frames = _Frames.of(queries, np.unique(reads.query))
    headline, text, words = _holds(snapshot, notes, frames.words)
    with private_db(_MEMORY_LIMIT) as log:
        note = pc.index_in(reads.note_id, value_set=notes)
        _keep(log, "every", pa.table({"query": reads.query, "note": note, "readers": reads.readers}))
        log.execute(
            f"""
            CREATE TABLE reads AS FROM every
            QUALIFY row_number() OVER (PARTITION BY query ORDER BY readers DESC, note) <= {_MOST_NOTES}
            """
        )
        inside = _inside(frames.words.to_pylist(), words.to_pylist())
        tables = {
            "framed": frames.framed, "rests": frames.rests, "headline": headline, "text": text, "inside": inside
        }  # fmt: skip
        for name, table in tables.items():
            _keep(log, name, table)
        log.execute(_FRAMES)
        log.execute(_STRONG, {"least": LEAST_SHARED, "part": LEAST_PART})
        found = log.sql(_COUNTS).to_arrow_table()
    for name in ("word", "other"):
        place = found.schema.get_field_index(name)
        found = found.set_column(place, name, words.take(found[name].combine_chunks()))
    found = found.sort_by([("word", "ascending"), ("other", "ascending")])
    column = {name: found[name].to_numpy() for name in found.column_names if name not in {"word", "other"}}
    usual = column["every_shared"] / column["every_reads"]
    chance = np.maximum(
        (column["frame_shared"] + _STRENGTH * usual) / (column["frame_reads"] + _STRENGTH),
        (column["pool_shared"] + _STRENGTH * usual) / (column["pool"] + _STRENGTH),
    )
    return Shared(found["word"].to_pylist(), found["other"].to_pylist(), column["shared"], column["reads"], chance)


# Notes, words and frames are numbers. Reads by frame and word; readers under a word in a frame of notes with another
# word in the headline.
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
    SELECT n.frame, n.word, n.other, n.readers, n.instead, t.readers AS reads
    FROM named n JOIN total t USING (frame, word)
    WHERE n.instead > 0 AND NOT EXISTS (
        SELECT 1 FROM rests r JOIN inside i USING (rest) WHERE r.frame = n.frame AND i.other = n.other)
    QUALIFY sum(n.instead) OVER (PARTITION BY n.word, n.other) >= $least
        AND sum(n.instead) OVER (PARTITION BY n.word, n.other)
            >= $part * sum(t.readers) OVER (PARTITION BY n.word, n.other)
"""
_COUNTS: Final = """
    WITH frames AS (SELECT frame, sum(readers) AS readers FROM total GROUP BY ALL),
    usual AS (SELECT frame, other, sum(readers) AS readers FROM named GROUP BY ALL),
    every AS (SELECT h.word AS other, sum(r.readers) AS readers FROM reads r JOIN headline h USING (note) GROUP BY ALL),
    notes AS (SELECT DISTINCT note FROM reads),
    places AS (SELECT DISTINCT frame FROM strong),
    sizes AS (SELECT frame, count(*) AS size FROM rests GROUP BY ALL),
    holding AS (  -- notes that hold a whole frame
        SELECT p.frame, t.note
        FROM places p JOIN sizes s USING (frame) JOIN rests r USING (frame) JOIN text t ON t.word = r.rest
        GROUP BY p.frame, t.note HAVING count(*) = any_value(s.size)
        UNION ALL
        SELECT p.frame, n.note FROM places p ANTI JOIN rests r USING (frame), notes n),
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
    GROUP BY s.word, s.other
"""


def _keep(log: duckdb.DuckDBPyConnection, name: str, rows: pa.Table) -> None:
    log.register("given", rows)
    log.execute(f"CREATE TABLE {name} AS SELECT * FROM given")  # noqa: S608 - our own names
    log.unregister("given")


@dataclass(frozen=True)
class _Frames:
    """The frames of queries: the rest of its words for each word of each query.

    Attributes:
        words: All words, sorted; a word's place is its number.
        framed: Numbers (query, frame, word).
        rests: Numbers (frame, rest): the words of each frame. The empty frame has none.
    """

    words: pa.Array
    framed: pa.Table
    rests: pa.Table

    @classmethod
    def of(cls, queries: Sequence[Sequence[str]], read: Ints) -> Self:
        """The frames of the queries that were read."""
        words = sorted({word for query in read.tolist() for word in queries[query]})
        number = {word: place for place, word in enumerate(words)}
        frames: dict[tuple[int, ...], int] = {}
        rows = array("q")
        for query in read.tolist():
            numbers = sorted(number[word] for word in queries[query])
            for place, word in enumerate(numbers):
                frame = frames.setdefault((*numbers[:place], *numbers[place + 1 :]), len(frames))
                rows.extend((query, frame, word))
        framed = np.array(rows, np.int64).reshape(-1, 3).T
        rests = (
            np.array([(frame, word) for words, frame in frames.items() for word in words], np.int32).reshape(-1, 2).T
        )
        return cls(
            pa.array(words, pa.string()),
            pa.table([framed[0], framed[1].astype(np.int32), framed[2].astype(np.int32)], ["query", "frame", "word"]),
            pa.table(list(rests), ["frame", "rest"]),
        )


def _holds(snapshot: Snapshot, notes: pa.Array, words: pa.Array) -> tuple[pa.Table, pa.Table, pa.Array]:
    """What notes hold, as numbers.

    Returns:
        (note, word) of the headlines; the same of the texts, for the given words only; and all words by their number:
        the given ones, then others of headlines.
    """
    text = [_HELD.empty_table()]
    rows: list[pa.Array] = [pa.array([], pa.int32())]
    heads: list[pa.DictionaryArray] = [pa.array([], pa.string()).dictionary_encode()]
    for place, batch in note_blocks(snapshot, notes, _COLUMNS):
        row, terms = _terms(batch["text_terms"], place)
        text.append(_each_once(row, pc.index_in(terms, value_set=words)))
        row, terms = _terms(batch["headline_terms"], place)
        rows.append(row)
        heads.append(terms.dictionary_encode())
    unified = pa.chunked_array(heads).unify_dictionaries().combine_chunks()
    dictionary = unified.dictionary
    further = dictionary.filter(pc.invert(pc.or_(pc.is_in(dictionary, value_set=words), pc.equal(dictionary, ""))))
    every = pa.concat_arrays([words, further])
    number = pc.index_in(dictionary, value_set=every).take(unified.indices)
    return _each_once(pa.chunked_array(rows).combine_chunks(), number), pa.concat_tables(text), every


def _inside(rests: Sequence[str], others: Sequence[str]) -> pa.Table:
    """Numbers (rest, other) of the words that are a part of another, or the same."""
    number = {word: place for place, word in enumerate(rests)}
    found = array("i")
    for place, other in enumerate(others):
        parts = {other[first:end] for first in range(len(other)) for end in range(first + 1, len(other) + 1)}
        for part in parts & number.keys():
            found.extend((number[part], place))
    return pa.table(list(np.array(found, np.int32).reshape(-1, 2).T), ["rest", "other"])


def _terms(values: pa.Array, place: Ints) -> tuple[pa.Array, pa.Array]:
    """The note of each term of a column, and the terms."""
    terms = pc.split_pattern(pc.fill_null(values.flatten(), ""), " ")
    row = pc.list_parent_indices(values).take(pc.list_parent_indices(terms))
    return pa.array(place.astype(np.int32)).take(row), terms.flatten().cast(pa.string())


def _each_once(note: pa.Array, word: pa.Array) -> pa.Table:
    """Pairs of notes and words, each once; those without a word are left out."""
    table = pa.table([note, word], schema=_HELD).filter(pc.is_valid(word))
    return table.group_by(["note", "word"]).aggregate([])
