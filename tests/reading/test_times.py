from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.reading.times import SHANGHAI, day_of, parse_time

MORNING = datetime(2024, 1, 5, 0, 3, tzinfo=UTC)  # 08:03 in Shanghai


@pytest.mark.parametrize(
    "value",
    [
        "2024-01-05T08:03:00+08:00",
        "2024-01-05T00:03:00Z",
        "2024-01-05 08:03:00",
        "2024-01-05 08:03",
        "2024/1/5 8:03",
        "2024.1.5 8:03:00",
        "2024年1月5日 8:03",
        "２０２４/1/5 8:03",
        "2024-01-05T00:03:00+0000",
        1704412980,
        1704412980.0,
        1704412980000,
        "1704412980",
        "1704412980000",
        "1.70441298e9",
        45296.33541666667,
        datetime(2024, 1, 5, 8, 3),  # noqa: DTZ001 - what a spreadsheet gives
        datetime(2024, 1, 5, 0, 3, tzinfo=UTC),
    ],
)
def test_one_instant_in_many_forms(value: object) -> None:
    assert parse_time(value) == MORNING


@pytest.mark.parametrize(
    "value", ["2024-01-05", "20240105", "2024/01/05", 20240105, 45296, date(2024, 1, 5), "2024年1月5日"]
)
def test_a_day_begins_in_shanghai(value: object) -> None:
    assert parse_time(value) == datetime(2024, 1, 4, 16, tzinfo=UTC)


@pytest.mark.parametrize("value", [None, "", "-", "--", "无", "null", "NaN", float("nan")])
def test_no_time(value: object) -> None:
    assert parse_time(value) is None


@pytest.mark.parametrize(
    "value",
    [
        "2024-13-01",
        "2024-02-30 10:00",
        "1970-01-01",
        "2150-01-01",
        "2024-01-05 25:00",
        0,
        -5,
        12,
        "99999999999999999999",
        5e10,
        1e30,
    ],
)
def test_impossible_times_are_refused(value: object) -> None:
    with pytest.raises(ValueError, match=r"possible|not a time"):
        parse_time(value)


@pytest.mark.parametrize("value", ["昨天", "01-05", "5 Jan", "2024", True, [], "08:03 2024"])
def test_what_is_no_time_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="time"):
        parse_time(value)


def test_a_time_of_day_needs_its_day() -> None:
    with pytest.raises(ValueError, match="searched-at"):
        parse_time("08:03:00")
    assert parse_time("08:03:00", day=date(2024, 1, 5)) == MORNING
    with pytest.raises(ValueError, match="possible"):
        parse_time("25:03:00", day=date(2024, 1, 5))


@given(st.datetimes(datetime(1996, 1, 1), datetime(2098, 12, 31)))  # noqa: DTZ001 - naive on purpose
def test_text_epoch_and_datetime_agree(naive: datetime) -> None:
    local = naive.replace(microsecond=0, tzinfo=SHANGHAI)
    expected = local.astimezone(UTC)
    assert parse_time(local.isoformat()) == parse_time(f"{naive:%Y/%m/%d %H:%M:%S}") == expected
    if expected - datetime(1970, 1, 1, tzinfo=UTC) > timedelta(seconds=1e9):
        assert parse_time(int(expected.timestamp())) == parse_time(int(expected.timestamp() * 1000)) == expected
    assert day_of(expected) == local.date()


@given(st.text(max_size=25) | st.floats() | st.integers())
def test_anything_is_an_instant_or_none_or_refused(value: object) -> None:
    try:
        found = parse_time(value)
    except ValueError:
        return
    assert found is None or datetime(1995, 1, 1, tzinfo=UTC) <= found < datetime(2100, 1, 1, tzinfo=UTC)
