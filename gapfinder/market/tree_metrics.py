"""The columns of a market row that say where it stands in the tree of categories."""

from __future__ import annotations

from typing import Final

from gapfinder.metric import Metric

TREE_METRICS: Final[tuple[Metric, ...]] = (
    Metric(
        "parent", "上级品类", "text", "of a category: the one right above it; null: none", "品类的上一级；没有则为空。"
    ),
    Metric(
        "path", "品类路径", "list", "categories from the widest down to the row's", "从最大的品类逐级到这一行的品类。"
    ),
    Metric(
        "depth", "品类层级", "levels", "categories above the row's; 0: none", "上面还有几级品类；0 为最上级。", least=0
    ),
    Metric(
        "children",
        "下级品类",
        "categories",
        "of a category: those right below it; its figures hold those of all below",
        "直属下级品类的个数；品类的数字包含它下面的全部品类。",
        least=0,
    ),
)
