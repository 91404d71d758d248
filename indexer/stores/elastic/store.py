"""The server store: opening or making it, and what it hands out."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable
from typing import Final, Self

import pyarrow as pa

from indexer.errors import NotFoundError, StoreError, UsageError
from indexer.stores.contract import Finding, Manifest, RunInfo, Snapshot, Store, StoreInfo
from indexer.stores.elastic.connection import Connection, parse_address
from indexer.stores.elastic.generations import Layout
from indexer.stores.elastic.health import findings
from indexer.stores.elastic.lease import Lease
from indexer.stores.elastic.meta import Meta
from indexer.stores.elastic.names import Names
from indexer.stores.elastic.runs import Runs
from indexer.stores.elastic.snapshot import ElasticSnapshot
from indexer.stores.elastic.writer import ElasticWriter

REPLICAS_VARIABLE: Final = "GAPFINDER_ES_REPLICAS"
SHARDS_VARIABLE: Final = "GAPFINDER_ES_SHARDS"
_OPEN_SECONDS: Final = 5.0  # a wrong address should be said soon


class ElasticStore(Store):
    """A store in the indices of one prefix on an Elasticsearch cluster."""

    def __init__(self, connection: Connection, names: Names, info: StoreInfo) -> None:
        self.url = connection.address.shown
        self.info = info
        self.connection = connection
        self.names = names
        self._meta = Meta(connection, names)
        self._runs = Runs(connection, names)

    @classmethod
    def open(cls, url: str, *, create: bool = False, salt: str | None = None) -> Self:
        """Open the store, or make it when ``create`` is set.

        Args:
            url: ``http(s)://[user:password@]host[:9200][/prefix]``; an API key may stand in ``GAPFINDER_ES_API_KEY``.
            create: Make the store when there is none.
            salt: Used instead of the store's own; a store that is made keeps it.

        Raises:
            UsageError: The address can't be one.
            StoreError: There is no store, the server can't be reached or does not let us in.
        """
        address = parse_address(url)
        names = Names(address.prefix)
        connection = Connection(address)
        try:
            info = _info(connection, names, create=create, salt=salt)
        except BaseException:
            connection.close()
            raise
        return cls(connection, names, info)

    def manifest(self) -> Manifest | None:
        """The newest published manifest; None when nothing was ever published."""
        current = self._meta.current()
        return None if current is None else current.published.manifest

    def snapshot(self, number: int | None = None) -> Snapshot:
        """Open a snapshot, the newest by default."""
        current = self._meta.current()
        if current is None:
            raise NotFoundError(f"{self.url}: nothing was imported yet", hint="gapfinder import FILE")
        if number is None or number == current.published.manifest.number:
            return ElasticSnapshot(self.connection, current.published)
        published = self._meta.published(number) if number in current.numbers else None
        if published is None:
            kept = ", ".join(map(str, current.numbers))
            raise NotFoundError(f"there is no snapshot-{number}", hint=f"snapshots that are kept: {kept}")
        return ElasticSnapshot(self.connection, published)

    def writer(self, *, holder: str, wait_seconds: float = 0.0) -> ElasticWriter:
        """Take the lease and write."""
        lease = Lease(self._meta, holder=holder, wait_seconds=wait_seconds)
        return ElasticWriter(self.connection, self.names, layout_of(self.connection), lease, self._runs.snapshots)

    def save_run(self, info: RunInfo, rows: pa.Table | Iterable[pa.RecordBatch]) -> None:
        """Keep the results of an analysis."""
        self._runs.save(info, rows)

    def runs(self) -> list[RunInfo]:
        """All stored runs, newest first."""
        return self._runs.all()

    def run_rows(self, run: str, section: str) -> pa.Table:
        """The rows of one section of a run by position."""
        return self._runs.rows(run, section)

    def run_row(self, run: str, section: str, key: str) -> str | None:
        """The body of the first row of that key in a section of a run, by position; None when there is none."""
        return self._runs.row(run, section, key)

    def delete_run(self, run: str) -> None:
        """Forget a run."""
        self._runs.delete(run)

    def check(self) -> list[Finding]:
        """What is wrong with the store and how to mend it."""
        return findings(self.connection, self.names, self.info)

    def close(self) -> None:
        """Give back connections."""
        self.connection.close()


def layout_of(connection: Connection) -> Layout:
    """How indices are spread: a shard for each data node, and a copy of each where there are several nodes."""
    health = connection.call(lambda client: client.cluster.health(timeout="5s"), deadline=_OPEN_SECONDS)
    nodes = max(1, int(health["number_of_data_nodes"]))
    return Layout(
        shards=_number(SHARDS_VARIABLE, min(nodes, 8), least=1),
        replicas=_number(REPLICAS_VARIABLE, 1 if nodes > 1 else 0, least=0),
    )


def _number(variable: str, default: int, *, least: int) -> int:
    text = os.environ.get(variable, "")
    if not text:
        return default
    if not (text.isascii() and text.isdigit()) or int(text) < least:
        raise UsageError(f"{variable} is {text!r}, but must be a whole number from {least} on")
    return int(text)


def _info(connection: Connection, names: Names, *, create: bool, salt: str | None) -> StoreInfo:
    layout = layout_of(connection)
    meta = Meta(connection, names)
    info = meta.info()
    if info is None and create:
        meta.create(salt or secrets.token_hex(32), shards=layout.shards, replicas=layout.replicas)
        info = meta.info()
    if info is None:
        shown = connection.address.shown
        raise StoreError(f"{shown}: there is no store", hint="import something first: gapfinder import FILE")
    return StoreInfo(salt or info.salt, info.schema_version, info.created_at)
