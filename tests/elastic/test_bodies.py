from __future__ import annotations

import json
from datetime import date
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from indexer.records import CONTENT_HASH, NOTE, RECORDS
from indexer.stores.elastic.mappings import guard_template, record_index
from indexer.stores.elastic.queries import (
    end_of,
    groups_page,
    ids_elsewhere,
    ids_page,
    keyword_search,
    least_weight,
    needed_terms,
    scan_page,
    term_count,
)

HOSTILE = ('" OR 1=1 --', "*:*", "a AND (b", "{}", '"}]', "title:x", "\\", "\x00", "/.*/", "<b>", "~2", "^9", "_id")
JANUARY = ("day", date(2026, 1, 1), date(2026, 2, 1))


def test_a_keyword_search_is_this_body() -> None:
    body = keyword_search(
        ["新生儿", "纸尿裤", "新生儿"],
        {"新生儿": 2000, "纸尿裤": 5000},
        fresh_since=date(2026, 1, 15),
        floor_per_mille=500,
        best=50,
    )
    newborn, diaper = ({"term": {"text_terms": {"value": term}}} for term in ("新生儿", "纸尿裤"))
    headline = {"bool": {"filter": [{"term": {"headline_terms": {"value": term}}} for term in ("新生儿", "纸尿裤")]}}
    assert body == {
        "track_total_hits": False,
        "_source": False,
        "stored_fields": "_none_",
        "query": {
            "bool": {
                # 新生儿 alone weighs 2000 of 7000, below the floor of 3500: notes that hold only it are never visited.
                "filter": [{"bool": {"should": [diaper, headline], "minimum_should_match": 1}}],
                "should": [
                    {"constant_score": {"filter": newborn, "boost": 2000}},
                    {"constant_score": {"filter": diaper, "boost": 5000}},
                ],
            }
        },
        "size": 50,
        "sort": [{"_score": "desc"}, {"note_id": "asc"}],
        "aggs": {
            "matching": {
                "filter": {"bool": {"filter": [newborn, diaper]}},
                "aggs": {
                    "phrase": {
                        "filter": {
                            "match_phrase": {
                                "text_terms": {"query": "新生儿 纸尿裤 新生儿", "analyzer": "whitespace", "slop": 0}
                            }
                        }
                    },
                    "fresh": {"filter": {"range": {"published_day": {"gte": "2026-01-15"}}}},
                    "engagement": {"sum": {"field": "engagement"}},
                },
            },
            "headline": {"filter": headline},
        },
    }


def test_pages_and_counts_are_these_bodies() -> None:
    january = {"range": {"day": {"gte": "2026-01-01", "lt": "2026-02-01"}}}
    assert scan_page(JANUARY, ["query"], 10) == {
        "query": {"bool": {"filter": [january]}},
        "sort": ["_shard_doc"],
        "size": 10,
        "track_total_hits": False,
        "_source": ["query"],
    }
    assert groups_page(["query_norm", "day"], JANUARY, 100, {"query_norm": None, "day": 5}) == {
        "query": {"bool": {"filter": [january]}},
        "size": 0,
        "track_total_hits": False,
        "aggs": {
            "groups": {
                "composite": {
                    "size": 100,
                    "sources": [
                        {"query_norm": {"terms": {"field": "query_norm", "missing_bucket": True}}},
                        {"day": {"terms": {"field": "day", "missing_bucket": True}}},
                    ],
                    "after": {"query_norm": None, "day": 5},
                }
            }
        },
    }
    assert ids_page(["a", "b"], ["title"])["query"] == {"ids": {"values": ["a", "b"]}}
    assert ids_elsewhere({"a": "january", "b": "march", "c": "march"}) == {
        "bool": {
            "should": [
                {
                    "bool": {
                        "filter": [{"ids": {"values": ids}}],
                        "must_not": [{"term": {"_index": {"value": index}}}],
                    }
                }
                for index, ids in (("january", ["a"]), ("march", ["b", "c"]))
            ],
            "minimum_should_match": 1,
        }
    }
    assert end_of("day", "asc")["sort"] == [{"day": {"order": "asc"}}]
    assert term_count("纸尿裤") == {
        "query": {"term": {"text_terms": {"value": "纸尿裤"}}},
        "size": 0,
        "track_total_hits": True,
    }


def test_a_record_has_this_index() -> None:
    body = record_index("note", shards=2, replicas=1)
    assert body["settings"]["number_of_shards"] == 2
    assert body["settings"]["number_of_replicas"] == 1
    mappings = body["mappings"]
    assert mappings["dynamic"] == "strict"
    assert mappings["_meta"] == {"schema_version": 2, "record": "note"}
    assert set(mappings["properties"]) == {*NOTE.names, CONTENT_HASH}
    assert mappings["properties"]["text_terms"] == {
        "type": "text",
        "analyzer": "whitespace",
        "norms": False,
        "position_increment_gap": 100,
    }
    assert mappings["properties"]["gram_terms"] == {
        "type": "text",
        "analyzer": "whitespace",
        "norms": False,
        "index_options": "docs",
    }
    assert mappings["properties"]["content"] == {"type": "keyword", "index": False, "doc_values": False}
    assert "codec" not in body["settings"]
    assert record_index("search", shards=1, replicas=0)["settings"]["codec"] == "best_compression"


def test_every_record_has_an_index_without_scripts_or_pipelines() -> None:
    for record in RECORDS:
        text = json.dumps(record_index(record, shards=1, replicas=0))
        assert "script" not in text
        assert "pipeline" not in text


def test_the_guard_forbids_indices_by_accident() -> None:
    assert guard_template(["a-*"])["allow_auto_create"] is False


def _shape(body: Any, text: str) -> Any:
    """A body with that text taken out wherever it is a value; a key that holds it is an error."""
    if isinstance(body, dict):
        assert not any(text in key for key in body), body
        return {key: _shape(value, text) for key, value in body.items()}
    if isinstance(body, list):
        return [_shape(value, text) for value in body]
    return body.replace(text, "TEXT") if isinstance(body, str) else body


@given(st.one_of(st.sampled_from(HOSTILE), st.text(min_size=1).map(lambda text: f"\u2603{text}")))
def test_what_users_type_is_a_value_and_nothing_else(text: str) -> None:
    def bodies(term: str) -> list[Any]:
        day = date(2026, 1, 1)
        search = keyword_search([term, "b"], {term: 3, "b": 2}, fresh_since=day, floor_per_mille=500, best=5)
        return [search, term_count(term), ids_page([term], ["title"])]

    marked = f"\u2603{text}\u2603"
    assert _shape(bodies(marked), marked) == bodies("TEXT")
    assert "query_string" not in json.dumps(bodies(marked)).replace(json.dumps(marked)[1:-1], "")


@given(
    st.lists(st.integers(0, 50), min_size=1, max_size=8),
    st.integers(0, 1200),
)
def test_a_note_without_a_needed_term_is_below_the_floor(weights: list[int], floor: int) -> None:
    weighed = [(f"t{number}", weight) for number, weight in enumerate(weights)]
    least = least_weight(weighed, floor)
    needed = needed_terms(weighed, least)
    rest = sum(weight for term, weight in weighed if term not in needed)
    assert rest < least
    if needed:
        lightest = min(weight for term, weight in weighed if term in needed)
        assert rest + lightest >= least
