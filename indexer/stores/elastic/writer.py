"""The one writer: everything goes into the next generation, which becomes visible as a whole or not at all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final, Self

import pyarrow as pa

from indexer.errors import StoreError, UsageError
from indexer.records import RECORDS, SCHEMA_VERSION
from indexer.stores.checks import check_rows, columns_of, record_of
from indexer.stores.contract import Manifest, SegmenterStamp, Writer, WriteResult
from indexer.stores.elastic.bulk import Action, BulkResult, create, put, remove, send, upsert
from indexer.stores.elastic.connection import Connection, whole
from indexer.stores.elastic.documents import keep_last, parts_of_rows, to_documents
from indexer.stores.elastic.generations import Generation, Layout, Part, count_rows, delete_index, store_indices
from indexer.stores.elastic.lease import Lease
from indexer.stores.elastic.meta import Current, Meta, Published, as_current
from indexer.stores.elastic.names import Names
from indexer.stores.elastic.pages import Hit
from indexer.stores.elastic.queries import JsonObject, ids_elsewhere, ids_page
from indexer.stores.elastic.snapshot import ElasticSnapshot, rows_by_id

KEPT_MANIFESTS: Final = 3  # readers of the last ones go on reading
_ROWS_AT_ONCE: Final = 10_000
_LAST_SECONDS: Final = 10.0


class ElasticWriter(Writer):
    """Holds the lease between entering and leaving.

    Args:
        connection: The way to the server.
        names: The store's names.
        layout: How new indices are spread over the cluster.
        lease: The lease to take.
        named: Gives the numbers of the manifests that stored runs name.
    """

    def __init__(
        self, connection: Connection, names: Names, layout: Layout, lease: Lease, named: Callable[[], set[int]]
    ) -> None:
        self._connection = connection
        self._names = names
        self._layout = layout
        self._lease = lease
        self._named = named
        self._meta = Meta(connection, names)
        self._tally: dict[str, _Tally] = {}
        self._done = True  # until it is entered, and again once it is left

    def __enter__(self) -> Self:
        self._lease.take()
        try:
            self._fence = self._meta.fence(self._lease.token)
            self._current = as_current(self._fence)
            self._generation = self._next_generation()
            self._remove_leftovers()
        except BaseException:
            self._lease.give_back()
            raise
        self._done = False
        return self

    def __exit__(self, *error: object) -> None:
        self._done = True
        try:
            # A server that is gone has kept us waiting long enough by then.
            self._generation.drop(deadline=None if error[0] is None else _LAST_SECONDS)
        except StoreError:
            # The next writer removes what is left; an error that led here must not be hidden by this one.
            if error[0] is None:
                raise
        finally:
            self._lease.give_back()

    def write(self, record: str, rows: pa.Table) -> WriteResult:
        """Insert or update rows by id; equal content means unchanged."""
        self._check()
        kind = record_of(record)
        good, refused = check_rows(kind, rows)
        latest = keep_last(good, kind.id_field)
        tally = self._tally.setdefault(record, _Tally())
        written, rejected = 0, list(refused)
        for start in range(0, latest.num_rows, _ROWS_AT_ONCE):
            result, moved = self._upsert(record, latest.slice(start, _ROWS_AT_ONCE))
            tally.add(result, moved)
            rejected += result.rejected
            written += len(result.created) + len(result.updated)
        return WriteResult(written, rows.num_rows - written - len(rejected), tuple(rejected))

    def existing(self, record: str, ids: Sequence[str]) -> pa.Table:
        """The rows of those ids as this writer would publish them now."""
        self._check()
        kind = record_of(record)
        self._generation.refresh(record)
        return rows_by_id(kind, kind.schema.names, ids, lambda body: self._find(record, body))

    def replace(self, record: str, batches: Iterator[pa.RecordBatch]) -> int:
        """Write the whole record anew from ``batches``; returns the number of rows."""
        self._check()
        kind = record_of(record)
        self._generation.start_anew(record)
        self._tally.pop(record, None)
        for batch in batches:
            rows, refused = check_rows(kind, batch)
            if refused:
                raise UsageError(f"{record} {refused[0][0][:80]!r} can't be stored: {refused[0][1]}")
            for start in range(0, rows.num_rows, _ROWS_AT_ONCE):
                self._overwrite(record, keep_last(rows.slice(start, _ROWS_AT_ONCE), kind.id_field))
        self._generation.refresh(record)
        return count_rows(self._connection, self._generation.indices(record))

    def scan(self, record: str, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
        """The rows as published before this writer began."""
        names = columns_of(record_of(record), columns)
        return self._scan(record, names)

    def publish(self, segmenter: SegmenterStamp, words: Sequence[tuple[str, int]] = ()) -> Manifest:
        """Make all writes visible at once."""
        self._check()
        self._lease.confirm()
        changed = self._settle()
        current = self._current
        old = None if current is None else current.published.manifest
        if old is not None and not changed and old.segmenter == segmenter and old.words == tuple(words):
            return old
        new = Published(self._manifest(segmenter, tuple(words), changed), self._all_indices())
        kept, gone = self._kept()
        self._lease.confirm()
        self._fence = self._meta.publish(new, kept, self._fence)
        self._current = Current(new, (*kept, new.manifest.number))
        self._generation = self._next_generation()
        self._tally.clear()
        self._point_aliases(new)
        for number in gone:
            self._meta.forget(number)
        self._remove_leftovers()
        return new.manifest

    def _check(self) -> None:
        if self._done:
            raise UsageError("this writer is done", hint="take a new one")
        self._lease.check()

    def _scan(self, record: str, names: Sequence[str]) -> Iterator[pa.RecordBatch]:
        if self._current is None:
            return
        with ElasticSnapshot(self._connection, self._current.published) as snapshot:
            yield from snapshot.scan(record, names)

    def _upsert(self, record: str, rows: pa.Table) -> tuple[BulkResult, int]:
        """Write rows with distinct ids; also gives how many of them lay elsewhere before."""
        return self._send(record, rows, lambda part: create if part.mostly_new else upsert)

    def _overwrite(self, record: str, rows: pa.Table) -> None:
        result, _ = self._send(record, rows, lambda _: put)
        if result.rejected:
            identifier, reason = result.rejected[0]
            raise UsageError(f"{record} {identifier[:80]!r} can't be stored: {reason}")

    def _send(
        self, record: str, rows: pa.Table, action: Callable[[Part], Callable[[str, str, Mapping[str, Any]], Action]]
    ) -> tuple[BulkResult, int]:
        id_field = RECORDS[record].id_field
        parts = parts_of_rows(record, rows)
        targets = {name: self._generation.writable(record, name) for name in dict.fromkeys(parts)}
        where: dict[str, str] = {}
        actions: list[Action] = []
        for part, document in zip(parts, to_documents(record, rows), strict=True):
            target = targets[part]
            where[document[id_field]] = target.index
            actions.append(action(target)(target.index, document[id_field], document))
        for target in targets.values():
            target.dirty = True
        result = send(self._connection, actions)
        written, created = Counter(where.values()), Counter(where[one] for one in result.created)
        for target in targets.values():
            target.mostly_new = 2 * created[target.index] > written[target.index]
        maybe_new = [*result.created, *(result.noop if result.repeated else ())]
        return result, self._remove_moved(record, {one: where[one] for one in maybe_new})

    def _remove_moved(self, record: str, where: Mapping[str, str]) -> int:
        """Delete searches from all months but the one they were just written to; returns how many there were.

        There is at most one other copy of each: before this batch every id lay in one month only.
        """
        parts = {index: part for part, index in self._generation.part_indices(record).items()}
        if len(parts) == 1 or not where:
            return 0
        self._generation.refresh(record)
        actions: list[Action] = []
        for hit in self._find(record, {**ids_page(list(where), ()), "query": ids_elsewhere(where)}):
            part = self._generation.writable(record, parts[hit["_index"]])
            part.dirty = True
            actions.append(remove(part.index, hit["_id"]))
        return len(send(self._connection, actions).deleted) if actions else 0

    def _find(self, record: str, body: JsonObject) -> Sequence[Hit]:
        """Hits among the records as they would be published now."""
        indices = self._generation.indices(record)
        if not indices:
            return []
        asked = {("source" if name == "_source" else name): value for name, value in body.items()}
        answer = self._connection.call(
            lambda client: client.search(index=indices, allow_partial_search_results=False, **asked)
        )
        hits: Sequence[Hit] = whole(answer.body, self._connection.address.shown)["hits"]["hits"]
        return hits

    def _settle(self) -> set[str]:
        """Bring every record to rest and check its count; gives the records that changed."""
        changed = set()
        for record in RECORDS:
            if not self._generation.own_parts(record) and not self._generation.was_replaced(record):
                continue
            self._generation.refresh(record)
            if self._generation.changed(record):
                self._check_count(record)
                self._generation.close(record)
                changed.add(record)
            else:
                self._generation.drop_untouched(record)
        return changed

    def _check_count(self, record: str) -> None:
        """What the indices hold must be what the server said of every document.

        A node that dies may have written a document whose "created" nobody heard; the same document sent again is then
        "unchanged". So the count may exceed by those, never fall short.
        """
        if self._generation.was_replaced(record):
            return
        own = self._generation.own_parts(record)
        tally = self._tally.get(record, _Tally())
        expected = sum(part.rows for part in own) + tally.created - tally.removed
        found = count_rows(self._connection, [part.index for part in own])
        if not expected <= found <= expected + tally.unchanged:
            raise StoreError(
                f"{self._connection.address.shown} holds {found} records of {record} where {expected} were written",
                hint="nothing was published; run the import again, and check the cluster's health if it comes back",
            )

    def _manifest(self, segmenter: SegmenterStamp, words: tuple[tuple[str, int], ...], changed: set[str]) -> Manifest:
        old = None if self._current is None else self._current.published.manifest
        versions = dict(old.versions) if old else {}
        counts = dict(old.counts) if old else {}
        for record in sorted(changed):
            versions[record] = self._generation.number
            counts[record] = count_rows(self._connection, self._generation.indices(record))
        return Manifest(
            number=self._generation.number,
            versions=versions,
            counts=counts,
            segmenter=segmenter,
            schema_version=SCHEMA_VERSION,
            published_at=datetime.now(UTC),
            words=words,
        )

    def _all_indices(self) -> dict[str, list[str]]:
        indices = {record: self._generation.indices(record) for record in RECORDS}
        return {record: found for record, found in indices.items() if found}

    def _kept(self) -> tuple[list[int], list[int]]:
        """Numbers of the older manifests that stay (the last ones, and those that runs name), and of the others."""
        numbers = () if self._current is None else self._current.numbers
        staying = {*numbers[-(KEPT_MANIFESTS - 1) :], *self._named()}
        return [one for one in numbers if one in staying], [one for one in numbers if one not in staying]

    def _next_generation(self) -> Generation:
        current = self._current
        number = 1 if current is None else current.published.manifest.number + 1
        base = {} if current is None else current.published.indices
        return Generation(self._connection, self._names, self._layout, number=number, mark=self._lease.token, base=base)

    def _remove_leftovers(self) -> None:
        """Delete what no kept manifest names: a killed import's indices, and generations that are too old."""
        needed: set[str] = set()
        numbers = () if self._current is None else self._current.numbers
        for number in numbers:
            published = self._meta.published(number)
            if published is not None:
                needed.update(index for indices in published.indices.values() for index in indices)
        for index in store_indices(self._connection, self._names):
            if index not in needed:
                delete_index(self._connection, index)

    def _point_aliases(self, published: Published) -> None:
        """Let the aliases show the newest manifest, all in one step. Readers of ours do not use them."""
        actions: list[dict[str, Any]] = []
        for record, indices in published.indices.items():
            alias = self._names.alias(record)
            actions.append({"remove": {"index": self._names.pattern(record), "alias": alias, "must_exist": False}})
            actions += [{"add": {"index": index, "alias": alias}} for index in indices]
        if actions:
            self._connection.call(lambda client: client.indices.update_aliases(actions=actions))


class _Tally:
    """What became of a record's documents in this generation."""

    def __init__(self) -> None:
        self.created = self.unchanged = self.removed = 0

    def add(self, result: BulkResult, moved: int) -> None:
        self.created += len(result.created)
        self.unchanged += len(result.noop)
        self.removed += moved
