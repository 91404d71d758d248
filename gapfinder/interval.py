"""90% intervals of unmet searches: what is not known of the demand, of the share that stays unmet, and of the model.

The unmet share of a keyword has an unusual posterior: with some probability all its queries are answered and nothing is
unmet, else the share lies somewhere between. So the upper end is the 95% point of that mixture (nothing, or a beta
distribution with the mean and variance of the rest): where content alone speaks, a keyword is either answered or not,
and the interval says so. The lower end is the mean less 1.645 standard deviations. It comes down to zero steadily as
the probability falls, where the 5% point would jump there at 0.95, and an order by it would prefer small sure keywords
to large likely ones; both cover the same in simulation.

Three sources err independently, so their reaches add in square: the share; the demand, a count whose weeks vary more
than chance makes them vary; and the model, which is off by a few percent of the demand of a keyword (``tau``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.special import betaincinv, gammaincinv

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

Z90: Final = 1.6448536269514722  # the 95% point of the normal distribution: 5% on each side of a 90% interval
DEFAULT_TAU: Final = 0.03
_TAIL: Final = 0.05
_LEAST_WEEKS: Final = 4  # fewer say nothing of how weeks vary
_POOLED_WEEKS: Final = 8.0  # how many weeks of its own a keyword needs to count as much as all keywords together
_SURE: Final = 1e-6
_NARROW: Final = 1e-7


@dataclass(frozen=True)
class Rate:
    """Posterior of the share of a keyword's searches that stays unmet; arrays of equal length.

    Attributes:
        mean: Its mean.
        deviation: Its standard deviation.
        nothing: Probability that it is 0.
    """

    mean: Floats
    deviation: Floats
    nothing: Floats

    def rest(self) -> tuple[Floats, Floats]:
        """Mean and variance given that something is unmet, within what a share in 0 to 1 can have."""
        some = np.maximum(1.0 - self.nothing, _SURE)
        mean = np.clip(self.mean / some, _SURE, 1.0 - _SURE)
        widest = mean * (1.0 - mean)
        variance = np.clip((self.deviation**2 + self.mean**2) / some - mean**2, _NARROW, 0.999 * widest)
        return mean, variance

    def ends(self) -> tuple[Floats, Floats]:
        """Lower and upper end of the share's 90% interval; the mean lies between."""
        mean, variance = self.rest()
        strength = mean * (1.0 - mean) / variance - 1.0
        some = np.maximum(1.0 - self.nothing, _SURE)
        point = np.clip((1.0 - _TAIL - self.nothing) / some, 0.0, 1.0)
        upper = betaincinv(mean * strength, (1.0 - mean) * strength, point)
        lower = np.clip(self.mean - Z90 * self.deviation, 0.0, None)
        return lower, np.maximum(np.where(self.nothing < 1.0 - _TAIL, upper, 0.0), self.mean)


@dataclass(frozen=True)
class Counted:
    """Demand of each keyword in searches of the window; arrays of equal length.

    Attributes:
        demand: What was counted (or expected).
        low, high: Its 90% interval.
    """

    demand: Floats
    low: Floats
    high: Floats

    @property
    def variance(self) -> Floats:
        """Of the demand, as its interval says."""
        return ((self.high - self.low) / (2.0 * Z90)) ** 2

    def taken(self, rows: Ints) -> Counted:
        """The demand of some keywords, by row."""
        return Counted(self.demand[rows], self.low[rows], self.high[rows])


def weekly_variation(weekly: Ints, keywords: int) -> Floats:
    """How much a keyword's weeks vary beyond chance: the variance of the weekly rate over its square.

    Differences of neighbouring weeks are taken, so that a trend is no variation; a keyword's own figure is drawn
    towards that of all keywords together, because twelve weeks say little.

    Args:
        weekly: Demand of each keyword in each full week, oldest first.
        keywords: Number of keywords.
    """
    weeks = weekly.shape[1] if weekly.ndim == 2 else 0  # noqa: PLR2004 - a matrix
    if weeks < _LEAST_WEEKS:
        return np.zeros(keywords)
    mean = weekly.mean(axis=1)
    excess = (np.diff(weekly.astype(np.float64), axis=1) ** 2).sum(axis=1) / (2.0 * (weeks - 1)) - mean
    square = mean**2
    pooled = max(0.0, float(excess.sum()) / float(square.sum())) if square.any() else 0.0
    own = np.maximum(np.divide(excess, square, out=np.zeros(keywords), where=square > 0), 0.0)
    shrunk: Floats = (own * (weeks - 1) + pooled * _POOLED_WEEKS) / (weeks - 1 + _POOLED_WEEKS)
    return shrunk


def counted_demand(demand: Floats, variation: Floats, weeks: float) -> Counted:
    """The 90% interval of the demand behind a count: gamma limits (Garwood) with the dispersion of the weeks.

    None in the window may still be up to three (the 95% point of a Poisson count of 0).
    """
    dispersion = 1.0 + variation * demand / max(weeks, 1.0)
    low = np.where(demand > 0, dispersion * gammaincinv(np.maximum(demand / dispersion, _SURE), _TAIL), 0.0)
    high = dispersion * gammaincinv(demand / dispersion + 1.0, 1.0 - _TAIL)
    return Counted(demand, np.minimum(low, demand), np.maximum(high, demand))


def lower_end(rate: Rate, least: Floats, counted: Counted, tau: float, usual: float = 0.0) -> Floats:
    """Lower end of unmet searches beyond ``usual`` x demand; below zero where they may be less.

    Args:
        rate: Posterior of the unmet share.
        least: Lower end of the share.
        counted: Demand.
        tau: Standard deviation of the model's error, as a share of the demand.
        usual: Share of all searches that is unmet anyway.
    """
    beyond = rate.mean - usual
    reach = np.hypot(counted.demand * (rate.mean - least), np.abs(beyond) * (counted.demand - counted.low))
    reach = np.hypot(reach, Z90 * tau * counted.demand)
    value: Floats = counted.demand * beyond - reach
    return value


def upper_end(rate: Rate, most: Floats, counted: Counted, tau: float) -> Floats:
    """Upper end of unmet searches; never more than the demand may be."""
    reach = np.hypot(counted.demand * (most - rate.mean), most * (counted.high - counted.demand))
    reach = np.hypot(reach, Z90 * tau * counted.demand)
    value: Floats = np.minimum(counted.demand * rate.mean + reach, counted.high)
    return value
