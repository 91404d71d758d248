"""Memory does not grow with the file: a child imports a small and a large one into a store that forgets."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

CHILD = """
import json, sys
from pathlib import Path
from types import SimpleNamespace
from indexer.importing import importer
from indexer.stores.contract import WriteResult

class Forgets:
    url = "://nowhere"
    info = SimpleNamespace(salt="salt")
    def manifest(self): return None
    def writer(self, **_): return self
    def __enter__(self): return self
    def __exit__(self, *_): pass
    def write(self, record, rows): return WriteResult(len(rows), 0)
    def publish(self, stamp, words): return SimpleNamespace(name="none")

def peak():  # MiB since it was asked last; unlike ru_maxrss it does not begin with what the parent process had
    status = Path("/proc/self/status").read_text()
    Path("/proc/self/clear_refs").write_text("5")
    return int(status.partition("VmHWM:")[2].split()[0]) >> 10

importer._WRITE_ROWS = 20_000
peaks = []
for path in sys.argv[1:]:
    report = importer.import_files(Forgets(), [path], processes=0)
    assert report.total["rejected"] == 0, report.as_json()
    peaks.append(peak())
held = b"x" * (100 << 20)
print(json.dumps([*peaks, peak()]))
"""


def rows(path: Path, count: int) -> Path:
    with path.open("w") as file:
        if path.suffix == ".csv":
            file.write("query,searched_at,user_id\n")
            for n in range(count):
                file.write(f"纸尿裤{n % 997},2024-01-{n % 28 + 1:02d} 08:03:00,user{n}\n")
        else:
            for n in range(count):
                result = f'{{"note_id": "n{n}", "position": 1, "clicked": true}}'
                head = f'"query": "奶瓶{n % 997}", "searched_at": {1704412980 + n}, "user_id": "{n}"'
                file.write(f'{{{head}, "results": [{result}]}}\n')
    return path


@pytest.mark.parametrize("suffix", ["csv", "jsonl"])
def test_memory_is_flat(tmp_path: Path, suffix: str) -> None:
    files = [rows(tmp_path / f"small.{suffix}", 60_000), rows(tmp_path / f"large.{suffix}", 240_000)]
    done = subprocess.run(
        [sys.executable, "-c", CHILD, *map(str, files)], capture_output=True, text=True, check=False, timeout=250
    )
    assert done.returncode == 0, done.stderr
    small, large, held = json.loads(done.stdout)
    assert large < 400, (small, large)
    assert large - small < 64, (small, large)
    assert held > 150, "what a process holds is seen"
