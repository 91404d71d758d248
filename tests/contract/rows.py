"""Rows for the contract of stores: made from a few words, or many at once from a seed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa

from indexer.grams import character_grams
from indexer.records import CONTENT_HASH, RECORDS
from indexer.stores.contract import Matches, SegmenterStamp, TermQueries

STAMP = SegmenterStamp("rjieba", "0.2.2", hmm=False, dictionary_hash="0123456789abcdef", normalisation=1)
OTHER_STAMP = SegmenterStamp("rjieba", "0.2.2", hmm=False, dictionary_hash="fedcba9876543210", normalisation=1)
FIRST_DAY = date(2026, 1, 1)
SINCE = date(2026, 6, 1)


def table(record: str, rows: Iterable[Mapping[str, Any]]) -> pa.Table:
    """Rows in the schema of the record: absent fields null, the content hash over what is given."""
    schema = RECORDS[record].schema
    hashed = [{CONTENT_HASH: _hash(row), **row} for row in rows]
    return pa.table([pa.array([row.get(f.name) for row in hashed], f.type) for f in schema], schema=schema)


def _hash(row: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(row, default=str, sort_keys=True).encode()).hexdigest()[:32]


def note(note_id: str, *values: str, headline: int = 0, **fields: Any) -> dict[str, Any]:
    """A note whose segmented text has these values; the first ``headline`` of them are its title and tags."""
    terms = {
        "text_terms": list(values),
        "headline_terms": list(values[:headline]),
        "gram_terms": [character_grams(value) for value in values],
        "engagement": 0,
    }
    return {"note_id": note_id, "content": " ".join(values), **terms, **fields}


def search(search_id: str, query: str = "纸尿裤", day: int = 0, **fields: Any) -> dict[str, Any]:
    """A search on the given day, counted from the first."""
    at = datetime(2026, 1, 1, 4, tzinfo=UTC) + timedelta(days=day)
    derived = {"query_norm": query, "query_terms": query, "query_key": query}
    return {
        "search_id": search_id,
        "query": query,
        "searched_at": at,
        "day": FIRST_DAY + timedelta(days=day),
        **derived,
        **fields,
    }


def searches(first: int, end: int, query: str = "纸尿裤", **fields: Any) -> pa.Table:
    """Searches with the numbers from ``first`` to before ``end`` as ids, over 28 days."""
    return table("search", (search(f"s{number:06d}", query, number % 28, **fields) for number in range(first, end)))


def scanned(batches: Iterable[pa.RecordBatch], by: str) -> list[dict[str, Any]]:
    """All rows of a scan, sorted."""
    return sorted((row for batch in batches for row in batch.to_pylist()), key=lambda row: row[by])


_SYLLABLES = "奶粉瓶尿裤红屁股洗发水面膜精华防晒霜口眼影护肤敏感肌宝妈孕期新生儿童装推荐测评平价学生党油头皮"


def words(count: int) -> list[str]:
    """Distinct words of one to four Chinese characters."""
    random = np.random.default_rng(7)
    found: dict[str, None] = {}
    while len(found) < count:
        found["".join(random.choice(list(_SYLLABLES), random.integers(1, 5)))] = None
    return list(found)


def market(notes: int, vocabulary: list[str], seed: int) -> pa.Table:
    """Notes whose words follow Zipf's law; title, content and two tags each."""
    random = np.random.default_rng(seed)
    share = 1 / np.arange(1, len(vocabulary) + 1)
    share /= share.sum()
    rows = []
    for number in range(notes):
        drawn = list(random.choice(vocabulary, 40, p=share))
        values = [" ".join(drawn[:6]), " ".join(drawn[6:36]), " ".join(drawn[36:38]), " ".join(drawn[38:])]
        row = note(f"n{number:06d}", *values, engagement=int(random.integers(0, 1000)))
        row["headline_terms"] = [values[0], *values[2:]]
        if random.random() < 0.9:
            row["published_day"] = FIRST_DAY + timedelta(days=int(random.integers(0, 300)))
        rows.append(row)
    return table("note", rows)


def keywords(count: int, vocabulary: list[str], seed: int) -> TermQueries:
    """Keywords of one to four words (a word may repeat, one in fifty is in no note), with integer weights."""
    random = np.random.default_rng(seed)
    share = 1 / np.arange(1, len(vocabulary) + 1) ** 0.7
    share /= share.sum()
    terms = [list(random.choice(vocabulary, random.integers(1, 5), p=share)) for _ in range(count)]
    for number in range(0, count, 50):
        terms[number].append("没有的词")
    drawn = random.integers(0, 9000, len(vocabulary)).tolist()
    weights = dict(zip(vocabulary, drawn, strict=True))
    return TermQueries(terms, weights)


def listed(matches: Matches) -> dict[str, list[Any]]:
    """Matches as lists, to be compared."""
    names = ("matching", "phrase", "headline", "fresh", "engagement", "best_query", "best_note", "best_weight")
    return {name: getattr(matches, name).tolist() for name in names}
