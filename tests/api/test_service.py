"""What surrounds the answers: problems, keys, headers, tags, limits, the log."""

from __future__ import annotations

import base64
import json
import logging
import shutil
from itertools import pairwise

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.keys import Failures, load_keys, new_key, parse_keys
from api.library import REFRESH_SECONDS, Library
from api.middleware import MOST_BODY, log_line
from indexer.errors import UsageError
from indexer.stores import open_store
from indexer.stores.memory import MemoryStore
from tests.api.served import Clock, client_of, one_run, two_runs
from tests.reporting.made_run import PHONE, RARE, made_run, run_rows

READ, READ_LINE = new_key("dashboard", ["read"])
IMPORT, IMPORT_LINE = new_key("loader", ["import"])
ADMIN, ADMIN_LINE = new_key("owner", ["admin"])
KEYS = parse_keys(f"# who may ask\n{READ_LINE}\n{IMPORT_LINE}\n{ADMIN_LINE}", source="test")

PATHS = (
    "/v1/health",
    "/v1/ready",
    "/v1/analyses",
    "/v1/analyses/latest",
    "/v1/gaps",
    "/v1/gaps/x",
    "/v1/gaps/x/evidence",
    "/v1/gaps/x/decomposition",
    "/v1/backtests",
    "/v1/backtests/x",
    "/v1/selling-points",
    "/v1/audiences?keyword=x",
    "/v1/market",
    "/v1/market/suggestions",
    "/v1/mentions?name=x",
    "/v1/keywords/x/together",
    "/",
    "/v1",
    "/v2/gaps",
    "/v1/gaps/",
    "/favicon.ico",
    "/docs",
)


@pytest.fixture(scope="module")
def client() -> TestClient:
    return client_of(one_run())


@pytest.fixture
def guarded() -> TestClient:
    return client_of(one_run(), KEYS)


def _is_problem(answer) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001 - an answer of the test client
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert body["status"] == answer.status_code
    assert set(body) <= {"type", "title", "status", "detail", "hint", "errors"}
    assert all(body[name] for name in ("type", "title", "detail"))


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
def test_every_error_has_the_one_shape(client: TestClient, method: str, path: str) -> None:
    answer = client.request(method, path)
    if answer.status_code >= 400:
        _is_problem(answer)
    if answer.status_code == 405:
        assert answer.headers["allow"] == "GET"


@pytest.mark.parametrize("path", PATHS[:8])
def test_unknown_parameters_are_refused(client: TestClient, path: str) -> None:
    answer = client.get(path, params={"lmit": "5"})
    assert answer.status_code == 422
    _is_problem(answer)
    assert answer.json()["errors"][0]["where"] == "query.lmit"


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=501", "limit=x", "kind=none", "order_by=1;DROP", "match=all", "q=", "run=" + "x" * 201]
)
def test_wrong_parameters_are_refused(client: TestClient, query: str) -> None:
    answer = client.get(f"/v1/gaps?{query}")
    assert answer.status_code == 422
    _is_problem(answer)


def test_what_nobody_expected_is_a_problem_without_its_secrets(caplog: pytest.LogCaptureFixture) -> None:
    class Broken(MemoryStore):
        def runs(self):  # type: ignore[no-untyped-def]  # noqa: ANN202 - as the base
            raise RuntimeError("password=hunter2")

    answer = client_of(Broken()).get("/v1/gaps")
    assert answer.status_code == 500
    _is_problem(answer)
    assert "hunter2" not in answer.text
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "hunter2" in caplog.text, "the log keeps what the answer leaves out"


def test_keys_open_the_doors_they_are_for(guarded: TestClient) -> None:
    for headers in (
        {"Authorization": f"Bearer {READ}"},
        {"X-API-Key": READ},
        {"Authorization": "Basic " + base64.b64encode(f"me:{READ}".encode()).decode()},
        {"X-API-Key": ADMIN},
    ):
        for path in ("/v1/gaps", "/v1/analyses", "/"):
            assert guarded.get(path, headers=headers).status_code == 200
    assert guarded.get("/v1/gaps", headers={"X-API-Key": IMPORT}).status_code == 403


@pytest.mark.parametrize("path", PATHS[2:9])
def test_without_a_key_nothing_is_shown(guarded: TestClient, path: str) -> None:
    answer = guarded.get(path)
    assert answer.status_code == 401
    assert "Basic" in answer.headers["www-authenticate"], "browsers ask for a password then"
    _is_problem(answer)


def test_health_and_ready_need_no_key(guarded: TestClient) -> None:
    assert guarded.get("/v1/health").status_code == 200
    assert guarded.get("/v1/ready").status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"X-API-Key": "gf_wrong"},
        {"Authorization": "Bearer gf_wrong"},
        {"Authorization": "Basic !!!"},
        {"Authorization": "Basic " + base64.b64encode(b"\xff\xfe").decode()},
        {"Authorization": "Digest x"},
    ],
)
def test_wrong_keys_are_refused(guarded: TestClient, headers: dict[str, str]) -> None:
    answer = guarded.get("/v1/gaps", headers=headers)
    assert answer.status_code == 401
    _is_problem(answer)


def test_many_wrong_keys_are_slowed_down_and_the_right_one_still_opens(guarded: TestClient) -> None:
    headers = [{"X-API-Key": f"gf_{number}", "X-Forwarded-For": f"10.0.0.{number}"} for number in range(15)]
    codes = [guarded.get("/v1/gaps", headers=each).status_code for each in headers]
    assert codes == [401] * 10 + [429] * 5, "a made-up address does not help"
    answer = guarded.get("/v1/gaps", headers={"X-API-Key": "gf_x"})
    assert 1 <= int(answer.headers["retry-after"]) <= 60
    _is_problem(answer)
    assert guarded.get("/v1/gaps", headers={"X-API-Key": READ}).status_code == 200


def test_failures_are_forgiven_with_time_and_never_pile_up() -> None:
    clock = Clock()
    failures = Failures(clock)
    waits = [failures.count("one") for _ in range(12)]
    assert waits == [0.0] * 10 + [60.0] * 2
    clock.now += 60
    assert failures.count("one") == 0.0
    for number in range(Failures.addresses + 50):
        failures.count(f"address {number}")
    assert len(failures._seen) == Failures.addresses


def test_keys_are_kept_as_hashes_only() -> None:
    key, line = new_key("name", ["read", "import"])
    assert key not in line
    [known] = load_keys(line)
    assert known.allows("read")
    assert known.allows("import")
    assert not known.allows("admin")


def test_keys_come_from_a_file(tmp_path) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001 - pytest's path
    path = tmp_path / "keys.txt"
    path.write_text(f"# ours\n\n{READ_LINE}\n", encoding="utf-8")
    assert [key.name for key in load_keys(str(path))] == ["dashboard"]
    assert load_keys(None) == load_keys("  ") == ()


@pytest.mark.parametrize(
    "text",
    [
        "me read sha256:12",
        f"me {READ_LINE.split()[2]}",
        READ_LINE.replace("read", "write"),
        f"{READ_LINE};{READ_LINE}",
        "sha256:",
    ],
    ids=["short hash", "no scope", "unknown scope", "two in a line", "hash alone"],
)
def test_a_wrong_line_is_named_but_not_repeated(text: str) -> None:
    with pytest.raises(UsageError, match="line ") as caught:
        load_keys(text if "sha256:" in text else text + " sha256:")
    assert READ_LINE.split()[2] not in str(caught.value)


def test_a_key_file_without_any_key_opens_no_door(tmp_path) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001 - pytest's path
    path = tmp_path / "keys.txt"
    for text in ("", "# later\n"):
        path.write_text(text, encoding="utf-8")
        with pytest.raises(UsageError, match="no API key"):
            load_keys(str(path))


@pytest.mark.parametrize("path", PATHS)
def test_head_answers_as_get_without_the_body(client: TestClient, path: str) -> None:
    got, head = client.get(path), client.head(path)
    assert (head.status_code, head.content) == (got.status_code, b"")
    assert dict(head.headers) == dict(got.headers)


def test_it_is_not_ready_when_the_newest_run_can_not_be_read(tmp_path) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001 - pytest's path
    run = made_run()
    with open_store(str(tmp_path / "data"), create=True) as store:
        store.save_run(run.info, run_rows(run))
        with TestClient(create_app(store), base_url="http://localhost") as asked:
            assert asked.get("/v1/ready").status_code == 200
            shutil.rmtree(tmp_path / "data" / "run_rows")
            assert asked.get("/v1/ready").status_code == 503, "though the run is still kept"
    with TestClient(create_app(str(tmp_path / "data")), base_url="http://localhost") as asked:
        answer = asked.get("/v1/ready")
    assert answer.status_code == 503
    _is_problem(answer)


def test_a_key_file_that_is_not_there_is_said() -> None:
    with pytest.raises(UsageError, match="can't be read"):
        load_keys("no-such-keys.txt")


def test_headers_guard_every_answer(client: TestClient) -> None:
    for path in ("/", "/v1/gaps", "/v1/nothing"):
        headers = client.get(path).headers
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cache-control"] in {"private, no-cache", "no-store"}


@pytest.mark.parametrize("path", ["/", "/v1/gaps"])
def test_what_a_client_has_is_not_sent_again(client: TestClient, path: str) -> None:
    first = client.get(path)
    assert first.headers["content-encoding"] == "gzip"
    again = client.get(path, headers={"If-None-Match": f'"other", {first.headers["etag"]}'})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    assert client.get(path, headers={"If-None-Match": '"other"'}).status_code == 200
    assert "content-encoding" not in client.get(path, headers={"Accept-Encoding": "identity"}).headers


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "", "127.0.0.1.nip.io"])
def test_other_hosts_are_refused(client: TestClient, host: str) -> None:
    answer = client.get("/v1/gaps", headers={"Host": host})
    assert answer.status_code == 421
    _is_problem(answer)


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8000", "127.0.0.1:80", "[::1]:9"])
def test_own_hosts_are_served(client: TestClient, host: str) -> None:
    assert client.get("/v1/health", headers={"Host": host}).status_code == 200


def test_large_bodies_are_refused(client: TestClient) -> None:
    answer = client.post("/v1/gaps", content=b"x" * (MOST_BODY + 1))
    assert answer.status_code == 413
    _is_problem(answer)


@pytest.mark.parametrize(
    "path", ["/v1/gaps/%00", "/v1/gaps/%ff%fe", "/v1/gaps/%2F", "/v1/gaps/" + "%20" * 1001, "/v1/%2e%2e/x"]
)
def test_strange_paths_are_refused_kindly(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code in {404, 422}
    _is_problem(answer)


def test_one_line_a_request_whatever_is_in_it(client: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "gapfinder.access"):
        client.get("/v1/gaps/a%0Ab%1B%5B31m%E2%80%A8%C2%85%E2%80%AEc")
    [record] = [record for record in caplog.records if record.name == "gapfinder.access"]
    text = record.getMessage()
    assert text.splitlines() == [text]
    assert not set("\x1b\x85\u2028\u202e\n") & set(text)
    fields = json.loads(text)
    assert fields["path"] == "/v1/gaps/a\nb\x1b[31m\u2028\x85\u202ec"
    assert (fields["method"], fields["status"]) == ("GET", 404)
    assert fields["bytes"] > 0


def test_the_log_names_the_key_and_never_holds_it(guarded: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        guarded.get("/v1/gaps", headers={"X-API-Key": READ})
        guarded.get("/v1/gaps", headers={"X-API-Key": "gf_wrong"})
    assert '"key":"dashboard"' in caplog.text
    assert READ not in caplog.text
    assert "gf_wrong" not in caplog.text


def test_a_log_line_is_json_on_one_line() -> None:
    text = "".join(map(chr, range(0x2100)))
    line = log_line({"text": text})
    assert json.loads(line) == {"text": text}
    assert line.splitlines() == [line]


def test_a_browser_gets_a_page_when_there_is_no_run_yet() -> None:
    client = client_of(MemoryStore())
    page = client.get("/", headers={"Accept": "text/html"})
    assert page.status_code == 404
    assert "还没有分析结果" in page.text
    assert "gapfinder analyze" in page.text
    _is_problem(client.get("/", headers={"Accept": "application/json"}))


def test_the_documentation_names_the_real_errors(client: TestClient) -> None:
    document = client.get("/v1/openapi.json").json()
    assert set(document["paths"]) == {
        "/v1/health",
        "/v1/ready",
        "/v1/analyses",
        "/v1/analyses/{run}",
        "/v1/gaps",
        "/v1/gaps/{keyword}",
        "/v1/gaps/{keyword}/evidence",
        "/v1/gaps/{keyword}/decomposition",
        "/v1/gaps/{keyword}/history",
        "/v1/analyses/{run}/changes",
        "/v1/backtests",
        "/v1/backtests/{run}",
        "/v1/selling-points",
        "/v1/selling-points/gaps",
        "/v1/audiences",
        "/v1/market",
        "/v1/market/suggestions",
        "/v1/mentions",
        "/v1/keywords/{keyword}/together",
        "/v1/keywords/{keyword}/parts",
        "/v1/keywords/recommend",
    }
    for path in document["paths"].values():
        responses = path["get"]["responses"]
        for status, response in responses.items():
            kinds = set(response["content"])
            assert kinds == ({"application/json"} if status == "200" else {"application/problem+json"})
    assert "HTTPValidationError" not in document["components"]["schemas"]
    fields = document["components"]["schemas"]["GapDetail"]["properties"]
    assert fields["unmet_low"]["description"].startswith("未满足下限: lower end of the 90% interval")


def test_layers_are_in_their_order() -> None:
    names = [layer.cls.__name__ for layer in create_app(one_run()).user_middleware]  # type: ignore[attr-defined]
    wanted = ["RequestLog", "SecurityHeaders", "HostCheck", "GZipMiddleware", "EntityTags", "BodyLimit", "LastNet"]
    places = [names.index(name) for name in wanted]
    assert all(one < other for one, other in pairwise(places))


def test_the_page_is_made_once() -> None:
    client = client_of(one_run())
    assert client.get("/").text == client.get("/").text
    library = client.app.state.library  # type: ignore[attr-defined]
    assert library.page() is library.page()
    assert made_run().info.run in library.page()
    assert "和上次比" not in library.page()


def test_the_page_compares_with_the_run_before_and_forgets_it_when_it_is_deleted() -> None:
    store, clock = two_runs(), Clock()
    library = Library(lambda: store, clock)
    page = library.page()
    assert "对照 autumn" in page
    assert RARE not in page
    assert PHONE not in page
    store.delete_run("run-1")
    clock.now += REFRESH_SECONDS
    assert "和上次比" not in library.page()
