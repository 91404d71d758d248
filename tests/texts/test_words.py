"""Words are numbered as they come, and texts keep the ends of their values."""

from __future__ import annotations

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from gapfinder.texts.words import VALUE_END, Texts, Words

WORD = st.sampled_from(["头皮", "痒", "去", "头屑", "纸尿裤", "不"])
VALUES = st.lists(st.lists(WORD, min_size=1, max_size=4).map(" ".join), max_size=3)


def words_of(texts: Texts, words: Words) -> list[list[str | None]]:
    """The words of each text, None where a value ends."""
    ids = texts.words.tolist()
    bounds = texts.start.tolist()
    return [
        [None if one == VALUE_END else words.names[one] for one in ids[bounds[n] : bounds[n + 1]]]
        for n in range(len(texts))
    ]


def test_a_word_has_the_number_of_its_first_coming() -> None:
    words = Words.of(["头皮", "痒", "头皮"])
    assert words.names == ["头皮", "痒"]
    assert [words.number(name) for name in ("痒", "头屑", "头皮", "头屑")] == [1, 2, 0, 2]
    assert words.known("痒") == 1
    assert words.known("没有过") is None
    assert len(words) == 3, "asking for a word does not add it"


def test_numbers_stay_when_more_texts_come() -> None:
    words = Words()
    first = words.lines(pa.array(["头皮 痒"], pa.string()))
    before = first.words.tolist()
    words.lines(pa.array(["去 头屑 头皮"], pa.string()))
    again = words.lines(pa.array(["头皮 痒"], pa.string()))
    assert again.words.tolist() == before
    assert words.names == ["头皮", "痒", "去", "头屑"]


def test_each_value_ends_for_itself() -> None:
    words = Words()
    texts = words.texts(pa.array([["头皮 痒", "去 头屑"], [], ["痒"]], pa.list_(pa.string())))
    assert words_of(texts, words) == [["头皮", "痒", None, "去", "头屑", None], [], ["痒", None]]


def test_what_is_missing_is_an_empty_text() -> None:
    words = Words()
    texts = words.texts(pa.array([None, ["痒", None], None], pa.list_(pa.string())))
    assert len(texts) == 3
    assert [len(text) for text in words_of(texts, words)][0::2] == [0, 0]
    assert words_of(texts, words)[1][:2] == ["痒", None]


def test_nothing_gives_nothing() -> None:
    words = Words()
    for texts in (
        words.texts(pa.array([], pa.list_(pa.string()))),
        words.lines(pa.array([], pa.string())),
        words.lists([]),
    ):
        assert len(texts) == 0
        assert texts.words.size == 0
    assert words_of(words.lists([[], []]), words) == [[None], [None]]
    assert len(words) == 0


@given(st.lists(VALUES, max_size=5))
def test_texts_hold_the_words_that_were_given(given_texts: list[list[str]]) -> None:
    words = Words()
    texts = words.texts(pa.array(given_texts, pa.list_(pa.string())))
    expected = [[word for value in text for word in (*value.split(" "), None)] for text in given_texts]
    assert words_of(texts, words) == expected
    assert sorted(words.names) == sorted({word for text in expected for word in text if word is not None})


@given(st.lists(st.lists(WORD, min_size=1, max_size=4), max_size=6))
def test_lines_and_lists_are_texts_of_one_value(lists: list[list[str]]) -> None:
    words = Words()
    from_lists = words.lists(lists)
    from_lines = words.lines(pa.array([" ".join(one) for one in lists], pa.string()))
    from_texts = words.texts(pa.array([[" ".join(one)] for one in lists], pa.list_(pa.string())))
    for other in (from_lines, from_texts):
        assert other.start.tolist() == from_lists.start.tolist()
        assert other.words.tolist() == from_lists.words.tolist()


@given(st.lists(VALUES, min_size=1, max_size=6), st.integers(0, 6))
def test_a_batch_says_what_the_whole_says(texts: list[list[str]], cut: int) -> None:
    whole, parts = Words(), Words()
    column = pa.array(texts, pa.list_(pa.string()))
    once = words_of(whole.texts(column), whole)
    twice = [text for part in (column[:cut], column[cut:]) for text in words_of(parts.texts(part), parts)]
    assert once == twice
    assert whole.names == parts.names, "a word is numbered when it first comes, whatever the batches"
