"""Many JSON objects that resemble each other, kept in one piece of memory.

As Python objects a gap takes some thirty kilobytes and hundreds of objects, which the garbage collector goes through
again and again while requests wait. Packed it takes about one kilobyte and is no object of its own: each is compressed
with the first as the dictionary.
"""

from __future__ import annotations

import threading
from array import array
from collections.abc import Iterator
from typing import Any, Final, Generic, TypeVar

import orjson
import zstandard

T = TypeVar("T")

_LEVEL: Final = 1
_MOST_DICTIONARY: Final = 1 << 16


class Packed(Generic[T]):
    """JSON objects by their place. Filled by one thread, read by any."""

    def __init__(self) -> None:
        self._bytes = bytearray()  # one piece, since many small ones leave the heap full of holes
        self._ends = array("q", [0])
        self._pack: Any = None
        self._unpack = zstandard.ZstdDecompressor()
        self._unpacking = threading.Lock()  # a decompressor serves one at a time

    def __len__(self) -> int:
        return len(self._ends) - 1

    def append(self, value: T) -> None:
        """Add one; its values are JSON values, its keys texts."""
        body = orjson.dumps(value)
        if self._pack is None:
            like = zstandard.ZstdCompressionDict(body[:_MOST_DICTIONARY], dict_type=zstandard.DICT_TYPE_RAWCONTENT)
            self._pack = zstandard.ZstdCompressor(level=_LEVEL, dict_data=like)
            self._unpack = zstandard.ZstdDecompressor(dict_data=like)
        self._bytes += self._pack.compress(body)
        self._ends.append(len(self._bytes))

    def __getitem__(self, place: int) -> T:
        piece = memoryview(self._bytes)[self._ends[place] : self._ends[place + 1]]
        with self._unpacking:
            body = self._unpack.decompress(piece)
        value: T = orjson.loads(body)
        return value

    def __iter__(self) -> Iterator[T]:
        return map(self.__getitem__, range(len(self)))
