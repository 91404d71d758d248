"""Keywords for a note over HTTP: one of the store, or a draft that is sent and neither logged nor kept."""

from __future__ import annotations

import logging

import pytest
from fastapi.testclient import TestClient

from api.keys import new_key, parse_keys
from tests.api.made_market import KEYWORD, SECRETS, market_store
from tests.api.served import client_of
from tests.backtest.market import write

READ, READ_LINE = new_key("dashboard", ["read"])
KEYS = parse_keys(READ_LINE, source="test")

NOTE = {"note_id": "n1", "title": "新生儿纸尿裤怎么选", "content": "缓解红屁股，还不漏", "author_id": "a"}


@pytest.fixture(scope="module")
def with_notes() -> TestClient:
    store = market_store()
    write(store, {"note": [NOTE]})
    return client_of(store)


def test_a_note_of_the_store_and_the_same_draft_get_the_same_keywords(with_notes: TestClient) -> None:
    by_id = with_notes.get("/v1/keywords/recommend", params={"note": "n1"})
    assert by_id.status_code == 200, by_id.text
    draft = {"title": NOTE["title"], "content": NOTE["content"]}
    by_text = with_notes.post("/v1/keywords/recommend", json=draft)
    assert by_text.json() == by_id.json()
    names = [one["keyword"] for one in by_id.json()["items"]]
    assert KEYWORD in names
    assert not set(names) & set(SECRETS)
    lows = [one["unmet_low"] for one in by_id.json()["items"]]
    assert lows == sorted(lows, reverse=True)
    one = with_notes.post("/v1/keywords/recommend?limit=1", json=draft).json()
    assert (one["total"], [row["keyword"] for row in one["items"]]) == (len(names), names[:1])


def test_a_note_that_is_not_there_is_missing(with_notes: TestClient) -> None:
    answer = with_notes.get("/v1/keywords/recommend", params={"note": "n2"})
    assert (answer.status_code, answer.json()["detail"]) == (404, "there is no note 'n2'")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 422),
        (b"{", 422),
        (b"\xff\xfeR", 422),
        (b"[]", 422),
        (b'{"title": 3}', 422),
        (b'{"titel": "a"}', 422),
        (b"{}", 422),
        (b'{"title": " \\u200b "}', 422),
        (b'{"title": "\\ud800"}', 422),
        (b'{"title": "' + b"a" * 1_001 + b'"}', 422),
        (b'{"content": "' + b"a" * 20_001 + b'"}', 422),
        (b'{"content": "' + b"a" * (1 << 20) + b'"}', 413),
    ],
)
def test_a_draft_that_is_none_is_refused_in_the_one_shape(with_notes: TestClient, body: bytes, status: int) -> None:
    headers = {"Content-Type": "application/json"}
    answer = with_notes.post("/v1/keywords/recommend", content=body, headers=headers)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == status


def test_nothing_of_a_draft_is_logged_or_kept(with_notes: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    library = with_notes.app.state.library  # type: ignore[attr-defined]  # an application of ours
    private = "只在这篇草稿里的话"
    with_notes.get("/v1/keywords/recommend", params={"word": "纸尿裤"})
    size = library.answers.size
    with caplog.at_level(logging.DEBUG):
        for body in ({"title": private, "content": KEYWORD}, {"title": private, "more": private}, {"title": [private]}):
            with_notes.post("/v1/keywords/recommend", json=body)
    assert private not in caplog.text
    assert caplog.records
    assert library.answers.size == size


def test_who_may_not_read_sends_no_draft() -> None:
    store = market_store()
    write(store, {"note": [NOTE]})
    client = client_of(store, KEYS)
    assert client.post("/v1/keywords/recommend", json={"title": "纸尿裤"}).status_code == 401
    assert client.post("/v1/keywords/recommend", json={"title": "纸尿裤"}, headers={"X-API-Key": READ}).is_success
