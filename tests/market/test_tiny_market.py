"""Two categories from raw rows to a stored run: every figure as it is counted by hand."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from gapfinder.analysis import analyze
from indexer.stores import open_store
from indexer.stores.memory import MemoryStore
from tests.backtest.market import write
from tests.market.conftest import Tiny
from tests.market.made import PRODUCTS, QUERIES, analyzed, bodies, chosen, read, rows

SEARCHES = {query: times for query, times, _ in QUERIES}


def points(tiny: Tiny) -> dict[tuple[str, str], dict[str, Any]]:
    return {(row["category"], row["selling_point"]): row for row in tiny.rows("selling_points")}


def market(tiny: Tiny, level: str) -> dict[str, dict[str, Any]]:
    return {row["name"]: row for row in tiny.rows("market") if row["level"] == level}


def test_the_points_are_those_that_were_written_in_order(tiny: Tiny) -> None:
    assert [(row["category"], row["selling_point"]) for row in tiny.rows("selling_points")] == [
        ("洗发水", "去屑"), ("洗发水", "控油"), ("纸尿裤", "缓解红屁股"), ("纸尿裤", "透气"), ("纸尿裤", "侧漏"),
    ]  # fmt: skip


def test_underserved_points_come_first_then_the_surest_unmet(tiny: Tiny) -> None:
    for one, other in pairwise(tiny.rows("selling_points")):
        if one["category"] == other["category"]:
            order = [
                (not row["underserved"], -round(row["unmet_low"]), -row["demand_per_week"]) for row in (one, other)
            ]
            assert order == sorted(order)


@pytest.mark.parametrize(
    ("point", "searches", "demand", "notes", "supply", "share"),
    [
        (("纸尿裤", "缓解红屁股"), 50, 0.5, 2, 2.0, 2 / 19),
        (("纸尿裤", "透气"), 40, 0.4, 12, 11.0, 11 / 19),  # two of them are filed advertising, half as visible
        (("纸尿裤", "侧漏"), 10, 0.1, 6, 6.0, 6 / 19),  # a seventh repeats one of them
        (("洗发水", "去屑"), 80, 0.8, 19, 19.0, 19 / 24),
        (("洗发水", "控油"), 20, 0.2, 5, 5.0, 5 / 24),
    ],
)
def test_shares_are_right_to_the_digit(
    tiny: Tiny, point: tuple[str, str], searches: int, demand: float, notes: int, supply: float, share: float
) -> None:
    row = points(tiny)[point]
    assert (row["searches"], row["searchers"], row["demand_per_week"]) == (searches, searches, searches / 4)
    assert (row["demand_share"], row["notes"], row["supply"]) == (demand, notes, supply)
    assert row["supply_share"] == round(share, 4)
    assert row["lift"] == pytest.approx(demand / share, abs=5e-4)
    assert row["lift_low"] < row["lift"] < row["lift_high"]
    assert row["underserved"] == (row["lift_low"] > 1.1) == (point[1] == "缓解红屁股")


def test_wordings_of_one_point_are_brought_together(tiny: Tiny) -> None:
    found = points(tiny)
    assert found["纸尿裤", "缓解红屁股"]["variants"] == ["红屁股", "缓解红屁股"], "most searched first"
    assert found["洗发水", "去屑"]["variants"] == ["去屑", "头屑"]


def test_unmet_searches_are_the_sum_over_the_queries(tiny: Tiny) -> None:
    gaps = {gap["keyword"]: gap for gap in tiny.rows("gaps")}
    for row in tiny.rows("selling_points"):
        own = [gaps[one["keyword"]] for one in row["keywords"]]
        assert sum(gap["searches"] for gap in own) == row["searches"]
        assert row["unmet_per_week"] == pytest.approx(sum(gap["unmet_per_week"] for gap in own), abs=1e-3)
        assert row["unmet_low"] <= row["unmet_per_week"] <= row["unmet_high"] <= row["demand_per_week"] * 1.4
        for one, gap in zip(row["keywords"], own, strict=True):
            assert {name: gap[name] for name in one} == one, "a keyword is what its gap says"
    missing = points(tiny)["纸尿裤", "缓解红屁股"]
    assert missing["unmet_per_week"] == pytest.approx(12.5, rel=0.05), "nobody was answered"
    assert missing["gap_kind"] != "met"
    assert "要的人多、写的人少" in missing["reason"]
    assert all(row["gap_kind"] == "met" for key, row in points(tiny).items() if key[1] != "缓解红屁股")


def test_evidence_is_the_very_queries_and_notes(tiny: Tiny) -> None:
    titles = {note["note_id"]: note["title"] for note in rows()["note"]}
    for (_, point), row in points(tiny).items():
        queries = {query["query"]: query["searches"] for query in row["evidence_queries"]}
        assert queries == {query: SEARCHES[query] for query in queries}
        assert sum(queries.values()) == row["searches"]
        word = {"缓解红屁股": "红屁股"}.get(point, point)
        assert all(word in titles[note["note_id"]] for note in row["evidence_notes"])
        assert 0 < len(row["evidence_notes"]) <= row["notes"]


def test_products_claim_points_and_brands_own_them(tiny: Tiny) -> None:
    found = points(tiny)
    claims = {
        point: [one["product_id"] for one in row["products"] if one["claims"]] for (_, point), row in found.items()
    }
    assert claims == {"去屑": ["p1"], "透气": ["p2"], "控油": [], "缓解红屁股": [], "侧漏": []}
    (owner,) = found["洗发水", "去屑"]["brands"]
    assert (owner["brand"], owner["notes"], owner["share"]) == ("麦洛", 4, 1.0)
    (theirs, untapped) = market(tiny, "brand")["麦洛"]["points"]
    assert (theirs["selling_point"], theirs["standing"], theirs["notes"]) == ("去屑", "theirs", 4)
    assert (untapped["selling_point"], untapped["standing"]) == ("控油", "untapped")


def test_categories_brands_and_products_have_their_figures(tiny: Tiny) -> None:
    categories, brands = market(tiny, "category"), market(tiny, "brand")
    assert list(categories) == ["纸尿裤", "洗发水"], "most searched first"
    figures = {
        name: (row["searches"], row["searchers"], row["notes"], row["supply"]) for name, row in categories.items()
    }
    assert figures == {"纸尿裤": (125, 125, 28, 27.0), "洗发水": (115, 115, 24, 24.0)}
    assert categories["纸尿裤"]["share_of_search"]["share"] == round(125 / 240, 4)
    assert categories["纸尿裤"]["share_of_voice"]["share"] == round(27 / 51, 4)
    assert [row["too_little"] for row in categories.values()] == [0, 0]
    assert (brands["麦洛"]["searches"], brands["麦洛"]["notes"]) == (15, 4)
    assert brands["麦洛"]["share_of_search"]["share"] == 1.0
    assert brands["云朵熊"]["share_of_search"] == {"share": None, "low": None, "high": None}
    assert categories["洗发水"]["tail"]["brands"] == 1
    assert [row["product_id"] for row in market(tiny, "product").values()] == [one["product_id"] for one in PRODUCTS]


def test_the_planted_audience_is_told(tiny: Tiny) -> None:
    (first,) = points(tiny)["纸尿裤", "缓解红屁股"]["audiences"]
    assert (first["audience"], first["searchers"], first["share"], first["found"]) == ("孕妈", 45, 0.9, False)
    assert first["lift_low"] > 3
    assert first["category_lift"] > first["lift"], "hardly anybody else of the category is expecting"
    keywords = {row["keyword"]: row for row in tiny.rows("audiences")}
    assert [one["audience"] for one in keywords["红屁股纸尿裤"]["audiences"]] == ["孕妈"]
    assert keywords["侧漏纸尿裤"]["flags"] == ["few_searchers"]
    assert keywords["侧漏纸尿裤"]["grouped"] == 10
    assert list(keywords) == [gap["keyword"] for gap in tiny.rows("gaps")], "in the order of the gaps"


def test_a_manifest_says_what_the_market_holds(tiny: Tiny) -> None:
    assert tiny.info.manifest["market"] == {
        "categories": 2, "brands": 2, "products": 2, "points": 5, "groups": 2, "queries_with_category": 9,
    }  # fmt: skip


def test_a_directory_and_a_second_run_give_the_same_bytes(tiny: Tiny, tmp_path: Path) -> None:
    expected = bodies(tiny.store, tiny.info.run)
    assert bodies(tiny.store, analyze(tiny.store, chosen()).info.run) == expected
    with open_store(str(tmp_path / "store"), create=True) as store:
        info = analyzed(store)
        assert (info.run, info.manifest) == (tiny.info.run, tiny.info.manifest)
        assert bodies(store, info.run) == expected


def test_the_order_of_the_rows_changes_nothing(tiny: Tiny) -> None:
    store = MemoryStore()
    write(store, {record: values[::-1] for record, values in rows().items()})
    info = analyze(store, chosen()).info
    assert bodies(store, info.run) == bodies(tiny.store, tiny.info.run)


def test_one_category_alone_shows_its_own_keywords_and_the_same_points(tiny: Tiny) -> None:
    info = analyze(tiny.store, chosen(category="纸尿裤")).info
    own = [row for row in tiny.rows("selling_points") if row["category"] == "纸尿裤"]
    found = [row for row in read(tiny.store, info.run, "selling_points") if row["category"] == "纸尿裤"]
    names = ("selling_point", "searches", "demand_share", "notes", "supply_share", "underserved")
    assert [{name: row[name] for name in names} for row in found] == [
        {name: row[name] for name in names} for row in own
    ]
    assert {row["category"] for row in read(tiny.store, info.run, "audiences")} == {"纸尿裤"}
    tiny.store.delete_run(info.run)
