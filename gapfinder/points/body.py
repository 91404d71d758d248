"""Parts of the body or of the thing, learned from the store: nouns of which people say how they are (头皮, 表层, 腰围).

A noun of up to three characters is one when what stands behind it (degrees and denials skipped) is a state, or what
stands before it is a verb that takes something away or gives something, in more than 5% of its uses and five times at
least. Crowds, shops, parcels and the names of categories are none: people say of them, too, how they are.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache
from typing import Final

import numpy as np
import numpy.typing as npt

from gapfinder.lexicon import words_of
from gapfinder.points.roles import BAD, DENY, GIVE, GOOD, REMOVE, SHORT, SKIP
from gapfinder.texts.speech import tags_of
from gapfinder.texts.words import Texts, Words

Ints = npt.NDArray[np.int64]
Ids = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]

LEAST_USES: Final = 5
LEAST_SHARE: Final = 0.05
LONGEST: Final = 3
_REACH: Final = 4  # words
_EXCLUDED: Final = ("crowds", "scenes", "packing", "tail", "places", "degree", "price", "choose", "how", "buy", "vague")
_ALONE: Final = "去"  # 去 + noun is going somewhere as often as taking something away


class BodyCounts:
    """How often each word stood where parts of the body stand; texts are added batch by batch."""

    def __init__(self) -> None:
        self._total, self._slots = np.zeros(0, np.int64), np.zeros(0, np.int64)

    def add(self, texts: Texts, role: Ids, words: Words) -> None:
        """Count the words of some texts."""
        size = len(words)
        self._total, self._slots = (_grown(column, size) for column in (self._total, self._slots))
        ids = texts.words
        real = ids >= 0
        known = np.where(real, ids, 0)
        own = np.where(real, role[known], 0)
        skipped = (own & (SKIP | DENY) != 0) & (own & (BAD | GOOD) == 0)
        # The next word that is not skipped, within the value; the one before as it is.
        place = np.arange(ids.size)
        stops = np.where(skipped, ids.size, place)
        behind = np.minimum.accumulate(np.append(stops, ids.size)[::-1])[::-1][1:]
        state = np.append(own & (BAD | GOOD) != 0, False)
        near = behind - place <= _REACH
        verb = (own & (REMOVE | GIVE) != 0) & (own & (BAD | GOOD) == 0) & (ids != _number(words, _ALONE))
        before = np.concatenate([[False], verb[:-1]]) if ids.size else verb
        slot = real & ((state[behind] & near) | before)
        self._total += np.bincount(ids[real], minlength=size)
        self._slots += np.bincount(ids[slot], minlength=size)

    def body(self, words: Words, role: Ids, names: Collection[str] = ()) -> Flags:
        """Which words of the vocabulary are parts of the body or of the thing.

        Args:
            words: The vocabulary.
            role: Roles of its words.
            names: Names of categories and brands, which are none.
        """
        total, slots = (_grown(column, len(words)) for column in (self._total, self._slots))
        fits = (slots >= LEAST_USES) & (slots > LEAST_SHARE * total) & (role & ~SHORT == 0)
        found = np.zeros(len(words), bool)
        for number in np.flatnonzero(fits).tolist():
            found[number] = words.names[number] not in names and _is_part(words.names[number])
        return found


def _grown(column: Ints, size: int) -> Ints:
    return np.concatenate([column, np.zeros(size - column.size, np.int64)]) if size > column.size else column


def _number(words: Words, name: str) -> int:
    number = words.known(name)
    return -2 if number is None else number


@lru_cache(maxsize=1 << 16)
def _is_part(name: str) -> bool:
    if len(name) > LONGEST or name.isascii() or any(name in words_of(excluded) for excluded in _EXCLUDED):
        return False
    return tags_of(name) == ("n",)
