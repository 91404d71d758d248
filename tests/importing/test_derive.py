from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.derive import cut_queries, derive
from indexer.dictionary import shipped_dictionary
from indexer.grams import all_character_grams, character_grams
from indexer.normalize import normalize
from indexer.records import ARROW_TYPES, RECORDS
from indexer.segment import query_key, segmenter_of
from indexer.sketch import HEX_DIGITS, sketches

SEGMENTER = segmenter_of(shipped_dictionary())


def raw(record: str, rows: Sequence[Mapping[str, Any]]) -> pa.Table:
    fields = RECORDS[record].raw_fields
    return pa.table(
        {field.name: pa.array([row.get(field.name) for row in rows], ARROW_TYPES[field.kind]) for field in fields}
    )


def test_a_note() -> None:
    rows: list[dict[str, Any]] = [
        {
            "note_id": "a",
            "title": "新生儿纸尿裤",
            "content": "防侧漏",
            "tags": ["母婴", "红屁股"],
            "likes": 3,
            "shares": 2,
            "published_at": datetime(2024, 1, 4, 16, tzinfo=UTC),
        },
        {"note_id": "b", "title": None, "content": "好 #宝宝辅食[话题]# 和 #奶瓶 #", "tags": None},
        {"note_id": "c", "title": "！", "content": None, "tags": []},
    ]
    table, refused = derive("note", raw("note", rows), SEGMENTER)
    assert not refused
    assert table.schema == RECORDS["note"].schema
    one, two, three = table.to_pylist()

    def terms(text: str) -> str:
        return " ".join(SEGMENTER.terms(text))

    assert one["text_terms"] == [terms("新生儿纸尿裤"), terms("防侧漏"), terms("母婴"), terms("红屁股")]
    assert one["headline_terms"] == [terms("新生儿纸尿裤"), terms("母婴"), terms("红屁股")]
    assert (one["engagement"], one["published_day"]) == (5, date(2024, 1, 5))
    assert two["tags"] == ["宝宝辅食", "奶瓶"]
    assert (two["engagement"], two["published_day"]) == (0, None)
    assert (three["text_terms"], three["sketch"], three["tags"]) == ([], "", [])
    assert len({one["sketch"], two["sketch"]}) == 2


@pytest.mark.parametrize(
    ("results", "expected"),
    [
        (None, (None, None, None, None)),
        ([], (0, 0, None, False)),
        ([{"note_id": "a"}], (1, None, None, None)),
        (
            [{"note_id": "a", "clicked": False}, {"note_id": "b", "clicked": True, "dwell_seconds": 3.5}],
            (2, 1, 3.5, None),
        ),
        ([{"note_id": "a", "clicked": True, "dwell_seconds": 0.0, "liked": False}], (1, 1, 0.0, False)),
        ([{"note_id": "a", "shared": True}, {"note_id": "b", "liked": False}], (2, None, None, True)),
    ],
)
def test_sums_over_results(results: list[dict[str, Any]] | None, expected: tuple[Any, ...]) -> None:
    at = datetime(2024, 1, 5, 15, 59, tzinfo=UTC)
    table, _ = derive(
        "search", raw("search", [{"search_id": "x", "query": "奶瓶", "searched_at": at, "results": results}]), SEGMENTER
    )
    row = table.to_pylist()[0]
    assert (row["result_count"], row["clicks"], row["longest_dwell"], row["acted"]) == expected
    assert row["day"] == date(2024, 1, 5)


def test_sums_stay_with_their_search() -> None:
    at = datetime(2024, 1, 5, tzinfo=UTC)
    lists = [
        [{"note_id": "a", "clicked": True}],
        None,
        [],
        [{"note_id": "b", "clicked": False}, {"note_id": "c", "clicked": True}],
    ]
    table, _ = derive(
        "search",
        raw(
            "search",
            [
                {"search_id": str(n), "query": "奶瓶", "searched_at": at, "results": found}
                for n, found in enumerate(lists)
            ],
        ),
        SEGMENTER,
    )
    assert table["clicks"].to_pylist() == [1, None, 0, 1]
    sliced, _ = derive(
        "search",
        raw(
            "search",
            [
                {"search_id": str(n), "query": "奶瓶", "searched_at": at, "results": found}
                for n, found in enumerate(lists)
            ],
        ).slice(2),
        SEGMENTER,
    )
    assert sliced["clicks"].to_pylist() == [0, 1]


def test_refused_queries_are_named_by_their_place() -> None:
    rows = [{"keyword": word, "volume": 1.0, "unit": "count"} for word in ("奶瓶", "。。", "奶嘴", "长" * 300)]
    table, refused = derive("volume", raw("volume", rows), SEGMENTER)
    assert table["keyword"].to_pylist() == ["奶瓶", "奶嘴"]
    assert set(refused) == {1, 3}


@given(st.lists(st.text(max_size=20), max_size=8))
def test_cut_queries_agree_with_the_segmenter(queries: list[str]) -> None:
    for query, (norm, terms, refused) in zip(queries, cut_queries(queries, SEGMENTER), strict=True):
        assert terms.split() == SEGMENTER.query_terms(query)
        assert bool(refused) == (not terms)
        if terms:
            assert norm == normalize(query)
            assert query_key(terms.split()) == query_key(reversed(terms.split()))


def similarity(one: str, two: str) -> float:
    a, b = (np.array([text[n : n + 8] for n in range(0, HEX_DIGITS, 8)]) for text in (one, two))
    return float((a == b).mean())


def shingles(text: str) -> set[str]:
    return {text[n : n + 3] for n in range(len(text) - 2)}


def test_sketches_estimate_jaccard() -> None:
    words = "新生儿纸尿裤防侧漏不勒肚透气柔软缓解红屁股夜用超薄腰贴弹力尿显"
    base = "".join(words[(7 * n * n + n) % len(words)] for n in range(300))
    for cut in (0, 10, 60, 150):
        other = base[cut:] + "".join(words[(11 * n * n + 3 * n) % len(words)] for n in range(cut))
        exact = len(shingles(base) & shingles(other)) / len(shingles(base) | shingles(other))
        assert similarity(*sketches([base, other])) == pytest.approx(exact, abs=0.22)


def test_sketches_ignore_spaces_case_and_punctuation() -> None:
    texts = ["新生儿 纸尿裤，好用！ABC", "新生兒紙尿褲好用abc", "完全不同的另外一段文字"]
    one, two, three = sketches(SEGMENTER.segment_all(texts))
    assert one == two != three


@given(st.lists(st.text(max_size=12) | st.text("新生儿a_+", max_size=4), max_size=6))
def test_a_sketch_does_not_depend_on_its_batch(texts: list[str]) -> None:
    segmented = SEGMENTER.segment_all(texts)
    together = sketches(segmented)
    assert together == [sketches([text])[0] for text in segmented]
    assert all(len(sketch) in (0, HEX_DIGITS) for sketch in together)


@given(st.lists(st.text(max_size=12) | st.text("新生儿a", max_size=4), max_size=6), st.none() | st.integers(1, 5))
def test_grams_of_many_texts_are_those_of_each(texts: list[str], most: int | None) -> None:
    segmented = SEGMENTER.segment_all(texts)
    assert all_character_grams(segmented, most) == [character_grams(text, most) for text in segmented]
