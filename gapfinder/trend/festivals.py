"""Festivals and sales that everybody knows of beforehand: when they are, and how long they are searched for.

A festival acts on demand from some days before its day (``lead``) to some days after (``tail``): on its day fully, and
less the further away. Sales count from the day they are named after; their presale is the lead. The days of sales are
those of the big platforms since 2010; what a platform adds in a single year is noise here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import numpy as np
import numpy.typing as npt

from gapfinder.trend.lunar import lunar_day

Floats = npt.NDArray[np.float64]

DAYS_A_WEEK: Final = 7
_SUNDAY: Final = 6


@dataclass(frozen=True, slots=True)
class Festival:
    """One festival or sale of every year.

    Attributes:
        name: As people write it.
        day: Its main day in a year; None where it is not known.
        lead: Days before it on which it is searched for already.
        tail: Days after it on which it still is.
        sale: Whether it is a sale; the others are holidays and days of gifts.
    """

    name: str
    day: Callable[[int], date | None]
    lead: int
    tail: int
    sale: bool = False


def _fixed(month: int, day: int) -> Callable[[int], date]:
    return lambda year: date(year, month, day)


def _lunar(name: str, days_later: int = 0) -> Callable[[int], date | None]:
    def found(year: int) -> date | None:
        day = lunar_day(name, year)
        return None if day is None else day + timedelta(days=days_later)

    return found


def _second_sunday_of_may(year: int) -> date:
    first = date(year, 5, 1)
    return first + timedelta(days=(_SUNDAY - first.weekday()) % DAYS_A_WEEK + DAYS_A_WEEK)


def _qingming(year: int) -> date:
    """The solar term 清明, by the rule for this century (0.2422 days a year, leap days taken out)."""
    past = year - 2000
    return date(year, 4, int(past * 0.2422 + 4.81) - past // 4)


FESTIVALS: Final = (
    Festival("元旦", _fixed(1, 1), 4, 1),
    Festival("年货节", _lunar("春节", -10), 14, 4, sale=True),
    Festival("春节", _lunar("春节"), 5, 7),
    Festival("元宵", _lunar("春节", 14), 3, 0),
    Festival("情人节", _fixed(2, 14), 8, 0),
    Festival("38节", _fixed(3, 8), 9, 0, sale=True),
    Festival("清明", _qingming, 6, 1),
    Festival("五一", _fixed(5, 1), 7, 4),
    Festival("母亲节", _second_sunday_of_may, 8, 0),
    Festival("520", _fixed(5, 20), 8, 0),
    Festival("儿童节", _fixed(6, 1), 8, 0),
    Festival("端午", _lunar("端午"), 10, 2),
    Festival("618", _fixed(6, 18), 18, 2, sale=True),
    Festival("七夕", _lunar("七夕"), 10, 0),
    Festival("开学季", _fixed(9, 1), 14, 3),
    Festival("中秋", _lunar("中秋"), 14, 1),
    Festival("国庆", _fixed(10, 1), 8, 6),
    Festival("重阳", _lunar("重阳"), 5, 0),
    Festival("双11", _fixed(11, 11), 21, 1, sale=True),
    Festival("双12", _fixed(12, 12), 8, 0, sale=True),
    Festival("圣诞", _fixed(12, 25), 10, 0),
)
NAMES: Final = tuple(festival.name for festival in FESTIVALS)


def daily_strength(festival: Festival, first: date, days: int) -> Floats:
    """How strongly a festival acts on each day from ``first`` on: 1 on its day, 0 outside its lead and tail."""
    strength = np.zeros(days)
    for year in range(first.year - 1, (first + timedelta(days=days)).year + 2):
        day = festival.day(year)
        if day is None:
            continue
        for distance in range(-festival.lead, festival.tail + 1):
            place = (day - first).days + distance
            if 0 <= place < days:
                reach = festival.tail if distance > 0 else festival.lead
                strength[place] = max(strength[place], 1 - abs(distance) / (reach + 1))
    return strength


def weekly_exposure(end: date, weeks: int, festivals: Sequence[Festival] = FESTIVALS) -> Floats:
    """How strongly each festival acts on each week: 1 in the strongest week that it can have.

    Args:
        end: The day after the last week.
        weeks: How many weeks of 7 days, oldest first.
        festivals: Which ones.

    Returns:
        One row a week, one column a festival.
    """
    days = weeks * DAYS_A_WEEK
    exposure = np.zeros((weeks, len(festivals)))
    for column, festival in enumerate(festivals):
        strength = daily_strength(festival, end - timedelta(days=days), days)
        exposure[:, column] = strength.reshape(weeks, DAYS_A_WEEK).sum(axis=1) / _strongest_week(festival)
    return exposure


def _strongest_week(festival: Festival) -> float:
    """The most that 7 days in a row can hold of a festival."""
    around = np.concatenate(
        [
            1 - np.arange(festival.lead, 0, -1) / (festival.lead + 1),
            [1.0],
            1 - np.arange(1, festival.tail + 1) / (festival.tail + 1),
        ]
    )
    return float(np.convolve(around, np.ones(DAYS_A_WEEK)).max())


def festivals_between(first: date, end: date) -> list[tuple[date, str]]:
    """The main days of festivals from ``first`` up to but without ``end``, in order."""
    found = [
        (day, festival.name)
        for festival in FESTIVALS
        for year in range(first.year, end.year + 1)
        if (day := festival.day(year)) is not None and first <= day < end
    ]
    return sorted(found)
