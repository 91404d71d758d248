"""The truth behind the market: what an analysis should find, counted from what was really written."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any, Final

from data.samples.market.bank import Category, Keyword
from data.samples.market.notes import END, Note, answers, duplicate_groups
from data.samples.market.searching import BOT, BOT_KEYWORD, BURST_KEYWORD, START, WEEKS, Log, Search

SELLING_POINTS: Final[dict[str, dict[str, tuple[str, ...]]]] = {
    "纸尿裤": {
        "缓解红屁股": ("红屁股", "红屁屁", "尿布疹", "红臀"),
        "防侧漏": ("侧漏", "漏尿"),
        "不勒肚": ("勒肚", "勒痕", "勒印"),
        "防后漏": ("后漏", "背漏"),
        "透气": ("透气", "闷热", "闷汗"),
        "超薄": ("超薄", "轻薄", "纤薄"),
        "柔软": ("柔软", "软不软", "胜在软", "要软", "是软的", "确实软", "很软"),
        "夜用": ("夜用",),
        "不起坨": ("起坨", "断层"),
    },
    "洗发水": {
        "去屑": ("去屑", "头屑", "头皮屑", "掉屑"),
        "控油": ("控油", "油头", "出油", "头油"),
        "防脱": ("防脱", "脱发", "掉发", "掉头发"),
        "蓬松": ("蓬松", "细软塌", "扁塌", "贴头皮", "高颅顶"),
        "止痒": ("止痒", "痒"),
        "留香": ("留香",),
        "柔顺": ("柔顺", "毛躁", "顺滑"),
        "去异味": ("异味", "汗味", "头臭"),
    },
    "精华": {
        "补水": ("补水", "保湿", "锁水"),
        "美白": ("美白",),
        "抗老": ("抗老", "抗初老", "抗衰老"),
        "淡斑": ("淡斑", "祛斑", "色斑", "晒斑", "黄褐斑", "雀斑"),
        "修护": ("修护", "修复"),
        "控油": ("控油", "出油", "油光"),
        "提亮": ("提亮", "暗沉"),
        "抗皱": ("抗皱", "去皱", "皱纹", "细纹", "法令纹", "干纹"),
    },
    "面膜": {
        "补水": ("补水", "保湿", "锁水"),
        "清洁": ("清洁",),
        "美白": ("美白",),
        "修护": ("修护", "修复"),
        "紧致": ("紧致", "松弛", "下垂"),
        "祛痘": ("祛痘", "闷痘", "长痘", "爆痘"),
        "去黄": ("去黄", "黄气", "暗黄", "蜡黄"),
    },
}


def _points(searches: Sequence[Search], notes: Sequence[Note]) -> dict[str, list[dict[str, Any]]]:
    """Demand and supply shares: searches (notes) that name a point among those that name any point."""
    found: dict[str, list[dict[str, Any]]] = {}
    for category, points in SELLING_POINTS.items():
        queries = [one for one in searches if one.keyword is not None and one.keyword.category == category]
        supply = [note for note in notes if note.category == category and note.role in {"good", "weak", "stale"}]
        demand = {
            point: sum(any(form in one.query for form in forms) for one in queries) for point, forms in points.items()
        }
        offered = {
            point: sum(any(form in note.everything for form in forms) for note in supply)
            for point, forms in points.items()
        }
        found[category] = [
            {
                "selling_point": point,
                "forms": list(forms),
                "searches": demand[point],
                "notes": offered[point],
                "demand_share": round(demand[point] / max(1, sum(demand.values())), 4),
                "supply_share": round(offered[point] / max(1, sum(offered.values())), 4),
            }
            for point, forms in points.items()
        ]
    return found


def _words(keywords: Sequence[Keyword], own: dict[str, list[Search]]) -> dict[str, dict[str, Any]]:
    """For each word of the planted keywords: the searches of all keywords that hold it, and how many were unmet."""
    found: dict[str, dict[str, Any]] = {}
    for word in sorted({word for keyword in keywords for word in keyword.words}):
        holding = [keyword for keyword in keywords if word in keyword.words]
        searches = sum(len(own[keyword.text]) for keyword in holding)
        unmet = sum(not one.satisfied for keyword in holding for one in own[keyword.text])
        found[word] = {
            "keywords": len(holding),
            "searches": searches,
            "unmet_share": round(unmet / max(1, searches), 4),
        }
    return found


def _keyword(keyword: Keyword, own: Sequence[Search], log: Log, notes: Sequence[Note]) -> dict[str, Any]:
    raw = Counter(one.query for one in own)
    unmet = sum(not one.satisfied for one in own)
    typing = log.typing[keyword.text]
    return {
        "keyword": keyword.text,
        "words": list(keyword.words),
        "category": keyword.category,
        "kind": keyword.kind,
        "searches": len(own),
        "searches_per_week": round(len(own) / WEEKS, 2),
        "expected_searches_per_week": keyword.per_week,
        "unmet_share": round(unmet / max(1, len(own)), 4),
        "unmet_per_week": round(unmet / WEEKS, 2),
        "trend": keyword.trend,
        "audience": keyword.audience,
        "variants": [
            {"query": query, "how": typing.how(query), "searches": count}
            for query, count in sorted(raw.items(), key=lambda item: (-item[1], item[0]))
        ],
        "answers": answers(keyword, notes),
        "advertising": sorted(
            note.note_id for note in notes if note.topic == keyword.topic and note.role in {"ad", "disclosed"}
        ),
    }


def truth_of(
    market: Sequence[Category], log: Log, notes: Sequence[Note], written: Sequence[Note], seed: int
) -> dict[str, Any]:
    """Everything that was planted, as JSON values."""
    own: dict[str, list[Search]] = defaultdict(list)
    for search in log.searches:
        if search.keyword is not None:
            own[search.keyword.text].append(search)
    keywords = [keyword for category in market for topic in category.topics for keyword in topic.keywords]
    dust = sorted({one.query for one in log.searches if one.keyword is None} - {BOT_KEYWORD, BURST_KEYWORD})
    return {
        "seed": seed,
        "first_day": START.strftime("%Y-%m-%d"),
        "end": END.strftime("%Y-%m-%d"),
        "weeks": WEEKS,
        "searches": len(log.searches),
        "notes": len(notes),
        "kinds": dict(sorted(Counter(keyword.kind for keyword in keywords).items())),
        "keywords": [_keyword(keyword, own[keyword.text], log, notes) for keyword in keywords],
        "words": _words(keywords, own),
        "selling_points": _points(log.searches, notes),
        "launch": {
            "keyword": "新生儿纸尿裤",
            "audience": "孕妈",
            "selling_points": ["缓解红屁股", "防侧漏", "不勒肚"],
        },
        "undisclosed": sorted(note.note_id for note in notes if note.role == "ad"),
        "disclosed": sorted(note.note_id for note in notes if note.role == "disclosed"),
        "near_duplicates": duplicate_groups(notes, written),
        "stale": sorted(note.note_id for note in notes if note.role == "stale"),
        "weak": sorted(note.note_id for note in notes if note.role == "weak"),
        "undated": sorted(note.note_id for note in notes if note.published is None),
        "emoji_only": sorted(note.note_id for note in notes if note.role == "emoji"),
        "elsewhere": sorted(note.note_id for note in notes if note.role == "elsewhere"),
        "bots": [{"user_id": BOT, "keyword": BOT_KEYWORD}],
        "bursts": [{"keyword": BURST_KEYWORD, "users": [f"u91{number:03d}" for number in range(60)]}],
        "dust": dust,
    }
