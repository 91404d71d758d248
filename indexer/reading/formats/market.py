"""Keyword figures of Chinese platforms: 聚光 (keyword tool and report), 生意参谋, 店侦探, 5118."""

from __future__ import annotations

from typing import Any, Final

from indexer.reading.chunks import Chunk
from indexer.reading.formats.format import Format, Target, Unit, cells, names, targets
from indexer.reading.numbers import parse_figure

_LEVELS: Final = {"低": 1.0, "中": 2.0, "高": 3.0}


def _number(cell: Any) -> float | None:
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return float(cell)
    try:
        figure = parse_figure(cell) if isinstance(cell, str) else None
    except ValueError:
        return None
    return None if figure is None else figure.value


def _juguang_rows(chunk: Chunk) -> Chunk:
    """Take out the category titles between the rows and tell competition score from level by their values.

    The two columns are called 竞争指数 and 竞争水平, but which of them holds the score differs between exports.
    """
    keywords = _first(chunk, "关键词", "keyword")
    volumes = _first(chunk, "月均搜索指数", "monthpv")
    filled = [
        sum(cell not in (None, "") for cell in row) for row in zip(*map(_listed, chunk.columns.values()), strict=True)
    ]
    keep = [
        n
        for n in range(len(chunk))
        if not (filled[n] <= 2 and _number(volumes[n]) is None)  # noqa: PLR2004 - a path, perhaps shifted by a cell
        and not (keywords[n] in (None, "") and _number(volumes[n]) is None)
    ]
    taken = chunk.taken(keep)
    one = _first(taken, "竞争指数", "competitionscore", "competition")
    two = _first(taken, "竞争水平", "competitionlevel", "competition_level")
    scores: list[float | None] = []
    levels: list[float | None] = []
    for pair in zip(one, two, strict=True):
        numbers = [number for number in map(_number, pair) if number is not None]
        words = [_LEVELS[word] for word in (str(cell).strip() for cell in pair) if word in _LEVELS]
        scores.append(numbers[0] if numbers else None)
        levels.append(words[0] if words else None)
    score_known = any(score is not None for score in scores)
    taken.columns["competition value"] = scores if score_known else levels
    taken.columns["competition source"] = ["聚光" if score_known else "聚光 高中低"] * len(taken)
    return taken


def _listed(column: Any) -> list[Any]:
    return column if isinstance(column, list) else column.to_pylist()


def _first(chunk: Chunk, *wanted: str) -> list[Any]:
    out: list[Any] = [None] * len(chunk)
    for name in wanted:
        out = [there if there not in (None, "") else cell for there, cell in zip(out, cells(chunk, name), strict=True)]
    return out


_COMPETITION: Final = {
    "competitionvalue": (Target("competition"),),
    "competitionsource": (Target("source"),),
}
_BID_TWICE: Final = (Target("bid_low"), Target("bid_high"))
_FEN_TWICE: Final = (Target("bid_low", Unit.FEN), Target("bid_high", Unit.FEN))
_COMPETITION_NAMES: Final = names("竞争指数,竞争水平,competitionScore,competitionLevel,competition_level,competition")

JUGUANG_SHEET: Final = Format(
    "聚光关键词规划",
    "volume",
    names("关键词,月均搜索指数,市场出价"),
    {
        **targets("关键词 > keyword\n月均搜索指数 > volume"),
        "市场出价": _BID_TWICE,
        "市场出价(元)": _BID_TWICE,
        **_COMPETITION,
    },
    known=names("词包,推荐理由") | _COMPETITION_NAMES,
    constants={"unit": "index"},
    prepare=_juguang_rows,
)
JUGUANG_JSON: Final = Format(
    "聚光关键词规划 (JSON)",
    "volume",
    names("keyword,monthpv,bid"),
    {**targets("keyword > keyword\nmonthpv > volume"), "bid": _FEN_TWICE, **_COMPETITION},
    known=names("recommendReason,recommend_reason,bagName,source,bag_month_pv,word_num") | _COMPETITION_NAMES,
    constants={"unit": "index"},
    prepare=_juguang_rows,
)

_REPORT_REST: Final = names(
    "投放位置,精准定向,创意名称,创意ID,笔记跳转链接,单元名称,单元ID,计划名称,计划ID,点击率,平均点击成本,"
    "平均千次展示费用,"
    "点赞,评论,收藏,关注,分享,互动量,平均互动成本,行动按钮点击量,行动按钮点击率,截图,保存图片,"
    "小红星站外活跃UV(30日归因),"
    "小红星站外活跃成本(30日归因),小红星任务期消费,搜索组件点击量,搜索组件点击转化率,平均搜索后阅读笔记篇数,"
    "搜后阅读量,"
    "新增种草人群,新增种草人群成本,新增深度种草人群,新增深度种草人群成本,首位曝光占比,前三位曝光占比,"
    "首位曝光排名,前三位曝光排名"
)
JUGUANG_REPORT: Final = Format(
    "聚光投放报表",
    "ad",
    names("时间,关键词,消费,展现量,点击量"),
    targets(
        "时间 > date\n关键词 > keyword\n消费 > cost\n展现量 > impressions\n点击量 > clicks\n笔记ID > note_id\n"
        "平均位次 > average_position"
    ),
    known=_REPORT_REST,
    split_by=("投放位置", "精准定向", "创意id", "单元id", "计划id"),
)
JUGUANG_REPORT_API: Final = Format(
    "聚光投放报表 (JSON)",
    "ad",
    names("keyword,fee,impression,click"),
    targets(
        "keyword > keyword\ntime > date\ndate > date\nfee > cost\nimpression > impressions\nclick > clicks\n"
        "note_id > note_id\nnoteId > note_id\navg_position > average_position"
    ),
    known=names(
        "ctr,acp,cpm,like,comment,collect,follow,share,interaction,cpi,iUserNum,iUserPrice,tiUserNum,tiUserPrice,"
        "placement,creativity_id,unit_id,campaign_id,creativityId,unitId,campaignId"
    ),
    split_by=("placement", "creativity_id", "unit_id", "campaign_id", "creativityid", "unitid", "campaignid"),
)

_CANMOU_REST: Final = names(
    "排名,搜索热度,点击率,点击人气,点击热度,交易指数,支付转化率,在线商品数,商城点击占比,支付买家数,需求供给比,"
    "天猫商品点击占比,"
    "搜索人气环比,点击率环比,免费点击率,天猫商品点击率,蓝海值,sePvIndex,clickRate,clickHits,clickHot,"
    "tradeIndex,payConvRate,"
    "onlineGoodsCnt,tmClickRatio"
)
_CANMOU: Final = {"unit": "index", "source": "生意参谋"}


def _canmou(name: str, signature: str, keyword: str) -> Format:
    columns = targets(f"{keyword} > keyword\n搜索人气 > volume")
    if "直通车参考价" in signature:
        columns["直通车参考价"] = _BID_TWICE
    return Format(name, "volume", names(signature), columns, known=_CANMOU_REST, constants=_CANMOU)


CANMOU_A: Final = _canmou("生意参谋 (旧)", "搜索词,搜索人气,直通车参考价", "搜索词")
CANMOU_B: Final = _canmou("生意参谋相关搜索词", "相关搜索词,搜索人气", "相关搜索词")
CANMOU_C: Final = _canmou("生意参谋拓展词", "拓展词,搜索人气", "拓展词")
CANMOU_RANK: Final = _canmou("生意参谋搜索词排行", "排名,搜索词,搜索人气", "搜索词")
CANMOU_JSON: Final = Format(
    "生意参谋 (JSON)",
    "volume",
    names("keyword,seIpvUvHits"),
    {**targets("keyword > keyword\nseIpvUvHits > volume"), "p4pamt": _BID_TWICE},
    known=_CANMOU_REST,
    constants=_CANMOU,
)
DIANZHENTAN: Final = Format(
    "店侦探",
    "volume",
    names("关键词,搜索人气,搜索指数,点击指数"),
    {**targets("关键词 > keyword\n搜索人气 > volume"), "直通车": _BID_TWICE},
    known=names("序号,搜索指数,占比,点击指数,商城点击占比,点击率,当前宝贝数,转化率,单个宝贝搜索次数,千个宝贝成交数"),
    constants={"unit": "index", "source": "店侦探"},
)
WUYAOYAOBA: Final = Format(
    "5118",
    "volume",
    names("keyword,index,bidword_kwc"),
    {
        "keyword": (Target("keyword"),),
        "index": (Target("volume"),),
        "bidword_kwc": (Target("competition", Unit.LEVEL_REVERSED),),
        "sem_price": (Target("bid_low", Unit.RANGE_LOW), Target("bid_high", Unit.RANGE_HIGH)),
    },
    known=names(
        "mobile_index,haosou_index,douyin_index,toutiao_index,long_keyword_count,bidword_company_count,bidword_pcpv,"
        "bidword_wisepv,sem_reason,page_url"
    ),
    constants={"unit": "index", "source": "5118"},
)

FORMATS: Final = (
    JUGUANG_SHEET,
    JUGUANG_JSON,
    JUGUANG_REPORT,
    JUGUANG_REPORT_API,
    CANMOU_A,
    CANMOU_B,
    CANMOU_C,
    CANMOU_RANK,
    CANMOU_JSON,
    DIANZHENTAN,
    WUYAOYAOBA,
)
