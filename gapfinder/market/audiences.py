"""Which groups of people search for something more than others do: the audiences of keywords and selling points.

A group is an audience of a keyword when more of the keyword's searchers belong to it than chance would make of all
searchers (Fisher's exact test), with the false discovery rate of all such statements of a run held at 5% (Benjamini,
Hochberg 1995), or when that holds against the searchers of the same category; and its lift among all is above 1 beyond
doubt. Only sets of at least twenty people whose groups are known are tested, where at least five of the group were to
be expected; a group of fewer people than the privacy floor is never named. How strong the lift is, its interval says:
it is for showing, the test is for choosing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from gapfinder.market.lift import ratio, ratio_interval, upper_tail
from gapfinder.trend.pooling import q_values

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

FALSE_DISCOVERIES: Final = 0.05
LEAST_PEOPLE: Final = 20
LEAST_EXPECTED: Final = 5.0
_BLOCK: Final = 4_096  # sets whose members are looked at together


@dataclass(frozen=True)
class Crowd:
    """People by group.

    Attributes:
        people: People whose groups are known, of each set.
        members: Set x group: how many of them belong to it; sparse where there are many sets.
    """

    people: Ints
    members: Ints | csr_array

    def some(self, rows: slice | Ints) -> Ints:
        """The members of some sets, by group."""
        part = self.members[rows]
        whole = part if isinstance(part, np.ndarray) else part.toarray()
        return np.asarray(whole, np.int64)


@dataclass(frozen=True)
class Audiences:
    """Groups that search for something more than others; columns of equal length, by set, strongest first.

    Attributes:
        of: Which set of searches.
        group: Which group.
        searchers: People of the group among its searchers.
        share: Their share among the searchers whose groups are known.
        lift, low, high: How many times the share among all other searchers that is, with its 90% interval.
        within: The same against other searchers of the category; NaN where it has none.
        q_value: False discovery rate at which the statement is made.
    """

    of: Ints
    group: Ints
    searchers: Ints
    share: Floats
    lift: Floats
    low: Floats
    high: Floats
    within: Floats
    q_value: Floats


def find_audiences(sets: Crowd, everybody: Crowd, category: Ints, categories: Crowd, floor: int) -> Audiences:
    """The audiences of some sets of searches.

    Args:
        sets: Searchers of each set.
        everybody: All searchers, as one set.
        category: Category of each set; -1: none.
        categories: Searchers of each category.
        floor: A group with fewer people in a set is never named.
    """
    people = sets.people
    total, total_members = int(everybody.people[0]), everybody.some(slice(0, 1))[0]
    of, group, own = _tested(sets, total_members, max(total, 1))
    whole = people[of]
    beside = np.full(of.size, total, np.int64)
    tail_all = upper_tail(own, whole, total_members[group], beside)
    known = category[of] >= 0
    base, base_members = np.zeros(of.size, np.int64), np.zeros(of.size, np.int64)
    base[known] = categories.people[category[of[known]]]
    base_members[known] = categories.some(slice(None))[category[of[known]], group[known]]
    # A set that is all of its category has no others; one with people of other categories (a head term) is none of it.
    known &= (base > whole) & (base_members >= own) & (base - base_members >= whole - own)
    tail = np.full(of.size, np.nan)  # not tested
    tail[known] = upper_tail(own[known], whole[known], base_members[known], base[known])
    both = q_values(np.concatenate([tail_all, tail]))  # one family: either of the two may choose
    q_value, within_q = both[: of.size], np.nan_to_num(both[of.size :], nan=1.0)
    chosen = np.flatnonzero(((q_value <= FALSE_DISCOVERIES) | (within_q <= FALSE_DISCOVERIES)) & (own >= floor))
    of, group, own, whole = of[chosen], group[chosen], own[chosen], whole[chosen]
    others, others_members = total - whole, total_members[group] - own
    low, high = ratio_interval(*(column.astype(np.float64) for column in (own, whole, others_members, others)))
    share = own / np.maximum(whole, 1)
    lift = ratio(own, whole, others_members, others)
    beyond = np.maximum(base[chosen] - whole, 0)  # of the category; none where it is not known
    within = np.where(known[chosen], ratio(own, whole, base_members[chosen] - own, beyond), np.nan)
    above = np.flatnonzero(low > 1.0)  # within its category a group may stand out and be rare among all
    order = above[np.lexsort((group[above], -low[above], of[above]))]
    q_value = np.minimum(q_value, within_q)[chosen]
    return Audiences(
        of=of[order],
        group=group[order],
        searchers=own[order],
        share=share[order],
        lift=lift[order],
        low=low[order],
        high=high[order],
        within=within[order],
        q_value=q_value[order],
    )


def _tested(sets: Crowd, total_members: Ints, total: int) -> tuple[Ints, Ints, Ints]:
    """Sets and groups that are tested, in order, with the people of the group in the set.

    Args:
        sets: All sets.
        total_members: People of each group among all.
        total: All people.
    """
    large = np.flatnonzero(sets.people >= LEAST_PEOPLE)
    found = [(np.empty(0, np.int64),) * 3]
    for start in range(0, large.size, _BLOCK):
        rows = large[start : start + _BLOCK]
        place, group = np.nonzero(sets.people[rows, None] * total_members / total >= LEAST_EXPECTED)
        found.append((rows[place], group, sets.some(rows)[place, group]))
    of, group, own = (np.concatenate(column) for column in zip(*found, strict=True))
    return of, group, own
