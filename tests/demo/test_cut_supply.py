"""What is cut off or unknown in the sample market shows in its intervals."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from gapfinder.analysis import analyze
from gapfinder.settings import Settings
from indexer.stores import open_store

pytestmark = pytest.mark.xdist_group("market")


def gaps_of_two_days(url: str, crawl_limit: int) -> dict[str, dict[str, Any]]:
    """The last two days of the market: few outcomes, so that content matters."""
    settings = Settings.of(crawl_limit=crawl_limit, first=date(2026, 8, 22), min_searches=2, min_searchers=1)
    with open_store(url) as store:
        run = analyze(store, settings, name="two-days").info.run
        found = [json.loads(body) for body in store.run_rows(run, "gaps").column("body").to_pylist()]
        store.delete_run(run)
    return {gap["keyword"]: gap for gap in found}


def test_a_crawl_that_stopped_lowers_the_low_end_alone(market_url: str) -> None:
    whole, cut = (gaps_of_two_days(market_url, limit) for limit in (0, 5))
    marked = {keyword for keyword, gap in cut.items() if "supply_at_least" in gap["flags"]}
    lower = {keyword for keyword, gap in cut.items() if gap["unmet_low"] < whole[keyword]["unmet_low"]}
    assert len(marked) < len(cut)
    assert len(lower) >= 10
    for keyword, gap in cut.items():
        for name in ("unmet_per_week", "unmet_high", "unmet_probability", "excess"):
            assert gap[name] == whole[keyword][name]
        assert gap["unmet_low"] <= whole[keyword]["unmet_low"]
        assert gap["excess_low"] <= whole[keyword]["excess_low"]
        assert keyword in marked or keyword not in lower or gap["match"] == "contains"


def test_the_excess_marks_what_is_abnormally_short(gaps: list[dict[str, Any]]) -> None:
    exact = [gap for gap in gaps if gap["match"] == "exact"]
    assert sum(gap["excess"] for gap in exact) == pytest.approx(0, abs=0.5)
    marked = [gap for gap in gaps if "gap" in gap["flags"]]
    assert all(gap["excess_low"] > 0 for gap in marked)
    assert all(gap["gap_kind"] != "met" for gap in marked)
    assert 0.1 < len(marked) / len(gaps) < 0.5


def test_ranks_are_told_with_their_range(gaps: list[dict[str, Any]]) -> None:
    assert all(1 <= gap["rank_low"] <= gap["rank_high"] <= len(gaps) for gap in gaps)
    first = max(gaps, key=lambda gap: gap["unmet_per_week"])
    assert (first["rank_low"], first["rank_high"]) == (1, 1), "ten times as many unmet searches as the next"
