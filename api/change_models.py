"""What HTTP takes and gives about changes between runs; the descriptions come from the tables of metrics."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import Field

from api.models import Answer, Asked, Cursor, GapKind, Limit, Match
from gapfinder.changes import CHANGE_METRICS
from gapfinder.metrics import METRICS
from gapfinder.runs import PREVIOUS

ChangeKind = Literal["opened", "closed", "grew", "shrank", "new", "gone", "steady"]
Step = Literal["opened", "closed", "grew", "shrank", "steady"]
_WHEN: Final = {"before": "in the earlier run", "after": "in the later run"}


class HistoryAsked(Asked):
    """A page of a keyword's history."""

    limit: Limit = 50
    cursor: Cursor = None


class ChangesAsked(Asked):
    """What changed since which run."""

    since: Annotated[str, Field(min_length=1, max_length=200)] = Field(
        default=PREVIOUS, description="The earlier run by id or name; `previous` is the one made before."
    )
    change: list[ChangeKind] = Field(default=[], max_length=7, description="Only these changes; repeatable.")
    limit: Limit = 50
    cursor: Cursor = None


def _about(name: str, when: str = "", **bounds: Any) -> Any:
    metric = CHANGE_METRICS.get(name) or METRICS[name]
    text = f"{metric.label}: {metric.formula}"
    return Field(description=f"{text}; {_WHEN[when]}" if when else text, **bounds)


class Window(Answer):
    """The days a run looked at, half-open."""

    from_: str = Field(alias="from", description="First day.")
    to: str = Field(description="Day after the last.")
    days: int = Field(ge=0)


class Moment(Answer):
    """A keyword in one run, and its change since the run before it that has the keyword, looked at by itself."""

    run: str
    name: str
    created_at: str
    window: Window | None = Field(description="Null where the run does not say.")
    keyword: str = _about("keyword")
    match: Match = _about("match")
    searches: int = _about("searches", ge=0)
    searchers: int | None = _about("searchers")
    demand_per_week: float = _about("demand_per_week", ge=0)
    unmet_per_week: float = _about("unmet_per_week", ge=0)
    unmet_low: float = _about("unmet_low", ge=0)
    unmet_high: float = _about("unmet_high", ge=0)
    unmet_probability: float = _about("unmet_probability", ge=0, le=1)
    gap_kind: GapKind = _about("gap_kind")
    notes_matching: int = _about("notes_matching", ge=0)
    supply: float = _about("supply", ge=0)
    change: Step | None = Field(description="Since the run before; null in the first.")
    beyond_noise: bool | None = Field(description="Whether the figures moved beyond noise; null in the first run.")
    difference: float | None = _about("difference")
    difference_low: float | None = _about("difference_low")
    difference_high: float | None = _about("difference_high")
    p_value: float | None = _about("p_value")
    flags: list[str] = _about("flags")


class History(Answer):
    """A page of a keyword's history, oldest run first."""

    keyword: str = Field(description="What the newest of these runs calls it.")
    total: int = Field(description="Runs that show the keyword, on all pages together.")
    items: list[Moment]
    next_cursor: str | None = Field(description="Send it as `cursor` for the next page; null on the last.")


class Caveat(Answer):
    """What differs between two runs beside the data."""

    code: str
    message: str


class ChangeCounts(Answer):
    """Keywords by change."""

    opened: int = Field(ge=0)
    closed: int = Field(ge=0)
    grew: int = Field(ge=0)
    shrank: int = Field(ge=0)
    new: int = Field(ge=0)
    gone: int = Field(ge=0)
    steady: int = Field(ge=0)


class Change(Answer):
    """One keyword in two runs; figures are null where a run does not show the keyword."""

    keyword: str = _about("keyword")
    change: ChangeKind = _about("change")
    match: Match = _about("match")
    category: str | None = _about("category")
    gap_kind_before: GapKind | None = _about("gap_kind", "before")
    gap_kind_after: GapKind | None = _about("gap_kind", "after")
    unmet_per_week_before: float | None = _about("unmet_per_week", "before")
    unmet_per_week_after: float | None = _about("unmet_per_week", "after")
    unmet_low_before: float | None = _about("unmet_low", "before")
    unmet_low_after: float | None = _about("unmet_low", "after")
    unmet_high_before: float | None = _about("unmet_high", "before")
    unmet_high_after: float | None = _about("unmet_high", "after")
    unmet_probability_before: float | None = _about("unmet_probability", "before")
    unmet_probability_after: float | None = _about("unmet_probability", "after")
    searches_before: int | None = _about("searches", "before")
    searches_after: int | None = _about("searches", "after")
    searchers_before: int | None = _about("searchers", "before")
    searchers_after: int | None = _about("searchers", "after")
    demand_per_week_before: float | None = _about("demand_per_week", "before")
    demand_per_week_after: float | None = _about("demand_per_week", "after")
    notes_matching_before: int | None = _about("notes_matching", "before")
    notes_matching_after: int | None = _about("notes_matching", "after")
    supply_before: float | None = _about("supply", "before")
    supply_after: float | None = _about("supply", "after")
    difference: float | None = _about("difference")
    difference_low: float | None = _about("difference_low")
    difference_high: float | None = _about("difference_high")
    p_value: float | None = _about("p_value")
    q_value: float | None = _about("q_value")
    by_demand: float | None = _about("by_demand")
    by_supply: float | None = _about("by_supply")
    part: str | None = _about("part")
    part_change: float | None = _about("part_change")
    reasons: list[str] = _about("reasons")
    flags: list[str] = _about("flags")
    run_before: str = _about("run_before")
    run_after: str = _about("run_after")
    warnings: list[str] = _about("warnings")
    sentence: str = _about("sentence")


class ChangeList(Answer):
    """A page of changes: opened, closed, grew, shrank, new, gone, steady; the largest move of each first."""

    before: str = Field(description="The earlier run.")
    after: str = Field(description="The later run.")
    counts: ChangeCounts = Field(description="Of all keywords that both may show, whatever was asked for.")
    caveats: list[Caveat] = Field(description="What differs between the runs beside the data.")
    total: int = Field(description="Changes that fit what was asked, on all pages together.")
    items: list[Change]
    next_cursor: str | None = Field(description="Send it as `cursor` for the next page; null on the last.")
