"""One Chinese sentence that says what a backtest shows, and no more than it shows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from gapfinder.backtest.effect import ENOUGH_SETS
from gapfinder.backtest.results import Effect, Lack

COMPARED: Final = {
    "at_28_days": "发布满 28 天的阅读量",
    "at_like_ages": "发布天数相近时的阅读量（未满 28 天）",
}
VARIABLES: Final = {
    "ln_searches": "搜索量",
    "ln_topic_reads": "同主题旧笔记的阅读量",
    "trend": "趋势",
    "age": "笔记天数",
}
FLAGS: Final = {
    "unbalanced": "配对后两边仍有差别（见“均衡”一栏）",
    "figures_undated": "部分笔记没有数据更新时间，按日志结束日计",
    "undated_notes": "没有发布时间的笔记不参与回测",
    "topic_reads_assumed": "部分关键词没有旧笔记可参照，用同品类均值代替",
    "same_authors": "有作者同时写了多个关键词，已按更保守的作者口径检验",
    "reads_below_28_days": "新笔记大多未满 28 天，比较的是相近天数的阅读量",
    "few_authors": "五分之一以上的新笔记出自同一位作者",
}


def too_little(missing: Sequence[Lack]) -> str:
    """The sentence for what is missing."""
    return "历史数据还不够做这项回测：" + "；".join(lack["sentence"] for lack in missing) + "。"


def statement_of(verdict: str, effect: Effect | None) -> str:
    """The sentence for an effect, whatever its verdict."""
    if effect is None:
        return f"被补上的缺口里没有一个找得到条件相近的对照词（至少要 {ENOUGH_SETS} 组），没有可比较的数字。"
    ratio = f"{effect['ratio']:.2f} 倍"
    if effect["ratio_low"] is not None and effect["ratio_high"] is not None:
        ratio += f"（90% 区间 {effect['ratio_low']:.2f}–{effect['ratio_high']:.2f}）"
    basis = f"{effect['sets']} 组对照，置换检验 p = {effect['p_value']:.3f}"
    subject = "补上缺口的新笔记，单篇阅读（相对作者自己的平常水平）"
    if verdict == "more":
        return f"{subject}是条件相近的非缺口词的 {ratio}，高于偶然波动；{basis}。"
    if verdict == "fewer":
        return f"{subject}只有条件相近的非缺口词的 {ratio}，低于偶然波动；{basis}。"
    if verdict == "not_shown":
        return f"{subject}是条件相近的非缺口词的 {ratio}，与偶然波动分不开；{basis}。"
    if effect["ratio_low"] is None:
        return f"能配对的只有 {effect['sets']} 组，少得连区间都给不出，不能据此判断（满 {ENOUGH_SETS} 组才下结论）。"
    return (
        f"能配对的只有 {effect['sets']} 组（满 {ENOUGH_SETS} 组才下结论）：{subject}"
        f"是条件相近的非缺口词的 {ratio}，仅供参考。"
    )
