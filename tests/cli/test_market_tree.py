"""The tree of categories as the command line shows it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from indexer.stores import open_store
from tests.cli.program import gapfinder
from tests.market.made_tree import analyzed


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("tree")
    with open_store(str(place / "gapfinder-data"), create=True) as store:
        analyzed(store)
    return place


def test_the_market_is_shown_as_a_tree(folder: Path) -> None:
    shown = gapfinder("market", "--level", "category", cwd=folder).out
    names = re.findall(r"^ *\d+  ( *\S+)", shown, re.MULTILINE)
    assert names == ["母婴", "  尿裤", "    纸尿裤", "  湿巾", "个护", "  洗护", "    洗发水"]
    rows = gapfinder("market", "--level", "category", "--json", cwd=folder).json
    assert {row["name"]: (row["parent"], row["depth"], row["children"]) for row in rows} == {
        "母婴": (None, 0, 2),
        "尿裤": ("母婴", 1, 1),
        "纸尿裤": ("尿裤", 2, 0),
        "湿巾": ("母婴", 1, 0),
        "个护": (None, 0, 1),
        "洗护": ("个护", 1, 1),
        "洗发水": ("洗护", 2, 0),
    }


def test_a_branch_shows_its_path_what_is_below_its_brands_and_points(folder: Path) -> None:
    shown = gapfinder("market", "母婴", cwd=folder).out
    assert "品类路径" not in shown
    for name in ("尿裤", "纸尿裤", "湿巾", "云朵熊", "缓解红屁股", "加厚"):
        assert name in shown
    assert "洗发水" not in shown
    below = gapfinder("market", "尿裤", cwd=folder).out
    assert "品类路径：母婴 > 尿裤" in below
    assert re.findall(r"^\d  ( *\S+)", below, re.MULTILINE)[:2] == ["尿裤", "  纸尿裤"]
    leaf = gapfinder("market", "纸尿裤", cwd=folder).out
    assert "品类路径：母婴 > 尿裤 > 纸尿裤" in leaf
    assert "缓解红屁股" not in leaf, "the list of one category is that of selling-points"


def test_json_of_a_branch_has_what_is_below_and_each_brand_once(folder: Path) -> None:
    rows = gapfinder("market", "母婴", "--json", cwd=folder).json
    assert [(row["level"], row["name"], row["searches"], row["searchers"]) for row in rows] == [
        ("category", "母婴", 231, 216),
        ("category", "尿裤", 133, 133),
        ("category", "纸尿裤", 133, 133),
        ("category", "湿巾", 66, 66),
        ("brand", "云朵熊", 26, None),
    ]
    alone = gapfinder("market", "母婴", "--level", "category", "--json", cwd=folder).json
    assert [row["level"] for row in alone] == ["category"] * 4
    leaf = gapfinder("market", "湿巾", "--json", cwd=folder).json
    assert [row["name"] for row in leaf] == ["湿巾"]


def test_points_of_a_branch_name_their_category(folder: Path) -> None:
    answer = gapfinder("selling-points", "母婴", cwd=folder).out
    head, *_ = answer.splitlines()
    assert "品类" in head
    assert "占比只在同一品类有人搜的卖点之间算" in answer
    one = gapfinder("selling-points", "纸尿裤", cwd=folder).out
    assert "品类" not in one.splitlines()[0]
    rows = gapfinder("selling-points", "母婴", "--json", cwd=folder).json
    assert {row["category"] for row in rows} == {"纸尿裤", "湿巾"}


def test_keywords_and_analyses_take_a_branch(folder: Path) -> None:
    rows = gapfinder("recommend", "--category", "母嬰", "--json", cwd=folder).json
    assert {row["category"] for row in rows} == {"母婴", "纸尿裤", "湿巾"}
    missing = gapfinder("recommend", "--category", "口红", cwd=folder)
    assert missing.code == 2
    assert "no category '口红'" in missing.err


def test_too_little_data_is_said_for_each_category_of_a_branch(folder: Path) -> None:
    window = ("--from", "2026-05-04", "--to", "2026-06-01")
    assert gapfinder("analyze", *window, "--category", "母婴", "--set", "point_searches=1000", cwd=folder).code == 0
    answer = gapfinder("selling-points", "母婴", cwd=folder)
    assert answer.code == 3
    assert "too little data for selling points of '母婴': more searches are needed (纸尿裤 867, 湿巾 934)" in answer.err
