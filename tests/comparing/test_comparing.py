"""Two runs row by row: which change, which pairs, which reasons, which warnings."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gapfinder.changes import CHANGE_FLAG_LABELS, CHANGE_LABELS, CHANGE_METRICS, REASON_LABELS, SIDES, Change, columns
from gapfinder.comparability import differences
from gapfinder.comparing import compare
from gapfinder.results import Gap
from indexer.errors import UsageError
from tests.comparing.pairs import DAYS, compared, gap, run_info
from tests.reporting.made_run import made_run


def _only(before: list[Gap], after: list[Gap], **options: Any) -> Change:
    (change,) = compared(before, after, **options).changes
    return change


@given(
    st.lists(
        st.tuples(
            st.lists(st.integers(0, 40), min_size=DAYS, max_size=DAYS),
            st.floats(0, 1),
            st.floats(0, 0.5),
            st.sampled_from(["missing", "wording", "weak", "stale", "ads_only", "unsure", "met"]),
        ),
        max_size=8,
    ),
    st.integers(0, 2 * DAYS),
)
def test_the_same_figures_are_steady(rows: list[tuple[list[int], float, float, str]], start: int) -> None:
    gaps = [gap(f"词{n}", daily, chance, spread, kind=kind) for n, (daily, chance, spread, kind) in enumerate(rows)]
    found = compared(gaps, gaps, start)
    assert [change["change"] for change in found.changes] == ["steady"] * len(gaps)
    assert found.counts["steady"] == len(gaps)
    for change in found.changes:
        assert change["difference"] == 0
        assert change["p_value"] == change["q_value"] == 1
        assert change["flags"] == []


def test_every_row_has_all_columns() -> None:
    gaps = made_run().gaps
    for change in compared(gaps[:20], gaps[5:]).changes:
        assert list(change) == list(Change.__annotations__)
    assert [name for name, _ in columns()] == list(Change.__annotations__)
    assert all(label for _, label in columns())
    named = {f"{side}_{when}" for side in SIDES for when in ("before", "after")}
    assert set(Change.__annotations__) - named == {"keyword", "match", "category", "flags", *CHANGE_METRICS}


def test_a_run_is_not_compared_with_itself() -> None:
    with pytest.raises(UsageError, match="can't be compared with itself"):
        compare(run_info("run-a"), [], run_info("run-a"), [])


def test_a_gap_opens_and_closes() -> None:
    met, unmet = gap("纸尿裤", [10] * DAYS, 0.1, 0.03), gap("纸尿裤", [10] * DAYS, 0.9, 0.03, notes_matching=3)
    opened, closed = _only([met], [unmet]), _only([unmet], [met])
    assert (opened["change"], closed["change"]) == ("opened", "closed")
    assert opened["reasons"] == ["fewer_notes", "less_answered"]
    assert closed["reasons"] == ["more_notes", "better_answered"]
    assert "缺口已补上" in closed["sentence"]
    assert "3 → 10 篇" in closed["sentence"]
    assert closed["difference"] == pytest.approx(-56, abs=0.01)
    assert closed["difference_low"] is not None
    assert closed["difference_high"] is not None
    assert closed["difference_low"] < -56 < closed["difference_high"] < 0


def test_a_flip_within_noise_is_borderline() -> None:
    change = _only([gap("词", [10] * DAYS, 0.49, 0.05)], [gap("词", [10] * DAYS, 0.51, 0.05)])
    assert change["change"] == "steady"
    assert change["flags"] == ["borderline"]
    assert "误差之内" in change["sentence"]
    assert change["reasons"] == []


def test_more_searches_make_no_gap_of_a_borderline_one() -> None:
    change = _only([gap("词", [10] * DAYS, 0.48, 0.05)], [gap("词", [30] * DAYS, 0.52, 0.05)])
    assert change["change"] == "grew"
    assert change["flags"] == ["borderline"]
    assert change["reasons"] == ["more_searches"]


def test_a_sure_flip_of_a_trifle_is_borderline_as_well() -> None:
    change = _only([gap("词", [5000] * DAYS, 0.49)], [gap("词", [5000] * DAYS, 0.51)])
    assert change["change"] == "steady"
    assert change["flags"] == ["borderline", "small"]


def test_fewer_searches_shrink_a_gap_and_do_not_close_it() -> None:
    change = _only([gap("618囤货", [20] * DAYS, 0.9)], [gap("618囤货", [4] * DAYS, 0.9)])
    assert change["change"] == "shrank"
    assert change["reasons"] == ["fewer_searches"]
    assert change["by_supply"] == 0
    assert change["by_demand"] == change["difference"] == pytest.approx(-100.8)


def test_an_unsure_keyword_neither_opens_nor_closes() -> None:
    unsure = gap("词", [10] * DAYS, 0.1, 0.02, kind="unsure")
    sure = gap("词", [10] * DAYS, 0.9, 0.02)
    assert _only([unsure], [sure])["change"] == "grew"
    assert _only([sure], [unsure])["change"] == "shrank"


def test_days_of_both_windows_are_known_by_their_searches() -> None:
    """Eleven of twelve weeks are shared; what was added in the last one is far beyond its noise."""
    before, after = [3] * DAYS, [3] * (DAYS - 7) + [8] * 7
    sliding = _only([gap("词", before, 0.9)], [gap("词", after, 0.9)], start=7)
    apart = _only([gap("词", before, 0.9)], [gap("词", after, 0.9)], start=DAYS)
    assert sliding["p_value"] is not None
    assert apart["p_value"] is not None
    assert sliding["p_value"] < apart["p_value"] / 100
    assert (sliding["change"], apart["change"]) == ("grew", "steady")


@given(st.floats(0, 1), st.floats(0, 1), st.integers(0, 30), st.integers(0, 30))
def test_causes_add_up(first: float, second: float, few: int, many: int) -> None:
    change = _only([gap("词", [few] * DAYS, first)], [gap("词", [many] * DAYS, second)])
    if change["change"] == "steady":
        assert change["by_demand"] is None
    else:
        assert change["by_demand"] is not None
        assert change["by_supply"] is not None
        assert change["by_demand"] + change["by_supply"] == pytest.approx(change["difference"], abs=0.001)


def test_the_part_that_moved_most_is_named_at_equal_demand() -> None:
    before = gap("词", [10] * DAYS, 0.3, score_parts={"no_answer": 7.0, "age": 7.0, "thin": 7.0})
    after = gap("词", [20] * DAYS, 0.8, score_parts={"no_answer": 14.0, "age": 78.0, "thin": 20.0})
    change = _only([before], [after])
    assert change["part"] == "age"
    assert change["part_change"] == pytest.approx((78 / 140 - 7 / 70) * 105, abs=0.001)


def test_keywords_of_one_run_only() -> None:
    found = compared([gap("旧词", [3] * DAYS, 0.9)], [gap("新词", [5] * DAYS, 0.9)])
    assert [(change["keyword"], change["change"]) for change in found.changes] == [("新词", "new"), ("旧词", "gone")]
    new, gone = found.changes
    assert new["searches_before"] is None
    assert new["searches_after"] == 5 * DAYS
    assert gone["difference"] is gone["p_value"] is None
    assert gone["unmet_low_before"] is not None


def test_a_keyword_is_known_under_its_earlier_spelling() -> None:
    def spelled(name: str, *variants: str) -> Gap:
        queries = [{"query": query, "searches": 9, "folded_by": "spelling"} for query in (name, *variants)]
        return gap(name, [5] * DAYS, 0.9, variants=queries)

    change = _only([spelled("红屁股缓解", "缓解红屁股")], [spelled("缓解红屁股")])
    assert (change["keyword"], change["change"], change["flags"]) == ("缓解红屁股", "steady", ["renamed"])
    change = _only([spelled("红屁股缓解")], [spelled("缓解红屁股", "红屁股缓解")])
    assert change["flags"] == ["renamed"]
    twice = compared([spelled("甲", "乙", "丙")], [spelled("乙"), spelled("丙")]).changes
    assert sorted(change["change"] for change in twice) == ["new", "steady"], "an earlier keyword stands for one"


def test_a_head_term_and_a_query_are_not_compared() -> None:
    change = _only([gap("纸尿裤", [90] * DAYS, 0.9, match="contains")], [gap("纸尿裤", [10] * DAYS, 0.2)])
    assert change["change"] == "steady"
    assert change["flags"] == ["borderline", "match_changed"]
    assert change["p_value"] is change["q_value"] is None
    assert "不可比" in change["sentence"]


def test_changes_come_in_one_order() -> None:
    before = [gap(f"词{n}", [10] * DAYS, 0.9 if n % 2 else 0.1) for n in range(6)]
    after = [gap(f"词{n}", [10] * DAYS, 0.1 if n % 2 else 0.9 - n / 50) for n in range(6)]
    found = compared([*before, gap("去", [5] * DAYS, 0.5)], [*reversed(after), gap("来", [5] * DAYS, 0.5)])
    assert [change["change"] for change in found.changes] == ["opened"] * 3 + ["closed"] * 3 + ["new", "gone"]
    assert [change["keyword"] for change in found.changes[:6]] == ["词0", "词2", "词4", "词1", "词3", "词5"]
    assert list(found.counts) == list(CHANGE_LABELS)


def test_a_run_of_an_older_program_is_compared_all_the_same() -> None:
    """Only what the first version stored, and even less."""
    bare: Any = {"keyword": "词", "unmet_per_week": 20.0, "unmet_low": 15.0, "unmet_high": 26.0, "gap_kind": "weak"}
    old = run_info("run-a")
    old = type(old)(old.run, old.name, old.created_at, {})
    found = compare(old, [bare], run_info("run-b"), [gap("词", [10] * DAYS, 0.9)])
    assert found.changes[0]["change"] in ("grew", "steady")
    assert "window_unknown" in found.changes[0]["warnings"]
    assert compare(run_info("run-b"), [gap("词", [10] * DAYS, 0.9)], old, [bare]).counts["gone"] == 0


def test_a_model_learned_anew_is_a_judge_of_its_own_and_no_warning() -> None:
    learned: list[dict[str, Any]] = [
        {"model": {"content": {"name": name, "origin": "learned"}}} for name in ("model-1", "model-2")
    ]
    gaps = [gap("词", [10] * DAYS, 0.30, 0.2)], [gap("词", [10] * DAYS, 0.36, 0.2)]
    same, anew = (
        compare(run_info("run-a", 0, **learned[0]), gaps[0], run_info("run-b", 0, **other), gaps[1])
        for other in learned
    )
    assert same.caveats == anew.caveats == []
    assert (same.changes[0]["change"], anew.changes[0]["change"]) == ("grew", "steady")


def test_comparable_runs_bring_no_warning() -> None:
    assert differences(run_info("run-a"), run_info("run-b", DAYS)) == []


@pytest.mark.parametrize(
    ("manifest", "code"),
    [
        ({"settings": {"privacy_floor": 5.0, "half_life_days": 90}}, "settings_differ"),
        ({"settings": {"privacy_floor": 5.0, "keywords": ["甲"]}}, "keywords_differ"),
        ({"settings": {"privacy_floor": 5.0, "category": "纸尿裤"}}, "keywords_differ"),
        ({"segmenter": {"name": "rjieba", "dictionary_hash": "cd34"}}, "segmenter_differs"),
        ({"model": {"calibrated": True}}, "model_differs"),
        ({"model": {"content": {"name": "model-1", "origin": "learned"}}}, "model_differs"),
        ({"versions": {"gapfinder": "9.9.9"}}, "model_differs"),
        ({"totals": {"searches": 600_000}}, "volume_differs"),
    ],
)
def test_runs_that_differ_bring_a_warning(manifest: dict[str, Any], code: str) -> None:
    found = differences(run_info("run-a"), run_info("run-b", DAYS, **manifest))
    assert [caveat.code for caveat in found] == [code]
    assert found[0].message
    row = _only([gap("词", [1] * DAYS, 0.5)], [gap("词", [1] * DAYS, 0.5)], **manifest)
    assert row["warnings"] == [code]


def test_windows_of_other_lengths_and_the_wrong_way_round() -> None:
    short, long = run_info("run-a", 0, 42, totals={}), run_info("run-b", 7, DAYS, totals={})
    assert [caveat.code for caveat in differences(short, long)] == ["windows_differ"]
    assert [caveat.code for caveat in differences(long, short)] == ["windows_differ", "order_reversed"]
    settings = {"from": "2026-01-01", "to": None, "weeks": 6.0, "privacy_floor": 9.0}
    assert differences(run_info("run-a"), run_info("run-b", DAYS, settings=settings)) == []


def test_windows_of_other_lengths_are_compared_by_the_week() -> None:
    half = [gap("词", [10] * 42, 0.9)]
    whole = [gap("词", [10] * DAYS, 0.9)]
    change = compare(run_info("run-a", 0, 42), half, run_info("run-b", 42, DAYS), whole).changes[0]
    assert change["change"] == "steady"
    assert change["difference"] == 0


def test_every_code_has_its_words() -> None:
    assert set(REASON_LABELS) >= {"more_searches", "more_notes", "better_answered"}
    assert set(CHANGE_FLAG_LABELS) == {"borderline", "small", "kind_changed", "match_changed", "renamed"}
