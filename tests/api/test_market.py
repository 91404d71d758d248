"""What the routes about the market answer."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient

from api.answers import LEAST_PACKED
from api.library import Library
from api.problems import Missing
from gapfinder.market.stored import read_audiences, read_market, read_points
from gapfinder.reporting.privacy import published
from gapfinder.runs import find_run, load_run
from indexer.stores import open_store
from indexer.stores.memory import MemoryStore
from tests.api.made_market import (
    FEW_BRAND,
    FEW_NAME,
    KEYWORD,
    SECRETS,
    made_sections,
    market_run,
    market_store,
    save_market,
)
from tests.api.served import client_of, later, one_run, store_of
from tests.demo.market import analyzed_market, folder
from tests.reporting.made_run import NO_USERS, PHONE, RARE, SLASH, made_info, made_run

NAMED = quote(KEYWORD, safe="")
READS = [
    "/v1/selling-points",
    "/v1/selling-points?limit=1&category=" + quote("纸尿裤"),
    "/v1/selling-points/gaps",
    f"/v1/audiences?keyword={NAMED}",
    "/v1/market",
    "/v1/market?level=brand",
    "/v1/market/suggestions",
    f"/v1/keywords/{NAMED}/together",
]


@pytest.fixture(scope="module")
def client() -> TestClient:
    return client_of(market_store())


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The sample market, analyzed once for the tests of this file."""
    url = folder(tmp_path_factory.mktemp("market"))
    analyzed_market(url)
    return url


def library_of(client: TestClient) -> Library:
    library: Library = client.app.state.library  # type: ignore[attr-defined]  # the application is fastapi's
    return library


def whole(client: TestClient, path: str, **params: Any) -> list[dict[str, Any]]:
    """All items of a list, by pages of the largest size."""
    found: list[dict[str, Any]] = []
    cursor: str | None = None
    while True:
        more = {"cursor": cursor} if cursor else {}
        answer = client.get(path, params={"limit": 500, **params, **more})
        assert answer.status_code == 200, answer.text
        found += answer.json()["items"]
        cursor = answer.json()["next_cursor"]
        if cursor is None:
            assert len(found) == answer.json()["total"]
            return found


def test_selling_points_come_in_their_order(client: TestClient) -> None:
    answer = client.get("/v1/selling-points").json()
    assert [item["selling_point"] for item in answer["items"]] == ["缓解红屁股", "夜用", "柔软", "控油", "留香"]
    assert (answer["run"], answer["snapshot"], answer["total"], answer["next_cursor"]) == (
        "run-1",
        "snapshot-3",
        5,
        None,
    )
    assert (answer["privacy_floor"], answer["hidden"]) == (5, 1)
    assert [one["keyword"] for one in answer["items"][0]["keywords"]] == [KEYWORD]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("category=洗发水", ["控油", "留香"]),
        ("category=洗髮水", ["控油", "留香"]),
        ("underserved=true", ["缓解红屁股", "夜用", "控油"]),
        ("underserved=false", ["柔软", "留香"]),
        ("kind=weak", ["夜用"]),
        ("kind=weak&kind=met&category=纸尿裤", ["夜用", "柔软"]),
        ("category=纸尿裤&underserved=true&kind=met", []),
    ],
)
def test_selling_points_are_chosen(client: TestClient, query: str, names: list[str]) -> None:
    answer = client.get(f"/v1/selling-points?{query}").json()
    assert [item["selling_point"] for item in answer["items"]] == names
    assert answer["total"] == len(names)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", [("缓解红屁股", KEYWORD, "p1"), ("缓解红屁股", KEYWORD, "p2"), ("控油", SLASH, "p3")]),
        ("category=纸尿裤", [("缓解红屁股", KEYWORD, "p1"), ("缓解红屁股", KEYWORD, "p2")]),
        ("product=p2", [("缓解红屁股", KEYWORD, "p2")]),
        ("product=雲朵熊紙尿褲", [("缓解红屁股", KEYWORD, "p1")]),
        ("product=云朵熊&kind=weak", [("缓解红屁股", KEYWORD, "p2")]),
        ("product=麦洛&category=纸尿裤", []),
    ],
)
def test_gaps_of_products_are_chosen(client: TestClient, query: str, found: list[tuple[str, str, str]]) -> None:
    answer = client.get(f"/v1/selling-points/gaps?{query}").json()
    items = [(item["selling_point"], item["keyword"], item["product_id"]) for item in answer["items"]]
    assert (items, answer["total"]) == (found, len(found))
    assert answer["hidden"] == 2, "those of a keyword and of a point that few people searched"


def test_the_audiences_of_a_keyword(client: TestClient) -> None:
    answer = client.get("/v1/audiences", params={"keyword": KEYWORD}).json()
    assert (answer["run"], answer["keyword"], answer["category"]) == ("run-1", KEYWORD, "纸尿裤")
    assert [one["audience"] for one in answer["audiences"]] == ["孕妈"]
    assert answer["audiences"][0]["evidence_queries"] == [KEYWORD, "拉拉裤"]
    for spelling in ("新生兒紙尿褲", f"{KEYWORD}推荐"):
        assert client.get("/v1/audiences", params={"keyword": spelling}).json() == answer
    unknown = client.get("/v1/audiences", params={"keyword": NO_USERS}).json()
    assert (unknown["searchers"], unknown["audiences"], unknown["flags"]) == (0, [], ["few_searchers"])


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("level=category", ["纸尿裤", "洗发水"]),
        ("level=brand", ["云朵熊", "云朵熊", FEW_BRAND]),
        ("level=brand&category=洗发水", ["云朵熊"]),
        ("level=product", ["云朵熊纸尿裤", "云朵熊拉拉裤"]),
        ("name=云朵熊", ["云朵熊", "云朵熊"]),
        ("name=P1", ["云朵熊纸尿裤"]),
        ("name=云朵熊拉拉裤&level=brand", []),
        ("category=洗发水", ["洗发水", "云朵熊"]),
    ],
)
def test_rows_of_the_market_are_chosen(client: TestClient, query: str, names: list[str]) -> None:
    answer = client.get(f"/v1/market?{query}").json()
    assert [item["name"] for item in answer["items"]] == names
    assert answer["hidden"] == 1


def test_a_row_that_few_people_searched_shows_no_searches(client: TestClient) -> None:
    [row] = client.get("/v1/market", params={"name": FEW_BRAND}).json()["items"]
    assert (row["searches"], row["searchers"], row["flags"]) == (0, 0, ["few_searchers"])
    assert row["notes"] == 60


def test_suggestions_bring_no_examples(client: TestClient) -> None:
    answer = client.get("/v1/market/suggestions").json()
    assert [item["name"] for item in answer["items"]] == ["麦洛", "新生儿", "云朵熊云感纸尿裤", "缓解红屁股纸尿裤"]
    assert answer["hidden"] == 2
    assert all("examples" not in item for item in answer["items"])


def test_what_was_searched_together(client: TestClient) -> None:
    answer = client.get(f"/v1/keywords/{NAMED}/together").json()
    assert answer == {
        "run": "run-1",
        "snapshot": "snapshot-3",
        "keyword": KEYWORD,
        "before": [],
        "after": [{"keyword": "拉拉裤", "people": 30, "lift": 1.5}],
    }
    lonely = client.get(f"/v1/keywords/{quote(SLASH, safe='')}/together").json()
    assert (lonely["keyword"], lonely["before"], lonely["after"]) == (SLASH, [], [])


def test_no_secret_is_in_any_answer(client: TestClient) -> None:
    keywords = [gap["keyword"] for gap in published(made_run()).gaps]
    paths = [*READS, *(f"/v1/audiences?keyword={quote(one, safe='')}" for one in keywords)]
    paths += [f"/v1/keywords/{quote(one, safe='')}/together" for one in keywords]
    for path in paths:
        answer = client.get(path)
        assert answer.status_code == 200
        for secret in SECRETS:
            assert secret not in answer.text


@pytest.mark.parametrize("keyword", [RARE, PHONE, "没人搜过"])
@pytest.mark.parametrize("path", ["/v1/audiences?keyword={}", "/v1/keywords/{}/together"])
def test_a_hidden_keyword_looks_like_none(client: TestClient, path: str, keyword: str) -> None:
    answer = client.get(path.format(quote(keyword, safe="")))
    assert answer.status_code == 404
    assert answer.json()["type"] == "urn:gapfinder:problem:not-found"
    assert not {RARE, PHONE} & set(answer.json()["hint"].removeprefix("close: ").split(", "))


@pytest.mark.parametrize(
    ("path", "detail", "hint"),
    [
        ("/v1/selling-points?category=纸尿布", "the run has no category '纸尿布'", "close: 纸尿裤"),
        ("/v1/selling-points?category=x", "the run has no category 'x'", "categories: 纸尿裤, 洗发水"),
        (
            "/v1/selling-points/gaps?product=云朵",
            "the run has no product '云朵' with a selling point that people search for",
            "close: 云朵熊纸尿裤, 云朵熊拉拉裤",
        ),
        ("/v1/market?category=纸尿布", "the run has no category '纸尿布'", "close: 纸尿裤"),
        ("/v1/market?name=云朵", "the run's market has no '云朵'", "close: 云朵熊, 云朵熊纸尿裤, 云朵熊拉拉裤"),
        (f"/v1/market?name={FEW_NAME}x", f"the run's market has no '{FEW_NAME}x'", "names: 纸尿裤, 洗发水, 云朵熊"),
        ("/v1/audiences?keyword=新生儿尿裤", "the run run-1 shows no keyword '新生儿尿裤'", f"close: {KEYWORD}"),
        ("/v1/keywords/新生儿尿裤/together", "the run run-1 shows no keyword '新生儿尿裤'", f"close: {KEYWORD}"),
    ],
)
def test_what_is_not_there_is_said_with_what_is_close(client: TestClient, path: str, detail: str, hint: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert answer.json()["detail"] == detail
    assert answer.json()["hint"].startswith(hint)


@pytest.mark.parametrize(
    "path",
    [
        *(f"/v1/selling-points?{query}" for query in ("limit=0", "limit=501", "kind=none", "underserved=perhaps")),
        *(f"/v1/selling-points?{query}" for query in ("category=", "cursor=x", "name=x", "run=" + "x" * 201)),
        *(f"/v1/market?{query}" for query in ("level=shop", "name=", "limit=x", "keyword=x", "cursor=AAAA")),
        "/v1/audiences",
        "/v1/audiences?keyword=",
        "/v1/audiences?keyword=x&limit=5",
        "/v1/market/suggestions?level=brand",
        f"/v1/keywords/{NAMED}/together?limit=3",
    ],
)
def test_wrong_parameters_are_refused(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["errors"]


@pytest.mark.parametrize(
    "path", ["/v1/selling-points", "/v1/selling-points/gaps", "/v1/market", "/v1/market/suggestions"]
)
@pytest.mark.parametrize("limit", [1, 2, 3])
def test_pages_together_are_the_list(client: TestClient, path: str, limit: int) -> None:
    assert whole(client, path, limit=limit) == client.get(path).json()["items"]
    cursor = client.get(path, params={"limit": 1}).json()["next_cursor"]
    other = {"/v1/market": "/v1/selling-points"}.get(path, "/v1/market")
    assert client.get(other, params={"limit": 1, "cursor": cursor}).status_code == 422, "of another question"


def test_a_cursor_stays_with_its_run() -> None:
    store = market_store()
    client = client_of(store)
    first = client.get("/v1/selling-points?limit=2").json()
    newer = market_run("run-2", 1)
    sections = made_sections(newer)
    save_market(store, newer, {**sections, "selling_points": sections["selling_points"][:1]})
    library_of(client).infos(fresh=True)
    assert client.get("/v1/selling-points").json()["total"] == 1
    second = client.get("/v1/selling-points", params={"limit": 2, "cursor": first["next_cursor"]}).json()
    assert (second["run"], second["total"]) == ("run-1", 5)
    assert [item["selling_point"] for item in second["items"]] == ["柔软", "控油"]


@pytest.mark.parametrize("encoding", ["gzip", "identity"])
@pytest.mark.parametrize("path", READS)
def test_answers_are_kept_and_confirmed_to_a_client_that_has_them(client: TestClient, path: str, encoding: str) -> None:
    headers = {"Accept-Encoding": encoding}
    first = client.get(path, headers=headers)
    assert ("content-encoding" in first.headers) == (encoding == "gzip" and len(first.content) >= LEAST_PACKED)
    kept = dict(library_of(client).answers._kept)
    again = client.get(path, headers=headers | {"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])
    assert client.get(path, headers=headers).content == first.content
    assert dict(library_of(client).answers._kept) == kept, "the very same objects"
    fresh = client_of(market_store()).get(path, headers=headers)
    assert (fresh.content, dict(fresh.headers)) == (first.content, dict(first.headers))


@pytest.mark.parametrize("path", READS)
def test_a_run_without_a_market_says_why(path: str) -> None:
    older = client_of(one_run()).get(path)
    assert older.status_code == 404
    assert older.json()["detail"] == "run run-1 has no market: an older version made it"
    assert older.json()["hint"] == "run: gapfinder analyze"
    run = made_run()
    named = made_info(settings={"keywords": [RARE, PHONE], "privacy_floor": 5.0})
    answer = client_of(store_of(type(run)(named, run.gaps))).get(path)
    assert answer.json()["detail"] == "run run-1 has no market: it looks at named keywords only"


@pytest.mark.parametrize("path", READS)
def test_without_runs_there_is_no_market(path: str) -> None:
    assert client_of(MemoryStore()).get(path).status_code == 404
    assert client_of(market_store()).get(path, params={"run": "none"}).status_code in {404, 422}


def test_the_market_is_read_once_when_it_is_first_asked_for_and_goes_with_its_run() -> None:
    sections: list[str] = []

    class Counting(MemoryStore):
        def run_rows(self, run: str, section: str):  # type: ignore[no-untyped-def]  # noqa: ANN202 - as the base
            sections.append(section)
            return super().run_rows(run, section)

    store, run = Counting(), market_run()
    save_market(store, run, made_sections(run))
    library = Library(lambda: store)
    shown = library.shown()
    assert sections == ["gaps"], "not before it is asked for"
    assert library.market_at_hand(shown) is None
    part = library.market(shown)
    assert library.market(shown) is library.market_at_hand(shown) is part
    read = [
        *("audiences", "gaps", "market", "product_gaps"),
        *("query_parts", "selling_points", "suggestions", "together"),
    ]
    assert sorted(sections) == read
    for number in range(2, 6):
        newer = later(run, f"run-{number}", number)
        save_market(store, newer, made_sections(newer))
        library.infos(fresh=True)
        library.market(library.shown(f"run-{number}"))
    assert len(library._markets) == len(library._shown) == 4
    assert library.market_at_hand(shown) is None
    assert library.market(shown) is not part
    assert library.market_at_hand(shown) is None, "not kept without its run"


def test_a_run_deleted_meanwhile_is_missing() -> None:
    store = market_store()
    library = Library(lambda: store)
    shown = library.shown()
    store.delete_run("run-1")
    with pytest.raises(Missing, match="no longer there"):
        library.market(shown)


def test_the_documentation_describes_everything(client: TestClient) -> None:
    document = client.get("/v1/openapi.json").json()
    routes = ["/v1/selling-points", "/v1/audiences", "/v1/market", "/v1/market/suggestions"]
    for path in (*routes, "/v1/keywords/{keyword}/together"):
        told = document["paths"][path]["get"]
        assert told["description"]
        assert {"200", "401", "403", "404", "422", "503"} <= set(told["responses"])
        assert all(
            one.get("description") or one["schema"].get("description")
            for one in told["parameters"]
            if one["name"] != "run"
        )
    schemas = document["components"]["schemas"]
    for name in (
        "SellingPoint",
        "MarketRow",
        "Audience",
        "KeywordAudiences",
        "NameSuggestion",
        "Together",
        "Standing",
    ):
        for field, schema in schemas[name]["properties"].items():
            assert schema.get("description"), (name, field)


def test_the_sample_market_is_shown_as_it_was_stored(demo: str) -> None:
    with open_store(demo) as store:
        info = find_run(store)
        shown = {gap["keyword"] for gap in published(load_run(store)).gaps}
        points = [row for row in read_points(store, info) if not 0 < (row["searchers"] or 0) < 5]
        rows = read_market(store, info)
        audiences = {row["keyword"]: row for row in read_audiences(store, info)}
        client = client_of(store)  # type: ignore[arg-type]  # any store
        items = whole(client, "/v1/selling-points", limit=40)
        assert [item["selling_point"] for item in items] == [row["selling_point"] for row in points]
        assert items[0]["searches"] == points[0]["searches"]
        names = {one["keyword"] for item in items for one in item["keywords"]}
        assert names
        assert names <= shown
        assert min(query["searchers"] for item in items for query in item["evidence_queries"]) >= 5
        assert [item["name"] for item in whole(client, "/v1/market", limit=30)] == [row["name"] for row in rows]
        [category] = client.get("/v1/market", params={"level": "category", "name": "纸尿裤"}).json()["items"]
        assert category == next(row for row in rows if row["name"] == "纸尿裤")
        answer = client.get("/v1/audiences", params={"keyword": KEYWORD}).json()
        assert answer["searchers"] == audiences[KEYWORD]["searchers"]
        assert answer["audiences"][0]["audience"] == "孕妈"
        together = client.get(f"/v1/keywords/{NAMED}/together").json()
        assert min(one["people"] for one in [*together["before"], *together["after"]]) >= 5
        for keyword in shown:
            assert client.get("/v1/audiences", params={"keyword": keyword}).status_code == 200


@pytest.mark.parametrize("query", ["word=纸尿裤", "category=纸尿裤", f"around={KEYWORD}"])
def test_keywords_are_recommended_with_a_reason(client: TestClient, query: str) -> None:
    answer = client.get(f"/v1/keywords/recommend?{query}")
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert body["total"] >= len(body["items"]) > 0
    lows = [one["unmet_low"] for one in body["items"]]
    assert lows == sorted(lows, reverse=True)
    assert all(one["reason"] for one in body["items"])
    assert not {one["keyword"] for one in body["items"]} & set(SECRETS)


@pytest.mark.parametrize("query", ["", "?word=a&category=b", "?limit=3"])
def test_recommendations_want_one_way(client: TestClient, query: str) -> None:
    assert client.get(f"/v1/keywords/recommend{query}").status_code == 422


def test_a_keyword_is_taken_apart(client: TestClient) -> None:
    body = client.get(f"/v1/keywords/{quote(KEYWORD)}/parts").json()
    assert (body["intent"], body["category"], body["thing"], body["crowd"]) == (
        "product",
        "纸尿裤",
        "纸尿裤",
        ["新生儿"],
    )
    assert client.get(f"/v1/keywords/{quote(RARE)}/parts").status_code == 404
