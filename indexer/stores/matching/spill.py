"""Encoded notes between the two passes, in a private temporary file, so that memory does not grow with the notes."""

from __future__ import annotations

import os
import tempfile
from types import TracebackType
from typing import Any, Final, NamedTuple, Self

import numpy as np
import numpy.typing as npt

from indexer.errors import StoreError
from indexer.stores.matching.plan import I4, I8


class Chunk(NamedTuple):
    """Some notes, encoded: streams of term ids, whether fresh (0 or 1), and engagement.

    The streams of note n are ``text_ids[text_starts[n]:text_starts[n + 1]]``, and so of its headline.
    """

    text_starts: I4
    text_ids: I4
    headline_starts: I4
    headline_ids: I4
    fresh: npt.NDArray[np.uint8]
    engagement: I8

    def __len__(self) -> int:
        return len(self.fresh)


_HINT: Final = "free space in the temporary folder, or name another one in TMPDIR"


class Spill:
    """Chunks written one after the other, any notes of which are read back. The file has no name and dies with us."""

    def __init__(self) -> None:
        self._places: list[tuple[int, ...]] = []
        self._end = 0
        try:
            self._file = tempfile.TemporaryFile(prefix="gapfinder-", buffering=0)  # noqa: SIM115 - closed in __exit__
        except OSError as error:
            raise StoreError(f"no temporary file can be made: {error.strerror}", hint=_HINT) from error

    def append(self, chunk: Chunk) -> None:
        """Write a chunk at the end.

        Raises:
            StoreError: The disk of the temporary folder is full.
        """
        places = []
        try:
            for array in chunk:
                places.append(self._end)
                self._end += array.nbytes
                rest = array.view(np.uint8).data
                while rest:
                    rest = rest[self._file.write(rest) :]
        except OSError as error:
            raise StoreError(f"the temporary file can't be written: {error.strerror}", hint=_HINT) from error
        self._places.append(tuple(places))

    def read(self, number: int, first: int, end: int) -> Chunk:
        """The notes ``first`` to ``end`` of a chunk (by its number, in the order in which they were appended)."""
        text_starts, text_ids, headline_starts, headline_ids, fresh, engagement = self._places[number]
        return Chunk(
            *self._streams(text_starts, text_ids, first, end),
            *self._streams(headline_starts, headline_ids, first, end),
            self._read(np.uint8, fresh, first, end),
            self._read(np.int64, engagement, first, end),
        )

    def _streams(self, starts_place: int, ids_place: int, first: int, end: int) -> tuple[I4, I4]:
        starts = self._read(np.int32, starts_place, first, end + 1)
        ids = self._read(np.int32, ids_place, int(starts[0]), int(starts[-1]))
        return starts - starts[0], ids

    def _read(self, kind: type, place: int, first: int, end: int) -> npt.NDArray[Any]:
        array: npt.NDArray[Any] = np.empty(end - first, kind)
        offset = place + first * array.itemsize
        if len(array) and os.preadv(self._file.fileno(), [array.view(np.uint8).data], offset) != array.nbytes:
            raise StoreError("the temporary file was cut short while it was read", hint=_HINT)
        return array

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
