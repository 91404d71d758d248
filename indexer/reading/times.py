"""Times as files hold them: ISO 8601, epochs, ``2024/1/5 8:03``, Excel serial dates. Without a zone: Asia/Shanghai."""

from __future__ import annotations

import math
import re
import unicodedata
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Any, Final

SHANGHAI: Final = timezone(timedelta(hours=8), "Asia/Shanghai")  # no summer time since 1991
EARLIEST: Final = datetime(1995, 1, 1, tzinfo=UTC)
LATEST: Final = datetime(2100, 1, 1, tzinfo=UTC)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_EXCEL_EPOCH: Final = datetime(1899, 12, 30, tzinfo=SHANGHAI)
_EXCEL_DAYS: Final = (30_000, 80_000)  # 1982 to 2119
_DATE_DIGITS: Final = (19_950_101, 21_000_101)  # 20240105
_STEPS: Final = ((1e8, 1e10, 1.0), (1e11, 1e13, 1e3), (1e14, 1e16, 1e6), (1e17, 1e19, 1e9))  # s, ms, us, ns
_SHOWN: Final = 40
_NOTHING: Final = frozenset(("", "-", "--", "—", "——", "无", "暂无", "null", "none", "nan", "nat", "n/a", "\\n"))
_LOOSE: Final = re.compile(
    r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?"
    r"(?:[ T]*(\d{1,2})[:时](\d{1,2})(?:[:分](\d{1,2})(?:\.(\d{1,9}))?)?[分秒]?)?"
    r"\s*(z|utc|[+-]\d{2}:?\d{2})?",
    re.IGNORECASE,
)
_CLOCK: Final = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?")
_NUMBER: Final = re.compile(r"\d{4,20}(?:\.\d+)?(?:e\+?\d{1,2})?|\d\.\d+e\+?\d{1,2}", re.IGNORECASE)


def parse_time(value: Any, *, day: date | None = None) -> datetime | None:
    """The instant in UTC; None where there is none.

    Args:
        value: Text, a number (epoch in s, ms, us or ns, ``yyyymmdd``, Excel serial day), a date or a datetime.
        day: The day of a bare time of day such as ``08:03:11``.

    Raises:
        ValueError: No time, or an impossible one; the message says so in words that may be shown.
    """
    if value is None:
        return None
    if isinstance(value, str):
        return _of_text(value, day)
    if isinstance(value, bool):
        raise ValueError(f"{value!r} is not a time")  # noqa: TRY004 - one error for all that is no time
    if isinstance(value, int | float):
        return None if math.isnan(value) else _of_number(float(value), str(value))
    if isinstance(value, datetime):
        return _checked(value if value.tzinfo else value.replace(tzinfo=SHANGHAI), str(value))
    if isinstance(value, date):
        return _checked(datetime.combine(value, time(), SHANGHAI), str(value))
    if isinstance(value, time):
        return _of_clock(value, day)
    raise ValueError(f"{str(value)[:_SHOWN]!r} is not a time")


def horizon(now: datetime | None = None) -> datetime:
    """A day after now: a time from there on is a mistake, not a clock that goes wrong or another zone."""
    return (now or datetime.now(UTC)) + timedelta(days=1)


def day_of(instant: datetime) -> date:
    """The day in Asia/Shanghai."""
    return instant.astimezone(SHANGHAI).date()


def _of_text(text: str, day: date | None) -> datetime | None:
    try:  # the commonest form first: it costs a tenth of the rest
        found = datetime.fromisoformat(text) if text[4:5] == "-" else None
    except ValueError:
        found = None
    if found is not None:
        return _checked(found if found.tzinfo else found.replace(tzinfo=SHANGHAI), text)
    folded = unicodedata.normalize("NFKC", text).strip().lower()
    if folded in _NOTHING:
        return None
    if _NUMBER.fullmatch(folded):
        return _of_number(float(folded), folded)
    clock = _CLOCK.fullmatch(folded)
    if clock is not None:
        try:
            return _of_clock(time(int(clock[1]), int(clock[2]), int(clock[3] or 0)), day)
        except ValueError as error:
            raise _impossible(text) if "hour" in str(error) or "minute" in str(error) else error from None
    loose = _LOOSE.fullmatch(folded)
    if loose is None:
        raise ValueError(f"{text.strip()[:_SHOWN]!r} is not a time")
    return _of_parts(loose, text)


def _of_parts(loose: re.Match[str], text: str) -> datetime:
    year, month, day, hour, minute, second = (int(part or 0) for part in loose.groups()[:6])
    micro = int((loose[7] or "0").ljust(6, "0")[:6])
    try:
        found = datetime(year, month, day, hour, minute, second, micro, tzinfo=_zone(loose[8]))
    except ValueError:
        raise _impossible(text) from None
    return _checked(found, text)


def _zone(text: str | None) -> timezone:
    if text is None:
        return SHANGHAI
    if text in {"z", "utc"}:
        return UTC
    sign = -1 if text[0] == "-" else 1
    return timezone(sign * timedelta(hours=int(text[1:3]), minutes=int(text[-2:])))


def _of_clock(clock: time, day: date | None) -> datetime:
    if day is None:
        raise ValueError(f"{clock} has no day; give it with --searched-at DATE")
    return _checked(datetime.combine(day, clock, SHANGHAI), str(clock))


def _of_number(number: float, text: str) -> datetime:
    if _EXCEL_DAYS[0] <= number < _EXCEL_DAYS[1]:
        return _checked(_EXCEL_EPOCH + timedelta(seconds=round(number * 86_400)), text)
    if _DATE_DIGITS[0] <= number < _DATE_DIGITS[1] and number.is_integer():
        digits = str(int(number))
        try:
            found = datetime(int(digits[:4]), int(digits[4:6]), int(digits[6:]), tzinfo=SHANGHAI)
        except ValueError:
            raise _impossible(text) from None
        return _checked(found, text)
    for least, most, per_second in _STEPS:
        if least <= number < most:
            return _checked(_EPOCH + timedelta(microseconds=round(number / per_second * 1e6)), text)
    raise _impossible(text)


def _checked(found: datetime, text: str) -> datetime:
    try:
        instant = found.astimezone(UTC)
    except OverflowError:
        raise _impossible(text) from None
    if not EARLIEST <= instant < LATEST:
        raise _impossible(text)
    return instant


def _impossible(text: str) -> ValueError:
    return ValueError(f"{text.strip()[:_SHOWN]!r} is not a possible time (1995 to 2099)")
