"""Which keywords an analysis is about, and what is folded into them."""

from __future__ import annotations

import pytest

from gapfinder.demand import Demand
from gapfinder.keywords import generic_words, is_topic
from indexer.errors import UsageError
from tests.demand.logs import Act, measured, people, row_of


def _keywords(demand: Demand) -> dict[str, str]:
    return {row["keyword"]: row["match"] for row in demand.keywords.to_pylist()}


def _variants(demand: Demand, text: str) -> dict[str, str]:
    query = row_of(demand.queries, "text", text)["query_id"]
    return {row["query"]: row["folded_by"] for row in demand.variants.to_pylist() if row["query_id"] == query}


def test_script_width_case_spaces_and_word_order_fold() -> None:
    demand = measured(
        people("新生儿纸尿裤 NB", 9)
        + people("新生兒紙尿褲nb", 3)
        + people("新生儿 纸尿裤ＮＢ", 2)
        + people("nb纸尿裤新生儿", 1)
        + people("纸尿裤，新生儿nb", 1)
    )
    assert set(_variants(demand, "新生儿纸尿裤 nb")) == {
        "新生儿纸尿裤 nb",
        "新生儿纸尿裤nb",
        "新生儿 纸尿裤nb",
        "nb纸尿裤新生儿",
        "纸尿裤,新生儿nb",
    }
    assert set(_variants(demand, "新生儿纸尿裤 nb").values()) == {"same"}
    assert row_of(demand.keywords, "keyword", "新生儿纸尿裤 nb")["searches"] == 16


def test_spaces_inside_latin_fold_but_digits_stay_apart() -> None:
    demand = measured(people("sk ii 神仙水", 8) + people("skii神仙水", 5) + people("sk-ii神仙水", 5))
    assert len(_variants(demand, "sk ii 神仙水")) == 3
    demand = measured(people("3 5岁绘本", 8) + people("35岁绘本", 8))
    assert len(demand.queries) == 2


def test_typos_fold_into_the_frequent_spelling() -> None:
    demand = measured(people("新生儿纸尿裤", 50) + people("新生儿纸尿库", 5) + people("新生儿奶粉", 6))
    assert _variants(demand, "新生儿纸尿裤") == {"新生儿纸尿裤": "same", "新生儿纸尿库": "spelling"}
    assert _keywords(demand) == {"新生儿纸尿裤": "exact", "新生儿奶粉": "exact"}
    assert row_of(demand.keywords, "keyword", "新生儿纸尿裤")["searchers"] == 50  # the same people, counted once


def test_synonyms_stay_keywords_of_their_own() -> None:
    demand = measured(people("新生儿纸尿裤", 90) + people("新生儿尿不湿", 6))
    assert set(_keywords(demand)) == {"新生儿纸尿裤", "新生儿尿不湿"}


def test_the_canonical_form_is_most_searched_then_shorter_then_first() -> None:
    assert (
        row_of(measured(people("婴儿 湿巾", 4) + people("婴儿湿巾", 5)).keywords, "keyword_id", 0)["keyword"]
        == "婴儿湿巾"
    )
    assert (
        row_of(measured(people("婴儿 湿巾", 5) + people("婴儿湿巾", 4)).keywords, "keyword_id", 0)["keyword"]
        == "婴儿 湿巾"
    )
    assert (
        row_of(measured(people("婴儿 湿巾", 5) + people("婴儿湿巾", 5)).keywords, "keyword_id", 0)["keyword"]
        == "婴儿湿巾"
    )
    assert (
        row_of(measured(people("湿巾婴儿", 5) + people("婴儿湿巾", 5)).keywords, "keyword_id", 0)["keyword"]
        == "婴儿湿巾"
    )


def test_support_is_counted_in_searches_and_in_people() -> None:
    demand = measured(
        people("婴儿湿巾", 5)
        + people("婴儿奶粉", 4)  # too few searches
        + [act for day in range(5) for act in people("婴儿围嘴", 2, day=day)]  # too few people
        + [act for day in range(3) for act in people("婴儿背带", 3, day=day)]
    )
    assert _keywords(demand) == {"婴儿背带": "exact", "婴儿湿巾": "exact"}


def test_without_users_searches_alone_decide() -> None:
    assert _keywords(measured([Act("婴儿湿巾")] * 5 + [Act("婴儿奶粉")] * 4)) == {"婴儿湿巾": "exact"}
    assert _keywords(measured([Act("婴儿湿巾")], min_searches=1)) == {"婴儿湿巾": "exact"}
    assert row_of(measured([Act("婴儿湿巾")] * 5).keywords, "keyword", "婴儿湿巾")["searchers"] is None


def test_head_terms_stand_for_the_queries_that_contain_them() -> None:
    kinds = ["学步", "夏季", "超薄", "大码", "日本"]
    demand = measured([act for place, kind in enumerate(kinds) for act in people(f"{kind}纸尿裤推荐", 2, start=place)])
    assert _keywords(demand) == {"纸尿裤": "contains"}  # 推荐 is generic, the others are rare
    row = row_of(demand.keywords, "keyword", "纸尿裤")
    assert (row["searches"], row["demand"], row["searchers"], row["terms"]) == (10, 10, 6, ["纸尿裤"])
    assert len(demand.members) == 5
    assert len(demand.queries) == 5


def test_an_exact_keyword_stands_before_its_head_term() -> None:
    kinds = ["学步", "夏季", "超薄", "大码", "日本"]
    acts = [act for place, kind in enumerate(kinds) for act in people(f"{kind}纸尿裤", 2, start=place)]
    assert _keywords(measured(acts)) == {"纸尿裤": "contains"}
    assert _keywords(measured(acts + people("纸尿裤", 5))) == {"纸尿裤": "exact"}
    assert len(measured(acts + people("纸尿裤", 5)).members) == 1


def test_a_head_term_needs_people_too() -> None:
    acts = [
        Act(f"{kind}纸尿裤", user=f"u{place % 2}")
        for place, kind in enumerate(["学步", "夏季", "超薄", "大码", "日本"])
    ]
    assert _keywords(measured(acts)) == {}
    assert _keywords(measured(acts, min_searchers=2)) == {"纸尿裤": "contains"}


@pytest.mark.parametrize("word", ["推荐", "多少钱", "500ml", "12", "3.5", "1段", "ml", "水", "a", "2026"])
def test_generic_words_and_amounts_are_no_topics(word: str) -> None:
    assert not is_topic(word)


@pytest.mark.parametrize("word", ["纸尿裤", "a2", "3ce", "q10", "pampers", "湿疹"])
def test_words_with_a_meaning_are_topics(word: str) -> None:
    assert word not in generic_words()
    assert is_topic(word)


def test_at_most_so_many_keywords_are_kept_and_the_rest_is_counted() -> None:
    acts = people("婴儿湿巾", 9) + people("婴儿奶粉", 7) + people("婴儿背带", 7) + people("婴儿围嘴", 6)
    demand = measured(acts, max_keywords=2)
    assert list(_keywords(demand)) == ["婴儿湿巾", "婴儿奶粉"]
    assert demand.sums.dropped_keywords == 2
    assert (demand.sums.dropped_queries, demand.sums.dropped_searches) == (2, 13)


def test_named_keywords_are_all_there_whatever_their_support() -> None:
    kinds = ["学步", "夏季", "超薄", "大码", "日本"]
    acts = [act for kind in kinds for act in people(f"{kind}纸尿裤", 2)] + people("纸尿裤", 1) + people("婴儿湿巾", 2)
    demand = measured(acts, keywords=("嬰兒 濕巾", "纸尿裤", "雪糕", "夏季纸尿裤", "夏季", "雪糕"))
    rows = {row["keyword"]: row for row in demand.keywords.to_pylist()}
    assert list(rows) == ["婴儿 湿巾", "纸尿裤", "雪糕", "夏季纸尿裤", "夏季"]
    assert [row["match"] for row in rows.values()] == ["exact", "contains", "exact", "exact", "contains"]
    assert [row["searches"] for row in rows.values()] == [2, 11, 0, 2, 2]
    assert rows["婴儿 湿巾"]["flags"] == ["typed_in_list", "few_searches", "few_searchers"]
    assert rows["雪糕"]["flags"] == ["typed_in_list", "few_searches"]
    assert rows["雪糕"]["terms"] == ["雪糕"]
    never = row_of(demand.queries, "text", "雪糕")
    assert (never["searches"], never["searchers"], never["demand"]) == (0, None, 0)
    assert set(demand.members["keyword_id"].to_pylist()) == set(range(5))
    assert demand.daily_matrix().sum(axis=1).tolist() == [2, 11, 0, 2, 2]


def test_a_named_keyword_without_a_word_is_refused() -> None:
    with pytest.raises(UsageError, match="holds no word"):
        measured(people("纸尿裤", 5), keywords=("！！",))


def test_a_keyword_is_only_text() -> None:
    evil = "'); drop table searches; -- $1 100%"
    demand = measured(people(evil, 6))
    assert demand.keywords.num_rows == 1
    assert measured(people(evil, 6), keywords=(evil,)).keywords["searches"].to_pylist() == [6]
