"""rjieba against jieba, the reference: the same cut with the same dictionary, held on every change of it."""

from __future__ import annotations

import gzip
import json
import logging
import stat
import warnings
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gapfinder.samples import samples_folder
from indexer.dictionary import DEFAULT_FREQUENCY, Dictionary, shipped_dictionary
from indexer.normalize import normalize
from indexer.segment import Segmenter
from tests.jieba_reference import add_words

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # jieba has been left alone since 2020; compiling it warns on a newer Python
    import jieba

BRANDS = ("云朵熊", "丝语林", "贝棉棉", "青柚山")
HAN = st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5)
TEXT = st.text(
    st.one_of(HAN, st.sampled_from("纸尿裤新生儿缓解红屁股洗发水精华面膜不勒肚防侧漏，。！ abc123XYZ-+#_.😀")),
    max_size=60,
)


@pytest.fixture(scope="module")
def dictionary() -> Dictionary:
    return shipped_dictionary().extended((brand, DEFAULT_FREQUENCY) for brand in BRANDS)


@pytest.fixture(scope="module")
def segmenter(dictionary: Dictionary) -> Segmenter:
    return Segmenter(dictionary)


@pytest.fixture(scope="module")
def reference(dictionary: Dictionary, tmp_path_factory: pytest.TempPathFactory) -> jieba.Tokenizer:
    """jieba with the same words and a cache folder of its own: it loads whatever lies in the shared one."""
    tokenizer = jieba.Tokenizer()
    folder = tmp_path_factory.mktemp("jieba")
    folder.chmod(0o700)
    tokenizer.tmp_dir = str(folder)
    logging.getLogger("jieba").setLevel(logging.WARNING)
    add_words(tokenizer, dictionary.words)
    return tokenizer


def cut(reference: jieba.Tokenizer, text: str) -> list[str]:
    return [term for term in reference.cut(text, HMM=False) if any(c.isalnum() or c == "_" for c in term)]


def test_the_cache_lies_in_a_private_folder(reference: jieba.Tokenizer) -> None:
    folder = Path(reference.tmp_dir)
    assert list(folder.iterdir())
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_every_shipped_word_is_cut_alike(
    segmenter: Segmenter, reference: jieba.Tokenizer, dictionary: Dictionary
) -> None:
    words = [word for word, _ in dictionary.words]
    for text in (*words, *("".join(pair) for pair in pairwise(words))):
        assert segmenter.terms(text) == cut(reference, text), text


def test_a_near_tie_is_cut_alike(segmenter: Segmenter, reference: jieba.Tokenizer) -> None:
    """接上 火球 and 接 上火 球 differ by a thousandth: the sum of all frequencies decides."""
    assert segmenter.terms("根本接上火球多年") == cut(reference, "根本接上火球多年")


def test_the_sample_market_is_cut_alike(segmenter: Segmenter, reference: jieba.Tokenizer) -> None:
    with gzip.open(samples_folder() / "notes.jsonl.gz", "rt", encoding="utf-8") as file:
        notes = [json.loads(line) for line in file if line.strip().startswith("{")][:1500]
    texts = [text for note in notes for text in (note.get("title"), note.get("content")) if isinstance(text, str)]
    assert len(texts) > 2000
    for text in texts:
        assert segmenter.terms(text) == cut(reference, normalize(text)), text


@settings(max_examples=500)
@given(TEXT)
def test_any_text_is_cut_alike(segmenter: Segmenter, reference: jieba.Tokenizer, text: str) -> None:
    assert segmenter.terms(text) == cut(reference, normalize(text))
