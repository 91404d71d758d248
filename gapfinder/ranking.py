"""How sure a place in the list is: the best and the worst rank a keyword may truly have, and how stable the top is.

The rank of a keyword whose true unmet searches are ``u`` is one more than the number of keywords with more than ``u``;
the expectation and the deviation of that number over all posteriors are fixed functions of ``u``. So the 90% range of a
rank follows from these functions at the ends of the keyword's own posterior, and no draws are needed: all posteriors
are laid out as equally probable values in one sorted pool. Keywords are taken as independent of each other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from gapfinder.interval import Z90, Counted, Rate

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

TOPS: Final = (10, 50)
_VALUES: Final = 24  # of each posterior in the pool
_PROBABILITIES: Final = (np.arange(_VALUES) + 0.5) / _VALUES
_ENDS: Final = np.array([0.05, 0.5, 0.95])
_DIGITS: Final = 6  # values that differ less are the same


@dataclass(frozen=True)
class Unsure:
    """Posterior of each keyword's unmet searches: nothing with some probability, else normal and never negative.

    Attributes:
        nothing: Probability of nothing.
        mean, deviation: Of the rest.
        most: What it can't exceed.
    """

    nothing: Floats
    mean: Floats
    deviation: Floats
    most: Floats

    def values(self, probabilities: Floats) -> Floats:
        """The points of each posterior (rows) below which it lies with these probabilities (columns)."""
        some = np.maximum(1.0 - self.nothing, 1e-9)[:, None]
        inner = np.clip((probabilities[None, :] - self.nothing[:, None]) / some, 1e-9, 1 - 1e-9)
        value = np.clip(self.mean[:, None] + self.deviation[:, None] * ndtri(inner), 0.0, self.most[:, None])
        value[probabilities[None, :] <= self.nothing[:, None]] = 0.0
        rounded: Floats = value.round(_DIGITS)
        return rounded


def unsure_unmet(rate: Rate, counted: Counted, tau: float) -> Unsure:
    """The posterior of unmet searches from those of the share, the demand and the model's error."""
    mean, variance = rate.rest()
    deviation = np.sqrt((variance + tau**2) * counted.demand**2 + mean**2 * counted.variance)
    return Unsure(rate.nothing, mean * counted.demand, deviation, counted.high)


@dataclass(frozen=True)
class Ranks:
    """Best and worst plausible rank of each keyword (from 1), and for each of :data:`TOPS` how much of it is sure.

    Attributes:
        best, worst: Ends of the 90% range of the rank.
        stable: For a top of K: the expected share of the K keywords shown that are truly among the K largest.
    """

    best: Ints
    worst: Ints
    stable: dict[int, float]


def rank_ranges(unsure: Unsure, order: Ints) -> Ranks:
    """Ranges of all ranks.

    Args:
        unsure: Posterior of each keyword's unmet searches.
        order: Keywords in the order in which they are shown.
    """
    own = unsure.values(_PROBABILITIES)
    pool = _Pool(own)
    ends = unsure.values(_ENDS)
    ranks, spread = np.empty(ends.shape), np.empty(ends.shape)
    for column, value in enumerate(ends.T):
        itself = ((own > value[:, None]).sum(axis=1) + (own >= value[:, None]).sum(axis=1)) / (2.0 * _VALUES)
        above, spread[:, column] = pool.above(value)
        ranks[:, column] = 1.0 + above - itself
    worst, middle, best = ranks.T
    # What the keyword's own posterior says, and how far the number of keywords above varies at that value.
    best = middle - np.hypot(middle - best, Z90 * spread[:, 2])
    worst = middle + np.hypot(worst - middle, Z90 * spread[:, 0])
    best, worst = (np.clip(np.rint(end), 1, max(order.size, 1)).astype(np.int64) for end in (best, worst))
    return Ranks(best, worst, {top: _stable(own, pool.values, order, top) for top in TOPS})


class _Pool:
    """Equally probable values of all posteriors, sorted, with how many keywords lie above each."""

    def __init__(self, own: Floats) -> None:
        place = np.argsort(own, axis=None, kind="stable")
        self.values: Floats = own.reshape(-1)[place]
        # A keyword with its i-th largest value above lies above with probability i / n, whose square grows by
        # (2 i - 1) / n^2 with that value; values of a keyword are in ascending order.
        step = (2.0 * (_VALUES - place % _VALUES) - 1.0) / _VALUES**2
        self._squares = np.concatenate([np.cumsum(step[::-1])[::-1], [0.0]])

    def above(self, value: Floats) -> tuple[Floats, Floats]:
        """Number of keywords above a value, of those that equal it half: expectation and standard deviation."""
        right = np.searchsorted(self.values, value, side="right")
        left = np.searchsorted(self.values, value, side="left")
        count = self.values.size / _VALUES - (right + left).astype(np.float64) / (2.0 * _VALUES)
        square = (self._squares[right] + self._squares[left]) / 2.0
        deviation: Floats = np.sqrt(np.maximum(count - square, 0.0))
        return count, deviation


def _stable(own: Floats, pool: Floats, order: Ints, top: int) -> float:
    """Expected share of the top shown that is truly the top."""
    if order.size <= top:
        return 1.0
    threshold = pool[pool.size - top * _VALUES]
    return round(float((own[order[:top]] >= threshold).mean()), 4)
