"""Features of a need from those of its candidates: how well the best note matches, and how much answers together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from gapfinder.answers.together import Groups

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

BEST: Final = ("overlap", "grams", "coverage", "sequence")  # features of pairs of which the best note's value counts
LEVELS: Final = (*BEST, "terms", "answers")
MEANING: Final = "meaning"  # a further feature of pairs where the user named an embedder
_FLOOR: Final = 0.02  # of the sum of answers, before the logarithm


@dataclass(frozen=True)
class Levels:
    """What is known of each need: rows of features, and the log of the probability that no candidate answers."""

    rows: Floats
    log_none: Floats


def level_names(pair_features: tuple[str, ...]) -> tuple[str, ...]:
    """Names of the features of needs, for pairs that have these features."""
    return (*LEVELS, MEANING) if MEANING in pair_features else LEVELS


def levels_of(
    names: tuple[str, ...], features: npt.NDArray[Any], probability: Floats, groups: Groups, terms: Ints
) -> Levels:
    """Levels of all needs; sums run in the order of the pairs.

    Args:
        names: Features of the pairs, the columns of ``features``.
        features: Pairs x features.
        probability: Probability of each pair that the note answers the need.
        groups: The pairs by need and by the words they hold.
        terms: Number of distinct terms of each need.
    """
    needs, need = terms.size, groups.need[groups.of_pair]
    log_none = groups.sums(groups.log_none(probability))
    wanted = level_names(names)
    rows = np.zeros((needs, len(wanted)))
    for column, name in enumerate(wanted):
        if name == "terms":
            rows[:, column] = terms
        elif name == "answers":
            rows[:, column] = np.log(_FLOOR - log_none)
        else:
            best = np.zeros(needs, np.float32)
            np.maximum.at(best, need, features[:, names.index(name)])
            rows[:, column] = best
    return Levels(rows, log_none)
