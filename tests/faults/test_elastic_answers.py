"""Answers that a healthy Elasticsearch does not give, from a server that follows a script."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any

import pytest
import stamina
from hypothesis import given
from hypothesis import strategies as st

from indexer.errors import GapfinderError, PartialAnswerError, StoreBusyError, StoreError, UsageError
from indexer.stores import open_store
from indexer.stores.contract import TermQueries
from indexer.stores.elastic.bulk import CHUNK_DOCUMENTS, create, put, send
from indexer.stores.elastic.connection import Connection, parse_address
from indexer.stores.elastic.keywords import match_keywords
from indexer.stores.elastic.pages import PointInTime
from indexer.stores.elastic.queries import term_count
from tests.servers.faulty import Answer, Deed, FaultyServer, LoseRequest, Request, Script, faulty_server

pytestmark = pytest.mark.fault

WHOLE = {"timed_out": False, "_shards": {"total": 1, "successful": 1, "failed": 0}}
ONE_HIT: dict[str, Any] = {**WHOLE, "hits": {"hits": [], "total": {"value": 1}}}
FAILED_SHARD = {
    "total": 2,
    "successful": 1,
    "failed": 1,
    "failures": [{"reason": {"type": "circuit_breaking_exception", "reason": "Data too large"}}],
}
FULL = {
    "error": {
        "type": "cluster_block_exception",
        "reason": "index [x] blocked by: [TOO_MANY_REQUESTS/12/disk usage exceeded flood-stage watermark, "
        "index has read-only-allow-delete block];",
    },
    "status": 429,
}


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("indexer.stores.elastic.room.time.sleep", lambda _: None)
    with stamina.set_testing(True, attempts=4):
        yield


@contextmanager
def _connected(script: Script) -> Iterator[tuple[FaultyServer, Connection]]:
    with faulty_server(script) as server:
        connection = Connection(parse_address(f"{server.url}/x"), deadline_seconds=5.0)
        try:
            yield server, connection
        finally:
            connection.close()


def _search_says(answer: Any) -> Script:
    def script(request: Request) -> Deed:
        if "_pit" in request.path:
            return Answer({"id": "pit", "succeeded": True, "num_freed": 1})
        if isinstance(answer, Answer):
            return answer
        return Answer({"responses": [answer]} if "_msearch" in request.path else answer)

    return script


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        ({**ONE_HIT, "_shards": FAILED_SHARD}, "Data too large"),
        ({**ONE_HIT, "timed_out": True}, "the time was over"),
        ({"hits": {}}, "not one of a search"),
        ({"error": {"type": "search_phase_execution_exception", "reason": "all shards failed"}}, "all shards failed"),
    ],
)
def test_an_answer_for_a_part_of_the_data_is_no_answer(answer: Any, sentence: str) -> None:
    with _connected(_search_says(answer)) as (server, connection):
        view = PointInTime(connection, ["x"])
        for ask in (lambda: view.search(term_count("a")), lambda: view.search_many([term_count("a")])):
            with pytest.raises(PartialAnswerError, match=sentence):
                ask()
        assert all("allow_partial_search_results=false" in one.path for one in server.asked("/_search"))
        for one in server.asked("_msearch"):
            assert one.lines()[0]["allow_partial_search_results"] is False


def test_an_answer_to_fewer_questions_is_no_answer() -> None:
    with _connected(_search_says(ONE_HIT)) as (_, connection):
        queries = TermQueries([["a"], ["b"]])
        with pytest.raises(PartialAnswerError, match="1 of 2"):
            match_keywords(
                PointInTime(connection, ["x"]), queries, fresh_since=date(2026, 1, 1), floor_per_mille=500, best=5
            )


def test_only_searches_that_had_no_room_are_asked_again() -> None:
    refused = {"error": {"type": "es_rejected_execution_exception", "reason": "queue is full"}, "status": 429}
    left = [[ONE_HIT, refused, refused], [refused, ONE_HIT], [ONE_HIT]]

    def script(request: Request) -> Deed:
        return Answer({"id": "pit"}) if "_pit" in request.path else Answer({"responses": left.pop(0)})

    with _connected(script) as (server, connection):
        answers = PointInTime(connection, ["x"]).search_many([term_count(term) for term in "abc"])
        asked = [[line["query"] for line in one.lines()[1::2]] for one in server.asked("_msearch")]
    assert answers == [ONE_HIT] * 3
    assert [len(one) for one in asked] == [3, 2, 1]
    assert asked[0][1:] == asked[1]
    assert asked[1][:1] == asked[2]


def test_searches_that_never_find_room_are_an_error() -> None:
    refused = {"error": {"type": "es_rejected_execution_exception", "reason": "queue is full"}, "status": 429}
    with (
        _connected(_search_says(refused)) as (server, connection),
        pytest.raises(PartialAnswerError, match="queue is full"),
    ):
        PointInTime(connection, ["x"]).search_many([term_count("a")])
    assert 3 < len(server.asked("_msearch")) < 20


def test_a_snapshot_that_is_gone_says_so() -> None:
    gone = {"error": {"type": "search_context_missing_exception", "reason": "No search context"}, "status": 404}
    with (
        _connected(_search_says(Answer(gone, 404))) as (_, connection),
        pytest.raises(StoreError, match="the snapshot that was read is gone"),
    ):
        PointInTime(connection, ["x"]).search(term_count("a"))


@pytest.mark.parametrize("times", [1, 3])
@pytest.mark.parametrize("deed", [Answer({}, 429), Answer({}, 503), LoseRequest(), Answer(ONE_HIT, whole=False)])
def test_what_passes_by_itself_is_asked_again(times: int, deed: Deed) -> None:
    left = [deed] * times

    def script(request: Request) -> Deed:
        if "_pit" in request.path:
            return Answer({"id": "pit"})
        return left.pop() if left else Answer(ONE_HIT)

    with _connected(script) as (server, connection):
        assert PointInTime(connection, ["x"]).search(term_count("a"))["hits"]["total"]["value"] == 1
        assert len(server.asked("/_search")) == times + 1


def test_there_is_one_layer_of_retries() -> None:
    with _connected(lambda _: Answer({}, 503)) as (server, connection):
        with pytest.raises(StoreError, match="overloaded or not all there") as caught:
            connection.call(lambda client: client.cluster.health())
        assert len(server.requests) == 4
        assert caught.value.exit_code == 4


@pytest.mark.parametrize(
    ("deed", "sentence", "hint"),
    [
        (Answer({"error": "no"}, 401), "does not let us in", "API key"),
        (Answer({"error": {"type": "security_exception", "reason": "no"}}, 403), "does not allow that", "rights"),
        (
            Answer({"error": {"type": "media_type_header_exception", "reason": "Invalid media-type"}}, 400),
            "is not an Elasticsearch 8",
            "Elasticsearch 8",
        ),
        (Answer({"tagline": "hello"}, product=False), "is not Elasticsearch", "address"),
        (Answer(FULL, 429), "nearly full", "free disk space"),
    ],
)
def test_opening_says_what_is_wrong(deed: Deed, sentence: str, hint: str) -> None:
    with faulty_server(lambda _: deed) as server:
        url = server.url.replace("http://", "http://me:secret@")
        with pytest.raises(StoreError, match=sentence) as caught:
            open_store(url, create=True)
        assert len(server.requests) == 1
    assert hint in caught.value.hint
    assert "secret" not in str(caught.value)
    assert caught.value.exit_code == 4


def test_a_host_that_is_not_there_is_named() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(StoreError, match=rf"127\.0\.0\.1:{port}/gapfinder can't be reached"):
        open_store(f"http://127.0.0.1:{port}")


def _meta(info: dict[str, Any]) -> Script:
    def script(request: Request) -> Deed:
        if "_cluster/health" in request.path:
            return Answer({"number_of_data_nodes": 1})
        return Answer({"_source": {"body": info}, "_seq_no": 1, "_primary_term": 1})

    return script


def test_a_foreign_or_newer_store_is_refused() -> None:
    made = datetime.now(UTC).isoformat()
    newer = {"marker": "gapfinder", "salt": "s", "schema_version": 99, "created_at": made}
    for info, sentence in ((newer, "newer version"), ({**newer, "marker": "x"}, "not an index of this program")):
        with faulty_server(_meta(info)) as server, pytest.raises(StoreError, match=sentence):
            open_store(server.url)


@pytest.mark.parametrize("value", ["one", "-1", "²"])
def test_settings_of_the_layout_are_checked(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GAPFINDER_ES_REPLICAS", value)
    with faulty_server(_meta({})) as server, pytest.raises(UsageError, match="GAPFINDER_ES_REPLICAS"):
        open_store(server.url)


def _bulk(statuses: dict[str, list[int]]) -> Callable[[Request], Deed]:
    """A server that gives each document its statuses in turn, the last one for ever."""

    def script(request: Request) -> Deed:
        items = []
        for line in request.lines()[::2]:
            identifier = line["index"]["_id"]
            left = statuses[identifier]
            status = left.pop(0) if len(left) > 1 else left[0]
            item: dict[str, Any] = {"_id": identifier, "status": status}
            if status == 201:
                item["result"] = "created"
            else:
                item["error"] = {"type": "some_exception", "reason": f"status {status}"}
            items.append({"index": item})
        return Answer({"errors": True, "items": items})

    return script


STATUSES = st.lists(st.sampled_from([429, 503]), max_size=4).flatmap(
    lambda first: st.sampled_from([201, 400]).map(lambda last: [*first, last])
)


@given(st.lists(STATUSES, min_size=1, max_size=12))
def test_every_document_is_answered_for(vectors: list[list[int]]) -> None:
    ends = {f"d{number}": vector[-1] for number, vector in enumerate(vectors)}
    statuses = {f"d{number}": list(vector) for number, vector in enumerate(vectors)}
    with _connected(_bulk(statuses)) as (_, connection):
        result = send(connection, [put("x", identifier, {}) for identifier in ends])
    assert sorted(result.created) == sorted(one for one, end in ends.items() if end == 201)
    assert sorted(one for one, _ in result.rejected) == sorted(one for one, end in ends.items() if end == 400)
    assert result.answered == len(ends)


@pytest.mark.parametrize(
    ("deed", "error", "sentence"),
    [
        ({"a": [429], "b": [201]}, StoreError, "did not take a document"),
        ({"a": [403], "b": [201]}, StoreError, "did not take a document"),
        ({"a": [404], "b": [201]}, StoreBusyError, "gone or closed"),
        (Answer({"errors": False, "items": []}), StoreError, "answered for 0 of 2"),
        (
            Answer({"errors": False, "items": [{"index": {"_id": "z", "status": 201, "result": "created"}}] * 2}),
            StoreError,
            "not sent",
        ),
        (
            Answer({"errors": False, "items": [{"index": {"_id": "a", "status": 201, "result": "odd"}}] * 2}),
            StoreError,
            "odd",
        ),
        (Answer(FULL, 429), StoreError, "nearly full"),
        (Answer({}, 413), StoreError, "413"),
        (LoseRequest(), StoreError, "can't be reached"),
    ],
)
def test_a_document_without_a_good_answer_stops_the_import(
    deed: Any, error: type[GapfinderError], sentence: str
) -> None:
    script = _bulk(deed) if isinstance(deed, dict) else lambda _: deed
    with _connected(script) as (_, connection), pytest.raises(error, match=sentence):
        send(connection, [put("x", "a", {}), put("x", "b", {})])


def test_a_document_that_is_there_already_is_not_forgotten_when_a_later_request_is_lost() -> None:
    first = [create("x", f"d{number}", {"a": number}) for number in range(CHUNK_DOCUMENTS + 1)]
    lost = [True]

    def script(request: Request) -> Deed:
        items = []
        lines = request.lines()
        ids = [next(iter(line.values()))["_id"] for line in lines[::2]]
        if f"d{CHUNK_DOCUMENTS}" in ids and len(ids) == 1 and lost:
            lost.pop()
            return LoseRequest()
        for line in lines[::2]:
            ((what, head),) = line.items()
            there = what == "create" and head["_id"] == "d0"
            answer: dict[str, Any] = {"_id": head["_id"], "status": 409 if there else 201}
            items.append({what: {**answer, **({} if there else {"result": "noop" if what == "update" else "created"})}})
        return Answer({"errors": True, "items": items})

    with _connected(script) as (server, connection):
        result = send(connection, first)
        asked = server.asked("_bulk")
    assert not lost
    assert len(asked) == 4, "one more for the document that was there, one more for the request that was lost"
    assert all("timeout=15s" in one.path for one in asked), "the server says what is missing before the client gives up"
    assert result.noop == ["d0"]
    assert len(result.created) == CHUNK_DOCUMENTS
    assert result.repeated


def test_documents_are_sent_as_they_are() -> None:
    statuses = {"a": [201]}
    with _connected(_bulk(statuses)) as (server, connection):
        send(connection, [put("x", "a", {"title": '"}\n{"delete":{}}'})])
        action, document = server.requests[0].lines()
    assert action == {"index": {"_index": "x", "_id": "a"}}
    assert document == {"title": json.loads(json.dumps('"}\n{"delete":{}}'))}
