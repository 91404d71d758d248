"""What the counts and best notes mean, in examples worked out by hand; both ways of counting must agree with them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import numpy as np
import pytest

from indexer.errors import UsageError
from indexer.stores.contract import Matches, TermQueries
from indexer.stores.listed import LISTED
from indexer.stores.matching import count_terms, count_terms_plainly, match_notes, match_notes_plainly
from tests.matching.notes import FIELDS, SINCE, as_lists, batches, note

Match = Callable[..., Matches]
both = pytest.mark.parametrize("match", [match_notes, match_notes_plainly])


def run(
    match: Match,
    notes: list[dict[str, Any]],
    keywords: list[list[str]],
    weights: dict[str, int] | None = None,
    *,
    floor: int = 500,
    best: int = 50,
) -> dict[str, list[Any]]:
    queries = TermQueries(keywords, weights or {})
    return as_lists(match(batches(notes), queries, fresh_since=SINCE, floor_per_mille=floor, best=best))


@both
def test_all_terms_match_in_the_union_of_the_values(match: Match) -> None:
    notes = [note("a", "新生儿 用品", "纸尿裤"), note("b", "纸尿裤"), note("c", "纸尿裤 新生儿")]
    assert run(match, notes, [["新生儿", "纸尿裤"], ["纸尿裤"], ["没有"]])["matching"] == [2, 3, 0]


@both
def test_a_phrase_is_adjacent_in_order_and_inside_one_value(match: Match) -> None:
    notes = [
        note("together", "好 新生儿 纸尿裤"),
        note("turned", "纸尿裤 新生儿"),
        note("apart", "新生儿 的 纸尿裤"),
        note("in two values", "新生儿", "纸尿裤"),
    ]
    found = run(match, notes, [["新生儿", "纸尿裤"], ["新生儿"]])
    assert (found["matching"], found["phrase"]) == ([4, 4], [1, 4])


@both
def test_a_phrase_with_repeats_needs_the_repeats(match: Match) -> None:
    notes = [note("once", "宝宝 爱"), note("twice", "宝宝 宝宝"), note("later", "宝宝 爱 宝宝 爱 爱 宝宝")]
    keywords = [["宝宝", "宝宝"], ["宝宝", "爱", "爱"], ["爱", "宝宝", "爱"]]
    found = run(match, notes, keywords)
    assert (found["matching"], found["phrase"]) == ([3, 2, 2], [1, 1, 1])


@both
def test_words_nobody_asks_about_and_stray_spaces(match: Match) -> None:
    notes = [note("unknown between", "甲 某 乙"), note("two spaces", " 甲  乙 "), note("part of a word", "甲乙 甲x")]
    found = run(match, notes, [["甲", "乙"]])
    assert (found["matching"], found["phrase"]) == ([2], [1])


@both
def test_headline_fresh_and_engagement(match: Match) -> None:
    notes = [
        note("a", "甲 乙", headline=["甲", "乙"], day=SINCE, engagement=5),
        note("b", "甲 乙", headline=["甲"], day=date(2025, 12, 31), engagement=7),
        note("c", "甲 乙", headline=None, day=None, engagement=None),
        note("d", "甲", headline=["甲", None], day=SINCE, engagement=100),
    ]
    found = run(match, notes, [["甲", "乙"], ["甲"]])
    assert (found["headline"], found["fresh"], found["engagement"]) == ([1, 3], [1, 2], [12, 112])


@both
def test_best_notes_reach_the_floor_by_the_weight_of_distinct_terms(match: Match) -> None:
    notes = [
        note("all", "重 中 轻 重"),
        note("heavy", "重"),
        note("middle and light", "中 轻"),
        note("light", "轻 轻 轻"),
    ]
    found = run(match, notes, [["重", "中", "轻", "重"]], {"重": 5, "中": 3, "轻": 2})
    assert found["best_note"] == ["all", "heavy", "middle and light"]
    assert found["best_weight"] == [10, 5, 5]
    assert run(match, notes, [["重", "中", "轻"]], {"重": 5, "中": 3, "轻": 2}, floor=501)["best_note"] == ["all"]
    assert run(match, notes, [["重", "中", "轻"]], {"重": 5, "中": 3, "轻": 2}, floor=0)["best_note"][-1] == "light"


@both
def test_ties_are_ordered_by_code_point_and_cut_there(match: Match) -> None:
    # U+FF5E lies above the surrogates that UTF-16 would write U+20BB7 with; code points say the opposite.
    ids = ["\U00020bb7", "～", "b", "a", "10", "9"]
    found = run(match, [note(name, "甲") for name in ids], [["甲"], ["甲", "无"]], {"甲": 1}, best=5)
    assert found["best_query"] == [0] * 5 + [1] * 5
    assert found["best_note"] == ["10", "9", "a", "b", "～"] * 2


@both
def test_without_weights_or_best_nothing_is_listed(match: Match) -> None:
    notes = [note("a", "甲")]
    assert run(match, notes, [["甲"]])["best_note"] == []
    assert run(match, notes, [["甲"]], {"甲": 0}, floor=0)["best_note"] == []
    assert run(match, notes, [["甲"]], {"甲": 9}, best=0)["best_note"] == []
    assert run(match, notes, [["甲"]], {"甲": 9}, floor=1001)["best_note"] == []
    assert run(match, notes, [["甲"]], {"甲": 9}, floor=1000)["best_weight"] == [9]


@both
def test_nothing_to_count(match: Match) -> None:
    nothing = {name: [] if name.startswith("best") else [0] for name in FIELDS}
    void = {**note("a"), "text_terms": None}
    for notes in ([], [void], [note("a", None, "", " ")]):
        assert run(match, notes, [["甲"]], {"甲": 1}) == nothing
    assert set(map(len, run(match, [note("a", "甲")], []).values())) == {0}


@both
def test_long_and_repeated_keywords(match: Match) -> None:
    terms = [f"词{number}" for number in range(256)]
    notes = [note("whole", " ".join(terms)), note("half", " ".join(terms[:128])), note("less", " ".join(terms[:127]))]
    found = run(match, notes, [terms, terms, ["词1"] * 256], dict.fromkeys(terms, 7000))
    assert (found["matching"], found["phrase"]) == ([1, 1, 3], [1, 1, 0])
    assert found["best_note"] == ["whole", "half"] * 2 + ["half", "less", "whole"]


@both
def test_the_types_of_the_answer(match: Match) -> None:
    for keywords in ([], [["甲"]]):
        found = match(batches([note("a", "甲")]), TermQueries(keywords), fresh_since=SINCE, floor_per_mille=0, best=1)
        assert found.best_note.type == LISTED
        numbers = (found.matching, found.phrase, found.headline, found.fresh, found.engagement)
        assert {array.dtype for array in numbers} == {np.dtype(np.int64)}
        assert {array.dtype for array in (found.best_query, found.best_weight)} == {np.dtype(np.int32)}


@pytest.mark.parametrize("count", [count_terms, count_terms_plainly])
def test_document_frequency(count: Callable[..., np.ndarray[Any, Any]]) -> None:
    notes = [note("a", "甲 甲 乙", "甲"), note("b", "乙"), {**note("c"), "text_terms": None}]
    frequency = count(batches(notes, size=2), ["乙", "甲", "无", "乙", ""])
    assert frequency.tolist() == [2, 1, 0, 2, 0]
    assert frequency.dtype == np.int64
    assert count(batches(notes), []).tolist() == []


@pytest.mark.parametrize(
    ("keywords", "weights", "message"),
    [
        ([["甲"], []], {}, "keyword 1 has no terms"),
        ([["甲"]], {"甲": -1}, "0 or more"),
        ([["甲", "乙"]], {"甲": 2**30, "乙": 2**30}, "less than 2\\^31 together"),
    ],
)
def test_what_can_not_be_asked(keywords: list[list[str]], weights: dict[str, int], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        run(match_notes, [note("a", "甲")], keywords, weights)
