"""A gap as one flat row, for tables that know no nesting, and the guard against text that acts as a formula."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from gapfinder.metrics import METRICS
from gapfinder.reporting.words import PART_LABELS
from gapfinder.results import GAP_KIND_LABELS, Gap

Cell = str | int | float | None
_Row = TypeVar("_Row")

# What a spreadsheet takes for the beginning of a formula, full-width forms included; it skips spaces and quotes first.
_FORMULA: Final = re.compile("^[\\s\"'\u3000\ufeff\u200b]*[=+\\-@\uff1d\uff0b\uff0d\uff20]|^[\t\r\n\x00]")
SEPARATOR: Final = " | "
_NESTED: Final = frozenset(
    {
        "daily",
        "trend",
        "season",
        "forecast",
        "kind_probabilities",
        "score_parts",
        "price",
        "volumes",
        "evidence_queries",
        "evidence_notes",
        "variants",
    }
)


@dataclass(frozen=True, slots=True)
class Column(Generic[_Row]):
    """One column of a flat table: machine name, Chinese label, and how it is read from a row, mostly a gap."""

    name: str
    label: str
    read: Callable[[_Row], Cell]

    @property
    def header(self) -> str:
        """The bilingual column head."""
        return f"{self.name} {self.label}"


def without_formula(text: str) -> str:
    """The text, with a ``'`` in front where a spreadsheet would run it as a formula (CWE-1236)."""
    text = text.replace("\x00", "")
    return "'" + text if _FORMULA.match(text) else text


def flat(gap: Gap) -> list[Cell]:
    """The cells of a gap in the order of :data:`COLUMNS`."""
    return [column.read(gap) for column in COLUMNS]


def _plain(name: str) -> Column[Gap]:
    def read(gap: Gap) -> Cell:
        value = gap[name]  # type: ignore[literal-required]  # names come from the table of metrics
        return SEPARATOR.join(str(item) for item in value) if isinstance(value, list) else value

    return Column(name, METRICS[name].label, read)


def _inside(outer: str, inner: str, label: str) -> Column[Gap]:
    def read(gap: Gap) -> Cell:
        value = gap[outer]  # type: ignore[literal-required]  # likewise
        found: Cell = value.get(inner) if value else None
        return found

    return Column(f"{outer}.{inner}", label, read)


def _columns() -> list[Column[Gap]]:
    columns = [_plain(name) for name in METRICS if name not in _NESTED]
    columns.insert(1, Column("variants", METRICS["variants"].label, _variants))
    columns += [
        _inside("trend", "direction", "趋势方向"),
        _inside("trend", "change", "趋势变化"),
        _inside("trend", "low", "趋势变化下限"),
        _inside("trend", "high", "趋势变化上限"),
        Column("trend.surge", "近期升幅（倍）", _surge),
        Column("season.peak_months", "旺季月份", _peak_months),
        Column("forecast", METRICS["forecast"].label, _forecast),
        *(_inside("kind_probabilities", kind, f"类型概率：{label}") for kind, label in GAP_KIND_LABELS.items()),
        *(_inside("score_parts", part, f"构成：{label}") for part, label in PART_LABELS.items()),
        _inside("price", "cpc", "平均点击价（元）"),
        _inside("price", "bid_low", "出价下限（元）"),
        _inside("price", "bid_high", "出价上限（元）"),
        Column("volumes", METRICS["volumes"].label, _volumes),
        Column("evidence_queries", METRICS["evidence_queries"].label, _queries),
        Column("evidence_notes", METRICS["evidence_notes"].label, _notes),
        _plain("daily"),
    ]
    return columns


def _surge(gap: Gap) -> Cell:
    surge = gap["trend"]["surge"]
    return surge["ratio"] if surge else None


def _peak_months(gap: Gap) -> Cell:
    season = gap["season"]
    return SEPARATOR.join(map(str, season["peak_months"])) if season else None


def _forecast(gap: Gap) -> Cell:
    return SEPARATOR.join(
        f"{week['start'] or week['week']}: {week['searches']:g} ({week['low']:g}–{week['high']:g})"
        for week in gap["forecast"] or []
    )


def _variants(gap: Gap) -> Cell:
    return SEPARATOR.join(variant["query"] for variant in gap["variants"])


def _volumes(gap: Gap) -> Cell:
    return SEPARATOR.join(
        f"{volume['source'] or ''} {volume['volume']:g} {volume['unit']}".strip() for volume in gap["volumes"]
    )


def _queries(gap: Gap) -> Cell:
    return SEPARATOR.join(query["query"] for query in gap["evidence_queries"])


def _notes(gap: Gap) -> Cell:
    return SEPARATOR.join(note["note_id"] for note in gap["evidence_notes"])


COLUMNS: Final[list[Column[Gap]]] = _columns()
