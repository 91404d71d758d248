"""What cutting keeps, whatever the text is."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import example, given
from hypothesis import strategies as st

from indexer.normalize import normalize
from indexer.segment import LONGEST_TERM, _pieces
from tests.demand.logs import segmenter

RUNS = st.tuples(st.sampled_from(["纸尿裤", "a", "a1", "𝒳", "𠮷", "😀", "à", " ", "，"]), st.integers(1, 300))
TEXTS = st.lists(RUNS.map(lambda run: run[0] * run[1]) | st.text(max_size=20), max_size=6).map("".join)


def units(term: str) -> int:
    """Its length as Elasticsearch counts it."""
    return len(term.encode("utf-16-le")) // 2


@given(TEXTS)
@example("a" * 127)
@example("a" * 128)
@example("a" * 1000)
def test_no_term_is_longer_than_the_engines_take(text: str) -> None:
    assert max(map(units, segmenter().terms(text)), default=0) <= LONGEST_TERM


@given(st.integers(1, 1200))
def test_a_long_word_is_cut_and_nothing_of_it_lost(length: int) -> None:
    assert [len(term) for term in segmenter().terms("a" * length)] == [
        min(LONGEST_TERM, length - begun) for begun in range(0, length, LONGEST_TERM)
    ]


@given(st.lists(st.sampled_from(["a", "𠮷"]), min_size=1, max_size=600).map("".join))
def test_a_cut_spares_characters_of_two_units(term: str) -> None:
    pieces = _pieces(term)
    assert "".join(pieces) == term
    assert max(map(units, pieces)) <= LONGEST_TERM
    assert all(units(one + after[0]) > LONGEST_TERM for one, after in pairwise(pieces))


@given(st.lists(TEXTS, max_size=5))
def test_many_texts_are_cut_as_each_alone(texts: list[str]) -> None:
    assert segmenter().segment_all(texts) == [" ".join(segmenter().terms(text)) for text in texts]


@given(st.lists(TEXTS, max_size=5))
def test_many_queries_are_cut_as_each_alone(texts: list[str]) -> None:
    norms = [normalize(text) for text in texts]
    assert segmenter().segment_queries(norms) == [" ".join(segmenter().query_terms(text)) for text in texts]
