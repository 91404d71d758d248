"""A small made market around a day, with gaps that are filled after it and an effect of known size."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

import numpy as np
import pyarrow as pa

from gapfinder.window import ZONE
from indexer.derive import derive
from indexer.dictionary import shipped_dictionary
from indexer.records import ARROW_TYPES, RECORDS
from indexer.segment import segmenter_of
from indexer.stores.contract import Store
from indexer.stores.memory import MemoryStore

DAY = date(2026, 5, 4)
SEGMENTER = segmenter_of(shipped_dictionary())
BODY = "用了一段时间说说感受质地清爽味道很淡早晚各一次没有刺激包装也好看价格可以接受会再买" * 4
THINGS = [
    "面膜",
    "精华",
    "洗发水",
    "纸尿裤",
    "眼霜",
    "口红",
    "防晒",
    "牙膏",
    "湿巾",
    "奶瓶",
    "推车",
    "背带",
    "帽子",
    "手套",
    "雨伞",
    "书包",
    "台灯",
    "键盘",
    "耳机",
    "水杯",
    "饭盒",
    "枕头",
    "被子",
    "窗帘",
    "地毯",
]
SAYINGS = [
    "早晚各用一次",
    "没有刺激",
    "质地清爽",
    "味道很淡",
    "包装好看",
    "价格不贵",
    "家里老人也喜欢",
    "朋友推荐给我",
    "周末去店里看过",
    "颜色比图上深一点",
    "第二次买了",
    "客服回得慢",
    "快递三天到",
    "洗过没有变形",
    "晚上用着安静",
    "白天在办公室用",
    "旅行带着方便",
    "孩子抢着要",
    "说明书写得清楚",
    "保修两年",
]

Rows = dict[str, list[dict[str, Any]]]


def moment(day: float) -> datetime:
    """An instant so many days after the beginning of :data:`DAY` (before it when negative)."""
    return datetime.combine(DAY, time(0), ZONE) + timedelta(days=day)


def table(record: str, rows: Sequence[Mapping[str, Any]]) -> pa.Table:
    """Rows as the store takes them, derived as an import derives them."""
    fields = RECORDS[record].raw_fields
    raw = pa.table({one.name: pa.array([row.get(one.name) for row in rows], ARROW_TYPES[one.kind]) for one in fields})
    made, refused = derive(record, raw, SEGMENTER)
    assert not refused
    return made


def write(store: Store, rows: Rows) -> None:
    """Write rows of several records and publish them."""
    with store.writer(holder="a test") as writer:
        for record, values in rows.items():
            if values:
                writer.write(record, table(record, values))
        writer.publish(SEGMENTER.stamp)


def store_of(rows: Rows) -> MemoryStore:
    """A store in memory that holds these rows."""
    store = MemoryStore()
    write(store, rows)
    return store


@dataclass(frozen=True)
class Market:
    """How the market is made; ``rows`` makes it.

    Attributes:
        gaps, met: Keywords nothing answers, and keywords that are answered.
        effect: How many times more a note is read because it fills a gap.
        better: How many times more the authors are usually read that fill gaps.
        weeks_before, weeks_after: Weeks of log around the day.
        figures_after: Days after its publishing at which a note's figures were taken.
        seed: Of everything drawn.
    """

    gaps: int = 50
    met: int = 90
    effect: float = 1.0
    better: float = 2.0
    weeks_before: int = 8
    weeks_after: int = 4
    figures_after: float = 28.0
    seed: int = 1
    without: frozenset[str] = field(default_factory=frozenset)

    def rows(self) -> Rows:
        """All rows of the market."""
        random = np.random.default_rng(self.seed)
        names = [f"zq{number:03d}{THINGS[number % len(THINGS)]}" for number in range(self.gaps + self.met)]
        return {"search": self._searches(names, random), "note": self._notes(names, random)}

    def _searches(self, names: list[str], random: np.random.Generator) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = []
        for number, name in enumerate(names):
            rate = float(random.uniform(2.5, 5))
            for week in range(-self.weeks_before, self.weeks_after):
                for _ in range(random.poisson(rate)):
                    unmet = random.random() < (0.9 if number < self.gaps else 0.12)
                    read = {
                        "note_id": "x",
                        "position": 1,
                        "clicked": not unmet,
                        "dwell_seconds": None if unmet else 60.0,
                    }
                    at = moment(7 * week + float(random.uniform(0, 6.99)))
                    row = {"query": name, "searched_at": at, "user_id": f"u{random.integers(0, 500)}"}
                    rows.append({**row, "search_id": f"s{len(rows):05d}", "results": [] if unmet else [read]})
        # The last day is full, whatever was drawn.
        last = {"query": names[-1], "searched_at": moment(7 * self.weeks_after - 0.01), "results": []}
        return [*rows, {**last, "user_id": "u1", "search_id": "s99999"}]

    def _notes(self, names: list[str], random: np.random.Generator) -> list[dict[str, Any]]:
        levels = np.exp(random.normal(6.5, 0.7, 120))
        by_level = np.argsort(levels, kind="stable")
        rows: list[dict[str, Any]] = []

        def add(title: str, author: int, day: float, times: float = 1.0) -> None:
            reads = int(levels[author] * times * np.exp(random.normal(0, 0.35)))
            row = {
                "note_id": f"n{len(rows):05d}",
                "title": title,
                "content": title + "。" + "，".join(random.permutation(SAYINGS)[:14].tolist()),
                "author_id": f"a{author:03d}",
                "published_at": moment(day),
                "reads": reads,
                "likes": reads // 20,
                "updated_at": moment(max(day + self.figures_after, 7 * self.weeks_after)),
            }
            rows.append({name: None if name in self.without else value for name, value in row.items()})

        for author in range(levels.size):
            for _ in range(4):
                add("，".join(random.permutation(SAYINGS)[:2].tolist()), author, -float(random.uniform(40, 300)))
        for number, name in enumerate(names):
            if number >= self.gaps:
                for _ in range(3):
                    add(f"{name}怎么选", int(random.integers(0, levels.size)), -float(random.uniform(40, 300)))
            for _ in range(int(random.integers(1, 4))):
                wanted = random.normal(0, 0.7) + (np.log(self.better) if number < self.gaps else 0)
                place = np.clip(np.searchsorted(np.log(levels[by_level]), 6.5 + wanted), 0, levels.size - 1)
                times = self.effect if number < self.gaps else 1.0
                add(f"{name}真实测评", int(by_level[place]), float(random.uniform(0, 27.9)), times)
        return rows
