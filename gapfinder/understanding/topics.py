"""Which category a text is about where it names none, learned from the texts that do.

Multinomial naive Bayes over words (McCallum, Nigam 1998): each word of a text speaks for the categories in whose texts
it stands more often. Log-likelihoods are whole numbers (per mille), so that sums are the same in any order. A text is
given a category only where that is nine times as likely as the next; otherwise it has none.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
from numba import types

from gapfinder.texts.words import Texts
from indexer.stores.matching.compiled import compiled

Ints = npt.NDArray[np.int64]
Ids = npt.NDArray[np.int32]

SURE: Final = 9.0  # times as likely as the next
MOST_CATEGORIES: Final = 200
LEAST_COUNT: Final = 3  # of a word among texts with a category
_PRIOR: Final = 0.5  # added to each count
_UNIT: Final = 1000
_ALL: Final = 1 << 31

i4, i8 = types.int32, types.int64


class Topics:
    """Counts of words by category; texts are added batch by batch.

    Args:
        categories: How many there are; with more than :data:`MOST_CATEGORIES` nothing is learned.
        words: Only words below that number are learned: those of queries, which are few.
    """

    def __init__(self, categories: int, words: int = _ALL) -> None:
        self._categories = categories if categories <= MOST_CATEGORIES else 0
        self._words = words
        self._counts = np.zeros((0, self._categories), np.int64)

    def add(self, texts: Texts, category: Ids, weight: int = 1) -> None:
        """Learn from texts whose category is known (-1: it is not)."""
        if not self._categories:
            return
        size = min(int(texts.words.max(initial=-1)) + 1, self._words)
        if size > self._counts.shape[0]:
            more = np.zeros((size - self._counts.shape[0], self._categories), np.int64)
            self._counts = np.concatenate([self._counts, more])
        own = np.repeat(category.astype(np.int64), np.diff(texts.start))
        used = (own >= 0) & (texts.words >= 0) & (texts.words < self._words)
        code = texts.words[used].astype(np.int64) * self._categories + own[used]
        counts = np.bincount(code, minlength=self._counts.size).astype(np.int64)
        self._counts += weight * counts.reshape(self._counts.shape)

    def weights(self) -> Ints:
        """Log-likelihood of each word in each category, per mille; 0 for all where too little is known of a word."""
        total = self._counts.sum(axis=0, keepdims=True) + _PRIOR * max(1, self._counts.shape[0])
        share = np.log((self._counts + _PRIOR) / total)
        share -= share.mean(axis=1, keepdims=True) if self._categories else 0.0
        known = self._counts.sum(axis=1, keepdims=True) >= LEAST_COUNT
        found: Ints = np.rint(np.where(known, share, 0.0) * _UNIT).astype(np.int64)
        return found

    def of(self, texts: Texts, weights: Ints) -> Ids:
        """The category of each text; -1 where none is likely enough."""
        found = np.full(len(texts), -1, np.int32)
        if self._categories > 1 and weights.shape[0]:
            _choose(texts.start, texts.words, weights, round(float(np.log(SURE)) * _UNIT), found)
        return found


@compiled(i8[::1], i4[::1], i8[:, ::1], i8, i4[::1])
def _choose(start: Ints, words: Ids, weights: Ints, ahead: int, found: Ids) -> None:
    """The category of each text whose words speak for it by ``ahead`` more than for the next."""
    for text in range(start.size - 1):
        best, second, chosen = np.int64(-(1 << 62)), np.int64(-(1 << 62)), -1
        for category in range(weights.shape[1]):
            score = np.int64(0)
            for at in range(start[text], start[text + 1]):
                word = words[at]
                if word >= 0 and word < weights.shape[0]:
                    score += weights[word, category]
            if score > best:
                best, second, chosen = score, best, category
            elif score > second:
                second = score
        if best - second >= ahead:
            found[text] = chosen
