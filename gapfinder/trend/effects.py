"""How much each festival multiplies the searches for each keyword.

Where the log reaches back far enough, the weeks before the window are fitted by a level that bends slowly, a yearly
season (from two full years on) and all festivals at once; the effects of one festival on all keywords are then drawn
together (:mod:`gapfinder.trend.pooling`), so that one occurrence decides little by itself. A festival that the history
does not hold is estimated from the window itself, where only what it does to many keywords alike, or to one keyword
very clearly, tells it from a trend; what remains open widens intervals.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
import numpy.typing as npt

from gapfinder.trend.counts import AT_ONCE, CountFit, fit_counts
from gapfinder.trend.festivals import DAYS_A_WEEK, NAMES, weekly_exposure
from gapfinder.trend.history import History
from gapfinder.trend.pooling import Pooled, pooled
from gapfinder.trend.slope import STRONGEST, Flags, Known, slope_fit, telling

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

FEWEST_WEEKS: Final = 26  # of history; fewer can't tell a festival from a bend of the level
FEWEST_SEARCHES: Final = 52  # of a keyword in them; fewer say nothing that all keywords do not say
YEAR_WEEKS: Final = 104  # two full years, for a yearly season
DAYS_A_YEAR: Final = 365.25
HARMONICS: Final = 2

_NOTICEABLE: Final = 0.15  # exposure in the window that is worth a coefficient
_HAPPENED: Final = 0.6  # exposure in the history that shows a festival
_LOOSE: Final = 1.0  # prior standard deviation of an effect that nothing is known of
_STILL: Final = 3e-3  # many weeks and coefficients: a thousandth is as good as all digits, and far cheaper
_BEND_WEEKS: Final = 13
_BEND: Final = 0.3  # prior standard deviation of a change of slope, e-folds in 13 weeks
_YEAR_TO_YEAR: Final = 0.2  # standard deviation of an effect from one year to the next, as a share of it
_ANY_YEAR: Final = 0.05  # and of one that is usually none


@dataclass(frozen=True, slots=True)
class Effects:
    """What the history says of all festivals; rows are keywords, columns are :data:`~gapfinder.trend.festivals.NAMES`.

    Attributes:
        seen: Whether the history holds each festival at all.
        mean, variance: Of the effect on the logarithm; the variance holds that no two years are alike.
        occurrences: How often the history holds each festival.
    """

    seen: Flags
    mean: Floats
    variance: Floats
    occurrences: Ints


def level_path(weeks: int) -> tuple[Floats, Floats]:
    """Columns of a level that bends slowly, and the prior standard deviation of each."""
    time = np.arange(weeks, dtype=np.float64) - (weeks - 1)
    knots = np.arange(-weeks + 1 + _BEND_WEEKS, -_BEND_WEEKS // 2, _BEND_WEEKS, dtype=np.float64)
    bends = np.maximum(time[:, None] - knots, 0) / _BEND_WEEKS
    columns = np.column_stack([np.ones(weeks), (time - time.mean()) / _BEND_WEEKS, bends])
    return columns, np.concatenate([[np.inf, 3 * _BEND], np.full(knots.size, _BEND)])


def yearly_columns(end: date, weeks: int) -> Floats:
    """Sine and cosine of the year, two harmonics: one row a week, of which the last ends before ``end``."""
    middle = end.toordinal() - DAYS_A_WEEK * np.arange(weeks, 0, -1) + DAYS_A_WEEK / 2
    angle = 2 * np.pi * middle / DAYS_A_YEAR
    return np.column_stack([wave(k * angle) for k in range(1, HARMONICS + 1) for wave in (np.sin, np.cos)])


def path_design(weeks: int, end: date, exposure: Floats) -> Floats:
    """The columns of :func:`path_fit`: level, the year's harmonics where the weeks are enough, festivals."""
    year = yearly_columns(end, weeks) if weeks >= YEAR_WEEKS else np.empty((weeks, 0))
    return np.hstack([level_path(weeks)[0], year, exposure])


def path_fit(counts: Ints, end: date, exposure: Floats, mean: Floats | float, variance: Floats | float) -> CountFit:
    """Fit a bending level, the yearly season where the weeks are enough, and festivals with a prior, in that order.

    Args:
        counts: One row a keyword, one column a week.
        end: The day after the last week.
        exposure: Of the festivals that are fitted.
        mean: Of the prior of their effects.
        variance: Likewise.
    """
    weeks = counts.shape[1]
    design = path_design(weeks, end, exposure)
    _, spread = level_path(weeks)
    shape = (len(counts), exposure.shape[1])
    free = np.concatenate([spread**-2.0, np.ones(design.shape[1] - spread.size - shape[1])])
    return fit_counts(
        counts,
        design,
        prior_mean=np.hstack([np.zeros((len(counts), free.size)), np.broadcast_to(mean, shape)]),
        prior_precision=np.hstack([np.tile(free, (len(counts), 1)), 1 / np.broadcast_to(variance, shape)]),
        bound=STRONGEST,
        still=_STILL,
    )


def effects_of(history: History, keywords: int) -> Effects:
    """What the weeks before the window say of all festivals.

    Args:
        history: Weekly searches before the window.
        keywords: How many keywords there are.
    """
    exposure = weekly_exposure(history.end, history.weeks)
    occurrences = _occurrences(exposure)
    seen = (occurrences > 0) & (history.weeks >= FEWEST_WEEKS)
    mean, variance = np.zeros((keywords, len(NAMES))), np.full((keywords, len(NAMES)), _LOOSE**2)
    columns = np.flatnonzero(seen)
    if columns.size:
        estimate, doubt = np.zeros((keywords, columns.size)), np.full((keywords, columns.size), np.inf)
        for start in range(0, keywords, AT_ONCE):
            counts = history.rows(start, min(start + AT_ONCE, keywords))
            rows = np.flatnonzero(counts.sum(axis=1) >= FEWEST_SEARCHES)
            fit = path_fit(counts[rows], history.end, exposure[:, columns], 0.0, _LOOSE**2)
            estimate[rows + start], doubt[rows + start] = _without_prior(fit, columns.size, 0.0, _LOOSE**2)
        for place, column in enumerate(columns.tolist()):
            together = pooled(estimate[:, place], doubt[:, place])
            mean[:, column] = together.mean
            yearly = _ANY_YEAR**2 + (_YEAR_TO_YEAR * together.mean) ** 2
            variance[:, column] = together.variance + yearly * (1 + 1 / occurrences[column])
    return Effects(seen, mean, variance, np.where(seen, occurrences, 0))


def window_effects(weekly: Ints, exposure: Floats, effects: Effects) -> Known:
    """What is known of the festivals in the window: from the history, or else from the window itself.

    Args:
        weekly: One row a keyword, one column a full week of the window.
        exposure: Of all festivals in these weeks.
        effects: What the history says.
    """
    columns = np.flatnonzero(exposure.max(axis=0, initial=0.0) >= _NOTICEABLE)
    names = tuple(NAMES[column] for column in columns.tolist())
    first = Known(names, exposure[:, columns], effects.mean[:, columns].copy(), effects.variance[:, columns].copy())
    unseen = np.flatnonzero(~effects.seen[columns])
    rows = np.flatnonzero(telling(weekly))
    if unseen.size == 0 or rows.size == 0:
        return first
    loose = first.of(rows)
    fit = slope_fit(weekly[rows], loose)
    estimate, doubt = _without_prior(fit, columns.size, loose.mean, loose.variance)
    for place in unseen.tolist():
        together = pooled(estimate[:, place], doubt[:, place])
        first.mean[:, place] = together.centre
        first.variance[:, place] = _usual_spread(together)
        first.variance[rows, place] = together.spread
    return first


def _usual_spread(together: Pooled) -> float:
    return float(np.median(together.spread)) if together.spread.size else _LOOSE**2


def _without_prior(
    fit: CountFit, columns: int, mean: Floats | float, variance: Floats | float
) -> tuple[Floats, Floats]:
    """The last coefficients of a fit and their variances, as the data alone would have them."""
    found = fit.coefficients[:, -columns:]
    doubt = np.diagonal(fit.covariance, axis1=1, axis2=2)[:, -columns:]
    precision = np.maximum(1 / doubt - 1 / np.asarray(variance), 1e-6)
    return (found / doubt - np.asarray(mean) / np.asarray(variance)) / precision, 1 / precision


def _occurrences(exposure: Floats) -> Ints:
    """How often each festival happens in some weeks: runs of weeks with a noticeable exposure that reach its day."""
    counted = np.zeros(exposure.shape[1], np.int64)
    for column in range(exposure.shape[1]):
        edges = np.flatnonzero(np.diff(np.concatenate([[0], exposure[:, column] > 0, [0]]).astype(np.int64)))
        for start, end in zip(edges[::2], edges[1::2], strict=True):
            counted[column] += exposure[start:end, column].max() >= _HAPPENED
    return counted
