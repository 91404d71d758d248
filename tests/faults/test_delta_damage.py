from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import hypothesis
import pyarrow as pa
import pytest
import typer
from deltalake.exceptions import DeltaError
from hypothesis import strategies as st

from gapfinder.cli.doctoring import examine
from indexer.errors import GapfinderError, StoreError
from indexer.records import RECORDS
from indexer.stores import open_store
from indexer.stores.contract import RUN_ROWS, RunInfo, Snapshot
from indexer.stores.delta.draft import Draft
from indexer.stores.delta.engine import Engine
from indexer.stores.delta.faults import engine_faults
from tests.contract.rows import FIRST_DAY, SINCE, STAMP, note, scanned, searches, table

pytestmark = pytest.mark.fault


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with two snapshots."""
    path = tmp_path_factory.mktemp("whole") / "data"
    with open_store(str(path), create=True) as store, store.writer(holder="test") as writer:
        writer.write("search", searches(0, 50, "旧"))
        writer.write("note", table("note", [note("n", "好 词")]))
        writer.publish(STAMP)
        writer.write("search", searches(25, 75, "新"))
        writer.publish(STAMP)
    return path


@pytest.fixture
def copy(whole: Path, tmp_path: Path) -> Path:
    return shutil.copytree(whole, tmp_path / "data")


READS: list[Callable[[Snapshot], object]] = [
    lambda snapshot: list(snapshot.scan("search")),
    lambda snapshot: snapshot.by_id("search", ["s000001"]).to_pylist(),
    lambda snapshot: list(snapshot.group_counts("search", ["query_norm"])),
    lambda snapshot: list(snapshot.group_counts("search", ["day"], window=("day", FIRST_DAY, SINCE))),
    lambda snapshot: snapshot.extent("search", "day"),
]


def _files(path: Path, pattern: str) -> list[Path]:
    return sorted(path.glob(pattern))


@pytest.mark.parametrize("read", range(len(READS)))
@pytest.mark.parametrize("harm", ["missing", "cut", "empty", "foreign"])
def test_harmed_data_files_are_named(copy: Path, harm: str, read: int) -> None:
    for file in _files(copy, "records/search/*.parquet"):
        if harm == "missing":
            file.unlink()
        else:
            content = file.read_bytes()
            file.write_bytes({"cut": content[: len(content) // 2], "empty": b"", "foreign": b"hello" * 50}[harm])
    with open_store(str(copy)) as store, store.snapshot() as snapshot:
        assert snapshot.document_frequency(["好"]).tolist() == [1]  # what is whole stays readable
        with pytest.raises(StoreError, match="records/search"):
            READS[read](snapshot)
        found = {finding.subject: finding.level for finding in store.check()}
    assert found["record search"] == "error"
    assert found["record note"] == "ok"


@pytest.mark.parametrize("table_name", ["records/search", "manifests", "store", "runs"])
@pytest.mark.parametrize("harm", ["cut", "empty", "nonsense", "gone"])
def test_a_harmed_log_is_an_error_with_the_table_in_it(copy: Path, table_name: str, harm: str) -> None:
    if table_name == "runs":
        (copy / "runs" / "_delta_log").mkdir(parents=True)
        (copy / "runs" / "_delta_log" / f"{0:020}.json").write_text("{}")
    for file in _files(copy, f"{table_name}/_delta_log/*.json"):
        content = file.read_bytes()
        if harm == "gone":
            file.unlink()
        else:
            file.write_bytes({"cut": content[: len(content) // 3], "empty": b"", "nonsense": b"\xff{["}[harm])

    def use() -> None:
        with open_store(str(copy)) as store:
            store.runs()
            with store.snapshot() as snapshot:
                list(snapshot.scan("search"))

    if table_name == "runs" and harm == "gone":
        use()  # no runs were ever saved
        return
    with pytest.raises(GapfinderError) as refused:
        use()
    assert str(copy) in refused.value.message
    assert "Traceback" not in refused.value.message


@hypothesis.given(data=st.data())
@hypothesis.settings(max_examples=60, suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture])
def test_cut_files_never_lie(whole: Path, tmp_path: Path, data: st.DataObject) -> None:
    with open_store(str(whole)) as store, store.snapshot() as snapshot:
        truth = scanned(snapshot.scan("search"), "search_id")
    copy = shutil.copytree(whole, tmp_path / "copy", dirs_exist_ok=True)
    names = sorted(str(p.relative_to(whole)) for p in whole.rglob("*") if p.is_file())
    file = copy / data.draw(st.sampled_from(names))
    content = file.read_bytes()
    file.write_bytes(content[: data.draw(st.integers(0, max(0, len(content) - 1)))])
    try:
        with open_store(str(copy)) as store, store.snapshot() as snapshot:
            found = scanned(snapshot.scan("search"), "search_id")
            number = snapshot.manifest.number
    except GapfinderError:
        pass
    else:
        assert number == 2
        assert found == truth
    finally:
        shutil.rmtree(copy)


def test_a_manifest_that_is_no_manifest(copy: Path) -> None:
    from deltalake import write_deltalake

    write_deltalake(str(copy / "manifests"), pa.table({"number": [3], "body": ['{"number": 3}']}), mode="overwrite")
    with open_store(str(copy)) as store, pytest.raises(StoreError, match="manifest 3 is damaged"):
        store.snapshot()


def test_manifests_that_are_gone_stop_everything_and_cost_no_row(copy: Path) -> None:
    kept = _files(copy, "records/**/*")
    away = shutil.move(copy / "manifests", copy.parent / "away")
    with open_store(str(copy)) as store:
        for use in (store.manifest, store.snapshot, lambda: store.snapshot(1)):
            with pytest.raises(StoreError, match="manifests are gone"):
                use()
        with pytest.raises(StoreError, match="manifests are gone"), store.writer(holder="test"):
            pass
        [wrong] = [finding for finding in store.check() if finding.level == "error"]
    assert wrong.subject == "manifest"
    assert "backup" in wrong.mend
    assert _files(copy, "records/**/*") == kept
    shutil.move(away, copy / "manifests")
    with open_store(str(copy)) as store, store.snapshot() as snapshot:
        assert snapshot.count("search") == 75


def test_a_first_import_that_was_killed_is_no_damage(tmp_path: Path) -> None:
    with open_store(str(tmp_path / "data"), create=True) as store:
        with closing(Engine("64MB")) as engine:
            draft = Draft(RECORDS["search"], str(tmp_path / "data" / "records" / "search"), engine)
            draft.write(searches(0, 50, "旧"))
            draft.settle()
        assert store.manifest() is None
        with store.writer(holder="next") as writer:
            writer.write("search", searches(0, 2, "新"))
            writer.publish(STAMP)
        with store.snapshot() as snapshot:
            assert [row["query"] for row in scanned(snapshot.scan("search"), "search_id")] == ["新"] * 2


def test_a_store_from_before_the_note_gets_it_from_the_next_writer(copy: Path) -> None:
    shutil.rmtree(copy / "published")
    with open_store(str(copy)) as store:
        with store.writer(holder="test"):
            pass
        shutil.rmtree(copy / "manifests")
        with pytest.raises(StoreError, match="manifests are gone"):
            store.manifest()


def test_a_damaged_note_is_found_and_can_be_deleted(copy: Path) -> None:
    for file in _files(copy, "published/_delta_log/*.json"):
        file.write_text("{")
    with open_store(str(copy)) as store:
        [wrong] = [finding for finding in store.check() if finding.level == "error"]
        assert f"delete {copy}/published" in wrong.mend
        shutil.rmtree(copy / "published")
        assert all(finding.level != "error" for finding in store.check())


@pytest.mark.parametrize("harm", ["table", "file"])
def test_run_rows_that_are_gone_are_found(copy: Path, harm: str) -> None:
    with open_store(str(copy)) as store:
        rows = pa.Table.from_pylist([{"section": "gaps", "position": 0, "key": "k", "body": "{}"}], schema=RUN_ROWS)
        store.save_run(RunInfo("r1", "r1", datetime.now(UTC), {}), rows)
        assert all(finding.level != "error" for finding in store.check())
        if harm == "table":
            shutil.rmtree(copy / "run_rows")
        else:
            for file in _files(copy, "run_rows/**/*.parquet"):
                file.unlink()
        [wrong] = [finding for finding in store.check() if finding.level == "error"]
    assert wrong.subject == "run r1"
    assert "gapfinder analyze" in wrong.mend


def test_a_store_that_can_only_be_read_is_a_warning(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: not (mode & os.W_OK))  # noqa: ARG005 - root may write anywhere
    with open_store(str(copy)) as store:
        [found] = [finding for finding in store.check() if finding.subject == "directory"]
    assert found.level == "warning"
    assert found.message.startswith("can be read only: ")


@pytest.mark.parametrize(
    ("error", "said", "hint"),
    [
        (duckdb.Error("out of memory\n\nPossible solutions: many"), "out of memory", "doctor"),
        (DeltaError("bad log\nstack backtrace:\n   0: <std::x>"), "bad log", "doctor"),
        (DeltaError("bad log   0: <deltalake::x as y>::z"), "bad log", "doctor"),
        (OSError("not supported\n  \x1b[31m↳\x1b[0m no key\n  Chain\n"), "not supported ↳ no key", "doctor"),
        (OSError(errno.ENOSPC, "No space left on device"), "No space left on device", "make room on the disk"),
        (DeltaError("io: No space left on device (os error 28)"), "(os error 28)", "make room on the disk"),
    ],
)
def test_an_engine_is_quoted_in_one_line(error: Exception, said: str, hint: str) -> None:
    with pytest.raises(StoreError) as told, engine_faults("/data", "writing"):
        raise error
    assert told.value.message.endswith(said)
    assert hint in told.value.hint


@pytest.mark.parametrize("harmed", ["records/search", "manifests", "runs"])
def test_doctor_ends_with_the_code_of_a_damaged_store(
    copy: Path, harmed: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with open_store(str(copy)) as store:
        store.save_run(RunInfo("r1", "r1", datetime.now(UTC), {}), RUN_ROWS.empty_table())
    for file in _files(copy, f"{harmed}/_delta_log/*.json"):
        file.write_text("{")
    with pytest.raises(typer.Exit) as ended:
        examine(str(copy), as_json=True)
    assert ended.value.exit_code == 4
    assert "gapfinder doctor" not in capsys.readouterr().out


def test_the_engine_of_an_object_store_is_quiet() -> None:
    program = (
        "from indexer.errors import StoreError\nfrom indexer.stores import open_store\n"
        "try:\n    open_store('s3://bucket/store')\nexcept StoreError as error:\n    print(error.message)\n"
    )
    names = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "RUST_"))}
    away = {"AWS_EC2_METADATA_SERVICE_ENDPOINT": "http://127.0.0.1:1", "AWS_CONFIG_FILE": "/none"}
    away["AWS_SHARED_CREDENTIALS_FILE"] = "/none"
    done = subprocess.run(
        [sys.executable, "-c", program], env=names | away, capture_output=True, text=True, check=True, timeout=60
    )
    assert "no credentials found" in done.stdout
    assert done.stderr == ""
