"""DuckDB, in memory, shut off from files and the network, spilling into a private directory."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Final

import duckdb
import pyarrow as pa

from indexer.stores.delta.faults import engine_faults

READING_MEMORY: Final = "1GB"
WRITING_MEMORY: Final = "384MB"
_BATCH: Final = 32_768
_SCRATCH: Final = "gapfinder-"


@cache
def sql(name: str) -> str:
    """The text of ``sql/<name>.sql``."""
    return (resources.files(__package__) / "sql" / f"{name}.sql").read_text(encoding="utf-8")


def quoted(column: str) -> str:
    """A column name as an identifier (names come from the records, never from users)."""
    return '"' + column.replace('"', '""') + '"'


def sweep_scratch(folder: Path) -> None:
    """Delete the scratch directories that killed engines left in a folder in which no engine works now."""
    for left in folder.glob(f"{_SCRATCH}*"):
        shutil.rmtree(left, ignore_errors=True)  # one that another user left is theirs to delete, and stops nobody


class Engine:
    """One DuckDB instance. Statements see only the Arrow data they are given, by name.

    Args:
        memory: Most memory it may take before it spills, for example ``1GB``.
        folder: Where its scratch directory is made (the folder too); None: among the temporary files.
    """

    def __init__(self, memory: str, folder: Path | None = None) -> None:
        with engine_faults(str(folder or tempfile.gettempdir()), "making a scratch directory"):
            if folder is not None:
                folder.mkdir(exist_ok=True)
            self._scratch = tempfile.TemporaryDirectory(prefix=_SCRATCH, dir=folder)
        self._connection = duckdb.connect(
            config={
                "memory_limit": memory,
                "temp_directory": str(self.scratch / "spill"),
                "preserve_insertion_order": False,
                "autoinstall_known_extensions": False,
                "autoload_known_extensions": False,
            }
        )
        # Afterwards, because the spill directory can't be named any more once files are shut off.
        self._connection.execute("set enable_external_access = false; set lock_configuration = true")

    @property
    def scratch(self) -> Path:
        """A directory of this engine alone; it goes when the engine is closed."""
        return Path(self._scratch.name)

    def run(self, statement: str, **inputs: Any) -> None:
        """Run a statement for its effect."""
        with self._seeing(inputs) as cursor, engine_faults("DuckDB", "computing"):
            cursor.execute(statement)

    def stream(self, statement: str, **inputs: Any) -> Iterator[pa.RecordBatch]:
        """Run a query and yield its rows in batches."""
        with self._seeing(inputs) as cursor:
            with engine_faults("DuckDB", "computing"):
                batches = cursor.sql(statement).to_arrow_reader(_BATCH)
            while True:
                with engine_faults("DuckDB", "computing"):
                    batch = next(batches, None)
                if batch is None:
                    return
                yield batch

    def table(self, statement: str, **inputs: Any) -> pa.Table:
        """Run a query and return its rows at once."""
        with self._seeing(inputs) as cursor, engine_faults("DuckDB", "computing"):
            return cursor.sql(statement).to_arrow_table()

    @contextmanager
    def _seeing(self, inputs: Mapping[str, Any]) -> Iterator[duckdb.DuckDBPyConnection]:
        # A cursor is a connection of its own to the same database: several threads may each run one.
        cursor = self._connection.cursor()
        try:
            for name, data in inputs.items():
                cursor.register(name, data)
            yield cursor
        finally:
            cursor.close()

    def close(self) -> None:
        """Give back memory and files."""
        self._connection.close()
        self._scratch.cleanup()
