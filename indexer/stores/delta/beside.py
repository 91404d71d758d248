"""Files that are kept beside the tables of a local store to spare work, and that can be deleted at any time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final
from uuid import uuid4

import pyarrow as pa

from indexer.stores.delta.rows import Rows

FORWARD: Final = "forward"  # folder of the forward index of the notes
COUNTS: Final = "counts"  # folder of the counts of keywords
_LAYOUT: Final = ".2.arrow"  # with the number of the layout


def index_path(folder: Path, data: Rows) -> Path:
    """The index file of a data file."""
    return folder / (Path(data.uri).stem + _LAYOUT)


def sweep_index(folder: Path, rows: Rows) -> None:
    """Delete the index files of data files that are no part of the table any more."""
    with suppress(OSError):
        needed = {index_path(folder, data).name for data in rows.files()}
        for file in folder.iterdir():
            if file.name not in needed:
                file.unlink(missing_ok=True)


@contextmanager
def arrow_file(path: Path, schema: pa.Schema) -> Iterator[pa.RecordBatchFileWriter]:
    """Write an Arrow file, its folder too; it is there whole at the end, or not at all."""
    path.parent.mkdir(exist_ok=True)
    unfinished = path.with_name(f".{path.name}.{uuid4().hex}")
    options = pa.ipc.IpcWriteOptions(compression="lz4", use_threads=False)
    try:
        with pa.OSFile(str(unfinished), "wb") as sink, pa.ipc.new_file(sink, schema, options=options) as writer:
            yield writer
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
