"""Some notes of a snapshot, read once in blocks: by their ids where they are few of all notes, else in one pass."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from indexer.stores.contract import Snapshot

Ints = npt.NDArray[np.int64]

_BLOCK: Final = 16_384  # notes read together by their ids
_FEW: Final = 4  # as many times more notes than are wanted make ids worth while


def note_blocks(
    snapshot: Snapshot, note_ids: pa.Array, columns: Sequence[str]
) -> Iterator[tuple[Ints, pa.RecordBatch]]:
    """Places of notes among ``note_ids``, and these columns of them; each note that exists comes once.

    Args:
        snapshot: Where the notes are.
        note_ids: Which notes: distinct ids.
        columns: Which columns; the first is ``note_id``.
    """
    if len(note_ids) * _FEW < snapshot.count("note"):
        for first in range(0, len(note_ids), _BLOCK):
            wanted = note_ids.slice(first, _BLOCK)
            table = snapshot.by_id("note", wanted.to_pylist(), columns)
            for batch in table.combine_chunks().to_batches():
                yield places_of(batch["note_id"], wanted) + first, batch
        return
    for batch in snapshot.scan("note", columns):
        place = places_of(batch["note_id"], note_ids)
        wanted = place >= 0
        if wanted.any():
            yield place[wanted], batch.filter(pa.array(wanted))


def places_of(ids: pa.Array, among: pa.Array) -> Ints:
    """Where ids stand among others; -1 where they do not. Each call makes a table of the others."""
    place = pc.fill_null(pc.index_in(ids, value_set=among), -1)
    return cast("Ints", place.to_numpy(zero_copy_only=False).astype(np.int64))
