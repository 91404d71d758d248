"""What a comment wants: to draw people away, a link, a price, an answer; or to praise or to complain.

Rules find how people beg, ask and lure; a classifier learned from the shipped examples weighs them together with the
characters of the comment and the kinds of its words (multinomial logistic regression). Where a comment wants several
things the first of :data:`INTENTS` counts: the examples are labelled so, and who begs for a link or a price in plain
words is heard whatever the classifier makes of the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Final

import numpy as np
import numpy.typing as npt

from gapfinder.comments.examples import rows_of
from gapfinder.comments.kinds import either_way, kinds_of, normal
from gapfinder.comments.rules import held, rules_of
from gapfinder.texts.classifier import TextClassifier

Flags = npt.NDArray[np.bool_]
Places = npt.NDArray[np.int8]

INTENTS: Final = ("lure", "link", "price", "question", "negative", "positive", "other")

_RIDGE: Final = 0.15
_PLACES: Final = 1 << 14
_SURE: Final = ("price", "link")
_READ: Final = 300  # characters of a comment; a longer one has said what it wants by then


class IntentModel:
    """Tells intents, as learned from examples.

    Args:
        intents: The intent of each example.
        texts: The examples as they were written.
    """

    def __init__(self, intents: Sequence[str], texts: Sequence[str]) -> None:
        views, marks = _read(texts)
        self._model = TextClassifier.fit(views, intents, _RIDGE, marks=marks, places=_PLACES)
        self._number = np.array([INTENTS.index(label) for label in self._model.labels], np.int8)

    def of(self, texts: Sequence[str]) -> Places:
        """What each comment wants, as its place in :data:`INTENTS`."""
        if not texts:
            return np.zeros(0, np.int8)
        views, marks = _read(texts)
        found: Places = self._number[self._model.margins(views, marks).argmax(axis=1)]
        # What is begged for in plain words comes before all that stands behind it in the order.
        for name in _SURE:
            asked = held(views[0], rules_of(name)).any(axis=1)
            found[asked & (found > INTENTS.index(name))] = INTENTS.index(name)
        return found


def intents_of(texts: Sequence[str]) -> Places:
    """What each comment wants, as its place in :data:`INTENTS`.

    The first call learns from the shipped examples, which takes about a second.

    Args:
        texts: The comments as they were written.

    Returns:
        One number a comment, in their order.
    """
    return _shipped().of(texts)


def examples() -> tuple[list[str], list[str]]:
    """The shipped examples: their intents and their texts."""
    rows = rows_of("comments") + rows_of("plain_comments")
    return [row[0] for row in rows], [row[1] for row in rows]


@cache
def _shipped() -> IntentModel:
    return IntentModel(*examples())


def _read(texts: Sequence[str]) -> tuple[tuple[list[str], list[str]], Flags]:
    """Comments as written and as the kinds of their words, and which rules they meet."""
    plain = [text[:_READ] for text in normal(texts)]
    marks = np.column_stack([held(plain, rules_of("intent")), either_way(plain)])
    return (plain, kinds_of(plain)), marks
