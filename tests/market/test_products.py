"""Products that the catalogue lacks: what is a series and what is not, how sure, on made names and on made markets."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from itertools import cycle, product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gapfinder.market.products import ProductSuggestion, Told, suggest_products
from gapfinder.older import whole_suggestion
from gapfinder.points.grammar import Grammar
from gapfinder.texts.words import Words
from indexer.normalize import normalize
from tests.cli.program import gapfinder
from tests.understanding import made

PRODUCTS = [
    made.product("p1", "麦洛氨基酸洗发水", "Mellow/麦洛", "洗发水"),
    made.product("p2", "云朵熊星空纸尿裤", "云朵熊", "纸尿裤", aliases=["云朵熊星空"]),
    made.product("p3", "麦洛柔薄纸尿裤", "Mellow/麦洛", "纸尿裤"),
    made.product("p4", "苹果生姜洗发水", "苹果", "洗发水"),
]
CATALOGUE = made.catalogue(PRODUCTS)


def suggested(titles: Sequence[str] = (), queries: Sequence[tuple[str, int]] = ()) -> list[ProductSuggestion]:
    grammar = Grammar(Words(), made.CUTTER)

    def told(rows: Sequence[tuple[str, int]]) -> Told:
        cut = [made.CUTTER.query_terms(normalize(text)) for text, _ in rows]
        return Told(grammar.join(grammar.words.lists(cut)), [text for text, _ in rows], [times for _, times in rows])

    return suggest_products(told([(title, 1) for title in titles]), told(queries), CATALOGUE, grammar)


def names(found: Sequence[ProductSuggestion]) -> list[str]:
    return [one.name for one in found]


def test_titles_and_queries_speak_for_one_product_with_all_that_a_row_needs() -> None:
    titles = ["麦洛云感系列纸尿裤测评", "麦洛云感纸尿裤真实测评"]
    (one,) = suggested(titles, [("麦洛 云感 纸尿裤", 12), ("麦洛纸尿裤云感", 3), ("麦洛 透气云感尿不湿", 5)])
    assert (one.name, one.brand, one.series, one.category) == ("麦洛云感纸尿裤", "Mellow/麦洛", "云感", "纸尿裤")
    assert (one.notes, one.queries, one.searches, one.functions) == (2, 3, 20, ["透气"])
    assert one.sure
    assert 0.9 < one.certainty < 1
    assert one.examples == [*titles, "麦洛 云感 纸尿裤"]


@pytest.mark.parametrize("query", ["云朵熊皇家系列", "云朵熊 皇家 系列 测评", "云朵熊皇家系列纸尿裤"])
def test_a_brand_of_one_category_needs_no_category_beside_what_is_called_a_series(query: str) -> None:
    assert names(suggested(queries=[(query, 9)])) == ["云朵熊皇家纸尿裤"]


@pytest.mark.parametrize(
    "between",
    [
        "新款", "大包", "2片", "l码", "宝宝", "新生儿", "夏天", "平价", "推荐", "透气", "防侧漏", "正品", "官方旗舰店",
        "日本", "系列", "是什么", "的", "", "云朵熊", "便宜", "夜用透气", "薄", "升级款", "50片整箱",
    ],
)  # fmt: skip
def test_what_any_product_may_go_by_is_no_series(between: str) -> None:
    assert suggested([f"麦洛{between}纸尿裤", f"好用的麦洛{between}纸尿裤"], [(f"麦洛 {between} 纸尿裤", 90)]) == []


def test_what_is_said_without_a_brand_is_no_series() -> None:
    branded = [("麦洛 星光 纸尿裤", 9)]
    assert names(suggested(queries=branded)) == ["麦洛星光纸尿裤"]
    assert suggested(queries=[*branded, ("星光纸尿裤", 9)]) == []
    assert names(suggested(queries=[*branded, ("星光手机壳", 90), ("云朵熊星光纸尿裤", 9)])) == [
        "云朵熊星光纸尿裤", "麦洛星光纸尿裤",
    ]  # fmt: skip


def test_known_products_other_names_and_bots_are_left_out() -> None:
    assert suggested(queries=[("麦洛 柔薄 纸尿裤", 9), ("云朵熊 星空 纸尿裤", 9), ("云朵熊星空", 9)]) == []
    assert suggested(queries=[("苹果 云感 纸尿裤", 9)]) == [], "an ordinary word is no brand of what it does not sell"
    assert suggested(queries=[("麦洛 云感 纸尿裤", 0)]) == [], "only bots searched it"
    assert suggested(["麦洛云感纸尿裤"]) == [], "once"
    assert names(suggested(queries=[("麦洛 云感 2片 纸尿裤", 9), ("麦洛 云感 测评 纸尿裤", 1)])) == ["麦洛云感纸尿裤"]


def test_a_longer_run_that_is_said_less_is_no_series_of_its_own() -> None:
    queries = [("麦洛 云感 纸尿裤", 40), ("麦洛 云感晨曦 纸尿裤", 9)]
    assert names(suggested(queries=queries)) == ["麦洛云感纸尿裤"]
    assert len(suggested(queries=[("麦洛 云感 纸尿裤", 9), ("麦洛 云感晨曦 纸尿裤", 9)])) == 2


SERIES = ["云感", "薄睡", "轻动", "小金瓶", "星耀", "臻护", "初绒", "沐光", "蓝韵", "奢宠", "晨曦", "皇家"]
ORDINARY = [
    "新款",
    "大包",
    "透气",
    "夏天",
    "宝宝",
    "日本",
    "2片",
    "春季",
    "通用",
    "防侧漏",
    "纯棉",
    "成长",
    "日用",
    "儿童",
]


def made_market() -> tuple[list[str], list[tuple[str, int]], set[str]]:
    """Titles and queries of brands with series of their own among words that any product goes by; and the truth."""
    chance = np.random.default_rng(7)
    truth, titles, queries = set(), [], []
    for (brand, category), series in zip(
        cycle(product(("麦洛", "云朵熊"), ("纸尿裤", "洗发水"))), SERIES, strict=False
    ):
        truth.add(f"{brand}{series}{category}")
        endings = chance.permutation(["测评", "开箱", "真实感受", "空瓶记", "值得买吗"])[: int(chance.integers(1, 5))]
        titles += [f"{brand}{series}{'系列' if chance.random() < 0.3 else ''}{category}{end}" for end in endings]
        queries.append((f"{brand} {series} {category}", int(chance.integers(1, 40))))
    for word, category in product(ORDINARY, ("纸尿裤", "洗发水")):
        queries.append((f"{word}{category}", int(chance.integers(20, 400))))
        for brand in ("麦洛", "云朵熊"):
            if chance.random() < 0.7:
                queries.append((f"{brand} {word} {category}", int(chance.integers(1, 40))))
                titles.append(f"{brand}{word}{category}测评")
    return titles, queries, truth


def test_precision_and_recall_on_a_made_market_are_as_documented() -> None:
    titles, queries, truth = made_market()
    told = set(names(suggested(titles, queries)))
    assert len(told & truth) / len(told) >= 0.95
    assert len(told & truth) / len(truth) >= 0.9


PIECES = [
    "麦洛",
    "云朵熊",
    "云感",
    "星",
    "系列",
    "透气",
    "纸尿裤",
    "洗发水",
    "苹果",
    "的",
    "2片",
    "新款",
    "测评",
    " ",
    "尿不湿",
    "柔薄",
]


@given(
    st.lists(
        st.tuples(st.lists(st.sampled_from(PIECES), min_size=1, max_size=7).map("".join), st.integers(0, 9)),
        max_size=12,
    )
)
def test_whatever_is_said_names_stay_in_bounds(rows: list[tuple[str, int]]) -> None:
    found = suggested([text for text, _ in rows], rows)
    assert len({one.name for one in found}) == len(found)
    for one in found:
        assert 2 <= len(one.series) <= 6
        assert 0 < one.certainty <= 1
        assert one.searches <= sum(times for _, times in rows)
        assert one.notes <= len(rows)


def test_suggestions_of_older_runs_are_brands() -> None:
    old: dict[str, Any] = {"name": "麦洛", "latin": "", "sure": True, "titles": 2, "queries": 1, "searches": 3}
    assert whole_suggestion(old)["kind"] == "brand"


def write_lines(path: Path, lines: Sequence[Sequence[Any]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(lines)
    return path


def test_what_is_suggested_is_written_checked_imported_and_known(tmp_path: Path) -> None:
    def run(*arguments: str) -> Any:
        answer = gapfinder(*arguments, cwd=tmp_path)
        assert answer.code == 0, answer.err
        return answer.json if "--json" in arguments else None

    catalogue = [["product_id", "name", "brand", "category"], ["p1", "云朵熊星空纸尿裤", "云朵熊", "纸尿裤"]]
    titles = ["云朵熊云感系列纸尿裤测评", "云朵熊云感纸尿裤真实感受", "纸尿裤怎么选", "夏天纸尿裤"]
    notes = [["note_id", "title", "content"], *([f"n{n}", title, "用了一段时间"] for n, title in enumerate(titles))]
    asked = ["云朵熊 云感 纸尿裤", "云朵熊云感", "纸尿裤推荐", "贝棉棉旗舰店"]
    queries = [["query", "user_id", "searched_at"]]
    queries += [[asked[n % 4], f"u{n}", f"2026-05-{1 + n % 28:02d} 10:00:00"] for n in range(80)]
    queries.append(["手机壳", "u0", "2026-05-29 10:00:00"])  # the day that is not over
    for name, lines in (("products", catalogue), ("notes", notes), ("searches", queries)):
        write_lines(tmp_path / f"{name}.csv", lines)
    run("import", "products.csv", "notes.csv", "searches.csv")
    run("analyze", "--json")
    listed = run("market", "--suggest", "--out", "names.csv", "--json")
    assert {row["name"]: row["kind"] for row in listed} == {"贝棉棉": "brand", "云朵熊云感纸尿裤": "product"}
    checked = (tmp_path / "names.csv").read_text("utf-8-sig")
    brand = "brand:贝棉棉,贝棉棉,贝棉棉,"
    assert f"\n{brand},,\n" in checked.replace("\r", "")
    (tmp_path / "names.csv").write_text(checked.replace(brand, f"{brand}纸尿裤"), "utf-8")
    run("import", "names.csv")
    run("analyze", "--json")
    assert run("market", "--suggest", "--json") == []
    (row,) = run("market", "云朵熊云感纸尿裤", "--json")
    assert (row["level"], row["brand"], row["category"]) == ("product", "云朵熊", "纸尿裤")
    assert row["searches"] == 40, "both wordings are the product's now"
    assert row["notes"] == 2
    (row,) = run("market", "贝棉棉", "--level", "brand", "--json")
    assert (row["category"], row["searches"]) == ("纸尿裤", 20)
