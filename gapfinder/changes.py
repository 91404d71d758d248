"""The shape of a change: one keyword in two runs, as the command line, files and HTTP show it.

All values are JSON values. ``*_before`` and ``*_after`` are the figures of the two runs, null where a run does not know
the keyword; what they mean stands in :mod:`gapfinder.metrics`. Columns that belong to the comparison are declared here.
"""

from __future__ import annotations

from typing import Final, TypedDict

from gapfinder.metrics import METRICS, Metric

CHANGE_LABELS: Final = {  # in the order in which they are listed
    "opened": "新出现",
    "closed": "已补上",
    "grew": "扩大",
    "shrank": "缩小",
    "new": "新关键词",
    "gone": "未再出现",
    "steady": "基本不变",
}
REASON_LABELS: Final = {
    "more_searches": "搜的人多了",
    "fewer_searches": "搜的人少了",
    "more_notes": "相关笔记多了",
    "fewer_notes": "相关笔记少了",
    "less_answered": "现有内容更难满足搜索",
    "better_answered": "现有内容更能满足搜索",
    "behaviour": "搜索者的实际行为变了",
}
CHANGE_FLAG_LABELS: Final = {
    "borderline": "缺口判断变了，但变化仍在误差之内",
    "small": "超出误差，但幅度不到一成",
    "kind_changed": "缺口类型变了",
    "match_changed": "匹配方式变了，两次的次数不可比",
    "renamed": "规范写法变了",
}
SIDES: Final = (  # figures of both runs, in the order of columns
    "gap_kind",
    "unmet_per_week",
    "unmet_low",
    "unmet_high",
    "unmet_probability",
    "searches",
    "searchers",
    "demand_per_week",
    "notes_matching",
    "supply",
)


class Change(TypedDict):
    """One keyword in two runs."""

    keyword: str
    change: str  # one of CHANGE_LABELS
    match: str
    category: str | None
    gap_kind_before: str | None
    gap_kind_after: str | None
    unmet_per_week_before: float | None
    unmet_per_week_after: float | None
    unmet_low_before: float | None
    unmet_low_after: float | None
    unmet_high_before: float | None
    unmet_high_after: float | None
    unmet_probability_before: float | None
    unmet_probability_after: float | None
    searches_before: int | None
    searches_after: int | None
    searchers_before: int | None
    searchers_after: int | None
    demand_per_week_before: float | None
    demand_per_week_after: float | None
    notes_matching_before: int | None
    notes_matching_after: int | None
    supply_before: float | None
    supply_after: float | None
    difference: float | None
    difference_low: float | None
    difference_high: float | None
    p_value: float | None
    q_value: float | None
    by_demand: float | None
    by_supply: float | None
    part: str | None  # of the decomposition
    part_change: float | None
    reasons: list[str]
    flags: list[str]
    run_before: str
    run_after: str
    warnings: list[str]  # what differs between the runs beside the data
    sentence: str


_M = Metric

CHANGE_METRICS: Final[dict[str, Metric]] = {
    metric.name: metric
    for metric in (
        _M(
            "change",
            "变化",
            "text",
            "opened, closed: met became a gap or a gap became met; grew, shrank: unmet searches moved; all four beyond "
            "noise; steady: within noise; new, gone: only one run knows the keyword",
            "超出误差才算变化：新出现、已补上、扩大、缩小；否则记为基本不变。只在一次分析里有的关键词另列。",
        ),
        _M(
            "difference",
            "每周未满足的变化",
            "searches a week",
            "unmet_per_week_after - unmet_per_week_before",
            "两次分析的每周未满足搜索之差（后减前）。",
        ),
        _M(
            "difference_low",
            "变化下限",
            "searches a week",
            "lower end of the 90% interval of difference, by variance recovery (MOVER), shared searches considered",
            "变化的 90% 区间下限，已考虑两次分析共有的搜索。",
        ),
        _M(
            "difference_high",
            "变化上限",
            "searches a week",
            "upper end of the 90% interval of difference",
            "变化的 90% 区间上限。",
        ),
        _M(
            "p_value",
            "误差概率",
            "probability",
            "probability of such a move by noise alone, two-sided; of opened and closed that of unmet_probability",
            "只凭随机误差也会有这么大变化的概率；新出现与已补上看的是未满足概率的变化。",
            least=0,
            most=1,
        ),
        _M(
            "q_value",
            "校正后的误差概率",
            "probability",
            "p_value adjusted for the number of keywords (Benjamini-Hochberg)",
            "按关键词数量校正（Benjamini-Hochberg），避免关键词一多就误报。",
            least=0,
            most=1,
        ),
        _M(
            "by_demand",
            "搜索量带来的变化",
            "searches a week",
            "change of demand_per_week x mean of both unmet probabilities",
            "每周有效搜索的变化 × 两次未满足概率的平均。",
        ),
        _M(
            "by_supply",
            "内容带来的变化",
            "searches a week",
            "difference - by_demand",
            "变化中除去搜索量的部分：现有内容更能或更难满足搜索。",
        ),
        _M(
            "part",
            "变化最大的构成",
            "text",
            "the part of the decomposition that moved most in the direction of by_supply, at equal demand",
            "按相同搜索量比较，构成中与“内容带来的变化”同向且变化最大的一项。",
        ),
        _M(
            "part_change",
            "该构成的变化",
            "searches a week",
            "change of that part's share of searches x mean of both demand_per_week",
            "该项占搜索的比例之差 × 两次每周有效搜索的平均。",
        ),
        _M("reasons", "变化原因", "list", "what carried the change", "变化主要由什么带来。"),
        _M("run_before", "之前的分析", "text", "id of the earlier run", "作为基准的分析编号。"),
        _M("run_after", "之后的分析", "text", "id of the later run", "与之对比的分析编号。"),
        _M(
            "warnings",
            "可比性",
            "list",
            "what differs between the runs beside the data",
            "两次分析在数据之外的不同之处，会影响可比性。",
        ),
        _M("sentence", "说明", "text", "one Chinese sentence that says what changed", "一句话说明变化。"),
    )
}


def columns() -> list[tuple[str, str]]:
    """Names of all columns of a change with their Chinese labels, in order."""
    return [(name, _label(name)) for name in Change.__annotations__]


def _label(name: str) -> str:
    if name in CHANGE_METRICS:
        return CHANGE_METRICS[name].label
    for ending, when in (("_before", "之前"), ("_after", "之后")):
        if name.endswith(ending):
            return f"{METRICS[name.removesuffix(ending)].label}（{when}）"
    return METRICS[name].label
