"""The privacy floor counts people: what one person and some bots searched is shown nowhere."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from gapfinder.analysis import analyze
from gapfinder.market.public import (
    Limits,
    keys_of,
    published_audiences,
    published_market,
    published_points,
)
from gapfinder.market.stored import read_audiences, read_market, read_points
from gapfinder.older import whole_audience, whole_gap, whole_market_row, whole_point
from gapfinder.reporting.privacy import is_few, published
from gapfinder.runs import load_run
from indexer.stores.contract import RunInfo, Store
from indexer.stores.memory import MemoryStore
from tests.backtest.market import Rows, moment, write
from tests.market.made import chosen, rows
from tests.reporting.made_run import made_run

POINT, BRAND = "止痒洗发水", "奶团团"
PEOPLE = {POINT: 4, f"{BRAND}纸尿裤": 4, "护色洗发水": 5}
BOTS = 6


def with_bots() -> Rows:
    """The tiny market, with queries of four or five people and of bots, which search other things all day, too."""
    made = rows()
    asked = [(query, f"p{query}{n}", n) for query, people in PEOPLE.items() for n in range(people)]
    for bot in range(BOTS):
        asked += [(query, f"bot{bot}", n) for query in PEOPLE for n in range(4)]
        asked += [("手机壳", f"bot{bot}", n) for n in range(12)]
    more = [
        {
            "search_id": f"m{number:05d}",
            "query": query,
            "user_id": user,
            "searched_at": moment(3) + timedelta(hours=8, minutes=turn, seconds=number),
            "results": [],
        }
        for number, (query, user, turn) in enumerate(asked)
    ]
    common = {"author_id": "z", "published_at": moment(-9), "likes": 1, "content": "东南西北" * 9}
    notes = [{**common, "note_id": f"x{n}", "title": f"止痒护色洗发水日记{n}"} for n in range(4)]
    product = {"product_id": "p9", "name": f"{BRAND}薄睡纸尿裤", "brand": BRAND, "category": "纸尿裤"}
    return {
        **made,
        "search": [*made["search"], *more],
        "note": [*made["note"], *notes],
        "product": [*made["product"], product],
    }


@pytest.fixture(scope="module")
def run() -> tuple[Store, RunInfo]:
    store = MemoryStore()
    write(store, with_bots())
    info = analyze(store, chosen(user_day_queries=20, min_searches=1, min_searchers=1)).info
    return store, info


def shown(run: tuple[Store, RunInfo]) -> tuple[set[str], Limits]:
    keywords = {gap["keyword"] for gap in published(load_run(*run_of(run))).gaps}
    return keywords, Limits.of(run[1], keywords)


def run_of(run: tuple[Store, RunInfo]) -> tuple[Store, str]:
    return run[0], run[1].run


def test_bots_are_searchers_and_no_people(run: tuple[Store, RunInfo]) -> None:
    gaps = {gap["keyword"]: gap for gap in load_run(*run_of(run)).gaps}
    for query, people in PEOPLE.items():
        gap = gaps[query]
        assert (gap["searchers"], gap["people"]) == (people + BOTS, people)
        (evidence,) = gap["evidence_queries"]
        assert (evidence["searchers"], evidence["people"]) == (people + BOTS, people)
    points = {row["selling_point"]: row for row in read_points(*run)}
    assert (points["止痒"]["searchers"], points["止痒"]["people"]) == (4 + BOTS, 4)
    assert (points["护色"]["searchers"], points["护色"]["people"]) == (5 + BOTS, 5)
    (brand,) = [row for row in read_market(*run, "brand") if row["name"] == BRAND]
    assert (brand["searchers"], brand["people"]) == (4 + BOTS, 4)


def test_what_four_people_and_six_bots_searched_is_not_shown(run: tuple[Store, RunInfo]) -> None:
    keywords, limits = shown(run)
    assert "护色洗发水" in keywords
    assert not keywords & {POINT, f"{BRAND}纸尿裤"}
    points = list(published_points(read_points(*run), limits))
    assert "护色" in {row["selling_point"] for row in points}
    assert "止痒" not in {row["selling_point"] for row in points}
    rows = {row["name"]: row for row in published_market(read_market(*run), limits, keys_of(points))}
    assert (rows[BRAND]["searches"], rows[BRAND]["people"], rows[BRAND]["flags"]) == (0, 0, ["few_searchers"])
    assert POINT not in {row["keyword"] for row in published_audiences(read_audiences(*run), limits)}


def test_runs_that_did_not_tell_bots_apart_go_by_what_they_have(run: tuple[Store, RunInfo]) -> None:
    def without(found: Any) -> Any:
        if isinstance(found, dict):
            return {name: without(value) for name, value in found.items() if name != "people"}
        return [without(one) for one in found] if isinstance(found, list) else found

    def older() -> Iterator[Any]:
        yield whole_gap(without(dict(made_run().gaps[0])))
        yield whole_point(without(dict(read_points(*run)[0])))
        yield whole_market_row(without(dict(read_market(*run)[0])))
        yield whole_audience(without(dict(read_audiences(*run)[0])))

    for row in older():
        assert row["people"] is None
        for query in row.get("evidence_queries", []):
            assert query["people"] is None
    assert is_few(4, None, 5)
    assert not is_few(5, None, 5)
    assert is_few(9, 4, 5)
    assert not is_few(9, 5, 5)
    assert not is_few(None, None, 5)
