"""The store's own documents: what it is, its manifests, and which of them is the newest.

They are read by id, which is always up to date. The document ``current`` is the one that makes a manifest visible; it
is replaced only if nobody else replaced it in the meantime.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, Final

from elasticsearch import BadRequestError, ConflictError, NotFoundError

from indexer.errors import StoreBusyError, StoreError
from indexer.records import SCHEMA_VERSION
from indexer.stores.contract import Manifest, SegmenterStamp, StoreInfo
from indexer.stores.elastic.connection import Connection
from indexer.stores.elastic.mappings import guard_template, meta_index, month_template, run_rows_index, runs_index
from indexer.stores.elastic.names import BY_MONTH, Names

INFO: Final = "info"
CURRENT: Final = "current"
MARKER: Final = "gapfinder"


@dataclass(frozen=True, slots=True)
class Stored:
    """A document with what is needed to replace exactly this state of it."""

    body: dict[str, Any]
    seq_no: int
    primary_term: int


@dataclass(frozen=True, slots=True)
class Published:
    """A manifest with the indices it consists of."""

    manifest: Manifest
    indices: Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Current:
    """The newest manifest, and the numbers of all that are kept, oldest first."""

    published: Published
    numbers: tuple[int, ...]


class Meta:
    """The index of a store's own documents."""

    def __init__(self, connection: Connection, names: Names) -> None:
        self._connection = connection
        self._names = names

    def create(self, salt: str, *, shards: int, replicas: int) -> None:
        """Make the store's own indices and say what it is; nothing that is already there changes."""
        self._put_template(self._names.guard, guard_template(self._names.patterns()))
        for record in BY_MONTH:
            pattern = self._names.pattern(record)
            months = month_template(record, pattern, shards=shards, replicas=replicas)
            self._put_template(self._names.template(record), months)
        for name, body in (
            (self._names.runs, runs_index(replicas=replicas)),
            (self._names.run_rows, run_rows_index(replicas=replicas)),
            (self._names.meta, meta_index(replicas=replicas)),
        ):
            create_index(self._connection, name, body)
        info = {
            "marker": MARKER,
            "salt": salt,
            "schema_version": SCHEMA_VERSION,
            "created_at": datetime.now(UTC).isoformat(),
        }
        self.put_new(INFO, info)

    def _put_template(self, name: str, body: Mapping[str, Any]) -> None:
        self._connection.call(lambda client: client.indices.put_index_template(name=name, **body))

    def info(self) -> StoreInfo | None:
        """What the store is; None when there is none.

        Raises:
            StoreError: It was made by a newer version, or its index is not one of ours.
        """
        stored = self.get(INFO)
        if stored is None:
            return None
        body = stored.body
        if body.get("marker") != MARKER:
            raise StoreError(f"{self._names.meta} is not an index of this program", hint="choose another prefix")
        if body["schema_version"] > SCHEMA_VERSION:
            raise StoreError(
                f"{self._connection.address.shown} was made by a newer version (schema {body['schema_version']})",
                hint="update gapfinder",
            )
        return StoreInfo(body["salt"], body["schema_version"], datetime.fromisoformat(body["created_at"]))

    def get(self, name: str) -> Stored | None:
        """A document; None when it or the index is not there."""
        try:
            answer = self._connection.call(
                lambda client: client.get(index=self._names.meta, id=name), expect=(NotFoundError,)
            )
        except NotFoundError:
            return None
        return Stored(answer["_source"]["body"], answer["_seq_no"], answer["_primary_term"])

    def put_new(self, name: str, body: Mapping[str, Any]) -> bool:
        """Write a document that must not be there yet; False when it is."""
        try:
            self._connection.call(
                lambda client: client.index(
                    index=self._names.meta, id=name, document={"body": body}, op_type="create", require_alias=False
                ),
                expect=(ConflictError,),
            )
        except ConflictError:
            return False
        return True

    def replace(
        self, name: str, body: Mapping[str, Any], old: Stored, *, deadline: float | None = None
    ) -> Stored | None:
        """Replace exactly that state of a document; None when somebody else was faster.

        A request whose answer was lost is sent again and meets a newer state: then the body decides whether it was
        ours.
        """
        try:
            answer = self._connection.call(
                lambda client: client.index(
                    index=self._names.meta,
                    id=name,
                    document={"body": body},
                    if_seq_no=old.seq_no,
                    if_primary_term=old.primary_term,
                ),
                expect=(ConflictError,),
                deadline=deadline,
            )
        except ConflictError:
            now = self.get(name)
            return now if now is not None and now.body == body else None
        return Stored(dict(body), answer["_seq_no"], answer["_primary_term"])

    def put(self, name: str, body: Mapping[str, Any]) -> None:
        """Write a document, whatever was there."""
        self._connection.call(lambda client: client.index(index=self._names.meta, id=name, document={"body": body}))

    def delete(self, name: str) -> None:
        """Remove a document."""
        try:
            self._connection.call(
                lambda client: client.delete(index=self._names.meta, id=name), expect=(NotFoundError,)
            )
        except NotFoundError:
            return

    def current(self) -> Current | None:
        """The newest manifest; None when nothing was ever published."""
        stored = self.get(CURRENT)
        return None if stored is None else as_current(stored)

    def published(self, number: int) -> Published | None:
        """A kept manifest."""
        stored = self.get(_manifest_name(number))
        return None if stored is None else _published(stored.body)

    def fence(self, writer: str) -> Stored:
        """The state of ``current`` that this writer may replace; every earlier writer can no longer.

        A writer that slept beyond its lease thus finds out when it publishes, whatever its clock says.

        Raises:
            StoreBusyError: Another writer did the same at the same moment.
        """
        old = self.get(CURRENT)
        if old is None:
            self.put_new(CURRENT, {"published": None, "numbers": [], "writer": writer})
            old = self.get(CURRENT)
        mine = None if old is None else self.replace(CURRENT, {**old.body, "writer": writer}, old)
        if mine is None:
            raise StoreBusyError("another import has begun at the same moment", hint="run this import again")
        return mine

    def publish(self, new: Published, kept: Sequence[int], fence: Stored) -> Stored:
        """Make a manifest the newest one, at once and for everybody.

        Args:
            new: The manifest.
            kept: Numbers of the older manifests that stay.
            fence: What :meth:`fence` or the last publication gave.

        Raises:
            StoreBusyError: Another writer has begun in the meantime.
        """
        body = _as_body(new)
        self.put(_manifest_name(new.manifest.number), body)
        current = {"published": body, "numbers": [*kept, new.manifest.number], "writer": fence.body["writer"]}
        done = self.replace(CURRENT, current, fence)
        if done is None:
            raise StoreBusyError("another import took the store over", hint="run this import again")
        return done

    def forget(self, number: int) -> None:
        """Remove a manifest that is not kept."""
        self.delete(_manifest_name(number))


def create_index(connection: Connection, name: str, body: Mapping[str, Any]) -> None:
    """Make an index; one that is there stays as it is."""
    try:
        connection.call(lambda client: client.indices.create(index=name, **body, timeout="60s"))
    except StoreError as error:
        if not isinstance(error.__cause__, BadRequestError) or "resource_already_exists" not in error.message:
            raise


def _manifest_name(number: int) -> str:
    return f"manifest-{number:06d}"


def _as_body(published: Published) -> dict[str, Any]:
    manifest = published.manifest
    return {
        "number": manifest.number,
        "versions": dict(manifest.versions),
        "counts": dict(manifest.counts),
        "segmenter": asdict(manifest.segmenter) if manifest.segmenter else None,
        "schema_version": manifest.schema_version,
        "published_at": manifest.published_at.isoformat(),
        "words": [list(word) for word in manifest.words],
        "indices": {record: list(indices) for record, indices in published.indices.items()},
    }


def _published(body: Mapping[str, Any]) -> Published:
    stamp = body["segmenter"]
    manifest = Manifest(
        number=body["number"],
        versions=body["versions"],
        counts=body["counts"],
        segmenter=SegmenterStamp(**stamp) if stamp else None,
        schema_version=body["schema_version"],
        published_at=datetime.fromisoformat(body["published_at"]),
        words=tuple((word, frequency) for word, frequency in body["words"]),
    )
    return Published(manifest, body["indices"])


def as_current(stored: Stored) -> Current | None:
    """The newest manifest in the document ``current``; None when it only says who writes the first one."""
    body = stored.body
    return None if body["published"] is None else Current(_published(body["published"]), tuple(body["numbers"]))
