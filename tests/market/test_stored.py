"""The market part of a stored run, read back, and what is said where there is none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from gapfinder.analysis import analyze
from gapfinder.market.stored import (
    find_market,
    has_market,
    read_audience,
    read_audiences,
    read_market,
    read_points,
    read_suggestions,
    read_together,
)
from indexer.errors import DataError, NotFoundError
from indexer.stores.contract import RunInfo, Store
from indexer.stores.memory import MemoryStore
from tests.backtest.market import write
from tests.market.conftest import Tiny
from tests.market.made import analyzed, chosen, rows

READERS: list[Callable[[Store, RunInfo], object]] = [
    read_points, read_audiences, read_market, read_suggestions,
    lambda store, info: read_audience(store, info, "纸尿裤"),
    lambda store, info: read_together(store, info, "纸尿裤"),
    lambda store, info: find_market(store, info, "纸尿裤"),
]  # fmt: skip


def test_points_are_read_in_their_order(tiny: Tiny) -> None:
    assert [dict(row) for row in read_points(tiny.store, tiny.info)] == tiny.rows("selling_points")
    diapers = read_points(tiny.store, tiny.info, " 紙尿褲")
    assert [row["selling_point"] for row in diapers] == ["缓解红屁股", "透气", "侧漏"]


def test_a_category_that_is_not_there_is_answered_with_close_ones(tiny: Tiny) -> None:
    with pytest.raises(NotFoundError, match="no category '尿裤'") as close:
        read_points(tiny.store, tiny.info, "尿裤")
    assert close.value.hint == "close: 纸尿裤"
    with pytest.raises(NotFoundError) as far:
        read_points(tiny.store, tiny.info, "xyz")
    assert far.value.hint == "categories: 纸尿裤, 洗发水"


def test_a_category_with_too_few_searches_says_how_many_more_it_needs() -> None:
    store = MemoryStore()
    info = analyzed(store, point_searches=120)
    assert len(read_points(store, info, "纸尿裤")) == 3
    with pytest.raises(DataError, match="too little data for selling points of '洗发水': 5 more searches"):
        read_points(store, info, "洗发水")
    assert {row["category"] for row in read_points(store, info)} == {"纸尿裤"}, "no list of the other one is made"


def test_an_audience_is_read_by_its_keyword(tiny: Tiny) -> None:
    found = read_audience(tiny.store, tiny.info, "红屁股紙尿褲")
    assert found["keyword"] == "红屁股纸尿裤"
    assert found in read_audiences(tiny.store, tiny.info)
    with pytest.raises(NotFoundError, match="no keyword '红屁股尿裤'") as close:
        read_audience(tiny.store, tiny.info, "红屁股尿裤")
    assert "红屁股纸尿裤" in str(close.value.hint)


def test_market_rows_are_read_by_level_and_name(tiny: Tiny) -> None:
    levels = [row["level"] for row in read_market(tiny.store, tiny.info)]
    assert levels == ["category"] * 2 + ["brand"] * 2 + ["product"] * 2
    assert [row["name"] for row in read_market(tiny.store, tiny.info, "brand")] == ["麦洛", "云朵熊"]
    assert [row["level"] for row in find_market(tiny.store, tiny.info, "麥洛")] == ["brand"]
    assert [row["name"] for row in find_market(tiny.store, tiny.info, "P2")] == ["云朵熊星空拉拉裤"]
    with pytest.raises(NotFoundError, match="no '云朵'") as close:
        find_market(tiny.store, tiny.info, "云朵")
    assert str(close.value.hint).startswith("close: 云朵熊")


def test_what_nobody_searched_together_is_nothing(tiny: Tiny) -> None:
    assert read_together(tiny.store, tiny.info, "纸尿裤") is None, "each person searched once"
    assert read_suggestions(tiny.store, tiny.info) == []


def test_neighbours_are_read_with_their_lift() -> None:
    made = rows()
    red = [row for row in made["search"] if row["query"] == "红屁股纸尿裤"][:20]
    for number, row in enumerate(red):
        moment = row["searched_at"] + timedelta(minutes=2)
        made["search"].append({**row, "search_id": f"t{number}", "query": "透气纸尿裤", "searched_at": moment})
    store = MemoryStore()
    write(store, made)
    info = analyze(store, chosen()).info
    together = read_together(store, info, "红屁股纸尿裤")
    assert together is not None
    assert [(one["keyword"], one["people"], one["lift"]) for one in together["after"]] == [("透气纸尿裤", 20, 1.0)]
    other = read_together(store, info, "透气纸尿裤")
    assert other is not None
    assert [one["keyword"] for one in other["before"]] == ["红屁股纸尿裤"]


@pytest.mark.parametrize("reader", READERS)
def test_a_run_of_named_keywords_has_no_market_and_says_so(
    tiny: Tiny, reader: Callable[[Store, RunInfo], object]
) -> None:
    info = analyze(tiny.store, chosen(keywords=("红屁股纸尿裤",))).info
    assert not has_market(info)
    with pytest.raises(NotFoundError, match="named keywords only") as said:
        reader(tiny.store, info)
    assert said.value.hint == "run: gapfinder analyze"
    tiny.store.delete_run(info.run)


@pytest.mark.parametrize("reader", READERS)
def test_a_run_of_an_older_version_has_none_either(tiny: Tiny, reader: Callable[[Store, RunInfo], object]) -> None:
    older = {name: value for name, value in tiny.info.manifest.items() if name != "market"}
    with pytest.raises(NotFoundError, match="older version"):
        reader(tiny.store, replace(tiny.info, manifest=older))
    assert has_market(tiny.info)


@pytest.mark.parametrize("keyword", ["\udcff\udcfe", "", "没有这个词"])
def test_what_is_no_keyword_is_said(tiny: Tiny, keyword: str) -> None:
    with pytest.raises(NotFoundError, match="no keyword"):
        read_audience(tiny.store, tiny.info, keyword)
    assert read_together(tiny.store, tiny.info, keyword) is None


@pytest.mark.parametrize("name", ["", " ", "没有这个名字"])
def test_what_names_nothing_of_the_market_is_said(tiny: Tiny, name: str) -> None:
    with pytest.raises(NotFoundError, match="market has no"):
        find_market(tiny.store, tiny.info, name)


def test_an_analysis_of_one_category_tells_its_points_only() -> None:
    store = MemoryStore()
    info = analyzed(store, category="洗发水", point_searches=1)
    assert {row["category"] for row in read_points(store, info)} == {"洗发水"}


def test_a_log_without_any_need_has_no_points() -> None:
    store = MemoryStore()
    write(store, {**rows(), "search": [{**row, "query": "纸尿裤"} for row in rows()["search"]]})
    found = analyze(store, chosen(point_searches=1)).info
    assert not any(row["searches"] for row in read_points(store, found))
