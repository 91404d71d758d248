"""What ``doctor`` looks at in a store on Elasticsearch."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from indexer.errors import GapfinderError
from indexer.stores.contract import Finding, StoreInfo
from indexer.stores.elastic.connection import CLIENT_MAJOR, Connection
from indexer.stores.elastic.generations import count_rows, store_indices
from indexer.stores.elastic.lease import LEASE, describe, is_free
from indexer.stores.elastic.meta import Current, Meta
from indexer.stores.elastic.names import Names

_AGAIN: Final = "import the files into a new store, or bring the indices back from a backup"


def findings(connection: Connection, names: Names, info: StoreInfo) -> list[Finding]:
    """Everything there is to say about the store, the good too."""
    where = connection.address.shown
    found = [Finding("ok", "store", f"{where}: schema {info.schema_version}, made {info.created_at:%Y-%m-%d}")]
    meta = Meta(connection, names)
    looks: list[Callable[[], Iterator[Finding]]] = [
        lambda: _cluster(connection, names),
        lambda: _versions(connection),
        lambda: _records(connection, names, meta),
        lambda: _lease(meta),
    ]
    for look in looks:
        try:
            found.extend(look())
        except GapfinderError as error:
            found.append(Finding("error", "cluster", error.message, error.hint))
    return found


def _cluster(connection: Connection, names: Names) -> Iterator[Finding]:
    answer = connection.call(lambda client: client.cluster.health(index=f"{names.prefix}-*", timeout="5s"))
    status = answer["status"]
    nodes = f"{answer['number_of_data_nodes']} data nodes"
    if status == "green":
        yield Finding("ok", "cluster", f"green, {nodes}")
    elif status == "yellow":
        mend = "bring the missing nodes back, or set GAPFINDER_ES_REPLICAS=0 on a single node"
        yield Finding("warning", "cluster", f"yellow: some copies of shards are missing ({nodes})", mend)
    else:
        mend = "bring the missing nodes back; GET _cluster/allocation/explain says what is missing"
        yield Finding("error", "cluster", f"{status}: some data can't be read ({nodes})", mend)


def _versions(connection: Connection) -> Iterator[Finding]:
    answer = connection.call(lambda client: client.nodes.info(filter_path="nodes.*.version"))
    versions = sorted({node["version"] for node in answer["nodes"].values()})
    said = ", ".join(versions)
    if all(version.split(".")[0] == str(CLIENT_MAJOR) for version in versions):
        yield Finding("ok", "version", f"Elasticsearch {said}")
    else:
        mend = f"use a server of version {CLIENT_MAJOR}"
        yield Finding("error", "version", f"Elasticsearch {said}, but this program speaks to {CLIENT_MAJOR}", mend)


def _records(connection: Connection, names: Names, meta: Meta) -> Iterator[Finding]:
    current = meta.current()
    if current is None:
        yield Finding("warning", "manifest", "nothing was imported yet", "gapfinder import FILE")
        return
    manifest = current.published.manifest
    yield Finding("ok", "manifest", f"{manifest.name}, published {manifest.published_at:%Y-%m-%d %H:%M} UTC")
    there = store_indices(connection, names)
    for record, indices in current.published.indices.items():
        missing = [index for index in indices if index not in there]
        if missing:
            yield Finding("error", f"record {record}", f"indices are gone: {', '.join(missing)}", _AGAIN)
        else:
            yield _counted(connection, record, indices, manifest.counts.get(record, 0))
    leftovers = sorted(set(there) - _named(meta, current))
    if leftovers:
        message = f"an import is under way, or was killed and left {', '.join(leftovers)}"
        yield Finding("warning", "leftovers", message, "nothing to do: the next import takes them away")


def _counted(connection: Connection, record: str, indices: Sequence[str], published: int) -> Finding:
    rows = count_rows(connection, indices)
    if rows == published:
        return Finding("ok", f"record {record}", f"{rows:,} rows")
    return Finding("error", f"record {record}", f"{rows:,} rows, but {published:,} were published", _AGAIN)


def _named(meta: Meta, current: Current) -> set[str]:
    kept = (meta.published(number) for number in current.numbers)
    return {index for one in kept if one is not None for indices in one.indices.values() for index in indices}


def _lease(meta: Meta) -> Iterator[Finding]:
    stored = meta.get(LEASE)
    if stored is None or not stored.body["held"]:
        yield Finding("ok", "lease", "nobody writes")
    elif is_free(stored.body):
        yield Finding("warning", "lease", "the last import was killed", "nothing to do: the next import goes on")
    else:
        yield Finding("ok", "lease", describe(stored.body))
