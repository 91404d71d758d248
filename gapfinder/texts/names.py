"""Names found in texts: every alias of every category, brand and product in one pass, each mention with its place.

An alias is a list of words. At each word the longest alias that begins there is taken, and looking goes on behind it
(leftmost-longest), so that the brand within the name of a product is not counted again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
import numpy.typing as npt
from numba import types

from gapfinder.texts.words import Texts, Words
from indexer.stores.matching.compiled import compiled
from indexer.stores.matching.plan import bounds

Ints = npt.NDArray[np.int64]
Ids = npt.NDArray[np.int32]

i4, i8 = types.int32, types.int64
_NOTHING: Final = -1


@dataclass(frozen=True)
class Mentions:
    """Where names stand: columns of equal length, by text, then place.

    Attributes:
        text: Which text.
        place: Its first word, counted within the text.
        length: How many words it has.
        name: Which name (as numbered by whoever made the aliases).
    """

    text: Ids
    place: Ids
    length: Ids
    name: Ids


@dataclass(frozen=True)
class Names:
    """Aliases filed under their first word.

    Attributes:
        first: Aliases ``first[w]`` to ``first[w + 1]`` begin with word ``w``, longest first.
        start: Words ``start[a]`` to ``start[a + 1]`` of ``words`` are those of alias ``a``.
        words: Their words.
        name: The name of each alias.
    """

    first: Ids
    start: Ids
    words: Ids
    name: Ids

    @classmethod
    def of(cls, words: Words, aliases: Iterable[tuple[Sequence[str], int]]) -> Self:
        """File aliases, given as words with the number of their name; of equal aliases the first counts."""
        distinct: dict[tuple[int, ...], int] = {}
        for terms, name in aliases:
            if terms:
                distinct.setdefault(tuple(words.number(term) for term in terms), name)
        filed = sorted(distinct.items(), key=lambda one: (one[0][0], -len(one[0]), one[0]))
        heads = np.array([alias[0] for alias, _ in filed], np.int64)
        lengths = np.array([len(alias) for alias, _ in filed], np.int64)
        return cls(
            bounds(np.bincount(heads, minlength=len(words)).astype(np.int64)).astype(np.int32),
            bounds(lengths).astype(np.int32),
            np.array([word for alias, _ in filed for word in alias], np.int32),
            np.array([name for _, name in filed], np.int32),
        )

    def find(self, texts: Texts) -> Mentions:
        """All mentions in some texts; words that came after the names were filed begin none."""
        columns = tuple(np.empty(texts.words.size, np.int32) for _ in range(4))
        found = _find(texts.start, texts.words, self.first, self.start, self.words, self.name, *columns)
        return Mentions(*(column[:found].copy() for column in columns))


def most_named(text: Ids, name: Ids, weight: Ints, texts: int) -> Ids:
    """The name that weighs most in each text, of equal ones the lowest; -1 where a text has none.

    Args:
        text: Text of each mention.
        name: Its name.
        weight: How much it counts.
        texts: Number of texts.
    """
    found = np.full(texts, _NOTHING, np.int32)
    if text.size:
        names = int(name.max()) + 1
        pair, place = np.unique(text.astype(np.int64) * names + name, return_inverse=True)  # of a batch
        total = np.bincount(place, weight, pair.size)
        order = np.lexsort((-(pair % names), total, pair // names))
        found[(pair // names)[order]] = (pair % names)[order]  # the last of a text stays
    return found


@compiled(i8[::1], i4[::1], i4[::1], i4[::1], i4[::1], i4[::1], i4[::1], i4[::1], i4[::1], i4[::1])
def _find(
    text_start: Ints,
    words: Ids,
    first: Ids,
    start: Ids,
    alias: Ids,
    name: Ids,
    out_text: Ids,
    out_place: Ids,
    out_length: Ids,
    out_name: Ids,
) -> int:
    """Fill the columns of :class:`Mentions`; gives how many there are."""
    found = 0
    for text in range(text_start.size - 1):
        at, end = text_start[text], text_start[text + 1]
        while at < end:
            word = words[at]
            step = 1
            if word >= 0 and word + 1 < first.size:
                for candidate in range(first[word], first[word + 1]):
                    length = start[candidate + 1] - start[candidate]
                    same = at + length <= end
                    for k in range(1, length):
                        same = same and words[at + k] == alias[start[candidate] + k]
                    if same:
                        out_text[found] = text
                        out_place[found] = at - text_start[text]
                        out_length[found] = length
                        out_name[found] = name[candidate]
                        found += 1
                        step = length
                        break
            at += step
    return found
