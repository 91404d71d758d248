"""The columns of audiences, declared once, and what tables of columns are made with."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from gapfinder.metric import Direction, Metric

_M, _D = Metric, Direction


def interval_columns(name: str, label: str, unit: str, direction: Direction = _D.NONE) -> tuple[Metric, Metric]:
    """The two ends of an interval."""
    low = _M(f"{name}_low", f"{label}下限", unit, "lower end of the 90% interval", f"{label} 90% 区间的下限。", 0)
    high = _M(f"{name}_high", f"{label}上限", unit, "upper end of the 90% interval", f"{label} 90% 区间的上限。", 0)
    return replace(low, direction=direction), replace(high, direction=direction)


def table_of(*metrics: Metric) -> dict[str, Metric]:
    """Columns by name, in their order."""
    return {metric.name: metric for metric in metrics}


AUDIENCE_METRICS: Final[dict[str, Metric]] = table_of(
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
    *interval_columns("lift", "倍数", "ratio"),
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
