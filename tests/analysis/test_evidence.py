"""Which notes stand as evidence, and what is said of them, by their plain definitions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gapfinder.candidates import Candidates
from gapfinder.duplicates import Duplicates
from gapfinder.evidence import MOST_NOTES, Asking, EvidenceNotes
from gapfinder.supply import Answers
from gapfinder.variants import MOST_QUERIES, MOST_VARIANTS, Variants
from indexer.stores.memory import MemoryStore
from tests.answers.made import filled
from tests.contract.rows import note

NOTES = 12
WORDS = ("纸尿裤", "新生儿", "红屁股", "不勒肚")


def answers_of(rows: list[list[int]], groups: list[int], signals: int = 0, visible: float = 1.0) -> Answers:
    """Answers of needs as their notes, in order, each as probable as the other."""
    ids = pa.array([f"n{number:02d}" for number in range(NOTES)], pa.string())
    ones = np.ones(NOTES)
    candidates = Candidates(
        note_id=ids,
        group=np.array(groups, np.int64),
        author=np.arange(NOTES),
        visibility=ones * visible,
        freshness=ones,
        quality=ones,
        undisclosed=np.zeros(NOTES),
        signals=np.full(NOTES, signals, np.uint8),
    )
    start = np.concatenate([[0], np.cumsum([len(row) for row in rows])]).astype(np.int64)
    flat = np.array([number for row in rows for number in row], np.int32)
    need = np.repeat(np.arange(len(rows), dtype=np.int32), np.diff(start))
    return Answers(candidates, start, need, flat, np.full(flat.size, 0.5))


def store_of(**columns: Any) -> MemoryStore:
    """A store with these notes, whose text says which words they hold."""
    rows = [
        note(f"n{number:02d}", " ".join(WORDS[place] for place in range(4) if number >> place & 1) or "无", **columns)
        for number in range(NOTES)
    ]
    store = filled({"note": rows})
    assert isinstance(store, MemoryStore)
    return store


def shown(answers: Answers, asking: Asking, **columns: Any) -> list[list[Any]]:
    copies = Duplicates(pa.array([], pa.string()), pa.array([], pa.string()), {"n03": 4})
    with store_of(**columns).snapshot() as snapshot:
        found = EvidenceNotes(snapshot, answers, copies, asking)
    order = np.arange(asking.need.size)[::-1]
    return found.of(order)[::-1]


def chosen(row: list[int], groups: list[int]) -> list[int]:
    """The first of each group among the first twenty, at most five."""
    first: dict[int, int] = {}
    for number in row[:20]:
        first.setdefault(groups[number], number)
    return list(first.values())[:MOST_NOTES]


needs = st.lists(
    st.permutations(range(NOTES)).flatmap(lambda row: st.integers(0, NOTES).map(lambda n: row[:n])),
    min_size=1,
    max_size=4,
)


@settings(max_examples=60, deadline=None)
@given(needs, st.lists(st.integers(0, 7), min_size=NOTES, max_size=NOTES), st.data())
def test_the_best_of_each_group_under_its_words_then_under_others(
    rows: list[list[int]], groups: list[int], data: st.DataObject
) -> None:
    need = data.draw(st.lists(st.integers(0, len(rows) - 1), min_size=1, max_size=5))
    other = [data.draw(st.sampled_from([-1, *(n for n in range(len(rows)) if n != own)])) for own in need]
    asking = Asking([WORDS[:2]] * len(need), np.array(need), np.array(other), ["尿不湿"] * len(need))
    found = shown(answers_of(rows, groups), asking)
    for own, beside, notes in zip(need, other, found, strict=True):
        first = chosen(rows[own], groups)
        then = [number for number in chosen(rows[beside], groups) if number not in first] if beside >= 0 else []
        assert [int(one["note_id"][1:]) for one in notes] == first + then
        assert [one["found_by"] for one in notes] == ["words"] * len(first) + ["尿不湿"] * len(then)
        for one in notes:
            number = int(one["note_id"][1:])
            assert one["matched"] == [WORDS[place] for place in range(2) if number >> place & 1]
            assert one["duplicates"] == (3 if number == 3 else 0)


def test_what_is_said_against_a_note() -> None:
    answers = answers_of([[0, 1, 3]], list(range(NOTES)), signals=0b101, visible=0.0)
    asking = Asking([WORDS[:2]], np.array([0]), np.array([-1]), [""])
    (notes,) = shown(answers, asking, disclosed=True)
    advertising = "疑似水下广告（引导购买的用语、反复提到同一品牌）"
    assert [one["reasons"] for one in notes] == [
        ["没有写出这些词", advertising],
        ["只含部分词：纸尿裤", advertising],
        [advertising],
    ]
    (notes,) = shown(answers_of([[3]], list(range(NOTES))), asking, disclosed=True)
    assert [one["reasons"] for one in notes] == [["报备广告"]]


@pytest.mark.parametrize(
    ("title", "content", "expected"),
    [
        ("  好用  的\t裤 ", "正文", "好用 的 裤"),
        (None, "正文" * 60, "正文" * 30),
        ("", None, ""),
        ("题" * 200, "", "题" * 120),
    ],
)
def test_titles(title: str | None, content: str | None, expected: str) -> None:
    asking = Asking([WORDS[:1]], np.array([0]), np.array([-1]), [""])
    ((one,),) = shown(answers_of([[1]], list(range(NOTES))), asking, title=title, content=content)
    assert one["title"] == expected


def test_the_most_searched_queries_of_a_keyword() -> None:
    rows = [(number % 12, f"词{number:02d}", 100 - number) for number in range(40)]
    table = pa.table(
        {
            "query_id": [query for query, _, _ in sorted(rows)],
            "query": [text for _, text, _ in sorted(rows)],
            "searches": [count for _, _, count in sorted(rows)],
            **{name: [1] * len(rows) for name in ("searchers", "people", "satisfied", "unsatisfied", "unknown")},
            "folded_by": ["same"] * len(rows),
        }
    )
    variants = Variants(table, 12)
    for queries in ([3], [3, 1], list(range(12))):
        written, evidence = variants.shown(queries)
        ranked = {
            most: sorted(((-count, text) for query, text, count in rows if query in queries[:most]))
            for most in (MOST_VARIANTS, MOST_QUERIES)
        }
        assert [one["query"] for one in written] == [text for _, text in ranked[MOST_VARIANTS][:MOST_VARIANTS]]
        assert [one["query"] for one in evidence] == [text for _, text in ranked[MOST_QUERIES][:MOST_QUERIES]]
