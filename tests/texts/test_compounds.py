"""Words of a list stand whole in texts, whatever the segmenter made of them."""

from __future__ import annotations

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from gapfinder.texts.compounds import Compounds
from gapfinder.texts.words import Words

WORD = st.sampled_from(["毛孔", "粗大", "怎么", "办", "红", "屁股"])
TEXTS = st.lists(st.lists(st.lists(WORD, min_size=1, max_size=6).map(" ".join), max_size=3), max_size=5)
CUT = st.lists(st.lists(WORD, max_size=3), max_size=5)


def joined(texts: list[list[str]], cut: list[list[str]]) -> list[list[str | None]]:
    """The words of each text after joining, None where a value ends."""
    words = Words()
    compounds = Compounds(words, cut)
    found = compounds.join(words.texts(pa.array(texts, pa.list_(pa.string()))))
    bounds, ids = found.start.tolist(), found.words.tolist()
    assert bounds[-1] == len(ids)
    return [
        [None if one < 0 else words.names[one] for one in ids[bounds[n] : bounds[n + 1]]] for n in range(len(texts))
    ]


def test_a_sequence_becomes_one_word() -> None:
    cut = [["毛孔", "粗大"], ["怎么", "办"]]
    assert joined([["毛孔 粗大 怎么 办"], ["办 毛孔"]], cut) == [["毛孔粗大", "怎么办", None], ["办", "毛孔", None]]


def test_the_longest_sequence_is_taken() -> None:
    cut = [["红", "屁股"], ["红", "屁股", "怎么"]]
    assert joined([["红 屁股 怎么 办"]], cut) == [["红屁股怎么", "办", None]]


def test_no_sequence_spans_two_values() -> None:
    assert joined([["毛孔", "粗大"]], [["毛孔", "粗大"]]) == [["毛孔", None, "粗大", None]]


def test_words_of_one_piece_need_nothing() -> None:
    words = Words()
    texts = words.lists([["毛孔", "粗大"]])
    assert Compounds(words, [["毛孔"], []]).join(texts) is texts


def test_a_joined_word_is_the_same_as_one_that_stood_whole() -> None:
    words = Words()
    whole = words.number("毛孔粗大")
    texts = Compounds(words, [["毛孔", "粗大"]]).join(words.lists([["毛孔", "粗大"], ["毛孔粗大"]]))
    assert texts.words.tolist() == [whole, -1, whole, -1]


def test_nothing_is_left_nothing() -> None:
    assert joined([], [["毛孔", "粗大"]]) == []
    assert joined([[], []], [["毛孔", "粗大"]]) == [[], []]
    assert joined([["毛孔 粗大"]], []) == [["毛孔", "粗大", None]]


@given(TEXTS, CUT)
def test_no_character_is_lost_and_no_value_ends_elsewhere(texts: list[list[str]], cut: list[list[str]]) -> None:
    found = joined(texts, cut)
    for text, words in zip(texts, found, strict=True):
        spelled = "".join(" " if word is None else word for word in words)
        assert spelled == "".join(value.replace(" ", "") + " " for value in text)


@given(TEXTS, CUT)
def test_words_are_joined_as_the_rule_says(texts: list[list[str]], cut: list[list[str]]) -> None:
    several = {tuple(pieces) for pieces in cut if len(pieces) > 1}
    expected = []
    for text in texts:
        words: list[str | None] = []
        for value in text:
            left = value.split(" ")
            while left:
                size = next((size for size in (3, 2) if len(left) >= size and tuple(left[:size]) in several), 1)
                words.append("".join(left[:size]))
                left = left[size:]
            words.append(None)
        expected.append(words)
    assert joined(texts, cut) == expected
