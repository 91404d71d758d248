"""Crowds and scenes in texts: the words of the closed lists, where no need and no name takes them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Self

import numpy as np
import numpy.typing as npt

from gapfinder.lexicon import words_of
from gapfinder.points.phrases import Phrases
from gapfinder.texts.names import Mentions, Names
from gapfinder.texts.words import Texts, Words
from gapfinder.understanding.parts import MARKERS
from indexer.segment import Segmenter

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

CROWD: Final = "crowd"
SCENE: Final = "scene"


@dataclass(frozen=True)
class Marks:
    """The words of crowds and scenes, numbered.

    Attributes:
        words: Each word with what it is (:data:`CROWD`, :data:`SCENE`), by kind, then word.
        names: They and the words of the other lists, the longest of which goes first; these have numbers beyond.
    """

    words: tuple[tuple[str, str], ...]
    names: Names

    @classmethod
    def of(cls, words: Words, segmenter: Segmenter) -> Self:
        """The lists as the segmenter of the texts cuts them."""
        own = sorted(
            (part, word) for name, part in MARKERS.items() if part in (CROWD, SCENE) for word in words_of(name)
        )
        number = {pair: place for place, pair in enumerate(own)}
        aliases = [
            (segmenter.query_terms(word), number.get((part, word), len(own)))
            for name, part in MARKERS.items()
            for word in sorted(words_of(name))
        ]
        return cls(tuple(own), Names.of(words, aliases))

    def find(self, texts: Texts, taken: Flags) -> Mentions:
        """The mentions of crowds and scenes of which no word is taken."""
        found = self.names.find(texts)
        free = found.name < len(self.words)
        first = texts.start[found.text] + found.place
        for offset in range(int(found.length.max(initial=0))):
            rows = np.flatnonzero(found.length > offset)
            free[rows] &= ~taken[first[rows] + offset]
        return Mentions(found.text[free], found.place[free], found.length[free], found.name[free])


def take(taken: Flags, texts: Texts, found: Mentions | Phrases) -> None:
    """Mark the words of some mentions as taken."""
    first = texts.start[found.text] + found.place
    for offset in range(int(found.length.max(initial=0))):
        taken[first[found.length > offset] + offset] = True
