"""A market with a tree of categories, from raw rows to a stored run and what is read of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gapfinder.analysis import analyze
from gapfinder.market.branches import branch, brands_of, in_tree_order, widest
from gapfinder.market.results import MarketRow
from gapfinder.market.stored import read_category_names, read_market, read_points, weeks_of
from gapfinder.older import whole_market_row
from gapfinder.runs import read_gaps
from indexer.errors import DataError, NotFoundError, UsageError
from indexer.stores import open_store
from indexer.stores.contract import RunInfo, Store
from indexer.stores.memory import MemoryStore
from tests.backtest.market import write
from tests.market.made import bodies, chosen, read
from tests.market.made_tree import analyzed, rows

PLACE = ("parent", "path", "depth", "children")
BETWEEN = (
    "share_of_search",
    "share_of_voice",
    "audiences",
)  # what is told against those beside it, or of a family of tests


class Grown:
    """The market with a tree, analyzed in a store in memory."""

    def __init__(self, *, tree: bool = True) -> None:
        self.store: Store = MemoryStore()
        self.info: RunInfo = analyzed(self.store, tree=tree)
        self.rows = read_market(self.store, self.info)

    def category(self, name: str) -> MarketRow:
        return next(row for row in self.rows if row["level"] == "category" and row["name"] == name)


@pytest.fixture(scope="module")
def grown() -> Grown:
    return Grown()


@pytest.fixture(scope="module")
def flat() -> Grown:
    return Grown(tree=False)


@pytest.mark.parametrize(
    ("name", "parent", "path", "children"),
    [
        ("母婴", None, ["母婴"], 2),
        ("尿裤", "母婴", ["母婴", "尿裤"], 1),
        ("纸尿裤", "尿裤", ["母婴", "尿裤", "纸尿裤"], 0),
        ("湿巾", "母婴", ["母婴", "湿巾"], 0),
        ("洗发水", "洗护", ["个护", "洗护", "洗发水"], 0),
    ],
)
def test_rows_say_where_they_stand(grown: Grown, name: str, parent: str | None, path: list[str], children: int) -> None:
    row = grown.category(name)
    assert (row["parent"], row["path"], row["depth"], row["children"]) == (parent, path, len(path) - 1, children)


def test_what_stands_below_is_in_the_figures_of_what_stands_above(grown: Grown) -> None:
    # 133 searches of 纸尿裤, 66 of 湿巾, 20 that name 母婴, 12 of a brand that sells both; 15 people asked for both.
    row = grown.category("母婴")
    assert (row["searches"], row["searchers"]) == (133 + 66 + 20 + 12, 133 + 66 + 20 + 12 - 15)
    assert row["demand_per_week"] == row["searches"] / 4
    below = [grown.category(name) for name in ("尿裤", "湿巾")]
    own = row["notes"] - sum(one["notes"] for one in below)
    assert own == 5, "those that name 母婴 and say no more"
    assert row["trend"]["weekly"] == [
        a + b + c for a, b, c in zip(*(one["trend"]["weekly"] for one in below), _weekly(grown, 20 + 12), strict=True)
    ]
    assert grown.category("尿裤")["searches"] == grown.category("纸尿裤")["searches"], "nobody names it alone"
    assert grown.category("尿裤")["tail"] == grown.category("纸尿裤")["tail"]
    assert row["tail"] is not None
    assert row["tail"]["brands"] == 1, "one brand in two categories is one"


def _weekly(grown: Grown, searches: int) -> list[int]:
    """What is left of 母婴 when what stands below is taken away sums up to its own searches."""
    below = [grown.category(name)["trend"]["weekly"] for name in ("尿裤", "湿巾")]
    left = [whole - a - b for whole, a, b in zip(grown.category("母婴")["trend"]["weekly"], *below, strict=True)]
    assert sum(left) == searches
    assert min(left) >= 0
    return left


def test_shares_are_taken_among_those_beside_it(grown: Grown) -> None:
    mother, wipes, diapers = (grown.category(name) for name in ("母婴", "湿巾", "尿裤"))
    assert mother["share_of_search"]["share"] == round(231 / (231 + 115), 4)
    assert wipes["share_of_search"]["share"] == round(66 / (66 + 133), 4)
    assert diapers["share_of_voice"]["share"] == round(diapers["supply"] / (diapers["supply"] + wipes["supply"]), 4)
    assert grown.category("纸尿裤")["share_of_search"]["share"] == 1.0, "nothing stands beside it"


def test_a_tree_takes_nothing_from_what_stands_below(grown: Grown, flat: Grown) -> None:
    def leaves(one: Grown) -> dict[Any, dict[str, Any]]:
        names = {"纸尿裤", "洗发水", "湿巾"}
        return {
            (row["level"], row["name"], row["category"]): {
                name: value for name, value in row.items() if name not in PLACE and name not in BETWEEN
            }
            for row in one.rows
            if row["category"] in names
        }

    assert leaves(grown) == leaves(flat)
    points = [
        [{**row, "audiences": []} for row in read(one.store, one.info.run, "selling_points")] for one in (grown, flat)
    ]
    assert points[0] == points[1]
    assert all((row["parent"], row["depth"], row["children"]) == (None, 0, 0) for row in flat.rows)
    assert all(row["path"] == [row["category"]] for row in flat.rows)


def test_a_brand_stands_once_in_a_branch_with_exact_sums(grown: Grown) -> None:
    mother = grown.category("母婴")
    (bear,) = brands_of(grown.rows, mother, weeks_of(grown.info))
    own = [row for row in grown.rows if row["level"] == "brand" and row["name"] == "云朵熊"]
    assert {row["category"]: row["searches"] for row in own} == {"母婴": 12, "纸尿裤": 8, "湿巾": 6}
    for name in ("searches", "demand_per_week", "notes", "recent_notes", "supply"):
        assert bear[name] == sum(row[name] for row in own)
    assert (bear["searchers"], bear["people"]) == (None, None), "who searched in several categories would count twice"
    assert (bear["category"], bear["path"], bear["points"], bear["audiences"]) == ("母婴", ["母婴"], [], [])
    assert bear["trend"]["weekly"] == [sum(week) for week in zip(*(row["trend"]["weekly"] for row in own), strict=True)]
    assert bear["share_of_search"]["share"] == 1.0
    assert bear["share_of_search"]["low"] is not None
    (alone,) = brands_of(grown.rows, grown.category("尿裤"), weeks_of(grown.info))
    assert (alone["searches"], alone["searchers"]) == (8, 8), "of one category the people are known"
    assert brands_of(grown.rows, grown.category("纸尿裤"), 4.0) == [row for row in own if row["category"] == "纸尿裤"]


def test_the_order_of_the_tree(grown: Grown) -> None:
    names = [row["name"] for row in in_tree_order(grown.rows)]
    assert names == ["母婴", "尿裤", "纸尿裤", "湿巾", "个护", "洗护", "洗发水"]
    assert [row["name"] for row in widest(grown.rows, 4)] == ["母婴", "尿裤", "湿巾", "个护"]
    assert [row["name"] for row in branch(grown.rows, " 母嬰")] == ["母婴", "尿裤", "纸尿裤", "湿巾"]
    assert branch(grown.rows, "口红") == []


def test_points_of_a_branch_name_their_category(grown: Grown) -> None:
    found = read_points(grown.store, grown.info, "母婴")
    assert {(row["category"], row["selling_point"]) for row in found} == {
        ("湿巾", "加厚"), ("纸尿裤", "缓解红屁股"), ("纸尿裤", "透气"), ("纸尿裤", "侧漏"),
    }  # fmt: skip
    keys = [(not row["underserved"], -round(row["unmet_low"]), -row["demand_per_week"]) for row in found]
    assert keys == sorted(keys)
    assert read_points(grown.store, grown.info, "尿裤") == read_points(grown.store, grown.info, "纸尿裤")


def test_too_little_data_of_a_branch_is_said_by_category() -> None:
    store = MemoryStore()
    info = analyzed(store, point_searches=120)
    assert {row["category"] for row in read_points(store, info, "母婴")} == {"纸尿裤"}, "one has enough"
    assert next(row for row in read_market(store, info) if row["name"] == "母婴")["too_little"] == 0
    with pytest.raises(DataError, match="too little data for selling points of '湿巾': 54 more searches"):
        read_points(store, info, "湿巾")
    again = analyze(store, chosen(point_searches=1000)).info
    with pytest.raises(DataError, match=r"of '母婴': more searches are needed \(纸尿裤 867, 湿巾 934\)"):
        read_points(store, again, "母婴")


def test_a_keyword_belongs_to_a_branch_and_an_analysis_takes_it(grown: Grown) -> None:
    names = {gap["keyword"]: gap["category"] for gap in read_gaps(grown.store, grown.info)}
    assert names["母婴用品"] == "母婴"
    assert (names["纸尿裤推荐"], names["加厚湿巾"]) == ("纸尿裤", "湿巾")
    info = analyze(grown.store, chosen(category="母婴")).info
    some = {gap["keyword"] for gap in read_gaps(grown.store, info)}
    assert some == {name for name, category in names.items() if category in ("母婴", "尿裤", "纸尿裤", "湿巾")}
    assert {row["category"] for row in read_points(grown.store, info)} == {"纸尿裤", "湿巾"}
    assert read_category_names(grown.store, grown.info, "母嬰") == ["母婴", "尿裤", "纸尿裤", "湿巾"]
    assert read_category_names(grown.store, grown.info, "口红") == ["口红"]
    with pytest.raises(UsageError, match="there is no category '口红'"):
        analyze(grown.store, chosen(category="口红"))
    with pytest.raises(NotFoundError, match="no category '口红'"):
        read_points(grown.store, grown.info, "口红")


def test_a_directory_gives_the_same_bytes(grown: Grown, tmp_path: Path) -> None:
    with open_store(str(tmp_path / "store"), create=True) as store:
        write(store, rows())
        info = analyze(store, chosen()).info
        assert bodies(store, info.run) == bodies(grown.store, grown.info.run)


def test_rows_of_older_runs_stand_beside_each_other(grown: Grown) -> None:
    old = [{name: value for name, value in row.items() if name not in PLACE} for row in grown.rows]
    found = [whole_market_row(row) for row in old]
    assert all((row["parent"], row["depth"], row["children"]) == (None, 0, 0) for row in found)
    assert all(row["path"] == [row["category"]] for row in found)
    assert [row["name"] for row in in_tree_order(found)] == [row["name"] for row in found if row["level"] == "category"]


def test_what_is_searched_often_stands_in_a_tree_without_a_catalogue() -> None:
    store = MemoryStore()
    searches = [
        {**row, "search_id": f"{row['search_id']}{query}", "query": query}
        for query in ("电动牙刷推荐", "牙刷推荐", "手机壳推荐")
        for row in rows()["search"][:60]
    ]
    write(store, {"search": searches, "note": rows()["note"]})
    info = analyze(store, chosen()).info
    found = {row["name"]: (row["parent"], row["searches"]) for row in read_market(store, info, "category")}
    assert found["电动牙刷"] == ("牙刷", 60)
    assert found["牙刷"] == (None, 120)
    assert found["手机壳"] == (None, 60)


def test_what_a_category_lacks_itself_is_said_where_it_is_less_than_below() -> None:
    store = MemoryStore()
    products = [
        {"product_id": f"p{n}", "name": f"商品{n}", "category": name} for n, name in enumerate(("纸尿裤", "成人纸尿裤"))
    ]
    write(store, {**rows(), "product": products})
    info = analyze(store, chosen(point_searches=1000)).info
    with pytest.raises(DataError, match=r"of '纸尿裤': more searches are needed \(纸尿裤 \d+, 成人纸尿裤 1,000\)"):
        read_points(store, info, "纸尿裤")


def test_hostile_paths_make_a_tree_all_the_same() -> None:
    deep = ">".join(f"级{level}" for level in range(200))
    texts = [
        "甲类>乙类", "乙类>甲类", "丙类>甲类>丙类", "纸尿裤>纸尿裤", ">>", " / ", "<b>纸尿裤</b>", "母婴>>纸尿裤>",
        "湿" * 160, deep, f"{'婴' * 80}>{'母' * 80}", "其他>其它", "=1+1>@x", "洗发水>氨基酸洗发水>洗发水",
    ]  # fmt: skip
    products = [{"product_id": f"p{n}", "name": f"商品{n}", "category": text} for n, text in enumerate(texts)]
    store = MemoryStore()
    write(store, {**rows(), "product": products})
    found = read_market(store, analyze(store, chosen()).info)
    categories = {row["name"]: row for row in found if row["level"] == "category"}
    assert len(in_tree_order(found)) == len(categories) == sum(row["level"] == "category" for row in found)
    for name, row in categories.items():
        assert row["path"][-1] == name
        assert len(set(row["path"])) == len(row["path"]) == row["depth"] + 1 <= 10
        assert row["parent"] == (row["path"][-2] if row["depth"] else None)
        below = [one for one in categories.values() if one["parent"] == name]
        assert row["children"] == len(below)
        for figure in ("searches", "notes", "recent_notes"):
            assert row[figure] >= sum(one[figure] for one in below)
    assert {row["category"] for row in found} <= set(categories) | {None}
    assert categories["洗发水"]["path"] == ["氨基酸洗发水", "洗发水"], "the path goes before the name"
    assert not {">>", "/", ""} & set(categories)
