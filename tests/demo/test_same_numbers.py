"""The same data gives the same results: on both stores, and twice on one; byte for byte."""

from __future__ import annotations

from pathlib import Path

import pytest

from gapfinder.analysis import analyze
from gapfinder.runs import analyses
from gapfinder.settings import Settings
from indexer.stores import open_store
from tests.demo.market import analyzed_market, everything, passages

pytestmark = pytest.mark.xdist_group("market")


def test_the_same_analysis_twice_is_the_same_run(market_url: str) -> None:
    before = everything(market_url)
    with open_store(market_url) as store:
        first = analyses(store)[0]
        again = analyze(store, Settings.of(), name="demo").info
        assert len(analyses(store)) == 1
    assert again.run == first.run
    assert again.manifest == first.manifest
    assert everything(market_url) == before


def test_a_second_store_gives_the_same_bytes(market_url: str, tmp_path: Path) -> None:
    other = str(tmp_path / "other")
    analyzed_market(other)
    assert everything(other) == everything(market_url)


@pytest.mark.elasticsearch
def test_elasticsearch_gives_the_same_bytes(market_url: str, elastic_url: str) -> None:
    run = analyzed_market(elastic_url)
    with open_store(market_url) as store:
        embedded = analyses(store)[0]
    assert run.info.run == embedded.run
    assert run.info.manifest == embedded.manifest
    assert everything(elastic_url) == everything(market_url)
    for name in ("孕妇", "缓解红屁股", "云朵熊"):
        assert passages(elastic_url, name) == passages(market_url, name) != []
