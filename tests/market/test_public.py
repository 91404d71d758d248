"""What of a market may be shown to others."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gapfinder.market.public import (
    FEW_SEARCHERS,
    Limits,
    keys_of,
    published_audiences,
    published_market,
    published_points,
    published_suggestions,
    published_together,
)
from gapfinder.market.results import MarketRow
from gapfinder.reporting.privacy import MASK, QUERIES_HIDDEN, published
from tests.api.made_market import (
    FEW_BRAND,
    FEW_NAME,
    FEW_POINT,
    KEYWORD,
    SECRETS,
    made_audience,
    made_audiences,
    made_point,
    made_points,
    made_row,
    made_rows,
    made_suggestions,
    made_together,
)
from tests.reporting.made_run import NO_USERS, PHONE, RARE, made_info, made_run

SHOWN = {gap["keyword"] for gap in published(made_run()).gaps}
LIMITS = Limits.of(made_info(), SHOWN)


def _text(rows: Iterable[Any]) -> str:
    return json.dumps(list(rows), ensure_ascii=False)


def _market(**changes: Any) -> MarketRow:
    [row] = published_market([made_row("云朵熊", "brand", **changes)], LIMITS, {("纸尿裤", "缓解红屁股")})
    return row


def test_limits_are_those_of_the_run() -> None:
    assert (LIMITS.floor, LIMITS.point_searches) == (5, 300)
    other = Limits.of(made_info(settings={"privacy_floor": 9.0, "point_searches": 50}), ())
    assert (other.floor, other.point_searches) == (9, 50)


def test_no_secret_is_in_anything_that_is_shown() -> None:
    points = list(published_points(made_points(), LIMITS))
    names = {one["name"] for one in made_suggestions()}
    shown = [
        *points,
        *published_audiences(made_audiences(made_run()), LIMITS),
        *published_market(made_rows(), LIMITS, keys_of(points), names),
        *published_suggestions(made_suggestions(), LIMITS),
        *published_together(made_together(), LIMITS),
    ]
    text = _text(shown)
    whole = [made_points(), made_audiences(made_run()), made_rows(), made_suggestions(), made_together()]
    for secret in SECRETS:
        assert secret not in text
        assert secret in _text(whole)


def test_what_is_given_stays_as_it_was() -> None:
    before = _text([made_points(), made_rows(), made_suggestions(), made_together(), made_audiences(made_run())])
    given_ = [made_points(), made_rows(), made_suggestions(), made_together(), made_audiences(made_run())]
    list(published_points(given_[0], LIMITS))  # type: ignore[arg-type]  # rows of several kinds in one list
    list(published_market(given_[1], LIMITS, ()))  # type: ignore[arg-type]  # likewise
    list(published_suggestions(given_[2], LIMITS))  # type: ignore[arg-type]  # likewise
    list(published_together(given_[3], LIMITS))  # type: ignore[arg-type]  # likewise
    list(published_audiences(given_[4], LIMITS))  # type: ignore[arg-type]  # likewise
    assert _text(given_) == before


def test_a_point_that_few_people_searched_is_left_out() -> None:
    names = [row["selling_point"] for row in published_points(made_points(), LIMITS)]
    assert names == ["缓解红屁股", "夜用", "柔软", "控油", "留香"], "nobody searched one, of another nobody is known"
    assert list(published_points([made_point("加微信 mama_2020x")], LIMITS)) == []


@given(searchers=st.none() | st.integers(0, 12), floor=st.integers(1, 12))
def test_the_floor_is_where_a_point_begins_to_be_shown(searchers: int | None, floor: int) -> None:
    found = list(published_points([made_point("夜用", searchers=searchers)], replace(LIMITS, floor=floor)))
    assert bool(found) == (searchers is None or searchers >= floor)


def test_of_a_point_its_rare_parts_are_left_out() -> None:
    [row] = published_points([made_point("缓解红屁股")], LIMITS)
    assert [query["query"] for query in row["evidence_queries"]] == ["缓解红屁股 纸尿裤"]
    assert row["variants"] == ["缓解红屁股", "缓解红屁股纸尿裤"], "nothing that is shown says the third"
    assert [one["keyword"] for one in row["keywords"]] == [KEYWORD]
    assert [one["audience"] for one in row["audiences"]] == ["孕妈"]
    assert row["audiences"][0]["evidence_queries"] == [KEYWORD, "拉拉裤"]
    assert row["flags"] == [QUERIES_HIDDEN]
    titles = [note["title"] for note in row["evidence_notes"]]
    assert any(MASK in title for title in titles)


def test_a_point_without_rare_parts_is_shown_whole() -> None:
    whole = made_point("缓解红屁股")
    for name in ("keywords", "evidence_queries"):
        whole[name] = whole[name][:1]
    whole["variants"], whole["evidence_notes"], whole["audiences"] = whole["variants"][:2], [], []
    assert list(published_points([whole], LIMITS)) == [whole]


def test_where_users_are_not_known_wordings_and_queries_are_shown() -> None:
    [row] = [row for row in published_points(made_points(), LIMITS) if row["selling_point"] == "控油"]
    assert row["variants"][-1] == "少见的说法"
    assert len(row["evidence_queries"]) == 1, "all but the personal one"


def test_audiences_are_those_of_keywords_that_are_shown() -> None:
    rows = {row["keyword"]: row for row in published_audiences(made_audiences(made_run()), LIMITS)}
    assert set(rows) == SHOWN
    assert not {RARE, PHONE} & set(rows)
    assert [one["audience"] for one in rows[KEYWORD]["audiences"]] == ["孕妈"]
    assert rows[NO_USERS]["searchers"] == 0, "not known"
    few = [{**row, "searchers": 4} for row in made_audiences(made_run())]
    assert list(published_audiences(few, LIMITS)) == []  # type: ignore[arg-type]  # a copy of a row is a row


@pytest.mark.parametrize("searchers", [1, 4])
def test_a_row_that_few_people_searched_stays_without_its_searches(searchers: int) -> None:
    row = _market(searches=9, searchers=searchers, flags=["ambiguous_name"])
    assert (row["searches"], row["searchers"], row["demand_per_week"]) == (0, 0, 0.0)
    assert row["share_of_search"] == {"share": None, "low": None, "high": None}
    assert (row["trend"]["direction"], row["trend"]["weekly"], row["audiences"]) == ("unknown", [], [])
    assert row["flags"] == ["ambiguous_name", FEW_SEARCHERS]
    assert (row["notes"], row["supply"], row["share_of_voice"]["share"]) == (60, 55.0, 0.3)
    assert _market(searches=9, searchers=searchers, flags=[FEW_SEARCHERS])["flags"] == [FEW_SEARCHERS]


@pytest.mark.parametrize(("searches", "searchers"), [(0, 0), (9, None), (9, 5)])
def test_a_row_of_nobody_of_unknown_people_or_of_enough_is_shown(searches: int, searchers: int | None) -> None:
    row = _market(searches=searches, searchers=searchers)
    assert (row["searches"], row["searchers"], row["flags"]) == (searches, searchers, [])


def test_points_that_are_not_shown_are_named_nowhere_in_the_market() -> None:
    points = list(published_points(made_points(), LIMITS))
    rows = list(published_market(made_rows(), LIMITS, keys_of(points)))
    assert rows[0]["rising_points"] == ["缓解红屁股"]
    assert [one["selling_point"] for one in rows[2]["points"]] == ["缓解红屁股"]
    assert FEW_POINT not in _text(rows)
    assert (rows[1]["rising_points"], rows[1]["too_little"]) == ([], 300), "as if nobody had searched"


def test_a_brand_that_only_rare_queries_name_is_left_out() -> None:
    names = {FEW_NAME, FEW_BRAND, "云朵熊"}
    shown = [row["name"] for row in published_market(made_rows(), LIMITS, (), names)]
    assert FEW_NAME not in shown
    assert FEW_BRAND in shown, "notes hold it"
    assert len(list(published_market(made_rows(), LIMITS, ()))) == len(made_rows()), "a catalogue's own"


def test_suggestions_keep_no_example_and_only_what_titles_or_shown_keywords_say() -> None:
    found = {row["name"]: row for row in published_suggestions(made_suggestions(), LIMITS)}
    assert set(found) == {"麦洛", "新生儿", "云朵熊云感纸尿裤", "缓解红屁股纸尿裤"}
    unsaid = found["云朵熊云感纸尿裤"]
    assert (unsaid["titles"], unsaid["searches"], unsaid["certainty"], unsaid["functions"]) == (3, 0, None, [])
    assert (found["缓解红屁股纸尿裤"]["certainty"], found["缓解红屁股纸尿裤"]["searches"]) == (0.8, 40)
    assert all(row["examples"] == [] for row in found.values())
    assert (found["麦洛"]["titles"], found["麦洛"]["queries"], found["麦洛"]["searches"]) == (3, 0, 0)
    assert (found["新生儿"]["queries"], found["新生儿"]["searches"]) == (4, 90)


def test_a_function_that_no_shown_keyword_holds_may_be_what_one_person_wanted() -> None:
    [row] = [row for row in made_suggestions() if row["name"] == "缓解红屁股纸尿裤"]
    rows = [row | {"functions": ["缓解红屁股", "便秘"]}]
    [shown] = published_suggestions(rows, LIMITS)
    assert shown["functions"] == ["缓解红屁股"]


def test_what_a_category_lacks_tells_nothing_of_a_hidden_one_below_it() -> None:
    few: dict[str, Any] = {"searches": 4, "searchers": 3, "people": 3, "too_little": 296, "depth": 1, "parent": "母婴"}
    mother = made_row("母婴", "category", "母婴", too_little=296, children=2)
    some = few | {"searches": 40, "searchers": 30, "people": 30, "too_little": 260}
    rows = [mother, made_row("湿巾", "category", "湿巾", **few), made_row("云朵熊", "brand")]
    shown = list(published_market(rows, LIMITS, set()))
    assert [row["too_little"] for row in shown] == [300, 300, 0]
    assert [row["name"] for row in shown] == ["母婴", "湿巾", "云朵熊"], "in their order"
    told = list(published_market([*rows[:2], made_row("尿裤", "category", "尿裤", **some)], LIMITS, set()))
    assert [row["too_little"] for row in told] == [260, 300, 260]
    assert mother["too_little"] == 296, "what is given stays as it was"


def test_neighbours_are_those_of_enough_people() -> None:
    [row] = published_together(made_together(), LIMITS)
    assert (row["keyword"], row["before"]) == (KEYWORD, [])
    assert [one["keyword"] for one in row["after"]] == ["拉拉裤"]
    lonely = made_together()[:1]
    lonely[0]["after"] = []
    assert list(published_together(lonely, LIMITS)) == []


def test_a_group_whose_name_looks_personal_is_left_out() -> None:
    [row] = published_points([made_point("夜用", audiences=[made_audience("微信 mama_2020x")])], LIMITS)
    assert row["audiences"] == []
