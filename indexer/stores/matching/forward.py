"""A forward index: notes as lists of term numbers, so that their text is taken apart once and not at every analysis.

A list column holds, for every note, the terms of its values in order as numbers into one dictionary of all terms of the
file, with a null wherever adjacency ends. :class:`~indexer.stores.matching.encode.Vocabulary` reads it as it reads
text, but looks up each distinct term once instead of every token.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from indexer.stores.contract import GRAMS, HEADLINE, TERM_COLUMNS, WORDS
from indexer.stores.matching.encode import VALUES, starts_of
from indexer.stores.matching.streams import BREAK, add_frequencies, compact_notes

NUMBERED: Final = pa.list_(pa.dictionary(pa.int32(), pa.string()))
TERMS: Final = (WORDS, HEADLINE, GRAMS)  # the columns that are numbered
DAY: Final = "published_day"
KEPT: Final = ("note_id", *TERMS, DAY, "engagement")
_BATCH: Final = 4_096  # notes; few, since all of one are read where any was published on a day that is asked for
_CODEC: Final = "zstd"
_COUNT: Final = np.dtype("<i4")
SCHEMA: Final = pa.schema(
    [
        pa.field("note_id", pa.string()),
        *(pa.field(name, NUMBERED) for name in TERMS),
        pa.field(DAY, pa.date32()),
        pa.field("engagement", pa.int64()),
    ]
)


@dataclass(frozen=True, slots=True)
class Numbered:
    """Notes with their terms numbered, one dictionary a column for all of them, by day.

    Attributes:
        schema: ``SCHEMA``, with the number of notes that hold each term of each dictionary in its metadata.
        batches: The notes.
    """

    schema: pa.Schema
    batches: list[pa.RecordBatch]


def number_notes(batches: Iterable[pa.RecordBatch]) -> Numbered:
    """Number the terms of notes (columns ``KEPT``).

    All numbers are held in memory at once (some kilobytes a note), so give it one file of notes at a time.
    """
    plain = _by_day(batches)
    if not plain:
        return Numbered(SCHEMA, [])
    numbered = {name: _numbered([batch.column(name) for batch in plain]) for name in TERMS}
    schema = SCHEMA.with_metadata({name: _frequencies(numbered[name]) for name in TERM_COLUMNS})
    found = [
        pa.RecordBatch.from_arrays(
            [numbered[field.name][place] if field.name in TERMS else batch[field.name] for field in SCHEMA],
            schema=schema,
        )
        for place, batch in enumerate(plain)
    ]
    return Numbered(schema, found)


def _by_day(batches: Iterable[pa.RecordBatch]) -> list[pa.RecordBatch]:
    """All notes in batches by day; nothing of what they were made from is held on to."""
    unordered = [batch.select(list(KEPT)) for batch in batches if len(batch)]
    if not unordered:
        return []
    batched: list[pa.RecordBatch] = pa.Table.from_batches(unordered).sort_by(DAY).combine_chunks().to_batches(_BATCH)
    return batched


def known_frequencies(schema: pa.Schema, column: str, dictionary: pa.Array, terms: pa.Array) -> npt.NDArray[np.int64]:
    """In how many notes of a file each term stands, from what its schema and the dictionary of a column say."""
    size = len(dictionary) * _COUNT.itemsize
    kept = pa.decompress(schema.metadata[column.encode()], decompressed_size=size, codec=_CODEC)
    known = np.append(np.frombuffer(kept, _COUNT), 0)
    place = pc.index_in(terms, value_set=dictionary).fill_null(len(dictionary)).to_numpy()
    found: npt.NDArray[np.int64] = known[place].astype(np.int64)
    return found


def _frequencies(columns: Sequence[pa.Array]) -> bytes:
    """In how many notes each term of the dictionary stands, as it is kept."""
    terms = len(columns[0].values.dictionary)
    found = np.zeros(terms, np.int64)
    for column in columns:
        numbers = column.values.indices.fill_null(BREAK).to_numpy(zero_copy_only=False).copy()  # one can be written to
        add_frequencies(column.offsets.to_numpy().copy(), numbers, found, np.zeros(terms, np.int32))
    kept: bytes = pa.compress(found.astype(_COUNT).tobytes(), codec=_CODEC, asbytes=True)
    return kept


@dataclass(frozen=True, slots=True)
class _Streams:
    """The streams of some notes over a dictionary of their own."""

    starts: pa.Array
    terms: pa.DictionaryArray


def _numbered(columns: list[pa.Array]) -> list[pa.Array]:
    """Each column as lists over one dictionary."""
    streams = [_streams(column) for column in columns]
    unified = pa.chunked_array([one.terms for one in streams], NUMBERED.value_type).unify_dictionaries()
    return [
        pa.ListArray.from_arrays(one.starts, terms, type=NUMBERED)
        for one, terms in zip(streams, unified.chunks, strict=True)
    ]


def _streams(column: pa.Array) -> _Streams:
    if column.type != VALUES:
        column = column.cast(VALUES)
    tokens = pc.split_pattern(column.flatten().fill_null(""), " ")
    encoded = tokens.flatten().dictionary_encode()
    empty = pc.index(encoded.dictionary, pa.scalar("", pa.string())).as_py()  # -1: there is none
    starts, stream = np.empty(len(column) + 1, np.int32), np.empty(2 * len(encoded), np.int32)
    outside = len(encoded.dictionary)
    compact_notes(
        starts_of(column),
        starts_of(tokens),
        encoded.indices.to_numpy(),
        empty if empty >= 0 else outside,
        starts,
        stream,
    )
    numbers = stream[: starts[-1]]
    indices = pa.array(numbers, pa.int32(), mask=numbers == BREAK)
    return _Streams(pa.array(starts, pa.int32()), pa.DictionaryArray.from_arrays(indices, encoded.dictionary))
