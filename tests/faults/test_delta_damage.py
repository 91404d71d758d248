from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import hypothesis
import pytest
from hypothesis import strategies as st

from indexer.errors import GapfinderError, StoreError
from indexer.stores import open_store
from indexer.stores.contract import Snapshot
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
    import pyarrow as pa
    from deltalake import write_deltalake

    write_deltalake(str(copy / "manifests"), pa.table({"number": [3], "body": ['{"number": 3}']}), mode="overwrite")
    with open_store(str(copy)) as store, pytest.raises(StoreError, match="manifest 3 is damaged"):
        store.snapshot()
