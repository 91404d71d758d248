"""Groups of near-duplicate notes, against the plain definition, and where thousands of notes are alike."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gapfinder import duplicates
from gapfinder.duplicates import BANDS, Duplicates, find_duplicates
from indexer.records import NOTE
from indexer.stores.memory import MemoryStore
from tests.contract.rows import STAMP

SIMILARITY = 0.8
POSITIONS = 64
Sketches = npt.NDArray[np.uint32]


def found(sketches: Sketches) -> Duplicates:
    """The duplicates among notes n00000, n00001, ... with these sketches."""
    rows = len(sketches)
    names = pa.array([f"n{number:05d}" for number in range(rows)])
    texts = pa.array([row.astype(">u4").tobytes().hex() for row in sketches], pa.string())
    columns = {"note_id": names, "sketch": texts, "content_hash": names}
    missing = {field.name: pa.nulls(rows, field.type) for field in NOTE.schema}
    store = MemoryStore()
    with store.writer(holder="a test") as writer:
        writer.write("note", pa.table({**missing, **columns}, NOTE.schema))
        writer.publish(STAMP)
    return find_duplicates(store.snapshot(), SIMILARITY)


def plainly(sketches: Sketches) -> dict[str, str]:
    """Each copy with the note that stands for it, by looking at all pairs."""
    rows = len(sketches)
    label = list(range(rows))
    width = POSITIONS // BANDS
    for one in range(rows):
        for two in range(one + 1, rows):
            equal = sketches[one] == sketches[two]
            if equal.mean() >= SIMILARITY and equal.reshape(BANDS, width).all(axis=1).any():
                low, high = sorted((label[one], label[two]))
                label = [low if name == high else name for name in label]
    return {f"n{place:05d}": f"n{name:05d}" for place, name in enumerate(label) if name != place}


@pytest.mark.parametrize("held", [3, 2_000_000])
def test_groups_equal_their_definition(held: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(duplicates, "_MOST_HELD", held)

    @settings(max_examples=25, deadline=None)
    @given(st.integers(0, 2**32 - 1), st.integers(1, 40))
    def groups_are_plain(seed: int, rows: int) -> None:
        random = np.random.default_rng(seed)
        texts = random.integers(0, 2**32, (max(1, rows // 5), POSITIONS), dtype=np.uint64).astype(np.uint32)
        sketches = texts[random.integers(0, len(texts), rows)]
        changed = random.random((rows, POSITIONS)) < random.choice([0.0, 0.05, 0.1, 0.2], rows)[:, None]
        sketches[changed] = random.integers(0, 2**32, int(changed.sum()))
        groups, wanted = found(sketches), plainly(sketches)
        assert dict(zip(groups.copies.to_pylist(), groups.originals.to_pylist(), strict=True)) == wanted
        assert sum(groups.sizes.values()) == len(wanted) + len(groups.sizes)
        assert set(groups.sizes) == set(wanted.values())

    groups_are_plain()


def test_a_text_posted_thousands_of_times_is_compared_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    compare = duplicates._alike

    def counting(sketches: Sketches, left: Sketches, right: Sketches, similarity: float) -> npt.NDArray[np.int64]:
        asked.append(len(left))
        return compare(sketches, left, right, similarity)  # type: ignore[arg-type]

    monkeypatch.setattr(duplicates, "_alike", counting)
    texts = np.arange(3 * POSITIONS, dtype=np.uint32).reshape(3, POSITIONS)
    groups = found(np.repeat(texts, 4000, axis=0))
    assert groups.sizes == {"n00000": 4000, "n04000": 4000, "n08000": 4000}
    assert sum(asked) == 0


def test_thousands_of_nearly_the_same_notes_are_one_group(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(duplicates, "_MOST_HELD", 10_000)
    random = np.random.default_rng(4)
    sketches = np.zeros((3000, POSITIONS), np.uint32)
    sketches[np.arange(3000), random.integers(0, POSITIONS, 3000)] = np.arange(1, 3001)
    assert found(sketches).sizes == {"n00000": 3000}
