"""How notes answer together.

Notes that hold the same words of a need share a fate: where 新生儿 alone is no answer to 新生儿纸尿裤, none of the ten
notes about 新生儿 is. So the candidates of a need fall into groups by the words they hold. A group is on the topic with
probability ``pi``, and if it is, each of its notes answers with ``p / pi``, independently of the others:

    P(none answers) = product over groups of (1 - pi) + pi x product over its notes of (1 - p / pi)

``pi`` is the largest ``p`` of the group over :data:`ON_TOPIC` (at most 1): a group of full matches is nearly
independent notes, ten poor matches are hardly more than one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from numba import types

from indexer.stores.matching.compiled import compiled

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

ON_TOPIC: Final = 0.7  # probability that a note answers if its group is on the topic and it is the best of it
_ROUNDS: Final = 50
_REACH: Final = 20.0  # largest factor on the odds, as a logarithm

i8, f8 = types.int64, types.float64


@dataclass(frozen=True)
class Groups:
    """Candidates of each need by the words they hold.

    Attributes:
        of_pair: Group of each pair.
        need: Need of each group, ascending.
        needs: Number of needs.
    """

    of_pair: Ints
    need: Ints
    needs: int

    @classmethod
    def of(cls, need: Ints, pattern: npt.NDArray[np.integer], needs: int) -> Groups:
        """Groups of pairs with the same need and the same words held (a bit pattern)."""
        order = np.lexsort((pattern, need))
        new = np.ones(need.size, bool)
        ordered_need, ordered_pattern = need[order], pattern[order]
        new[1:] = (ordered_need[1:] != ordered_need[:-1]) | (ordered_pattern[1:] != ordered_pattern[:-1])
        of_pair = np.empty(need.size, np.int64)
        of_pair[order] = np.cumsum(new) - 1
        return cls(of_pair, ordered_need[new], needs)

    def taken(self, rows: npt.NDArray[np.intp]) -> Groups:
        """The groups of some of the pairs; a group may have none left."""
        return Groups(self.of_pair[rows], self.need, self.needs)

    def on_topic(self, probability: Floats) -> Floats:
        """Probability of each group that it is on the topic."""
        top = np.zeros(self.need.size)
        np.maximum.at(top, self.of_pair, probability)
        return np.minimum(1.0, top / ON_TOPIC)

    def log_none(self, probability: Floats, worth: Floats | None = None, topic: Floats | None = None) -> Floats:
        """Log of the probability of each group that none of its notes answers (and is worth reading).

        Args:
            probability: Of each pair that the note answers.
            worth: Of each pair's note, 0 to 1; None: all are worth 1.
            topic: :meth:`on_topic` when it is known already, or that of a larger set of pairs.
        """
        pi = self.on_topic(probability) if topic is None else topic
        one = given_topic(self, probability, pi)
        each = np.log1p(-(one if worth is None else one * worth))
        together = np.bincount(self.of_pair, each, self.need.size)
        with np.errstate(divide="ignore"):  # the log of 0 is what it should be here
            value: Floats = np.logaddexp(np.log1p(-pi), np.log(pi) + together)
        return value

    def sums(self, value: Floats) -> Floats:
        """A value of groups added up for each need."""
        return np.bincount(self.need, value, self.needs).astype(np.float64)


def given_topic(groups: Groups, probability: Floats, topic: Floats) -> Floats:
    """Probability of each pair that the note answers if its group is on the topic."""
    pi = topic[groups.of_pair]
    return np.divide(probability, pi, out=np.zeros_like(probability), where=pi > 0)


def moved(need_start: Ints, group: Ints, probability: Floats, none: Floats) -> Floats:
    """Probabilities of pairs, their odds moved by one factor a need, so that none answers with a given probability.

    Args:
        need_start: Pairs ``need_start[n]`` to ``need_start[n + 1]`` are those of need ``n``, a group's together.
        group: Group of each pair.
        probability: Probability of each pair, above 0 and below 1.
        none: Probability of each need that none answers; that of a need without pairs is not looked at.
    """
    out = np.empty_like(probability)
    _move(need_start, group, np.log(probability) - np.log1p(-probability), np.log(none), out)
    return out


@compiled(i8[::1], i8[::1], f8[::1], f8[::1], f8[::1])
def _move(start: Ints, group: Ints, odds: Floats, target: Floats, out: Floats) -> None:
    """Bisection: the log of the probability that none answers falls as the factor grows."""
    for n in range(start.size - 1):
        begin, end = start[n], start[n + 1]
        low, high = -_REACH, _REACH
        for _ in range(_ROUNDS):
            shift = 0.5 * (low + high)
            total = 0.0
            first = begin
            while first < end:
                last = first
                top = -1e300
                while last < end and group[last] == group[first]:
                    top = max(top, odds[last])
                    last += 1
                pi = min(1.0, 1.0 / (1.0 + np.exp(-(top + shift))) / ON_TOPIC)
                together = 0.0
                for i in range(first, last):
                    together += np.log1p(-min(0.999999, 1.0 / (1.0 + np.exp(-(odds[i] + shift))) / pi))
                total += np.log((1.0 - pi) + pi * np.exp(together))
                first = last
            if total > target[n]:
                low = shift
            else:
                high = shift
        for i in range(begin, end):
            out[i] = 1.0 / (1.0 + np.exp(-(odds[i] + low)))
