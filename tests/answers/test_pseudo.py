"""Queries made from notes: which notes, which words, and the same ones in every store."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from pathlib import Path

import pytest

from gapfinder.answers.pseudo import chosen_titles, made_queries
from gapfinder.neighbours import Neighbours
from indexer.stores import open_store
from tests.answers.made import asked, filled, made_notes, topics
from tests.contract.rows import note

ABOUT = topics(20)
NOTES = made_notes(400, ABOUT)


def flat(words: Sequence[str]) -> list[int]:
    return [3000] * len(words)


def test_the_lowest_hashes_choose() -> None:
    with filled({"note": NOTES}).snapshot() as snapshot:
        chosen = chosen_titles(snapshot, 30)
    by_hash = sorted(NOTES, key=lambda row: blake2b(row["note_id"].encode(), digest_size=8, key=b"pseudo").digest())
    assert [note_id for note_id, _ in chosen] == sorted(row["note_id"] for row in by_hash[:30])
    titles = {row["note_id"]: row["text_terms"][0] for row in NOTES}
    assert all(" ".join(terms) == titles[note_id] for note_id, terms in chosen)


@pytest.mark.parametrize("most", [1, 7, 150, 10_000])
def test_the_order_of_a_store_changes_nothing(most: int, tmp_path: Path) -> None:
    log, near = asked(50, ABOUT), Neighbours.from_rows({ABOUT[0][0]: [[ABOUT[1][0], 900, 500]]})
    found = []
    for store in (
        filled({"note": NOTES}),
        filled({"note": NOTES[::-1]}, parts=3),
        filled({"note": NOTES}, open_store(str(tmp_path / "delta"), create=True), parts=5),
    ):
        with store, store.snapshot() as snapshot:
            made = made_queries(chosen_titles(snapshot, most), log, flat, near)
        found.append((made.terms, made.note_id))
    assert found[0] == found[1] == found[2]
    assert len(found[0][0]) == min(most, len(NOTES))


def test_notes_that_say_too_little_are_passed_over() -> None:
    rows = [
        note("bare", "一个 开头 没有 标题"),
        note("one", "一个"),
        note("twice", "一个 一个"),
        note("empty", ""),
        note("nothing"),
        note("long", " ".join(f"词{n}" for n in range(40))),
    ]
    rows.append({**note("null"), "text_terms": [None]})
    with filled({"note": rows}).snapshot() as snapshot:
        chosen = dict(chosen_titles(snapshot, 10))
    assert chosen["bare"] == ("一个", "开头", "没有", "标题")
    assert len(chosen["long"]) == 24
    assert sorted(chosen) == ["bare", "long"]


def test_queries_are_as_long_as_those_of_the_log_and_keep_their_order() -> None:
    titles = [(f"n{n}", tuple(f"{chr(0x4E00 + n)}{k}" for k in range(20))) for n in range(300)]
    log = [("甲", "乙", "丙"), ("甲", "乙", "丙", "丁", "戊"), ("甲",), tuple("abcdefghijklmnop")]
    made = made_queries(titles, log, flat, Neighbours.none())
    assert made.note_id == [note_id for note_id, _ in titles]
    lengths = [len(terms) for terms in made.terms]
    assert set(lengths) <= set(range(1, 13))
    assert {3, 5, 12} <= set(lengths), "of the log, but no longer than a dozen words"
    kept = 0
    for terms, (_, title) in zip(made.terms, titles, strict=True):
        own = [term for term in terms if term in title]
        assert own == [term for term in title if term in own], "in the order of the title"
        kept += len(own)
    assert 0.8 < kept / sum(lengths) < 0.9, "15% of the words come from the log"


def test_words_that_carry_most_are_kept_and_near_ones_stand_in() -> None:
    titles = [(f"n{n}", ("常见", "稀有", "平常", "罕见", "普通", "一般")) for n in range(400)]
    weight = {"稀有": 9000, "罕见": 8000, "近义": 0}
    near = Neighbours.from_rows({"稀有": [["近义", 900, 500]]})
    made = made_queries(titles, [("稀有", "罕见")], lambda words: [weight.get(word, 500) for word in words], near)
    words = [term for terms in made.terms for term in terms]
    assert set(words) == {"稀有", "罕见", "近义"}, "two of the highest idf by far, or what stands in for them"
    assert 0.10 < words.count("近义") / 400 < 0.20


def test_without_a_log_queries_have_three_words() -> None:
    made = made_queries([("n1", ("甲", "乙", "丙", "丁", "戊"))], [], flat, Neighbours.none())
    assert 1 <= len(made.terms[0]) <= 3
    assert made_queries([], [], flat, Neighbours.none()).terms == []
