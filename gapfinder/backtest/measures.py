"""Every number a backtest shows, declared once, like the columns of a gap in :mod:`gapfinder.metrics`."""

from __future__ import annotations

from typing import Final

from gapfinder.metrics import Direction, Metric

_M = Metric

MEASURES: Final[dict[str, Metric]] = {
    metric.name: metric
    for metric in (
        _M(
            "ratio",
            "单篇阅读倍数",
            "times",
            "exp of the mean over matched sets of (filled gap minus its controls); of each keyword the mean over its "
            "notes of ln(1 + reads) minus ln(1 + usual reads of the author), less what the matching variables lead one "
            "to expect",
            "每篇新笔记的阅读量先除以作者平常的阅读量，再与条件相近、本来没有缺口的词比较，取各组之差的平均。",
            least=0,
            caveat="是关联而不是因果：谁来补、补哪个缺口，并不是随机分配的。",
        ),
        _M(
            "ratio_low",
            "倍数下限",
            "times",
            "lower end of the 90% interval of ratio, by inverting the permutation test",
            "90% 区间的下限，由置换检验反推。",
            least=0,
        ),
        _M(
            "ratio_high",
            "倍数上限",
            "times",
            "upper end of the 90% interval of ratio, by inverting the permutation test",
            "90% 区间的上限，由置换检验反推。",
            least=0,
        ),
        _M(
            "p_value",
            "置换检验 p 值",
            "probability",
            "share of 999 seeded permutations at least as far from 0, two-sided; the larger one of keyword and author",
            "组内随机调换身份 999 次，差距不小于实际差距的比例；按词、按作者各算一次，取较保守的一个。",
            least=0,
            most=1,
        ),
        _M(
            "p_keyword",
            "p 值（按词）",
            "probability",
            "within each set any keyword could as well have been the gap",
            "同组之内，任何一个词都可能是那个缺口。",
            least=0,
            most=1,
        ),
        _M(
            "p_author",
            "p 值（按作者）",
            "probability",
            "all notes of an author go up or down together",
            "同一作者的笔记同升同降。",
            least=0,
            most=1,
        ),
        _M(
            "sets",
            "对照组数",
            "sets",
            "filled gaps with at least one control; below 20 there is no verdict",
            "至少配到一个对照词的缺口数，不足 20 组不下结论。",
            least=0,
        ),
        _M(
            "matched_share",
            "配对比例",
            "share",
            "sets / filled gaps with an outcome",
            "配上对照的缺口 ÷ 有结果的已补缺口。",
            least=0,
            most=1,
            caveat="没配上的缺口不在结论之内。",
        ),
        _M(
            "balance",
            "均衡",
            "standard deviations",
            "difference of gaps and controls in each matching variable, before and after; below 0.1 counts as balanced",
            "两边在各匹配变量上的标准化差，配对前与配对后，绝对值小于 0.1 视为均衡。",
        ),
        _M(
            "dose",
            "分档倍数",
            "times",
            "ratio within each third of the matched gaps by unmet probability",
            "按未满足概率三等分，各档分别的倍数。",
            least=0,
        ),
        _M(
            "persistence",
            "缺口留存率",
            "share",
            "share of the 50 gaps with the highest unmet_low that are gaps by the searches of the weeks after",
            "当时排在前 50 的缺口，只看之后几周的搜索，仍然是缺口的比例，附 90% 区间。",
            least=0,
            most=1,
            direction=Direction.NONE,
            caveat="留存高说明当时找得准，也说明还没人补上。",
        ),
        _M(
            "base_share",
            "非缺口词变成缺口",
            "share",
            "share of the keywords that were met and are a gap in the weeks after",
            "当时已满足、之后几周成了缺口的比例。",
            least=0,
            most=1,
        ),
        _M(
            "expected",
            "应有的未满足比例",
            "share",
            "mean over searches of the unmet probability plus the noise of answered needs where it is one",
            "按当时的未满足概率推出的、之后搜索应当不满意的比例（含已满足需求的正常噪声）。",
            least=0,
            most=1,
        ),
        _M(
            "observed",
            "实际的未满足比例",
            "share",
            "unsatisfied / searches with a known outcome in the weeks after",
            "之后几周结果已知的搜索里，实际不满意的比例。",
            least=0,
            most=1,
        ),
        _M(
            "error",
            "校准误差",
            "share",
            "mean over searches of |expected - observed| by tenths of the unmet probability",
            "按未满足概率分十档，应有与实际之差的绝对值，以搜索次数加权平均。",
            least=0,
            most=1,
        ),
    )
}
