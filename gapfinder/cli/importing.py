"""``gapfinder import`` and ``gapfinder reindex``: progress on a terminal, then what was taken in and what was not."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from gapfinder.cli.show import console, plain, print_json
from indexer.importer import ImportReport, Progress, Quiet, import_files, reindex
from indexer.stores import open_store
from indexer.stores.contract import Store

if TYPE_CHECKING:
    from rich.progress import Progress as Bars
    from rich.progress import TaskID

_MOST_REASONS: Final = 3


class _Drawn:
    """Progress as bars: file, share of its bytes, rows, rows a second, time left."""

    def __init__(self, bars: Bars) -> None:
        self._bars = bars
        self._tasks: dict[str, TaskID] = {}
        self._rows: dict[str, int] = {}
        self._begun: dict[str, float] = {}

    def begin(self, file: str, total_bytes: int | None) -> None:
        """Draw a bar for a file."""
        if file not in self._tasks:
            name = plain(Path(file).name or file)[:40]
            self._tasks[file] = self._bars.add_task(name, total=total_bytes, rows=0, rate=0.0)
            self._rows[file], self._begun[file] = 0, time.monotonic()

    def advance(self, file: str, *, rows: int = 0, read_bytes: int = 0) -> None:
        """Move it on."""
        self._rows[file] += rows
        seconds = max(time.monotonic() - self._begun[file], 1e-3)
        self._bars.update(self._tasks[file], advance=read_bytes, rows=self._rows[file], rate=self._rows[file] / seconds)

    def end(self, file: str) -> None:
        """Fill it."""
        task = self._tasks[file]
        total = next(one.total or one.completed for one in self._bars.tasks if one.id == task)
        self._bars.update(task, total=total or 1, completed=total or 1)


@contextmanager
def drawn_progress() -> Iterator[Progress]:
    """Bars on a terminal, silence in a pipe."""
    screen = console(errors=True)
    if not screen.is_terminal:
        yield Quiet()
        return
    from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=24),
        TextColumn("{task.percentage:>3.0f}%"),
        TextColumn("{task.fields[rows]:>12,} 行"),
        TextColumn("{task.fields[rate]:>10,.0f} 行/秒"),
        TimeRemainingColumn(compact=True),
    )
    with Bars(*columns, console=screen, transient=True) as bars:
        yield _Drawn(bars)


def imported(store: Store, files: Sequence[str], **options: Any) -> ImportReport:
    """Import with progress."""
    with drawn_progress() as progress:
        return import_files(store, files, progress=progress, **options)


def run_import(
    url: str,
    files: Sequence[str],
    *,
    record: str | None,
    mapping: dict[str, str],
    encoding: str | None,
    searched_at: date | None,
    max_rejected: float,
    dictionaries: tuple[Path, ...],
    processes: int | None,
    wait: float,
    as_json: bool,
) -> None:
    """Import files into a store (made when there is none) and say what came of each."""
    with open_store(url, create=True) as store:
        report = imported(
            store,
            files,
            record=record,
            mapping=mapping,
            encoding=encoding,
            searched_at=searched_at,
            max_rejected=max_rejected,
            dictionary_paths=dictionaries,
            processes=processes,
            wait_seconds=wait,
        )
    if as_json:
        answer = report.as_json()
        rest = {name: answer[name] for name in ("total", "snapshot", "quarantine", "notes")}
        print_json([*answer["files"], rest])
        return
    show_import(report)


def show_import(report: ImportReport) -> None:
    """A line for each table of each file, the total, and where the bad rows are."""
    from rich.table import Table
    from rich.text import Text

    screen = console()
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 1))
    for title in ("文件", "记录", "读入", "写入", "未变", "隔离"):
        table.add_column(title, justify="left" if title in ("文件", "记录") else "right", overflow="fold")
    for one in report.files:
        figures = (f"{count:,}" for count in (one.read, one.written, one.unchanged, one.rejected))
        table.add_row(Text(plain(Path(one.file).name)), one.record, *figures)
    total = report.total
    table.add_row(
        "合计", "", *(f"{total[name]:,}" for name in ("read", "written", "unchanged", "rejected")), style="bold"
    )
    screen.print(table)
    for one in report.files:
        name = plain(Path(one.file).name)
        if one.unknown_columns:
            columns = "、".join(plain(column) for column in one.unknown_columns)
            screen.print(
                f"{name}：未导入的列：{columns}（用 --map 他们的列=我们的字段 可以带上）", markup=False, soft_wrap=True
            )
        for note in one.notes:
            screen.print(f"{name}：{plain(note)}", markup=False, soft_wrap=True)
        reasons = sorted(one.reasons.items(), key=lambda item: (-item[1], item[0]))
        for reason, count in reasons[:_MOST_REASONS]:
            screen.print(f"{name}：有 {count:,} 行被隔离：{plain(reason)}", markup=False, soft_wrap=True)
    if report.quarantine is not None:
        screen.print(f"隔离的行（含文件、行号、原因）：{plain(str(report.quarantine))}", markup=False, soft_wrap=True)
    for note in report.notes:
        screen.print(plain(note), markup=False, soft_wrap=True)
    console(errors=True).print(f"已发布 {report.snapshot}；接下来：gapfinder analyze", style="dim", markup=False)


def run_reindex(url: str, *, dictionaries: tuple[Path, ...], wait: float, as_json: bool) -> None:
    """Segment all text of a store again."""
    with open_store(url) as store, drawn_progress() as progress:
        report = reindex(store, dictionary_paths=dictionaries, progress=progress, wait_seconds=wait)
    if as_json:
        print_json([{"rows": dict(report.rows), "words": report.words, "snapshot": report.snapshot}])
        return
    rows = "，".join(f"{record} {count:,} 条" for record, count in sorted(report.rows.items()))
    console().print(
        f"已重新切分：{rows or '没有文本'}；词典 {report.words:,} 个自有词；{report.snapshot}", markup=False
    )
