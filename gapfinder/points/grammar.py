"""The grammar of needs as one thing to use: texts in, phrases out, the same for queries, notes and comments."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

import numpy as np
import numpy.typing as npt

from gapfinder.lexicon import words_of
from gapfinder.points.phrases import PAIR, Phrases, find_phrases
from gapfinder.points.roles import Roles, doubled_forms
from gapfinder.texts.compounds import Compounds
from gapfinder.texts.words import Texts, Words
from indexer.segment import Segmenter

Flags = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]

_LISTS: Final = ("complaints", "benefits", "ingredients", "negation", "stress", "general")


class Grammar:
    """Finds need phrases.

    Args:
        words: The vocabulary.
        segmenter: What cut the texts; it cuts the words of the lists alike.
        claims: What the products of the store claim, as good states of their own.
    """

    def __init__(self, words: Words, segmenter: Segmenter, claims: Collection[str] = ()) -> None:
        self.words = words
        self.roles = Roles(words, frozenset(claims))
        listed = sorted({word for name in _LISTS for word in words_of(name)} | set(claims) | set(doubled_forms()))
        self._compounds = Compounds(words, [segmenter.query_terms(word) for word in listed])
        self._body: Flags = np.zeros(0, bool)

    def learn(self, body: Flags) -> None:
        """Take some words of the vocabulary as parts of the body or of the thing."""
        self._body = body

    @property
    def body(self) -> list[str]:
        """The parts of the body or of the thing that were learned."""
        return [self.words.names[number] for number in np.flatnonzero(self._body).tolist()]

    def join(self, texts: Texts) -> Texts:
        """Texts with the words of the lists whole, whatever the segmenter made of them."""
        return self._compounds.join(texts)

    def placed(self, texts: Texts) -> tuple[Texts, Ints]:
        """The same, and where each word began among the words of all texts before."""
        return self._compounds.placed(texts)

    def find(self, texts: Texts) -> Phrases:
        """The phrases of joined texts."""
        known = self.roles.grown()
        body = np.zeros(known.role.size, bool)
        body[: self._body.size] = self._body
        return find_phrases(texts, self.roles, body)

    def wording(self, core: int) -> str:
        """The words of a core."""
        names = self.words.names
        return names[core] if core < 1 << PAIR else names[(core >> PAIR) - 1] + names[core & ((1 << PAIR) - 1)]
