from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from indexer.stores import open_store
from tests.contract.rows import STAMP, scanned, searches

pytestmark = pytest.mark.fault
ROOT = Path(__file__).parents[2]
SCRIPT = """
import resource, sys
from indexer.errors import StoreError
from indexer.stores import open_store
from tests.contract.rows import STAMP, searches
url, limit = sys.argv[1], int(sys.argv[2])
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
try:
    with open_store(url) as store, store.writer(holder="full") as writer:
        writer.write("search", searches(0, 4000, "新"))
        writer.existing("search", ["s000000"])
        writer.publish(STAMP)
except StoreError as error:
    assert error.message and error.exit_code == 4
    print("refused")
else:
    print("published")
"""


def test_a_full_disk_publishes_nothing_until_it_fits(tmp_path: Path) -> None:
    url = str(tmp_path / "data")
    with open_store(url, create=True) as store, store.writer(holder="first") as writer:
        writer.write("search", searches(0, 40, "旧"))
        first = writer.publish(STAMP)
    answers = []
    for limit in (0, 300, 1_500, 6_000, 30_000, 10_000_000):
        done = subprocess.run(
            [sys.executable, "-c", SCRIPT, url, str(limit)], cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        answers.append(done.stdout.strip())
        with open_store(url) as store, store.snapshot() as snapshot:
            rows = scanned(snapshot.scan("search"), "search_id")
            if answers[-1] == "refused":
                assert snapshot.manifest == first
                assert [row["query"] for row in rows] == ["旧"] * 40
            else:
                assert [row["query"] for row in rows] == ["新"] * 4000
    assert answers[0] == "refused"
    assert answers[-1] == "published"
    assert answers == sorted(answers, reverse=True)
