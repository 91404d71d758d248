"""The project's own field names and the words people use for them; a table whose columns are so named is understood."""

from __future__ import annotations

from functools import cache
from typing import Final

from indexer.reading.personal import folded_name
from indexer.records import RECORDS

_SYNONYMS: Final[dict[str, dict[str, str]]] = {
    "note": {
        "note_id": "笔记id,noteid,note id,作品id",
        "title": "标题,笔记标题,note_title",
        "content": "正文,内容,笔记内容,笔记正文,描述,desc,description,note_content,body",
        "tags": "标签,话题,笔记标签,tag_list,hashtags,topics",
        "author_id": "author,user_id,作者id,博主id,达人id,用户id,authorid,userid",
        "published_at": "发布时间,发布日期,publish_time,publishtime,create_time,created_at,上传时间",
        "note_type": "笔记类型,类型,type",
        "disclosed": "是否报备,是否商业笔记,报备,is_business,commercial_flag",
        "brand": "品牌,品牌名称,提及品牌,brand_name",
        "product_id": "产品id,商品id,spu_id",
        "impressions": "曝光量,曝光数,曝光,imp_num",
        "search_impressions": "搜索曝光,搜索曝光量,imp_search_num",
        "reads": "阅读量,阅读数,阅读,预估阅读量,views,view_count,read_num,read_count",
        "finish_rate": "完播率,完读率",
        "likes": "点赞数,点赞量,点赞,点赞数量,liked_count,like_count,like_num",
        "collects": "收藏数,收藏量,收藏,收藏数量,collected_count,collect_count,collect_num,favorites,fav_num",
        "comments": "评论数,评论量,评论,评论数量,comment_count,comment_num,comments_count",
        "shares": "分享数,分享量,分享,分享数量,share_count,share_num",
        "follows": "关注数,涨粉数,新增关注,follow_num",
        "updated_at": "更新时间,采集时间,last_modify_ts,crawled_at",
    },
    "search": {
        "search_id": "搜索id,query_id",
        "query": "搜索词,查询词,搜索关键词,关键词,keyword,search_query,search_term,user_query",
        "searched_at": "搜索时间,时间,timestamp,time,search_time,datetime",
        "user_id": "用户id,userid,uid,user",
        "session_id": "会话id,sessionid,session",
        "results": "搜索结果,结果,impressions",
    },
    "volume": {
        "keyword": "关键词,搜索词,词,query",
        "volume": "搜索量,搜索指数,搜索人气,搜索次数,search_volume,searches,count",
        "unit": "单位",
        "volume_low": "",
        "period_start": "开始日期,start_date",
        "period_end": "结束日期,end_date",
        "source": "来源",
        "competition": "竞争指数,competition_index",
        "bid_low": "出价下限,最低出价",
        "bid_high": "出价上限,最高出价",
    },
    "ad": {
        "keyword": "关键词,搜索词",
        "date": "日期,时间,day",
        "impressions": "展现量,曝光量,展现,曝光,impression",
        "clicks": "点击量,点击,click",
        "cost": "消费,花费,消耗,费用,spend,fee",
        "conversions": "转化数,转化,成交数,订单数",
        "revenue": "成交金额,成交额,收入,gmv",
        "note_id": "笔记id,noteid",
        "average_position": "平均位次,平均排名,avg_position",
    },
    "creator": {
        "creator_id": "达人id,博主id,kol_id,小红书号,creatorid",
        "followers": "粉丝数,粉丝量,粉丝,fans",
        "regular_notes": "日常笔记数",
        "business_notes": "商业笔记数,合作笔记数",
        "price": "报价,合作报价,图文报价,图文笔记报价",
        "tags": "标签,内容标签,博主标签,tag_list",
        "audience": "粉丝画像,受众",
        "median_reads": "阅读中位数,中位阅读量",
        "median_engagement": "互动中位数,中位互动量",
        "city": "城市,所在地,地区",
    },
    "comment": {
        "comment_id": "评论id,commentid",
        "note_id": "笔记id,noteid",
        "text": "评论内容,评论,content,comment",
        "user_id": "用户id,userid",
        "commented_at": "评论时间,create_time,created_at",
        "likes": "点赞数,点赞量,like_count",
    },
    "product": {
        "product_id": "产品id,商品id,spu_id,sku,sku_id",
        "name": "名称,商品名称,产品名称,商品标题,product_name",
        "brand": "品牌,品牌名称",
        "category": "类目,品类,分类,类目路径,品类路径",
        "aliases": "别名,alias",
        "selling_points": "卖点",
        "price": "价格,售价",
        "launched_at": "上市时间,上架时间,launch_date",
    },
    "order": {
        "order_id": "订单号,订单id,订单编号",
        "product_id": "产品id,商品id,spu_id,sku_id",
        "ordered_at": "下单时间,支付时间,付款时间,order_time",
        "quantity": "数量,件数,购买数量",
        "revenue": "金额,支付金额,实付金额,成交金额,amount",
        "source_note_id": "来源笔记id",
        "source_keyword": "来源关键词",
        "channel": "渠道,来源渠道",
    },
    "audience": {
        "user_id": "用户id,userid",
        "groups": "人群,人群标签,标签,group,tags",
    },
}


@cache
def native_columns(record: str) -> dict[str, tuple[str, bool]]:
    """Folded column names of a record: the field, and whether it is the field's own name."""
    fields = {field.name for field in RECORDS[record].raw_fields}
    columns: dict[str, tuple[str, bool]] = {}
    for ours, words in _SYNONYMS[record].items():
        if ours in fields:
            columns.update((folded_name(word), (ours, False)) for word in words.split(",") if word)
    columns.update((name, (name, True)) for name in fields)
    return columns
