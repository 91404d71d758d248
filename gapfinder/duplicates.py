"""Near-duplicate notes: copies count once in supply.

Each note carries a MinHash sketch of its character 3-shingles, made on import. Notes that agree in a band of the sketch
are compared, and those whose estimated Jaccard similarity (share of equal sketch positions, standard error at most
1/16 with 64 positions) reaches the threshold form a group; the lowest ``note_id`` stands for it. Broder (1997);
banding: Leskovec, Rajaraman, Ullman, *Mining of Massive Datasets*, section 3.4.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from indexer.stores.contract import Snapshot

BANDS: Final = 16
_MOST_IN_BUCKET: Final = 50  # neighbours compared in a bucket; chains still join what is alike
_MOST_HELD: Final = (
    2_000_000  # pairs at a time: more are brought together first, so that memory does not grow with them
)
_BLOCK: Final = 100_000  # sketches compared together

Sketches = npt.NDArray[np.uint32]
Ints = npt.NDArray[np.int64]


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
    sketches: list[Sketches] = []
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


def _parse(column: pa.Array) -> Sketches:
    """Sketches in hexadecimal text as a matrix notes x positions."""
    rows = len(column)
    text = "".join(column.to_pylist())
    return np.frombuffer(bytes.fromhex(text), dtype=">u4").reshape(rows, -1).astype(np.uint32)


def _groups(names: pa.Array, sketches: Sketches, similarity: float) -> Duplicates:
    label = _same_sketch(sketches)
    alone = np.flatnonzero(label == np.arange(label.size))
    # Notes are sorted by id and each group is called by its first place, so that is the lowest id.
    original = alone[_components(sketches[alone], similarity)][np.searchsorted(alone, label)]
    count = np.bincount(original, minlength=label.size)
    copies = np.flatnonzero(original != np.arange(label.size))
    large = np.flatnonzero(count > 1)
    return Duplicates(
        names.take(pa.array(copies)),
        names.take(pa.array(original[copies])),
        dict(zip(names.take(pa.array(large)).to_pylist(), count[large].tolist(), strict=True)),
    )


def _same_sketch(sketches: Sketches) -> Ints:
    """For each note the first one with the very same sketch: a text posted a thousand times is compared once."""
    _, first, group = np.unique(_hashes(sketches), return_index=True, return_inverse=True)
    places = np.arange(len(sketches))
    label = first[group]
    for start in range(0, len(label), _BLOCK):
        rows = slice(start, start + _BLOCK)
        same = (sketches[rows] == sketches[label[rows]]).all(axis=1)
        label[rows] = np.where(same, label[rows], places[rows])  # another sketch with the same hash stays by itself
    return label


def _components(sketches: Sketches, similarity: float) -> Ints:
    """For each sketch the first one of its group: those that a chain of alike ones joins."""
    notes, positions = sketches.shape
    rows = positions // BANDS
    label = np.arange(notes)
    pairs: list[Ints] = []
    held = 0
    for band in range(BANDS):
        hashes = _hashes(sketches[:, band * rows : (band + 1) * rows])
        order = np.argsort(hashes, kind="stable")
        ordered = hashes[order]
        for step in range(1, _MOST_IN_BUCKET):
            same = np.flatnonzero(ordered[step:] == ordered[:-step])
            if same.size == 0:
                break
            left, right = order[same], order[same + step]
            apart = label[left] != label[right]
            pairs.append(_alike(sketches, left[apart], right[apart], similarity))
            held += len(pairs[-1])
            if held > _MOST_HELD:
                label, pairs, held = _joined(label, pairs), [], 0
    return _joined(label, pairs)


def _hashes(columns: Sketches) -> npt.NDArray[np.uint64]:
    """A hash of each row."""
    powers = np.uint64(0x9E3779B97F4A7C15) ** np.arange(1, columns.shape[1] + 1, dtype=np.uint64)
    found = np.zeros(len(columns), np.uint64)
    for column, power in zip(columns.T, powers, strict=True):
        found += column.astype(np.uint64) * power
    return found


def _joined(label: Ints, pairs: list[Ints]) -> Ints:
    """The labels when these pairs belong together as well: the lowest place of each group."""
    joined = label[np.concatenate(pairs)] if pairs else np.empty((0, 2), np.int64)
    graph = coo_array((np.ones(len(joined), bool), (joined[:, 0], joined[:, 1])), shape=(label.size, label.size))
    _, group = connected_components(graph, directed=False)
    group = group[label]
    first = np.empty(label.size, np.int64)
    first[group[::-1]] = np.arange(label.size)[::-1]
    return cast("Ints", first[group])


def _alike(sketches: Sketches, left: Ints, right: Ints, similarity: float) -> Ints:
    """The pairs whose sketches agree in at least that share of positions, compared in blocks to bound memory."""
    kept = [np.empty((0, 2), np.int64)]
    for start in range(0, left.size, _BLOCK):
        one, two = left[start : start + _BLOCK], right[start : start + _BLOCK]
        equal = (sketches[one] == sketches[two]).mean(axis=1) >= similarity
        kept.append(np.stack([one[equal], two[equal]], axis=1))
    return np.concatenate(kept)
