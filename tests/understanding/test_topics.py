"""The category that the words of a text speak for, where they speak clearly."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from gapfinder.texts.words import Texts, Words
from gapfinder.understanding.topics import LEAST_COUNT, Topics

WORDS = ["红屁股", "侧漏", "去屑", "控油", "推荐"]
TEXT = st.lists(st.sampled_from(WORDS), max_size=5)
LEARNED = st.lists(st.tuples(TEXT, st.integers(-1, 2)), max_size=12)


def texts_of(words: Words, lists: list[list[str]]) -> Texts:
    return words.lists(lists)


def learned(words: Words, rows: list[tuple[list[str], int]], categories: int = 3) -> Topics:
    topics = Topics(categories)
    topics.add(texts_of(words, [text for text, _ in rows]), np.array([own for _, own in rows], np.int32))
    return topics


PLAIN = [(["红屁股", "推荐"], 0), (["侧漏", "推荐"], 0), (["去屑", "推荐"], 1), (["控油", "推荐"], 1)] * 10


def test_clear_words_tell_the_category_and_shared_ones_none() -> None:
    words = Words()
    topics = learned(words, PLAIN, 2)
    asked = texts_of(words, [["红屁股"], ["去屑", "控油"], ["推荐"], ["红屁股", "去屑"], [], ["新词"]])
    assert topics.of(asked, topics.weights()).tolist() == [0, 1, -1, -1, -1, -1]


def test_a_word_that_was_seen_too_seldom_says_nothing() -> None:
    words = Words()
    rare = [(["云朵"], 0)] * (LEAST_COUNT - 1)
    topics = learned(words, PLAIN + rare, 2)
    assert topics.of(texts_of(words, [["云朵"] * 9]), topics.weights()).tolist() == [-1]


def test_texts_without_a_category_teach_nothing() -> None:
    words = Words()
    one, other = learned(words, PLAIN, 2), learned(words, [*PLAIN, *((text, -1) for text, _ in PLAIN)], 2)
    assert one.weights().tolist() == other.weights().tolist()


def test_one_category_or_none_is_never_told() -> None:
    for categories in (0, 1):
        words = Words()
        topics = learned(words, [(["红屁股"], categories - 1)] * 20, categories)
        assert topics.of(texts_of(words, [["红屁股"], []]), topics.weights()).tolist() == [-1, -1]


def test_nothing_learned_tells_nothing() -> None:
    words = Words()
    topics = Topics(3)
    assert topics.weights().shape == (0, 3)
    assert topics.of(texts_of(words, [["红屁股"]]), topics.weights()).tolist() == [-1]
    topics.add(texts_of(words, []), np.zeros(0, np.int32))
    assert topics.weights().shape == (0, 3)


@given(LEARNED, st.integers(0, 12))
def test_batches_and_their_order_change_no_weight(rows: list[tuple[list[str], int]], cut: int) -> None:
    words = Words.of(WORDS)
    whole = learned(words, rows)
    parts = Topics(3)
    for some in (rows[cut:], rows[:cut]):
        parts.add(texts_of(words, [text for text, _ in some]), np.array([own for _, own in some], np.int32))
    assert whole.weights().tolist() == parts.weights().tolist()


@given(LEARNED, st.lists(TEXT, max_size=5))
def test_the_choice_is_what_the_weights_say(rows: list[tuple[list[str], int]], asked: list[list[str]]) -> None:
    words = Words.of(WORDS)
    topics = learned(words, rows)
    weights = topics.weights()
    expected = []
    for text in asked:
        known = [number for number in (words.number(word) for word in text) if number < len(weights)]
        scores = [int(sum(weights[number, category] for number in known)) for category in range(3)]
        first, second = sorted(scores, reverse=True)[:2]
        sure = len(weights) > 0 and first - second >= 2197  # log(9), per mille
        expected.append(scores.index(first) if sure else -1)
    assert topics.of(texts_of(words, asked), weights).tolist() == expected
