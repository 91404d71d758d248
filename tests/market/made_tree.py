"""The tiny market with a tree above its categories, and a brand that sells in two of them."""

from __future__ import annotations

from datetime import timedelta
from itertools import count
from typing import Any, Final

from gapfinder.analysis import analyze
from indexer.stores.contract import RunInfo, Store
from tests.backtest.market import Rows, moment, write
from tests.market import made

PATHS: Final[dict[object, str]] = {
    "洗发水": "个护 > 洗护 > 洗发水",
    "纸尿裤": "母婴＞尿裤＞纸尿裤",
    "湿巾": "母婴 > 湿巾",
}
WIPES: Final = {
    "product_id": "p3", "name": "云朵熊厚柔湿巾", "brand": "云朵熊", "category": "湿巾", "selling_points": ["加厚"],
}  # fmt: skip
# More queries with their searches; those of the first are by people who asked for 纸尿裤推荐, too.
SHARED: Final = ("湿巾推荐", 15)
MORE: Final = (("加厚湿巾", 45), ("母婴用品", 20), ("云朵熊", 12), ("云朵熊纸尿裤", 8), ("云朵熊湿巾", 6))
TITLES: Final = (("湿巾日记", 10), ("云朵熊湿巾日记", 4), ("云朵熊纸尿裤日记", 3), ("母婴日记", 5))


def rows(*, tree: bool = True) -> Rows:
    """The records, with categories as paths or flat."""
    products = [
        {**one, "category": PATHS[one["category"]] if tree else one["category"]} for one in (*made.PRODUCTS, WIPES)
    ]
    number = count(len(made._notes()))
    notes = [
        # What stands under 母婴日记 is of no category, so that nothing speaks for more.
        {**made._note(next(number), "手机壳" if title == "母婴日记" else title), "title": title}
        for title, times in TITLES
        for _ in range(times)
    ]
    return {**made.rows(), "product": products, "search": _searches(), "note": [*made._notes(), *notes]}


def _searches() -> list[dict[str, Any]]:
    found = made._searches()
    asked = [row["user_id"] for row in found if row["query"] == "纸尿裤推荐"]
    query, times = SHARED
    people = [(query, asked[turn]) for turn in range(times)]
    people += [(query, f"w{query}{turn}") for query, times in MORE for turn in range(times)]
    for turn, (text, person) in enumerate(people):
        at = moment(turn % made.DAYS) + timedelta(hours=15, seconds=turn)
        found.append({"search_id": f"t{turn:04d}", "query": text, "user_id": person, "searched_at": at, "results": []})
    return found


def analyzed(store: Store, *, tree: bool = True, **settings: Any) -> RunInfo:
    """Fill a store with the market and analyze it."""
    write(store, rows(tree=tree))
    return analyze(store, made.chosen(**settings)).info
