"""Whether there is enough history for a backtest, and what is missing where there is not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from gapfinder.backtest.results import Lack
from gapfinder.settings import SETTINGS, Settings
from gapfinder.window import DAYS_A_WEEK, window_of
from indexer.stores.contract import Snapshot

WEEKS_BEFORE: Final = 4  # of log from which gaps can be found at all


@dataclass(frozen=True, slots=True)
class Span:
    """The days of a backtest.

    Attributes:
        first, end: Days of the log, half-open.
        at: The day with whose past the gaps are found.
        until: Day after the last of the weeks in which it is seen what became of them.
        weeks: Weeks from ``at`` to ``until``.
    """

    first: date
    end: date
    at: date
    until: date
    weeks: int


def span_of(snapshot: Snapshot, settings: Settings, at: date | None) -> Span:
    """The days of a backtest; by default they end with the last full day of the log.

    Raises:
        DataError: The snapshot holds no searches.
    """
    log = window_of(snapshot, Settings.of(weeks=SETTINGS["weeks"].most))
    weeks = settings.whole("backtest_weeks")
    length = timedelta(days=DAYS_A_WEEK * weeks)
    day = at or log.end - length
    return Span(log.first, log.end, day, day + length, weeks)


def lacking_days(span: Span) -> list[Lack]:
    """Days that the log lacks before and after the day of the backtest."""
    found: list[Lack] = []
    before, after = (
        max(0, (span.at - span.first).days),
        max(0, min(span.end, span.until).toordinal() - span.at.toordinal()),
    )
    need_before, need_after = DAYS_A_WEEK * WEEKS_BEFORE, DAYS_A_WEEK * span.weeks
    if before < need_before:
        found.append(
            lack(
                "days_before",
                before,
                need_before,
                f"{span.at} 之前只有 {before} 天搜索日志，找缺口至少要 {need_before} 天",
            )
        )
    if after < need_after:
        found.append(
            lack(
                "days_after",
                after,
                need_after,
                f"{span.at} 之后只有 {after} 天搜索日志，看结果要满 {need_after} 天（到 {span.until} 前一天为止）",
            )
        )
    return found


def lack(what: str, have: int, need: int, sentence: str) -> Lack:
    """Something missing."""
    return Lack(what=what, have=have, need=need, sentence=sentence)
