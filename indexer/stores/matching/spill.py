"""Encoded notes between the two passes, in a private temporary file, so that memory does not grow with the notes."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from types import TracebackType
from typing import Any, Final, NamedTuple, Self

import numpy as np
import numpy.typing as npt

from indexer.errors import StoreError
from indexer.stores.matching.plan import I4, I8


class Chunk(NamedTuple):
    """Some notes, encoded: streams of term ids, whether fresh (0 or 1), and engagement."""

    text_starts: I4
    text_ids: I4
    headline_starts: I4
    headline_ids: I4
    fresh: npt.NDArray[np.uint8]
    engagement: I8


_TYPES: Final = (np.int32, np.int32, np.int32, np.int32, np.uint8, np.int64)  # of the fields of Chunk
_HINT: Final = "free space in the temporary folder, or name another one in TMPDIR"


class Spill:
    """Chunks written one after the other and read back in the same order. The file has no name and dies with us."""

    def __init__(self) -> None:
        self._lengths: list[tuple[int, ...]] = []
        try:
            self._file = tempfile.TemporaryFile(prefix="gapfinder-", buffering=0)  # noqa: SIM115 - closed in __exit__
        except OSError as error:
            raise StoreError(f"no temporary file can be made: {error.strerror}", hint=_HINT) from error

    def append(self, chunk: Chunk) -> None:
        """Write a chunk at the end.

        Raises:
            StoreError: The disk of the temporary folder is full.
        """
        self._lengths.append(tuple(len(array) for array in chunk))
        try:
            for array in chunk:
                rest = array.view(np.uint8).data
                while rest:
                    rest = rest[self._file.write(rest) :]
        except OSError as error:
            raise StoreError(f"the temporary file can't be written: {error.strerror}", hint=_HINT) from error

    def __iter__(self) -> Iterator[Chunk]:
        self._file.seek(0)
        for lengths in self._lengths:
            yield Chunk(*(self._read(kind, length) for kind, length in zip(_TYPES, lengths, strict=True)))

    def _read(self, kind: type, length: int) -> npt.NDArray[Any]:
        array: npt.NDArray[Any] = np.empty(length, kind)
        if length and self._file.readinto(array.view(np.uint8).data) != array.nbytes:
            raise StoreError("the temporary file was cut short while it was read", hint=_HINT)
        return array

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
