"""Kept answers: the same as when they are made, no more of them than fit, at hand while the store is asked."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Hashable
from datetime import timedelta
from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from api.answers import LEAST_PACKED, Answers, Ready
from api.library import REFRESH_SECONDS, STALE_SECONDS, Library
from api.problems import Unavailable
from gapfinder.backtest.stored import rows_of
from gapfinder.runs import Run
from indexer.errors import StoreError
from indexer.stores.contract import RunInfo
from indexer.stores.memory import MemoryStore
from tests.api.served import Clock, client_of, later, one_run, store_of
from tests.reporting.made_run import made_backtest, made_info, made_run, run_rows

KEYWORD = quote("新生儿纸尿裤", safe="")
READS = [
    "/v1/gaps",
    "/v1/gaps?limit=3&order_by=ratio",
    f"/v1/gaps/{KEYWORD}",
    f"/v1/gaps/{KEYWORD}/evidence",
    f"/v1/gaps/{KEYWORD}/decomposition",
]


@pytest.fixture(scope="module")
def client() -> TestClient:
    return client_of(one_run())


class Text(BaseModel):
    text: str


def library_of(client: TestClient) -> Library:
    library: Library = client.app.state.library  # type: ignore[attr-defined]  # the application is fastapi's
    return library


@pytest.mark.parametrize("path", READS)
def test_an_answer_that_is_kept_is_the_answer_that_was_made(client: TestClient, path: str) -> None:
    plain = {"Accept-Encoding": "identity"}
    made, kept = client_of(one_run()).get(path, headers=plain), [client.get(path, headers=plain) for _ in range(2)]
    for answer in kept:
        assert answer.content == made.content
        assert dict(answer.headers) == dict(made.headers)
    packed = client.get(path)
    assert packed.content == made.content, "unpacked by the client"
    assert packed.headers["etag"] == made.headers["etag"]
    varies = "Accept-Encoding" if len(made.content) >= LEAST_PACKED else None
    assert packed.headers.get("vary") == made.headers.get("vary") == varies


@pytest.mark.parametrize("path", READS)
def test_no_answer_is_made_twice(client: TestClient, path: str) -> None:
    client.get(path)
    answers = library_of(client).answers
    before = dict(answers._kept)
    client.get(path)
    client.head(path)
    assert dict(answers._kept) == before, "the very same objects"


@pytest.mark.parametrize("encoding", ["gzip", "identity"])
@pytest.mark.parametrize("path", READS)
def test_a_client_that_has_a_kept_answer_gets_it_confirmed(client: TestClient, path: str, encoding: str) -> None:
    first = client.get(path, headers={"Accept-Encoding": encoding})
    assert ("content-encoding" in first.headers) == (encoding == "gzip" and len(first.content) >= LEAST_PACKED)
    headers = {"Accept-Encoding": encoding, "If-None-Match": first.headers["etag"]}
    again = client.get(path, headers=headers)
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    assert not {"content-encoding", "content-length", "content-type"} & set(again.headers)
    assert client.get(path, headers=headers | {"If-None-Match": '"other"'}).content == first.content


def test_a_run_saved_again_and_a_newer_backtest_are_answered_anew() -> None:
    run = made_run()
    store = store_of(run)
    client = client_of(store)
    before = [client.get(path).headers["etag"] for path in READS]
    changed = [{**gap, "searches": gap["searches"] + 1} for gap in run.gaps]
    again = later(Run(run.info, changed), run.info.run)  # type: ignore[arg-type]  # a copy of a gap is a gap
    store.save_run(again.info, run_rows(again))
    library_of(client).infos(fresh=True)
    after = [client.get(path).headers["etag"] for path in READS]
    assert [one == other for one, other in zip(before, after, strict=True)] == [False, False, False, True, True]
    assert client.get("/v1/gaps").json()["coverage"]["backtest"] is None
    result = made_backtest()
    manifest = {name: result[name] for name in ("at", "until", "weeks", "verdict", "statement")}
    tested = RunInfo("backtest-1", "b1", made_info().created_at + timedelta(days=1), manifest)
    store.save_run(tested, rows_of(result, []))
    library_of(client).infos(fresh=True)
    assert client.get("/v1/gaps").json()["coverage"]["backtest"] == "backtest-1"


def test_every_question_has_its_own_answer() -> None:
    client = client_of(one_run())
    cursor = client.get("/v1/gaps?limit=2").json()["next_cursor"]
    questions: list[dict[str, str | int]] = [
        {"limit": 2},
        {"limit": 3},
        {"limit": 2, "cursor": cursor},
        {"limit": 2, "kind": "weak"},
        {"limit": 2, "kind": "met"},
        {"limit": 2, "match": "contains"},
        {"limit": 2, "order_by": "ratio"},
        {"limit": 2, "q": "尿"},
        {"limit": 2, "q": "exact"},
        {"limit": 2, "run": "run-1"},
    ]
    answers = [client.get("/v1/gaps", params=question).content for question in questions]
    assert [client.get("/v1/gaps", params=question).content for question in questions] == answers
    fresh = [client_of(one_run()).get("/v1/gaps", params=question).content for question in questions]
    assert answers == fresh


@given(st.lists(st.tuples(st.integers(0, 8), st.integers(0, 6_000)), max_size=40))
def test_kept_answers_stay_within_their_bytes_and_the_last_asked_for_stay(steps: list[tuple[int, int]]) -> None:
    answers = Answers(most=20_000)
    held: dict[Hashable, Ready] = {}
    for key, size in steps:
        ready = Ready(Text(text="x" * size))
        answers.put(key, ready)
        held[key] = ready
        assert answers.get(key) is ready
        assert answers.size <= 20_000
        assert sum(len(one.body) for one in answers._kept.values()) <= answers.size
    for kept, one in answers._kept.items():
        assert one is held[kept]


def test_an_answer_larger_than_all_room_is_sent_and_not_kept() -> None:
    answers = Answers(most=1_000)
    answers.put("a", Ready(Text(text="x" * 2_000)))
    assert (answers.get("a"), answers.size) == (None, 0)


def test_packing_gives_the_same_bytes_every_time() -> None:
    one, other = Ready(Text(text="字" * 900)), Ready(Text(text="字" * 900))
    assert one.packed == other.packed
    assert gzip.decompress(one.packed) == one.body


def test_while_one_asks_the_store_others_are_answered_from_what_is_at_hand() -> None:
    run, clock = made_run(), Clock()
    asked, go_on = threading.Event(), threading.Event()

    class Slow(MemoryStore):
        waiting = False

        def runs(self) -> list[RunInfo]:
            if self.waiting:
                asked.set()
                assert go_on.wait(30)
            return super().runs()

    store = Slow()
    store.save_run(run.info, run_rows(run))
    library = Library(lambda: store, clock)
    assert library.at_hand() is None, "nothing was read yet"
    library.opened()
    newer = later(run, "run-2")
    store.save_run(newer.info, run_rows(newer))
    store.waiting = True
    clock.now += REFRESH_SECONDS
    assert library.at_hand() is None, "the first that finds the list due asks for it"
    asking = threading.Thread(target=library.opened)
    asking.start()
    try:
        assert asked.wait(30)
        found = library.at_hand()
        assert found is not None
        assert found.shown.info.run == "run-1"
        clock.now += STALE_SECONDS
        assert library.at_hand() is None, "not from a list as old as that"
    finally:
        store.waiting = False
        go_on.set()
        asking.join(30)
    assert library.opened().shown.info.run == "run-2"
    found = library.at_hand()
    assert found is not None
    assert found.shown.info.run == "run-2"
    clock.now += REFRESH_SECONDS
    assert library.at_hand() is None, "it is due again, and somebody has to ask"


def test_while_a_newer_run_is_read_others_are_answered_from_the_one_before() -> None:
    run, clock = made_run(), Clock()
    reading, go_on = threading.Event(), threading.Event()

    class Slow(MemoryStore):
        def run_rows(self, run: str, section: str):  # type: ignore[no-untyped-def]  # noqa: ANN202 - as the base
            if run == "run-2":
                reading.set()
                assert go_on.wait(30)
            return super().run_rows(run, section)

    store = Slow()
    store.save_run(run.info, run_rows(run))
    library = Library(lambda: store, clock)
    library.opened()
    newer = later(run, "run-2")
    store.save_run(newer.info, run_rows(newer))
    clock.now += REFRESH_SECONDS
    assert library.at_hand() is None
    asking = threading.Thread(target=library.infos)
    asking.start()
    try:
        assert reading.wait(30)
        clock.now += REFRESH_SECONDS
        found = library.at_hand()
        assert found is not None
        assert found.shown.info.run == "run-1"
    finally:
        go_on.set()
        asking.join(30)
    assert library.opened().shown.info.run == "run-2"


def test_a_newer_run_that_can_not_be_read_keeps_no_list_away() -> None:
    run, clock = made_run(), Clock()

    class Damaged(MemoryStore):
        def run_rows(self, run: str, section: str):  # type: ignore[no-untyped-def]  # noqa: ANN202 - as the base
            if run == "run-2":
                raise StoreError("damaged")
            return super().run_rows(run, section)

    store = Damaged()
    store.save_run(run.info, run_rows(run))
    library = Library(lambda: store, clock)
    library.opened()
    newer = later(run, "run-2")
    store.save_run(newer.info, run_rows(newer))
    clock.now += REFRESH_SECONDS
    assert [info.run for info in library.infos()] == ["run-2", "run-1"]
    assert library.opened("run-1").shown.info.run == "run-1"
    with pytest.raises(Unavailable):
        library.opened()


def test_after_a_failure_nothing_is_at_hand() -> None:
    store, clock = one_run(), Clock()
    down = False

    class Shaky(MemoryStore):
        def runs(self) -> list[RunInfo]:
            if down:
                raise StoreError("the store is down")
            return store.runs()

        def run_rows(self, run: str, section: str):  # type: ignore[no-untyped-def]  # noqa: ANN202 - as the base
            return store.run_rows(run, section)

    library = Library(Shaky, clock)
    library.opened()
    assert library.at_hand() is not None
    down = True
    clock.now += REFRESH_SECONDS
    for _ in range(3):
        assert library.at_hand() is None
        with pytest.raises(Unavailable):
            library.opened()
    down = False
    assert library.opened().shown.info.run == "run-1"
    assert library.at_hand() is not None
