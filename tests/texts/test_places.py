"""Words are found where they stand in a text as it was written, whatever its normal form made longer or shorter."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gapfinder.texts.places import has_words, word_places
from indexer.dictionary import Dictionary
from indexer.segment import Segmenter

CUTTER = Segmenter(Dictionary(()))
# Pieces whose normal form is longer, shorter, elsewhere or nothing, among plain words.
PIECES = [
    "纸尿裤", "紙尿褲", "推薦", "红屁股", "的", "新生兒", "iPhone", "ＩＰＨＯＮＥ", "５", "㎏", "ﬁ", "İ", "Ω",
    "é", "e\u0301", "ö",
    "o\u0308", "ｶﾞ", "か\u3099", "한", "\u1112\u1161\u11ab", "①", "½", "℃", "…", "，", "。", "！", " ", "\u3000",
    "\t", "\n",
    "\u200b", "\u200d", "\ufe0f", "\ufeff", "\u00ad", "😀", "❤️", "👨‍👩‍👧", "\ue000", "_", "-", "a", "B", "３Ｄ", "𠮷",
]  # fmt: skip


def found(raw: str) -> list[tuple[str, str]]:
    """Each word of a text, and what was written for it."""
    words = CUTTER.terms(raw)
    return [(word, raw[start:end]) for word, (start, end) in zip(words, word_places(raw, words), strict=True)]


@pytest.mark.parametrize(
    ("raw", "pairs"),
    [
        ("", []),
        ("，。！", []),
        ("纸尿裤推荐", [("纸尿裤", "纸尿裤"), ("推荐", "推荐")]),
        ("　紙尿褲，推薦！", [("纸尿裤", "紙尿褲"), ("推荐", "推薦")]),
        ("５㎏ 大米", [("5kg", "５㎏"), ("大米", "大米")]),
        ("cafe\u0301 推荐", [("caf", "caf"), ("é", "e\u0301"), ("推荐", "推荐")]),
        ("纸\u200b尿\u200b裤", [("纸尿裤", "纸\u200b尿\u200b裤")]),
        ("推荐推荐", [("推荐", "推荐"), ("推荐", "推荐")]),
    ],
)
def test_a_word_is_found_as_it_was_written(raw: str, pairs: list[tuple[str, str]]) -> None:
    assert found(raw) == pairs


@given(st.lists(st.sampled_from(PIECES), max_size=20).map("".join))
def test_what_was_written_gives_the_word_again(raw: str) -> None:
    words = CUTTER.terms(raw)
    spans = word_places(raw, words)
    for word, (start, end) in zip(words, spans, strict=True):
        again = "".join(CUTTER.terms(raw[start:end]))
        shared = sum(span[0] < end and start < span[1] for span in spans) > 1  # one character stands for several words
        assert (word in again) if shared else (word == again), (word, raw[start:end])


@given(st.one_of(st.text(max_size=60), st.lists(st.sampled_from(PIECES), max_size=30).map("".join)))
def test_places_go_on_through_any_text(raw: str) -> None:
    words = CUTTER.terms(raw)
    spans = word_places(raw, words)
    assert all(0 <= start < end <= len(raw) for start, end in spans)
    for (start, end), (following, last) in pairwise(spans):
        assert start <= following
        assert end <= last
    assert has_words(raw) == bool(words)


def test_a_word_that_is_not_there_has_no_place() -> None:
    assert word_places("纸尿裤推荐", ["纸尿裤", "手机壳", "推荐"]) == [(0, 3), (3, 3), (3, 5)]
