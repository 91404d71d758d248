"""Intervals of shares and of their ratios, and the test of who is overrepresented."""

from __future__ import annotations

from math import comb
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gapfinder.market.lift import ratio_interval, share_interval, upper_tail

COUNT = st.tuples(st.integers(0, 400), st.integers(0, 400)).map(lambda pair: (min(pair), max(pair)))


def floats(*values: float) -> np.ndarray:
    return np.array(values, np.float64)


@given(st.lists(COUNT, min_size=1, max_size=20))
def test_a_share_lies_in_its_interval(counts: list[tuple[int, int]]) -> None:
    part, whole = (floats(*column) for column in zip(*counts, strict=True))
    low, high = share_interval(part, whole)
    seen = whole > 0
    assert ((low >= 0) & (high <= 1) & (low < high)).all()
    assert (low[seen] <= part[seen] / whole[seen]).all()
    assert (part[seen] / whole[seen] <= high[seen]).all()
    assert (low[part == 0] == 0).all()
    assert (high[part == whole] == 1).all()


def test_an_interval_grows_with_its_count_and_narrows_with_the_whole() -> None:
    part = floats(*range(101))
    low, high = share_interval(part, np.full(101, 100.0))
    assert (np.diff(low) > 0).all()
    assert (np.diff(high)[:-1] > 0).all()
    whole = floats(10, 100, 1000, 10_000)
    low, high = share_interval(0.3 * whole, whole)
    assert (np.diff(high - low) < 0).all()


def test_nothing_known_is_anything_possible() -> None:
    assert [bound.tolist() for bound in share_interval(floats(0), floats(0))] == [[0.0], [1.0]]
    assert [bound.size for bound in share_interval(floats(), floats())] == [0, 0]
    assert [bound.size for bound in ratio_interval(floats(), floats(), floats(), floats())] == [0, 0]


@pytest.mark.parametrize("share", [0.02, 0.3, 0.8])
def test_nine_of_ten_intervals_of_a_share_hold_it(share: float) -> None:
    part = np.random.default_rng(3).binomial(150, share, 4000).astype(np.float64)
    low, high = share_interval(part, np.full(part.size, 150.0))
    assert np.mean((low <= share) & (share <= high)) == pytest.approx(0.9, abs=0.05)


@pytest.mark.parametrize(("one", "other"), [(0.02, 0.01), (0.2, 0.2), (0.1, 0.4)])
def test_nine_of_ten_intervals_of_a_ratio_hold_it(one: float, other: float) -> None:
    random = np.random.default_rng(5)
    first, second = random.binomial(300, one, 600), random.binomial(900, other, 600)
    sizes = np.full(600, 300.0), np.full(600, 900.0)
    low, high = ratio_interval(first.astype(np.float64), sizes[0], second.astype(np.float64), sizes[1])
    assert np.mean((low <= one / other) & (one / other <= high)) == pytest.approx(0.9, abs=0.06)


@given(st.lists(st.tuples(COUNT, COUNT), min_size=1, max_size=12))
def test_a_ratio_has_an_interval_whatever_the_counts(counts: list[tuple[tuple[int, int], tuple[int, int]]]) -> None:
    columns = [floats(*(pair[side][place] for pair in counts)) for side in (0, 1) for place in (0, 1)]
    low, high = ratio_interval(*columns)
    assert (np.isfinite(low) & np.isfinite(high)).all()
    assert ((low >= 0) & (low < high)).all()
    again = ratio_interval(*columns)
    assert (low.tolist(), high.tolist()) == (again[0].tolist(), again[1].tolist())


@given(st.lists(st.tuples(COUNT, COUNT), min_size=1, max_size=40), st.randoms(use_true_random=False))
def test_an_interval_is_the_same_wherever_its_counts_stand(
    counts: list[tuple[tuple[int, int], tuple[int, int]]], random: Random
) -> None:
    order = list(range(len(counts))) + [random.randrange(len(counts)) for _ in range(5)]
    random.shuffle(order)
    columns = [floats(*(pair[side][place] for pair in counts)) for side in (0, 1) for place in (0, 1)]
    low, high = ratio_interval(*columns)
    moved = ratio_interval(*(column[order] for column in columns))
    assert (moved[0].tolist(), moved[1].tolist()) == (low[order].tolist(), high[order].tolist())
    alone = [ratio_interval(*(column[row : row + 1] for column in columns)) for row in range(len(counts))]
    assert [(float(a[0]), float(b[0])) for a, b in alone] == list(zip(low.tolist(), high.tolist(), strict=True))


@given(COUNT, COUNT)
def test_a_ratio_turned_round_has_the_interval_turned_round(one: tuple[int, int], other: tuple[int, int]) -> None:
    low, high = (float(end[0]) for end in ratio_interval(*map(floats, (*one, *other))))
    turned = [float(end[0]) for end in ratio_interval(*map(floats, (*other, *one)))]
    width = np.log(high / low)
    assert np.abs(np.log(turned) + np.log([high, low])).max() <= 0.01 * width


@pytest.mark.parametrize(
    "counts",
    [(0, 1, 74, 95_935), (67_365, 125_301, 2, 4), (1, 3, 1531, 1819), (0, 0, 0, 0), (5, 5, 0, 900), (0, 40, 0, 300),
     (30, 100, 10, 100), (3, 1_000_000, 40, 90), (17.5, 20.25, 3.25, 800)],
)  # fmt: skip
def test_ends_are_the_quantiles_of_the_posterior(counts: tuple[float, ...]) -> None:
    part, whole, other, other_whole = counts
    random = np.random.default_rng(11)
    draws = random.beta(part + 0.5, whole - part + 0.5, 400_000) / random.beta(
        other + 0.5, other_whole - other + 0.5, 400_000
    )
    low, high = (float(end[0]) for end in ratio_interval(*map(floats, counts)))
    assert np.mean(draws <= low) == pytest.approx(0.05, abs=2e-3)
    assert np.mean(draws <= high) == pytest.approx(0.95, abs=2e-3)


def test_a_ratio_grows_with_its_first_count_and_narrows_with_more() -> None:
    def interval(part: float, whole: float, other: float, other_whole: float) -> tuple[float, float]:
        low, high = ratio_interval(floats(part), floats(whole), floats(other), floats(other_whole))
        return float(low[0]), float(high[0])

    rows = [interval(part, 100, 50, 1000) for part in range(0, 100, 10)]
    assert rows == sorted(rows)
    assert [high for _, high in rows] == sorted(high for _, high in rows)
    widths = [high - low for low, high in (interval(10 * n, 100 * n, 50 * n, 1000 * n) for n in (1, 10, 100))]
    assert widths == sorted(widths, reverse=True)
    low, high = interval(400, 1000, 1000, 10_000)
    assert low < 4 < high


def test_a_count_above_its_whole_is_a_share_of_one() -> None:
    """Weights of notes are no whole numbers, and rounding may put a part above its whole."""
    low, high = ratio_interval(floats(5.2), floats(5.0), floats(3.0), floats(6.0))
    assert 0 < float(low[0]) < 2 < float(high[0])


@given(st.integers(0, 12), st.integers(0, 12), st.integers(0, 14), st.integers(1, 12))
def test_the_tail_is_the_sum_of_the_chances(part: int, whole: int, total_part: int, more: int) -> None:
    total = max(whole, total_part) + more
    ways = comb(total, whole)
    chances = [
        comb(total_part, k) * comb(total - total_part, whole - k) / ways
        for k in range(part, min(whole, total_part) + 1)
    ]
    found = upper_tail(*(np.array([one]) for one in (part, whole, total_part, total)))
    assert float(found[0]) == pytest.approx(sum(chances), abs=1e-9)


def test_without_people_nothing_is_unlikely() -> None:
    assert upper_tail(*(np.array([0]) for _ in range(4))).tolist() == [1.0]
