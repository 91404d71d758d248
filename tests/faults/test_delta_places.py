from __future__ import annotations

import os
import subprocess
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest
from deltalake import DeltaTable, write_deltalake

from indexer.errors import StoreError, UsageError
from indexer.records import SCHEMA_VERSION
from indexer.stores import open_store
from indexer.stores.delta.place import place_of
from tests.contract.rows import STAMP, searches

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    "url",
    ["", "  ", "ftp://host/x", "postgres://host", "s3://", "s3:///prefix", "file://elsewhere/x", "memory://", "a\0b"],
)
def test_addresses_that_name_no_store_are_refused_with_a_hint(url: str) -> None:
    with pytest.raises(UsageError) as refused:
        open_store(url, create=True)
    assert "a store is a directory" in refused.value.hint


@pytest.mark.parametrize("name", ["100%", "a%20b", "a[1]", "a\\b"])
def test_paths_that_delta_lake_misreads_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="the path of a store can't hold"):
        open_store(str(tmp_path / name), create=True)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "name", ["plain", "数 据", "a#b", "a?b", "a'b", 'a"b', "a{b}", "a*b", "a:b", "-a", "~a", "a&b=c"]
)
def test_other_paths_are_taken_as_they_are(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    with open_store(str(path), create=True) as store, store.writer(holder="test") as writer:
        writer.write("search", searches(0, 5))
        writer.publish(STAMP)
        writer.write("search", searches(0, 5, "新"))
        writer.publish(STAMP)
    with open_store(path.as_uri()) as store, store.snapshot() as snapshot:
        assert snapshot.by_id("search", ["s000001"], ["query"]).to_pylist() == [{"query": "新"}]
    assert [entry.name for entry in tmp_path.iterdir()] == [name]


def test_a_relative_path_and_the_home_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    open_store("data", create=True).close()
    assert open_store("~/data").info == open_store(str(tmp_path / "data")).info


def test_addresses_of_object_stores_are_joined_as_addresses() -> None:
    place = place_of("s3://bucket/a%20b/")
    assert (place.root, place.local) == ("s3://bucket/a%20b", False)
    assert place.table("records", "note") == "s3://bucket/a%20b/records/note"


def test_a_missing_store_is_said_and_not_made(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="there is no store") as refused:
        open_store(str(tmp_path / "data"))
    assert "gapfinder import" in refused.value.hint
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("create", [True, False])
def test_a_directory_with_something_else_is_left_alone(tmp_path: Path, *, create: bool) -> None:
    (tmp_path / "store").mkdir()
    (tmp_path / "store" / "notes.txt").write_text("mine")
    (tmp_path / "letters").mkdir()
    with pytest.raises(StoreError, match="not a store, and not empty"):
        open_store(str(tmp_path), create=create)
    (tmp_path / "letters").rmdir()
    with pytest.raises(StoreError, match="not a store, and not empty"):
        open_store(str(tmp_path), create=create)
    assert [str(path.relative_to(tmp_path)) for path in sorted(tmp_path.rglob("*"))] == ["store", "store/notes.txt"]


def test_a_delta_table_of_someone_else_is_no_store(tmp_path: Path) -> None:
    write_deltalake(str(tmp_path), pa.table({"a": [1]}))
    with pytest.raises(StoreError, match="not a store"):
        open_store(str(tmp_path), create=True)
    write_deltalake(str(tmp_path / "other" / "store"), pa.table({"a": [1]}))
    with pytest.raises(StoreError):
        open_store(str(tmp_path / "other"), create=True)
    assert DeltaTable(str(tmp_path / "other" / "store")).version() == 0


def test_a_file_is_no_store(tmp_path: Path) -> None:
    path = tmp_path / "notes.jsonl"
    path.write_text("{}")
    with pytest.raises(StoreError, match="not a directory"):
        open_store(str(path), create=True)
    with pytest.raises(StoreError, match=r"making the store|opening"):
        open_store(str(path / "data"), create=True)


def test_a_store_whose_making_was_killed_is_made_again(tmp_path: Path) -> None:
    half = tmp_path / "store" / "_delta_log"
    half.mkdir(parents=True)
    (tmp_path / "store" / "part-00000.parquet").write_bytes(b"PAR1")
    with pytest.raises(StoreError, match="there is no store"):
        open_store(str(tmp_path))
    with open_store(str(tmp_path), create=True) as store:
        assert store.info.schema_version == SCHEMA_VERSION


def test_of_two_makers_one_makes_it(tmp_path: Path) -> None:
    salts: list[str] = []
    threads = [
        threading.Thread(target=lambda: salts.append(open_store(str(tmp_path / "data"), create=True).info.salt))
        for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(salts) == 6
    assert len(set(salts)) == 1


def test_the_salt_is_made_once_and_can_be_overridden(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = str(tmp_path / "data")
    own = open_store(url, create=True).info.salt
    assert len(own) >= 32
    assert open_store(url).info.salt == open_store(url, create=True).info.salt == own
    assert open_store(url, salt="given").info.salt == "given"
    monkeypatch.setenv("GAPFINDER_SALT", "from outside")
    assert open_store(url).info.salt == "from outside"
    assert open_store(url, salt="given").info.salt == "given"
    monkeypatch.setenv("GAPFINDER_SALT", "")
    assert open_store(url).info.salt == own


def test_a_newer_store_is_refused(tmp_path: Path) -> None:
    url = str(tmp_path / "data")
    open_store(url, create=True).close()
    row = {"salt": "s", "schema_version": SCHEMA_VERSION + 1, "created_at": datetime.now(UTC)}
    write_deltalake(f"{url}/store", pa.Table.from_pylist([row]), mode="overwrite")
    with pytest.raises(StoreError, match=rf"newer gapfinder \(schema {SCHEMA_VERSION + 1}, this one knows"):
        open_store(url)


def test_data_of_a_newer_version_are_refused(tmp_path: Path) -> None:
    url = str(tmp_path / "data")
    with open_store(url, create=True) as store:
        with store.writer(holder="test") as writer:
            writer.publish(STAMP)
        table = DeltaTable(f"{url}/manifests").to_pyarrow_table()
        body = pa.array(['{"schema_version": 99, "in": "another shape"}'])
        write_deltalake(f"{url}/manifests", table.set_column(1, "body", body), mode="overwrite")
        for use in (store.manifest, store.snapshot, store.writer(holder="test").__enter__):
            with pytest.raises(StoreError, match=r"newer gapfinder \(schema 99"):
                use()
        assert [finding.level for finding in store.check() if finding.subject == "manifest"] == ["error"]


@pytest.mark.fault
def test_without_rights_a_clear_sentence(tmp_path: Path) -> None:
    url = tmp_path / "data"
    with open_store(str(url), create=True) as store, store.writer(holder="test") as writer:
        writer.write("search", searches(0, 5))
        writer.publish(STAMP)
    locked = tmp_path / "locked"
    locked.mkdir(mode=0o700)
    script = """
import os, sys
from indexer.errors import StoreError
from indexer.stores import open_store
from tests.contract.rows import searches
locked, url = sys.argv[1:]
open_store(url).check()  # load everything while the libraries can be read
if os.geteuid() == 0:
    os.setgroups([]); os.setgid(65534); os.setuid(65534)
store = open_store(url)
with store.snapshot() as snapshot:
    print(snapshot.count("search"), sum(batch.num_rows for batch in snapshot.scan("search")))
for use in (lambda: open_store(locked + "/data", create=True), store.writer(holder="test").__enter__):
    try:
        use()
    except StoreError as error:
        print(error.hint)
"""
    if os.geteuid() != 0:
        locked.chmod(0o000)
        for path in [url, *url.rglob("*")]:
            path.chmod(0o500 if path.is_dir() else 0o400)
    for parent in [tmp_path, *tmp_path.parents[:-2]]:
        parent.chmod(parent.stat().st_mode | 0o055)
    done = subprocess.run(
        [sys.executable, "-c", script, str(locked), str(url)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.stdout.splitlines() == [
        "5 5",
        *["give yourself the right to read and write the store's directory"] * 2,
    ], done.stderr
