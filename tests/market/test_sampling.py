"""The notes that are read before all others: the same ones whatever the store and its order."""

from __future__ import annotations

from typing import Any

from gapfinder.market.sampling import sampled_notes
from indexer.stores.memory import MemoryStore
from tests.backtest.market import store_of

NOTES: list[dict[str, Any]] = [{"note_id": f"n{number:04d}", "title": f"纸尿裤{number}"} for number in range(400)]


def sampled(store: MemoryStore, most: int) -> list[str]:
    batches = sampled_notes(store.snapshot(), ["text_terms"], most)
    return [note for batch in batches for note in batch["note_id"].to_pylist()]


def test_all_notes_are_taken_where_there_are_few() -> None:
    store = store_of({"note": NOTES})
    assert sorted(sampled(store, 400)) == [note["note_id"] for note in NOTES]
    assert sampled(store_of({}), 400) == []


def test_about_as_many_as_are_wanted_are_chosen_by_their_ids() -> None:
    found = sampled(store_of({"note": NOTES}), 100)
    assert 70 <= len(found) <= 130
    assert len(found) == len(set(found))
    assert set(found) == set(sampled(store_of({"note": NOTES[::-1]}), 100))
    assert set(sampled(store_of({"note": NOTES}), 50)) <= set(found), "a smaller sample is part of a larger one"
