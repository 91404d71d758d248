"""Words that writers set together as tags of one note, more often than chance would."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from indexer.stores.contract import Snapshot

Ints = npt.NDArray[np.int64]

_MOST_APART: Final = 10  # tags of one note that far apart are still a pair


@dataclass(frozen=True)
class Together:
    """How often pairs of words stand together as tags.

    Attributes:
        notes: Notes that carry at least one of the words as a tag.
        single: Notes that carry each word, by word.
        both: Notes that carry both, by the pair in order of code points.
    """

    notes: int
    single: dict[str, int]
    both: dict[tuple[str, str], int]

    def of(self, word: str, other: str) -> int:
        """Notes that carry both."""
        return self.both.get((min(word, other), max(word, other)), 0)

    def lift(self, word: str, other: str) -> float:
        """How many times more often than by chance they stand together; 0 when never."""
        both = self.of(word, other)
        return both * self.notes / (self.single[word] * self.single[other]) if both else 0.0


def tags_together(snapshot: Snapshot, words: Collection[str]) -> Together:
    """Count the words that stand as tags of the notes of a snapshot (a title of one word counts as a tag)."""
    known = pa.array(sorted(words), pa.string())
    names: list[str] = known.to_pylist()
    single = np.zeros(len(names), np.int64)
    both = np.empty((2, 0), np.int64)
    notes = 0
    for batch in snapshot.scan("note", ("headline_terms",)):
        column = batch["headline_terms"]
        word = pc.index_in(column.flatten(), value_set=known)
        note = pc.list_parent_indices(column).filter(pc.is_valid(word)).to_numpy(zero_copy_only=False)
        held = word.drop_null().to_numpy(zero_copy_only=False).astype(np.int64)
        carried = np.unique(np.stack([note.astype(np.int64), held]), axis=1)  # each word once a note
        notes += np.unique(carried[0]).size
        single += np.bincount(carried[1], minlength=len(names))
        pairs = [
            (carried[1, :-apart] * len(names) + carried[1, apart:])[carried[0, :-apart] == carried[0, apart:]]
            for apart in range(1, min(_MOST_APART, max(carried.shape[1], 1)))
        ]
        both = _added(both, np.concatenate([np.empty(0, np.int64), *pairs]))
    counts = {
        (names[key // len(names)], names[key % len(names)]): count
        for key, count in zip(both[0].tolist(), both[1].tolist(), strict=True)
    }
    return Together(notes, dict(zip(names, single.tolist(), strict=True)), counts)


def _added(counted: Ints, keys: Ints) -> Ints:
    """Counts of keys (two rows: key, count; by key) with further keys counted in."""
    new, number = np.unique(keys, return_counts=True)
    every, place = np.unique(np.concatenate([counted[0], new]), return_inverse=True)
    total = np.bincount(place, np.concatenate([counted[1], number]), every.size).astype(np.int64)
    return np.stack([every, total])
