"""The benchmarks' market is what it says: seeded, of the size asked for, and of realistic shape."""

from __future__ import annotations

from pathlib import Path

import orjson
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from benchmarks.synthetic import NOTES, SEARCHES, notes, searches, write_market


def test_the_same_seed_gives_the_same_market() -> None:
    one, again, other = (
        [pa.Table.from_batches(notes(300, seed)), pa.Table.from_batches(searches(3000, 300, seed))]
        for seed in (1, 1, 2)
    )
    assert one == again
    assert all(table != changed for table, changed in zip(one, other, strict=True))


def test_notes_have_about_two_hundred_characters_and_ids_of_their_own() -> None:
    table = pa.Table.from_batches(notes(2000))
    assert table.schema == NOTES
    assert table.num_rows == len(set(table.column("note_id").to_pylist())) == 2000
    assert 150 < pc.mean(pc.utf8_length(table.column("content"))).as_py() < 250


def test_searches_come_in_sessions_and_some_have_results_that_exist() -> None:
    table = pa.Table.from_batches(searches(25_000, 2000))
    assert table.schema == SEARCHES
    assert table.num_rows == len(set(table.column("search_id").to_pylist())) == 25_000
    sessions = table.group_by(["session_id"]).aggregate([("user_id", "count_distinct"), ("query", "count")])
    assert pc.max(sessions.column("user_id_count_distinct")).as_py() == 1
    assert 1.4 < pc.mean(sessions.column("query_count")).as_py() < 2
    recorded = table.column("results").drop_null()
    assert 0.07 < len(recorded) / 25_000 < 0.13
    shown = recorded.combine_chunks().flatten()
    known = pa.Table.from_batches(notes(2000)).column("note_id").to_pylist()
    assert set(shown.field("note_id").to_pylist()) <= set(known)
    assert 0.02 < pc.mean(shown.field("clicked").cast(pa.int8())).as_py() < 0.2
    assert shown.field("dwell_seconds").null_count == len(shown) - pc.sum(shown.field("clicked")).as_py()


def test_lines_and_parquet_hold_the_same(tmp_path: Path) -> None:
    lines = write_market(tmp_path / "lines", 50, 500)
    tables = write_market(tmp_path / "tables", 50, 500, suffix="parquet")
    for line_file, table_file in zip(lines, tables, strict=True):
        rows = [orjson.loads(line) for line in line_file.read_bytes().splitlines()]
        stored = orjson.loads(orjson.dumps(pq.read_table(table_file).to_pylist()))
        assert rows == stored
