"""One keyword through all runs of a store."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gapfinder.history import history, sparkline, stored_history
from gapfinder.results import Gap
from gapfinder.runs import Run, find_earlier, find_run
from indexer.errors import NotFoundError
from indexer.stores.contract import RunInfo
from indexer.stores.memory import MemoryStore
from tests.comparing.pairs import DAYS, gap, run_info
from tests.reporting.made_run import run_rows


def _store(*gaps_of_runs: list[Gap]) -> MemoryStore:
    """Runs one after another, each a window later."""
    store = MemoryStore()
    for number, gaps in enumerate(gaps_of_runs):
        run = Run(run_info(f"run-{number}", DAYS * number), gaps)
        store.save_run(run.info, run_rows(run))
    return store


def test_a_keyword_is_told_from_run_to_run() -> None:
    daily = ([10] * DAYS, [10] * DAYS, [10] * DAYS, [30] * DAYS)
    chance = (0.9, 0.91, 0.1, 0.1)
    store = _store(*([gap("词", searches, p, 0.02)] for searches, p in zip(daily, chance, strict=True)))
    moments = stored_history(store, "词")
    assert [moment["run"] for moment in moments] == [f"run-{number}" for number in range(4)]
    assert [moment["change"] for moment in moments] == [None, "steady", "closed", "grew"]
    assert [moment["beyond_noise"] for moment in moments] == [None, False, True, True]
    assert moments[0]["difference"] is moments[0]["p_value"] is None
    assert moments[1]["difference"] == pytest.approx(0.7, abs=0.001)
    window = moments[1]["window"]
    assert window is not None
    assert (window["from"], window["to"], window["days"]) == ("2026-05-25", "2026-08-17", DAYS)
    assert moments[0]["created_at"].endswith("+08:00")


def test_runs_without_the_keyword_are_passed_over() -> None:
    store = _store([gap("词", [10] * DAYS, 0.9)], [gap("别的", [1] * DAYS, 0.9)], [gap("词", [10] * DAYS, 0.9)])
    assert [moment["run"] for moment in stored_history(store, "词")] == ["run-0", "run-2"]
    assert [moment["run"] for moment in stored_history(store, "别的")] == ["run-1"], "not in the newest"


def test_a_variant_names_its_keyword() -> None:
    variants = [
        {"query": "词", "searches": 9, "folded_by": "same"},
        {"query": "辞", "searches": 2, "folded_by": "typo"},
    ]
    store = _store([gap("词", [10] * DAYS, 0.9)], [gap("词", [10] * DAYS, 0.9, variants=variants)])
    assert stored_history(store, "辞") == stored_history(store, "词") == stored_history(store, "詞")
    with pytest.raises(NotFoundError, match="no keyword"):
        stored_history(store, "辞", "run-0")


def test_a_keyword_that_no_run_has() -> None:
    store = _store([gap("新生儿纸尿裤", [10] * DAYS, 0.9)])
    with pytest.raises(NotFoundError) as caught:
        stored_history(store, "新生儿纸尿片")
    assert "新生儿纸尿裤" in caught.value.hint
    with pytest.raises(NotFoundError, match="no analysis yet"):
        stored_history(MemoryStore(), "词")


def test_the_run_before() -> None:
    store = _store([], [], [])
    assert find_earlier(store, "previous", find_run(store)).run == "run-1"
    assert find_earlier(store, "previous", find_run(store, "run-1")).run == "run-0"
    assert find_earlier(store, "run-2", find_run(store, "run-0")).run == "run-2"
    with pytest.raises(NotFoundError, match="no run before run-0"):
        find_earlier(store, "previous", find_run(store, "run-0"))
    with pytest.raises(NotFoundError, match="no run 'run-9'"):
        find_earlier(store, "run-9", find_run(store))


def test_learned_models_are_no_analyses() -> None:
    store = _store([gap("词", [10] * DAYS, 0.9)])
    model = RunInfo("model-1", "model-1", run_info("run-0").created_at + timedelta(days=900), {"basis": {}})
    store.save_run(model, run_rows(Run(model, [gap("词", [10] * DAYS, 0.9)])))
    assert [moment["run"] for moment in stored_history(store, "词")] == ["run-0"]
    with pytest.raises(NotFoundError, match="no run before"):
        find_earlier(store, "previous", find_run(store))


def test_no_history_is_empty() -> None:
    assert history([]) == []


@given(st.lists(st.floats(0, 1e9), max_size=40))
def test_a_sparkline_has_a_bar_for_each_value(values: list[float]) -> None:
    bars = sparkline(values)
    assert len(bars) == len(values)
    if values and max(values) > 0:
        assert bars[values.index(max(values))] == "█"
    assert [bars[n] for n in sorted(range(len(values)), key=values.__getitem__)] == sorted(bars)
