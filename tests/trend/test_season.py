"""Seasons are claimed where they are, not where they are not, and never from too little."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from gapfinder.trend.history import history_of, no_history
from tests.trend.markets import coming, market

END = date(2026, 8, 24)  # a Monday: the last day of the window is a Sunday


@pytest.mark.parametrize("end", [END, END + timedelta(days=3)])
def test_busy_weekends_are_found_on_their_days(end: date) -> None:
    made = market(end, level=60, keywords=400)
    profile = np.array([0.9, 0.9, 0.9, 0.9, 0.9, 1.25, 1.25])
    shares = np.roll(profile, -end.weekday()) / 7  # the first day of each week has the weekday of ``end``
    daily = np.random.default_rng(2).multinomial(made.weekly, shares).reshape(len(made.weekly), -1)
    outlook = replace(made, daily=daily).outlook()
    found = [one.season for one in coming(outlook)]
    told = [season["weekdays"] for season in found if season["weekdays"] is not None]
    assert len(told) > 250
    assert np.mean(told, axis=0) == pytest.approx(profile, abs=0.03)


def test_even_weeks_have_no_season() -> None:
    outlook = market(END, level=60).outlook()
    states = [one.season["week"] for one in coming(outlook)]
    assert states.count("found") <= 5
    assert states.count("none") > 1400


def test_one_busy_day_is_no_weekly_season() -> None:
    made = market(END, level=60, keywords=300)
    made.daily[:, 40] *= 8
    outlook = made.outlook()
    assert np.mean([one.season["week"] == "found" for one in coming(outlook)]) < 0.05


def test_three_weeks_are_not_enough() -> None:
    made = market(END, level=60, keywords=50)
    short = replace(
        made, weekly=made.weekly[:, -3:], daily=made.daily[:, -24:], history=no_history(END - timedelta(days=21))
    )
    outlook = short.outlook()
    assert {one.season["week"] for one in coming(outlook)} == {"not_enough"}


def test_a_yearly_season_needs_two_years() -> None:
    for before, state in ((91, "not_enough"), (92, "found")):
        outlook = market(END, before=before, keywords=200, level=60, yearly=0.8).outlook()
        states = [one.season["year"] for one in coming(outlook)]
        assert states.count(state) > 150, before


def test_the_year_is_told_by_its_peak() -> None:
    outlook = market(END, before=118, keywords=300, level=60, yearly=0.8).outlook()
    found = [one.season for one in coming(outlook) if one.season["months"]]
    assert len(found) > 270
    assert np.mean([7 in season["peak_months"] for season in found]) > 0.95
    assert np.mean([12 in season["peak_months"] or 1 in season["peak_months"] for season in found]) < 0.02
    truth = np.exp(0.8 * np.cos(2 * np.pi * np.arange(-6, 6) / 12))
    months = np.array([season["months"] for season in found], np.float64)
    assert months.mean(axis=0) == pytest.approx(truth / truth.mean(), abs=0.15)
    shares = [season["year_share"] for season in found if season["year_share"] is not None]
    assert 0.4 < np.median(shares) < 0.99


def test_no_year_is_claimed_of_a_level_that_wanders() -> None:
    made = market(END, before=118, keywords=600, level=60)
    draw = np.random.default_rng(9)
    whole = np.hstack([made.history.rows(0, 600), made.weekly])
    wandering = draw.poisson(60 * np.exp(np.cumsum(draw.normal(0, 0.07, whole.shape), axis=1)))
    moved = replace(made, weekly=wandering[:, -12:], history=history_of(wandering[:, :-12], made.history.end))
    outlook = moved.outlook()
    assert np.mean([one.season["year"] == "found" for one in coming(outlook)]) < 0.15
