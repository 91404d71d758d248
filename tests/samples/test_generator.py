"""The generator writes the committed files again, whatever the hash seed, and they stay small."""

from __future__ import annotations

import gzip
import os
import subprocess
import sys
import zipfile
from pathlib import Path

from tests.samples.market_files import FOLDER

WRITTEN = [
    "ads.xlsx",
    "audiences.csv",
    "comments.csv",
    "creators.csv",
    "notes.jsonl.gz",
    "orders.csv",
    "products.csv",
    "searches.jsonl.gz",
    "searches_app.csv",
    "truth.json",
    "volumes.csv",
]


def unpacked(path: Path) -> dict[str, bytes]:
    if path.suffix == ".gz":
        return {"": gzip.decompress(path.read_bytes())}
    if path.suffix == ".xlsx":
        with zipfile.ZipFile(path) as book:
            return {name: book.read(name) for name in book.namelist()}
    return {"": path.read_bytes()}


def test_the_same_seed_gives_the_committed_bytes(tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONHASHSEED": "4711", "TZ": "America/New_York"}
    subprocess.run([sys.executable, str(FOLDER / "generate.py"), str(tmp_path)], env=environment, check=True)
    assert sorted(path.name for path in tmp_path.iterdir()) == WRITTEN
    changed = [name for name in WRITTEN if unpacked(tmp_path / name) != unpacked(FOLDER / name)]
    assert changed == []


def test_no_header_of_a_packed_file_holds_a_time() -> None:
    for name in ("notes.jsonl.gz", "searches.jsonl.gz"):
        assert (FOLDER / name).read_bytes()[4:8] == bytes(4)


def test_the_whole_market_stays_under_five_megabytes() -> None:
    files = [path for path in FOLDER.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    assert sum(path.stat().st_size for path in files) < 5_000_000
