"""Under which terms each keyword is filed, so that a note opens only the keywords it may belong to.

*Counting* needs one term of the keyword: the rarest, since a note that matches holds it. The search for the *best*
notes needs more: terms are left out from the lightest on as long as notes that hold only those can't reach the floor; a
note that can reach it holds one of the rest, the keyword's *essential* terms (prefix filtering, as in the MaxScore
method of Turtle and Flood 1995). A keyword's first term is the rarest essential one, and serves for counting too.
"""

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
    """Keywords in the order of their first terms, ready for :func:`indexer.stores.matching.kernel.match_chunk`.

    Attributes:
        keywords: Number of each keyword among those that were given.
        filed: Keywords ``filed[t]:filed[t + 1]`` have t as their first term.
        also_starts, also_keyword, also_place, also_bound: For each term, the keywords that have it as a further
            essential term, its place among their terms, and the most a note can weigh that holds none before it.
        term_starts, terms, weights: The distinct terms of each keyword (essential first, then rarest first), weighed.
        total: Weight of all terms of a keyword.
        sequence_starts, sequence: The terms in the order of the keyword.
        anchor: Where in the sequence the first term stands.
        cutoff: Keys that do not exceed it are not among the best (``NEVER`` where none is asked for).
        heap_starts: Room for the best notes: never more than notes that hold an essential term.
    """

    keywords: I8
    filed: I8
    also_starts: I8
    also_keyword: I4
    also_place: I4
    also_bound: I8
    term_starts: I8
    terms: I4
    weights: I8
    total: I8
    sequence_starts: I8
    sequence: I4
    anchor: I4
    cutoff: I8
    heap_starts: I8


def make_plan(numbers: I8, keywords: Keywords, frequency: I8, weight: I8, *, floor_per_mille: int, best: int) -> Plan:
    """File keywords under their terms.

    Args:
        numbers: Which of the keywords to file.
        keywords: All keywords; none is empty.
        frequency: Number of notes that hold each term.
        weight: Weight of each term, 0 or more.
        floor_per_mille: Least share of the total weight that a note must reach to be listed.
        best: At most so many notes are listed.
    """
    keywords = keywords.taken(numbers)
    pair_starts, pair_terms = _distinct(keywords, len(frequency))
    pair_keyword = np.repeat(np.arange(len(keywords)), np.diff(pair_starts))
    pair_weight, pair_frequency = weight[pair_terms], frequency[pair_terms]
    total = _sums(pair_weight, pair_starts)
    least = np.maximum(1, -(-total * floor_per_mille // 1000))
    listed = (total >= least) & (best > 0)

    lightest_first = np.lexsort((pair_terms, -pair_frequency, pair_weight, pair_keyword))
    running = np.cumsum(pair_weight[lightest_first])
    within = running - np.repeat(
        running[pair_starts[:-1]] - pair_weight[lightest_first][pair_starts[:-1]], np.diff(pair_starts)
    )
    essential = np.zeros(len(pair_terms), dtype=np.bool_)
    essential[lightest_first] = (within >= least[pair_keyword]) & listed[pair_keyword]

    rarest_first = np.lexsort((pair_terms, pair_frequency, ~essential, pair_keyword))
    first_term = pair_terms[rarest_first][pair_starts[:-1]]
    order = np.argsort(first_term, kind="stable")
    term_starts, places = gather(pair_starts, order)
    places = rarest_first[places]
    terms, weights, essential = pair_terms[places], pair_weight[places], essential[places]
    keyword = np.repeat(np.arange(len(keywords)), np.diff(term_starts))
    place = np.arange(len(terms)) - term_starts[keyword]

    held_before = np.cumsum(weights) - weights
    bound = total[order][keyword] - (held_before - held_before[term_starts[keyword]])
    also = np.flatnonzero(essential & (place > 0))
    also = also[np.argsort(terms[also], kind="stable")]
    reach = _sums(np.where(essential, frequency[terms], 0), term_starts)
    ordered = keywords.taken(order)
    return Plan(
        keywords=numbers[order],
        filed=np.searchsorted(first_term[order], np.arange(len(frequency) + 1)),
        also_starts=np.searchsorted(terms[also], np.arange(len(frequency) + 1)),
        also_keyword=keyword[also].astype(np.int32),
        also_place=place[also].astype(np.int32),
        also_bound=bound[also],
        term_starts=term_starts,
        terms=terms,
        weights=weights,
        total=total[order],
        sequence_starts=ordered.starts,
        sequence=ordered.terms,
        anchor=_first_places(ordered, first_term[order]),
        cutoff=np.where(listed, (least << 32) - 1, NEVER)[order],
        heap_starts=bounds(np.minimum(reach, best)),
    )


def _distinct(keywords: Keywords, vocabulary: int) -> tuple[I8, I4]:
    """The distinct terms of each keyword, as starts and terms."""
    keyword = np.repeat(np.arange(len(keywords)), np.diff(keywords.starts))
    pairs = np.sort(keyword * vocabulary + keywords.terms)
    pairs = pairs[np.diff(pairs, prepend=-1) > 0]
    return np.searchsorted(pairs // vocabulary, np.arange(len(keywords) + 1)), (pairs % vocabulary).astype(np.int32)


def _first_places(keywords: Keywords, term: I4) -> I4:
    """Where the given term of each keyword stands first in its sequence."""
    keyword = np.repeat(np.arange(len(keywords)), np.diff(keywords.starts))
    hits = np.flatnonzero(keywords.terms == term[keyword])
    firsts = hits[np.diff(keyword[hits], prepend=-1) > 0]
    return (firsts - keywords.starts[:-1]).astype(np.int32)


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
