from __future__ import annotations

import numpy as np
import pytest

from indexer.errors import UsageError
from indexer.grams import query_grams
from indexer.stores.contract import GRAMS, Store, TermQueries
from indexer.stores.memory import MemoryStore
from tests.contract.rows import FIRST_DAY, SINCE, STAMP, keywords, listed, market, note, table, words


def _publish(store: Store, *batches: object) -> None:
    with store.writer(holder="test") as writer:
        for batch in batches:
            writer.write("note", batch)
        writer.publish(STAMP)


def test_5000_keywords_are_counted_as_the_oracle_counts_them(store: Store) -> None:
    vocabulary = words(600)
    first, second = market(1500, vocabulary, seed=1), market(700, vocabulary, seed=2)
    queries = keywords(5000, vocabulary, seed=3)
    oracle = MemoryStore()
    _publish(oracle, first, second)
    _publish(store, first, second)
    with oracle.snapshot() as truth, store.snapshot() as snapshot:
        expected = listed(truth.match(queries, fresh_since=SINCE, best=20))
        assert listed(snapshot.match(queries, fresh_since=SINCE, best=20)) == expected
        terms = [*vocabulary, "没有", "", vocabulary[0]]
        found = snapshot.document_frequency(terms)
        assert found.dtype == np.int64
        assert found.tolist() == truth.document_frequency(terms).tolist()
    assert sum(expected["matching"]) > 0
    assert sum(expected["phrase"]) > 0
    assert sum(expected["fresh"]) > 0


@pytest.mark.parametrize(("floor", "best"), [(0, 1), (1000, 50), (500, 3), (1, 7)])
def test_floor_and_number_of_best_notes(store: Store, floor: int, best: int) -> None:
    vocabulary = words(60)
    notes, queries = market(300, vocabulary, seed=5), keywords(80, vocabulary, seed=6)
    oracle = MemoryStore()
    _publish(oracle, notes)
    _publish(store, notes)
    with oracle.snapshot() as truth, store.snapshot() as snapshot:
        expected = listed(truth.match(queries, fresh_since=SINCE, floor_per_mille=floor, best=best))
        assert listed(snapshot.match(queries, fresh_since=SINCE, floor_per_mille=floor, best=best)) == expected


@pytest.mark.parametrize(("floor", "best"), [(300, 30), (0, 2), (1000, 50)])
def test_best_notes_by_character_grams_are_those_of_the_oracle(store: Store, floor: int, best: int) -> None:
    vocabulary = words(80)
    rows = [note(f"n{n:03d}", *(" ".join(vocabulary[n + k :: 17][:4]) for k in (0, 5))) for n in range(70)]
    terms = [query_grams(vocabulary[n::23][:3]) for n in range(40)]
    weights = {gram: 100 + ord(gram[0]) % 7 for one in terms for gram in one}
    queries = TermQueries(terms, weights)
    oracle = MemoryStore()
    _publish(oracle, table("note", rows))
    _publish(store, table("note", rows))
    with oracle.snapshot() as truth, store.snapshot() as snapshot:
        expected = truth.best_by_grams(queries, floor_per_mille=floor, best=best)
        found = snapshot.best_by_grams(queries, floor_per_mille=floor, best=best)
        grams = [*weights, "没有"]
        frequency = snapshot.document_frequency(grams, column=GRAMS)
        assert frequency.tolist() == truth.document_frequency(grams, column=GRAMS).tolist()
        with pytest.raises(UsageError, match="can't be searched for terms"):
            snapshot.document_frequency(grams, column="title")
    assert len(expected.query) > 0 or floor == 1000
    assert found.query.tolist() == expected.query.tolist()
    assert found.note.to_pylist() == expected.note.to_pylist()
    assert found.weight.tolist() == expected.weight.tolist()
    assert frequency.sum() > 0


NOTES = [
    note("n1", "新生儿 纸尿裤 推荐", "缓解 红屁股", headline=1, engagement=10, published_day=SINCE),
    note("n2", "纸尿裤 新生儿", engagement=5, published_day=FIRST_DAY),
    note("n3", "新生儿", "纸尿裤", headline=2, engagement=3),
    note("n4", "红屁股 红屁股 怎么办"),
    note("n5", ""),
    note("n6", "新生儿 nb 纸尿裤"),
]


def _asked(store: Store, *keywords: list[str]) -> dict[str, list[object]]:
    _publish(store, table("note", NOTES))
    with store.snapshot() as snapshot:
        return listed(snapshot.match(TermQueries(keywords), fresh_since=SINCE))


def test_all_terms_anywhere_match_and_a_phrase_stays_within_a_value(store: Store) -> None:
    found = _asked(
        store, ["新生儿", "纸尿裤"], ["纸尿裤", "新生儿"], ["推荐", "缓解"], ["红屁股"], ["红屁股", "红屁股"]
    )
    assert found["matching"] == [4, 4, 1, 2, 2]
    assert found["phrase"] == [1, 1, 0, 2, 1]
    assert found["headline"] == [2, 2, 0, 0, 0]
    assert found["fresh"] == [1, 1, 1, 1, 1]
    assert found["engagement"] == [18, 18, 10, 10, 10]
    assert found["best_note"] == []  # no term has a weight


def test_best_notes_are_ordered_by_weight_then_id(store: Store) -> None:
    rows = [note(key, "纸尿裤 推荐") for key in ("b", "a", "𠮷", "￿", "B", "好", "é")] + [note("0", "推荐")]
    _publish(store, table("note", rows))
    queries = TermQueries([["纸尿裤", "推荐"], ["纸尿裤"], ["没有"]], {"纸尿裤": 3000, "推荐": 1000})
    with store.snapshot() as snapshot:
        found = snapshot.match(queries, fresh_since=SINCE, floor_per_mille=250, best=7)
        few = snapshot.match(queries, fresh_since=SINCE, floor_per_mille=250, best=3)
    order = sorted(["b", "a", "𠮷", "￿", "B", "好", "é"])
    assert found.best_note.to_pylist() == order + order
    assert found.best_query.tolist() == [0] * 7 + [1] * 7
    assert found.best_weight.tolist() == [4000] * 7 + [3000] * 7
    assert few.best_note.to_pylist() == order[:3] * 2


def test_terms_of_the_greatest_length(store: Store) -> None:
    longest = "长" * 255
    wide = "𠮷" * 127
    _publish(store, table("note", [note("n1", f"{longest} 词 {wide}"), note("n2", f"{longest[:-1]} 词")]))
    with store.snapshot() as snapshot:
        queries = TermQueries([[longest], [longest, "词", wide], [longest[:-1]], [wide], [wide[:-1]]], {wide: 7})
        found = snapshot.match(queries, fresh_since=SINCE)
        assert snapshot.document_frequency([longest, wide, longest[:-1]]).tolist() == [1, 1, 1]
    assert found.matching.tolist() == [1, 1, 1, 1, 0]
    assert found.phrase.tolist() == [1, 1, 1, 1, 0]


def test_no_notes_and_no_keywords(store: Store) -> None:
    _publish(store)
    with store.snapshot() as snapshot:
        empty = listed(snapshot.match(TermQueries([["词"]], {"词": 5}), fresh_since=SINCE))
        assert empty["matching"] == [0]
        assert empty["best_note"] == []
        assert snapshot.document_frequency(["词"]).tolist() == [0]
        assert snapshot.document_frequency([]).tolist() == []
        assert listed(snapshot.match(TermQueries([]), fresh_since=SINCE))["matching"] == []


@pytest.mark.parametrize("terms", [[], [""], ["\ud800"]])
def test_keywords_that_are_none_are_refused(store: Store, terms: list[str]) -> None:
    _publish(store, table("note", NOTES))
    with store.snapshot() as snapshot, pytest.raises(UsageError):
        snapshot.match(TermQueries([["词"], terms]), fresh_since=SINCE)


def test_terms_are_only_values(store: Store) -> None:
    hostile = [
        "'",
        '"',
        ";--",
        "(",
        ")",
        "[a]",
        "{{x}}",
        "*",
        "?",
        "~1",
        "a:b",
        "or",
        "AND",
        "$1",
        "%",
        "\\",
        "/x/",
        "<b>",
    ]
    _publish(store, table("note", [note(f"n{place:02d}", f"头 {term} 尾") for place, term in enumerate(hostile)]))
    queries = TermQueries([[term] for term in hostile] + [["头", term, "尾"] for term in hostile], {"*": 9, "'": 4})
    with store.snapshot() as snapshot:
        found = snapshot.match(queries, fresh_since=SINCE)
        assert snapshot.document_frequency(hostile).tolist() == [1] * len(hostile)
    assert found.matching.tolist() == [1] * 2 * len(hostile)
    assert found.phrase.tolist() == [1] * 2 * len(hostile)
    assert found.best_note.to_pylist() == ["n00", "n07", "n00", "n07"]
