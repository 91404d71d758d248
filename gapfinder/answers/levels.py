"""Features of a need from those of its candidates: how well the best note matches, and how much answers together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np
import numpy.typing as npt

from gapfinder.answers.pairs import FEATURES
from gapfinder.answers.together import Groups

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
    features: npt.NDArray[Any],
    probability: Floats,
    groups: Groups,
    sizes: Sizes,
) -> Levels:
    """Levels of all needs; sums run in the order of the pairs.

    Args:
        wanted: Features of needs, the columns of the rows.
        names: Features of the pairs, the columns of ``features``.
        features: Pairs x features.
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

    def best(values: npt.NDArray[Any]) -> Floats:
        found = np.zeros(needs)
        np.maximum.at(found, need, values.astype(np.float64))
        return found

    def one(name: str) -> Floats:
        if name in lengths:
            return lengths[name]
        if name == "answers":
            return np.log(_FLOOR - log_none)
        if name == "whole":
            return best(features[:, names.index("coverage")]) ** _WHOLE
        if name == "best":
            return best(probability)
        return best(features[:, names.index(name)])

    for column, name in enumerate(wanted):
        first, _, second = name.partition("*")
        rows[:, column] = one(first) * one(second) if second else one(first)
    return Levels(rows, log_none)
