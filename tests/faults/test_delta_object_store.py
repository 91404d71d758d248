"""The embedded store at an object-store address: the same tables, a lease that is a row."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest

from indexer.errors import StoreBusyError, StoreError
from indexer.stores import open_store
from indexer.stores.contract import RUN_ROWS, RunInfo, WriteResult
from indexer.stores.delta import lease
from indexer.stores.delta.place import REACHING
from tests.contract.object_store import ObjectStore, object_store
from tests.contract.rows import STAMP, note, scanned, searches, table

pytestmark = pytest.mark.fault
ROOT = Path(__file__).parents[2]
URL = "s3://market/数据 a/store"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[ObjectStore]:
    with object_store() as running:
        for name, value in running.settings.items():
            monkeypatch.setenv(name, value)
        yield running


def _files(server: ObjectStore, table_name: str) -> list[str]:
    return [key for key in server.keys("market") if f"/{table_name}/" in key and key.endswith(".parquet")]


def test_a_life_on_an_object_store(server: ObjectStore) -> None:
    with pytest.raises(StoreError, match="there is no store"):
        open_store(URL)
    with open_store(URL, create=True) as store:
        with store.writer(holder="first") as writer:
            assert writer.write("search", searches(0, 300, "旧")) == WriteResult(300, 0)
            writer.write("note", table("note", [note("n", "好 词")]))
            first = writer.publish(STAMP)
        with store.writer(holder="second") as writer:
            assert writer.write("search", searches(200, 400, "新")) == WriteResult(200, 0)
            assert writer.existing("search", ["s000250"]).column("query").to_pylist() == ["新"]
            second = writer.publish(STAMP)
            writer.write("search", searches(0, 10, "弃"))
        rows = pa.Table.from_pylist([{"section": "gaps", "position": 0, "key": "k", "body": "{}"}], schema=RUN_ROWS)
        store.save_run(RunInfo("r", "r", datetime.now(UTC), {}), rows)
    with open_store(URL) as store:
        assert store.manifest() == second
        with store.snapshot() as snapshot:
            assert [row["query"] for row in scanned(snapshot.scan("search"), "search_id")] == ["旧"] * 200 + [
                "新"
            ] * 200
            assert snapshot.document_frequency(["好"]).tolist() == [1]
            groups = [row for batch in snapshot.group_counts("search", ["query_norm"]) for row in batch.to_pylist()]
            assert sorted((row["query_norm"], row["n"]) for row in groups) == [("新", 200), ("旧", 200)]
        with store.snapshot(first.number) as snapshot:
            assert sum(batch.num_rows for batch in snapshot.scan("search")) == 300
        assert store.run_rows("r", "gaps").num_rows == 1
        store.delete_run("r")
        assert {finding.level for finding in store.check()} == {"ok"}
    assert not _files(server, "run_rows")
    assert len(_files(server, "records/search")) > 1


def test_a_second_writer_is_told_who_holds_it(server: ObjectStore) -> None:
    assert server.keys("market") == []
    with open_store(URL, create=True) as store:
        with store.writer(holder="import of a.csv"), pytest.raises(StoreBusyError, match=r"import of a\.csv"):
            store.writer(holder="second", wait_seconds=0.2).__enter__()
        with store.writer(holder="third"):
            pass


def test_a_killed_writer_holds_it_for_a_while_only(
    server: ObjectStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_store(URL, create=True) as store, store.writer(holder="first") as writer:
        writer.write("search", searches(0, 20, "旧"))
        first = writer.publish(STAMP)
    done = subprocess.run(
        [sys.executable, str(ROOT / "tests" / "contract" / "killed_writer.py"), URL, "500"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(tmp_path)},
        check=False,
    )
    assert done.returncode == -signal.SIGKILL
    left = len(_files(server, "records/search"))
    with open_store(URL) as store:
        assert store.manifest() == first
        with pytest.raises(StoreBusyError, match="killed"):
            store.writer(holder="second").__enter__()
        monkeypatch.setattr(lease, "datetime", _Later)
        with store.writer(holder="second") as writer:
            assert writer.write("search", searches(0, 20, "旧")) == WriteResult(0, 20)
        assert len(_files(server, "records/search")) < left
        with store.snapshot() as snapshot:
            assert [row["query"] for row in scanned(snapshot.scan("search"), "search_id")] == ["旧"] * 20


class _Later(datetime):
    """The clock two minutes on: a lease that was not renewed has ended."""

    @classmethod
    def now(cls, tz: object = None) -> datetime:  # type: ignore[override]
        del tz
        return datetime.fromtimestamp(datetime.now(UTC).timestamp() + 120, UTC)


def test_an_object_store_that_can_not_be_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    with object_store() as gone:
        settings = gone.settings
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setitem(REACHING, "max_retries", "0")
    with pytest.raises(StoreError, match="s3://market"):
        open_store(URL)
