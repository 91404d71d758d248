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
COMPLEMENT: Final = 1024  # behind a short state it makes a phrase of it: 油 得 快, 痒 死 了
COPULA: Final = 2048  # a short state between it and what closes it is a phrase: 是 软 的
CLOSE: Final = 4096

# How a phrase speaks of its need.
PRAISED: Final = 0  # a good state
COMPLAINED: Final = 1  # a bad one
SPARED: Final = 2  # a bad one that is denied
PROMISED: Final = 3  # a verb that takes something bad away, or gives something good
LACKING: Final = 4  # a good one that is denied

_LONGEST: Final = 8  # characters of a word that is taken apart
_TWO: Final = 2
_CLASSES: Final = (
    ("remove", REMOVE), ("give", GIVE), ("negation", DENY), ("degree", SKIP), ("complaints", BAD), ("benefits", GOOD),
    ("ingredients", WITHOUT), ("stress", STRESS),
)  # fmt: skip
_PARTICLES: Final = {"得": COMPLEMENT, "死": COMPLEMENT, "爆": COMPLEMENT, "是": COPULA, "的": CLOSE}


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
        role = sum(role for names, role in self._classes if name in names) | _PARTICLES.get(name, 0)
        if name in self._claims:
            role |= GOOD
        if role & (BAD | GOOD | WITHOUT):
            core = self._words.number(name)
            way = PRAISED if role & GOOD else COMPLAINED  # alone; what one wants to be without says nothing alone
            return role | (SHORT if len(name) == 1 else 0), core, way
        if role or not 1 < len(name) <= _LONGEST or name in words_of("general"):
            return role, -1, 0
        base = doubled(name)
        if base is not None:
            return WHOLE, self._words.number(base), PRAISED if base in words_of("benefits") else COMPLAINED
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


def doubled(name: str) -> str | None:
    """The state within its doubled form (``软软的``, ``毛毛躁躁``); None: it is none.

    A state of one character needs its 的: ``紧紧`` is how something is held.
    """
    if len(name) == 3 and name[0] == name[1] and name[2] == "的":  # noqa: PLR2004 - two characters and their 的
        base = name[0]
    elif len(name) == 4 and name[0] == name[1] and name[2] == name[3]:  # noqa: PLR2004 - two characters, doubled
        base = name[0] + name[2]
    else:
        return None
    return base if base in words_of("complaints") or base in words_of("benefits") else None


def doubled_forms() -> list[str]:
    """The doubled forms of all states of one and two characters, but of those that are listed themselves."""
    states = sorted(words_of("complaints") | words_of("benefits"))
    forms = [f"{one}{one}的" for one in states if len(one) == 1]
    forms += [f"{two[0] * 2}{two[1] * 2}" for two in states if len(two) == _TWO]
    return [form for form in forms if form not in states]
