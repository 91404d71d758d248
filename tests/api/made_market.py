"""The market of the made run, by hand: rows with many and few searchers, of people who are known or not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
import pyarrow as pa

from gapfinder.market.results import (
    AUDIENCES,
    MARKET,
    PARTS,
    PRODUCT_GAPS,
    SELLING_POINTS,
    SUGGESTIONS,
    TOGETHER,
    Audience,
    KeywordAudience,
    MarketRow,
    NameSuggestion,
    ProductGap,
    QueryParts,
    SearchedTogether,
    SellingPoint,
)
from gapfinder.runs import Run
from indexer.stores.contract import RUN_ROWS
from indexer.stores.memory import MemoryStore
from tests.api.served import later
from tests.reporting.made_run import PHONE, PHONE_QUERY, RARE, RARE_QUERY, SLASH, made_info, made_run, run_rows

KEYWORD = "新生儿纸尿裤"
FEW_POINT = "只有三个人要的卖点"
FEW_BRAND = "少有人搜的牌子"
FEW_NAME = "小区那家店"
SECRETS = (RARE, PHONE, RARE_QUERY, PHONE_QUERY, FEW_POINT, FEW_NAME, "mom_shop99")


def made_audience(name: str = "孕妈", **changes: Any) -> Audience:
    """A group of people."""
    row: Audience = {
        "audience": name,
        "found": False,
        "searchers": 120,
        "share": 0.6,
        "lift": 3.1,
        "lift_low": 2.5,
        "lift_high": 3.9,
        "category_lift": 1.7,
        "q_value": 0.001,
        "evidence_queries": [KEYWORD, RARE, "拉拉裤"],
    }
    return row | changes  # type: ignore[return-value]  # keyword arguments are named by the tests themselves


def made_parts(keyword: str = KEYWORD) -> QueryParts:
    """A keyword taken apart."""
    return QueryParts(
        keyword=keyword,
        intent="product",
        category="纸尿裤",
        brand=None,
        product_id=None,
        thing="纸尿裤",
        needs=[],
        crowd=["新生儿"],
        scene=[],
        price=[],
        question=[],
        places=[
            {"part": "crowd", "words": "新生儿", "start": 0, "end": 3},
            {"part": "category", "words": "纸尿裤", "start": 3, "end": 6},
        ],
    )


def made_point(name: str, category: str = "纸尿裤", **changes: Any) -> SellingPoint:
    """A selling point with everything that can stand in one."""
    gap = made_run().gaps[0]
    queries = ((f"{name} {category}", 80), (RARE_QUERY, 2), (PHONE_QUERY, 30))
    row: SellingPoint = {
        "category": category,
        "selling_point": name,
        "variants": [name, f"{name}{category}", "少见的说法"],
        "searches": 240,
        "searchers": 190,
        "people": None,
        "demand_per_week": 20.0,
        "demand_share": 0.2,
        "notes": 12,
        "supply": 9.5,
        "supply_share": 0.05,
        "lift": 4.0,
        "lift_low": 2.8,
        "lift_high": 5.6,
        "underserved": True,
        "trend": gap["trend"],
        "unmet_probability": 0.7,
        "unmet_per_week": 14.0,
        "unmet_low": 11.0,
        "unmet_high": 17.0,
        "gap_kind": "missing",
        "verdict": "write",
        "polarity": {"praised": 3, "complained": 1, "asked": 2, "named": 6},
        "brands": [
            {"brand": "云朵熊", "notes": 5, "share": 0.1, "lift": 2.0, "lift_low": 1.1, "lift_high": 3.5},
        ],
        "products": [{"product_id": "p1", "name": "云朵熊纸尿裤", "brand": "云朵熊", "claims": True, "notes": 2}],
        "keywords": [
            {
                "keyword": keyword,
                "searches": 90,
                "unmet_per_week": 5.0,
                "unmet_low": 4.0,
                "unmet_high": 6.0,
                "gap_kind": "missing",
            }
            for keyword in (KEYWORD, RARE)
        ],
        "audiences": [made_audience(), made_audience("少数人", searchers=4)],
        "evidence_queries": [
            {
                "query": query,
                "searches": people + 3,
                "searchers": people,
                "people": None,
                "satisfied": 1,
                "unsatisfied": 1,
                "unknown": people + 1,
            }
            for query, people in queries
        ],
        "evidence_notes": [*gap["evidence_notes"], *made_run().gaps[1]["evidence_notes"]],
        "flags": [],
        "reason": "每周约 20 次搜索，12 篇笔记提到。",
    }
    return row | changes  # type: ignore[return-value]  # likewise


def made_gap(keyword: str, point: str, product: str = "p1", kind: str = "missing") -> ProductGap:
    """What a product leaves unanswered."""
    return ProductGap(
        category="洗发水" if point == "控油" else "纸尿裤",
        selling_point=point,
        keyword=keyword,
        product_id=product,
        product={"p1": "云朵熊纸尿裤", "p2": "云朵熊拉拉裤"}.get(product, "麦洛洗发水"),
        brand="麦洛" if product == "p3" else "云朵熊",
        claims=True,
        searches=90,
        demand_per_week=7.5,
        notes=0,
        supply=0.0,
        unmet_probability=0.9,
        unmet_per_week=6.75,
        unmet_low=5.0,
        unmet_high=7.5,
        gap_kind=kind,
        verdict="write",
        market_unmet_per_week=5.0,
        market_gap_kind="missing",
    )


def made_gaps() -> list[ProductGap]:
    """Gaps of three products; of a keyword and of a point that few people searched, too."""
    return [
        made_gap(KEYWORD, "缓解红屁股"),
        made_gap(RARE, "缓解红屁股"),
        made_gap(KEYWORD, "缓解红屁股", "p2", "weak"),
        made_gap(KEYWORD, FEW_POINT),
        made_gap(SLASH, "控油", "p3"),
    ]


def made_points() -> list[SellingPoint]:
    """Points of two categories: of many people, of few, of nobody, of people who are not known."""
    unknown = [{**query, "searchers": None} for query in made_point("控油", "洗发水")["evidence_queries"][::2]]
    met: dict[str, Any] = {"underserved": False, "gap_kind": "met", "verdict": "none"}
    nobody: dict[str, Any] = {
        "searches": 0,
        "searchers": 0,
        "people": None,
        "demand_per_week": 0.0,
        "evidence_queries": [],
        "keywords": [],
    }
    return [
        made_point("缓解红屁股"),
        made_point(FEW_POINT, searches=9, searchers=3),
        made_point("夜用", gap_kind="weak", verdict="write"),
        made_point("柔软", **met, **nobody, flags=["not_searched"]),
        made_point("控油", "洗发水", searchers=None, evidence_queries=unknown),
        made_point("留香", "洗发水", **met),
    ]


def made_row(name: str, level: str, category: str = "纸尿裤", **changes: Any) -> MarketRow:
    """A row of the market."""
    point = made_point("缓解红屁股")
    row: MarketRow = {
        "name": name,
        "level": level,
        "category": category,
        "parent": None,
        "path": [category],
        "depth": 0,
        "children": 0,
        "brand": None if level == "category" else "云朵熊",
        "product_id": None,
        "searches": 500,
        "searchers": 400,
        "people": None,
        "demand_per_week": 40.0,
        "notes": 60,
        "recent_notes": 20,
        "supply": 55.0,
        "share_of_search": {"share": 0.4, "low": 0.35, "high": 0.45},
        "share_of_voice": {"share": 0.3, "low": 0.25, "high": 0.35},
        "trend": point["trend"],
        "newcomer": False,
        "tail": None,
        "rising_points": [],
        "points": [],
        "audiences": [made_audience()],
        "too_little": 0,
        "comments": {},
        "flags": [],
    }
    return row | changes  # type: ignore[return-value]  # likewise


def made_rows() -> list[MarketRow]:
    """Two categories, brands and products."""
    tail = {"brands": 6, "once": 1, "hhi": 0.2, "top3": 0.6, "last_tenth": 2, "unseen": 0.01, "chao1": 7.0}
    standings = [
        {
            "selling_point": name,
            "standing": "untapped",
            "notes": 0,
            "rivals": [],
            "praised": 0,
            "complained": 0,
            "comments_praised": 4,
            "comments_complained": 2,
            "positive": {"share": 0.6667, "low": 0.3508, "high": 0.8888},
            "unmet_per_week": 5.0,
            "unmet_low": 4.0,
            "gap_kind": "missing",
        }
        for name in ("缓解红屁股", FEW_POINT)
    ]
    few: dict[str, Any] = {"searches": 7, "searchers": 3}
    return [
        made_row("纸尿裤", "category", tail=tail, rising_points=["缓解红屁股", FEW_POINT]),
        made_row("洗发水", "category", "洗发水", tail=tail, **few, rising_points=["控油"], too_little=290),
        made_row("云朵熊", "brand", points=standings),
        made_row("云朵熊", "brand", "洗发水", **few, notes=0, flags=["ambiguous_name"]),
        made_row(FEW_BRAND, "brand", **few),
        made_row(FEW_NAME, "brand", **few, notes=0),
        made_row("云朵熊纸尿裤", "product", product_id="p1", searchers=None),
        made_row("云朵熊拉拉裤", "product", product_id="p2", searches=0, searchers=0, audiences=[]),
    ]


def made_suggestions() -> list[NameSuggestion]:
    """Names from titles, from queries of many, and from queries of few."""
    rows = (("麦洛", True, 3, 2, 40), ("新生儿", False, 0, 4, 90), (FEW_NAME, True, 0, 1, 7))
    brands: list[NameSuggestion] = [
        {
            "kind": "brand",
            "name": name,
            "latin": "",
            "brand": None,
            "category": None,
            "series": "",
            "functions": [],
            "certainty": None,
            "sure": sure,
            "titles": titles,
            "queries": queries,
            "searches": searches,
            "examples": [RARE_QUERY, PHONE_QUERY],
        }
        for name, sure, titles, queries, searches in rows
    ]
    products = (
        ("云朵熊", "云感", 3),
        ("云朵熊", FEW_NAME, 0),
        ("缓解", "红屁股", 0),
    )  # the last is a keyword that is shown
    return brands + [
        {
            **brands[0],
            "kind": "product",
            "name": f"{brand}{series}纸尿裤",
            "brand": brand,
            "category": "纸尿裤",
            "series": series,
            "functions": ["透气"],
            "certainty": 0.8,
            "titles": titles,
        }
        for brand, series, titles in products
    ]


def made_audiences(run: Run) -> list[KeywordAudience]:
    """A row for each keyword of a run."""
    return [
        {
            "keyword": gap["keyword"],
            "category": gap["category"],
            "searchers": gap["searchers"] or 0,
            "people": None,
            "grouped": (gap["searchers"] or 0) // 2,
            "audiences": [made_audience(), made_audience("少数人", searchers=4)] if gap["searchers"] else [],
            "flags": [] if gap["searchers"] else ["few_searchers"],
        }
        for gap in run.gaps
    ]


def made_together() -> list[SearchedTogether]:
    """Neighbours of a keyword that is shown and of two that are not."""
    steps = (("拉拉裤", 30), (RARE_QUERY, 4), (PHONE_QUERY, 30))
    return [
        {
            "keyword": keyword,
            "before": [{"keyword": one, "people": people, "lift": 1.5} for one, people in steps[1:]],
            "after": [{"keyword": one, "people": people, "lift": 1.5} for one, people in steps],
        }
        for keyword in (KEYWORD, RARE, PHONE)
    ]


def made_sections(run: Run) -> dict[str, Sequence[Mapping[str, Any]]]:
    """The market part of a run, by section."""
    return {
        SELLING_POINTS: made_points(),
        PRODUCT_GAPS: made_gaps(),
        AUDIENCES: made_audiences(run),
        SUGGESTIONS: made_suggestions(),
        TOGETHER: made_together(),
        PARTS: [made_parts(), made_parts(RARE), made_parts(PHONE)],
        MARKET: made_rows(),
    }


def market_run(name: str = "run-1", minutes: int = 0) -> Run:
    """The made run with a manifest that says it has a market."""
    run = made_run()
    return later(Run(made_info(market={"categories": 2, "points": 6}), run.gaps), name, minutes)


def save_market(store: MemoryStore, run: Run, sections: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
    """Save a run with its market."""
    tables = [run_rows(run)]
    for section, rows in sections.items():
        keys = [str(row.get("selling_point") or row.get("keyword") or row.get("name")) for row in rows]
        bodies = [orjson.dumps(row).decode() for row in rows]
        columns = [[section] * len(rows), list(range(len(rows))), keys, bodies]
        tables.append(pa.table([pa.array(column) for column in columns], schema=RUN_ROWS))
    store.save_run(run.info, pa.concat_tables(tables))


def market_store() -> MemoryStore:
    """A store with the made run and its market."""
    store, run = MemoryStore(), market_run()
    save_market(store, run, made_sections(run))
    return store
