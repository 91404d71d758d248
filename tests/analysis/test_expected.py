from __future__ import annotations

import json
from typing import Any

import pytest

from gapfinder.analysis import analyze
from gapfinder.expected import weekly_searches
from gapfinder.results import Gap, Volume
from gapfinder.settings import Settings
from indexer.importer import import_files
from indexer.stores import open_store


def volume(**figures: Any) -> Volume:
    empty = dict.fromkeys(("source", "low", "high", "period_start", "period_end", "competition"))
    return Volume(**{**empty, "unit": "count", **figures})  # type: ignore[typeddict-item]  # named by the tests


def test_a_figure_is_brought_to_a_week() -> None:
    month = {"period_start": "2026-06-01", "period_end": "2026-07-01"}
    found = weekly_searches([volume(volume=3000, **month)])
    assert found is not None
    assert (found.low, found.middle, found.high) == pytest.approx((700, 700, 700))
    bucket = weekly_searches([volume(volume=5000, low=1000, high=10_000, unit="bucket", **month)])
    assert bucket is not None
    assert (bucket.low, bucket.middle, bucket.high) == pytest.approx((7000 / 30, 35_000 / 30, 70_000 / 30))


def test_only_searches_count_and_the_newest_period() -> None:
    assert weekly_searches([volume(volume=3000, unit="index"), volume(volume=3, unit="rank")]) is None
    old = volume(volume=9000, period_start="2025-06-01", period_end="2025-07-01")
    new = [
        volume(volume=n, period_start="2026-06-01", period_end="2026-07-01", source=s)
        for n, s in ((300, "a"), (900, "b"))
    ]
    found = weekly_searches([old, *new])
    assert found is not None
    assert (found.low, found.middle, found.high) == pytest.approx((70, 140, 210))


def test_open_ends_are_wide() -> None:
    for figures in ({"low": 10, "volume": 10}, {"unit": "bucket", "volume": 10}):
        found = weekly_searches([volume(**figures)])
        assert found is not None
        assert found.high == pytest.approx(100 * 7 / 30)


@pytest.fixture(scope="module")
def gaps(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Gap]:
    """Three keywords typed by the user: searched, never searched but with a volume, never searched at all."""
    folder = tmp_path_factory.mktemp("volumes")
    searches = ["query,searched_at,user_id"]
    searches += [f"婴儿湿巾,2026-06-{1 + n % 28:02d} 2{n % 4}:30:00,u{n}" for n in range(60)]
    (folder / "searches.csv").write_text("\n".join(searches) + "\n", encoding="utf-8")
    notes = [
        {"note_id": f"n{n}", "title": "婴儿湿巾推荐", "content": "湿巾用了三个月，成分干净，" * 9} for n in range(3)
    ]
    (folder / "notes.jsonl").write_text("\n".join(json.dumps(n, ensure_ascii=False) for n in notes), encoding="utf-8")
    (folder / "volumes.csv").write_text(
        "keyword,volume,unit,volume_low,volume_high,period_start,period_end\n"
        "防漏睡裤,3000,bucket,1000,10000,2026-05-01,2026-05-31\n"
        "婴儿湿巾,90000,count,,,2026-05-01,2026-05-31\n"
        "溢乳垫,500,index,,,2026-05-01,2026-05-31\n",
        encoding="utf-8",
    )
    with open_store(str(folder / "store"), create=True) as store:
        files = [str(folder / name) for name in ("searches.csv", "notes.jsonl", "volumes.csv")]
        import_files(store, files, processes=0)
        run = analyze(store, Settings.of(keywords=("婴儿湿巾", "防漏睡裤", "溢乳垫"))).info.run
        found = [json.loads(body) for body in store.run_rows(run, "gaps").column("body").to_pylist()]
    return {gap["keyword"]: gap for gap in found}


def test_a_keyword_nobody_searched_has_the_demand_of_its_volume(gaps: dict[str, Gap]) -> None:
    gap = gaps["防漏睡裤"]
    assert (gap["searches"], gap["demand"]) == (0, 0)
    assert gap["demand_per_week"] == pytest.approx(700)
    assert "demand_from_volume" in gap["flags"]
    assert gap["unmet_per_week"] == pytest.approx(700 * gap["unmet_probability"], rel=0.001)
    assert gap["unmet_low"] <= 700 / 3
    assert gap["unmet_high"] == pytest.approx(10_000 * 7 / 30, rel=0.1), "the range of the bucket"
    assert sum(gap["score_parts"].values()) == pytest.approx(gap["unmet_per_week"], abs=0.001)


def test_a_log_without_results_says_so(gaps: dict[str, Gap]) -> None:
    for gap in gaps.values():
        assert "no_outcomes" in gap["flags"]
        assert gap["unknown"] == gap["demand"]
    searched = gaps["婴儿湿巾"]
    assert searched["unmet_low"] == 0, "content alone does not make it sure"
    assert searched["excess"] == pytest.approx(0, abs=1e-3), "the one keyword that was searched is what is usual"
    assert searched["unmet_probability"] == pytest.approx(
        searched["unmet_per_week"] / searched["demand_per_week"], abs=1e-3
    )


def test_counted_searches_and_indices_stay_what_they_are(gaps: dict[str, Gap]) -> None:
    assert gaps["婴儿湿巾"]["demand_per_week"] == pytest.approx(60 / 4)
    assert gaps["溢乳垫"]["demand_per_week"] == 0
    assert gaps["溢乳垫"]["unmet_per_week"] == 0
    assert gaps["溢乳垫"]["unmet_high"] == pytest.approx(3 / 4, abs=0.01), "none in four weeks may still be three"
    for name in ("婴儿湿巾", "溢乳垫"):
        assert "demand_from_volume" not in gaps[name]["flags"]
