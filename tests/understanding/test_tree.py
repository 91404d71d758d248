"""The tree of categories: one parent each, no circles, by paths and by names."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gapfinder.market.rollup import counted, missing, queries_of, rolled_up
from gapfinder.understanding.paths import MOST_LEVELS, Path
from gapfinder.understanding.tree import NONE, Tree
from tests.understanding.made import CUTTER, SYNONYMS, catalogue, product


def shape(tree: Tree) -> dict[str, str | None]:
    """The parent of each category."""
    parents = [tree.names[parent] if parent != NONE else None for parent in tree.parents]
    return dict(zip(tree.names, parents, strict=True))


def by_names(*names: str) -> dict[str, str | None]:
    return shape(Tree.of({(name,): 1 for name in names}, (), CUTTER))


def test_the_levels_of_a_path_stand_above_each_other() -> None:
    tree = Tree.of({("母婴", "尿裤", "纸尿裤"): 3, ("母婴", "湿巾"): 1, ("洗发水",): 2}, (), CUTTER)
    assert shape(tree) == {"洗发水": None, "湿巾": "母婴", "纸尿裤": "尿裤", "尿裤": "母婴", "母婴": None}
    assert tree.names[: tree.own] == ("洗发水", "湿巾", "纸尿裤"), "what products name comes first"
    number = {name: place for place, name in enumerate(tree.names)}
    assert [tree.names[one] for one in tree.path(number["纸尿裤"])] == ["母婴", "尿裤", "纸尿裤"]
    assert {tree.names[one] for one in tree.below(number["母婴"])} == {"母婴", "尿裤", "纸尿裤", "湿巾"}
    assert tree.common([number["纸尿裤"], number["湿巾"]]) == number["母婴"]
    assert tree.common([number["纸尿裤"]]) == number["纸尿裤"]
    assert tree.common([number["纸尿裤"], number["洗发水"]]) == tree.common([]) == NONE


def test_a_category_on_several_shelves_stands_on_the_one_with_most_products() -> None:
    assert shape(Tree.of({("母婴", "湿巾"): 2, ("家清", "湿巾"): 3}))["湿巾"] == "家清"
    assert shape(Tree.of({("母婴", "湿巾"): 3, ("家清", "湿巾"): 3}))["湿巾"] == "家清", "the first by name"


def test_a_circle_is_cut_where_fewest_products_close_it() -> None:
    assert shape(Tree.of({("甲", "乙"): 2, ("乙", "甲"): 1})) == {"甲": None, "乙": "甲"}
    assert shape(Tree.of({("甲", "乙"): 3, ("乙", "丙"): 1, ("丙", "甲"): 2})) == {"丙": None, "甲": "丙", "乙": "甲"}


@pytest.mark.parametrize(
    ("narrow", "wide"),
    [
        ("婴儿纸尿裤", "纸尿裤"), ("氨基酸洗发水", "洗发水"), ("电动牙刷", "牙刷"), ("棉拖鞋", "拖鞋"),
        ("儿童电动牙刷", "牙刷"),
    ],
)  # fmt: skip
def test_a_name_is_a_kind_of_what_it_ends_in(narrow: str, wide: str) -> None:
    assert by_names(narrow, wide) == {narrow: wide, wide: None}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("纸尿裤", "裤"), ("充电器", "电器"), ("水龙头", "龙头"), ("儿童电动车", "动车"), ("洗发水", "洗发"),
        ("玩具手机", "手机"), ("仿真花束", "花束"), ("香水", "水"),
    ],
)  # fmt: skip
def test_an_ending_that_is_no_word_of_it_says_nothing(one: str, other: str) -> None:
    assert by_names(one, other) == {one: None, other: None}


def test_the_longest_ending_is_the_parent() -> None:
    assert by_names("儿童电动牙刷", "电动牙刷", "牙刷") == {
        "儿童电动牙刷": "电动牙刷",
        "电动牙刷": "牙刷",
        "牙刷": None,
    }


def test_a_path_goes_before_a_name() -> None:
    tree = Tree.of({("母婴", "婴儿纸尿裤"): 1, ("纸尿裤",): 1, ("成人纸尿裤",): 1}, (), CUTTER)
    assert shape(tree) == {"婴儿纸尿裤": "母婴", "成人纸尿裤": "纸尿裤", "纸尿裤": None, "母婴": None}


def test_what_is_searched_has_a_tree_without_any_catalogue() -> None:
    tree = Tree.of({}, ["电动牙刷", "牙刷", "抽纸盒", "纸盒", "手机"], CUTTER)
    # One character before it may be cut from the wrong word: no people wrote these names.
    assert shape(tree) == {"电动牙刷": "牙刷", "牙刷": None, "抽纸盒": None, "纸盒": None, "手机": None}


def test_no_more_levels_than_anybody_can_show() -> None:
    chain: dict[Path, int] = {(f"第{n:03d}", f"第{n + 1:03d}"): 1 for n in range(200)}
    tree = Tree.of(chain)
    depths = [len(tree.path(number)) for number in range(len(tree.names))]
    assert max(depths) == MOST_LEVELS
    assert depths.count(MOST_LEVELS) == 201 - (MOST_LEVELS - 1)


LEVELS = st.sampled_from("甲乙丙丁戊己庚辛壬癸")
PATHS = st.dictionaries(
    st.lists(LEVELS, min_size=1, max_size=6, unique=True).map(tuple), st.integers(1, 5), max_size=20
)


@given(PATHS, st.lists(st.integers(-1, 9), max_size=40))
def test_each_has_one_parent_and_sums_of_a_branch_are_the_union_of_what_is_below(
    paths: dict[Path, int], drawn: list[int]
) -> None:
    tree = Tree.of(paths, (), CUTTER)
    size = len(tree.names)
    assert len(tree.parents) == size == len(set(tree.names))
    for number in range(size):
        way = tree.path(number)
        assert len(set(way)) == len(way) <= MOST_LEVELS, "no circle"
        assert sum(number in tree.children[parent] for parent in range(size)) == (tree.parents[number] != NONE)
        assert number in tree.below(number)
    category = np.array([one if one < size else -1 for one in drawn], np.int32)
    sets = queries_of(tree, category)
    counts = np.bincount(category[category >= 0], minlength=size).astype(np.int64)
    sums = rolled_up(tree, counts[:, None])[:, 0] if size else counts
    for number in range(size):
        below = tree.below(number)
        assert set(sets[number].tolist()) == set(np.flatnonzero(np.isin(category, below)).tolist())
        assert sums[number] == counts[below].sum() == len(sets[number])
        assert (missing(tree, number, counts.tolist(), 3) == 0) == any(counts[one] >= 3 for one in below)
        said = counted(tree, number, {one: {"ask": int(counts[one]), "link": 1} for one in range(size)})
        assert said == {"ask": int(sums[number]), "link": len(below)}
    roots = [number for number in range(size) if tree.parents[number] == NONE]
    assert sum(int(sums[number]) for number in roots) == int((category >= 0).sum()), "a search once"


def test_what_only_stands_above_takes_no_name_from_what_stands_below() -> None:
    paths = [
        product("1", "云朵熊星空拉拉裤", "云朵熊", "母婴>尿裤湿巾>纸尿裤", selling_points=["透气"]),
        product("2", "麦洛手口湿巾", "麦洛", "母婴>尿裤湿巾>湿巾"),
    ]
    flat = [{**row, "category": row["category"].rpartition(">")[2]} for row in paths]
    one, other = catalogue(paths), catalogue(flat)
    assert one.own_categories == other.categories == ["湿巾", "纸尿裤"]
    assert one.categories == ["湿巾", "纸尿裤", "尿裤湿巾", "母婴"]
    assert list(one.claims) == list(other.claims) == ["纸尿裤"]
    own = [(terms, one.names[number].name) for terms, number in one.aliases if number not in (2, 3)]
    assert own == [(terms, other.names[number].name) for terms, number in other.aliases]
    assert SYNONYMS[0][0] == "纸尿裤"


def test_a_name_that_lists_words_goes_by_each_of_them() -> None:
    names = catalogue([product("1", "甲", None, "面膜/泥膜"), product("2", "乙", None, "精华")])
    assert {"".join(terms) for terms, number in names.aliases if number == names.categories.index("面膜/泥膜")} == {
        "面膜泥膜", "面膜", "泥膜",
    }  # fmt: skip
