"""Every number an analysis may be told, declared once; command line, HTTP, run manifest and docs read this."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Self

from gapfinder.meaning.address import shown_embedder
from gapfinder.memory import MEMORY
from indexer.errors import UsageError


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting: default, unit, help and the range that is accepted."""

    name: str
    default: float
    unit: str
    help: str
    least: float
    most: float


_S = Setting

SETTINGS: Final[dict[str, Setting]] = {
    setting.name: setting
    for setting in (
        _S("min_searches", 5, "searches", "a query searched less often is no keyword of its own", 1, 1e9),
        _S("min_searchers", 3, "people", "nor one searched by fewer people, where users are known", 1, 1e9),
        _S("min_queries", 5, "queries", "a head term counts when so many distinct queries contain it", 2, 1e9),
        _S("max_keywords", 100_000, "keywords", "at most so many keywords, by searches", 1, 1e7),
        _S("weeks", 12, "weeks", "length of the window when --from is not given", 1, 520),
        _S("dwell_seconds", 30, "seconds", "reading a result that long satisfies a search", 1, 3600),
        _S("session_minutes", 30, "minutes", "a later query within it reformulates the earlier", 1, 1440),
        _S("user_day_cap", 3, "searches", "searches of a user for a keyword on a day that count as demand", 1, 1e6),
        _S("user_window_share", 0.05, "share", "a user behind a larger share of all searches is a bot", 0.0001, 1),
        _S("user_day_queries", 300, "searches", "a user with more searches on a day is a bot", 10, 1e6),
        _S(
            "typo_frequency",
            10,
            "times",
            "a query folds into one at edit distance 1 that is so much more frequent",
            2,
            1e6,
        ),
        _S("fresh_days", 365, "days", "a note younger than that counts as fresh", 1, 36500),
        _S("half_life_days", 540, "days", "age at which a note is worth half", 1, 36500),
        _S("disclosed_weight", 0.5, "share", "worth of a disclosed advertising note beside an organic one", 0, 1),
        _S("undisclosed_threshold", 0.5, "probability", "a note is taken out of supply at that probability", 0, 1),
        _S("duplicate_similarity", 0.8, "Jaccard", "notes that alike count once", 0.5, 1),
        _S("gap_threshold", 0.5, "probability", "from this unmet probability on a keyword is a gap", 0.05, 0.95),
        _S(
            "sure_searches",
            20,
            "searches",
            "with so many searches, doubt about a keyword counts half",
            1,
            1e6,
        ),
        _S("calibration_labels", 300, "queries", "queries with outcomes that make behaviour a calibration", 30, 1e9),
        _S("crawl_limit", 0, "notes", "a crawl stopped at so many notes a keyword; 0: it did not", 0, 1e9),
        _S("privacy_floor", 5, "people", "reports and HTTP show nothing searched by fewer people", 1, 1e6),
        _S("few_searchers", 5, "people", "a keyword searched by fewer people is flagged", 1, 1e6),
        _S("point_searches", 300, "searches", "a category with fewer has too little data for selling points", 1, 1e9),
        _S("backtest_weeks", 4, "weeks", "how long a backtest looks at what became of the gaps", 1, 52),
        _S("backtest_disclosed", 1, "0 or 1", "whether disclosed advertising fills a gap in a backtest", 0, 1),
    )
}


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one analysis.

    Args:
        values: One value for each setting of :data:`SETTINGS`.
        first: First day of the window; None: ``weeks`` before its end, or the first day in the snapshot.
        end: Day after the last of the window; None: end of the last full day in the snapshot.
        keywords: Exactly these keywords, whatever their support; None: those the log has.
        category: Only keywords of that category and of those below it; None: all.
        embedder: What compares meanings (:func:`gapfinder.meaning.embedder.open_embedder`); None: nothing does.
        memory: Most that the log may take before it spills to disk; decides no result, so no manifest names it.
    """

    values: Mapping[str, float]
    first: date | None = None
    end: date | None = None
    keywords: tuple[str, ...] | None = None
    category: str | None = None
    embedder: str | None = None
    memory: str = MEMORY

    @classmethod
    def of(
        cls,
        *,
        first: date | None = None,
        end: date | None = None,
        keywords: tuple[str, ...] | None = None,
        category: str | None = None,
        embedder: str | None = None,
        **values: float | None,
    ) -> Self:
        """Settings with defaults for what is not named (or None).

        Raises:
            UsageError: A setting is unknown or out of its range.
        """
        chosen = {name: setting.default for name, setting in SETTINGS.items()}
        for name, value in values.items():
            if name not in SETTINGS:
                raise UsageError(f"there is no setting {name!r}", hint="settings: " + ", ".join(SETTINGS))
            if value is None:
                continue
            setting = SETTINGS[name]
            if not setting.least <= value <= setting.most:
                raise UsageError(f"{name} is {value:g}, but must be from {setting.least:g} to {setting.most:g}")
            chosen[name] = value
        if first is not None and end is not None and first >= end:
            raise UsageError(f"the window from {first} to {end} is empty", hint="--to is the day after the last")
        return cls(chosen, first, end, keywords, category, embedder)

    @property
    def narrowed(self) -> bool:
        """Whether only some keywords of the log are looked at."""
        return self.keywords is not None or self.category is not None

    def __getitem__(self, name: str) -> float:
        return self.values[name]

    def whole(self, name: str) -> int:
        """The value of a setting that is a whole number."""
        return int(self.values[name])

    def as_json(self) -> dict[str, Any]:
        """The settings as they stand in a run's manifest."""
        return {
            "from": self.first.isoformat() if self.first else None,
            "to": self.end.isoformat() if self.end else None,
            "keywords": list(self.keywords) if self.keywords is not None else None,
            "category": self.category,
            "embedder": shown_embedder(self.embedder) if self.embedder is not None else None,
            **dict(sorted(self.values.items())),
        }
