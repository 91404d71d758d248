"""An import that is killed at any moment leaves the old data or the new, whole."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from indexer.stores import open_store
from tests.elastic.rows import STAMP, notes

pytestmark = [pytest.mark.fault, pytest.mark.elasticsearch]

ROOT = Path(__file__).resolve().parents[2]
IMPORT = """
import sys
from indexer.stores import open_store
from tests.elastic.rows import STAMP, notes

with open_store(sys.argv[1]) as store, store.writer(holder="the import that is killed") as writer:
    for first in range(0, 400, 100):
        writer.write("note", notes(100, first=first))
        print("written", flush=True)
    writer.publish(STAMP)
    print("published", flush=True)
    sys.stdin.read()
"""


@pytest.mark.parametrize("lines", [1, 3, 5])
def test_a_killed_import_leaves_old_or_new(elastic_url: str, lines: int) -> None:
    with open_store(elastic_url, create=True) as store, store.writer(holder="first") as writer:
        writer.write("note", notes(50))
        writer.publish(STAMP)
    command = [sys.executable, "-c", IMPORT, elastic_url]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        said = [child.stdout.readline() for _ in range(lines)]
        os.kill(child.pid, signal.SIGKILL)
    published = b"published\n" in said
    with open_store(elastic_url) as store:
        if not published:
            assert {"warning"} <= {one.level for one in store.check()}
        with store.snapshot() as snapshot:
            found = sum(batch.num_rows for batch in snapshot.scan("note", ["note_id"]))
            assert found == snapshot.count("note") == (400 if published else 50)
        with store.writer(holder="the next") as writer:
            writer.write("note", notes(400))
            assert writer.publish(STAMP).counts == {"note": 400}
        assert {one.level for one in store.check()} == {"ok"}
