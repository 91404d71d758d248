"""The nearest words of each word by their vectors, and how they are kept.

Words that share characters are likelier to mean the same than words that stand in like company only, so neighbours are
ordered by cosine + 0.7 x share of characters in common (Dice). All figures are per mille, so that last digits of a
matrix product never matter.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from numba import types

from indexer.stores.matching.compiled import compiled

Ids = npt.NDArray[np.int32]
Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32]

i4, i8, f4 = types.int32, types.int64, types.float32

MOST_NEIGHBOURS: Final = 20
PER_MILLE: Final = 1000
CHARACTERS: Final = 700  # per mille of similarity for the same characters
LEAST_SIMILARITY: Final = 300  # per mille; what is less alike is no neighbour

_ROWS: Final = 128  # words compared with all others together


@dataclass(frozen=True)
class Neighbours:
    """The nearest words of each word: columns of equal length, by word, similarity (descending), other.

    Attributes:
        word, other: The two words.
        similarity: Cosine + 0.7 x share of characters in common, per mille.
        cosine: Cosine of the two word vectors, per mille.
    """

    word: list[str]
    other: list[str]
    similarity: npt.NDArray[np.int16]
    cosine: npt.NDArray[np.int16]

    @classmethod
    def none(cls) -> Self:
        """No neighbours at all: what a store too small to learn from gives."""
        return cls([], [], np.empty(0, np.int16), np.empty(0, np.int16))

    def __len__(self) -> int:
        return len(self.word)

    def of(self, word: str) -> list[tuple[str, int, int]]:
        """The neighbours of a word as ``(other, similarity, cosine)``, most similar first."""
        rows = range(bisect_left(self.word, word), bisect_right(self.word, word))
        return [(self.other[row], int(self.similarity[row]), int(self.cosine[row])) for row in rows]

    def rows(self, rows: npt.NDArray[np.intp]) -> Neighbours:
        """These rows only, ascending."""
        places = rows.tolist()
        return Neighbours(
            [self.word[row] for row in places],
            [self.other[row] for row in places],
            self.similarity[rows],
            self.cosine[rows],
        )

    def only(self, words: Collection[str]) -> Neighbours:
        """The neighbours of these words only."""
        return self.rows(np.array([row for row, word in enumerate(self.word) if word in words], np.intp))

    def as_rows(self) -> dict[str, list[list[Any]]]:
        """The neighbours as JSON values: ``{word: [[other, similarity, cosine], ...]}``."""
        rows: dict[str, list[list[Any]]] = {}
        figures = (self.similarity.tolist(), self.cosine.tolist())
        for word, other, similarity, cosine in zip(self.word, self.other, *figures, strict=True):
            rows.setdefault(word, []).append([other, similarity, cosine])
        return rows

    @classmethod
    def from_rows(cls, rows: dict[str, list[list[Any]]]) -> Self:
        """The neighbours that :meth:`as_rows` gave."""
        flat = [(word, *row) for word in sorted(rows) for row in rows[word]]
        return cls(
            [row[0] for row in flat],
            [row[1] for row in flat],
            np.array([row[2] for row in flat], np.int16),
            np.array([row[3] for row in flat], np.int16),
        )


def nearest_words(known: Sequence[str], vectors: Floats, words: Collection[str] | None) -> Neighbours:
    """The nearest words of the wanted words (None: of all), by blocks of matrix products.

    Args:
        known: The words.
        vectors: A row of length 1 for each of them.
        words: Those whose neighbours are wanted.
    """
    by_name = sorted(range(len(known)), key=known.__getitem__)
    wanted = [place for place in by_name if words is None or known[place] in words]
    rank = np.empty(len(known), np.int32)
    rank[by_name] = np.arange(len(known), dtype=np.int32)
    start, letters, holders_start, holders = _characters(known)
    other = np.full((len(wanted), MOST_NEIGHBOURS), -1, np.int32)
    similarity = np.full((len(wanted), MOST_NEIGHBOURS), -1, np.int32)
    cosine = np.zeros((len(wanted), MOST_NEIGHBOURS), np.int32)
    common = np.zeros(len(known), np.int32)
    for first in range(0, len(wanted), _ROWS):
        rows = np.array(wanted[first : first + _ROWS], np.int32)
        product = vectors[rows] @ vectors.T
        block = slice(first, first + rows.size)
        # fmt: off - one line a table
        _best(
            product,
            rows,
            rank,
            start,
            letters,
            holders_start,
            holders,
            common,
            other[block],
            similarity[block],
            cosine[block],
        )
        # fmt: on
    row, column = np.nonzero(other >= 0)
    names = pa.array(known, pa.string())
    return Neighbours(
        names.take(pa.array(np.array(wanted, np.int64)[row])).to_pylist(),
        names.take(pa.array(other[row, column])).to_pylist(),
        similarity[row, column].astype(np.int16),
        cosine[row, column].astype(np.int16),
    )


def _characters(known: Sequence[str]) -> tuple[Ints, Ids, Ints, Ids]:
    """Distinct characters of each word (starts, numbers) and the words that hold each character (starts, words)."""
    sets = [sorted(set(word)) for word in known]
    number = {letter: place for place, letter in enumerate(sorted(set().union(*sets)))}
    letters = np.array([number[letter] for word in sets for letter in word], np.int32)
    lengths = np.array([len(word) for word in sets], np.int64)
    owner = np.repeat(np.arange(len(sets), dtype=np.int32), lengths)
    order = np.argsort(letters, kind="stable")
    held = np.bincount(letters, minlength=len(number))
    return (
        np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
        letters,
        np.concatenate([[0], np.cumsum(held)]).astype(np.int64),
        owner[order],
    )


@compiled(
    *(f4[:, ::1], i4[::1], i4[::1]),
    *(i8[::1], i4[::1], i8[::1], i4[::1], i4[::1]),
    *(i4[:, ::1], i4[:, ::1], i4[:, ::1]),
)
def _best(
    product: Floats,
    rows: Ids,
    rank: Ids,
    start: Ints,
    letters: Ids,
    holders_start: Ints,
    holders: Ids,
    common: Ids,
    other: Ids,
    similarity: Ids,
    cosine: Ids,
) -> None:
    """Fill the best neighbours of each row, most similar first, ties by ``rank``; ``common`` is 0 before and after."""
    most = other.shape[1]
    for i in range(rows.size):
        word = rows[i]
        size = start[word + 1] - start[word]
        for p in range(start[word], start[word + 1]):
            for q in range(holders_start[letters[p]], holders_start[letters[p] + 1]):
                common[holders[q]] += 1
        filled, least = 0, LEAST_SIMILARITY
        for w in range(rank.size):
            near = product[i, w] * PER_MILLE
            if common[w] == 0 and near < least - 1:
                continue
            cosine_of = int(np.rint(near))
            alike = cosine_of + 2 * CHARACTERS * common[w] // (size + start[w + 1] - start[w])
            common[w] = 0
            if w == word or cosine_of <= 0 or alike < least:
                continue
            place = min(most, filled)
            while place > 0 and (
                alike > similarity[i, place - 1]
                or (alike == similarity[i, place - 1] and rank[w] < rank[other[i, place - 1]])
            ):
                place -= 1
            if place == most:
                continue
            if filled < most:
                filled += 1
            for q in range(filled - 1, place, -1):
                other[i, q] = other[i, q - 1]
                similarity[i, q] = similarity[i, q - 1]
                cosine[i, q] = cosine[i, q - 1]
            other[i, place] = w
            similarity[i, place] = alike
            cosine[i, place] = cosine_of
            if filled == most:
                least = similarity[i, most - 1]
