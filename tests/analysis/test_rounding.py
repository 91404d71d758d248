"""Columns are rounded to the very numbers that Python's ``round`` gives, whatever the values."""

from __future__ import annotations

import struct

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from gapfinder.rounding import decimals_of, rounded

DECIMALS = st.integers(0, 15)


def bits(values: list[float]) -> list[bytes]:
    return [b"nan" if value != value else struct.pack("d", value) for value in values]  # noqa: PLR0124 - true of no number but NaN


@given(st.lists(st.floats(), max_size=30), DECIMALS)
@example([0.5, 1.5, 2.5, -0.5, -0.0, 0.0, 1e300, -1e300, 5e-324], 0)
@example([0.00005, 0.00015, 0.12345, 2.67495, 1.00005, -0.00005], 4)
def test_any_numbers_are_rounded_like_python_does(values: list[float], decimals: int) -> None:
    assert bits(decimals_of(np.array(values), decimals)) == bits([round(value, decimals) for value in values])


@given(st.integers(-(10**9), 10**9), st.integers(-3, 3), DECIMALS)
def test_numbers_beside_the_middle_of_two_decimals_go_where_python_takes_them(
    whole: int, steps: int, decimals: int
) -> None:
    value = (whole + 0.5) / 10.0**decimals
    for _ in range(abs(steps)):
        value = float(np.nextafter(value, np.inf if steps > 0 else -np.inf))
    assert bits(decimals_of(np.array([value]), decimals)) == bits([round(value, decimals)])


def test_the_shape_is_kept() -> None:
    assert rounded(np.array([[0.126, 1.0], [2.5, np.nan]]), 2).shape == (2, 2)
    assert decimals_of(np.empty(0), 4) == []
