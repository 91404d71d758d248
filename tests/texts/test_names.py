"""Names in texts: the longest at each word, held against the same rule written plainly."""

from __future__ import annotations

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from gapfinder.texts.names import Mentions, Names
from gapfinder.texts.words import Words

WORD = st.sampled_from(["麦洛", "洗发水", "婴儿", "纸", "尿裤"])
VALUES = st.lists(st.lists(WORD, min_size=1, max_size=6).map(" ".join), min_size=1, max_size=3)
ALIAS = st.lists(WORD, max_size=3)

Row = tuple[int, int, int, int]


def rows_of(found: Mentions) -> list[Row]:
    columns = (found.text, found.place, found.length, found.name)
    return list(zip(*(column.tolist() for column in columns), strict=True))


def plainly(texts: list[list[str]], aliases: list[tuple[list[str], int]]) -> list[Row]:
    """Leftmost, then longest, of equal aliases the first; never over the end of a value."""
    name: dict[tuple[str, ...], int] = {}
    for words, number in aliases:
        if words:
            name.setdefault(tuple(words), number)
    found = []
    for place, text in enumerate(texts):
        at = 0
        for value in text:
            words = value.split(" ")
            here = 0
            while here < len(words):
                fitting = [size for size in range(3, 0, -1) if tuple(words[here : here + size]) in name]
                size = next((size for size in fitting if here + size <= len(words)), 0)
                if size:
                    found.append((place, at + here, size, name[tuple(words[here : here + size])]))
                here += max(1, size)
            at += len(words) + 1
    return found


@given(st.lists(VALUES, max_size=5), st.lists(st.tuples(ALIAS, st.integers(0, 9)), max_size=6))
def test_mentions_are_what_the_rule_says(texts: list[list[str]], aliases: list[tuple[list[str], int]]) -> None:
    words = Words()
    names = Names.of(words, aliases)
    assert rows_of(names.find(words.texts(pa.array(texts, pa.list_(pa.string()))))) == plainly(texts, aliases)


@given(st.lists(VALUES, max_size=5), st.lists(st.tuples(ALIAS, st.integers(0, 9)), max_size=6))
def test_names_that_are_filed_after_the_texts_are_found_alike(
    texts: list[list[str]], aliases: list[tuple[list[str], int]]
) -> None:
    words = Words()
    numbered = words.texts(pa.array(texts, pa.list_(pa.string())))
    assert rows_of(Names.of(words, aliases).find(numbered)) == plainly(texts, aliases)


def found_in(text: str, *aliases: tuple[str, int]) -> list[Row]:
    words = Words()
    names = Names.of(words, [(alias.split(), number) for alias, number in aliases])
    return rows_of(names.find(words.lines(pa.array([text], pa.string()))))


def test_the_longer_name_hides_the_shorter_one_within() -> None:
    assert found_in("买 麦洛 洗发水", ("麦洛", 1), ("麦洛 洗发水", 2), ("洗发水", 3)) == [(0, 1, 2, 2)]


def test_a_name_that_breaks_off_leaves_the_shorter_one() -> None:
    assert found_in("麦洛 纸 尿裤", ("麦洛", 1), ("麦洛 洗发水", 2), ("尿裤", 3)) == [(0, 0, 1, 1), (0, 2, 1, 3)]


def test_of_equal_aliases_the_first_counts() -> None:
    assert found_in("麦洛", ("麦洛", 4), ("麦洛", 2)) == [(0, 0, 1, 4)]


def test_no_name_spans_two_values() -> None:
    words = Words()
    names = Names.of(words, [(["麦洛", "洗发水"], 1)])
    texts = words.texts(pa.array([["麦洛", "洗发水"], ["麦洛 洗发水"]], pa.list_(pa.string())))
    assert rows_of(names.find(texts)) == [(1, 0, 2, 1)]


def test_no_name_spans_two_texts() -> None:
    words = Words()
    names = Names.of(words, [(["麦洛", "洗发水"], 1)])
    assert rows_of(names.find(words.lists([["麦洛"], ["洗发水"]]))) == []


def test_words_that_come_later_begin_no_name() -> None:
    words = Words()
    names = Names.of(words, [(["麦洛"], 1)])
    assert rows_of(names.find(words.lists([["新词", "麦洛", "又一个"]]))) == [(0, 1, 1, 1)]


def test_without_names_or_texts_nothing_is_found() -> None:
    assert found_in("麦洛 洗发水") == []
    assert found_in("麦洛", ("", 1)) == []
    words = Words()
    assert rows_of(Names.of(words, [(["麦洛"], 1)]).find(words.lists([]))) == []
    assert rows_of(Names.of(Words(), []).find(Words().lists([[]]))) == []
