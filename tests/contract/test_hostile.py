from __future__ import annotations

import pytest

from indexer.stores.contract import Store
from tests.contract.rows import STAMP, scanned, search, table

HOSTILE = [
    "'",
    '"',
    "''; drop table note; --",
    "[a](b){c}",
    "a;b",
    "\0",
    "a\0b",
    "$1 ${x} {{x}} %s {0}",
    "\\ \\n /../ ..",
    "<script>alert(1)</script>",
    "=1+1",
    "\x1b[31m",
    "\u202e反",
    "*?~^:!()",
    "null",
    "𠮷👩‍👩‍👧",
    "line\nbreak\r\ttab",
    " leading and trailing ",
]


def test_hostile_text_is_a_value_like_any_other(store: Store) -> None:
    rows = [search(text, text, number, user_id=text) for number, text in enumerate(HOSTILE)]
    with store.writer(holder="'; \" \0 {x}") as writer:
        assert writer.write("search", table("search", rows)).written == len(HOSTILE)
        assert writer.write("search", table("search", rows)).unchanged == len(HOSTILE)
        assert writer.existing("search", HOSTILE).num_rows == len(HOSTILE)
        changed = [{**row, "clicks": 1} for row in rows]
        assert writer.write("search", table("search", changed)).written == len(HOSTILE)
        writer.publish(STAMP)
    with store.snapshot() as snapshot:
        assert scanned(snapshot.scan("search"), "search_id") == scanned(
            table("search", changed).to_batches(), "search_id"
        )
        assert snapshot.by_id("search", HOSTILE, ["query"]).column(0).to_pylist() == sorted(HOSTILE)
        for text in HOSTILE:
            assert snapshot.by_id("search", [text], ["user_id"]).column(0).to_pylist() == [text]
        groups = [
            row for batch in snapshot.group_counts("search", ["query_norm", "user_id"]) for row in batch.to_pylist()
        ]
        assert sorted((row["query_norm"], row["user_id"], row["n"]) for row in groups) == sorted(
            (text, text, 1) for text in HOSTILE
        )


def test_very_long_text_is_kept(store: Store) -> None:
    text = "新生儿纸尿裤" * 20_000
    with store.writer(holder="长" * 1000) as writer:
        writer.write("note", table("note", [{"note_id": "n", "content": text, "text_terms": ["词 " * 60_000]}]))
        writer.publish(STAMP)
    with store.snapshot() as snapshot:
        assert snapshot.by_id("note", ["n"], ["content"]).to_pylist() == [{"content": text}]
        assert snapshot.document_frequency(["词"]).tolist() == [1]


def test_half_a_character_is_in_no_store(store: Store) -> None:
    with store.writer(holder="test") as writer:
        writer.write("search", table("search", [search("a")]))
        assert writer.existing("search", ["\ud800", "a"]).num_rows == 1
        writer.publish(STAMP)
    with store.snapshot() as snapshot:
        assert snapshot.by_id("search", ["\udfff", "a"]).num_rows == 1
        assert snapshot.document_frequency(["\ud800"]).tolist() == [0]
    with pytest.raises(UnicodeEncodeError):
        table("search", [search("\ud800")])  # such a row can't even be made
