"""Exports of notes, comments and creators, each pinned by a small file."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from tests.reading.exports import Import, subset, workbook

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
