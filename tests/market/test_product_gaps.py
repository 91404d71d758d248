"""What the notes about one product leave unanswered, by selling point and keyword."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import pytest

from gapfinder.analysis import analyze
from gapfinder.market.product_metrics import PRODUCT_GAP_METRICS
from gapfinder.market.results import ProductGap
from gapfinder.market.stored import read_product_gaps
from indexer.errors import NotFoundError
from indexer.stores.memory import MemoryStore
from tests.backtest.market import write
from tests.market.conftest import Tiny
from tests.market.made import PRODUCTS, chosen, read, rows


def test_every_column_declares_itself() -> None:
    assert list(PRODUCT_GAP_METRICS) == list(ProductGap.__annotations__)
    assert all(metric.method.endswith("。") and metric.formula for metric in PRODUCT_GAP_METRICS.values())


def test_a_point_is_crossed_with_its_keywords_and_products(tiny: Tiny) -> None:
    cells = defaultdict(set)
    for row in tiny.rows("product_gaps"):
        cells[row["category"], row["selling_point"]].add((row["keyword"], row["product_id"]))
    points = {(row["category"], row["selling_point"]): row for row in tiny.rows("selling_points")}
    for key, point in points.items():
        keywords = {one["keyword"] for one in point["keywords"]}
        products = {one["product_id"] for one in point["products"]}
        assert cells[key] == {(keyword, product) for keyword in keywords for product in products}
    assert cells["洗发水", "去屑"] == {("去屑洗发水", "p1"), ("头屑洗发水", "p1")}


def test_what_the_market_leaves_unmet_a_product_leaves_unmet(tiny: Tiny) -> None:
    gaps = {gap["keyword"]: gap for gap in tiny.rows("gaps")}
    found = tiny.rows("product_gaps")
    assert found
    for row in found:
        gap = gaps[row["keyword"]]
        assert (row["market_unmet_per_week"], row["market_gap_kind"]) == (gap["unmet_per_week"], gap["gap_kind"])
        assert (row["searches"], row["demand_per_week"]) == (gap["searches"], gap["demand_per_week"])
        for name in ("unmet_probability", "unmet_per_week", "unmet_low", "unmet_high"):
            assert row[name] >= gap[name] - 1e-4, name
        assert row["unmet_low"] <= row["unmet_per_week"] <= row["unmet_high"]


def test_notes_about_the_product_answer_and_those_of_others_do_not(tiny: Tiny) -> None:
    found = {(row["keyword"], row["product_id"]): row for row in tiny.rows("product_gaps")}
    written, unwritten = found["去屑洗发水", "p1"], found["透气纸尿裤", "p2"]
    assert written["market_gap_kind"] == unwritten["market_gap_kind"] == "met"
    assert (written["notes"], written["claims"]) == (4, True), "they name its brand with what it claims"
    assert written["unmet_probability"] < 0.5 * unwritten["unmet_probability"]
    assert (unwritten["notes"], unwritten["supply"], unwritten["gap_kind"]) == (0, 0.0, "missing")
    assert unwritten["unmet_per_week"] > 0.9 * unwritten["demand_per_week"]


def test_a_note_is_filed_under_its_product() -> None:
    """With all notes on the point filed under one product, it leaves no more unmet than the whole market."""
    made = rows()
    for note in made["note"]:
        if "透气" in note["title"]:
            note["product_id"] = "p2"
    store = MemoryStore()
    write(store, made)
    info = analyze(store, chosen()).info
    [row] = [row for row in read(store, info.run, "product_gaps") if row["keyword"] == "透气纸尿裤"]
    assert row["notes"] >= 10
    assert row["gap_kind"] == "met"
    assert row["unmet_per_week"] == pytest.approx(row["market_unmet_per_week"], abs=0.5)
    [product] = [row for row in read(store, info.run, "market") if row["product_id"] == "p2"]
    assert product["notes"] == 12, "a copy would count once, and filed advertising counts as a note"
    assert product["brand"] == PRODUCTS[1]["brand"]


def test_gaps_are_found_by_name_id_or_brand(tiny: Tiny) -> None:
    def found(**asked: Any) -> list[str]:
        return [row["product_id"] for row in read_product_gaps(tiny.store, tiny.info, **asked)]

    every = found()
    assert set(every) == {"p1", "p2"}
    assert found(product="麦洛氨基酸洗发水") == found(product="P1") == found(product=" 麦洛 ") == ["p1", "p1"]
    assert found(category="纸尿裤") == ["p2"]
    with pytest.raises(NotFoundError, match="no product '麦落'") as caught:
        found(product="麦落")
    assert caught.value.hint is not None
    with pytest.raises(NotFoundError):
        found(product="")
