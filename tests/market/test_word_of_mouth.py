"""Word of mouth by brand: whose comment it is, what it says of which point, and the share of praise."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gapfinder.analysis import analyze
from gapfinder.market import comments
from gapfinder.market.lift import share_interval
from gapfinder.market.stored import find_market, read_points
from gapfinder.older import whole_market_row
from indexer.stores import open_store
from indexer.stores.contract import RunInfo, Store
from indexer.stores.memory import MemoryStore
from tests.backtest.market import Rows, moment, write
from tests.market.made import bodies, chosen, rows

# 森林 is an ordinary word, and a brand that sells shampoo.
PRODUCTS = [
    {"product_id": "p1", "name": "麦洛氨基酸洗发水", "brand": "麦洛", "category": "洗发水"},
    {"product_id": "p2", "name": "云朵熊星空拉拉裤", "brand": "云朵熊", "category": "纸尿裤"},
    {"product_id": "p3", "name": "柚小宝轻动纸尿裤", "brand": "柚小宝", "category": "纸尿裤"},
    {"product_id": "p4", "name": "森林薄荷洗发水", "brand": "森林", "category": "洗发水"},
]
NOTES = {
    "one": "云朵熊透气纸尿裤日记",
    "both": "云朵熊和柚小宝透气纸尿裤对比日记",
    "none": "透气纸尿裤日记",
    "shampoo": "麦洛去屑洗发水日记",
}
# Under which note, what it says, how often, and of which brand (and whether it praises); None: of none.
SAID: list[tuple[str, str, int, tuple[str, bool] | None]] = [
    ("one", "真的很透气，回购了", 6, ("云朵熊", True)),
    ("one", "一点都不透气，闷得慌，踩雷了", 2, ("云朵熊", False)),
    ("one", "柚小宝也很透气，真的好用", 3, ("柚小宝", True)),
    ("one", "比柚小宝透气多了，真的好用", 4, None),
    ("one", "云朵熊和柚小宝都很透气，真的好用", 5, None),
    ("both", "真的很透气，回购了", 7, None),
    ("both", "柚小宝真的很透气，回购了", 1, ("柚小宝", True)),
    ("none", "真的很透气，回购了", 2, None),
    ("none", "云朵熊真的很透气，回购了", 1, ("云朵熊", True)),
    ("none", "去森林也很透气，真的好用", 1, None),
    ("shampoo", "森林的也很去屑，真的好用", 2, ("森林", True)),
]


def market_rows() -> Rows:
    made = rows()
    common = {"author_id": "z", "published_at": moment(-9), "likes": 1, "content": "东南西北" * 9}
    notes = [{**common, "note_id": f"x-{name}", "title": title} for name, title in NOTES.items()]
    notes.append({**common, "note_id": "x-filed", "title": "透气纸尿裤日记二", "brand": "柚小宝"})
    said = [(note, text) for note, text, times, _ in SAID for _ in range(times)] + [("filed", "真的很透气，回购了")] * 2
    written = [
        {"comment_id": f"c{number}", "note_id": f"x-{note}", "text": text, "commented_at": moment(1)}
        for number, (note, text) in enumerate(said)
    ]
    named = [f"{brand}{thing}" for brand, thing in (("云朵熊", "纸尿裤"), ("柚小宝", "纸尿裤"), ("森林", "洗发水"))]
    searches = [
        {"search_id": f"b{n}", "query": named[n % 3], "user_id": f"b{n}", "searched_at": moment(n % 20) + timedelta(1)}
        for n in range(30)
    ]
    return {
        **made,
        "product": PRODUCTS,
        "note": [*made["note"], *notes],
        "comment": written,
        "search": [*made["search"], *[{**row, "results": []} for row in searches]],
    }


@pytest.fixture(scope="module")
def run() -> tuple[Store, RunInfo]:
    store = MemoryStore()
    write(store, market_rows())
    return store, analyze(store, chosen()).info


def standings(run: tuple[Store, RunInfo], brand: str) -> dict[str, dict[str, Any]]:
    (row,) = find_market(*run, brand)
    return {one["selling_point"]: dict(one) for one in row["points"]}


@pytest.mark.parametrize(("brand", "point"), [("云朵熊", "透气"), ("柚小宝", "透气"), ("森林", "去屑")])
def test_a_comment_is_about_the_brand_it_names_or_that_of_its_note(
    run: tuple[Store, RunInfo], brand: str, point: str
) -> None:
    own = [(times, about[1]) for *_, times, about in SAID if about is not None and about[0] == brand]
    filed = 2 if brand == "柚小宝" else 0
    found = standings(run, brand)[point]
    assert found["comments_praised"] == sum(times for times, praise in own if praise) + filed
    assert found["comments_complained"] == sum(times for times, praise in own if not praise)


def test_the_share_of_praise_has_its_interval_where_enough_texts_judge(run: tuple[Store, RunInfo]) -> None:
    found = standings(run, "云朵熊")["透气"]
    judged = [found[name] for name in ("praised", "complained", "comments_praised", "comments_complained")]
    good, whole = judged[0] + judged[2], sum(judged)
    low, high = share_interval(np.array([float(good)]), np.array([float(whole)]))
    assert found["positive"] == {
        "share": round(good / whole, 4), "low": round(float(low[0]), 4), "high": round(float(high[0]), 4),
    }  # fmt: skip
    few = standings(run, "森林")["去屑"]
    assert few["praised"] + few["complained"] + few["comments_praised"] + few["comments_complained"] < 5
    assert few["positive"] == {"share": None, "low": None, "high": None}


def test_brands_never_have_more_than_their_point(run: tuple[Store, RunInfo]) -> None:
    points = {row["selling_point"]: row["polarity"] for row in read_points(*run)}
    brands = [standings(run, name) for name in ("麦洛", "云朵熊", "柚小宝", "森林")]
    for point, polarity in points.items():
        own = [one[point] for one in brands if point in one]
        assert sum(one["comments_praised"] for one in own) <= polarity["praised"], point
        assert sum(one["comments_complained"] for one in own) <= polarity["complained"], point


def test_batches_and_stores_change_nothing(
    run: tuple[Store, RunInfo], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(comments, "_TOGETHER", 1)
    with open_store(str(tmp_path / "store"), create=True) as store:
        write(store, {record: values[::-1] for record, values in market_rows().items()})
        info = analyze(store, chosen()).info
        assert bodies(store, info.run) == bodies(run[0], run[1].run)


def test_rows_of_older_runs_say_that_comments_were_not_counted(run: tuple[Store, RunInfo]) -> None:
    (row,) = find_market(*run, "云朵熊")
    old: dict[str, Any] = {**row, "points": [dict(one) for one in row["points"]]}
    for one in old["points"]:
        for name in ("comments_praised", "comments_complained", "positive"):
            del one[name]
    for one in whole_market_row(old)["points"]:
        assert (one["comments_praised"], one["positive"]["share"]) == (None, None)
