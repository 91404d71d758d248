"""Notes, comments and creators of Xiaohongshu tools: 灰豚, 千瓜, MediaCrawler, Spider_XHS, 蒲公英."""

from __future__ import annotations

from typing import Any, Final

from indexer.reading.chunks import Chunk
from indexer.reading.formats.format import Format, Target, Unit, cells, names, targets

_YES: Final = frozenset(("是", "true", "1", "1.0", "yes", "y", "商业笔记", "报备笔记", "已报备"))
_NO: Final = frozenset(("否", "false", "0", "0.0", "no", "n", "非商业笔记", "未报备"))


def _flag(cell: Any) -> bool | None:
    word = str(cell).strip().lower() if cell is not None else ""
    return True if word in _YES else False if word in _NO else None


def _either(*flags: bool | None) -> bool | None:
    return True if True in flags else False if False in flags else None


def _huitun_rows(chunk: Chunk) -> Chunk:
    business = cells(chunk, "是否商业笔记")
    filed = cells(chunk, "报备品牌企业号")
    blank = ("", "-", "--", "无", "否")
    chunk.columns["disclosed"] = [
        _either(_flag(flag), str(brand).strip() not in blank if brand not in (None, "") else None)
        for flag, brand in zip(business, filed, strict=True)
    ]
    return chunk


def _qiangua_rows(chunk: Chunk) -> Chunk:
    business, ads = cells(chunk, "isbusiness"), cells(chunk, "isadnote")
    chunk.columns["disclosed"] = [_either(_flag(one), _flag(two)) for one, two in zip(business, ads, strict=True)]
    return chunk


def _pgy_rows(chunk: Chunk) -> Chunk:
    """Total reading time is reads times the average of a read."""
    times, reads = cells(chunk, "avg_view_time"), cells(chunk, "read_num")
    chunk.columns["total read seconds"] = [
        None if time in (None, "") or count in (None, "") else _product(time, count)
        for time, count in zip(times, reads, strict=True)
    ]
    return chunk


def _product(time: Any, count: Any) -> Any:
    try:
        return float(time) * float(count)
    except (TypeError, ValueError):
        return f"{time} x {count}"  # rejected as no number, with both parts shown


_DISCLOSED: Final = {"disclosed": (Target("disclosed"),)}

HUITUN: Final = Format(
    "灰豚笔记",
    "note",
    names("笔记标题,笔记内容,预估阅读量,是否商业笔记"),
    {
        **targets(
            "笔记标题 > title\n笔记内容 > content\n预估阅读量 > reads\n点赞数 > likes\n收藏数 > collects\n"
            "评论数 > comments\n"
            "分享数 > shares\n发布时间 > published_at\n提及品牌 > brand\n小红书号 > author_id\n笔记类型 > note_type"
        ),
        "笔记官方地址": (Target("note_id", Unit.NOTE_URL),),
        **_DISCLOSED,
    },
    known=names("互动量,封面图片地址,视频链接,是否商业笔记,报备品牌企业号,是否参与付费推广,粉丝数"),
    empties=frozenset(("笔记暂未设置标题",)),
    prepare=_huitun_rows,
)
QIANGUA: Final = Format(
    "千瓜笔记",
    "note",
    names("NoteId,Title,LikedCount,BloggerId"),
    {
        **targets(
            "NoteId > note_id\nTitle > title\nContent > content\nNoteType > note_type\nPublishTime > published_at\n"
            "PubDate > published_at\nLikedCount > likes\nCollectedCount > collects\nCommentsCount > comments\n"
            "ViewCount > reads\n"
            "ShareCount > shares\nBloggerId > author_id\nBrandName > brand"
        ),
        **_DISCLOSED,
    },
    known=names("CoverImage,IsBusiness,IsAdNote,BloggerProp,BrandId,VideoDuration,Fans,AdPrice,XhsNoteLink"),
    prepare=_qiangua_rows,
)
MEDIACRAWLER_NOTES: Final = Format(
    "MediaCrawler notes",
    "note",
    names("note_id,desc,liked_count,collected_count"),
    targets(
        "note_id > note_id\ntype > note_type\ntitle > title\ndesc > content\ntime > published_at\n"
        "user_id > author_id\n"
        "liked_count > likes\ncollected_count > collects\ncomment_count > comments\nshare_count > shares\n"
        "tag_list > tags\n"
        "last_modify_ts > updated_at"
    ),
    known=names("last_update_time,image_list,source_keyword"),
)
MEDIACRAWLER_COMMENTS: Final = Format(
    "MediaCrawler comments",
    "comment",
    names("comment_id,note_id,content,sub_comment_count"),
    targets(
        "comment_id > comment_id\ncreate_time > commented_at\nnote_id > note_id\ncontent > text\nuser_id > user_id\n"
        "like_count > likes"
    ),
    known=names("sub_comment_count,pictures,parent_comment_id,last_modify_ts"),
)
MEDIACRAWLER_CREATORS: Final = Format(
    "MediaCrawler creators",
    "creator",
    names("user_id,fans,follows,interaction"),
    targets("user_id > creator_id\nfans > followers\ntag_list > tags"),
    known=names("desc,follows,interaction,last_modify_ts"),
)
SPIDER_XHS: Final = Format(
    "Spider_XHS",
    "note",
    names("笔记id,标题,描述,点赞数量,收藏数量"),
    targets(
        "笔记id > note_id\n笔记类型 > note_type\n用户id > author_id\n标题 > title\n描述 > content\n"
        "点赞数量 > likes\n收藏数量 > collects\n"
        "评论数量 > comments\n分享数量 > shares\n标签 > tags\n上传时间 > published_at"
    ),
    known=names("笔记url,视频封面url,视频地址url,图片地址url列表"),
    empties=frozenset(("无标题",)),
)
PGY_NOTES: Final = Format(
    "蒲公英笔记数据",
    "note",
    names("note_id,kol_id,imp_num,read_num"),
    targets(
        "note_id > note_id\nnote_title > title\nnote_type > note_type\nkol_id > author_id\n"
        "note_publish_time > published_at\n"
        "brand_user_name > brand\nimp_num > impressions\nimp_search > search_impressions\nread_num > reads\n"
        "total read seconds > read_seconds\nfinish_rate > finish_rate\nlike_num > likes\nfav_num > collects\n"
        "cmt_num > comments\n"
        "share_num > shares\ndate_key > updated_at",
        finish_rate=Unit.PERCENT,
    ),
    known=names(
        "kol_fan_num,order_id,kol_price,promotion_imp_num,heat_imp_num,read_uv,pic_read_3s_rate,"
        "video_play_5s_rate,avg_view_time,"
        "engage_num,read_search,spu_name,interest_num,interest_rate,interest_cost,feed_interest_num,"
        "search_interest_num,"
        "other_interest_num,cp,cp_rate,fan_percent,female_percent,age1_percent,age2_percent,age3_percent,"
        "age4_percent,age5_percent"
    ),
    constants={"disclosed": True},  # the platform's own order book: every note in it is filed
    prepare=_pgy_rows,
)
_PGY_ID: Final = (
    "达人id > creator_id\n博主id > creator_id\n小红书号 > creator_id\nkol_id > creator_id\n用户id > creator_id\n"
)
PGY_CREATORS: Final = Format(
    "蒲公英博主",
    "creator",
    names("阅读中位数,互动中位数"),
    targets(
        _PGY_ID
        + "粉丝数 > followers\n粉丝量 > followers\n日常笔记-笔记数 > regular_notes\n合作笔记-笔记数 > business_notes\n"
        "图文报价 > price\n图文笔记报价 > price\n合作报价 > price\n视频报价 > price\n内容标签 > tags\n"
        "博主标签 > tags\n"
        "阅读中位数 > median_reads\n互动中位数 > median_engagement\n城市 > city\n所在地 > city"
    ),
    known=names(
        "内容类目及占比,曝光中位数,中位点赞量,中位收藏量,中位评论量,中位分享量,中位关注量,互动率,图文3秒阅读率,"
        "视频完播率,千赞笔记比例,"
        "百赞笔记比例,预估CPM,预估阅读单价,预估互动单价,外溢进店中位数,发现页,搜索页,关注页,博主个人页,附近页,其他"
    ),
    prefixed=True,
)

FORMATS: Final = (
    HUITUN,
    QIANGUA,
    MEDIACRAWLER_NOTES,
    MEDIACRAWLER_COMMENTS,
    MEDIACRAWLER_CREATORS,
    SPIDER_XHS,
    PGY_NOTES,
    PGY_CREATORS,
)
