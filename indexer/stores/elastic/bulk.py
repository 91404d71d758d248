"""Writing many documents: every one is answered for, whatever happens on the way.

Identifiers are decided by the records, so a request whose answer was lost is sent again without harm. The one retry
layer is here: the client's helper repeats items that the server had no room for, this module repeats requests without
answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import stamina
from elasticsearch import ApiError, TransportError
from elasticsearch.helpers import streaming_bulk

from indexer.errors import StoreBusyError, StoreError
from indexer.stores.elastic.connection import TRANSIENT, Connection, is_full, is_transient, reason_of

CHUNK_DOCUMENTS: Final = 2_000
CHUNK_BYTES: Final = 8 * 1024 * 1024
_ITEM_RETRIES: Final = 5
_MISSING: Final = 404
_BAD_DOCUMENT: Final = 400

Action = dict[str, Any]


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
    try:
        for attempt in stamina.retry_context(
            on=is_transient,
            attempts=None,
            timeout=connection.deadline_seconds,
            wait_initial=0.2,
            wait_max=10.0,
            wait_jitter=0.5,
        ):
            with attempt:
                result.repeated |= attempt.num > 1
                _send_once(connection, pending, result)
    except (ApiError, TransportError) as error:
        raise connection.translated(error) from error
    if pending or result.answered != sent:
        raise StoreError(
            f"{connection.address.shown} answered for {result.answered} of {sent} documents",
            hint="nothing was published; run the import again",
        )
    return result


def _send_once(connection: Connection, pending: dict[str, Action], result: BulkResult) -> None:
    """Send what has no answer yet; whatever is answered leaves ``pending``."""
    answers: Iterable[tuple[bool, dict[str, Any]]] = streaming_bulk(
        connection.client,
        list(pending.values()),
        chunk_size=CHUNK_DOCUMENTS,
        max_chunk_bytes=CHUNK_BYTES,
        raise_on_error=False,
        raise_on_exception=False,
        max_retries=_ITEM_RETRIES,
        initial_backoff=0.5,
        max_backoff=30,
        retry_on_status=TRANSIENT,
        yield_ok=True,
    )
    for good, answer in answers:
        _, item = next(iter(answer.items()))
        identifier = item["_id"]
        if identifier not in pending:
            raise StoreError(f"{connection.address.shown} answered twice, or for a document that was not sent")
        if good or (item["status"] == _MISSING and item.get("result") == "not_found"):
            result.take(identifier, "deleted" if item.get("result") == "not_found" else item["result"])
        elif item["status"] == _BAD_DOCUMENT:
            result.rejected.append((identifier, reason_of(item)))
        else:
            raise _failure(connection, item)
        del pending[identifier]


def _failure(connection: Connection, item: Mapping[str, Any]) -> Exception:
    """The error of a document that is not to blame itself."""
    cause = item.get("exception")
    if isinstance(cause, ApiError | TransportError):
        return cause  # the whole request failed: repeated above, or translated
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
