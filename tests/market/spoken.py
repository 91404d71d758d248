"""Notes and queries that speak of things in every way that is told apart, for tests of mentions."""

from __future__ import annotations

from typing import Any

from gapfinder.analysis import analyze
from indexer.stores.contract import RunInfo, Store
from tests.backtest.market import moment, write
from tests.market.made import chosen, rows

PHONE = "13800138000"
# Notes beside those of the tiny market: id, title, content, tags, brand.
SPOKEN: list[tuple[str, str, str, list[str], str | None]] = [
    ("s0", "雲朵熊星空拉拉褲測評", "　買了兩包雲朵熊\u200b星空拉拉褲，寶寶夏天也透氣。", ["纸尿裤", "宝宝"], None),
    ("s1", "洗发水日记", "没有别的，只说味道。", [], "麦洛"),
    ("s2", "麦洛洗发水！！", "麦洛，又是麦洛", ["…", "麦洛"], "麦洛"),
    ("s3", "孕妇的一天", "夏天在海边走走。", [], None),
    ("s4", "纸尿裤红屁股求助", f"电话{PHONE}红屁股怎么办{PHONE}", [], None),
    ("s6", '=HYPERLINK("x")', "\u202e海边\t=1+1", [], None),
    ("s5", f"纸尿裤{PHONE}", "纸尿裤ＰＫ，①号㎏最透气", [], None),
]
RARE = "红屁股纸尿裤过敏"  # searched by three people
PERSONAL = f"透气纸尿裤{PHONE}"
FEW_POINT = "起坨"  # searched by three people, twice each
FEW_QUERY = f"{FEW_POINT}纸尿裤"
ASKED = [
    (RARE, 3), (PERSONAL, 20), ("云朵熊 星空 拉拉裤", 30), ("孕妇洗发水", 25), ("新生儿 ＰＫ 纸尿裤", 12),
    (FEW_QUERY, 6),
]  # fmt: skip


def spoken_rows() -> dict[str, list[dict[str, Any]]]:
    """The tiny market, and these notes and queries."""
    found = {record: list(own) for record, own in rows().items()}
    for number, (note_id, title, content, tags, brand) in enumerate(SPOKEN):
        found["note"].append(
            {
                "note_id": note_id,
                "title": title,
                "content": content,
                "tags": tags,
                "brand": brand,
                "author_id": f"b{number}",
                "published_at": moment(-number),
                "likes": 1,
            }
        )
    for query, times in ASKED:
        for turn in range(times):
            number = len(found["search"])
            found["search"].append(
                {
                    "search_id": f"s{number:04d}",
                    "query": query,
                    "user_id": f"w{turn % 3}" if query == FEW_QUERY else f"v{number:04d}",
                    "searched_at": moment(turn % 28),
                    "results": [],
                }
            )
    return found


def spoken(store: Store) -> RunInfo:
    """Fill a store with them and analyze it."""
    write(store, spoken_rows())
    return analyze(store, chosen(min_searches=1, min_searchers=1)).info
