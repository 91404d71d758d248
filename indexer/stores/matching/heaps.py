"""The best notes of each keyword, in heaps.

A note is one number there, its *key*: ``weight << 32 | preference``. The smallest key of a heap is on top, to be
replaced; once a heap has no more room, what does not exceed it is not among the best.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import types

from indexer.stores.matching.compiled import compiled, inlined
from indexer.stores.matching.plan import I4, I8

_I4 = types.int32[::1]
_I8 = types.int64[::1]


class Heaps(NamedTuple):
    """The heaps of some keywords.

    Attributes:
        starts: Where the room of each heap begins, and the end.
        sizes: Number of keys so far.
        keys: The keys.
        cutoff: A key is taken in only if it exceeds this.
    """

    starts: I8
    sizes: I4
    keys: I8
    cutoff: I8


HEAPS = types.NamedTuple([_I8, _I4, _I8, _I8], Heaps)  # type: ignore[no-untyped-call]


def empty_heaps(starts: I8, cutoff: I8) -> Heaps:
    """Heaps with that room and nothing in them."""
    return Heaps(starts, np.zeros(len(cutoff), np.int32), np.zeros(starts[-1], np.int64), cutoff.copy())


@inlined
def _sink(heap: I8, size: int, key: int) -> None:
    """Put a key in the place of the smallest of a heap of that size."""
    place = np.int64(0)
    child = np.int64(1)
    while child < size:
        if child + 1 < size and heap[child + 1] < heap[child]:
            child += 1
        if heap[child] >= key:
            break
        heap[place] = heap[child]
        place = child
        child = 2 * place + 1
    heap[place] = key


@inlined
def _rise(heap: I8, size: int, key: int) -> None:
    """Add a key to a heap of that size."""
    place = size
    while place > 0 and heap[(place - 1) // 2] > key:
        heap[place] = heap[(place - 1) // 2]
        place = (place - 1) // 2
    heap[place] = key


@inlined
def take_in(heaps: Heaps, number: int, key: int) -> None:
    """Put a key that exceeds the cutoff into a heap."""
    heap = heaps.keys[heaps.starts[number] : heaps.starts[number + 1]]
    size = int(heaps.sizes[number])
    if size < len(heap):
        _rise(heap, size, key)
        size += 1
        heaps.sizes[number] = size
    else:
        _sink(heap, size, key)
    if size == len(heap):
        heaps.cutoff[number] = heap[0]


@compiled(HEAPS, _I8, _I8)
def sort_heaps(heaps: Heaps, keys: I8, key_starts: I8) -> None:
    """Take the keys out of the heaps, the greatest first; those of heap k go to ``keys`` from ``key_starts[k]`` on."""
    for number in range(len(heaps.sizes)):
        size = int(heaps.sizes[number])
        heap = heaps.keys[heaps.starts[number] : heaps.starts[number] + size]
        while size > 0:
            size -= 1
            keys[key_starts[number] + size] = heap[0]
            _sink(heap, size, heap[size])
