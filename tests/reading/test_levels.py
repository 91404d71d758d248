"""Catalogues that say a category level by level: the columns become one path."""

from __future__ import annotations

import pytest

from indexer.reading.formats.levels import is_level
from indexer.reading.recognise import Recogniser
from tests.reading.exports import Import, workbook

HEADER = "商品id,商品名称,一级类目,二级类目,叶子类目\n"


def categories(imported: Import, text: str | bytes, name: str = "x.csv", **more: object) -> list[str | None]:
    found, _ = imported(name, text, **more)
    return [row["category"] for row in sorted(found, key=lambda row: str(row["product_id"]))]


def test_the_levels_of_a_row_are_joined(imported: Import) -> None:
    rows = "1,甲,母婴,尿裤湿巾,纸尿裤\n2,乙,母婴,,纸尿裤\n3,丙,,,洗发水\n4,丁,,,\n5,戊,面膜/泥膜,面膜/泥膜,\n"
    rows += "6,己, 母婴 ,奶粉,奶粉\n"
    assert categories(imported, HEADER + rows) == [
        "母婴 > 尿裤湿巾 > 纸尿裤", "母婴 > 纸尿裤", "洗发水", None, "面膜/泥膜", "母婴 > 奶粉",
    ]  # fmt: skip


def test_levels_are_joined_by_their_numbers_and_before_the_plain_column(imported: Import) -> None:
    text = "类目,二级分类,商品id,名称,一级分类名称\n纸尿裤,尿裤,1,甲,母婴\n纸尿裤,,2,乙,\n"
    assert categories(imported, text) == ["母婴 > 尿裤 > 纸尿裤", "纸尿裤"]


def test_a_plain_column_that_repeats_a_level_or_stands_beside_a_leaf_is_no_level(imported: Import) -> None:
    text = "商品id,名称,一级类目,二级类目,类目\n1,甲,母婴,纸尿裤,母婴\n2,乙,母婴,纸尿裤,纸尿裤\n"
    assert categories(imported, text) == ["母婴 > 纸尿裤", "母婴 > 纸尿裤"]
    text = "商品id,名称,一级类目,叶子类目,类目\n1,甲,母婴,纸尿裤,热卖\n"
    assert categories(imported, text) == ["母婴 > 纸尿裤"]


def test_a_column_that_is_already_a_path_stays_one(imported: Import) -> None:
    text = "商品id,名称,类目路径\n1,甲,母婴>尿裤>纸尿裤\n"
    assert categories(imported, text) == ["母婴>尿裤>纸尿裤"]


def test_workbooks_are_read_alike(imported: Import, tmp_path_factory: pytest.TempPathFactory) -> None:
    rows: list[list[object]] = [["商品id", "名称", "一级类目", "末级类目"], [7, "奶瓶", "母婴", "奶瓶"]]
    made = workbook(tmp_path_factory.mktemp("book") / "made.xlsx", {"商品": rows})
    assert categories(imported, made, "x.xlsx") == ["母婴 > 奶瓶"]


def test_what_the_user_says_of_a_column_counts(imported: Import) -> None:
    rows = "1,甲,母婴,尿裤湿巾,纸尿裤\n"
    assert categories(imported, HEADER + rows, mapping={"二级类目": "category"}) == ["尿裤湿巾"]
    assert categories(imported, HEADER + rows, mapping={"一级类目": "brand"}) == ["尿裤湿巾 > 纸尿裤"]


def test_a_path_that_is_too_long_goes_to_quarantine(imported: Import) -> None:
    found, report = imported("x.csv", HEADER + f"1,甲,{'母' * 100},{'婴' * 100},纸尿裤\n" + "2,乙,母婴,,\n")
    assert {row["category"] for row in found} == {"母婴"}
    assert report.rejected == 1


def test_levels_make_no_other_table_a_catalogue() -> None:
    header = ["订单号", "商品id", "商品名称", "下单时间", "一级类目", "二级类目", "三级类目", "叶子类目"]
    assert Recogniser().plan(header, "x").record == "order"
    assert not any(map(is_level, ["类目", "一级", "十一级类目", "一级类目id", "叶子"]))
