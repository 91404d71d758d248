"""The sentences that say how far a run can be trusted."""

from __future__ import annotations

from typing import Any

import pytest

from gapfinder.backtest.wording import too_little
from gapfinder.trust import (
    backtest_sentence,
    calibration_sentence,
    held_out_sentence,
    is_calibrated,
    stability_sentence,
)
from tests.reporting.made_run import made_backtest


def manifest(*, calibrated: bool = False, **content: Any) -> dict[str, Any]:
    return {
        "model": {"calibrated": calibrated, "outcomes": {"queries": 215}, "content": content},
        "settings": {"calibration_labels": 300},
        "totals": {"keywords": 40, "stable_top_10": 0.871, "stable_top_50": 1.0},
    }


def test_whether_probabilities_are_calibrated_is_said_plainly() -> None:
    assert calibration_sentence(manifest()) == (
        "概率尚未校准：结果已知的搜索词有 215 个，至少要 300 个；可以用来排先后，不要当作实际比例。"
    )
    assert calibration_sentence(manifest(calibrated=True)) == "概率已校准：依据 215 个搜索词的真实结果，可以当真。"


def test_labels_calibrate_as_well() -> None:
    labels = {"lessons": {"labels": 320}}
    by_labels = manifest(calibrated=True, basis=labels)
    by_labels["model"]["outcomes"]["calibrated"] = False
    assert calibration_sentence(by_labels) == "概率已校准：依据 320 个人工标注的搜索词，可以当真。"
    few = calibration_sentence(manifest(basis={"lessons": {"labels": 20}}))
    assert "结果已知的搜索词有 215 个，人工标注的有 20 个，至少要 300 个" in few


@pytest.mark.parametrize("unknown", [{}, {"model": None}, {"model": {"calibrated": False}}])
def test_a_run_that_does_not_say_is_not_calibrated(unknown: dict[str, Any]) -> None:
    assert not is_calibrated(unknown)
    assert calibration_sentence(unknown) == "概率尚未校准：可以用来排先后，不要当作实际比例。"
    assert held_out_sentence(unknown) == stability_sentence(unknown) == ""


def test_held_out_figures_are_told() -> None:
    figures = {"queries": 423, "auc": 0.929, "brier": 0.1, "ece": 0.07}
    told = held_out_sentence(manifest(origin="learned", hidden_made=figures, outcomes={**figures, "auc": None}))
    assert "由笔记拟出的搜索词，一半藏起答案 0.93（423 个）" in told
    assert "真实搜索" not in told, "without a figure nothing is said"
    assert "沿用随程序附带的" in held_out_sentence(manifest(origin="shipped"))


def test_a_top_that_is_the_whole_list_is_no_news() -> None:
    assert stability_sentence(manifest()) == "排名稳定性：前 10 名里预计 87% 确实在前 10。"


def test_a_backtest_is_told_as_far_as_it_goes() -> None:
    assert backtest_sentence(made_backtest()) == (
        "最近一次回测（用 2026-08-01 之前的数据，看其后 4 周）：当时排在前面的 50 个缺口，有 90% 之后仍是缺口"
        "（90% 区间 80%–96%）；未满足概率与之后的实际平均相差 2.1 个百分点；能配对的只有 3 组，不能据此判断。"
    )
    statement = too_little([{"what": "days_before", "have": 3, "need": 28, "sentence": "日志只有 3 天"}])
    little = made_backtest(persistence=None, reliability=None, statement=statement)
    assert backtest_sentence(little).endswith("：历史数据还不够做这项回测：日志只有 3 天。")
