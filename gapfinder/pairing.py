"""Which notes may answer which needs: the pairs that a model is to judge, as numbers.

The store names the best notes of every need twice: by the weight of the words they hold anywhere, and by the weight of
the character 2-grams of their title, opening and tags. The second finds what was cut into other words. Weights are
whole numbers of the project's own making, so every store names the same notes. Where an embedder gives vectors, the
notes nearest in meaning are named as well.

A need has some eighty pairs whatever the number of notes; a pair takes 8 bytes here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from numba import types

from gapfinder.answers.levels import MEANING, Sizes
from gapfinder.answers.pairs import FEATURES
from gapfinder.answers.subjects import Needs
from gapfinder.meaning.finding import Meaning, MeaningPairs, need_text
from gapfinder.neighbours import Neighbours
from gapfinder.settings import Settings
from gapfinder.weights import Weights
from indexer.grams import query_grams
from indexer.stores.contract import Matches, Snapshot, TermQueries
from indexer.stores.listed import listed_by_id, numbered_together
from indexer.stores.matching.compiled import compiled

Ints = npt.NDArray[np.int64]
Ids = npt.NDArray[np.int32]
Terms = Sequence[Sequence[str]]

WORD_FLOOR: Final = 350  # per mille of a need's weight that a candidate must hold, by words
GRAM_FLOOR: Final = 300  # by character 2-grams
MOST_BY_WORDS: Final = 50  # candidates of a need
MOST_BY_GRAMS: Final = 30

i4, i8 = types.int32, types.int64


@dataclass(frozen=True)
class Counts:
    """Plain counts of each need, as :class:`indexer.stores.contract.Matches` says."""

    matching: Ints
    phrase: Ints
    headline: Ints
    fresh: Ints
    engagement: Ints

    @classmethod
    def of(cls, matches: Matches) -> Self:
        """The counts alone, without the best notes."""
        return cls(matches.matching, matches.phrase, matches.headline, matches.fresh, matches.engagement)


@dataclass(frozen=True)
class Asked:
    """Needs as they are judged.

    Attributes:
        needs: Their terms, grams and characters as numbers.
        names: Names of the features that their pairs have.
        sizes: How long they are.
        counts: Plain counts of the store for each.
        full: Whether a need has as many candidates by words as a store names, so that there may be more.
        near: What is known by meaning.
    """

    needs: Needs
    names: tuple[str, ...]
    sizes: Sizes
    counts: Counts
    full: npt.NDArray[np.bool_]
    near: MeaningPairs


@dataclass(frozen=True)
class Named:
    """A list of pairs as a store names them.

    Attributes:
        need: Need of each pair.
        note: Its note (:mod:`indexer.stores.listed`).
    """

    need: Ids
    note: pa.DictionaryArray


@dataclass(frozen=True)
class Pairs:
    """Distinct pairs of needs and notes, in two orders.

    Attributes:
        note_ids: The notes, sorted by id.
        note_start: By note, then need: pairs ``note_start[n]`` to ``note_start[n + 1]`` are those of note ``n``.
        need: Need of each pair, in this order.
        place: Where each of them stands in the other order: by need, then note.
        need_start: In that order, pairs ``need_start[n]`` to ``need_start[n + 1]`` are those of need ``n``.
    """

    note_ids: pa.Array
    note_start: Ints
    need: Ids
    place: Ids
    need_start: Ints

    @classmethod
    def of(cls, found: list[Named], needs: int) -> Self:
        """The pairs of some lists, each once.

        Args:
            found: The lists; they are given up one by one, since each is as large as what is made of it.
            needs: Number of needs.
        """
        numbers, note_ids = numbered_together([one.note for one in found])
        key, filled = np.empty(sum(number.size for number in numbers), np.int64), 0
        while found:
            number, one = numbers.pop(), found.pop()
            part = key[filled : filled + number.size]
            np.multiply(number, needs, out=part, dtype=np.int64)
            part += one.need
            filled += number.size
        del number, one
        key.sort()
        key = key[: _distinct(key)]
        need, place = np.empty((2, key.size), np.int32)
        note_start, need_start = np.zeros(len(note_ids) + 1, np.int64), np.zeros(needs + 1, np.int64)
        _laid(key, max(needs, 1), need, note_start, need_start)
        _placed(need, need_start[:-1].copy(), place)
        return cls(note_ids, note_start, need, place, need_start)


def find_pairs(
    snapshot: Snapshot,
    needs: Terms,
    neighbours: Neighbours,
    end: date,
    settings: Settings,
    meaning: Meaning | None = None,
    known: Weights | None = None,
) -> tuple[Asked, Pairs]:
    """The needs as they are judged, and all pairs with notes of a snapshot that may answer them.

    Where an embedder gives vectors, the notes nearest in meaning are candidates too, and the cosine is a feature.
    Terms weigh what is ``known`` of them, others what the snapshot says.
    """
    grams = [query_grams(need) for need in needs]
    weights = Weights.of(snapshot, needs, known, grams)
    fresh_since = end - timedelta(days=settings.whole("fresh_days"))
    matches = snapshot.match(
        TermQueries(needs, weights.words), fresh_since=fresh_since, floor_per_mille=WORD_FLOOR, best=MOST_BY_WORDS
    )
    counts, found = Counts.of(matches), [Named(matches.best_query, matches.best_note)]
    full = np.bincount(matches.best_query, minlength=len(needs)) >= MOST_BY_WORDS
    del matches  # many times what is kept of it
    by_grams = TermQueries(grams, weights.grams)
    close = snapshot.best_by_grams(by_grams, floor_per_mille=GRAM_FLOOR, best=MOST_BY_GRAMS)
    found.append(Named(close.query, close.note))
    del close, by_grams
    near = MeaningPairs.none() if meaning is None else meaning.find([need_text(need) for need in needs])
    found.append(Named(near.need.astype(np.int32), listed_by_id(near.note_id)))
    pairs = Pairs.of(found, len(needs))
    names = (*FEATURES, MEANING) if meaning is not None and meaning.used else FEATURES
    arrays = Needs.of(needs, grams, weights.words, weights.grams, neighbours)
    return Asked(arrays, names, Sizes.of(needs), counts, full, near), pairs


@compiled(i8[::1])
def _distinct(key: Ints) -> int:
    """Move the distinct ones of sorted numbers to the front; gives how many there are."""
    count = 0
    for i in range(key.size):
        if i == 0 or key[i] != key[i - 1]:
            key[count] = key[i]
            count += 1
    return count


@compiled(i8[::1], i8, i4[::1], i8[::1], i8[::1])
def _laid(key: Ints, needs: int, need: Ids, note_start: Ints, need_start: Ints) -> None:
    """Needs of pairs from their keys, and where the pairs of each note and of each need start."""
    for i in range(key.size):
        note = key[i] // needs
        need[i] = key[i] - note * needs
        note_start[note + 1] += 1
        need_start[need[i] + 1] += 1
    for starts in (note_start, need_start):
        for i in range(1, starts.size):
            starts[i] += starts[i - 1]


@compiled(i4[::1], i8[::1], i4[::1])
def _placed(need: Ids, free: Ints, place: Ids) -> None:
    """Places by need, in the order given; ``free`` is the next free place of each need."""
    for i in range(need.size):
        place[i] = free[need[i]]
        free[need[i]] += 1
