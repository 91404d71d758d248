"""Counts that are kept from one snapshot to the next are those of a full count, whatever happened in between."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.stores import open_store
from indexer.stores.contract import Matches, Store, TermQueries
from indexer.stores.delta.beside import COUNTS
from indexer.stores.delta.forward import ForwardIndex
from indexer.stores.delta.rows import Rows
from indexer.stores.matching import match_notes_plainly
from tests.contract.rows import SINCE, STAMP, note, table
from tests.matching.notes import as_lists

WORDS = ["甲", "乙", "丙", "丁", "戊"]
COLUMNS = ("note_id", "text_terms", "headline_terms", "published_day", "engagement")
texts = st.lists(st.lists(st.sampled_from(WORDS), min_size=1, max_size=4).map(" ".join), min_size=1, max_size=2)
days = st.sampled_from([SINCE + timedelta(days=step) for step in (-40, -3, 0, 2, 30)])
written = st.dictionaries(st.sampled_from("abcdefghijkl"), st.tuples(texts, st.none() | days), max_size=6)
keywords = st.lists(st.lists(st.sampled_from([*WORDS, "无"]), min_size=1, max_size=3), min_size=1, max_size=6)
weights = st.sampled_from([(1, 2, 3, 4, 5), (3, 2, 3, 1, 5)]).map(lambda each: dict(zip(WORDS, each, strict=True)))
steps = st.lists(st.tuples(written, keywords, weights, days), min_size=2, max_size=4)


def write(store: Store, notes: Mapping[str, tuple[list[str], date | None]]) -> None:
    rows = [note(key, *text, headline=1, published_day=day, engagement=len(key)) for key, (text, day) in notes.items()]
    with store.writer(holder="test") as writer:
        writer.write("note", table("note", rows))
        writer.publish(STAMP)


def plainly(store: Store, queries: TermQueries, since: date, best: int) -> dict[str, list[Any]]:
    with store.snapshot() as snapshot:
        notes = snapshot.scan("note", COLUMNS)
        return as_lists(match_notes_plainly(notes, queries, fresh_since=since, floor_per_mille=400, best=best))


def kept(store: Store, queries: TermQueries, since: date, best: int) -> Matches:
    with store.snapshot() as snapshot:
        return snapshot.match(queries, fresh_since=since, floor_per_mille=400, best=best)


@settings(max_examples=40, deadline=None)
@given(steps=steps, best=st.integers(1, 3))
def test_kept_counts_are_those_of_a_full_count(
    steps: list[tuple[dict[str, Any], list[list[str]], dict[str, int], date]], best: int
) -> None:
    with TemporaryDirectory() as folder, open_store(folder, create=True) as store:
        first = {f"n{number}": (["甲 乙", WORDS[number % 5]], SINCE) for number in range(100)}
        write(store, first)  # so many that what follows is a small change
        for notes, asked, weight, since in steps:
            write(store, notes)
            queries = TermQueries(asked, weight)
            assert as_lists(kept(store, queries, since, best)) == plainly(store, queries, since, best)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(str(tmp_path / "data"), create=True) as opened:
        write(opened, {f"n{number}": (["甲 乙", WORDS[number % 5]], SINCE) for number in range(60)})
        yield opened


QUERIES = TermQueries([["甲"], ["甲", "丙"], ["丁"]], {"甲": 1, "丙": 3, "丁": 4})


def test_a_day_reads_the_notes_of_the_day(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[int] = []
    batches = ForwardIndex.batches

    def counted(
        self: ForwardIndex, columns: Sequence[str], *, files: Sequence[Rows] | None = None, days: Any = None
    ) -> Iterator[pa.RecordBatch]:
        for batch in batches(self, columns, files=files, days=days):
            read.append(len(batch))
            yield batch

    monkeypatch.setattr(ForwardIndex, "batches", counted)
    kept(store, QUERIES, SINCE, 5)
    assert sum(read) == 60
    write(store, {"new": (["甲 丙"], SINCE), "newer": (["丁"], None)})
    read.clear()
    assert kept(store, QUERIES, SINCE, 5).matching.tolist() == [61, 13, 13]
    assert sum(read) == 2
    read.clear()
    kept(store, QUERIES, SINCE + timedelta(days=1), 5)
    assert sum(read) == 61  # those that are fresh no more; the one without a day never was
    read.clear()
    kept(store, TermQueries([*QUERIES.terms, ["乙"]], QUERIES.weights), SINCE + timedelta(days=1), 5)
    assert sum(read) == 62  # a keyword that is new to the counts is looked for in all notes


def test_counts_that_stand_are_not_written_again(store: Store) -> None:
    kept(store, QUERIES, SINCE, 5)
    (file,) = (Path(store.url) / COUNTS).iterdir()
    written = file.stat().st_ino
    kept(store, QUERIES, SINCE, 5)
    assert file.stat().st_ino == written
    kept(store, QUERIES, SINCE + timedelta(days=1), 5)
    assert file.stat().st_ino != written


def test_few_keywords_do_not_drive_out_the_counts_of_many(store: Store) -> None:
    kept(store, QUERIES, SINCE, 5)
    (file,) = (Path(store.url) / COUNTS).iterdir()
    many = file.read_bytes()
    kept(store, TermQueries([["甲"]], QUERIES.weights), SINCE, 5)
    assert file.read_bytes() == many
    kept(store, TermQueries([["甲"], ["乙"]], QUERIES.weights), SINCE, 5)
    assert file.read_bytes() != many


@pytest.mark.parametrize("left", [0, 100, 700])
def test_damaged_counts_are_made_anew(store: Store, left: int) -> None:
    expected = as_lists(kept(store, QUERIES, SINCE, 5))
    (file,) = (Path(store.url) / COUNTS).iterdir()
    file.write_bytes(file.read_bytes()[:left])
    assert as_lists(kept(store, QUERIES, SINCE, 5)) == expected
    shutil.rmtree(file.parent)
    file.parent.write_text("in the way")
    assert as_lists(kept(store, QUERIES, SINCE, 5)) == expected
