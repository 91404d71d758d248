"""What HTTP takes and gives, as pydantic models; the descriptions of a gap's fields come from the table of metrics."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from gapfinder.metrics import METRICS
from gapfinder.runs import LATEST

GapKind = Literal["missing", "wording", "weak", "stale", "ads_only", "unsure", "met"]
Verdict = Literal["write", "retitle", "refresh", "organic", "measure", "none"]
Match = Literal["exact", "contains"]
Order = Literal["unmet_low", "unmet_per_week", "unmet_probability", "excess", "ratio", "searches", "rising"]
MOST_LIMIT: Final = 500

RunName = Annotated[str, Field(max_length=200, description="A run by id or name.")]
Cursor = Annotated[str | None, Field(max_length=1000, description="Where the page before this one said to go on.")]
Limit = Annotated[int, Field(ge=1, le=MOST_LIMIT, description="Most items in the answer.")]


class Asked(BaseModel):
    """Query parameters; unknown ones are refused."""

    model_config = ConfigDict(extra="forbid")


class Answer(BaseModel):
    """A body of an answer."""

    model_config = ConfigDict(extra="forbid")


class NothingAsked(Asked):
    """No query parameters at all."""


class RunAsked(Asked):
    """Which run."""

    run: RunName = LATEST


class AnalysesAsked(Asked):
    """A page of the list of runs."""

    limit: Limit = 50
    cursor: Cursor = None


class GapsAsked(RunAsked):
    """Which gaps, in which order."""

    kind: list[GapKind] = Field(default=[], max_length=7, description="Only these kinds; repeatable.")
    match: Match | None = Field(default=None, description=METRICS["match"].formula)
    order_by: Order = Field(default="unmet_low", description="Largest first.")
    q: str | None = Field(
        default=None,
        min_length=1,
        max_length=256,
        description="Only keywords that contain this, or a variant that does.",
    )
    limit: Limit = 50
    cursor: Cursor = None


def _about(name: str, **bounds: Any) -> Any:
    metric = METRICS[name]
    text = f"{metric.label}: {metric.formula}"
    return Field(description=text, **bounds)


class Variant(Answer):
    """A raw query that was folded into the keyword."""

    query: str
    searches: int
    folded_by: str


class Surge(Answer):
    """The last week or two held against the keyword's own level."""

    weeks: int
    ratio: float
    low: float
    high: float
    p_value: float
    q_value: float
    rising_early: bool
    festivals: list[str]


class Trend(Answer):
    """Change of weekly searches, with a 90% interval."""

    direction: str
    change: float | None
    low: float | None
    high: float | None
    weekly: list[int]
    festivals: list[str]
    surge: Surge | None


class FestivalEffect(Answer):
    """What a festival does to the searches of a keyword."""

    festival: str
    times: float
    low: float
    high: float
    occurrences: int


class Season(Answer):
    """When a keyword is searched."""

    week: Literal["found", "none", "not_enough"]
    weekdays: list[float] | None
    year: Literal["found", "none", "not_enough"]
    months: list[float] | None
    year_share: float | None
    peak_months: list[int]
    festivals: list[FestivalEffect]


class ForecastWeek(Answer):
    """Searches expected in one coming week, with a 90% interval."""

    week: int
    start: str | None
    festivals: list[str]
    searches: float
    low: float
    high: float


class Price(Answer):
    """What search ads for the keyword cost, in yuan."""

    clicks: int
    cost: float
    cpc: float | None
    bid_low: float | None
    bid_high: float | None
    source: str


class Volume(Answer):
    """An imported figure in its own unit."""

    source: str | None
    unit: str
    volume: float
    low: float | None
    high: float | None
    period_start: str | None
    period_end: str | None
    competition: float | None


class EvidenceQuery(Answer):
    """One of the very queries behind a gap."""

    query: str
    searches: int
    searchers: int | None
    people: int | None
    satisfied: int
    unsatisfied: int
    unknown: int


class EvidenceNote(Answer):
    """One of the very notes behind a gap: the best answers there are, and what they are worth."""

    note_id: str
    title: str
    published_at: str | None
    answers: float = Field(description="Probability that the note answers the keyword.")
    visibility: float
    freshness: float
    quality: float
    supply: float = Field(description="The product of the four.")
    disclosed: bool | None
    undisclosed_probability: float
    duplicates: int = Field(description="Further notes that repeat this one.")
    found_by: str
    matched: list[str]
    reasons: list[str]


class GapSummary(Answer):
    """A gap as it stands in a list."""

    keyword: str = _about("keyword")
    match: Match = _about("match")
    category: str | None = _about("category")
    searches: int = _about("searches", ge=0)
    searchers: int | None = _about("searchers")
    people: int | None = _about("people")
    demand: float = _about("demand", ge=0)
    demand_per_week: float = _about("demand_per_week", ge=0)
    trend: Trend = _about("trend")
    notes_matching: int = _about("notes_matching", ge=0)
    notes_phrase: int = _about("notes_phrase", ge=0)
    notes_headline: int = _about("notes_headline", ge=0)
    notes_fresh: int = _about("notes_fresh", ge=0)
    supply: float = _about("supply", ge=0)
    authors_effective: float | None = _about("authors_effective", ge=0)
    demand_supply_ratio: float | None = _about("demand_supply_ratio")
    unmet_probability: float = _about("unmet_probability", ge=0, le=1)
    unmet_per_week: float = _about("unmet_per_week", ge=0)
    unmet_low: float = _about("unmet_low", ge=0)
    unmet_high: float = _about("unmet_high", ge=0)
    excess: float | None = _about("excess")
    excess_low: float | None = _about("excess_low")
    rank_low: int | None = _about("rank_low", ge=1)
    rank_high: int | None = _about("rank_high", ge=1)
    gap_kind: GapKind = _about("gap_kind")
    verdict: Verdict = _about("verdict")
    synonyms: list[str] = _about("synonyms")
    price: Price | None = _about("price")
    flags: list[str] = _about("flags")
    reason: str = _about("reason")


class GapDetail(GapSummary):
    """A gap in full."""

    run: str = Field(description="The run it belongs to.")
    snapshot: str = Field(description="The snapshot that run read.")
    variants: list[Variant] = _about("variants")
    season: Season | None = _about("season")
    forecast: list[ForecastWeek] | None = _about("forecast")
    daily: list[int] = _about("daily")
    satisfied: int = _about("satisfied", ge=0)
    unsatisfied: int = _about("unsatisfied", ge=0)
    unknown: int = _about("unknown", ge=0)
    reformulated: int = _about("reformulated", ge=0)
    kind_probabilities: dict[str, float] = _about("kind_probabilities")
    score_parts: dict[str, float] = _about("score_parts")
    volumes: list[Volume] = _about("volumes")
    evidence_queries: list[EvidenceQuery] = _about("evidence_queries")
    evidence_notes: list[EvidenceNote] = _about("evidence_notes")


class Coverage(Answer):
    """What an answer rests on and what it leaves out."""

    searches: int | None = Field(description="Searches in the window; null where the run does not say.")
    notes: int | None = Field(description="Notes in the snapshot; null where the run does not say.")
    privacy_floor: int = Field(description="Nothing searched by fewer people is shown, where users are known.")
    hidden_keywords: int = Field(description="Keywords of the run that are not shown.")
    hidden_queries: int = Field(description="Evidence queries of the run that are not shown.")
    calibrated: bool = Field(description="Whether outcomes calibrated the probabilities, so that they may be believed.")
    backtest: str | None = Field(
        description="The newest backtest, which says how gaps came true: GET /v1/backtests/{it}; null: none yet."
    )


class GapList(Answer):
    """A page of gaps."""

    run: str
    snapshot: str
    total: int = Field(description="Gaps that fit what was asked, on all pages together.")
    items: list[GapSummary]
    next_cursor: str | None = Field(description="Send it as `cursor` for the next page; null on the last.")
    coverage: Coverage


class Evidence(Answer):
    """The queries and notes behind a gap."""

    run: str
    keyword: str
    evidence_queries: list[EvidenceQuery] = _about("evidence_queries")
    evidence_notes: list[EvidenceNote] = _about("evidence_notes")


class DecompositionPart(Answer):
    """One part of the unmet searches a week."""

    part: str
    label: str
    per_week: float


class Decomposition(Answer):
    """Where the unmet searches of a keyword come from; the parts add up."""

    run: str
    keyword: str
    unmet_per_week: float = _about("unmet_per_week")
    unmet_low: float = _about("unmet_low")
    unmet_high: float = _about("unmet_high")
    gap_kind: GapKind = _about("gap_kind")
    kind_probabilities: dict[str, float] = _about("kind_probabilities")
    parts: list[DecompositionPart]


class Analysis(Answer):
    """A stored analysis."""

    run: str
    name: str
    created_at: str
    snapshot: str
    manifest: dict[str, Any] = Field(description="Snapshot, settings, window, versions, seed and totals.")


class AnalysisList(Answer):
    """A page of analyses, newest first."""

    items: list[Analysis]
    total: int
    next_cursor: str | None


class Health(Answer):
    """The server runs."""

    status: Literal["ok"]
    version: str


class Ready(Answer):
    """The store answers and holds an analysis."""

    status: Literal["ready"]
    run: str
