"""Files that other tools read: CSV, XLSX, Parquet and JSON by a path's extension, and the report as HTML or XLSX.

A file is written under a temporary name beside its place and renamed at the end, so that an older file is replaced only
by a whole one.
"""

from __future__ import annotations

import csv
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from gapfinder.reporting.flat import COLUMNS, flat, without_formula
from gapfinder.reporting.privacy import PublishedRun, published
from gapfinder.reporting.workbook import write_workbook
from gapfinder.runs import Run
from indexer.errors import UsageError

if TYPE_CHECKING:
    from gapfinder.reporting.beside import Beside
    from gapfinder.reporting.market_part import MarketPart

_WORD, _COUNT, _RATE, _FLAG = pa.string(), pa.int64(), pa.float64(), pa.bool_()


def _list(**fields: pa.DataType) -> pa.DataType:
    return pa.list_(pa.struct([pa.field(name, kind) for name, kind in fields.items()]))


PARQUET_SCHEMA: Final = pa.schema(
    {
        "keyword": _WORD,
        "variants": _list(query=_WORD, searches=_COUNT, folded_by=_WORD),
        "match": _WORD,
        "category": _WORD,
        "searches": _COUNT,
        "searchers": _COUNT,
        "people": _COUNT,
        "demand": _RATE,
        "demand_per_week": _RATE,
        "trend": pa.struct(
            {
                "direction": _WORD,
                "change": _RATE,
                "low": _RATE,
                "high": _RATE,
                "weekly": pa.list_(_COUNT),
                "festivals": pa.list_(_WORD),
                "surge": pa.struct(
                    {
                        "weeks": _COUNT,
                        "ratio": _RATE,
                        "low": _RATE,
                        "high": _RATE,
                        "p_value": _RATE,
                        "q_value": _RATE,
                        "rising_early": _FLAG,
                        "festivals": pa.list_(_WORD),
                    }.items()
                ),
            }.items()
        ),
        "season": pa.struct(
            {
                "week": _WORD,
                "weekdays": pa.list_(_RATE),
                "year": _WORD,
                "months": pa.list_(_RATE),
                "year_share": _RATE,
                "peak_months": pa.list_(_COUNT),
                "festivals": _list(festival=_WORD, times=_RATE, low=_RATE, high=_RATE, occurrences=_COUNT),
            }.items()
        ),
        "forecast": _list(week=_COUNT, start=_WORD, festivals=pa.list_(_WORD), searches=_RATE, low=_RATE, high=_RATE),
        "daily": pa.list_(_COUNT),
        "satisfied": _COUNT,
        "unsatisfied": _COUNT,
        "unknown": _COUNT,
        "reformulated": _COUNT,
        "notes_matching": _COUNT,
        "notes_phrase": _COUNT,
        "notes_headline": _COUNT,
        "notes_fresh": _COUNT,
        "supply": _RATE,
        "authors_effective": _RATE,
        "demand_supply_ratio": _RATE,
        "unmet_probability": _RATE,
        "unmet_per_week": _RATE,
        "unmet_low": _RATE,
        "unmet_high": _RATE,
        "excess": _RATE,
        "excess_low": _RATE,
        "rank_low": _COUNT,
        "rank_high": _COUNT,
        "gap_kind": _WORD,
        "kind_probabilities": pa.map_(_WORD, _RATE),
        "verdict": _WORD,
        "score_parts": pa.map_(_WORD, _RATE),
        "synonyms": pa.list_(_WORD),
        "volumes": _list(
            source=_WORD,
            unit=_WORD,
            volume=_RATE,
            low=_RATE,
            high=_RATE,
            period_start=_WORD,
            period_end=_WORD,
            competition=_RATE,
        ),
        "price": pa.struct(
            {
                "clicks": _COUNT,
                "cost": _RATE,
                "cpc": _RATE,
                "bid_low": _RATE,
                "bid_high": _RATE,
                "source": _WORD,
            }.items()
        ),
        "evidence_queries": _list(
            query=_WORD,
            searches=_COUNT,
            searchers=_COUNT,
            people=_COUNT,
            satisfied=_COUNT,
            unsatisfied=_COUNT,
            unknown=_COUNT,
        ),
        "evidence_notes": _list(
            note_id=_WORD,
            title=_WORD,
            published_at=_WORD,
            answers=_RATE,
            visibility=_RATE,
            freshness=_RATE,
            quality=_RATE,
            supply=_RATE,
            disclosed=_FLAG,
            undisclosed_probability=_RATE,
            duplicates=_COUNT,
            found_by=_WORD,
            matched=pa.list_(_WORD),
            reasons=pa.list_(_WORD),
        ),
        "flags": pa.list_(_WORD),
        "reason": _WORD,
    }
)


def export_gaps(run: Run, path: Path) -> None:
    """Write all gaps of a run, as the owner may see them, in the format that the path's extension names.

    ``.csv`` is UTF-8 with a byte order mark and CRLF, one row a keyword, nested columns flattened; ``.xlsx`` holds one
    sheet a table; ``.parquet`` and ``.json`` keep the nesting.

    Raises:
        UsageError: The extension is unknown, or the file can't be written.
    """
    write_as(run, Path(path), _GAPS_FORMATS)


@dataclass(frozen=True, slots=True)
class _Report:
    run: PublishedRun
    beside: Callable[[PublishedRun], Beside] | None
    market: Callable[[PublishedRun], MarketPart | None] | None


def export_report(
    run: Run,
    path: Path,
    beside: Callable[[PublishedRun], Beside] | None = None,
    market: Callable[[PublishedRun], MarketPart | None] | None = None,
) -> None:
    """Write the report of a run for others: ``.html`` or ``.xlsx``, rare and personal queries left out.

    Args:
        run: The run.
        path: Where to; its extension names the format.
        beside: Finds what the store holds beside the run; asked for the page only.
        market: Finds the market part of the run as far as it may be shown.

    Raises:
        UsageError: The extension is unknown, or the file can't be written.
    """
    write_as(_Report(published(run), beside, market), Path(path), _REPORT_FORMATS)


_R = TypeVar("_R")


def write_as(content: _R, path: Path, formats: Mapping[str, Callable[[_R, Path], None]]) -> None:
    """Write a file in the format of its extension, whole or not at all.

    Raises:
        UsageError: The extension is unknown, or the file can't be written.
    """
    writer = formats.get(path.suffix.lower())
    if writer is None:
        raise UsageError(
            f"{path}: there is no format {path.suffix or 'without an extension'!r}",
            hint="write to " + ", ".join(formats),
        )
    aside = path.with_name(f".{path.name[:80]}.{secrets.token_hex(4)}.part")
    try:
        writer(content, aside)
        aside.replace(path)
    except OSError as error:
        raise UsageError(f"{path}: can't be written: {error.strerror or error}") from error
    finally:
        aside.unlink(missing_ok=True)


def _csv(run: Run, path: Path) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        rows = csv.writer(file, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
        rows.writerow([column.name for column in COLUMNS])
        for gap in run.gaps:
            rows.writerow([without_formula(cell) if isinstance(cell, str) else cell for cell in flat(gap)])


def _json(run: Run, path: Path) -> None:
    path.write_bytes(orjson.dumps(run.gaps, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))


_PARQUET_ROWS: Final = 5_000


def _parquet(run: Run, path: Path) -> None:
    schema = PARQUET_SCHEMA.with_metadata({"gapfinder.run": orjson.dumps(dict(run.info.manifest))})
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for start in range(0, len(run.gaps), _PARQUET_ROWS):
            rows = [
                {
                    **gap,
                    "kind_probabilities": list(gap["kind_probabilities"].items()),
                    "score_parts": list(gap["score_parts"].items()),
                }
                for gap in run.gaps[start : start + _PARQUET_ROWS]
            ]
            writer.write_table(pa.Table.from_pylist(rows, schema=schema))


def _html(report: _Report, path: Path) -> None:
    from gapfinder.reporting.html import render_report  # noqa: PLC0415 - jinja is needed for this format only

    beside = report.beside(report.run) if report.beside else None
    path.write_text(render_report(report.run, beside, _market(report)), encoding="utf-8", newline="\n")


def _workbook(run: Run, path: Path) -> None:
    write_workbook(run.info, run.gaps, path)


def _report_workbook(report: _Report, path: Path) -> None:
    write_workbook(report.run.info, report.run.gaps, path, _market(report))


def _market(report: _Report) -> MarketPart | None:
    return report.market(report.run) if report.market else None


_GAPS_FORMATS: Final[Mapping[str, Callable[[Run, Path], None]]] = {
    ".csv": _csv,
    ".xlsx": _workbook,
    ".parquet": _parquet,
    ".json": _json,
}
_REPORT_FORMATS: Final[Mapping[str, Callable[[_Report, Path], None]]] = {".html": _html, ".xlsx": _report_workbook}
