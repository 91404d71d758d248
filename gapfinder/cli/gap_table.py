"""The table of gaps on a terminal: as many columns as fit, the keyword always whole as far as possible."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from rich.cells import cell_len
from rich.table import Table
from rich.text import Text

from gapfinder.cli.show import plain
from gapfinder.reporting.words import TREND_MARKS
from gapfinder.results import GAP_KIND_LABELS, Gap

_COLOURS: Final = {
    "missing": "red",
    "wording": "magenta",
    "weak": "yellow",
    "stale": "dark_orange",
    "ads_only": "cyan",
    "unsure": "dim",
    "met": "green",
}
_LEAST_KEYWORD: Final = 12  # cells a keyword keeps before columns are left out
_MOST_KEYWORD: Final = 40
_BETWEEN: Final = 2  # cells between two columns


@dataclass(frozen=True, slots=True)
class _Column:
    """A column: title, how it is read, and when it is left out on a narrow screen (0: never, 1: first)."""

    title: str
    read: Callable[[Gap], Text]
    leave: int = 0
    justify: Literal["left", "center", "right"] = "right"


def _ratio(gap: Gap) -> Text:
    ratio = gap["demand_supply_ratio"]
    return Text("∞" if ratio is None else f"{ratio:,.1f}")


def _price(gap: Gap) -> Text:
    cpc = gap["price"]["cpc"] if gap["price"] else None
    return Text("–" if cpc is None else f"¥{cpc:.2f}")


def _kind(gap: Gap) -> Text:
    return Text(GAP_KIND_LABELS[gap["gap_kind"]], style=_COLOURS[gap["gap_kind"]])


def _keyword(gap: Gap) -> Text:
    return Text(plain(gap["keyword"]) + ("（含）" if gap["match"] == "contains" else ""), style="bold")


_COLUMNS: Final = (
    _Column("关键词", _keyword, justify="left"),
    _Column("缺口", _kind, justify="left"),
    _Column("搜索/周", lambda gap: Text(f"{gap['demand_per_week']:,.0f}"), 5),
    _Column("未满足/周", lambda gap: Text(f"{gap['unmet_per_week']:,.0f}", style="bold")),
    _Column("90% 区间", lambda gap: Text(f"{gap['unmet_low']:,.0f}–{gap['unmet_high']:,.0f}"), 6),
    _Column("概率", lambda gap: Text(f"{gap['unmet_probability']:.0%}"), 4),
    _Column("匹配笔记", lambda gap: Text(f"{gap['notes_matching']:,}"), 3),
    _Column("需求供给比", _ratio, 2),
    _Column("趋势", lambda gap: Text(TREND_MARKS[gap["trend"]["direction"]]), 1, "center"),
    _Column("点击价", _price, 1),
)


def gap_table(gaps: Sequence[Gap], width: int) -> Table:
    """The table for a screen of ``width`` cells; numbers are never cut, columns are left out instead."""
    columns, cells = list(_COLUMNS), {column.title: [column.read(gap) for gap in gaps] for column in _COLUMNS}

    def needed(column: _Column) -> int:
        return max([cell_len(column.title), *(text.cell_len for text in cells[column.title])])

    number = len(str(len(gaps)))
    keyword = min(needed(_COLUMNS[0]), _MOST_KEYWORD)
    while True:
        others = sum(needed(column) + _BETWEEN for column in columns[1:])
        room = width - number - _BETWEEN - others
        droppable = [column for column in columns if column.leave]
        if room >= keyword or (room >= _LEAST_KEYWORD and not droppable) or not droppable:
            break
        first = min(column.leave for column in droppable)
        columns = [column for column in columns if column.leave != first]
    table = Table(header_style="bold", box=None, pad_edge=False, padding=(0, _BETWEEN, 0, 0))
    table.add_column("#", justify="right", no_wrap=True)
    for column in columns:
        if column is _COLUMNS[0]:
            table.add_column(column.title, overflow="fold", max_width=max(room, 4))
        else:
            table.add_column(column.title, justify=column.justify, no_wrap=True, min_width=needed(column))
    for place in range(len(gaps)):
        table.add_row(str(place + 1), *(cells[column.title][place] for column in columns))
    return table
