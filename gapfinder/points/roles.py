"""What part each word may play in a need phrase, and the need that a word holds in itself.

The classes of words are closed lists, alike for every category (:mod:`gapfinder.lexicon`); parts of the body or of the
thing are learned for each category (:mod:`gapfinder.points.body`). A word that is made of both (去头屑, 不勒肚, 头皮痒)
is taken apart once, when it is first seen.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from gapfinder.lexicon import words_of
from gapfinder.texts.words import Words

Ids = npt.NDArray[np.int32]

# Roles, as bits of a number.
REMOVE: Final = 1
GIVE: Final = 2
DENY: Final = 4
SKIP: Final = 8
BAD: Final = 16
GOOD: Final = 32
WITHOUT: Final = 64  # something people want to be without
SHORT: Final = 128  # a state of one character, which is no phrase alone
WHOLE: Final = 256  # a phrase in itself
STRESS: Final = 512  # a word of degree that makes a phrase of a short state

# How a phrase speaks of its need.
PRAISED: Final = 0  # a good state
COMPLAINED: Final = 1  # a bad one
SPARED: Final = 2  # a bad one that is denied
PROMISED: Final = 3  # a verb that takes something bad away, or gives something good
LACKING: Final = 4  # a good one that is denied

_LONGEST: Final = 8  # characters of a word that is taken apart
_CLASSES: Final = (
    ("remove", REMOVE), ("give", GIVE), ("negation", DENY), ("degree", SKIP), ("complaints", BAD), ("benefits", GOOD),
    ("ingredients", WITHOUT), ("stress", STRESS),
)  # fmt: skip


@dataclass(frozen=True)
class Described:
    """What is known of every word of a vocabulary; arrays with one entry a word.

    Attributes:
        role: Its roles, as bits.
        core: Number of the word that names the need in it: 头屑 for 去头屑; -1: there is none.
        way: How it speaks of that need where it stands alone.
    """

    role: Ids
    core: Ids
    way: Ids


class Roles:
    """Roles of the words of a vocabulary; each word is described once.

    Args:
        words: The vocabulary; it grows by cores that never stood alone.
        claims: Further good states of this store: what its products claim.
    """

    def __init__(self, words: Words, claims: frozenset[str] = frozenset()) -> None:
        self._words = words
        self._classes = [(words_of(name), role) for name, role in _CLASSES]
        self._claims = claims
        self._told = Described(*(np.empty(0, np.int32) for _ in range(3)))

    def grown(self) -> Described:
        """What is known of every word of the vocabulary as it is now."""
        while (known := self._told.role.size) < len(self._words):
            rows = [self._described(name) for name in self._words.names[known:]]
            new = [np.array(column, np.int32) for column in zip(*rows, strict=True)]
            old = (self._told.role, self._told.core, self._told.way)
            self._told = Described(*(np.concatenate(pair) for pair in zip(old, new, strict=True)))
        return self._told

    def _described(self, name: str) -> tuple[int, int, int]:
        role = sum(role for names, role in self._classes if name in names)
        if name in self._claims:
            role |= GOOD
        if role & (BAD | GOOD | WITHOUT):
            core = self._words.number(name)
            way = PRAISED if role & GOOD else COMPLAINED  # alone; what one wants to be without says nothing alone
            return role | (SHORT if len(name) == 1 else 0), core, way
        if role or not 1 < len(name) <= _LONGEST:
            return role, -1, 0
        return self._taken_apart(name)

    def _taken_apart(self, name: str) -> tuple[int, int, int]:
        """The need within a word that is on no list: a verb or a denial before a state."""
        remove, deny, bad, without, good = (
            words_of(name) for name in ("remove", "negation", "complaints", "ingredients", "benefits")
        )
        for cut in range(min(3, len(name) - 1), 0, -1):
            first, rest = name[:cut], name[cut:]
            if first in remove and (rest in bad or rest in without):
                return WHOLE, self._words.number(rest), PROMISED
            if first in deny and (rest in bad or rest in without):
                return WHOLE, self._words.number(rest), SPARED
            if first in deny and rest in good and len(rest) > 1:
                return WHOLE, self._words.number(rest), LACKING
        if name[:-1] in words_of("stress") and len(name[-1]) == 1 and name[-1] in bad:
            return WHOLE, self._words.number(name[-1]), COMPLAINED
        return 0, -1, 0
