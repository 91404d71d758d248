"""The calendar: right days, and a strength that rises and falls around them."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gapfinder.trend.festivals import FESTIVALS, NAMES, Festival, daily_strength, festivals_between, weekly_exposure
from gapfinder.trend.lunar import FIRST_YEAR, LAST_YEAR, lunar_day

BY_NAME = {festival.name: festival for festival in FESTIVALS}


@pytest.mark.parametrize(
    ("name", "days"),
    [
        ("春节", ["2024-02-10", "2025-01-29", "2026-02-17", "2027-02-06", "2034-02-19"]),
        ("端午", ["2024-06-10", "2025-05-31", "2026-06-19"]),
        ("七夕", ["2024-08-10", "2025-08-29", "2026-08-19"]),
        ("中秋", ["2024-09-17", "2025-10-06", "2026-09-25", "2033-09-08"]),
        ("重阳", ["2024-10-11", "2025-10-29", "2026-10-18"]),
        ("元宵", ["2024-02-24", "2025-02-12", "2026-03-03"]),
        ("清明", ["2024-04-04", "2025-04-04", "2026-04-05", "2027-04-05"]),
        ("母亲节", ["2024-05-12", "2025-05-11", "2026-05-10"]),
        ("618", ["2025-06-18"]),
        ("双11", ["2025-11-11"]),
    ],
)
def test_festivals_are_on_their_days(name: str, days: list[str]) -> None:
    for day in map(date.fromisoformat, days):
        assert BY_NAME[name].day(day.year) == day


def test_the_lunar_table_is_possible_in_every_year() -> None:
    for year in range(FIRST_YEAR, LAST_YEAR + 1):
        spring, dragon, seventh, autumn, ninth = (
            lunar_day(name, year) for name in ("春节", "端午", "七夕", "中秋", "重阳")
        )
        assert spring
        assert dragon
        assert seventh
        assert autumn
        assert ninth
        assert date(year, 1, 21) <= spring <= date(year, 2, 20)
        # Lunar months have 29 or 30 days; a leap month may lie between two of the festivals.
        for days, months, apart in (
            ((dragon - spring).days, 4, 4),
            ((seventh - dragon).days, 2, 2),
            ((autumn - seventh).days, 1, 8),
            ((ninth - autumn).days, 1, -6),
        ):
            assert any(29 * count <= days - apart <= 30 * count for count in (months, months + 1)), (year, months)
    assert lunar_day("春节", LAST_YEAR + 1) is None


@pytest.mark.parametrize("one", FESTIVALS, ids=lambda festival: festival.name)
def test_a_festival_is_strongest_on_its_day(one: Festival) -> None:
    day = one.day(2026)
    assert day is not None
    strength = daily_strength(one, day - timedelta(days=40), 81)
    assert strength[40] == 1 == strength.max()
    assert np.flatnonzero(strength).tolist() == list(range(40 - one.lead, 41 + one.tail))
    assert (np.diff(strength[:41]) >= 0).all()
    assert (np.diff(strength[40:]) <= 0).all()


@given(st.dates(date(2005, 1, 1), date(2045, 1, 1)), st.integers(1, 60))
def test_exposure_of_weeks_does_not_depend_on_how_far_one_looks(end: date, weeks: int) -> None:
    exposure = weekly_exposure(end, weeks)
    assert exposure.shape == (weeks, len(NAMES))
    assert ((exposure >= 0) & (exposure <= 1 + 1e-12)).all()
    assert np.array_equal(weekly_exposure(end, weeks + 5)[5:], exposure)


def test_years_outside_the_table_have_no_lunar_festivals() -> None:
    assert not weekly_exposure(date(1990, 3, 1), 20)[:, NAMES.index("春节")].any()


def test_festivals_of_some_days_are_named_in_order() -> None:
    assert festivals_between(date(2026, 9, 20), date(2026, 10, 2)) == [
        (date(2026, 9, 25), "中秋"),
        (date(2026, 10, 1), "国庆"),
    ]
    assert festivals_between(date(2026, 12, 30), date(2027, 1, 2)) == [(date(2027, 1, 1), "元旦")]
