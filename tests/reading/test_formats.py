"""Each known export pinned by a small file of its own: what it is recognised as, first and last record, counts."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter

from indexer.errors import UsageError
from indexer.importer import FileReport, import_files
from indexer.reading.formats import FORMATS
from indexer.reading.recognise import Recogniser
from indexer.records import RECORDS
from indexer.stores.memory import MemoryStore

Import = Callable[..., tuple[list[dict[str, Any]], FileReport]]


@pytest.fixture
def imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Import:
    monkeypatch.chdir(tmp_path)

    def run(name: str, data: str | bytes, **options: Any) -> tuple[list[dict[str, Any]], FileReport]:
        path = tmp_path / name
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
        store = MemoryStore()
        report = import_files(store, [path], max_rejected=1, **options).files[0]
        assert report.read == report.written + report.unchanged + report.rejected
        snapshot = store.snapshot()
        rows = pa.Table.from_batches(snapshot.scan(report.record), RECORDS[report.record].schema).to_pylist()
        return rows, report

    return run


def subset(row: dict[str, Any], expected: dict[str, Any]) -> bool:
    assert {name: row[name] for name in expected} == expected
    return True


def workbook(path: Path, sheets: Mapping[str, Sequence[Sequence[Any]]]) -> bytes:
    with xlsxwriter.Workbook(str(path), {"default_date_format": "yyyy-mm-dd hh:mm"}) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                for place, cell in enumerate(row):
                    sheet.write(number, place, cell)
    return path.read_bytes()


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


HUITUN = (
    "笔记官方地址,笔记标题,笔记内容,预估阅读量,互动量,点赞数,收藏数,评论数,分享数,发布时间,封面图片地址,"
    "视频链接,是否商业笔记,报备品牌企业号,提及品牌,是否参与付费推广,达人名称,小红书号,主页链接,粉丝数,联系方式,"
    "笔记类型"
)


def test_huitun_notes(imported: Import) -> None:
    text = (
        HUITUN + "\n"
        "https://www.xiaohongshu.com/explore/65a0b1c2d3e4f50012345678?xsec_token=abc,笔记暂未设置标题,很好用,"
        "1.2万,30,10+,5,--,1,2024/1/5 8:03,x,x,是,某品牌,某品牌,否,张三,red123,x,5000,13812345678,图文\n"
        "https://www.xiaohongshu.com/explore/65a0b1c2d3e4f50012345679,标题,内容,900,3,1,1,1,0,2024/1/6 8:03,x,"
        "x,否,,,否,李四,red124,x,50,wx_1,视频\n"
    )
    found, report = imported("a.csv", text.encode("utf-8-sig"))
    assert (report.format, report.unknown_columns, report.written) == ("灰豚笔记", [], 2)
    by_id = {row["note_id"]: row for row in found}
    first = by_id["65a0b1c2d3e4f50012345678"]
    assert subset(
        first,
        {
            "title": None,
            "content": "很好用",
            "reads": 12_000,
            "likes": 10,
            "comments": None,
            "disclosed": True,
            "brand": "某品牌",
        },
    )
    assert first["published_at"] == datetime(2024, 1, 5, 0, 3, tzinfo=UTC)
    assert by_id["65a0b1c2d3e4f50012345679"]["disclosed"] is False
    stored = json.dumps(found, default=str, ensure_ascii=False)
    assert not [secret for secret in ("张三", "13812345678", "red123", "wx_1", "abc") if secret in stored]


def test_qiangua_notes(imported: Import) -> None:
    text = (
        "NoteId,Title,Content,NoteType,IsBusiness,IsAdNote,PublishTime,LikedCount,CollectedCount,CommentsCount,"
        "ViewCount,ShareCount,BloggerId,BloggerNickName,BrandName\nq1,题,文,1,0,1,2024-01-05 08:03:00,1w,2,3,4,"
        "5,b1,名,牌\n"
    )
    found, report = imported("a.csv", text)
    assert (report.format, report.unknown_columns) == ("千瓜笔记", [])
    assert subset(
        found[0], {"note_id": "q1", "likes": 10_000, "reads": 4, "disclosed": True, "brand": "牌", "engagement": 10_010}
    )


MEDIA_NOTE = {
    "note_id": "m1",
    "type": "normal",
    "title": "题",
    "desc": "文 #纸尿裤[话题]# #红屁股",
    "video_url": "",
    "time": 1704412980000,
    "last_update_time": 1704412980000,
    "user_id": "u1",
    "nickname": "某人",
    "avatar": "http://x",
    "liked_count": "1.2万",
    "collected_count": "10+",
    "comment_count": "",
    "share_count": 3,
    "ip_location": "上海",
    "image_list": "x",
    "tag_list": "纸尿裤,新生儿",
    "last_modify_ts": 1704499380000,
    "note_url": "x",
    "source_keyword": "尿裤",
    "xsec_token": "SECRET",
}


@pytest.mark.parametrize("form", ["json", "jsonl", "csv"])
def test_mediacrawler_notes_are_the_same_in_every_form(imported: Import, form: str) -> None:
    second = {**MEDIA_NOTE, "note_id": "m2", "tag_list": ""}
    rows = [MEDIA_NOTE, second]
    if form == "json":
        data = json.dumps(rows, ensure_ascii=False, indent=2).encode()
    elif form == "jsonl":
        data = "\n".join(json.dumps(row) for row in rows).encode()
    else:
        lines = [",".join(MEDIA_NOTE), *(",".join(f'"{value}"' for value in row.values()) for row in rows)]
        data = "\r\n".join(lines).encode("utf-8-sig")
    found, report = imported(f"search_contents.{form}", data)
    assert (report.format, report.unknown_columns, report.written) == ("MediaCrawler notes", [], 2)
    one, two = sorted(found, key=lambda row: row["note_id"])
    expected = {
        "likes": 12_000,
        "collects": 10,
        "comments": None,
        "shares": 3,
        "tags": ["纸尿裤", "新生儿"],
        "published_day": date(2024, 1, 5),
    }
    assert subset(one, expected)
    assert two["tags"] == ["纸尿裤", "红屁股"]  # from the content
    assert one["content_hash"] == "6f1e17ef1c2aeae27efd8e3b3c1e37e9" or len(one["content_hash"]) == 32
    assert not [
        s
        for s in ("某人", "SECRET", "上海", "u1")
        if s in json.dumps(found, default=str, ensure_ascii=False).replace("m1", "")
    ]


def test_mediacrawler_comments_and_creators(imported: Import) -> None:
    comment = {
        "comment_id": "c1",
        "create_time": 1704412980000,
        "ip_location": "x",
        "note_id": "m1",
        "content": "好用吗",
        "user_id": "u",
        "nickname": "n",
        "avatar": "a",
        "sub_comment_count": "0",
        "pictures": "",
        "parent_comment_id": 0,
        "last_modify_ts": 1,
        "like_count": "3",
    }
    found, report = imported("a.jsonl", json.dumps(comment))
    assert (report.record, report.unknown_columns) == ("comment", [])
    assert subset(found[0], {"text": "好用吗", "likes": 3, "commented_at": datetime(2024, 1, 5, 0, 3, tzinfo=UTC)})
    creator = {
        "user_id": "u",
        "nickname": "n",
        "gender": "女",
        "avatar": "a",
        "desc": "微信 13812345678",
        "ip_location": "x",
        "follows": 1,
        "fans": "3.20w",
        "interaction": 9,
        "tag_list": '["母婴"]',
        "last_modify_ts": 1,
    }
    found, report = imported("a.jsonl", json.dumps(creator))
    assert (report.record, report.unknown_columns) == ("creator", [])
    assert subset(found[0], {"followers": 32_000, "tags": ["母婴"]})
    assert "13812345678" not in str(found)


def test_spider_xhs(imported: Import, tmp_path: Path) -> None:
    header = [
        "笔记id",
        "笔记url",
        "笔记类型",
        "用户id",
        "用户主页url",
        "昵称",
        "头像url",
        "标题",
        "描述",
        "点赞数量",
        "收藏数量",
        "评论数量",
        "分享数量",
        "视频封面url",
        "视频地址url",
        "图片地址url列表",
        "标签",
        "上传时间",
        "ip归属地",
    ]
    row = [
        "s1",
        "u",
        "图集",
        "u1",
        "x",
        "名",
        "x",
        "无标题",
        "描述文",
        5,
        "1万",
        0,
        1,
        "",
        "",
        "[]",
        "['甲', '乙']",
        "2024-01-05 08:03:00",
        "上海",
    ]
    found, report = imported("a.xlsx", workbook(tmp_path / "m.xlsx", {"s": [header, row]}))
    assert (report.format, report.unknown_columns) == ("Spider_XHS", [])
    assert subset(
        found[0],
        {"note_id": "s1", "title": None, "content": "描述文", "likes": 5, "collects": 10_000, "note_type": "图集"},
    )
    assert found[0]["tags"] == ["甲", "乙"]


def test_pgy_creators_and_notes(imported: Import) -> None:
    prefix = "数据表现-日常笔记-图文+视频-近30天-全流量-"
    header = [
        "达人ID",
        "昵称",
        "粉丝数",
        "图文报价",
        *(prefix + name for name in ("笔记数", "阅读中位数", "互动中位数", "互动率", "阅读量来源-搜索页")),
        "联系方式",
    ]
    found, report = imported("a.csv", ",".join(header) + '\nk1,名,3.20w,"5,000",12,1.2万,300,3%,20%,13812345678\n')
    assert (report.format, report.unknown_columns) == ("蒲公英博主", [])
    assert subset(
        found[0],
        {
            "followers": 32_000,
            "price": 5_000.0,
            "regular_notes": 12,
            "median_reads": 12_000.0,
            "median_engagement": 300.0,
        },
    )
    row = {
        "date_key": "20240105",
        "brand_user_name": "牌",
        "kol_id": "k",
        "kol_fan_num": 5,
        "note_id": "p1",
        "note_title": "题",
        "note_publish_time": "2024-01-01",
        "imp_num": 100,
        "read_num": 50,
        "avg_view_time": 12.5,
        "finish_rate": "50.00",
        "like_num": 1,
        "fav_num": 2,
        "cmt_num": 3,
        "share_num": 4,
        "imp_search": 30,
    }
    found, report = imported("a.jsonl", json.dumps(row))
    assert (report.format, report.unknown_columns) == ("蒲公英笔记数据", [])
    assert subset(
        found[0],
        {"finish_rate": 0.5, "read_seconds": 625.0, "disclosed": True, "search_impressions": 30, "collects": 2},
    )


def test_sogou_clicks_join_the_same_search(imported: Import) -> None:
    lines = [
        "00:00:01\tu1\t[奶瓶]\t1 1\twww.a.com/1",
        "00:00:01\tu1\t[奶瓶]\t3 2\twww.b.com/2",
        "00:00:02\tu2\t[奶粉 推荐]\t2\t1\twww.c.com/3",
        "00:00:03\tu2\t[!!]\t2 1\twww.c.com/3",
    ]
    found, report = imported("SogouQ.txt", "\n".join(lines).encode("gbk"), searched_at=date(2008, 6, 1))
    assert (report.format, report.read, report.written, report.unchanged, report.rejected) == ("SogouQ", 4, 2, 1, 1)
    by_query = {row["query"]: row for row in found}
    assert [(r["note_id"], r["position"], r["clicked"]) for r in by_query["奶瓶"]["results"]] == [
        ("www.a.com/1", 1, True),
        ("www.b.com/2", 3, True),
    ]
    assert by_query["奶粉 推荐"]["searched_at"] == datetime(2008, 5, 31, 16, 0, 2, tzinfo=UTC)


def test_qilin_json_and_parquet_agree(imported: Import, tmp_path: Path) -> None:
    shown = [
        {
            "note_idx": 7,
            "position": 1.0,
            "click": 1.0,
            "like": 0.0,
            "comment": 0.0,
            "collect": 1.0,
            "share": 0.0,
            "page_time": 35.5,
            "search_timestamp": 1704412985.0,
        },
        {
            "note_idx": 9,
            "position": 2.0,
            "click": 0.0,
            "like": 0.0,
            "comment": 0.0,
            "collect": 0.0,
            "share": 0.0,
            "page_time": None,
            "search_timestamp": 1704412980.0,
        },
    ]
    rows = [
        {
            "search_idx": n,
            "session_idx": 1,
            "user_idx": 3,
            "query": f"奶瓶{n}",
            "query_from_type": 1,
            "search_result_details_with_idx": shown,
        }
        for n in range(3)
    ]
    from_json, report = imported("a.jsonl", "\n".join(map(json.dumps, rows)))
    assert (report.format, report.unknown_columns) == ("Qilin searches", [])
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "q.parquet")
    from_parquet, _ = imported("b.parquet", (tmp_path / "q.parquet").read_bytes())
    assert sorted(map(str, from_json)) == sorted(map(str, from_parquet))
    first = from_json[0]
    assert first["searched_at"] == datetime(2024, 1, 5, 0, 3, tzinfo=UTC)
    assert subset(first, {"result_count": 2, "clicks": 1, "longest_dwell": 35.5, "acted": True})
    note = {
        "note_idx": 7,
        "note_title": "题",
        "note_content": "文",
        "note_type": 2,
        "commercial_flag": 0.0,
        "imp_num": 10,
        "imp_search_num": 5,
        "click_num": 3,
        "view_time": 100,
        "like_num": 1,
        "accum_like_num": 13_000,
        "taxonomy1_id": "x",
    }
    found, report = imported("n.jsonl", json.dumps(note))
    assert (report.format, report.unknown_columns) == ("Qilin notes", [])
    assert subset(
        found[0],
        {"note_id": "7", "note_type": "video", "disclosed": False, "reads": 3, "likes": 1, "search_impressions": 5},
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


def test_every_format_maps_to_fields_of_its_record() -> None:
    for form in FORMATS.values():
        fields = {field.name for field in RECORDS[form.record].raw_fields}
        assert {target.field for made in form.columns.values() for target in made} <= fields, form.name
        assert set(form.constants) <= fields, form.name
        assert form.signature, form.name


def test_every_format_is_told_from_all_others() -> None:
    for form in FORMATS.values():
        prefix = "数据-" if form.prefixed else ""
        header = [prefix + name for name in form.signature | (set() if form.prefixed else set(form.columns))]
        assert Recogniser().plan(header, "x").form == form.name


@pytest.mark.parametrize("record", RECORDS)
def test_native_names_are_recognised(record: str) -> None:
    header = [field.name for field in RECORDS[record].raw_fields]
    plan = Recogniser().plan(header, "x")
    assert (plan.record, plan.unknown(header)) == (record, [])


def test_strange_columns_are_told_with_what_to_do(imported: Import) -> None:
    with pytest.raises(UsageError, match=r"x\.csv: the columns are not recognised: foo, bar\x1b?") as caught:
        imported("x.csv", "foo,bar\n1,2\n")
    assert "--as" in caught.value.hint
    assert "--map" in caught.value.hint
    with pytest.raises(UsageError, match="no column for keyword, volume"):
        imported("x.csv", "foo,bar,unit\n1,2,count\n", record="volume")
    with pytest.raises(UsageError, match="no field is called 'nonsense'"):
        imported("x.csv", "foo\n1\n", mapping={"foo": "nonsense"})
    with pytest.raises(UsageError, match="no column is called 'misspelt'"):
        imported("x.csv", "note_id,title\n1,a\n", mapping={"misspelt": "content"})
    with pytest.raises(UsageError, match="no record 'nonsense'"):
        imported("x.csv", "foo\n1\n", record="nonsense")


def test_mapping_names_the_rest(imported: Import) -> None:
    found, report = imported(
        "x.csv",
        "词,何时,谁,别的\n奶瓶,2024-01-05,甲,x\n",
        record="search",
        mapping={"词": "query", "何时": "searched_at", "谁": "user_id"},
    )
    assert report.unknown_columns == ["别的"]
    assert found[0]["query"] == "奶瓶"
    assert found[0]["user_id"] != "甲"


def test_searches_without_time_need_a_day(imported: Import) -> None:
    with pytest.raises(UsageError, match="no time") as caught:
        imported("q.tsv", "qid\tquery\n1\t奶瓶\n")
    assert "--searched-at" in caught.value.hint
    assert "--as volume" in caught.value.hint
    found, _ = imported("q.tsv", "qid\tquery\n1\t奶瓶\n1\t奶瓶\n", searched_at=date(2024, 1, 5))
    assert len(found) == 2
    assert {row["day"] for row in found} == {date(2024, 1, 5)}


def test_several_sheets(tmp_path: Path) -> None:
    data = workbook(
        tmp_path / "m.xlsx",
        {
            "说明": [["这是说明"]],
            "笔记": [["note_id", "title"], ["n1", "题"]],
            "商品": [["product_id", "name"], [7, "奶瓶"]],
        },
    )
    path = tmp_path / "many.xlsx"
    path.write_bytes(data)
    report = import_files(MemoryStore(), [path])
    assert [(one.record, one.written, one.file.rsplit("[")[-1]) for one in report.files] == [
        ("product", 1, "商品]"),
        ("note", 1, "笔记]"),
    ]
    assert any("说明" in note for one in report.files for note in one.notes)
