from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from gapfinder.answers import MOST, NOTHING, VALUE_END, PairFeatures, TermLists, answer_probability, pair_features

TERMS = st.integers(0, 5)
VALUES = st.lists(st.lists(TERMS, max_size=6), min_size=1, max_size=3)


def lists_of(rows: list[list[int]]) -> TermLists:
    start = np.zeros(len(rows) + 1, np.int64)
    np.cumsum([len(row) for row in rows], out=start[1:])
    return TermLists(start, np.array([term for row in rows for term in row], np.int32))


def note_ids(values: list[list[int]]) -> list[int]:
    return [term if term < 5 else NOTHING for value in values for term in [*value, VALUE_END]]


def features_of(keyword: set[int], text: list[list[int]], headline: list[list[int]]) -> PairFeatures:
    weights = np.array([1000, 2000, 3000, 4000, 5000], np.int64)
    none = np.zeros(1, np.int64)
    return pair_features(
        lists_of([sorted(keyword)]), weights, lists_of([note_ids(text)]), lists_of([note_ids(headline)]), none, none
    )


@given(st.sets(st.integers(0, 4), min_size=1), VALUES, VALUES)
def test_features_equal_their_definition(keyword: set[int], text: list[list[int]], headline: list[list[int]]) -> None:
    features = features_of(keyword, text, headline)
    weight = {term: 1000 * (term + 1) for term in range(5)}
    total = sum(weight[term] for term in keyword)
    held = {term for value in text for term in value} & keyword
    in_headline = {term for value in headline for term in value} & keyword
    assert features.coverage[0] == sum(weight[term] for term in held) / total
    assert features.headline[0] == sum(weight[term] for term in in_headline) / total
    windows = [
        right - left
        for value in text
        for left in range(len(value))
        for right in range(left + 1, len(value) + 1)
        if held and held <= set(value[left:right])
    ]
    assert features.tightness[0] == (len(held) / min(windows) if windows else 0.0)


def test_a_window_never_spans_two_values() -> None:
    apart = features_of({0, 1}, [[0], [1]], [[]])
    assert apart.coverage[0] == 1.0
    assert apart.tightness[0] == 0.0
    assert features_of({0, 1}, [[0, 1]], [[]]).tightness[0] == 1.0


def test_the_probability_says_what_it_promises() -> None:
    def p(coverage: float, headline: float, tightness: float) -> float:
        features = PairFeatures(np.array([coverage]), np.array([headline]), np.array([tightness]))
        return float(answer_probability(features)[0])

    assert p(0.5, 0.5, 1.0) < 0.05, "half of the words hardly answers"
    assert 0.1 < p(1.0, 0.0, 0.05) < 0.5, "all words far apart answer now and then"
    assert p(1.0, 1.0, 1.0) > 0.75, "a headline that says it usually answers"
    assert p(1.0, 1.0, 1.0) <= MOST
