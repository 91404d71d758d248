"""The Chinese words of the page for the codes of a run, and numbers as Chinese readers write them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

from gapfinder.results import GAP_KIND_LABELS, GAP_KINDS, PARTS, Gap, Volume

KIND_NOTES: Final = {
    "missing": "几乎没有笔记回答这个问题",
    "wording": "有人写过，但用的是另一种说法，搜的人看不到",
    "weak": "有相关笔记，但答得浅、不对题或质量不高",
    "stale": "回答过，但已经过时",
    "ads_only": "看到的回答几乎都是广告",
    "unsure": "数据太少，暂时下不了结论",
    "met": "现有内容已经能回答",
}
PART_LABELS: Final = PARTS
FLAG_LABELS: Final = {
    "few_searches": "搜索次数偏少",
    "few_searchers": "搜索人数偏少",
    "bot": "含机器搜索，已扣除",
    "burst": "有突发刷量，已扣除",
    "repeated": "有人反复搜索，已封顶",
    "demand_differs": "有效搜索少于搜索次数",
    "supply_at_least": "相关内容可能未取全，供给按下限估计",
    "notes_at_least": "笔记取到上限为止，实际可能更多",
    "demand_from_volume": "无人搜索，需求取自导入的搜索量",
    "gap": "供给明显少于平均水平",
    "no_outcomes": "日志没有记录搜索结果，只凭内容判断",
    "rising_early": "刚开始上升",
    "little_data": "数据太少，暂不下结论",
    "typed_in_list": "来自指定的关键词清单",
    "queries_hidden": "部分搜索词因人数过少或疑似个人信息未展示",
    "not_searched": "还没有人搜",
    "ambiguous_name": "名称有歧义，可能混入其他意思",
}
TREND_LABELS: Final = {"rising": "上升", "flat": "平稳", "falling": "下降", "unknown": "未知"}
TREND_MARKS: Final = {"rising": "↗", "flat": "→", "falling": "↘", "unknown": "·"}
INTENT_LABELS: Final = {  # of comments; who only lures others elsewhere is named last
    "question": "提问",
    "link": "求链接",
    "price": "问价",
    "positive": "夸",
    "negative": "抱怨",
    "other": "其他",
    "lure": "引流",
}
LEVEL_LABELS: Final = {  # of what notes and queries speak of
    "category": "品类",
    "brand": "品牌",
    "product": "产品",
    "point": "卖点",
    "crowd": "人群",
    "scene": "场景",
}
STANDING_LABELS: Final = {"theirs": "独有", "shared": "与对手共有", "rivals": "对手在讲", "untapped": "没人讲"}
QUERY_INTENT_LABELS: Final = {
    "buy": "购买",
    "problem": "解决问题",
    "choose": "挑选",
    "how": "了解、学用法",
    "product": "找产品",
    "other": "其他",
}
UNIT_LABELS: Final = {"count": "次", "index": "指数", "bucket": "区间", "rank": "名次"}
TOTAL_LABELS: Final = {
    "searches": "搜索",
    "searchers": "搜索用户",
    "notes": "笔记",
    "queries": "不同搜索词",
    "keywords": "关键词",
}
DROPPED_LABELS: Final = {
    "wordless_searches": "只有符号或表情的搜索",
    "dropped_queries": "次数或人数不足、未单独成词的搜索词",
    "dropped_searches": "这些搜索词的搜索次数",
    "dropped_keywords": "超出数量上限的关键词",
    "bots": "判定为机器的用户",
    "bot_searches": "机器用户的搜索",
    "duplicate_notes": "近似重复、只算一次的笔记",
}

_LIKELY: Final = 0.05  # kinds less probable are not named
_HUNDRED: Final = 100
_TENTH: Final = 0.1
_TRIFLE: Final = 0.02  # a kind less probable is not named
_TEN_THOUSAND: Final = 10_000
_HUNDRED_MILLION: Final = 100_000_000


def notes_beside_searchers(gap: Gap) -> str:
    """What the probabilities of notes don't hold: they go by words, and searchers may think otherwise; or nothing."""
    known = gap["satisfied"] + gap["unsatisfied"]
    if not known or not gap["evidence_notes"]:
        return ""
    unmet = f"结果已知的 {known:,} 次搜索里有 {gap['unsatisfied']:,} 次没有得到满足"
    return f"“能回答”只看文字；{unmet}，这已计入未满足的概率。"


def named_parts(parts: Mapping[str, float]) -> list[tuple[str, str, float]]:
    """The parts of a decomposition as (part, label, searches a week), in the order in which they add up."""
    places = {part: place for place, part in enumerate(PART_LABELS)}
    ordered = sorted(parts.items(), key=lambda item: places.get(item[0], len(places)))
    return [(part, PART_LABELS.get(part, part), value) for part, value in ordered]


def flag_label(flag: str) -> str:
    """What a flag means."""
    return FLAG_LABELS.get(flag, flag)


def matching_words(gap: Gap) -> str:
    """Matching notes of a gap: "至少" where the notes that were brought stop at a limit."""
    return f"{'至少 ' if 'notes_at_least' in gap['flags'] else ''}{gap['notes_matching']:,}"


def volume_words(volume: Volume) -> str:
    """An imported figure in its own unit; a bucket as the range that it is."""
    low, high, unit = volume["low"], volume["high"], UNIT_LABELS.get(volume["unit"], volume["unit"])
    figure = number(volume["volume"]) if low is None or high is None else f"{number(low)}–{number(high)}"
    since = f"（{volume['period_start']} 起）" if volume["period_start"] else ""
    return f"{volume['source'] or '未注明来源'}：{figure} {unit}{since}"


def kinds_words(gap: Gap) -> str:
    """The kinds that a keyword may be of with their probabilities, the likeliest first; trifles are left out."""
    likely = sorted(gap["kind_probabilities"].items(), key=lambda item: (-item[1], GAP_KINDS.index(item[0])))
    named = [f"{GAP_KIND_LABELS[kind]} {share:.0%}" for kind, share in likely if share >= _TRIFLE]
    return "、".join(named)


def number(value: float | None) -> str:
    """A count or amount as read in a report: one decimal below 100, grouped above, 万 and 亿 for large ones."""
    if value is None or not math.isfinite(value):
        return "–"
    size = abs(value)
    if size >= _HUNDRED_MILLION:
        return f"{value / _HUNDRED_MILLION:.2f} 亿"
    if size >= 10 * _TEN_THOUSAND:
        return f"{value / _TEN_THOUSAND:.1f} 万"
    if size >= _HUNDRED or value == int(value):
        return f"{value:,.0f}"
    return f"{value:.1f}" if round(size, 2) >= 1 else f"{value:.2f}"


def signed(value: float | None) -> str:
    """A difference with its sign."""
    if value is None or not math.isfinite(value):
        return "–"
    return ("+" if value > 0 else "−" if value < 0 else "") + number(abs(value))


def percent(value: float | None) -> str:
    """A rate of 0 to 1 as a whole percentage."""
    return "–" if value is None or not math.isfinite(value) else f"{value * 100:.0f}%"


def fine_percent(value: float | None) -> str:
    """A rate of 0 to 1 as a percentage with one decimal below 10%, for shares among many."""
    if value is None or not math.isfinite(value):
        return "–"
    return f"{value:.1%}" if 0 < round(value, 3) < _TENTH else f"{value:.0%}"


def tenth(value: float) -> str:
    """An amount to one decimal, as small ones are compared; what rounds to nothing is 0."""
    return number(value) if value >= _HUNDRED else f"{value:.1f}" if round(value, 1) else "0"


def times(value: float | None) -> str:
    """How many times as much."""
    if value is None or not math.isfinite(value):
        return "–"
    return f"{value:,.0f}" if value >= 10 * _TENTH * _HUNDRED else f"{value:.1f}"


def comments_words(comments: Mapping[str, int]) -> str:
    """What comments want, without those that want nothing in particular."""
    told = [(label, comments.get(intent, 0)) for intent, label in INTENT_LABELS.items() if intent != "other"]
    return "、".join(f"{label} {count:,}" for label, count in told if count)


def signed_percent(value: float | None) -> str:
    """A change as a percentage with its sign."""
    return "–" if value is None or not math.isfinite(value) else f"{value * 100:+.0f}%".replace("-", "−")


def yuan(value: float | None) -> str:
    """An amount of money."""
    return "–" if value is None or not math.isfinite(value) else f"¥{value:,.2f}"
