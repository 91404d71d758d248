"""The days that an analysis looks at: half-open, in Asia/Shanghai, and never further than the log reaches.

By default the window ends with the last *full* day of the log, because half a day of searches would look like falling
demand. The last day counts as full when any of these holds:

* it is the only day (a query list dated by ``--searched-at``),
* its last search lies at midnight sharp (a log with dates but no times of day),
* its last search falls into the final two hours of the day,
* it has at least as many searches as the median of the (up to) 14 days with searches before it.

Otherwise the window ends with the day before.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np

from gapfinder.settings import Settings
from indexer.errors import DataError, UsageError
from indexer.stores.contract import Snapshot

ZONE: Final = ZoneInfo("Asia/Shanghai")
DAYS_A_WEEK: Final = 7
_LATE: Final = time(22)
_DAYS_COMPARED: Final = 14


@dataclass(frozen=True, slots=True)
class Window:
    """The days from ``first`` up to but without ``end``."""

    first: date
    end: date

    @property
    def days(self) -> int:
        """Length in days."""
        return (self.end - self.first).days

    @property
    def weeks(self) -> float:
        """Length in weeks of 7 days; what a sum over the window is divided by to get a figure a week."""
        return self.days / DAYS_A_WEEK


def window_of(snapshot: Snapshot, settings: Settings) -> Window:
    """The window of an analysis: what the settings say, cut to the days that the log covers.

    Days before the first search or after the last one hold no demand because nothing was recorded; counting them would
    thin every figure a week, so a window that reaches beyond the log is cut to it.

    Raises:
        DataError: The snapshot holds no searches.
        UsageError: The window holds no day of the log.
    """
    extent = snapshot.extent("search", "day")
    if extent is None:
        raise DataError("the store holds no searches", hint="import a query log first: gapfinder import searches.csv")
    opening, last = extent
    end = (
        min(settings.end, last + timedelta(days=1)) if settings.end else _end_of_last_full_day(snapshot, opening, last)
    )
    first = settings.first or end - timedelta(days=DAYS_A_WEEK * settings.whole("weeks"))
    first = max(first, opening)
    if first >= end:
        raise UsageError(
            f"no searches lie in the window: the log runs from {opening} to {last}",
            hint=f"choose days within it: --from {opening} --to {last + timedelta(days=1)}",
        )
    return Window(first, end)


def _end_of_last_full_day(snapshot: Snapshot, opening: date, last: date) -> date:
    """The day after the last full day, by the rule of this module."""
    after = last + timedelta(days=1)
    times = snapshot.extent("search", "searched_at")
    if opening == last or times is None:
        return after
    latest: datetime = times[1]
    clock = latest.astimezone(ZONE).time()
    if clock >= _LATE or clock == time(0) or _as_busy_as_before(snapshot, opening, last):
        return after
    return last


def _as_busy_as_before(snapshot: Snapshot, opening: date, last: date) -> bool:
    """Whether the last day has as many searches as the median day before it."""
    since = max(opening, last - timedelta(days=_DAYS_COMPARED))
    counts: dict[date, int] = {}
    for batch in snapshot.group_counts("search", ["day"], window=("day", since, last + timedelta(days=1))):
        for day, number in zip(batch["day"].to_pylist(), batch["n"].to_pylist(), strict=True):
            counts[day] = counts.get(day, 0) + number
    today = counts.pop(last, 0)
    return not counts or today >= float(np.median(list(counts.values())))
