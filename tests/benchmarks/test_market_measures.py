"""The measures of the benchmark of the market, on labels whose figures are known."""

from __future__ import annotations

import pytest

from benchmarks.market.measures import Found, accuracy, agreement, b3, by_label, recall_at, shares_off
from benchmarks.market.points import log_odds
from benchmarks.market.table import Goal, Row, bounds, shown


def test_equal_groups_of_other_names_fit_wholly() -> None:
    one = b3({"a": 1, "b": 1, "c": 2}, {"a": "x", "b": "x", "c": "y"})
    assert (one.purity, one.precision, one.recall, one.f1, one.groups) == (1.0, 1.0, 1.0, 1.0, 2)


def test_one_group_of_all_is_found_whole_but_impure() -> None:
    one = b3(dict.fromkeys("abcd", 0), {"a": "x", "b": "x", "c": "x", "d": "y"})
    assert one.purity == 0.75
    assert one.precision == pytest.approx((3 * 3 / 4 + 1 / 4) / 4)
    assert one.recall == 1.0
    assert one.f1 == pytest.approx(2 * one.precision / (one.precision + 1.0))


def test_groups_of_one_are_pure_but_not_whole() -> None:
    one = b3({"a": 0, "b": 1, "c": 2, "d": 3}, {"a": "x", "b": "x", "c": "x", "d": "y"})
    assert (one.purity, one.precision, one.groups) == (1.0, 1.0, 4)
    assert one.recall == pytest.approx((3 * 1 / 3 + 1) / 4)


@pytest.mark.parametrize(("made", "true"), [({}, {}), ({"a": 1}, {"b": 1})])
def test_groupings_of_other_items_are_not_compared(made: dict[str, int], true: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="same items"):
        b3(made, true)


def test_kappa_is_agreement_beyond_chance() -> None:
    # Cohen 1960 in small: 20 yes by both, 15 no by both, 5 and 10 apart.
    one = ["yes"] * 25 + ["no"] * 25
    other = ["yes"] * 20 + ["no"] * 5 + ["yes"] * 10 + ["no"] * 15
    assert list(agreement(one, other)) == pytest.approx([0.7, 0.4])
    assert list(agreement(["a", "b"], ["b", "a"])) == pytest.approx([0.0, -1.0])
    assert agreement(["a", "a"], ["a", "a"]) == (1.0, 1.0)
    with pytest.raises(ValueError, match="same items"):
        agreement([], [])


def test_recall_counts_planted_things_among_the_first() -> None:
    listed = [["去屑", "头屑"], ["止痒"], ["控油"]]
    planted = [["头屑"], ["控油"], ["留香"]]
    assert recall_at(listed, planted, 3) == pytest.approx(2 / 3)
    assert recall_at(listed, planted, 2) == pytest.approx(1 / 3)
    assert recall_at([], planted, 10) == 0.0
    assert recall_at(listed, [], 10) == 0.0


def test_labels_are_counted_one_by_one() -> None:
    found = by_label(["a", "a", "b", "b"], ["a", "b", "b", "c"])
    assert found == {"a": Found(1, 2, 1), "b": Found(1, 2, 2), "c": Found(0, 0, 1)}
    assert [found["a"].precision, found["a"].recall, found["a"].f1] == pytest.approx([0.5, 1.0, 2 / 3])
    assert (found["c"].precision, found["c"].recall, found["c"].f1) == (0.0, 0.0, 0.0)
    assert accuracy(["a", "a", "b", "b"], ["a", "b", "b", "c"]) == 0.5


def test_shares_are_off_by_the_sum_of_their_differences() -> None:
    assert shares_off([30, 70], [0.5, 0.5]) == pytest.approx(0.4)
    assert shares_off([1, 1], [0.5, 0.5]) == 0.0
    assert shares_off([0, 0], [0.5, 0.5]) == 1.0
    with pytest.raises(ValueError, match="can't be compared"):
        shares_off([1], [0.5, 0.5])


def test_log_odds_rise_with_peculiarity_and_with_how_much_is_known() -> None:
    assert log_odds(50, 1_000, 50, 1_000) == pytest.approx(0.0)
    assert log_odds(50, 1_000, 10, 1_000) == pytest.approx(-log_odds(10, 1_000, 50, 1_000))
    assert 0 < log_odds(5, 1_000, 1, 1_000) < log_odds(50, 1_000, 10, 1_000)


def test_a_row_says_what_is_missed_and_what_was_not_measured() -> None:
    row = Row("shares", (Goal("off", "off by", 0.1, under=True), Goal("kept", "kept", 0.8, 0.9)), "so")
    assert shown(row, {"off": 0.25}) == "off by: 0.250; kept: not measured"
    assert (bounds(row), bounds(row, beyond=True)) == ("at most 0.10 / 0.80", "- / 0.90")
    assert row.goals[0].lacks({"off": 0.25}) == pytest.approx(0.15)
    assert row.goals[1].lacks({"kept": 0.85}) == row.goals[1].lacks({}) == 0.0
