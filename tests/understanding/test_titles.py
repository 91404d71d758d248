"""The brand of a product, read from its title."""

from __future__ import annotations

import pytest

from gapfinder.understanding.titles import KnownBrand, brands_of_titles
from tests.understanding.made import CUTTER

KNOWN = {
    "麦洛": KnownBrand("Mellow/麦洛", ("洗发水",)),
    "Mellow": KnownBrand("Mellow/麦洛", ("洗发水",)),
    "麦洛宝贝": KnownBrand("麦洛宝贝"),
    "苹果": KnownBrand("苹果", ("手机",)),
    "小米": KnownBrand("小米", ("手环",)),
    "森林": KnownBrand("森林", ("湿巾",)),
    "La Mer": KnownBrand("La Mer"),
    "L'Oreal": KnownBrand("L'Oreal"),
    "7号": KnownBrand("7号"),
}


def brand_of(title: str) -> str | None:
    (found,) = brands_of_titles([title], KNOWN, CUTTER)
    return found.name if found else None


@pytest.mark.parametrize(
    ("title", "brand"),
    [
        ("麦洛洗发水", "Mellow/麦洛"),
        ("MELLOW 柔顺洗发水", "Mellow/麦洛"),
        ("麥洛洗髮水", "Mellow/麦洛"),
        ("【官方】麦洛 护发素", "Mellow/麦洛"),
        ("旗舰店正品 麦洛", "Mellow/麦洛"),
        ("麦洛宝贝湿巾", "麦洛宝贝"),  # of two at one place the longer
        ("柔顺洗发水 麦洛", "Mellow/麦洛"),
        ("7号洗发水", "7号"),
        ("La Mer 面霜", "La Mer"),
        ("L'OREAL洗发水", "L'Oreal"),
        ("大麦洛神花茶", None),  # within other words
        ("洗发水", None),
        ("", None),
    ],
)
def test_a_brand_is_found_by_each_of_its_names(title: str, brand: str | None) -> None:
    assert brand_of(title) == brand


def test_the_first_of_several_brands_is_the_one() -> None:
    assert brand_of("麦洛 麦洛宝贝 联名") == "Mellow/麦洛"
    assert brand_of("麦洛宝贝 麦洛 联名") == "麦洛宝贝"


@pytest.mark.parametrize(
    ("title", "brand"),
    [
        ("适用于苹果手机壳", None),
        ("适用小米手环表带", None),
        ("兼容 小米手环的表带", None),
        ("兼容小米手环 麦洛表带", "Mellow/麦洛"),  # the maker is named behind it
        ("麦洛 适配苹果手机", "Mellow/麦洛"),
    ],
)
def test_what_a_thing_fits_did_not_make_it(title: str, brand: str | None) -> None:
    assert brand_of(title) == brand


@pytest.mark.parametrize(
    ("title", "brand"),
    [
        ("苹果手机 128G", "苹果"),
        ("国行 苹果手机", "苹果"),  # names what the brand sells
        ("苹果 充电线", "苹果"),  # begins with it
        ("森林湿巾", "森林"),
        ("森林系连衣裙", None),
        ("苹果味糖果", None),
        ("苹果造型抱枕", None),
        ("苹果同款", None),
        ("糖果 苹果", None),
        ("苹果派", None),
    ],
)
def test_an_ordinary_word_is_a_brand_only_where_the_title_speaks_of_it(title: str, brand: str | None) -> None:
    assert brand_of(title) == brand


def test_titles_do_not_depend_on_each_other() -> None:
    titles = ["麦洛洗发水", "", "苹果味糖果", "La Mer 面霜"]
    found = brands_of_titles(titles, KNOWN, CUTTER)
    assert [one.name if one else None for one in found] == [brand_of(title) for title in titles]


def test_without_names_no_title_has_a_brand() -> None:
    assert brands_of_titles(["麦洛洗发水", ""], {}, CUTTER) == [None, None]
    assert brands_of_titles(["麦洛洗发水", "！"], {"": KnownBrand("x"), "！": KnownBrand("y")}, CUTTER) == [None, None]
    assert brands_of_titles([], KNOWN, CUTTER) == []
