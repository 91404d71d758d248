"""What is sold and paid: ads, keyword figures, products, orders, and what people say under notes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from random import Random
from typing import Any, Final

from data.samples.market.bank import Category, Keyword, expand
from data.samples.market.notes import END, Note
from data.samples.market.searching import START, WEEKS
from data.samples.market.writing import Lines, slots_of

_CPC: Final = {"missing": 0.62, "wording": 1.1, "weak": 0.95, "stale": 1.3, "ads_only": 3.4, "met": 2.1}
_FIXED_CPC: Final = {"新生儿纸尿裤": 0.42, "纸尿裤推荐": 3.6, "纸尿裤": 2.9, "防脱洗发水": 4.2, "抗老精华": 4.6}
_SERIES: Final = {
    "纸尿裤": ("云柔纸尿裤", "薄睡纸尿裤", "轻动拉拉裤"),
    "洗发水": ("净屑洗发水", "轻盈洗发水", "固本洗发水"),
    "精华": ("透光精华", "安稳精华", "弹润精华"),
    "面膜": ("水库面膜", "净泥面膜", "晚安面膜"),
}
_PRICES: Final = {"纸尿裤": (69, 189), "洗发水": (39, 119), "精华": (89, 329), "面膜": (39, 159)}
_POINTS: Final = {
    "纸尿裤": "透气 超薄 柔软 瞬吸 夜用 不起坨",
    "洗发水": "去屑 控油 防脱 蓬松 止痒 留香",
    "精华": "补水 美白 抗老 修护 控油 提亮",
    "面膜": "补水 清洁 提亮 修护 紧致 收缩毛孔",
}


def advertised(keywords: Sequence[Keyword]) -> list[Keyword]:
    """The keywords somebody bids on: most that are searched a lot, gaps and answered ones."""
    often = sorted((one for one in keywords if one.kind in _CPC), key=lambda one: (-one.per_week, one.text))
    gaps = [one for one in often if one.kind != "met"][:22]
    return [one for one in often if one.kind == "met"][:30] + gaps


def cpc_of(keyword: Keyword, rng: Random) -> float:
    """Cost per click in yuan: cheap where nobody competes."""
    return _FIXED_CPC.get(keyword.text, _CPC[keyword.kind] * rng.uniform(0.75, 1.3))


def ad_rows(keywords: Sequence[Keyword], notes: Sequence[Note], rng: Random) -> list[list[Any]]:
    """Rows of ads.xlsx: a keyword and day each."""
    filed = [note for note in notes if note.role == "disclosed"]
    rows = []
    for keyword in advertised(keywords):
        cpc = cpc_of(keyword, rng)
        own = [note.note_id for note in filed if note.category == keyword.category]
        note, value = rng.choice(own), rng.uniform(90, 220)
        rate = 0.045 if keyword.text == "新生儿纸尿裤" else rng.uniform(0.008, 0.03)
        for day in range(0, WEEKS * 7, 2):
            impressions = int(keyword.per_week / 7 * rng.uniform(1.0, 2.2)) + rng.randint(3, 20)
            clicks = sum(rng.random() < 0.07 for _ in range(impressions))
            conversions = sum(rng.random() < rate for _ in range(clicks))
            rows.append(
                [
                    keyword.text,
                    (START + timedelta(days=day)).strftime("%Y-%m-%d"),
                    impressions,
                    clicks,
                    round(clicks * cpc * rng.uniform(0.88, 1.12), 2),
                    conversions,
                    round(conversions * value * rng.uniform(0.7, 1.3), 2),
                    note,
                    round(rng.uniform(1.0, 2.2 if keyword.kind == "missing" else 5.5), 1),
                ]
            )
    return rows


def volume_rows(keywords: Sequence[Keyword], rng: Random) -> list[list[Any]]:
    """A keyword tool's export: index, competition and bid, no word on supply."""
    rows = []
    for keyword in sorted(keywords, key=lambda one: (one.category, -one.per_week, one.text)):
        if keyword.kind == "unsure" or keyword.per_week < 14:
            continue
        scarce = keyword.kind in {"missing", "wording", "weak"}
        score = rng.randint(6, 30) if scarce else rng.randint(45, 98)
        level = "低" if score < 34 else "中" if score < 67 else "高"
        bid = _FIXED_CPC.get(keyword.text, _CPC[keyword.kind] * rng.uniform(0.8, 1.25)) * 1.15
        why = rng.choice(("高点击", "上游词", "下游词", "行业热词"))
        index = round(keyword.per_week * 4.3 * rng.uniform(15, 19))
        rows.append([keyword.category, keyword.text, why, score, level, index, f"{bid:.2f}"])
    return rows


def product_rows(market: Sequence[Category], rng: Random) -> list[dict[str, Any]]:
    """Products of the invented brands."""
    rows: list[dict[str, Any]] = []
    for category in market:
        low, high = _PRICES[category.name]
        for brand in category.brands:
            for series in _SERIES[category.name]:
                rows.append(
                    {
                        "product_id": f"p{len(rows) + 1:03d}",
                        "name": f"{brand}{series}",
                        "brand": brand,
                        "category": category.name,
                        "aliases": f"{brand}{category.name}|{brand}{series[:2]}",
                        "selling_points": "|".join(rng.sample(_POINTS[category.name].split(), rng.randint(2, 3))),
                        "price": rng.randint(low, high),
                        "launched_at": (END - timedelta(days=rng.randint(60, 1400))).strftime("%Y-%m-%d"),
                    }
                )
    return rows


def order_rows(
    products: Sequence[dict[str, Any]], notes: Sequence[Note], keywords: Sequence[Keyword], rng: Random
) -> list[dict[str, Any]]:
    """Orders of the twelve weeks, some with the note or keyword that led to them."""
    sources = [note for note in notes if note.role in {"good", "disclosed", "ad"}]
    by_brand = {
        brand: [note for note in sources if note.brand == brand] for brand in {one["brand"] for one in products}
    }
    rows = []
    for number in range(2600):
        product = rng.choice(products)
        quantity = rng.choices((1, 2, 3, 4), (70, 20, 7, 3))[0]
        led = by_brand[product["brand"]]
        words = [one.text for one in keywords if one.category == product["category"] and one.kind != "unsure"]
        ordered = START + timedelta(seconds=rng.randint(0, WEEKS * 7 * 86400 - 1))
        rows.append(
            {
                "order_id": f"o{number + 1:05d}",
                "product_id": product["product_id"],
                "ordered_at": ordered.strftime("%Y-%m-%d %H:%M:%S"),
                "quantity": quantity,
                "revenue": f"{quantity * product['price'] * rng.uniform(0.8, 1):.2f}",
                "source_note_id": rng.choice(led).note_id if led and rng.random() < 0.4 else "",
                "source_keyword": rng.choice(words) if rng.random() < 0.3 else "",
                "channel": rng.choice(("笔记", "搜索", "直播", "店铺")),
            }
        )
    return sorted(rows, key=lambda row: (row["ordered_at"], row["order_id"]))


def comment_rows(
    market: Sequence[Category], notes: Sequence[Note], users: Sequence[str], common: Lines, rng: Random
) -> list[dict[str, Any]]:
    """Comments under notes of the four categories: questions, pleas for a link, praise, complaints, chatter."""
    kinds = ("question", "link", "praise", "complaint", "other")
    by_name = {category.name: category for category in market}
    under = [note for note in notes if note.category and note.published is not None and note.role != "weak"]
    rows = []
    for number in range(3600):
        note = rng.choice(under)
        weights = (12, 24, 18, 34, 12) if note.role == "ad" else (28, 14, 30, 12, 16)
        kind = rng.choices(kinds, weights)[0]
        slots = slots_of(by_name[note.category], rng, note.text.tags[0])
        text = expand(rng.choice(common[f"comment_{kind}"]), rng, slots)
        assert note.published is not None
        most = int((END - note.published).total_seconds()) - 1
        at = note.published + timedelta(seconds=min(most, int(rng.expovariate(1 / 500_000))))
        rows.append(
            {
                "comment_id": f"m{number + 1:05d}",
                "note_id": note.note_id,
                "text": text,
                "user_id": rng.choice(users),
                "commented_at": at.strftime("%Y-%m-%d %H:%M:%S"),
                "likes": int(rng.expovariate(1 / 3)),
            }
        )
    return rows
