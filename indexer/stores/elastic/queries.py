"""Bodies of searches, as pure functions. What users typed stands in value positions only: there is no query syntax."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from indexer.stores.contract import WORDS

JsonObject = dict[str, Any]
Window = tuple[str, date, date]

TEXT: Final = WORDS
HEADLINE: Final = "headline_terms"
FRESH: Final = "published_day"
ENGAGEMENT: Final = "engagement"
NOTE_ID: Final = "note_id"
# A hit is known by what it is sorted by: nothing of the document itself is read, which costs more than finding it.
_BARE: Final[JsonObject] = {"track_total_hits": False, "_source": False, "stored_fields": "_none_"}


def window_filter(window: Window | None) -> JsonObject:
    """Records whose day lies in ``[first, after last)``; all when there is no window."""
    if window is None:
        return {"match_all": {}}
    return day_between(*window)


def scan_page(window: Window | None, columns: Sequence[str], size: int) -> JsonObject:
    """A page of all records in the order they lie in."""
    return {
        "query": {"bool": {"filter": [window_filter(window)]}},
        "sort": ["_shard_doc"],
        "size": size,
        "track_total_hits": False,
        "_source": list(columns),
    }


def ids_page(ids: Sequence[str], columns: Sequence[str]) -> JsonObject:
    """The records of at most 10,000 document ids."""
    return {
        "query": {"ids": {"values": list(ids)}},
        "sort": ["_doc"],
        "size": len(ids),
        "track_total_hits": False,
        "_source": list(columns),
    }


def ids_elsewhere(where: Mapping[str, str]) -> JsonObject:
    """Documents of those ids outside the index given for each."""
    by_index: dict[str, list[str]] = {}
    for identifier, index in where.items():
        by_index.setdefault(index, []).append(identifier)
    misplaced = [
        {"bool": {"filter": [{"ids": {"values": ids}}], "must_not": [{"term": {"_index": {"value": index}}}]}}
        for index, ids in by_index.items()
    ]
    return {"bool": {"should": misplaced, "minimum_should_match": 1}}


def day_between(column: str, first: date, after: date | None) -> JsonObject:
    """Records whose day lies in ``[first, after)``; from ``first`` on where there is no end."""
    end = {} if after is None else {"lt": after.isoformat()}
    return {"range": {column: {"gte": first.isoformat(), **end}}}


def day_missing(column: str) -> JsonObject:
    """Records without that day."""
    return {"bool": {"must_not": [{"exists": {"field": column}}]}}


def groups_page(
    by: Sequence[str],
    window: Window | None,
    size: int,
    after: Mapping[str, Any] | None,
    only: JsonObject | None = None,
) -> JsonObject:
    """The next page of exact counts of the combinations of ``by``; a missing value is a value of its own.

    Args:
        by: The columns.
        window: Days of the records that count.
        size: Combinations a page.
        after: The last combination of the page before.
        only: A filter that the records pass as well.
    """
    composite: JsonObject = {
        "size": size,
        "sources": [{name: {"terms": {"field": name, "missing_bucket": True}}} for name in by],
    }
    if after is not None:
        composite["after"] = dict(after)
    return {
        "query": {"bool": {"filter": [window_filter(window), *([only] if only else [])]}},
        "size": 0,
        "track_total_hits": False,
        "aggs": {"groups": {"composite": composite}},
    }


def end_of(column: str, order: str) -> JsonObject:
    """The record with the smallest (``asc``) or largest (``desc``) value of a column that has one."""
    return {
        "query": {"bool": {"filter": [{"exists": {"field": column}}]}},
        "sort": [{column: {"order": order}}],
        "size": 1,
        "track_total_hits": False,
        "_source": [column],
    }


def count_of(query: JsonObject) -> JsonObject:
    """How many records a query finds, exactly."""
    return {"query": query, "size": 0, "track_total_hits": True}


def term_count(term: str, column: str = TEXT) -> JsonObject:
    """How many notes hold a term."""
    return count_of(_holds(column, term))


def best_search(
    terms: Sequence[str], weights: Mapping[str, int], *, column: str, floor_per_mille: int, best: int
) -> JsonObject:
    """The best notes of one keyword by one column, scored as in :func:`keyword_search`; no other figures."""
    weighed = [(term, weights.get(term, 0)) for term in dict.fromkeys(terms)]
    needed = needed_terms(weighed, least_weight(weighed, floor_per_mille))
    if not needed or best == 0:
        return {**_BARE, "query": {"match_none": {}}, "size": 0}
    return {
        **_BARE,
        "query": {
            "bool": {
                "filter": [_any_of([_holds(column, term) for term in needed])],
                "should": _scores(column, weighed),
            }
        },
        "size": best,
        "sort": [{"_score": "desc"}, {NOTE_ID: "asc"}],
    }


def keyword_search(
    terms: Sequence[str],
    weights: Mapping[str, int],
    *,
    fresh_since: date,
    floor_per_mille: int,
    best: int,
) -> JsonObject:
    """Statistics and best notes of one keyword in one search.

    Every term is a clause with a constant score, its integer weight; sums below 2^24 are exact in the server's 32-bit
    scores. Visited are the notes that could reach the floor (:func:`needed_terms`) and those that hold all terms in
    title and tags. Hits below the floor come along when there are too few above it; the reader drops them. There is no
    ``min_score``: it would keep notes from the aggregations.
    """
    distinct = list(dict.fromkeys(terms))
    weighed = [(term, weights.get(term, 0)) for term in distinct]
    needed = needed_terms(weighed, least_weight(weighed, floor_per_mille))
    statistics = {
        "matching": {"filter": _holds_all(TEXT, distinct), "aggs": _statistics(terms, fresh_since)},
        "headline": {"filter": _holds_all(HEADLINE, distinct)},
    }
    body: JsonObject = {**_BARE, "aggs": statistics}
    if not needed or best == 0:
        return {**body, "query": _any_of([_holds_all(TEXT, distinct), _holds_all(HEADLINE, distinct)]), "size": 0}
    visited = _any_of([*(_holds(TEXT, term) for term in needed), _holds_all(HEADLINE, distinct)])
    return {
        **body,
        "query": {"bool": {"filter": [visited], "should": _scores(TEXT, weighed)}},
        "size": best,
        "sort": [{"_score": "desc"}, {NOTE_ID: "asc"}],
    }


def least_weight(weighed: Sequence[tuple[str, int]], floor_per_mille: int) -> int:
    """The least weight of a note that is listed, at least 1."""
    total = sum(weight for _, weight in weighed)
    return max(1, -(-floor_per_mille * total // 1000))


def needed_terms(weighed: Sequence[tuple[str, int]], least: int) -> list[str]:
    """Terms of which a note must hold one to weigh ``least``: the light ones that can't reach it together are out.

    None when no note can weigh that much.
    """
    ascending = sorted(weighed, key=lambda pair: (pair[1], pair[0]))
    light = 0
    for position, (_, weight) in enumerate(ascending):
        light += weight
        if light >= least:
            return [term for term, _ in ascending[position:]]
    return []


def _scores(column: str, weighed: Sequence[tuple[str, int]]) -> list[JsonObject]:
    return [
        {"constant_score": {"filter": _holds(column, term), "boost": weight}} for term, weight in weighed if weight > 0
    ]


def _statistics(terms: Sequence[str], fresh_since: date) -> JsonObject:
    return {
        "phrase": {"filter": _phrase(TEXT, terms)},
        "fresh": {"filter": {"range": {FRESH: {"gte": fresh_since.isoformat()}}}},
        "engagement": {"sum": {"field": ENGAGEMENT}},
    }


def _holds(column: str, term: str) -> JsonObject:
    return {"term": {column: {"value": term}}}


def _holds_all(column: str, terms: Sequence[str]) -> JsonObject:
    return {"bool": {"filter": [_holds(column, term) for term in terms]}}


def _any_of(queries: Sequence[JsonObject]) -> JsonObject:
    return {"bool": {"should": list(queries), "minimum_should_match": 1}}


def _phrase(column: str, terms: Sequence[str]) -> JsonObject:
    if len(terms) == 1:
        return _holds(column, terms[0])
    return {"match_phrase": {column: {"query": " ".join(terms), "analyzer": "whitespace", "slop": 0}}}
