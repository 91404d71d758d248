"""A run made by hand: every gap kind, hostile keywords, rare and personal queries, known and unknown users."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from typing import Any

import orjson
import pyarrow as pa

from gapfinder.backtest.results import Backtest
from gapfinder.kinds import VERDICT_OF
from gapfinder.results import GAP_KINDS, EvidenceNote, Gap
from gapfinder.runs import Run
from indexer.stores.contract import RUN_ROWS, RunInfo

MARKUP = "<img src=x onerror=alert(1)>"
FORMULA = "=cmd|' /C calc'!A0"
SLASH = "a/b 奶粉?x=1#y%2F"
LONG = "新生儿" + "超长关键词" * 24
EMOJI = "👶🏻纸尿裤 🍼"
RARE = "只有两个人搜的词"
PHONE = "李医生 13800138000"
NO_USERS = "没有用户标识的词"
RARE_QUERY = "小区门口那家店的纸尿裤"
PHONE_QUERY = "纸尿裤代购 微信 mama_2020x"

_WORDS = (
    ("新生儿纸尿裤", "missing"),
    ("缓解红屁股", "missing"),
    ("防侧漏不勒肚", "wording"),
    ("尿不湿 夏天", "wording"),
    ("头皮屑洗发水", "weak"),
    ("控油蓬松", "weak"),
    ("敏感肌精华", "stale"),
    ("早C晚A 顺序", "stale"),
    ("涂抹面膜推荐", "ads_only"),
    ("无硅油洗发水", "ads_only"),
    ("孕妇可用精华", "unsure"),
    ("宝宝红屁屁怎么办", "missing"),
    ("脂溢性皮炎洗发水", "weak"),
    ("补水面膜", "met"),
    ("纸尿裤", "met"),
    ("氨基酸洗发水", "met"),
    ("拉拉裤", "met"),
    (MARKUP, "missing"),
    (FORMULA, "weak"),
    (SLASH, "wording"),
    (LONG, "stale"),
    (EMOJI, "missing"),
    (NO_USERS, "unsure"),
    (RARE, "missing"),
    (PHONE, "missing"),
)
PARTS = ("no_answer", "other_words", "repeats", "advertising", "age", "thin", "behaviour")


def _note(rng: random.Random, keyword: str, number: int) -> EvidenceNote:
    answers, freshness, quality = rng.uniform(0.05, 0.9), rng.uniform(0.2, 1), rng.uniform(0.3, 1)
    return {
        "note_id": f"note-{number:04d}",
        "title": f"{keyword[:12]}到底怎么选？三个月实测" if number % 3 else f"加我微信 mom_shop99 领{keyword[:6]}福利",
        "published_at": f"2026-0{rng.randint(1, 9)}-1{rng.randint(0, 9)}" if number % 4 else None,
        "answers": answers,
        "visibility": 1.0 if number % 5 else 0.5,
        "freshness": freshness,
        "quality": quality,
        "supply": answers * freshness * quality,
        "disclosed": None if number % 5 else True,
        "undisclosed_probability": rng.uniform(0, 0.6),
        "duplicates": number % 3,
        "found_by": "words" if number % 2 else "尿不湿",
        "matched": [keyword[:2]],
        "reasons": ["标题没有提到“新生儿”", "两年前发布"],
    }


def made_gap(position: int, keyword: str, kind: str, **changes: Any) -> Gap:
    """One complete gap with plausible numbers."""
    rng = random.Random(position)
    searches = max(40, int(6000 / (position + 1) ** 0.8) + rng.randint(0, 50))
    week = searches / 12
    probability = 0.2 if kind == "met" else 0.55 + 0.4 * rng.random()
    unmet = week * probability
    shares = [rng.random() for _ in PARTS]
    weekly = [max(0, int(week * (0.7 + 0.05 * number + 0.2 * rng.random()))) for number in range(12)]
    matching = 0 if position == 0 else rng.randint(0, 40) + (120 if kind in {"met", "ads_only"} else 0)
    gap: Gap = {
        "keyword": keyword,
        "variants": [
            {"query": keyword, "searches": searches // 2, "folded_by": "same"},
            {"query": f"{keyword[:8]}推荐", "searches": searches // 4, "folded_by": "spelling"},
        ],
        "match": "contains" if keyword in {"纸尿裤", "补水面膜"} else "exact",
        "category": "纸尿裤" if "纸尿裤" in keyword else None,
        "searches": searches,
        "searchers": int(searches * 0.7),
        "people": None,
        "demand": searches * 0.95,
        "demand_per_week": week,
        "trend": {
            "direction": ("rising", "flat", "falling", "unknown")[position % 4],
            "change": None if position % 4 == 3 else 0.35 - 0.3 * (position % 3),
            "low": None if position % 4 == 3 else 0.1 - 0.3 * (position % 3),
            "high": None if position % 4 == 3 else 0.6 - 0.3 * (position % 3),
            "weekly": weekly,
            "festivals": ["端午", "618"],
            "surge": {
                "weeks": 2,
                "ratio": 1.8,
                "low": 1.4,
                "high": 2.3,
                "p_value": 0.001,
                "q_value": 0.01,
                "rising_early": True,
                "festivals": [],
            }
            if position % 7 == 0
            else None,
        },
        "season": {
            "week": "found",
            "weekdays": [0.9, 0.9, 0.95, 1.0, 1.05, 1.1, 1.1],
            "year": "not_enough",
            "months": None,
            "year_share": None,
            "peak_months": [],
            "festivals": [{"festival": "双11", "times": 2.1, "low": 1.6, "high": 2.8, "occurrences": 1}],
        },
        "forecast": [
            {
                "week": number,
                "start": f"2026-09-{16 + 7 * number:02d}" if number < 3 else None,
                "festivals": ["中秋"] if number == 1 else [],
                "searches": week,
                "low": week * 0.7,
                "high": week * 1.4,
            }
            for number in range(1, 5)
        ]
        if position % 4 != 3
        else None,
        "daily": [value // 7 for value in weekly for _ in range(7)],
        "satisfied": int(searches * 0.2),
        "unsatisfied": int(searches * 0.6),
        "unknown": searches - int(searches * 0.2) - int(searches * 0.6),
        "reformulated": int(searches * 0.15),
        "notes_matching": matching,
        "notes_phrase": matching // 3,
        "notes_headline": matching // 2,
        "notes_fresh": matching // 4,
        "supply": matching * (0.8 if kind == "met" else 0.15),
        "authors_effective": min(matching, 5) * 0.7,
        "demand_supply_ratio": searches / matching if matching else None,
        "unmet_probability": probability,
        "unmet_per_week": unmet,
        "unmet_low": unmet * 0.8,
        "unmet_high": unmet * 1.25,
        "excess": unmet - week * 0.5,
        "excess_low": unmet * 0.8 - week * 0.5,
        "rank_low": max(1, position),
        "rank_high": position + 3,
        "gap_kind": kind,
        "kind_probabilities": {name: 0.7 if name == kind else 0.05 for name in GAP_KINDS},
        "verdict": VERDICT_OF[kind],
        "score_parts": {part: unmet * share / sum(shares) for part, share in sorted(zip(PARTS, shares, strict=True))},
        "synonyms": ["尿不湿"] if "纸尿裤" in keyword else [],
        "volumes": [
            {
                "source": "聚光",
                "unit": "index",
                "volume": 3200.0,
                "low": None,
                "high": None,
                "period_start": "2026-08-01",
                "period_end": "2026-09-01",
                "competition": 0.3,
            }
        ]
        if position % 3 == 0
        else [],
        "price": {"clicks": 120, "cost": 96.0, "cpc": 0.8, "bid_low": 0.5, "bid_high": 1.2, "source": "ads"}
        if position % 2 == 0
        else None,
        "evidence_queries": [
            {
                "query": query,
                "searches": max(count, 1),
                "searchers": people,
                "people": None,
                "satisfied": count // 5,
                "unsatisfied": count // 2,
                "unknown": count - count // 5 - count // 2,
            }
            for query, count, people in (
                (keyword, searches // 2, int(searches * 0.4)),
                (f"{keyword[:8]}推荐", searches // 4, int(searches * 0.2)),
                (RARE_QUERY, 4, 2),
                (PHONE_QUERY, 30, 25),
            )
        ],
        "evidence_notes": [_note(rng, keyword, position * 10 + number) for number in range(min(matching, 5))],
        "flags": ["few_searchers"] if searches < 100 else [],
        "reason": f"每周约 {week:.0f} 次搜索“{keyword}”，只有 {matching} 篇笔记提到，其中几乎没有正面回答的。",
    }
    return gap | changes  # type: ignore[return-value]  # keyword arguments are named by the tests themselves


def made_info(run: str = "run-1", **manifest: Any) -> RunInfo:
    """The manifest of a made run."""
    return RunInfo(
        run,
        "autumn",
        datetime(2026, 9, 24, 3, 0, tzinfo=UTC),
        {
            "snapshot": "snapshot-3",
            "seed": 7,
            "settings": {"from": None, "to": None, "privacy_floor": 5.0},
            "window": {"from": "2026-07-01", "to": "2026-09-23", "days": 84},
            "versions": {"gapfinder": "0.1.0", "python": "3.11"},
            "segmenter": {
                "name": "rjieba",
                "version": "0.2.2",
                "hmm": True,
                "dictionary_hash": "ab12",
                "normalisation": 1,
            },
            "totals": {
                "searches": 60214,
                "searchers": 8120,
                "people": None,
                "notes": 3021,
                "queries": 2890,
                "keywords": len(_WORDS),
                "dropped_queries": 2103,
                "bot_searches": 950,
                "duplicate_notes": 41,
                "unmet_per_week": 1834.5,
                "unmet_low": 1610.2,
                "unmet_high": 2104.9,
            },
            "notes": ["2 条搜索没有时间，已按 2026-07-01 计。"],
            **manifest,
        },
    )


def made_run(run: str = "run-1") -> Run:
    """A run of 25 varied gaps, ordered by ``unmet_low``."""
    gaps = [made_gap(position, keyword, kind) for position, (keyword, kind) in enumerate(_WORDS)]
    for gap in gaps:
        if gap["keyword"] == RARE:
            gap["searchers"] = 2
        if gap["keyword"] == NO_USERS:
            gap["searchers"] = None
            for query in gap["evidence_queries"]:
                query["searchers"] = None
    gaps.sort(key=lambda gap: (-gap["unmet_low"], gap["keyword"]))
    return Run(made_info(run), gaps)


def made_backtest(**changes: Any) -> Backtest:
    """A backtest with something to say of everything but the effect."""
    result: Backtest = {
        "at": "2026-08-01",
        "until": "2026-08-29",
        "weeks": 4,
        "log_from": "2026-05-01",
        "log_to": "2026-08-29",
        "verdict": "too_thin",
        "statement": "能配对的只有 3 组，不能据此判断。",
        "missing": [],
        "keywords": None,
        "effect": None,
        "persistence": {
            "top": 50,
            "judged": 50,
            "still_gaps": 45,
            "share": 0.9,
            "low": 0.8,
            "high": 0.96,
            "base_share": 0.02,
            "filled_judged": 4,
            "filled_closed": 3,
            "unfilled_judged": 46,
            "unfilled_closed": 2,
        },
        "reliability": {"keywords": 90, "searches": 9000, "error": 0.0214, "bins": []},
        "left_out": None,
        "flags": [],
    }
    return result | changes  # type: ignore[return-value]  # likewise


def run_rows(run: Run) -> pa.Table:
    """The run as a store keeps it."""
    bodies = [orjson.dumps(gap).decode() for gap in run.gaps]
    columns = [
        ["gaps"] * len(bodies),
        list(range(len(bodies))),
        [gap["keyword"] for gap in run.gaps],
        bodies,
    ]
    return pa.table([pa.array(column) for column in columns], schema=RUN_ROWS)
