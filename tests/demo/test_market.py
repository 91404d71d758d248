"""Selling points and audiences of the sample market, held against what was planted in it."""

from __future__ import annotations

import json
from collections import defaultdict
from itertools import pairwise
from typing import Any

import pytest

from gapfinder.market.results import KeywordAudience, MarketRow, SellingPoint
from gapfinder.market.stored import read_audiences, read_market, read_points, read_together
from gapfinder.runs import analyses
from indexer.stores import open_store

pytestmark = pytest.mark.xdist_group("market")

FIRST = 10  # points of a category that a person looks at


@pytest.fixture(scope="module")
def points(market_url: str) -> dict[str, list[SellingPoint]]:
    """The selling points of each category, in their order."""
    found: dict[str, list[SellingPoint]] = defaultdict(list)
    with open_store(market_url) as store:
        for row in read_points(store, analyses(store)[0]):
            found[row["category"]].append(row)
    return found


@pytest.fixture(scope="module")
def audiences(market_url: str) -> dict[str, KeywordAudience]:
    with open_store(market_url) as store:
        return {row["keyword"]: row for row in read_audiences(store, analyses(store)[0])}


def found_as(planted: dict[str, Any], rows: list[SellingPoint]) -> SellingPoint | None:
    """The point that a planted one was found as: the most searched of those of which a wording holds a form of it."""
    fitting = [
        row
        for row in rows
        if any(form in said for form in planted["forms"] for said in (row["selling_point"], *row["variants"]))
    ]
    return max(fitting, key=lambda row: (row["searches"], row["notes"]), default=None)


def test_planted_points_are_among_the_first_ten(points: dict[str, list[SellingPoint]], planted: dict[str, Any]) -> None:
    pairs = [
        (point, found_as(point, points[category][:FIRST]))
        for category, own in planted["selling_points"].items()
        for point in own
    ]
    assert len(pairs) == 32
    assert sum(found is not None for _, found in pairs) / len(pairs) >= 0.9


def distances(points: dict[str, list[SellingPoint]], planted: dict[str, Any], side: str) -> dict[str, float]:
    """Of each category how far the shares lie from the true ones, among the planted points alone."""
    found = {}
    for category, own in planted["selling_points"].items():
        pairs = [(point[side], row) for point in own if (row := found_as(point, points[category])) is not None]
        mine = [float(str(row[side] or 0)) for _, row in pairs]  # type: ignore[literal-required]
        true = [share for share, _ in pairs]
        missed = sum(point[side] for point in own) - sum(true)
        both = zip(mine, true, strict=True)
        off = sum(abs(one / sum(mine) - other / sum(true)) for one, other in both)
        found[category] = off + missed
    return found


def test_demand_shares_are_those_that_were_planted(
    points: dict[str, list[SellingPoint]], planted: dict[str, Any]
) -> None:
    found = distances(points, planted, "demand_share")
    assert {category: round(one, 3) for category, one in found.items() if one > 0.05} == {}


def test_supply_shares_are_near_those_that_were_planted(
    points: dict[str, list[SellingPoint]], planted: dict[str, Any]
) -> None:
    found = distances(points, planted, "supply_share")
    assert {category: round(one, 3) for category, one in found.items() if one > 0.25} == {}


@pytest.mark.parametrize("name", ["缓解红屁股", "不勒肚"])
def test_what_the_launch_should_speak_of_is_wanted_and_missing(
    points: dict[str, list[SellingPoint]], planted: dict[str, Any], name: str
) -> None:
    point = next(one for one in planted["selling_points"]["纸尿裤"] if one["selling_point"] == name)
    row = found_as(point, points["纸尿裤"])
    assert row is not None
    assert row["underserved"]
    assert row["gap_kind"] == "missing"
    assert row["lift_low"] is not None
    assert row["lift_low"] > 1
    assert row["unmet_per_week"] > 0.5 * row["demand_per_week"]
    assert points["纸尿裤"].index(row) < 4


def test_the_newborn_diaper_is_for_those_who_expect(audiences: dict[str, KeywordAudience]) -> None:
    first = audiences["新生儿纸尿裤"]["audiences"][0]
    assert first["audience"] == "孕妈"
    assert first["lift_low"] > 1


def test_planted_audiences_come_first(audiences: dict[str, KeywordAudience], planted: dict[str, Any]) -> None:
    """Of keywords with people enough that an audience can be told of them."""
    told = [
        (keyword["audience"], audiences[keyword["keyword"]]["audiences"][0]["audience"])
        for keyword in planted["keywords"]
        if keyword["keyword"] in audiences and audiences[keyword["keyword"]]["audiences"]
    ]
    enough = [one for one in planted["keywords"] if one["keyword"] in audiences and one["searches"] >= 100]
    assert len(told) >= 0.8 * len(enough)
    assert sum(true == found for true, found in told) / len(told) >= 0.9


def test_every_point_fits_together(points: dict[str, list[SellingPoint]]) -> None:
    for own in points.values():
        for one, other in pairwise(own):
            order = [
                (not row["underserved"], -round(row["unmet_low"]), -row["demand_per_week"]) for row in (one, other)
            ]
            assert order == sorted(order)
        assert sum(row["demand_share"] for row in own) == pytest.approx(1, abs=0.01)
        assert sum(row["supply_share"] or 0 for row in own) == pytest.approx(1, abs=0.01)
        for row in own:
            assert 0 <= row["unmet_low"] <= row["unmet_per_week"] <= row["unmet_high"]
            assert row["underserved"] <= (row["lift_low"] is not None and row["lift_low"] > 1)
            assert (row["supply_share"] is None) == ("not_searched" in row["flags"])
            assert sum(keyword["searches"] for keyword in row["keywords"]) <= row["searches"]
            assert json.loads(json.dumps(row)) == row


def test_levels_of_the_market_add_up(market_url: str, planted: dict[str, Any]) -> None:
    with open_store(market_url) as store:
        rows: list[MarketRow] = read_market(store, analyses(store)[0])
    categories = [row for row in rows if row["level"] == "category"]
    assert {row["name"] for row in categories} == set(planted["selling_points"])
    for share in ("share_of_search", "share_of_voice"):
        assert sum(row[share]["share"] or 0 for row in categories) == pytest.approx(1, abs=0.001)
    for category in categories:
        brands = [row for row in rows if row["level"] == "brand" and row["category"] == category["name"]]
        assert all(row["notes"] <= category["notes"] and row["searches"] <= category["searches"] for row in brands)
        assert category["tail"] is not None
        assert category["tail"]["brands"] == sum(row["notes"] > 0 for row in brands)


def test_what_is_searched_together_goes_both_ways(market_url: str) -> None:
    with open_store(market_url) as store:
        info = analyses(store)[0]
        together = read_together(store, info, "新生儿纸尿裤")
        assert together is not None
        assert together["after"]
        nearest = together["after"][0]
        other = read_together(store, info, nearest["keyword"])
    assert other is not None
    people = {one["keyword"]: one["people"] for one in other["before"]}
    assert people.get("新生儿纸尿裤", nearest["people"]) == nearest["people"] >= 5
