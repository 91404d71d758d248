"""Small tables that are replaced whole, each change on top of the very version it was made from.

The store's marker, its manifests, its list of runs and its lease are such tables. A Delta commit is atomic, also on
object stores, so a reader sees one state or the next, and of two writers that start from one version only one commits.
"""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa
from deltalake import DeltaTable, write_deltalake
from deltalake.exceptions import DeltaError

from indexer.errors import StoreError
from indexer.stores.delta.faults import DAMAGED, OvertakenError, engine_faults
from indexer.stores.delta.place import REACHING
from indexer.stores.delta.tables import KEPT_FOR_EVER, NEXT_VERSION

NEVER_WRITTEN = -1


@dataclass(frozen=True, slots=True)
class Ledger:
    """A small table.

    Attributes:
        uri: Where it lies.
        schema: Its columns.
        for_ever: Whether old versions stay readable.
    """

    uri: str
    schema: pa.Schema
    for_ever: bool = True

    def version(self) -> int:
        """The newest version, ``NEVER_WRITTEN`` before the first."""
        with engine_faults(self.uri, "opening"):
            return self._open().version() if self._is_there() else NEVER_WRITTEN

    def read(self, version: int | None = None) -> tuple[int, pa.Table]:
        """The version and its rows; the newest by default, no rows when nothing was ever written."""
        with engine_faults(self.uri, "reading"):
            if not self._is_there():
                return NEVER_WRITTEN, self.schema.empty_table()
            table = self._open(version)
            rows = table.to_pyarrow_table()
            if rows.schema.names != self.schema.names:
                found = ", ".join(rows.schema.names)
                raise StoreError(f"{self.uri}: this is another table, with the columns {found}", hint=DAMAGED)
            return table.version(), rows.cast(self.schema)

    def replace(self, rows: pa.Table, *, after: int) -> int:
        """Write the rows as version ``after + 1`` and return it.

        Raises:
            OvertakenError: That version was already written by someone else.
        """
        with engine_faults(self.uri, "writing"):
            if after != NEVER_WRITTEN:
                table = self._open(after)
                write_deltalake(table, rows, mode="overwrite", commit_properties=NEXT_VERSION)
                return after + 1
            try:
                write_deltalake(
                    self.uri,
                    rows,
                    mode="error",
                    configuration=KEPT_FOR_EVER if self.for_ever else None,
                    commit_properties=NEXT_VERSION,
                    storage_options=REACHING,
                )
            except DeltaError as error:
                if self._is_there():
                    raise OvertakenError(self.uri) from error
                raise
        return 0

    def _is_there(self) -> bool:
        return DeltaTable.is_deltatable(self.uri, REACHING)

    def _open(self, version: int | None = None) -> DeltaTable:
        return DeltaTable(self.uri, version=version, storage_options=REACHING)
