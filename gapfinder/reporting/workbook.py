"""A run as an Excel workbook: one sheet a table, frozen bilingual headers, text that is always text.

Rows are written one after another (``constant_memory``), so memory does not grow with their number.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import orjson
import xlsxwriter

from gapfinder.metrics import METRICS
from gapfinder.reporting.flat import COLUMNS, Cell, flat
from gapfinder.results import Gap
from indexer.stores.contract import RunInfo

if TYPE_CHECKING:
    from gapfinder.reporting.market_part import MarketPart

_MOST_ROWS: Final = 1_048_575  # of a sheet, beside its header
_MOST_TEXT: Final = 32_767  # characters of a cell
_WIDE: Final = frozenset({"keyword", "query", "title", "reason", "reasons", "variants", "evidence_queries", "value"})
_DEEPEST: Final = "#B4432E"  # the page's own colour of a gap

_QUERY_HEAD: Final = (
    "keyword 关键词",
    "query 搜索词",
    "searches 搜索次数",
    "searchers 搜索人数",
    "satisfied 被满足",
    "unsatisfied 未被满足",
    "unknown 结果未知",
)
_NOTE_HEAD: Final = (
    "keyword 关键词",
    "note_id 笔记",
    "title 标题",
    "published_at 发布时间",
    "answers 能回答的概率",
    "visibility 可见度",
    "freshness 新鲜度",
    "quality 质量",
    "supply 有效供给",
    "disclosed 已报备",
    "undisclosed_probability 疑似水下概率",
    "duplicates 近似重复",
    "found_by 由何找到",
    "matched 命中的词",
    "reasons 说明",
)
_METRIC_HEAD: Final = (
    "name 字段",
    "label 名称",
    "unit 单位",
    "range 范围",
    "formula 公式",
    "method 说明",
    "caveat 注意",
)


class Heading(tuple[Cell, ...]):
    """A row inside a sheet that heads those below it."""

    __slots__ = ()


class Sheet(NamedTuple):
    """One sheet: name, bilingual headers, rows; from column ``heat`` on, colours tell how large the numbers are."""

    name: str
    headers: Sequence[str]
    rows: Iterable[Sequence[Cell]]
    heat: int = 0


def write_workbook(info: RunInfo, gaps: Sequence[Gap], path: Path, market: MarketPart | None = None) -> None:
    """Write the workbook of a run: gaps, evidence queries, evidence notes, the market, metrics, manifest."""
    more, explained = _market(market)
    sheets = [
        Sheet("gaps 缺口", [column.header for column in COLUMNS], map(flat, gaps)),
        Sheet("evidence_queries 证据搜索词", _QUERY_HEAD, _queries(gaps)),
        Sheet("evidence_notes 证据笔记", _NOTE_HEAD, _notes(gaps)),
        *more,
        Sheet("metrics 指标", _METRIC_HEAD, chain(_metrics(), explained)),
        Sheet("manifest 运行记录", ("name 名称", "value 值"), _manifest(info)),
    ]
    write_sheets(info, sheets, path)


def _market(market: MarketPart | None) -> tuple[list[Sheet], Iterable[Sequence[Cell]]]:
    """The sheets of a market and what explains their columns."""
    if market is None:
        return [], ()
    from gapfinder.reporting.market_sheets import explained, market_sheets  # noqa: PLC0415 - it builds on this module

    return market_sheets(market), explained()


def write_sheets(info: RunInfo, sheets: Iterable[Sheet], path: Path) -> None:
    """Write a workbook of a run from its sheets: name, bilingual headers, rows."""
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(str(path), options) as book:
        book.set_properties({"title": f"gapfinder {info.run}", "created": info.created_at.replace(tzinfo=None)})
        head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        tenths = book.add_format({"num_format": "0.0", "align": "center"})
        for content in sheets:
            sheet = book.add_worksheet(content.name)
            last = _sheet(sheet, head, content, tenths if content.heat else None)
            if content.heat:
                _colour(sheet, content, last)
            else:
                sheet.autofilter(0, 0, last, len(content.headers) - 1)


def _sheet(sheet: Any, head: Any, content: Sheet, look: Any) -> int:
    """Write a sheet; the number of its last row."""
    sheet.freeze_panes(1, max(content.heat, 1))
    for place, header in enumerate(content.headers):
        sheet.set_column(place, place, 30 if header.split(" ", 1)[0] in _WIDE else 14)
        sheet.write_string(0, place, header, head)
    last = 0
    for last, row in enumerate(content.rows, 1):
        if last == _MOST_ROWS:
            sheet.write_string(last, 0, "…")  # a sheet holds no more rows; the other formats have them all
            break
        style = head if isinstance(row, Heading) else None
        for place, cell in enumerate(row):
            _write(sheet, last, place, cell, style or (look if place >= content.heat else None))
    return last


def _colour(sheet: Any, content: Sheet, last: int) -> None:
    """The larger a number, the deeper its colour; one scale for the whole sheet."""
    scale = {"type": "2_color_scale", "min_type": "num", "min_value": 0, "min_color": "#FFFFFF", "max_color": _DEEPEST}
    if last:
        sheet.conditional_format(1, content.heat, last, max(content.heat, len(content.headers) - 1), scale)


def _write(sheet: Any, row: int, place: int, cell: Cell, style: Any = None) -> None:
    if cell is None or (isinstance(cell, float) and not math.isfinite(cell)):
        return
    if isinstance(cell, bool):
        sheet.write_boolean(row, place, cell, style)
    elif isinstance(cell, str):
        sheet.write_string(row, place, cell if len(cell) <= _MOST_TEXT else cell[: _MOST_TEXT - 1] + "…", style)
    else:
        sheet.write_number(row, place, cell, style)


def _queries(gaps: Sequence[Gap]) -> Iterator[Sequence[Cell]]:
    for gap in gaps:
        for query in gap["evidence_queries"]:
            yield (
                gap["keyword"],
                query["query"],
                query["searches"],
                query["searchers"],
                query["satisfied"],
                query["unsatisfied"],
                query["unknown"],
            )


def _notes(gaps: Sequence[Gap]) -> Iterator[Sequence[Cell]]:
    for gap in gaps:
        for note in gap["evidence_notes"]:
            yield (
                gap["keyword"],
                note["note_id"],
                note["title"],
                note["published_at"],
                note["answers"],
                note["visibility"],
                note["freshness"],
                note["quality"],
                note["supply"],
                note["disclosed"],
                note["undisclosed_probability"],
                note["duplicates"],
                note["found_by"],
                " ".join(note["matched"]),
                "；".join(note["reasons"]),
            )


def _metrics() -> Iterator[Sequence[Cell]]:
    for metric in METRICS.values():
        yield metric.name, metric.label, metric.unit, metric.range, metric.formula, metric.method, metric.caveat


def _manifest(info: RunInfo) -> Iterator[Sequence[Cell]]:
    yield "run", info.run
    yield "name", info.name
    yield "created_at", info.created_at.isoformat()
    for name, value in info.manifest.items():
        yield name, value if isinstance(value, str | int | float) else orjson.dumps(value).decode()
