"""What HTTP gives of a backtest, as pydantic models; the descriptions come from the table of its measures."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from api.models import Answer
from gapfinder.backtest.measures import MEASURES


def _measured(name: str, **bounds: Any) -> Any:
    measure = MEASURES[name]
    return Field(description=f"{measure.label}: {measure.formula}", **bounds)


class BacktestSummary(Answer):
    """A backtest as it stands in the list."""

    backtest: str
    name: str
    created_at: str
    snapshot: str
    at: str = Field(description="Day with whose past the gaps were found.")
    until: str = Field(description="Day after the weeks in which it was seen what became of them.")
    weeks: int
    verdict: Literal["more", "fewer", "not_shown", "too_thin", "too_little_history"]
    statement: str = Field(description="One Chinese sentence that says what it shows.")


class BacktestList(Answer):
    """All backtests, newest first."""

    items: list[BacktestSummary]
    total: int


class BacktestLack(Answer):
    """Something that a backtest needs and the store does not have."""

    what: str
    have: int
    need: int
    sentence: str


class BacktestKeywords(Answer):
    """Keywords at the day, and how many of them could be compared."""

    keywords: int
    gaps: int
    filled: int
    filled_compared: int
    controls: int


class BacktestBalance(Answer):
    """How far gaps and controls differ in a matching variable, in standard deviations."""

    variable: str
    before: float
    after: float | None
    balanced: bool


class BacktestDose(Answer):
    """The effect among a third of the gaps."""

    unmet_from: float
    unmet_to: float
    sets: int
    ratio: float = _measured("dose", ge=0)


class BacktestEffect(Answer):
    """Reads per note in filled gaps against matched keywords."""

    ratio: float = _measured("ratio", ge=0)
    ratio_low: float | None = _measured("ratio_low")
    ratio_high: float | None = _measured("ratio_high")
    level: float
    p_value: float = _measured("p_value", ge=0, le=1)
    p_keyword: float = _measured("p_keyword", ge=0, le=1)
    p_author: float = _measured("p_author", ge=0, le=1)
    unit: Literal["keyword", "author"]
    sets: int = _measured("sets", ge=0)
    controls: int
    matched_share: float = _measured("matched_share", ge=0, le=1)
    notes_gaps: int
    notes_controls: int
    authors: int
    compared: Literal["at_28_days", "at_like_ages"]
    balance: list[BacktestBalance] = _measured("balance")
    dose: list[BacktestDose]


class BacktestPersistence(Answer):
    """What the gaps were in the weeks after, judged by the searches of these weeks alone."""

    top: int
    judged: int
    still_gaps: int
    share: float | None = _measured("persistence")
    low: float | None
    high: float | None
    base_share: float | None = _measured("base_share")
    filled_judged: int
    filled_closed: int
    unfilled_judged: int
    unfilled_closed: int


class BacktestBin(Answer):
    """Keywords whose unmet probability at the day lay between two values."""

    unmet_from: float
    unmet_to: float
    keywords: int
    searches: int
    expected: float = _measured("expected", ge=0, le=1)
    observed: float = _measured("observed", ge=0, le=1)


class BacktestReliability(Answer):
    """The unmet probability at the day against the searches of the weeks after."""

    keywords: int
    searches: int
    error: float = _measured("error", ge=0, le=1)
    bins: list[BacktestBin]


class BacktestLeftOut(Answer):
    """Notes that could not take part."""

    undated_notes: int
    without_reads: int
    without_level: int
    too_young: int


class Backtest(BacktestSummary):
    """One backtest; it names no keyword."""

    log_from: str
    log_to: str
    missing: list[BacktestLack]
    keywords: BacktestKeywords | None
    effect: BacktestEffect | None
    persistence: BacktestPersistence | None
    reliability: BacktestReliability | None
    left_out: BacktestLeftOut | None
    flags: list[str]
