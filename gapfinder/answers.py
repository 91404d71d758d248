"""The probability that a note answers a keyword, for many (keyword, note) pairs at once.

This is the one place where that estimate is made; everything else takes it as given. For now it is a logistic of four
features with fixed weights, chosen by judgement so that

* a note that holds half of what a keyword asks for (by idf weight) hardly answers it,
* one that holds all words somewhere in a long text answers it now and then,
* one that puts them into its headline, or close together, usually does.

It is honest about what it is: a run is marked ``uncalibrated`` until the weights are learned from the store's own data.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from numba import types

from indexer.stores.matching.compiled import compiled, inlined

Ints = npt.NDArray[np.int64]
Ids = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]

i4, i8, f8 = types.int32, types.int64, types.float64

NOTHING: Final = -1  # a term that no keyword asks for
VALUE_END: Final = -2  # between two field values; no window spans it
MOST: Final = 0.95  # no note answers for certain

_FULL_COVERAGE: Final = -1.5  # log-odds of a note that holds all words, far apart, none in the headline
_COVERAGE: Final = 12.0  # log-odds lost with the whole coverage
_HEADLINE: Final = 2.5  # gained by a headline with all words; one with half of them is about something else
_HEADLINE_POWER: Final = 3
_TIGHT: Final = 0.6


@dataclass(frozen=True)
class TermLists:
    """Many lists of term ids as one array: list ``i`` is ``ids[start[i]:start[i + 1]]``."""

    start: npt.NDArray[np.int64]
    ids: npt.NDArray[np.int32]


@dataclass(frozen=True)
class PairFeatures:
    """Features of pairs; arrays of equal length, values 0 to 1.

    Attributes:
        coverage: Share of the keyword's idf weight that the note holds.
        headline: Share that its title and tags hold.
        tightness: Number of the keyword's distinct terms that are found, over the shortest window of one field value
            that holds them (1: adjacent).
    """

    coverage: npt.NDArray[np.float64]
    headline: npt.NDArray[np.float64]
    tightness: npt.NDArray[np.float64]


def answer_probability(features: PairFeatures) -> npt.NDArray[np.float64]:
    """Probability that the note answers the keyword, per pair."""
    score = (
        _FULL_COVERAGE
        - _COVERAGE * (1.0 - features.coverage)
        + _HEADLINE * features.headline**_HEADLINE_POWER
        + _TIGHT * np.sqrt(features.tightness)
    )
    probability: npt.NDArray[np.float64] = MOST / (1.0 + np.exp(-score))
    return probability


def pair_features(
    keywords: TermLists,
    weights: npt.NDArray[np.int64],
    text: TermLists,
    headline: TermLists,
    pair_keyword: npt.NDArray[np.int64],
    pair_note: npt.NDArray[np.int64],
) -> PairFeatures:
    """Features of (keyword, note) pairs.

    Args:
        keywords: Distinct term ids of each keyword.
        weights: Integer weight of each term id.
        text: Term ids of each note's values, ``VALUE_END`` between values, ``NOTHING`` for other terms.
        headline: The same for its title and tags.
        pair_keyword: Keyword of each pair.
        pair_note: Note of each pair.
    """
    count = pair_keyword.size
    coverage, head, tight = np.zeros(count), np.zeros(count), np.zeros(count)
    longest = int(np.diff(keywords.start).max(initial=0))
    slot, seen = np.zeros(weights.size, np.int64), np.zeros(longest + 1, np.int64)
    # fmt: off - one line a table
    _features(
        keywords.start,
        keywords.ids,
        weights,
        text.start,
        text.ids,
        headline.start,
        headline.ids,
        pair_keyword,
        pair_note,
        slot,
        seen,
        coverage,
        head,
        tight,
    )
    # fmt: on
    return PairFeatures(coverage, head, tight)


@inlined
def _cover(slot: Ints, weights: Ints, ids: Ids, begin: int, end: int, seen: Ints, size: int) -> tuple[int, int]:
    """Number and weight of the keyword's distinct terms in a stretch of ids."""
    seen[: size + 1] = 0
    found, weight = 0, 0
    for p in range(begin, end):
        t = ids[p]
        if t >= 0 and slot[t] > 0 and seen[slot[t]] == 0:
            seen[slot[t]] = 1
            found += 1
            weight += weights[t]
    return found, weight


@inlined
def _shortest(slot: Ints, ids: Ids, begin: int, end: int, seen: Ints, size: int, wanted: int) -> int:
    """Length of the shortest window of one value with ``wanted`` distinct terms; 0 when no value holds them."""
    best = 0
    left, have = begin, 0
    seen[: size + 1] = 0
    for right in range(begin, end):
        t = ids[right]
        if t == VALUE_END:
            left, have = right + 1, 0
            seen[: size + 1] = 0
            continue
        if t >= 0 and slot[t] > 0:
            if seen[slot[t]] == 0:
                have += 1
            seen[slot[t]] += 1
        while have == wanted:
            length = right - left + 1
            if best == 0 or length < best:
                best = length
            u = ids[left]
            if u >= 0 and slot[u] > 0:
                seen[slot[u]] -= 1
                if seen[slot[u]] == 0:
                    have -= 1
            left += 1
    return best


@compiled(
    *(i8[::1], i4[::1], i8[::1]),
    *(i8[::1], i4[::1], i8[::1], i4[::1]),
    *(i8[::1], i8[::1]),
    *(i8[::1], i8[::1]),
    *(f8[::1], f8[::1], f8[::1]),
)
def _features(
    kstart: Ints,
    kids: Ids,
    weights: Ints,
    tstart: Ints,
    tids: Ids,
    hstart: Ints,
    hids: Ids,
    pair_keyword: Ints,
    pair_note: Ints,
    slot: Ints,
    seen: Ints,
    coverage: Floats,
    head: Floats,
    tight: Floats,
) -> None:
    """Fill the three feature columns; ``slot[t]`` is 1 + the place of term t in the keyword at hand, else 0."""
    for i in range(pair_keyword.size):
        k, n = pair_keyword[i], pair_note[i]
        total = 0
        for j in range(kstart[k], kstart[k + 1]):
            slot[kids[j]] = j - kstart[k] + 1
            total += weights[kids[j]]
        size = kstart[k + 1] - kstart[k]
        found, weight = _cover(slot, weights, tids, tstart[n], tstart[n + 1], seen, size)
        _, headline = _cover(slot, weights, hids, hstart[n], hstart[n + 1], seen, size)
        if total > 0:
            coverage[i] = weight / total
            head[i] = headline / total
        if found > 0:
            window = _shortest(slot, tids, tstart[n], tstart[n + 1], seen, size, found)
            tight[i] = found / window if window > 0 else 0.0
        for j in range(kstart[k], kstart[k + 1]):
            slot[kids[j]] = 0
