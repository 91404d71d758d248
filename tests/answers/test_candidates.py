"""Candidates: the best notes by words and by grams, each pair once, and the same from every store."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gapfinder.answers.pairs import FEATURES
from gapfinder.answers.shipped import SHIPPED
from gapfinder.candidates import Judged, Judging, Weighed, find_candidates, weigh_candidates
from gapfinder.duplicates import Duplicates, find_duplicates
from gapfinder.neighbours import Neighbours
from gapfinder.pairing import GRAM_FLOOR, MOST_BY_GRAMS, MOST_BY_WORDS, WORD_FLOOR, Named, Pairs, find_pairs
from gapfinder.settings import Settings
from gapfinder.weights import Weights, idf_weights
from indexer.grams import query_grams
from indexer.stores import open_store
from indexer.stores.contract import Snapshot, TermQueries
from indexer.stores.listed import listed_by_id
from tests.answers.made import NOTHING, WINDOW, asked, filled, made_notes, topics
from tests.contract.rows import SINCE, note

ABOUT = topics(12)
NOTES = made_notes(300, ABOUT)
NEEDS = [*asked(40, ABOUT), ("没有的词",), (ABOUT[0][0],)]
NEAR = Neighbours.from_rows({word: [[other, 800, 500]] for word, other in (ABOUT[0][:2], ABOUT[3][:2])})


def found(snapshot: Snapshot, duplicates: Duplicates | None = None) -> Judged:
    return find_candidates(
        snapshot, NEEDS, NEAR, duplicates or find_duplicates(snapshot, 0.8), WINDOW.end, Settings.of()
    )


def test_candidates_are_the_union_of_words_and_grams_each_pair_once() -> None:
    with filled({"note": NOTES}).snapshot() as snapshot:
        judged = found(snapshot)
        grams = [query_grams(need) for need in NEEDS]
        by_words = snapshot.match(
            TermQueries(NEEDS, Weights.of(snapshot, NEEDS).words),
            fresh_since=SINCE,
            floor_per_mille=WORD_FLOOR,
            best=MOST_BY_WORDS,
        )
        by_grams = snapshot.best_by_grams(
            TermQueries(grams, Weights.of(snapshot, NEEDS).grams), floor_per_mille=GRAM_FLOOR, best=MOST_BY_GRAMS
        )
    words = set(zip(by_words.best_query.tolist(), by_words.best_note.to_pylist(), strict=True))
    close = set(zip(by_grams.query.tolist(), by_grams.note.to_pylist(), strict=True))
    ids = judged.notes.note_id.to_pylist()
    pairs = list(zip(judged.need.tolist(), (ids[place] for place in judged.note), strict=True))
    assert set(pairs) == words | close
    assert len(pairs) == len(set(pairs))
    assert words - close
    assert close - words, "grams find what words do not"
    assert ids == sorted(ids)
    order = list(zip(judged.need.tolist(), judged.note.tolist(), strict=True))
    assert order == sorted(order), "by need, then note"
    assert judged.sizes.terms.tolist() == [len(set(need)) for need in NEEDS]
    assert judged.full.tolist() == (np.bincount(by_words.best_query, minlength=len(NEEDS)) >= MOST_BY_WORDS).tolist()
    assert judged.names == FEATURES
    assert ((judged.features >= 0) & (judged.features <= 1)).all()
    assert not (judged.need == NEEDS.index(("没有的词",))).any()


def values(judged: Judged) -> list[object]:
    """Everything about candidates, to be compared."""
    notes = judged.notes
    arrays = (judged.need, judged.note, judged.features, judged.pattern, judged.full, judged.counts.matching)
    columns = (notes.group, notes.author, notes.visibility, notes.freshness, notes.quality, notes.undisclosed)
    return [notes.note_id.to_pylist(), *(array.tolist() for array in (*arrays, *columns))]


def test_every_store_and_order_gives_the_same(tmp_path: Path) -> None:
    rows = [*NOTES, *({**row, "note_id": f"x{row['note_id']}", "sketch": "ab" * 256} for row in NOTES[:3])]
    rows = [{**row, "author_id": f"a{place % 40}" if place % 7 else None} for place, row in enumerate(rows)]
    with filled({"note": rows}).snapshot() as snapshot:
        expected = values(found(snapshot))
    with filled({"note": rows[::-1]}, parts=4).snapshot() as snapshot:
        assert values(found(snapshot)) == expected
    delta = open_store(str(tmp_path / "delta"), create=True)
    with filled({"note": rows}, delta, parts=3) as store, store.snapshot() as snapshot:
        assert values(found(snapshot)) == expected


def weighed_in(snapshot: Snapshot) -> Weighed:
    judging = Judging(find_duplicates(snapshot, 0.8), WINDOW.end, Settings.of())
    return weighed_as(snapshot, NEEDS, NEAR, judging)


def weighed_as(snapshot: Snapshot, needs: Sequence[Sequence[str]], near: Neighbours, judging: Judging) -> Weighed:
    asked, pairs = find_pairs(snapshot, needs, near, judging.end, judging.settings)
    return weigh_candidates(snapshot, asked, pairs, judging, (SHIPPED, SHIPPED))


def test_what_is_weighed_as_it_is_read_is_what_the_features_say() -> None:
    """Blocks of notes are judged by themselves, on several threads; pairs must come out where they belong."""
    with filled({"note": NOTES}, parts=3).snapshot() as snapshot:
        judged, weighed = found(snapshot), weighed_in(snapshot)
    assert weighed.note.tolist() == judged.note.tolist()
    assert weighed.start.tolist() == np.searchsorted(judged.need, np.arange(len(NEEDS) + 1)).tolist()
    assert weighed.pattern.tolist() == judged.pattern.tolist()
    assert weighed.probability.tolist() == SHIPPED.answers(judged.features, judged.need, judged.sizes.terms).tolist()
    best = [judged.features[judged.need == need].max(axis=0, initial=0.0).tolist() for need in range(len(NEEDS))]
    assert weighed.best.tolist() == best
    assert weighed.counts.matching.tolist() == judged.counts.matching.tolist()


@pytest.mark.parametrize("terms", [7, 8, 15, 16, 31, 32, 40])
def test_patterns_have_room_for_all_terms_of_the_longest_need(terms: int) -> None:
    words = tuple(dict.fromkeys(word for row in NOTES for word in row["text_terms"][0].split(" ")))[:terms]
    needs, near = [words, *NEEDS], Neighbours.none()
    judging = Judging(Duplicates(NOTHING, NOTHING, {}), WINDOW.end, Settings.of())
    rows = [*NOTES, {**NOTES[0], "note_id": "whole", "text_terms": [" ".join(words)]}]
    with filled({"note": rows}).snapshot() as snapshot:
        weighed = weighed_as(snapshot, needs, near, judging)
    assert len(words) == terms
    assert int(weighed.pattern[weighed.start[0] : weighed.start[1]].max()) == (1 << terms) - 1
    assert weighed.pattern.min() >= 0


def test_blocks_of_any_size_give_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    with filled({"note": NOTES}).snapshot() as snapshot:
        judged, weighed = values(found(snapshot)), weighed_in(snapshot)
        monkeypatch.setattr("gapfinder.candidates._TOGETHER", 7)
        assert values(found(snapshot)) == judged
        again = weighed_in(snapshot)
    assert again.probability.tobytes() == weighed.probability.tobytes()
    assert again.best.tobytes() == weighed.best.tobytes()


@given(st.lists(st.lists(st.tuples(st.integers(0, 4), st.sampled_from("abcdé店")), max_size=12), max_size=3))
def test_pairs_are_each_named_once_in_both_orders(lists: list[list[tuple[int, str]]]) -> None:
    columns = [([need for need, _ in rows], [note for _, note in rows]) for rows in [[], *lists]]
    named = [Named(np.array(needs, np.int32), listed_by_id(pa.array(notes, pa.string()))) for needs, notes in columns]
    pairs = Pairs.of(named, 5)
    distinct = {pair for rows in lists for pair in rows}
    ids = pairs.note_ids.to_pylist()
    assert ids == sorted({note for _, note in distinct})
    note = np.repeat(np.arange(len(ids)), np.diff(pairs.note_start)).tolist()
    assert [(n, ids[m]) for n, m in zip(pairs.need.tolist(), note, strict=True)] == sorted(
        distinct, key=lambda pair: (pair[1], pair[0])
    )
    placed = sorted(zip(pairs.place.tolist(), pairs.need.tolist(), note, strict=True))
    assert [place for place, _, _ in placed] == list(range(len(distinct)))
    assert [(n, ids[m]) for _, n, m in placed] == sorted(distinct)
    assert pairs.need_start.tolist() == np.searchsorted([n for _, n, _ in placed], np.arange(6)).tolist()


def test_few_candidates_of_many_notes_are_read_by_id() -> None:
    """Reading by id and in one pass must give the same; which is taken depends on how many notes are needed."""
    about = topics(60)
    needs = [tuple(about[0][:2])]
    near, settings = Neighbours.none(), Settings.of()
    few = made_notes(30, about[:1], seed=3)
    many = [{**row, "note_id": f"z{row['note_id']}"} for row in made_notes(400, about[1:], seed=4)]
    with filled({"note": few}).snapshot() as snapshot:
        weights = Weights.of(snapshot, needs).words
        alone = find_candidates(snapshot, needs, near, find_duplicates(snapshot, 0.8), WINDOW.end, settings)
    with filled({"note": [*few, *many]}).snapshot() as snapshot:
        among = find_candidates(snapshot, needs, near, find_duplicates(snapshot, 0.8), WINDOW.end, settings)
    assert len(among.notes.note_id) * 4 < len(few) + len(many)
    place = pc.index_in(alone.notes.note_id, value_set=among.notes.note_id)
    rows = {int(note): row for row, note in enumerate(among.note)}
    same = [name for name in FEATURES if name not in {"coverage", "headline", "soft", "grams", "overlap"}]
    columns = [FEATURES.index(name) for name in same]  # weights differ with the number of notes
    compared = 0
    for row, number in enumerate(alone.note):
        other = place[int(number)].as_py()
        if other is not None:
            assert among.features[rows[other]][columns].tolist() == alone.features[row][columns].tolist()
            compared += 1
    assert compared > 5
    assert min(weights.values()) > 0


def test_copies_share_a_group() -> None:
    copies = Duplicates(NOTHING, NOTHING, {})
    with filled({"note": NOTES}).snapshot() as snapshot:
        apart = found(snapshot, copies)
        ids = apart.notes.note_id
        joined = found(snapshot, Duplicates(ids[1:3], ids.take([0, 0]), {ids[0].as_py(): 3}))
    assert len(set(apart.notes.group.tolist())) == len(ids)
    assert len(set(joined.notes.group[:3].tolist())) == 1
    assert len(set(joined.notes.group.tolist())) == len(ids) - 2


def test_notes_of_an_author_share_its_number_and_others_have_their_own() -> None:
    rows = [{**row, "author_id": "her" if place % 3 == 0 else None} for place, row in enumerate(NOTES)]
    hers = {row["note_id"] for row in rows if row["author_id"]}
    with filled({"note": rows}).snapshot() as snapshot:
        notes = found(snapshot).notes
    ids, author = notes.note_id.to_pylist(), notes.author.tolist()
    assert len({number for note_id, number in zip(ids, author, strict=True) if note_id in hers}) == 1
    assert len(set(author)) == 1 + sum(note_id not in hers for note_id in ids)


def test_a_store_without_notes_has_no_candidates() -> None:
    with filled({"note": []}).snapshot() as snapshot:
        judged = found(snapshot)
    assert judged.need.size == judged.note.size == len(judged.notes.note_id) == 0
    assert judged.features.shape == (0, len(FEATURES))
    assert judged.counts.matching.tolist() == [0] * len(NEEDS)


def test_notes_without_text_are_none_and_harm_none() -> None:
    rows = [note("a"), note("b", ""), *NOTES]
    with filled({"note": rows}).snapshot() as snapshot:
        assert not set(found(snapshot).notes.note_id.to_pylist()) & {"a", "b"}
    with filled({"note": rows[:2]}).snapshot() as snapshot:
        assert found(snapshot).need.size == 0


def test_integer_weights_are_idf() -> None:
    with filled({"note": [note("a", "甲 乙"), note("b", "甲"), note("c", "丙")]}).snapshot() as snapshot:
        weights = idf_weights(snapshot, ["甲", "乙", "丁"], "text_terms")
    assert weights == {
        "甲": round(1000 * float(np.log1p(1.5 / 2.5))),
        "乙": round(1000 * float(np.log1p(2.5 / 1.5))),
        "丁": round(1000 * float(np.log1p(3.5 / 0.5))),
    }
    assert weights["甲"] == pytest.approx(470)
