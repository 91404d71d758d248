"""Indices of one generation while it is written: cloned from the published ones, or new, part by part."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from elastic_transport import ObjectApiResponse
from elasticsearch import Elasticsearch, NotFoundError

from indexer.errors import PartialAnswerError, StoreError
from indexer.records import RECORDS
from indexer.stores.elastic.connection import Connection
from indexer.stores.elastic.mappings import clone_settings, record_index
from indexer.stores.elastic.meta import create_index
from indexer.stores.elastic.names import Names, parts_of

LARGEST_SHARD: Final = 40 << 30  # bytes; what is beyond is split in two at the next import
FULLEST_SHARD: Final = 1 << 29  # records, likewise; a shard can't hold more than 2^31
_SECONDS: Final = "45s"  # less than a request may take, so that the server says itself what is missing
_ROOM_SECONDS: Final = 180


@dataclass(frozen=True, slots=True)
class Layout:
    """How indices are spread over the cluster."""

    shards: int
    replicas: int


@dataclass(frozen=True, slots=True)
class Size:
    """How large an index is, without its replicas.

    Attributes:
        shards: Its shards.
        records: Its records.
        stored: Its bytes on the disk.
    """

    shards: int
    records: int
    stored: int


@dataclass(slots=True)
class Part:
    """An index that this generation may write to.

    Attributes:
        index: Its name.
        rows: Records in it before it was written to.
        operations: Writes it had taken by then.
        dirty: Whether something was written that no search sees yet.
        mostly_new: Whether most of what was written last was not there before; then the next is taken to be new, which
            costs less, and what is there all the same is sent once more.
    """

    index: str
    rows: int = 0
    operations: int = 0
    dirty: bool = False
    mostly_new: bool = True


class Generation:
    """The next generation of a store.

    Args:
        connection: The way to the server.
        names: The store's names.
        layout: How new indices are spread.
        number: Number of this generation.
        mark: What tells its writer from all others.
        base: The published indices by record.
    """

    def __init__(
        self,
        connection: Connection,
        names: Names,
        layout: Layout,
        *,
        number: int,
        mark: str,
        base: Mapping[str, Sequence[str]],
    ) -> None:
        self.number = number
        self._mark = mark
        self._connection = connection
        self._names = names
        self._layout = layout
        self._base = {record: parts_of(names, base.get(record, ())) for record in RECORDS}
        self._own: dict[str, dict[str, Part]] = {record: {} for record in RECORDS}
        self._replaced: set[str] = set()

    def writable(self, record: str, part: str) -> Part:
        """The index of a part, ready to be written to."""
        own = self._own[record]
        if part not in own:
            name = self._names.index(record, self.number, self._mark, part)
            base = None if record in self._replaced else self._base[record].get(part)
            own[part] = self._create(record, name) if base is None else self._clone(base, name)
        return own[part]

    def start_anew(self, record: str) -> None:
        """Forget all that a record has, published or written."""
        for part in self._own[record].values():
            delete_index(self._connection, part.index)
        self._own[record].clear()
        self._replaced.add(record)

    def indices(self, record: str) -> list[str]:
        """The indices of a record as they would be published now."""
        parts = {} if record in self._replaced else dict(self._base[record])
        parts.update({name: part.index for name, part in self._own[record].items()})
        return [parts[name] for name in sorted(parts)]

    def part_indices(self, record: str) -> dict[str, str]:
        """Those indices by part."""
        return parts_of(self._names, self.indices(record))

    def own_parts(self, record: str) -> Collection[Part]:
        """The indices of a record that belong to this generation."""
        return self._own[record].values()

    def was_replaced(self, record: str) -> bool:
        """Whether the record is written anew."""
        return record in self._replaced

    def refresh(self, record: str) -> None:
        """Let searches see what was written to a record."""
        dirty = [part for part in self._own[record].values() if part.dirty]
        if not dirty:
            return
        answer = self._connection.call(lambda client: client.indices.refresh(index=[part.index for part in dirty]))
        if answer["_shards"]["failed"]:
            raise PartialAnswerError(f"{self._connection.address.shown} could not refresh all shards of {record}")
        for part in dirty:
            part.dirty = False

    def changed(self, record: str) -> bool:
        """Whether anything at all was written: the server counts its writes, whoever was told of them."""
        own = self._own[record].values()
        return record in self._replaced or any(
            operations(self._connection, part.index) > part.operations for part in own
        )

    def close(self, record: str) -> None:
        """Make sure that nothing is ever written to a record's indices again; only then can they be cloned."""
        for part in self._own[record].values():
            add_block(self._connection, part.index)

    def drop(self, *, deadline: float | None = None) -> None:
        """Remove the whole generation."""
        for parts in self._own.values():
            for part in parts.values():
                delete_index(self._connection, part.index, deadline=deadline)
            parts.clear()

    def drop_untouched(self, record: str) -> None:
        """Go back to the published indices of a record: its clones took nothing new."""
        for part in self._own[record].values():
            delete_index(self._connection, part.index)
        self._own[record].clear()

    def _create(self, record: str, name: str) -> Part:
        """A new index. It gets as many shards as the largest of its kind needs: a month is about as large as others."""
        others = sizes(self._connection, list(self._base[record].values()))
        shards = max([self._layout.shards, *(shards_for(size) for size in others.values())])
        create_index(self._connection, name, record_index(record, shards=shards, replicas=self._layout.replicas))
        return Part(name)

    def _clone(self, base: str, name: str) -> Part:
        try:
            self._clone_once(base, name)
        except StoreError as error:
            # A clone whose answer was lost is there when it is asked for again.
            if "resource_already_exists" not in error.message:
                raise
        wait_for_index(self._connection, name)
        rows, taken = count_rows(self._connection, [name]), operations(self._connection, name)
        return Part(name, rows=rows, operations=taken, mostly_new=False)

    def _clone_once(self, base: str, name: str) -> None:
        size = sizes(self._connection, [base]).get(base)
        wanted = None if size is None or shards_for(size) == size.shards else shards_for(size)
        body = clone_settings(replicas=self._layout.replicas, shards=wanted)

        def copy(client: Elasticsearch) -> ObjectApiResponse[Any]:
            make = client.indices.clone if wanted is None else client.indices.split
            return make(index=base, target=name, timeout=_SECONDS, **body)

        try:
            self._connection.call(copy, expect=(NotFoundError,))
        except NotFoundError as error:
            raise StoreError(
                f"the index {base} of the newest snapshot is gone",
                hint="it was deleted by hand; restore it, or import everything into a new store",
            ) from error


def shards_for(size: Size) -> int:
    """How many shards an index of that size should have: doubled until none is too large.

    Splitting only ever doubles, since each shard's hash range is cut in two.
    """
    shards = size.shards
    while size.stored > shards * LARGEST_SHARD or size.records > shards * FULLEST_SHARD:
        shards *= 2
    return shards


def sizes(connection: Connection, indices: Sequence[str]) -> dict[str, Size]:
    """The size of each index; of none where one is gone, which whoever reads it will tell."""
    if not indices:
        return {}
    try:
        answer = connection.call(
            lambda client: client.indices.stats(index=list(indices), metric=["store", "docs"], level="shards"),
            expect=(NotFoundError,),
        )
    except NotFoundError:
        return {}
    return {
        index: Size(
            shards=len(found["shards"]),
            records=int(found["primaries"]["docs"]["count"]),
            stored=int(found["primaries"]["store"]["size_in_bytes"]),
        )
        for index, found in answer["indices"].items()
    }


def wait_for_index(connection: Connection, index: str) -> None:
    """Wait until the primary shards of an index are there."""
    answer = connection.call(
        lambda client: client.options(request_timeout=_ROOM_SECONDS + 30).cluster.health(
            index=index, wait_for_status="yellow", timeout=f"{_ROOM_SECONDS}s"
        )
    )
    if answer["timed_out"]:
        raise StoreError(
            f"{connection.address.shown} has no room for the index {index}",
            hint="see GET _cluster/allocation/explain: the disks may be too full",
        )


def count_rows(connection: Connection, indices: Sequence[str]) -> int:
    """Number of records in some indices, exact."""
    if not indices:
        return 0
    answer = connection.call(lambda client: client.count(index=list(indices)))
    if answer["_shards"]["failed"]:
        raise PartialAnswerError(f"{connection.address.shown} could not count all shards")
    return int(answer["count"])


def operations(connection: Connection, index: str) -> int:
    """How many writes the primary shards of an index have taken in all."""
    answer = connection.call(lambda client: client.indices.stats(index=index, metric="docs", level="shards"))
    copies: list[dict[str, Any]] = [
        copy for shards in answer["indices"][index]["shards"].values() for copy in shards if copy["routing"]["primary"]
    ]
    return sum(int(copy["seq_no"]["max_seq_no"]) + 1 for copy in copies)


def add_block(connection: Connection, index: str) -> None:
    """Forbid writing to an index; waits until no write is on its way."""
    answer = connection.call(lambda client: client.indices.add_block(index=index, block="write", timeout=_SECONDS))
    if not answer["acknowledged"]:
        raise StoreError(f"{connection.address.shown} did not close {index} for writing", hint="run the import again")


def delete_index(connection: Connection, index: str, *, deadline: float | None = None) -> None:
    """Remove an index; one that is not there is no error."""
    with suppress(NotFoundError):
        connection.call(
            lambda client: client.indices.delete(index=index, timeout=_SECONDS),
            expect=(NotFoundError,),
            deadline=deadline,
        )


def store_indices(connection: Connection, names: Names) -> dict[str, tuple[str, int, str]]:
    """All indices of all generations that exist: record, generation and part of each."""
    patterns = [names.pattern(record) for record in RECORDS]
    answer = connection.call(
        lambda client: client.indices.get(index=patterns, expand_wildcards="all", features=["aliases"])
    )
    found = {index: names.generation(index) for index in answer}
    return {index: one for index, one in found.items() if one is not None}
