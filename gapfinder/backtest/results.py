"""The shape of a backtest: what is stored, and what the command line and HTTP show. All values are JSON values.

It names no keyword, except in the sets, which are kept in a section of their own and shown to the owner only.
"""

from __future__ import annotations

from typing import TypedDict

VERDICTS = ("more", "fewer", "not_shown", "too_thin", "too_little_history")


class Lack(TypedDict):
    """Something that a backtest needs and the store does not have."""

    what: str  # days_before, days_after, keywords, new_notes, reads, usual_reads, filled_gaps, controls
    have: int
    need: int
    sentence: str  # Chinese: what is missing and what would be enough


class Keywords(TypedDict):
    """Keywords at the day, and how many of them could be compared."""

    keywords: int  # exact keywords of the analysis at the day
    gaps: int
    filled: int  # gaps that got at least one answer in the weeks after
    filled_compared: int  # of these with an outcome
    controls: int  # keywords that were no gap and got new notes with an outcome


class Balance(TypedDict):
    """How far filled gaps and their controls differ in one matching variable, in standard deviations."""

    variable: str
    before: float
    after: float | None
    balanced: bool


class Dose(TypedDict):
    """The effect among gaps of one third of the unmet probabilities."""

    unmet_from: float
    unmet_to: float
    sets: int
    ratio: float


class Effect(TypedDict):
    """Reads per note in filled gaps, relative to what is usual for their authors, against matched keywords."""

    ratio: float
    ratio_low: float | None
    ratio_high: float | None
    level: float
    p_value: float
    p_keyword: float
    p_author: float
    unit: str  # keyword or author: whose permutation stands
    sets: int
    controls: int
    matched_share: float
    notes_gaps: int
    notes_controls: int
    authors: int
    compared: str  # at_28_days or at_like_ages
    balance: list[Balance]
    dose: list[Dose]


class Persistence(TypedDict):
    """What the gaps of the day were in the weeks after, judged by the searches of these weeks alone."""

    top: int  # gaps looked at, by the default order
    judged: int  # of these with enough data in the weeks after
    still_gaps: int
    share: float | None  # precision: still a gap
    low: float | None
    high: float | None
    base_share: float | None  # of the keywords that were no gap, the share that is one now
    filled_judged: int
    filled_closed: int
    unfilled_judged: int
    unfilled_closed: int


class Bin(TypedDict):
    """Keywords whose unmet probability at the day lay between two values."""

    unmet_from: float
    unmet_to: float
    keywords: int
    searches: int  # with a known outcome in the weeks after
    expected: float  # share of them that should end unsatisfied
    observed: float


class Reliability(TypedDict):
    """The unmet probability at the day against the searches of the weeks after that ended unsatisfied."""

    keywords: int
    searches: int
    error: float  # expected calibration error, weighted by searches
    bins: list[Bin]


class MatchedSet(TypedDict):
    """One filled gap and its controls."""

    keyword: str
    unmet_probability: float
    notes: int
    controls: list[str]
    ratio: float


class LeftOut(TypedDict):
    """What could not take part, so that nobody takes the rest for the whole."""

    undated_notes: int
    without_reads: int
    without_level: int
    too_young: int


class Backtest(TypedDict):
    """One backtest."""

    at: str
    until: str
    weeks: int
    log_from: str
    log_to: str
    verdict: str
    statement: str  # one Chinese sentence
    missing: list[Lack]
    keywords: Keywords | None
    effect: Effect | None
    persistence: Persistence | None
    reliability: Reliability | None
    left_out: LeftOut | None
    flags: list[str]
