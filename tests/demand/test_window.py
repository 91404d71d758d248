"""Which days are looked at."""

from __future__ import annotations

from datetime import timedelta

import pytest

from gapfinder.settings import Settings
from gapfinder.window import Window, window_of
from indexer.errors import DataError, UsageError
from tests.demand.logs import FIRST, Act, log_of

LATE = 23 * 60 + 30.0
NOON = 720.0


def _log(last: int, *, minute: float, before: int = 4, on_last: int = 1) -> list[Act]:
    """``before`` searches on each day, ``on_last`` on the last one, the very last at ``minute``."""
    days = [Act("纸尿裤", day=day) for day in range(last) for _ in range(before)]
    return days + [Act("纸尿裤", day=last, minute=minute)] * on_last


def _window(acts: list[Act], **settings: object) -> tuple[int, int]:
    """First day and end as days from FIRST."""
    window = window_of(log_of(acts), Settings.of(**settings))  # type: ignore[arg-type]
    return (window.first - FIRST).days, (window.end - FIRST).days


def test_a_last_day_that_ends_late_is_full() -> None:
    assert _window(_log(9, minute=LATE)) == (0, 10)


def test_a_last_day_that_breaks_off_is_left_out() -> None:
    assert _window(_log(9, minute=NOON)) == (0, 9)


def test_a_last_day_as_busy_as_the_days_before_is_full() -> None:
    assert _window(_log(9, minute=NOON, on_last=4)) == (0, 10)


def test_a_log_without_times_of_day_ends_with_its_last_day() -> None:
    assert _window(_log(9, minute=0)) == (0, 10)


def test_a_query_list_of_one_date_is_its_window() -> None:
    assert _window([Act("纸尿裤", minute=NOON)] * 3) == (0, 1)


def test_the_default_is_twelve_weeks_before_the_end() -> None:
    assert _window(_log(99, minute=LATE)) == (100 - 84, 100)
    assert _window(_log(99, minute=LATE), weeks=2) == (100 - 14, 100)


def test_a_named_window_is_cut_to_the_log() -> None:
    acts = _log(9, minute=LATE)
    assert _window(acts, first=FIRST + timedelta(days=2), end=FIRST + timedelta(days=5)) == (2, 5)
    assert _window(acts, first=FIRST - timedelta(days=50), end=FIRST + timedelta(days=500)) == (0, 10)


def test_a_window_beside_the_log_is_refused_with_the_days_there_are() -> None:
    with pytest.raises(UsageError, match="runs from 2026-03-02 to 2026-03-11"):
        _window(_log(9, minute=LATE), first=FIRST + timedelta(days=30))


def test_no_searches_is_said() -> None:
    with pytest.raises(DataError, match="no searches"):
        window_of(log_of([]), Settings.of())


def test_weeks_have_seven_days() -> None:
    window = Window(FIRST, FIRST + timedelta(days=10))
    assert window.days == 10
    assert window.weeks == pytest.approx(10 / 7)
