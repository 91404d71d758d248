"""What the coming weeks may bring: a wandering level, a fading trend, festivals, with a 90% interval.

The level of a keyword wanders from week to week (a random walk on the logarithm) and each week scatters around it
(Poisson, and more). How much of either is not known: a grid of possibilities is filtered through the weeks of the
window (an extended Kalman filter on counts), and each is weighed by how well it foretold them. The weights start from
what all keywords together show, so that twelve weeks of one keyword need not settle it alone. A trend, where there is
one, carries on and fades; festivals come in as far as they are known (:mod:`gapfinder.trend.effects`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.stats import nbinom

from gapfinder.results import Forecast
from gapfinder.rounding import rounded
from gapfinder.trend.counts import CONFIDENCE
from gapfinder.trend.levels import ahead
from gapfinder.trend.slope import Known, slope_fit, telling

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

WEEKS: Final = 4
DAMPING: Final = 0.7  # each further week carries on that share of the trend


@dataclass(frozen=True, slots=True)
class Forecasts:
    """Forecasts of many keywords: one row a keyword, one column a coming week; NaN where nothing can be said."""

    expected: Floats
    low: Floats
    high: Floats

    def shown(self, keywords: Ints) -> list[list[Forecast] | None]:
        """The forecasts of some keywords as they are shown; None where nothing can be said."""
        found: list[list[Forecast] | None] = [None] * len(keywords)
        places = np.flatnonzero(np.isfinite(self.expected[keywords]).all(axis=1))
        figures = (self.expected, self.low, self.high)
        columns = (rounded(column[keywords[places]], 1).tolist() for column in figures)
        for place, *rows in zip(places.tolist(), *columns, strict=True):
            found[place] = [
                Forecast(week=week, start=None, festivals=[], searches=expected, low=low, high=high)
                for week, (expected, low, high) in enumerate(zip(*rows, strict=True), 1)
            ]
        return found

    def __getitem__(self, keyword: int) -> list[Forecast] | None:
        """The forecast of one keyword as it is shown."""
        return self.shown(np.array([keyword]))[0]


def forecast_of(weekly: Sequence[int], weeks: int = WEEKS) -> list[Forecast] | None:
    """What the coming weeks may bring for one keyword, from its full weeks alone, oldest first.

    Returns:
        One entry a coming week; None where the trend is unknown.
    """
    return forecasts_of(np.array([list(weekly)], np.int64), weeks=weeks)[0]


def forecasts_of(
    weekly: Ints, known: Known | None = None, coming: Floats | None = None, *, weeks: int = WEEKS
) -> Forecasts:
    """Forecasts of many keywords.

    Args:
        weekly: One row a keyword, one column a full week, oldest first.
        known: What is known of festivals (and season) in these weeks.
        coming: Exposure of the same in the coming weeks: one row a week.
        weeks: How many weeks to look ahead.
    """
    shape = (len(weekly), weeks)
    found = Forecasts(*(np.full(shape, np.nan) for _ in range(3)))
    rows = np.flatnonzero(telling(weekly))
    if rows.size == 0:
        return found
    counts = weekly[rows]
    if known is None or coming is None:
        known = Known((), np.zeros((weekly.shape[1], 0)), np.zeros((len(weekly), 0)), np.zeros((len(weekly), 0)))
        coming = np.zeros((weeks, 0))
    known = known.of(rows)
    fit = slope_fit(counts, known)
    effect = fit.coefficients[:, 2:]
    spread = np.diagonal(fit.covariance, axis1=1, axis2=2)[:, 2:]
    expected, variance = ahead(
        counts,
        np.exp(effect @ known.exposure.T),
        np.exp(effect @ coming.T),
        spread @ coming.T**2,
        np.cumsum(DAMPING ** np.arange(1, weeks + 1)),
    )
    found.expected[rows] = expected
    found.low[rows], found.high[rows] = count_interval(expected, variance)
    return found


def count_interval(mean: Floats, variance: Floats) -> tuple[Floats, Floats]:
    """The 90% interval of counts with these means and variances (negative binomial, matched by both)."""
    size = mean**2 / np.maximum(variance - mean, 1e-6 * mean)
    share = size / (size + mean)
    low: Floats = nbinom.ppf((1 - CONFIDENCE) / 2, size, share)
    high: Floats = nbinom.ppf((1 + CONFIDENCE) / 2, size, share)
    return low, high
