"""Small tables of records for tests of the server store."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import pyarrow as pa

from indexer.records import NOTE, RECORDS, SEARCH
from indexer.stores.contract import SegmenterStamp

STAMP: Final = SegmenterStamp("rjieba", "0.2.2", hmm=False, dictionary_hash="0123", normalisation=1)
WORDS: Final = ("纸尿裤", "新生儿", "奶粉", "推荐", "好用", "红屁股", "防漏", "面膜", "精华", "口红", "学生", "平价")
_START: Final = datetime(2026, 1, 1, 8, tzinfo=UTC)


def table(record: str, rows: Sequence[dict[str, Any]]) -> pa.Table:
    """Rows with the fields that matter to a test; the others are absent."""
    schema = RECORDS[record].schema
    empty = dict.fromkeys(schema.names)
    filled = [{**empty, "content_hash": repr(sorted(row.items())), **row} for row in rows]
    return pa.Table.from_pylist(filled, schema=schema)


def notes(count: int, *, seed: int = 1, first: int = 0) -> pa.Table:
    """Notes with random words."""
    chance = random.Random(seed)
    rows = []
    for number in range(first, first + count):
        values = [" ".join(chance.choices(WORDS, k=chance.randint(0, 6))) for _ in range(chance.randint(0, 4))]
        rows.append(
            {
                NOTE.id_field: f"n{number:05d}",
                "title": f"笔记 {number}",
                "tags": chance.choice([None, [], ["母婴", None]]),
                "published_at": _START + timedelta(days=chance.randint(0, 60), microseconds=number),
                "published_day": chance.choice([None, date(2026, 1, chance.randint(1, 31))]),
                "disclosed": chance.choice([None, True, False]),
                "engagement": chance.choice([None, 0, 7, 2**40 + 1]),
                "finish_rate": chance.choice([None, chance.random()]),
                "text_terms": chance.choice([None, values, values]),
                "headline_terms": values[: chance.randint(0, 2)],
            }
        )
    return table("note", rows)


def searches(count: int, *, first: int = 0, shift: int = 0) -> pa.Table:
    """Searches of about three months, one every day in turn."""
    rows = []
    for number in range(first, first + count):
        moment = _START + timedelta(days=number % 80 + shift)
        rows.append(
            {
                SEARCH.id_field: f"s{number:05d}",
                "query": f"词{number % 13}",
                "searched_at": moment,
                "day": moment.date(),
                "query_norm": f"词{number % 13}",
                "user_id": (None, "u1", "u2")[number % 3],
                "result_count": (None, 0, 4)[number % 3],
                "acted": (None, True, False, True)[number % 4],
                "results": (None, [], [{"note_id": "n1", "position": 1, "clicked": True, "dwell_seconds": 3.25}])[
                    number % 3
                ],
            }
        )
    return table("search", rows)
