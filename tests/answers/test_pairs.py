"""The compiled features of pairs equal their definitions."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gapfinder.answers.pairs import FEATURES, pair_features
from gapfinder.answers.subjects import Needs, Notes
from gapfinder.neighbours import Neighbours
from indexer.grams import query_grams
from tests.answers.plain import Near, Note, block_of, features_of, pattern_of

# Few characters, so that grams and words meet; two of them lie beyond the first plane of Unicode.
WORDS = ("新生", "新生儿", "儿", "纸尿裤", "尿裤", "裤", "𠮷", "𠮷儿", "👶新", "a", "ab", "ba")
VALUE = st.one_of(st.none(), st.lists(st.sampled_from(WORDS), max_size=7).map(" ".join))
VALUES = st.lists(VALUE, max_size=4).map(tuple)
NOTES = st.lists(st.builds(Note, VALUES, VALUES, VALUES), min_size=1, max_size=4)
NEEDS = st.lists(st.lists(st.sampled_from(WORDS), min_size=1, max_size=6), min_size=1, max_size=4)
WEIGHTS = st.integers(0, 9000)
NEAR = st.dictionaries(
    st.sampled_from(WORDS),
    st.dictionaries(st.sampled_from((*WORDS, "近词")), st.integers(301, 1700), max_size=3),
    max_size=6,
)


def neighbours_of(near: Near) -> Neighbours:
    return Neighbours.from_rows({word: [[other, like, 0] for other, like in rows] for word, rows in near.items()})


def measured(
    needs: Sequence[Sequence[str]],
    notes: Sequence[Note],
    weight: dict[str, int],
    gram_weight: dict[str, int],
    near: Near,
    pairs: Sequence[tuple[int, int]],
) -> tuple[npt.NDArray[np.float32], list[int]]:
    """Features and patterns of pairs of a need and a note."""
    cut = [query_grams(need) for need in needs]
    arrays = Needs.of(needs, cut, weight, gram_weight, neighbours_of(near))
    block = Notes.of(block_of(notes), arrays.vocabulary)
    need, note = np.array(pairs, np.int64).reshape(-1, 2).T.copy()
    features, pattern = pair_features(arrays, block, need, note)
    return features, pattern.tolist()


def weights_of(needs: Sequence[Sequence[str]], step: int = 700) -> tuple[dict[str, int], dict[str, int]]:
    """Some weight for every term and gram."""
    terms = sorted({term for need in needs for term in need})
    grams = sorted({gram for need in needs for gram in query_grams(need)})
    return (
        {term: 100 + step * (n % 11) for n, term in enumerate(terms)},
        {gram: 200 + step * (n % 7) for n, gram in enumerate(grams)},
    )


@given(NEEDS, NOTES, NEAR, st.data())
def test_features_equal_their_definitions(
    needs: list[list[str]], notes: list[Note], near: dict[str, dict[str, int]], data: st.DataObject
) -> None:
    terms, grams = weights_of(needs)
    weight = {term: data.draw(WEIGHTS) for term in terms}
    gram_weight = {gram: data.draw(WEIGHTS) for gram in grams}
    ordered = {word: sorted(rows.items(), key=lambda row: (-row[1], row[0])) for word, rows in near.items()}
    pairs = data.draw(st.permutations([(need, note) for need in range(len(needs)) for note in range(len(notes))]))
    features, pattern = measured(needs, notes, weight, gram_weight, ordered, pairs)
    for row, bits, (need, note) in zip(features, pattern, pairs, strict=True):
        wanted = features_of(needs[need], notes[note], weight, gram_weight, ordered)
        assert row.tolist() == pytest.approx(wanted, abs=1e-6), dict(zip(FEATURES, wanted, strict=True))
        assert bits == pattern_of(needs[need], notes[note])
    assert features.min(initial=0.0) >= 0.0
    assert features.max(initial=0.0) <= 1.0


def test_needs_and_notes_may_be_larger_than_a_word_of_bits() -> None:
    words = [f"词{chr(0x4E00 + n)}" for n in range(70)]
    many = Note(tuple(words[10:]), tuple(words[:3]), (*words[:66], "a", "👶 新 a", words[66]))
    few = Note((" ".join(words),), (), (" ".join(words[:40]), words[69]))
    needs = [words, words[60:], ["a", "👶"], words[66:68]]
    weight, gram_weight = weights_of(needs)
    pairs = [(need, note) for note in (0, 1) for need in range(4)]
    features, pattern = measured(needs, [many, few], weight, gram_weight, {}, pairs)
    for row, bits, (need, note) in zip(features, pattern, pairs, strict=True):
        assert row.tolist() == pytest.approx(
            features_of(needs[need], (many, few)[note], weight, gram_weight, {}), abs=1e-6
        )
        assert bits == pattern_of(needs[need], (many, few)[note])
    assert 0 < pattern[0] < 2**63


def test_notes_without_any_text_have_no_features() -> None:
    empty = [Note(()), Note(("",), ("",), ("",)), Note((None,), (None,), (None,))]
    weight, gram_weight = weights_of([["新生"]])
    features, pattern = measured([["新生"]], empty, weight, gram_weight, {}, [(0, 0), (0, 1), (0, 2)])
    assert not features.any()
    assert pattern == [0, 0, 0]


def test_what_features_say() -> None:
    need = [["新生儿", "纸尿裤"]]
    weight, gram_weight = {"新生儿": 2000, "纸尿裤": 6000}, dict.fromkeys(query_grams(need[0]), 1000)
    apart = Note(("新生儿 ab", "纸尿裤"), ("纸尿裤",), ("新生儿纸尿裤",))
    near = {"新生儿": [("宝宝", 1200)]}
    close = Note(("宝宝 纸尿裤",), (), ("纸尿裤ab",))
    features, pattern = measured(need, [apart, close], weight, gram_weight, near, [(0, 0), (0, 1)])
    first, second = (dict(zip(FEATURES, row, strict=True)) for row in features.tolist())
    assert (first["coverage"], first["headline"]) == (1.0, 0.75)
    assert first["tightness"] == 0.0, "a window never spans two values"
    assert (first["grams"], first["overlap"], first["sequence"], first["run"]) == (1.0, 1.0, 1.0, 1.0)
    assert second["soft"] == pytest.approx((6000 + 2000 * 0.6) / 8000)
    assert (second["coverage"], second["tightness"], second["run"]) == (0.75, 1.0, 0.5)
    assert pattern == [0b11, 0b10]
