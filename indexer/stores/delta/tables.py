"""Delta tables as the store writes them: append, empty, go back to a version, delete files that nothing names.

Appending is fast and merging is not (deltalake's merge took 4 s and 1.5 GB to change 100,000 rows of 2,000,000), so the
store decides itself which rows are new and only ever appends or empties.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import pyarrow as pa
from deltalake import CommitProperties, DeltaTable, WriterProperties, write_deltalake

from indexer.errors import StoreError
from indexer.records import Kind, Record
from indexer.stores.delta.faults import DAMAGED, engine_faults
from indexer.stores.delta.place import REACHING, as_written

# Versions that a run names must stay readable, so the log never expires and nothing is vacuumed but by name.
KEPT_FOR_EVER: Final = {
    "delta.enableExpiredLogCleanup": "false",
    "delta.logRetentionDuration": "interval 36500 days",
    "delta.deletedFileRetentionDuration": "interval 36500 days",
    "delta.checkpointInterval": "20",
}
# A commit lands on the very next version or not at all: whoever wrote in between is never written over.
NEXT_VERSION: Final = CommitProperties(max_commit_retries=0)
ROW_GROUP: Final = 16_384  # rows; what a reader has to hold of each column at a time
_WRITING: Final = WriterProperties(compression="ZSTD", compression_level=1, max_row_group_size=ROW_GROUP)


def table_settings(record: Record) -> dict[str, str]:
    """Settings of a record's table; statistics are kept for days only, long texts would swell the log."""
    days = [field.name for field in record.fields if field.kind is Kind.DAY]
    statistics = (
        {"delta.dataSkippingStatsColumns": ",".join(days)} if days else {"delta.dataSkippingNumIndexedCols": "0"}
    )
    return KEPT_FOR_EVER | statistics


def is_table(uri: str) -> bool:
    """Whether a Delta table lies there."""
    with engine_faults(uri, "opening"):
        return DeltaTable.is_deltatable(uri, REACHING)


def open_table(uri: str, version: int | None = None) -> DeltaTable:
    """The table at a version, the newest by default; ``StoreError`` when it is missing or damaged."""
    with engine_faults(uri, "opening"):
        return DeltaTable(uri, version=version, storage_options=REACHING)


def create_table(uri: str, schema: pa.Schema, settings: dict[str, str], partition_by: str | None = None) -> DeltaTable:
    """Make an empty table."""
    with engine_faults(uri, "making the table"):
        return DeltaTable.create(
            uri, schema, partition_by=partition_by, configuration=settings, storage_options=REACHING
        )


def append(table: DeltaTable, rows: pa.Table | pa.RecordBatchReader) -> None:
    """Add rows; columns that the table does not have yet are added to it."""
    with engine_faults(table.table_uri, "writing"):
        write_deltalake(
            table,
            rows,
            mode="append",
            schema_mode="merge",
            writer_properties=_WRITING,
            commit_properties=NEXT_VERSION,
        )


def empty(table: DeltaTable) -> None:
    """Take all rows out (the files stay for older versions)."""
    with engine_faults(table.table_uri, "writing"):
        if table.file_uris():
            table.delete(commit_properties=NEXT_VERSION)


def bring_back(table: DeltaTable, version: int | None) -> bool:
    """Make the newest version hold what ``version`` holds (nothing for None); returns whether it was ahead."""
    with engine_faults(table.table_uri, "restoring"):
        files = set(table.file_uris())
        if version is None:
            ahead = bool(files)
            empty(table)
        else:
            published = DeltaTable(table.table_uri, version=version, storage_options=REACHING)
            ahead = files != set(published.file_uris())
            if ahead:
                table.restore(version, commit_properties=NEXT_VERSION)
    return ahead


def check_count(table: DeltaTable, published: int) -> None:
    """``StoreError`` when the log does not name as many rows as were published: it was cut."""
    with engine_faults(table.table_uri, "counting"):
        rows = int(table.count())
    if rows != published:
        place = as_written(table.table_uri)
        raise StoreError(f"{place}: {rows:,} rows where {published:,} were published", hint=DAMAGED)


def sweep(table: DeltaTable, named: Iterable[int]) -> None:
    """Delete the files that neither the newest version nor one of the named ones needs. Only for the one writer."""
    with engine_faults(table.table_uri, "deleting what an import left behind"):
        table.vacuum(
            retention_hours=0,
            enforce_retention_duration=False,
            dry_run=False,
            full=True,
            keep_versions=sorted({*named, table.version()}),
        )
