"""The shipped words are single ideas, cut as one term each; the synonyms are words of the dictionary's field."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from indexer.dictionary import parse_dictionary, shipped_dictionary, shipped_synonyms
from indexer.normalize import normalize
from indexer.segment import Segmenter

FOLDER = Path(__file__).resolve().parents[2] / "indexer" / "dictionary"
FILES = ("mother_and_baby.txt", "beauty.txt", "hair.txt", "food.txt", "general.txt")
WORDS = {word for word, _ in shipped_dictionary().words}


@pytest.fixture(scope="module")
def segmenter() -> Segmenter:
    return Segmenter(shipped_dictionary())


@pytest.mark.parametrize("name", FILES)
def test_each_file_has_its_words_once_and_normalised(name: str) -> None:
    text = (FOLDER / name).read_text(encoding="utf-8")
    words = [word for word, _ in parse_dictionary(text, name)]
    assert len(words) > 100
    assert [word for word, count in Counter(words).items() if count > 1] == []
    assert [word for word in words if normalize(word) != word or len(word) < 2] == []
    assert [line for line in text.splitlines() if not line.startswith("#") and line != normalize(line)] == []


def test_every_word_is_cut_as_one_term(segmenter: Segmenter) -> None:
    assert [word for word in sorted(WORDS) if segmenter.terms(word) != [word]] == []


def test_no_word_is_two_words_of_the_dictionary() -> None:
    compounds = [
        word
        for word in sorted(WORDS)
        if any(word[:cut] in WORDS and word[cut:] in WORDS for cut in range(1, len(word)))
    ]
    assert compounds == []


def test_synonyms_are_single_terms_in_one_group_each(segmenter: Segmenter) -> None:
    counts = Counter(word for group in shipped_synonyms() for word in group)
    assert [word for word, count in counts.items() if count > 1] == []
    assert [word for word in counts if segmenter.query_terms(word) != [word]] == []


def test_generic_words_are_normalised_and_name_no_need() -> None:
    lines = (FOLDER / "generic.txt").read_text(encoding="utf-8").splitlines()
    words = [line for line in lines if not line.startswith("#")]
    assert [word for word, count in Counter(words).items() if count > 1] == []
    assert [word for word in words if normalize(word) != word or not word] == []
    assert {"推荐", "怎么", "什么", "好用", "哪个", "牌子", "多少钱", "测评", "用", "买", "女", "男"} <= set(words)
    named = set().union(*map(set, shipped_synonyms())) - {"测评", "评测"}
    assert set(words) & named == set()


@pytest.mark.parametrize(
    ("query", "terms"),
    [
        ("新生儿纸尿裤", "新生儿 纸尿裤"),
        ("缓解红屁股纸尿裤", "缓解 红屁股 纸尿裤"),
        ("防侧漏不勒肚纸尿裤", "防侧漏 不勒肚 纸尿裤"),
        ("NB码 尿不湿 推荐", "nb 码 尿不湿 推荐"),
        ("產後掉髮洗髮水", "产后 掉发 洗发水"),
        ("控油蓬松洗发水", "控油 蓬松 洗发水"),
        ("儿童去屑洗发水", "儿童 去屑 洗发水"),
        ("黑头发护理", "黑头发 护理"),
        ("晒后修复面膜", "晒后 修复 面膜"),
        ("早C晚A精华搭配", "早c晚a 精华 搭配"),
        ("敏感肌补水面膜", "敏感肌 补水 面膜"),
        ("孕妇奶粉", "孕妇 奶粉"),
        ("宝宝防胀气奶瓶", "宝宝 防 胀气 奶瓶"),
    ],
)
def test_queries_are_cut_into_crowd_need_and_product(query: str, terms: str, segmenter: Segmenter) -> None:
    assert segmenter.query_terms(query) == terms.split()
