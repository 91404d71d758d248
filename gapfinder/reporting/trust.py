"""How far a run can be trusted, in plain Chinese: calibrated or not, by which model, how firm the top of the list is.

Runs made by older versions know less of themselves; what a manifest does not say is not said.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from gapfinder.backtest.results import Backtest
from gapfinder.meaning.effect import effect_sentence

CALIBRATED: Final = "概率已校准"
NOT_CALIBRATED: Final = "概率尚未校准"
_LEARNED: Final = "learned"  # as gapfinder.answers.model says it, which is too much to import for a word
HELD_OUT: Final = {  # tests of the content model on queries that were held out
    "hidden_log": "日志里的搜索词，一半藏起答案",
    "hidden_made": "由笔记拟出的搜索词，一半藏起答案",
    "outcomes": "真实搜索：满意与否",
    "labels": "人工标注：有没有人回答",
}
NO_BACKTEST: Final = "还没有做过回测（gapfinder backtest），过去的缺口后来怎样还不知道。"
_TOPS: Final = (10, 50)
_SHARES: Final = "可以用来排先后，不要当作实际比例"


def is_calibrated(manifest: Mapping[str, Any]) -> bool:
    """Whether the probabilities of a run count as calibrated; a run that does not say so is not."""
    return bool((manifest.get("model") or {}).get("calibrated"))


def calibration_words(manifest: Mapping[str, Any]) -> str:
    """Whether probabilities are calibrated, why, and what that means for the reader."""
    queries = ((manifest.get("model") or {}).get("outcomes") or {}).get("queries")
    wanted = (manifest.get("settings") or {}).get("calibration_labels")
    outcomes = (manifest.get("model") or {}).get("outcomes") or {}
    basis = ((manifest.get("model") or {}).get("content") or {}).get("basis") or {}
    labels = (basis.get("lessons") or {}).get("labels") or 0
    if is_calibrated(manifest):
        by = f"，依据 {queries:,} 个搜索词的真实结果" if queries else ""
        if labels and not outcomes.get("calibrated"):
            by = f"，依据 {labels:,} 个人工标注的搜索词"
        return f"{CALIBRATED}{by}，可以当作实际比例看。"
    if queries == 0:
        return f"{NOT_CALIBRATED}：日志没有记录搜索结果。概率{_SHARES}。"
    if queries and wanted:
        return f"{NOT_CALIBRATED}：结果已知的搜索词有 {queries:,} 个，满 {wanted:,.0f} 个才算。概率{_SHARES}。"
    return f"{NOT_CALIBRATED}，{_SHARES}。"


def model_words(manifest: Mapping[str, Any]) -> str:
    """Which content model judged the notes, and what it learned from; empty where the run does not say."""
    model = (manifest.get("model") or {}).get("content") or {}
    basis = model.get("basis")
    if not basis:
        return ""
    if model.get("origin") != _LEARNED:
        return "内容模型：数据太少，沿用随程序附带的模型。"
    meaning = "，结合语义模型" if basis.get("embedder") else ""
    return (
        f"内容模型：{model['name']}，学自 {basis['snapshot']} 的 {basis['notes']:,} 篇笔记和"
        f" {basis['searches']:,} 次搜索{meaning}。"
    )


def held_out_words(manifest: Mapping[str, Any]) -> str:
    """How the content model did on held-out queries; empty where a run does not say."""
    content = (manifest.get("model") or {}).get("content") or {}
    told = [
        f"{label} {content[test]['auc']:.2f}（{content[test]['queries']:,} 个）"
        for test, label in HELD_OUT.items()
        if (content.get(test) or {}).get("auc") is not None
    ]
    if not told:
        return ""
    return f"内容模型在留出的搜索词上的 AUC（0.5 等于抛硬币，1 是全对）：{'；'.join(told)}。"


def stability_words(manifest: Mapping[str, Any]) -> str:
    """How much of the top of the list is expected to belong there; empty where the list is too short to ask."""
    totals = manifest.get("totals") or {}
    keywords = totals.get("keywords") or 0
    shares = [
        f"前 {top} 名预计 {totals[f'stable_top_{top}']:.0%} 名副其实"
        for top in _TOPS
        if keywords > top and f"stable_top_{top}" in totals
    ]
    return f"榜单稳定性：{'，'.join(shares)}。" if shares else ""


def embedder_words(manifest: Mapping[str, Any]) -> str:
    """What an embedder changed; empty where none was named or it could not be used."""
    effect = (manifest.get("embedder") or {}).get("effect")
    return effect_sentence(effect) if effect else ""


def trust_lines(manifest: Mapping[str, Any]) -> list[str]:
    """All there is to say of a run, a sentence each."""
    said = (calibration_words(manifest), stability_words(manifest), model_words(manifest), embedder_words(manifest))
    return [sentence for sentence in said if sentence]


def rank_words(best: int | None, worst: int | None) -> str:
    """Where in the list a keyword truly stands, as far as that is known."""
    if best is None or worst is None:
        return "名次未知"
    return f"排名稳居第 {best:,}" if best == worst else f"排名在第 {best:,}–{worst:,} 名之间"


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
