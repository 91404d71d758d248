"""Clicks and events join the searches they belong to; joining them twice changes nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.importer import import_files
from indexer.importing.merge import merge_results
from indexer.records import RECORDS
from indexer.stores.memory import MemoryStore


def query(identity: str, words: str, hits: list[str] | None, **more: Any) -> dict[str, Any]:
    return {
        "query_id": identity,
        "user_query": words,
        "timestamp": "2024-01-05T08:03:00+08:00",
        "client_id": "c1",
        "query_response_hit_ids": hits,
        **more,
    }


def event(
    identity: str, action: str, note: str | None = None, position: int | None = None, **more: Any
) -> dict[str, Any]:
    about = {"object": {"object_id": note}, "position": {"ordinal": position}, **more} if note else {}
    return {
        "action_name": action,
        "query_id": identity,
        "session_id": "s",
        "client_id": "c1",
        "timestamp": "2024-01-05T08:04:00+08:00",
        "event_attributes": about,
    }


QUERIES = [
    query("q1", "新生儿纸尿裤", ["a", "b", "c"]),
    query("q1", "新生儿纸尿裤", [], query_attributes={"size": 0}),
    query("q2", "奶瓶", []),
    query("q3", "奶嘴", [], query_attributes={"size": 0}),
    query("q4", "奶粉", None),
    query("q5", "", ["a"]),
]
EVENTS = [
    event("q1", "click", "b", 2),
    event("q1", "add_to_cart", "b", 2),
    event("q1", "dwell", "b", 2, dwell_time=31.5),
    event("q1", "impression", "c", 3),
    event("q1", "type_filter"),
    event("q4", "click", "z", 9),
    event("unknown", "click", "z", 1),
]


def write(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("\n".join(map(json.dumps, rows)))
    return path


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    monkeypatch.chdir(tmp_path)
    return write(tmp_path / "queries.jsonl", QUERIES), write(tmp_path / "events.jsonl", EVENTS)


def searches(store: MemoryStore) -> dict[str, dict[str, Any]]:
    rows = pa.Table.from_batches(store.snapshot().scan("search"), RECORDS["search"].schema).to_pylist()
    return {row["search_id"]: row for row in rows}


def test_ubi_queries_and_events(files: tuple[Path, Path]) -> None:
    store = MemoryStore()
    report = import_files(store, [files[1], files[0]], max_rejected=1)  # events first on the command line
    assert [(one.format, one.read, one.written, one.unchanged, one.rejected) for one in report.files] == [
        ("OpenSearch UBI queries", 5, 4, 1, 0),
        ("OpenSearch UBI events", 6, 2, 3, 1),
    ]
    assert list(report.files[1].reasons) == [
        "no search with that query_id is known: import the queries before or with the events"
    ]
    assert report.files[0].unknown_columns == report.files[1].unknown_columns == []
    found = searches(store)
    first = found["q1"]
    assert [
        (r["note_id"], r["position"], r["clicked"], r["dwell_seconds"], r["collected"]) for r in first["results"]
    ] == [
        ("a", 1, None, None, None),
        ("b", 2, True, 31.5, True),
        ("c", 3, None, None, None),
    ]
    assert (first["result_count"], first["clicks"], first["longest_dwell"], first["acted"]) == (3, 1, 31.5, True)
    assert (found["q2"]["results"], found["q2"]["result_count"]) == ([], 0)
    assert found["q3"]["results"] is None  # facets were asked for, not notes
    assert [result["note_id"] for result in found["q4"]["results"]] == ["z"]
    assert "q5" not in found


def test_everything_again_in_any_order_changes_nothing(files: tuple[Path, Path]) -> None:
    store = MemoryStore()
    first = import_files(store, list(files), max_rejected=1)
    for order in ([files[0]], [files[1]], list(files)):
        again = import_files(store, order, max_rejected=1)
        assert again.total["written"] == 0
        assert again.snapshot == first.snapshot


def test_events_reach_searches_of_an_earlier_import(files: tuple[Path, Path]) -> None:
    together, apart = MemoryStore(), MemoryStore()
    import_files(together, list(files), max_rejected=1)
    import_files(apart, [files[0]])
    import_files(apart, [files[1]], max_rejected=1)
    assert searches(together) == searches(apart)


RESULT = st.fixed_dictionaries(
    {
        "note_id": st.sampled_from("abc"),
        "position": st.none() | st.integers(1, 5),
        "clicked": st.none() | st.booleans(),
        "dwell_seconds": st.none() | st.floats(0, 100),
        "liked": st.none() | st.booleans(),
        "collected": st.none(),
        "commented": st.none(),
        "shared": st.none() | st.booleans(),
    }
)


@given(st.lists(RESULT, max_size=8), st.lists(RESULT, max_size=8))
def test_the_union_is_idempotent_and_does_not_mind_the_order(
    one: list[dict[str, Any]], two: list[dict[str, Any]]
) -> None:
    merged = merge_results([*one, *two])
    assert merged == merge_results([*two, *one]) == merge_results([*merged, *one, *two]) == merge_results(merged)
    assert len({result["note_id"] for result in merged}) == len(merged)
