from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from indexer.errors import StoreBusyError
from indexer.stores import open_store
from indexer.stores.contract import Store
from tests.contract.rows import STAMP, scanned, searches

pytestmark = pytest.mark.fault
ROOT = Path(__file__).parents[2]
ROWS = 300
IMPORTER = """
import sys
from indexer.stores import open_store
from tests.contract.rows import OTHER_STAMP, STAMP, searches
turn = int(sys.argv[2])
store = open_store(sys.argv[1], create=True)
print("ready", flush=True)
while True:
    turn += 1
    with store.writer(holder=f"import {turn}", wait_seconds=5) as writer:
        for first in range(0, 300, 100):
            writer.write("search", searches(first, first + 100, f"turn {turn}"))
            writer.existing("search", [f"s{first:06d}"])
        writer.publish(STAMP)
    print("published", flush=True)
"""


def _importer(url: Path, turn: int) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", IMPORTER, str(url), str(turn)],
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(url.parent)},  # what a killed process leaves there goes with the test
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def _kill(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGKILL)
    process.communicate()


def _turn(store: Store) -> int:
    """The turn of the newest snapshot, after seeing that all of it is there and nothing else."""
    if store.manifest() is None:
        return 0
    with store.snapshot() as snapshot:
        rows = scanned(snapshot.scan("search", ["search_id", "query"]), "search_id")
        assert snapshot.count("search") == ROWS
    assert [row["search_id"] for row in rows] == [f"s{number:06d}" for number in range(ROWS)]
    (query,) = {row["query"] for row in rows}
    return int(query.removeprefix("turn "))


def _seconds_of_an_import(url: Path) -> float:
    process = _importer(url, 0)
    begun = time.monotonic()
    assert process.stdout is not None
    assert process.stdout.readline() == "published\n"
    seconds = time.monotonic() - begun
    _kill(process)
    return seconds


def test_killed_anywhere_the_old_or_the_new_is_there_whole(tmp_path: Path) -> None:
    url = tmp_path / "data"
    random = np.random.default_rng(20)
    turns, seconds = [0], _seconds_of_an_import(tmp_path / "timed")
    for _ in range(20):
        process = _importer(url, turns[-1])
        time.sleep(float(random.uniform(0.0, 2 * seconds)))  # where it is killed is left to chance on purpose
        _kill(process)
        with open_store(str(url)) as store:
            turns.append(max(turns[-1], _turn(store)))
            assert _turn(store) == turns[-1]
            if turns[-1]:
                for number in range(1, store.snapshot().manifest.number + 1):
                    with store.snapshot(number) as snapshot:
                        assert sum(batch.num_rows for batch in snapshot.scan("search")) == ROWS
    assert turns[-1] > 1
    with open_store(str(url)) as store:
        with store.writer(holder="last", wait_seconds=5) as writer:
            writer.write("search", searches(0, ROWS, f"turn {turns[-1] + 1}"))
            writer.publish(STAMP)
        assert _turn(store) == turns[-1] + 1
        assert {finding.level for finding in store.check()} == {"ok"}


def test_a_dead_holder_stops_nobody_and_its_leftovers_go(tmp_path: Path) -> None:
    url = tmp_path / "data"
    with open_store(str(url), create=True) as store, store.writer(holder="first") as writer:
        writer.write("search", searches(0, 10))
        writer.publish(STAMP)
    before = set((url / "records").rglob("*.parquet"))
    script = ROOT / "tests" / "contract" / "killed_writer.py"
    done = subprocess.run(
        [sys.executable, str(script), str(url), "5000"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(tmp_path)},
        check=False,
    )
    assert done.returncode == -signal.SIGKILL
    stray = url / "records" / "search" / "part-stray.parquet"
    stray.write_bytes(b"PAR1")
    with open_store(str(url)) as store:
        levels = {finding.subject: finding.level for finding in store.check()}
        assert (levels["record search"], levels["lease"]) in {("warning", "warning"), ("ok", "warning")}
        with store.writer(holder="second"):
            pass
        assert set((url / "records").rglob("*.parquet")) == before
        assert {finding.level for finding in store.check()} == {"ok"}
        with store.snapshot() as snapshot:
            assert snapshot.count("search") == sum(batch.num_rows for batch in snapshot.scan("search")) == 10


def test_a_living_holder_of_another_process_is_named(tmp_path: Path) -> None:
    script = """
import sys
from indexer.stores import open_store
with open_store(sys.argv[1], create=True) as store, store.writer(holder="import of a.csv"):
    print("holding", flush=True)
    sys.stdin.read()
"""
    url = tmp_path / "data"
    process = subprocess.Popen(
        [sys.executable, "-c", script, str(url)], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "holding\n"
    with open_store(str(url)) as store:
        with pytest.raises(StoreBusyError, match=rf"import of a\.csv \(process {process.pid} on .*, since 20"):
            store.writer(holder="me").__enter__()
        process.communicate()
        with store.writer(holder="me"):
            pass
