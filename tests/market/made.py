"""A tiny market of two categories in which every figure can be counted by hand."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import timedelta
from itertools import count
from typing import Any

import numpy as np

from gapfinder.analysis import analyze
from gapfinder.market.mention_rows import MENTION_TEXTS, MENTIONED, MENTIONS
from gapfinder.market.results import (
    AUDIENCES,
    MARKET,
    PARTS,
    PRODUCT_GAPS,
    SELLING_POINTS,
    SUGGESTIONS,
    TOGETHER,
)
from gapfinder.settings import Settings
from indexer.stores.contract import RunInfo, Store
from tests.backtest.market import Rows, moment, write

DAYS = 28
SECTIONS = (
    "gaps", SELLING_POINTS, PRODUCT_GAPS, AUDIENCES, SUGGESTIONS, TOGETHER, MARKET, PARTS, MENTION_TEXTS, MENTIONS,
    MENTIONED,
)  # fmt: skip

PRODUCTS = [
    {"product_id": "p1", "name": "麦洛氨基酸洗发水", "brand": "麦洛", "category": "洗发水", "selling_points": ["去屑"]},
    {
        "product_id": "p2",
        "name": "云朵熊星空拉拉裤",
        "brand": "云朵熊",
        "category": "纸尿裤",
        "selling_points": ["透气"],
    },
]
# Queries with their searches, each of another person, and whether they were answered.
QUERIES = [
    ("红屁股纸尿裤", 30, False),
    ("缓解红屁股纸尿裤", 20, False),
    ("透气纸尿裤", 40, True),
    ("侧漏纸尿裤", 10, True),
    ("纸尿裤推荐", 25, True),
    ("去屑洗发水", 60, True),
    ("头屑洗发水", 20, True),
    ("控油洗发水", 20, True),
    ("麦洛洗发水", 15, True),
    ("手机壳", 30, True),
]
# Titles of notes with how many there are.
TITLES = [
    ("红屁股的纸尿裤日记", 2), ("透气纸尿裤日记", 10), ("侧漏纸尿裤日记", 6), ("纸尿裤日记", 8),
    ("去屑洗发水日记", 15), ("控油洗发水日记", 5), ("麦洛去屑洗发水日记", 4), ("手机壳日记", 9),
]  # fmt: skip
SYLLABLES = "山川田野门窗桌椅书笔纸墨灯火车船桥路城村树叶花草鸟鱼云雨星月"
OTHERS = "东南西北甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉戌亥"  # what is written of other things


def rows() -> Rows:
    return {"product": PRODUCTS, "search": _searches(), "audience": _audience(), "note": _notes()}


def _searches() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for query, times, answered in QUERIES:
        for turn in range(times):
            number = len(found)
            read = {"note_id": "x", "position": 1, "clicked": True, "dwell_seconds": 60.0}
            at = moment(turn % DAYS) + timedelta(hours=12, seconds=number)
            row = {"search_id": f"s{number:04d}", "query": query, "user_id": f"u{number:04d}", "searched_at": at}
            found.append({**row, "results": [read] if answered else []})
    return found


def _audience() -> list[dict[str, Any]]:
    """Four of five who ask about a red bottom are expecting, and one of ten of the others."""
    people = sum(times for _, times, _ in QUERIES)
    groups = ["孕妈" if (number % 5 < 4 and number < 50) or number % 10 == 9 else "上班族" for number in range(people)]
    return [{"user_id": f"u{number:04d}", "groups": [group]} for number, group in enumerate(groups)]


def _notes() -> list[dict[str, Any]]:
    number = count()
    found = [_note(next(number), title) for title, times in TITLES for _ in range(times)]
    found += [_note(next(number), "透气纸尿裤日记", disclosed=True) for _ in range(2)]
    copy = {**next(note for note in found if note["title"].startswith("侧漏")), "note_id": "n9999", "author_id": "z"}
    return [*found, copy]


def _note(number: int, title: str, **more: Any) -> dict[str, Any]:
    drawn = np.random.default_rng(number).choice(list(OTHERS if title.startswith("手机壳") else SYLLABLES), 60)
    return {
        "note_id": f"n{number:04d}",
        "title": title,
        "content": "".join(drawn.tolist()),
        "author_id": f"a{number}",
        "published_at": moment(-3 - number % 200),
        "likes": number,
        **more,
    }


def analyzed(store: Store, **settings: Any) -> RunInfo:
    """Fill a store with the market and analyze it."""
    write(store, rows())
    return analyze(store, chosen(**settings)).info


def chosen(**settings: Any) -> Settings:
    window = {"first": moment(0).date(), "end": moment(DAYS).date()}
    return Settings.of(**{**window, "point_searches": 50, **settings})


def bodies(store: Store, run: str, sections: Sequence[str] = SECTIONS) -> dict[str, list[str]]:
    """The stored rows of a run, byte for byte, in order."""
    return {section: store.run_rows(run, section).column("body").to_pylist() for section in sections}


def read(store: Store, run: str, section: str) -> list[dict[str, Any]]:
    return [json.loads(body) for body in bodies(store, run, [section])[section]]
