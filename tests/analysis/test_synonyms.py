"""Synonyms learned from a small store: who read what, what stands in like company, and what neither may do."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gapfinder.coclick import Shared, shared_reads
from gapfinder.demand import Demand, measure_demand
from gapfinder.neighbours import Neighbours
from gapfinder.reads import Reads, long_reads
from gapfinder.settings import Settings
from gapfinder.synonyms import (
    LEAST_PROBABILITY,
    MOST_PROPOSED,
    PROPOSED,
    PROVEN,
    Synonyms,
    characters_in_common,
    co_click,
    company,
    judge_pairs,
    learn_synonyms,
    query_neighbours,
    significant,
)
from gapfinder.tagging import Together, tags_together
from indexer.dictionary import shipped_dictionary
from indexer.segment import segmenter_of
from indexer.stores import open_store
from indexer.stores.contract import Snapshot, Store
from indexer.stores.memory import MemoryStore
from tests.contract.rows import note, search, table

NO_TAGS = Together(0, {}, {})
NO_CLICKS = Shared([], [], np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0))
CUTTER = segmenter_of(shipped_dictionary())

Row = dict[str, Any]


def result(note_id: str, seconds: float | None = 60.0, **acts: bool) -> Row:
    return {"note_id": note_id, "position": 1, "clicked": True, "dwell_seconds": seconds, **acts}


def asked(number: int, query: str, *results: Row, user: str | None = None) -> Row:
    """A search of a user, with derived fields."""
    terms = CUTTER.query_terms(query)
    return search(
        f"s{number:05d}",
        query,
        number % 20,
        searched_at=datetime(2026, 1, 1, 4, tzinfo=UTC) + timedelta(days=number % 20, minutes=number),
        user_id=user or f"u{number:05d}",
        query_terms=" ".join(terms),
        query_key=" ".join(sorted(set(terms))),
        results=list(results),
        result_count=len(results),
        clicks=len(results),
        longest_dwell=max((row["dwell_seconds"] or 0.0 for row in results), default=None),
    )


def snapshot_of(notes: Iterable[Row], searches: Iterable[Row], store: Store | None = None) -> Snapshot:
    store = store or MemoryStore()
    with store.writer(holder="a test") as writer:
        writer.write("note", table("note", notes))
        writer.write("search", table("search", searches))
        writer.publish(CUTTER.stamp)
    return store.snapshot()


def demand_of(snapshot: Snapshot) -> Demand:
    return measure_demand(snapshot, Settings.of(min_searches=1, min_searchers=1), CUTTER)


def reads_of(snapshot: Snapshot) -> dict[tuple[str, str], int]:
    demand = demand_of(snapshot)
    reads = long_reads(snapshot, demand, Settings.of())
    texts = demand.queries["text"].to_pylist()
    rows = zip(reads.query.tolist(), reads.note_id.to_pylist(), reads.readers.tolist(), strict=True)
    return {(texts[query], note_id): readers for query, note_id, readers in rows}


def freckles(seed: int = 1) -> tuple[list[Row], list[Row]]:
    """People ask for 祛斑精华 and read what notes call 淡斑精华; others ask for moisture and read of it."""
    draw = random.Random(seed)
    notes = [note(f"a{n:02d}", f"淡斑 精华 用 {n} 周", "坚持 才 有 变化", headline=1) for n in range(12)]
    notes += [note(f"b{n:02d}", f"补水 精华 {n} 款", "敷 完 很 润", headline=1) for n in range(30)]
    searches = []
    for number in range(120):
        if number % 3 == 0:
            searches.append(asked(number, "祛斑精华", result(f"a{draw.randrange(12):02d}")))
        else:
            searches.append(asked(number, "补水精华", result(f"b{draw.randrange(30):02d}")))
    return notes, searches


def learned(snapshot: Snapshot) -> Synonyms:
    demand = demand_of(snapshot)
    reads = long_reads(snapshot, demand, Settings.of())
    return learn_synonyms(snapshot, demand, query_neighbours(snapshot, demand), reads)


def test_long_reads_and_acts_count_and_each_person_once() -> None:
    searches = [
        asked(1, "淡斑精华", result("n1"), user="a"),
        asked(2, "淡斑精华", result("n1"), user="a"),
        asked(3, "淡斑 精华", result("n1", 5.0, liked=True), user="b"),
        asked(4, "淡斑精华", result("n1", 29.0), user="c"),
        asked(5, "淡斑精华", result("n1", None), user="d"),
        asked(6, "淡斑精华", result("n2", 30.0), result("n1", 1.0), user="e"),
    ]
    assert reads_of(snapshot_of([note("n1", "淡斑")], searches)) == {("淡斑精华", "n1"): 2, ("淡斑精华", "n2"): 1}


def test_a_log_without_results_has_no_reads() -> None:
    snapshot = snapshot_of([note("n1", "淡斑")], [search("s1", results=None, result_count=None, clicks=None)])
    assert reads_of(snapshot) == {}
    assert len(learned(snapshot)) == 0


def test_what_is_read_in_place_of_a_word_is_proven() -> None:
    pair = learned(snapshot_of(*freckles())).of("祛斑")[0]
    assert (pair.other, pair.status) == ("淡斑", PROVEN)
    assert pair.probability > 0.9
    assert pair.shared == pair.reads >= 30
    assert not learned(snapshot_of(*freckles())).of("补水")


def test_both_stores_teach_the_same(tmp_path: Path) -> None:
    notes, searches = freckles()
    random.Random(5).shuffle(searches)
    with (
        open_store(str(tmp_path / "store"), create=True) as store,
        snapshot_of(notes, searches, store) as embedded,
        snapshot_of(*freckles()) as oracle,
    ):
        assert list(learned(embedded)) == list(learned(oracle))


def test_what_everybody_reads_beside_the_frame_proves_nothing() -> None:
    """All notes of the frame hold the other word: that readers of one query found it says nothing."""
    notes = [note(f"a{n:02d}", f"屏障 修复 精华 {n}", headline=1) for n in range(20)]
    searches = [asked(n, "医美修复精华", result(f"a{n % 20:02d}")) for n in range(40)]
    searches += [asked(100 + n, "熬夜修复精华", result(f"a{n % 20:02d}")) for n in range(40)]
    assert not [pair for pair in learned(snapshot_of(notes, searches)) if pair.other == "屏障"]


def test_shared_reads_equal_their_definition() -> None:
    notes, searches = freckles()
    snapshot = snapshot_of(notes, searches)
    demand = demand_of(snapshot)
    reads = long_reads(snapshot, demand, Settings.of())
    found = shared_reads(snapshot, demand.queries["terms"].to_pylist(), reads)
    rows = dict(zip(zip(found.word, found.other, strict=True), range(len(found.word)), strict=True))
    place = rows["祛斑", "淡斑"]
    assert (int(found.shared[place]), int(found.reads[place])) == (40, 40)
    # All notes that were read hold 精华 and none 祛斑; 40 of all 120 reads are of those with 淡斑 in the headline.
    pool = set(reads.note_id.to_pylist())
    named = sum(note_id.startswith("a") for note_id in pool)
    assert found.chance[place] == pytest.approx((named + 20 * 40 / 120) / (len(pool) + 20))
    assert ("祛斑", "精华") not in rows, "the frame names it itself"


@given(st.integers(0, 60), st.integers(0, 60), st.floats(0, 1))
def test_more_shared_reads_never_speak_against(shared: int, more: int, chance: float) -> None:
    reads = 60
    other = min(reads, shared + more)
    assert co_click(other, reads, chance) >= co_click(shared, reads, chance) - 1e-9
    assert not significant(0, reads, chance)
    if significant(shared, reads, chance):
        assert significant(other, reads, chance)


def near(word: str, other: str, cosine: int) -> Neighbours:
    return Neighbours([word], [other], np.array([cosine], np.int16), np.array([cosine], np.int16))


@pytest.mark.parametrize(
    ("word", "other", "cosine", "proposed"),
    [
        ("抗老", "抗衰老", 600, 1),
        ("抗老", "蓬松", 900, 0),  # company without characters
        ("男宝", "女宝", 900, 0),  # opposites
        ("硅油", "无硅油", 900, 0),  # a negation
        ("奶粉1段", "奶粉2段", 900, 0),  # figures
    ],
)
def test_company_proposes_and_never_proves(word: str, other: str, cosine: int, proposed: int) -> None:
    found = judge_pairs({(word,): 9, (other,): 9}, near(word, other, cosine), NO_CLICKS, NO_TAGS).of(word)
    assert [pair.other for pair in found] == [other] * proposed
    for pair in found:
        assert pair.status == PROPOSED
        assert LEAST_PROBABILITY <= pair.probability <= MOST_PROPOSED


def test_words_of_one_query_do_not_stand_for_each_other() -> None:
    together: dict[Sequence[str], int] = {("抗老", "抗衰老"): 5, ("抗老",): 20, ("抗衰老",): 20}
    found = judge_pairs(together, near("抗老", "抗衰老", 600), NO_CLICKS, NO_TAGS)
    assert len(found) == 0
    together["抗老", "抗衰老"] = 1
    assert len(judge_pairs(together, near("抗老", "抗衰老", 600), NO_CLICKS, NO_TAGS)) == 1


def test_tags_that_stand_together_add_a_little() -> None:
    """Counts of tags, and what they add to a pair."""
    notes = [note(f"n{n}", "怎么 选", "抗老", "抗衰老", "护肤", headline=4) for n in range(6)]
    notes += [note(f"m{n}", "怎么 选", "护肤", headline=2) for n in range(30)]
    tags = tags_together(snapshot_of(notes, []), {"抗老", "抗衰老", "护肤", "没有"})
    assert (tags.of("抗衰老", "抗老"), tags.of("抗老", "没有")) == (6, 0)
    assert tags.lift("抗老", "抗衰老") == pytest.approx(6 * 36 / (6 * 6))
    assert tags.lift("抗老", "护肤") == pytest.approx(1.0)
    queries: dict[Sequence[str], int] = {("抗老",): 9, ("抗衰老",): 9}
    without, with_tags = (
        judge_pairs(queries, near("抗老", "抗衰老", 100), NO_CLICKS, each).of("抗老")[0] for each in (NO_TAGS, tags)
    )
    assert with_tags.probability > without.probability


def test_company_is_what_the_thesaurus_says() -> None:
    assert characters_in_common("祛斑", "淡斑") == 0.5
    assert 1 / (1 + np.exp(-company(0.6, 0.5))) == pytest.approx(0.26, abs=0.01)


def test_no_reads_share_nothing() -> None:
    none = Reads(np.empty(0, np.int64), table("note", [])["note_id"].combine_chunks(), np.empty(0, np.int64))
    assert shared_reads(snapshot_of([note("n1", "淡斑")], []), [], none).word == []
