"""A real Elasticsearch behind a network that loses requests and answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import urlsplit

import pyarrow as pa
import pytest
import stamina

from indexer.errors import PartialAnswerError, StoreError
from indexer.stores import open_store
from indexer.stores.contract import RUN_ROWS, RunInfo, Store, TermQueries
from indexer.stores.elastic import bulk
from tests.elastic.rows import STAMP, notes, searches
from tests.servers.faulty import Answer, Change, Deed, LoseAnswer, LoseRequest, Pass, Request, Script, faulty_server

pytestmark = [pytest.mark.fault, pytest.mark.elasticsearch]

ROWS = pa.Table.from_pylist([{"section": "gaps", "position": 0, "key": "k", "body": "{}"}], schema=RUN_ROWS)


@pytest.fixture(autouse=True)
def _no_waiting() -> Iterator[None]:
    with stamina.set_testing(True, attempts=4):
        yield


def _behind(server: str, store: str) -> str:
    return f"{server}{urlsplit(store).path}"


def _first_time(deed: Callable[[], Deed]) -> Script:
    """Does that to every request when it is first made."""
    seen: set[tuple[str, str, bytes]] = set()

    def script(request: Request) -> Deed:
        key = (request.method, request.path, request.body)
        if key in seen or "_pit" in request.path:
            return Pass()
        seen.add(key)
        return deed()

    return script


def _upstream(url: str) -> str:
    return url.rsplit("/", 1)[0]


@pytest.mark.parametrize("deed", [LoseAnswer, LoseRequest, lambda: Answer({}, 429)], ids=["answer", "request", "busy"])
def test_every_request_may_be_lost_once(
    elastic_url: str, deed: Callable[[], Deed], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "CHUNK_DOCUMENTS", 40)
    monkeypatch.setattr("elasticsearch.helpers.actions.time.sleep", lambda _: None)
    with (
        faulty_server(_first_time(deed), _upstream(elastic_url)) as server,
        open_store(_behind(server.url, elastic_url), create=True) as store,
    ):
        for count in (60, 100):
            with store.writer(holder="import") as writer:
                for record, rows in (("note", notes(count)), ("search", searches(count))):
                    result = writer.write(record, rows)
                    assert (result.written + result.unchanged, result.rejected) == (count, ())
                assert writer.publish(STAMP).counts == {"note": count, "search": count}
        store.save_run(RunInfo("r", "", datetime.now(UTC), {}), ROWS)
        assert store.run_rows("r", "gaps") == ROWS
        with store.snapshot() as snapshot:
            found = pa.Table.from_batches(snapshot.scan("search")).sort_by("search_id")
            assert found.combine_chunks() == searches(100).combine_chunks()
        store.delete_run("r")
        assert {one.level for one in store.check()} == {"ok"}


def test_a_server_that_goes_away_in_the_middle_changes_nothing(elastic_url: str) -> None:
    with open_store(elastic_url, create=True) as store, store.writer(holder="import") as writer:
        writer.write("note", notes(10))
        writer.publish(STAMP)
    away: list[bool] = []
    with (
        faulty_server(lambda _: LoseRequest() if away else Pass(), _upstream(elastic_url)) as server,
        open_store(_behind(server.url, elastic_url)) as store,
        pytest.raises(StoreError, match="can't be reached"),
    ):
        _import(store, lambda: away.append(True))
    with open_store(elastic_url) as store:
        assert store.snapshot().count("note") == 10
        with store.writer(holder="import", wait_seconds=0) as writer:
            pass
        assert {one.level for one in store.check()} == {"ok"}


@pytest.mark.parametrize("part", ["_search", "_msearch", "_count", "_refresh"])
def test_no_number_is_made_from_an_answer_of_some_shards(elastic_url: str, part: str) -> None:
    with open_store(elastic_url, create=True) as store, store.writer(holder="import") as writer:
        writer.write("note", notes(10))
        writer.publish(STAMP)

    def fail(answer: dict[str, Any]) -> dict[str, Any]:
        one = answer["responses"][0] if "responses" in answer else answer
        one["_shards"] = {"total": 2, "successful": 1, "failed": 1}
        return answer

    def script(request: Request) -> Deed:
        return Change(fail) if request.path.split("?")[0].endswith(f"/{part}") else Pass()

    with (
        faulty_server(script, _upstream(elastic_url)) as server,
        open_store(_behind(server.url, elastic_url)) as store,
        store.snapshot() as snapshot,
    ):
        actions: dict[str, Callable[[], object]] = {
            "_search": lambda: list(snapshot.group_counts("note", ["published_day"])),
            "_msearch": lambda: snapshot.match(TermQueries([["面膜"]]), fresh_since=date(2026, 1, 1)),
            "_count": lambda: _import(store),
            "_refresh": lambda: _import(store),
        }
        with pytest.raises(PartialAnswerError):
            actions[part]()


def _import(store: Store, before_publishing: Callable[[], None] = lambda: None) -> None:
    with store.writer(holder="import") as writer:
        writer.write("note", notes(20))
        before_publishing()
        writer.publish(STAMP)
