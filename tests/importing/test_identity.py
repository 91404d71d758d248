from __future__ import annotations

import hashlib
import hmac
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from indexer import identity
from indexer.records import ARROW_TYPES, RECORDS


def raw(record: str, rows: Sequence[Mapping[str, Any]]) -> pa.Table:
    fields = RECORDS[record].raw_fields
    return pa.table(
        {field.name: pa.array([row.get(field.name) for row in rows], ARROW_TYPES[field.kind]) for field in fields}
    )


def test_people_are_hashed_as_declared() -> None:
    table = identity.hash_people(
        raw("note", [{"author_id": "甲"}, {"author_id": None}, {"author_id": "甲"}]), RECORDS["note"], "salt"
    )
    expected = hmac.new(b"salt", "甲".encode(), hashlib.sha256).hexdigest()[:32]
    assert table["author_id"].to_pylist() == [expected, None, expected]


@given(st.lists(st.lists(st.sampled_from("abcdef"), max_size=10), max_size=12))
def test_identical_rows_are_numbered_over_batches(batches: list[list[str]]) -> None:
    occurrences, seen = identity.Occurrences(), Counter[str]()
    for batch in batches:
        expected = []
        for name in batch:
            expected.append(seen[name])
            seen[name] += 1
        ids = pa.array([hashlib.sha256(name.encode()).hexdigest()[:32] for name in batch], pa.string())
        assert occurrences.number(ids).tolist() == expected


def test_numbered_ids_are_distinct_and_the_first_is_plain() -> None:
    ids = pa.array(["a", "a", "b", "a"])
    numbered = identity.numbered_ids(ids, np.array([0, 1, 0, 2]), "salt").to_pylist()
    assert numbered[0] == "a"
    assert numbered[2] == "b"
    assert len(set(numbered)) == 4
    assert identity.numbered_ids(ids, np.array([0, 1, 0, 2]), "other").to_pylist()[1] != numbered[1]


TEXT = st.none() | st.text(max_size=4)
SEARCH = st.fixed_dictionaries(
    {
        "query": TEXT,
        "user_id": TEXT,
        "searched_at": st.none() | st.datetimes(datetime(2000, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - hypothesis adds the zone
        "results": st.none()
        | st.lists(
            st.fixed_dictionaries(
                {
                    "note_id": st.text(max_size=2),
                    "position": st.none() | st.integers(0, 3),
                    "dwell_seconds": st.none() | st.floats(0, 9),
                    "clicked": st.none() | st.booleans(),
                }
            ),
            max_size=3,
        ),
    }
)


@given(st.lists(SEARCH, min_size=1, max_size=6))
def test_hashes_are_equal_exactly_when_the_values_are(rows: list[dict[str, Any]]) -> None:
    table = raw("search", [{**row, "search_id": str(n)} for n, row in enumerate(rows)])
    hashes = identity.content_hashes(table, RECORDS["search"]).to_pylist()
    plain = [str(row) for row in table.drop_columns(["search_id"]).to_pylist()]
    assert len(set(hashes)) == len(set(plain))
    assert hashes == [
        identity.content_hashes(table.slice(n, 1), RECORDS["search"]).to_pylist()[0] for n in range(len(rows))
    ]


def test_values_can_not_slide_between_fields() -> None:
    rows: list[dict[str, Any]] = [
        {"title": "ab", "content": "c"},
        {"title": "a", "content": "bc"},
        {"title": None, "content": "abc"},
        {"title": "", "content": "abc"},
        {"tags": []},
        {"tags": [""]},
        {"tags": None},
        {"tags": ["a", "b"]},
        {"tags": ["ab"]},
        {"likes": 1},
        {"collects": 1},
    ]
    hashes = identity.content_hashes(raw("note", rows), RECORDS["note"]).to_pylist()
    assert len(set(hashes)) == len(rows)


def test_keys_of_volumes_and_ads() -> None:
    volumes = raw(
        "volume",
        [
            {"keyword": "奶瓶", "unit": "index", "volume": 1.0},
            {"keyword": "奶瓶", "unit": "index", "volume": 2.0},
            {"keyword": "奶瓶", "unit": "count"},
        ],
    )
    one, two, three = identity.volume_ids(volumes).to_pylist()
    assert one == two != three
    ads = raw("ad", [{"keyword": "奶瓶", "date": date(2024, 1, 5)}, {"keyword": "奶瓶", "date": date(2024, 1, 6)}])
    assert len(set(identity.ad_ids(ads).to_pylist())) == 2
    assert identity.ad_ids(ads, ["x", "x"]).to_pylist() != identity.ad_ids(ads).to_pylist()
