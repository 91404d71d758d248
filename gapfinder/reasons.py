"""The one Chinese sentence that says why a keyword is a gap, from its own numbers."""

from __future__ import annotations

from gapfinder.results import VERDICT_LABELS, Gap


def reason_of(gap: Gap) -> str:
    """One sentence a strategist can repeat, with the figures that carry it."""
    demand = f"每周约 {gap['demand_per_week']:,.0f} 次搜索" if gap["demand_per_week"] >= 1 else "每周不到 1 次搜索"
    unmet = f"约 {gap['unmet_per_week']:,.0f} 次没有得到满足"
    matching = gap["notes_matching"]
    notes = f"{'至少 ' if 'notes_at_least' in gap['flags'] else ''}{matching:,} 篇"
    kind = gap["gap_kind"]
    if kind == "met":
        held = f"{notes}笔记提到" if matching else "虽然没有笔记写全这些词"
        return f"{demand}，{held}，现有内容大体能满足。"
    if kind == "unsure":
        return f"{demand}，数据太少，还不能判断内容够不够。"
    why = {
        "missing": "没有一篇笔记提到" if not matching else f"{notes}笔记提到这些词，却几乎没有真正回答的",
        "wording": "答案写在别的说法下面"
        + (f"（{'、'.join(gap['synonyms'][:3])}）" if gap["synonyms"] else "")
        + "，用这个词搜不到",
        "weak": f"{notes}相关笔记，但内容单薄或读后并不满意",
        "stale": f"{notes}相关笔记大多已经过时",
        "ads_only": f"{notes}相关笔记大多是广告",
    }[kind]
    return f"{demand}，{unmet}：{why}。"


def advice_of(gap: Gap) -> str:
    """What to do about a gap, with the words that the existing notes use where that is the point."""
    advice = VERDICT_LABELS[gap["verdict"]]
    if gap["verdict"] == "retitle" and gap["synonyms"]:
        words = "”“".join(gap["synonyms"][:3])
        return f"{advice}。现有笔记写的是“{words}”，把“{gap['keyword']}”也写进标题和话题。"
    return advice
