"""Sums, the best few and codes, against plain dictionaries."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gapfinder.market import sums
from gapfinder.market.sums import Codes, Sums

NUMBER = st.integers(-3, 3) | st.integers(-(2**40), 2**40)
ROW = st.tuples(NUMBER, NUMBER, st.integers(-9, 9), st.integers(0, 2**40))
BATCHES = st.lists(st.lists(ROW, max_size=8), max_size=5)


def columns(rows: list[tuple[int, ...]], first: int, end: int) -> list[np.ndarray]:
    return [np.array([row[place] for row in rows], np.int64) for place in range(first, end)]


@given(BATCHES, st.booleans())
def test_sums_are_those_of_a_dictionary(batches: list[list[tuple[int, ...]]], often: bool) -> None:  # noqa: FBT001 - drawn
    found = Sums(2, 2)
    expected: dict[tuple[int, int], list[int]] = defaultdict(lambda: [0, 0])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sums, "_TOGETHER", 2 if often else 1_000_000)
        for batch in batches:
            found.add(columns(batch, 0, 2), columns(batch, 2, 4))
            for one, other, left, right in batch:
                expected[one, other][0] += left
                expected[one, other][1] += right
        keys, figures = found.rows()
    assert list(map(tuple, keys.T.tolist())) == sorted(expected)
    assert figures.T.tolist() == [expected[key] for key in sorted(expected)]


@given(BATCHES)
def test_sums_may_be_read_while_they_grow(batches: list[list[tuple[int, ...]]]) -> None:
    watched, left_alone = Sums(1, 1), Sums(1, 1)
    for batch in batches:
        for one in (watched, left_alone):
            one.add(columns(batch, 0, 1), columns(batch, 3, 4))
        watched.rows()
    assert [rows.tolist() for rows in watched.rows()] == [rows.tolist() for rows in left_alone.rows()]


def test_sums_of_nothing_have_their_columns() -> None:
    keys, figures = Sums(2, 3).rows()
    assert (keys.shape, figures.shape) == ((2, 0), (3, 0))


def test_keys_may_be_narrow_and_sums_wide() -> None:
    found = Sums(1, 1)
    found.add([np.array([1, 1], np.int8)], [np.array([2**31 - 1, 2**31 - 1], np.int32)])
    assert found.rows()[1].tolist() == [[2**32 - 2]]


TOP = st.lists(
    st.lists(st.tuples(st.integers(0, 2), st.integers(0, 3), st.sampled_from(["a", "b", "猫", "c"])), max_size=9),
    max_size=4,
)


@given(st.lists(st.lists(NUMBER, max_size=6), max_size=4), st.lists(NUMBER, max_size=6))
def test_codes_number_by_batch_and_value(batches: list[list[int]], asked: list[int]) -> None:
    codes = Codes()
    expected: dict[int, int] = {}
    for batch in batches:
        for value in sorted(set(batch)):
            expected.setdefault(value, len(expected))
        assert codes.numbers(np.array(batch, np.int64)).tolist() == [expected[value] for value in batch]
    assert codes.values == list(expected)
    assert len(codes) == len(expected)
    assert codes.known(np.array(asked, np.int64)).tolist() == [expected.get(value, -1) for value in asked]
    assert codes.values == list(expected), "asking numbers nothing"
    assert codes.number(7**20) == len(expected)
    assert codes.number(7**20) == len(expected)
