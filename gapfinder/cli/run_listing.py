"""``gapfinder runs``: the stored analyses, and deleting one."""

from __future__ import annotations

import sys
from typing import Any, Final

from rich.text import Text

from gapfinder.cli.columns import Column, fitted_table
from gapfinder.cli.show import console, plain, print_json
from gapfinder.comparability import days_of
from gapfinder.reporting.trust import is_calibrated
from gapfinder.runs import LATEST, analyses, find_run
from gapfinder.window import ZONE
from indexer.errors import UsageError
from indexer.stores import open_store
from indexer.stores.contract import RunInfo

Row = dict[str, Any]


def _figure(value: float | None) -> Text:
    return Text("–" if value is None else f"{value:,.0f}")


_COLUMNS: Final[tuple[Column[Row], ...]] = (
    Column("名称", lambda row: Text(plain(row["name"]), style="bold"), justify="left"),
    Column("编号", lambda row: Text(plain(row["run"])), justify="left"),
    Column("生成时间", lambda row: Text(row["created_at"][:16].replace("T", " ")), 2, "left"),
    Column("窗口", lambda row: Text(f"{row['from'] or '?'} 至 {row['to'] or '?'}"), 5, "left"),
    Column("关键词", lambda row: _figure(row["keywords"]), 4),
    Column("未满足/周", lambda row: _figure(row["unmet_per_week"])),
    Column("概率", lambda row: Text("已校准" if row["calibrated"] else "未校准"), 3, "left"),
    Column("快照", lambda row: Text(plain(row["snapshot"])), 1, "left"),
)


def list_runs(url: str, *, as_json: bool) -> None:
    """Show all runs of a store, newest first."""
    with open_store(url) as store:
        rows = [described(info) for info in analyses(store)]
    if as_json:
        print_json(rows)
        return
    if not rows:
        console().print("还没有分析结果；接下来：gapfinder analyze")
        return
    screen = console()
    screen.print(fitted_table(_COLUMNS, rows, screen.width))


def delete_run(url: str, run: str, *, sure: bool) -> None:
    """Delete one run for good, after asking on a terminal unless the user is sure."""
    if run == LATEST:
        raise UsageError("latest names another run after each analysis", hint="name the run to delete by id or name")
    with open_store(url) as store:
        info = find_run(store, run)
        if not sure and not _agreed(info):
            console(errors=True).print("没有删除。")
            return
        store.delete_run(info.run)
    console(errors=True).print(f"已删除 {plain(info.name)}（{plain(info.run)}）", soft_wrap=True, markup=False)


def described(info: RunInfo) -> Row:
    """A run as one row of a list."""
    totals = info.manifest.get("totals") or {}
    days = days_of(info)
    return {
        "run": info.run,
        "name": info.name,
        "created_at": info.created_at.astimezone(ZONE).isoformat(timespec="seconds"),
        "snapshot": str(info.manifest.get("snapshot", "")),
        "from": days[0].isoformat() if days else None,
        "to": days[1].isoformat() if days else None,
        "keywords": totals.get("keywords"),
        "unmet_per_week": totals.get("unmet_per_week"),
        "calibrated": is_calibrated(info.manifest),
    }


def _agreed(info: RunInfo) -> bool:
    if not sys.stdin.isatty():
        raise UsageError(
            f"deleting {info.name} can't be undone, and nobody can be asked here", hint="add --yes to delete it"
        )
    import typer

    return typer.confirm(f"删除 {plain(info.name)}（{plain(info.run)}）？不能撤销")
