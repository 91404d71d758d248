"""Needs folded into points: what is said of the parcel is none, unless people search for it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gapfinder.market.points import LEAST_SEARCHES, Found, make_points
from gapfinder.market.sums import Codes
from gapfinder.points.grammar import Grammar
from gapfinder.texts.words import Words
from tests.demand.logs import segmenter

CUTTER = segmenter()
LEAKS = ["包装很好没有漏", "快递送来不漏", "箱子里都没漏", "收到没有漏"]
USED = ["头屑真的少了", "头屑少了", "没有头屑了", "头屑一般"]


def named(queries: Sequence[str], notes: Sequence[str], category: str = "洗发水") -> set[str]:
    """The points of one category, searched just often enough."""
    grammar = Grammar(Words(), CUTTER)

    def found(texts: Sequence[str]) -> Found:
        joined = grammar.join(grammar.words.lists([CUTTER.query_terms(text) for text in texts]))
        return Found(grammar.find(joined), np.zeros(len(texts), np.int32), joined)

    searches = np.full(len(queries), LEAST_SEARCHES, np.int64)
    points, _ = make_points(found(queries), [found(notes)], searches, grammar, Codes(), {category}, [category])
    return {point.name for point in points}


def test_what_notes_say_beside_the_parcel_is_no_point() -> None:
    assert named([], [*LEAKS, *USED]) == {"头屑"}
    assert named([], LEAKS) == set()


def test_what_they_say_of_the_product_in_use_is_one() -> None:
    used = ["晚上漏了", "跑起来就漏", "不漏尿真好不漏", "宝宝翻身没漏"]
    assert any("漏" in name for name in named([], used, "纸尿裤"))
    assert any("漏" in name for name in named([], [*used, *LEAKS[:3]], "纸尿裤")), "half beside the parcel is not most"


def test_what_people_search_for_is_one_whatever_notes_say() -> None:
    assert any("漏" in name for name in named(["不漏洗发水"], LEAKS))


def test_the_colour_in_the_name_of_the_category_is_none() -> None:
    notes = ["太红了", "偏红", "有点红", "很红"]
    assert named([], notes, "口红") == set()
    assert named([], notes, "面霜") == {"红"}
