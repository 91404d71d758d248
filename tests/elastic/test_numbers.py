from __future__ import annotations

import random
import secrets
from collections.abc import Iterator
from datetime import date

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indexer.errors import UsageError
from indexer.stores import open_store
from indexer.stores.contract import Matches, Snapshot, TermQueries
from indexer.stores.listed import LISTED
from indexer.stores.matching import count_terms_plainly, match_notes_plainly
from tests.elastic.rows import STAMP, WORDS, notes
from tests.servers.fixtures import remove_store

pytestmark = pytest.mark.elasticsearch

NOTES = notes(1200, seed=7)
TERMS = st.lists(st.sampled_from([*WORDS, "没有"]), min_size=1, max_size=6)
WEIGHTS = st.dictionaries(st.sampled_from(WORDS), st.sampled_from([0, 1, 999, 1500, 7001, 2_000_000]))


@pytest.fixture(scope="module", params=["1", "3"])
def snapshot(elasticsearch_url: str, request: pytest.FixtureRequest) -> Iterator[Snapshot]:
    prefix = f"t{secrets.token_hex(6)}"
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("GAPFINDER_ES_SHARDS", request.param)
        with open_store(f"{elasticsearch_url}/{prefix}", create=True) as store:
            with store.writer(holder="import") as writer:
                for start in range(0, NOTES.num_rows, 400):
                    writer.write("note", NOTES.slice(start, 400))
                writer.publish(STAMP)
            with store.snapshot() as opened:
                yield opened
    remove_store(elasticsearch_url, prefix)


def assert_equal(found: Matches, expected: Matches) -> None:
    for name in ("matching", "phrase", "headline", "fresh", "engagement", "best_query", "best_weight"):
        np.testing.assert_array_equal(getattr(found, name), getattr(expected, name), name)
    assert found.best_note == expected.best_note


@given(
    terms=st.lists(TERMS, min_size=1, max_size=20),
    weights=WEIGHTS,
    floor=st.sampled_from([0, 1, 333, 500, 999, 1000]),
    best=st.sampled_from([0, 1, 5, 50]),
    since=st.dates(date(2025, 12, 30), date(2026, 2, 2)),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_all_numbers_are_those_of_the_plain_definition(
    snapshot: Snapshot, terms: list[list[str]], weights: dict[str, int], floor: int, best: int, since: date
) -> None:
    queries = TermQueries(terms, weights)
    found = snapshot.match(queries, fresh_since=since, floor_per_mille=floor, best=best)
    expected = match_notes_plainly(
        iter(NOTES.to_batches()), queries, fresh_since=since, floor_per_mille=floor, best=best
    )
    assert_equal(found, expected)


def test_many_keywords_are_asked_in_several_requests(snapshot: Snapshot) -> None:
    chance = random.Random(3)
    queries = TermQueries(
        [chance.choices(WORDS, k=chance.randint(1, 4)) for _ in range(400)],
        {word: 1000 + 100 * number for number, word in enumerate(WORDS)},
    )
    day = date(2026, 1, 10)
    found = snapshot.match(queries, fresh_since=day)
    expected = match_notes_plainly(iter(NOTES.to_batches()), queries, fresh_since=day, floor_per_mille=500, best=50)
    assert_equal(found, expected)


def test_terms_are_counted_exactly(snapshot: Snapshot) -> None:
    terms = [*WORDS, "没有", '"', "*"]
    np.testing.assert_array_equal(
        snapshot.document_frequency(terms), count_terms_plainly(iter(NOTES.to_batches()), terms)
    )
    assert snapshot.document_frequency([]).tolist() == []


@pytest.mark.parametrize(
    ("terms", "weights"), [([[]], {}), ([["a"]], {"a": -1}), ([["a", "b"]], {"a": 1 << 23, "b": 1 << 23})]
)
def test_keywords_that_have_no_exact_answer_are_refused(
    snapshot: Snapshot, terms: list[list[str]], weights: dict[str, int]
) -> None:
    with pytest.raises(UsageError):
        snapshot.match(TermQueries(terms, weights), fresh_since=date(2026, 1, 1))


def test_a_store_without_notes_has_zeros(elastic_url: str) -> None:
    with open_store(elastic_url, create=True) as store:
        with store.writer(holder="import") as writer:
            writer.publish(STAMP)
        with store.snapshot() as snapshot:
            found = snapshot.match(TermQueries([["a"], ["b"]]), fresh_since=date(2026, 1, 1))
            assert found.matching.tolist() == [0, 0]
            assert found.best_note == pa.array([], LISTED)
            assert snapshot.document_frequency(["a"]).tolist() == [0]
