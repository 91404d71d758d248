from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from gapfinder.meaning.address import KEY_VARIABLE, MODEL_VARIABLE, parse_endpoint, shown_embedder
from gapfinder.meaning.embedder import open_embedder
from gapfinder.meaning.endpoint import Endpoint, Limits
from indexer.errors import EmbedderError, UsageError
from tests.meaning.embedding_server import (
    Asked,
    EmbeddingServer,
    Fault,
    Said,
    embedding_server,
    unreachable_spec,
    vector,
)

QUICK = Limits(texts=4, deadline_seconds=0.3, request_seconds=5.0)
TEXTS = ["纸尿裤", "婴儿湿巾", "奶粉", "新生儿纸尿裤怎么选"]


@pytest.fixture
def server() -> Iterator[EmbeddingServer]:
    with embedding_server() as made:
        yield made


def endpoint(server: EmbeddingServer, limits: Limits = QUICK, spec: str | None = None) -> Endpoint:
    return Endpoint(parse_endpoint(spec or server.spec), limits)


def test_vectors_come_in_the_order_of_the_texts_and_of_length_one(server: EmbeddingServer) -> None:
    texts = [f"文字{number}" for number in range(50)]
    asking = endpoint(server)
    found = asking.embed(texts)
    asking.close()
    expected = np.array([vector(text) for text in texts])
    assert found.dtype == np.float32
    assert np.allclose(found, expected / 3.0, atol=1e-6)
    assert np.allclose(np.linalg.norm(found, axis=1), 1.0, atol=1e-6)
    assert asking.dimensions == found.shape[1]
    assert sorted(server.texts) == sorted(texts), "each text is asked for once"
    assert max(len(asked.texts) for asked in server.asked) == 4
    assert {asked.path for asked in server.asked} == {"/v1/embeddings"}
    assert {asked.model for asked in server.asked} == {"test-model"}


def test_connections_stay_open(server: EmbeddingServer) -> None:
    asking = endpoint(server)
    for _ in range(3):
        asking.embed([f"文字{number}" for number in range(32)])
    asking.close()
    assert len(server.asked) == 24
    assert len({asked.connection for asked in server.asked}) <= 4


def test_nothing_is_asked_for_no_texts(server: EmbeddingServer) -> None:
    assert endpoint(server).embed([]).shape == (0, 0)
    assert server.asked == []


def test_long_texts_are_cut(server: EmbeddingServer) -> None:
    asking = endpoint(server, replace(QUICK, characters=10))
    asking.embed(["长" * 100])
    asking.close()
    assert server.texts == ["长" * 10]


def test_answers_in_another_order_are_put_right(server: EmbeddingServer) -> None:
    server.fault = lambda _, said: Said({"data": said.body["data"][::-1]})
    asking = endpoint(server)
    assert np.allclose(asking.embed(TEXTS), np.array([vector(text) for text in TEXTS]) / 3.0, atol=1e-6)
    asking.close()


def first_then_honest(first: Said) -> Fault:
    lock, told = threading.Lock(), []

    def fault(_: Asked, said: Said) -> Said:
        with lock:
            told.append(said)
            return first if len(told) == 1 else said

    return fault


@pytest.mark.parametrize(
    "first",
    [
        Said({"error": "slow down"}, 429, {"Retry-After": "0"}),
        Said({"error": "slow down"}, 429, {"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"}),
        Said({}, 500),
        Said(b"bad gateway", 502),
        Said({"data": []}, cut=True),
        Said({}, lost=True),
    ],
    ids=["429 with a wait", "429 with a date", "500", "502", "cut", "lost"],
)
def test_a_passing_fault_is_asked_again(server: EmbeddingServer, first: Said) -> None:
    server.fault = first_then_honest(first)
    asking = endpoint(server, replace(QUICK, deadline_seconds=30.0))
    assert asking.embed(TEXTS).shape == (4, 96)
    asking.close()
    assert len(server.asked) == 2


WRONG = {
    "wrong count": (lambda _, said: Said({"data": said.body["data"][1:]}), "holds 3 embeddings for 4 texts"),
    "twice the same place": (
        lambda _, said: Said({"data": [{**one, "index": 0} for one in said.body["data"]]}),
        "does not say which embedding belongs",
    ),
    "true as a place": (
        lambda _, said: Said({"data": [{**one, "index": bool(one["index"])} for one in said.body["data"]]}),
        "does not say which embedding belongs",
    ),
    "NaN": (lambda *_: Said(b'{"data": [{"index": 0, "embedding": [NaN]}]}'), "is not JSON"),
    "infinite": (
        lambda *_: Said(b'{"data": [' + b", ".join([b'{"embedding": [1e999]}'] * 4) + b"]}"),
        "is not JSON",
    ),
    "null in a vector": (
        lambda _, said: Said({"data": [{**one, "embedding": [None, 1.0]} for one in said.body["data"]]}),
        "no lists of numbers",
    ),
    "text for a vector": (
        lambda _, said: Said({"data": [{**one, "embedding": "AAAA"} for one in said.body["data"]]}),
        "no lists of numbers",
    ),
    "different lengths": (
        lambda _, said: Said({"data": [{**one, "embedding": [1.0] * (one["index"] + 1)} for one in said.body["data"]]}),
        "different lengths",
    ),
    "empty vectors": (
        lambda _, said: Said({"data": [{**one, "embedding": []} for one in said.body["data"]]}),
        "embeddings of 0 numbers",
    ),
    "huge vectors": (
        lambda _, said: Said({"data": [{**one, "embedding": [1] * 9000} for one in said.body["data"]]}),
        "embeddings of 9,000 numbers",
    ),
    "not JSON": (lambda *_: Said(b"<html>hello</html>"), "is not JSON"),
    "another JSON": (lambda *_: Said({"models": []}), "holds no embeddings"),
    "a list": (lambda *_: Said([1, 2]), "holds no embeddings"),
    "data is text": (lambda *_: Said({"data": "none"}), "holds no embeddings"),
    "data is null": (lambda *_: Said({"data": None}), "holds no embeddings"),
    "huge body": (lambda *_: Said(b" " * 300_000), "answers with more than 200,000 bytes"),
    "500 for ever": (
        lambda *_: Said({"error": {"message": "out of\nmemory"}}, 500),
        "can't answer now (500): out of memory",
    ),
    "cut for ever": (lambda _, said: replace(said, cut=True), "broke off its answer"),
    "lost for ever": (lambda _, said: replace(said, lost=True), "broke off its answer"),
    "no such model": (lambda *_: Said({"error": {"message": "no such model"}}, 404), "refuses (404): no such model"),
    "another address": (
        lambda *_: Said({}, 307, {"Location": "http://127.0.0.1:1/"}),
        "points to another address (307)",
    ),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_wrong_answer_is_one_sentence(server: EmbeddingServer, wrong: str) -> None:
    server.fault, sentence = WRONG[wrong]
    asking = endpoint(server, replace(QUICK, answer_bytes=200_000))
    with pytest.raises(EmbedderError) as raised:
        asking.embed(TEXTS)
    asking.close()
    assert sentence in raised.value.message
    assert "\n" not in raised.value.message
    assert asking.name in raised.value.message


def test_a_huge_body_without_a_length_is_not_read_to_its_end(server: EmbeddingServer) -> None:
    server.fault = lambda *_: Said(b" " * 5_000_000, headers={"Content-Length": "900000000"})
    asking = endpoint(server)
    with pytest.raises(EmbedderError, match="more than"):
        asking.embed(TEXTS)
    asking.close()


def test_an_answer_that_never_comes_ends_at_the_deadline(server: EmbeddingServer) -> None:
    released = threading.Event()

    def slow(_: Asked, said: Said) -> Said:
        released.wait(30)
        return said

    server.fault = slow
    asking = endpoint(server, replace(QUICK, request_seconds=0.1, deadline_seconds=0.3))
    with pytest.raises(EmbedderError, match="did not answer in time"):
        asking.embed(TEXTS)
    released.set()
    asking.close()


def test_another_length_than_before_is_refused(server: EmbeddingServer) -> None:
    asking = endpoint(server)
    asking.embed(TEXTS)
    server.dimensions = 48
    with pytest.raises(EmbedderError, match="embeddings of 48 numbers, where it gave 96 before"):
        asking.embed(TEXTS)
    asking.close()


def test_nobody_there_is_said_at_once() -> None:
    asking = Endpoint(parse_endpoint(unreachable_spec()), replace(QUICK, deadline_seconds=60.0))
    with pytest.raises(EmbedderError, match="can't be reached: Connection refused"):
        asking.embed(TEXTS)


def test_something_that_does_not_speak_http_is_said(server: EmbeddingServer) -> None:
    spec = server.spec.replace("http://", "https://")
    asking = Endpoint(parse_endpoint(spec), QUICK)
    with pytest.raises(EmbedderError, match=r"embedder https://127\.0\.0\.1"):
        asking.embed(TEXTS)
    asking.close()


def test_secrets_are_sent_and_never_shown(server: EmbeddingServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEY_VARIABLE, "sk-very-secret")
    spec = server.spec.replace("http://", "http://user:pass%20word@").replace("#", "?version=q-secret#")
    asking = endpoint(server, spec=spec)
    server.fault = lambda asked, _: Said({"error": f"{asked.headers} {asked.path} pass word"}, 401)
    with pytest.raises(EmbedderError) as raised:
        asking.embed(TEXTS)
    asking.close()
    (asked,) = server.asked
    assert asked.headers["Authorization"] == "Bearer sk-very-secret"
    assert asked.path == "/v1/embeddings?version=q-secret"
    told = [str(raised.value), asking.name, shown_embedder(spec), repr(parse_endpoint(spec))]
    for text in told:
        for secret in ("sk-very", "pass word", "pass%20word", "user", "q-secret"):
            assert secret not in text.replace("User-Agent", ""), text
    assert KEY_VARIABLE in raised.value.hint


def test_user_and_password_are_sent_without_a_key(server: EmbeddingServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(KEY_VARIABLE, raising=False)
    asking = endpoint(server, spec=server.spec.replace("http://", "http://user:word@"))
    asking.embed(TEXTS)
    asking.close()
    assert {asked.headers["Authorization"] for asked in server.asked} == {"Basic dXNlcjp3b3Jk"}


def test_the_model_may_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(MODEL_VARIABLE, "from-outside")
    address = parse_endpoint("https://host/v1/embeddings/")
    assert (address.host, address.port, address.target) == ("host", 443, "/v1/embeddings")
    assert (address.model, address.shown) == ("from-outside", "https://host/v1#from-outside")
    assert parse_endpoint("https://host/v1#mine").model == "mine"
    assert parse_endpoint("http://[::1]:8080/v1#m").shown == "http://[::1]:8080/v1#m"


@pytest.mark.parametrize(
    ("spec", "sentence"),
    [
        ("ftp://host/v1#m", "is not that of a server"),
        ("http://:pass@/v1#m", "is not that of a server"),
        ("http://user:pass@host:port/v1#m", "is not that of a server"),
        ("http://user:pass@" + "a" * 70 + ".com/v1#m", "is not that of a server"),
        ("http://user:pass@host/v1", "is named without its model"),
        ("http://user:pass@host/v1#" + "m" * 300, "is not one"),
        ("http://user:pass@host/v1#a%0Ab", "is not one"),
    ],
)
def test_a_wrong_address_is_wrong_use(spec: str, sentence: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(MODEL_VARIABLE, raising=False)
    with pytest.raises(UsageError, match=sentence) as raised:
        open_embedder(spec)
    assert "pass" not in str(raised.value)
    assert "pass" not in shown_embedder(spec)


def test_a_key_that_can_not_be_one_is_wrong_use(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEY_VARIABLE, "钥匙\r\nX: y")
    with pytest.raises(UsageError) as raised:
        open_embedder("http://host/v1#m")
    assert "钥匙" not in str(raised.value)
