"""``gapfinder daily``: the log by query and day as a file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from gapfinder.cli.show import console, print_json
from gapfinder.dailylog import SCHEMA, daily_log
from gapfinder.memory import memory_of
from gapfinder.reporting.export import write_as
from gapfinder.reporting.flat import without_formula
from indexer.errors import DataError, UsageError
from indexer.stores import open_store

Batches = Iterator[pa.RecordBatch]


def write_daily(url: str, out: Path, first: date | None, end: date | None, *, memory: str, as_json: bool) -> None:
    """Write the log of a store by query and day.

    Raises:
        DataError: The store holds no searches.
        UsageError: There is no day between the two, or the file can't be written.
    """
    limit = memory_of(memory)
    written = {"rows": 0, "searches": 0}

    def counted(batches: Batches) -> Batches:
        for batch in batches:
            written["rows"] += len(batch)
            written["searches"] += pc.sum(batch["searches"]).as_py() or 0
            yield batch

    with open_store(url) as store, store.snapshot() as snapshot:
        extent = snapshot.extent("search", "day")
        if extent is None:
            raise DataError("the store holds no searches", hint="import a query log: gapfinder import searches.csv")
        begin, stop = first or extent[0], end or extent[1] + timedelta(days=1)
        if begin >= stop:
            raise UsageError(f"there is no day from {begin} to {stop}", hint="--to is the day after the last")
        with console(errors=True).status("按天汇总搜索…"):
            write_as(counted(daily_log(snapshot, begin, stop, memory=limit, ordered=True)), out, _FORMATS)
    answer = {"file": str(out), "from": begin.isoformat(), "to": stop.isoformat(), **written}
    if as_json:
        print_json([answer])
        return
    console().print(
        f"{out}：{begin} 至 {stop}（不含），{written['rows']:,} 行，{written['searches']:,} 次搜索",
        soft_wrap=True,
        markup=False,
        highlight=False,
    )


def _parquet(batches: Batches, path: Path) -> None:
    with pq.ParquetWriter(path, SCHEMA, compression="zstd") as file:
        for batch in batches:
            file.write_batch(batch)


def _csv(batches: Batches, path: Path) -> None:
    with path.open("wb") as file:
        file.write(b"\xef\xbb\xbf")  # spreadsheets know UTF-8 by it
        with pa_csv.CSVWriter(file, SCHEMA) as rows:
            for batch in batches:
                queries = batch["query"].dictionary_encode()  # few in a batch, which is ordered by them
                safe = pa.array(map(without_formula, queries.dictionary.to_pylist()), pa.string())
                rows.write_batch(batch.set_column(0, SCHEMA.field("query"), safe.take(queries.indices)))


_FORMATS: Final[dict[str, Callable[[Batches, Path], None]]] = {".parquet": _parquet, ".csv": _csv}
