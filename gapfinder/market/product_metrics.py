"""The columns of gaps by selling point, keyword and product, declared once: workbook, HTTP and docs read this table."""

from __future__ import annotations

from typing import Final

from gapfinder.metric import Direction, Metric

_M, _D = Metric, Direction
_PEOPLE: Final = (
    "product's notes are those that name it, are filed under it, or name its brand with what only it claims"
)

PRODUCT_GAP_METRICS: Final[dict[str, Metric]] = {
    metric.name: metric
    for metric in (
        _M("category", "品类", "text", "category of the catalogue", "产品所属的品类，取自商品目录。"),
        _M("selling_point", "卖点", "text", "what the keyword asks of a product", "关键词在要的卖点。"),
        _M("keyword", "关键词", "text", "a keyword that asks for the point", "要这个卖点的关键词。"),
        _M("product_id", "产品编号", "text", "id in the catalogue", "商品目录里的编号。"),
        _M("product", "产品", "text", "name in the catalogue", "商品目录里的名称。"),
        _M("brand", "品牌", "text", "its brand", "产品的品牌。"),
        _M(
            "claims",
            "目录主打",
            "true or false",
            "the catalogue says that the product has the point",
            "商品目录写明这个产品有此卖点；否则是它的笔记讲到。",
        ),
        _M(
            "searches",
            "搜索次数",
            "searches",
            "count of searches for the keyword in the window",
            "时间窗口内搜这个关键词的次数。",
            least=0,
        ),
        _M(
            "demand_per_week",
            "每周搜索",
            "searches a week",
            "searches that count (without bots, with caps), a week",
            "剔除机器与刷量、每人封顶之后，每周搜这个关键词的次数。",
            least=0,
        ),
        _M(
            "notes",
            "答得上的笔记",
            "notes",
            f"notes about the product that answer the keyword with probability 0.5 or more, copies once; {_PEOPLE}",
            "讲这个产品、且大概率答得上这个关键词的笔记，重复的只算一篇。",
            least=0,
        ),
        _M(
            "supply",
            "供给",
            "notes",
            "sum over the product's notes of probability to answer x visibility x freshness x quality",
            "该产品的笔记答得上的概率乘以可见度、新鲜度和质量，再求和。",
            least=0,
        ),
        _M(
            "unmet_probability",
            "未满足概率",
            "probability",
            "probability that the product's notes alone leave a search unmet; never below the market's own",
            "只看这个产品的笔记，一次搜索得不到满足的概率；不低于整个市场的未满足概率。",
            least=0,
            most=1,
            direction=_D.GAP,
        ),
        _M(
            "unmet_per_week",
            "未满足/周",
            "searches a week",
            "demand x unmet probability, a week",
            "每周搜这个关键词、却没有该产品的笔记能回答的搜索。",
            least=0,
            direction=_D.GAP,
        ),
        _M("unmet_low", "未满足下限", "searches a week", "lower end of the 90% interval", "90% 区间的下限。", 0),
        _M("unmet_high", "未满足上限", "searches a week", "upper end of the 90% interval", "90% 区间的上限。", 0),
        _M("gap_kind", "缺口类型", "text", "kind of the gap, as of keywords", "缺口类型，与关键词的相同。"),
        _M("verdict", "建议", "text", "what to do about the kind", "对应缺口类型的做法。"),
        _M(
            "market_unmet_per_week",
            "全市场未满足/周",
            "searches a week",
            "what all notes together leave unmet",
            "所有笔记加在一起仍没有满足的搜索。",
            least=0,
        ),
        _M(
            "market_gap_kind",
            "全市场缺口",
            "text",
            "kind of the gap of all notes together",
            "所有笔记加在一起的缺口类型。",
        ),
    )
}
