"""A private DuckDB: in memory up to a limit, then on the disk of the temporary folder, and gone at its end."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import duckdb

from gapfinder.memory import MEMORY

PARQUET: Final = "read_parquet($files, union_by_name = true, hive_partitioning = false)"  # of a store's own files


@contextmanager
def private_db(memory: str = MEMORY) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to a database of its own.

    Args:
        memory: Most it may take before it spills, for example ``384MB``.
    """
    with tempfile.TemporaryDirectory(prefix="gapfinder-") as folder:
        connection = duckdb.connect(
            ":memory:",
            config={"memory_limit": memory, "temp_directory": folder, "preserve_insertion_order": "false"},
        )
        try:
            connection.execute("SET enable_progress_bar = false")  # it would write among the output
            yield connection
        finally:
            connection.close()
