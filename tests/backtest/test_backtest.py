"""The whole way: a made market in a store, its gaps of a day, and what the backtest says became of them."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import orjson
import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from gapfinder.analysis import analyze
from gapfinder.backtest.backtest import backtest
from gapfinder.backtest.stored import SECTION, SETS, Backtested, backtests, load_backtest
from gapfinder.runs import analyses, find_run
from gapfinder.settings import Settings
from indexer.errors import DataError, NotFoundError, UsageError
from indexer.stores import open_store
from indexer.stores.contract import Store
from indexer.stores.memory import MemoryStore
from tests.backtest.market import DAY, Market, store_of, write

EFFECT = 1.8


@pytest.fixture(scope="module")
def filled() -> tuple[MemoryStore, Backtested]:
    store = store_of(Market(effect=EFFECT).rows())
    return store, backtest(store, Settings.of())


def bodies(store: Store, run: str) -> list[str]:
    found: list[str] = []
    for section in (SECTION, SETS):
        found += store.run_rows(run, section).column("body").to_pylist()
    return found


def test_an_effect_is_found_and_its_size_lies_in_the_interval(filled: tuple[MemoryStore, Backtested]) -> None:
    result = filled[1].result
    assert (result["at"], result["until"]) == (DAY.isoformat(), (DAY + timedelta(weeks=4)).isoformat())
    assert result["keywords"] is not None
    assert result["keywords"]["gaps"] == 50
    assert result["keywords"]["filled"] == 50
    effect = result["effect"]
    assert effect is not None
    assert effect["sets"] >= 20
    assert result["verdict"] == "more"
    assert effect["p_value"] < 0.01
    assert effect["ratio_low"] is not None
    assert effect["ratio_high"] is not None
    assert effect["ratio_low"] < EFFECT < effect["ratio_high"]
    assert effect["compared"] == "at_28_days"
    assert 0 < effect["matched_share"] <= 1
    assert sum(dose["sets"] for dose in effect["dose"]) == effect["sets"]
    assert f"{effect['ratio']:.2f} 倍" in result["statement"]


def test_better_authors_alone_make_no_effect() -> None:
    result = backtest(store_of(Market(effect=1.0, better=3.0, seed=2).rows()), Settings.of()).result
    assert result["effect"] is not None
    assert result["verdict"] == "not_shown"
    assert 0.75 < result["effect"]["ratio"] < 1.33
    assert "分不开" in result["statement"]


def test_gaps_last_and_probabilities_hold(filled: tuple[MemoryStore, Backtested]) -> None:
    """Searchers of this market stay as unsatisfied as they were, whatever was written."""
    result = filled[1].result
    held, told = result["persistence"], result["reliability"]
    assert held is not None
    assert told is not None
    assert held["judged"] >= 40
    assert held["share"] is not None
    assert held["share"] >= 0.9
    assert held["base_share"] is not None
    assert held["base_share"] <= 0.1
    assert told["error"] < 0.06
    assert told["searches"] == sum(one["searches"] for one in told["bins"])


def test_the_same_on_a_second_store_and_twice(filled: tuple[MemoryStore, Backtested], tmp_path: Path) -> None:
    store, first = filled
    again = backtest(store, Settings.of())
    assert again.info.run == first.info.run
    assert again.info.manifest == first.info.manifest
    assert len(backtests(store)) == 1
    with open_store(str(tmp_path / "store"), create=True) as other:
        write(other, Market(effect=EFFECT).rows())
        elsewhere = backtest(other, Settings.of())
        assert elsewhere.info.run == first.info.run
        assert bodies(other, elsewhere.info.run) == bodies(store, first.info.run)


@pytest.mark.elasticsearch
def test_the_same_on_elasticsearch(filled: tuple[MemoryStore, Backtested], elastic_url: str) -> None:
    store, first = filled
    with open_store(elastic_url, create=True) as other:
        write(other, Market(effect=EFFECT).rows())
        elsewhere = backtest(other, Settings.of())
        assert elsewhere.info.run == first.info.run
        assert bodies(other, elsewhere.info.run) == bodies(store, first.info.run)


def test_a_stored_backtest_is_no_analysis(filled: tuple[MemoryStore, Backtested]) -> None:
    store, tested = filled
    assert analyses(store) == []
    with pytest.raises(NotFoundError, match="no analysis yet"):
        find_run(store)
    kept = load_backtest(store, "latest")
    assert kept.result == tested.result
    assert kept.sets == tested.sets
    assert load_backtest(store, tested.info.run).info.manifest == tested.info.manifest
    with pytest.raises(NotFoundError, match="no backtest 'else'"):
        load_backtest(store, "else")


def test_an_analysis_stands_beside_it() -> None:
    store = store_of(Market(gaps=5, met=10).rows())
    run = analyze(store, Settings.of()).info
    tested = backtest(store, Settings.of(), name="spring")
    assert find_run(store).run == run.run
    assert [info.run for info in backtests(store)] == [tested.info.run]
    assert load_backtest(store, "spring").info.run == tested.info.run
    with pytest.raises(UsageError, match="can't be called"):
        backtest(store, Settings.of(), name="backtest-1")


def test_over_http_it_names_no_keyword(filled: tuple[MemoryStore, Backtested]) -> None:
    store, tested = filled
    client = TestClient(create_app(store), base_url="http://localhost")
    listed = client.get("/v1/backtests").json()
    assert listed["total"] == 1
    assert listed["items"][0]["verdict"] == "more"
    answer = client.get(f"/v1/backtests/{tested.info.run}")
    assert answer.status_code == 200
    shown = answer.json()
    assert shown["effect"] == tested.result["effect"]
    assert shown["persistence"] == tested.result["persistence"]
    assert tested.sets
    assert "zq0" not in answer.text
    assert client.get("/v1/backtests/latest").json() == shown
    assert client.get("/v1/backtests/none").status_code == 404
    assert client.get("/v1/analyses").json()["total"] == 0


def lacks(store: Store, **settings: float) -> tuple[str, list[str], str]:
    """Verdict, what is missing, and the sentence."""
    chosen = Settings.of(first=None, end=None, keywords=None, category=None, embedder=None, **settings)
    result = backtest(store, chosen).result
    assert result["effect"] is None
    return result["verdict"], [lack["what"] for lack in result["missing"]], result["statement"]


def test_too_little_history_is_said_in_a_sentence() -> None:
    verdict, missing, sentence = lacks(store_of(Market(gaps=5, met=5, weeks_before=2).rows()))
    assert (verdict, missing) == ("too_little_history", ["days_before"])
    assert "之前只有 14 天搜索日志，找缺口至少要 28 天" in sentence
    verdict, missing, sentence = lacks(store_of(Market(gaps=5, met=5, weeks_before=2).rows()), backtest_weeks=8)
    assert (verdict, missing) == ("too_little_history", ["days_before"])


def test_a_day_too_late_lacks_what_came_after() -> None:
    store = store_of(Market(gaps=5, met=5).rows())
    result = backtest(store, Settings.of(), at=DAY + timedelta(days=10)).result
    assert [lack["what"] for lack in result["missing"]] == ["days_after"]
    assert (result["missing"][0]["have"], result["missing"][0]["need"]) == (18, 28)
    assert "之后只有 18 天搜索日志" in result["statement"]


@pytest.mark.parametrize(
    ("without", "what", "said"),
    [
        ("published_at", "new_notes", "没有带发布时间的新笔记"),
        ("reads", "reads", "都没有阅读量"),
        ("author_id", "usual_reads", "需要 author_id"),
    ],
)
def test_what_notes_lack_is_said(without: str, what: str, said: str) -> None:
    store = store_of(Market(gaps=8, met=12, without=frozenset({without})).rows())
    verdict, missing, sentence = lacks(store)
    assert (verdict, missing) == ("too_little_history", [what])
    assert said in sentence
    kept = load_backtest(store, "latest").result
    assert kept["persistence"] is not None, "what does not need notes is told all the same"
    assert kept["reliability"] is not None


def test_few_sets_give_numbers_without_a_verdict() -> None:
    result = backtest(store_of(Market(gaps=10, met=30, effect=3.0).rows()), Settings.of()).result
    assert result["effect"] is not None
    assert 0 < result["effect"]["sets"] < 20
    assert result["verdict"] == "too_thin"
    assert "满 20 组才下结论" in result["statement"]


def test_without_gaps_or_controls_there_is_nothing_to_compare() -> None:
    verdict, missing, sentence = lacks(store_of(Market(gaps=0, met=12).rows()))
    assert (verdict, missing) == ("too_thin", ["filled_gaps"])
    assert "0 个缺口里没有一个" in sentence


def test_young_notes_are_matched_by_age() -> None:
    result = backtest(store_of(Market(figures_after=0.0, effect=EFFECT).rows()), Settings.of()).result
    assert result["effect"] is not None
    assert result["effect"]["compared"] == "at_like_ages"
    assert [one["variable"] for one in result["effect"]["balance"]] == ["ln_searches", "ln_topic_reads", "trend", "age"]
    assert "reads_below_28_days" in result["flags"]


def test_an_empty_store_is_refused() -> None:
    store = store_of({"note": Market(gaps=1, met=1).rows()["note"]})
    with pytest.raises(DataError, match="holds no searches"):
        backtest(store, Settings.of())


def test_stored_rows_are_canonical(filled: tuple[MemoryStore, Backtested]) -> None:
    store, tested = filled
    for body in bodies(store, tested.info.run):
        assert orjson.dumps(orjson.loads(body), option=orjson.OPT_SORT_KEYS).decode() == body
