"""The manifests of a store: each publication is one commit, and its number counts the commits."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Final

import pyarrow as pa

from indexer.errors import NotFoundError, StoreError
from indexer.records import SCHEMA_VERSION
from indexer.stores.contract import Manifest, SegmenterStamp
from indexer.stores.delta.faults import OvertakenError
from indexer.stores.delta.ledger import NEVER_WRITTEN, Ledger

_SCHEMA: Final = pa.schema([pa.field("number", pa.int64()), pa.field("body", pa.string())])
_PROOF: Final = pa.schema([pa.field("at", pa.timestamp("us", tz="UTC"))])
_BACKUP: Final = "bring the manifests directory back from a backup, or import the files into a new store"


def to_json(manifest: Manifest) -> str:
    """A manifest as JSON text."""
    body = {
        "number": manifest.number,
        "versions": dict(manifest.versions),
        "counts": dict(manifest.counts),
        "segmenter": asdict(manifest.segmenter) if manifest.segmenter else None,
        "schema_version": manifest.schema_version,
        "published_at": manifest.published_at.isoformat(),
        "words": manifest.words,
    }
    return json.dumps(body, ensure_ascii=False, sort_keys=True)


def from_json(text: str) -> Manifest:
    """The manifest of a JSON text."""
    body = json.loads(text)
    return Manifest(
        number=body["number"],
        versions=body["versions"],
        counts=body["counts"],
        segmenter=SegmenterStamp(**body["segmenter"]) if body["segmenter"] else None,
        schema_version=body["schema_version"],
        published_at=datetime.fromisoformat(body["published_at"]),
        words=tuple((word, frequency) for word, frequency in body["words"]),
    )


class Manifests:
    """All manifests of a store.

    Args:
        uri: Where their table lies.
        proof_uri: Where a table lies from the first publication on, so that manifests that are gone do not look like
            an import that never ended.
    """

    def __init__(self, uri: str, proof_uri: str) -> None:
        self.uri = uri
        self._ledger = Ledger(uri, _SCHEMA)
        self._proof = Ledger(proof_uri, _PROOF)

    def newest(self) -> Manifest | None:
        """The newest manifest; None when nothing was ever published.

        Raises:
            StoreError: Something was published, and its manifests are gone or damaged.
        """
        manifest = self._read(None)
        if manifest is None and self.proven():
            manifest = self._read(None)  # the first may have been published in between
            if manifest is None:
                raise StoreError(f"{self.uri}: the manifests are gone, nothing says which data count", hint=_BACKUP)
        return manifest

    def numbered(self, number: int) -> Manifest:
        """The manifest of that number; ``NotFoundError`` when there is none."""
        newest = self._ledger.version() + 1
        if not newest:
            self.newest()  # says when they are gone
        manifest = self._read(number - 1) if 1 <= number <= newest else None
        if manifest is None:
            raise NotFoundError(f"there is no snapshot-{number}", hint=f"there are {newest} snapshots")
        return manifest

    def all(self) -> Iterator[Manifest]:
        """All manifests, oldest first."""
        for number in range(1, self._ledger.version() + 2):
            yield self.numbered(number)

    def publish(self, manifest: Manifest) -> None:
        """Make the manifest the newest.

        Raises:
            OvertakenError: One of that number was published by someone else.
        """
        row = {"number": manifest.number, "body": to_json(manifest)}
        self._ledger.replace(pa.Table.from_pylist([row], schema=_SCHEMA), after=manifest.number - 2)
        # What can't be noted now (a full disk, say) is noted when the next writer begins.
        with suppress(StoreError, OvertakenError):
            self.prove()

    def proven(self) -> bool:
        """Whether it was noted that something was published; ``StoreError`` when the note is damaged."""
        try:
            return self._proof.version() != NEVER_WRITTEN
        except StoreError as error:
            raise StoreError(error.message, hint=f"delete {self._proof.uri}: the next import makes it anew") from error

    def prove(self) -> None:
        """Note for ever that something was published."""
        if not self.proven():
            row = {"at": datetime.now(UTC)}
            self._proof.replace(pa.Table.from_pylist([row], schema=_PROOF), after=NEVER_WRITTEN)

    def _read(self, version: int | None) -> Manifest | None:
        found, rows = self._ledger.read(version)
        if found < 0:
            return None
        try:
            text = rows.column("body")[0].as_py()
            self._check_version(json.loads(text)["schema_version"])
            manifest = from_json(text)
        except (ValueError, KeyError, TypeError, IndexError) as error:
            raise self._damaged(found) from error
        if manifest.number != found + 1:
            raise self._damaged(found)
        return manifest

    def _check_version(self, version: int) -> None:
        # Looked at before anything else: a newer manifest may have another shape.
        if version > SCHEMA_VERSION:
            raise StoreError(
                f"{self.uri}: the data were written by a newer gapfinder (schema {version}, "
                f"this one knows {SCHEMA_VERSION})",
                hint="install the newer version",
            )

    def _damaged(self, version: int) -> StoreError:
        return StoreError(f"{self.uri}: manifest {version + 1} is damaged", hint="gapfinder doctor says what is whole")
