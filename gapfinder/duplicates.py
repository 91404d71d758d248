"""Near-duplicate notes: copies count once in supply.

Each note carries a MinHash sketch of its character 3-shingles, made on import. Notes that agree in a band of the sketch
are compared, and those whose estimated Jaccard similarity (share of equal sketch positions, standard error at most
1/16 with 64 positions) reaches the threshold form a group; the lowest ``note_id`` stands for it. Broder (1997);
banding: Leskovec, Rajaraman, Ullman, *Mining of Massive Datasets*, section 3.4.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from indexer.stores.contract import Snapshot

BANDS: Final = 16
_MOST_IN_BUCKET: Final = 50  # neighbours compared in a bucket; chains still join what is alike


@dataclass(frozen=True)
class Duplicates:
    """Which notes stand for which.

    Args:
        copies: Ids of the notes that repeat another one, sorted.
        originals: For each of them the id that stands for its group.
        sizes: Number of notes of a group by the id that stands for it (groups of two and more).
    """

    copies: pa.Array
    originals: pa.Array
    sizes: dict[str, int]

    def original(self, note_ids: pa.Array) -> pa.Array:
        """For each note the id that stands for it (itself when it is no copy)."""
        if len(self.copies) == 0:
            return note_ids
        index = pc.index_in(note_ids, value_set=self.copies)
        return pc.if_else(pc.is_valid(index), self.originals.take(pc.fill_null(index, 0)), note_ids)


def find_duplicates(snapshot: Snapshot, similarity: float) -> Duplicates:
    """Groups of near-duplicate notes over the whole snapshot."""
    ids: list[pa.Array] = []
    sketches: list[npt.NDArray[np.uint32]] = []
    for batch in snapshot.scan("note", ("note_id", "sketch")):
        known = batch.filter(pc.greater(pc.fill_null(pc.utf8_length(batch["sketch"]), 0), 0))
        if known.num_rows:
            ids.append(known["note_id"])
            sketches.append(_parse(known["sketch"]))
    if not ids:
        return Duplicates(pa.array([], pa.string()), pa.array([], pa.string()), {})
    names = pa.concat_arrays(ids)
    order = pc.sort_indices(names).to_numpy()
    return _groups(names.take(pa.array(order)), np.concatenate(sketches)[order], similarity)


def _parse(column: pa.Array) -> npt.NDArray[np.uint32]:
    """Sketches in hexadecimal text as a matrix notes x positions."""
    rows = len(column)
    text = "".join(column.to_pylist())
    return np.frombuffer(bytes.fromhex(text), dtype=">u4").reshape(rows, -1).astype(np.uint32)


def _groups(names: pa.Array, sketches: npt.NDArray[np.uint32], similarity: float) -> Duplicates:
    notes, positions = sketches.shape
    rows = positions // BANDS
    pairs = []
    for band in range(BANDS):
        keys = np.ascontiguousarray(sketches[:, band * rows : (band + 1) * rows])
        hashes = keys.astype(np.uint64) @ (np.uint64(0x9E3779B97F4A7C15) ** np.arange(1, rows + 1, dtype=np.uint64))
        order = np.argsort(hashes, kind="stable")
        ordered = hashes[order]
        for step in range(1, _MOST_IN_BUCKET):
            same = np.flatnonzero(ordered[step:] == ordered[:-step])
            if same.size == 0:
                break
            pairs.append(_alike(sketches, order[same], order[same + step], similarity))
    joined = np.concatenate(pairs) if pairs else np.empty((0, 2), np.int64)
    graph = coo_array((np.ones(len(joined), bool), (joined[:, 0], joined[:, 1])), shape=(notes, notes))
    _, labels = connected_components(graph, directed=False)
    # Notes are sorted by id, so the first of a label is the lowest id.
    first = np.empty(labels.max() + 1, np.int64)
    first[labels[::-1]] = np.arange(notes)[::-1]
    count = np.bincount(labels)
    original = first[labels]
    copies = np.flatnonzero(original != np.arange(notes))
    large = count > 1
    return Duplicates(
        names.take(pa.array(copies)),
        names.take(pa.array(original[copies])),
        dict(zip(names.take(pa.array(first[large])).to_pylist(), count[large].tolist(), strict=True)),
    )


def _alike(
    sketches: npt.NDArray[np.uint32], left: npt.NDArray[np.int64], right: npt.NDArray[np.int64], similarity: float
) -> npt.NDArray[np.int64]:
    """The pairs whose sketches agree in at least that share of positions, compared in blocks to bound memory."""
    kept = []
    for start in range(0, left.size, 100_000):
        one, two = left[start : start + 100_000], right[start : start + 100_000]
        equal = (sketches[one] == sketches[two]).mean(axis=1) >= similarity
        kept.append(np.stack([one[equal], two[equal]], axis=1))
    return np.concatenate(kept)
