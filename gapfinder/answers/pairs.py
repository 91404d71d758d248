"""Features of (need, note) pairs, for many at once, in compiled kernels.

All lie between 0 and 1 and grow with likeness, so that a model of them can't turn them round. They are levels, not
distances to other notes: those work only where every query has one answer. The whole text counts by its words
(:mod:`gapfinder.answers.words`), title, tags and opening by their characters (:mod:`gapfinder.answers.characters`).
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from gapfinder.answers.characters import BY_CHARACTERS, character_features
from gapfinder.answers.subjects import Ints, Needs, Notes
from gapfinder.answers.words import BY_WORDS, word_features

Features = npt.NDArray[np.float32]

FEATURES: Final = (*BY_WORDS, *BY_CHARACTERS)
COVERAGE, HEADLINE, TIGHTNESS, SOFT, GRAMS, OVERLAP, SEQUENCE, RUN = range(len(FEATURES))


def pair_features(needs: Needs, notes: Notes, pair_need: Ints, pair_note: Ints) -> tuple[Features, Ints]:
    """Features of pairs, as rows of :data:`FEATURES`, and which of the need's terms the note holds, as bits.

    Args:
        needs: The needs.
        notes: A block of notes.
        pair_need: Need of each pair.
        pair_note: Note of each pair, ascending: the pairs of a note stand together.
    """
    out = np.zeros((pair_need.size, len(FEATURES)), np.float32)
    pattern = np.zeros(pair_need.size, np.int64)
    words = len(BY_WORDS)
    word_features(needs, notes, pair_need, pair_note, out[:, :words], pattern)
    character_features(needs, notes, pair_need, pair_note, out[:, words:])
    return out, pattern
