"""The market part on the page and in the workbook: points in order, heat maps, brands, audiences, nothing hostile."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import Any, cast

import orjson
import pyarrow as pa
import pytest
from python_calamine import CalamineWorkbook

from gapfinder.market.metrics import AUDIENCE_METRICS, MARKET_METRICS, POINT_METRICS
from gapfinder.market.product_metrics import PRODUCT_GAP_METRICS
from gapfinder.market.results import AUDIENCES, MARKET, SELLING_POINTS, Audience, MarketRow, SellingPoint
from gapfinder.reporting.export import export_report
from gapfinder.reporting.html import content_security_policy, render_report
from gapfinder.reporting.market_part import MarketPart, market_of
from gapfinder.reporting.market_sheets import AUDIENCE_COLUMNS, MARKET_COLUMNS, POINT_COLUMNS
from gapfinder.reporting.market_view import heat_of, market_view, tail_words
from gapfinder.reporting.privacy import published
from gapfinder.reporting.words import tenth
from gapfinder.reporting.workbook import write_workbook
from indexer.stores.contract import RUN_ROWS, Store
from tests.reporting.made_market import made_audience, made_keyword, made_market, made_point, made_row
from tests.reporting.made_run import FORMULA, MARKUP, made_info, made_run


def _part(text: str, name: str) -> str:
    """One section of the page."""
    start = text.index(f'<section id="{name}"')
    return text[start : text.index("</section>", start)]


def _page(part: MarketPart | None = None) -> str:
    return render_report(made_run(), None, part or made_market())


def _sheet(path: Path, name: str) -> list[list[Any]]:
    book = CalamineWorkbook.from_path(str(path))
    [full] = [one for one in book.sheet_names if one.startswith(f"{name} ")]
    return book.get_sheet_by_name(full).to_python()


def test_every_column_of_the_market_declares_itself() -> None:
    assert list(POINT_METRICS) == list(SellingPoint.__annotations__)
    assert list(AUDIENCE_METRICS) == list(Audience.__annotations__)
    assert list(MARKET_METRICS) == list(MarketRow.__annotations__)
    for metric in (*POINT_METRICS.values(), *AUDIENCE_METRICS.values(), *MARKET_METRICS.values()):
        assert metric.label
        assert metric.formula
        assert metric.method.endswith("。")


def test_points_stand_in_their_order_with_their_figures() -> None:
    points = _part(_page(), "points")
    names = [
        unescape(name) for name in re.findall(r'<tr class="figures">\s*<th scope="row">(.*?)(?:<small|</th>)', points)
    ]
    assert names == ["缓解红屁股", MARKUP, "防侧漏", "控油"], "what nobody searched is no row"
    first = points[points.index('<tr class="figures">') : points.index('<tr class="proof">')]
    for text in ("供不应求", ">14%<", ">2.1%<", ">6.2<", "3.5–14.7", ">29.0<", "23.2–34.8", "没有内容", "+40%"):
        assert text in first, text
    assert re.search(r'data-label="先对谁说">孕妈<small>2.5 倍', first)
    assert "夸 7" in first
    assert "怨 2" in first
    assert points.count("供不应求</small>") == 3
    assert "干爽　59 篇" in points
    assert "<b>评论区</b>　提问 12、求链接 3</span>" in points


def test_a_point_shows_its_reason_with_searches_and_notes() -> None:
    points = _part(_page(), "points")
    assert "<details><summary>每周约 20 次搜索，缓解红屁股：要的人多、写的人少。</summary>" in points
    proof = points[points.index("<details><summary>") :]
    assert "编号 note-9" in proof
    assert "多半没有回答这个需求" in proof
    assert "缓解红屁股的" in proof


def test_too_little_data_is_said_with_what_is_missing() -> None:
    points = _part(_page(), "points")
    assert re.search(r"<b>口红</b>数据太少：还差 123 次搜索", points)


def test_the_figures_of_the_heat_map_are_those_of_the_rows() -> None:
    market = made_market()
    own = [point for point in market.points if point["category"] == "纸尿裤"]
    heat = heat_of(own)
    assert heat is not None
    assert heat.keywords == ["缓解红屁股", "防侧漏不勒肚", FORMULA], "by the first point that asks, 0 is no gap"
    figures = {point["selling_point"]: {k["keyword"]: k["unmet_per_week"] for k in point["keywords"]} for point in own}
    for name, cells in heat.rows:
        assert [cell.keyword["unmet_per_week"] if cell else None for cell in cells] == [
            figures[name].get(keyword) for keyword in heat.keywords
        ]
    assert [cell.step for _, cells in heat.rows for cell in cells if cell] == [5, 5, 2, 5]
    points = _part(_page(market), "points")
    table = points[
        points.index('<table class="heat">') : points.index("</table>", points.index('<table class="heat">'))
    ]
    shown = re.findall(r'<td class="s(\d)" title="([^"]*)">([^<]*)</td>', table)
    assert [text for _, _, text in shown] == [tenth(value) for value in (28.9568, 24.323, 1.481, 24.323)]
    assert unescape(shown[2][1]) == f"{MARKUP} × {FORMULA}：每周未满足 1.5 次（1.2–1.8），没有内容"


def test_a_heat_map_is_cut_to_the_largest() -> None:
    points = [made_point(f"卖点{n}", 9.0, [made_keyword(f"词{n}", n + 1.0)]) for n in range(20)]
    heat = heat_of(points, 5)
    assert heat is not None
    assert heat.keywords == [f"词{n}" for n in range(5)], "of the first points"
    assert heat.most == 5.0
    assert heat_of([made_point("没有缺口", 0.0, [made_keyword("词", 0.0)])]) is None


def test_keywords_lead_to_their_gaps() -> None:
    text = _page()
    ids = set(re.findall(r'\bid="([^"]+)"', text))
    targets = set(re.findall(r'href="#([^"]+)"', text))
    assert targets <= ids
    assert len(ids) == len(re.findall(r'\bid="([^"]+)"', text))
    assert re.search(r'<span><a href="#gap-\d+">防侧漏不勒肚</a></span>', text)


def test_hostile_names_stay_text() -> None:
    text = _page()
    assert MARKUP not in text
    assert text.count("&lt;img src=x onerror=alert(1)&gt;") > 12
    assert ' style="' not in text
    assert "url(" not in text
    assert content_security_policy() in unescape(text)


def test_brands_show_both_shares_and_who_is_new() -> None:
    market = _part(_page(), "market")
    assert market.count("新入场") == 1
    assert "<b>42%</b><small>40%–45%</small>" in market
    assert "<b>8.0%</b><small>6.1%–9.0%</small>" in market
    row = market[market.index("云朵熊") :]
    assert '<td class="num">–</td>' in row[: row.index("</tr>")], "a share of nothing"
    assert "拉拉裤" not in market, "brands, not products"
    assert tail_words(made_row("纸尿裤")["tail"]) in market


def test_the_long_tail_is_one_sentence() -> None:
    assert tail_words(made_row("纸尿裤")["tail"]) == (
        "12 个品牌有笔记在讲，前三名占 53% 的声量，集中度相当于 6.2 个品牌平分（HHI\u00a00.16）；"
        "最后 10% 的声量由 6 个品牌分，1 个只被讲过一次，估计还有 0.2% 的声量属于没见过的品牌。"
    )
    assert tail_words(None) == "还没有笔记提到品牌。"


def test_audiences_show_the_strongest_first() -> None:
    section = _part(_page(), "audiences")
    assert section.index("孕妈") < section.index("&lt;img")
    assert "<b>12.6</b><small>11.3–13.9</small>" in section
    assert "共同搜索发现" in section
    assert "<b>看重的卖点</b>　缓解红屁股" in section
    weak = replace(made_market(), audiences=[])
    assert 'id="audiences"' not in _page(weak)


def test_a_group_that_may_be_no_different_is_not_shown() -> None:
    part = made_market()
    for row in part.audiences:
        row["audiences"] = [made_audience("路人", 1.05, lift_low=0.9)]
    assert market_view(part, {}, 5).groups == []


def test_a_long_list_is_cut_and_says_so() -> None:
    points = [made_point(f"卖点{n}", 50.0 - n, [made_keyword(f"词{n}", 50.0 - n)]) for n in range(40)]
    brands = [made_row(f"品牌{n}", "brand") for n in range(40)]
    text = _page(MarketPart(points, [], [made_row("纸尿裤"), *brands]))
    assert "另有 20 个有人搜的卖点" in text
    assert "另有 28 个品牌" in text


def test_what_is_hidden_is_counted_and_columns_are_explained() -> None:
    text = _page()
    assert "有 2 个卖点因搜索人数不足 5 人，或疑似含个人信息，未在本页展示。" in _part(text, "coverage")
    assert POINT_METRICS["lift"].method in _part(text, "method")


def test_without_a_market_the_page_is_as_before() -> None:
    text = render_report(made_run())
    for name in ("points", "market", "audiences"):
        assert f'id="{name}"' not in text
    assert POINT_METRICS["lift"].method not in text
    assert market_of(cast("Store", _Rows({})), published(made_run())) is None


class _Rows:
    """A store that holds sections of one run."""

    def __init__(self, sections: dict[str, list[Any]]) -> None:
        self.sections = sections

    def run_rows(self, _: str, section: str) -> pa.Table:
        rows = self.sections.get(section, [])
        bodies = [orjson.dumps(row).decode() for row in rows]
        columns = [[section] * len(rows), list(range(len(rows))), [str(n) for n in range(len(rows))], bodies]
        kinds = zip(columns, RUN_ROWS.types, strict=True)
        return pa.table([pa.array(column, kind) for column, kind in kinds], schema=RUN_ROWS)


def test_what_few_people_searched_is_left_out() -> None:
    part = made_market()
    rare = made_point("巷口", 3.0, [made_keyword("没有公开的词", 3.0)], searchers=3)
    sections: dict[str, list[Any]] = {
        SELLING_POINTS: [*part.points, rare],
        AUDIENCES: part.audiences,
        MARKET: [*part.market, made_row("小众牌", "brand", searchers=2)],
    }
    run = published(replace(made_run(), info=made_info(market={"points": 6})))
    shown = market_of(cast("Store", _Rows(sections)), run)
    assert shown is not None
    assert shown.hidden_points == 1
    known = {gap["keyword"] for gap in run.gaps}
    assert {keyword["keyword"] for point in shown.points for keyword in point["keywords"]} <= known
    [brand] = [row for row in shown.market if row["name"] == "小众牌"]
    assert brand["searches"] == 0
    text = render_report(run, None, shown)
    for hidden in ("巷口", "没有公开的词", "不漏"):
        assert hidden not in text, hidden


def test_the_workbook_has_the_sheets_of_the_market(tmp_path: Path) -> None:
    part, path = made_market(), tmp_path / "report.xlsx"
    export_report(made_run(), path, None, lambda _: part)
    names = [name.split(" ")[0] for name in CalamineWorkbook.from_path(str(path)).sheet_names]
    assert names[3:8] == ["selling_points", "points_keywords", "product_gaps", "audiences", "market"]
    assert names[8] == "brands_points"
    assert names[-2:] == ["metrics", "manifest"]

    head, *rows = _sheet(path, "selling_points")
    assert head == [column.header for column in POINT_COLUMNS]
    assert [row[1] for row in rows] == [point["selling_point"] for point in part.points]
    assert [row[head.index("unmet_per_week 每周未满足")] for row in rows] == [29.0, 25.8, 25.8, 0.0, 12.0]
    assert rows[0][head.index("polarity.praised 夸")] == 7.0
    assert rows[3][head.index("lift 供需比")] == ""

    head, *rows = _sheet(path, "product_gaps")
    assert head == [metric.header for metric in PRODUCT_GAP_METRICS.values()]
    assert rows == [list(row.values()) for row in part.product_gaps]
    assert [row[4] for row in rows] == [FORMULA]

    head, *rows = _sheet(path, "audiences")
    assert head == [column.header for column in AUDIENCE_COLUMNS]
    assert [(row[0], row[4]) for row in rows[:2]] == [("缓解红屁股", "孕妈"), ("缓解红屁股", f"{MARKUP}党")]
    assert len(rows) == 4

    head, *rows = _sheet(path, "market")
    assert head == [column.header for column in MARKET_COLUMNS]
    assert rows[3][head.index("newcomer 新入场")] is True
    assert rows[3][head.index("points.theirs 卖点站位：独有")] == "防侧漏"
    assert rows[0][head.index("tail.hhi 集中度 HHI")] == 0.16
    assert rows[0][head.index("comments.question 评论：提问")] == 12.0

    head, *rows = _sheet(path, "brands_points")
    assert [row[: head.index("notes 讲到它的笔记")] for row in rows] == [[f"{MARKUP}棉", "纸尿裤", "防侧漏", "独有"]]
    said = ("comments_praised 评论夸", "comments_complained 评论怨", "positive.share 好评率")
    assert [rows[0][head.index(name)] for name in said] == [11.0, 4.0, 0.75]

    explained = {row[0]: row[5] for row in _sheet(path, "metrics")}
    assert explained["selling_points.lift"] == POINT_METRICS["lift"].method


def test_the_heat_map_of_the_workbook_has_each_category_under_its_keywords(tmp_path: Path) -> None:
    path = tmp_path / "report.xlsx"
    write_workbook(made_info(), [], path, made_market())
    head, *rows = _sheet(path, "points_keywords")
    assert head == ["category 品类", "selling_point 卖点", "缓解红屁股", "防侧漏不勒肚", FORMULA]
    assert rows == [
        ["纸尿裤", "缓解红屁股", 28.9568, "", ""],
        ["纸尿裤", MARKUP, "", 24.323, 1.481],
        ["纸尿裤", "防侧漏", "", 24.323, ""],
        ["", "", "", "", ""],
        ["洗发水", "", "控油蓬松", "", ""],
        ["洗发水", "控油", 12.4, "", ""],
    ]


@pytest.mark.parametrize("part", [None, MarketPart([], [], [])], ids=["none", "empty"])
def test_a_workbook_without_a_market_is_whole(tmp_path: Path, part: MarketPart | None) -> None:
    path = tmp_path / "report.xlsx"
    write_workbook(made_info(), [], path, part)
    assert len(CalamineWorkbook.from_path(str(path)).sheet_names) == (5 if part is None else 11)
    assert "没有品类" in _page(MarketPart([], [], []))


def _tree() -> MarketPart:
    """The made market below two categories that only stand above others, with hostile names."""
    part = made_market()
    above = f"{MARKUP}婴"
    place: dict[str, Any] = {"parent": above, "path": [above, "纸尿裤"], "depth": 1}
    rows = [row | place if row["category"] == "纸尿裤" else row for row in part.market]
    rows[3:] = [row | {"parent": None} for row in rows[3:]]
    top = made_row(above, path=[above], children=1, searches=990, tail=None)
    return replace(part, market=[top, *cast("list[MarketRow]", rows)])


def test_a_tree_of_categories_is_shown_where_there_is_one() -> None:
    page = _page(_tree())
    points, market = _part(page, "points"), _part(page, "market")
    assert MARKUP not in page
    assert unescape(re.search(r'class="way">(.*?)</small><b>纸尿裤', points)[1]) == f"{MARKUP}婴 › "  # type: ignore[index]  # it is there
    names = [unescape(name) for name in re.findall(r'<th scope="row" class="in\d">(.*?)</th>', market)]
    assert names == [f"{MARKUP}婴", "纸尿裤", "洗发水", "口红"]
    assert re.findall(r'class="in(\d)"', market) == ["0", "1", "0", "0"]
    assert "份额在同一上级的品类之间算" in market
    for text in (points, market):
        assert text.count("<details") == text.count("</details>")
    view = market_view(_tree(), {}, 5)
    assert [one.category["name"] for one in view.categories] == ["纸尿裤", "洗发水", "口红"], (
        "what has points of its own"
    )
    assert [one.category["name"] for one in view.brands] == ["纸尿裤"]


def test_categories_beside_each_other_make_no_tree() -> None:
    assert market_view(made_market(), {}, 5).tree == []
    page = _page()
    assert 'class="way"' not in page
    assert "份额在同一上级的品类之间算" not in page


def test_the_workbook_says_where_a_row_stands(tmp_path: Path) -> None:
    path = tmp_path / "report.xlsx"
    write_workbook(made_info(), [], path, _tree())
    head, *rows = _sheet(path, "market")
    at = [head.index(name) for name in ("parent 上级品类", "path 品类路径", "depth 品类级数", "children 下级品类数")]
    assert [rows[1][place] for place in at] == [f"{MARKUP}婴", f"{MARKUP}婴 > 纸尿裤", 1.0, 0.0]
    assert [rows[0][place] for place in at] == ["", f"{MARKUP}婴", 0.0, 1.0]
