"""Words of a list that the segmenter cuts in pieces, put together again: 毛孔 + 粗大, 怎么 + 办.

Texts are cut once, on import, by a dictionary that can't know every list. So that a list may hold what people say
and not what a dictionary holds, its longer words are found as sequences and stand as one word afterwards.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from gapfinder.texts.names import Names
from gapfinder.texts.words import Texts, Words

Ints = npt.NDArray[np.int64]


class Compounds:
    """Puts the words of some lists together.

    Args:
        words: The vocabulary.
        cut: Words that stand as one, each as it is cut; those of one piece need nothing.
    """

    def __init__(self, words: Words, cut: Iterable[Sequence[str]]) -> None:
        several = sorted({tuple(pieces) for pieces in cut if len(pieces) > 1})
        self._names = Names.of(words, [(pieces, words.number("".join(pieces))) for pieces in several])

    def join(self, texts: Texts) -> Texts:
        """The texts with each sequence as one word."""
        return self.placed(texts)[0]

    def placed(self, texts: Texts) -> tuple[Texts, Ints]:
        """The same, and where each word began among the words of all texts before."""
        found = self._names.find(texts)
        if found.text.size == 0:
            return texts, np.arange(texts.words.size)
        ids = texts.words.copy()
        at = texts.start[found.text] + found.place
        ids[at] = found.name
        kept = np.ones(ids.size, bool)
        for offset in range(1, int(found.length.max())):
            kept[at[found.length > offset] + offset] = False
        start = np.concatenate([[0], np.cumsum(kept)])[texts.start].astype(np.int64)
        return Texts(start, ids[kept]), np.flatnonzero(kept)
