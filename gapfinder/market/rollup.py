"""Figures of categories with those of all below them, exactly, since each query and each note has one; and shares."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from gapfinder.market.lift import share_interval
from gapfinder.market.results import Share
from gapfinder.understanding.tree import Tree

Ints = npt.NDArray[np.int64]


def queries_of(tree: Tree, category: npt.NDArray[np.integer]) -> list[Ints]:
    """Queries of each category and of all below it, ascending.

    Args:
        tree: The categories.
        category: That of each query; -1: none.
    """
    order = np.argsort(category, kind="stable").astype(np.int64)
    start = np.searchsorted(category[order], np.arange(len(tree.names) + 1))
    own = [order[first:last] for first, last in zip(start[:-1].tolist(), start[1:].tolist(), strict=True)]
    return [np.sort(np.concatenate([own[one] for one in tree.below(number)])) for number in range(len(own))]


def rolled_up(tree: Tree, own: Ints) -> Ints:
    """Sums over each category and all below it.

    Args:
        tree: The categories.
        own: One row a category, its figures as columns.
    """
    found = own.copy()
    for number in sorted(range(len(tree.names)), key=lambda one: -len(tree.path(one))):
        if tree.parents[number] >= 0:
            found[tree.parents[number]] += found[number]
    return found


def counted(tree: Tree, number: int, counts: Mapping[int, Mapping[str, int]]) -> dict[str, int]:
    """Counts by name of a category and all below it."""
    own = [counts[one] for one in tree.below(number) if one in counts]
    found: Counter[str] = Counter()
    for one in own:
        found.update(one)
    return {name: found[name] for one in own[:1] for name in one}


def missing(tree: Tree, number: int, demand: Sequence[int], least: int) -> int:
    """How many searches a list of selling points lacks: 0 where a category at or below this one has enough.

    Args:
        tree: The categories.
        number: Which.
        demand: Of each category itself.
        least: What a category needs.
    """
    return min(max(0, least - demand[one]) for one in tree.below(number))


def shares_of(part: npt.NDArray[Any], whole: npt.NDArray[Any]) -> list[Share]:
    """Shares with their intervals; none of nothing."""
    low, high = share_interval(part.astype(np.float64), whole.astype(np.float64))
    return [
        Share(share=round(p / w, 4), low=round(a, 4), high=round(b, 4)) if w else Share(share=None, low=None, high=None)
        for p, w, a, b in zip(part.tolist(), whole.tolist(), low.tolist(), high.tolist(), strict=True)
    ]
