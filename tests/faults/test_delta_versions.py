"""What changes from one version of the project to the next, and what stays readable through many publications."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path

import pyarrow as pa
import pytest
from deltalake import DeltaTable, write_deltalake

from indexer.records import RECORDS
from indexer.stores.contract import RUN_ROWS, RunInfo
from indexer.stores.delta import tables
from indexer.stores.delta.draft import Draft
from indexer.stores.delta.engine import Engine, sql
from indexer.stores.delta.rows import Rows
from indexer.stores.delta.store import DeltaStore
from tests.contract.rows import FIRST_DAY, SINCE, STAMP, note, scanned, searches, table


@pytest.fixture
def old_store(tmp_path: Path) -> DeltaStore:
    """A store whose notes were written before there were sketches and finish rates."""
    store = DeltaStore.open(str(tmp_path / "data"), create=True)
    notes = table("note", [note(f"n{number}", "好 词", likes=number) for number in range(5)])
    with store.writer(holder="test") as writer:
        writer.write("note", notes)
        first = writer.publish(STAMP)
    old = notes.drop_columns(["sketch", "finish_rate"])
    uri = store.place.table("records", "note")
    write_deltalake(uri, old, mode="overwrite", schema_mode="overwrite")
    version = DeltaTable(uri).version()
    store.manifests.publish(replace(first, number=2, versions={"note": version}))
    return store


def test_new_columns_read_as_null_from_old_data(old_store: DeltaStore) -> None:
    with old_store.snapshot() as snapshot:
        for batch in snapshot.scan("note"):
            assert batch.schema.equals(RECORDS["note"].schema)
            assert batch.column("sketch").null_count == batch.num_rows == 5
        assert [batch.to_pylist() for batch in snapshot.scan("note", ["finish_rate"])] == [[{"finish_rate": None}] * 5]
        assert snapshot.by_id("note", ["n1"], ["sketch", "likes"]).to_pylist() == [{"sketch": None, "likes": 1}]
        groups = [row for batch in snapshot.group_counts("note", ["brand", "likes"]) for row in batch.to_pylist()]
        assert len(groups) == 5
        assert snapshot.document_frequency(["词"]).tolist() == [5]


def test_old_data_take_new_rows_and_changes(old_store: DeltaStore) -> None:
    with old_store.writer(holder="test") as writer:
        rows = [note("n1", "好 词", likes=10, sketch="ab"), note("n9", "好", finish_rate=0.5)]
        assert writer.write("note", table("note", rows)).written == 2
        assert scanned(writer.existing("note", ["n0", "n1"]).to_batches(), "note_id")[1]["sketch"] == "ab"
        writer.publish(STAMP)
    with old_store.snapshot() as snapshot:
        found = {row["note_id"]: row for row in scanned(snapshot.scan("note"), "note_id")}
    assert [found[key]["sketch"] for key in sorted(found)] == [None, "ab", None, None, None, None]
    assert (found["n9"]["finish_rate"], found["n0"]["finish_rate"]) == (0.5, None)
    with old_store.snapshot(2) as snapshot:
        assert snapshot.count("note") == 5


def test_new_columns_of_an_import_that_was_given_up_harm_nothing(old_store: DeltaStore) -> None:
    with old_store.writer(holder="test") as writer:
        writer.write("note", table("note", [note("n9", "好", sketch="ab")]))
        writer.existing("note", ["n9"])
    with old_store.snapshot() as snapshot:
        assert len(scanned(snapshot.scan("note"), "note_id")) == 5
    with old_store.writer(holder="test") as writer:
        assert writer.write("note", table("note", [note("n9", "好", sketch="ab")])).written == 1
        writer.publish(STAMP)
    assert {finding.level for finding in old_store.check()} == {"ok"}


def test_every_snapshot_of_many_stays_readable(tmp_path: Path) -> None:
    with DeltaStore.open(str(tmp_path / "data"), create=True) as store:
        for turn in range(1, 46):  # beyond the checkpoints that are made every twenty commits
            with store.writer(holder="test") as writer:
                writer.write("search", searches(turn, turn + 2, f"第{turn}"))
                writer.publish(STAMP)
                if turn % 9 == 0:
                    writer.write("search", searches(0, 50, "弃"))  # given up: what it left is deleted
        for number in (1, 19, 20, 21, 40, 45):
            with store.snapshot(number) as snapshot:
                rows = scanned(snapshot.scan("search", ["search_id", "query"]), "search_id")
            assert [row["query"] for row in rows] == [*(f"第{turn}" for turn in range(1, number + 1)), f"第{number}"]


def test_deleted_and_replaced_runs_leave_the_disk(tmp_path: Path) -> None:
    with DeltaStore.open(str(tmp_path / "data"), create=True) as store:
        secret = "秘" * 1000
        row = {"section": "gaps", "position": 0, "key": secret, "body": secret}
        for run, count in (("a", 5), ("b", 5), ("a", 1)):
            rows = pa.Table.from_pylist([row] * count, schema=RUN_ROWS)
            store.save_run(RunInfo(run, run, datetime.now(UTC), {}), rows)
        assert len(list((tmp_path / "data" / "run_rows").rglob("*.parquet"))) == 2
        store.delete_run("a")
        assert store.run_rows("b", "gaps").num_rows == 5
        store.delete_run("b")
        assert list((tmp_path / "data" / "run_rows").rglob("*.parquet")) == []


def test_rows_of_an_analysis_that_was_killed_go_with_the_next(tmp_path: Path) -> None:
    with DeltaStore.open(str(tmp_path / "data"), create=True) as store:
        rows = pa.Table.from_pylist([{"section": "gaps", "position": 0, "key": "k", "body": "{}"}], schema=RUN_ROWS)
        store.save_run(RunInfo("a", "a", datetime.now(UTC), {}), rows)
        uri = store.place.table("run_rows")
        tables.append(tables.open_table(uri), rows.append_column("save", pa.array(["killed"])))
        store.save_run(RunInfo("b", "b", datetime.now(UTC), {}), rows)
        assert {run["save"] for run in tables.open_table(uri).partitions()} != {"killed"}
        assert tables.open_table(uri).count() == 2
        assert store.run_rows("a", "gaps").num_rows == store.run_rows("b", "gaps").num_rows == 1


def test_changes_beyond_the_memory_of_the_engine_are_spilled(tmp_path: Path) -> None:
    engine = Engine("24MB")
    try:
        draft = Draft(RECORDS["search"], str(tmp_path / "search"), engine)
        for first in range(0, 60_000, 20_000):
            draft.write(searches(first, first + 20_000, "旧"))
        for first in range(0, 60_000, 20_000):
            assert draft.write(searches(first, first + 20_000, "新")).written == 20_000
        draft.settle()
        rows = Rows.of_table(tables.open_table(str(tmp_path / "search")), RECORDS["search"].schema)
        assert len(rows) == len(draft) == 60_000
        assert {query for batch in rows.batches(["query"]) for query in batch.column(0).unique().to_pylist()} == {"新"}
    finally:
        engine.close()


def test_windows_skip_files_by_their_days(tmp_path: Path) -> None:
    with DeltaStore.open(str(tmp_path / "data"), create=True) as store:
        with store.writer(holder="test") as writer:
            for day in (0, 200):
                rows = [{"search_id": f"s{day}", "query": "词", "day": FIRST_DAY.replace(month=1 if day == 0 else 7)}]
                writer.write("search", table("search", rows))
                writer.existing("search", [f"s{day}"])  # a file of its own
            writer.publish(STAMP)
        with store.snapshot() as snapshot:
            list(snapshot.scan("search"))
            (file,) = [
                path
                for path in (tmp_path / "data" / "records" / "search").glob("*.parquet")
                if b"s200" in path.read_bytes() or _holds(path, "s200")
            ]
            file.unlink()
            window = ("day", FIRST_DAY, SINCE)
            assert [row["search_id"] for row in scanned(snapshot.scan("search", window=window), "search_id")] == ["s0"]


def _holds(path: Path, key: str) -> bool:
    import pyarrow.parquet as pq

    return key in pq.read_table(path, columns=["search_id"]).column(0).to_pylist()


def test_statements_take_no_text_but_names_of_the_project() -> None:
    names = [file.name for file in resources.files("indexer.stores.delta").joinpath("sql").iterdir()]
    assert "group_counts.sql" in names
    for name in names:
        text = sql(name.removesuffix(".sql"))
        assert text.startswith("-- "), "says what it is for"
        assert "'" not in text.split("\n", 1)[1], "no literal stands where a value belongs"
        assert {part.split("}")[0] for part in text.split("{")[1:]} <= {"seen", "columns", "turn"}


def test_the_engine_is_shut_off_from_files(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("a\n1\n")
    engine = Engine("50MB")
    try:
        for statement in (
            f"from read_csv('{file}')",
            f"copy (select 1) to '{tmp_path}/b.csv'",
            "set enable_external_access = true",
            "install httpfs",
        ):
            with pytest.raises(Exception, match="DuckDB: computing failed"):
                engine.run(statement)
        assert sorted(path.name for path in tmp_path.iterdir()) == ["a.csv"]
    finally:
        engine.close()
