"""How the searches of a week change over the window.

The weekly counts are fitted by a robust log-linear model (:mod:`gapfinder.trend.counts`), ``E[count] = exp(level +
slope * week + festivals)``. What a festival does is taken out as far as it is known (:mod:`gapfinder.trend.effects`),
and what is not known of it widens the interval, so that a sale in the last week makes no rising trend and its end no
falling one. Intervals hold 90% (simulated: 86% to 96% for Poisson and for overdispersed weeks, from 4 weeks on).

All keywords are fitted at once; the functions for one keyword call the same code.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.special import stdtrit

from gapfinder.results import Trend
from gapfinder.trend.counts import CONFIDENCE, CountFit, fit_counts

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

FEWEST_WEEKS: Final = 4
FEWEST_SEARCHES: Final = 12
FEWEST_BUSY_WEEKS: Final = 3  # weeks with any search; one or two make no trend
LEAST_CHANGE: Final = 0.1
MOST_CHANGE: Final = 99.0  # a hundredfold; beyond it the number says nothing more
DAYS_A_WEEK: Final = 7
STEEPEST: Final = 3.0  # e-folds a week; keeps a fit of one lone week finite
STRONGEST: Final = 4.0  # e-folds that a festival may do

_DECIMALS: Final = 4


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of the festivals in some weeks, for each keyword.

    Attributes:
        names: The festivals.
        exposure: One row a week, one column a festival (:func:`gapfinder.trend.festivals.weekly_exposure`).
        mean, variance: Of the effect of each festival (columns) on each keyword (rows), as a logarithm.
    """

    names: tuple[str, ...]
    exposure: Floats
    mean: Floats
    variance: Floats

    def of(self, keywords: Ints | slice) -> Known:
        """The same for some of the keywords."""
        return Known(self.names, self.exposure, self.mean[keywords], self.variance[keywords])

    def during(self, weeks: slice) -> Known:
        """The same for some of the weeks."""
        return Known(self.names, self.exposure[weeks], self.mean, self.variance)


@dataclass(frozen=True, slots=True)
class Trends:
    """The trends of many keywords; arrays have one entry a keyword. Unknown ones are NaN in the numbers."""

    direction: npt.NDArray[np.str_]
    change: Floats
    low: Floats
    high: Floats
    weekly: Ints
    festivals: tuple[str, ...] = ()

    def shown(self, keywords: Ints) -> list[Trend]:
        """The trends of some keywords as they are shown."""
        columns = (column[keywords].tolist() for column in (self.direction, self.change, self.low, self.high))
        return [
            Trend(
                direction=direction,
                change=change if direction != "unknown" else None,
                low=low if direction != "unknown" else None,
                high=high if direction != "unknown" else None,
                weekly=weekly,
                festivals=list(self.festivals),
                surge=None,
            )
            for direction, change, low, high, weekly in zip(*columns, self.weekly[keywords].tolist(), strict=True)
        ]

    def __getitem__(self, keyword: int) -> Trend:
        """The trend of one keyword as it is shown."""
        return self.shown(np.array([keyword]))[0]


def weekly_of(daily: Ints) -> Ints:
    """Sums of 7 days, the last week ending with the last day; the days before the first full week are left out.

    Args:
        daily: Days along the last axis.
    """
    weeks = daily.shape[-1] // DAYS_A_WEEK
    full = daily[..., daily.shape[-1] - weeks * DAYS_A_WEEK :]
    sums: Ints = full.reshape(*daily.shape[:-1], weeks, DAYS_A_WEEK).sum(axis=-1)
    return sums


def trend_of(weekly: Sequence[int]) -> Trend:
    """The trend of one keyword from its full weeks, oldest first."""
    return trends_of(np.array([list(weekly)], np.int64))[0]


def telling(weekly: Ints) -> Flags:
    """Whether the weeks of each keyword are enough for a trend."""
    if weekly.shape[1] < FEWEST_WEEKS:
        return np.zeros(len(weekly), np.bool_)
    enough: Flags = (weekly.sum(axis=1) >= FEWEST_SEARCHES) & ((weekly > 0).sum(axis=1) >= FEWEST_BUSY_WEEKS)
    return enough


def trends_of(weekly: Ints, known: Known | None = None) -> Trends:
    """The trends of many keywords.

    ``change`` compares the last week with the first as the fit sees them (0.25: a quarter more), without what festivals
    do. A trend is rising or falling only when its interval excludes 0 and the change is at least 0.1; with fewer than
    4 weeks, 12 searches or 3 weeks with searches it is unknown.

    Args:
        weekly: One row a keyword, one column a full week, oldest first.
        known: What is known of the festivals in these weeks; None: there are none.
    """
    keywords, weeks = weekly.shape
    change, low, high = (np.full(keywords, np.nan) for _ in range(3))
    direction = np.full(keywords, "unknown", dtype="<U7")
    rows = np.flatnonzero(telling(weekly))
    fit = slope_fit(weekly[rows], known.of(rows) if known is not None else None)
    slope = fit.coefficients[:, 1]
    reach = stdtrit(fit.freedom, (1 + CONFIDENCE) / 2) * np.sqrt(fit.covariance[:, 1, 1])
    for result, value in ((change, slope), (low, slope - reach), (high, slope + reach)):
        exponent = np.clip(value * (weeks - 1), -50, np.log1p(MOST_CHANGE))
        result[rows] = np.round(np.expm1(exponent), _DECIMALS) + 0.0  # no negative zero
    direction[rows] = "flat"
    direction[(low > 0) & (change >= LEAST_CHANGE)] = "rising"
    direction[(high < 0) & (change <= -LEAST_CHANGE)] = "falling"
    return Trends(direction, change, low, high, weekly, known.names if known is not None else ())


def slope_fit(weekly: Ints, known: Known | None = None) -> CountFit:
    """Fits of level (at the last week), slope a week, and the festivals; series need a count each."""
    weeks = np.arange(weekly.shape[1], dtype=np.float64) - (weekly.shape[1] - 1)  # the last week is 0
    line = np.column_stack([np.ones(len(weeks)), weeks])
    if known is None or not known.names:
        return fit_counts(weekly, line, bound=np.array([np.inf, STEEPEST]))
    number = len(known.names)
    free = np.zeros((len(weekly), 2))
    return fit_counts(
        weekly,
        np.hstack([line, known.exposure]),
        prior_mean=np.hstack([free, known.mean]),
        prior_precision=np.hstack([free, 1 / known.variance]),
        bound=np.concatenate([[np.inf, STEEPEST], np.full(number, STRONGEST)]),
    )
