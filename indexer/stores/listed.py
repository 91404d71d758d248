"""Lists of notes by their ids, each id kept once: what a store names for a hundred thousand keywords.

A list is a dictionary array in one form only: its dictionary holds the notes that are listed and no others, sorted by
code point. So equal lists are equal arrays, and numbers order notes as their ids do.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

LISTED: Final = pa.dictionary(pa.int32(), pa.string())

I4 = npt.NDArray[np.int32]


def listed_by_id(ids: pa.Array) -> pa.DictionaryArray:
    """A list from the id of each entry."""
    encoded = ids.cast(pa.string()).dictionary_encode()
    return listed_as_met(encoded.indices.to_numpy(), encoded.dictionary)


def listed_as_met(numbers: I4, ids: pa.Array) -> pa.DictionaryArray:
    """A list from the number of each entry's note among distinct ids in any order, all of them listed."""
    order = pc.sort_indices(ids).to_numpy()
    rank = np.empty(len(order), np.int32)
    rank[order] = np.arange(len(order), dtype=np.int32)
    return _array(rank[numbers], ids.take(pa.array(order)))


def listed_by_number(numbers: npt.NDArray[np.signedinteger], ids: pa.Array) -> pa.DictionaryArray:
    """A list from the number of each entry's note; ``ids`` are the ids of all notes (any string type), sorted."""
    used = np.zeros(len(ids), np.bool_)
    used[numbers] = True
    if used.all():
        return _array(numbers.astype(np.int32, copy=False), ids.cast(pa.string()))
    place = np.cumsum(used, dtype=np.int32) - np.int32(1)
    return _array(place[numbers], ids.filter(pa.array(used)).cast(pa.string()))


def numbers_of(entries: pa.DictionaryArray) -> I4:
    """The number of each entry's note, among the notes of its list."""
    numbers: I4 = entries.indices.to_numpy()
    return numbers


def numbered_together(lists: Sequence[pa.DictionaryArray]) -> tuple[list[I4], pa.Array]:
    """The numbers of the entries of each list among the notes of all lists, and these, sorted by id."""
    names = pa.chunked_array([one.dictionary for one in lists], pa.string()).unique()
    ids = names.take(pc.sort_indices(names))
    places = (pc.index_in(one.dictionary, value_set=ids).to_numpy(zero_copy_only=False) for one in lists)
    return [place.astype(np.int32)[numbers_of(one)] for place, one in zip(places, lists, strict=True)], ids


def _array(numbers: I4, ids: pa.Array) -> pa.DictionaryArray:
    return pa.DictionaryArray.from_arrays(pa.array(numbers, pa.int32()), ids)
