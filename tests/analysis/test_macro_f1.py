from __future__ import annotations

import pytest

from benchmarks.kinds import judged_kinds, macro_f1, wording_auc

TRUTH = {
    "keywords": [
        {"keyword": "a", "kind": "missing", "variants": [{"query": "a用", "how": "phrasing"}]},
        {"keyword": "b", "kind": "wording", "variants": [{"query": "b!", "how": "width"}]},
        {"keyword": "c", "kind": "stale", "variants": []},
        {"keyword": "d", "kind": "unsure", "variants": []},
    ]
}


def test_macro_f1_is_the_mean_over_the_kinds_that_occur() -> None:
    pairs = [("missing", "missing"), ("missing", "wording"), ("wording", "wording"), ("met", "met")]
    scores = macro_f1(pairs)
    assert scores == {
        "missing": pytest.approx(2 / 3),
        "wording": pytest.approx(2 / 3),
        "met": 1.0,
        "macro": pytest.approx((2 / 3 + 2 / 3 + 1) / 3),
    }
    assert macro_f1([]) == {"macro": 0.0}


def test_what_is_not_listed_is_met_to_its_reader() -> None:
    gaps = [{"keyword": "a", "gap_kind": "missing"}, {"keyword": "a用", "gap_kind": "weak"}]
    assert sorted(judged_kinds(gaps, TRUTH)) == [
        ("missing", "missing"),
        ("missing", "weak"),
        ("stale", "met"),
        ("wording", "met"),
    ]


def test_auc_of_wording_counts_ties_half() -> None:
    def gap(keyword: str, missing: float, wording: float) -> dict[str, object]:
        return {"keyword": keyword, "kind_probabilities": {"missing": missing, "wording": wording}}

    assert wording_auc([gap("a", 0.6, 0.2), gap("b", 0.1, 0.4)], TRUTH) == 1.0
    assert wording_auc([gap("a", 0.2, 0.2), gap("b", 0.3, 0.3)], TRUTH) == 0.5
