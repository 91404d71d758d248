"""Stored analyses: the rows of each save under a mark of their own, and one document that says which save counts."""

from __future__ import annotations

import hashlib
import json
import re
import secrets
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
from elasticsearch import NotFoundError as MissingError

from indexer.errors import NotFoundError, StoreError
from indexer.stores.checks import run_tables
from indexer.stores.contract import RUN_ROWS, RunInfo
from indexer.stores.elastic.bulk import put, remove, send
from indexer.stores.elastic.connection import Connection
from indexer.stores.elastic.mappings import LONGEST_KEY
from indexer.stores.elastic.names import Names
from indexer.stores.elastic.pages import Hit, PointInTime, documents
from indexer.stores.elastic.queries import JsonObject, groups_page

_PAGE: Final = 5_000
_LONGEST_SAVE_SECONDS: Final = 86_400
_INFO: Final = ("run", "name", "created_at", "manifest")
_SNAPSHOT: Final = re.compile(r"snapshot-(\d+)")


class Runs:
    """The runs of a store."""

    def __init__(self, connection: Connection, names: Names) -> None:
        self._connection = connection
        self._names = names

    def save(self, info: RunInfo, rows: pa.Table | Iterable[pa.RecordBatch]) -> None:
        """Keep a run. Its rows go first; they count from the moment the run's document names their mark."""
        mark = f"{int(time.time()):011d}-{secrets.token_hex(8)}"
        written = self._write_rows(info.run, mark, rows)
        document = {
            "run": info.run,
            "name": info.name,
            "created_at": info.created_at.isoformat(),
            "manifest": json.dumps(dict(info.manifest), ensure_ascii=False),
            "saved": mark,
            "rows": written,
        }
        before = self._document(info.run)
        self._connection.call(
            lambda client: client.index(index=self._names.runs, id=_run_id(info.run), document=document, refresh=True)
        )
        if before is not None and before["saved"] != mark:
            self._remove_rows(before["saved"])
        self._remove_abandoned()

    def all(self) -> list[RunInfo]:
        """All runs, newest first, then by run id."""
        infos = [_info(document) for document in self._documents(_INFO)]
        return sorted(sorted(infos, key=lambda info: info.run), key=lambda info: info.created_at, reverse=True)

    def rows(self, run: str, section: str) -> pa.Table:
        """The rows of a section by position."""
        document = self._find(run)
        query = {"bool": {"filter": [_term("saved", document["saved"]), _term("section", section)]}}
        found = [hit["_source"] for hit in self._hits(self._names.run_rows, query, RUN_ROWS.names)]
        if self._find(run)["saved"] != document["saved"]:
            return self.rows(run, section)  # it was saved again meanwhile, and its old rows may have been removed
        return pa.Table.from_pylist(found, schema=RUN_ROWS).sort_by("position")

    def row(self, run: str, section: str, key: str) -> str | None:
        """The body of the first row of a key, looked up by its index where there is one."""
        if len(key) > LONGEST_KEY // 2 or not self._keys_are_indexed():  # some characters count as two there
            found = self.rows(run, section)
            bodies: list[str] = found.filter(pc.equal(found.column("key"), key)).column("body").to_pylist()
            return bodies[0] if bodies else None
        document = self._find(run)
        query = {"bool": {"filter": [_term("saved", document["saved"]), _term("section", section), _term("key", key)]}}
        hits = [hit["_source"] for hit in self._hits(self._names.run_rows, query, ["position", "body"])]
        if not hits and self._find(run)["saved"] != document["saved"]:
            return self.row(run, section, key)  # it was saved again meanwhile, and its old rows may have been removed
        return str(min(hits, key=lambda hit: hit["position"])["body"]) if hits else None

    def _keys_are_indexed(self) -> bool:
        """Whether keys can be looked up: the first version kept them without an index."""
        name = self._names.run_rows
        answer = self._connection.call(lambda client: client.indices.get_mapping(index=name))
        return all(bool(index["mappings"]["properties"]["key"].get("index", True)) for index in answer.body.values())

    def delete(self, run: str) -> None:
        """Forget a run, then its rows."""
        document = self._find(run)
        with suppress(MissingError):  # sent twice, or deleted by somebody else at the same moment
            self._connection.call(
                lambda client: client.delete(index=self._names.runs, id=_run_id(run), refresh=True),
                expect=(MissingError,),
            )
        self._remove_rows(document["saved"])

    def snapshots(self) -> set[int]:
        """Numbers of the snapshots that runs name."""
        named = (_SNAPSHOT.fullmatch(str(info.manifest.get("snapshot"))) for info in self.all())
        return {int(found[1]) for found in named if found}

    def _find(self, run: str) -> dict[str, Any]:
        document = self._document(run)
        if document is None:
            raise NotFoundError(f"there is no run {run!r}", hint="see the stored runs, or analyze first")
        return document

    def _document(self, run: str) -> dict[str, Any] | None:
        try:
            answer = self._connection.call(
                lambda client: client.get(index=self._names.runs, id=_run_id(run)), expect=(MissingError,)
            )
        except MissingError:
            return None
        document: dict[str, Any] = answer["_source"]
        return document

    def _documents(self, columns: Sequence[str]) -> Iterator[dict[str, Any]]:
        for hit in self._hits(self._names.runs, {"match_all": {}}, columns):
            yield dict(hit["_source"])

    def _write_rows(self, run: str, mark: str, rows: pa.Table | Iterable[pa.RecordBatch]) -> int:
        """Write rows under a mark; gives their number. When that fails, those already written are taken away."""
        written = 0
        try:
            for table in run_tables(rows):
                for start in range(0, table.num_rows, _PAGE):
                    page = table.slice(start, _PAGE).to_pylist()
                    actions = [
                        put(self._names.run_rows, f"{mark}-{number}", {"saved": mark, **row})
                        for number, row in enumerate(page, written)
                    ]
                    written += len(page)
                    _refuse(run, send(self._connection, actions).rejected)
            self._refresh(self._names.run_rows)
        except BaseException:
            with suppress(StoreError):  # what stays is removed by a later save
                self._refresh(self._names.run_rows)
                self._remove_rows(mark)
            raise
        return written

    def _remove_abandoned(self) -> None:
        """Remove rows of analyses that were killed while they were saved, once no save can take that long."""
        named = {document["saved"] for document in self._documents(["saved"])}
        oldest = f"{int(time.time() - _LONGEST_SAVE_SECONDS):011d}"
        after: dict[str, Any] | None = None
        with _view(self._connection, self._names.run_rows) as view:
            while True:
                groups = view.search(groups_page(["saved"], None, _PAGE, after))["aggregations"]["groups"]
                for bucket in groups["buckets"]:
                    mark = bucket["key"]["saved"]
                    if mark not in named and mark < oldest:
                        self._remove_rows(mark)
                after = groups.get("after_key")
                if after is None:
                    return

    def _remove_rows(self, saved: str) -> None:
        ids = [hit["_id"] for hit in self._hits(self._names.run_rows, _term("saved", saved), [])]
        for start in range(0, len(ids), _PAGE):
            send(self._connection, [remove(self._names.run_rows, one) for one in ids[start : start + _PAGE]])
        self._refresh(self._names.run_rows)

    def _hits(self, index: str, query: JsonObject, columns: Sequence[str]) -> Iterator[Hit]:
        page: JsonObject = {
            "query": {"bool": {"filter": [query]}},
            "sort": ["_shard_doc"],
            "size": _PAGE,
            "track_total_hits": False,
            "_source": list(columns),
        }
        with _view(self._connection, index) as view:
            for hits in documents(view, page):
                yield from hits

    def _refresh(self, index: str) -> None:
        answer = self._connection.call(lambda client: client.indices.refresh(index=index))
        if answer["_shards"]["failed"]:
            raise StoreError(f"{self._connection.address.shown} could not refresh all shards of {index}")


@contextmanager
def _view(connection: Connection, index: str) -> Iterator[PointInTime]:
    view = PointInTime(connection, [index])
    try:
        yield view
    finally:
        view.close()


def _refuse(run: str, rejected: Sequence[tuple[str, str]]) -> None:
    if rejected:
        raise StoreError(f"the run {run} can't be stored: {rejected[0][1]}")


def _run_id(run: str) -> str:
    # A run's name may be longer than a document's id may be.
    return hashlib.sha256(run.encode()).hexdigest()


def _info(document: dict[str, Any]) -> RunInfo:
    return RunInfo(
        document["run"],
        document["name"],
        datetime.fromisoformat(document["created_at"]),
        json.loads(document["manifest"]),
    )


def _term(column: str, value: str) -> JsonObject:
    return {"term": {column: {"value": value}}}
