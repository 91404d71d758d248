"""The fast way counts what the plain way counts, whatever the batches, their order and the threads."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.stores.contract import TermQueries
from indexer.stores.matching import count_terms, count_terms_plainly, match_notes, match_notes_plainly, ordered
from indexer.stores.matching.forward import number_notes
from tests.matching.notes import SCHEMA, SINCE, as_lists, batches, seeded, seeded_keywords, with_grams

TERMS = ["甲", "乙", "丙", "丁", "\U00020bb7", "a"]
terms = st.sampled_from(TERMS)
values = (
    st.lists(st.none() | st.lists(terms | st.sampled_from(["", "某"]), max_size=9).map(" ".join), max_size=4)
    | st.none()
)
notes = st.lists(
    st.fixed_dictionaries(
        {
            "note_id": st.text("a0～\U00020bb7", min_size=1, max_size=3),
            "text_terms": values,
            "headline_terms": values,
            "published_day": st.none() | st.sampled_from([SINCE, SINCE.replace(year=2025), SINCE.replace(year=2027)]),
            "engagement": st.none() | st.integers(-5, 2**40),
        }
    ),
    max_size=12,
    unique_by=lambda note: str(note["note_id"]),
)
keywords = st.lists(st.lists(terms | st.just("无"), min_size=1, max_size=5), max_size=12)
weights = st.dictionaries(terms, st.integers(0, 6))


@settings(max_examples=400, deadline=None)
@given(
    notes=notes,
    keywords=keywords,
    weights=weights,
    floor=st.integers(0, 1100),
    best=st.integers(0, 4),
    size=st.integers(1, 5),
    threads=st.integers(1, 3),
)
def test_equal_to_the_plain_way(
    *,
    notes: list[dict[str, Any]],
    keywords: list[list[str]],
    weights: dict[str, int],
    floor: int,
    best: int,
    size: int,
    threads: int,
) -> None:
    queries = TermQueries(keywords, weights)
    plain = match_notes_plainly(batches(notes), queries, fresh_since=SINCE, floor_per_mille=floor, best=best)
    fast = match_notes(
        batches(notes, size), queries, fresh_since=SINCE, floor_per_mille=floor, best=best, threads=threads
    )
    assert as_lists(fast) == as_lists(plain)
    assert count_terms(batches(notes, size), TERMS).tolist() == count_terms_plainly(batches(notes), TERMS).tolist()
    indexed = number_notes(with_grams(batches(notes, size))).batches
    fast = match_notes(iter(indexed), queries, fresh_since=SINCE, floor_per_mille=floor, best=best, threads=threads)
    assert as_lists(fast) == as_lists(plain)
    for column in ("text_terms", "gram_terms"):
        counted = count_terms((batch.select([column]) for batch in indexed), TERMS, column)
        assert counted.tolist() == count_terms_plainly(with_grams(batches(notes)), TERMS, column).tolist()


@pytest.fixture(scope="module")
def market() -> tuple[pa.Table, TermQueries]:
    table = pa.Table.from_batches(seeded(3000, seed=1))
    keywords = seeded_keywords(5000, seed=2)
    known = sorted({term for keyword in keywords for term in keyword})
    frequency = count_terms_plainly(iter(table.to_batches()), known)
    weights = {term: 4000000 // (400 + int(count)) for term, count in zip(known, frequency, strict=True)}
    return table, TermQueries(keywords, weights)


@pytest.mark.parametrize(("floor", "best"), [(500, 50), (300, 7)])
def test_equal_for_five_thousand_keywords(market: tuple[pa.Table, TermQueries], floor: int, best: int) -> None:
    table, queries = market
    plain, fast = (
        match(iter(table.to_batches()), queries, fresh_since=SINCE, floor_per_mille=floor, best=best)
        for match in (match_notes_plainly, match_notes)
    )
    assert as_lists(fast) == as_lists(plain)
    assert fast.phrase.sum() > 1000
    assert len(fast.best_note) > 5000


def test_the_same_bytes_for_any_threads_batches_and_order(market: tuple[pa.Table, TermQueries]) -> None:
    table, queries = market
    shuffled = table.take(pa.array([(number * 1999) % 3000 for number in range(3000)]))
    answers = [
        match_notes(
            iter(rows.to_batches(size)), queries, fresh_since=SINCE, floor_per_mille=500, best=9, threads=threads
        )
        for rows, size, threads in [(table, 1000, 1), (table, 1000, 2), (table, 17, 3), (shuffled, 3000, 5)]
    ]
    first = as_lists(answers[0])
    assert all(as_lists(answer) == first for answer in answers[1:])


@pytest.mark.parametrize("floor", [200, 500, 800])
def test_keywords_of_many_terms(floor: int) -> None:
    """More terms than are tried in sets, with weights of all sizes."""
    random = np.random.default_rng(3)
    table = pa.Table.from_batches(seeded(2000, seed=4, vocabulary=60))
    keywords = [
        [f"词{term}" for term in random.choice(60, size=length, replace=False)]
        for length in random.integers(6, 20, 400).tolist()
    ]
    queries = TermQueries(keywords, {f"词{term}": int(weight) for term, weight in enumerate(random.integers(0, 9, 60))})
    plain, fast = (
        match(iter(table.to_batches()), queries, fresh_since=SINCE, floor_per_mille=floor, best=20)
        for match in (match_notes_plainly, match_notes)
    )
    assert as_lists(fast) == as_lists(plain)
    assert len(fast.best_note) > 1000


def test_the_same_bytes_where_notes_come_in_no_order(
    market: tuple[pa.Table, TermQueries], monkeypatch: pytest.MonkeyPatch
) -> None:
    table, queries = market

    def answer(size: int) -> dict[str, list[Any]]:
        batched = iter(table.to_batches(size))
        return as_lists(match_notes(batched, queries, fresh_since=SINCE, floor_per_mille=500, best=9))

    sorted_first = answer(1000)
    monkeypatch.setattr(ordered, "_PARTS", 1)
    monkeypatch.setattr(ordered, "_PIECE", 100)
    assert answer(50) == sorted_first


def test_other_types_of_text_columns_are_taken(market: tuple[pa.Table, TermQueries]) -> None:
    table, queries = market
    wide = pa.large_list(pa.large_string())
    cast = table.set_column(1, "text_terms", table.column(1).cast(wide)).slice(5, 500)
    plain = pa.Table.from_batches(cast.cast(SCHEMA).to_batches())
    one, other = (
        as_lists(match_notes(iter(rows.to_batches()), queries, fresh_since=SINCE, floor_per_mille=500, best=3))
        for rows in (cast, plain)
    )
    assert one == other
