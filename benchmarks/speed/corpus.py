"""Notes for the speed benchmarks, as files of portions: raw, segmented, and as a forward index.

Portions are worked on by processes of their own, as an import does it.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.kernel import as_matched
from benchmarks.synthetic import NOTES, notes
from indexer.stores.contract import GRAMS
from indexer.stores.matching.forward import KEPT, number_notes

PORTION: Final = 20_000
PROCESSES: Final = 2
_RAW, _CUT, _INDEX = "raw", "cut", "index"  # folders


def write_raw(folder: Path, count: int) -> list[Path]:
    """Write that many notes as Parquet files of some thousands each."""
    (folder / _RAW).mkdir(parents=True, exist_ok=True)
    written: list[Path] = []
    waiting: list[pa.RecordBatch] = []
    for batch in notes(count):
        waiting.append(batch)
        if sum(map(len, waiting)) >= PORTION:
            written.append(_write_portion(folder, len(written), waiting))
            waiting = []
    if waiting:
        written.append(_write_portion(folder, len(written), waiting))
    return written


def _write_portion(folder: Path, number: int, batches: Sequence[pa.RecordBatch]) -> Path:
    path = folder / _RAW / f"{number:04d}.parquet"
    pq.write_table(pa.Table.from_batches(batches, NOTES), path, compression="zstd")
    return path


def raw_files(folder: Path) -> list[Path]:
    """The files of raw notes, in order."""
    return sorted((folder / _RAW).iterdir())


def in_processes(work: Callable[[Path], Path], paths: Sequence[Path]) -> Iterator[Path]:
    """What the work makes of each file, in order, by several processes."""
    with ProcessPoolExecutor(PROCESSES, multiprocessing.get_context("spawn")) as pool:
        yield from pool.map(work, paths)


def segmented(path: Path) -> pa.RecordBatch:
    """The raw notes of a file as a store keeps them, as far as they are matched."""
    batch = as_matched(pq.read_table(path).combine_chunks().to_batches()[0])
    return batch.append_column(GRAMS, pa.nulls(len(batch), pa.list_(pa.string()))).select(list(KEPT))


def cut(path: Path) -> Path:
    """Segment a file of raw notes; gives the file of text."""
    batch = segmented(path)
    return _write(path, _CUT, batch.schema, [batch])


def index(path: Path) -> Path:
    """Segment a file of raw notes and number its terms; gives the file of the forward index."""
    numbered = number_notes([segmented(path)])
    return _write(path, _INDEX, numbered.schema, numbered.batches)


def _write(path: Path, kind: str, schema: pa.Schema, batches: Sequence[pa.RecordBatch]) -> Path:
    made = path.parent.parent / kind / f"{path.stem}.arrow"
    made.parent.mkdir(exist_ok=True)
    options = pa.ipc.IpcWriteOptions(compression="lz4", use_threads=False)
    with pa.OSFile(str(made), "wb") as sink, pa.ipc.new_file(sink, schema, options=options) as writer:
        for batch in batches:
            writer.write_batch(batch)
    return made


def batches_of(paths: Sequence[Path], columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
    """The notes of Arrow files, these columns only."""
    for path in paths:
        with pa.memory_map(str(path)) as source:
            schema = pa.ipc.open_file(source).schema
            wanted = sorted(schema.get_field_index(name) for name in columns)
            reader = pa.ipc.open_file(source, options=pa.ipc.IpcReadOptions(included_fields=wanted))
            for number in range(reader.num_record_batches):
                yield reader.get_batch(number).select(list(columns))


def prepared(folder: Path, kind: str) -> list[Path]:
    """Files of a folder that :func:`cut` or :func:`index` made, in order."""
    return sorted((folder / kind).iterdir())
