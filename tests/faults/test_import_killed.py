"""Processes that segment end with the import they work for, however that ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

pytestmark = pytest.mark.fault
ROOT = Path(__file__).parents[2]
IMPORTER = """
import multiprocessing, signal, sys
from indexer.importer import Quiet, import_files
from indexer.stores.memory import MemoryStore

class Halts(Quiet):
    def advance(self, file, *, rows=0, read_bytes=0):
        if rows:
            print(len(multiprocessing.active_children()), flush=True)
            sys.stdin.read()

if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)  # tests may run where interrupts are ignored
    import_files(MemoryStore(), [sys.argv[1]], progress=Halts(), processes=2)
"""


@pytest.fixture
def importing(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """An import that has taken in its first rows and halts, with its processes waiting for work."""
    rows = "".join(f"纸尿裤{n % 997},2024-01-05 08:03:00\n" for n in range(60_000))
    (tmp_path / "searches.csv").write_text(f"query,searched_at\n{rows}", encoding="utf-8")
    (tmp_path / "importer.py").write_text(IMPORTER, encoding="utf-8")
    process = subprocess.Popen(
        [sys.executable, "importer.py", "searches.csv"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    assert int(process.stdout.readline()) == 2
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM], ids=lambda how: how.name)
def test_processes_go_with_their_import(importing: subprocess.Popen[str], how: signal.Signals) -> None:
    importing.send_signal(how)
    assert importing.wait(timeout=30) == -how
    importing.communicate(timeout=30)  # ends when the last process that holds its output has gone


def test_processes_leave_an_interrupt_to_their_import(importing: subprocess.Popen[str]) -> None:
    os.killpg(importing.pid, signal.SIGINT)
    told = importing.communicate(timeout=30)[1]
    assert told.count("Traceback") == 1
    assert told.rstrip().endswith("KeyboardInterrupt")
