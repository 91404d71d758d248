"""Everything said about where the demand of each keyword is going: trend, surge, season, festivals, forecast."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from gapfinder.demand import Demand
from gapfinder.results import FestivalEffect, Forecast, Season, Trend
from gapfinder.rounding import decimals_of
from gapfinder.trend.effects import Effects, effects_of, window_effects, yearly_columns
from gapfinder.trend.festivals import DAYS_A_WEEK, NAMES, festivals_between, weekly_exposure
from gapfinder.trend.forecast import WEEKS, Forecasts, forecasts_of
from gapfinder.trend.history import History, history_before
from gapfinder.trend.season import Seasons, seasons_of
from gapfinder.trend.slope import Known, Trends, trends_of
from gapfinder.trend.surge import Surges, surges_of
from indexer.stores.contract import Snapshot

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

RISING_EARLY: Final = "rising_early"  # the flag of a gap

_Z90: Final = 1.6448536269514722
_MATTERS: Final = 1.1  # times; the interval of an effect that is shown lies beyond it
_NOTICEABLE: Final = 0.15
_CERTAIN: Final = 1e-6  # variance of a coefficient that is not open
_WAVES: Final = ("year",) * 4


@dataclass(frozen=True, slots=True)
class Outlook:
    """Where the demand of each keyword is going.

    Attributes:
        end: The day after the window.
        history_weeks: Full weeks that the log holds before the weeks of the window.
        trends, surges, seasons, forecasts, effects: One entry or row a keyword.
    """

    end: date
    history_weeks: int
    trends: Trends
    surges: Surges
    seasons: Seasons
    forecasts: Forecasts
    effects: Effects

    def shown(self, keywords: Ints) -> list[Coming]:
        """All of it for some keywords, as it is shown."""
        trends, surges = self.trends.shown(keywords), self.surges.shown(keywords)
        seasons, festivals = self.seasons.shown(keywords), self._festivals(keywords)
        return [
            Coming(
                {**trend, "surge": surge},
                {**season, "festivals": of_keyword},
                forecast,
                [RISING_EARLY] if surge is not None and surge["rising_early"] else [],
            )
            for trend, surge, season, of_keyword, forecast in zip(
                trends, surges, seasons, festivals, dated(self.forecasts.shown(keywords), self.end), strict=True
            )
        ]

    def _festivals(self, keywords: Ints) -> list[list[FestivalEffect]]:
        """The festivals that matter to each keyword, in the order of the year."""
        found: list[list[FestivalEffect]] = [[] for _ in keywords]
        mean, reach = self.effects.mean[keywords], _Z90 * np.sqrt(self.effects.variance[keywords])
        matters = self.effects.seen & (np.abs(mean) - reach > np.log(_MATTERS))
        places, columns = np.nonzero(matters)
        middle, reach = mean[matters], reach[matters]
        figures = (decimals_of(np.exp(value), 2) for value in (middle, middle - reach, middle + reach))
        for place, column, times, low, high in zip(places.tolist(), columns.tolist(), *figures, strict=True):
            occurrences = int(self.effects.occurrences[column])
            found[place].append(
                FestivalEffect(festival=NAMES[column], times=times, low=low, high=high, occurrences=occurrences)
            )
        return found


class Coming(NamedTuple):
    """What is said of one keyword."""

    trend: Trend
    season: Season
    forecast: list[Forecast] | None
    flags: list[str]


def dated(forecasts: Iterable[list[Forecast] | None], end: date) -> list[list[Forecast] | None]:
    """The same forecasts with the first day of each week after ``end`` and the festivals whose day falls into it."""
    weeks: dict[int, tuple[str, list[str]]] = {}
    found: list[list[Forecast] | None] = []
    for forecast in forecasts:
        if forecast is None:
            found.append(None)
            continue
        for one in forecast:
            week = one["week"]
            if week not in weeks:
                start = end + timedelta(days=DAYS_A_WEEK * (week - 1))
                names = [name for _, name in festivals_between(start, start + timedelta(days=DAYS_A_WEEK))]
                weeks[week] = (start.isoformat(), names)
            one["start"], one["festivals"] = weeks[week][0], list(weeks[week][1])
        found.append(forecast)
    return found


def outlook_of(snapshot: Snapshot, demand: Demand) -> Outlook:
    """Where the demand of all keywords is going.

    Trend, surge and forecast are about ``demand`` (without bots, caps and bursts); season and festivals, which are
    multiples, come from plain searches, also from before the window.
    """
    daily = demand.daily_matrix("searches")
    return outlook_from(demand.weekly(), daily, demand.window.end, history_before(snapshot, demand))


def outlook_from(weekly: Ints, daily: Ints, end: date, history: History) -> Outlook:
    """The same from numbers alone.

    Args:
        weekly: Demand: one row a keyword, one column a full week of the window, oldest first.
        daily: Searches: one column a day of the window.
        end: The day after the window.
        history: Weekly searches before these weeks.
    """
    keywords, weeks = weekly.shape
    effects = effects_of(history, keywords)
    exposure = weekly_exposure(end, weeks)
    known = window_effects(weekly, exposure, effects)
    seen = effects.seen[[NAMES.index(name) for name in known.names]]
    seasons = seasons_of(daily, end, history, effects)
    expected, coming = _foreseen(end, weeks, effects, seasons)
    return Outlook(
        end,
        history.weeks,
        trends_of(weekly, known),
        surges_of(weekly, known, seen),
        seasons,
        forecasts_of(weekly, expected, coming),
        effects,
    )


def _foreseen(end: date, weeks: int, effects: Effects, seasons: Seasons) -> tuple[Known, Floats]:
    """What is known of the window and the coming weeks from the history: festivals that it holds, and the year."""
    until = end + timedelta(days=DAYS_A_WEEK * WEEKS)
    exposure = weekly_exposure(until, weeks + WEEKS)
    columns = np.flatnonzero(effects.seen & (exposure.max(axis=0, initial=0.0) >= _NOTICEABLE))
    all_columns = [exposure[:, columns]]
    mean, variance = [effects.mean[:, columns]], [effects.variance[:, columns]]
    names = tuple(NAMES[column] for column in columns.tolist())
    if seasons.waves.any():
        all_columns.append(yearly_columns(until, weeks + WEEKS))
        mean.append(seasons.waves)
        variance.append(np.maximum(seasons.doubt, _CERTAIN))
        names += _WAVES
    foreseen = np.hstack(all_columns)
    return Known(names, foreseen[:weeks], np.hstack(mean), np.hstack(variance)), foreseen[weeks:]
