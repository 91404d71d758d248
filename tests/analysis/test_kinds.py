from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gapfinder.kinds import GAPS, VERDICT_OF, Clarity, Lack, choose_kind, kind_probabilities
from gapfinder.needs import MOST_ALTERNATIVES, MOST_LEARNED, NeedRules, Needs, shared_terms
from gapfinder.results import GAP_KINDS, VERDICT_LABELS
from gapfinder.settings import Settings

SHARE = st.floats(0, 1)
COUNT = st.integers(0, 1000)


def lack(**shares: float) -> Lack:
    names = ("nothing", "other_words", "ads", "age", "thin")
    return Lack(*(np.array([shares.get(name, 0.0)]) for name in names))


def clarity(*values: float) -> Clarity:
    return Clarity(*(np.array([float(value)]) for value in values))


@given(st.tuples(*[SHARE] * 5), SHARE, st.tuples(st.floats(0, 0.5), COUNT, COUNT))
def test_kinds_are_a_distribution(parts: tuple[float, ...], unmet: float, told: tuple[float, ...]) -> None:
    shares = lack(**dict(zip(("nothing", "other_words", "ads", "age", "thin"), parts, strict=True)))
    found = kind_probabilities(shares, np.array([unmet]), clarity(*told), Settings.of())
    assert set(found) == set(GAP_KINDS)
    assert sum(float(value[0]) for value in found.values()) == pytest.approx(1.0)
    assert all(float(value[0]) >= 0 for value in found.values())
    kind = choose_kind(found, Settings.of())[0]
    assert kind in GAP_KINDS
    if kind in GAPS:
        assert found[kind][0] == max(float(found[gap][0]) for gap in GAPS)
        assert unmet >= 0.5 - 1e-9


@given(SHARE, st.floats(0, 0.5), st.integers(0, 500), st.integers(0, 500))
def test_more_searches_never_make_less_sure(unmet: float, deviation: float, known: int, more: int) -> None:
    shares = lack(nothing=0.3, thin=0.7)
    before, after = (
        kind_probabilities(shares, np.array([unmet]), clarity(deviation, each, each + 1), Settings.of())
        for each in (known, known + more)
    )
    assert after["unsure"][0] <= before["unsure"][0] + 1e-12


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


def kind_of(unmet: float, *, known: float, counted: float, deviation: float = 0.1, **shares: float) -> str:
    told = clarity(deviation, known, counted)
    found = kind_probabilities(lack(**shares), np.array([unmet]), told, Settings.of())
    return choose_kind(found, Settings.of())[0]


def test_every_kind_has_a_verdict() -> None:
    assert set(VERDICT_OF) == set(GAP_KINDS)
    assert set(VERDICT_OF.values()) == set(VERDICT_LABELS)


def test_silence_and_a_wide_interval_in_the_middle_are_unsure() -> None:
    assert kind_of(0.55, known=0, counted=200, deviation=0.5, nothing=0.5) == "unsure"
    assert kind_of(0.45, known=0, counted=200, deviation=0.5, nothing=0.5) == "unsure"
    assert kind_of(0.95, known=0, counted=200, deviation=0.2, nothing=0.9) == "missing"


def test_what_nobody_searched_is_unsure() -> None:
    assert kind_of(1.0, known=0, counted=0, nothing=1.0) == "unsure"


def test_few_searches_are_unsure_only_where_the_reason_is_a_judgement() -> None:
    assert kind_of(0.7, known=8, counted=12, thin=1.0) == "unsure"
    assert kind_of(0.7, known=8, counted=12, ads=1.0) == "ads_only"
    assert kind_of(0.99, known=8, counted=12, nothing=1.0) == "missing"
    assert kind_of(0.1, known=8, counted=12, thin=1.0) == "met"
    assert kind_of(0.7, known=80, counted=120, thin=1.0) == "weak"


def test_the_threshold_decides_between_gap_and_met() -> None:
    settings = Settings.of(gap_threshold=0.8)
    for unmet, kind in ((0.75, "met"), (0.85, "missing")):
        found = kind_probabilities(lack(nothing=1), np.array([unmet]), clarity(0.01, 200, 200), settings)
        assert choose_kind(found, settings) == [kind]


def test_needs_leave_out_what_says_nothing() -> None:
    rules = NeedRules({"推荐", "怎么"}, [("纸尿裤", "尿不湿")], {"纸尿裤", "夜用"})
    assert rules.of_keyword(("纸尿裤", "推荐")) == ("纸尿裤",)
    assert rules.of_keyword(("推荐",)) == ("推荐",), "a need is never empty"
    assert rules.of_dust(("怪牌", "纸尿裤", "夜用")) == ("纸尿裤", "夜用")
    assert rules.of_dust(("怪牌",)) == ("怪牌",)
    assert rules.alternatives(("夜用", "纸尿裤")) == [(("夜用", "尿不湿"), ("尿不湿",), 1.0)]
    assert rules.alternatives(("夜用",)) == []


def test_other_wordings_are_bounded() -> None:
    rules = NeedRules((), [tuple("甲乙丙丁"), tuple("子丑寅卯")], ())
    assert len(rules.alternatives(("甲", "子"))) == MOST_ALTERNATIVES


def test_learned_words_come_after_shipped_ones_and_most_probable_first() -> None:
    learned = {"纸尿裤": [("尿不湿", 0.9), ("尿片", 0.4)], "夜用": [("夜间", 0.7), ("纸尿裤", 0.6)]}
    rules = NeedRules((), [("纸尿裤", "尿不湿")], (), learned)
    assert rules.alternatives(("夜用", "纸尿裤")) == [
        (("夜用", "尿不湿"), ("尿不湿",), 1.0),
        (("夜间", "纸尿裤"), ("夜间",), 0.7),
        (("夜用", "尿片"), ("尿片",), 0.4),
    ]
    many = NeedRules((), (), (), {"甲": [(f"词{number}", 0.5) for number in range(9)]})
    assert len(many.alternatives(("甲",))) == MOST_LEARNED


def test_shared_terms_count_distinct_queries() -> None:
    queries = [["a", "a", "b"], ["a"], ["b", "c"]]
    assert shared_terms(queries, 2) == {"a", "b"}


def test_needs_are_numbered_once() -> None:
    needs = Needs()
    assert [needs.number(("a",)), needs.number(("b",)), needs.number(("a",))] == [0, 1, 0]
    assert needs.terms == [("a",), ("b",)]
