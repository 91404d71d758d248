from __future__ import annotations

import gc
import tempfile
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest

from indexer.stores import open_store
from indexer.stores.contract import RUN_ROWS, RunInfo
from tests.contract.rows import STAMP, note, searches, table

pytestmark = pytest.mark.fault


def _life(url: str, turn: int) -> None:
    with open_store(url, create=True) as store:
        with store.writer(holder="test") as writer:
            writer.write("search", searches(0, 30, f"第{turn}"))
            writer.write("note", table("note", [note("n", "字", likes=turn)]))
            writer.existing("search", ["s000003"])
            writer.publish(STAMP)
            writer.write("search", searches(0, 30, "弃"))
        with store.snapshot() as snapshot:
            next(snapshot.scan("search"))  # left in the middle
            next(snapshot.group_counts("search", ["day"]))
            snapshot.document_frequency(["字"])
        store.save_run(RunInfo("r", "r", datetime.now(UTC), {}), RUN_ROWS.empty_table())
        store.check()


def _held() -> tuple[int, int, int]:
    """Open files, Python's threads, and all threads but those of a pool that lets idle ones go after ten seconds."""
    files = sum(1 for _ in Path("/proc/self/fd").iterdir())
    names = [task.joinpath("comm").read_text().strip() for task in Path("/proc/self/task").iterdir()]
    return files, threading.active_count(), sum(name != "tokio-rt-worker" for name in names)


def test_opening_and_closing_leaves_nothing_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    url = str(tmp_path / "data")
    for turn in range(3):  # thread pools are made on first use and stay
        _life(url, turn)
    gc.collect()
    files, threads, tasks = _held()
    for turn in range(3, 15):
        _life(url, turn)
    gc.collect()
    found = _held()
    assert found[0] <= files
    assert found[1] <= threads
    assert found[2] <= tasks
    assert list(scratch.iterdir()) == []


def test_scratch_directories_are_private(tmp_path: Path) -> None:
    with open_store(str(tmp_path / "data"), create=True) as store, store.writer(holder="test") as writer:
        writer.write("search", searches(0, 3))
        engine = writer._engine  # type: ignore[attr-defined]
        assert engine.scratch.stat().st_mode & 0o077 == 0
        kept = engine.scratch
    assert not kept.exists()
