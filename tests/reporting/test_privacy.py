"""Reports and HTTP show nothing few people searched and nothing that looks personal."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gapfinder.reporting.html import render_report
from gapfinder.reporting.privacy import QUERIES_HIDDEN, looks_personal, masked, published
from gapfinder.runs import Run
from tests.reporting.made_run import (
    NO_USERS,
    PHONE,
    PHONE_QUERY,
    RARE,
    RARE_QUERY,
    made_gap,
    made_info,
    made_run,
)


def test_rare_and_personal_keywords_are_left_out_and_counted() -> None:
    run = made_run()
    shown = published(run)
    keywords = {gap["keyword"] for gap in shown.gaps}
    assert {gap["keyword"] for gap in run.gaps} - keywords == {RARE, PHONE}
    assert shown.hidden_keywords == 2
    assert NO_USERS in keywords, "where users are unknown there is no floor to fall below"


def test_rare_and_personal_queries_are_left_out_and_the_row_says_so() -> None:
    for gap in published(made_run()).gaps:
        queries = {query["query"] for query in gap["evidence_queries"]}
        assert PHONE_QUERY not in queries
        assert (RARE_QUERY in queries) == (gap["keyword"] == NO_USERS)
        assert QUERIES_HIDDEN in gap["flags"]


def test_the_run_itself_is_not_changed() -> None:
    run = made_run()
    published(run)
    assert run == made_run()


def test_a_variant_nobody_counted_the_people_of_is_not_shown() -> None:
    gap = made_gap(1, "纸尿裤", "weak")
    gap["variants"].append({"query": "隔壁王姐家纸尿裤", "searches": 40, "folded_by": "spelling"})
    [shown] = published(Run(made_info(), [gap])).gaps
    assert "隔壁王姐家纸尿裤" not in {variant["query"] for variant in shown["variants"]}
    assert gap["keyword"] in {variant["query"] for variant in shown["variants"]}


def test_a_sentence_that_quotes_a_hidden_query_is_not_shown() -> None:
    gap = made_gap(1, "纸尿裤", "weak", reason=f"多数人搜的是“{RARE_QUERY}”。")
    [shown] = published(Run(made_info(), [gap])).gaps
    assert shown["reason"] == ""


def test_the_owner_sets_the_floor() -> None:
    run = made_run()
    settings = {**run.info.manifest["settings"], "privacy_floor": 1.0}
    shown = published(Run(made_info(settings=settings), run.gaps))
    assert RARE in {gap["keyword"] for gap in shown.gaps}


def test_a_list_of_keywords_is_only_counted() -> None:
    settings = {"privacy_floor": 5.0, "keywords": ["张三家的奶粉", "纸尿裤"]}
    shown = published(Run(made_info(settings=settings), []))
    assert shown.info.manifest["settings"]["keywords"] == 2
    assert "张三" not in render_report(shown)


def test_none_of_it_is_on_the_page() -> None:
    page = render_report(made_run())
    for text in (RARE, PHONE, PHONE_QUERY, "13800138000", "mama_2020x", "mom_shop99"):
        assert text not in page


@pytest.mark.parametrize(
    "text",
    [
        "13800138000",
        "+86 138-0013-8000",
        "电话13800138000谢谢",
        "１３８００１３８０００",
        "010-62345678",
        "11010519491231002X",
        "6222021234567890123",
        "qq 123456789",
        "找我 someone@example.com",
        "微信：mama_2020x",
        "加vx mama2020",
    ],
)
def test_what_looks_personal(text: str) -> None:
    assert looks_personal(text)
    assert not looks_personal(masked(text))


@pytest.mark.parametrize(
    "text",
    [
        "纸尿裤 NB 90片",
        "2026年双11",
        "20261111 活动",
        "iPhone 17 Pro 256G",
        "SPF50 PA+++",
        "1段奶粉 800g",
        "3.5%烟酰胺",
    ],
)
def test_what_does_not(text: str) -> None:
    assert not looks_personal(text)


@given(st.text(max_size=60))
def test_masking_leaves_nothing_personal(text: str) -> None:
    assert not looks_personal(masked(text))


@given(st.integers(0, 9), st.integers(0, 9))
def test_nothing_below_the_floor_is_ever_shown(floor: int, searchers: int) -> None:
    gap = made_gap(2, "纸尿裤", "weak", searchers=searchers)
    for query in gap["evidence_queries"]:
        query["searchers"] = searchers
    shown = published(Run(made_info(settings={"privacy_floor": float(floor)}), [gap]))
    if searchers < floor:
        assert shown.gaps == []
        assert shown.hidden_keywords == 1
    else:
        assert len(shown.gaps) == 1


_NEAR = st.sampled_from(list("0123456789 -+@.信微vVxXwWeE:：_abXx０９"))


@given(st.text(_NEAR, max_size=40))
def test_looking_for_suspects_first_misses_nothing(text: str) -> None:
    if masked(text) != text:
        assert looks_personal(text)
    assert not looks_personal(masked(text))
