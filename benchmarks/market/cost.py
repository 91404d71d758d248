"""What the market part adds to an analysis: seconds of both, on a large made store, in one run.

    python -m benchmarks.market.cost --notes 200000 --searches 2000000

The market part reads the queries while the log is open, counts askers there, counts the notes in one pass, and writes
its rows; all of that is timed apart. Everything else is the analysis of the gaps.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.record import keep
from benchmarks.synthetic import write_market
from gapfinder import analysis
from gapfinder.market import mention_rows, writing
from gapfinder.market.measure import MarketDesk
from gapfinder.settings import Settings
from indexer.importer import import_files
from indexer.stores import open_store

SECTIONS = (mention_rows.MENTION_TEXTS, mention_rows.MENTIONS, mention_rows.MENTIONED)
PARTS = ("queries and askers", "notes and comments", "rows", "rows of mentions")


@contextmanager
def timed(seconds: dict[str, float]) -> Iterator[None]:
    """Time the parts of the market while an analysis goes on; what they do stays as it is."""

    def clocked(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*given: Any) -> Any:
            begun = time.perf_counter()
            result = function(*given)
            seconds[name] += time.perf_counter() - begun
            return result

        return call

    def written(*given: Any) -> Any:
        begun = time.perf_counter()
        sections = [(name, key, list(rows)) for name, key, rows in real(*given)]
        seconds[PARTS[2]] += time.perf_counter() - begun
        return iter([(name, key, iter(rows)) for name, key, rows in sections])

    def gathered(*given: Any) -> Any:
        begun = time.perf_counter()
        batches = list(mention_rows.mention_batches(*given))
        seconds[PARTS[3]] += time.perf_counter() - begun
        return iter(batches)

    real = writing.market_sections
    with (
        patch.object(MarketDesk, "read_log", clocked(PARTS[0], MarketDesk.read_log)),
        patch.object(MarketDesk, "measured", clocked(PARTS[1], MarketDesk.measured)),
        patch.object(analysis, "market_sections", written),
        patch.object(analysis, "mention_batches", gathered),
    ):
        yield


def _packed(tables: Sequence[pa.Table]) -> int:
    """Bytes of some rows of a run as a store in a directory writes them."""
    packed = pa.BufferOutputStream()
    with pq.ParquetWriter(packed, tables[0].schema, compression="zstd", compression_level=1) as writer:
        for table in tables:
            writer.write_table(table)
    return int(packed.getvalue().size)


def _size(folder: Path) -> int:
    """Bytes of the files under a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def main() -> None:
    """Measure and keep the result."""
    parser = argparse.ArgumentParser(prog="benchmarks.market.cost", description="What the market part costs.")
    parser.add_argument("--notes", type=int, default=200_000)
    parser.add_argument("--searches", type=int, default=2_000_000)
    sizes = parser.parse_args()
    seconds = dict.fromkeys(PARTS, 0.0)
    with tempfile.TemporaryDirectory(prefix="market-") as name:
        files = write_market(Path(name), sizes.notes, sizes.searches, suffix="parquet")
        with open_store(f"{name}/store", create=True) as store:
            import_files(store, files, processes=0)
            begun = time.perf_counter()
            with timed(seconds):
                done = analysis.analyze(store, Settings.of())
            total = time.perf_counter() - begun
            mentions = [store.run_rows(done.info.run, name) for name in SECTIONS]
        size = _packed(mentions)
        notes = _size(Path(name) / "store" / "records" / "note")
    market = sum(seconds.values())
    found = done.info.manifest["market"]
    rows = [[part, f"{value:.1f}"] for part, value in seconds.items()]
    rows += [["the market part, all", f"{market:.1f}"], ["the analysis of the gaps", f"{total - market:.1f}"]]
    keep(
        "market-cost",
        f"One first analysis of {sizes.notes:,} notes and {sizes.searches:,} searches, with "
        f"{found['categories']} categories and {found['points']:,} selling points: the market part adds "
        f"{market / (total - market):.2f} times the time of the gap analysis (to reach: at most 1). Its "
        f"{sum(done.info.manifest['mentions'].values()):,} mentions take {size / 1e6:.1f} MB of the store, "
        f"{size / notes:.3f} times the notes (to reach: at most 0.1).",
        {
            "notes": sizes.notes,
            "searches": sizes.searches,
            "seconds": seconds,
            "total": total,
            "market": dict(found),
            "bytes": {"mentions": size, "notes": notes},
        },
        ["part", "seconds"],
        rows,
    )


if __name__ == "__main__":
    main()
