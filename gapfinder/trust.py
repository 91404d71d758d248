"""How far the numbers of a run can be trusted, in sentences for the command line and the report.

Three things tell: whether what searchers did, or what people labelled, calibrated the probabilities; how the content
model did on queries that were held out; and what became of the gaps of an earlier day (the newest backtest).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from gapfinder.answers.model import LEARNED
from gapfinder.backtest.results import Backtest
from gapfinder.settings import SETTINGS

HELD_OUT: Final = {
    "hidden_log": "日志里的搜索词，一半藏起答案",
    "hidden_made": "由笔记拟出的搜索词，一半藏起答案",
    "outcomes": "真实搜索：满意与否",
    "labels": "人工标注：有没有人回答",
}
NO_BACKTEST: Final = "还没有做过回测（gapfinder backtest），过去的缺口后来怎样还不知道。"
_STABLE: Final = "stable_top_"  # how the totals begin that say so, each with its number of keywords


def is_calibrated(manifest: Mapping[str, Any]) -> bool:
    """Whether the probabilities of a run count as calibrated; a run that does not say so is not."""
    return bool((manifest.get("model") or {}).get("calibrated"))


def calibration_sentence(manifest: Mapping[str, Any]) -> str:
    """Whether the probabilities of a run may be taken at their word."""
    model, settings = manifest.get("model") or {}, manifest.get("settings") or {}
    outcomes = model.get("outcomes") or {}
    labels = int((((model.get("content") or {}).get("basis") or {}).get("lessons") or {}).get("labels") or 0)
    known = outcomes.get("queries")
    if is_calibrated(manifest):
        by_outcomes = outcomes.get("calibrated", labels == 0)
        basis = f"{known or 0:,} 个搜索词的真实结果" if by_outcomes else f"{labels:,} 个人工标注的搜索词"
        return f"概率已校准：依据 {basis}，可以当真。"
    enough = int(settings.get("calibration_labels", SETTINGS["calibration_labels"].default))
    said = f"，人工标注的有 {labels:,} 个" if labels else ""
    why = "" if known is None else f"结果已知的搜索词有 {known:,} 个{said}，至少要 {enough:,} 个；"
    return f"概率尚未校准：{why}可以用来排先后，不要当作实际比例。"


def held_out_sentence(manifest: Mapping[str, Any]) -> str:
    """How the content model did on held-out queries; empty where a run does not say."""
    content = (manifest.get("model") or {}).get("content") or {}
    if not content:
        return ""
    if content.get("origin") != LEARNED:
        return "数据太少，学不出自己的内容模型，沿用随程序附带的，没有留出检验。"
    told = [
        f"{label} {content[test]['auc']:.2f}（{content[test]['queries']:,} 个）"
        for test, label in HELD_OUT.items()
        if (content.get(test) or {}).get("auc") is not None
    ]
    if not told:
        return ""
    return f"内容模型在留出的搜索词上的 AUC（0.5 等于抛硬币，1 是全对）：{'；'.join(told)}。"


def stability_sentence(manifest: Mapping[str, Any]) -> str:
    """How much of the top of the list is sure; empty where a run does not say."""
    totals = manifest.get("totals") or {}
    tops = sorted((int(name.rpartition("_")[2]), share) for name, share in totals.items() if name.startswith(_STABLE))
    told = [f"前 {top} 名里预计 {share:.0%} 确实在前 {top}" for top, share in tops if totals.get("keywords", 0) > top]
    return f"排名稳定性：{'；'.join(told)}。" if told else ""


def backtest_sentence(result: Backtest) -> str:
    """What the newest backtest of the store found, in one line; it names no keyword."""
    held, told = result["persistence"], result["reliability"]
    parts = []
    if held is not None and held["share"] is not None:
        parts.append(
            f"当时排在前面的 {held['judged']:,} 个缺口，有 {held['share']:.0%} 之后仍是缺口"
            f"（90% 区间 {held['low']:.0%}–{held['high']:.0%}）"
        )
    if told is not None:
        parts.append(f"未满足概率与之后的实际平均相差 {100 * told['error']:.1f} 个百分点")
    parts.append(result["statement"].rstrip("。"))
    return f"最近一次回测（用 {result['at']} 之前的数据，看其后 {result['weeks']} 周）：{'；'.join(parts)}。"
