"""``gapfinder backtest`` as a user runs it, and its words."""

from __future__ import annotations

from pathlib import Path

import pytest

from gapfinder.backtest.effect import verdict_of
from gapfinder.backtest.measures import MEASURES
from gapfinder.backtest.results import VERDICTS, Effect
from gapfinder.backtest.wording import statement_of
from indexer.stores import open_store
from tests.backtest.market import DAY, Market, write
from tests.cli.program import gapfinder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("backtest")
    with open_store(str(place / "gapfinder-data"), create=True) as store:
        write(store, Market(effect=2.0).rows())
    return place


def test_a_person_reads_what_came_out(folder: Path) -> None:
    answer = gapfinder("backtest", "--run", "spring", cwd=folder)
    assert answer.code == 0
    assert answer.out.startswith("backtest-")
    for said in (
        "高于偶然波动",
        "置换检验 p = 0.001",
        "配对：",
        "均衡",
        "缺口留存",
        "校准误差",
        "发布满 28 天的阅读量",
    ):
        assert said in answer.out, said
    (told,) = gapfinder("backtest", "--run", "spring", "--json", cwd=folder).json
    assert told["backtest"] == answer.out.splitlines()[0]
    assert told["name"] == "spring"
    assert told["verdict"] == "more"
    assert len(told["matched_sets"]) == told["effect"]["sets"]
    assert all(one["controls"] for one in told["matched_sets"])


def test_what_a_backtest_found_stands_beside_the_gaps(folder: Path) -> None:
    assert gapfinder("backtest", "--run", "shown", cwd=folder).code == 0
    listed = gapfinder("analyze", "--json", cwd=folder)
    assert listed.code == 0
    gaps = gapfinder("gaps", cwd=folder).out
    assert "最近一次回测（用 " in gaps
    assert "之后仍是缺口" in gaps
    word = gapfinder("gaps", "--json", "--top", "1", cwd=folder).json[0]["keyword"]
    assert "最近一次回测（用 " in gapfinder("explain", word, cwd=folder).out
    assert gapfinder("report", "--out", "report.html", cwd=folder).code == 0
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert "之前的数据找缺口，再看其后" in page
    assert "还没有做过回测" not in page
    told = {one["subject"]: one["message"] for one in gapfinder("doctor", "--json", cwd=folder).json}
    assert "leading gaps were still gaps" in told["backtest"]
    assert "points on average" in told["backtest"]


def test_too_little_history_is_no_error(folder: Path) -> None:
    early = (DAY.replace(month=3, day=20)).isoformat()
    answer = gapfinder("backtest", "--at", early, cwd=folder)
    assert answer.code == 0
    assert "历史数据还不够做这项回测" in answer.out
    (told,) = gapfinder("backtest", "--at", early, "--json", cwd=folder).json
    assert told["verdict"] == "too_little_history"
    assert told["effect"] is None
    assert [lack["what"] for lack in told["missing"]] == ["days_before"]


def test_wrong_use_is_said(folder: Path) -> None:
    assert gapfinder("backtest", "--at", "yesterday", cwd=folder).code == 2
    assert "backtest_weeks is 0" in gapfinder("backtest", "--weeks", "0", cwd=folder).err
    shown = gapfinder("backtest", "--help", cwd=folder).out
    assert "gapfinder backtest --at 2026-06-01 --weeks 8" in shown


def effect(sets: int, p_value: float, ratio: float, *, interval: bool = True) -> Effect:
    return Effect(
        ratio=ratio,
        ratio_low=ratio * 0.8 if interval else None,
        ratio_high=ratio * 1.2 if interval else None,
        level=0.9,
        p_value=p_value,
        p_keyword=p_value,
        p_author=p_value,
        unit="keyword",
        sets=sets,
        controls=sets,
        matched_share=1.0,
        notes_gaps=sets,
        notes_controls=sets,
        authors=sets,
        compared="at_28_days",
        balance=[],
        dose=[],
    )


@pytest.mark.parametrize(
    ("made", "verdict", "said"),
    [
        (effect(30, 0.01, 1.4), "more", "高于偶然波动"),
        (effect(30, 0.01, 0.7), "fewer", "低于偶然波动"),
        (effect(30, 0.2, 1.4), "not_shown", "与偶然波动分不开"),
        (effect(19, 0.01, 1.4), "too_thin", "仅供参考"),
        (effect(2, 0.5, 9.0, interval=False), "too_thin", "不能据此判断"),
        (None, "too_thin", "没有可比较的数字"),
    ],
)
def test_each_verdict_has_its_sentence(made: Effect | None, verdict: str, said: str) -> None:
    assert verdict_of(made) == verdict
    assert verdict in VERDICTS
    sentence = statement_of(verdict, made)
    assert said in sentence
    assert sentence.endswith("。")
    assert "9.00" not in sentence, "a number without an interval is no statement"


def test_every_number_is_declared() -> None:
    numbers = {"ratio", "ratio_low", "ratio_high", "p_value", "p_keyword", "p_author", "sets", "matched_share", "dose"}
    assert numbers < set(MEASURES)
    assert numbers - {"dose"} < set(Effect.__annotations__)
    for measure in MEASURES.values():
        assert measure.label
        assert measure.formula
        assert measure.method.endswith("。")
        assert measure.least is None or measure.most is None or measure.least < measure.most
