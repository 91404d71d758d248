"""What the fast way needs: memory that does not grow with the text, a disk, and (at best) a place for machine code."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest

from indexer.errors import StoreError
from indexer.stores.contract import TermQueries
from indexer.stores.matching import match_notes, spill
from indexer.stores.matching.bits import MOST
from indexer.stores.matching.ordered import by_rank, taken
from tests.matching.notes import SINCE, batches, note

ROOT = Path(__file__).parents[2]

MEASURE = """
import resource, sys
from indexer.stores.contract import TermQueries
from indexer.stores.matching import match_notes
from tests.matching.notes import SINCE, seeded, seeded_keywords
keywords = seeded_keywords(2000, seed=1)
queries = TermQueries(keywords, {term: 1000 for keyword in keywords for term in keyword})
notes = seeded(int(sys.argv[1]), seed=2, length=80)
found = match_notes(notes, queries, fresh_since=SINCE, floor_per_mille=500, best=20)
assert found.matching.sum() > 0
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""

COUNT_ONE = """
import sys
from numba.core import caching
{fault}
from indexer.stores.contract import TermQueries
from indexer.stores.matching import match_notes
from tests.matching.notes import SINCE, batches, note
found = match_notes(batches([note("a", "甲 乙")]), TermQueries([["甲"]]), fresh_since=SINCE, floor_per_mille=0, best=1)
print(int(found.matching[0]))
"""
NO_FOLDER = "caching.CacheImpl._locator_classes = []"
DISK_FULL = """
caching.IndexDataCacheFile.load = lambda *_: None
def save(*_):
    raise OSError(28, "No space left on device")
caching.IndexDataCacheFile.save = save
"""


def child(program: str, *arguments: str) -> str:
    command = [sys.executable, "-W", "error", "-c", program, *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=200)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_memory_grows_by_less_than_a_hundred_bytes_a_note() -> None:
    small, large = (int(child(MEASURE, str(notes))) for notes in (20_000, 100_000))
    assert large - small < 80_000 * 100 / 1024 + 8_192  # KiB; the notes themselves have some 500 bytes each


@pytest.mark.parametrize("fault", [NO_FOLDER, DISK_FULL])
def test_machine_code_that_can_not_be_kept_is_made_anew(fault: str) -> None:
    assert child(COUNT_ONE.format(fault=fault)) == "1"


def test_a_full_disk_ends_in_a_clear_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "TemporaryFile", lambda **_: Path("/dev/full").open("r+b", buffering=0))  # noqa: SIM115 - its user closes it
    with pytest.raises(StoreError, match=r"(?s)temporary file can't be written.*TMPDIR"):
        match_notes(batches([note("a", "甲")]), TermQueries([["甲"]]), fresh_since=SINCE, floor_per_mille=0, best=1)


def test_a_missing_temporary_folder_ends_in_a_clear_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))
    with pytest.raises(StoreError, match=r"(?s)no temporary file can be made.*TMPDIR"):
        spill.Spill()


def chunk_of(*streams: list[int]) -> spill.Chunk:
    starts = np.cumsum([0, *map(len, streams)]).astype(np.int32)
    ids = np.array([term for stream in streams for term in stream], np.int32)
    numbers = np.arange(len(streams))
    return spill.Chunk(starts, ids, starts, -ids, (numbers % 2).astype(np.uint8), numbers * 10)


def test_any_notes_that_were_spilled_are_read_back() -> None:
    with spill.Spill() as notes:
        for part in (chunk_of([1, 2], [], [3]), chunk_of(), chunk_of([4], [5, 6])):
            notes.append(part)
        for number, first, end, expected in [(0, 0, 3, [1, 2, 3]), (0, 1, 3, [3]), (1, 0, 0, []), (2, 1, 2, [5, 6])]:
            found = notes.read(number, first, end)
            assert found.text_ids.tolist() == expected
            assert (-found.headline_ids).tolist() == expected
            assert found.text_starts[[0, -1]].tolist() == [0, len(expected)]
            assert found.engagement.tolist() == list(range(10 * first, 10 * end, 10))
            assert found.fresh.tolist() == [at % 2 for at in range(first, end)]
        notes._file.truncate(20)
        with pytest.raises(StoreError, match="cut short"):
            notes.read(2, 0, 2)


def test_spilled_notes_come_back_by_their_ranks() -> None:
    notes = 100_000
    rank = np.random.default_rng(1).permutation(notes)
    sizes = [4_000] * (notes // 4_000)
    ranks = np.concatenate([np.sort(part) for part in np.split(rank, len(sizes))])
    with spill.Spill() as spilled:
        for part in np.split(ranks, len(sizes)):
            spilled.append(chunk_of(*([its, its] for its in part.tolist())))
        found = list(by_rank(spilled, sizes, ranks))
    assert np.concatenate([part.rank for part in found]).tolist() == list(range(notes))
    assert all(len(part.rank) <= MOST for part in found)
    for ranked in found:
        chunk = taken(ranked.chunk, ranked.places)
        assert chunk.text_ids[::2].tolist() == chunk.text_ids[1::2].tolist() == ranked.rank.tolist()
        assert chunk.headline_ids[::2].tolist() == (-ranked.rank).tolist()
