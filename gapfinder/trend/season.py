"""The season of each keyword: which days of the week, and which months of the year, it is searched on.

*Week*: over the full weeks of the window, whether the days of the week differ by more than the days of each week
scatter anyway (an F test on quasi-Poisson counts, as in Francis et al. 2009). *Year*: from two full years on, whether
two harmonics of the year explain the weeks beside a slowly bending level and the festivals (a Wald test). Either is
claimed only at a false discovery rate of 5% among all keywords; with too little it says so and nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.special import fdtrc

from gapfinder.results import Season
from gapfinder.rounding import decimals_of
from gapfinder.trend.counts import AT_ONCE
from gapfinder.trend.effects import (
    DAYS_A_YEAR,
    HARMONICS,
    YEAR_WEEKS,
    Effects,
    level_path,
    path_design,
    path_fit,
    yearly_columns,
)
from gapfinder.trend.festivals import DAYS_A_WEEK, weekly_exposure
from gapfinder.trend.history import History
from gapfinder.trend.pooling import q_values
from gapfinder.trend.slope import weekly_of

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

FALSE_CLAIMS: Final = 0.05
FEWEST_WEEKS: Final = 4
FEWEST_SEARCHES: Final = 35  # five for each day of the week
FEWEST_SEARCHES_OF_YEARS: Final = 104
MONTHS: Final = 12

_PEAK: Final = 1.1  # a month that much above the mean may be called a peak
_NEAR_PEAK: Final = 0.7  # of the way from the mean to the highest month
_BURST: Final = 5.0  # searches a day that are no burst
_WAVES: Final = 2 * HARMONICS


@dataclass(frozen=True, slots=True)
class Seasons:
    """The seasons of many keywords; arrays have one row a keyword, NaN where nothing is claimed.

    Attributes:
        tested_week, tested_year: Whether there was enough to test.
        week: Searches on Monday to Sunday, as multiples of the mean day.
        year: Searches in January to December, as multiples of the mean.
        share: Share of the variance of the weeks' logarithm that the yearly season explains.
        waves, doubt: Coefficients of the year's harmonics and their variances; 0 where nothing is claimed.
    """

    tested_week: Flags
    tested_year: Flags
    week: Floats
    year: Floats
    share: Floats
    waves: Floats
    doubt: Floats

    def shown(self, keywords: Ints) -> list[Season]:
        """The seasons of some keywords as they are shown."""
        week, year = self.week[keywords], self.year[keywords]
        weekdays: list[list[float]] = np.round(week, 2).tolist()
        months: list[list[float]] = np.round(year, 2).tolist()
        shares = decimals_of(self.share[keywords], 4)
        claimed = np.isfinite(self.share[keywords]).tolist()
        weekly, yearly = _states(self.tested_week[keywords], week), _states(self.tested_year[keywords], year)
        known: Flags = np.asarray(np.isfinite(week).all(axis=1), np.bool_)
        return [
            Season(
                week=weekly[place],
                weekdays=weekdays[place] if known[place] else None,
                year=yearly[place],
                months=months[place] if claimed[place] else None,
                year_share=shares[place] if claimed[place] else None,
                peak_months=_peaks(year[place]) if claimed[place] else [],
                festivals=[],
            )
            for place in range(len(keywords))
        ]


def _states(tested: Flags, profile: Floats) -> list[str]:
    told = np.where(np.isfinite(profile).all(axis=1), "found", "none")
    states: list[str] = np.where(tested, told, "not_enough").tolist()
    return states


def _peaks(months: Floats) -> list[int]:
    least = max(_PEAK, 1 + _NEAR_PEAK * (float(months.max()) - 1))
    return [place + 1 for place in np.flatnonzero(months >= least).tolist()]


def seasons_of(daily: Ints, end: date, history: History, effects: Effects) -> Seasons:
    """The seasons of many keywords.

    Args:
        daily: One row a keyword, one column a day of the window.
        end: The day after the window.
        history: Weekly searches before the window's full weeks.
        effects: What festivals do, so that they are no season.
    """
    keywords = len(daily)
    tested_week, week = _weekdays(daily, end)
    weekly = weekly_of(daily)
    waves, doubt = (np.zeros((keywords, _WAVES)) for _ in range(2))
    share, p_values = (np.full(keywords, np.nan) for _ in range(2))
    if history.weeks + weekly.shape[1] >= YEAR_WEEKS:
        for start in range(0, keywords, AT_ONCE):
            part = slice(start, min(start + AT_ONCE, keywords))
            counts = np.hstack([history.rows(start, part.stop), weekly[part]])
            rows = np.flatnonzero(counts.sum(axis=1) >= FEWEST_SEARCHES_OF_YEARS)
            found = _year(counts[rows], end, effects.mean[part][rows], effects.variance[part][rows])
            waves[start + rows], doubt[start + rows], share[start + rows], p_values[start + rows] = found
    claimed = q_values(p_values) <= FALSE_CLAIMS
    waves[~claimed], doubt[~claimed], share[~claimed] = 0.0, 0.0, np.nan
    year = np.full((keywords, MONTHS), np.nan)
    months = np.exp(waves[claimed] @ _monthly_waves().T)
    year[claimed] = months / months.mean(axis=1, keepdims=True)
    return Seasons(tested_week, np.isfinite(p_values), week, year, share, waves, doubt)


def _weekdays(daily: Ints, end: date) -> tuple[Flags, Floats]:
    """Whether there was enough to test the days of the week, and their profile where it is claimed."""
    keywords, weeks = len(daily), daily.shape[1] // DAYS_A_WEEK
    profile = np.full((keywords, DAYS_A_WEEK), np.nan)
    if weeks < FEWEST_WEEKS:
        return np.zeros(keywords, np.bool_), profile
    cells = daily[:, daily.shape[1] - weeks * DAYS_A_WEEK :].reshape(keywords, weeks, DAYS_A_WEEK)
    total = cells.sum(axis=(1, 2))
    rows = np.flatnonzero(total >= FEWEST_SEARCHES)
    p_values = np.full(keywords, np.nan)
    for start in range(0, rows.size, AT_ONCE):
        part = rows[start : start + AT_ONCE]
        counts = _without_bursts(cells[part].astype(np.float64))
        days, mean = counts.sum(axis=1), counts.sum(axis=(1, 2))[:, None] / DAYS_A_WEEK
        expected = counts.sum(axis=2)[:, :, None] * days[:, None, :] / (mean[:, :, None] * DAYS_A_WEEK)
        freedom = (weeks - 1) * (DAYS_A_WEEK - 1)
        scatter = ((counts - expected) ** 2 / np.maximum(expected, 1e-9)).sum(axis=(1, 2)) / freedom
        between = ((days - mean) ** 2 / mean).sum(axis=1) / (DAYS_A_WEEK - 1)
        p_values[part] = fdtrc(DAYS_A_WEEK - 1, freedom, between / np.maximum(scatter, 1.0))
    claimed = np.flatnonzero(q_values(p_values) <= FALSE_CLAIMS)
    order = (np.arange(DAYS_A_WEEK) - end.weekday()) % DAYS_A_WEEK  # the last week ends the day before ``end``
    usual = _without_bursts(cells[claimed].astype(np.float64)).sum(axis=1)
    profile[claimed] = (usual * DAYS_A_WEEK / usual.sum(axis=1, keepdims=True))[:, order]
    return np.isfinite(p_values), profile


def _without_bursts(cells: Floats) -> Floats:
    """The days of each week, none of them more than twice (and never below five searches) its usual weekday."""
    most: Floats = np.maximum(2 * np.median(cells, axis=1, keepdims=True), _BURST)
    return np.minimum(cells, most)


def _year(counts: Ints, end: date, mean: Floats, variance: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """Coefficients of the year, their variances, the share they explain, and the p value of them."""
    weeks = counts.shape[1]
    exposure = weekly_exposure(end, weeks)
    fit = path_fit(counts, end, exposure, mean, variance)
    path, _ = level_path(weeks)
    first = path.shape[1]
    season = slice(first, first + _WAVES)
    exponent = np.clip(fit.coefficients @ path_design(weeks, end, exposure).T, -30, 30)
    waves = fit.coefficients[:, season]
    doubt = fit.covariance[:, season, season] * _clinging(counts, np.exp(exponent))[:, None, None]
    wald = np.einsum("ki,kij,kj->k", waves, np.linalg.inv(doubt), waves) / _WAVES
    of_year = waves @ yearly_columns(end, weeks).T
    of_level = fit.coefficients[:, :first] @ path.T
    of_festivals = fit.coefficients[:, first + _WAVES :] @ exposure.T
    noise = (fit.dispersion[:, None] * np.exp(-exponent)).mean(axis=1)
    parts = [part.var(axis=1) for part in (of_year, of_level, of_festivals)]
    share = parts[0] / (sum(parts) + noise)
    return waves, np.diagonal(doubt, axis1=1, axis2=2), share, fdtrc(_WAVES, fit.freedom, wald)


def _clinging(counts: Ints, mean: Floats) -> Floats:
    """How many times wider an estimate is because a week resembles the one before (first-order autocorrelation)."""
    residual = (counts - mean) / np.sqrt(mean)
    residual = residual - residual.mean(axis=1, keepdims=True)
    power = np.maximum((residual**2).sum(axis=1), 1e-9)
    alike = np.clip((residual[:, 1:] * residual[:, :-1]).sum(axis=1) / power + 1 / counts.shape[1], 0.0, 0.9)
    found: Floats = (1 + alike) / (1 - alike)
    return found


def _monthly_waves() -> Floats:
    """The year's harmonics at the middle of each month, one row a month."""
    middles = [date(2025, month, 15) for month in range(1, MONTHS + 1)]
    angle = 2 * np.pi * np.array([middle.toordinal() for middle in middles]) / DAYS_A_YEAR
    return np.column_stack([wave(k * angle) for k in range(1, HARMONICS + 1) for wave in (np.sin, np.cos)])
