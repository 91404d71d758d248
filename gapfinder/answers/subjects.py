"""Needs and notes as arrays of numbers, which is what the compiled kernel reads.

A need is its distinct terms, its distinct character 2-grams and its characters; a note is the terms of its field
values, those of its headline, and the characters of title, opening and tags.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from gapfinder.neighbours import Neighbours
from indexer.stores.matching.plan import bounds

Ints = npt.NDArray[np.int64]
Ids = npt.NDArray[np.int32]

NOTHING: Final = -1  # a term that no need asks for
VALUE_END: Final = -2  # between two field values; no window spans it
LONGEST_NEED: Final = 64  # characters of a need that are compared
_SHIFT: Final = 21  # bits of a code point
_LIKENESS: Final = 500  # per mille of similarity from which a neighbour stands in for a term


@dataclass(frozen=True)
class Lists:
    """Many lists as one array: list ``i`` is ``ids[start[i]:start[i + 1]]``."""

    start: Ints
    ids: Ids

    @classmethod
    def of(cls, lists: Sequence[Sequence[int]]) -> Self:
        """Lists of numbers as one array."""
        return cls(_starts(lists), np.array([number for one in lists for number in one], np.int32))

    @classmethod
    def distinct(cls, lists: Sequence[Sequence[str]], vocabulary: pa.Array) -> Self:
        """The distinct places of the texts of each list in a vocabulary that holds them all, ascending."""
        flat = pa.array([text for one in lists for text in one], pa.string())
        place = pc.index_in(flat, value_set=vocabulary).to_numpy(zero_copy_only=False).astype(np.int64)
        size = max(len(vocabulary), 1)
        key = np.repeat(np.arange(len(lists)), np.diff(_starts(lists))) * size + place
        key.sort()
        key = key[np.concatenate([np.ones(min(key.size, 1), bool), key[1:] != key[:-1]])]
        start = np.searchsorted(key, np.arange(len(lists) + 1) * size)
        return cls(start, (key % size).astype(np.int32))


@dataclass(frozen=True)
class Needs:
    """Needs as arrays.

    Attributes:
        vocabulary: All terms that notes are looked through for; a term's place is its id.
        terms: Distinct term ids of each need.
        weight: Integer weight of each term id.
        grams: Distinct 2-grams of each need as places in ``gram`` and ``gram_weight``.
        gram: Code of each distinct gram: two code points in one number.
        gram_weight: Integer weight of each gram.
        characters: Code points of each need.
        near: For each term id the ids of its neighbours, most alike first.
        likeness: Their similarity, per mille.
    """

    vocabulary: pa.Array
    terms: Lists
    weight: Ints
    grams: Lists
    gram: Ints
    gram_weight: Ints
    characters: Lists
    near: Lists
    likeness: Ids

    @classmethod
    def of(
        cls,
        needs: Sequence[Sequence[str]],
        cut: Sequence[Sequence[str]],
        weights: Mapping[str, int],
        gram_weights: Mapping[str, int],
        neighbours: Neighbours,
    ) -> Self:
        """Needs given as terms and grams, with the weights of all of them.

        Args:
            needs: Terms of each need, in order.
            cut: Their 2-grams (:func:`indexer.grams.query_grams`).
            weights: Weight of each of these terms.
            gram_weights: Weight of each of their 2-grams.
            neighbours: Words that may stand in for a term.
        """
        asked = sorted(weights)
        close = [
            [(other, likeness) for other, likeness, _ in neighbours.of(term) if likeness >= _LIKENESS] for term in asked
        ]
        added = sorted({other for row in close for other, _ in row} - weights.keys())
        number = {term: place for place, term in enumerate([*asked, *added])}
        vocabulary = pa.array(list(number), pa.string())
        grams = sorted(gram_weights)
        letters = ["".join(need)[:LONGEST_NEED] for need in needs]
        return cls(
            vocabulary=vocabulary,
            terms=Lists.distinct(needs, vocabulary),
            weight=np.array([*(weights[term] for term in asked), *([0] * len(added))], np.int64),
            grams=Lists.distinct(cut, pa.array(grams, pa.string())),
            gram=np.array([gram_code(gram) for gram in grams], np.int64),
            gram_weight=np.array([gram_weights[gram] for gram in grams], np.int64),
            characters=Lists(_starts(letters), np.frombuffer("".join(letters).encode("utf-32-le"), np.int32).copy()),
            near=Lists.of([*([number[other] for other, _ in row] for row in close), *([[]] * len(added))]),
            likeness=np.array([likeness for row in close for _, likeness in row], np.int32),
        )

    def __len__(self) -> int:
        return self.terms.start.size - 1


@dataclass(frozen=True)
class Notes:
    """A block of notes as arrays.

    Attributes:
        text: Term ids of each note's values, ``VALUE_END`` after each value, ``NOTHING`` for other terms.
        headline: The same for its title and tags.
        length: Number of terms of each note's text.
        value: For each note, where its values start in ``characters`` (title, opening, tags).
        characters: Code points of each value.
    """

    text: Lists
    headline: Lists
    length: Ints
    value: Ints
    characters: Lists

    @classmethod
    def of(cls, block: pa.RecordBatch, vocabulary: pa.Array) -> Self:
        """A block with the columns ``text_terms``, ``headline_terms`` and ``gram_terms``."""
        text, length = term_lists(block["text_terms"], vocabulary)
        headline, _ = term_lists(block["headline_terms"], vocabulary)
        value, characters = _characters(block["gram_terms"])
        return cls(text, headline, length, value, characters)


def _starts(lists: Sequence[Sequence[object]]) -> Ints:
    """Where each list begins when they are joined, and the end."""
    return bounds(np.array([len(one) for one in lists], np.int64))


def gram_code(gram: str) -> int:
    """A gram of one or two characters as one number."""
    first, second = (ord(gram[0]), ord(gram[1])) if len(gram) > 1 else (0, ord(gram[0]) if gram else 0)
    return first << _SHIFT | second


def term_lists(column: pa.Array, vocabulary: pa.Array) -> tuple[Lists, Ints]:
    """Term ids of every note (``VALUE_END`` after each value, ``NOTHING`` for other terms), and its number of terms."""
    values = pc.fill_null(column.flatten(), "")
    words = pc.split_pattern(values, " ")
    # An empty value still splits into one empty word; it counts as NOTHING.
    ids = pc.fill_null(pc.index_in(words.flatten(), value_set=vocabulary), NOTHING).to_numpy().astype(np.int32)
    per_value = pc.list_value_length(words).to_numpy().astype(np.int64)
    ids = np.insert(ids, np.cumsum(per_value), np.int32(VALUE_END))
    values_of, value_start = _values(column)
    id_start = bounds(per_value + 1)
    start = id_start[value_start]
    return Lists(start.astype(np.int64), ids), np.diff(start) - values_of


def _characters(column: pa.Array) -> tuple[Ints, Lists]:
    """The characters behind the grams of every value: the first of each gram, and the last of the last."""
    values = pc.fill_null(column.flatten(), "").to_pylist()
    # In the text "ab bc cd" every third character starts a gram; "a" alone is a value of one character.
    texts = [value[::3] + value[-1:] if len(value) > 1 else value for value in values]
    codes = np.frombuffer("".join(texts).encode("utf-32-le"), np.uint32).astype(np.int32)
    _, value_start = _values(column)
    return value_start, Lists(_starts(texts), codes)


def _values(column: pa.Array) -> tuple[Ints, Ints]:
    """Number of values of each note, and where they start among all values."""
    values_of = pc.fill_null(pc.list_value_length(column), 0).to_numpy(zero_copy_only=False).astype(np.int64)
    return values_of, bounds(values_of)
