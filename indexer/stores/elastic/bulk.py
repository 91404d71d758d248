"""Writing many documents: every one is answered for, whatever happens on the way.

Identifiers are decided by the records, so a request whose answer was lost is sent again without harm. Documents
that the server had no room for (429), or whose shard has no node yet (503), are sent again, and only those; a request
without an answer is repeated by itself, however long the others took. Several requests are under way at once, fewer
while the server refuses some.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Final

import orjson
from elasticsearch import Elasticsearch

from indexer.errors import StoreBusyError, StoreError
from indexer.stores.elastic.connection import TRANSIENT, Connection, is_full, reason_of
from indexer.stores.elastic.room import LANES, WAITS, wait
from indexer.stores.threads import in_order

CHUNK_DOCUMENTS: Final = 2_000
CHUNK_BYTES: Final = 8 * 1024 * 1024
_SHARD_SECONDS: Final = "15s"  # far less than a request may take: what waits for a lost node is said, and sent again
_FIRST_ERROR: Final = 300
_CONFLICT: Final = 409
_MISSING: Final = 404
_BAD_DOCUMENT: Final = 400

Action = dict[str, Any]
Answer = Mapping[str, Any]
_Line = bytes


@dataclass(slots=True)
class BulkResult:
    """Ids by what became of them; ``repeated`` when a request was sent twice, so that "noop" may be our own doing."""

    created: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    noop: list[str] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    rejected: list[tuple[str, str]] = field(default_factory=list)
    repeated: bool = False

    def take(self, identifier: str, result: str) -> None:
        """Note what became of one document."""
        kinds = {"created": self.created, "updated": self.updated, "noop": self.noop, "deleted": self.deleted}
        if result not in kinds:
            raise StoreError(f"the store said {result!r} of a document; that is no answer of Elasticsearch")
        kinds[result].append(identifier)

    @property
    def answered(self) -> int:
        """How many documents were answered for."""
        return sum(len(ids) for ids in (self.created, self.updated, self.noop, self.deleted)) + len(self.rejected)


def upsert(index: str, identifier: str, document: Mapping[str, Any]) -> Action:
    """Write the whole document; the server says whether that created, changed, or left it."""
    return {
        "_op_type": "update",
        "_index": index,
        "_id": identifier,
        "doc": document,
        "doc_as_upsert": True,
    }


def create(index: str, identifier: str, document: Mapping[str, Any]) -> Action:
    """Write a document that is most likely new: where it is there already, it becomes an :func:`upsert`."""
    return {"_op_type": "create", "_index": index, "_id": identifier, "_source": document}


def put(index: str, identifier: str, document: Mapping[str, Any]) -> Action:
    """Write the document over whatever is there, without looking."""
    return {"_op_type": "index", "_index": index, "_id": identifier, "_source": document}


def remove(index: str, identifier: str) -> Action:
    """Delete the document."""
    return {"_op_type": "delete", "_index": index, "_id": identifier}


def send(connection: Connection, actions: Iterable[Action]) -> BulkResult:
    """Send all actions, each with an id that no other of them has.

    Raises:
        StoreError: The server can't be reached, has no room, or did not answer for every document.
    """
    pending = {action["_id"]: action for action in actions}
    sent, result = len(pending), BulkResult()
    _send_pending(connection, pending, result)
    if pending or result.answered != sent:
        raise StoreError(
            f"{connection.address.shown} answered for {result.answered} of {sent} documents",
            hint="nothing was published; run the import again",
        )
    return result


def _send_pending(connection: Connection, pending: dict[str, Action], result: BulkResult) -> None:
    """Send what has no answer yet; whatever is answered leaves ``pending``."""

    def answers(lines: list[_Line]) -> list[Answer]:
        return _answers(connection, lines, result)

    known = 0
    with ThreadPoolExecutor(LANES) as pool:
        for answered in in_order(pool, answers, _requests(list(pending.values())), LANES - 1):
            known += _take(connection, answered, pending, result)
    if known:
        _send_pending(connection, pending, result)


def _requests(actions: Iterable[Action]) -> Iterator[list[_Line]]:
    """The actions as the lines of requests that are neither too long nor too large."""
    lines: list[_Line] = []
    size = 0
    for action in actions:
        line = _line(action)
        if lines and (len(lines) == CHUNK_DOCUMENTS or size + len(line) > CHUNK_BYTES):
            yield lines
            lines, size = [], 0
        lines.append(line)
        size += len(line)
    if lines:
        yield lines


def _line(action: Action) -> _Line:
    """What is sent for one action."""
    what = action["_op_type"]
    head = orjson.dumps({what: {"_index": action["_index"], "_id": action["_id"]}})
    if what == "delete":
        return head
    body = {"doc": action["doc"], "doc_as_upsert": True} if what == "update" else action["_source"]
    return head + b"\n" + orjson.dumps(body)


def _answers(connection: Connection, lines: list[_Line], result: BulkResult) -> list[Answer]:
    """The server's answer for each line; those that it had no room for are sent again, later and later, no others."""
    found: list[Answer] = []
    waits = iter(WAITS)
    left = lines
    while True:
        with connection.room.place():
            sent = _asked(connection, left, result)
        items: list[Answer] = [item for one in sent["items"] for item in one.values()]
        no_room = {place for place, item in enumerate(items) if item["status"] in TRANSIENT}
        if not no_room:
            connection.room.went_well()
        seconds = next(waits, None)
        if not no_room or seconds is None or len(items) != len(left):
            return found + items
        connection.room.refused()
        found += [item for place, item in enumerate(items) if place not in no_room]
        left = [line for place, line in enumerate(left) if place in no_room]
        wait(seconds)


def _asked(connection: Connection, lines: list[Any], result: BulkResult) -> Answer:
    """The answer to one request, which is repeated by itself until there is one."""
    attempts = 0

    def ask(client: Elasticsearch) -> Answer:
        nonlocal attempts
        attempts += 1
        result.repeated |= attempts > 1
        answer: Answer = client.bulk(operations=lines, timeout=_SHARD_SECONDS).body  # lines that are made already
        return answer

    return connection.call(ask)


def _take(connection: Connection, answers: Iterable[Answer], pending: dict[str, Action], result: BulkResult) -> int:
    """Note answers. What is there already and was to be created waits as an upsert; gives how many those are."""
    known = 0
    for item in answers:
        identifier, status = item["_id"], item["status"]
        if identifier not in pending:
            raise StoreError(f"{connection.address.shown} answered twice, or for a document that was not sent")
        if status < _FIRST_ERROR:
            result.take(identifier, item["result"])
        elif status == _MISSING and item.get("result") == "not_found":
            result.take(identifier, "deleted")
        elif status == _CONFLICT and pending[identifier]["_op_type"] == "create":
            tried = pending[identifier]
            pending[identifier] = upsert(tried["_index"], identifier, tried["_source"])
            known += 1
            continue
        elif status == _BAD_DOCUMENT:
            result.rejected.append((identifier, reason_of(item)))
        else:
            raise _failure(connection, item)
        del pending[identifier]
    return known


def _failure(connection: Connection, item: Mapping[str, Any]) -> Exception:
    """The error of a document that is not to blame itself."""
    reason, where = reason_of(item), connection.address.shown
    if item["status"] == _MISSING or "index_write_block" in reason or "index write (api)" in reason:
        return StoreBusyError(
            f"{where}: the indices of this import are gone or closed: {reason}",
            hint="another import took the store over; run this one again",
        )
    if is_full(reason):
        return StoreError(
            f"{where} takes no more writes: a disk of the cluster is nearly full ({reason})",
            hint="free disk space on the nodes; nothing was published, run the import again afterwards",
        )
    return StoreError(
        f"{where} did not take a document ({item['status']}): {reason}",
        hint="nothing was published; run the import again when the cluster has room",
    )
