"""The names that products bring, with their aliases."""

from __future__ import annotations

import pytest

from gapfinder.texts.words import Words
from gapfinder.understanding.catalogue import BRAND, CATEGORY, PRODUCT, Catalogue, is_ordinary, read_products
from tests.backtest.market import store_of
from tests.understanding.made import CUTTER, PRODUCTS, catalogue, product


def spelled(names: Catalogue) -> dict[str, list[str]]:
    """The aliases of each name, words joined, sorted."""
    found: dict[str, set[str]] = {name.name: set() for name in names.names}
    for terms, number in names.aliases:
        found[names.names[number].name].add("".join(terms))
    return {name: sorted(own) for name, own in found.items()}


def test_categories_come_first_then_brands_then_products() -> None:
    names = catalogue()
    assert [(name.level, name.name) for name in names.names] == [
        *((CATEGORY, name) for name in ("洗发水", "湿巾", "纸尿裤")),
        *((BRAND, name) for name in ("Mellow/麦洛", "云朵熊", "苹果")),
        *((PRODUCT, name) for name in ("p1", "p2", "p3", "p4")),
    ]
    assert names.categories == ["洗发水", "湿巾", "纸尿裤"]
    assert names.brands == ["Mellow/麦洛", "云朵熊", "苹果"]
    assert names.product_names["p1"] == "麦洛氨基酸洗发水"


def test_the_order_of_products_changes_nothing() -> None:
    one, other = catalogue(), catalogue(PRODUCTS[::-1])
    assert (one.names, one.aliases, one.claims) == (other.names, other.aliases, other.claims)


def test_a_brand_in_two_scripts_goes_by_each() -> None:
    assert spelled(catalogue())["Mellow/麦洛"] == sorted(["mellow麦洛", "mellow", "麦洛"])
    wide = spelled(catalogue([product("1", "洗发水", "Mellow／麦洛", "洗发水")]))
    assert {"mellow", "麦洛"} <= set(wide["Mellow／麦洛"])


def test_a_brand_goes_by_the_other_script_that_a_product_shows() -> None:
    rows = [product("1", "麦洛洗发水", "麦洛", "洗发水", aliases=["Mellow/麦洛", "小麦洗发水", "Qovanti/科梵"])]
    assert spelled(catalogue(rows))["麦洛"] == sorted(["mellow麦洛", "mellow", "麦洛"])


def test_a_category_goes_by_its_synonyms_unless_they_are_categories() -> None:
    assert spelled(catalogue())["纸尿裤"] == sorted(["纸尿裤", "尿不湿", "尿片"])
    both = catalogue([product("1", "甲", None, "纸尿裤"), product("2", "乙", None, "尿片")])
    words = Words()
    found = both.filed(words).find(words.lists([["尿片"], ["尿不湿"], ["纸尿裤"]]))
    # 尿不湿 is a synonym of both; the first of them by name has it.
    assert [both.names[name].name for name in found.name.tolist()] == ["尿片", "尿片", "纸尿裤"]


def test_a_product_goes_by_its_name_and_aliases() -> None:
    assert spelled(catalogue())["p2"] == sorted(["云朵熊星空拉拉裤", "星空拉拉裤"])


def test_aliases_that_several_products_share_name_none() -> None:
    names = catalogue(
        [
            product("1", "云朵熊星空拉拉裤", "云朵熊", "纸尿裤", aliases=["星空系列"]),
            product("2", "云朵熊星空拉拉裤", "云朵熊", "纸尿裤", aliases=["星空系列", "海洋系列"]),
        ]
    )
    assert spelled(names) == {
        "纸尿裤": sorted(["纸尿裤", "尿不湿", "尿片"]),
        "云朵熊": ["云朵熊"],
        "1": [],
        "2": ["海洋系列"],
    }


def test_a_name_that_says_no_more_than_brand_and_category_names_no_product() -> None:
    names = catalogue([product("1", "云朵熊纸尿裤", "云朵熊", "纸尿裤"), product("2", "纸尿裤", "云朵熊", "纸尿裤")])
    assert (spelled(names)["1"], spelled(names)["2"]) == ([], [])
    assert "云朵熊" in spelled(names)["云朵熊"]


def test_what_a_brand_sells_comes_most_products_first() -> None:
    rows = [product(str(n), f"苹果{n}号", "苹果", category) for n, category in enumerate(("湿巾", "洗发水", "洗发水"))]
    (brand,) = [name for name in catalogue(rows).names if name.level == BRAND]
    assert brand.categories == ("洗发水", "湿巾")
    assert catalogue(rows).category_numbers(catalogue(rows).names.index(brand)) == [0, 1]


@pytest.mark.parametrize("name", ["苹果", "自然", "大象", "清爽", "上海", "宝宝"])
def test_an_everyday_word_is_ambiguous_as_a_brand(name: str) -> None:
    assert is_ordinary(name)
    assert next(one for one in catalogue(more_brands=[name]).names if one.name == name).ambiguous


@pytest.mark.parametrize("name", ["麦洛", "云朵熊", "薇诺娜", "Mellow", "海龟爸爸"])
def test_a_name_of_its_own_is_not(name: str) -> None:
    assert not is_ordinary(name)
    assert not next(one for one in catalogue(more_brands=[name]).names if one.name == name).ambiguous


def test_claims_are_filed_by_category_and_normal_form() -> None:
    names = catalogue(
        [*PRODUCTS, product("p5", "另一瓶洗发水", None, "洗发水", selling_points=["去屑 ", "無硅油", "", None])]
    )
    number = {name.name: place for place, name in enumerate(names.names)}
    assert {
        category: {point: [*own] for point, own in claims.items()} for category, claims in names.claims.items()
    } == {
        "洗发水": {"去屑": [number["p1"], number["p3"], number["p5"]], "无硅油": [number["p1"], number["p5"]]},
        "纸尿裤": {"透气": [number["p2"]]},
    }


def test_products_without_brand_or_category_are_names_all_the_same() -> None:
    names = catalogue([product("1", "小熊牌暖手宝"), product("2", "无名之物", "", "")])
    assert names.categories == names.brands == []
    assert spelled(names)["1"] == ["小熊牌暖手宝"]
    assert names.claims == {}


def test_a_catalogue_of_nothing_names_nothing() -> None:
    names = catalogue([])
    assert (names.names, names.aliases, names.categories) == ((), (), [])
    words = Words()
    assert names.filed(words).find(words.lists([["纸尿裤"]])).name.size == 0


def test_further_brands_and_categories_are_names() -> None:
    names = Catalogue.of([], CUTTER, more_brands=["麦洛"], more_categories=["洗碗布"])
    assert spelled(names) == {"洗碗布": ["洗碗布"], "麦洛": ["麦洛"]}
    assert names.names[1].categories == ()


def test_products_are_read_from_a_store() -> None:
    store = store_of({"product": [product("p1", "麦洛洗发水", "麦洛", "洗发水", selling_points=["去屑"])]})
    (row,) = read_products(store.snapshot())
    assert (row["name"], row["brand"], row["category"], row["selling_points"]) == (
        "麦洛洗发水",
        "麦洛",
        "洗发水",
        ["去屑"],
    )
    assert list(read_products(store_of({}).snapshot())) == []


def test_names_that_only_look_different_are_one_spelled_as_most_products_spell_it() -> None:
    rows = [
        product("1", "甲", "云朵熊", "纸尿裤"),
        product("2", "乙", "云朵熊", "纸尿裤"),
        product("3", "丙", "雲朵熊", "紙尿褲"),
        product("4", "丁", "\u202e云朵熊", "母婴>紙尿褲"),
    ]
    for given in (rows, rows[::-1]):
        names = catalogue(given)
        assert (names.categories, names.brands) == (["纸尿裤", "母婴"], ["云朵熊"])
        assert {name.categories for name in names.names if name.level == PRODUCT} == {("纸尿裤",)}


def test_no_unseen_character_of_a_name_is_shown() -> None:
    names = catalogue([product("1", "\u202e云朵熊\u200b拉拉裤", "云朵\u2066熊", "纸\u202e尿裤")])
    assert names.product_names == {"1": "云朵熊拉拉裤"}
    assert (names.brands, names.categories) == (["云朵熊"], ["纸尿裤"])


def test_what_says_no_more_than_a_brand_and_some_category_names_no_product() -> None:
    rows = [
        product("1", "云朵熊云柔纸尿裤", "云朵熊", "纸尿裤", aliases=["云朵熊纸尿裤"]),
        product("2", "云朵熊轻动拉拉裤", "云朵熊", "拉拉裤", aliases=["云朵熊纸尿裤", "云朵熊拉拉裤"]),
        product("3", "云朵熊薄睡", "云朵熊", None, aliases=["云朵熊纸尿裤"]),
    ]
    found = spelled(catalogue(rows))
    assert (found["1"], found["2"], found["3"]) == (["云朵熊云柔纸尿裤"], ["云朵熊轻动拉拉裤"], ["云朵熊薄睡"])


def test_a_brand_called_like_a_category_is_no_word_of_texts() -> None:
    rows = [product("1", "护肤白瓶精华", "护肤", "美妆>护肤>精华"), product("2", "甲", "母婴店", "母婴>奶粉")]
    names = catalogue(rows)
    brands = {names.names[number].name for _, number in names.aliases if names.names[number].level == BRAND}
    assert brands == {"母婴店"}
    assert names.brands == ["护肤", "母婴店"], "its field and its products tell it"


def test_a_name_with_dashes_is_put_below_nothing() -> None:
    names = catalogue([product("1", "甲", None, "母婴-尿裤-纸尿裤"), product("2", "乙", None, "纸尿裤")])
    assert names.tree.flat
