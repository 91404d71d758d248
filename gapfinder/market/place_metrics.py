"""The columns of a market row that say what it is of, and where that stands in the tree of categories."""

from __future__ import annotations

from typing import Final

from gapfinder.metric import Metric

_M: Final = Metric

PLACE_METRICS: Final[tuple[Metric, ...]] = (
    _M("name", "名称", "text", "name of the category, brand or product", "品类、品牌或产品的名称。"),
    _M("level", "层级", "text", "category, brand or product", "品类、品牌或产品。"),
    _M("category", "品类", "text", "category in which it is looked at", "在哪个品类里看。"),
    _M("parent", "上级品类", "text", "of a category: the one right above it; null: none", "品类的上一级；没有则为空。"),
    _M("path", "品类路径", "list", "categories from the widest down to the row's", "从最大的品类逐级到这一行的品类。"),
    _M("depth", "品类级数", "levels", "categories above the row's; 0: none", "上面还有几级品类；0 为最上级。", least=0),
    _M(
        "children",
        "下级品类数",
        "categories",
        "of a category: those right below it; its figures hold those of all below",
        "直属下级品类的个数；品类的数字包含它下面的全部品类。",
        least=0,
    ),
    _M("brand", "所属品牌", "text", "brand of a brand or product; null for categories", "品牌或产品所属的品牌。"),
    _M("product_id", "产品编号", "text", "id of a product; null for others", "产品在目录里的编号。"),
)
