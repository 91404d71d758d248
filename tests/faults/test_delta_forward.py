"""The forward index beside the notes: it follows the data files, can be lost or damaged, and is never needed."""

from __future__ import annotations

import logging
import os
import shutil
from pathlib import Path

import pytest

from indexer.stores import open_store
from indexer.stores.contract import GRAMS, Store, TermQueries
from indexer.stores.delta.beside import FORWARD
from tests.contract.rows import SINCE, STAMP, note, table

pytestmark = pytest.mark.fault

QUERIES = TermQueries([["好"], ["好", "词"], ["坏"]], {"好": 3, "词": 5, "坏": 2})


def counts(store: Store) -> list[list[int]]:
    with store.snapshot() as snapshot:
        matches = snapshot.match(QUERIES, fresh_since=SINCE)
        grams = snapshot.best_by_grams(TermQueries([["好词"]], {"好词": 1}))
        frequency = snapshot.document_frequency(["好词", "好"], column=GRAMS)
    return [matches.matching.tolist(), matches.phrase.tolist(), grams.query.tolist(), frequency.tolist()]


def write(path: Path, *notes: tuple[str, str]) -> None:
    with open_store(str(path), create=True) as store, store.writer(holder="test") as writer:
        writer.write("note", table("note", [note(note_id, text) for note_id, text in notes]))
        writer.publish(STAMP)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    path = tmp_path / "data"
    write(path, ("a", "好 词"), ("b", "词 好"))
    return path


def indexed(path: Path) -> dict[str, int]:
    """Index files and when they were written."""
    return {file.name: file.stat().st_mtime_ns for file in (path / FORWARD).iterdir()}


def test_only_new_files_are_indexed(data: Path) -> None:
    with open_store(str(data)) as store:
        assert counts(store) == [[2, 2, 0], [2, 1, 0], [0], [1, 0]]
        before = indexed(data)
        write(data, ("c", "好 词 坏"))
        assert counts(store) == [[3, 3, 1], [3, 2, 1], [0, 0], [2, 0]]
        after = indexed(data)
    assert len(before) == 1
    assert len(after) == 2
    assert before.items() <= after.items()


def test_the_index_of_notes_that_went_goes_at_the_next_import(data: Path) -> None:
    with open_store(str(data)) as store:
        counts(store)
        before = indexed(data)
        write(data, ("a", "坏"))
        assert counts(store) == [[1, 1, 1], [1, 0, 1], [], [0, 0]]
        assert len(indexed(data)) >= 1
    assert not set(before) & set(indexed(data))


@pytest.mark.parametrize("left", [0, 10, 200, None])
def test_a_damaged_index_is_made_anew(data: Path, left: int | None) -> None:
    with open_store(str(data)) as store:
        expected = counts(store)
        (file,) = (data / FORWARD).iterdir()
        whole = file.read_bytes()
        file.write_bytes(whole[:left] if left is not None else b"no index at all" * 40)
        assert counts(store) == expected
        assert file.read_bytes() == whole
        assert [one.name for one in (data / FORWARD).iterdir()] == [file.name]


def test_notes_are_read_as_text_where_no_index_can_be_kept(data: Path, caplog: pytest.LogCaptureFixture) -> None:
    with open_store(str(data)) as store:
        expected = counts(store)
    for file in (data / FORWARD).iterdir():
        file.unlink()
    (data / FORWARD).rmdir()
    (data / FORWARD).write_text("in the way")
    with caplog.at_level(logging.WARNING), open_store(str(data)) as store:
        assert counts(store) == expected
    assert caplog.text.count("the notes are read as text") == 1
    assert os.fspath(data / FORWARD) in caplog.text


def test_the_index_can_be_deleted_at_any_time(data: Path) -> None:
    with open_store(str(data)) as store, store.snapshot() as snapshot:
        first = snapshot.match(QUERIES, fresh_since=SINCE)
        for file in (data / FORWARD).iterdir():
            file.unlink()
        assert snapshot.match(QUERIES, fresh_since=SINCE).phrase.tolist() == first.phrase.tolist() == [2, 1, 0]


def test_frequencies_are_read_where_they_are_kept_and_counted_elsewhere(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(data, ("c", "好 好 坏"), ("d", "坏"))
    asked = ["好", "坏", "词", "无", "好"]

    def frequencies() -> list[list[int]]:
        with open_store(str(data)) as store, store.snapshot() as snapshot:
            return [
                snapshot.document_frequency(asked).tolist(),
                snapshot.document_frequency(["好词"], column=GRAMS).tolist(),
            ]

    expected = [[3, 2, 2, 0, 3], [1]]
    assert frequencies() == expected
    with monkeypatch.context() as patch:
        patch.setattr("indexer.stores.matching.count_terms", None)  # no look at any note
        assert frequencies() == expected
    shutil.rmtree(data / FORWARD)
    (data / FORWARD).write_bytes(b"no folder")
    assert frequencies() == expected
