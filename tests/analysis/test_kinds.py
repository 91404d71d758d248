from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gapfinder.kinds import GAPS, Clarity, Lack, choose_kind, kind_probabilities
from gapfinder.needs import MOST_ALTERNATIVES, NeedRules, Needs, shared_terms
from gapfinder.settings import Settings

SHARE = st.floats(0, 1)


def lack(**shares: float) -> Lack:
    names = ("nothing", "other_words", "ads", "age", "thin")
    return Lack(*(np.array([shares.get(name, 0.0)]) for name in names))


@given(SHARE, SHARE, SHARE, SHARE, SHARE, SHARE)
def test_kinds_are_a_distribution(a: float, b: float, c: float, d: float, e: float, unmet: float) -> None:
    found = kind_probabilities(lack(nothing=a, other_words=b, ads=c, age=d, thin=e), np.array([unmet]))
    assert set(found) == {*GAPS, "met"}
    assert sum(float(value[0]) for value in found.values()) == pytest.approx(1.0)
    assert all(float(value[0]) >= 0 for value in found.values())


@pytest.mark.parametrize(
    ("shares", "kind"),
    [
        ({"nothing": 0.9}, "missing"),
        ({"nothing": 0.1, "other_words": 0.8}, "wording"),
        ({"nothing": 0.1, "ads": 0.9}, "ads_only"),
        ({"nothing": 0.1, "age": 0.8}, "stale"),
        ({"nothing": 0.1, "thin": 0.8}, "weak"),
    ],
)
def test_what_is_lacking_names_the_kind(shares: dict[str, float], kind: str) -> None:
    assert kind_of(0.9, known=50, counted=200, **shares) == kind
    assert kind_of(0.2, known=50, counted=200, **shares) == "met"


def kind_of(
    unmet: float, *, known: float, counted: float, deviation: float = 0.1, content: float = 0.5, **shares: float
) -> str:
    found = kind_probabilities(lack(**shares), np.array([unmet]))
    clarity = Clarity(*(np.array([value]) for value in (deviation, content, known, counted)))
    return choose_kind(found, clarity, Settings.of())[0]


def test_silence_and_a_wide_interval_in_the_middle_are_unsure() -> None:
    assert kind_of(0.55, known=0, counted=200, deviation=0.5, nothing=0.5) == "unsure"
    assert kind_of(0.45, known=0, counted=200, deviation=0.5, nothing=0.5) == "unsure"
    assert kind_of(0.95, known=0, counted=200, deviation=0.2, content=0.95, nothing=0.9) == "missing"


def test_what_nobody_searched_is_unsure() -> None:
    assert kind_of(1.0, known=0, counted=0, content=1.0, nothing=1.0) == "unsure"


def test_few_searches_are_unsure_only_where_the_supply_is_unclear() -> None:
    assert kind_of(0.9, known=8, counted=12, content=0.5, thin=1.0) == "unsure"
    assert kind_of(0.99, known=8, counted=12, content=1.0, nothing=1.0) == "missing"
    assert kind_of(0.1, known=8, counted=12, content=0.5, thin=1.0) == "met"


def test_needs_leave_out_what_says_nothing() -> None:
    rules = NeedRules({"推荐", "怎么"}, [("纸尿裤", "尿不湿")], {"纸尿裤", "夜用"})
    assert rules.of_keyword(("纸尿裤", "推荐")) == ("纸尿裤",)
    assert rules.of_keyword(("推荐",)) == ("推荐",), "a need is never empty"
    assert rules.of_dust(("怪牌", "纸尿裤", "夜用")) == ("纸尿裤", "夜用")
    assert rules.of_dust(("怪牌",)) == ("怪牌",)
    assert rules.alternatives(("夜用", "纸尿裤")) == [(("夜用", "尿不湿"), ("尿不湿",))]
    assert rules.alternatives(("夜用",)) == []


def test_other_wordings_are_bounded() -> None:
    rules = NeedRules((), [tuple("甲乙丙丁"), tuple("子丑寅卯")], ())
    assert len(rules.alternatives(("甲", "子"))) == MOST_ALTERNATIVES


def test_shared_terms_count_distinct_queries() -> None:
    queries = [["a", "a", "b"], ["a"], ["b", "c"]]
    assert shared_terms(queries, 2) == {"a", "b"}


def test_needs_are_numbered_once() -> None:
    needs = Needs()
    assert [needs.number(("a",)), needs.number(("b",)), needs.number(("a",))] == [0, 1, 0]
    assert needs.terms == [("a",), ("b",)]
