"""Which category of the catalogue a keyword belongs to, with a tree above the categories."""

from __future__ import annotations

from gapfinder.categories import Categories, catalogue_categories
from gapfinder.understanding.tree import Tree
from tests.backtest.market import store_of
from tests.understanding.made import CUTTER, SYNONYMS, product

TREE = Tree.of({("母婴", "尿裤湿巾", "纸尿裤"): 1, ("母婴", "尿裤湿巾", "湿巾"): 1, ("母婴", "奶粉"): 1, ("口红",): 1})
NAMED = [(name, tuple(CUTTER.query_terms(name))) for name in TREE.names]
SOLD = {"麦洛": ["纸尿裤"], "云朵": ["纸尿裤", "湿巾"], "小白": ["纸尿裤", "奶粉"], "大白": ["口红", "奶粉"]}


def of(*terms: str) -> str | None:
    return Categories(NAMED, SOLD, TREE).of(terms)


def test_a_name_goes_before_a_brand_and_both_before_what_stands_above() -> None:
    assert of("母婴", "湿巾") == "湿巾"
    assert of("母婴", "麦洛") == "纸尿裤"
    assert of("母婴", "用品") == "母婴"
    assert of("用品") is None


def test_a_brand_of_several_categories_belongs_to_what_stands_above_all_of_them() -> None:
    assert of("云朵") == "尿裤湿巾"
    assert of("小白") == "母婴"
    assert of("大白") is None
    assert of("云朵", "母婴") == "母婴", "what is named goes before what is sold"


def test_a_branch_is_known_by_its_name() -> None:
    categories = Categories(NAMED, SOLD, TREE)
    assert sorted(categories.below("尿裤湿巾")) == ["尿裤湿巾", "湿巾", "纸尿裤"]
    assert categories.below(" 紙尿褲") == ["纸尿裤"]
    assert categories.names == sorted(TREE.names)


def test_a_catalogue_brings_its_tree_names_and_synonyms() -> None:
    rows = [
        product("1", "甲", "麦洛", "母婴>纸尿裤"),
        product("2", "乙", None, "面膜/泥膜"),
        product("3", "丙", None, None),
    ]
    with store_of({"product": rows}).snapshot() as snapshot:
        found = catalogue_categories(snapshot, CUTTER, SYNONYMS)
    assert found.names == sorted(["母婴", "纸尿裤", "面膜/泥膜"])
    assert found.of(["尿不湿"]) == "纸尿裤"
    assert found.of(["泥膜"]) == "面膜/泥膜"
    assert found.of(["麦洛"]) == "纸尿裤"
    assert found.below("母婴") == ["纸尿裤", "母婴"]
