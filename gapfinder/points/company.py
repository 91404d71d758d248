"""Needs that are told by the company they keep: a leak among parcels is none of the shampoo.

A need more than half of whose mentions in a category stand within six words of a parcel, a shop or the question of
fakes (the list ``parcel``) is about these and not about the product in use. It is the share that tells: a single 没漏
beside 包装 says little, and the 侧漏 of a diaper is spoken of among other things. Punctuation is no word, so six words
reach into the clauses beside.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from gapfinder.lexicon import words_of
from gapfinder.points.phrases import Phrases
from gapfinder.texts.words import Texts, Words

Flags = npt.NDArray[np.bool_]

NEAR: Final = 6  # words on either side of a phrase
MOST_SHARE: Final = 0.5  # of the mentions of a need
LEAST_MENTIONS: Final = 4  # of a need, to tell its company
_COLOURS: Final = frozenset("红黄白黑")


def among_parcels(texts: Texts, phrases: Phrases, words: Words) -> Flags:
    """Which phrases stand near a word of the parcel, in the same text.

    Args:
        texts: The texts.
        phrases: Phrases in them.
        words: The vocabulary.
    """
    listed = words_of("parcel")
    known = np.array([name in listed for name in words.names], bool)
    held = np.zeros(texts.words.size + 1, np.int64)
    real = texts.words >= 0
    held[1:][real] = known[texts.words[real]]
    before = np.cumsum(held)  # parcel words before each place
    first = texts.start[phrases.text] + phrases.place
    low = np.maximum(first - NEAR, texts.start[phrases.text])
    high = np.minimum(first + phrases.length + NEAR, texts.start[phrases.text.astype(np.int64) + 1])
    near: Flags = before[high] > before[low]
    return near


def is_parcel(near: int, mentions: int) -> bool:
    """Whether a need is about the parcel: so many of its mentions are near one, of so many."""
    return mentions >= LEAST_MENTIONS and near > MOST_SHARE * mentions


def in_own_name(wording: str, names: set[str] | frozenset[str]) -> bool:
    """Whether a need is but the colour that its category is called by: 红 of 口红, which says no more than the name."""
    return wording in _COLOURS and any(wording in name for name in names)
