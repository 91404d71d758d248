"""Vectors kept in the store, so that a text is embedded once for each model.

They lie outside snapshots, where the results of analyses lie, in pieces that are written once and never changed. A
piece is named after its embedder and its content, so a damaged piece is told from a sound one, writing a piece twice
changes nothing, and what one analysis embedded before it was stopped serves the next. A vector belongs to the text
alone: notes that change or go leave it behind, and it is found again when the text comes back.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

import numpy as np
import pyarrow as pa

from gapfinder.meaning.quantised import Small
from gapfinder.meaning.texts import Keys
from indexer.errors import NotFoundError, StoreError
from indexer.stores.contract import RUN_ROWS, RunInfo, Store

PREFIX: Final = "vectors-"
PIECE: Final = 8192  # vectors
_SECTION: Final = "vectors"
_FORMAT: Final = 1
_WIDE: Final = 3  # bytes become four letters of base64 without padding, so that rows can be put together and parted


class VectorCache:
    """The vectors that one embedder has made for a store.

    Args:
        store: Where they are kept.
        embedder: Its name, model included.
    """

    def __init__(self, store: Store, embedder: str) -> None:
        self._store = store
        self._embedder = embedder
        self._waiting: list[tuple[Keys, Small]] = []
        prefix = f"{PREFIX}{_short(embedder.encode())}-"
        pieces = [
            info
            for info in store.runs()
            if info.run.startswith(prefix)
            and info.manifest.get("format") == _FORMAT
            and info.manifest.get("embedder") == embedder
        ]
        self._prefix = prefix
        newest = pieces[0].manifest.get("dimensions") if pieces else None
        self.dimensions: int | None = newest if isinstance(newest, int) and newest > 0 else None
        self._pieces = [info for info in pieces if info.manifest.get("dimensions") == self.dimensions]

    def pieces(self) -> Iterator[tuple[Keys, Small]]:
        """Keys and vectors (of :attr:`dimensions` numbers) that are kept, piece by piece, without the damaged ones."""
        assert self.dimensions is not None or not self._pieces
        for info in self._pieces:
            try:
                rows = self._store.run_rows(info.run, _SECTION)
            except (NotFoundError, StoreError):  # deleted meanwhile, or damaged: its texts are embedded again
                continue
            keys, bodies = rows["key"].to_pylist(), rows["body"].to_pylist()
            if info.run == self._prefix + _digest(keys, bodies) and (vectors := _read(bodies, self.dimensions or 0)):
                yield np.array(keys, "S32"), vectors[0]

    def add(self, keys: Keys, vectors: Small) -> None:
        """Keep the vectors of these keys; they are written once there are enough for a piece, or by :meth:`flush`."""
        self._waiting.append((keys, vectors))
        if sum(len(waiting) for waiting, _ in self._waiting) >= PIECE:
            self.flush()

    def flush(self) -> None:
        """Write what waits."""
        if not self._waiting:
            return
        keys = [key.decode() for waiting, _ in self._waiting for key in waiting.tolist()]
        vectors = np.concatenate([rows for _, rows in self._waiting])
        bodies = _written(vectors)
        run = self._prefix + _digest(keys, bodies)
        manifest = {
            "format": _FORMAT,
            "embedder": self._embedder,
            "dimensions": int(vectors.shape[1]),
            "texts": len(keys),
        }
        columns = [pa.repeat(_SECTION, len(keys)), pa.array(range(len(keys)), pa.int64()), keys, bodies]
        rows = pa.Table.from_arrays([pa.array(column) for column in columns], schema=RUN_ROWS)
        self._store.save_run(RunInfo(run, run, datetime.now(UTC), manifest), rows)
        self._waiting.clear()


def _written(vectors: Small) -> list[str]:
    """Each vector as JSON text: base64 of its bytes, filled up with zeros to whole groups of letters."""
    padded = np.pad(vectors, ((0, 0), (0, -vectors.shape[1] % _WIDE)))
    letters = base64.b64encode(padded.tobytes()).decode()
    step = padded.shape[1] // _WIDE * 4
    return [f'"{letters[start : start + step]}"' for start in range(0, len(letters), step)]


def _read(bodies: list[str], dimensions: int) -> tuple[Small] | None:
    """The vectors in these texts; None when they are not such texts."""
    wide = dimensions + -dimensions % _WIDE
    try:
        data = binascii.a2b_base64("".join(body[1:-1] for body in bodies), strict_mode=True)
    except ValueError:  # letters that are none of base64
        return None
    if len(data) != wide * len(bodies):
        return None
    return (np.frombuffer(data, np.int8).reshape(len(bodies), wide)[:, :dimensions],)


def _digest(keys: list[str], bodies: list[str]) -> str:
    return _short("\n".join([*keys, *bodies]).encode())


def _short(data: bytes) -> str:
    return hashlib.blake2b(data, digest_size=8).hexdigest()
