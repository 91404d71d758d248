"""The shape of a gap: what an analysis stores, and what the command line, HTTP and the page show.

All values are JSON values, so that a run can be stored, compared and served as it is. Rates are 0 to 1, money is yuan,
days are ISO dates (Asia/Shanghai), ``*_per_week`` are searches a week.
"""

from __future__ import annotations

from typing import TypedDict


class Variant(TypedDict):
    """A raw query (normalised) that was folded into a keyword, and how (``same``, ``spelling``, ``synonym``)."""

    query: str
    searches: int
    folded_by: str


class Surge(TypedDict):
    """The last week or two held against the keyword's own level, festivals taken out as far as they are known."""

    weeks: int  # whether it is the last week or the last two
    ratio: float  # searches over what its own level lets expect
    low: float
    high: float
    p_value: float
    q_value: float  # false discovery rate among all keywords
    rising_early: bool
    festivals: list[str]  # those in these weeks whose effect the log does not know yet


class FestivalEffect(TypedDict):
    """What a festival does to the searches of a keyword in its strongest week, as the history shows it."""

    festival: str
    times: float  # 2: twice the searches
    low: float
    high: float
    occurrences: int


class Season(TypedDict):
    """When a keyword is searched; ``week`` and ``year`` are found, none or not_enough (too little to tell)."""

    week: str
    weekdays: list[float] | None  # Monday to Sunday, multiples of the mean day
    year: str
    months: list[float] | None  # January to December, multiples of the mean
    year_share: float | None  # of the variance of the weeks that the yearly season explains
    peak_months: list[int]
    festivals: list[FestivalEffect]  # those that matter to the keyword


class Trend(TypedDict):
    """Change of weekly searches from the first to the last week of the window, robust, with a 90% interval."""

    direction: str  # rising, flat, falling or unknown
    change: float | None  # 0.25: a quarter more
    low: float | None
    high: float | None
    weekly: list[int]
    festivals: list[str]  # in the window, taken out as far as they are known
    surge: Surge | None


class Forecast(TypedDict):
    """Searches expected in one coming week (1 is the first after the window), with a 90% interval."""

    week: int
    start: str | None  # its first day, where the window is known
    festivals: list[str]  # whose day falls into it
    searches: float
    low: float
    high: float


class EvidenceQuery(TypedDict):
    """One of the very queries behind a gap."""

    query: str
    searches: int
    searchers: int | None
    people: int | None  # of them those that are no bots
    satisfied: int
    unsatisfied: int
    unknown: int


class EvidenceNote(TypedDict):
    """One of the very notes behind a gap: the best answers there are, and what they are worth."""

    note_id: str
    title: str
    published_at: str | None
    answers: float  # probability that the note answers the keyword
    visibility: float  # 1 organic, less for disclosed advertising, 0 for undisclosed
    freshness: float
    quality: float
    supply: float  # the product of the four
    disclosed: bool | None
    undisclosed_probability: float
    duplicates: int  # further notes that repeat this one
    found_by: str  # "words", or the other word under which it was found
    matched: list[str]  # terms of the keyword that the note holds
    reasons: list[str]


class Part(TypedDict):
    """One part of the decomposition; the parts add up to ``unmet_per_week``."""

    part: str
    label: str
    per_week: float


class Volume(TypedDict):
    """An imported figure, in its own unit; never added to counts."""

    source: str | None
    unit: str
    volume: float
    low: float | None
    high: float | None
    period_start: str | None
    period_end: str | None
    competition: float | None


class Price(TypedDict):
    """What search ads for the keyword cost, as observed; null where nothing is known."""

    clicks: int
    cost: float
    cpc: float | None
    bid_low: float | None
    bid_high: float | None
    source: str


class Gap(TypedDict):
    """One keyword of a run with its demand, supply, unmet searches and the evidence.

    A run of an older version holds less; what it did not measure is read as null (:mod:`gapfinder.older`).
    """

    keyword: str
    variants: list[Variant]
    match: str  # exact or contains
    category: str | None  # of the product catalogue
    searches: int
    searchers: int | None
    people: int | None  # of them those that are no bots; null where users are unknown, or in older runs
    demand: float
    demand_per_week: float
    trend: Trend
    season: Season | None
    forecast: list[Forecast] | None  # the coming weeks; null where too little is known
    daily: list[int]  # searches a day, from the first day of the window
    satisfied: int
    unsatisfied: int
    unknown: int
    reformulated: int
    notes_matching: int
    notes_phrase: int
    notes_headline: int
    notes_fresh: int
    supply: float
    authors_effective: float | None  # how many equal authors the supply is worth; 0 where there is none
    demand_supply_ratio: float | None  # null where no note matches
    unmet_probability: float
    unmet_per_week: float
    unmet_low: float
    unmet_high: float
    excess: float | None  # unmet searches a week beyond what is usual in the store
    excess_low: float | None
    rank_low: int | None  # best and worst plausible rank by unmet searches
    rank_high: int | None
    gap_kind: str  # missing, wording, weak, stale, ads_only, unsure or met
    kind_probabilities: dict[str, float]
    verdict: str  # what to do: write, retitle, refresh, organic, measure or none
    score_parts: dict[str, float]  # the decomposition as {part: searches a week}
    synonyms: list[str]
    volumes: list[Volume]
    price: Price | None
    evidence_queries: list[EvidenceQuery]
    evidence_notes: list[EvidenceNote]
    flags: list[str]
    reason: str  # one Chinese sentence that says why


GAP_KINDS = ("missing", "wording", "weak", "stale", "ads_only", "unsure", "met")
GAP_KIND_LABELS = {
    "missing": "没有内容",
    "wording": "说法不同",
    "weak": "内容薄弱",
    "stale": "内容过时",
    "ads_only": "只有广告",
    "unsure": "数据不足",
    "met": "已满足",
}
VERDICT_LABELS = {
    "write": "写新内容",
    "retitle": "改标题、加话题词",
    "refresh": "更新旧笔记",
    "organic": "补真实体验",
    "measure": "先补数据",
    "none": "无需动作",
}
INTERVAL = 0.9  # what every interval is meant to cover
PARTS = {  # of the decomposition, in the order in which they add up
    "no_answer": "没有笔记回答",
    "other_words": "笔记用了别的说法",
    "repeats": "重复的笔记只算一次",
    "advertising": "答案是广告",
    "age": "答案过时",
    "thin": "答案单薄",
    "behaviour": "搜索者的实际行为（修正）",
}
