"""Every column of the market part of a run, declared once: of selling points, of audiences, of the market.

As :mod:`gapfinder.metrics` does for gaps: page, workbook, HTTP and docs read these tables.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from gapfinder.metric import Direction, Metric
from gapfinder.metrics import METRICS

_M, _D = Metric, Direction

_OVERLAP: Final = "一次搜索可以同时要几个卖点，各卖点相加会大于品类的搜索。"

_TREND: Final = _M(
    "trend",
    "趋势",
    "object",
    "robust change of weekly searches from the first to the last week without festivals, with a 90% interval",
    "首周到末周的稳健变化幅度，已扣除节日与大促的影响，附 90% 区间。",
    caveat="区间跨过零时记为平稳。",
)


def _interval(name: str, label: str, unit: str, direction: Direction = _D.NONE) -> tuple[Metric, Metric]:
    """The two ends of an interval."""
    low = _M(f"{name}_low", f"{label}下限", unit, "lower end of the 90% interval", f"{label} 90% 区间的下限。", 0)
    high = _M(f"{name}_high", f"{label}上限", unit, "upper end of the 90% interval", f"{label} 90% 区间的上限。", 0)
    return replace(low, direction=direction), replace(high, direction=direction)


def _table(*metrics: Metric) -> dict[str, Metric]:
    return {metric.name: metric for metric in metrics}


POINT_METRICS: Final[dict[str, Metric]] = _table(
    _M("category", "品类", "text", "category of the catalogue", "卖点所属的品类，取自商品目录。"),
    _M(
        "selling_point",
        "卖点",
        "text",
        "what people ask of a product and notes say of it, under its most searched wording",
        "人们对商品的要求、笔记对商品的说法，同义的归到一起，取搜索最多的说法。",
    ),
    _M("variants", "其他说法", "list", "wordings folded into the point", "归到同一个卖点的各种说法。"),
    _M(
        "searches",
        "搜索次数",
        "searches",
        "count of searches in the window that ask for the point",
        "时间窗口内要这个卖点的搜索次数。",
        least=0,
        direction=_D.GAP,
        caveat=_OVERLAP,
    ),
    _M(
        "searchers",
        "搜索人数",
        "people",
        "distinct users; null where users are unknown",
        "要这个卖点的去重用户数；日志没有用户标识时为空。",
        least=0,
        direction=_D.GAP,
    ),
    METRICS["people"],
    _M(
        "demand_per_week",
        "每周搜索",
        "searches a week",
        "searches that count (without bots, with caps), a week",
        "剔除机器与刷量、每人封顶之后，每周要这个卖点的搜索。",
        least=0,
        direction=_D.GAP,
        caveat=_OVERLAP,
    ),
    _M(
        "demand_share",
        "需求占比",
        "share",
        "demand of the point / demand of all searched points of the category",
        "在该品类有人搜的卖点之间，这个卖点占的有效搜索。",
        least=0,
        most=1,
        direction=_D.GAP,
    ),
    _M(
        "notes",
        "提到的笔记",
        "notes",
        "notes that speak of the point",
        "该品类里讲到这个卖点的笔记篇数。",
        least=0,
        direction=_D.SERVED,
    ),
    _M(
        "supply",
        "加权笔记",
        "notes worth",
        "notes that speak of the point, each by its visibility; near-duplicates once",
        "讲到这个卖点的笔记按可见度折算的篇数：报备广告打折，疑似水下广告不计，近似重复只算一篇。",
        least=0,
        direction=_D.SERVED,
    ),
    _M(
        "supply_share",
        "供给占比",
        "share",
        "supply of the point / supply of all searched points of the category; null where nobody asks for it",
        "在该品类有人搜的卖点之间，这个卖点占的加权笔记。",
        least=0,
        most=1,
        direction=_D.SERVED,
        caveat="没有人搜的卖点不参与占比。",
    ),
    _M(
        "lift",
        "供需比",
        "ratio",
        "demand_share / supply_share, half a count added to each where no note speaks of it; 1: as much as is asked",
        "需求占比 ÷ 供给占比；没有笔记提到时两边各加半个计数。等于 1 时写的和搜的相称，大于 1 时搜得多、写得少。",
        least=0,
        direction=_D.GAP,
        caveat="笔记很少时区间很宽，请看区间。",
    ),
    *_interval("lift", "供需比", "ratio", _D.GAP),
    _M(
        "underserved",
        "供不应求",
        "flag",
        "the whole interval of lift lies above 1, and enough is searched",
        "供需比的整个区间都大于 1，且搜索不太少，才算供不应求。",
        direction=_D.GAP,
        caveat="说的是写得相对少，不等于搜的人都没得到满足，请与每周未满足并看。",
    ),
    _TREND,
    _M(
        "unmet_probability",
        "未满足概率",
        "probability",
        "probability that the supply does not meet a search that asks for the point; null where nobody does",
        "一次要这个卖点的搜索得不到满意回答的概率。",
        least=0,
        most=1,
        direction=_D.GAP,
    ),
    _M(
        "unmet_per_week",
        "每周未满足",
        "searches a week",
        "unmet searches of all queries that ask for the point, a week",
        "所有要这个卖点的搜索里，每周没有得到满足的次数。",
        least=0,
        direction=_D.GAP,
        caveat=_OVERLAP,
    ),
    *_interval("unmet", "未满足", "searches a week", _D.GAP),
    _M(
        "gap_kind",
        "缺口类型",
        "text",
        "missing, wording, weak, stale, ads_only, unsure, or met (no gap)",
        "与关键词的缺口类型相同，取要这个卖点的搜索里概率最高的一类。",
    ),
    _M(
        "verdict",
        "建议动作",
        "text",
        "what to do about the kind: write, retitle, refresh, organic, measure or none",
        "按缺口类型给出的动作。",
    ),
    _M(
        "polarity",
        "口碑",
        "object",
        "texts that praise the point, complain about it, ask for it, or only name it",
        "讲到这个卖点的文字里，夸的、抱怨的、求的和只是提到的各有多少。",
        caveat="只提到、没有表态的不算夸。",
    ),
    _M(
        "brands",
        "品牌",
        "list",
        "brands whose notes speak of the point more than those of others do, surest first",
        "比同品类其他品牌更常讲这个卖点的品牌，最有把握的在前。",
    ),
    _M(
        "products",
        "产品",
        "list",
        "products that claim the point or whose notes speak of it",
        "主打这个卖点、或笔记讲到它的产品。",
    ),
    _M(
        "keywords",
        "关键词",
        "list",
        "keywords that ask for the point, with their gaps, most unmet searches first",
        "要这个卖点的关键词和各自的缺口，未满足最多的在前。",
        caveat="一个关键词要几个卖点时，在每个卖点里都按整词计。",
    ),
    _M(
        "audiences",
        "人群",
        "list",
        "groups of people that ask for the point more than others do, the first to talk to first",
        "比其他人更爱搜这个卖点的人群，最该先对谁说的在前。",
    ),
    _M(
        "evidence_queries",
        "证据：搜索词",
        "list",
        "the very queries that ask for the point, with their outcomes",
        "要这个卖点的原始搜索词及其结果。",
    ),
    _M(
        "evidence_notes",
        "证据：笔记",
        "list",
        "the best answers there are, and what each is worth",
        "现有最好的回答，以及每篇值多少。",
    ),
    _M("flags", "标注", "list", "warnings about the row", "需要留意的事项。"),
    _M("reason", "说明", "text", "one Chinese sentence about it", "一句话说明这个卖点的供需。"),
)

AUDIENCE_METRICS: Final[dict[str, Metric]] = _table(
    _M(
        "audience",
        "人群",
        "text",
        "a group of people, by the tags that were imported or found by what people search together",
        "人群名称，取自导入的人群标签，或由共同搜索发现。",
    ),
    _M(
        "found",
        "共同搜索发现",
        "flag",
        "found by what people search together, not given",
        "由人们一起搜什么发现，不是导入的标签。",
    ),
    _M(
        "searchers",
        "人群搜索人数",
        "people",
        "people of the group among the searchers",
        "搜过它的人里，属于这个人群的人数。",
        least=0,
    ),
    _M(
        "share",
        "人群占比",
        "share",
        "share of the group among the searchers whose groups are known",
        "在人群已知的搜索者里，这个人群占多少。",
        least=0,
        most=1,
    ),
    _M(
        "lift",
        "人群倍数",
        "ratio",
        "share of the group among these searchers / its share among all other searchers",
        "这个人群在搜索者里的占比，是在其他所有搜索者里占比的几倍。",
        least=0,
        caveat="倍数高说明更集中，不等于人多。",
    ),
    *_interval("lift", "倍数", "ratio"),
    _M(
        "category_lift",
        "同品类倍数",
        "ratio",
        "the same against other searchers of the category; null where it has none",
        "只和同品类的其他搜索者相比的倍数。",
        least=0,
    ),
    _M(
        "q_value",
        "误报率",
        "probability",
        "false discovery rate at which the statement is made",
        "“这个人群更爱搜它”这句话的错误发现率，不超过 5% 才会列出。",
        least=0,
        most=1,
    ),
    _M("evidence_queries", "这群人常搜", "list", "what it searches more than others", "比其他人搜得更多的词。"),
)

MARKET_METRICS: Final[dict[str, Metric]] = _table(
    _M("name", "名称", "text", "name of the category, brand or product", "品类、品牌或产品的名称。"),
    _M("level", "层级", "text", "category, brand or product", "品类、品牌或产品。"),
    _M("category", "品类", "text", "category in which it is looked at", "在哪个品类里看。"),
    _M("brand", "所属品牌", "text", "brand of a brand or product; null for categories", "品牌或产品所属的品牌。"),
    _M("product_id", "产品编号", "text", "id of a product; null for others", "产品在目录里的编号。"),
    _M(
        "searches",
        "搜索次数",
        "searches",
        "count of searches in the window that name it",
        "时间窗口内点名要它的搜索次数。",
        least=0,
    ),
    _M(
        "searchers",
        "搜索人数",
        "people",
        "distinct users; null where users are unknown",
        "点名搜过它的去重用户数；日志没有用户标识时为空。",
        least=0,
    ),
    METRICS["people"],
    _M(
        "demand_per_week",
        "每周搜索",
        "searches a week",
        "searches that count (without bots, with caps), a week",
        "剔除机器与刷量、每人封顶之后的每周搜索。",
        least=0,
    ),
    _M("notes", "笔记", "notes", "notes that speak of it", "讲到它的笔记篇数。", least=0),
    _M(
        "recent_notes",
        "近期笔记",
        "notes",
        "those younger than the fresh_days setting",
        "仍在保鲜期内的篇数。",
        least=0,
    ),
    _M(
        "supply",
        "声量",
        "notes worth",
        "notes that speak of it, each by its visibility; near-duplicates once",
        "讲到它的笔记按可见度折算的篇数：报备广告打折，疑似水下广告不计，近似重复只算一篇。",
        least=0,
    ),
    _M(
        "share_of_search",
        "搜索份额",
        "share",
        "its searches / searches of all of its level in the category (of a category: of all), with a 90% interval",
        "点名搜它的次数占同品类全部品牌（或产品）点名搜索的比例，附 90% 区间；品类则占全部品类。",
        least=0,
        most=1,
        caveat="多数搜索不点名品牌，不在分母里。",
    ),
    _M(
        "share_of_voice",
        "声量份额",
        "share",
        "its supply / supply of all of its level in the category (of a category: of all), with a 90% interval",
        "它的声量占同品类全部品牌（或产品）声量的比例，附 90% 区间；品类则占全部品类。",
        least=0,
        most=1,
    ),
    _TREND,
    _M(
        "newcomer",
        "新入场",
        "flag",
        "all that a brand sells, or the product itself, was launched in the last 180 days of the window",
        "品牌的全部产品、或产品本身，都在最近 180 天内上市。",
    ),
    _M(
        "tail",
        "品牌集中度",
        "object",
        "of a category: how its voice is spread over brands: HHI, top three, brands that share the last 10%, "
        "unseen share (Good-Turing), brands at least there (Chao 1)",
        "品类的声量怎样分给各品牌：赫芬达尔指数（HHI）、前三名占比、分最后 10% 的品牌数，"
        "以及按只出现一次的品牌推算的、还没见过的部分。",
    ),
    _M("rising_points", "上升的卖点", "list", "of a category: points whose demand rises", "品类里搜索正在上升的卖点。"),
    _M(
        "points",
        "卖点站位",
        "list",
        "of a brand: where it stands on each point (theirs, shared, rivals, untapped), and its word of mouth there",
        "品牌在每个卖点上的站位：独有、与对手共有、对手在讲、没人讲；以及笔记和评论里夸它、怨它的各有多少。",
        caveat="评论点了谁的名就算谁的，没点名的算笔记所写的品牌；点了几个品牌、拿来对比、或笔记写了几个品牌的，不算任何一家。",
    ),
    _M(
        "comments",
        "评论",
        "object",
        "of a category: comments under its notes by intent",
        "笔记下评论的意图，各有多少条。",
    ),
    _M("audiences", "人群", "list", "groups that search for it more than others", "更爱搜它的人群。"),
    _M(
        "too_little",
        "还差的搜索",
        "searches",
        "of a category: how many more searches a list of selling points needs; 0: enough",
        "品类还要多少次搜索才列得出卖点；0 表示够了。",
        least=0,
    ),
    _M("flags", "标注", "list", "warnings about the row", "需要留意的事项。"),
)
