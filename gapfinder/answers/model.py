"""The content model: how probably each note answers a need, and how probably none does.

Two regressions look at it from two sides. One judges pairs: the probability that this note answers; together
(:mod:`gapfinder.answers.together`) that gives the probability that none does. The other judges needs, by how well their
best candidates match. Their log-odds are averaged: the first sees that supply is thin where one answer is left of five,
the second knows how much a best match is worth. Then the odds of all notes of a need are moved by one common
factor until the product over its notes says the same, so that supply, decomposition and probability agree.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Final, Self, cast

import numpy as np
import numpy.typing as npt
import orjson
from scipy.special import expit, logit

from gapfinder.answers.levels import Levels, Sizes, best_of, levels_of
from gapfinder.answers.logistic import Logistic
from gapfinder.answers.pairs import COVERAGE, FEATURES, HEADLINE
from gapfinder.answers.reading import Reading
from gapfinder.answers.together import Groups

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

MOST: Final = 0.95  # no note answers for certain, by its words alone
LEARNED: Final = "learned"  # from the user's own store; the other origin is the model that ships
_WHOLE: Final = 4
_SURE: Final = 0.005  # nor is a need met or unmet for certain, by content alone
PAIR_NAMES: Final = (*FEATURES, "whole", "whole_headline", "terms")


def pair_names(names: Sequence[str]) -> tuple[str, ...]:
    """Names of the columns of :func:`pair_rows`, for pairs that have these features."""
    return (*names, "whole", "whole_headline", "terms")


def pair_rows(features: npt.NDArray[Any], terms: Ints) -> npt.NDArray[np.float32]:
    """What the regression of pairs reads.

    Besides the features that is how nearly the note (its headline) holds the whole need: the fourth power of coverage,
    since three words of four are far less than three quarters of an answer; and the log of the number of terms.

    Args:
        features: Pairs x features, the first of them those of :data:`FEATURES`.
        terms: Number of distinct terms of each pair's need.
    """
    whole = features[:, [COVERAGE, HEADLINE]] ** _WHOLE
    count = np.log(np.maximum(terms, 1)).astype(np.float32)
    return np.column_stack([features, whole, count])


@dataclass(frozen=True)
class AnswerModel:
    """A content model.

    Attributes:
        pair: Regression of pairs.
        level: Regression of needs: the probability that nothing answers.
        trust: Weight of the second beside the first.
        reading: How the log-odds are to be read, where labels told.
        origin: How it came about: ``shipped`` or ``learned``.
        figures: Held-out figures and counts of the training, as JSON values.
    """

    pair: Logistic
    level: Logistic
    trust: float = 0.5
    reading: Reading = field(default_factory=Reading)
    origin: str = "shipped"
    figures: Mapping[str, Any] = field(default_factory=dict)

    def answers(self, features: npt.NDArray[Any], need: Ints, terms: Ints) -> Floats:
        """Probability of each pair that the note answers the need, before needs are looked at as a whole.

        Args:
            features: Pairs x features.
            need: Need of each pair.
            terms: Number of distinct terms of each need.
        """
        rows = pair_rows(features, terms[need])
        return cast("Floats", np.minimum(expit(self.pair.score(rows)), MOST))

    def none_answers(self, levels: Levels) -> Floats:
        """Probability of each need that no note answers it."""
        together = np.clip(np.exp(levels.log_none), _SURE, 1.0 - _SURE)
        odds = self.trust * self.level.score(levels.rows) + (1.0 - self.trust) * logit(together)
        return np.clip(self.reading.probability(odds), _SURE, 1.0 - _SURE)

    def levels(self, names: tuple[str, ...], features: npt.NDArray[Any], groups: Groups, sizes: Sizes) -> Levels:
        """Levels of all needs under this model."""
        need = groups.need[groups.of_pair]
        best = best_of(features, need, len(sizes))
        return levels_of(self.level.names, names, best, self.answers(features, need, sizes.terms), groups, sizes)

    def fits(self, names: Sequence[str]) -> bool:
        """Whether the model reads pairs that have these features."""
        return self.pair.names == pair_names(names)

    @property
    def name(self) -> str:
        """A name that changes with any coefficient."""
        return (
            "model-"
            + sha256(
                orjson.dumps([self.pair.as_json(), self.level.as_json(), self.trust, self.reading.as_json()])
            ).hexdigest()[:12]
        )

    def as_json(self) -> dict[str, Any]:
        """The model as JSON values."""
        return {
            "pair": self.pair.as_json(),
            "level": self.level.as_json(),
            "trust": self.trust,
            "reading": self.reading.as_json(),
            "origin": self.origin,
            "figures": dict(self.figures),
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """The model that :meth:`as_json` gave."""
        pair, level = Logistic.from_json(value["pair"]), Logistic.from_json(value["level"])
        reading = Reading.from_json(value["reading"])
        return cls(pair, level, float(value["trust"]), reading, value["origin"], value["figures"])
