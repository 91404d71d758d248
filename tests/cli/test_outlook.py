"""Where demand is going, as the command line shows it."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from gapfinder.reporting.outlook import outlook_lines
from tests.cli.program import gapfinder
from tests.reporting.made_run import made_gap

LAST = date(2026, 8, 23)
ODD = (2, 3, 1, 2, 4, 2, 3)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A log of 15 weeks: one keyword doubles in the last two, one stays, one is busy at weekends."""
    place = tmp_path_factory.mktemp("rising")
    rows = ["query,searched_at,user_id"]
    for back in range(15 * 7):
        day = LAST - timedelta(days=back)
        busy = {
            "防漏睡裤": ODD[back % 7] * (4 if back < 14 else 1),
            "婴儿湿巾": ODD[(3 * back) % 7] + 6,
            "露营灯": 12 if day.weekday() > 4 else 3,
        }
        rows += [f"{query},{day}T12:00:00,u{n}{back}" for query, times in busy.items() for n in range(times)]
    (place / "searches.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    (place / "notes.jsonl").write_text('{"note_id": "n1", "title": "婴儿湿巾推荐"}\n', encoding="utf-8")
    assert gapfinder("import", "notes.jsonl", "searches.csv", cwd=place).code == 0
    assert gapfinder("analyze", cwd=place).code == 0
    return place


def test_what_begins_to_rise_comes_first(folder: Path) -> None:
    gaps = gapfinder("gaps", "--order-by", "rising", "--json", cwd=folder).json
    assert gaps[0]["keyword"] == "防漏睡裤"
    assert "rising_early" in gaps[0]["flags"]
    surge = gaps[0]["trend"]["surge"]
    assert surge["rising_early"]
    assert 2.5 < surge["low"] < surge["ratio"] < surge["high"] < 6
    assert all("rising_early" not in gap["flags"] for gap in gaps[1:])


def test_explain_says_where_it_is_going(folder: Path) -> None:
    (gap,) = gapfinder("explain", "防漏睡裤", "--json", cwd=folder).json
    assert [week["start"] for week in gap["forecast"]] == ["2026-08-24", "2026-08-31", "2026-09-07", "2026-09-14"]
    assert all(0 <= week["low"] < week["searches"] < week["high"] for week in gap["forecast"])
    assert gap["season"]["year"] == "not_enough"
    shown = gapfinder("explain", "防漏睡裤", cwd=folder).out
    assert "刚开始上升" in shown
    assert "历史不足两年" in shown
    assert "08-24 起" in shown
    assert "周六、周日搜得最多" in gapfinder("explain", "露营灯", cwd=folder).out
    assert "周六、周日搜得最多" not in gapfinder("explain", "婴儿湿巾", cwd=folder).out


def test_the_same_analysis_gives_the_same_outlook(folder: Path) -> None:
    first = gapfinder("gaps", "--json", cwd=folder).json
    assert gapfinder("analyze", "--run", "again", cwd=folder).code == 0
    assert gapfinder("gaps", "--run", "again", "--json", cwd=folder).json == first


def test_sentences_read_as_they_should() -> None:
    gap = made_gap(0, "纸尿裤", "missing")
    assert outlook_lines(gap)[:5] == [
        "趋势上升（+35%，90% 区间 +10% 至 +60%，已排除端午、618的影响）",
        "刚开始上升：最近两周的搜索是平时的 1.8 倍（90% 区间 1.4–2.3 倍）",
        "一周之内：周六、周日搜得最多（最高为日均的 1.10 倍）",
        "一年之中：历史不足两年或搜索太少，无法判断淡旺季",
        "双11：搜索为平时的 2.1 倍（90% 区间 1.6–2.8 倍，依据 1 次）",
    ]
    surge = gap["trend"]["surge"]
    assert surge is not None
    surge["festivals"] = ["618"]
    assert "正值618，历史里没有先例，可能只是节日所致" in outlook_lines(gap)[1]
    assert gap["season"] is not None
    gap["season"] |= {"year": "found", "months": [1.0] * 11 + [1.5], "year_share": 0.4, "peak_months": [12]}
    assert "一年之中：旺季在 12 月，最高为月均的 1.50 倍；季节解释了 40% 的波动" in outlook_lines(gap)
