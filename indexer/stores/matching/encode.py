"""Notes as streams of term ids: only the terms that are asked about have one.

Notes come as text, whose tokens are split and looked up one by one, or from a forward index
(:mod:`indexer.stores.matching.forward`), of whose dictionary each term is looked up once. Arrow works on whole batches;
nothing here runs once a note.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from indexer.stores.matching.plan import I4, Keywords
from indexer.stores.matching.streams import compact_notes

CHUNK_BYTES: Final = 4 << 20  # of a batch are encoded at once, so that what is needed for it stays small
CHUNK_NOTES: Final = 1 << 12
VALUES: Final = pa.list_(pa.string())

_NO_TERM: Final = -2
_KEPT_DICTIONARIES: Final = 8  # as many files as are read at once


class Vocabulary:
    """The distinct terms that are asked about, numbered in the order in which they first come up."""

    def __init__(self, terms: pa.Array) -> None:
        self.terms: pa.Array = terms
        # The empty token, which comes from two spaces in a row, is looked up like a term and then left out.
        empty = pc.index(terms, pa.scalar("", pa.string())).as_py()
        self._empty: int = len(terms) if empty < 0 else empty
        self._known = terms if empty >= 0 else pa.concat_arrays([terms, pa.array([""], pa.string())])
        self._dictionaries: OrderedDict[tuple[int, int], tuple[pa.Array, I4]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._known)

    def streams(self, column: pa.Array) -> tuple[I4, I4]:
        """The notes of a column of lists of space-parted terms, as starts and ids (see :func:`compact_notes`)."""
        if _is_numbered(column):
            return self._numbered_streams(column)
        if column.type != VALUES:
            column = column.cast(VALUES)
        values = column.flatten().fill_null("")
        tokens = pc.split_pattern(values, " ")
        ids = pc.index_in(tokens.flatten(), value_set=self._known).fill_null(-1)
        starts, stream = np.empty(len(column) + 1, np.int32), np.empty(2 * len(ids), np.int32)
        compact_notes(starts_of(column), starts_of(tokens), ids.to_numpy(), self._empty, starts, stream)
        return starts, stream[: starts[-1]]

    def _numbered_streams(self, column: pa.Array) -> tuple[I4, I4]:
        """The same for notes of a forward index."""
        numbers = column.flatten()
        ids = self._ids_of(numbers.dictionary)[numbers.indices.fill_null(-1).to_numpy()]
        starts, stream = np.empty(len(column) + 1, np.int32), np.empty(len(ids), np.int32)
        compact_notes(_one_value(len(column)), starts_of(column), ids, _NO_TERM, starts, stream)
        return starts, stream[: starts[-1]]

    def _ids_of(self, dictionary: pa.Array) -> I4:
        """The id of each term of a dictionary, -1 where it is not asked about and for what follows the last."""
        key = dictionary.buffers()[2].address if len(dictionary) else 0, len(dictionary)
        known = self._dictionaries.get(key)
        if known is None:
            ids = np.full(len(dictionary) + 1, -1, np.int32)
            ids[:-1] = pc.index_in(dictionary, value_set=self.terms).fill_null(-1).to_numpy()
            # Held with the ids, so that no other dictionary comes to lie at the same address.
            known = self._dictionaries[key] = dictionary, ids
            while len(self._dictionaries) > _KEPT_DICTIONARIES:
                self._dictionaries.popitem(last=False)
        return known[1]


def number_terms(terms: Sequence[Sequence[str]]) -> tuple[Vocabulary, Keywords]:
    """The vocabulary of some keywords, and the keywords as ids in it."""
    column = pa.array(terms, VALUES)
    encoded = column.flatten().dictionary_encode()
    keywords = Keywords(starts_of(column).astype(np.int64), encoded.indices.to_numpy())
    return Vocabulary(encoded.dictionary), keywords


def chunks(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """The batches, cut small enough to encode."""
    for batch in batches:
        text = sum(column.nbytes for column in batch.columns if not _is_numbered(column))
        rows = max(1, min(CHUNK_NOTES, len(batch) * CHUNK_BYTES // max(text, 1)))
        for start in range(0, len(batch), rows):
            yield batch.slice(start, rows)


def _is_numbered(column: pa.Array) -> bool:
    """Whether a column comes from a forward index."""
    return bool(pa.types.is_list(column.type) and pa.types.is_dictionary(column.type.value_type))


def _one_value(notes: int) -> I4:
    """Value starts of notes that have one value each."""
    starts: I4 = np.arange(notes + 1, dtype=np.int32)
    starts.flags.writeable = False
    return starts


def starts_of(lists: pa.Array) -> npt.NDArray[Any]:
    """Where each list starts in the flattened values, and the end; a null list is empty."""
    starts = np.zeros(len(lists) + 1, dtype=np.int32)
    np.cumsum(pc.list_value_length(lists).fill_null(0).to_numpy(), out=starts[1:])
    starts.flags.writeable = False
    return starts
