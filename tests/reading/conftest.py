from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from indexer.importer import FileReport, import_files
from indexer.records import RECORDS
from indexer.stores.memory import MemoryStore
from tests.reading.exports import Import


@pytest.fixture
def imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Import:
    monkeypatch.chdir(tmp_path)

    def run(name: str, data: str | bytes, **options: Any) -> tuple[list[dict[str, Any]], FileReport]:
        path = tmp_path / name
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
        store = MemoryStore()
        report = import_files(store, [path], max_rejected=1, **options).files[0]
        assert report.read == report.written + report.unchanged + report.rejected
        snapshot = store.snapshot()
        rows = pa.Table.from_batches(snapshot.scan(report.record), RECORDS[report.record].schema).to_pylist()
        return rows, report

    return run
