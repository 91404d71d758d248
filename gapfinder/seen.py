"""What a comparison keeps of a stored gap: its figures without the evidence, so that large runs fit into memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Self

import numpy as np

from gapfinder.comparability import days_of
from gapfinder.movement import Estimates
from gapfinder.results import Gap
from gapfinder.window import DAYS_A_WEEK
from indexer.stores.contract import RunInfo

_WEEK: Final = 1.0


@dataclass(frozen=True, slots=True)
class Window:
    """The window of a run, and the days of it that the other run has too.

    Attributes:
        days: Its length; None where the run does not say.
        shared: Places of the shared days in the daily figures of its gaps, half-open; None when there are none.
    """

    days: int | None
    shared: tuple[int, int] | None

    @classmethod
    def of(cls, info: RunInfo, shared: tuple[date, date] | None) -> Self:
        """The window of a run of which ``shared`` days (half-open) lie in another one too."""
        own = days_of(info)
        if own is None:
            return cls(None, None)
        places = ((shared[0] - own[0]).days, (shared[1] - own[0]).days) if shared else None
        return cls((own[1] - own[0]).days, places)


@dataclass(frozen=True, slots=True)
class Seen:
    """One keyword of one run. Fields that an older run did not store are 0, empty or None."""

    keyword: str
    match: str
    category: str | None
    gap_kind: str
    unmet_per_week: float
    unmet_low: float
    unmet_high: float
    unmet_probability: float
    searches: int
    searchers: int | None
    demand: float
    demand_per_week: float
    notes_matching: int
    supply: float
    parts: dict[str, float]
    variants: tuple[str, ...]  # of exact keywords
    flags: tuple[str, ...]
    weeks: float
    shared: float  # searches on the days that both runs have

    @classmethod
    def of(cls, gap: Gap, window: Window) -> Self:
        """What is kept of a gap."""
        kept: dict[str, Any] = dict(gap)
        unmet = float(kept.get("unmet_per_week") or 0.0)
        demand, weekly = float(kept.get("demand") or 0.0), float(kept.get("demand_per_week") or 0.0)
        searches = int(kept.get("searches") or 0)
        match = str(kept.get("match") or "exact")
        known = kept.get("variants") or ()
        return cls(
            keyword=kept["keyword"],
            match=match,
            category=kept.get("category"),
            gap_kind=str(kept.get("gap_kind") or "unsure"),
            unmet_per_week=unmet,
            unmet_low=float(kept.get("unmet_low") or 0.0),
            unmet_high=float(kept.get("unmet_high", unmet)),
            unmet_probability=float(kept.get("unmet_probability") or 0.0),
            searches=searches,
            searchers=kept.get("searchers"),
            demand=demand,
            demand_per_week=weekly,
            notes_matching=int(kept.get("notes_matching") or 0),
            supply=float(kept.get("supply") or 0.0),
            parts=dict(kept.get("score_parts") or {}),
            variants=tuple(variant["query"] for variant in known) if match == "exact" else (),
            flags=tuple(kept.get("flags") or ()),
            weeks=_weeks(window, demand, weekly),
            shared=_shared(kept.get("daily") or [], searches, window),
        )


def _weeks(window: Window, demand: float, weekly: float) -> float:
    if window.days:
        return window.days / DAYS_A_WEEK
    return demand / weekly if demand > 0 and weekly > 0 else _WEEK


def _shared(daily: Sequence[int], searches: int, window: Window) -> float:
    """Searches on the shared days; by their share of the window where the run did not store daily figures."""
    if window.shared is None or not window.days:
        return 0.0
    first, end = window.shared
    return float(sum(daily[first:end])) if daily else searches * (end - first) / window.days


def estimates_of(seen: Sequence[Seen]) -> Estimates:
    """The figures of keywords as arrays."""

    def column(name: str) -> np.ndarray[Any, np.dtype[np.float64]]:
        return np.array([getattr(one, name) for one in seen], np.float64)

    return Estimates(
        per_week=column("unmet_per_week"),
        low=column("unmet_low"),
        high=column("unmet_high"),
        probability=column("unmet_probability"),
        counted=column("demand"),
        weeks=column("weeks"),
        supply=column("supply"),
    )
