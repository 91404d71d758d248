"""What the kernel reads of each keyword: its distinct terms, the heaviest first, and what a listed note must weigh."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

I4 = npt.NDArray[np.int32]
I8 = npt.NDArray[np.int64]

NEVER: Final = np.iinfo(np.int64).max
HEAVIEST: Final = 2**31 - 1  # weights lie in the upper half of a 64-bit key


@dataclass(frozen=True, slots=True)
class Keywords:
    """Keywords as term ids: ``terms[starts[k]:starts[k + 1]]`` is the sequence of keyword k, repeats included."""

    starts: I8
    terms: I4

    def __len__(self) -> int:
        return len(self.starts) - 1

    def taken(self, order: I8) -> Keywords:
        """These keywords, in this order."""
        starts, places = gather(self.starts, order)
        return Keywords(starts, self.terms[places])


class Plan(NamedTuple):
    """Keywords in the order of their heaviest terms, ready for :func:`indexer.stores.matching.kernel.match_block`.

    Attributes:
        keywords: Number of each keyword among those that were given.
        starts, terms, weights: The distinct terms of each keyword (heaviest first, then rarest first), weighed.
        cutoff: Keys that do not exceed it are not among the best (``NEVER`` where none is asked for).
        rooms: Where the room for the best notes of each keyword begins, and the end: never more than notes that can
            reach the floor, each of which holds an *essential* term (the rest weigh too little together; Turtle and
            Flood 1995).
    """

    keywords: I8
    starts: I8
    terms: I4
    weights: I8
    cutoff: I8
    rooms: I8


def make_plan(numbers: I8, keywords: Keywords, frequency: I8, weight: I8, *, floor_per_mille: int, best: int) -> Plan:
    """Plan the search for some keywords.

    Args:
        numbers: Which of the keywords.
        keywords: All keywords; none is empty.
        frequency: Number of notes that hold each term.
        weight: Weight of each term, 0 or more.
        floor_per_mille: Least share of the total weight that a note must reach to be listed.
        best: At most so many notes are listed.
    """
    starts, terms = _distinct(keywords.taken(numbers), len(frequency))
    keyword = np.repeat(np.arange(len(numbers)), np.diff(starts))
    terms = terms[np.lexsort((terms, frequency[terms], -weight[terms], keyword))]
    order = np.argsort(terms[starts[:-1]], kind="stable")
    starts, places = gather(starts, order)
    terms = terms[places]
    weights = weight[terms]
    total = _sums(weights, starts)
    least = np.maximum(1, -(-total * floor_per_mille // 1000))
    listed = (total >= least) & (best > 0)
    keyword = np.repeat(np.arange(len(numbers)), np.diff(starts))
    before = np.cumsum(weights) - weights
    from_here_on = total[keyword] - (before - before[starts[keyword]])
    essential = (from_here_on >= least[keyword]) & listed[keyword]
    reach = _sums(np.where(essential, frequency[terms], 0), starts)
    return Plan(
        keywords=numbers[order],
        starts=starts,
        terms=terms,
        weights=weights,
        cutoff=np.where(listed, (least << 32) - 1, NEVER),
        rooms=bounds(np.minimum(reach, best)),
    )


def _distinct(keywords: Keywords, vocabulary: int) -> tuple[I8, I4]:
    """The distinct terms of each keyword, as starts and terms."""
    keyword = np.repeat(np.arange(len(keywords)), np.diff(keywords.starts))
    pairs = np.sort(keyword * vocabulary + keywords.terms)
    pairs = pairs[np.diff(pairs, prepend=-1) > 0]
    return np.searchsorted(pairs // vocabulary, np.arange(len(keywords) + 1)), (pairs % vocabulary).astype(np.int32)


def gather(starts: I8, order: npt.NDArray[Any]) -> tuple[I8, I8]:
    """Starts of groups put into another order, and the places their entries come from."""
    first = starts[order]
    lengths = starts[order + 1] - first
    moved = bounds(lengths)
    return moved, np.arange(moved[-1]) + np.repeat(first - moved[:-1], lengths)


def bounds(lengths: npt.NDArray[np.integer]) -> I8:
    """Where each of some groups begins when they stand one after the other, and the end."""
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths)])


def _sums(values: I8, starts: I8) -> I8:
    """Sum of the values of each group (no group is empty)."""
    sums: I8 = np.add.reduceat(values, starts[:-1]) if len(starts) > 1 else np.zeros(0, np.int64)
    return sums
