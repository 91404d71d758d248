"""The table of gaps on a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rich.table import Table
from rich.text import Text

from gapfinder.cli.columns import Column as _Column
from gapfinder.cli.columns import fitted_table
from gapfinder.cli.show import plain
from gapfinder.reporting.words import TREND_MARKS
from gapfinder.results import GAP_KIND_LABELS, VERDICT_LABELS, Gap

_COLOURS: Final = {
    "missing": "red",
    "wording": "magenta",
    "weak": "yellow",
    "stale": "dark_orange",
    "ads_only": "cyan",
    "unsure": "dim",
    "met": "green",
}


def _ratio(gap: Gap) -> Text:
    ratio = gap["demand_supply_ratio"]
    return Text("∞" if ratio is None else f"{ratio:,.1f}")


def _matching(gap: Gap) -> Text:
    return Text(f"{'≥' if 'notes_at_least' in gap['flags'] else ''}{gap['notes_matching']:,}")


def _price(gap: Gap) -> Text:
    cpc = gap["price"]["cpc"] if gap["price"] else None
    return Text("–" if cpc is None else f"¥{cpc:.2f}")


def _kind(gap: Gap) -> Text:
    return Text(GAP_KIND_LABELS[gap["gap_kind"]], style=_COLOURS[gap["gap_kind"]])


def _keyword(gap: Gap) -> Text:
    return Text(plain(gap["keyword"]) + ("（含）" if gap["match"] == "contains" else ""), style="bold")


def _trend(gap: Gap) -> Text:
    surge = gap["trend"].get("surge")
    mark = TREND_MARKS[gap["trend"]["direction"]]
    return Text.assemble(mark, (" 起量", "bold red")) if surge and surge["rising_early"] else Text(mark)


def _rank(gap: Gap) -> Text:
    best, worst = gap["rank_low"], gap["rank_high"]
    if best is None or worst is None:
        return Text("–")
    return Text(f"{best:,}" if best == worst else f"{best:,}–{worst:,}")


def _signed(value: float | None) -> str:
    return "–" if value is None else f"{value:+,.0f}".replace("-", "−")


_COLUMNS: Final[tuple[_Column[Gap], ...]] = (
    _Column("关键词", _keyword, justify="left"),
    _Column("缺口", _kind, justify="left"),
    _Column("搜索/周", lambda gap: Text(f"{gap['demand_per_week']:,.0f}"), 9),
    _Column("未满足/周", lambda gap: Text(f"{gap['unmet_per_week']:,.0f}", style="bold")),
    _Column("90% 区间", lambda gap: Text(f"{gap['unmet_low']:,.0f}–{gap['unmet_high']:,.0f}"), 10),
    _Column("概率", lambda gap: Text(f"{gap['unmet_probability']:.0%}"), 8),
    _Column("可能名次", _rank, 5),
    _Column("比平均多", lambda gap: Text(_signed(gap["excess"])), 1),
    _Column("匹配笔记", lambda gap: Text(f"{gap['notes_matching']:,}"), 7),
    _Column("需求供给比", _ratio, 4),
    _Column("趋势", _trend, 6, "left"),
    _Column("点击价", _price, 3),
    _Column("建议", lambda gap: Text(VERDICT_LABELS[gap["verdict"]]), 2, "left"),
)


def gap_table(gaps: Sequence[Gap], width: int) -> Table:
    """The table for a screen of ``width`` cells."""
    return fitted_table(_COLUMNS, gaps, width)
