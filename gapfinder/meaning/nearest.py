"""The notes nearest to each need by the cosine of their vectors: all of them are compared, none is left out.

Products of quantised vectors are exact (:mod:`gapfinder.meaning.quantised`) and cosines are whole per mille, so the
same vectors give the same pairs on every machine and in every block size. Ties fall to the lower note id.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from gapfinder.meaning.quantised import Floats, per_mille
from gapfinder.meaning.texts import Ints
from gapfinder.meaning.vectors import Vectors

NEAREST: Final = 20  # notes a need
LEAST: Final = 1  # per mille of cosine; what points elsewhere is no neighbour
_NEEDS: Final = 512  # compared together
_NOTES: Final = 8192  # likewise
_PAIRS: Final = 16_384  # likewise, of given pairs

Whole = npt.NDArray[np.int16]


@dataclass(frozen=True)
class Pairs:
    """Needs and their nearest notes, sorted by need, then cosine descending, then note; columns of equal length.

    Attributes:
        need: Number of the need.
        note: Place of the note among the notes by id.
        cosine: Cosine of the two, per mille.
    """

    need: Ints
    note: Ints
    cosine: Ints


def nearest_notes(
    needs: Vectors,
    notes: Vectors,
    *,
    most: int = NEAREST,
    least: int = LEAST,
    needs_at_once: int = _NEEDS,
    notes_at_once: int = _NOTES,
) -> Pairs:
    """The nearest notes of every need, by exact products of whole blocks.

    Args:
        needs: Vectors of the needs, in their order.
        notes: Vectors of the notes, in the order of their ids.
        most: Notes for each need at most.
        least: Least cosine, per mille.
        needs_at_once: Needs compared together; it changes the speed and nothing else.
        notes_at_once: Likewise for notes.
    """
    found = []
    if len(needs) and len(notes) and needs.rows.shape[1] and notes.rows.shape[1]:
        for start, queries, inverse in needs.blocks(needs_at_once):
            part = _nearest(queries, inverse, notes, most, least, notes_at_once)
            found.append((part.need + start, part.note, part.cosine))
    if not found:
        nothing = np.empty(0, np.int64)
        return Pairs(nothing, nothing, nothing)
    return Pairs(*(np.concatenate(column) for column in zip(*found, strict=True)))


def _nearest(queries: Floats, inverse: Floats, notes: Vectors, most: int, least: int, notes_at_once: int) -> Pairs:
    """The nearest notes of a block of needs. Notes come by id, so a later one must be nearer to get in."""
    kept = Pairs(*(np.empty(0, np.int64) for _ in range(3)))
    entry = np.full(len(queries), least - 1, np.int64)  # a note must be nearer than that
    for start, block, other in notes.blocks(notes_at_once):
        cosine = per_mille(queries @ block.T, inverse[:, None], other[None, :]).astype(np.int16)
        bar = entry
        if cosine.shape[1] > most:
            # The block alone has so many at least as near; of those that are just as near the first ones get in below.
            bar = np.maximum(entry, np.partition(cosine, -most, axis=1)[:, -most].astype(np.int64) - 1)
        need, note = np.nonzero(cosine > bar[:, None].astype(np.int16))
        if need.size:
            kept, entry = _merged(kept, Pairs(need, note + start, cosine[need, note].astype(np.int64)), entry, most)
    return kept


def _merged(kept: Pairs, new: Pairs, entry: Ints, most: int) -> tuple[Pairs, Ints]:
    """The best of both for each need, and what a later note must surpass."""
    need, note, cosine = (
        np.concatenate(both) for both in ((kept.need, new.need), (kept.note, new.note), (kept.cosine, new.cosine))
    )
    order = np.lexsort((note, -cosine, need))
    need, note, cosine = need[order], note[order], cosine[order]
    first = np.searchsorted(need, need)
    rank = np.arange(need.size) - first
    best = rank < most
    last = rank == most - 1
    entry = entry.copy()
    entry[need[last]] = cosine[last]
    return Pairs(need[best], note[best], cosine[best]), entry


def cosines(needs: Vectors, notes: Vectors, need: Ints, note: Ints) -> Ints:
    """Cosines per mille of given pairs: numbers of needs, and places of notes by id; 0 where the place is -1.

    The same pair has the same cosine here and in :func:`nearest_notes`.
    """
    found = np.zeros(need.size, np.int64)
    known = np.flatnonzero(note >= 0) if needs.rows.shape[1] and notes.rows.shape[1] else np.empty(0, np.int64)
    for start in range(0, known.size, _PAIRS):
        rows = known[start : start + _PAIRS]
        one, other = need[rows], note[rows]
        product = np.einsum("ij,ij->i", needs.rows[one], notes.rows[other], dtype=np.int64).astype(np.float32)
        found[rows] = per_mille(product, needs.inverse[one], notes.inverse[other])
    return found
