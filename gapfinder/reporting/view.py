"""What the page shows, worked out before any template: headline, rows, cards, coverage and method."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any, Final

from gapfinder.metrics import METRICS, Metric
from gapfinder.orders import UNKNOWN, rising
from gapfinder.reporting import words
from gapfinder.reporting.beside import Beside, Moves, Tested, backtest_told, moves_of
from gapfinder.reporting.privacy import PublishedRun
from gapfinder.reporting.quadrant import NARROW, WIDE, Quadrant, draw
from gapfinder.reporting.trust import (
    NO_BACKTEST,
    calibration_words,
    embedder_words,
    held_out_words,
    model_words,
    stability_words,
)
from gapfinder.results import GAP_KINDS, EvidenceNote, Gap

MOST_ROWS: Final = 300
MOST_MET_ROWS: Final = 60
MOST_CARDS: Final = 100
MOST_BUBBLES: Final = 160
MOST_EVIDENCE: Final = 8
SHANGHAI: Final = timezone(timedelta(hours=8))
_PARTS_CLOSE: Final = 0.005  # a part that rounds to nothing is not drawn


@dataclass(frozen=True, slots=True)
class Headline:
    """The first thing on the page."""

    unmet: float
    low: float
    high: float
    own_interval: bool  # the run has an interval for its total; otherwise the keywords' ends are added up
    gaps: int
    met: int
    per_hundred: float | None  # unmet searches of a hundred

    @property
    def adds_up(self) -> bool:
        """Whether there is a total: head terms alone have none, since a search counts for several of them."""
        return self.high > 0 or not self.gaps


@dataclass(frozen=True, slots=True)
class Interval:
    """An interval on a square-root scale of 0 to 100, so that small keywords can be told apart beside a large one."""

    low: float
    mid: float
    high: float


@dataclass(frozen=True, slots=True)
class Step:
    """One part of a decomposition on a scale of 0 to 100."""

    label: str
    per_week: float
    start: float
    width: float
    share: float


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the table; ``card`` says whether a card of that number follows."""

    number: int
    gap: Gap
    interval: Interval
    spark: str
    card: bool


@dataclass(frozen=True, slots=True)
class Card:
    """One gap in full."""

    row: Row
    steps: list[Step]
    notes: list[tuple[EvidenceNote, str]]  # each with what it lacks
    variants: list[str]  # other spellings than the keyword
    more_queries: int
    more_notes: int


@dataclass(frozen=True, slots=True)
class Page:
    """Everything the template needs."""

    title: str
    run: str
    window: str
    days: int | None
    created: str
    headline: Headline
    trust: list[str]  # how far to trust it, in sentences
    moves: Moves | None
    tested: Tested | None
    kinds: list[tuple[str, int]]
    quadrants: list[Quadrant]
    not_drawn: int
    rows: list[Row]
    not_listed: int
    cards: list[Card]
    totals: list[tuple[str, str]]
    caveats: list[str]
    dropped: list[tuple[str, str]]
    flags: list[tuple[str, int]]
    manifest: list[tuple[str, str]]
    method: list[Metric]
    table_data: list[dict[str, Any]]


def page(run: PublishedRun, beside: Beside | None = None) -> Page:
    """The page of a run that may be shown, with what the store holds beside it."""
    beside = beside or Beside()
    manifest = run.info.manifest
    gaps = [gap for gap in run.gaps if gap["gap_kind"] != "met"]
    met = [gap for gap in run.gaps if gap["gap_kind"] == "met"]
    listed = [*gaps[:MOST_ROWS], *met[:MOST_MET_ROWS]]
    drawn = _drawn(listed, len(gaps[:MOST_ROWS]))
    longest = max((gap["unmet_high"] for gap in listed), default=0.0) or 1.0
    rows = [
        Row(
            number, gap, _interval(gap, longest), sparkline(gap["trend"]["weekly"]), number < min(MOST_CARDS, len(gaps))
        )
        for number, gap in enumerate(listed)
    ]
    window, days = _window(manifest)
    return Page(
        title=f"搜索缺口报告 · {run.info.name or run.info.run}",
        run=run.info.run,
        window=window,
        days=days,
        created=_moment(run.info.created_at),
        headline=_headline(run, gaps, met, days),
        trust=_trust(manifest, beside),
        moves=moves_of(beside.compared, {row.gap["keyword"]: row.number for row in rows}),
        tested=backtest_told(beside.backtest),
        kinds=[(kind, sum(gap["gap_kind"] == kind for gap in run.gaps)) for kind in GAP_KINDS],
        quadrants=[found for frame in (WIDE, NARROW) if (found := draw(drawn, frame)) is not None],
        not_drawn=len(run.gaps) - len(drawn),
        rows=rows,
        not_listed=len(run.gaps) - len(rows),
        cards=[_card(row) for row in rows if row.card],
        totals=_totals(manifest),
        caveats=_caveats(run),
        dropped=_dropped(manifest),
        flags=_flags(run.gaps),
        manifest=_flat(manifest),
        method=[METRICS[name] for name in _EXPLAINED],
        table_data=[_data(row) for row in rows],
    )


_EXPLAINED: Final = (
    "searches",
    "searchers",
    "demand",
    "satisfied",
    "notes_matching",
    "notes_phrase",
    "supply",
    "authors_effective",
    "demand_supply_ratio",
    "unmet_probability",
    "unmet_per_week",
    "unmet_low",
    "excess",
    "rank_low",
    "rank_high",
    "gap_kind",
    "kind_probabilities",
    "verdict",
    "score_parts",
    "trend",
    "season",
    "forecast",
    "price",
)


def _drawn(listed: Sequence[Gap], gaps: int) -> list[Gap]:
    """The rows that are drawn: a prefix of the table, so that a bubble's number is its row's number."""
    return list(listed) if len(listed) <= MOST_BUBBLES else list(listed[: min(MOST_BUBBLES, gaps)])


def _interval(gap: Gap, longest: float) -> Interval:
    low, mid, high = (
        round(100 * math.sqrt(max(0.0, value) / longest), 2)
        for value in (gap["unmet_low"], gap["unmet_per_week"], gap["unmet_high"])
    )
    return Interval(low, mid, high)


def sparkline(values: Sequence[int]) -> str:
    """Points of a polyline 100 wide and 24 high; empty when there are fewer than two values."""
    if len(values) < 2:  # noqa: PLR2004 - a line has two ends
        return ""
    most = max(values) or 1
    step = 100 / (len(values) - 1)
    return " ".join(f"{step * place:.1f},{22 - 20 * value / most:.1f}" for place, value in enumerate(values))


def _headline(run: PublishedRun, gaps: Sequence[Gap], met: Sequence[Gap], days: int | None) -> Headline:
    totals: Mapping[str, Any] = run.info.manifest.get("totals") or {}
    exact = [gap for gap in run.gaps if gap["match"] == "exact"] or run.gaps
    own = all(name in totals for name in ("unmet_per_week", "unmet_low", "unmet_high"))
    unmet, low, high = (
        float(totals[name]) if name in totals and (own or name == "unmet_per_week") else math.fsum(_of(exact, name))
        for name in ("unmet_per_week", "unmet_low", "unmet_high")
    )
    searches = totals.get("searches")
    a_week = searches * 7 / days if searches and days else None
    return Headline(unmet, low, high, own, len(gaps), len(met), 100 * unmet / a_week if a_week else None)


def _of(gaps: Sequence[Gap], name: str) -> list[float]:
    return [float(gap[name]) for gap in gaps]  # type: ignore[literal-required]  # three fixed names


def _card(row: Row) -> Card:
    gap = row.gap
    notes = [(note, "；".join(note["reasons"])) for note in gap["evidence_notes"][:MOST_EVIDENCE]]
    return Card(
        row,
        steps(gap["score_parts"], gap["unmet_per_week"]),
        notes,
        [variant["query"] for variant in gap["variants"] if variant["query"] != gap["keyword"]][:MOST_EVIDENCE],
        max(0, len(gap["evidence_queries"]) - MOST_EVIDENCE),
        max(0, len(gap["evidence_notes"]) - MOST_EVIDENCE),
    )


def steps(parts: Mapping[str, float], total: float) -> list[Step]:
    """The parts as steps from 0 to their sum, each starting where the one before ends; negative parts step back."""
    shown = [(label, value) for _, label, value in words.named_parts(parts) if abs(value) >= _PARTS_CLOSE]
    ends = [0.0]
    for _, value in shown:
        ends.append(ends[-1] + value)
    left, right = min(ends), max(*ends, 1e-9)
    scale = 100 / (right - left)
    return [
        Step(
            label,
            value,
            round((min(ends[place], ends[place + 1]) - left) * scale, 2),
            round(abs(value) * scale, 2),
            value / total if total else 0.0,
        )
        for place, (label, value) in enumerate(shown)
    ]


def _window(manifest: Mapping[str, Any]) -> tuple[str, int | None]:
    window = manifest.get("window") or {}
    first, end = window.get("from"), window.get("to")
    if not first or not end:
        return "", None
    first_day, last_day = date.fromisoformat(first), date.fromisoformat(end) - timedelta(days=1)
    days = (last_day - first_day).days + 1
    return f"{_day(first_day)} – {_day(last_day)}", days


def _day(day: date) -> str:
    return f"{day.year} 年 {day.month} 月 {day.day} 日"


def _moment(moment: datetime) -> str:
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return aware.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")


def _totals(manifest: Mapping[str, Any]) -> list[tuple[str, str]]:
    totals = manifest.get("totals") or {}
    return [
        (label, words.number(float(totals[name])))
        for name, label in words.TOTAL_LABELS.items()
        if isinstance(totals.get(name), int | float)
    ]


def _trust(manifest: Mapping[str, Any], beside: Beside) -> list[str]:
    told = (calibration_words(manifest), stability_words(manifest), "" if beside.backtest else NO_BACKTEST)
    return [sentence for sentence in told if sentence]


def _model(manifest: Mapping[str, Any]) -> tuple[str, str, str]:
    return model_words(manifest), held_out_words(manifest), embedder_words(manifest)


def _caveats(run: PublishedRun) -> list[str]:
    notes = run.info.manifest.get("notes") or []
    found = [notes] if isinstance(notes, str) else [str(note) for note in notes]
    found += [sentence for sentence in _model(run.info.manifest) if sentence]
    if run.hidden_keywords:
        found.append(
            f"有 {run.hidden_keywords} 个关键词因搜索人数不足 {run.floor} 人，或疑似含个人信息，未在本页展示。"
        )
    if run.hidden_queries:
        found.append(f"有 {run.hidden_queries} 条证据搜索词因同样的原因未展示。")
    return found


def _dropped(manifest: Mapping[str, Any]) -> list[tuple[str, str]]:
    totals = manifest.get("totals") or {}
    return [(label, words.number(totals[name])) for name, label in words.DROPPED_LABELS.items() if totals.get(name)]


def _flags(gaps: Sequence[Gap]) -> list[tuple[str, int]]:
    counts: dict[str, int] = {}
    for gap in gaps:
        for flag in gap["flags"]:
            counts[flag] = counts.get(flag, 0) + 1
    return sorted(((words.flag_label(flag), count) for flag, count in counts.items()), key=lambda f: -f[1])


def _flat(manifest: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [pair for pair in _pairs(manifest) if pair[0] != "notes"]


def _pairs(value: Any, name: str = "") -> list[tuple[str, str]]:
    """A nested JSON value as dotted names and texts, in the order it has."""
    if isinstance(value, Mapping):
        return [pair for key, item in value.items() for pair in _pairs(item, f"{name}.{key}" if name else str(key))]
    if isinstance(value, list):
        return [(name, "、".join(str(item) for item in value))]
    if isinstance(value, float):
        return [(name, f"{value:,.6g}")]
    if isinstance(value, bool):
        return [(name, "是" if value else "否")]
    if isinstance(value, int):
        return [(name, f"{value:,}" if abs(value) >= 10_000 else str(value))]  # noqa: PLR2004 - grouped from five digits
    return [(name, "–" if value is None else str(value))]


def _data(row: Row) -> dict[str, Any]:
    """What the script needs of a row: to find, sort and describe it."""
    gap = row.gap
    return {
        "keyword": gap["keyword"],
        "find": " ".join(
            [gap["keyword"], *(variant["query"] for variant in gap["variants"]), *gap["synonyms"]]
        ).lower(),
        "kind": gap["gap_kind"],
        "unmet_low": gap["unmet_low"],
        "unmet_per_week": gap["unmet_per_week"],
        "unmet_high": gap["unmet_high"],
        "unmet_probability": gap["unmet_probability"],
        "excess_low": gap["excess_low"],
        "demand_supply_ratio": gap["demand_supply_ratio"],
        "demand_per_week": gap["demand_per_week"],
        "searches": gap["searches"],
        "supply": gap["supply"],
        "rising": None if rising(gap) == UNKNOWN else rising(gap),
    }
