"""How the log-odds of content are to be read: a logistic curve that need not end at 0 and 1.

Content may be too sure, too timid, or too high throughout: an offset and a slope mend that (Platt 1999). And it is
blind to some things: a note may answer in words that nobody would look for, and one that holds all the words may answer
something else. So the curve has lapse rates, as psychometric functions have them (Wichmann and Hill 2001):
``e0 + (1 - e0 - e1) expit(offset + slope x log-odds)``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.special import expit

Floats = npt.NDArray[np.float64]

_DIGITS: Final = 3

# Priors of the parameters that labels correct: offset, log slope, logits of e0 and e1. What a store made of its own
# queries is right about how sure it may be, so the slope hardly moves; it can't know how many needs are unmet.
_CENTRE: Final = np.array([0.0, 0.0, -3.7, -2.5])
_WIDTH: Final = np.array([1.5, 0.2, 1.0, 1.0])


@dataclass(frozen=True, slots=True)
class Reading:
    """A reading; the default takes the log-odds as they are.

    Attributes:
        offset: What is added to the log-odds.
        slope: What they are multiplied by.
        unseen_gap: e0, share of needs that are unanswered whatever content says.
        unseen_answer: e1, share of needs that are answered whatever content says.
    """

    offset: float = 0.0
    slope: float = 1.0
    unseen_gap: float = 0.0
    unseen_answer: float = 0.0

    @classmethod
    def of(cls, parameters: Floats) -> Self:
        """The reading of offset, log slope and the logits of both lapse rates."""
        offset, slope, unseen_gap, unseen_answer = parameters
        return cls(float(offset), float(np.exp(slope)), float(expit(unseen_gap)), float(expit(unseen_answer)))

    def probability(self, odds: Floats) -> Floats:
        """Probabilities of log-odds; of two the larger stays the larger."""
        seen = 1.0 - self.unseen_gap - self.unseen_answer
        value: Floats = self.unseen_gap + seen * expit(self.offset + self.slope * odds)
        return value

    def as_json(self) -> list[float]:
        """The reading as a JSON value."""
        return [self.offset, self.slope, self.unseen_gap, self.unseen_answer]

    @classmethod
    def from_json(cls, value: Any) -> Self:
        """The reading that :meth:`as_json` gave."""
        return cls(*(float(number) for number in value))


def fit_reading(odds: Floats, truth: Floats) -> Reading:
    """The likeliest reading of labelled needs, by penalised maximum likelihood.

    Args:
        odds: Log-odds of each need, by a model that has not seen its label.
        truth: 1 where it is unanswered, 0 where it is answered.
    """

    def loss(parameters: Floats) -> float:
        found = Reading.of(parameters).probability(odds)
        likelihood = truth * np.log(found) + (1.0 - truth) * np.log1p(-found)
        return float(0.5 * (((parameters - _CENTRE) / _WIDTH) ** 2).sum() - likelihood.sum())

    fitted = minimize(loss, _CENTRE, method="L-BFGS-B", bounds=[(-6.0, 6.0), (-2.0, 2.0), (-8.0, -1.0), (-8.0, -0.5)])
    # Rounded, so that the last digits of an optimiser never decide about a byte of a stored run.
    return Reading.of(np.round(fitted.x, _DIGITS))
