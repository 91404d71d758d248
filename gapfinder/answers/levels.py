"""Features of a need from those of its candidates: how well the best note matches, and how much answers together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
import numpy.typing as npt
from numba import types

from gapfinder.answers.pairs import FEATURES, Features
from gapfinder.answers.together import Groups
from indexer.stores.matching.compiled import compiled

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

ROBUST: Final = ("overlap", "grams", "coverage", "sequence")  # features of pairs of which the best note's value counts
LEVELS: Final = (*ROBUST, "terms", "answers")
TOLD: Final = (*FEATURES, "terms", "letters", "answers", "whole", "best")  # where enough people told what answers them
BENT: Final = (  # products of two of them, where many people told
    *("coverage*logterms", "grams*logterms", "overlap*logterms", "sequence*logterms", "logterms", "logterms*logterms"),
    *("coverage*coverage", "overlap*overlap", "sequence*sequence", "coverage*overlap", "grams*sequence"),
)
MEANING: Final = "meaning"  # a further feature of pairs where the user named an embedder
_WHOLE: Final = 4  # as in the rows of pairs
_FLOOR: Final = 0.02  # of the sum of answers, before the logarithm


@dataclass(frozen=True)
class Sizes:
    """How long needs are: their numbers of distinct terms, and of characters of these."""

    terms: Ints
    letters: Ints

    def __len__(self) -> int:
        return self.terms.size

    @classmethod
    def of(cls, needs: Sequence[Sequence[str]]) -> Self:
        """The sizes of needs, given as their terms."""
        distinct = [set(need) for need in needs]
        return cls(
            np.array([len(need) for need in distinct], np.int64),
            np.array([sum(map(len, need)) for need in distinct], np.int64),
        )


@dataclass(frozen=True)
class Levels:
    """What is known of each need: rows of features, and the log of the probability that no candidate answers."""

    rows: Floats
    log_none: Floats


def levels_of(
    wanted: Sequence[str],
    names: Sequence[str],
    best: Features,
    probability: Floats,
    groups: Groups,
    sizes: Sizes,
) -> Levels:
    """Levels of all needs; sums run in the order of the pairs.

    Args:
        wanted: Features of needs, the columns of the rows.
        names: Features of the pairs, the columns of ``best``.
        best: Largest value of each feature among the pairs of each need (:func:`best_of`).
        probability: Probability of each pair that the note answers the need.
        groups: The pairs by need and by the words they hold.
        sizes: Sizes of the needs.
    """
    needs, need = len(sizes), groups.need[groups.of_pair]
    log_none = groups.sums(groups.log_none(probability))
    rows = np.zeros((needs, len(wanted)))

    lengths = {
        "terms": sizes.terms.astype(np.float64),
        "logterms": np.log(np.maximum(sizes.terms, 1)),
        "letters": sizes.letters.astype(np.float64),
    }

    def one(name: str) -> Floats:
        if name in lengths:
            return lengths[name]
        if name == "answers":
            return np.log(_FLOOR - log_none)
        if name == "whole":
            return best[:, names.index("coverage")].astype(np.float64) ** _WHOLE
        if name == "best":
            likeliest = np.zeros(needs)
            np.maximum.at(likeliest, need, probability)
            return likeliest
        return best[:, names.index(name)].astype(np.float64)

    for column, name in enumerate(wanted):
        first, _, second = name.partition("*")
        rows[:, column] = one(first) * one(second) if second else one(first)
    return Levels(rows, log_none)


def best_of(features: Features, need: Ints, needs: int) -> Features:
    """Largest value of each feature (0 or more) among the pairs of each need; needs x features.

    Args:
        features: Pairs x features.
        need: Need of each pair.
        needs: Number of needs.
    """
    best = np.zeros((needs, features.shape[1]), np.float32)
    raise_to(best, need, np.ascontiguousarray(features, np.float32))
    return best


@compiled(types.float32[:, ::1], types.int64[::1], types.float32[:, ::1])
def raise_to(best: Features, need: Ints, features: Features) -> None:
    """Raise the best values of needs to those of some pairs where these are larger."""
    for i in range(need.size):
        for column in range(features.shape[1]):
            best[need[i], column] = max(best[need[i], column], features[i, column])
