"""How a market is spread over its brands: values that are known by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gapfinder.market.tail import tail_of


def tail(*mentions: int) -> dict[str, float]:
    return dict(tail_of(np.array(mentions, np.int64)))  # type: ignore[arg-type]


def test_one_brand_is_the_whole_market() -> None:
    assert tail(5) == {
        "brands": 1, "once": 0, "hhi": 1.0, "top3": 1.0, "last_tenth": 0, "unseen": 0.0, "chao1": 1.0,
    }  # fmt: skip


def test_no_brand_is_no_market() -> None:
    assert set(tail().values()) == {0}


def test_equal_brands_share_equally() -> None:
    found = tail(*[10] * 8)
    assert (found["hhi"], found["top3"], found["unseen"], found["chao1"]) == (0.125, 0.375, 0.0, 8.0)


def test_figures_are_what_their_formulas_say() -> None:
    found = tail(10, 5, 2, 2, 1, 1, 1)
    squares = sum((count / 22) ** 2 for count in (10, 5, 2, 2, 1, 1, 1))
    assert found["hhi"] == round(squares, 4)
    assert found["top3"] == round(17 / 22, 4)
    assert (found["brands"], found["once"]) == (7, 3)
    assert found["unseen"] == round(3 / 22, 4), "Good and Turing"
    assert found["chao1"] == 7 + 3 * 2 / (2 * (2 + 1)), "Chao, bias-corrected"


@pytest.mark.parametrize(
    ("mentions", "brands"),
    [
        ((90, 5, 5), 2),
        ((80, 10, 5, 5), 2),
        ((80, 9, 6, 5), 1),
        ((50, 50), 0),
        ((90, 10), 1),
        ((91, 9), 1),
        ((89, 11), 0),
    ],
)
def test_the_last_tenth_is_what_stands_behind_nine(mentions: tuple[int, ...], brands: int) -> None:
    assert tail(*mentions)["last_tenth"] == brands


@given(st.lists(st.integers(1, 500), min_size=1, max_size=40), st.randoms(use_true_random=False))
def test_figures_keep_their_bounds_in_any_order(mentions: list[int], shuffler: object) -> None:
    found = tail(*mentions)
    turned = mentions.copy()
    shuffler.shuffle(turned)  # type: ignore[attr-defined]
    assert tail(*turned) == found
    assert 1 / len(mentions) - 1e-4 <= found["hhi"] <= 1
    assert found["hhi"] - 1e-4 <= found["top3"] <= 1, "no brand's share is below the index"
    assert found["once"] <= found["brands"] <= found["chao1"]
    assert 0 <= found["last_tenth"] < len(mentions)
    assert 0 <= found["unseen"] <= 1
