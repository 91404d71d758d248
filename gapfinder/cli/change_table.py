"""The table of changes between two runs, and of one keyword through all runs, on a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rich.table import Table
from rich.text import Text

from gapfinder.changes import CHANGE_LABELS, Change
from gapfinder.cli.columns import Column, fitted_table
from gapfinder.cli.show import plain
from gapfinder.history import Moment
from gapfinder.results import GAP_KIND_LABELS

_COLOURS: Final = {"opened": "bold red", "closed": "bold green", "grew": "red", "shrank": "green"}


def _figure(value: float | None) -> str:
    return "–" if value is None else f"{value:,.0f}"


def _both(before: float | None, after: float | None) -> Text:
    return Text(f"{_figure(before)} → {_figure(after)}")


def _signed(value: float) -> str:
    return f"{value:+,.0f}".replace("-", "−")


def _move(value: float | None, low: float | None, high: float | None) -> Text:
    if value is None or low is None or high is None:
        return Text("–")
    return Text(f"{_signed(value)}（{_signed(low)} 至 {_signed(high)}）")


def _change(change: Change) -> Text:
    mark = "?" if "borderline" in change["flags"] else ""
    return Text(CHANGE_LABELS[change["change"]] + mark, style=_COLOURS.get(change["change"], "dim"))


def _kinds(change: Change) -> Text:
    labels = [
        GAP_KIND_LABELS.get(kind, kind) if kind else "–"
        for kind in (change["gap_kind_before"], change["gap_kind_after"])
    ]
    return Text(labels[0] if labels[0] == labels[1] else " → ".join(labels))


_CHANGES: Final[tuple[Column[Change], ...]] = (
    Column("关键词", lambda change: Text(plain(change["keyword"]), style="bold"), justify="left"),
    Column("变化", _change, justify="left"),
    Column("未满足/周", lambda change: _both(change["unmet_per_week_before"], change["unmet_per_week_after"])),
    Column(
        "差（90% 区间）",
        lambda change: _move(change["difference"], change["difference_low"], change["difference_high"]),
        4,
    ),
    Column("缺口", _kinds, 3, "left"),
    Column("搜索/周", lambda change: _both(change["demand_per_week_before"], change["demand_per_week_after"]), 2),
    Column("匹配笔记", lambda change: _both(change["notes_matching_before"], change["notes_matching_after"]), 1),
)


def change_table(changes: Sequence[Change], width: int) -> Table:
    """The table of changes for a screen of ``width`` cells."""
    return fitted_table(_CHANGES, changes, width)


def _step(moment: Moment) -> Text:
    if moment["change"] is None:
        return Text("–", style="dim")
    return Text(CHANGE_LABELS[moment["change"]], style=_COLOURS.get(moment["change"], "dim"))


def _window(moment: Moment) -> Text:
    window = moment["window"]
    return Text(f"{window['from']} 至 {window['to']}" if window else "–")


_MOMENTS: Final[tuple[Column[Moment], ...]] = (
    Column("分析", lambda moment: Text(plain(moment["name"]), style="bold"), justify="left"),
    Column("窗口", _window, 1, "left"),
    Column("搜索/周", lambda moment: Text(_figure(moment["demand_per_week"])), 3),
    Column("未满足/周", lambda moment: Text(_figure(moment["unmet_per_week"]), style="bold")),
    Column("90% 区间", lambda moment: Text(f"{moment['unmet_low']:,.0f}–{moment['unmet_high']:,.0f}"), 4),
    Column("缺口", lambda moment: Text(GAP_KIND_LABELS.get(moment["gap_kind"], moment["gap_kind"])), 5, "left"),
    Column("匹配笔记", lambda moment: Text(f"{moment['notes_matching']:,}"), 2),
    Column("变化", _step, justify="left"),
)


def history_table(moments: Sequence[Moment], width: int) -> Table:
    """The table of a keyword's runs for a screen of ``width`` cells."""
    return fitted_table(_MOMENTS, moments, width)
