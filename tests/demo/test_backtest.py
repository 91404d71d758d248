"""What a backtest says of the sample market, in which gaps last and hardly any is filled."""

from __future__ import annotations

import pytest

from gapfinder.backtest.backtest import backtest
from gapfinder.backtest.results import Backtest
from gapfinder.settings import Settings
from indexer.stores import open_store

pytestmark = pytest.mark.xdist_group("market")


@pytest.fixture(scope="module")
def result(market_url: str) -> Backtest:
    with open_store(market_url) as store:
        tested = backtest(store, Settings.of())
        store.delete_run(tested.info.run)  # the other tests look at the newest run
    return tested.result


def test_hardly_any_gap_was_filled_so_there_is_no_verdict(result: Backtest) -> None:
    assert (result["at"], result["until"]) == ("2026-07-27", "2026-08-24")
    assert result["verdict"] == "too_thin"
    assert result["keywords"] is not None
    assert result["keywords"]["gaps"] >= 45
    assert result["keywords"]["filled_compared"] < 20
    assert result["left_out"] is not None
    assert result["left_out"]["undated_notes"] > 0


def test_gaps_of_four_weeks_ago_are_still_gaps(result: Backtest) -> None:
    held = result["persistence"]
    assert held is not None
    assert held["judged"] >= 40
    assert held["share"] is not None
    assert held["base_share"] is not None
    assert held["share"] >= 0.9
    assert held["base_share"] <= 0.05


def test_probabilities_hold_on_searches_that_came_later(result: Backtest) -> None:
    told = result["reliability"]
    assert told is not None
    assert told["searches"] >= 10_000
    assert told["error"] <= 0.035
