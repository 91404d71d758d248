"""Exports of keywords and ads, each pinned by a small file: what it is recognised as, first and last record, counts."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.reading.exports import Import, subset, workbook


def test_juguang_keyword_sheet(imported: Import, tmp_path: Path) -> None:
    header = ["词包", "关键词", "推荐理由", "竞争指数", "竞争水平", "月均搜索指数", "市场出价"]
    rows: list[list[Any]] = [
        header,
        ["母婴 > 纸尿裤"],
        ["包一", "新生儿纸尿裤", "高点击", 12, "低", "18,399", 0.35],
        ["", "母婴 > 奶粉"],
        ["包一", "婴儿奶粉", "上游", "无", "高", "1.2万", 2.1],
        ["包二", "纸尿裤推荐", "", 88, "高", 500, "--"],
    ]
    found, report = imported("聚光.xlsx", workbook(tmp_path / "made.xlsx", {"sheet": rows}))
    assert (report.format, report.read, report.written, report.unknown_columns) == ("聚光关键词规划", 3, 3, [])
    assert any("2 rows" in note for note in report.notes)
    by_word = {row["keyword"]: row for row in found}
    expected = {
        "unit": "index",
        "volume": 18_399.0,
        "competition": 12.0,
        "bid_low": 0.35,
        "bid_high": 0.35,
        "source": "聚光",
    }
    assert subset(by_word["新生儿纸尿裤"], expected)
    assert subset(by_word["婴儿奶粉"], {"volume": 12_000.0, "competition": None})
    assert subset(by_word["纸尿裤推荐"], {"bid_low": None, "competition": 88.0})


@pytest.mark.parametrize("swapped", [False, True])
def test_juguang_tells_score_from_level_by_value(imported: Import, swapped: bool) -> None:  # noqa: FBT001 - pytest gives it
    one, two = ("竞争水平", "竞争指数") if swapped else ("竞争指数", "竞争水平")
    found, _ = imported("a.csv", f"关键词,{one},{two},月均搜索指数,市场出价\n奶瓶,35,中,100,1.5\n")
    assert subset(found[0], {"competition": 35.0, "source": "聚光"})
    found, _ = imported("a.csv", "关键词,竞争指数,月均搜索指数,市场出价\n奶瓶,中,100,1.5\n奶嘴,高,100,1.5\n")
    assert sorted(row["competition"] for row in found) == [2.0, 3.0]
    assert {row["source"] for row in found} == {"聚光 高中低"}


def test_juguang_json_bids_are_fen(imported: Import) -> None:
    row = {
        "keyword": "奶瓶",
        "recommendReason": ["高点击"],
        "competitionScore": 40,
        "competitionLevel": "中",
        "monthpv": 700,
        "bid": 155,
        "bagName": "x",
    }
    found, report = imported("a.json", json.dumps({"data": [row]}))
    assert report.unknown_columns == []
    assert subset(found[0], {"volume": 700.0, "bid_low": 1.55, "bid_high": 1.55, "competition": 40.0})


def test_juguang_report(imported: Import) -> None:
    text = (
        "时间,投放位置,关键词,创意ID,笔记ID,单元ID,计划ID,消费,展现量,点击量,点击率,互动量,平均位次\n"
        '2024-01-05,搜索,奶瓶,c1,n1,u1,p1,"1,234.50","10,000",321,3.21%,12,1.5\n'
        "2024-01-05,搜索,奶瓶,c2,n1,u1,p1,1.5,100,3,3%,0,2\n"
        "2024-01-06,搜索,奶嘴,c1,n1,u1,p1,0,0,0,--,0,--\n"
    )
    found, report = imported("a.csv", text)
    assert (report.record, report.written, report.unknown_columns) == ("ad", 3, [])  # two creatives stay two
    first = next(row for row in found if row["cost"] == 1234.5)
    assert subset(
        first,
        {
            "keyword": "奶瓶",
            "date": date(2024, 1, 5),
            "impressions": 10_000,
            "clicks": 321,
            "note_id": "n1",
            "average_position": 1.5,
        },
    )


def test_juguang_report_json(imported: Import) -> None:
    rows = [
        {
            "time": "2024-01-05",
            "keyword": "奶瓶",
            "fee": "12.3",
            "impression": 5,
            "click": 1,
            "ctr": "20%",
            "noteId": "n",
        }
    ]
    found, report = imported("a.json", json.dumps(rows))
    assert (report.record, report.unknown_columns) == ("ad", [])
    assert subset(found[0], {"cost": 12.3, "impressions": 5, "note_id": "n"})


@pytest.mark.parametrize(
    ("name", "header", "row"),
    [
        (
            "生意参谋 (旧)",
            "搜索词,搜索人气,搜索热度,点击率,点击热度,交易指数,支付转化率,在线商品数,商城点击占比,直通车参考价",
            '奶瓶,"18,399",20000,120.5%,1,1,3%,500,40%,1.2',
        ),
        (
            "生意参谋相关搜索词",
            "相关搜索词\t搜索人气\t点击率\t支付转化率\t支付买家数\t需求供给比\t天猫商品点击占比",
            "奶瓶\t18,399\t90%\t2%\t100\t∞\t50%",
        ),
        (
            "生意参谋拓展词",
            "排名,拓展词,搜索人气,搜索人气环比,点击率,点击率环比,免费点击率,支付买家数,需求供给比,天猫商品点击率",
            '1,奶瓶,"18,399",5%,1,1,1,1,1,1',
        ),
        ("生意参谋搜索词排行", "排名,搜索词,搜索人气,支付转化率,点击率,免费点击率", '1,奶瓶,"18,399",3%,3%,3%'),
        (
            "店侦探",
            "序号,关键词,搜索人气,搜索指数,占比,点击指数,商城点击占比,当前宝贝数,直通车,单个宝贝搜索次数",
            '1,奶瓶,"18,399",2,1%,1,1%,9,0.8,1',
        ),
    ],
)
def test_shengyicanmou_generations(imported: Import, name: str, header: str, row: str) -> None:
    found, report = imported("a.csv", f"{header}\n{row}\n")
    assert (report.format, report.unknown_columns, report.written) == (name, [], 1)
    assert subset(found[0], {"keyword": "奶瓶", "volume": 18_399.0, "unit": "index"})


def test_5118_reverses_its_scale(imported: Import) -> None:
    found, report = imported(
        "a.csv",
        "keyword,index,mobile_index,bidword_kwc,sem_price,page_url\n奶瓶,120,80,1,0.35~2.17,x\n奶嘴,<20,1,3,,x\n",
    )
    assert report.unknown_columns == []
    by_word = {row["keyword"]: row for row in found}
    assert subset(by_word["奶瓶"], {"volume": 120.0, "competition": 3.0, "bid_low": 0.35, "bid_high": 2.17})
    assert subset(
        by_word["奶嘴"], {"volume": 10.0, "volume_low": 0.0, "volume_high": 20.0, "competition": 1.0, "bid_low": None}
    )


def test_google_keyword_planner(imported: Import) -> None:
    header = [
        "Keyword",
        "Currency",
        "Avg. monthly searches",
        "Three month change",
        "YoY change",
        "Competition",
        "Competition (indexed value)",
        "Top of page bid (low range)",
        "Top of page bid (high range)",
        "In plan?",
        "Searches: May 2025",
    ]
    lines = [
        "Keyword Stats 2025-05",
        "May 1, 2024 - April 30, 2025",
        "\t".join(header),
        "奶瓶\tCNY\t5000\t0%\t0%\tLow\t12\t0.35\t2.17\t\t5000",
        "bottle\tUSD\t10-100\t\t\t\t\t1\t2\t\t50",
    ]
    found, report = imported("planner.csv", "\n".join(lines).encode("utf-16"))
    assert (report.format, report.unknown_columns) == ("Google Keyword Planner", [])
    by_word = {row["keyword"]: row for row in found}
    assert subset(
        by_word["奶瓶"], {"volume": 5_000.0, "unit": "bucket", "competition": 12.0, "bid_low": 0.35, "bid_high": 2.17}
    )
    assert subset(by_word["bottle"], {"volume_low": 10.0, "volume_high": 100.0, "bid_low": None})


@pytest.mark.parametrize(
    ("name", "text", "volume", "unit"),
    [
        ("Google Search Console", "Top queries,Clicks,Impressions,CTR,Position\n奶瓶,10,200,5%,3.2\n", 200, "count"),
        (
            "Semrush",
            "Keyword,Intent,Volume,Trend,Keyword Difficulty,CPC (USD),Competitive Density\n奶瓶,I,200,x,30,0.5,0.1\n",
            200,
            "count",
        ),
        ("Ahrefs", "#,Keyword,Country,Difficulty,Volume,CPC,CPS,Parent Keyword\n1,奶瓶,cn,3,200,1,1,x\n", 200, "count"),
        (
            "Helium 10",
            "Keyword Phrase,Cerebro IQ Score,Search Volume,Competing Products\n奶瓶,1,200,>500\n",
            200,
            "count",
        ),
        (
            "Amazon Brand Analytics",
            '服务行,x\nDepartment,Search Term,Search Frequency Rank,#1 Clicked ASIN\nx,奶瓶,"1,200",B0\n',
            1_200,
            "rank",
        ),
    ],
)
def test_western_tools(imported: Import, name: str, text: str, volume: float, unit: str) -> None:
    found, report = imported("a.csv", text)
    assert (report.format, report.unknown_columns) == (name, [])
    assert subset(found[0], {"keyword": "奶瓶", "volume": volume, "unit": unit})
