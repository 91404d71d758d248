"""What stands on the page beside a run: changes since the run before, and the newest backtest."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

from gapfinder.backtest.results import Backtest
from gapfinder.comparing import Comparison, compare
from gapfinder.reporting.beside import MOST_MOVES, Beside, backtest_told, moves_of
from gapfinder.reporting.html import render_report
from gapfinder.reporting.privacy import published
from gapfinder.runs import Run
from tests.reporting.made_run import MARKUP, PHONE, RARE, made_gap, made_info, made_run

RELIABLE = {"unmet_from": 0.8, "unmet_to": 0.9, "keywords": 21, "searches": 3_759, "expected": 0.87, "observed": 0.86}


def _backtest(**changes: Any) -> Backtest:
    made = {
        "at": "2026-07-27",
        "until": "2026-08-24",
        "weeks": 4,
        "log_from": "2026-06-01",
        "log_to": "2026-08-24",
        "verdict": "too_thin",
        "statement": "能配对的只有 1 组。",
        "missing": [],
        "keywords": None,
        "effect": None,
        "persistence": {"judged": 50, "still_gaps": 48, "share": 0.96, "low": 0.9, "high": 0.99},
        "reliability": {"keywords": 240, "searches": 16_527, "error": 0.0065, "bins": [RELIABLE]},
        "left_out": None,
        "flags": [],
        **changes,
    }
    return cast("Backtest", made)


def _compared(before: Run, after: Run) -> Comparison:
    one, other = published(before), published(after)
    return compare(one.info, one.gaps, other.info, other.gaps)


def _grown(run: Run, times: float) -> Run:
    """The same run where more people search for everything, and as little is answered."""
    names = ("demand_per_week", "unmet_per_week", "unmet_low", "unmet_high")
    gaps = [
        cast(
            "Any", {**gap, **{name: times * cast("Any", gap)[name] for name in names}, "searches": 9 * gap["searches"]}
        )
        for gap in run.gaps
    ]
    return Run(replace(run.info, run="run-2", name="winter"), gaps)


def test_what_changed_stands_on_the_page_and_leads_to_its_card() -> None:
    before, after = made_run(), _grown(made_run(), 3.0)
    compared = _compared(before, after)
    assert compared.counts["grew"] > MOST_MOVES
    text = render_report(after, Beside(compared))
    assert "和上次比" in text
    assert "对照 autumn（2026-07-01 至 2026-09-22）" in text
    assert text.count('class="move m-grew"') == MOST_MOVES
    assert f"另有 {compared.counts['grew'] - MOST_MOVES} 个" in text
    assert 'href="#gap-0"' in text[text.index('id="changes"') : text.index('id="gaps"')]
    assert MARKUP not in text


def test_private_keywords_do_not_come_back_as_changes() -> None:
    text = render_report(made_run(), Beside(_compared(_grown(made_run(), 3.0), made_run())))
    assert RARE not in text
    assert PHONE not in text


def test_nothing_changed_is_said_too() -> None:
    run = made_run()
    after = Run(replace(run.info, run="run-2"), run.gaps)
    moves = moves_of(_compared(run, after), {})
    assert moves is not None
    assert moves.moves == []
    assert "没有超出误差的变化。" in render_report(after, Beside(_compared(run, after)))


def test_a_keyword_that_is_not_listed_has_no_link() -> None:
    gaps = [made_gap(0, "奶粉", "missing")]
    before, after = Run(made_info("run-1"), gaps), _grown(Run(made_info("run-1"), gaps), 3.0)
    moves = moves_of(_compared(before, after), {})
    assert moves is not None
    assert [(move.keyword, move.row) for move in moves.moves] == [("奶粉", None)]
    assert moves.moves[0].difference.startswith("+")


def test_the_backtest_says_its_three_answers() -> None:
    tested = backtest_told(_backtest())
    assert tested is not None
    assert tested.sentences == [
        "能配对的只有 1 组。",
        "当时排在前面的 50 个缺口，之后 4 周里仍是缺口的有 48 个（96%，90% 区间 90%–99%）。",
        "拿之后 16,527 次结果已知的搜索核对当时的概率，平均相差 0.7 个百分点。",
    ]
    text = render_report(made_run(), Beside(backtest=_backtest()))
    assert "准不准：回测" in text
    assert "80%–90%" in text


def test_a_backtest_without_history_shows_its_sentence_alone() -> None:
    tested = backtest_told(_backtest(persistence=None, reliability=None, statement="历史数据还不够做这项回测。"))
    assert tested is not None
    assert tested.sentences == ["历史数据还不够做这项回测。"]
    assert tested.bins == []


def test_a_run_alone_has_neither() -> None:
    text = render_report(made_run())
    assert 'id="changes"' not in text
    assert 'id="backtest"' not in text
