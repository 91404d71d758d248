"""One keyword through all stored runs, oldest first: its figures, and whether each run moved beyond noise.

Each step is a test of its own at the level of a comparison; nobody looks through thousands of keywords here, so there
is nothing to adjust for.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, TypedDict

from gapfinder.comparability import days_of, same_judge, shared_days
from gapfinder.comparing import judge
from gapfinder.results import Gap
from gapfinder.runs import LATEST, analyses, find_gap, find_run, read_gap, read_gaps
from gapfinder.seen import Seen, Window
from gapfinder.window import ZONE
from indexer.errors import NotFoundError
from indexer.normalize import normalize
from indexer.stores.contract import RunInfo, Store

_BARS: Final = "▁▂▃▄▅▆▇█"


Days = TypedDict("Days", {"from": str, "to": str, "days": int})  # a class can't have a field named from


class Moment(TypedDict):
    """A keyword in one run, and what changed since the run before it that has the keyword."""

    run: str
    name: str
    created_at: str
    window: Days | None  # half-open; null where the run does not say
    keyword: str
    match: str
    searches: int
    searchers: int | None
    demand_per_week: float
    unmet_per_week: float
    unmet_low: float
    unmet_high: float
    unmet_probability: float
    gap_kind: str
    notes_matching: int
    supply: float
    change: str | None  # null in the first run; steady within noise
    beyond_noise: bool | None
    difference: float | None
    difference_low: float | None
    difference_high: float | None
    p_value: float | None
    flags: list[str]


def history(found: Sequence[tuple[RunInfo, Gap]]) -> list[Moment]:
    """The history of a keyword.

    Args:
        found: The runs that have it, oldest first, with its gap.
    """
    return [_moment(found[number - 1] if number else None, found[number]) for number in range(len(found))]


def stored_history(store: Store, keyword: str, run: str = LATEST) -> list[Moment]:
    """The history of a keyword in all runs of a store.

    Args:
        store: Where the runs are.
        keyword: The keyword, or a variant that ``run`` folded into it.
        run: The run that knows the variants. A keyword that it does not have may stand in others.

    Raises:
        NotFoundError: No run has the keyword; close ones are named.
    """
    info = find_run(store, run)
    names = spellings_of(keyword)
    missing: NotFoundError | None = None
    if read_gap(store, info.run, names) is None:
        try:
            names = [find_gap(read_gaps(store, info), keyword)["keyword"], *names]
        except NotFoundError as error:
            missing = error
    found = [(other, gap) for other in analyses(store)[::-1] if (gap := read_gap(store, other.run, names)) is not None]
    if not found and missing is not None:
        raise missing
    return history(found)


def spellings_of(keyword: str) -> list[str]:
    """What a run may call a keyword that a user typed."""
    return list(dict.fromkeys((keyword, normalize(keyword))))


def sparkline(values: Sequence[float]) -> str:
    """Values as bars of text, from 0 to the largest."""
    largest = max(values, default=0.0)
    if largest <= 0:
        return _BARS[0] * len(values)
    return "".join(_BARS[min(int(value / largest * len(_BARS)), len(_BARS) - 1)] for value in values)


def _moment(earlier: tuple[RunInfo, Gap] | None, now: tuple[RunInfo, Gap]) -> Moment:
    info, gap = now
    common = shared_days(earlier[0], info) if earlier else None
    seen = Seen.of(gap, Window.of(info, common))
    verdict = None
    if earlier is not None:
        before = Seen.of(earlier[1], Window.of(earlier[0], common))
        verdict = judge([(before, seen)], many=False, one_judge=same_judge(earlier[0], info))[0]
    days = days_of(info)
    return Moment(
        run=info.run,
        name=info.name,
        created_at=info.created_at.astimezone(ZONE).isoformat(timespec="seconds"),
        window=Days({"from": days[0].isoformat(), "to": days[1].isoformat(), "days": (days[1] - days[0]).days})
        if days
        else None,
        keyword=seen.keyword,
        match=seen.match,
        searches=seen.searches,
        searchers=seen.searchers,
        demand_per_week=seen.demand_per_week,
        unmet_per_week=seen.unmet_per_week,
        unmet_low=seen.unmet_low,
        unmet_high=seen.unmet_high,
        unmet_probability=seen.unmet_probability,
        gap_kind=seen.gap_kind,
        notes_matching=seen.notes_matching,
        supply=seen.supply,
        change=verdict.change if verdict else None,
        beyond_noise=verdict.change != "steady" or "small" in verdict.flags if verdict else None,
        difference=verdict.difference if verdict else None,
        difference_low=verdict.low if verdict else None,
        difference_high=verdict.high if verdict else None,
        p_value=verdict.p_value if verdict else None,
        flags=verdict.flags if verdict else sorted({"few_searchers"} & set(seen.flags)),
    )
