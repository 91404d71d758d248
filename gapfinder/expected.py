"""Demand of keywords that nobody in the log searched, from imported volumes: a range, because that is what they are.

Only figures in searches count (``count``, ``bucket``); an index or a rank is no number of searches. A figure is brought
to a week by its period (a month where none was given). Of several figures the newest period counts, and of several
sources for it the range spans them all. A bucket says its ends; where an end is open, ten times the other stands for
it, which is the step from one bucket of the common keyword planners to the next.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np

from gapfinder.interval import Counted, Floats, counted_demand
from gapfinder.results import Volume
from gapfinder.window import DAYS_A_WEEK

_SEARCHES: Final = ("count", "bucket")
_MONTH_DAYS: Final = 30
_OPEN: Final = 10.0


@dataclass(frozen=True, slots=True)
class Weekly:
    """Searches a week: the figure and its range."""

    middle: float
    low: float
    high: float


def weekly_searches(volumes: Sequence[Volume]) -> Weekly | None:
    """What imported figures of one keyword say of its searches a week; None when none of them counts searches."""
    told = [volume for volume in volumes if volume["unit"] in _SEARCHES]
    if not told:
        return None
    newest = max(_end(volume) for volume in told)
    ranges = [_a_week(volume) for volume in told if _end(volume) == newest]
    middles = sorted(found.middle for found in ranges)
    return Weekly(
        middle=float(np.median(middles)),
        low=min(found.low for found in ranges),
        high=max(found.high for found in ranges),
    )


def _end(volume: Volume) -> str:
    return volume["period_end"] or volume["period_start"] or ""


def _a_week(volume: Volume) -> Weekly:
    """One figure with its ends, brought to a week."""
    start, end = volume["period_start"], volume["period_end"]
    days = (date.fromisoformat(end) - date.fromisoformat(start)).days if start and end else _MONTH_DAYS
    share = DAYS_A_WEEK / max(days, 1)
    figure = max(volume["volume"], 0.0)
    bucket = volume["unit"] == "bucket"
    low, high = volume["low"], volume["high"]
    if low is None:
        low = figure / _OPEN if bucket and high is None else figure
    if high is None:
        high = figure * _OPEN if bucket or volume["low"] is not None else figure
    low, high = sorted((max(low, 0.0), max(high, 0.0)))
    return Weekly(min(max(figure, low), high) * share, low * share, high * share)


def with_expected(
    counted: Counted, keys: Sequence[str], volumes: Mapping[str, Sequence[Volume]], weeks: float
) -> Counted:
    """The demand, where nobody searched taken from imported volumes.

    Args:
        counted: Demand as the log has it.
        keys: Key of each keyword.
        volumes: Imported figures by key.
        weeks: Length of the window.
    """
    if not volumes:
        return counted
    columns: list[Floats] = [counted.demand.copy(), counted.low.copy(), counted.high.copy()]
    for place in np.flatnonzero(counted.demand == 0).tolist():
        found = weekly_searches(volumes.get(keys[place], ()))
        if found is None or found.high <= 0:
            continue
        ends = counted_demand(np.array([found.low, found.high]) * weeks, np.zeros(2), weeks)
        middle = found.middle * weeks
        columns[0][place] = middle
        columns[1][place] = min(float(ends.low[0]), middle)
        columns[2][place] = max(float(ends.high[1]), middle)
    return Counted(*columns)
