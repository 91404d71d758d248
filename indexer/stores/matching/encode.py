"""Notes as streams of term ids: only the terms that are asked about have one.

Arrow splits and looks up whole batches; nothing here runs once a note.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from indexer.stores.matching.kernel import compact_notes
from indexer.stores.matching.plan import I4, Keywords

CHUNK_BYTES: Final = 4 << 20  # of a batch are encoded at once, so that what is needed for it stays small
CHUNK_NOTES: Final = 1 << 14
_VALUES: Final = pa.list_(pa.string())


class Vocabulary:
    """The distinct terms that are asked about, numbered in the order in which they first come up."""

    def __init__(self, terms: pa.Array) -> None:
        self.terms: pa.Array = terms
        # The empty token, which comes from two spaces in a row, is looked up like a term and then left out.
        empty = pc.index(terms, pa.scalar("", pa.string())).as_py()
        self._empty: int = len(terms) if empty < 0 else empty
        self._known = terms if empty >= 0 else pa.concat_arrays([terms, pa.array([""], pa.string())])

    def __len__(self) -> int:
        return len(self._known)

    def streams(self, column: pa.Array) -> tuple[I4, I4]:
        """The notes of a column of lists of space-parted terms, as starts and ids (see :func:`compact_notes`)."""
        if column.type != _VALUES:
            column = column.cast(_VALUES)
        values = column.flatten().fill_null("")
        tokens = pc.split_pattern(values, " ")
        ids = pc.index_in(tokens.flatten(), value_set=self._known).fill_null(-1)
        starts, stream = np.empty(len(column) + 1, np.int32), np.empty(2 * len(ids), np.int32)
        compact_notes(_starts(column), _starts(tokens), ids.to_numpy(), self._empty, starts, stream)
        return starts, stream[: starts[-1]]


def number_terms(terms: Sequence[Sequence[str]]) -> tuple[Vocabulary, Keywords]:
    """The vocabulary of some keywords, and the keywords as ids in it."""
    column = pa.array(terms, _VALUES)
    encoded = column.flatten().dictionary_encode()
    keywords = Keywords(_starts(column).astype(np.int64), encoded.indices.to_numpy())
    return Vocabulary(encoded.dictionary), keywords


def chunks(batches: Iterator[pa.RecordBatch], columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
    """The batches with these columns only, cut small enough to encode."""
    for batch in batches:
        narrow = batch.select(list(columns))
        rows = max(1, min(CHUNK_NOTES, len(batch) * CHUNK_BYTES // max(narrow.nbytes, 1)))
        for start in range(0, len(batch), rows):
            yield narrow.slice(start, rows)


def _starts(lists: pa.Array) -> npt.NDArray[Any]:
    """Where each list starts in the flattened values, and the end; a null list is empty."""
    starts = np.zeros(len(lists) + 1, dtype=np.int32)
    np.cumsum(pc.list_value_length(lists).fill_null(0).to_numpy(), out=starts[1:])
    starts.flags.writeable = False
    return starts
