"""Every column of a gap, declared once: name, Chinese label, unit, formula, range, direction and caveat.

Command line help, HTTP documentation, tooltips of the page, headers of the workbook and the docs read this table, so
that a number is called and explained the same way everywhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Direction(StrEnum):
    """What a larger value says."""

    GAP = "gap"  # a larger value means a larger gap
    SERVED = "served"  # a larger value means that people are better served
    NONE = "none"  # says nothing by itself


@dataclass(frozen=True, slots=True)
class Metric:
    """One column of a gap.

    Attributes:
        name: Field name in :class:`gapfinder.results.Gap`.
        label: Chinese name, as the report and the workbook head the column.
        unit: Unit of the value; ``text``, ``list`` and ``object`` for columns that are no number.
        formula: How it is made, in English, for the command line, HTTP and docs.
        method: How it is made, in Chinese, for the page.
        least, most: Range of the value; None where there is no bound.
        direction: What a larger value says.
        caveat: What it does not say, in Chinese; empty when there is nothing to add.
    """

    name: str
    label: str
    unit: str
    formula: str
    method: str
    least: float | None = None
    most: float | None = None
    direction: Direction = Direction.NONE
    caveat: str = ""

    @property
    def header(self) -> str:
        """The bilingual column head, for example ``searches 搜索次数``."""
        return f"{self.name} {self.label}"

    @property
    def range(self) -> str:
        """The range in words, for example ``0 to 1`` or ``from 0``; empty when there is no bound."""
        if self.least is None:
            return ""
        return f"from {self.least:g}" if self.most is None else f"{self.least:g} to {self.most:g}"


_M, _D = Metric, Direction

METRICS: Final[dict[str, Metric]] = {
    metric.name: metric
    for metric in (
        _M(
            "keyword",
            "关键词",
            "text",
            "the canonical search phrase: the most searched of its variants",
            "同义写法归并后的规范搜索词，取搜索最多的写法。",
        ),
        _M(
            "variants",
            "归并写法",
            "list",
            "raw queries folded into the keyword, with their searches and how they were folded",
            "繁简、全半角、空格、词序、错别字与已证实的同义词归并到同一个关键词。",
        ),
        _M(
            "match",
            "匹配方式",
            "text",
            "exact: the query is the keyword; contains: all queries that hold the keyword",
            "exact 指搜索词就是它；contains 指所有包含它的搜索词。",
            caveat="contains 类词与其下的具体搜索词有重叠，合计时每次搜索只计一次。",
        ),
        _M(
            "category",
            "品类",
            "text",
            "category of the product catalogue that the keyword names, by a synonym or a brand if need be; null: none",
            "按商品目录判断的品类；目录里没有对应的品类时为空。",
        ),
        _M(
            "searches",
            "搜索次数",
            "searches",
            "count of searches in the window, all users",
            "时间窗口内的搜索次数，不去重、不设上限。",
            least=0,
            direction=_D.GAP,
        ),
        _M(
            "searchers",
            "搜索人数",
            "people",
            "count of distinct users who searched in the window; null where users are unknown",
            "时间窗口内搜索过它的去重用户数。",
            least=0,
            direction=_D.GAP,
            caveat="日志没有用户标识时为空。",
        ),
        _M(
            "demand",
            "有效搜索",
            "searches",
            "searches after per-user caps and after bots and bursts are filtered",
            "每人每日计数封顶，并剔除机器与突发刷量之后的搜索次数。",
            least=0,
            direction=_D.GAP,
            caveat="与搜索次数不一致时会标注。",
        ),
        _M(
            "demand_per_week",
            "每周有效搜索",
            "searches a week",
            "demand / days of the window x 7; a typed keyword that nobody searched takes it from imported volumes",
            "有效搜索 ÷ 窗口天数 × 7；指定了关键词却无人搜索时，取自导入的搜索量。",
            least=0,
            direction=_D.GAP,
        ),
        _M(
            "trend",
            "趋势",
            "object",
            "robust change of weekly searches from the first to the last week, with a 90% interval",
            "首周到末周的稳健变化幅度，附 90% 区间。",
            caveat="区间跨过零时记为平稳。",
        ),
        _M(
            "daily",
            "每日搜索",
            "list",
            "searches on each day from the first day of the window",
            "窗口内逐日搜索次数。",
        ),
        _M(
            "satisfied",
            "被满足的搜索",
            "searches",
            "searches read for the dwell threshold or acted on, and not reformulated in the session",
            "读够停留时长或有互动，且同一会话内没有换词再搜。",
            least=0,
            direction=_D.SERVED,
        ),
        _M(
            "unsatisfied",
            "未被满足的搜索",
            "searches",
            "searches with an empty result list, or whose outcome is known and not satisfied",
            "结果为空，或结果已知但没有读够、没有互动。",
            least=0,
            direction=_D.GAP,
        ),
        _M(
            "unknown",
            "结果未知的搜索",
            "searches",
            "searches whose outcome was not recorded",
            "日志没有记录结果，无法判断。",
            least=0,
        ),
        _M(
            "reformulated",
            "换词再搜",
            "searches",
            "searches followed by another query for the same need within the session",
            "同一会话内又换了说法再搜的次数。",
            least=0,
            direction=_D.GAP,
        ),
        _M(
            "notes_matching",
            "匹配笔记数",
            "notes",
            "notes that hold all terms of the keyword in title, content or tags",
            "标题、正文、标签合起来包含全部词的笔记数。",
            least=0,
            direction=_D.SERVED,
            caveat="共享词语不等于回答了问题。",
        ),
        _M(
            "notes_phrase",
            "完整短语笔记数",
            "notes",
            "notes that hold the terms adjacent and in order inside one field value",
            "词语在同一字段内相邻且顺序一致的笔记数。",
            least=0,
            direction=_D.SERVED,
        ),
        _M(
            "notes_headline",
            "标题命中笔记数",
            "notes",
            "notes that hold all terms in title and tags",
            "标题与标签合起来包含全部词的笔记数。",
            least=0,
            direction=_D.SERVED,
        ),
        _M(
            "notes_fresh",
            "近期笔记数",
            "notes",
            "matching notes younger than the fresh_days setting",
            "匹配笔记中仍在保鲜期内的篇数。",
            least=0,
            direction=_D.SERVED,
        ),
        _M(
            "supply",
            "有效供给",
            "notes worth",
            "sum over notes of answers x visibility x freshness x quality; near-duplicates once",
            "逐篇相加：能回答的概率 × 可见度 × 新鲜度 × 质量，近似重复只算一篇。",
            least=0,
            direction=_D.SERVED,
        ),
        _M(
            "demand_supply_ratio",
            "需求供给比",
            "searches a note",
            "searches / notes_matching; null where no note matches",
            "搜索次数 ÷ 匹配笔记数，未作任何加权，供核对。",
            least=0,
            direction=_D.GAP,
            caveat="偏爱冷门小词，不用于默认排序；没有匹配笔记时为空。",
        ),
        _M(
            "unmet_probability",
            "未满足概率",
            "probability",
            "probability that the supply does not meet a search for the keyword",
            "一次搜索得不到满意回答的概率，由内容供给与搜索行为共同估计。",
            least=0,
            most=1,
            direction=_D.GAP,
            caveat="是估计值，以区间为准。",
        ),
        _M(
            "unmet_per_week",
            "每周未满足搜索",
            "searches a week",
            "demand_per_week x unmet_probability",
            "每周有效搜索 × 未满足概率。",
            least=0,
            direction=_D.GAP,
        ),
        _M(
            "unmet_low",
            "未满足下限",
            "searches a week",
            "lower end of the 90% interval of unmet_per_week: mean - 1.645 deviations; the default order",
            "每周未满足搜索 90% 区间的下限，默认按它排序。",
            least=0,
            direction=_D.GAP,
        ),
        _M(
            "unmet_high",
            "未满足上限",
            "searches a week",
            "upper end of the 90% interval of unmet_per_week",
            "每周未满足搜索 90% 区间的上限。",
            least=0,
            direction=_D.GAP,
        ),
        _M(
            "excess",
            "超出平均的未满足",
            "searches a week",
            "unmet_per_week - the store's own unmet share x demand_per_week",
            "每周未满足搜索，减去按全部关键词的平均未满足率应有的部分。",
            direction=_D.GAP,
            caveat="负数表示供给比平均水平更充足。",
        ),
        _M(
            "excess_low",
            "超出平均的下限",
            "searches a week",
            "lower end of the 90% interval of excess; above 0 the keyword is flagged gap: abnormally short supply",
            "“超出平均的未满足”90% 区间的下限；大于零时标注“供给明显少于平均水平”。",
            direction=_D.GAP,
        ),
        _M(
            "rank_low",
            "可能的最好名次",
            "rank",
            "best plausible rank by unmet searches (90% range), among all keywords of the run",
            "按未满足搜索排名时，90% 区间内可能的最好名次。",
            least=1,
        ),
        _M(
            "rank_high",
            "可能的最差名次",
            "rank",
            "worst plausible rank by unmet searches (90% range), among all keywords of the run",
            "按未满足搜索排名时，90% 区间内可能的最差名次。",
            least=1,
            caveat="与最好名次相差越大，名次越不可靠。",
        ),
        _M(
            "gap_kind",
            "缺口类型",
            "text",
            "missing, wording, weak, stale, ads_only, unsure, or met (no gap)",
            "按“为什么没被满足”归类，取概率最高的一类；已满足的不算缺口。",
        ),
        _M(
            "kind_probabilities",
            "类型概率",
            "object",
            "probability of each gap kind, of unsure and of met; they add up to 1",
            "各缺口类型、数据不足与已满足的概率，合计为 1。",
        ),
        _M(
            "verdict",
            "建议动作",
            "text",
            "what to do about the kind: write new content (missing, weak), retitle existing notes (wording), refresh "
            "old ones (stale), add organic experience (ads_only), measure first (unsure), none (met)",
            "按缺口类型给出：没有或太薄就写新内容，说法不同只改标题和话题词，过时就更新旧笔记，只有广告就补真实体验，"
            "数据不足先补数据。",
            caveat="只说该做哪一类事，值不值得做看每周未满足搜索。",
        ),
        _M(
            "score_parts",
            "构成",
            "object",
            "searches a week by cause; the parts add up to unmet_per_week",
            "每周未满足搜索按原因拆分，各项之和等于总数。",
        ),
        _M(
            "synonyms",
            "同义说法",
            "list",
            "proven other words for the keyword under which notes answer: shipped, or proven by what searchers read",
            "已证实、且有笔记在用的其他说法：词表自带，或由搜索者的阅读行为证实。",
        ),
        _M(
            "volumes",
            "外部搜索量",
            "list",
            "imported figures in their own unit; never added to counts",
            "外部导入的搜索量或指数，保留原单位，绝不与次数相加。",
        ),
        _M(
            "price",
            "搜索广告价格",
            "object",
            "observed cost per click and bid range in yuan; null where nothing is known",
            "观察到的点击成本与出价区间（元）。",
            caveat="来自投放数据，只代表已投放的时段。",
        ),
        _M(
            "evidence_queries",
            "证据：搜索词",
            "list",
            "the very queries behind the gap, with their outcomes",
            "构成这个缺口的原始搜索词及其结果。",
        ),
        _M(
            "evidence_notes",
            "证据：笔记",
            "list",
            "the best answers there are, and what each is worth",
            "现有最好的回答，以及每篇值多少。",
        ),
        _M(
            "flags",
            "标注",
            "list",
            "warnings about the row, for example few_searchers",
            "阅读这一行时需要留意的事项。",
        ),
        _M(
            "reason",
            "原因",
            "text",
            "one Chinese sentence that says why this is a gap",
            "一句话说明为什么是缺口。",
        ),
    )
}
