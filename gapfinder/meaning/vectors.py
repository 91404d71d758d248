"""The vectors of many texts: from the cache where they are kept, from the embedder where they are new.

They lie in an unnamed temporary file that is mapped into memory, one byte a number, so that memory stays bounded: the
operating system keeps as much of it at hand as there is room for.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from gapfinder.meaning.cache import VectorCache
from gapfinder.meaning.embedder import Embedder
from gapfinder.meaning.quantised import Floats, Small, inverse_lengths, quantised
from gapfinder.meaning.texts import Ints, Texts
from indexer.errors import EmbedderError
from indexer.stores.contract import Store

_ASKED: Final = 1024  # texts handed to the embedder together
_BLOCK: Final = 8192  # rows touched together


@dataclass(frozen=True)
class Vectors:
    """Vectors of texts, in the order of their ids.

    Attributes:
        ids: Ids of the texts by code point.
        rows: One vector a text; zeros where the text is blank.
        inverse: One over the length of each.
    """

    ids: pa.Array
    rows: Small
    inverse: Floats

    def __len__(self) -> int:
        return len(self.ids)

    def blocks(self, rows: int) -> Iterator[tuple[int, Floats, Floats]]:
        """First place, vectors as float32 and inverse lengths of so many texts at a time."""
        for start in range(0, len(self), rows):
            yield start, self.rows[start : start + rows].astype(np.float32), self.inverse[start : start + rows]


def vectors_of(store: Store, embedder: Embedder, texts: Texts) -> Vectors:
    """The vectors of all texts; what was embedded is kept in the store, also when the embedder fails halfway.

    Raises:
        EmbedderError: The embedder can't be reached, or its answer can't be trusted.
    """
    try:
        by_key = _by_key(embedder, texts, VectorCache(store, embedder.name), known=True)
    except _OtherLengthError:  # another model answers under the old name: what it made before is of no use
        by_key = _by_key(embedder, texts, VectorCache(store, embedder.name), known=False)
    ids, places = texts.ids(), texts.places()
    rows = _mapped(len(ids), by_key.shape[1])
    inverse = np.zeros(len(ids), np.float32)
    for start in range(0, len(ids), _BLOCK):
        place = places[start : start + _BLOCK]
        part = np.where(place[:, None] >= 0, by_key[np.maximum(place, 0)], np.int8(0)) if by_key.size else 0
        rows[start : start + _BLOCK] = part
        inverse[start : start + _BLOCK] = inverse_lengths(rows[start : start + _BLOCK])
    return Vectors(ids, rows, inverse)


class _OtherLengthError(Exception):
    """The embedder's vectors have another length than those it made before."""


def _by_key(embedder: Embedder, texts: Texts, cache: VectorCache, *, known: bool) -> Small:
    """One vector a key, in the order of the keys."""
    keys = texts.keys()
    rows = _mapped(len(keys), (cache.dimensions if known else None) or 0)
    missing = np.ones(len(keys), bool)
    for found, vectors in cache.pieces() if known and len(keys) else ():
        place = np.minimum(np.searchsorted(keys, found), len(keys) - 1)
        ours = keys[place] == found
        rows[place[ours]] = vectors[ours]
        missing[place[ours]] = False
    try:
        for asked, given in texts.of_keys(keys[missing], _ASKED) if missing.any() else ():
            new = quantised(embedder.embed(given))
            if rows.shape[1] != new.shape[1]:
                if rows.shape[1]:
                    raise _OtherLengthError
                rows = _mapped(len(keys), new.shape[1])
            rows[np.searchsorted(keys, asked)] = new
            cache.add(asked, new)
    except EmbedderError:
        cache.flush()
        raise
    cache.flush()
    return rows


def _mapped(count: int, dimensions: int) -> Small:
    """Zeros in a temporary file that goes with the array."""
    if not count or not dimensions:
        return np.zeros((count, dimensions), np.int8)
    with tempfile.TemporaryFile(prefix="gapfinder-") as file:
        if hasattr(os, "posix_fallocate"):  # a full disk is an error here, and not a dead process at the first write
            os.posix_fallocate(file.fileno(), 0, count * dimensions)
        return cast("Small", np.memmap(file, np.int8, "w+", shape=(count, dimensions)))


def places_of(ids: pa.Array, wanted: pa.Array) -> Ints:
    """Place of each wanted id among ids; -1 where it is not there."""
    found = pc.fill_null(pc.index_in(wanted, value_set=ids), -1)
    return cast("Ints", found.to_numpy(zero_copy_only=False).astype(np.int64))
