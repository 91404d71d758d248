"""Weights of terms: what is known stays, the rest comes from the snapshot, and rows bring them back whole."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gapfinder.weights import Weights, idf_weights
from tests.answers.made import filled
from tests.contract.rows import note

TERMS = st.dictionaries(st.text(min_size=1, max_size=4), st.integers(0, 20_000))


@given(TERMS, TERMS)
def test_rows_bring_weights_back(words: dict[str, int], grams: dict[str, int]) -> None:
    weights = Weights(words, grams)
    assert Weights.from_rows(weights.as_rows()) == weights


def test_many_weights_lie_in_several_rows() -> None:
    weights = Weights({f"w{number}": number for number in range(12_001)})
    rows = weights.as_rows()
    assert [len(row) for row in rows.values()] == [5_000, 5_000, 2_001]
    assert Weights.from_rows(rows) == weights


@pytest.mark.parametrize("rows", [{"text_terms-0": {"a": 1.5}}, {"other-0": {"a": 1}}])
def test_other_rows_are_refused(rows: dict[str, dict[str, int]]) -> None:
    with pytest.raises(ValueError, match="weights are whole numbers"):
        Weights.from_rows(rows)


def test_known_terms_keep_their_weight_and_others_get_one() -> None:
    with filled({"note": [note("a", "甲 乙"), note("b", "甲")]}).snapshot() as snapshot:
        weights = Weights.of(snapshot, [("甲", "乙")], Weights({"甲": 7, "丙": 9}, {"甲乙": 3}))
        assert weights.words == {"甲": 7} | idf_weights(snapshot, ["乙"], "text_terms")
        assert weights.grams == {"甲乙": 3}
        assert idf_weights(snapshot, [], "text_terms") == {}
