from __future__ import annotations

import errno
import gzip
import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import NoReturn

import pytest
import zstandard

from indexer.errors import DataError, UsageError
from indexer.reading.compression import Source

DATA = "".join(json.dumps({"note_id": str(n), "title": f"笔记{n}"}) + "\n" for n in range(5_000)).encode()


def read(path: Path) -> bytes:
    with Source(path) as source, source.open() as stream:
        return stream.read()


@pytest.mark.parametrize("name", ["a.gz", "a.zst", "a.csv", "no-suffix"])
@pytest.mark.parametrize("pack", [gzip.compress, zstandard.compress, bytes])
def test_archives_are_known_by_their_bytes(tmp_path: Path, name: str, pack: object) -> None:
    path = tmp_path / name
    path.write_bytes(pack(DATA))  # type: ignore[operator]
    assert read(path) == DATA


def test_several_members_are_one_file(tmp_path: Path) -> None:
    path = tmp_path / "a.gz"
    path.write_bytes(gzip.compress(DATA) + gzip.compress(DATA))
    assert read(path) == DATA * 2
    path.write_bytes(zstandard.compress(DATA) + zstandard.compress(DATA))
    assert read(path) == DATA * 2


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.compress])
def test_a_cut_archive_says_where(tmp_path: Path, pack: object) -> None:
    path = tmp_path / "cut.csv.gz"
    whole = pack(DATA)  # type: ignore[operator]
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(DataError, match=r"cut\.csv\.gz: ends too early.*after [\d,]+ packed"):
        read(path)


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.compress])
def test_a_damaged_archive_is_told(tmp_path: Path, pack: object) -> None:
    path = tmp_path / "bad.gz"
    whole = bytearray(pack(DATA))  # type: ignore[operator]
    for place in range(len(whole) // 2, len(whole) // 2 + 40):
        whole[place] ^= 0xFF
    path.write_bytes(bytes(whole))
    with pytest.raises(DataError, match=r"bad\.gz: (is damaged|ends too early)"):
        read(path)


def test_the_size_is_bounded(tmp_path: Path) -> None:
    path = tmp_path / "a.gz"
    path.write_bytes(gzip.compress(DATA))
    with (
        Source(path, most_bytes=1000) as source,
        source.open() as stream,
        pytest.raises(DataError, match="unpacks to more than 1,000"),
    ):
        stream.read()


def test_other_archives_and_missing_files_are_told(tmp_path: Path) -> None:
    path = tmp_path / "a.bz2"
    path.write_bytes(b"BZh91AY&SY")
    with pytest.raises(DataError, match="bzip2"):
        read(path)
    with pytest.raises(UsageError, match="no such file"):
        read(tmp_path / "absent")
    with pytest.raises(UsageError, match="folder"):
        read(tmp_path)
    with pytest.raises(DataError, match="/proc/self/mem: can't be read"):
        read(Path("/proc/self/mem"))


def test_a_file_that_may_not_be_read_is_wrong_use(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"query\n")
    path.chmod(0)
    with monkeypatch.context() as changed:
        if os.geteuid() == 0:  # root may read all files
            changed.setattr(Path, "open", _refused)
        with pytest.raises(UsageError, match=r"a\.csv: may not be read: Permission denied"):
            Source(path)


def _refused(path: Path, _mode: str) -> NoReturn:
    raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))


def test_the_progress_is_in_packed_bytes(tmp_path: Path) -> None:
    path = tmp_path / "a.gz"
    path.write_bytes(gzip.compress(DATA))
    told: list[int] = []
    with Source(path) as source, source.open(told.append) as stream:
        stream.read()
    assert sum(told) == path.stat().st_size


def test_standard_input_is_a_file_too(monkeypatch: pytest.MonkeyPatch) -> None:
    class Stdin:
        buffer = io.BytesIO(gzip.compress(DATA))

    monkeypatch.setattr("sys.stdin", Stdin)
    with Source("-") as source:
        assert source.name == "stdin"
        kept = source.path
        with source.open() as stream:
            assert stream.read() == DATA
        with source.open() as stream:
            assert stream.read(3) == DATA[:3]
    assert not kept.exists()


BOMB = """
import resource, sys, zlib, gzip
from pathlib import Path
import zstandard
from indexer.errors import DataError
from indexer.reading.compression import Source
path = Path(sys.argv[1])
zeros = bytes(1 << 20)
if sys.argv[2] == "zst":
    packer = zstandard.ZstdCompressor().compressobj()
    path.write_bytes(b"".join(packer.compress(zeros) for _ in range(4096)) + packer.flush())
else:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    path.write_bytes(b"".join(packer.compress(zeros) for _ in range(1024)) + packer.flush())
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    with Source(path, most_bytes=512 << 20) as source, source.open() as stream:
        while stream.read(1 << 20):
            pass
except DataError as error:
    print(error.message)
grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
assert grown < 64 << 10, grown
"""


@pytest.mark.parametrize("kind", ["gz", "zst"])
def test_a_bomb_is_refused_in_flat_memory(tmp_path: Path, kind: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", BOMB, str(tmp_path / "bomb"), kind],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert "no honest archive" in done.stdout or "unpacks to more than" in done.stdout
