"""How categories stand above each other: given by the paths of a catalogue, or by their own names.

A category is one node, whatever paths lead to it: who searches 湿巾 does not say on which shelf it stands. It stands
below the category that most of its products say (of equal ones the first by name), so that each has one parent and none
is above itself. Where no path speaks of a category, its name may: Chinese compounds end in what they are a kind of, so
a name whose words end in another name is a kind of it (婴儿纸尿裤 of 纸尿裤), of several the longest.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Self

import numpy as np
import numpy.typing as npt

from gapfinder.texts.speech import is_word
from gapfinder.understanding.paths import MOST_LEVELS, Path
from indexer.segment import Segmenter

Ints = npt.NDArray[np.int64]

NONE: Final = -1
_DASH: Final = re.compile("[-—–－_]")
_SHORTEST: Final = 2  # characters of a name that others are kinds of: 粉 or 壳 says too little
_NO_KIND: Final = frozenset(("玩具", "仿真", "模型", "模拟", "假", "过家家"))  # 玩具手机 is no 手机


@dataclass(frozen=True)
class Tree:
    """Categories by number, with the one above each.

    Attributes:
        names: Their names: those that products or searches name first, then those that only stand above others.
        parents: Number of the one above each; :data:`NONE`: nothing.
        own: How many of them are named by products or searches.
    """

    names: tuple[str, ...] = ()
    parents: tuple[int, ...] = ()
    own: int = 0

    @classmethod
    def of(cls, paths: Mapping[Path, int], more: Iterable[str] = (), segmenter: Segmenter | None = None) -> Self:
        """The tree of some categories.

        Args:
            paths: Paths from the widest level to the narrowest, with how many products say so.
            more: Categories without a path.
            segmenter: Cuts names into words; None: names are not looked at.
        """
        own = sorted({path[-1] for path in paths if path} | set(more))
        above = sorted({name for path in paths for name in path[:-1]} - set(own))
        names = (*own, *above)
        number = {name: place for place, name in enumerate(names)}
        parents = _by_paths(paths, number)
        if segmenter is not None:
            told = {number[name] for path in paths if len(path) > 1 for name in path}
            _by_names(names, len(own), told, parents, segmenter, least=1 if paths else _SHORTEST)
        return cls(names, tuple(_levelled(parents)), len(own))

    @property
    def flat(self) -> bool:
        """Whether no category stands above another."""
        return all(parent == NONE for parent in self.parents)

    def path(self, number: int) -> list[int]:
        """The way down to a category, itself at the end."""
        found = [number]
        while self.parents[found[-1]] != NONE:
            found.append(self.parents[found[-1]])
        return found[::-1]

    def below(self, number: int) -> list[int]:
        """A category and all below it, ascending."""
        found = [number]
        for one in found:
            found += self.children[one]
        return sorted(found)

    @cached_property
    def children(self) -> list[list[int]]:
        """The categories right below each."""
        found: list[list[int]] = [[] for _ in self.parents]
        for number, parent in enumerate(self.parents):
            if parent != NONE:
                found[parent].append(number)
        return found

    @cached_property
    def siblings(self) -> Ints:
        """For each category a number that those with the same parent share."""
        return np.array(self.parents, np.int64) + 1

    def common(self, numbers: Sequence[int]) -> int:
        """The narrowest category that stands above all of these, or is one of them; :data:`NONE`: there is none."""
        if not numbers:
            return NONE
        ways = [self.path(number) for number in numbers]
        shared = NONE
        for level in zip(*ways, strict=False):
            if len(set(level)) > 1:
                break
            shared = level[0]
        return shared


def _by_paths(paths: Mapping[Path, int], number: Mapping[str, int]) -> list[int]:
    """The parent that most products say; one that would close a circle is passed over."""
    said: dict[tuple[str, str], int] = {}
    for path, products in paths.items():
        for pair in zip(path[1:], path, strict=False):
            said[pair] = said.get(pair, 0) + products
    parents = [NONE] * len(number)
    for child, parent in sorted(said, key=lambda pair: (-said[pair], pair)):
        if parents[number[child]] == NONE and not _stands_above(parents, number[child], number[parent]):
            parents[number[child]] = number[parent]
    return parents


def _stands_above(parents: Sequence[int], one: int, other: int) -> bool:
    """Whether one category is the other, or stands above it."""
    while other != NONE:
        if other == one:
            return True
        other = parents[other]
    return False


def _by_names(
    names: Sequence[str], own: int, told: set[int], parents: list[int], segmenter: Segmenter, least: int
) -> None:
    """Put categories of which no path speaks below those that their names end in; these are shorter, so no circle.

    Args:
        names: All names.
        own: How many of them may be put below others.
        told: Categories of which paths speak.
        parents: Changed here.
        segmenter: Cuts names into words.
        least: Characters that must stand before: who wrote 棉拖鞋 into a catalogue meant 棉 and 拖鞋, but what queries
            are about is cut by a machine (抽 + 纸盒).
    """
    cut = [segmenter.query_terms(name) for name in names]
    known: dict[str, int] = {}
    for place, terms in enumerate(cut):
        known.setdefault("".join(terms), place)
    for place in range(own):
        if place in told or _DASH.search(names[place]):  # what is written with dashes may be a path of its own
            continue
        whole = "".join(cut[place])
        for at in _ends(cut[place]):
            parent = known.get(whole[at:]) if at >= least and len(whole) - at >= _SHORTEST else None
            if parent is not None:
                if not any(whole[:at].endswith(word) for word in _NO_KIND):
                    parents[place] = parent
                break


def _ends(terms: Sequence[str]) -> list[int]:
    """Where what a name ends in may begin: between two words, or within one that is made of two (电动|牙刷)."""
    found, start = set(), 0
    for term in terms:
        found.add(start)
        halves = range(_SHORTEST, len(term) - _SHORTEST + 1)
        found |= {start + at for at in halves if is_word(term[:at]) and is_word(term[at:])}
        start += len(term)
    return sorted(found - {0})


def _levelled(parents: Sequence[int]) -> list[int]:
    """No more than :data:`MOST_LEVELS` levels: what lies deeper stands beside the last of them."""
    below: list[list[int]] = [[] for _ in parents]
    for number, parent in enumerate(parents):
        if parent != NONE:
            below[parent].append(number)
    found = list(parents)
    level = [number for number, parent in enumerate(parents) if parent == NONE]
    depth = 0
    while level:
        if depth >= MOST_LEVELS:
            for number in level:
                found[number] = found[found[number]]
        level = [child for number in level for child in below[number]]
        depth += 1
    return found
