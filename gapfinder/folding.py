"""Folds raw queries into canonical ones: the same words, and misspellings of them.

Two queries hold the *same* words when their keys are equal (script, width, case, word order and repeated words are gone
from a key) or when only spaces or punctuation inside a line of letters part them (sk ii, sk-ii, skii). A misspelling
folds into the most searched query that it can be a slip of (:mod:`gapfinder.spelling`); a query that folds is never
itself folded into. The canonical form of what was folded is the variant most searched by people, then the shorter, then
the first by code point.
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

from gapfinder.spelling import misspellings

Ints = npt.NDArray[np.int64]

NOT_FOLDED: Final = -1  # a query without any word
SAME: Final = "same"
SPELLING: Final = "spelling"


@dataclass(frozen=True, slots=True)
class Folding:
    """Where each variant went.

    Attributes:
        canonical: Position of the variant whose text is the canonical form, one entry a variant;
            :data:`NOT_FOLDED` for queries without a word.
        misspelled: Whether the variant is there for its spelling, not for the same words.
    """

    canonical: Ints
    misspelled: npt.NDArray[np.bool_]


def fold(queries: pa.Array, terms: pa.Array, keys: pa.Array, searches: Ints, times: float) -> Folding:
    """Fold distinct normalised queries.

    Args:
        queries: The queries, distinct.
        terms: Their terms in order, parted by one space; empty where a query has no word.
        keys: Their keys (distinct terms, sorted).
        searches: How often people (not bots) searched each.
        times: How many times more frequent a query must be than its misspelling.
    """
    canonical = np.full(len(queries), NOT_FOLDED, np.int64)
    misspelled = np.zeros(len(queries), np.bool_)
    worded = np.flatnonzero(pc.not_equal(keys, "").to_numpy(zero_copy_only=False))
    if len(worded) == 0:
        return Folding(canonical, misspelled)
    places = pa.array(worded)
    spelled = terms.take(places)
    groups = _same_words(keys.take(places), spelled)
    counts = np.asarray(searches, np.int64)[worded]
    heads = _heads(queries.take(places), groups, counts)
    sums = np.bincount(groups, weights=counts.astype(np.float64)).astype(np.int64)
    into = _right_spellings(spelled.take(pa.array(heads)), sums, times)
    canonical[worded] = worded[heads[into[groups]]]
    misspelled[worded] = into[groups] != groups
    return Folding(canonical, misspelled)


def unspaced(terms: pa.Array) -> pa.Array:
    """Terms run together, but for digits that a space parts: 3 5 is not 35."""
    marked = terms
    for _ in range(2):  # the second time for the middle one of three single digits
        marked = pc.replace_substring_regex(marked, r"(\d) (\d)", "\\1\x1f\\2")
    return pc.replace_substring(marked, " ", "")


def _same_words(keys: pa.Array, terms: pa.Array) -> Ints:
    """Number of the group of each variant: connected through an equal key or an equal unspaced text."""
    by_key = keys.dictionary_encode().indices.to_numpy().astype(np.int64)
    by_text = unspaced(terms).dictionary_encode().indices.to_numpy().astype(np.int64)
    key_count = int(by_key.max()) + 1
    nodes = key_count + int(by_text.max()) + 1
    edges = coo_array((np.ones(len(by_key), np.int8), (by_key, by_text + key_count)), shape=(nodes, nodes))
    _, labels = connected_components(edges, directed=False)
    _, groups = np.unique(labels[by_key], return_inverse=True)
    return groups.astype(np.int64)


def _heads(queries: pa.Array, groups: Ints, searches: Ints) -> Ints:
    """Position of the canonical form of each group."""
    text = np.empty(len(queries), np.int64)
    text[pc.sort_indices(queries).to_numpy()] = np.arange(len(queries))  # UTF-8 sorts as code points do
    lengths = pc.utf8_length(queries).to_numpy()
    order = np.lexsort((text, lengths, -searches, groups))
    return order[np.flatnonzero(np.diff(groups[order], prepend=-1))]


def _right_spellings(terms: pa.Array, searches: Ints, times: float) -> Ints:
    """Number of the group that each group folds into: itself, or that of its right spelling."""
    into = np.arange(len(terms), dtype=np.int64)
    rare, frequent = misspellings(terms, searches, times)
    choices: dict[int, list[int]] = {}
    for one, other in zip(rare.tolist(), frequent.tolist(), strict=True):
        choices.setdefault(one, []).append(other)

    def rank(place: int) -> tuple[int, int, str]:
        text: str = terms[place].as_py()
        return (-int(searches[place]), len(text), text)

    # The most searched decide first, so that it is known of every possible target whether it was folded itself.
    for place in sorted(choices, key=rank):
        targets = [target for target in choices[place] if into[target] == target]
        if targets:
            into[place] = min(targets, key=rank)
    return into
