"""What folding keeps, whatever the queries are."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from gapfinder.folding import NOT_FOLDED, fold
from indexer.normalize import normalize
from indexer.segment import query_key
from tests.demand.logs import segmenter

PIECES = [
    "新生儿",
    "纸尿裤",
    "纸尿库",
    "纸裤",
    "奶粉",
    "pampers",
    "pamper",
    "sk",
    "ii",
    "1",
    "2",
    "段",
    " ",
    "！",
    "男",
    "女",
    "童鞋",
    "🎉",
]
QUERIES = st.lists(
    st.lists(st.sampled_from(PIECES), min_size=1, max_size=4).map("".join) | st.text(max_size=6), max_size=30
)


def _folded(queries: list[str], counts: list[int]) -> tuple[list[str], list[str], np.ndarray, np.ndarray]:
    cutter = segmenter()
    cuts = [cutter.query_terms(query) for query in queries]
    terms, keys = [" ".join(cut) for cut in cuts], [query_key(cut) for cut in cuts]
    columns = [pa.array(texts, pa.string()) for texts in (queries, terms, keys)]
    folding = fold(columns[0], columns[1], columns[2], np.array(counts, np.int64), 10.0)
    return terms, keys, folding.canonical, folding.misspelled


@st.composite
def logs(draw: st.DrawFn) -> tuple[list[str], list[int]]:
    queries = list(dict.fromkeys(normalize(query) for query in draw(QUERIES)))
    counts = draw(st.lists(st.sampled_from([0, 1, 3, 30, 400]), min_size=len(queries), max_size=len(queries)))
    return queries, counts


@given(logs())
def test_folding_is_idempotent_and_total(log: tuple[list[str], list[int]]) -> None:
    queries, counts = log
    terms, _, canonical, misspelled = _folded(queries, counts)
    for place, target in enumerate(canonical.tolist()):
        assert (target == NOT_FOLDED) == (terms[place] == "")
        if target != NOT_FOLDED:
            assert canonical[target] == target
            assert not misspelled[target]


@given(logs())
def test_equal_keys_always_fold_and_nothing_folds_into_a_rarer_group(log: tuple[list[str], list[int]]) -> None:
    queries, counts = log
    _, keys, canonical, misspelled = _folded(queries, counts)
    by_key: dict[str, set[int]] = {}
    for key, target in zip(keys, canonical.tolist(), strict=True):
        by_key.setdefault(key, set()).add(target)
    assert all(len(targets) == 1 for targets in by_key.values())
    for place, target in enumerate(canonical.tolist()):
        if misspelled[place]:
            rare = sum(count for key, count in zip(keys, counts, strict=True) if key == keys[place])
            group = sum(counts[other] for other in np.flatnonzero((canonical == target) & ~misspelled))
            assert group >= 10 * max(rare, 1)


@given(logs(), st.randoms(use_true_random=False))
def test_the_order_of_the_queries_changes_nothing(log: tuple[list[str], list[int]], shuffler: object) -> None:
    queries, counts = log
    order = list(range(len(queries)))
    shuffler.shuffle(order)  # type: ignore[attr-defined]
    _, _, one, _ = _folded(queries, counts)
    _, _, other, _ = _folded([queries[place] for place in order], [counts[place] for place in order])
    straight = {
        query: queries[target] if target >= 0 else None for query, target in zip(queries, one.tolist(), strict=True)
    }
    turned = {
        queries[place]: queries[order[target]] if target >= 0 else None
        for place, target in zip(order, other.tolist(), strict=True)
    }
    assert straight == turned
