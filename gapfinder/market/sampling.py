"""Some notes of a snapshot, the same ones on every store: what is learned before all notes are read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from hashlib import blake2b
from typing import Final

import numpy as np
import pyarrow as pa

from indexer.stores.contract import Snapshot

MOST: Final = 20_000
_BITS: Final = 1 << 32


def sampled_notes(snapshot: Snapshot, columns: Sequence[str], most: int = MOST) -> Iterator[pa.RecordBatch]:
    """About ``most`` notes, chosen by the hash of their ids; all of them where there are no more."""
    notes = snapshot.count("note")
    limit = _BITS if notes <= most else _BITS * most // notes
    for batch in snapshot.scan("note", ["note_id", *columns]):
        if limit == _BITS:
            yield batch
            continue
        ids = batch["note_id"].to_pylist()
        low = np.array([int.from_bytes(blake2b(one.encode(), digest_size=4).digest(), "big") for one in ids], np.int64)
        chosen = np.flatnonzero(low < limit)
        if chosen.size:
            yield batch.take(pa.array(chosen))
