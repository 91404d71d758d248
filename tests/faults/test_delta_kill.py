from __future__ import annotations

import os
import signal
import subprocess
import sys
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
KILLS = 20
IMPORTER = """
import sys
from indexer.stores import open_store
from tests.contract.rows import STAMP, searches
turn, left = int(sys.argv[2]), int(sys.argv[3])

def count(frame, event, _):
    # The calls that the store and deltalake make are how far an import is, on a slow machine as on a fast one.
    global left
    file = frame.f_code.co_filename
    if event in ("call", "c_call") and ("/indexer/stores/" in file or "/deltalake/" in file):
        left -= 1
        if not left:
            print("now", flush=True)

print("ready", flush=True)
sys.setprofile(count)
store = open_store(sys.argv[1], create=True)
while True:
    turn, before = turn + 1, left
    with store.writer(holder=f"import {turn}", wait_seconds=5) as writer:
        for first in range(0, 300, 100):
            writer.write("search", searches(first, first + 100, f"turn {turn}"))
            writer.existing("search", [f"s{first:06d}"])
        writer.publish(STAMP)
    if len(sys.argv) > 4:
        print(before - left, flush=True)
"""


def _importer(url: Path, turn: int, calls: int, *more: str) -> subprocess.Popen[str]:
    """A process that imports again and again, and says ``now`` after so many calls (0: never)."""
    process = subprocess.Popen(
        [sys.executable, "-c", IMPORTER, str(url), str(turn), str(calls), *more],
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


def _calls_of_imports(url: Path) -> tuple[int, int]:
    """How many calls the first import makes, and the second."""
    process = _importer(url, 0, 0, "tell")
    assert process.stdout is not None
    first, second = int(process.stdout.readline()), int(process.stdout.readline())
    _kill(process)
    return first, second


def test_killed_anywhere_the_old_or_the_new_is_there_whole(tmp_path: Path) -> None:
    url = tmp_path / "data"
    calls = _calls_of_imports(tmp_path / "counted")
    # Spread over one import and the next, each somewhere in its part of the way, in any order.
    random = np.random.default_rng(20)
    points = (random.permutation(KILLS) + random.uniform(size=KILLS)) * sum(calls) / KILLS
    turns, inside = [0], 0
    for point in points:
        process = _importer(url, turns[-1], 1 + int(point))
        assert process.stdout is not None
        assert process.stdout.readline() == "now\n"
        _kill(process)
        inside += (url / "writer.json").exists()  # the holder's name, which a writer that ends takes away
        with open_store(str(url), create=True) as store:
            turns.append(max(turns[-1], _turn(store)))
            assert _turn(store) == turns[-1]
            if turns[-1]:
                for number in range(1, store.snapshot().manifest.number + 1):
                    with store.snapshot(number) as snapshot:
                        assert sum(batch.num_rows for batch in snapshot.scan("search")) == ROWS
    assert turns[-1] > 1
    assert inside > KILLS // 2
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
    assert list(tmp_path.iterdir()) == [url]
    assert len(list((url / "scratch").iterdir())) == 1
    stray = url / "records" / "search" / "part-stray.parquet"
    stray.write_bytes(b"PAR1")
    with open_store(str(url)) as store:
        levels = {finding.subject: finding.level for finding in store.check()}
        assert (levels["record search"], levels["lease"]) in {("warning", "warning"), ("ok", "warning")}
        with store.writer(holder="second"):
            pass
        assert set((url / "records").rglob("*.parquet")) == before
        assert list((url / "scratch").iterdir()) == []
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
