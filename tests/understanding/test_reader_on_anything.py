"""Whatever people type, reading it ends, and what is said of it fits together."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gapfinder.lexicon import CLASSES, words_of
from gapfinder.understanding.catalogue import BRAND, CATEGORY, PRODUCT
from gapfinder.understanding.parts import INTENTS, PARTS
from tests.understanding.made import CUTTER, catalogue, read_with, reader_of

pytestmark = pytest.mark.timeout(120)

NAMES = catalogue(more_brands=["大象", "a1"], more_categories=["猫 抓板", "电动牙刷"])
READERS = reader_of(NAMES), reader_of(NAMES)
LISTED = [word for name in CLASSES for word in sorted(words_of(name))[::9]]
ODD = ["", " ", "a", "1", "7", "的", "𠮷", "🎉", "ß", "％", "吗", "牙", "冲", "小", "麦", "洛", "云朵", "熊", "苹果"]
WORD = st.sampled_from([*LISTED, *ODD, "纸尿裤", "洗发水", "湿巾", "星空", "拉拉裤", "氨基酸"]) | st.text(max_size=3)
TOKENS = st.lists(st.lists(WORD, max_size=9), max_size=6)
TEXTS = st.lists(st.lists(WORD, max_size=6).map("".join) | st.text(max_size=12), max_size=6)


@given(TOKENS, st.data())
@example([["冲", "牙", "小", "白", "器", "机"], ["机"], ["器"] * 9, [""] * 5], None)
def test_reading_any_words_ends(tokens: list[list[str]], data: st.DataObject | None) -> None:
    """Words as no segmenter would cut them, beside raw texts that are not theirs."""
    reader = READERS[0]
    words, grammar = reader.words, reader._grammar
    texts = grammar.join(words.lists(tokens))
    learned = set() if data is None else data.draw(st.sets(st.sampled_from(sorted({-1, *texts.words.tolist()}))))
    grammar.learn(np.isin(np.arange(len(words)), list(learned)))
    raw = ["".join(one) if number % 2 else " ".join(one) for number, one in enumerate(tokens)]
    read = reader.read(texts, raw)
    assert len(read.head) == read.category.size == read.brand.size == read.product.size == len(tokens)
    assert read.part.size == texts.words.size
    assert reader.named_most(texts).size == len(tokens)


@given(TEXTS)
def test_what_is_said_of_a_query_fits_together(texts: list[str]) -> None:
    read, words = read_with(READERS[1], texts), READERS[1].words
    assert ((read.part >= 0) & (read.part < len(PARTS))).all()
    for number, text in enumerate(texts):
        category, brand, product = (int(column[number]) for column in (read.category, read.brand, read.product))
        assert category < 0 or NAMES.names[category].level == CATEGORY
        assert brand < 0 or NAMES.names[brand].level == BRAND
        assert product < 0 or NAMES.names[product].level == PRODUCT
        assert category < 0 or read.head[number] == "", "a category is what it is about"
        own = [word for part in PARTS for word in read.words(words, number, part)]
        start, end = (int(one) for one in read.texts.start[number : number + 2])
        assert sorted(own) == sorted(words.names[word] for word in read.texts.words[start:end].tolist() if word >= 0)
        assert read.head[number] in "".join(CUTTER.query_terms(text))
        if INTENTS[int(read.intent[number])] == "product":
            assert category >= 0 or brand >= 0 or read.head[number] or read.words(words, number, "need")


@given(TEXTS)
def test_the_other_queries_change_nothing(texts: list[str]) -> None:
    together = read_with(READERS[1], texts)
    for number, text in enumerate(texts):
        alone = read_with(READERS[1], [text])
        for name in ("category", "brand", "product", "intent"):
            assert getattr(alone, name)[0] == getattr(together, name)[number]
        assert alone.head[0] == together.head[number]
