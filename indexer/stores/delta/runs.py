"""Runs: the rows of each save lie in a partition of their own, and the list of runs says which saves count."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
from deltalake import DeltaTable

from indexer.errors import NotFoundError, StoreBusyError, StoreError
from indexer.stores.checks import run_tables
from indexer.stores.contract import RUN_ROWS, RunInfo
from indexer.stores.delta import tables
from indexer.stores.delta.faults import OvertakenError, engine_faults
from indexer.stores.delta.lease import Lease
from indexer.stores.delta.ledger import Ledger
from indexer.stores.delta.rows import Rows

_WAIT: Final = 120.0  # seconds to wait for another analysis that is being saved
_LIST: Final = pa.schema(
    [
        pa.field("run", pa.string()),
        pa.field("name", pa.string()),
        pa.field("created_at", pa.timestamp("us", tz="UTC")),
        pa.field("manifest", pa.string()),
        pa.field("save", pa.string()),
    ]
)
_ROWS: Final = RUN_ROWS.append(pa.field("save", pa.string()))
_SETTINGS: Final = tables.KEPT_FOR_EVER | {"delta.dataSkippingStatsColumns": "section,position"}


class Runs:
    """The runs of a store.

    Args:
        list_uri: Where the list of runs lies.
        rows_uri: Where their rows lie.
        lease: Makes the lease under which runs are saved and deleted.
    """

    def __init__(self, list_uri: str, rows_uri: str, lease: Callable[[], Lease]) -> None:
        self._ledger = Ledger(list_uri, _LIST, for_ever=False)
        self._rows_uri = rows_uri
        self._lease = lease

    def save(self, info: RunInfo, rows: pa.Table | Iterable[pa.RecordBatch]) -> None:
        """Keep a run; its rows are written first, and count from the moment the list names them."""
        save = uuid.uuid4().hex
        entry = {
            "run": info.run,
            "name": info.name,
            "created_at": info.created_at,
            "manifest": json.dumps(info.manifest, ensure_ascii=False),
            "save": save,
        }
        with self._alone(f"saving run {info.run}"):
            table = self._table()
            for piece in run_tables(rows):
                if piece.num_rows:
                    tables.append(table, piece.append_column("save", pa.repeat(save, piece.num_rows)))
            version, listed = self._ledger.read()
            others = [run for run in listed.to_pylist() if run["run"] != info.run]
            self._ledger.replace(pa.Table.from_pylist([*others, entry], schema=_LIST), after=version)
            self._clear({run["save"] for run in others} | {save})

    def list(self) -> list[RunInfo]:
        """All runs, newest first, then by run id."""
        try:
            infos = [
                RunInfo(run["run"], run["name"], run["created_at"], json.loads(run["manifest"]))
                for run in self._ledger.read()[1].to_pylist()
            ]
        except (TypeError, ValueError) as error:
            raise StoreError("the list of runs is damaged", hint="bring back runs from a copy of the store") from error
        return sorted(sorted(infos, key=lambda info: info.run), key=lambda info: info.created_at, reverse=True)

    def rows(self, run: str, section: str) -> pa.Table:
        """The rows of a section by position."""
        return self._of_save(run, lambda save: self._read(save, section))

    def row(self, run: str, section: str, key: str) -> str | None:
        """The body of the first row of a key; of a large run only the row groups that hold the key are read."""
        found = self._of_save(run, lambda save: self._rows(save).take("key", [key], RUN_ROWS.names))
        found = found.filter(pc.equal(found.column("section"), section)).sort_by("position")
        return found.column("body")[0].as_py() if found.num_rows else None

    def look_through(self, run: str) -> None:
        """``StoreError`` when rows of a run can't be read: every file's positions are gone through."""
        for _ in self._rows(self._save_of(run)).batches(["position"]):
            pass

    def delete(self, run: str) -> None:
        """Forget a run and delete its rows from the disk."""
        with self._alone(f"deleting run {run}"):
            version, listed = self._ledger.read()
            others = [other for other in listed.to_pylist() if other["run"] != run]
            if len(others) == listed.num_rows:
                raise _no_run(run)
            self._ledger.replace(pa.Table.from_pylist(others, schema=_LIST), after=version)
            self._clear({other["save"] for other in others})

    def _save_of(self, run: str) -> str:
        for listed in self._ledger.read()[1].to_pylist():
            if listed["run"] == run:
                return str(listed["save"])
        raise _no_run(run)

    def _of_save(self, run: str, read: Callable[[str], pa.Table]) -> pa.Table:
        """What is read of the save that counts for a run, also when it is saved anew meanwhile."""
        while True:
            save = self._save_of(run)
            try:
                return read(save)
            except StoreError:
                if self._save_of(run) == save:  # not saved anew in between: the failure is real
                    raise

    def _rows(self, save: str) -> Rows:
        return Rows.of_table(tables.open_table(self._rows_uri), _ROWS, only=("save", save))

    def _read(self, save: str, section: str) -> pa.Table:
        chosen = ds.field("section") == pa.scalar(section)
        found = pa.Table.from_batches(self._rows(save).batches(RUN_ROWS.names, chosen=chosen), RUN_ROWS)
        return found.sort_by("position")

    def _table(self) -> DeltaTable:
        if tables.is_table(self._rows_uri):
            return tables.open_table(self._rows_uri)
        return tables.create_table(self._rows_uri, _ROWS, _SETTINGS, partition_by="save")

    def _clear(self, kept: set[str]) -> None:
        """Delete the rows of saves that no run names: replaced, deleted, or left behind by a killed analysis."""
        table = self._table()
        with engine_faults(self._rows_uri, "deleting old runs"):
            gone = sorted({str(partition["save"]) for partition in table.partitions()} - kept)
            for save in gone:
                table.delete(f"save = '{save}'", commit_properties=tables.NEXT_VERSION)  # hexadecimal digits only
        tables.sweep(table, ())

    @contextmanager
    def _alone(self, doing: str) -> Iterator[None]:
        lease = self._lease()
        lease.take(doing, _WAIT)
        try:
            yield
        except OvertakenError as error:
            raise StoreBusyError(f"{doing}: another analysis went ahead", hint="try again") from error
        finally:
            lease.give_back()


def _no_run(run: str) -> NotFoundError:
    return NotFoundError(f"there is no run {run!r}", hint="see the stored runs, or analyze first")
