from __future__ import annotations

import pytest

from gapfinder.gaps import _named
from gapfinder.reasons import advice_of, reason_of
from gapfinder.results import GAP_KINDS, VERDICT_LABELS
from tests.reporting.made_run import made_gap


@pytest.mark.parametrize("kind", GAP_KINDS)
def test_every_kind_has_a_reason_and_an_advice(kind: str) -> None:
    gap = made_gap(1, "纸尿裤", kind, gap_kind=kind)
    assert reason_of(gap).endswith("。")
    assert advice_of(gap).startswith(VERDICT_LABELS[gap["verdict"]])


def test_the_advice_to_retitle_names_the_words_of_the_notes() -> None:
    gap = made_gap(1, "纸尿裤", "wording", synonyms=["尿不湿", "尿片"])
    assert "“尿不湿”“尿片”" in advice_of(gap)
    assert "“纸尿裤”" in advice_of(gap)
    assert advice_of(made_gap(1, "奶粉", "wording", synonyms=[])) == VERDICT_LABELS["retitle"]


def test_a_wording_that_only_adds_to_another_is_not_named() -> None:
    wordings = [("淡斑", "精华液"), ("淡斑",), ("淡斑",), ("祛斑",), ("美白", "精华液")]
    assert _named(wordings) == ["淡斑", "祛斑", "美白、精华液"]


def test_notes_that_stop_at_a_limit_are_at_least_so_many() -> None:
    gap = made_gap(1, "纸尿裤", "weak", notes_matching=220, flags=["notes_at_least"])
    assert "至少 220 篇相关笔记" in reason_of(gap)
    assert "至少" not in reason_of({**gap, "flags": ["supply_at_least"]})
