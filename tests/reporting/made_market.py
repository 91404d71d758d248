"""A market made by hand: two categories with points, hostile names, one with too little data, brands and audiences."""

from __future__ import annotations

from typing import Any

from gapfinder.market.results import Audience, KeywordAudience, MarketRow, PointKeyword, ProductGap, SellingPoint
from gapfinder.reporting.market_part import MarketPart
from gapfinder.results import Trend
from tests.reporting.made_run import FORMULA, MARKUP

TREND: Trend = {
    "direction": "rising",
    "change": 0.4,
    "low": 0.2,
    "high": 0.6,
    "weekly": [3, 4, 6],
    "festivals": [],
    "surge": None,
}


def made_keyword(keyword: str, unmet: float, kind: str = "missing") -> PointKeyword:
    return {
        "keyword": keyword,
        "searches": 120,
        "unmet_per_week": unmet,
        "unmet_low": unmet * 0.8,
        "unmet_high": unmet * 1.2,
        "gap_kind": kind,
    }


def made_audience(name: str = "宝妈", lift: float = 3.0, **changes: Any) -> Audience:
    found: Audience = {
        "audience": name,
        "found": False,
        "searchers": 80,
        "share": 0.6,
        "lift": lift,
        "lift_low": lift * 0.9,
        "lift_high": lift * 1.1,
        "category_lift": None,
        "q_value": 0.001,
        "evidence_queries": ["纸尿裤"],
    }
    return found | changes  # type: ignore[return-value]  # keyword arguments are named by the tests themselves


def made_point(name: str, unmet: float, keywords: list[PointKeyword], **changes: Any) -> SellingPoint:
    point: SellingPoint = {
        "category": "纸尿裤",
        "selling_point": name,
        "variants": [name, f"{name}的"],
        "searches": 240,
        "searchers": 180,
        "people": None,
        "demand_per_week": 20.0,
        "demand_share": 0.145,
        "notes": 5,
        "supply": 4.5,
        "supply_share": 0.021,
        "lift": 6.16,
        "lift_low": 3.5,
        "lift_high": 14.7,
        "underserved": True,
        "trend": TREND,
        "unmet_probability": 0.8,
        "unmet_per_week": unmet,
        "unmet_low": unmet * 0.8,
        "unmet_high": unmet * 1.2,
        "gap_kind": "missing",
        "verdict": "write",
        "polarity": {"praised": 7, "complained": 2, "asked": 1, "named": 9},
        "brands": [{"brand": f"{MARKUP}牌", "notes": 3, "share": 0.1, "lift": 2.0, "lift_low": 1.2, "lift_high": 3.0}],
        "products": [{"product_id": "p1", "name": MARKUP, "brand": None, "claims": True, "notes": 2}],
        "keywords": keywords,
        "audiences": [made_audience("孕妈", 2.5), made_audience(MARKUP, 1.4)],
        "evidence_queries": [
            {
                "query": f"{MARKUP}{name}",
                "searches": 90,
                "searchers": 70,
                "people": None,
                "satisfied": 10,
                "unsatisfied": 60,
                "unknown": 20,
            }
        ],
        "evidence_notes": [
            {
                "note_id": "note-9",
                "title": f"{MARKUP}笔记",
                "published_at": "2026-05-01",
                "answers": 0.3,
                "visibility": 1.0,
                "freshness": 0.9,
                "quality": 0.8,
                "supply": 0.2,
                "disclosed": False,
                "undisclosed_probability": 0.1,
                "duplicates": 0,
                "found_by": "words",
                "matched": [name],
                "reasons": ["多半没有回答这个需求"],
            }
        ],
        "flags": [],
        "reason": f"每周约 20 次搜索，{name}：要的人多、写的人少。",
    }
    return point | changes  # type: ignore[return-value]  # likewise


def made_row(name: str, level: str = "category", **changes: Any) -> MarketRow:
    category = name if level == "category" else "纸尿裤"
    row: MarketRow = {
        "name": name,
        "level": level,
        "category": category,
        "parent": None,
        "path": [category],
        "depth": 0,
        "children": 0,
        "brand": name if level == "brand" else None,
        "product_id": None,
        "searches": 900,
        "searchers": 700,
        "people": None,
        "demand_per_week": 75.0,
        "notes": 300,
        "recent_notes": 200,
        "supply": 280.0,
        "share_of_search": {"share": 0.42, "low": 0.4, "high": 0.45},
        "share_of_voice": {"share": 0.08, "low": 0.061, "high": 0.09},
        "trend": TREND,
        "newcomer": False,
        "tail": {
            "brands": 12,
            "once": 1,
            "hhi": 0.16,
            "top3": 0.53,
            "last_tenth": 6,
            "unseen": 0.002,
            "chao1": 12.5,
        }
        if level == "category"
        else None,
        "rising_points": ["防侧漏"] if level == "category" else [],
        "points": [],
        "comments": {"question": 12, "link": 3, "other": 40} if level == "category" else {},
        "audiences": [made_audience()],
        "too_little": 0,
        "flags": [],
    }
    return row | changes  # type: ignore[return-value]  # likewise


def made_market() -> MarketPart:
    """Points in the order of a run, the underserved first."""
    silent = {"searches": 0, "searchers": 0, "demand_per_week": 0.0, "demand_share": 0.0, "underserved": False}
    points = [
        made_point("缓解红屁股", 29.0, [made_keyword("缓解红屁股", 28.9568)]),
        made_point(MARKUP, 25.8, [made_keyword("防侧漏不勒肚", 24.323), made_keyword(FORMULA, 1.481)]),
        made_point(
            "防侧漏", 25.8, [made_keyword("防侧漏不勒肚", 24.323), made_keyword("不漏", 0.0)], underserved=False
        ),
        made_point(
            "干爽",
            0.0,
            [],
            **silent,
            supply_share=None,
            lift=None,
            lift_low=None,
            lift_high=None,
            notes=59,
            audiences=[],
        ),
        made_point("控油", 12.0, [made_keyword("控油蓬松", 12.4)], category="洗发水"),
    ]
    standing = {
        "notes": 4,
        "rivals": [],
        "praised": 1,
        "complained": 0,
        "comments_praised": 11,
        "comments_complained": 4,
        "positive": {"share": 0.75, "low": 0.5443, "high": 0.8871},
        "unmet_per_week": 3.0,
        "unmet_low": 2.0,
    }
    market = [
        made_row("纸尿裤"),
        made_row("洗发水", audiences=[]),
        made_row("口红", too_little=123, tail=None),
        made_row(
            f"{MARKUP}棉",
            "brand",
            newcomer=True,
            points=[{**standing, "selling_point": "防侧漏", "standing": "theirs", "gap_kind": "missing"}],
        ),
        made_row("云朵熊", "brand", share_of_search={"share": None, "low": None, "high": None}),
        made_row("云朵熊拉拉裤", "product", brand="云朵熊", product_id="p7"),
    ]
    audiences: list[KeywordAudience] = [
        {
            "keyword": keyword,
            "category": "纸尿裤",
            "searchers": 150,
            "people": None,
            "grouped": 130,
            "audiences": [made_audience("孕妈", lift), made_audience(f"{MARKUP}党", 1.5, found=True)],
            "flags": [],
        }
        for keyword, lift in (("缓解红屁股", 12.6), ("新生儿纸尿裤", 3.2))
    ]
    gap = ProductGap(
        category="纸尿裤",
        selling_point="缓解红屁股",
        keyword="缓解红屁股",
        product_id="p7",
        product=FORMULA,
        brand="云朵熊",
        claims=True,
        searches=348,
        demand_per_week=29.0,
        notes=1,
        supply=0.4,
        unmet_probability=0.95,
        unmet_per_week=27.55,
        unmet_low=24.0,
        unmet_high=29.0,
        gap_kind="missing",
        verdict="write",
        market_unmet_per_week=25.0,
        market_gap_kind="missing",
    )
    return MarketPart(points, audiences, market, hidden_points=2, product_gaps=[gap])
